//! How the stages of a life cycle add up to the value.

use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::bars::{axis, with_unit};
use super::canvas::{Side, fitted, width_of};
use super::pen::Ink;
use super::scale::{Scale, round};
use super::{Cell, Chart, Number, Told};
use crate::web::Lang;

const ROW: i32 = 28;
const TOP: i32 = 8;

/// A stage.
#[derive(Debug, Clone)]
pub struct Part {
    /// What it is.
    pub name: String,
    /// Its part of the value.
    pub value: Number,
    /// Whether it counts into the value; what does not is told and not added.
    pub counted: bool,
}

/// Each part begins where the one before ended; the last bar is the value.
pub fn waterfall_chart(told: Told, parts: &[Part], total: &Number, lang: Lang) -> Chart {
    let count = i32::try_from(parts.len() + 1).unwrap_or(1);
    let bottom = TOP + count * ROW;
    let whole_name = lang.say("合计", "total");
    let starts = starts(parts);
    let chart = Chart::drawn(
        told.clone(),
        |_| bottom + 30,
        |canvas| {
            let names = parts.iter().map(|part| width_of(&part.name, 13)).max().unwrap_or(0);
            let left = names.clamp(40, canvas.width * 2 / 5) + 10;
            let numbers = parts.iter().map(|part| &part.value).chain([total]).map(|value| width_of(&value.text, 13)).max().unwrap_or(0);
            let right = canvas.width - numbers.clamp(30, canvas.width / 4) - 12;
            let ends = parts.iter().zip(&starts).map(|(part, start)| start + &part.value.exact);
            let all: Vec<BigRational> = starts.iter().cloned().chain(ends).chain([total.exact.clone()]).collect();
            let scale = Scale::over(&all, true, 5, (left, right.max(left + 20)));
            axis(canvas, &scale, bottom, &told.unit);
            let mut top = TOP;
            for (part, start) in parts.iter().zip(&starts) {
                let (from, to) = (scale.at(start), scale.at(&(start + &part.value.exact)));
                let ink = if !part.counted {
                    Ink::Missing
                } else if part.value.exact.is_negative() {
                    Ink::Less
                } else {
                    Ink::Bar
                };
                canvas.told(&format!("{}: {} {}", part.name, part.value.text, told.unit), |canvas| {
                    canvas.text(&fitted(&part.name, 13, left - 10), (left - 8, top + ROW / 2 + 4), Side::To, Ink::Name);
                    canvas.rect((from, top + 5), (if to == from { from + 1 } else { to }, top + ROW - 5), ink);
                    canvas.text(&part.value.text, (from.max(to) + 6, top + ROW / 2 + 4), Side::From, Ink::Number);
                });
                if part.counted {
                    canvas.line((to, top + ROW - 5), (to, top + ROW + 5), Ink::Axis);
                }
                top += ROW;
            }
            let (zero, end) = (scale.at(&BigRational::zero()), scale.at(&total.exact));
            canvas.told(&format!("{whole_name}: {} {}", total.text, told.unit), |canvas| {
                canvas.text(&whole_name, (left - 8, top + ROW / 2 + 4), Side::To, Ink::Own);
                canvas.rect((zero, top + 5), (end, top + ROW - 5), Ink::Mark);
                canvas.text(&total.text, (zero.max(end) + 6, top + ROW / 2 + 4), Side::From, Ink::Own);
            });
        },
    );
    let share = |value: &BigRational| match total.exact.is_zero() {
        true => Cell::words("–"),
        false => Cell::number(round(&(value / &total.exact * super::scale::whole(100)), 1)),
    };
    let mut rows: Vec<Vec<Cell>> = parts
        .iter()
        .map(|part| {
            let share = if part.counted { share(&part.value.exact) } else { Cell::words(lang.say("不计入", "not counted")) };
            vec![Cell::words(part.name.clone()), Cell::number(part.value.text.clone()), share]
        })
        .collect();
    rows.push(vec![Cell::words(whole_name.clone()), Cell::number(total.text.clone()), share(&total.exact)]);
    let heads = vec![lang.say("阶段", "stage"), with_unit(&lang.say("数值", "value"), &told.unit), lang.say("占比 %", "share %")];
    let chart = chart.with_table(heads, rows);
    if parts.iter().all(|part| part.counted) {
        return chart;
    }
    chart.noting(lang.say("斜线：单独列出、不计入合计的部分。", "Hatched: told beside and not counted into the total."))
}

/// Where each part begins: where the counted ones before it ended; what is not counted begins at zero.
fn starts(parts: &[Part]) -> Vec<BigRational> {
    let mut sum = BigRational::zero();
    let mut starts = Vec::new();
    for part in parts {
        starts.push(if part.counted { sum.clone() } else { BigRational::zero() });
        if part.counted {
            sum += &part.value.exact;
        }
    }
    starts
}
