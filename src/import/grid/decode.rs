//! Text in any common encoding, handed on as UTF-8 while it is read.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding};

use super::fault::{Stop, wrong};
use super::{GridError, GridWish};
use crate::import::records::{RecordError, Records, open_regular};

const CHUNK: usize = 64 << 10;

/// Encodings that a table without a declared one is tried in, to say what would read it.
const COMMON: [&str; 6] = ["gb18030", "big5", "shift_jis", "euc-kr", "windows-1252", "utf-16le"];

/// A reader of UTF-8 over text in some encoding; a byte that does not belong to it is an error.
pub(super) struct Decoding<R> {
    input: R,
    decoder: Decoder,
    name: &'static str,
    lossy: bool,
    raw: Vec<u8>,
    raw_range: (usize, usize),
    text: Vec<u8>,
    text_range: (usize, usize),
    taken: u64,
    ended: bool,
}

impl<R: Read> Decoding<R> {
    /// Over the bytes behind a byte order mark.
    pub fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            name: encoding.name(),
            lossy: false,
            raw: vec![0; CHUNK],
            raw_range: (0, 0),
            text: vec![0; 4 * CHUNK],
            text_range: (0, 0),
            taken: 0,
            ended: false,
        }
    }

    /// Replaces what cannot be decoded.
    fn lossy(mut self) -> Self {
        self.lossy = true;
        self
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.text_range.0 == self.text_range.1 && !self.ended {
            let mut last = false;
            if self.raw_range.0 == self.raw_range.1 {
                let read = self.input.read(&mut self.raw)?;
                self.raw_range = (0, read);
                last = read == 0;
            }
            let source = self.raw.get(self.raw_range.0..self.raw_range.1).unwrap_or_default();
            let (bad, read, written) = if self.lossy {
                let (result, read, written, _) = self.decoder.decode_to_utf8(source, &mut self.text, last);
                self.ended = last && result == CoderResult::InputEmpty;
                (None, read, written)
            } else {
                let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(source, &mut self.text, last);
                self.ended = last && result == DecoderResult::InputEmpty;
                let bad =
                    if let DecoderResult::Malformed(length, after) = result { Some(u64::from(length) + u64::from(after)) } else { None };
                (bad, read, written)
            };
            self.raw_range.0 += read;
            self.taken += read as u64;
            self.text_range = (0, written);
            if let Some(back) = bad {
                return Err(io::Error::other(BadByte { offset: self.taken.saturating_sub(back), name: self.name }));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.refill()?;
        let ready = self.text.get(self.text_range.0..self.text_range.1).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.text_range.0 += count;
        Ok(count)
    }
}

/// A byte that does not belong to the encoding.
#[derive(Debug, thiserror::Error)]
#[error("byte {offset} is not {name}")]
struct BadByte {
    offset: u64,
    name: &'static str,
}

/// A text's encoding, and where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct TextKind {
    pub encoding: &'static Encoding,
    /// Length of its byte order mark.
    pub skip: u64,
}

impl TextKind {
    /// The text as UTF-8.
    pub fn open(self, path: &Path) -> io::Result<Decoding<File>> {
        let mut file = open_regular(path)?;
        file.seek(io::SeekFrom::Start(self.skip))?;
        Ok(Decoding::new(file, self.encoding))
    }

    /// The first byte that does not belong to it.
    fn first_bad(self, path: &Path) -> io::Result<Option<u64>> {
        match io::copy(&mut self.open(path)?, &mut io::sink()) {
            Ok(_) => Ok(None),
            Err(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<BadByte>()) {
                Some(bad) => Ok(Some(self.skip + bad.offset)),
                None => Err(error),
            },
        }
    }

    /// The row of a table that this byte stands in.
    fn row_at(self, path: &Path, offset: u64, delimiter: u8) -> Option<u64> {
        let mut file = open_regular(path).ok()?;
        file.seek(io::SeekFrom::Start(self.skip)).ok()?;
        let before = Decoding::new(file.take(offset.saturating_sub(self.skip)), self.encoding).lossy();
        let mut records = Records::delimited(before.chain(&b"?"[..]), delimiter);
        let mut row = 1;
        loop {
            match records.next_record() {
                Ok(Some(record)) => row = record.row,
                Ok(None) => return Some(row),
                Err(RecordError::Io(_)) => return None,
                Err(
                    RecordError::TooLong { row }
                    | RecordError::TooWide { row }
                    | RecordError::OpenQuote { row }
                    | RecordError::StrayText { row },
                ) => return Some(row),
            }
        }
    }
}

/// Finds the encoding of a text: its byte order mark's, else the first of the wish that reads it, else UTF-8.
///
/// `rows`: the delimiter of a table, so that an error can name the row.
pub(super) fn find_encoding(path: &Path, wish: &GridWish, rows: Option<u8>) -> Result<TextKind, GridError> {
    let mut head = Vec::new();
    open_regular(path)?.take(4096).read_to_end(&mut head)?;
    if let Some((encoding, length)) = Encoding::for_bom(&head) {
        let kind = TextKind { encoding, skip: length as u64 };
        return match kind.first_bad(path)? {
            None => Ok(kind),
            Some(offset) => Err(bad_text(path, kind, offset, rows, "its byte order mark says so: save the file again".to_owned())),
        };
    }
    let mut first: Option<(TextKind, u64)> = None;
    let wished = if wish.encodings.is_empty() { &["utf-8".to_owned()][..] } else { &wish.encodings };
    for label in wished {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
            wrong("encoding", None, format!("`{label}` is no known encoding: write a label such as utf-8, gb18030 or windows-1252"))
        })?;
        let kind = TextKind { encoding, skip: 0 };
        match kind.first_bad(path)? {
            None if encoding == encoding_rs::UTF_8 && looks_wide(&head) => first = first.or(Some((kind, 1))),
            None => return Ok(kind),
            Some(offset) => first = first.or(Some((kind, offset))),
        }
    }
    match first {
        None => Ok(TextKind { encoding: encoding_rs::UTF_8, skip: 0 }),
        Some((kind, offset)) => {
            let advice = readable_as(path, &head)?;
            Err(bad_text(path, kind, offset, rows, advice))
        }
    }
}

/// Whether every other byte is nothing, as in UTF-16.
fn looks_wide(head: &[u8]) -> bool {
    let nothing = head.iter().filter(|byte| **byte == 0).count();
    head.len() >= 2 && nothing * 4 >= head.len()
}

fn readable_as(path: &Path, head: &[u8]) -> io::Result<String> {
    let mut found = Vec::new();
    if looks_wide(head) {
        found.push(if head.first() == Some(&0) { "utf-16be" } else { "utf-16le" });
    } else {
        for label in COMMON.iter().filter(|label| !label.starts_with("utf-16")) {
            let Some(encoding) = Encoding::for_label(label.as_bytes()) else { continue };
            let kind = TextKind { encoding, skip: 0 };
            if kind.first_bad(path)?.is_none() {
                found.push(*label);
            }
        }
    }
    Ok(format!("declare its encoding; it can be read as {}", found.join(", ")))
}

fn bad_text(path: &Path, kind: TextKind, offset: u64, rows: Option<u8>, advice: String) -> GridError {
    let row = rows.and_then(|delimiter| kind.row_at(path, offset, delimiter));
    let place = row.map_or(String::new(), |row| format!("row {row}, "));
    wrong("encoding", row, format!("{place}byte {} is not {}: {advice}", offset + 1, kind.encoding.name()))
}

/// What a decoding error is; the encoding was tried before, so the file changed meanwhile.
pub(super) fn changed(error: io::Error) -> io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<BadByte>()) {
        Some(bad) => Stop::io("file-changed", format!("{bad}, and was before: the file changed while it was read")),
        None => error,
    }
}
