//! How a reading ends: a rule and its message, also through readers that only know errors of the disk.

use std::io;

use super::GridError;

/// An error that passes through the readers of an archive, of XML or of JSON as one of the disk.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(super) struct Stop {
    /// Id of the rule.
    pub rule: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Stop {
    /// As an error of the disk.
    pub fn io(rule: &'static str, message: impl Into<String>) -> io::Error {
        io::Error::other(Self { rule, message: message.into() })
    }

    /// What stopped the reading, if it was one of ours.
    pub fn find(error: &io::Error) -> Option<&Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>())
    }
}

/// Something wrong with the file.
pub(super) fn wrong(rule: &'static str, row: impl Into<Option<u64>>, message: impl Into<String>) -> GridError {
    GridError::Wrong { rule, row: row.into(), message: message.into() }
}

/// What an error while reading is: ours, a damaged file, or the disk's.
pub(super) fn read_fault(error: io::Error, row: impl Into<Option<u64>>) -> GridError {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    if let Some(stop) = Stop::find(&error) {
        return wrong(stop.rule, row, stop.message.clone());
    }
    match error.kind() {
        UnexpectedEof | InvalidData | InvalidInput => {
            wrong("file-unreadable", row, format!("the file is damaged or cut short ({error}): get it again"))
        }
        _ => GridError::Io(error),
    }
}
