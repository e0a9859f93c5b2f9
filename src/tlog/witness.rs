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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tlog::{KeyKind, MemoryTree, NoteError, SignerKey, leaf_hash};

    fn tree(size: u64, salt: u8) -> MemoryTree {
        (0..size).map(|n| leaf_hash(&[n as u8, salt])).collect()
    }

    fn key(seed: u8) -> SignerKey {
        SignerKey::generate("log", KeyKind::Ed25519, &[seed; 32]).unwrap()
    }

    fn request(tree: &MemoryTree, old_size: u64, key: &SignerKey) -> AddCheckpoint {
        let checkpoint = Checkpoint { origin: "log".to_owned(), size: tree.size(), root: tree.root(), extensions: vec![] };
        let note = Note::sign(&checkpoint.to_text(), &[key]).unwrap();
        let request =
            AddCheckpoint { old_size, proof: tree.consistency_proof(old_size, tree.size()).unwrap_or_default(), note, checkpoint };
        assert_eq!(AddCheckpoint::parse(request.to_text()), Ok(request.clone()));
        request
    }

    #[test]
    fn a_log_that_grows() {
        let keys = [key(1).verifier().clone()];
        let mut known = None;
        for (old, new) in [(0, 0), (0, 1), (1, 1), (1, 3), (3, 3), (3, 200), (200, 201)] {
            let request = request(&tree(new, 0), old, &key(1));
            let accepted = request.decide(&keys, known).unwrap();
            known = Some((accepted.size, accepted.root));
        }
        assert_eq!(known, Some((201, tree(201, 0).root())));
    }

    #[test]
    fn each_refusal_has_its_status() {
        let keys = [key(1).verifier().clone()];
        let at = |size: u64| Some((size, tree(size, 0).root()));
        let status = |request: &AddCheckpoint, keys: &[VerifierKey], known| {
            let refusal = request.decide(keys, known).unwrap_err();
            (refusal.status(), refusal.known_size())
        };
        let good = request(&tree(7, 0), 3, &key(1));
        assert!(good.decide(&keys, at(3)).is_ok());
        assert_eq!(status(&good, &[], at(3)), (404, None));
        assert_eq!(status(&good, &[key(2).verifier().clone()], at(3)), (403, None));
        let mut forged = good.clone();
        forged.note.signatures[0].payload[0] ^= 1;
        assert_eq!(forged.decide(&keys, at(3)), Err(WitnessRefusal::Signature(NoteError::Wrong("log".to_owned()).into())));
        assert_eq!(status(&request(&tree(7, 0), 8, &key(1)), &keys, at(8)), (400, None));
        assert_eq!(status(&good, &keys, at(4)), (409, Some(4)));
        assert_eq!(status(&good, &keys, None), (409, Some(0)));
        assert_eq!(status(&request(&tree(3, 1), 3, &key(1)), &keys, at(3)), (409, Some(3)));
        assert_eq!(request(&tree(3, 1), 3, &key(1)).decide(&keys, at(3)), Err(WitnessRefusal::Fork { known: 3 }));
        assert_eq!(status(&request(&tree(7, 1), 3, &key(1)), &keys, at(3)), (422, None));
        for damage in [
            |proof: &mut Vec<Digest>| proof.truncate(1),
            |proof: &mut Vec<Digest>| proof.push(empty_root()),
            |proof: &mut Vec<Digest>| proof.reverse(),
        ] {
            let mut wrong = good.clone();
            damage(&mut wrong.proof);
            assert_eq!(status(&wrong, &keys, at(3)), (422, None));
        }
        let mut idle = request(&tree(7, 0), 0, &key(1));
        idle.proof.push(empty_root());
        assert_eq!(status(&idle, &keys, None), (422, None));
        let mut same = request(&tree(3, 0), 3, &key(1));
        same.proof.push(empty_root());
        assert_eq!(status(&same, &keys, at(3)), (422, None));
    }

    #[test]
    fn wrong_lines() {
        let good = request(&tree(7, 0), 3, &key(1)).to_text();
        let hash = good.lines().nth(1).unwrap().to_owned();
        for (line, wrong) in [
            (1, good.replace("old 3", "old 03")),
            (1, good.replace("old 3", "old  3")),
            (1, good.replace("old 3", "old -1")),
            (1, good.replace("old 3", "3")),
            (1, good.replace("old 3\n", "")),
            (1, good.replace("\n\n", "\n")),
            (2, good.replace(&hash, &format!("{hash} "))),
            (65, good.replace(&hash, &[hash.as_str(); 64].join("\n"))),
        ] {
            let found = AddCheckpoint::parse(&wrong);
            assert!(matches!(found, Err(AddCheckpointError::Line { line: found, .. }) if found == line), "{found:?}: {wrong}");
        }
        assert!(matches!(AddCheckpoint::parse(good.replace("log\n7", "log\n07")), Err(AddCheckpointError::Checkpoint(_))));
        assert!(matches!(AddCheckpoint::parse("old 0\n\nlog\n"), Err(AddCheckpointError::Checkpoint(_))));
        assert_eq!(AddCheckpoint::parse(vec![b'x'; MAX_ADD_CHECKPOINT + 1]), Err(AddCheckpointError::TooLong(MAX_ADD_CHECKPOINT + 1)));
        assert!(AddCheckpoint::parse(b"old \xff\n\n").is_err());
    }

    proptest! {
        #[test]
        fn random_bytes(bytes in any::<Vec<u8>>(), lines in "old [0-9]{0,3}\n(A{43}=\n){0,3}\n[a\n0]{0,9}") {
            let _ = (AddCheckpoint::parse(bytes), AddCheckpoint::parse(lines));
        }
    }
}
