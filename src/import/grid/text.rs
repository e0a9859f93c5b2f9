//! Text with a delimiter.

use std::io::{self, Read};
use std::path::Path;

use super::decode::{TextKind, changed, find_encoding};
use super::fault::{read_fault, wrong};
use super::{Cell, GridCells, GridError, GridRow, GridWish, TextLayout};
use crate::import::records::{Record, RecordError, Records};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records, and how many bytes, the delimiter is found out from.
const SAMPLE_RECORDS: usize = 100;
const SAMPLE_BYTES: u64 = 1 << 20;

/// Finds out how the text is to be read.
pub(super) fn layout(path: &Path, wish: &GridWish) -> Result<(TextKind, TextLayout), GridError> {
    let kind = find_encoding(path, wish, Some(wish.delimiter.unwrap_or(b',')))?;
    let delimiter = match wish.delimiter {
        Some(byte) if byte.is_ascii() && !b"\"\r\n".contains(&byte) => byte,
        Some(byte) => return Err(wrong("delimiter", None, format!("byte {byte} cannot part cells: write `,`, `;`, `|` or a tab"))),
        None => find_delimiter(path, kind)?,
    };
    Ok((kind, TextLayout { encoding: kind.encoding.name(), delimiter }))
}

/// The delimiter that parts most of the first records into equally many cells.
fn find_delimiter(path: &Path, kind: TextKind) -> Result<u8, GridError> {
    let mut sample = Vec::new();
    kind.open(path)?.take(SAMPLE_BYTES).read_to_end(&mut sample).map_err(|error| read_fault(changed(error), None))?;
    let whole = (sample.len() as u64) < SAMPLE_BYTES;
    let mut best = (0, 0);
    let mut found = Vec::new();
    for delimiter in DELIMITERS {
        let Some(score) = score(&sample, delimiter, whole) else { continue };
        if score > best {
            found.clear();
            best = score;
        }
        if score == best {
            found.push(delimiter);
        }
    }
    match found.as_slice() {
        [] => Ok(b','),
        [one] => Ok(*one),
        several => {
            let names: Vec<_> = several.iter().map(|byte| format!("`{}`", char::from(*byte).escape_default())).collect();
            Err(wrong("delimiter", None, format!("{} part the cells equally well: say which it is", names.join(" and "))))
        }
    }
}

/// How many records have the most common number of cells, and that number; none where a cell is malformed or stands alone.
fn score(sample: &[u8], delimiter: u8, whole: bool) -> Option<(usize, usize)> {
    let mut records = Records::delimited(sample, delimiter);
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for _ in 0..SAMPLE_RECORDS {
        match records.next_record() {
            Ok(Some(record)) if record.len() > 1 => *counts.entry(record.len()).or_default() += 1,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(RecordError::OpenQuote { .. }) if !whole => break,
            Err(_) => return None,
        }
    }
    counts.into_iter().map(|(width, records)| (records, width)).max()
}

/// Hands out every row; blank lines are rows.
pub(super) fn rows(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    let (kind, layout) = layout(path, wish)?;
    let mut records = Records::delimited(kind.open(path)?, layout.delimiter);
    let mut last = 0;
    while let Some(record) = records.next_record().map_err(record_fault)? {
        let (row, cells) = (record.row, cells(&record)?);
        blanks(last + 1..row, take)?;
        last = row;
        take(GridRow { row, cells })?;
    }
    blanks(last + 1..last + 1 + records.trailing_blanks(), take)
}

fn blanks(rows: std::ops::Range<u64>, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    for row in rows {
        take(GridRow { row, cells: GridCells::Placed(Vec::new()) })?;
    }
    Ok(())
}

fn cells(record: &Record<'_>) -> Result<GridCells, GridError> {
    let text = |position| std::str::from_utf8(record.cell(position).unwrap_or_default());
    let cells: Result<Vec<_>, _> = (0..record.len()).map(|position| text(position).map(Cell::text)).collect();
    let fault = |_| wrong("encoding", record.row, format!("row {} is parted within a character", record.row));
    cells.map(GridCells::Placed).map_err(fault)
}

fn record_fault(error: RecordError) -> GridError {
    let message = error.to_string();
    match error {
        RecordError::TooLong { row } | RecordError::TooWide { row } => wrong("row-too-long", row, message),
        RecordError::OpenQuote { row } | RecordError::StrayText { row } => wrong("open-quote", row, message),
        RecordError::Io(error) => read_fault(changed(error), None),
    }
}
