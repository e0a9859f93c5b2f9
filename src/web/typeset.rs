//! Numbers and units as they are set in print: `kg CO₂e/kWh`, `12 345`. A published value is never touched.

use crate::factor::is_currency;

use super::Lang;

/// The space between groups of digits, and between a value and its unit (U+202F): no line breaks there.
pub const THIN: char = '\u{202f}';

/// A count with its digits in groups of three, from five digits on.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let first = digits.len() % 3;
    let mut set = String::with_capacity(digits.len() + digits.len() / 3 * THIN.len_utf8());
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            set.push(THIN);
        }
        set.push(digit);
    }
    set
}

/// A size in bytes: `74.7 kB`, cut after one decimal.
pub fn size(bytes: u64) -> String {
    let scaled = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")].into_iter().find(|(unit, _)| bytes >= *unit);
    match scaled {
        Some((unit, name)) => {
            let tenths = bytes / (unit / 10);
            format!("{}.{}{THIN}{name}", tenths / 10, tenths % 10)
        }
        None => format!("{bytes}{THIN}B"),
    }
}

/// A metric: `CO₂`, `CO₂e`. Other texts stay as they are.
pub fn metric(code: &str) -> String {
    match code {
        "CO2" => "CO₂".to_owned(),
        "CO2e" => "CO₂e".to_owned(),
        other => other.to_owned(),
    }
}

/// What a value is in: `kg CO₂e/kWh`.
pub fn unit(metric_code: &str, per: &str, lang: Lang) -> String {
    format!("kg{THIN}{}/{}", metric(metric_code), per_unit(per, lang))
}

/// A UCUM unit or a currency as it is set: `kWh`, `m³`, `t·km`, `10³ m³`.
pub fn per_unit(per: &str, lang: Lang) -> String {
    if is_currency(per) || per.is_empty() {
        return per.to_owned();
    }
    let mut set = String::new();
    for part in per.split('.') {
        let symbol = symbol(part, lang);
        if !set.is_empty() {
            // a watt hour has one symbol; what is counted and carried is a product
            let joined = symbol == "h" && set.ends_with('W');
            let power = set.starts_with("10");
            set.push_str(if joined {
                ""
            } else if power {
                "\u{202f}"
            } else {
                "·"
            });
        }
        set.push_str(&symbol);
    }
    set
}

const SYMBOLS: &[(&str, &str, &str)] = &[
    ("[lb_av]", "磅", "lb"),
    ("[oz_av]", "盎司", "oz"),
    ("[ston_av]", "短吨", "short ton"),
    ("[lton_av]", "长吨", "long ton"),
    ("[Btu_IT]", "Btu", "Btu"),
    ("kcal_IT", "kcal", "kcal"),
    ("[gal_us]", "美加仑", "US gal"),
    ("[gal_br]", "英加仑", "imp gal"),
    ("[bbl_us]", "桶", "bbl"),
    ("[cft_i]", "ft³", "ft³"),
    ("[sft_i]", "ft²", "ft²"),
    ("[mi_i]", "英里", "mi"),
    ("[nmi_i]", "海里", "nmi"),
    ("[ft_i]", "ft", "ft"),
    ("[acr_us]", "英亩", "acre"),
    ("har", "ha", "ha"),
    ("a", "年", "yr"),
    ("d", "天", "d"),
    ("By", "B", "B"),
    ("MBy", "MB", "MB"),
    ("GBy", "GB", "GB"),
    ("TBy", "TB", "TB"),
    ("{item}", "件", "item"),
    ("{person}", "人", "person"),
    ("{passenger}", "人", "passenger"),
    ("{vehicle}", "车", "vehicle"),
    ("{room}", "间", "room"),
    ("{TEU}", "TEU", "TEU"),
];

fn symbol(part: &str, lang: Lang) -> String {
    if let Some((_, zh, en)) = SYMBOLS.iter().find(|(code, ..)| *code == part) {
        return lang.say(*zh, *en);
    }
    if let Some(power) = part.strip_prefix("10*") {
        return format!("10{}", raised(power));
    }
    if let Some(named) = part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return named.to_owned();
    }
    let end = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let power = part.get(end.len()..).unwrap_or_default();
    // brackets hold names in which digits are part of the name
    if part.contains('[') || end.is_empty() || power.is_empty() { part.to_owned() } else { format!("{end}{}", raised(power)) }
}

fn raised(digits: &str) -> String {
    let raise = |digit: char| match digit {
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        '-' => '⁻',
        other => other,
    };
    digits.chars().map(raise).collect()
}

/// The day of a time: `2024-12-20` of `2024-12-20T08:00:00Z`.
pub fn day(at: &str) -> &str {
    at.get(..10).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_in_print() {
        for (per, zh, en) in [
            ("kW.h", "kWh", "kWh"),
            ("MJ", "MJ", "MJ"),
            ("m3", "m³", "m³"),
            ("t.km", "t·km", "t·km"),
            ("{passenger}.km", "人·km", "passenger·km"),
            ("10*3.m3", "10³\u{202f}m³", "10³\u{202f}m³"),
            ("10*6.[Btu_IT]", "10⁶\u{202f}Btu", "10⁶\u{202f}Btu"),
            ("CNY", "CNY", "CNY"),
            ("{room}.d", "间·天", "room·d"),
            ("{widget}", "widget", "widget"),
            ("m2.a", "m²·年", "m²·yr"),
            ("", "", ""),
        ] {
            assert_eq!((per_unit(per, Lang::Zh).as_str(), per_unit(per, Lang::En).as_str()), (zh, en), "{per}");
        }
        assert_eq!(unit("CO2e", "kW.h", Lang::En), "kg\u{202f}CO₂e/kWh");
    }

    #[test]
    fn numbers_in_print() {
        for (number, set) in [(0, "0"), (1234, "1234"), (12345, "12\u{202f}345"), (1_234_567, "1\u{202f}234\u{202f}567")] {
            assert_eq!(count(number), set);
        }
        for (bytes, set) in [(999, "999\u{202f}B"), (74_659, "74.6\u{202f}kB"), (2_500_000_000, "2.5\u{202f}GB")] {
            assert_eq!(size(bytes), set);
        }
        assert_eq!((day("2024-12-20T08:00:00Z"), day("2024")), ("2024-12-20", "2024"));
    }
}
