//! A sheet to draw on: shapes of the plotting library at whole pixels.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont};

use super::pen::{Drawing, Ink, Pen, escape};

/// Where a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It begins there.
    From,
    /// Its middle is there.
    Middle,
    /// It ends there.
    To,
}

/// The words of a drawing, for those who do not see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    /// Id that no other drawing of the page has.
    pub(super) id: &'a str,
    /// What it is.
    pub(super) title: &'a str,
    /// What it shows.
    pub(super) finding: &'a str,
}

/// A sheet.
pub(super) struct Canvas {
    out: Rc<RefCell<String>>,
    area: DrawingArea<Pen, Shift>,
    /// Its width in pixels.
    pub(super) width: i32,
    /// Its height in pixels.
    pub(super) height: i32,
    hatch: String,
}

/// Drawing is writing into a text, which does not fail; the library's own refusals are about bitmaps and fonts.
macro_rules! draw {
    ($canvas:expr, $element:expr) => {
        $canvas.area.draw(&$element).ok();
    };
}

impl Canvas {
    pub(super) fn new(id: &str, width: i32, height: i32) -> Self {
        let out = Rc::new(RefCell::new(String::new()));
        let hatch = format!("{id}-hatch");
        let size = (width.unsigned_abs(), height.unsigned_abs());
        let area = Pen { out: out.clone(), size, hatch: hatch.clone() }.into_drawing_area();
        Self { out, area, width, height, hatch }
    }

    pub(super) fn rect(&self, from: (i32, i32), to: (i32, i32), ink: Ink) {
        draw!(self, Rectangle::new([from, to], ink.filled()));
    }

    pub(super) fn line(&self, from: (i32, i32), to: (i32, i32), ink: Ink) {
        draw!(self, PathElement::new(vec![from, to], ink.stroke_width(1)));
    }

    pub(super) fn path(&self, points: Vec<(i32, i32)>, ink: Ink) {
        draw!(self, PathElement::new(points, ink.stroke_width(2)));
    }

    pub(super) fn polygon(&self, points: Vec<(i32, i32)>, ink: Ink) {
        draw!(self, Polygon::new(points, ink.filled()));
    }

    pub(super) fn circle(&self, at: (i32, i32), radius: i32, ink: Ink) {
        draw!(self, Circle::new(at, radius, ink.filled()));
    }

    pub(super) fn text(&self, text: &str, at: (i32, i32), side: Side, ink: Ink) {
        let across = match side {
            Side::From => HPos::Left,
            Side::Middle => HPos::Center,
            Side::To => HPos::Right,
        };
        let style = ("sans-serif", 12).into_font().color(&ink).pos(Pos::new(across, VPos::Bottom));
        draw!(self, Text::new(text, at, style));
    }

    /// What is drawn inside tells a text where a pointer rests on it.
    pub(super) fn told(&self, text: &str, inside: impl FnOnce(&Self)) {
        self.out.borrow_mut().push_str(&format!("<g><title>{}</title>", escape(text)));
        inside(self);
        self.out.borrow_mut().push_str("</g>");
    }

    /// The drawing with its words; `class` says where it is shown.
    pub(super) fn finish(self, words: Words<'_>, class: &str) -> Drawing {
        let Words { id, title, finding } = words;
        let (id, title, finding) = (escape(id), escape(title), escape(finding));
        let Self { out, area, width, height, hatch } = self;
        drop(area);
        let body = out.take();
        let defs = match body.contains("k-missing") {
            true => format!(
                "<defs><pattern id=\"{hatch}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"k-gap\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" class=\"k-hatch\"/></pattern></defs>"
            ),
            false => String::new(),
        };
        Drawing(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart {class}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{finding}</desc>{defs}{body}</svg>"
        ))
    }
}

/// About how many pixels a text is wide at a size of letters: ideographs are square, other letters about half as wide.
pub(super) fn width_of(text: &str, size: i32) -> i32 {
    let tenths = |c: char| match c {
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' => 10,
        'i' | 'l' | 'j' | '.' | ',' | '\'' | ' ' | ':' | ';' | '|' => 3,
        'm' | 'w' | 'M' | 'W' | '%' => 9,
        'A'..='Z' => 7,
        _ => 6,
    };
    let all: i32 = text.chars().take(2000).map(tenths).sum();
    all.saturating_mul(size) / 10
}

/// A text cut so that it is no wider.
pub(super) fn fitted(text: &str, size: i32, widest: i32) -> String {
    if width_of(text, size) <= widest {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        let mut longer = cut.clone();
        longer.push(c);
        if width_of(&longer, size) + size > widest {
            break;
        }
        cut = longer;
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_short_ones_are_not() {
        assert_eq!(fitted("浙江", 12, 24), "浙江");
        assert_eq!(fitted("浙江省电网", 12, 36), "浙江…");
        assert!(width_of(&"w".repeat(100_000), 12) < 100_000);
    }

    #[test]
    fn a_drawing_says_what_it_is() {
        let canvas = Canvas::new("a", 10, 20);
        canvas.rect((1, 2), (5, 4), Ink::Missing);
        canvas.text("<x>", (1, 1), Side::To, Ink::Name);
        let drawing = canvas.finish(Words { id: "a", title: "T & t", finding: "F" }, "wide").to_string();
        assert!(drawing.contains("<title id=\"a-t\">T &amp; t</title><desc id=\"a-d\">F</desc><defs>"), "{drawing}");
        assert!(
            drawing.contains("<rect x=\"1\" y=\"2\" width=\"4\" height=\"2\" class=\"k-missing\" fill=\"url(#a-hatch)\"/>"),
            "{drawing}"
        );
        assert!(drawing.contains("<text x=\"1\" y=\"1\" text-anchor=\"end\" class=\"k-name\">&lt;x&gt;</text>"), "{drawing}");
    }
}
