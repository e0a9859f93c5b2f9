//! A map of China on which every province is a tile of the same size, so that a small one is seen as well as a large one.

use num_rational::BigRational;
use num_traits::Signed;

use super::bars::with_unit;
use super::canvas::{Canvas, Side, width_of};
use super::pen::{Ink, STEPS};
use super::scale::{power_of_ten, whole};
use super::{Cell, Chart, Number, Told};
use crate::factor::Region;
use crate::factor::exact::to_plain_decimal;
use crate::web::Lang;

/// Column and row of every province, by its code after `CN-`; about as they lie to one another.
const PLACES: [(&str, i32, i32); 34] = [
    ("HL", 8, 0),
    ("NM", 5, 1),
    ("JL", 8, 1),
    ("XJ", 0, 2),
    ("GS", 2, 2),
    ("NX", 3, 2),
    ("SX", 5, 2),
    ("BJ", 6, 2),
    ("TJ", 7, 2),
    ("LN", 8, 2),
    ("QH", 2, 3),
    ("SN", 4, 3),
    ("HA", 5, 3),
    ("HE", 6, 3),
    ("SD", 7, 3),
    ("XZ", 1, 4),
    ("SC", 3, 4),
    ("CQ", 4, 4),
    ("HB", 5, 4),
    ("AH", 6, 4),
    ("JS", 7, 4),
    ("SH", 8, 4),
    ("YN", 3, 5),
    ("GZ", 4, 5),
    ("HN", 5, 5),
    ("JX", 6, 5),
    ("ZJ", 7, 5),
    ("GX", 4, 6),
    ("GD", 5, 6),
    ("FJ", 6, 6),
    ("TW", 7, 6),
    ("HI", 4, 7),
    ("MO", 5, 7),
    ("HK", 6, 7),
];
const COLUMNS: i32 = 9;
const ROWS: i32 = 8;
const LEGEND: i32 = 46;

/// The value of one province.
#[derive(Debug, Clone)]
pub struct Tile {
    /// `CN-ZJ`; `HK`, `MO` and `TW` with or without `CN-`.
    pub region: String,
    /// Its value.
    pub value: Number,
    /// Whether the chart is about it.
    pub own: bool,
    /// Where it leads.
    pub href: Option<String>,
}

/// Whether a region has a tile.
pub fn is_province(region: &str) -> bool {
    place(region).is_some()
}

fn place(region: &str) -> Option<&'static (&'static str, i32, i32)> {
    let code = region.strip_prefix("CN-").or_else(|| ["HK", "MO", "TW"].contains(&region).then_some(region))?;
    PLACES.iter().find(|(own, _, _)| *own == code)
}

fn name_of(code: &str, lang: Lang) -> String {
    let full = format!("CN-{code}");
    let name = Region::get(&full).map(|region| lang.text(&region.name)).unwrap_or(full);
    name.split(" (").next().unwrap_or_default().to_owned()
}

/// The map; provinces without a value are hatched, and named.
pub fn tile_map(told: Told, tiles: &[Tile], lang: Lang) -> Chart {
    let value_of = |code: &str| tiles.iter().find(|tile| place(&tile.region).is_some_and(|(own, _, _)| *own == code));
    let steps = Steps::of(tiles.iter().map(|tile| &tile.value.exact));
    let missing: Vec<&str> = PLACES.iter().map(|(code, _, _)| *code).filter(|code| value_of(code).is_none()).collect();
    let none = lang.say("无数值", "no value");
    let chart = Chart::drawn(
        told.clone(),
        |narrow| side(narrow).1 * ROWS + LEGEND,
        |canvas| {
            let (width, height) = side(canvas.width < super::WIDE);
            let left = (canvas.width - width * COLUMNS) / 2;
            for (code, column, row) in PLACES {
                let (x, y) = (left + column * width, row * height);
                let (name, tile) = (name_of(code, lang), value_of(code));
                let value = tile.map_or(none.clone(), |tile| format!("{} {}", tile.value.text, told.unit));
                canvas.told(&format!("{name}: {value}"), |canvas| {
                    let ink = tile.map_or(Ink::Missing, |tile| steps.ink(&tile.value.exact));
                    canvas.rect((x + 1, y + 1), (x + width - 1, y + height - 1), ink);
                    if tile.is_some_and(|tile| tile.own) {
                        canvas.rect((x + 2, y + 2), (x + width - 2, y + height - 2), Ink::Frame);
                    }
                    let letters = if tile.is_none() { Ink::Soft } else { steps.letters(ink) };
                    let fits = width_of(&name, 12) < width - 4;
                    canvas.text(if fits { &name } else { code }, (x + width / 2, y + height / 2 - 2), Side::Middle, letters);
                    let number = tile.map_or("–", |tile| tile.value.text.as_str());
                    // a long number is cut to what the tile holds: whole in the table
                    let number: String = number.chars().take(usize::try_from(width / 6).unwrap_or(6)).collect();
                    canvas.text(&number, (x + width / 2, y + height / 2 + 13), Side::Middle, letters);
                });
            }
            steps.legend(canvas, height * ROWS + 8, (&told.unit, &none));
        },
    );
    let mut ranked: Vec<&Tile> = tiles.iter().filter(|tile| is_province(&tile.region)).collect();
    ranked.sort_by(|a, b| b.value.exact.cmp(&a.value.exact).then_with(|| a.region.cmp(&b.region)));
    let known = ranked.iter().filter_map(|tile| {
        let (code, _, _) = place(&tile.region)?;
        let name = Cell::words(name_of(code, lang)).to(tile.href.clone());
        Some(vec![name, Cell::words(tile.region.clone()), Cell::number(tile.value.text.clone())])
    });
    let unknown =
        missing.iter().map(|code| vec![Cell::words(name_of(code, lang)), Cell::words(format!("CN-{code}")), Cell::words(none.clone())]);
    let rows = known.chain(unknown).collect();
    let heads = vec![lang.say("省级行政区", "province"), lang.say("代码", "code"), with_unit(&lang.say("数值", "value"), &told.unit)];
    let chart = chart.with_table(heads, rows);
    if missing.is_empty() {
        return chart;
    }
    let names: Vec<String> = missing.iter().map(|code| name_of(code, lang)).collect();
    chart.noting(lang.say(
        format!("来源未给出数值（斜线格）：{}。", names.join("、")),
        format!("No value in the source (hatched): {}.", names.join(", ")),
    ))
}

/// Width and height of a tile.
fn side(narrow: bool) -> (i32, i32) {
    if narrow { (37, 38) } else { (78, 52) }
}

/// Which numbers have which colour.
struct Steps {
    low: BigRational,
    width: BigRational,
}

impl Steps {
    /// Steps of the same round width that hold all numbers, the narrowest such.
    fn of<'a>(numbers: impl Iterator<Item = &'a BigRational> + Clone) -> Self {
        let (low, high) = (numbers.clone().min().cloned().unwrap_or_default(), numbers.max().cloned().unwrap_or_else(|| whole(1)));
        let count = whole(STEPS.len());
        let least = (&high - &low) / &count;
        // one number alone has no width of its own
        let power = if least.is_positive() { power_of_ten(&least) } else { whole(1) };
        let holds = |width: &BigRational| (&low / width).floor() * width + width * &count > high;
        let tenths = [10usize, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 150, 200];
        let mut widths = tenths.into_iter().map(|times| &power * whole(times) / whole(10));
        let width = widths.find(|width| *width >= least && holds(width)).unwrap_or_else(|| &power * whole(30));
        Self { low: (&low / &width).floor() * &width, width }
    }

    fn ink(&self, number: &BigRational) -> Ink {
        let mut end = self.low.clone();
        for ink in STEPS {
            end += &self.width;
            if *number < end {
                return ink;
            }
        }
        Ink::Step5
    }

    fn letters(&self, ink: Ink) -> Ink {
        if [Ink::Step4, Ink::Step5].contains(&ink) { Ink::OnHigh } else { Ink::OnLow }
    }

    fn legend(&self, canvas: &Canvas, top: i32, (unit, none): (&str, &str)) {
        let narrow = canvas.width < super::WIDE;
        let step = if narrow { 36 } else { 56 };
        let mut x = 8;
        for ink in STEPS {
            canvas.rect((x, top), (x + step, top + 10), ink);
            x += step;
        }
        let mut end = self.low.clone();
        for at in (8..).step_by(step.unsigned_abs() as usize).take(STEPS.len() + 1) {
            canvas.text(&to_plain_decimal(&end).unwrap_or_default(), (at, top + 23), Side::Middle, Ink::Soft);
            end += &self.width;
        }
        canvas.text(unit, (8, top + 36), Side::From, Ink::Soft);
        canvas.rect((x + 20, top), (x + 38, top + 10), Ink::Missing);
        canvas.text(none, (x + 43, top + 10), Side::From, Ink::Soft);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn steps_are_round_and_hold_every_number() {
        let exact = |text: &str| text.parse::<crate::factor::Decimal>().unwrap().to_rational();
        for (low, high, from, width) in [("0.1073", "0.7252", "0", "0.15"), ("1", "7", "0", "1.2"), ("5", "5", "0", "1")] {
            let numbers = [exact(low), exact(high)];
            let steps = Steps::of(numbers.iter());
            assert!(steps.low <= numbers[0] && &steps.low + &steps.width * whole(STEPS.len()) > numbers[1], "{low} {high}");
            if low != high {
                assert_eq!((steps.low.clone(), steps.width.clone()), (exact(from), exact(width)), "{low} {high}");
            }
            assert!(STEPS.contains(&steps.ink(&numbers[0])) && STEPS.contains(&steps.ink(&numbers[1])));
        }
    }

    #[test]
    fn every_province_has_its_own_tile() {
        let places: BTreeSet<(i32, i32)> = PLACES.iter().map(|(_, column, row)| (*column, *row)).collect();
        assert_eq!(places.len(), 34);
        assert!(PLACES.iter().all(|(_, column, row)| *column < COLUMNS && *row < ROWS));
        let codes = Region::all().keys().filter(|code| code.starts_with("CN-") && code.len() == 5);
        assert!(codes.clone().all(|code| is_province(code)) && codes.count() == 34);
        assert!(is_province("HK") && is_province("TW") && !is_province("CN") && !is_province("CN-GRID-EAST") && !is_province("ZJ"));
        assert_eq!((name_of("XZ", Lang::En), name_of("XZ", Lang::Zh)), ("Tibet".to_owned(), "西藏".to_owned()));
    }
}
