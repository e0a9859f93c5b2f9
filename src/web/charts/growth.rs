//! How a count grew over time: a line of steps.

use jiff::civil::Date;

use super::canvas::{Side, width_of};
use super::pen::Ink;
use super::scale::{Scale, whole};
use super::{Cell, Chart, Told};
use crate::web::Lang;

const HEIGHT: i32 = 220;
const TOP: i32 = 14;
const BOTTOM: i32 = HEIGHT - 28;

/// What a count was from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grown {
    /// When (RFC 3339, or a date).
    pub at: String,
    /// How many there were then.
    pub count: usize,
}

/// The steps, in order of time; `what` is what is counted.
pub fn growth_chart(told: Told, steps: &[Grown], what: &str, lang: Lang) -> Chart {
    let day = |step: &Grown| step.at.get(..10).and_then(|date| date.parse::<Date>().ok());
    let days: Vec<Option<Date>> = steps.iter().map(day).collect();
    let first = days.iter().flatten().min().copied();
    let since = |date: &Option<Date>| -> usize {
        let days = first.zip(*date).and_then(|(first, own)| first.until(own).ok()).map_or(0, |span| span.get_days());
        usize::try_from(days).unwrap_or(0)
    };
    let places: Vec<usize> = days.iter().map(since).collect();
    let last = places.iter().max().copied().unwrap_or(0);
    // within one day the order alone is told
    let places = if last == 0 { (0..steps.len()).collect() } else { places };
    let last = places.last().copied().unwrap_or(0).max(1);
    let chart = Chart::drawn(
        told,
        |_| HEIGHT,
        |canvas| {
            let most = steps.iter().map(|step| step.count).max().unwrap_or(1).max(1);
            let tall = Scale::over([&whole(most)], true, 4, (BOTTOM, TOP));
            let ticks = tall.ticks();
            let left = ticks.iter().map(|(text, _)| width_of(text, 11)).max().unwrap_or(10) + 12;
            let right = canvas.width - 14;
            for (text, y) in ticks {
                canvas.line((left, y), (right, y), Ink::Grid);
                canvas.text(&text, (left - 6, y + 4), Side::To, Ink::Soft);
            }
            canvas.line((left, BOTTOM), (right, BOTTOM), Ink::Axis);
            let wide = Scale::between(whole(0), whole(last), 4, (left + 6, right - 4));
            let mut path = Vec::new();
            for (step, place) in steps.iter().zip(&places) {
                let (x, y) = (wide.at(&whole(*place)), tall.at(&whole(step.count)));
                path.extend(path.last().map(|(_, before)| (x, *before)).filter(|corner: &(i32, i32)| corner.1 != y));
                path.push((x, y));
            }
            path.extend(path.last().map(|(_, y)| (right, *y)));
            canvas.path(path, Ink::Lead);
            let mut ends: Vec<&Grown> = steps.first().into_iter().collect();
            ends.extend(steps.last().filter(|_| steps.len() > 1));
            for (step, (x, side)) in ends.iter().zip([(left + 6, Side::From), (right, Side::To)]) {
                canvas.text(step.at.get(..10).unwrap_or(&step.at), (x, BOTTOM + 18), side, Ink::Soft);
            }
        },
    );
    let heads = vec![lang.say("时间", "when"), what.to_owned()];
    let rows = steps.iter().map(|step| vec![Cell::words(step.at.clone()), Cell::number(step.count.to_string())]).collect();
    chart.with_table(heads, rows)
}
