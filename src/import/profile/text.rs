//! What a profile does to a cell's text: plain decimals, exact scaling, dates, and the versioned normaliser of keys.

use num_rational::BigRational;

use crate::factor::Decimal;
use crate::factor::exact::to_plain_decimal;

/// How a source writes its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    /// Between whole and fraction.
    pub(super) decimal: char,
    /// Between groups of three, where there is one.
    pub(super) thousands: Option<char>,
}

/// The largest exponent of ten that a number is written out for.
const MAX_EXPONENT: i32 = 60;

/// Reads a number as the source writes it into a plain decimal, digit for digit: `1,234.50`, `0,57`, `3.23e-09`.
///
/// # Errors
/// With what is wrong, for texts that are ranges, prose, or grouped wrongly.
pub(super) fn plain_number(text: &str, style: NumberStyle) -> Result<String, String> {
    let bad = || format!("`{}` is not a number with `{}` as its decimal mark", shown(text), style.decimal);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(place) => {
            let power = text.get(place + 1..).unwrap_or_default();
            let power: i32 = power.strip_prefix('+').unwrap_or(power).parse().map_err(|_| bad())?;
            (text.get(..place).unwrap_or_default(), power)
        }
        None => (text, 0),
    };
    if exponent.abs() > MAX_EXPONENT {
        return Err(format!("`{}` has an exponent beyond {MAX_EXPONENT}", shown(text)));
    }
    let (sign, digits) = match mantissa.chars().next() {
        Some('-' | '\u{2212}') => ("-", mantissa.trim_start_matches(['-', '\u{2212}'])),
        Some('+') => ("", mantissa.get(1..).unwrap_or_default()),
        _ => ("", mantissa),
    };
    if mantissa.len() - digits.len() > 3 || (mantissa.starts_with("--")) {
        return Err(bad());
    }
    let (whole, fraction) = digits.split_once(style.decimal).unwrap_or((digits, ""));
    let whole = ungroup(whole, style.thousands).ok_or_else(bad)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(&whole) || !all_digits(fraction) {
        return Err(bad());
    }
    let shifted = shift(&whole, fraction, exponent);
    Ok(if shifted.bytes().all(|byte| matches!(byte, b'0' | b'.')) { shifted } else { format!("{sign}{shifted}") })
}

/// Takes the marks out from between groups of three; nothing where the groups are no groups.
fn ungroup(whole: &str, mark: Option<char>) -> Option<String> {
    let Some(mark) = mark.filter(|mark| whole.contains(*mark)) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    sound.then(|| whole.chars().filter(|c| *c != mark).collect())
}

/// Moves the point of `whole.fraction` by a power of ten, keeping every digit.
fn shift(whole: &str, fraction: &str, exponent: i32) -> String {
    let digits: String = [whole, fraction].concat();
    let mut point = i32::try_from(whole.len()).unwrap_or(i32::MAX).saturating_add(exponent);
    let mut digits = digits;
    while point < 1 {
        digits.insert(0, '0');
        point += 1;
    }
    let point = usize::try_from(point).unwrap_or(0);
    while digits.len() < point {
        digits.push('0');
    }
    let (whole, fraction) = digits.split_at(point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// A plain decimal times or divided by another, exact; where a quotient never ends, 34 significant digits, half to even.
///
/// # Errors
/// For texts that are no plain decimals, and division by nothing. The flag says whether digits were cut.
pub(super) fn scaled(amount: &str, by: &str, divide: bool) -> Result<(String, bool), String> {
    let read = |text: &str| text.parse::<Decimal>().map_err(|error| error.to_string());
    let (amount, by) = (read(amount)?.to_rational(), read(by)?.to_rational());
    if divide && by.numer().eq(&0.into()) {
        return Err("the amount that it is per is 0".to_owned());
    }
    let exact = if divide { amount / by } else { amount * by };
    match to_plain_decimal(&exact) {
        Some(text) => Ok((text, false)),
        None => Ok((cut(&exact), true)),
    }
}

/// The nearest decimal of 34 significant digits.
pub(super) fn cut(exact: &BigRational) -> String {
    use num_traits::{Signed, Zero};
    if exact.is_zero() {
        return "0".to_owned();
    }
    let ten = num_bigint::BigInt::from(10);
    let mut scale = 0_u32;
    let limit = num_traits::pow(ten.clone(), 33);
    let mut scaled = exact.abs();
    while scaled < BigRational::from(limit.clone()) && scale < 200 {
        scaled *= BigRational::from(ten.clone());
        scale += 1;
    }
    let half = BigRational::new(1.into(), 2.into());
    let floor = scaled.floor().to_integer();
    let rest = &scaled - BigRational::from(floor.clone());
    let odd = (&floor % 2_i32) != num_bigint::BigInt::zero();
    let rounded = if rest > half || (rest == half && odd) { floor + 1 } else { floor };
    let digits = rounded.to_string();
    let text = shift(&digits, "", -i32::try_from(scale).unwrap_or(0));
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    if exact.is_negative() { format!("-{text}") } else { text }
}

/// The versions of the normaliser that this program knows.
pub(super) const NORMALISERS: [u32; 1] = [1];

/// Turns a text into a segment of a key: normaliser 1.
///
/// Lower case; Latin letters lose their marks; `%` becomes `pct`, `&` and `+` become `and` and `plus`; sub- and superscript digits become
/// digits; any other character outside ASCII becomes `u` and its code point; every run of other characters becomes one `-`.
pub(super) fn normalise(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' => out.push(c),
            '%' => word(&mut out, "pct"),
            '&' => word(&mut out, "and"),
            '+' => word(&mut out, "plus"),
            '<' => word(&mut out, "lt"),
            '>' => word(&mut out, "gt"),
            c if c.is_ascii() || c.is_whitespace() || "–—‐‑’‘“”·…«»（）、，。：；".contains(c) => gap(&mut out),
            c => match plain_letters(c) {
                Some(letters) => out.push_str(letters),
                None => word(&mut out, &format!("u{:04x}", u32::from(c))),
            },
        }
    }
    let trimmed = out.trim_end_matches(['-', '.', '_']).trim_start_matches(['-', '.', '_']);
    trimmed.to_owned()
}

fn gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with('-') {
        out.push('-');
    }
}

fn word(out: &mut String, word: &str) {
    gap(out);
    out.push_str(word);
    out.push('-');
}

fn plain_letters(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' | '\u{307}' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'ś' | 'š' | 'ş' => "s",
        'ť' | 'ţ' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        'µ' | 'μ' => "u",
        '₀' | '⁰' => "0",
        '₁' | '¹' => "1",
        '₂' | '²' => "2",
        '₃' | '³' => "3",
        '₄' | '⁴' => "4",
        '₅' | '⁵' => "5",
        '₆' | '⁶' => "6",
        '₇' | '⁷' => "7",
        '₈' | '⁸' => "8",
        '₉' | '⁹' => "9",
        _ => return None,
    })
}

/// Blanks at both ends gone, every run of blanks and control characters one blank.
pub(super) fn collapsed(text: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}' || c == '\u{200b}';
    text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The same line by line: blank lines at both ends gone.
pub(super) fn collapsed_lines(text: &str) -> String {
    let lines: Vec<String> = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(collapsed).collect();
    lines.join("\n").trim().to_owned()
}

/// The first sixty characters of a text, for messages.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: NumberStyle = NumberStyle { decimal: '.', thousands: Some(',') };
    const COMMA: NumberStyle = NumberStyle { decimal: ',', thousands: Some(' ') };

    #[test]
    fn numbers_are_written_out_digit_for_digit() {
        for (text, style, plain) in [
            ("0.5200", POINT, "0.5200"),
            ("1,234.50", POINT, "1234.50"),
            ("3.23e-09", POINT, "0.00000000323"),
            ("1.5E+3", POINT, "1500"),
            ("1.50E+1", POINT, "15.0"),
            ("-0,57", COMMA, "-0.57"),
            ("\u{2212}5", POINT, "-5"),
            ("+3", POINT, "3"),
            (".5", POINT, "0.5"),
            ("007", POINT, "7"),
            ("-0.0", POINT, "0.0"),
            ("12 345,6", COMMA, "12345.6"),
        ] {
            assert_eq!(plain_number(text, style).as_deref(), Ok(plain), "{text}");
        }
        for text in ["", "-", "1,23.5", "1-2", "< 1", "1e", "1e999", "abc", "0,5", "--5", "1.2.3", "½", "1,2345", "NaN", "inf", "0x1"] {
            assert!(plain_number(text, POINT).is_err(), "{text}");
        }
        assert!(plain_number("1.5", COMMA).is_err());
    }

    #[test]
    fn scaling_is_exact() {
        assert_eq!(scaled("1.1", "0.45359237", false), Ok(("0.498951607".to_owned(), false)));
        assert_eq!(scaled("10", "25", true), Ok(("0.4".to_owned(), false)));
        let (third, was_cut) = scaled("-1", "3", true).unwrap();
        assert_eq!((third.as_str(), was_cut), ("-0.3333333333333333333333333333333333", true));
        assert_eq!(scaled("2", "3", true).unwrap().0, "0.6666666666666666666666666666666667");
        assert!(scaled("1", "0", true).is_err());
    }

    #[test]
    fn keys_are_normalised() {
        for (text, key) in [
            ("Natural gas (100% mineral blend)", "natural-gas-100-pct-mineral-blend"),
            ("kWh (Net CV)", "kwh-net-cv"),
            ("Électricité – réseau", "electricite-reseau"),
            ("R-404A", "r-404a"),
            ("1_100_1000_15", "1_100_1000_15"),
            ("CO₂e", "co2e"),
            ("电", "u7535"),
            ("  ", ""),
            ("> 1.7 t", "gt-1.7-t"),
        ] {
            assert_eq!(normalise(text), key, "{text}");
        }
    }
}
