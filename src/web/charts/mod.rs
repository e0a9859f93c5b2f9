//! Charts: drawn on the server, each with what it shows in words, its numbers as a table, and both to take along.
//!
//! A chart is given exact numbers with the text by which each is shown ([`Number`]); no text comes from a float. Colours are
//! classes of `charts.css`, so that they follow the page. Every drawing is made for a wide and for a narrow page.

mod bars;
mod canvas;
mod growth;
mod pen;
mod scale;
mod series;
mod span;
mod spread;
mod tiles;
mod waterfall;

use url::form_urlencoded;

use super::frame::Frame;
use canvas::{Canvas, Words};

pub use bars::{BarRow, Bars, bar_chart, score_chart};
pub use growth::{Grown, growth_chart};
pub use pen::Drawing;
pub use scale::Number;
pub use series::{Point, Series, series_chart};
pub use span::{Span, span_chart};
pub use spread::{Spread, spread_chart};
pub use tiles::{Tile, is_province, tile_map};
pub use waterfall::{Part, waterfall_chart};

/// Widths of drawings in pixels: for pages and for phones.
const WIDE: i32 = 720;
const NARROW: i32 = 336;

/// How a chart is told.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Its name in addresses, which no other chart of the page has: `provinces`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// What it shows, in a sentence.
    pub finding: String,
    /// The unit of its numbers.
    pub unit: String,
}

/// A cell of a chart's table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Whether it is a number.
    pub number: bool,
}

impl Cell {
    /// Words.
    pub fn words(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number, as it is shown.
    pub fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true, href: None }
    }

    /// With where it leads.
    #[must_use]
    pub fn to(self, href: Option<String>) -> Self {
        Self { href, ..self }
    }
}

/// A chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// How it is told.
    pub told: Told,
    /// The drawing for pages, and the one for phones.
    pub drawings: [Drawing; 2],
    /// Heads of the columns of its table.
    pub heads: Vec<String>,
    /// Its numbers.
    pub rows: Vec<Vec<Cell>>,
    /// What must be said beside it.
    pub notes: Vec<String>,
}

impl Chart {
    /// Draws a chart twice; `draw` is given a sheet that is as wide as it has to be.
    fn drawn(told: Told, height: impl Fn(bool) -> i32, draw: impl Fn(&Canvas)) -> Self {
        let drawing = |width: i32, class: &str| {
            let id = format!("{}-{class}", told.id);
            let canvas = Canvas::new(&id, width, height(width < WIDE));
            draw(&canvas);
            canvas.finish(Words { id: &id, title: &told.title, finding: &told.finding }, class)
        };
        let drawings = [drawing(WIDE, "k-wide"), drawing(NARROW, "k-narrow")];
        Self { told, drawings, heads: Vec::new(), rows: Vec::new(), notes: Vec::new() }
    }

    fn with_table(self, heads: Vec<String>, rows: Vec<Vec<Cell>>) -> Self {
        Self { heads, rows, ..self }
    }

    /// The same with something that must be said beside it.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Whether a column holds numbers.
    pub fn counts(&self, column: &usize) -> bool {
        self.rows.iter().any(|row| row.get(*column).is_some_and(|cell| cell.number))
    }

    /// The address on its page at which it is had as `svg` or `csv`.
    pub fn address(&self, frame: &Frame, form: &str) -> String {
        let kept = form_urlencoded::parse(frame.query.as_bytes()).filter(|(name, _)| name != "chart" && name != "as");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept);
        query.append_pair("chart", &self.told.id).append_pair("as", form).append_pair("lang", frame.lang.name());
        format!("{}?{}", frame.path, query.finish())
    }

    /// Its table as CSV (RFC 4180), with a byte order mark, since spreadsheets read Chinese letters wrongly without it.
    ///
    /// A cell that a spreadsheet would take for a formula begins with an apostrophe.
    pub fn csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
        let heads = self.heads.iter().map(|head| harmless(head, false));
        let rows = self.rows.iter().map(|row| row.iter().map(|cell| harmless(&cell.text, cell.number)).collect::<Vec<_>>());
        for record in std::iter::once(heads.collect::<Vec<_>>()).chain(rows) {
            // writing into memory does not fail
            writer.write_record(record).ok();
        }
        writer.into_inner().unwrap_or_default()
    }

    /// Its drawing as a file that stands alone: with its colours, on white.
    pub fn file(&self) -> Vec<u8> {
        let [drawing, _] = &self.drawings;
        let style = format!("</desc><style>{FILE_STYLE}</style><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        let body = drawing.0.replacen("</desc>", &style, 1);
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}\n").into_bytes()
    }
}

/// Colours of a drawing that stands alone: those of a light page.
const FILE_STYLE: &str = include_str!("file.css");

/// A cell that no spreadsheet takes for a formula.
fn harmless(text: &str, number: bool) -> String {
    if !number && text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod chart_tests;
