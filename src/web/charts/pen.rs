//! The pen of the plotting library: what it draws becomes SVG whose colours are classes, so that pages, dark ones and printed
//! ones, give each mark its colour.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters::style::{Color, RGBColor};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

macro_rules! inks {
    ($($(#[$doc:meta])* $ink:ident $class:literal;)+) => {
        /// What a mark is, and by that which class it has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Ink { $($(#[$doc])* $ink),+ }

        impl Ink {
            const CLASSES: &'static [&'static str] = &[$($class),+];
        }
    };
}

inks! {
    /// A bar.
    Bar "k-bar";
    /// The bar, point or line that the chart is about.
    Mark "k-mark";
    /// A bar below zero.
    Less "k-less";
    /// Lines of an axis.
    Axis "k-axis";
    /// Lines behind the marks.
    Grid "k-grid";
    /// The line of a series that stands beside.
    Line "k-line";
    /// The line that the chart is about.
    Lead "k-lead";
    /// Points of a series that stands beside.
    Dot "k-dot";
    /// An area that tells a range.
    Band "k-band";
    /// Where there is no value.
    Missing "k-missing";
    /// Steps of the colour scale, the lowest first.
    Step0 "k-s0";
    /// Second step.
    Step1 "k-s1";
    /// Third step.
    Step2 "k-s2";
    /// Fourth step.
    Step3 "k-s3";
    /// Fifth step.
    Step4 "k-s4";
    /// Sixth step.
    Step5 "k-s5";
    /// A name.
    Name "k-name";
    /// The name that the chart is about.
    Own "k-own";
    /// A number.
    Number "k-number";
    /// Words beside an axis.
    Soft "k-soft";
    /// Letters on the light steps of the colour scale.
    OnLow "k-low";
    /// Letters on the dark steps of the colour scale.
    OnHigh "k-high";
    /// A frame around a tile.
    Frame "k-frame";
}

/// The steps of the colour scale, the lowest first.
pub(super) const STEPS: [Ink; 6] = [Ink::Step0, Ink::Step1, Ink::Step2, Ink::Step3, Ink::Step4, Ink::Step5];

impl Ink {
    /// The library hands colours through and knows no classes: this one stands for the class.
    fn sentinel(self) -> RGBColor {
        RGBColor(self as u8, 0, 0)
    }

    fn class_of(color: BackendColor) -> &'static str {
        Self::CLASSES.get(usize::from(color.rgb.0)).copied().unwrap_or("k-axis")
    }
}

impl Color for Ink {
    fn to_backend_color(&self) -> BackendColor {
        self.sentinel().to_backend_color()
    }
}

/// A piece of SVG: made here from escaped texts alone, so that it stands in a page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing(pub(super) String);

impl std::fmt::Display for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Drawing {}

/// A text as XML 1.0 may hold it: markup escaped, other characters that it may not hold replaced.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            // marks of direction would turn what stands beside a text in a table of the same page
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Writes what the library draws.
pub(super) struct Pen {
    pub(super) out: Rc<RefCell<String>>,
    pub(super) size: (u32, u32),
    /// Id of the hatching for what is missing.
    pub(super) hatch: String,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Pen {
    fn write(&self, element: std::fmt::Arguments<'_>) -> Drawn {
        // writing into a text does not fail
        self.out.borrow_mut().write_fmt(element).ok();
        Ok(())
    }

    fn shape(&self, element: &str, attributes: std::fmt::Arguments<'_>, style: &impl BackendStyle) -> Drawn {
        let class = Ink::class_of(style.color());
        if class == "k-missing" {
            return self.write(format_args!("<{element} {attributes} class=\"{class}\" fill=\"url(#{})\"/>", self.hatch));
        }
        self.write(format_args!("<{element} {attributes} class=\"{class}\"/>"))
    }
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    path.into_iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

impl DrawingBackend for Pen {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.shape("rect", format_args!("x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\""), &color)
    }

    fn draw_line<S: BackendStyle>(&mut self, (x, y): BackendCoord, (to_x, to_y): BackendCoord, style: &S) -> Drawn {
        self.shape("line", format_args!("x1=\"{x}\" y1=\"{y}\" x2=\"{to_x}\" y2=\"{to_y}\""), style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, (x, y): BackendCoord, (to_x, to_y): BackendCoord, style: &S, _: bool) -> Drawn {
        let (left, top, width, height) = (x.min(to_x), y.min(to_y), x.abs_diff(to_x), y.abs_diff(to_y));
        self.shape("rect", format_args!("x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\""), style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.shape("polyline", format_args!("points=\"{}\"", points(path)), style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, _: bool) -> Drawn {
        self.shape("circle", format_args!("cx=\"{x}\" cy=\"{y}\" r=\"{radius}\""), style)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        self.shape("polygon", format_args!("points=\"{}\"", points(path)), style)
    }

    /// A text whose base line begins, ends or has its middle at a place.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        let class = Ink::class_of(style.color());
        self.write(format_args!("<text x=\"{x}\" y=\"{y}\"{anchor} class=\"{class}\">{}</text>", escape(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_whole_xml() {
        assert_eq!(escape("<b>&\"'"), "&lt;b&gt;&amp;&quot;&#39;");
        assert_eq!(escape("a\u{0}\u{8}b\u{202e}c\nd\u{ffff}"), "a\u{fffd}\u{fffd}b\u{fffd}c d\u{fffd}");
        assert_eq!(escape("浙江 CO₂"), "浙江 CO₂");
    }

    #[test]
    fn every_ink_has_its_class() {
        assert_eq!(Ink::class_of(Ink::Bar.to_backend_color()), "k-bar");
        assert_eq!(Ink::class_of(Ink::Frame.to_backend_color()), "k-frame");
        assert_eq!(Ink::CLASSES.len(), Ink::Frame as usize + 1);
    }
}
