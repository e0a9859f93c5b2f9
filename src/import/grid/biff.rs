//! A binary workbook (MS-XLS, BIFF8): its sheets, shared strings and formats, and the rows of a sheet.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::biff_text::{Strings, long_text, short_text};
use super::book::wished_sheet;
use super::fault::wrong;
use super::numbers::{day_of, is_date_format, is_date_id, shortest_of};
use super::ole::{Compound, u16_at, u32_at};
use super::rows::RowTaker;
use super::{Cell, GridError, GridRow, GridWish};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const CONTINUE: u16 = 0x003c;

/// Refuses a workbook with a password, or of an older kind.
pub(super) fn check(file: &Compound) -> Result<(), GridError> {
    Workbook::read(file.stream("Workbook")?).map(|_| ())
}

/// The names of its sheets.
pub(super) fn sheets(path: &Path) -> Result<Vec<String>, GridError> {
    Ok(Workbook::open(path)?.sheets.into_iter().map(|(name, _)| name).collect())
}

/// Hands out the rows of the wished sheet, and says which it is.
pub(super) fn rows(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<String, GridError> {
    let book = Workbook::open(path)?;
    let names: Vec<String> = book.sheets.iter().map(|(name, _)| name.clone()).collect();
    let place = wished_sheet(&names, wish)?;
    let Some((name, start)) = book.sheets.get(place) else { return Ok(String::new()) };
    let mut sheet = Sheet { book: &book, rows: RowTaker::new(take), row: None, awaited: None };
    let mut depth = 0_u32;
    for record in Parts::new(&book.stream, *start) {
        let (id, data) = record?;
        match id {
            BOF => depth += 1,
            EOF => depth -= 1,
            // what is nested is a chart's
            _ if depth == 1 => sheet.record(id, data)?,
            _ => {}
        }
        if depth == 0 {
            sheet.end_row()?;
            return Ok(name.clone());
        }
    }
    Err(damaged("the sheet does not end"))
}

fn damaged(what: &str) -> GridError {
    wrong("file-unreadable", None, format!("the workbook is damaged or cut short ({what}): get it again"))
}

/// The records of a stream from a place on.
struct Parts<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Parts<'a> {
    fn new(stream: &'a [u8], at: usize) -> Self {
        Self { stream, at }
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Result<(u16, &'a [u8]), GridError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.stream.len() {
            return None;
        }
        let read = || {
            let (id, length) = (u16_at(self.stream, self.at)?, u16_at(self.stream, self.at + 2)?);
            Some((id, self.stream.get(self.at + 4..self.at + 4 + usize::from(length))?))
        };
        let Some((id, data)) = read() else {
            self.at = self.stream.len();
            return Some(Err(damaged("a record is not whole")));
        };
        self.at += 4 + data.len();
        Some(Ok((id, data)))
    }
}

#[derive(Default)]
struct Workbook {
    stream: Vec<u8>,
    /// Names of its sheets of cells, and where they begin.
    sheets: Vec<(String, usize)>,
    strings: Strings,
    /// By style: whether it shows a date.
    dates: Vec<bool>,
    from_1904: bool,
}

impl Workbook {
    fn open(path: &Path) -> Result<Self, GridError> {
        Self::read(Compound::open(path)?.stream("Workbook")?)
    }

    fn read(stream: Vec<u8>) -> Result<Self, GridError> {
        let mut book = Self::default();
        let (mut formats, mut styles) = (BTreeMap::new(), Vec::new());
        let mut parts = Parts::new(&stream, 0).peekable();
        let mut first = true;
        loop {
            let Some(part) = parts.next() else { return Err(damaged("its directory of sheets does not end")) };
            let (id, data) = part?;
            if std::mem::take(&mut first) && (id != BOF || u16_at(data, 0) != Some(0x0600)) {
                return Err(wrong("not-a-table", None, "the workbook is of Excel 95 or earlier, or damaged: save it as .xlsx"));
            }
            match id {
                EOF => break,
                0x002f => return Err(wrong("encrypted-file", None, "the workbook wants a password: save it without one")),
                0x0022 => book.from_1904 = u16_at(data, 0) == Some(1),
                0x0085 => {
                    let name = short_text(data.get(6..).unwrap_or_default()).ok_or_else(|| damaged("a sheet has no name"))?;
                    let start = u32_at(data, 0).ok_or_else(|| damaged("a sheet has no place"))?;
                    if data.get(5) == Some(&0) {
                        book.sheets.push((name, start as usize));
                    }
                }
                0x041e => {
                    let code = long_text(&[data.get(2..).unwrap_or_default()]).unwrap_or_default();
                    formats.insert(u16_at(data, 0).unwrap_or(0), is_date_format(&code));
                }
                0x00e0 => styles.push(u16_at(data, 2).unwrap_or(0)),
                0x00fc => {
                    let mut segments = vec![data];
                    while let Some(Ok((CONTINUE, more))) = parts.peek() {
                        segments.push(more);
                        parts.next();
                    }
                    book.strings = Strings::read(&segments)?;
                }
                _ => {}
            }
        }
        book.dates = styles.into_iter().map(|id| formats.get(&id).copied().unwrap_or(is_date_id(u32::from(id)))).collect();
        book.stream = stream;
        Ok(book)
    }
}

struct Sheet<'a, 'b> {
    book: &'a Workbook,
    rows: RowTaker<'b>,
    row: Option<u16>,
    /// The row and column of a formula whose text follows.
    awaited: Option<(u16, u16)>,
}

impl Sheet<'_, '_> {
    fn record(&mut self, id: u16, data: &[u8]) -> Result<(), GridError> {
        let known = matches!(id, 0x0203 | 0x027e | 0x00bd | 0x00fd | 0x0204 | 0x00d6 | 0x0205 | 0x0006);
        if known {
            self.cell(id, data).unwrap_or_else(|| Err(damaged("a cell is not whole")))
        } else if id == 0x0207 {
            let Some((row, column)) = self.awaited.take() else { return Ok(()) };
            self.put(row, column, Cell::text(long_text(&[data]).ok_or_else(|| damaged("a formula's text is not whole"))?))
        } else {
            Ok(())
        }
    }

    fn cell(&mut self, id: u16, data: &[u8]) -> Option<Result<(), GridError>> {
        let (row, column, style) = (u16_at(data, 0)?, u16_at(data, 2)?, u16_at(data, 4)?);
        let cell = match id {
            0x0203 => self.number(double(data, 6)?, style),
            0x027e => self.number(rk(u32_at(data, 6)?), style),
            0x00bd => {
                let count = data.len().checked_sub(6)? / 6;
                for index in 0..count {
                    let (style, value) = (u16_at(data, 4 + index * 6)?, u32_at(data, 6 + index * 6)?);
                    let cell = self.number(rk(value), style);
                    if let Err(error) = self.put(row, column.checked_add(u16::try_from(index).ok()?)?, cell) {
                        return Some(Err(error));
                    }
                }
                return Some(Ok(()));
            }
            0x00fd => Cell::text(self.book.strings.get(u32_at(data, 6)? as usize)?),
            0x0204 | 0x00d6 => Cell::text(long_text(&[data.get(6..)?])?),
            0x0205 => truth_or_error(*data.get(6)?, *data.get(7)? == 0),
            _ => match (*data.get(6)?, data.get(12..14)?) {
                (0, [0xff, 0xff]) => {
                    self.awaited = Some((row, column));
                    return Some(Ok(()));
                }
                (kind @ (1 | 2), [0xff, 0xff]) => truth_or_error(*data.get(8)?, kind == 1),
                (_, [0xff, 0xff]) => Cell::default(),
                _ => self.number(double(data, 6)?, style),
            },
        };
        Some(self.put(row, column, cell))
    }

    fn put(&mut self, row: u16, column: u16, cell: Cell) -> Result<(), GridError> {
        if self.row != Some(row) {
            if self.row.is_some_and(|last| last > row) {
                return Err(damaged("its rows are not in order"));
            }
            self.end_row()?;
            self.row = Some(row);
        }
        self.rows.put(u64::from(row) + 1, usize::from(column), cell)
    }

    fn end_row(&mut self) -> Result<(), GridError> {
        self.row.map_or(Ok(()), |row| self.rows.end_rows(u64::from(row) + 1, 1))
    }

    fn number(&self, value: Option<String>, style: u16) -> Cell {
        let Some(text) = value else { return Cell::text("#NUM!") };
        let date = self.book.dates.get(usize::from(style)).copied().unwrap_or(false);
        match if date { day_of(&text, self.book.from_1904) } else { None } {
            Some(day) => Cell { text: day, stored: Some(text), number: false },
            None => Cell { text, stored: None, number: true },
        }
    }
}

fn double(data: &[u8], at: usize) -> Option<Option<String>> {
    let bytes: [u8; 8] = data.get(at..at.checked_add(8)?)?.try_into().ok()?;
    Some(shortest_of(f64::from_le_bytes(bytes)))
}

/// A number in four bytes (MS-XLS, 2.5.198.104): an integer or the upper half of a double, perhaps to be divided by 100.
#[allow(clippy::float_arithmetic, reason = "the format defines the value as the quotient of two doubles")]
fn rk(bits: u32) -> Option<String> {
    let hundredth = bits & 1 == 1;
    if bits & 2 == 0 {
        let value = f64::from_bits(u64::from(bits & !3) << 32);
        return shortest_of(if hundredth { value / 100.0 } else { value });
    }
    let value = f64::from(bits.cast_signed() >> 2);
    shortest_of(if hundredth { value / 100.0 } else { value })
}

fn truth_or_error(code: u8, truth: bool) -> Cell {
    Cell::text(match (truth, code) {
        (true, 0) => "FALSE",
        (true, _) => "TRUE",
        (_, 0x00) => "#NULL!",
        (_, 0x07) => "#DIV/0!",
        (_, 0x0f) => "#VALUE!",
        (_, 0x17) => "#REF!",
        (_, 0x1d) => "#NAME?",
        (_, 0x24) => "#NUM!",
        _ => "#N/A",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_read_as_the_format_defines() {
        for (bits, text) in [
            (0x0000_0006_u32, "1"),
            (0xffff_fffe, "-1"),
            (((12345 << 2) | 3), "123.45"),
            (0x3ff0_0000, "1"),
            (0x3ff0_0001, "0.01"),
            (0x4059_0000, "100"),
        ] {
            assert_eq!(rk(bits).as_deref(), Some(text), "{bits:x}");
        }
    }

    #[test]
    fn errors_have_their_names() {
        assert_eq!(truth_or_error(0x2a, false), Cell::text("#N/A"));
        assert_eq!(truth_or_error(1, true), Cell::text("TRUE"));
    }
}
