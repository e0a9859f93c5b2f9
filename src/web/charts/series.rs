//! Numbers over years: a line with its points; where a year has no number the line has a gap.

use std::collections::BTreeSet;

use super::bars::with_unit;
use super::canvas::{Canvas, Side, fitted, width_of};
use super::pen::Ink;
use super::scale::Scale;
use super::{Cell, Chart, Number, Told};
use crate::web::Lang;

const HEIGHT: i32 = 250;
const TOP: i32 = 26;
const BOTTOM: i32 = HEIGHT - 28;

/// The number of a year.
#[derive(Debug, Clone)]
pub struct Point {
    /// The year.
    pub year: i32,
    /// Its number.
    pub value: Number,
    /// Whether the page is about it.
    pub own: bool,
    /// Where it leads.
    pub href: Option<String>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is of.
    pub name: String,
    /// Its points, in any order.
    pub points: Vec<Point>,
}

impl Series {
    fn at(&self, year: i32) -> Option<&Point> {
        self.points.iter().find(|point| point.year == year)
    }
}

/// Lines over years; the first one is what the chart is about.
pub fn series_chart(told: Told, lines: &[Series], lang: Lang) -> Chart {
    let years: BTreeSet<i32> = lines.iter().flat_map(|line| line.points.iter().map(|point| point.year)).collect();
    // every year in between has its place, so that a gap is seen
    let all: Vec<i32> = match (years.first(), years.last()) {
        (Some(first), Some(last)) if last.abs_diff(*first) <= 200 => (*first..=*last).collect(),
        _ => years.iter().copied().collect(),
    };
    let chart = Chart::drawn(told.clone(), |_| HEIGHT, |canvas| draw(canvas, lines, &all, &told.unit));
    let none = lang.say("无数值", "no value");
    let mut heads = vec![lang.say("数据年份", "data year")];
    heads.extend(lines.iter().map(|line| with_unit(&line.name, &told.unit)));
    let rows = all.iter().map(|year| {
        let value = |line: &Series| match line.at(*year) {
            Some(point) => Cell::number(point.value.text.clone()).to(point.href.clone()),
            None => Cell::words(none.clone()),
        };
        std::iter::once(Cell::words(year.to_string())).chain(lines.iter().map(value)).collect()
    });
    let rows = rows.collect();
    let chart = chart.with_table(heads, rows);
    let gaps: Vec<String> =
        all.iter().filter(|year| lines.first().is_some_and(|line| line.at(**year).is_none())).map(i32::to_string).collect();
    if gaps.is_empty() || gaps.len() > 20 {
        return chart;
    }
    chart.noting(lang.say(format!("没有数值的年份：{}。", gaps.join("、")), format!("Years without a value: {}.", gaps.join(", "))))
}

fn draw(canvas: &Canvas, lines: &[Series], years: &[i32], unit: &str) {
    let numbers = || lines.iter().flat_map(|line| line.points.iter()).map(|point| &point.value.exact);
    let scale = Scale::over(numbers(), false, 4, (BOTTOM, TOP + 14));
    let ticks = scale.ticks();
    let left = ticks.iter().map(|(text, _)| width_of(text, 11)).max().unwrap_or(0).clamp(16, 90) + 12;
    let names = lines.iter().map(|line| width_of(&line.name, 12)).max().unwrap_or(0);
    let room = if lines.len() > 1 { names.clamp(20, canvas.width / 4) + 12 } else { 12 };
    let right = canvas.width - room;
    for (text, y) in ticks {
        canvas.line((left, y), (right, y), Ink::Grid);
        canvas.text(&text, (left - 6, y + 4), Side::To, Ink::Soft);
    }
    canvas.text(&fitted(unit, 11, canvas.width - 4), (2, 12), Side::From, Ink::Soft);
    canvas.line((left, BOTTOM), (right, BOTTOM), Ink::Axis);
    let place = Years { years, left: left + 30, right: right - 28 };
    let mut free = i32::MIN;
    for year in years {
        let x = place.at(*year);
        if x - 16 > free {
            canvas.text(&year.to_string(), (x, BOTTOM + 18), Side::Middle, Ink::Soft);
            free = x + 22;
        }
    }
    for (number, line) in lines.iter().enumerate().rev() {
        draw_line(canvas, line, number == 0, (&place, &scale));
    }
    if lines.len() < 2 {
        return;
    }
    // names stand at the ends of their lines, one below the other where the lines end together
    let mut names: Vec<(i32, usize)> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        names.extend(line.points.iter().max_by_key(|point| point.year).map(|last| (scale.at(&last.value.exact) + 4, number)));
    }
    names.sort_unstable();
    let mut free = i32::MIN;
    for (y, number) in names {
        let y = y.max(free);
        let ink = if number == 0 { Ink::Own } else { Ink::Soft };
        let name = lines.get(number).map(|line| fitted(&line.name, 12, room - 12)).unwrap_or_default();
        canvas.text(&name, (right - 12, y), Side::From, ink);
        free = y + 15;
    }
}

fn draw_line(canvas: &Canvas, line: &Series, lead: bool, (place, scale): (&Years<'_>, &Scale)) {
    let at = |point: &Point| (place.at(point.year), scale.at(&point.value.exact));
    let mut runs: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
    for year in place.years {
        match (line.at(*year), runs.last_mut()) {
            (Some(point), Some(run)) => run.push(at(point)),
            (None, Some(run)) if !run.is_empty() => runs.push(Vec::new()),
            _ => {}
        }
    }
    for run in runs.into_iter().filter(|run| run.len() > 1) {
        canvas.path(run, if lead { Ink::Lead } else { Ink::Line });
    }
    let crowded = line.points.len() > 12;
    for point in &line.points {
        let (x, y) = at(point);
        canvas.told(&format!("{}, {}: {}", line.name, point.year, point.value.text), |canvas| {
            let radius = if point.own {
                6
            } else if crowded {
                3
            } else {
                4
            };
            canvas.circle((x, y), radius, if lead { Ink::Mark } else { Ink::Dot });
            if lead && (point.own || !crowded) {
                canvas.text(&point.value.text, (x, y - 10), Side::Middle, if point.own { Ink::Own } else { Ink::Number });
            }
        });
    }
}

/// Where years stand.
struct Years<'a> {
    years: &'a [i32],
    left: i32,
    right: i32,
}

impl Years<'_> {
    fn at(&self, year: i32) -> i32 {
        let count = i32::try_from(self.years.len()).unwrap_or(1);
        if count < 2 {
            return i32::midpoint(self.left, self.right);
        }
        let own = self.years.iter().position(|own| *own == year).and_then(|own| i32::try_from(own).ok()).unwrap_or(0);
        self.left + (self.right - self.left) * own / (count - 1)
    }
}
