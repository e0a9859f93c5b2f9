//! From exact numbers to places on a drawing.
//!
//! Ranges and the numbers beside an axis are exact; only the place of a mark passes through a float, inside the plotting library.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

use crate::factor::Decimal;
use crate::factor::exact::{to_json_number, to_plain_decimal};

/// An exact number and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The number.
    pub exact: BigRational,
    /// As it is shown.
    pub text: String,
}

impl Number {
    /// A number that was computed exactly.
    pub fn computed(exact: BigRational) -> Self {
        let text = to_json_number(&exact);
        Self { exact, text }
    }

    /// A count.
    pub fn count(count: usize) -> Self {
        Self { exact: whole(count), text: count.to_string() }
    }

    /// Rounded to so many digits behind the point, half away from zero; the number itself stays exact.
    pub fn rounded(exact: BigRational, digits: u32) -> Self {
        let text = round(&exact, digits);
        Self { exact, text }
    }
}

impl From<&Decimal> for Number {
    fn from(decimal: &Decimal) -> Self {
        Self { exact: decimal.to_rational(), text: decimal.to_string() }
    }
}

/// A rational with so many digits behind the point, half away from zero; zeros at the end stay, since they say how exact it is.
pub(super) fn round(exact: &BigRational, digits: u32) -> String {
    let scaled = (exact * BigRational::from(BigInt::from(10).pow(digits))).round().to_integer();
    let width = usize::try_from(digits).unwrap_or(0) + 1;
    let text = format!("{:0>width$}", scaled.magnitude().to_string());
    let (whole, part) = text.split_at(text.len() + 1 - width);
    let sign = if scaled.is_negative() { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// A whole number as a rational.
pub(super) fn whole(number: usize) -> BigRational {
    BigRational::from(BigInt::from(number))
}

/// A line of numbers along one side of a drawing.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    low: BigRational,
    high: BigRational,
    pixels: (i32, i32),
    step: BigRational,
}

impl Scale {
    /// A scale over all of these, with about `parts` parts, whose ends are round numbers; `zero` says whether zero is on it.
    pub(super) fn over<'a>(numbers: impl IntoIterator<Item = &'a BigRational>, zero: bool, parts: usize, pixels: (i32, i32)) -> Self {
        let mut bounds: Option<(BigRational, BigRational)> = zero.then(|| (BigRational::zero(), BigRational::zero()));
        for number in numbers {
            bounds = Some(match bounds {
                None => (number.clone(), number.clone()),
                Some((low, high)) => (low.min(number.clone()), high.max(number.clone())),
            });
        }
        let (mut low, mut high) = bounds.unwrap_or_else(|| (BigRational::zero(), BigRational::one()));
        if low == high {
            // one number alone: some room on both sides, or from zero
            let room = if low.is_zero() { BigRational::one() } else { low.abs() / whole(10) };
            (low, high) = (&low - &room, &high + &room);
        }
        let step = nice(&((&high - &low) / whole(parts.max(1))));
        let low = (&low / &step).floor() * &step;
        let high = (&high / &step).ceil() * &step;
        Self { low, high, pixels, step }
    }

    /// The same with its ends where they are given.
    pub(super) fn between(low: BigRational, high: BigRational, parts: usize, pixels: (i32, i32)) -> Self {
        let step = nice(&((&high - &low) / whole(parts.max(1))));
        Self { low, high, pixels, step }
    }

    /// Where a number stands.
    pub(super) fn at(&self, number: &BigRational) -> i32 {
        let place = |number: &BigRational| number.to_f64().unwrap_or_default();
        let range = RangedCoordf64::from(place(&self.low)..place(&self.high));
        range.map(&place(number), self.pixels)
    }

    /// Its ends.
    pub(super) fn ends(&self) -> (&BigRational, &BigRational) {
        (&self.low, &self.high)
    }

    /// Its round numbers, in order, as they are written and where.
    pub(super) fn ticks(&self) -> Vec<(String, i32)> {
        let mut ticks = Vec::new();
        let mut own = (&self.low / &self.step).ceil() * &self.step;
        while own <= self.high && ticks.len() < 100 {
            ticks.push((to_plain_decimal(&own).unwrap_or_else(|| to_json_number(&own)), self.at(&own)));
            own += &self.step;
        }
        // all with as many digits as the longest, so that points stand above one another
        let digits = |text: &str| text.split_once('.').map_or(0, |(_, part)| part.len());
        let most = ticks.iter().map(|(text, _)| digits(text)).max().unwrap_or(0);
        for (text, _) in &mut ticks {
            let own = digits(text);
            if most > 0 && own < most {
                let point = if own == 0 { "." } else { "" };
                text.push_str(point);
                text.push_str(&"0".repeat(most - own));
            }
        }
        ticks
    }
}

/// The round number (1, 2 or 5 times a power of ten) that is not below a positive one.
pub(super) fn nice(number: &BigRational) -> BigRational {
    if !number.is_positive() {
        return BigRational::one();
    }
    let power = power_of_ten(number);
    let fits = [1usize, 2, 5, 10].into_iter().map(|times| &power * whole(times));
    fits.clone().find(|own| own >= number).unwrap_or_else(|| &power * whole(10))
}

/// The power of ten that is not above a positive number, and is no ten times smaller.
pub(super) fn power_of_ten(number: &BigRational) -> BigRational {
    let ten = whole(10);
    let mut power = BigRational::one();
    while &power * &ten <= *number {
        power *= &ten;
    }
    while power > *number {
        power /= &ten;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> BigRational {
        text.parse::<Decimal>().unwrap().to_rational()
    }

    #[test]
    fn round_numbers() {
        for (given, wanted) in [("0.13", "0.2"), ("1", "1"), ("0.021", "0.05"), ("7", "10"), ("5", "5"), ("1234", "2000")] {
            assert_eq!(nice(&exact(given)), exact(wanted), "{given}");
        }
        assert_eq!(nice(&exact("0")), exact("1"));
    }

    #[test]
    fn scales_hold_their_numbers() {
        let scale = Scale::over([&exact("0.0721"), &exact("0.7800")], true, 4, (100, 500));
        assert_eq!((scale.at(&exact("0")), scale.at(&exact("0.8"))), (100, 500));
        assert_eq!(scale.ticks().iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), ["0.0", "0.2", "0.4", "0.6", "0.8"]);
        let one = Scale::over([&exact("5")], false, 4, (0, 100));
        assert!(one.ends().0 < &exact("5") && one.ends().1 > &exact("5"));
        let below = Scale::over([&exact("-3.2"), &exact("1")], true, 5, (0, 100));
        assert!(below.at(&exact("0")) > 0 && below.ticks().len() <= 8);
        assert!(!Scale::over([], false, 4, (0, 100)).ticks().is_empty());
        let huge = Scale::over([&exact("9999999999999999999999999999999999")], true, 4, (0, 100));
        assert!(huge.at(&exact("9999999999999999999999999999999999")) > 50);
    }

    #[test]
    fn rounding_is_shown_and_nothing_else() {
        let third = BigRational::new(100.into(), 3.into());
        assert_eq!(Number::rounded(third.clone(), 1).text, "33.3");
        assert_eq!(Number::rounded(-third.clone(), 1).text, "-33.3");
        assert_eq!(Number::rounded(exact("-3.96"), 1).text, "-4.0");
        assert_eq!([Number::rounded(exact("-0.01"), 1).text, Number::rounded(exact("0.5"), 0).text], ["0.0", "1"]);
        assert_eq!(Number::rounded(third.clone(), 1).exact, third);
    }
}
