//! How uncertain one number is: its interval as a band, the number on it.

use super::bars::{axis, with_unit};
use super::canvas::{Side, width_of};
use super::pen::Ink;
use super::scale::Scale;
use super::{Cell, Chart, Number, Told};
use crate::web::Lang;

const HEIGHT: i32 = 96;
const MIDDLE: i32 = 40;

/// A number with its interval.
#[derive(Debug, Clone)]
pub struct Span {
    /// Its lower end.
    pub low: Number,
    /// The number.
    pub value: Number,
    /// Its upper end.
    pub high: Number,
}

/// The interval.
pub fn span_chart(told: Told, span: &Span, lang: Lang) -> Chart {
    let Span { low, value, high } = span;
    let chart = Chart::drawn(
        told.clone(),
        |_| HEIGHT,
        |canvas| {
            let scale = Scale::over([&low.exact, &value.exact, &high.exact], false, 6, (40, canvas.width - 40));
            axis(canvas, &scale, HEIGHT - 30, &told.unit);
            let (from, at, to) = (scale.at(&low.exact), scale.at(&value.exact), scale.at(&high.exact));
            canvas.told(&format!("{} – {}", low.text, high.text), |canvas| {
                canvas.rect((from, MIDDLE - 7), (to.max(from + 1), MIDDLE + 7), Ink::Band);
                canvas.line((from, MIDDLE - 11), (from, MIDDLE + 11), Ink::Axis);
                canvas.line((to, MIDDLE - 11), (to, MIDDLE + 11), Ink::Axis);
            });
            canvas.circle((at, MIDDLE), 6, Ink::Mark);
            canvas.text(&value.text, (at, MIDDLE - 15), Side::Middle, Ink::Own);
            // the ends are named where they do not touch the number
            let half = width_of(&value.text, 13) / 2 + 4;
            for (end, text) in [(from, &low.text), (to, &high.text)] {
                let own = width_of(text, 12) / 2;
                if (end - at).abs() > half + own {
                    canvas.text(text, (end, MIDDLE - 15), Side::Middle, Ink::Number);
                }
            }
        },
    );
    let heads = vec![lang.say("位置", "where"), with_unit(&lang.say("数值", "value"), &told.unit)];
    let row = |words: String, number: &Number| vec![Cell::words(words), Cell::number(number.text.clone())];
    let rows = vec![row(lang.say("下限", "low"), low), row(lang.say("数值", "value"), value), row(lang.say("上限", "high"), high)];
    chart.with_table(heads, rows)
}
