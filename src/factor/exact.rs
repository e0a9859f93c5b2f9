//! Exact arithmetic for computed answers: rationals, rounded once at the end.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::Decimal;

/// Significant digits of a computed JSON number: enough to name any double.
const SIGNIFICANT_DIGITS: u32 = 17;

/// A rational as a JSON number of at most 17 significant digits, rounded half to even once.
///
/// Trailing zeros are dropped; numbers outside 1e-6 … 1e21 get an exponent, as
/// ECMAScript writes them.
pub fn to_json_number(value: &BigRational) -> String {
    if value.is_zero() {
        return "0".to_owned();
    }
    let (digits, exponent) = match short_digits(value) {
        Some(short) => short,
        None => round(&value.abs()),
    };
    let sign = if value.is_negative() { "-" } else { "" };
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    format!("{sign}{}", place_point(digits, exponent))
}

/// A decimal as [`to_json_number`] gives it, where its digits already stand so: no more than 17, and no exponent.
pub fn plain_json_number(decimal: &str) -> Option<&str> {
    let shortest = if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal };
    let digits = shortest.strip_prefix('-').unwrap_or(shortest);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let zeros = fraction.bytes().take_while(|digit| *digit == b'0').count();
    let written = if whole == "0" { fraction.len() - zeros } else { whole.len() + fraction.len() };
    let most = usize::try_from(SIGNIFICANT_DIGITS).unwrap_or(0);
    let plain = written <= most && whole.len() <= most && (whole != "0" || zeros < 6) && digits != "0";
    let sound = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (plain && sound).then_some(shortest)
}

/// A rational as `n` or `n/d` in lowest terms.
pub fn to_fraction(value: &BigRational) -> String {
    if value.denom().is_one() { value.numer().to_string() } else { format!("{}/{}", value.numer(), value.denom()) }
}

/// A rational with a finite decimal expansion as a plain decimal, else `None`.
pub fn to_plain_decimal(value: &BigRational) -> Option<String> {
    let mut denominator = value.denom().clone();
    let mut scale = 0u32;
    let (mut twos, mut fives) = (0u32, 0u32);
    while (&denominator % 2u32).is_zero() {
        denominator /= 2u32;
        twos += 1;
    }
    while (&denominator % 5u32).is_zero() {
        denominator /= 5u32;
        fives += 1;
    }
    if !denominator.is_one() {
        return None;
    }
    scale += twos.max(fives);
    let scaled = (value.abs() * BigRational::from(BigInt::from(10).pow(scale))).to_integer().to_string();
    let width = usize::try_from(scale).unwrap_or(0) + 1;
    let padded = format!("{scaled:0>width$}");
    let (whole, fraction) = padded.split_at(padded.len() - (width - 1));
    let sign = if value.is_negative() { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// All digits of a rational and the power of ten of the first, where they are no more than 17 and small numbers give them.
fn short_digits(value: &BigRational) -> Option<(String, i64)> {
    let (numerator, denominator) = (value.numer().magnitude().to_u128()?, value.denom().to_u64()?);
    let (twos, mut rest) = (denominator.trailing_zeros(), denominator >> denominator.trailing_zeros());
    let mut fives = 0;
    while rest % 5 == 0 {
        (rest, fives) = (rest / 5, fives + 1);
    }
    let scale = twos.max(fives);
    let power = 10u128.checked_pow(scale).filter(|_| rest == 1)?;
    let digits = numerator.checked_mul(power / u128::from(denominator))?.to_string();
    let shortest = digits.trim_end_matches('0').len();
    let exponent = i64::try_from(digits.len()).ok()? - 1 - i64::from(scale);
    (shortest <= usize::try_from(SIGNIFICANT_DIGITS).ok()?).then_some((digits, exponent))
}

/// A number that many decimals are compared with.
#[derive(Debug, Clone)]
pub struct Mark {
    exact: BigRational,
    /// Numerator and denominator, where both are small.
    small: Option<(u64, u64)>,
}

impl Mark {
    /// Of a number.
    pub fn new(exact: BigRational) -> Self {
        let small = exact.numer().to_u64().zip(exact.denom().to_u64());
        Self { exact, small }
    }

    /// How the size of an amount, whatever its sign, stands to the number.
    pub fn compare_size(&self, amount: &Decimal) -> Ordering {
        let quick = || {
            let ((above, below), (_, digits, scale)) = (self.small?, amount.small()?);
            let own = u128::from(above).checked_mul(10_u128.checked_pow(scale)?)?;
            Some((u128::from(digits) * u128::from(below)).cmp(&own))
        };
        quick().unwrap_or_else(|| amount.to_rational().abs().cmp(&self.exact))
    }
}

/// The 17 leading digits of a positive rational and the power of ten of the first.
fn round(value: &BigRational) -> (String, i64) {
    let ten = BigInt::from(10);
    let power = |n: i64| ten.pow(u32::try_from(n.max(0)).unwrap_or(u32::MAX));
    // numerator and denominator of value / 10^exponent, as whole numbers that need no lowest terms
    let over = |exponent: i64| (value.numer() * power(-exponent), value.denom() * power(exponent));
    let mut exponent = decimal_length(value.numer()) - decimal_length(value.denom());
    loop {
        let (above, below) = over(exponent);
        if above >= below {
            break;
        }
        exponent -= 1;
    }
    let (above, below) = over(exponent - (i64::from(SIGNIFICANT_DIGITS) - 1));
    let rounded = half_even(&above, &below).to_string();
    let grown = i64::try_from(rounded.len()).unwrap_or(0) - i64::from(SIGNIFICANT_DIGITS);
    (rounded, exponent + grown)
}

fn decimal_length(value: &BigInt) -> i64 {
    i64::try_from(value.to_string().trim_start_matches('-').len()).unwrap_or(0)
}

/// A positive quotient rounded to a whole number; a tie goes to the even one.
fn half_even(above: &BigInt, below: &BigInt) -> BigInt {
    let floor = above / below;
    let rest = above - &floor * below;
    let up = match (rest * 2u32).cmp(below) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => !(&floor % 2u32).is_zero(),
    };
    if up { floor + 1u32 } else { floor }
}

fn place_point(digits: &str, exponent: i64) -> String {
    let length = i64::try_from(digits.len()).unwrap_or(0);
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    match exponent {
        0..21 if length <= exponent + 1 => format!("{digits}{}", zeros(exponent + 1 - length)),
        0..21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(exponent + 1).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
        -6..0 => format!("0.{}{digits}", zeros(-exponent - 1)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{exponent}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ratio(numerator: i64, denominator: i64) -> BigRational {
        BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
    }

    #[test]
    fn rounds_once_to_seventeen_digits() {
        let table = [
            (ratio(5153, 10000), "0.5153"),
            (ratio(5153, 36000), "0.14313888888888889"),
            (ratio(1, 3), "0.33333333333333333"),
            (ratio(2, 3), "0.66666666666666667"),
            (ratio(561_545, 10), "56154.5"),
            (ratio(-5, 2), "-2.5"),
            (ratio(0, 7), "0"),
            (ratio(1, 1_000_000), "0.000001"),
            (ratio(1, 10_000_000), "1e-7"),
            (ratio(1_000_000, 1), "1000000"),
        ];
        for (value, text) in table {
            assert_eq!(to_json_number(&value), text);
        }
        let nines = BigRational::new(BigInt::from(10).pow(20) - 1, BigInt::from(10).pow(20));
        assert_eq!(to_json_number(&nines), "1");
        assert_eq!(to_json_number(&BigRational::from(BigInt::from(10).pow(30))), "1e30");
    }

    proptest! {
        #[test]
        fn what_stands_plain_is_what_would_be_computed(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,22})?") {
            if let (Ok(decimal), Some(plain)) = (text.parse::<crate::factor::Decimal>(), plain_json_number(&text)) {
                prop_assert_eq!(plain, to_json_number(&decimal.to_rational()));
            }
        }
    }

    proptest! {
        #[test]
        fn short_digits_are_those_of_rounding(numerator in 1u64.., twos in 0u32..20, fives in 0u32..20, odd in 1u64..8) {
            let denominator = BigInt::from(2).pow(twos) * BigInt::from(5).pow(fives) * BigInt::from(odd);
            let value = BigRational::new(BigInt::from(numerator), denominator);
            if let Some((digits, exponent)) = short_digits(&value) {
                let (rounded, power) = round(&value);
                prop_assert_eq!((digits.trim_end_matches('0'), exponent), (rounded.trim_end_matches('0'), power));
            }
        }
    }

    #[test]
    fn most_decimals_stand_plain() {
        for (text, plain) in
            [("0.5153", "0.5153"), ("0.5200", "0.52"), ("56154.50", "56154.5"), ("100", "100"), ("-2.5", "-2.5"), ("0.000001", "0.000001")]
        {
            assert_eq!(plain_json_number(text), Some(plain));
        }
        for text in ["0", "0.0", "0.0000001", "123456789012345678", "0.123456789012345678", "100000000000000000000"] {
            assert_eq!(plain_json_number(text), None, "{text}");
        }
    }

    #[test]
    fn ties_go_to_the_even_digit() {
        let tie = |text: &str| BigRational::new(text.parse().unwrap(), BigInt::from(10));
        assert_eq!(to_json_number(&tie("123456789012345665")), "12345678901234566");
        assert_eq!(to_json_number(&tie("123456789012345675")), "12345678901234568");
    }

    #[test]
    fn fractions_and_plain_decimals() {
        assert_eq!(to_fraction(&ratio(10, 36)), "5/18");
        assert_eq!(to_fraction(&ratio(4, 2)), "2");
        assert_eq!(to_plain_decimal(&ratio(561_545, 10)).as_deref(), Some("56154.5"));
        assert_eq!(to_plain_decimal(&ratio(-1, 8)).as_deref(), Some("-0.125"));
        assert_eq!(to_plain_decimal(&ratio(1, 3)), None);
    }

    proptest! {
        #[test]
        fn a_mark_compares_exactly(n: i64, d in 1i64.., text in "-?(0|[1-9][0-9]{0,21})([.][0-9]{1,24})?") {
            prop_assume!(text.parse::<Decimal>().is_ok());
            let amount: Decimal = text.parse().unwrap();
            for exact in [ratio(n, d), ratio(n.saturating_abs(), d), ratio(n, 1), amount.to_rational().abs(), ratio(n, d) * ratio(n, d)] {
                prop_assert_eq!(Mark::new(exact.clone()).compare_size(&amount), amount.to_rational().abs().cmp(&exact));
            }
        }

        #[test]
        fn doubles_read_back_near_the_rational(n in 1i64..1_000_000_000, d in 1i64..1_000_000_000) {
            let text = to_json_number(&ratio(n, d));
            let double: f64 = text.parse().unwrap();
            let exact = BigRational::from_float(double).unwrap();
            let error = ((exact - ratio(n, d)) / ratio(n, d)).abs();
            prop_assert!(error < BigRational::new(BigInt::one(), BigInt::from(10).pow(15)));
        }

        #[test]
        fn the_digits_are_the_nearest(n in 1i64.., d in 1i64.., power in -40i32..40) {
            let shift = BigRational::from(BigInt::from(10).pow(power.unsigned_abs()));
            let value = if power < 0 { ratio(n, d) / shift } else { ratio(n, d) * shift };
            let (digits, exponent) = round(&value);
            let unit = |exponent: i64| {
                let size = BigRational::from(BigInt::from(10).pow(u32::try_from(exponent.unsigned_abs()).unwrap()));
                if exponent < 0 { size.recip() } else { size }
            };
            let last = unit(exponent + 1 - i64::try_from(digits.len()).unwrap());
            let written = BigRational::from(digits.parse::<BigInt>().unwrap()) * &last;
            prop_assert!((written - &value).abs() * BigRational::from(BigInt::from(2)) <= last, "{digits} {exponent}");
            prop_assert!(digits.len() >= 17 && !digits.starts_with('0'));
        }

        #[test]
        fn short_decimals_come_back_as_they_are(n in 1i64..10_000_000, scale in 0u32..7) {
            let value = BigRational::new(BigInt::from(n), BigInt::from(10).pow(scale));
            prop_assert_eq!(to_plain_decimal(&value).unwrap(), to_json_number(&value));
        }
    }
}
