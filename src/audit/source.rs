//! Where the bytes to verify come from: a folder of blobs, or a server.

use std::fs;
use std::io;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Finding, Report};
use crate::fetch::{FetchError, Fetcher};

/// A named file, as far as it could be read.
pub(super) enum Got {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It is not there.
    Missing,
    /// What is wrong with it is in the report.
    Reported,
}

/// Files by name.
pub(super) trait Source {
    /// How the file is called in a report.
    fn place(&self, name: &str) -> String;

    /// Reads a file of at most `limit` bytes.
    fn read(&self, name: &str, limit: u64, report: &mut Report) -> Got;
}

/// A folder, read as it lies there.
pub(super) struct Folder(pub(super) PathBuf);

impl Source for Folder {
    fn place(&self, name: &str) -> String {
        name.to_owned()
    }

    fn read(&self, name: &str, limit: u64, report: &mut Report) -> Got {
        match read_file(&self.0.join(name), limit) {
            Ok(Some(bytes)) => {
                report.bytes += bytes.len() as u64;
                Got::Bytes(bytes)
            }
            Ok(None) => Got::Missing,
            Err(error) => {
                match error.kind() {
                    io::ErrorKind::FileTooLarge => report.fail(Finding::new("size", name, error.to_string())),
                    _ => report.fault(format!("{name}: {error}")),
                }
                Got::Reported
            }
        }
    }
}

/// A file's bytes, at most `limit` of them; none: it is not there.
pub(super) fn read_file(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(limit)).unwrap_or(0) + 1);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes")));
    }
    Ok(Some(bytes))
}

/// A server, by the address that its log and its routes stand below.
pub(super) struct Server {
    pub(super) base: String,
    pub(super) fetcher: Fetcher,
}

impl Source for Server {
    fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.base)
    }

    fn read(&self, name: &str, limit: u64, report: &mut Report) -> Got {
        let url = self.place(name);
        match self.fetcher.get(&url, limit) {
            Ok(answer) if answer.status == 200 => {
                report.bytes += answer.body.len() as u64;
                Got::Bytes(answer.body)
            }
            Ok(answer) if matches!(answer.status, 404 | 410) => Got::Missing,
            Ok(answer) => {
                report.fault(format!("{url}: the server answers with status {}", answer.status));
                Got::Reported
            }
            Err(error) => {
                fetch_failed(&url, &error, report);
                Got::Reported
            }
        }
    }
}

/// An answer without an end is a lie, one that does not come is a fault.
pub(super) fn fetch_failed(url: &str, error: &FetchError, report: &mut Report) {
    match error {
        FetchError::TooLong { limit, .. } => {
            let wrong = format!("the answer is longer than the {limit} bytes that it may have: it was cut off and refused");
            report.fail(Finding::new("endless", url, wrong));
        }
        other => report.fault(other.to_string()),
    }
}
