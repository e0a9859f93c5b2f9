//! Bars beside one another: ranked numbers, parts of a sum, scores.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::canvas::{Canvas, Side, fitted, width_of};
use super::pen::Ink;
use super::scale::{Scale, whole};
use super::{Cell, Chart, Number, Told};
use crate::web::Lang;

const ROW: i32 = 24;
const TOP: i32 = 8;
const FOOT: i32 = 30;

/// One bar.
#[derive(Debug, Clone, Default)]
pub struct BarRow {
    /// What it is.
    pub name: String,
    /// How long it is; nothing where no value is known.
    pub value: Option<Number>,
    /// Whether the chart is about it.
    pub own: bool,
    /// Where its name leads.
    pub href: Option<String>,
    /// What stands behind its number.
    pub beside: String,
}

/// Bars from top to bottom, in the order in which they are given.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    /// How the chart is told.
    pub told: Told,
    /// Head of the column of names.
    pub name: String,
    /// Head of the column of numbers.
    pub value: String,
    /// Head of what stands behind the numbers; empty where nothing does.
    pub beside: String,
    /// The bars.
    pub rows: Vec<BarRow>,
}

/// Bars whose lengths are numbers, from zero.
pub fn bar_chart(bars: Bars, lang: Lang) -> Chart {
    let values = || bars.rows.iter().filter_map(|row| row.value.as_ref());
    let scale = |pixels| Scale::over(values().map(|value| &value.exact), true, 5, pixels);
    draw(&bars, &scale, lang)
}

/// Bars of scores from 1 (best) to 5.
pub fn score_chart(bars: Bars, lang: Lang) -> Chart {
    let scale = |pixels| Scale::between(whole(0), whole(5), 5, pixels);
    draw(&bars, &scale, lang).noting(lang.say("1 分最好，5 分最差。", "1 is best, 5 is worst."))
}

fn draw(bars: &Bars, scale: &dyn Fn((i32, i32)) -> Scale, lang: Lang) -> Chart {
    let count = i32::try_from(bars.rows.len()).unwrap_or(0);
    let missing = lang.say("无数值", "no value");
    let chart = Chart::drawn(
        bars.told.clone(),
        |_| TOP + count * ROW + FOOT,
        |canvas| {
            let names = bars.rows.iter().map(|row| width_of(&row.name, 13)).max().unwrap_or(0);
            let left = names.clamp(30, canvas.width * 2 / 5) + 10;
            let numbers = bars.rows.iter().filter_map(|row| row.value.as_ref()).map(|value| width_of(&value.text, 13)).max().unwrap_or(0);
            let right = canvas.width - numbers.clamp(30, canvas.width / 4) - 12;
            let scale = scale((left, right.max(left + 20)));
            axis(canvas, &scale, TOP + count * ROW, &bars.told.unit);
            for (row, top) in bars.rows.iter().zip((TOP..).step_by(ROW.unsigned_abs() as usize)) {
                let words = match &row.value {
                    Some(value) => format!("{}: {} {}", row.name, value.text, bars.told.unit),
                    None => format!("{}: {missing}", row.name),
                };
                canvas.told(&words, |canvas| bar(canvas, row, top, (left, &scale), &missing));
            }
        },
    );
    let mut heads = vec![bars.name.clone(), with_unit(&bars.value, &bars.told.unit)];
    heads.extend((!bars.beside.is_empty()).then(|| bars.beside.clone()));
    let rows = bars.rows.iter().map(|row| {
        let value = row.value.as_ref().map_or_else(|| Cell::words(missing.clone()), |value| Cell::number(value.text.clone()));
        let mut cells = vec![Cell::words(row.name.clone()).to(row.href.clone()), value];
        cells.extend((!bars.beside.is_empty()).then(|| Cell::words(row.beside.clone())));
        cells
    });
    let rows = rows.collect();
    chart.with_table(heads, rows)
}

fn bar(canvas: &Canvas, row: &BarRow, top: i32, (left, scale): (i32, &Scale), missing: &str) {
    let (middle, zero) = (top + ROW / 2, scale.at(&BigRational::zero()));
    let (name, ink) = if row.own { (Ink::Own, Ink::Mark) } else { (Ink::Name, Ink::Bar) };
    canvas.text(&fitted(&row.name, 13, left - 10), (left - 8, middle + 4), Side::To, name);
    let Some(value) = &row.value else {
        canvas.rect((zero, top + 4), (zero + 40, top + ROW - 4), Ink::Missing);
        canvas.text(missing, (zero + 46, middle + 4), Side::From, Ink::Soft);
        return;
    };
    let end = scale.at(&value.exact);
    // what is not zero is seen
    let end = if end == zero && !value.exact.is_zero() { zero + 1 } else { end };
    let ink = if value.exact.is_negative() { Ink::Less } else { ink };
    canvas.rect((zero, top + 4), (end, top + ROW - 4), ink);
    let number = if row.own { Ink::Own } else { Ink::Number };
    canvas.text(&value.text, (zero.max(end) + 6, middle + 4), Side::From, number);
}

/// The numbers below a drawing and their lines; some are left out where they would touch.
pub(super) fn axis(canvas: &Canvas, scale: &Scale, bottom: i32, unit: &str) {
    let ticks = scale.ticks();
    let mut free = i32::MIN;
    for (text, at) in ticks {
        canvas.line((at, TOP), (at, bottom), Ink::Grid);
        let half = width_of(&text, 11) / 2;
        if at - half > free {
            canvas.text(&text, (at, bottom + 14), Side::Middle, Ink::Soft);
            free = at + half + 6;
        }
    }
    let zero = scale.at(&BigRational::zero());
    canvas.line((zero, TOP), (zero, bottom), Ink::Axis);
    canvas.text(&fitted(unit, 11, canvas.width - 8), (canvas.width - 4, bottom + 27), Side::To, Ink::Soft);
}

/// A head with its unit.
pub(super) fn with_unit(head: &str, unit: &str) -> String {
    if unit.is_empty() { head.to_owned() } else { format!("{head} ({unit})") }
}
