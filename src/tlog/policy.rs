//! Whom a client trusts: a text in the form of C2SP tlog-policy, with two kinds of line of ours.
//!
//! ```text
//! log <vkey> [<url>]
//! witness <name> <vkey> [<url>]
//! group <name> all|any|<k> <member> ...
//! quorum <name>|none
//! reviewer <name> <vkey>
//! approvals <name>|none [<dataset>]
//! ```
//!
//! A `reviewer` signs approvals of releases and may stand in groups of reviewers; `approvals` says whose
//! approval a dataset's releases need, without a dataset for all that have no line of their own. Names
//! are bytes. A public key stands in the policy once, a witness in one group, a reviewer in several that no
//! rule joins: nobody counts twice.

use std::collections::{HashMap, HashSet};

use super::key::{KeyKind, VerifierKey};

/// The most bytes that a policy may have.
const MAX_POLICY: usize = 256 * 1024;
/// The most witnesses, reviewers and groups together.
const MAX_NAMES: usize = 1024;
const NONE: &str = "none";

/// A policy that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {problem}")]
pub struct PolicyError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub problem: String,
}

/// Signatures that the policy asks for and that are not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    /// Too few signed.
    #[error("{what} needs {needed} of `{name}` and has {signed}: missing {}", missing.join(", "))]
    Missing {
        /// `the quorum`, or `the approval of …`.
        what: String,
        /// The group, or the one witness or reviewer.
        name: String,
        /// How many members must sign.
        needed: usize,
        /// How many did.
        signed: usize,
        /// Those who did not; a group with how many of it signed.
        missing: Vec<String>,
    },
    /// The policy speaks of other datasets.
    #[error("the policy does not say whose approval `{0}` needs: add `approvals <group> {0}`, or `approvals none {0}`")]
    NoRule(String),
}

/// A log that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key, whose name is its origin.
    pub key: VerifierKey,
    /// Where it is reached.
    pub url: Option<String>,
}

/// A witness or a reviewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyParty {
    /// The name within the policy; the key's own name may be another.
    pub name: String,
    /// The key.
    pub key: VerifierKey,
    /// Where a witness is reached.
    pub url: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Witness,
    Reviewer,
}

impl Role {
    fn text(self) -> &'static str {
        match self {
            Self::Witness => "witnesses",
            Self::Reviewer => "reviewers",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Party(Box<PolicyParty>),
    /// At least so many of these, by their places among the names.
    Group(usize, Vec<usize>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    name: String,
    role: Role,
    rule: Rule,
}

/// Whom a client trusts, read from its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    /// Witnesses, reviewers and groups in their order: members stand before their group.
    names: Vec<Named>,
    /// `None` for `quorum none`.
    quorum: Option<usize>,
    approvals: HashMap<Option<String>, Option<usize>>,
}

#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    names: Vec<Named>,
    places: HashMap<String, usize>,
    keys: HashSet<[u8; 32]>,
    /// Witnesses and their groups that stand in a group.
    grouped: HashSet<usize>,
    /// For each name the witnesses or reviewers that count towards it.
    counted: Vec<HashSet<usize>>,
    quorum: Option<Option<usize>>,
    approvals: HashMap<Option<String>, Option<usize>>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["log", ..] => Err("write `log <vkey> [<url>]`".to_owned()),
            ["witness", name, key] => self.party(Role::Witness, name, key, None),
            ["witness", name, key, url] => self.party(Role::Witness, name, key, Some(url)),
            ["witness", ..] => Err("write `witness <name> <vkey> [<url>]`".to_owned()),
            ["reviewer", name, key] => self.party(Role::Reviewer, name, key, None),
            ["reviewer", ..] => Err("write `reviewer <name> <vkey>`".to_owned()),
            ["group", name, threshold, members @ ..] if !members.is_empty() => self.group(name, threshold, members),
            ["group", ..] => Err("write `group <name> all|any|<number> <member> ...` with at least one member".to_owned()),
            ["quorum", name] if self.quorum.is_none() => {
                self.quorum = Some(self.rule(name, Role::Witness)?);
                Ok(())
            }
            ["quorum", _] => Err("a second `quorum`: a policy has exactly one".to_owned()),
            ["quorum", ..] => Err("write `quorum <name>` or `quorum none`".to_owned()),
            ["approvals", name] => self.approvals(name, None),
            ["approvals", name, dataset] => self.approvals(name, Some(dataset)),
            ["approvals", ..] => Err("write `approvals <name> [<dataset>]` or `approvals none [<dataset>]`".to_owned()),
            [first, ..] => Err(format!("`{first}` begins no line: write log, witness, reviewer, group, quorum, approvals or #")),
        }
    }

    fn key(&mut self, text: &str, kind: KeyKind) -> Result<VerifierKey, String> {
        let key: VerifierKey = text.parse().map_err(|error| format!("{error}"))?;
        if key.kind() != kind {
            return Err(match kind {
                KeyKind::Ed25519 => format!("`{}` is a witness's key (type 0x04): logs and reviewers have type 0x01", key.name()),
                KeyKind::Cosignature => format!("`{}` is no witness's key (type 0x01): witnesses have type 0x04", key.name()),
            });
        }
        if !self.keys.insert(*key.public_key()) {
            return Err(format!("the public key of `{}` stands in this policy already: each counts once", key.name()));
        }
        Ok(key)
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), String> {
        let key = self.key(key, KeyKind::Ed25519)?;
        self.logs.push(PolicyLog { key, url: url.map(str::to_owned) });
        Ok(())
    }

    fn party(&mut self, role: Role, name: &str, key: &str, url: Option<&str>) -> Result<(), String> {
        let kind = if role == Role::Witness { KeyKind::Cosignature } else { KeyKind::Ed25519 };
        let key = self.key(key, kind)?;
        let party = PolicyParty { name: name.to_owned(), key, url: url.map(str::to_owned) };
        let counted = HashSet::from([self.names.len()]);
        self.define(name, role, Rule::Party(Box::new(party)), counted)
    }

    fn define(&mut self, name: &str, role: Role, rule: Rule, counted: HashSet<usize>) -> Result<(), String> {
        if self.names.len() == MAX_NAMES {
            return Err(format!("a policy has at most {MAX_NAMES} witnesses, reviewers and groups"));
        }
        if name == NONE {
            return Err("`none` is a word of the policy: choose another name".to_owned());
        }
        if self.places.insert(name.to_owned(), self.names.len()).is_some() {
            return Err(format!("the name `{name}` is taken: witnesses, reviewers and groups have different names"));
        }
        self.names.push(Named { name: name.to_owned(), role, rule });
        self.counted.push(counted);
        Ok(())
    }

    fn find(&self, name: &str) -> Result<(usize, Role), String> {
        let place = self.places.get(name).copied().ok_or_else(|| format!("`{name}` is not defined on a line before this one"))?;
        let named = self.names.get(place).ok_or_else(|| format!("`{name}` is not defined"))?;
        Ok((place, named.role))
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let mut places = Vec::new();
        let mut role = None;
        let mut counted = HashSet::new();
        for member in members {
            let (place, its) = self.find(member)?;
            if *role.get_or_insert(its) != its {
                return Err(format!("`{member}` is among the {}: a group is of witnesses alone or of reviewers alone", its.text()));
            }
            if its == Role::Witness && !self.grouped.insert(place) {
                return Err(format!("`{member}` is a member already: each witness and group of witnesses stands in one group, once"));
            }
            let new = self.counted.get(place).is_some_and(|parties| parties.iter().all(|party| counted.insert(*party)));
            if !new {
                return Err(format!("a reviewer of `{member}` counts in this group already: name each once"));
            }
            places.push(place);
        }
        let threshold = match threshold {
            "all" => Some(places.len()),
            "any" => Some(1),
            number => super::tile::decimal(number).and_then(|number| usize::try_from(number).ok()),
        };
        let threshold = threshold.filter(|threshold| (1..=places.len()).contains(threshold));
        let threshold = threshold.ok_or_else(|| format!("of `{name}` must sign `all`, `any` or a number from 1 to {}", places.len()))?;
        self.define(name, role.unwrap_or(Role::Witness), Rule::Group(threshold, places), counted)
    }

    /// What a `quorum` or an `approvals` names; `None` for the word `none`.
    fn rule(&self, name: &str, role: Role) -> Result<Option<usize>, String> {
        if name == NONE {
            return Ok(None);
        }
        let (place, its) = self.find(name)?;
        if its == role { Ok(Some(place)) } else { Err(format!("`{name}` is of {}, where {} are asked", its.text(), role.text())) }
    }

    fn approvals(&mut self, name: &str, dataset: Option<&str>) -> Result<(), String> {
        let rule = self.rule(name, Role::Reviewer)?;
        match self.approvals.insert(dataset.map(str::to_owned), rule) {
            None => Ok(()),
            Some(_) => Err("a second `approvals` for the same datasets: keep one".to_owned()),
        }
    }
}

impl Policy {
    /// Reads a policy's text: UTF-8, at most 256 KiB.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let wrong = |line, problem: &str| PolicyError { line, problem: problem.to_owned() };
        if text.len() > MAX_POLICY {
            return Err(wrong(1, "a policy has at most 262144 bytes"));
        }
        let mut reader = Reader::default();
        let mut last = 1;
        for (line, content) in (1..).zip(text.split_terminator('\n')) {
            last = line;
            if content.ends_with('\r') {
                return Err(wrong(line, "lines end in a line feed alone, not in carriage return and line feed"));
            }
            if content.contains(|c: char| c.is_ascii_control() && c != '\t') {
                return Err(wrong(line, "no control character but the tab may stand in a policy"));
            }
            reader.line(content).map_err(|problem| PolicyError { line, problem })?;
        }
        let quorum = reader.quorum.ok_or_else(|| wrong(last, "a line `quorum <name>` or `quorum none` is missing"))?;
        let reviewers = reader.names.iter().any(|named| named.role == Role::Reviewer);
        if reviewers && reader.approvals.is_empty() {
            return Err(wrong(last, "reviewers stand here, but no line `approvals <name> [<dataset>]` asks for them"));
        }
        Ok(Self { logs: reader.logs, names: reader.names, quorum, approvals: reader.approvals })
    }

    /// The trusted logs; a checkpoint needs the signature of one whose name is its origin.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The logs' keys.
    pub fn log_keys(&self) -> Vec<VerifierKey> {
        self.logs.iter().map(|log| log.key.clone()).collect()
    }

    fn parties(&self, role: Role) -> impl Iterator<Item = &PolicyParty> {
        self.names.iter().filter(move |named| named.role == role).filter_map(|named| match &named.rule {
            Rule::Party(party) => Some(party.as_ref()),
            Rule::Group(..) => None,
        })
    }

    /// The witnesses, in the policy's order.
    pub fn witnesses(&self) -> impl Iterator<Item = &PolicyParty> {
        self.parties(Role::Witness)
    }

    /// The witnesses' keys.
    pub fn witness_keys(&self) -> Vec<VerifierKey> {
        self.witnesses().map(|party| party.key.clone()).collect()
    }

    /// The reviewers, in the policy's order.
    pub fn reviewers(&self) -> impl Iterator<Item = &PolicyParty> {
        self.parties(Role::Reviewer)
    }

    /// The reviewers' keys.
    pub fn reviewer_keys(&self) -> Vec<VerifierKey> {
        self.reviewers().map(|party| party.key.clone()).collect()
    }

    /// Whether enough witnesses are among the keys whose cosignatures were found right.
    pub fn quorum_met<'k>(&self, signed: impl IntoIterator<Item = &'k VerifierKey>) -> Result<(), PolicyRefusal> {
        self.quorum.map_or(Ok(()), |place| self.met(place, || "the quorum".to_owned(), signed))
    }

    /// The quorum in words: `none`, a witness's name, or `2 of trio (a, b, c)`.
    pub fn quorum_text(&self) -> String {
        let name = |place: &usize| self.names.get(*place).map_or("", |named| named.name.as_str());
        match self.quorum.and_then(|place| self.names.get(place)) {
            None => NONE.to_owned(),
            Some(Named { name, rule: Rule::Party(_), .. }) => name.clone(),
            Some(Named { name: own, rule: Rule::Group(threshold, members), .. }) => {
                let members: Vec<&str> = members.iter().map(name).collect();
                format!("{threshold} of {own} ({})", members.join(", "))
            }
        }
    }

    /// Whether the policy has `approvals` lines at all; a plain C2SP policy has none, and accepts releases without.
    pub fn asks_approvals(&self) -> bool {
        !self.approvals.is_empty()
    }

    /// Whether enough reviewers are among the keys whose signatures of an approval of the dataset were found right.
    pub fn approved<'k>(&self, dataset: &str, signed: impl IntoIterator<Item = &'k VerifierKey>) -> Result<(), PolicyRefusal> {
        let own = self.approvals.get(&Some(dataset.to_owned()));
        match own.or_else(|| self.approvals.get(&None)) {
            None if self.asks_approvals() => Err(PolicyRefusal::NoRule(dataset.to_owned())),
            None | Some(None) => Ok(()),
            Some(Some(place)) => self.met(*place, || format!("the approval of `{dataset}`"), signed),
        }
    }

    /// For each name, how many must sign and how many did; members stand before their groups, so one pass is enough.
    fn count(&self, signed: &HashSet<&VerifierKey>) -> Vec<(usize, usize)> {
        let mut counts: Vec<(usize, usize)> = Vec::with_capacity(self.names.len());
        for named in &self.names {
            let count = match &named.rule {
                Rule::Party(party) => (1, usize::from(signed.contains(&party.key))),
                Rule::Group(threshold, members) => {
                    let met = |place: &&usize| counts.get(**place).is_some_and(|(needed, signed)| signed >= needed);
                    (*threshold, members.iter().filter(met).count())
                }
            };
            counts.push(count);
        }
        counts
    }

    fn met<'k>(
        &self,
        place: usize,
        what: impl FnOnce() -> String,
        signed: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<(), PolicyRefusal> {
        let counts = self.count(&signed.into_iter().collect());
        let (Some(named), Some((needed, signed))) = (self.names.get(place), counts.get(place).copied()) else {
            return Ok(());
        };
        if signed >= needed {
            return Ok(());
        }
        let members = match &named.rule {
            Rule::Party(_) => &[place][..],
            Rule::Group(_, members) => members,
        };
        let missing = members.iter().filter_map(|member| match (self.names.get(*member)?, counts.get(*member)?) {
            (_, (needed, signed)) if signed >= needed => None,
            (Named { name, rule: Rule::Party(_), .. }, _) => Some(name.clone()),
            (Named { name, rule: Rule::Group(..), .. }, (needed, signed)) => Some(format!("{name} ({signed} of {needed})")),
        });
        Err(PolicyRefusal::Missing { what: what(), name: named.name.clone(), needed, signed, missing: missing.collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tlog::SignerKey;

    fn key(name: &str, kind: KeyKind, seed: u8) -> VerifierKey {
        SignerKey::generate(name, kind, &[seed; 32]).unwrap().verifier().clone()
    }

    fn witness(seed: u8) -> VerifierKey {
        key(&format!("w.example/{seed}"), KeyKind::Cosignature, seed)
    }

    fn plain(seed: u8) -> VerifierKey {
        key(&format!("p.example/{seed}"), KeyKind::Ed25519, seed)
    }

    /// `{W1}` becomes witness key 1, `{P2}` plain key 2.
    fn fill(text: &str) -> String {
        (0..40_u8).fold(text.to_owned(), |text, n| {
            text.replace(&format!("{{W{n}}}"), &witness(n).to_string()).replace(&format!("{{P{n}}}"), &plain(n).to_string())
        })
    }

    fn policy(text: &str) -> Policy {
        Policy::parse(&fill(text)).unwrap()
    }

    fn refused(text: &str) -> (usize, String) {
        let PolicyError { line, problem } = Policy::parse(&fill(text)).unwrap_err();
        (line, problem)
    }

    /// The example of tlog-policy: two of the X and one of the Y.
    const TWO_LEVELS: &str = "log {P0}\n\nwitness X1 {W1}\nwitness X2 {W2}\nwitness X3 {W3}\ngroup X-witnesses 2 X1 X2 X3\n\n\
        witness Y1 {W4} https://y.example/\n\t witness\tY2  {W5} \nwitness Y3 {W6}\ngroup Y-witnesses any Y1 Y2 Y3\n\n\
        # both\n  # of them\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";

    #[test]
    fn quorum_of_groups() {
        let policy = policy(TWO_LEVELS);
        assert_eq!(policy.log_keys(), [plain(0)]);
        assert_eq!(policy.witness_keys(), [1, 2, 3, 4, 5, 6].map(witness));
        assert_eq!(policy.witnesses().nth(3).unwrap().url.as_deref(), Some("https://y.example/"));
        for signed in 0..64_u8 {
            let keys: Vec<VerifierKey> = (0..6).filter(|n| signed >> n & 1 == 1).map(|n| witness(n + 1)).collect();
            let enough = (signed & 0b111).count_ones() >= 2 && signed & 0b11_1000 != 0;
            assert_eq!(policy.quorum_met(&keys).is_ok(), enough, "{signed:b}");
        }
        let said = |keys: &[VerifierKey]| policy.quorum_met(keys).unwrap_err().to_string();
        assert_eq!(said(&[witness(3), witness(6)]), "the quorum needs 2 of `X-and-Y` and has 1: missing X-witnesses (1 of 2)");
        assert_eq!(said(&[]), "the quorum needs 2 of `X-and-Y` and has 0: missing X-witnesses (0 of 2), Y-witnesses (0 of 1)");
        // A key twice is one, and so is a stranger's key none.
        assert!(policy.quorum_met(&[witness(1), witness(1), witness(4), witness(9)]).is_err());
        // Without `approvals` lines the policy says nothing of approvals.
        assert!(!policy.asks_approvals() && policy.approved("any", &[]).is_ok());
    }

    #[test]
    fn one_witness_or_none() {
        let one = policy("witness A {W1}\nwitness B {W2}\nquorum B\n");
        assert!(one.quorum_met(&[witness(2)]).is_ok());
        assert_eq!(one.quorum_met(&[witness(1)]).unwrap_err().to_string(), "the quorum needs 1 of `B` and has 0: missing B");
        assert!(policy("quorum none").quorum_met(&[]).is_ok());
    }

    #[test]
    fn approvals_of_a_dataset() {
        let policy = policy(
            "reviewer ann {P1}\nreviewer bo {P2}\nreviewer cy {P3}\ngroup stewards 2 ann bo\napprovals stewards\n\
             approvals cy special\napprovals none free\nquorum none\n",
        );
        assert_eq!(policy.reviewer_keys(), [1, 2, 3].map(plain));
        assert_eq!(policy.reviewers().map(|party| party.name.as_str()).collect::<Vec<_>>(), ["ann", "bo", "cy"]);
        assert!(policy.witness_keys().is_empty() && policy.asks_approvals());
        assert!(policy.approved("other", &[plain(1), plain(2)]).is_ok());
        let error = policy.approved("other", &[plain(2), plain(3)]).unwrap_err();
        assert_eq!(error.to_string(), "the approval of `other` needs 2 of `stewards` and has 1: missing ann");
        assert!(policy.approved("special", &[plain(3)]).is_ok());
        assert!(policy.approved("special", &[plain(1), plain(2)]).is_err());
        assert!(policy.approved("free", &[]).is_ok());
        let overlap = super::tests::policy(
            "reviewer ann {P1}\nreviewer bo {P2}\ngroup both all ann bo\ngroup one any ann bo\napprovals both\napprovals one x\nquorum none\n",
        );
        assert!(overlap.approved("x", &[plain(2)]).is_ok() && overlap.approved("y", &[plain(2)]).is_err());
        let narrow = super::tests::policy("reviewer ann {P1}\napprovals ann only\nquorum none\n");
        assert_eq!(narrow.approved("other", &[plain(1)]), Err(PolicyRefusal::NoRule("other".to_owned())));
    }

    #[test]
    fn wrong_lines_say_what_would_be_right() {
        for (line, text, part) in [
            (1, "", "a line `quorum <name>` or `quorum none` is missing"),
            (2, "# nothing\nwitness A {W1}\n", "`quorum none` is missing"),
            (2, "quorum none\nquorum none\n", "exactly one"),
            (1, "quorum A\nwitness A {W1}\n", "`A` is not defined on a line before"),
            (1, "quorum\n", "write `quorum <name>`"),
            (1, "quorum none none\n", "write `quorum <name>`"),
            (1, "Quorum none\n", "`Quorum` begins no line"),
            (1, "log\n", "write `log <vkey>"),
            (1, "log {P1} a b\n", "write `log <vkey>"),
            (1, "log {W1}\n", "type 0x04"),
            (1, "log nonsense\n", "name+id+base64"),
            (2, "log {P1}\nlog {P1}\n", "stands in this policy already"),
            (1, "witness A {P1}\n", "witnesses have type 0x04"),
            (1, "witness {W1}\n", "write `witness <name> <vkey>"),
            (1, "witness none {W1}\n", "choose another name"),
            (2, "witness A {W1}\nwitness A {W2}\n", "the name `A` is taken"),
            (2, "witness A {W1}\nwitness B {W1}\n", "each counts once"),
            (2, "witness A {W1}\ngroup A any A\n", "the name `A` is taken"),
            (2, "witness A {W1}\ngroup G 2 A\n", "a number from 1 to 1"),
            (2, "witness A {W1}\ngroup G 0 A\n", "a number from 1 to 1"),
            (2, "witness A {W1}\ngroup G 01 A\n", "a number from 1 to 1"),
            (2, "witness A {W1}\ngroup G some A\n", "a number from 1 to 1"),
            (2, "witness A {W1}\ngroup G any\n", "at least one member"),
            (2, "witness A {W1}\ngroup G any A A\n", "`A` is a member already"),
            (3, "witness A {W1}\ngroup G any A\ngroup H any A\n", "`A` is a member already"),
            (2, "witness A {W1}\ngroup G any G\n", "`G` is not defined"),
            (2, "witness A {W1}\ngroup G any none\n", "`none` is not defined"),
            (2, "reviewer A {P1}\ngroup G any A A\n", "counts in this group already"),
            (4, "reviewer A {P1}\nreviewer B {P2}\ngroup G any A B\ngroup H 2 G A\n", "counts in this group already"),
            (3, "witness A {W1}\nreviewer B {P2}\ngroup G any A B\n", "witnesses alone or of reviewers alone"),
            (2, "reviewer B {P1}\nquorum B\n", "`B` is of reviewers, where witnesses are asked"),
            (2, "witness A {W1}\napprovals A\n", "`A` is of witnesses, where reviewers are asked"),
            (1, "reviewer B {W1}\n", "logs and reviewers have type 0x01"),
            (1, "reviewer B {P1} https://b.example\n", "write `reviewer <name> <vkey>`"),
            (2, "log {P1}\nreviewer B {P1}\n", "each counts once"),
            (2, "reviewer B {P1}\nquorum none\n", "no line `approvals"),
            (3, "reviewer B {P1}\napprovals B x\napprovals none x\n", "keep one"),
            (1, "approvals a b c\n", "write `approvals <name>"),
            (1, "quorum none\r\n", "carriage return"),
            (1, "quorum\u{b}none\n", "no control character"),
            (1, "quorum none\u{7f}\n", "no control character"),
            (1, "\u{a0}quorum none\n", "begins no line"),
        ] {
            let (found, problem) = refused(text);
            assert!(found == line && problem.contains(part), "{text:?}: line {found}: {problem}");
        }
        assert_eq!(Policy::parse(&"#".repeat(MAX_POLICY + 1)).unwrap_err().line, 1);
        // The same key bytes under the other kind are the same public key.
        let twin = key("twin", KeyKind::Ed25519, 1);
        assert!(refused(&format!("witness A {{W1}}\nlog {twin}\n")).1.contains("each counts once"));
    }

    /// A long chain of groups neither overflows a stack nor takes long.
    #[test]
    fn deep_groups() {
        let mut text = fill("witness g0 {W1}\n");
        (1..1024).for_each(|n| text.push_str(&format!("group g{n} 1 g{}\n", n - 1)));
        let policy = Policy::parse(&format!("{text}quorum g1023\n")).unwrap();
        let error = Policy::parse(&format!("{text}group more 1 g1023\nquorum more\n")).unwrap_err();
        assert_eq!(error.problem, "a policy has at most 1024 witnesses, reviewers and groups");
        assert!(policy.quorum_met(&[witness(1)]).is_ok());
        assert!(policy.quorum_met(&[witness(2)]).is_err());
    }

    proptest! {
        #[test]
        fn random_texts(text in "\\PC*", lines in "((log|witness|group|quorum|approvals|reviewer|#)[ \ta-c1]{0,9}\n){0,6}") {
            let _ = (Policy::parse(&text), Policy::parse(&lines));
        }
    }
}
