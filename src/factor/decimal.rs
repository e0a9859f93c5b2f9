//! Decimals whose written form is kept: `0.5200` stays `0.5200`.
//!
//! A value never passes through binary floating point between the source's
//! cell and the canonical line, so a decimal is its text plus a proof that the
//! text has the one permitted form.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most significant digits a decimal may have (those of IEEE 754 decimal128).
pub const MAX_SIGNIFICANT_DIGITS: usize = 34;

/// The longest text of a decimal: 34 digits behind a long run of leading zeros.
const MAX_TEXT_BYTES: usize = 100;

/// An exact decimal number in its written form.
///
/// The form is `-?(0|[1-9][0-9]*)(\.[0-9]+)?` with at most
/// [`MAX_SIGNIFICANT_DIGITS`] significant digits; trailing zeros count, because
/// they say how precisely a figure was published. Two decimals are `==` when
/// they are written alike; [`Decimal::same_number`] compares numerically.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

/// What is wrong with a text that should be a decimal, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Nothing is written.
    #[error("is empty: write a decimal number such as 0.5366")]
    Empty,
    /// A comma where a point belongs, or groups of thousands.
    #[error(
        "`{0}` holds a comma: write a point for decimals and no thousands separator (0.5366, 5366.1); it is not guessed which of the two the comma means"
    )]
    Comma(String),
    /// A bound such as `< 1`.
    #[error("`{0}` is a bound, not a number: a factor needs one value (give the bounds as `uncertainty` range:LOW..HIGH)")]
    Bound(String),
    /// `NaN`, `inf` and the like.
    #[error("`{0}` is not a finite number: leave the row out if the source gives no value")]
    NotFinite(String),
    /// An exponent.
    #[error("`{0}` has an exponent: write it out in plain digits")]
    Exponent(String),
    /// A leading `+`.
    #[error("`{0}` has a plus sign: write the digits alone")]
    Plus(String),
    /// `-0`, which no source means.
    #[error("`{0}` is a negative zero: write 0")]
    NegativeZero(String),
    /// `007`, `.5`, `5.`.
    #[error("`{0}` lacks or repeats a digit around the point or begins with spare zeros: write 0.5 or 5")]
    Shape(String),
    /// Blanks within or around.
    #[error("`{0}` holds a blank: write the digits alone")]
    Blank(String),
    /// Too many digits.
    #[error("`{text}` has {digits} significant digits: at most 34 are kept exactly")]
    TooLong {
        /// The text, cut at forty characters.
        text: String,
        /// How many significant digits it has.
        digits: usize,
    },
    /// Anything else.
    #[error("`{0}` is not a decimal number: write digits with a point, such as 0.5366")]
    NotANumber(String),
}

impl Decimal {
    /// The decimal as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact rational number that it stands for.
    pub fn to_rational(&self) -> BigRational {
        if let Some((negative, digits, scale)) = self.small() {
            let digits = if negative { -BigInt::from(digits) } else { BigInt::from(digits) };
            return BigRational::new(digits, BigInt::from(10).pow(scale));
        }
        let scale = self.scale();
        let digits: String = self.0.chars().filter(|c| *c != '.').collect();
        let numerator = digits.parse::<BigInt>().unwrap_or_default();
        BigRational::new(numerator, BigInt::from(10).pow(scale))
    }

    /// Whether it is below zero, its digits without the point, and how many stand behind the point; nothing for very long ones.
    pub fn small(&self) -> Option<(bool, u64, u32)> {
        let unsigned = self.0.strip_prefix('-').unwrap_or(&self.0);
        let digits = unsigned.bytes().filter(u8::is_ascii_digit);
        let number = digits.take(20).try_fold(0_u64, |number, digit| number.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
        (unsigned.len() <= 19).then(|| (self.is_negative(), number, self.scale()))
    }

    /// How many digits stand behind the point.
    pub fn scale(&self) -> u32 {
        let behind = self.0.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        u32::try_from(behind).unwrap_or(u32::MAX)
    }

    /// Half a unit in the last written place: how far rounding can have moved it.
    pub fn rounding_error(&self) -> BigRational {
        BigRational::new(BigInt::from(1), BigInt::from(2) * BigInt::from(10).pow(self.scale()))
    }

    /// Whether both stand for the same number, however they are written.
    pub fn same_number(&self, other: &Self) -> bool {
        self.shortest() == other.shortest()
    }

    /// Whether the number is below zero.
    pub fn is_negative(&self) -> bool {
        self.0.starts_with('-')
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.shortest() == "0"
    }

    /// The text without trailing zeros behind the point.
    pub fn shortest(&self) -> &str {
        if self.0.contains('.') { self.0.trim_end_matches('0').trim_end_matches('.') } else { &self.0 }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let well_formed = digits(whole) && fraction.is_none_or(digits) && (whole.len() == 1 || !whole.starts_with('0'));
        if !well_formed {
            return Err(diagnose(text));
        }
        let significant = unsigned.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
        if significant > MAX_SIGNIFICANT_DIGITS || text.len() > MAX_TEXT_BYTES {
            return Err(DecimalError::TooLong { text: cut(text), digits: significant.max(MAX_SIGNIFICANT_DIGITS + 1) });
        }
        if significant == 0 && text.starts_with('-') {
            return Err(DecimalError::NegativeZero(cut(text)));
        }
        Ok(Self(text.into()))
    }
}

/// Names the most likely reason why a text is not a decimal.
fn diagnose(text: &str) -> DecimalError {
    let shown = cut(text);
    let lower = text.trim().to_ascii_lowercase();
    let starts = |options: &[&str]| options.iter().any(|option| lower.starts_with(option));
    let number_like =
        lower.chars().all(|c| c.is_ascii_digit() || ".,-+ e\u{a0}'\u{202f}".contains(c)) && lower.bytes().any(|b| b.is_ascii_digit());
    if lower.is_empty() {
        DecimalError::Empty
    } else if starts(&["<", ">", "≤", "≥", "~"]) {
        DecimalError::Bound(shown)
    } else if matches!(lower.trim_start_matches(['-', '+']), "nan" | "inf" | "infinity" | "∞") {
        DecimalError::NotFinite(shown)
    } else if !number_like {
        DecimalError::NotANumber(shown)
    } else if lower.contains(',') {
        DecimalError::Comma(shown)
    } else if lower.contains('e') {
        DecimalError::Exponent(shown)
    } else if lower.starts_with('+') {
        DecimalError::Plus(shown)
    } else if text.contains([' ', '\u{a0}', '\u{202f}', '\t', '\n', '\r']) {
        DecimalError::Blank(shown)
    } else {
        DecimalError::Shape(shown)
    }
}

/// The first forty characters, so that a hostile cell does not fill a report.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_written_form_is_kept() {
        for text in ["0.5200", "0", "0.000", "-12.5", "1234567890123456789012345678901234", "0.00000000000000000001"] {
            assert_eq!(text.parse::<Decimal>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn each_wrong_text_says_why() {
        use DecimalError as E;
        type Diagnosis = fn(String) -> DecimalError;
        let table: [(&str, Diagnosis); 20] = [
            ("0,5366", E::Comma),
            ("5,366.1", E::Comma),
            ("1.234,5", E::Comma),
            ("< 1", E::Bound),
            (">2", E::Bound),
            ("NaN", E::NotFinite),
            ("-inf", E::NotFinite),
            ("1e400", E::Exponent),
            ("3.68E-1", E::Exponent),
            ("+1", E::Plus),
            ("-0.0", E::NegativeZero),
            ("007", E::Shape),
            (".5", E::Shape),
            ("5.", E::Shape),
            ("1.2.3", E::Shape),
            (" 1", E::Blank),
            ("1 000", E::Blank),
            ("abc", E::NotANumber),
            ("0x10", E::NotANumber),
            ("１２", E::NotANumber),
        ];
        for (text, error) in table {
            assert_eq!(text.parse::<Decimal>().unwrap_err(), error(text.to_owned()), "{text}");
        }
        assert_eq!("".parse::<Decimal>().unwrap_err(), E::Empty);
    }

    #[test]
    fn thirty_five_digits_are_one_too_many() {
        let error = "12345678901234567890123456789012345".parse::<Decimal>().unwrap_err();
        assert!(matches!(error, DecimalError::TooLong { digits: 35, .. }));
        assert!("0.12345678901234567890123456789012345".parse::<Decimal>().is_err());
        assert!(format!("0.{}1", "0".repeat(200)).parse::<Decimal>().is_err());
    }

    #[test]
    fn numbers_compare_apart_from_their_writing() {
        let same = |a: &str, b: &str| a.parse::<Decimal>().unwrap().same_number(&b.parse().unwrap());
        assert!(same("0.52", "0.5200"));
        assert!(same("5", "5.0"));
        assert!(same("0", "0.000"));
        assert!(!same("50", "5"));
        assert!(!same("0.5", "-0.5"));
    }

    proptest! {
        #[test]
        fn every_decimal_prints_back_as_written(text in "-?(0|[1-9][0-9]{0,15})\\.[0-9]{1,17}") {
            prop_assume!(text.bytes().any(|b| (b'1'..=b'9').contains(&b)));
            prop_assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }

        #[test]
        fn same_number_is_equality_of_rationals(a in "[0-9]\\.[0-9]{1,3}", b in "[0-9]\\.[0-9]{1,3}") {
            let (a, b): (Decimal, Decimal) = (a.parse().unwrap(), b.parse().unwrap());
            prop_assert_eq!(a.same_number(&b), a.to_rational() == b.to_rational());
        }

        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = text.parse::<Decimal>();
        }
    }
}
