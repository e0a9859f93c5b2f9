//! What a witness is asked and how it decides (C2SP tlog-witness v1.0.0, `add-checkpoint`).

use std::fmt;

use crate::canon::Digest;

use super::checkpoint::{Checkpoint, CheckpointError, hash_text, parse_hash, parse_size};
use super::key::VerifierKey;
use super::log_proof::MAX_PATH;
use super::note::{MAX_NOTE, Note};
use super::proof::{ProofError, check_growth};
use super::tree::empty_root;

/// The most bytes that a request may have.
pub const MAX_ADD_CHECKPOINT: usize = MAX_NOTE + 4096;

/// A request's body that cannot be read; the answer is 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddCheckpointError {
    /// Longer than is read.
    #[error("a request has at most {MAX_ADD_CHECKPOINT} bytes, not {0}")]
    TooLong(usize),
    /// A line is missing or wrong.
    #[error("line {line} of the request: {problem}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What would be right.
        problem: &'static str,
    },
    /// What follows the blank line is no checkpoint.
    #[error("the request's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// A log asks a witness to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is thought to know; 0 if none.
    pub old_size: u64,
    /// The consistency proof from that size, at most 63 hashes.
    pub proof: Vec<Digest>,
    /// The signed checkpoint.
    pub note: Note,
    /// What it says; not to be believed before [`AddCheckpoint::decide`].
    pub checkpoint: Checkpoint,
}

/// Why a witness does not cosign; each has one status of HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessRefusal {
    /// 404.
    #[error("the log `{0}` is not known here")]
    UnknownLog(String),
    /// 403.
    #[error("the checkpoint is not signed by a key trusted for its log: {0}")]
    Signature(CheckpointError),
    /// 400.
    #[error("the old size {old} is above the checkpoint's size {size}")]
    OldAbove {
        /// The size asked from.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// 409, and the answer's body is the size that the witness knows.
    #[error("the latest cosigned checkpoint has {known} leaves: send a proof from that size")]
    OtherSize {
        /// The size of the latest cosigned checkpoint.
        known: u64,
    },
    /// 409: the log signed two histories. Both notes are evidence.
    #[error("the log signed another root for its {known} leaves: it shows two histories")]
    Fork {
        /// The size of both.
        known: u64,
    },
    /// 422.
    #[error("the consistency proof is wrong: {0}")]
    Proof(ProofError),
}

impl WitnessRefusal {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::OldAbove { .. } => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::OtherSize { .. } | Self::Fork { .. } => 409,
            Self::Proof(_) => 422,
        }
    }

    /// For a conflict, the size to answer with as `text/x.tlog.size`.
    pub fn known_size(&self) -> Option<u64> {
        match self {
            Self::OtherSize { known } | Self::Fork { known } => Some(*known),
            _ => None,
        }
    }
}

impl AddCheckpoint {
    /// Reads a request's body.
    pub fn parse(bytes: impl AsRef<[u8]>) -> Result<Self, AddCheckpointError> {
        let bytes = bytes.as_ref();
        let wrong = |line, problem| AddCheckpointError::Line { line, problem };
        if bytes.len() > MAX_ADD_CHECKPOINT {
            return Err(AddCheckpointError::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong(1, "the request is UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or_else(|| wrong(1, "a blank line stands between the proof and the checkpoint"))?;
        let mut lines = (1..).zip(head.split('\n'));
        let old_size = lines.next().and_then(|(_, line)| parse_size(line.strip_prefix("old ")?));
        let old_size = old_size.ok_or_else(|| wrong(1, "`old ` and a decimal number without leading zeros stand here"))?;
        let mut proof = Vec::new();
        for (number, line) in lines {
            if proof.len() == MAX_PATH {
                return Err(wrong(number, "a proof has at most 63 hashes"));
            }
            proof.push(parse_hash(line).ok_or_else(|| wrong(number, "a hash stands here, padded standard base64 of 32 bytes"))?);
        }
        let note = Note::parse(note).map_err(CheckpointError::from)?;
        let checkpoint = Checkpoint::parse(&note.text)?;
        Ok(Self { old_size, proof, note, checkpoint })
    }

    /// The request's body.
    pub fn to_text(&self) -> String {
        self.to_string()
    }

    /// Whether to cosign: `keys` are those trusted for the checkpoint's origin (none: the log is unknown), `known` is
    /// the size and root of the latest cosigned checkpoint of that origin.
    ///
    /// Whoever accepts must store the new state before answering, atomically with having read the old one.
    pub fn decide(&self, keys: &[VerifierKey], known: Option<(u64, Digest)>) -> Result<&Checkpoint, WitnessRefusal> {
        let new = &self.checkpoint;
        if keys.is_empty() {
            return Err(WitnessRefusal::UnknownLog(new.origin.clone()));
        }
        self.note.verify(keys).map_err(|error| WitnessRefusal::Signature(error.into()))?;
        if self.old_size > new.size {
            return Err(WitnessRefusal::OldAbove { old: self.old_size, size: new.size });
        }
        let (known, root) = known.unwrap_or_else(|| (0, empty_root()));
        if self.old_size != known {
            return Err(WitnessRefusal::OtherSize { known });
        }
        if new.size == known && new.root != root {
            return Err(WitnessRefusal::Fork { known });
        }
        check_growth(known, new.size, &self.proof, &root, &new.root).map_err(WitnessRefusal::Proof)?;
        Ok(new)
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(hash)))?;
        write!(f, "\n{}", self.note)
    }
}
