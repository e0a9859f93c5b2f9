//! Outside classifications: their schemes, their codes in one written form, and what is certain between two of them.
//!
//! The schemes stand in `schema/classifications.csv`, the crosswalks in `schema/crosswalks/structure.csv`. Codes are
//! read forgivingly (dots, blanks, full-width characters) and brought into one form here and nowhere else.

use std::sync::LazyLock;

use regex::Regex;

use super::codes::{nearest, rows};
use super::gas::is_cas_number;
use super::{Classification, Text};

/// A classification scheme in one edition.
#[derive(Debug)]
pub struct Scheme {
    /// As it is written in factors: `hs-2022`.
    pub id: String,
    /// What all its editions are called: `hs`.
    pub family: String,
    /// Its edition; empty where none is stated or there is only one.
    pub edition: String,
    /// Its name.
    pub name: Text,
    /// Who keeps it.
    pub publisher: String,
    /// The document that defines it.
    pub source: String,
    /// How many digits each level of its hierarchy has; empty where codes have no hierarchy.
    pub levels: Vec<usize>,
    pattern: String,
    form: Option<Regex>,
    ignore: String,
    letter: bool,
    cas: bool,
    names: Vec<String>,
}

/// How a code that was found stands to the code that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The same code.
    Exact,
    /// A code of another scheme for the same thing.
    Equal,
    /// A part of what was asked for.
    Narrower,
    /// More than what was asked for.
    Broader,
}

impl Relation {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Equal => "equal",
            Self::Narrower => "narrower",
            Self::Broader => "broader",
        }
    }
}

/// What is certain between two schemes: their first digits are the same codes.
#[derive(Debug)]
pub struct Crosswalk {
    /// Id of the finer scheme.
    pub from: String,
    /// Id of the other.
    pub to: String,
    /// How many of the first digits are the same.
    pub digits: usize,
    /// Why, in words.
    pub note: String,
    /// The document that says so.
    pub source: String,
}

/// A code of another scheme that follows from one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossed {
    /// The scheme.
    pub scheme: &'static str,
    /// The code there.
    pub code: String,
    /// How the codes that are `code` stand to the one that was given.
    pub relation: Relation,
    /// Whether codes below `code` lie within the one that was given.
    pub below: bool,
    /// The document that says so.
    pub source: &'static str,
}

static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    rows(include_str!("../../schema/classifications.csv"))
        .map(|row| {
            let (id, pattern) = (row.text("id"), row.text("pattern"));
            let mut names = vec![compact(&id)];
            names.extend(row.text("aliases").split(';').map(compact).filter(|alias| !alias.is_empty()));
            Scheme {
                family: row.text("family"),
                edition: row.text("edition"),
                name: row.name(),
                publisher: row.text("publisher"),
                source: row.text("source"),
                levels: row.text("levels").split_whitespace().filter_map(|level| level.parse().ok()).collect(),
                form: Regex::new(&format!("^(?:{pattern})$")).ok(),
                ignore: row.text("ignore"),
                letter: !row.text("letter").is_empty(),
                cas: row.text("check") == "cas",
                id,
                pattern,
                names,
            }
        })
        .collect()
});

static CROSSWALKS: LazyLock<Vec<Crosswalk>> = LazyLock::new(|| {
    rows(include_str!("../../schema/crosswalks/structure.csv"))
        .filter_map(|row| {
            let digits = row.text("digits").parse().ok()?;
            Some(Crosswalk { from: row.text("from"), to: row.text("to"), digits, note: row.text("note"), source: row.text("source") })
        })
        .collect()
});

/// The characters of a text in their plain form: full-width letters, digits and signs become ASCII, dashes `-`, blanks one kind.
pub(crate) fn plain(text: &str) -> String {
    let fold = |c: char| match c {
        '\u{3000}' | '\u{a0}' | '\u{2009}' | '\u{202f}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(fold).collect::<String>().trim().to_owned()
}

/// Letters and digits alone, in lower case: what two ways of writing a name have in common.
pub(crate) fn compact(text: &str) -> String {
    plain(text).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Scheme {
    /// Every listed scheme, in the order of the list.
    pub fn all() -> &'static [Self] {
        &SCHEMES
    }

    /// The listed scheme with this id.
    pub fn get(id: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.id == id)
    }

    /// The one scheme that a factor's text names: by a name of its own, never by its family's, since no edition is guessed.
    pub fn written(name: &str) -> Option<&'static Self> {
        let wanted = compact(name);
        SCHEMES.iter().find(|scheme| scheme.names.contains(&wanted))
    }

    /// The schemes that a name means: one by its id or another name of it, or all editions of a family.
    pub fn named(name: &str) -> Vec<&'static Self> {
        let wanted = compact(name);
        let own: Vec<&Self> = SCHEMES.iter().filter(|scheme| scheme.names.contains(&wanted)).collect();
        let exact = own.iter().find(|scheme| compact(&scheme.family) != wanted);
        match exact {
            Some(_) => own,
            None => SCHEMES.iter().filter(|scheme| compact(&scheme.family) == wanted).collect(),
        }
    }

    /// The listed id that was probably meant.
    pub fn suggestion(wrong: &str) -> Option<String> {
        nearest(&plain(wrong), SCHEMES.iter().map(|scheme| scheme.id.as_str()))
    }

    /// A code in the one form that codes of this scheme are kept in; whether it fits is another question.
    pub fn canonical(&self, code: &str) -> String {
        let plain = plain(code).to_uppercase();
        let kept: String = plain.chars().filter(|c| !self.ignore.contains(*c) || (self.cas && *c == '-')).collect();
        match kept.chars().next() {
            // NACE and GB/T 4754 are often written with the letter of their section before the digits
            Some(first) if self.letter && first.is_ascii_alphabetic() && kept.len() > 1 => kept.chars().skip(1).collect(),
            _ => kept,
        }
    }

    /// A code in its one form, held against the form and the check of the scheme.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub fn read(&self, code: &str) -> Result<String, String> {
        let canonical = self.canonical(code);
        let shown: String = code.chars().take(40).collect();
        if canonical.len() > 40 || !self.form.as_ref().is_some_and(|form| form.is_match(&canonical)) {
            return Err(format!("`{shown}` is not a code of {}: {}", self.id, self.wanted(&canonical)));
        }
        if self.cas && !is_cas_number(&canonical) {
            return Err(format!("`{shown}` is not a CAS number: its check digit is another"));
        }
        Ok(canonical)
    }

    fn wanted(&self, canonical: &str) -> String {
        let levels: Vec<String> = self.levels.iter().map(usize::to_string).collect();
        let digits = canonical.bytes().all(|b| b.is_ascii_digit()) && !canonical.is_empty();
        if digits && self.levels.contains(&(canonical.len() + 1)) && canonical.len() % 2 == 1 && self.levels.first() == Some(&2) {
            return format!("codes have {} digits; leading zeros count, is it `0{canonical}`?", levels.join(", "));
        }
        if self.cas {
            return "write digits, two digits and the check digit with hyphens, such as 74-82-8".to_owned();
        }
        format!("codes have {} digits", levels.join(", "))
    }

    /// The form of its codes, as a regular expression.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// The codes of other schemes that follow with certainty from a code of this one.
    pub fn crossed(&self, code: &str) -> Vec<Crossed> {
        let mut found = Vec::new();
        let digits = code.bytes().all(|b| b.is_ascii_digit());
        for walk in CROSSWALKS.iter().filter(|_| digits) {
            let cut = code.get(..walk.digits.min(code.len())).unwrap_or(code);
            let whole = code.len() <= walk.digits;
            if walk.from == self.id {
                let relation = if whole { Relation::Equal } else { Relation::Broader };
                found.push(Crossed { scheme: &walk.to, code: cut.to_owned(), relation, below: whole, source: &walk.source });
            } else if walk.to == self.id && whole {
                // below the shared digits the finer scheme's codes still begin with them
                found.push(Crossed {
                    scheme: &walk.from,
                    code: code.to_owned(),
                    relation: Relation::Equal,
                    below: true,
                    source: &walk.source,
                });
            } else if walk.to == self.id {
                found.push(Crossed {
                    scheme: &walk.from,
                    code: cut.to_owned(),
                    relation: Relation::Broader,
                    below: false,
                    source: &walk.source,
                });
            }
        }
        found
    }

    /// The crosswalks that this scheme has a part in.
    pub fn crosswalks(&self) -> impl Iterator<Item = &'static Crosswalk> {
        CROSSWALKS.iter().filter(|walk| walk.from == self.id || walk.to == self.id)
    }
}

impl Classification {
    /// `scheme=code` with both in their one form; a scheme that is not listed keeps its code as it is written.
    pub fn entry(scheme: &str, code: &str) -> String {
        match Scheme::written(scheme) {
            Some(scheme) => format!("{}={}", scheme.id, scheme.canonical(code)),
            None => format!("{}={}", plain(scheme).to_lowercase(), plain(code)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(scheme: &str, code: &str) -> Result<String, String> {
        Scheme::get(scheme).unwrap().read(code)
    }

    #[test]
    fn codes_have_one_form() {
        for (scheme, written, form) in [
            ("hs-2022", "72.08", "7208"),
            ("cn", "7208 10 00", "72081000"),
            ("cn-2025", "７２０８１０００", "72081000"),
            ("nace-2", "C24.10", "2410"),
            ("isic-4", "c", "C"),
            ("gbt-4754-2017", "C3110", "3110"),
            ("naics-2017", "31–33", "31-33"),
            ("cas", " 74–82–8 ", "74-82-8"),
            ("cpc-2.1", "412.11", "41211"),
            ("unspsc", "11-10-17-00", "11101700"),
        ] {
            assert_eq!(read(scheme, written).as_deref(), Ok(form), "{scheme} {written}");
            assert_eq!(Classification::entry(scheme, written), format!("{scheme}={form}"));
        }
        assert_eq!(Classification::entry("GB/T 4754—2017", "C3110"), "gbt-4754-2017=3110");
        assert_eq!(Classification::entry("NACE Rev. 2", "24.10"), "nace-2=2410");
        assert_eq!(Classification::entry("hs", "7208"), "hs=7208", "which edition is not guessed");
        assert_eq!(Classification::entry("uk-desnz-id", "7_400"), "uk-desnz-id=7_400");
    }

    #[test]
    fn what_does_not_fit_says_what_would() {
        assert!(read("hs-2022", "101").unwrap_err().contains("`0101`"));
        assert!(read("cas", "74-82-9").unwrap_err().contains("check digit"));
        assert!(read("cas", "748").unwrap_err().contains("74-82-8"));
        assert!(read("cn", "steel").unwrap_err().contains("2, 4, 6, 8 digits"));
        assert!(read("hs-2022", &"9".repeat(1000)).is_err());
    }

    #[test]
    fn a_family_is_all_its_editions() {
        let ids = |name: &str| Scheme::named(name).iter().map(|scheme| scheme.id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids("HS"), ["hs-2017", "hs-2022"]);
        assert_eq!(ids("hs 2022"), ["hs-2022"]);
        assert_eq!(ids("cn").first(), Some(&"cn"));
        assert_eq!(ids("cas"), ["cas"]);
        assert_eq!(ids("CN-2025"), ["cn-2025"]);
        assert_eq!(ids("nonsense"), [""; 0]);
    }

    #[test]
    fn only_what_is_certain_is_crossed() {
        let crossed = |scheme: &str, code: &str| Scheme::get(scheme).unwrap().crossed(code);
        let steel = crossed("cn", "72081000");
        assert_eq!((steel.len(), steel[0].code.as_str(), steel[0].relation, steel[0].below), (1, "720810", Relation::Broader, false));
        let heading = crossed("hs-2022", "7208");
        assert!(heading.iter().all(|own| own.relation == Relation::Equal && own.below && own.code == "7208") && heading.len() >= 2);
        assert_eq!(crossed("nace-2", "24")[0].relation, Relation::Equal);
        let class = crossed("nace-2", "2410");
        assert_eq!((class[0].code.as_str(), class[0].relation), ("24", Relation::Broader));
        assert!(crossed("cas", "74-82-8").is_empty() && crossed("isic-4", "C").is_empty());
    }

    #[test]
    fn the_lists_are_whole() {
        assert!(Scheme::all().len() >= 15);
        for scheme in Scheme::all() {
            assert!(scheme.form.is_some() && !scheme.source.is_empty() && !scheme.publisher.is_empty(), "{}", scheme.id);
            assert_eq!(Scheme::get(&scheme.id).map(|own| own.id.as_str()), Some(scheme.id.as_str()));
        }
        for walk in CROSSWALKS.iter() {
            assert!(Scheme::get(&walk.from).is_some() && Scheme::get(&walk.to).is_some() && !walk.source.is_empty());
        }
        assert_eq!(CROSSWALKS.len(), 6);
    }
}
