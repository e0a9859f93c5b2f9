//! Words of a text: what is put into the index, and what a query is made of.
//!
//! Chinese is cut into single characters and pairs, since no dictionary cuts the field's terms well. Latin words lose their
//! plural; numbers, formulas and codes stay whole, also where points stand in them.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::fold::{fold, is_han};

/// The longest word, in characters; what is longer is cut.
const LONGEST: usize = 100;

/// A stretch of Chinese characters, or of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// As folded.
    pub text: String,
    /// Whether it is Chinese.
    pub han: bool,
    /// Whether more than a blank stands before it.
    pub apart: bool,
}

/// What stands between the parts of a unit: `kW.h`, `t·km`.
fn joins(c: char) -> bool {
    matches!(c, '.' | '·' | '⋅' | '•' | '*' | '×')
}

/// The stretches of a folded text.
pub fn runs(folded: &str) -> Vec<Run> {
    let mut found: Vec<Run> = Vec::new();
    let mut apart = false;
    let mut chars = folded.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let han = is_han(c);
        let inside = |next: Option<&char>| {
            let letters = |a: char, b: char| a.is_alphanumeric() && b.is_alphabetic() && !is_han(a) && !is_han(b);
            next.is_some_and(|next| (c == '.' && before.is_ascii_digit() && next.is_ascii_digit()) || (joins(c) && letters(before, *next)))
        };
        if han || c.is_alphanumeric() || inside(chars.peek()) {
            let goes_on = found.last().is_some_and(|run| run.han == han) && !apart && (before.is_alphanumeric() || joins(before));
            match found.last_mut().filter(|_| goes_on) {
                Some(run) => run.text.push(c),
                None => found.push(Run { text: c.to_string(), han, apart }),
            }
            (before, apart) = (c, false);
        } else {
            apart |= c != ' ';
            before = ' ';
        }
    }
    found
}

/// Spellings of one word.
const SPELLINGS: [(&str, &str); 16] = [
    ("aluminium", "aluminum"),
    ("sulphur", "sulfur"),
    ("fibre", "fiber"),
    ("litre", "liter"),
    ("metre", "meter"),
    ("kilometre", "kilometer"),
    ("centre", "center"),
    ("colour", "color"),
    ("tyre", "tire"),
    ("gases", "gas"),
    ("buses", "bus"),
    ("grey", "gray"),
    ("plough", "plow"),
    ("mould", "mold"),
    ("programme", "program"),
    ("oestrogen", "estrogen"),
];

/// A word without its plural, in one spelling.
pub fn stem(word: &str) -> String {
    if !word.bytes().all(|byte| byte.is_ascii_lowercase()) || word.len() < 4 {
        return word.to_owned();
    }
    let spelt =
        |word: &str| SPELLINGS.iter().find(|(own, _)| *own == word).map_or_else(|| word.to_owned(), |(_, other)| (*other).to_owned());
    let other = spelt(word);
    if other != word {
        return other;
    }
    let ends = |end: &str| word.strip_suffix(end);
    let singular = match (ends("ies"), ends("sses"), ends("s")) {
        (Some(base), _, _) if base.len() > 2 => format!("{base}y"),
        (_, Some(base), _) => format!("{base}ss"),
        (_, _, Some(base)) => match base.strip_suffix('e') {
            Some(bare) if ["ch", "sh", "x", "zz"].iter().any(|end| bare.ends_with(end)) => bare.to_owned(),
            _ if ["s", "u", "i"].iter().any(|end| base.ends_with(end)) => word.to_owned(),
            _ => base.to_owned(),
        },
        _ => word.to_owned(),
    };
    let one = spelt(&singular);
    match (one.strip_suffix("isation"), one.strip_suffix("ised")) {
        (Some(base), _) => format!("{base}ization"),
        (_, Some(base)) if base.len() > 2 => format!("{base}ized"),
        _ => one,
    }
}

/// The forms under which one stretch of letters and digits is looked for; the first is how it is written in an answer.
///
/// `kw.h` is `kwh`; `7601.10` is also `760110`; what points part otherwise is several words.
pub fn forms(run: &str) -> Vec<Vec<String>> {
    let cut = |word: &str| word.chars().take(LONGEST).collect::<String>();
    let parts: Vec<&str> = run.split(joins).filter(|part| !part.is_empty()).collect();
    if parts.len() < 2 {
        return parts.into_iter().map(|part| vec![stem(&cut(part))]).collect();
    }
    if parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return vec![vec![cut(run), cut(&parts.concat())]];
    }
    if parts.iter().all(|part| part.chars().count() <= 4) {
        return vec![vec![cut(&parts.concat())]];
    }
    parts.into_iter().map(|part| vec![stem(&cut(part))]).collect()
}

/// One word of a text and its place.
pub type Placed = (usize, String);

/// The words of a text, as they are put into the index.
pub fn words(text: &str) -> Vec<Placed> {
    let mut found = Vec::new();
    let mut place = 0;
    for run in runs(&fold(text)) {
        place += usize::from(run.apart);
        if run.han {
            let chars: Vec<char> = run.text.chars().collect();
            for (offset, c) in chars.iter().enumerate() {
                found.push((place + offset, c.to_string()));
                if let Some(next) = chars.get(offset + 1) {
                    found.push((place + offset, [*c, *next].iter().collect()));
                }
            }
            place += chars.len();
            continue;
        }
        for forms in forms(&run.text) {
            found.extend(forms.into_iter().map(|form| (place, form)));
            place += 1;
        }
        if run.text.contains(joins) {
            let parts = run.text.split(joins).filter(|part| part.chars().any(char::is_alphabetic));
            found.extend(parts.map(|part| (place, stem(part))));
            place += 1;
        }
    }
    found
}

/// A phrase in the form in which it is compared as a whole: its words as they are looked for, Latin ones parted by blanks.
pub fn phrase_key(phrase: &str) -> String {
    let mut key = String::new();
    for run in runs(&fold(phrase)) {
        if run.han {
            key.push_str(&run.text);
            continue;
        }
        for word in forms(&run.text).into_iter().filter_map(|forms| forms.into_iter().next()) {
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(&word);
        }
    }
    key
}

/// The pairs of a stretch of Chinese characters; one character alone stands for itself.
pub fn pairs(han: &str) -> Vec<String> {
    let chars: Vec<char> = han.chars().collect();
    match chars.as_slice() {
        [] | [_] => chars.iter().map(char::to_string).collect(),
        _ => chars.windows(2).map(|pair| pair.iter().collect()).collect(),
    }
}

/// The tokenizer that the index is written with.
#[derive(Debug, Clone, Default)]
pub struct Words;

/// The words of one text, one after another.
pub struct WordStream {
    words: std::vec::IntoIter<Placed>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { words: words(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        match self.words.next() {
            Some((position, text)) => {
                self.token = Token { position, text, ..Token::default() };
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn texts_become_words() {
        assert_eq!(of("原铝锭"), ["原", "原铝", "铝", "铝锭", "锭"]);
        assert_eq!(of("Lithium batteries"), ["lithium", "battery"]);
        assert_eq!(of("grid-average/cn-zj/2022"), ["grid", "average", "cn", "zj", "2022"]);
        assert_eq!(of("2022年CO₂排放"), ["2022", "年", "co2", "排", "排放", "放"]);
        assert_eq!(of("HS 7601.10"), ["hs", "7601.10", "760110"]);
        assert_eq!(of("kW.h"), ["kwh", "kw", "h"]);
        assert_eq!(of("t·km"), ["tkm", "t", "km"]);
        assert_eq!(of("the end.Another"), ["the", "end", "another", "end", "another"]);
        assert_eq!(of("🎉 \u{301} --- «»"), [""; 0]);
    }

    #[test]
    fn what_punctuation_parts_is_not_adjacent() {
        let place = |text: &str, wanted: &str| words(text).into_iter().find(|(_, word)| word == wanted).unwrap().0;
        assert_eq!(place("电力，浙江", "浙江"), 3);
        assert_eq!(place("电力 浙江", "浙江"), 2);
        assert_eq!(place("a, b", "b"), 2);
    }

    #[test]
    fn plurals_and_spellings_are_one() {
        let table = [
            ("factors", "factor"),
            ("batteries", "battery"),
            ("gases", "gas"),
            ("gas", "gas"),
            ("processes", "process"),
            ("process", "process"),
            ("boxes", "box"),
            ("diesel", "diesel"),
            ("bus", "bus"),
            ("lines", "line"),
            ("analysis", "analysis"),
            ("aluminium", "aluminum"),
            ("fibres", "fiber"),
            ("carbonised", "carbonized"),
            ("ch4s", "ch4s"),
        ];
        for (word, stemmed) in table {
            assert_eq!(stem(word), stemmed, "{word}");
        }
    }
}
