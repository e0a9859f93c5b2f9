//! Whom a client believes: the log's keys, enough witnesses, enough reviewers.

use super::{Finding, Report};
use crate::canon::Digest;
use crate::dataset::{DatasetId, Manifest};
use crate::review::approval_text;
use crate::tlog::{Checkpoint, Note, NoteError, Policy, Signed, VerifierKey};

/// How far ahead of ours a witness's clock may be, in seconds.
const CLOCK_SKEW: u64 = 600;

/// Where the keys that are believed come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// Nowhere: nothing is authentic.
    #[default]
    Nothing,
    /// Whoever verifies gave them.
    Given,
    /// They were believed before, and remembered.
    Remembered,
    /// The server named them now, for the first time.
    FirstUse,
    /// They lie beside the data that they vouch for.
    Own,
}

/// Whom a client believes.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    keys: Vec<VerifierKey>,
    policy: Option<Policy>,
    basis: Basis,
    max_age: Option<u64>,
    now: u64,
}

/// A checkpoint and whether it was signed by those who are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The signed note.
    pub note: String,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// Whether the log's key and enough witnesses signed it.
    pub authentic: bool,
    /// Names of those who signed it.
    pub signers: Vec<String>,
}

impl Trust {
    /// Nobody is believed yet; `now` is the time in Unix seconds.
    pub fn new(now: u64) -> Self {
        Self { now, ..Self::default() }
    }

    /// Believes these log keys and this policy too, as whoever verifies gave them.
    #[must_use]
    pub fn given(mut self, keys: Vec<VerifierKey>, policy: Option<Policy>) -> Self {
        self.keys.extend(policy.iter().flat_map(Policy::log_keys));
        self.keys.extend(keys);
        self.policy = policy;
        self.keys.dedup();
        if !self.keys.is_empty() {
            self.basis = Basis::Given;
        }
        self
    }

    /// Wants a cosignature of the policy's quorum no older than so many seconds.
    #[must_use]
    pub fn max_age(mut self, seconds: Option<u64>) -> Self {
        self.max_age = seconds;
        self
    }

    /// Believes these keys where nobody was believed before.
    pub fn adopt(&mut self, keys: Vec<VerifierKey>, basis: Basis) {
        if self.keys.is_empty() {
            self.keys = keys;
            self.basis = basis;
        }
    }

    /// Believes a further key, which a believed one vouched for.
    pub fn extend(&mut self, key: VerifierKey) {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    /// The log keys that are believed.
    pub fn keys(&self) -> &[VerifierKey] {
        &self.keys
    }

    /// Where they come from.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// What whoever verifies wants.
    pub fn policy(&self) -> Option<&Policy> {
        self.policy.as_ref()
    }

    /// Reads a checkpoint and checks its signatures; nothing where it is no checkpoint. What is wrong goes to the report.
    pub fn open(&self, what: &str, note: &[u8], report: &mut Report) -> Option<Opened> {
        let unread =
            |error: String| Finding::new("checkpoint", what, error).right("a checkpoint is a signed note of origin, size and root");
        let parsed = Note::parse(note).map_err(|error| unread(error.to_string()));
        let opened =
            parsed.and_then(|note| Checkpoint::parse(&note.text).map(|own| (note, own)).map_err(|error| unread(error.to_string())));
        let (note, checkpoint) = match opened {
            Ok(read) => read,
            Err(finding) => {
                report.fail(finding);
                return None;
            }
        };
        report.count("checkpoints", 1);
        let (authentic, signers) = self.signed(what, &note, report);
        Some(Opened { note: note.to_string(), checkpoint, authentic, signers })
    }

    /// Whether log and witnesses signed, and their names.
    fn signed(&self, what: &str, note: &Note, report: &mut Report) -> (bool, Vec<String>) {
        if self.keys.is_empty() {
            return (false, Vec::new());
        }
        let witnesses = self.policy.as_ref().map(Policy::witness_keys).unwrap_or_default();
        let signed = match Checkpoint::open(note, &self.keys, &witnesses) {
            Ok(opened) => opened.signed,
            Err(error) => {
                let keys: Vec<String> = self.keys.iter().map(ToString::to_string).collect();
                report.fail(Finding::new("signature", what, error.to_string()).right(format!("believed are {}", keys.join(", "))));
                return (false, Vec::new());
            }
        };
        let failures = report.failures.len();
        if let Some(policy) = &self.policy {
            self.quorum(policy, what, &signed, report);
        }
        (report.failures.len() == failures, signed.iter().map(|signed| signed.key.name().to_owned()).collect())
    }

    fn quorum(&self, policy: &Policy, what: &str, signed: &[Signed<'_>], report: &mut Report) {
        if let Err(refusal) = policy.quorum_met(signed.iter().map(|signed| signed.key)) {
            report.fail(Finding::new("quorum", what, refusal.to_string()).right("enough witnesses of the policy must have cosigned it"));
            return;
        }
        let Some(max_age) = self.max_age else { return };
        let fresh = |time: &u64| *time >= self.now.saturating_sub(max_age) && *time <= self.now.saturating_add(CLOCK_SKEW);
        let recent = signed.iter().filter(|signed| signed.time.as_ref().is_some_and(fresh)).map(|signed| signed.key);
        if let Err(refusal) = policy.quorum_met(recent) {
            let newest = signed.iter().filter_map(|signed| signed.time).max();
            let age = newest.map_or("no witness gave a time".to_owned(), |time| match self.now.checked_sub(time) {
                Some(age) => format!("the newest cosignature is {age} seconds old"),
                None => format!("the newest cosignature is {} seconds in the future", time.saturating_sub(self.now)),
            });
            let wrong = format!("{age}, and at most {max_age} are wanted ({refusal})");
            report.fail(Finding::new("stale", what, wrong).right("the server may be frozen: an old checkpoint hides withdrawals"));
        }
    }

    /// Checks the reviewers' signatures over a manifest: those that the manifest promises, and those that the policy wants.
    ///
    /// The log's key is trusted for the order of facts alone: it does not make a release acceptable.
    pub fn approved(&self, what: &str, release: &ApprovedRelease<'_>, note: Option<&[u8]>, report: &mut Report) -> bool {
        let failures = report.failures.len();
        let note = note.and_then(|bytes| read_approvals(what, release, bytes, report));
        promised(what, release.manifest, note.as_ref(), report);
        if let Some(policy) = self.policy.as_ref().filter(|policy| policy.asks_approvals()) {
            let reviewers = policy.reviewer_keys();
            let signed = signers(what, note.as_ref(), &reviewers, report);
            if let Err(refusal) = policy.approved(release.dataset.as_str(), signed) {
                let finding = Finding::new("not-approved", what, format!("it is in the log, and the policy does not accept it: {refusal}"));
                report.fail(finding.right("the log's key is trusted for the order of releases, the reviewers for what they hold"));
            }
        }
        report.failures.len() == failures
    }

    /// Whether the policy wants somebody's approval.
    pub fn asks_approvals(&self) -> bool {
        self.policy.as_ref().is_some_and(Policy::asks_approvals)
    }
}

/// What reviewers sign.
#[derive(Debug, Clone, Copy)]
pub struct ApprovedRelease<'a> {
    /// The dataset.
    pub dataset: &'a DatasetId,
    /// The version.
    pub version: &'a semver::Version,
    /// The manifest's digest.
    pub digest: Digest,
    /// The manifest.
    pub manifest: &'a Manifest,
}

/// The note, where its text is what a reviewer of this release signs.
fn read_approvals(what: &str, release: &ApprovedRelease<'_>, bytes: &[u8], report: &mut Report) -> Option<Note> {
    let note = match Note::parse(bytes) {
        Ok(note) => note,
        Err(error) => {
            report.fail(Finding::new("approvals", what, error.to_string()).right("the approvals are a signed note"));
            return None;
        }
    };
    let text = approval_text(release.dataset, release.version, &release.digest);
    if note.text == text {
        report.count("approval notes", 1);
        return Some(note);
    }
    let line = note.text.lines().zip(text.lines()).take_while(|(found, right)| found == right).count();
    let found = note.text.lines().nth(line).unwrap_or("nothing");
    let right = text.lines().nth(line).unwrap_or("nothing");
    let finding = Finding::new("approvals", what, format!("the reviewers signed something else: `{found}`"));
    report.fail(finding.at(format!("line {}", line + 1)).right(format!("for this release `{right}` stands there")));
    None
}

/// Which of these keys signed; a wrong signature of one of them is a failure.
fn signers<'k>(what: &str, note: Option<&Note>, keys: &'k [VerifierKey], report: &mut Report) -> Vec<&'k VerifierKey> {
    match note.map(|note| note.verify(keys)) {
        None | Some(Err(NoteError::Unknown { .. })) => Vec::new(),
        Some(Ok(signed)) => signed.iter().map(|signed| signed.key).collect(),
        Some(Err(error)) => {
            report.fail(Finding::new("approvals", what, error.to_string()));
            Vec::new()
        }
    }
}

/// The manifest names how many of which keys sign it.
fn promised(what: &str, manifest: &Manifest, note: Option<&Note>, report: &mut Report) {
    if manifest.approvals.keys.is_empty() {
        return;
    }
    let mut keys = Vec::new();
    for key in &manifest.approvals.keys {
        match key.parse::<VerifierKey>() {
            Ok(key) => keys.push(key),
            Err(error) => report.fail(Finding::new("manifest", what, format!("a reviewer's key does not read: {error}"))),
        }
    }
    let signed: std::collections::BTreeSet<_> = signers(what, note, &keys, report).into_iter().map(VerifierKey::public_key).collect();
    let signed = signed.len(); // one key under two names signs once
    let required = usize::try_from(manifest.approvals.required).unwrap_or(usize::MAX);
    if signed < required {
        let wrong = format!("the manifest promises {required} approvals by its reviewers' keys, and {signed} of them signed");
        report.fail(Finding::new("approvals", what, wrong).right("each key counts once"));
    }
}
