//! An OpenDocument spreadsheet (ISO/IEC 26300): its sheets and their rows, as a stream.

use std::io;
use std::path::Path;

use quick_xml::events::BytesStart;

use super::book::wished_sheet;
use super::fault::wrong;
use super::markup::{Markup, Piece, attribute};
use super::numbers::shortest;
use super::rows::RowTaker;
use super::sheet::cell_name;
use super::zipped::Zipped;
use super::{Cell, GridError, GridRow, GridWish};
use crate::import::limits::{MAX_COLUMNS, MAX_STRING_BYTES};

const CONTENT: &str = "content.xml";
const MAX_ROWS: u64 = 1 << 20;

/// The names of its sheets.
pub(super) fn sheets(path: &Path) -> Result<Vec<String>, GridError> {
    let mut zipped = Zipped::open(path)?;
    let mut markup = Markup::new(zipped.member(CONTENT)?);
    let mut names = Vec::new();
    loop {
        match markup.next()? {
            Piece::Open(start) if start.local_name().as_ref() == "table" => names.push(attribute(&start, "name")?.unwrap_or_default()),
            Piece::End => return Ok(names),
            _ => {}
        }
    }
}

/// Hands out the rows of the wished sheet, and says which it is.
pub(super) fn rows(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<String, GridError> {
    let names = sheets(path)?;
    let place = wished_sheet(&names, wish)?;
    let mut zipped = Zipped::open(path)?;
    let mut markup = Markup::new(zipped.member(CONTENT)?);
    let mut sheet = Sheet { rows: RowTaker::new(take), row: 1, repeated: 1, column: 0, cell: None };
    let (mut seen, mut path) = (0, Vec::<String>::new());
    loop {
        match markup.next()? {
            Piece::Open(start) => {
                let name = start.local_name().as_ref().to_owned();
                seen += usize::from(name == "table");
                if seen == place + 1 {
                    sheet.open(&name, &start, &path)?;
                }
                path.push(name);
            }
            Piece::Text(text) if seen == place + 1 && in_paragraph(&path) => sheet.text(&text)?,
            Piece::Text(_) => {}
            Piece::Close => {
                let name = path.pop().unwrap_or_default();
                if seen == place + 1 {
                    sheet.close(&name)?;
                    if name == "table" {
                        break;
                    }
                }
            }
            Piece::End => break,
        }
    }
    Ok(names.get(place).cloned().unwrap_or_default())
}

/// Whether text here is a cell's, and not a comment's on it.
fn in_paragraph(path: &[String]) -> bool {
    path.iter().any(|name| name == "p") && !path.iter().any(|name| name == "annotation")
}

struct Open {
    kind: String,
    value: Option<String>,
    text: String,
    formula: bool,
    repeated: u64,
    covered: bool,
    paragraphs: usize,
}

struct Sheet<'a> {
    rows: RowTaker<'a>,
    row: u64,
    repeated: u64,
    column: u64,
    cell: Option<Open>,
}

impl Sheet<'_> {
    fn open(&mut self, name: &str, start: &BytesStart<'_>, path: &[String]) -> Result<(), GridError> {
        match name {
            "table-row" => {
                self.repeated = repeated(start, "number-rows-repeated", self.row)?;
                self.column = 0;
            }
            "table-cell" | "covered-table-cell" => {
                let value = ["value", "date-value", "time-value", "boolean-value", "string-value"];
                let mut found = None;
                for name in value {
                    found = found.or(attribute(start, name)?);
                }
                self.cell = Some(Open {
                    kind: value_type(start)?,
                    value: found,
                    text: String::new(),
                    formula: attribute(start, "formula")?.is_some(),
                    repeated: repeated(start, "number-columns-repeated", self.row)?,
                    covered: name == "covered-table-cell",
                    paragraphs: 0,
                });
            }
            "p" if !path.iter().any(|name| name == "annotation") => {
                let first = self.cell.as_mut().is_none_or(|cell| {
                    cell.paragraphs += 1;
                    cell.paragraphs == 1
                });
                self.text(if first { "" } else { "\n" })?;
            }
            "s" if in_paragraph(path) => {
                let count = attribute(start, "c")?.and_then(|count| count.parse::<usize>().ok()).unwrap_or(1);
                self.text(&" ".repeat(count.min(MAX_STRING_BYTES + 1)))?;
            }
            "tab" if in_paragraph(path) => self.text("\t")?,
            "line-break" if in_paragraph(path) => self.text("\n")?,
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), GridError> {
        let row = self.row;
        let Some(cell) = &mut self.cell else { return Ok(()) };
        cell.text.push_str(text);
        if cell.text.len() > MAX_STRING_BYTES {
            return Err(wrong("row-too-long", row, format!("row {row} has a cell longer than {MAX_STRING_BYTES} bytes")));
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), GridError> {
        match name {
            "table-cell" | "covered-table-cell" => {
                let Some(open) = self.cell.take() else { return Ok(()) };
                self.put(open)
            }
            "table-row" => {
                let first = self.row;
                self.row = first.saturating_add(self.repeated);
                if !self.rows.cells().is_empty() && self.row > MAX_ROWS + 1 {
                    return Err(wrong(
                        "too-large",
                        first,
                        format!("row {first} is repeated beyond row {MAX_ROWS}, the last that a sheet has"),
                    ));
                }
                self.rows.end_rows(first, self.repeated)
            }
            _ => Ok(()),
        }
    }

    fn put(&mut self, open: Open) -> Result<(), GridError> {
        let first = self.column;
        self.column = first.saturating_add(open.repeated);
        let cell = if open.covered { Cell::default() } else { self.cell_of(&open, first)? };
        if cell == Cell::default() {
            return Ok(());
        }
        for column in first..self.column.min(MAX_COLUMNS as u64 + 1) {
            self.rows.put(self.row, usize::try_from(column).unwrap_or(MAX_COLUMNS), cell.clone())?;
        }
        Ok(())
    }

    fn cell_of(&self, open: &Open, column: u64) -> Result<Cell, GridError> {
        let name = || cell_name(usize::try_from(column).unwrap_or(0), self.row);
        if open.formula && open.kind.is_empty() && open.text.is_empty() {
            let message = format!("cell {} is a formula whose value was never computed: open the workbook and save it", name());
            return Err(wrong("formula-value", self.row, message));
        }
        Ok(match (open.kind.as_str(), &open.value) {
            ("float" | "percentage" | "currency", Some(stored)) => {
                let text =
                    shortest(stored).ok_or_else(|| wrong("file-syntax", self.row, format!("cell {}: `{stored}` is no number", name())))?;
                Cell { stored: (text != *stored).then(|| stored.clone()), text, number: true }
            }
            ("date", Some(day)) => Cell::text(day.strip_suffix("T00:00:00").unwrap_or(day)),
            ("boolean", Some(truth)) => Cell::text(truth.to_uppercase()),
            ("time", Some(time)) => Cell::text(time),
            ("string", Some(text)) => Cell::text(text),
            _ => Cell::text(&open.text),
        })
    }
}

/// The type of a value, the format's own and not another's of the same name.
fn value_type(start: &BytesStart<'_>) -> Result<String, GridError> {
    for attribute in start.attributes().with_checks(false).flatten() {
        let (local, prefix) = attribute.key.decompose();
        if local.as_ref() == "value-type" && prefix.is_none_or(|prefix| prefix.as_ref() == "office") {
            return super::markup::unescaped(&attribute.value);
        }
    }
    Ok(String::new())
}

fn repeated(start: &BytesStart<'_>, name: &str, row: u64) -> Result<u64, GridError> {
    let Some(text) = attribute(start, name)? else { return Ok(1) };
    let bad = || wrong("file-syntax", row, format!("row {row}: `{text}` is no number of repetitions"));
    text.parse().ok().filter(|count| *count > 0).ok_or_else(bad)
}
