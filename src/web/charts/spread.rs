//! Where one number stands among others of its kind: dots where they are few, bars of counts where they are many.

use num_rational::BigRational;

use super::bars::axis;
use super::canvas::{Canvas, Side, width_of};
use super::pen::Ink;
use super::scale::{Scale, whole};
use super::{Cell, Chart, Number, Told};
use crate::factor::exact::to_plain_decimal;
use crate::web::Lang;

/// The most numbers that are dots.
const DOTS: usize = 60;
/// About how many bars there are.
const BINS: usize = 20;
const HEIGHT: i32 = 200;
const TOP: i32 = 40;
const BOTTOM: i32 = HEIGHT - 30;

/// Numbers, and the one that the chart is about.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    /// Every number with its name, the own one among them.
    pub numbers: Vec<(String, Number)>,
    /// Which one the chart is about.
    pub own: usize,
}

impl Spread {
    fn sorted(&self) -> Vec<&BigRational> {
        let mut all: Vec<&BigRational> = self.numbers.iter().map(|(_, number)| &number.exact).collect();
        all.sort();
        all
    }

    /// The number below or at which so many percent of all stand (nearest rank), as it is shown.
    pub fn quantile(&self, percent: usize) -> Option<&Number> {
        let mut all: Vec<&Number> = self.numbers.iter().map(|(_, number)| number).collect();
        all.sort_by(|a, b| a.exact.cmp(&b.exact));
        let rank = (all.len() * percent).div_ceil(100).max(1) - 1;
        all.get(rank).copied()
    }

    /// How many percent of the others are smaller, as a whole number.
    pub fn below(&self) -> usize {
        let Some((_, own)) = self.numbers.get(self.own) else { return 0 };
        let smaller = self.numbers.iter().filter(|(_, other)| other.exact < own.exact).count();
        (smaller * 100).checked_div(self.numbers.len().saturating_sub(1)).unwrap_or(0)
    }
}

/// The distribution, with the own number marked and the quartiles named.
pub fn spread_chart(told: Told, spread: &Spread, lang: Lang) -> Chart {
    let sorted = spread.sorted();
    let own = spread.numbers.get(spread.own);
    let median = spread.quantile(50);
    let chart = Chart::drawn(
        told.clone(),
        |_| HEIGHT,
        |canvas| {
            let scale = Scale::over(sorted.iter().copied(), false, 6, (18, canvas.width - 18));
            axis(canvas, &scale, BOTTOM, &told.unit);
            if let (Some(low), Some(high)) = (spread.quantile(25), spread.quantile(75)) {
                let words = lang.say("中间一半", "the middle half");
                canvas.told(&format!("{words}: {} – {}", low.text, high.text), |canvas| {
                    canvas.rect((scale.at(&low.exact), TOP), (scale.at(&high.exact), BOTTOM), Ink::Band);
                });
            }
            if spread.numbers.len() <= DOTS {
                dots(canvas, spread, &scale)
            } else {
                counts(canvas, &sorted, &scale)
            }
            if let Some(median) = median {
                let x = scale.at(&median.exact);
                canvas.line((x, TOP), (x, BOTTOM), Ink::Axis);
            }
            if let Some((name, number)) = own {
                let x = scale.at(&number.exact);
                canvas.told(&format!("{name}: {}", number.text), |canvas| {
                    canvas.rect((x - 1, TOP - 12), (x + 1, BOTTOM), Ink::Mark);
                    canvas.polygon(vec![(x - 6, TOP - 14), (x + 6, TOP - 14), (x, TOP - 5)], Ink::Mark);
                    let half = width_of(&number.text, 13) / 2;
                    canvas.text(&number.text, (x.clamp(half + 2, canvas.width - half - 2), TOP - 20), Side::Middle, Ink::Own);
                });
            }
        },
    );
    let heads = vec![lang.say("位置", "where"), super::bars::with_unit(&lang.say("数值", "value"), &told.unit)];
    let steps = [
        (0, "最小", "smallest"),
        (10, "P10", "P10"),
        (25, "P25", "P25"),
        (50, "中位数", "median"),
        (75, "P75", "P75"),
        (90, "P90", "P90"),
        (100, "最大", "largest"),
    ];
    let mut rows: Vec<Vec<Cell>> = steps
        .iter()
        .filter_map(|(percent, zh, en)| Some(vec![Cell::words(lang.say(*zh, *en)), Cell::number(spread.quantile(*percent)?.text.clone())]))
        .collect();
    rows.extend(own.map(|(name, number)| vec![Cell::words(name.clone()), Cell::number(number.text.clone())]));
    chart
        .with_table(heads, rows)
        .noting(lang.say("竖线：中位数；浅色带：中间一半（P25–P75）。", "Line: the median. Band: the middle half (P25–P75)."))
}

fn dots(canvas: &Canvas, spread: &Spread, scale: &Scale) {
    let mut taken: Vec<(i32, i32)> = Vec::new();
    let mut order: Vec<usize> = (0..spread.numbers.len()).collect();
    order.sort_by_key(|number| spread.numbers.get(*number).map(|(_, number)| number.exact.clone()));
    for number in order {
        let Some((name, value)) = spread.numbers.get(number) else { continue };
        let x = scale.at(&value.exact);
        // the lowest place where no dot is yet
        let mut y = BOTTOM - 8;
        while y > TOP + 6 && taken.iter().any(|(other, level)| *level == y && (other - x).abs() < 10) {
            y -= 11;
        }
        taken.push((x, y));
        canvas.told(&format!("{name}: {}", value.text), |canvas| {
            canvas.circle((x, y), 4, if number == spread.own { Ink::Mark } else { Ink::Dot });
        });
    }
}

fn counts(canvas: &Canvas, sorted: &[&BigRational], scale: &Scale) {
    let (low, high) = scale.ends();
    let width = super::scale::nice(&((high - low) / whole(BINS)));
    let mut bins: Vec<(BigRational, usize)> = Vec::new();
    let mut start = low.clone();
    while start < *high && bins.len() < 200 {
        let end = &start + &width;
        let last = end >= *high;
        let count = sorted.iter().filter(|number| ***number >= start && (***number < end || (last && ***number <= end))).count();
        bins.push((start.clone(), count));
        start = end;
    }
    let most = bins.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1);
    let tall = Scale::between(whole(0), whole(most), 4, (BOTTOM, TOP + 4));
    let plain = |number: &BigRational| to_plain_decimal(number).unwrap_or_default();
    for (start, count) in bins {
        let end = &start + &width;
        let words = format!("{} – {}: {count}", plain(&start), plain(&end));
        canvas.told(&words, |canvas| {
            let top = tall.at(&whole(count)).min(BOTTOM - i32::from(count > 0));
            canvas.rect((scale.at(&start), top), (scale.at(&end) - 1, BOTTOM), Ink::Bar);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_of_the_data() {
        let numbers = (1..=10).map(|number| (number.to_string(), Number::count(number))).collect();
        let spread = Spread { numbers, own: 7 };
        let of = |percent| spread.quantile(percent).map(|number| number.text.clone()).unwrap();
        assert_eq!([of(0), of(25), of(50), of(100)], ["1", "3", "5", "10"]);
        assert_eq!(spread.below(), 77);
        assert_eq!(Spread::default().quantile(50), None);
        assert_eq!(Spread::default().below(), 0);
    }
}
