//! The cells of one factor as they come together, and what is noticed on the way.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use super::{places, units};
use crate::factor::exact::{to_json_number, to_plain_decimal};
use crate::factor::notation::write_list;
use crate::factor::{Decimal, MAX_SIGNIFICANT_DIGITS};
use crate::import::entry::{FactorCells, Problem};

/// Texts are cut here; a cell may have 32 KiB.
const LONGEST_TEXT_BYTES: usize = 30_000;

/// One factor in the making.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub(super) cells: FactorCells,
    /// What is wrong; any of it keeps the record out.
    pub(super) problems: Vec<Problem>,
    /// What keeps nothing out.
    pub(super) notices: Vec<Problem>,
    flags: BTreeSet<&'static str>,
    notes: Vec<String>,
    classifications: Vec<String>,
}

impl Draft {
    /// Fills a cell with a text on one line; blank ones stay empty.
    pub(super) fn set(&mut self, column: &'static str, text: impl AsRef<str>) {
        let text = one_line(text.as_ref());
        if !text.is_empty() {
            self.cells.insert(column, text);
        }
    }

    /// The same where there is a text.
    pub(super) fn set_some(&mut self, column: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(column, text);
        }
    }

    /// A name or text in the language that it is in: Chinese where it has Chinese characters.
    pub(super) fn set_text(&mut self, en: &'static str, zh: &'static str, text: Option<&str>) {
        if let Some(text) = text {
            self.set(if is_chinese(text) { zh } else { en }, text);
        }
    }

    /// Sets a flag.
    pub(super) fn flag(&mut self, code: &'static str) {
        self.flags.insert(code);
    }

    /// Takes a flag back.
    pub(super) fn unflag(&mut self, code: &str) {
        self.flags.remove(code);
    }

    /// Adds a remark in English.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Adds a code in an outside classification.
    pub(super) fn classify(&mut self, scheme: &str, code: &str) {
        let item = format!("{}={}", one_line(scheme), one_line(code));
        if !scheme.trim().is_empty() && !code.trim().is_empty() && !self.classifications.contains(&item) {
            self.classifications.push(item);
        }
    }

    /// Something wrong.
    pub(super) fn wrong(&mut self, rule: &'static str, field: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(rule, field, message));
    }

    /// Something to know.
    pub(super) fn notice(&mut self, rule: &'static str, field: &str, message: impl Into<String>) {
        self.notices.push(Problem::new(rule, field, message));
    }

    /// The unit that the value is given per, by the format's name for it.
    pub(super) fn per(&mut self, name: Option<&str>, field: &str) {
        match name.map(|name| (name, units::code(name))) {
            Some((_, Some(code))) => self.set("per", code),
            Some((name, None)) => {
                let shown: String = name.chars().take(60).collect();
                self.wrong("unit-unknown", field, format!("`{shown}` is no unit that is known to equal a UCUM code"));
            }
            None => self.wrong("unit-unknown", field, "is not given: it must be known per what the result stands"),
        }
    }

    /// The region, by the format's code or name for it.
    pub(super) fn place(&mut self, name: Option<&str>, field: &str) {
        match name.map(|name| (name, places::region(name))) {
            Some((name, Ok(code))) => {
                self.set("region", code);
                if name.trim() != code && name.trim().to_ascii_uppercase() == name.trim() {
                    self.notice("place-mapped", field, format!("`{}` is named by the code that it equals, {code}", name.trim()));
                }
            }
            Some((_, Err(message))) => self.wrong("region-unknown", field, message),
            None => self.wrong("region-unknown", field, "is not given: every factor needs a region; GLO is not assumed"),
        }
    }

    /// The value: a result for an amount of the unit, divided by that amount exactly.
    ///
    /// `size` is how many kg CO2e one unit of the result is.
    pub(super) fn value(&mut self, result: &str, amount: Option<&str>, size: (u32, u32), field: &str) {
        self.set("value_text", result);
        let Some(value) = plain(result) else {
            let shown: String = result.chars().take(40).collect();
            self.wrong("decimal", field, format!("`{shown}` is not a decimal number"));
            return;
        };
        let divisor = match amount.map(|text| (text, plain(text).and_then(|plain| plain.parse::<Decimal>().ok()))) {
            None => BigRational::from(BigInt::from(1)),
            Some((_, Some(amount))) if !amount.is_zero() && !amount.is_negative() => amount.to_rational(),
            Some((text, _)) => {
                let shown: String = text.chars().take(40).collect();
                self.wrong("decimal", field, format!("the amount that the result is for, `{shown}`, is not a decimal number above zero"));
                return;
            }
        };
        let factor = BigRational::new(BigInt::from(size.0), BigInt::from(size.1)) / divisor;
        if factor == BigRational::from(BigInt::from(1)) {
            self.set("value", value);
            return;
        }
        match value.parse::<Decimal>() {
            Ok(number) => self.scaled(&(number.to_rational() * factor), result, amount, field),
            Err(error) => self.wrong("decimal", field, error.to_string()),
        }
    }

    fn scaled(&mut self, exact: &BigRational, result: &str, amount: Option<&str>, field: &str) {
        self.flag("converted_by_us");
        let text = match to_plain_decimal(exact).filter(|text| digits(text) <= MAX_SIGNIFICANT_DIGITS) {
            Some(text) => text,
            None => {
                self.flag("rounded");
                plain(&to_json_number(exact)).unwrap_or_default()
            }
        };
        let of = amount.map_or_else(String::new, |amount| format!(" for an amount of {amount}"));
        self.notice("amount-scaled", field, format!("the result {result}{of} is {text} kg CO2e per one unit"));
        self.set("value", text);
    }

    /// The cells, with flags, notes and classifications written out.
    pub(super) fn finish(mut self) -> (FactorCells, Vec<Problem>, Vec<Problem>) {
        self.set("flags", self.flags.iter().copied().collect::<Vec<_>>().join(" "));
        let notes = self.notes.iter().map(|note| one_line(note)).filter(|note| !note.is_empty()).collect::<Vec<_>>().join(". ");
        self.set("note_en", notes);
        let classifications = write_list(self.classifications.iter().map(String::as_str));
        self.set("classifications", classifications);
        if !self.cells.contains_key("name_en") && !self.cells.contains_key("name_zh") {
            self.wrong("required", "name_en", "the data set has no name");
        }
        (self.cells, self.notices, self.problems)
    }
}

/// Whether a text has Chinese characters.
pub(super) fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// Whether these classes say that electricity is what is made: the class named so, or ISIC Rev. 4 group 351.
pub(super) fn is_electricity<'a>(mut classes: impl Iterator<Item = &'a str>, per: Option<&String>) -> bool {
    let is_energy = per.is_some_and(|per| ["MJ", "kW.h", "MW.h", "GJ", "TJ"].contains(&per.as_str()));
    is_energy && classes.any(|class| class.trim().eq_ignore_ascii_case("electricity") || class.trim().starts_with("351"))
}

/// A text without line ends and control characters, blanks joined, cut where it is too long.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if plain.len() <= LONGEST_TEXT_BYTES {
        return plain;
    }
    let end = (0..=LONGEST_TEXT_BYTES).rev().find(|place| plain.is_char_boundary(*place)).unwrap_or(0);
    format!("{}…", plain.get(..end).unwrap_or_default().trim_end())
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count()
}

/// A number with or without exponent as a plain decimal; every digit is kept (`1.0E-5` is 0.000010).
pub(super) fn plain(text: &str) -> Option<String> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent).parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, unsigned) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) || exponent.abs() > 60 || text.len() > 100 {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let length = i32::try_from(all.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = if point <= 0 {
        (String::new(), format!("{}{all}", zeros(-point)))
    } else if point >= length {
        (format!("{all}{}", zeros(point - length)), String::new())
    } else {
        let (whole, fraction) = all.split_at_checked(usize::try_from(point).ok()?)?;
        (whole.to_owned(), fraction.to_owned())
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let is_zero = all.bytes().all(|byte| byte == b'0');
    let number = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    Some(if is_zero { number } else { format!("{sign}{number}") })
}

/// Lower-case letters and digits of a text, other characters as single hyphens; empty where little of it is left.
pub(super) fn slug(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = plain.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let foreign = text.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
    // Half a word is no name: texts in other scripts are not cut down to their Latin letters.
    if is_chinese(text) || foreign * 4 > text.chars().count() {
        String::new()
    } else {
        slug.chars().take(60).collect::<String>().trim_matches('-').to_owned()
    }
}

/// An activity from the classes of a data set, outermost first; none where a class has no letters for it.
pub(super) fn activity<'a>(classes: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let segments: Vec<String> = classes.into_iter().map(slug).collect();
    let path = segments.join("/");
    (!segments.is_empty() && segments.iter().all(|segment| !segment.is_empty()) && path.len() <= 200).then_some(path)
}

/// An identifier as a segment of a key: without `urn:uuid:`, in lower case.
pub(super) fn identity(id: &str) -> Option<String> {
    let id = id.trim().to_lowercase();
    let id = id.strip_prefix("urn:uuid:").or_else(|| id.strip_prefix("urn:")).unwrap_or(&id);
    let plain: String = id.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' }).collect();
    let plain = plain.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    (!plain.is_empty() && plain.len() <= 120 && id.is_ascii()).then(|| plain.to_owned())
}

/// The day of a time stamp: `2022-05-22T21:47:32Z`, `2013-01-01-05:00`.
pub(super) fn day(stamp: &str) -> Option<&str> {
    let day = stamp.trim().get(..10)?;
    day.parse::<jiff::civil::Date>().ok().map(|_| day)
}

/// The only year of a period, if it lies within one.
pub(super) fn year_of<'a>(from: Option<&'a str>, to: Option<&'a str>) -> Option<&'a str> {
    let (from, to) = (from?.get(..4)?, to?.get(..4)?);
    (from == to).then_some(from)
}

/// Whether a number is zero.
pub(super) fn is_zero(text: &str) -> bool {
    plain(text).and_then(|text| text.parse::<Decimal>().ok()).is_some_and(|number| number.to_rational().is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_written_out() {
        let table = [
            ("0.123", Some("0.123")),
            ("1.0E-5", Some("0.000010")),
            ("1E+2", Some("100")),
            ("12.34e1", Some("123.4")),
            ("-2.5E0", Some("-2.5")),
            ("-0.0", Some("0.0")),
            (".5", Some("0.5")),
            ("007", Some("7")),
            ("2.3360554E37", Some("23360554000000000000000000000000000000")),
            ("1e99", None),
            ("1,5", None),
            ("", None),
            ("NaN", None),
            ("+1", None),
        ];
        for (text, expected) in table {
            assert_eq!(plain(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn amounts_divide_exactly_or_say_that_they_do_not() {
        let scale = |result, amount| {
            let mut draft = Draft::default();
            draft.value(result, amount, (1, 1), "x");
            draft.set("name_en", "n");
            let (cells, _, problems) = draft.finish();
            (cells.get("value").cloned(), cells.get("flags").cloned(), problems.len())
        };
        assert_eq!(scale("42.0", Some("10")), (Some("4.2".into()), Some("converted_by_us".into()), 0));
        assert_eq!(scale("42.0", Some("1.0")), (Some("42.0".into()), None, 0));
        assert_eq!(scale("1", Some("3")), (Some("0.33333333333333333".into()), Some("converted_by_us rounded".into()), 0));
        assert_eq!(scale("1", Some("0")).2, 1);
        assert_eq!(scale("1", Some("-2")).2, 1);
    }

    #[test]
    fn identities_and_activities() {
        assert_eq!(identity("URN:UUID:9A-b").as_deref(), Some("9a-b"));
        assert_eq!(identity("urn:x:y/z").as_deref(), Some("x-y-z"));
        assert_eq!(identity("过程"), None);
        assert_eq!(activity(["31-33: Manufacturing", "3211: Sawmills"]).as_deref(), Some("31-33-manufacturing/3211-sawmills"));
        assert_eq!(activity(["8 Geb\u{e4}udetechnik"]).as_deref(), Some("8-geb-udetechnik"));
        assert_eq!((activity(["钢铁 steel"]), activity([])), (None, None));
        assert_eq!((day("2013-01-01-05:00"), day("2013-13-01"), day("x")), (Some("2013-01-01"), None, None));
    }
}
