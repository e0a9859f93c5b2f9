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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tlog::{SignerKey, empty_root};

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn forms() {
        let text = format!("a b/log\n9223372036854775807\n{ROOT}\nfurther\n lines\n");
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root, checkpoint.extensions.len()), (i64::MAX as u64, empty_root(), 2));
        assert_eq!(checkpoint.to_text(), text);
        for (line, text) in [
            (1, format!("\n0\n{ROOT}\n")),
            (2, "a\n".to_owned()),
            (2, format!("a\n00\n{ROOT}\n")),
            (2, format!("a\n01\n{ROOT}\n")),
            (2, format!("a\n+1\n{ROOT}\n")),
            (2, format!("a\n-1\n{ROOT}\n")),
            (2, format!("a\n\n{ROOT}\n")),
            (2, format!("a\n1 \n{ROOT}\n")),
            (2, format!("a\n9223372036854775808\n{ROOT}\n")),
            (2, format!("a\n99999999999999999999999\n{ROOT}\n")),
            (3, "a\n0\n".to_owned()),
            (3, format!("a\n0\n{}\n", &ROOT[..43])),
            (3, format!("a\n0\n{}V=\n", &ROOT[..42])),
            (3, "a\n0\nAAAA\n".to_owned()),
            (3, format!("a\n0\nAAAA{ROOT}\n")),
            (3, format!("a\n0\n {ROOT}\n")),
            (4, format!("a\n0\n{ROOT}\n\n")),
            (5, format!("a\n0\n{ROOT}\nx\n\ny\n")),
        ] {
            assert!(matches!(Checkpoint::parse(&text), Err(CheckpointError::Line { line: found, .. }) if found == line), "{text:?}");
        }
        assert!(matches!(Checkpoint::parse(&format!("a\n0\n{ROOT}")), Err(CheckpointError::Note(_))));
        assert!(matches!(Checkpoint::parse(&format!("a\r\n0\r\n{ROOT}\r\n")), Err(CheckpointError::Note(_))));
    }

    #[test]
    fn a_log_speaks_for_itself_alone() {
        let key = |name: &str, kind, seed| SignerKey::generate(name, kind, &[seed; 32]).unwrap();
        let (log, other) = (key("log", KeyKind::Ed25519, 1), key("other", KeyKind::Ed25519, 2));
        let (witness, stranger) = (key("w", KeyKind::Cosignature, 3), key("log", KeyKind::Cosignature, 4));
        let text = format!("log\n0\n{ROOT}\n");
        let keys = |keys: &[&SignerKey]| keys.iter().map(|key| key.verifier().clone()).collect::<Vec<_>>();
        let (logs, witnesses) = (keys(&[&log, &other]), keys(&[&witness]));
        let mut note = Note::sign(&text, &[&log]).unwrap();
        assert_eq!(Checkpoint::open(&note, &logs, &witnesses).unwrap().signed.len(), 1);
        note.signatures.push(witness.cosign(&text, 5).unwrap());
        let opened = Checkpoint::open(&note, &logs, &witnesses).unwrap();
        assert_eq!(opened.signed.iter().map(|signed| signed.time).collect::<Vec<_>>(), [None, Some(5)]);
        note.signatures[1].payload[7] ^= 1;
        assert_eq!(Checkpoint::open(&note, &logs, &witnesses), Err(CheckpointError::Note(NoteError::Wrong("w".to_owned()))));
        assert!(Checkpoint::open(&note, &logs, &[]).is_ok());
        let foreign = Note::sign(&text, &[&other]).unwrap();
        let error = Checkpoint::open(&foreign, &logs, &witnesses).unwrap_err();
        assert_eq!(error.to_string(), "the checkpoint is of the log `log`, but was signed by other");
        let cosigned = Note { signatures: vec![stranger.cosign(&text, 5).unwrap()], text: text.clone() };
        assert!(matches!(Checkpoint::open(&cosigned, &logs, &witnesses), Err(CheckpointError::Note(NoteError::Unknown { .. }))));
        assert!(matches!(Checkpoint::open(&cosigned, &keys(&[&stranger]), &[]), Err(CheckpointError::Origin { .. })));
    }

    proptest! {
        #[test]
        fn read_as_written(origin in "[^\\x00-\\x1f]{1,20}", size in 0..=i64::MAX as u64, root in any::<[u8; 32]>(), extensions in proptest::collection::vec("[^\\x00-\\x1f]{1,9}", 0..3)) {
            let checkpoint = Checkpoint { origin, size, root: Digest::from_bytes(root), extensions };
            prop_assert_eq!(Checkpoint::parse(&checkpoint.to_text()), Ok(checkpoint));
        }

        #[test]
        fn random_texts(text in "\\PC*", lines in "([a-z0-9=+/]{0,50}\n){0,5}") {
            let _ = Checkpoint::parse(&text);
            if let Ok(checkpoint) = Checkpoint::parse(&lines) {
                prop_assert_eq!(checkpoint.to_text(), lines);
            }
        }
    }
}
