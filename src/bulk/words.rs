//! Chinese text as pairs of characters, for a search that parts words at blanks.

use std::collections::BTreeSet;

/// The Han characters of texts as overlapping pairs, each run ending with its last character alone: `原铝锭` is `原铝 铝锭 锭`.
///
/// Traditional characters stand as they are written and in simplified form. A run that occurs twice stands once.
pub(super) fn han_pairs<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut runs = Vec::new();
    let mut seen = BTreeSet::new();
    for text in texts {
        for run in text.split(|c| !is_han(c)).filter(|run| !run.is_empty()) {
            for form in [run.to_owned(), hanconv::t2s(run)] {
                if seen.insert(form.clone()) {
                    runs.push(form);
                }
            }
        }
    }
    let mut words = String::new();
    for run in runs {
        for (start, first) in run.char_indices() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push(first);
            words.extend(run.get(start..).and_then(|rest| rest.chars().nth(1)));
        }
    }
    words
}

/// Whether a character is a Han ideograph (Unicode blocks of CJK unified and compatibility ideographs), or the zero 〇.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let table: [(&[&str], &str); 5] = [
            (&["原铝锭"], "原铝 铝锭 锭"),
            (&["铝 ingot 电力"], "铝 电力 力"),
            (&["電力"], "電力 力 电力 力"),
            (&["电力", "电力"], "电力 力"),
            (&["CO2", ""], ""),
        ];
        for (texts, pairs) in table {
            assert_eq!(han_pairs(texts.iter().copied()), pairs, "{texts:?}");
        }
    }
}
