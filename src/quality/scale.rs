//! Logarithms of amounts as whole numbers: to rank and compare, never to give a value.

use crate::factor::Decimal;

/// Units of a logarithm to base ten: 2^20 to one.
pub(super) const ONE: i64 = 1 << FRACTION_BITS;

const FRACTION_BITS: u32 = 20;

/// Digits of an amount that its logarithm is computed from.
const DIGITS: usize = 18;

/// 10^18: a mantissa of one.
const UNIT: u64 = 1_000_000_000_000_000_000;

const BILLION: u64 = 1_000_000_000;

/// The logarithm to base ten of the size of an amount, in units of 2^-20; none of zero.
///
/// Bit by bit: the mantissa is squared, and what reaches ten gives a one. Whole numbers alone, so every machine gives the same.
pub(super) fn log10(amount: &Decimal) -> Option<i64> {
    let text = amount.as_str().trim_start_matches('-');
    let whole = text.find('.').unwrap_or(text.len());
    let digits = || text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0');
    let first = digits().position(|digit| digit != 0)?;
    let leading = digits().skip(first).chain(std::iter::repeat(0)).take(DIGITS + 1);
    let mut mantissa = leading.fold(0, |number: u64, digit| number * 10 + u64::from(digit));
    let exponent = i64::try_from(whole).ok()? - 1 - i64::try_from(first).ok()?;
    let mut fraction: i64 = 0;
    for _ in 0..FRACTION_BITS {
        fraction *= 2;
        let (squared, carried) = square(mantissa);
        mantissa = squared;
        fraction += i64::from(carried);
    }
    Some(exponent * ONE + fraction)
}

/// The square of a mantissa (from one to below ten), brought below ten again; says whether it had to be.
///
/// Both divisions are cut off, the one by [`UNIT`] and the one by ten. Divided in two steps by a billion each, everything but the
/// largest part stays within 64 bits.
fn square(mantissa: u64) -> (u64, bool) {
    let (high, low) = (mantissa / BILLION, mantissa % BILLION);
    // high² · 10^18 + 2 · high · low · 10^9 + low², over 10^18
    let mixed = high * low;
    let rest = 2 * (mixed / BILLION) + (2 * (mixed % BILLION) + low * low / BILLION) / BILLION;
    let whole = u128::from(high) * u128::from(high) + u128::from(rest);
    match u64::try_from(whole) {
        Ok(whole) if whole < 10 * UNIT => (whole, false),
        // a hundred units at most: the last digits are parted off, so that ten times them fits
        _ => {
            let upper = u64::try_from(whole >> 32).unwrap_or(u64::MAX);
            let lower = u64::try_from(whole & 0xffff_ffff).unwrap_or(0);
            (((upper / 10) << 32) + (((upper % 10) << 32) | lower) / 10, true)
        }
    }
}

/// How many digits of an amount count: its leading and trailing zeros do not.
pub(super) fn telling_digits(amount: &Decimal) -> usize {
    let (mut seen, mut telling) = (0, 0);
    for digit in amount.shortest().bytes().filter(u8::is_ascii_digit) {
        seen += usize::from(seen > 0 || digit != b'0');
        if digit != b'0' {
            telling = seen;
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(text: &str) -> Option<i64> {
        log10(&text.parse().unwrap())
    }

    #[test]
    fn powers_of_ten_and_two() {
        assert_eq!(log("0"), None);
        assert_eq!((log("1"), log("10"), log("0.001"), log("-1000.0")), (Some(0), Some(ONE), Some(-3 * ONE), Some(3 * ONE)));
        let two = log("2").unwrap();
        assert!((two - 315_652).abs() <= 1, "0.30103 of 2^20 is 315652: {two}");
        for (text, digits) in [("0.5200", 2), ("1000", 1), ("0.0503", 3), ("0", 0), ("12.50", 3)] {
            assert_eq!(telling_digits(&text.parse().unwrap()), digits, "{text}");
        }
    }

    proptest! {
        #[test]
        fn squares_are_those_of_long_division(mantissa in UNIT..10 * UNIT) {
            for mantissa in [mantissa, UNIT, 10 * UNIT - 1, 3_162_277_660_168_379_331, 3_162_277_660_168_379_332, mantissa / BILLION * BILLION] {
                let whole = u128::from(mantissa) * u128::from(mantissa) / u128::from(UNIT);
                let carried = whole >= u128::from(10 * UNIT);
                prop_assert_eq!(square(mantissa), (u64::try_from(if carried { whole / 10 } else { whole }).unwrap(), carried));
            }
        }

        #[test]
        fn digits_are_told_as_their_text_says(text in "-?(0|[1-9][0-9]{0,6})([.][0-9]{1,8})?") {
            prop_assume!(text.parse::<Decimal>().is_ok());
            let amount: Decimal = text.parse().unwrap();
            let digits: String = amount.shortest().chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(telling_digits(&amount), digits.trim_start_matches('0').trim_end_matches('0').len());
        }

        #[allow(clippy::float_arithmetic, reason = "held against the machine's own logarithm")]
        #[test]
        fn it_is_the_logarithm(number in 1u64..1_000_000_000_000, places in 0u32..20) {
            let text = format!("{number:021}");
            let (whole, part) = text.split_at(21 - usize::try_from(places).unwrap());
            let trimmed = whole.trim_start_matches('0');
            let whole = if trimmed.is_empty() { "0" } else { trimmed };
            let decimal = if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") };
            let expected = (number as f64).log10() - f64::from(places);
            let found = log(&decimal).unwrap() as f64 / ONE as f64;
            prop_assert!((found - expected).abs() < 0.00001, "{decimal}: {found} {expected}");
        }
    }
}
