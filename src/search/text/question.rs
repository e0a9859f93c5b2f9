//! What a query asks: its words, and the members that some of them name.

use std::collections::BTreeSet;

use super::fold::fold;
use super::vocabulary::{Sense, may_be_word, place_by_code, sense_of_characters, sense_of_word, sense_of_words};
use super::words::{Run, forms, runs};
use crate::factor::{Region, RegionKind};

/// One word or one stretch of Chinese characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Atom {
    /// A word, in the forms under which it stands in the index.
    Word(Vec<String>),
    /// Chinese characters that stand together.
    Han(String),
}

/// What one part of a query asks for: any of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clause {
    /// The words as they were written; all of them.
    pub atoms: Vec<Atom>,
    /// Other ways of saying them.
    pub others: Vec<Vec<Atom>>,
    /// Regions by code.
    pub places: Vec<String>,
    /// Kinds.
    pub kinds: Vec<&'static str>,
    /// A metric.
    pub metric: Option<&'static str>,
    /// A data year.
    pub year: Option<u16>,
    /// Whether what does not match is found all the same.
    pub optional: bool,
}

/// A query as it is understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Its parts.
    pub clauses: Vec<Clause>,
    /// The whole of it, trimmed: it may be a key.
    pub whole: String,
}

impl Clause {
    /// Whether it asks for a member that stands in a column, not for words alone.
    pub fn is_member(&self) -> bool {
        !self.places.is_empty() || self.year.is_some()
    }

    fn of(atoms: Vec<Atom>, sense: Option<&Sense>) -> Self {
        let mut clause = Self { atoms, ..Self::default() };
        match sense {
            Some(Sense::Place(codes)) => clause.places.clone_from(codes),
            Some(Sense::Kind(kinds)) => clause.kinds.clone_from(kinds),
            Some(Sense::Plain(metric)) => (clause.metric, clause.optional) = (*metric, true),
            Some(Sense::Term(others, kinds)) => {
                clause.others = others.iter().map(|other| atoms_of(other)).collect();
                clause.kinds = kinds.to_vec();
            }
            Some(Sense::Nothing) | None => {}
        }
        clause
    }
}

/// The words of a term, as a query looks for them.
fn atoms_of(text: &str) -> Vec<Atom> {
    let atoms = |run: Run| {
        if run.han { vec![Atom::Han(run.text)] } else { forms(&run.text).into_iter().map(Atom::Word).collect() }
    };
    runs(&fold(text)).into_iter().flat_map(atoms).collect()
}

fn year_of(word: &str) -> Option<u16> {
    word.parse::<u16>().ok().filter(|year| word.len() == 4 && (1950..2100).contains(year))
}

/// Whether two words are a number of something that is written in one as well: hfc 134a; never grid 2022.
fn are_split(letters: &str, digits: &str) -> bool {
    (1..=4).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_lowercase())
        && sense_of_word(letters).is_none()
        && (1..=6).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && digits.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
        && year_of(digits).is_none()
}

/// The two words as which one may be written: hfc134a; never c30, whose parts mean little.
fn split(word: &str) -> Option<[String; 2]> {
    let (letters, digits) = word.split_at_checked(word.find(|c: char| c.is_ascii_digit())?)?;
    let telling = word.len() > 3 || letters == "r";
    (telling && digits.len() > 1 && are_split(letters, digits)).then(|| [letters.to_owned(), digits.to_owned()])
}

/// Collects the parts of a query while it is read.
#[derive(Default)]
struct Reader {
    clauses: Vec<Clause>,
    /// Latin words that stand side by side and have not been looked at.
    words: Vec<Vec<String>>,
    /// What means nothing, kept in case that nothing else is there.
    dropped: Vec<Clause>,
}

impl Reader {
    fn take(&mut self, atoms: Vec<Atom>, sense: Option<&Sense>) {
        let clause = Clause::of(atoms, sense);
        if sense == Some(&Sense::Nothing) { self.dropped.push(clause) } else { self.clauses.push(clause) }
    }

    /// Looks at the Latin words: the longest that mean something together, from the first on.
    fn end_words(&mut self) {
        let words = std::mem::take(&mut self.words);
        let written: Vec<String> = words.iter().filter_map(|forms| forms.first().cloned()).collect();
        let mut at = 0;
        while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
            let found = sense_of_words(rest);
            if let ([letters, digits, ..], None) = (rest, found)
                && are_split(letters, digits)
            {
                let joined = format!("{letters}{digits}");
                let mut clause = Clause::of(words.iter().skip(at).take(2).cloned().map(Atom::Word).collect(), sense_of_word(&joined));
                clause.others.push(vec![Atom::Word(vec![joined])]);
                self.clauses.push(clause);
                at += 2;
                continue;
            }
            let count = found.map_or(1, |(count, _)| count);
            let atoms = words.iter().skip(at).take(count).cloned().map(Atom::Word).collect();
            match rest.first().and_then(|word| year_of(word)).filter(|_| found.is_none()) {
                Some(year) => self.clauses.push(Clause { atoms, year: Some(year), ..Clause::default() }),
                None => self.take(atoms, found.map(|(_, sense)| sense)),
            }
            if let (Some(clause), None, Some(parts)) = (self.clauses.last_mut(), found, rest.first().and_then(|word| split(word))) {
                clause.others.push(parts.into_iter().map(|part| Atom::Word(vec![part])).collect());
            }
            at += count;
        }
    }

    /// Looks at a stretch of Chinese: the longest that means something, and what stands between.
    fn take_han(&mut self, text: &str) {
        let chars: Vec<char> = text.chars().collect();
        let mut plain = String::new();
        let mut at = 0;
        while let Some(rest) = chars.get(at..).filter(|rest| !rest.is_empty()) {
            match sense_of_characters(rest).filter(|(count, _)| *count > 1 || plain.is_empty()) {
                Some((count, sense)) => {
                    self.end_plain(&mut plain);
                    let own = rest.iter().take(count).collect();
                    self.take(vec![Atom::Han(own)], Some(sense));
                    at += count;
                }
                None => {
                    plain.extend(rest.first());
                    at += 1;
                }
            }
        }
        self.end_plain(&mut plain);
    }

    fn end_plain(&mut self, plain: &mut String) {
        let text = std::mem::take(plain);
        let chars: Vec<char> = text.chars().collect();
        // beside other words, a particle alone is none: 的, 年
        let sense = if chars.len() == 1 { sense_of_characters(&chars).map(|(_, sense)| sense) } else { None };
        if !text.is_empty() {
            self.take(vec![Atom::Han(text)], sense);
        }
    }
}

impl Question {
    /// Reads a query; `is_word` says of two capitals that are the code of a country whether they are a word all the same.
    pub fn read(query: &str, is_word: &dyn Fn(&str, &str) -> bool) -> Self {
        let means_other = |bare: &str, code: &str| {
            !bare.contains('-') && may_be_word(bare) && (sense_of_word(&fold(bare)).is_some() || is_word(&fold(bare), code))
        };
        let mut reader = Reader::default();
        for written in query.split_whitespace() {
            let bare = written.trim_matches(|c: char| !c.is_alphanumeric());
            if let Some(code) = place_by_code(bare).filter(|code| !means_other(bare, code)) {
                reader.end_words();
                reader.clauses.push(Clause { atoms: atoms_of(bare), places: vec![code.to_owned()], ..Clause::default() });
                continue;
            }
            for run in runs(&fold(written)) {
                if run.han {
                    reader.end_words();
                    reader.take_han(&strip_year(&run, &reader));
                } else {
                    reader.words.extend(forms(&run.text));
                }
            }
        }
        reader.end_words();
        let Reader { mut clauses, dropped, .. } = reader;
        if clauses.is_empty() {
            clauses = dropped;
        }
        if clauses.iter().all(|clause| clause.optional) {
            clauses.iter_mut().for_each(|clause| clause.optional = false);
        }
        widest_places_are_optional(&mut clauses);
        Self { clauses, whole: query.trim().to_owned() }
    }
}

impl Question {
    /// How many steps the regions can fall to wider ones.
    pub fn levels(&self) -> usize {
        let places = self.clauses.iter().filter(|clause| !clause.optional).flat_map(|clause| &clause.places);
        places.map(|code| self.wider(code).len()).max().unwrap_or(0)
    }

    /// The regions that one falls to, the nearest first; where nothing but members is asked for, none wider than a country.
    fn wider(&self, code: &str) -> Vec<&'static str> {
        let words = self.clauses.iter().any(|clause| !clause.is_member() && !clause.optional);
        let narrow = |code: &&str| {
            let kind = Region::get(code).map(|region| region.kind);
            matches!(kind, Some(RegionKind::Country | RegionKind::Grid | RegionKind::Subdivision))
        };
        Region::chain(code).into_iter().skip(1).filter(|code| words || narrow(code)).collect()
    }

    /// Whether years are asked for.
    pub fn has_years(&self) -> bool {
        self.clauses.iter().any(|clause| clause.year.is_some())
    }

    /// The question with its regions so many steps wider, and of any year if wanted.
    #[must_use]
    pub fn fallen(&self, level: usize, any_year: bool) -> Self {
        let mut question = self.clone();
        question.clauses.retain(|clause| !any_year || clause.year.is_none());
        for clause in &mut question.clauses {
            let wider: Vec<&str> = clause.places.iter().flat_map(|code| self.wider(code).into_iter().take(level)).collect();
            for code in wider {
                if !clause.places.iter().any(|own| own == code) {
                    clause.places.push(code.to_owned());
                }
            }
        }
        question
    }

    /// The regions that are asked for and not among these: all codes of a name that stands for several.
    pub fn regions_without(&self, found: &BTreeSet<&str>) -> Vec<String> {
        let needed = self.clauses.iter().filter(|clause| !clause.optional);
        let missing = needed.filter(|clause| !clause.places.iter().any(|code| found.contains(code.as_str())));
        missing.flat_map(|clause| clause.places.iter().cloned()).collect()
    }
}

/// 2022年浙江 is the year and 浙江.
fn strip_year(run: &Run, reader: &Reader) -> String {
    let after_year = !run.apart && reader.clauses.last().is_some_and(|clause| clause.year.is_some());
    run.text.strip_prefix('年').filter(|_| after_year).unwrap_or(&run.text).to_owned()
}

/// Of China and Zhejiang, Zhejiang is meant.
fn widest_places_are_optional(clauses: &mut [Clause]) {
    let all: Vec<Vec<String>> = clauses.iter().map(|clause| clause.places.clone()).collect();
    for clause in clauses.iter_mut() {
        let holds = |other: &Vec<String>| {
            let within = |code: &String| Region::chain(code).iter().skip(1).any(|wider| clause.places.iter().any(|own| own == wider));
            !other.is_empty() && other.iter().all(within)
        };
        if !clause.places.is_empty() && all.iter().any(holds) {
            clause.optional = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(query: &str) -> Vec<String> {
        let tell = |clause: &Clause| {
            let atom = |atom: &Atom| match atom {
                Atom::Word(forms) => forms.join("/"),
                Atom::Han(text) => text.clone(),
            };
            let mut text = clause.atoms.iter().map(atom).collect::<Vec<_>>().join("+");
            if !clause.places.is_empty() {
                text.push_str(&format!("@{}", clause.places.join("|")));
            }
            if let Some(year) = clause.year {
                text.push_str(&format!("={year}"));
            }
            if !clause.kinds.is_empty() {
                text.push_str(&format!("#{}", clause.kinds.join("|")));
            }
            if clause.optional { format!("({text})") } else { text }
        };
        Question::read(query, &|word, _| word == "co").clauses.iter().map(tell).collect()
    }

    #[test]
    fn queries_are_understood() {
        let electricity = "electricity-lifecycle|product-lifecycle";
        let kinds = "#electricity-direct|electricity-lifecycle";
        let (power, english) = (format!("电力{kinds}"), format!("electricity{kinds}"));
        let table: [(&str, &[&str]); 18] = [
            ("电网排放因子 浙江 2022", &["电网", "(排放因子)", "浙江@CN-ZJ", "2022=2022"]),
            ("zhejiang grid 2022", &["zhejiang@CN-ZJ", "grid", "2022=2022"]),
            ("浙江电力因子", &["浙江@CN-ZJ", power.as_str(), "(因子)"]),
            ("2022年浙江省电力", &["2022=2022", "浙江省@CN-ZJ", power.as_str()]),
            ("原铝", &["原铝"]),
            ("primary aluminium", &["primary+aluminum"]),
            ("天然气燃烧", &["天然气", "燃烧#combustion"]),
            ("電力排放因子", &[power.as_str(), "(排放因子)"]),
            ("UK electricity", &["uk@GB", english.as_str()]),
            ("PE CO IT", &["pe", "co", "it@IT"]),
            ("HFC-134a grid 2022", &["hfc+134a", "grid", "2022=2022"]),
            ("united kingdom", &["united+kingdom@GB"]),
            ("中国 浙江", &["(中国@CN)", "浙江@CN-ZJ"]),
            ("电动汽车", &["电动汽车"]),
            ("emission factor", &["emission+factor"]),
            ("CN-ZJ", &["cn+zj@CN-ZJ"]),
            ("the", &["the"]),
            ("🎉 --", &[]),
        ];
        for (query, parts) in table {
            assert_eq!(told(query), parts, "{query}");
        }
        assert_eq!(told("carbon footprint of steel"), [format!("carbon+footprint#{electricity}"), "steel".to_owned()]);
    }
}
