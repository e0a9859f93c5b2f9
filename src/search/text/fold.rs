//! Texts as they are compared: one form for what differs in writing and not in meaning.
//!
//! Full-width and half-width, capital and small letters, superscripts, accents, and traditional and simplified characters are one.
//! Each character is folded by itself, so that a text and a part of it fold alike.

use std::borrow::Cow;
use std::sync::LazyLock;

/// The first and last code point of the unified ideographs that have simplified forms.
const IDEOGRAPHS: (u32, u32) = (0x3400, 0x9fff);

/// The simplified form of each of them.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let simplified = |c: char| {
        let text = hanconv::t2s(c.to_string());
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none()).unwrap_or(c)
    };
    (IDEOGRAPHS.0..=IDEOGRAPHS.1).filter_map(char::from_u32).map(simplified).collect()
});

/// Letters with what they are folded to; a letter stands in one line.
const LETTERS: [(&str, &str); 34] = [
    ("àáâãäåāăąǎ", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľł", "l"),
    ("ñńņňŋ", "n"),
    ("òóôõöøōŏőǒ", "o"),
    ("ŕŗř", "r"),
    ("śŝşš", "s"),
    ("ţťŧ", "t"),
    ("ùúûüũūŭůűųǔ", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("þ", "th"),
    ("ß", "ss"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ﬁ", "fi"),
    ("ﬂ", "fl"),
    ("㎏", "kg"),
    ("㎞", "km"),
    ("㎡", "m2"),
    ("㎥", "m3"),
    ("㎎", "mg"),
    ("㎾", "kw"),
    ("℃", "c"),
    ("µ", "μ"),
    ("’‘`´", "'"),
];

/// Digits above and below the line, in order.
const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const LOWERED: &str = "₀₁₂₃₄₅₆₇₈₉";

/// Whether a character is a Chinese one.
pub fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3005 | 0x3007 | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
}

/// Marks that stand with a letter, and what has no width.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x300..=0x36f | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfe00..=0xfe0f | 0xfeff)
}

fn digit(c: char) -> Option<char> {
    let place = |digits: &str| digits.chars().position(|own| own == c);
    let value = place(RAISED).or_else(|| place(LOWERED))?;
    char::from_digit(u32::try_from(value).ok()?, 10)
}

fn put(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
        return;
    }
    let code = u32::from(c);
    match code {
        0xff01..=0xff5e => return out.extend(char::from_u32(code - 0xfee0).map(|c| c.to_ascii_lowercase())),
        0x3000 | 0xa0 => return out.push(' '),
        _ => {}
    }
    if is_han(c) {
        let place = code.checked_sub(IDEOGRAPHS.0).and_then(|place| usize::try_from(place).ok());
        return out.push(place.and_then(|place| SIMPLIFIED.get(place)).copied().unwrap_or(c));
    }
    if is_mark(c) {
        return;
    }
    if let Some(digit) = digit(c) {
        return out.push(digit);
    }
    for lower in c.to_lowercase().filter(|lower| !is_mark(*lower)) {
        match LETTERS.iter().find(|(own, _)| own.contains(lower)) {
            Some((_, plain)) => out.push_str(plain),
            None => out.push(lower),
        }
    }
}

/// Folds a text.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| put(c, &mut out));
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_the_same_is_one() {
        let table = [
            ("ＣＯ２", "co2"),
            ("CO₂", "co2"),
            ("m³", "m3"),
            ("Électricité", "electricite"),
            ("E\u{301}lectricite\u{301}", "electricite"),
            ("Türkiye", "turkiye"),
            ("İzmir", "izmir"),
            ("電力排放因子", "电力排放因子"),
            ("臺灣", "台湾"),
            ("鋁", "铝"),
            ("天然氣", "天然气"),
            ("原铝", "原铝"),
            ("50 %", "50 %"),
            ("\u{301}\u{200b}", ""),
            ("🎉", "🎉"),
        ];
        for (text, folded) in table {
            assert_eq!(fold(text), folded, "{text}");
            assert_eq!(fold(&fold(text)), folded, "{text} twice");
        }
    }

    #[test]
    fn a_part_folds_as_within_the_whole() {
        for text in ["無煙煤與鋼鐵生產", "乾燥後著色", "Straße de l’Été"] {
            let parts: String = text.chars().map(|c| fold(&c.to_string()).into_owned()).collect();
            assert_eq!(fold(text), parts);
        }
    }
}
