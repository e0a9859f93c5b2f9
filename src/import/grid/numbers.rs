//! Numbers and dates as workbooks store them.

use jiff::civil::Date;

/// The shortest decimal that reads back to the stored IEEE double (as `1.5e-7` → `0.00000015`); none for what is no number.
pub(super) fn shortest(stored: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if stored.is_empty() || !stored.bytes().all(plain) {
        return None;
    }
    stored.parse::<f64>().ok().and_then(shortest_of)
}

/// The shortest decimal of a double; none for what is no number.
pub(super) fn shortest_of(number: f64) -> Option<String> {
    let text = number.is_finite().then(|| number.to_string())?;
    Some(if text == "-0" { "0".to_owned() } else { text })
}

/// The day, and the time where it is not midnight, that a workbook counts as this many days (ECMA-376, 18.17.4).
///
/// Days are counted from 1900-01-01 as 1, with a 29 February 1900 that never was; or from 1904-01-01 as 0.
/// None for what is no day between 1900 and 9999, as 60 is in the former.
pub(super) fn day_of(days: &str, from_1904: bool) -> Option<String> {
    let (whole, fraction) = days.split_once('.').unwrap_or((days, ""));
    let mut count: i64 = whole.parse().ok()?;
    let mut seconds = seconds_of(fraction)?;
    if count < 0 || whole.starts_with('-') {
        return None;
    }
    if seconds == 86_400 {
        (count, seconds) = (count + 1, 0);
    }
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let base = match (from_1904, count) {
        (true, _) => Date::new(1904, 1, 1).ok()?,
        (false, 0) => return (seconds > 0).then_some(time),
        (false, 60) => return None,
        (false, 1..60) => Date::new(1899, 12, 31).ok()?,
        (false, _) => Date::new(1899, 12, 30).ok()?,
    };
    let day = base.checked_add(jiff::Span::new().try_days(count).ok()?).ok()?;
    Some(if seconds == 0 { day.to_string() } else { format!("{day}T{time}") })
}

/// The part of a day in seconds, rounded.
fn seconds_of(fraction: &str) -> Option<u128> {
    let digits = fraction.get(..fraction.len().min(18))?;
    if digits.is_empty() {
        return Some(0);
    }
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    Some((digits.parse::<u128>().ok()? * 86_400 + scale / 2) / scale)
}

/// Whether a built-in number format is a date's (ECMA-376, 18.8.30, with those of East Asian editions).
pub(super) const fn is_date_id(id: u32) -> bool {
    matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58)
}

/// Whether a number format shows a date: it has a letter of a date outside quotes, escapes and brackets.
///
/// A span of time (`[h]:mm`) is a number.
pub(super) fn is_date_format(code: &str) -> bool {
    let mut characters = code.chars();
    let mut letters = String::new();
    while let Some(character) = characters.next() {
        match character {
            '"' => while characters.next().is_some_and(|inner| inner != '"') {},
            '\\' | '_' | '*' => {
                characters.next();
            }
            '[' => {
                let inside: String = characters.by_ref().take_while(|inner| *inner != ']').collect();
                if !inside.is_empty() && inside.chars().all(|inner| "hHmMsS".contains(inner)) {
                    return false;
                }
            }
            ';' => break,
            other => letters.push(other.to_ascii_lowercase()),
        }
    }
    letters != "general" && letters.contains(['y', 'm', 'd', 'h', 's'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_that_read_back() {
        for (stored, text) in [
            ("0.56000000000000005", "0.56"),
            ("0.56900000000000006", "0.5690000000000001"),
            ("1.1000000000000001", "1.1"),
            ("1.5E-7", "0.00000015"),
            ("1E+3", "1000"),
            ("-0", "0"),
            ("12345678901234567890", "12345678901234567000"),
            ("0.1", "0.1"),
        ] {
            assert_eq!(shortest(stored).as_deref(), Some(text), "{stored}");
        }
        for none in ["", "NaN", "inf", "1,5", "1e999", "0x1", "--1"] {
            assert_eq!(shortest(none), None, "{none}");
        }
    }

    #[test]
    fn days_are_counted_as_workbooks_do() {
        for (days, from_1904, text) in [
            ("1", false, Some("1900-01-01")),
            ("59", false, Some("1900-02-28")),
            ("60", false, None),
            ("61", false, Some("1900-03-01")),
            ("45292", false, Some("2024-01-01")),
            ("45292.5", false, Some("2024-01-01T12:00:00")),
            ("45292.999999999", false, Some("2024-01-02")),
            ("0.75", false, Some("18:00:00")),
            ("0", true, Some("1904-01-01")),
            ("43830", true, Some("2024-01-01")),
            ("-1", false, None),
            ("99999999", false, None),
            ("99999999999999999999", false, None),
        ] {
            assert_eq!(day_of(days, from_1904).as_deref(), text, "{days}");
        }
    }

    #[test]
    fn formats_of_dates_are_told_from_others() {
        for code in ["yyyy-mm-dd", "d/m/yy", "[$-409]mmmm d, yyyy;@", "yyyy\"年\"m\"月\"", "h:mm AM/PM", "mm:ss.0"] {
            assert!(is_date_format(code), "{code}");
        }
        for code in ["General", "0.00E+00", "#,##0.00", "[h]:mm", "0.0\" days\"", "\\d0", "[Red]0", "@", "0_m", "0;yyyy"] {
            assert!(!is_date_format(code), "{code}");
        }
    }
}
