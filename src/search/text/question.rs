//! What a query asks: its words, and the members that some of them name.

use super::fold::fold;
use super::vocabulary::{Sense, place_by_code, sense_of_characters, sense_of_words};
use super::words::{Run, forms, runs};
use crate::factor::Region;

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
            Some(Sense::Term(others)) => clause.others = others.iter().map(|other| atoms_of(other)).collect(),
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
            let count = found.map_or(1, |(count, _)| count);
            let atoms = words.iter().skip(at).take(count).cloned().map(Atom::Word).collect();
            match rest.first().and_then(|word| year_of(word)).filter(|_| found.is_none()) {
                Some(year) => self.clauses.push(Clause { atoms, year: Some(year), ..Clause::default() }),
                None => self.take(atoms, found.map(|(_, sense)| sense)),
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
    /// Reads a query.
    pub fn read(query: &str) -> Self {
        let mut reader = Reader::default();
        for written in query.split_whitespace() {
            let bare = written.trim_matches(|c: char| !c.is_alphanumeric());
            if let Some(code) = place_by_code(bare) {
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
        Question::read(query).clauses.iter().map(tell).collect()
    }

    #[test]
    fn queries_are_understood() {
        let electricity = "electricity-lifecycle|product-lifecycle";
        let table: [(&str, &[&str]); 16] = [
            ("电网排放因子 浙江 2022", &["电网", "(排放因子)", "浙江@CN-ZJ", "2022=2022"]),
            ("zhejiang grid 2022", &["zhejiang@CN-ZJ", "grid", "2022=2022"]),
            ("浙江电力因子", &["浙江@CN-ZJ", "电力", "(因子)"]),
            ("2022年浙江省电力", &["2022=2022", "浙江省@CN-ZJ", "电力"]),
            ("原铝", &["原铝"]),
            ("primary aluminium", &["primary+aluminum"]),
            ("天然气燃烧", &["天然气", "燃烧#combustion"]),
            ("電力排放因子", &["电力", "(排放因子)"]),
            ("UK electricity", &["uk@GB", "electricity"]),
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
