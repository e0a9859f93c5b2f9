//! Proofs to keep beside a file (C2SP tlog-proof): leaf's index, its path and the signed checkpoint, checkable offline.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::canon::Digest;

use super::checkpoint::{Checkpoint, CheckpointError, OpenedCheckpoint, hash_text, parse_hash, parse_size};
use super::key::VerifierKey;
use super::note::{MAX_NOTE, Note};
use super::proof::{ProofError, check_inclusion};

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// The longest path in a tree of at most `i64::MAX` leaves.
pub(super) const MAX_PATH: usize = 63;
/// The most bytes that a proof file may have: extra data, path and note.
pub const MAX_LOG_PROOF: usize = 2 * MAX_NOTE;

/// A text that is no proof file, or a proof that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// Longer than is read.
    #[error("a proof has at most 131072 bytes, not {0}")]
    TooLong(usize),
    /// A line is missing or wrong.
    #[error("line {line} of the proof: {problem}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What would be right.
        problem: &'static str,
    },
    /// What follows the blank line is no checkpoint, or not one to believe.
    #[error("the proof's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The path does not lead from the leaf to the checkpoint's root.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// The content of a `.tlog-proof` file. Nothing in it is to be believed before [`LogProof::verify`]; the extra data never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogProof {
    /// Opaque data that nobody signs.
    pub extra: Option<Vec<u8>>,
    /// The leaf's place, from 0.
    pub index: u64,
    /// From the leaf's sibling to the root's child; at most 63 hashes.
    pub path: Vec<Digest>,
    /// The signed note, as it was published.
    pub checkpoint: String,
}

impl LogProof {
    /// Reads a proof file; the checkpoint must be one, its signatures are not checked.
    pub fn parse(text: &str) -> Result<Self, LogProofError> {
        if text.len() > MAX_LOG_PROOF {
            return Err(LogProofError::TooLong(text.len()));
        }
        let wrong = |line, problem| LogProofError::Line { line, problem };
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or_else(|| wrong(1, "a blank line stands between the path and the checkpoint"))?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        if lines.next().is_none_or(|(_, line)| line != HEADER) {
            return Err(wrong(1, "`c2sp.org/tlog-proof@v1` stands here"));
        }
        let extra = match lines.next_if(|(_, line)| line.starts_with("extra ")) {
            None => None,
            Some((number, line)) => {
                let decoded = STANDARD.decode(line.strip_prefix("extra ").unwrap_or_default());
                Some(decoded.map_err(|_| wrong(number, "after `extra ` stands padded standard base64"))?)
            }
        };
        let (number, line) = lines.next().unwrap_or((2, ""));
        let index = line.strip_prefix("index ").and_then(parse_size);
        let index = index.ok_or_else(|| wrong(number, "`index ` and a decimal number without leading zeros stand here"))?;
        let mut path = Vec::new();
        for (number, line) in lines {
            if path.len() == MAX_PATH {
                return Err(wrong(number, "a path has at most 63 hashes"));
            }
            path.push(parse_hash(line).ok_or_else(|| wrong(number, "a hash stands here, padded standard base64 of 32 bytes"))?);
        }
        let note = Note::parse(checkpoint).map_err(CheckpointError::from)?;
        Checkpoint::parse(&note.text)?;
        Ok(Self { extra, index, path, checkpoint: checkpoint.to_owned() })
    }

    /// Checks that a trusted log signed a tree that holds this leaf (a leaf hash) at this index.
    ///
    /// Gives the checkpoint and who signed it; whether enough witnesses did is the policy's to say.
    pub fn verify<'k>(
        &self,
        leaf: &Digest,
        logs: &'k [VerifierKey],
        witnesses: &'k [VerifierKey],
    ) -> Result<OpenedCheckpoint<'k>, LogProofError> {
        let note = Note::parse(&self.checkpoint).map_err(CheckpointError::from)?;
        let opened = Checkpoint::open(&note, logs, witnesses)?;
        check_inclusion(self.index, opened.checkpoint.size, leaf, &self.path, &opened.checkpoint.root)?;
        Ok(opened)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", hash_text(hash)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for LogProof {
    type Err = LogProofError;

    fn from_str(text: &str) -> Result<Self, LogProofError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tlog::{KeyKind, MemoryTree, SignerKey, leaf_hash};

    fn proof(index: u64, size: u64) -> (LogProof, VerifierKey) {
        let tree: MemoryTree = (0..size).map(|n| leaf_hash(&[n as u8])).collect();
        let key = SignerKey::generate("log", KeyKind::Ed25519, &[1; 32]).unwrap();
        let checkpoint = Checkpoint { origin: "log".to_owned(), size, root: tree.root(), extensions: vec![] };
        let path = tree.inclusion_proof(index, size).unwrap();
        let checkpoint = Note::sign(&checkpoint.to_text(), &[&key]).unwrap().to_string();
        (LogProof { extra: None, index, path, checkpoint }, key.verifier().clone())
    }

    #[test]
    fn a_proof_of_one_leaf_has_no_path() {
        let (proof, key) = proof(0, 1);
        let read = LogProof::parse(&proof.to_string()).unwrap();
        assert_eq!(read, proof);
        assert_eq!(read.verify(&leaf_hash(&[0]), &[key], &[]).unwrap().checkpoint.size, 1);
    }

    #[test]
    fn a_proof_of_something_else() {
        let (proof, key) = proof(3, 7);
        let keys = [key];
        assert!(proof.verify(&leaf_hash(&[3]), &keys, &[]).is_ok());
        assert_eq!(proof.verify(&leaf_hash(&[4]), &keys, &[]), Err(LogProofError::Proof(ProofError::Root)));
        let other = LogProof { index: 2, ..proof.clone() };
        assert_eq!(other.verify(&leaf_hash(&[3]), &keys, &[]), Err(LogProofError::Proof(ProofError::Root)));
        assert!(matches!(proof.verify(&leaf_hash(&[3]), &[], &[]), Err(LogProofError::Checkpoint(_))));
        let changed = LogProof { checkpoint: proof.checkpoint.replace("log\n7\n", "log\n8\n"), ..proof };
        assert!(matches!(changed.verify(&leaf_hash(&[3]), &keys, &[]), Err(LogProofError::Checkpoint(_))));
    }

    #[test]
    fn wrong_lines() {
        let good = proof(3, 7).0.to_string();
        let hash = good.lines().nth(2).unwrap().to_owned();
        for (line, wrong) in [
            (1, good.replace("@v1", "@v2")),
            (1, good.replace("\n\n", "\n")),
            (1, format!("\n{good}")),
            (2, good.replace("index 3", "index 03")),
            (2, good.replace("index 3", "index  3")),
            (2, good.replace("index 3", "index -3")),
            (2, good.replace("index 3", "Index 3")),
            (2, good.replace("index 3\n", "")),
            (2, good.replace("index 3", "extra\nindex 3")),
            (2, good.replace("index 3", "extra AR==\nindex 3")),
            (3, good.replace("index 3", "extra AQ==\nextra AQ==\nindex 3")),
            (3, good.replace(&hash, &hash[1..])),
            (3, good.replace(&hash, "")),
            (66, good.replace(&hash, &[hash.as_str(); 64].join("\n"))),
        ] {
            match LogProof::parse(&wrong) {
                Err(LogProofError::Line { line: found, .. }) => assert_eq!(found, line, "{wrong}"),
                // An empty line where a hash should be ends the path.
                Err(LogProofError::Checkpoint(_)) if wrong.contains("index 3\n\n") => {}
                other => panic!("{other:?}: {wrong}"),
            }
        }
        assert!(matches!(LogProof::parse(&format!("{good}x")), Err(LogProofError::Checkpoint(_))));
        assert_eq!(LogProof::parse(&"x".repeat(MAX_LOG_PROOF + 1)), Err(LogProofError::TooLong(MAX_LOG_PROOF + 1)));
    }

    proptest! {
        #[test]
        fn read_as_written(size in 1_u64..100, at in any::<u64>(), extra in any::<Option<Vec<u8>>>()) {
            let proof = LogProof { extra, ..proof(at % size, size).0 };
            prop_assert_eq!(proof.to_string().parse::<LogProof>(), Ok(proof));
        }

        #[test]
        fn random_texts(text in "\\PC*", lines in "c2sp.org/tlog-proof@v1\n(extra [A=]{0,4}\n)?(index [0-9]{0,3}\n)?(A{43}=\n){0,3}\n[a\n0]{0,9}") {
            let _ = (LogProof::parse(&text), LogProof::parse(&lines));
        }
    }
}
