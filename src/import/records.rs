//! CSV records as a stream with bounded memory (RFC 4180 with LF or CRLF).
//!
//! `csv-core` parses into a buffer of fixed size, so a line of a gigabyte or a
//! quote that never closes is an error after [`MAX_RECORD_BYTES`], not memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Take};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr2_iter};

use super::limits::{MAX_COLUMNS, MAX_RECORD_BYTES};
use crate::canon::{Digest, HashingReader};

/// A file that is read once, hashed as it is read, and must not change meanwhile.
pub struct SourceFile {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
    reader: HashingReader<Take<File>>,
}

impl SourceFile {
    /// Opens a regular file; its length now is all that will be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = open_regular(path)?;
        let state = file.metadata()?;
        let reader = HashingReader::new(file.take(state.len()));
        Ok(Self { path: path.to_owned(), length: state.len(), modified: state.modified().ok(), reader })
    }

    /// How many bytes will be read.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Digest and size of what was read, and whether the file stayed as it was.
    pub fn finish(mut self) -> io::Result<(Digest, u64, bool)> {
        io::copy(&mut self.reader, &mut io::sink())?;
        let (digest, bytes, _) = self.reader.finish();
        let state = std::fs::metadata(&self.path);
        let as_before = |state: std::fs::Metadata| state.len() == self.length && state.modified().ok() == self.modified;
        let unchanged = bytes == self.length && state.is_ok_and(as_before);
        Ok((digest, bytes, unchanged))
    }
}

/// Opens a regular file and nothing else: a pipe would keep us waiting for ever, a device would never end.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let regular = |state: std::fs::Metadata| if state.is_file() { Ok(()) } else { Err(io::Error::other("not a regular file")) };
    regular(std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

impl Read for SourceFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// One record below the header.
#[derive(Debug)]
pub struct Record<'a> {
    /// Its row, counted as a spreadsheet does: the header is row 1.
    pub row: u64,
    /// Blank rows that stood before it.
    pub blanks_before: u64,
    cells: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no cell.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of one cell.
    pub fn cell(&self, position: usize) -> Option<&'a [u8]> {
        self.cells.get(self.place(position)?)
    }

    /// Where one cell stands among the bytes of all.
    pub fn place(&self, position: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(position)?;
        let start = if position == 0 { 0 } else { *self.ends.get(position - 1)? };
        Some(start..end)
    }

    /// All cells without a gap, where that is UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        std::str::from_utf8(self.cells).ok()
    }
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A record longer than memory is spent on.
    #[error("row {row} is longer than {MAX_RECORD_BYTES} bytes: a quote may be left open, or this is not a table")]
    TooLong {
        /// The row.
        row: u64,
    },
    /// More columns than any table of factors has.
    #[error("row {row} has more than {MAX_COLUMNS} cells")]
    TooWide {
        /// The row.
        row: u64,
    },
    /// A quote that is open when the file ends; everything after it would be one cell.
    #[error("the quote that opens in row {row} is never closed: the rest of the file would be one cell")]
    OpenQuote {
        /// The row.
        row: u64,
    },
    /// Text behind a closing quote, which the parser would join to the cell.
    #[error("row {row} has text behind a closing quote: end the cell there, or double the quotes within it")]
    StrayText {
        /// The row.
        row: u64,
    },
    /// The disk.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
}

/// Where quotes stand (RFC 4180, 2.5 to 2.7), to notice what the parser forgives: `"0.5"366` would be read as 0.5366.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Quotes {
    /// At the start of a cell.
    #[default]
    Start,
    /// In a cell without quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// Behind a quote within quotes: it closes the cell, or another follows.
    Closed,
}

impl Quotes {
    /// Takes the next byte; says whether it may not stand there.
    fn is_stray(&mut self, byte: u8, delimiter: u8) -> bool {
        let (next, stray) = match (*self, byte) {
            (Self::Quoted, b'"') => (Self::Closed, false),
            (Self::Quoted, _) | (Self::Closed | Self::Start, b'"') => (Self::Quoted, false),
            (_, b'\n' | b'\r') => (Self::Start, false),
            (_, byte) if byte == delimiter => (Self::Start, false),
            (Self::Closed, _) => (Self::Plain, true),
            _ => (Self::Plain, false),
        };
        *self = next;
        stray
    }

    /// The same of many bytes: only quotes and what stands around them decide.
    fn pass(&mut self, bytes: &[u8], delimiter: u8) -> bool {
        let mut rest = bytes;
        while let Some((first, behind)) = rest.split_first() {
            match *self {
                Self::Closed => {
                    if self.is_stray(*first, delimiter) {
                        return true;
                    }
                    rest = behind;
                }
                Self::Quoted => {
                    let Some(quote) = memchr(b'"', rest) else { return false };
                    *self = Self::Closed;
                    rest = rest.get(quote + 1..).unwrap_or_default();
                }
                Self::Start | Self::Plain => {
                    let quote = memchr(b'"', rest);
                    let (before, from) = rest.split_at(quote.unwrap_or(rest.len()));
                    if let Some(last) = before.last() {
                        *self = if [b'\n', b'\r', delimiter].contains(last) { Self::Start } else { Self::Plain };
                    }
                    if !from.is_empty() {
                        self.is_stray(b'"', delimiter);
                    }
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
        false
    }
}

/// How many lines end in these bytes: at a line feed, a carriage return, or both together.
fn line_ends(bytes: &[u8], after_return: bool) -> u64 {
    let mut count = 0;
    let mut returned = after_return.then_some(0);
    for place in memchr2_iter(b'\n', b'\r', bytes) {
        let is_return = bytes.get(place) == Some(&b'\r');
        count += u64::from(is_return || returned != Some(place));
        returned = is_return.then_some(place + 1);
    }
    count
}

/// Records that were read ahead, for another thread.
#[derive(Default)]
pub struct Batch {
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Of each record its row, the blank rows before it, and where its cells and their ends begin.
    records: Vec<(u64, u64, usize, usize)>,
}

impl Batch {
    /// How many bytes of memory it holds.
    pub fn size(&self) -> usize {
        self.cells.len() + size_of_val(self.ends.as_slice()) + size_of_val(self.records.as_slice())
    }

    /// Whether it holds no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Takes a copy of a record.
    pub fn push(&mut self, record: &Record<'_>) {
        self.records.push((record.row, record.blanks_before, self.cells.len(), self.ends.len()));
        self.cells.extend_from_slice(record.cells.get(..record.ends.last().copied().unwrap_or(0)).unwrap_or_default());
        self.ends.extend_from_slice(record.ends);
    }

    /// Its records, in their order.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        let next = self.records.iter().skip(1).map(|(.., cells, ends)| (*cells, *ends));
        let all = self.records.iter().zip(next.chain([(self.cells.len(), self.ends.len())]));
        all.map(|((row, blanks_before, cells, ends), (cells_end, ends_end))| Record {
            row: *row,
            blanks_before: *blanks_before,
            cells: self.cells.get(*cells..cells_end).unwrap_or_default(),
            ends: self.ends.get(*ends..ends_end).unwrap_or_default(),
        })
    }
}

/// The records of a CSV file, header first.
pub struct Records<R> {
    input: BufReader<R>,
    parser: csv_core::Reader,
    cells: Vec<u8>,
    ends: Vec<usize>,
    row: u64,
    blanks: u64,
    delimiter: u8,
    after_return: bool,
    ended: bool,
    quotes: Quotes,
}

impl<R: Read> Records<R> {
    /// Over a reader of UTF-8 text, comma separated.
    pub fn new(input: R) -> Self {
        Self::delimited(input, b',')
    }

    /// Over a reader of UTF-8 text whose cells are parted by another ASCII character.
    pub fn delimited(input: R, delimiter: u8) -> Self {
        Self {
            input: BufReader::with_capacity(256 << 10, input),
            parser: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            delimiter,
            cells: vec![0; MAX_RECORD_BYTES],
            ends: vec![0; MAX_COLUMNS],
            row: 0,
            blanks: 0,
            after_return: false,
            ended: false,
            quotes: Quotes::default(),
        }
    }

    /// Skips a byte order mark; says whether there was one.
    pub fn skip_bom(&mut self) -> io::Result<bool> {
        let bom = self.input.fill_buf()?.starts_with(b"\xef\xbb\xbf");
        if bom {
            self.input.consume(3);
        }
        Ok(bom)
    }

    /// The next record; nothing at the end.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, RecordError> {
        let (mut used, mut count) = (0, 0);
        let mut breaks = 0;
        loop {
            let input = self.input.fill_buf()?;
            let free = self.cells.get_mut(used..).unwrap_or_default();
            let free_ends = self.ends.get_mut(count..).unwrap_or_default();
            // the last row is ended by us, once: a line feed becomes part of a cell only where a quote is open
            let ending = input.is_empty() && !std::mem::replace(&mut self.ended, input.is_empty());
            let (result, taken, written, ended) = self.parser.read_record(if ending { b"\n" } else { input }, free, free_ends);
            if ending && written > 0 {
                return Err(RecordError::OpenQuote { row: self.row_here(breaks, used, count) });
            }
            let taken = if ending { 0 } else { taken };
            let passed = input.get(..taken).unwrap_or_default();
            if self.quotes.pass(passed, self.delimiter) {
                return Err(RecordError::StrayText { row: self.row_here(breaks, used, count) });
            }
            breaks += line_ends(passed, self.after_return);
            self.after_return = passed.last().map_or(self.after_return, |byte| *byte == b'\r');
            self.input.consume(taken);
            used += written;
            count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => return Err(RecordError::TooLong { row: self.row_here(breaks, used, count) }),
                ReadRecordResult::OutputEndsFull => return Err(RecordError::TooWide { row: self.row_here(breaks, used, count) }),
                ReadRecordResult::End => {
                    self.count_blanks(breaks);
                    return Ok(None);
                }
                ReadRecordResult::Record => break,
            }
        }
        if self.after_return && self.input.fill_buf()?.first() == Some(&b'\n') {
            self.input.consume(1);
            self.after_return = false;
        }
        // one break ends the record; only of more some may stand within its cells
        let blanks = if breaks > 1 { breaks.saturating_sub(self.inner_breaks(used, count) + 1) } else { 0 };
        self.count_blanks(blanks);
        self.row += 1;
        let (cells, ends) = (self.cells.get(..used).unwrap_or_default(), self.ends.get(..count).unwrap_or_default());
        Ok(Some(Record { row: self.row, blanks_before: std::mem::take(&mut self.blanks), cells, ends }))
    }

    /// The row that is being read: blank lines before it are rows, line breaks within its cells are not.
    fn row_here(&self, breaks: u64, used: usize, count: usize) -> u64 {
        self.row + 1 + breaks.saturating_sub(self.inner_breaks(used, count))
    }

    /// Line breaks within the cells of the record that is being read.
    fn inner_breaks(&self, used: usize, count: usize) -> u64 {
        let ends = self.ends.get(..count).unwrap_or_default().iter().copied().chain([used]);
        let mut start = 0;
        ends.map(|end| line_ends(self.cells.get(std::mem::replace(&mut start, end)..end).unwrap_or_default(), false)).sum()
    }

    /// Blank lines are passed over by the parser but stay rows of the table.
    fn count_blanks(&mut self, blanks: u64) {
        self.blanks += blanks;
        self.row += blanks;
    }

    /// Blank rows after the last record; meaningful once the end was reached.
    pub fn trailing_blanks(&self) -> u64 {
        self.blanks
    }

    /// The reader back.
    pub fn into_inner(self) -> R {
        self.input.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(text: &str) -> (Vec<(u64, u64, Vec<String>)>, u64) {
        let mut records = Records::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(record) = records.next_record().unwrap() {
            let cells = (0..record.len()).map(|i| String::from_utf8_lossy(record.cell(i).unwrap()).into_owned()).collect();
            found.push((record.row, record.blanks_before, cells));
        }
        (found, records.trailing_blanks())
    }

    proptest! {
        #[test]
        fn many_bytes_pass_as_one_by_one(text in "[a,\"\n\r;]{0,40}", cut in 0usize..40, returned: bool) {
            let (first, second) = text.as_bytes().split_at(cut.min(text.len()));
            let (mut many, mut single) = (Quotes::default(), Quotes::default());
            for part in [first, second] {
                let stray = part.iter().any(|byte| single.is_stray(*byte, b','));
                prop_assert_eq!(many.pass(part, b','), stray);
                if stray {
                    return Ok(());
                }
                prop_assert_eq!(many, single);
            }
            let (mut count, mut after_return) = (0, returned);
            for byte in text.bytes() {
                count += u64::from(byte == b'\r' || (byte == b'\n' && !after_return));
                after_return = byte == b'\r';
            }
            prop_assert_eq!(line_ends(text.as_bytes(), returned), count);
        }

        #[test]
        fn a_batch_gives_back_what_it_took(text in "[ab,\n]{0,60}") {
            let (mut records, mut batch, mut cells) = (Records::new(text.as_bytes()), Batch::default(), Vec::new());
            let told = |record: &Record<'_>| {
                let cells: Vec<_> = (0..record.len()).map(|place| record.cell(place).unwrap().to_vec()).collect();
                (record.row, record.blanks_before, cells)
            };
            while let Some(record) = records.next_record().unwrap() {
                batch.push(&record);
                cells.push(told(&record));
            }
            prop_assert_eq!(batch.records().map(|record| told(&record)).collect::<Vec<_>>(), cells);
        }
    }

    #[test]
    fn rows_are_counted_with_blanks_and_inner_breaks() {
        let (found, trailing) = all("a,b\n1,\"x\ny\"\n\n\r\n2,z\r\n\n");
        let cells = |row: usize| found[row].2.clone();
        assert_eq!(found.iter().map(|(row, blanks, _)| (*row, *blanks)).collect::<Vec<_>>(), [(1, 0), (2, 0), (5, 2)]);
        assert_eq!((cells(1), cells(2)), (vec!["1".into(), "x\ny".into()], vec!["2".into(), "z".into()]));
        assert_eq!(trailing, 1);
    }

    #[test]
    fn lines_may_end_in_any_way() {
        for end in ["\n", "\r\n", "\r"] {
            let (found, trailing) = all(&["a,b", "1,\"x\ry\r\n\",\"\nz\"", "", "", "2,z", "", ""].join(end));
            assert_eq!(found.iter().map(|(row, blanks, _)| (*row, *blanks)).collect::<Vec<_>>(), [(1, 0), (2, 0), (5, 2)], "{end:?}");
            assert_eq!(trailing, 1, "{end:?}");
        }
        let mut records = Records::delimited("a;b\n\"1\";2,5\n".as_bytes(), b';');
        records.next_record().unwrap();
        assert_eq!(records.next_record().unwrap().unwrap().cell(1), Some(&b"2,5"[..]));
    }

    #[test]
    fn an_endless_line_is_an_error_not_memory() {
        let endless = io::repeat(b'x').take(1 << 30);
        assert!(matches!(Records::new(endless).next_record(), Err(RecordError::TooLong { row: 1 })));
        let open_quote = (&b"a\n\""[..]).chain(io::repeat(b'\n').take(1 << 30));
        let mut records = Records::new(open_quote);
        records.next_record().unwrap();
        assert!(matches!(records.next_record(), Err(RecordError::TooLong { row: 2 })));
        let commas = io::repeat(b',').take(1 << 20);
        assert!(matches!(Records::new(commas).next_record(), Err(RecordError::TooWide { row: 1 })));
    }

    #[test]
    fn a_quote_left_open_at_the_end_is_an_error_not_a_cell() {
        for (text, row) in [("a,b\n1,\"x\n2,y\n", 2), ("a,b\n1,\"x", 2), ("\"a\n", 1), ("a\n\"", 2), ("a\n\n\n\"1", 4)] {
            let mut records = Records::new(text.as_bytes());
            let error = loop {
                match records.next_record() {
                    Ok(record) => assert!(record.is_some(), "{text}"),
                    Err(error) => break error,
                }
            };
            assert!(matches!(error, RecordError::OpenQuote { row: found } if found == row), "{text}: {error}");
        }
        for text in ["a,b\n1,\"x\"", "a\n\"\"", "a\r\n1\r", "a", "", "a\n", "a,\n1,"] {
            all(text);
        }
    }

    #[test]
    fn text_behind_a_closing_quote_is_an_error_not_a_part_of_the_cell() {
        for text in ["a\n\"0.5\"366\n", "a\n\"x\" \n", "\"a\"b\n1\n"] {
            let mut records = Records::new(text.as_bytes());
            let found = records.next_record().map(|_| ()).and_then(|()| records.next_record().map(|_| ()));
            assert!(matches!(found, Err(RecordError::StrayText { .. })), "{text}");
        }
        let (found, _) = all("a,b\n\"x\"\"y\",5\"\n\"\",\"\"\r\n");
        assert_eq!(found[1].2, ["x\"y", "5\""]);
        assert_eq!(found[2].2, ["", ""]);
    }

    #[test]
    fn a_file_that_grows_is_noticed() {
        let path = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&path, "a\n1\n").unwrap();
        let source = SourceFile::open(&path).unwrap();
        std::fs::write(&path, "a\n1\n2\n").unwrap();
        let (_, bytes, unchanged) = source.finish().unwrap();
        assert_eq!((bytes, unchanged), (4, false));
    }
}
