//! Checkpoints (C2SP tlog-checkpoint v1.0.0): what a log says its tree is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::canon::Digest;

use super::key::{KeyKind, VerifierKey};
use super::note::{Note, NoteError, Signed};
use super::tile::decimal;

/// A text that is no checkpoint, or a note that is not this log's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// A line is missing or wrong.
    #[error("line {line} of the checkpoint: {problem}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What would be right.
        problem: &'static str,
    },
    /// The note is wrong, or its signatures are.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The checkpoint speaks for another log than the one that signed it.
    #[error("the checkpoint is of the log `{origin}`, but was signed by {signer}")]
    Origin {
        /// The origin that the checkpoint names.
        origin: String,
        /// The trusted log that signed it.
        signer: String,
    },
}

/// A log's tree at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, its URL prefix without scheme and final slash.
    pub origin: String,
    /// Leaves in the tree, at most `i64::MAX`.
    pub size: u64,
    /// The tree's root.
    pub root: Digest,
    /// Further lines, none empty; Tanyin writes none.
    pub extensions: Vec<String>,
}

/// A checkpoint whose signatures were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedCheckpoint<'k> {
    /// What the log says.
    pub checkpoint: Checkpoint,
    /// The trusted keys that signed: the log's own, and witnesses with their times.
    pub signed: Vec<Signed<'k>>,
}

/// One hash a line: padded standard base64 of 32 bytes.
pub fn parse_hash(line: &str) -> Option<Digest> {
    Some(Digest::from_bytes(STANDARD.decode(line).ok()?.try_into().ok()?))
}

/// The line of a hash, without line feed.
pub fn hash_text(hash: &Digest) -> String {
    STANDARD.encode(hash.as_bytes())
}

/// A number of leaves: canonical decimal, at most `i64::MAX`.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    decimal(text).filter(|size| i64::try_from(*size).is_ok())
}

impl Checkpoint {
    /// Reads a note's text.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let wrong = |line, problem| CheckpointError::Line { line, problem };
        super::note::check_text(text)?;
        let mut lines = text.lines();
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or_else(|| wrong(1, "the log's origin stands here"))?;
        let size = lines.next().and_then(parse_size);
        let size =
            size.ok_or_else(|| wrong(2, "the tree's size stands here, a decimal of at most 9223372036854775807 without leading zeros"))?;
        let root = lines.next().and_then(parse_hash).ok_or_else(|| wrong(3, "the root stands here, padded standard base64 of 32 bytes"))?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        match extensions.iter().position(String::is_empty) {
            Some(place) => Err(wrong(place + 4, "an extension line is not empty")),
            None => Ok(Self { origin: origin.to_owned(), size, root, extensions }),
        }
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, hash_text(&self.root));
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// Believes a note: a trusted log signed it and is its origin, and no signature of a trusted key is wrong.
    ///
    /// `logs` are plain keys, `witnesses` cosignature keys. Whether enough witnesses signed is the policy's to say.
    pub fn open<'k>(note: &Note, logs: &'k [VerifierKey], witnesses: &'k [VerifierKey]) -> Result<OpenedCheckpoint<'k>, CheckpointError> {
        let checkpoint = Self::parse(&note.text)?;
        let mut signed = note.verify(logs)?;
        let own = |signed: &Signed<'_>| signed.key.kind() == KeyKind::Ed25519 && signed.key.name() == checkpoint.origin;
        if !signed.iter().any(own) {
            let signer = signed.iter().map(|signed| signed.key.name()).collect::<Vec<_>>().join(", ");
            return Err(CheckpointError::Origin { origin: checkpoint.origin, signer });
        }
        match note.verify(witnesses) {
            Err(NoteError::Unknown { .. }) => {}
            cosigned => signed.extend(cosigned?),
        }
        Ok(OpenedCheckpoint { checkpoint, signed })
    }
}
