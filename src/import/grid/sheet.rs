//! The rows of a sheet of an Office Open XML workbook, as a stream.
//!
//! A row ends with its last cell that holds something, and the sheet with its last such row; blank rows between are handed out.

use std::io::{self, Read};

use super::book::{SharedParts, is_run, unescape_hex};
use super::fault::wrong;
use super::markup::{Markup, Piece, attribute};
use super::numbers::{day_of, shortest};
use super::rows::RowTaker;
use super::{Cell, GridError, GridRow};
use crate::import::limits::MAX_STRING_BYTES;

/// The most rows and columns that a sheet can have.
const MAX_ROWS: u64 = 1 << 20;
const MAX_SHEET_COLUMNS: usize = 1 << 14;

/// Hands out the rows of a sheet.
pub(super) fn read_sheet(input: impl Read, shared: &SharedParts, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    let mut markup = Markup::new(input);
    let mut path: Vec<String> = Vec::new();
    let mut sheet = Sheet { shared, rows: RowTaker::new(take), row: 0, column: 0, cell: Raw::default() };
    loop {
        match markup.next()? {
            Piece::Open(start) => {
                let name = start.local_name().as_ref().to_owned();
                match (path.last().map(String::as_str), name.as_str()) {
                    (Some("sheetData"), "row") => sheet.open_row(attribute(&start, "r")?)?,
                    (Some("row"), "c") => {
                        let [at, kind, style] = ["r", "t", "s"].map(|name| attribute(&start, name));
                        sheet.open_cell(at?, kind?, style?)?;
                    }
                    (Some("c"), "f") => sheet.cell.formula = true,
                    _ => {}
                }
                path.push(name);
            }
            Piece::Text(text) => sheet.text(&path, &text)?,
            Piece::Close => match path.pop().as_deref() {
                Some("c") => sheet.close_cell()?,
                Some("row") => sheet.rows.end_rows(sheet.row, 1)?,
                _ => {}
            },
            Piece::End => return Ok(()),
        }
    }
}

/// A cell as it is stored.
#[derive(Default)]
struct Raw {
    kind: String,
    style: usize,
    text: String,
    formula: bool,
}

struct Sheet<'a, 'b> {
    shared: &'a SharedParts,
    rows: RowTaker<'b>,
    row: u64,
    /// Of the cell that is being read; the first is 0.
    column: usize,
    cell: Raw,
}

impl Sheet<'_, '_> {
    fn open_row(&mut self, number: Option<String>) -> Result<(), GridError> {
        let next = self.row + 1;
        let said = number.as_deref().map_or(Ok(next), str::parse);
        self.row = said.ok().filter(|row| (next..=MAX_ROWS).contains(row)).ok_or_else(|| {
            let said = number.unwrap_or_else(|| next.to_string());
            wrong(
                "file-syntax",
                self.row,
                format!("the row behind row {} says that it is row `{said}`; a sheet has {MAX_ROWS} in order", self.row),
            )
        })?;
        self.column = usize::MAX;
        Ok(())
    }

    fn open_cell(&mut self, at: Option<String>, kind: Option<String>, style: Option<String>) -> Result<(), GridError> {
        let next = self.column.wrapping_add(1);
        self.column = match at {
            None => next,
            Some(at) => match column_of(&at, self.row) {
                Some(column) if column >= next => column,
                _ => return Err(wrong("file-syntax", self.row, format!("row {} has a cell that says that it is `{at}`", self.row))),
            },
        };
        let style = style.and_then(|style| style.parse().ok()).unwrap_or(0);
        self.cell = Raw { kind: kind.unwrap_or_default(), style, ..Raw::default() };
        Ok(())
    }

    fn text(&mut self, path: &[String], text: &str) -> Result<(), GridError> {
        let ours = match path.last().map(String::as_str) {
            Some("v") => self.cell.kind != "inlineStr",
            Some("t") => self.cell.kind == "inlineStr" && is_run(path),
            _ => false,
        };
        if ours {
            self.cell.text.push_str(text);
        }
        if self.cell.text.len() > MAX_STRING_BYTES {
            return Err(wrong("row-too-long", self.row, format!("cell {} is longer than {MAX_STRING_BYTES} bytes", self.name())));
        }
        Ok(())
    }

    fn close_cell(&mut self) -> Result<(), GridError> {
        let raw = std::mem::take(&mut self.cell);
        if raw.formula && raw.text.is_empty() && raw.kind != "str" {
            let name = self.name();
            return Err(wrong(
                "formula-value",
                self.row,
                format!("cell {name} is a formula whose value was never computed: open the workbook in a spreadsheet program and save it"),
            ));
        }
        let bad = |what: &str| wrong("file-syntax", self.row, format!("cell {}: `{}` is no {what}", self.name(), raw.text));
        let cell = match raw.kind.as_str() {
            "s" if raw.text.is_empty() => Cell::default(),
            "s" => {
                let index = raw.text.trim().parse::<usize>().ok();
                Cell::text(index.and_then(|index| self.shared.strings.get(index)).ok_or_else(|| bad("shared text"))?)
            }
            "b" => match raw.text.as_str() {
                "" => Cell::default(),
                "1" | "true" => Cell::text("TRUE"),
                "0" | "false" => Cell::text("FALSE"),
                _ => return Err(bad("truth value")),
            },
            "str" | "inlineStr" => Cell::text(if raw.text.contains("_x") { unescape_hex(&raw.text) } else { raw.text }),
            "e" => Cell::text(raw.text),
            "d" => Cell::text(raw.text.strip_suffix("T00:00:00").unwrap_or(&raw.text)),
            _ if raw.text.is_empty() => Cell::default(),
            _ => number(&raw.text, self.shared.dates.get(raw.style).copied().unwrap_or(false), self.shared.from_1904)
                .ok_or_else(|| bad("number"))?,
        };
        self.rows.put(self.row, self.column, cell)
    }

    /// The cell's name, as `B12`.
    fn name(&self) -> String {
        cell_name(self.column, self.row)
    }
}

/// A number's cell, or a date's.
pub(super) fn number(stored: &str, date: bool, from_1904: bool) -> Option<Cell> {
    let text = shortest(stored)?;
    let day = if date { day_of(&text, from_1904) } else { None };
    let number = day.is_none();
    let text = day.unwrap_or(text);
    Some(Cell { stored: (text != stored).then(|| stored.to_owned()), text, number })
}

/// A cell's name: `A1` for the first.
pub(super) fn cell_name(column: usize, row: u64) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().rev().chain(row.to_string().chars()).collect()
}

/// The column that a cell's name says, if its row is this.
fn column_of(name: &str, row: u64) -> Option<usize> {
    let letters = name.bytes().take_while(u8::is_ascii_uppercase).count();
    let (column, number) = name.split_at_checked(letters)?;
    if number.parse() != Ok(row) || letters == 0 || letters > 3 {
        return None;
    }
    let count = column.bytes().fold(0, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1);
    (count <= MAX_SHEET_COLUMNS).then(|| count - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_cells_read_back() {
        for (column, name) in [(0, "A7"), (25, "Z7"), (26, "AA7"), (701, "ZZ7"), (702, "AAA7"), (16383, "XFD7")] {
            assert_eq!(cell_name(column, 7), name);
            assert_eq!(column_of(name, 7), Some(column));
        }
        for bad in ["A8", "7", "XFE7", "AAAA7", "a7", "A", ""] {
            assert_eq!(column_of(bad, 7), None, "{bad}");
        }
    }
}
