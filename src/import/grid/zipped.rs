//! Members of a zip archive, with bounds on what they may inflate to. Nothing is ever written to disk.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::GridError;
use super::fault::{Stop, read_fault, wrong};
use crate::import::limits::{MAX_ARCHIVE_MEMBERS, MAX_INFLATED_BYTES, MAX_INFLATED_RATIO, MAX_WORKBOOK_BYTES, RATIO_FREE_BYTES};
use crate::import::records::open_regular;

/// Where the end of an archive's directory is looked for: its longest comment and the records about it.
const DIRECTORY_END_BYTES: u64 = (64 << 10) + 512;

/// The largest directory of an archive: its longest list of members, with names.
const MAX_DIRECTORY_BYTES: u64 = 4 << 20;

/// An opened archive.
pub(super) struct Zipped {
    archive: ZipArchive<BufReader<File>>,
}

impl Zipped {
    /// Opens an archive and looks at its directory.
    pub fn open(path: &Path) -> Result<Self, GridError> {
        let file = open_regular(path)?;
        let length = file.metadata()?.len();
        if length > MAX_WORKBOOK_BYTES {
            return Err(wrong(
                "too-large",
                None,
                format!("the file has {length} bytes; at most {MAX_WORKBOOK_BYTES} are read of a workbook"),
            ));
        }
        check_directory(&file, length)?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(zip_fault)?;
        if archive.len() > MAX_ARCHIVE_MEMBERS {
            return Err(wrong(
                "archive-unsafe",
                None,
                format!("the archive has {} members; at most {MAX_ARCHIVE_MEMBERS} are read", archive.len()),
            ));
        }
        if archive.has_duplicate_names() {
            return Err(wrong("archive-unsafe", None, "two members of the archive have one name: which is meant cannot be told"));
        }
        Ok(Self { archive })
    }

    /// Whether it has this member.
    pub fn has(&self, name: &str) -> bool {
        self.archive.index_for_name(name).is_some()
    }

    /// The names of its members.
    pub fn names(&self) -> Vec<String> {
        self.archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// Whether a member wants a password.
    pub fn is_encrypted(&mut self) -> bool {
        (0..self.archive.len()).any(|index| self.archive.by_index_raw(index).is_ok_and(|member| member.encrypted()))
    }

    /// One member as a stream that ends with a finding where it inflates beyond measure.
    pub fn member(&mut self, name: &str) -> Result<impl Read + use<'_>, GridError> {
        let member = self.archive.by_name(name).map_err(zip_fault)?;
        let packed = member.compressed_size();
        Ok(Inflated { member, packed, inflated: 0 })
    }

    /// A small member as a whole; none where there is none.
    pub fn small(&mut self, name: &str, limit: u64) -> Result<Option<String>, GridError> {
        if !self.has(name) {
            return Ok(None);
        }
        let mut text = Vec::new();
        self.member(name)?.take(limit + 1).read_to_end(&mut text).map_err(|error| read_fault(error, None))?;
        if text.len() as u64 > limit {
            return Err(wrong("too-large", None, format!("`{name}` in the archive is larger than {limit} bytes")));
        }
        let text = String::from_utf8(text).map_err(|_| wrong("encoding", None, format!("`{name}` in the archive is not UTF-8")))?;
        Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
    }
}

/// Looks at the size of the directory before it is read into memory (APPNOTE, 4.3.14 and 4.3.16).
fn check_directory(mut file: &File, length: u64) -> Result<(), GridError> {
    file.seek(SeekFrom::Start(length.saturating_sub(DIRECTORY_END_BYTES)))?;
    let mut tail = Vec::new();
    file.take(DIRECTORY_END_BYTES).read_to_end(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    for (at, _) in tail.windows(4).enumerate().filter(|(_, mark)| mark.starts_with(b"PK")) {
        let end = tail.get(at..).unwrap_or_default();
        let size = match end.get(2..4) {
            Some(b"\x05\x06") => end
                .get(12..16)
                .and_then(|size| size.try_into().ok())
                .map(u32::from_le_bytes)
                .filter(|size| *size != u32::MAX)
                .map(u64::from),
            Some(b"\x06\x06") => end.get(40..48).and_then(|size| size.try_into().ok()).map(u64::from_le_bytes),
            _ => None,
        };
        if size.is_some_and(|size| size > MAX_DIRECTORY_BYTES) {
            return Err(wrong(
                "archive-unsafe",
                None,
                format!("the archive's directory is larger than {MAX_DIRECTORY_BYTES} bytes: it is no workbook"),
            ));
        }
    }
    Ok(())
}

struct Inflated<R> {
    member: R,
    packed: u64,
    inflated: u64,
}

impl<R: Read> Read for Inflated<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.member.read(buffer).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        })?;
        self.inflated += count as u64;
        let beyond = self.inflated > RATIO_FREE_BYTES && self.inflated / MAX_INFLATED_RATIO > self.packed;
        if self.inflated > MAX_INFLATED_BYTES || beyond {
            let message =
                format!("a member of the archive inflates from {} to more than {} bytes: it is no workbook", self.packed, self.inflated);
            return Err(Stop::io("archive-unsafe", message));
        }
        Ok(count)
    }
}

fn zip_fault(error: ZipError) -> GridError {
    match error {
        ZipError::Io(error) => read_fault(error, None),
        ZipError::UnsupportedArchive(text) if text.contains("assword") => {
            wrong("encrypted-file", None, "the archive wants a password: save the file without one")
        }
        ZipError::InvalidPassword => wrong("encrypted-file", None, "the archive wants a password: save the file without one"),
        other => wrong("file-unreadable", None, format!("the archive is damaged or cut short ({other}): get it again")),
    }
}
