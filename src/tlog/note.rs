//! Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and lines of signatures.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::key::{KeyKind, SignerKey, VerifierKey, is_name};

/// The most bytes that a note may have.
pub const MAX_NOTE: usize = 64 * 1024;
/// The most signature lines that a note may have; the specification asks for at least 16.
pub const MAX_SIGNATURES: usize = 64;
const DASH: &str = "\u{2014} ";

/// A text that is no signed note, or a note that must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than is read.
    #[error("a note has at most 65536 bytes, not {0}")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("a note is UTF-8; byte {0} is not")]
    Utf8(usize),
    /// A control character other than the line feed.
    #[error("a note holds no control character but the line feed; line {line} holds U+{code:04X}")]
    Control {
        /// The line, from 1.
        line: usize,
        /// The character.
        code: u32,
    },
    /// No blank line, or nothing after it.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// A line below the last blank line that is no signature.
    #[error("line {line} is no signature: write an em dash, a space, the key's name, a space and base64 of key id and signature")]
    Line {
        /// The line, from 1.
        line: usize,
    },
    /// More signatures than are read.
    #[error("a note has at most {MAX_SIGNATURES} signature lines")]
    TooMany,
    /// A known key's signature is wrong.
    #[error("the signature of the known key `{0}` is wrong: the note was changed or forged")]
    Wrong(String),
    /// Two of the checker's keys have one name and id.
    #[error("two different trusted keys have the name and id of `{0}`: remove one")]
    Ambiguous(String),
    /// No known key signed.
    #[error("none of the trusted keys signed this note (signed by {signed}; trusted {trusted})")]
    Unknown {
        /// Names in the note.
        signed: String,
        /// Names that are trusted.
        trusted: String,
    },
    /// The key signs other things.
    #[error("key `{name}` is not of the kind that signs this: {needed:?} is needed")]
    Kind {
        /// The key's name.
        name: String,
        /// The kind that would be right.
        needed: KeyKind,
    },
}

/// One signature line: whose it claims to be, and what was signed with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: [u8; 4],
    /// What follows the id: a signature, or a time and a signature.
    pub payload: Vec<u8>,
}

impl NoteSignature {
    /// Reads one line without its line feed.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, payload) = bytes.split_first_chunk()?;
        (is_name(name) && !payload.is_empty()).then(|| Self { name: name.to_owned(), id: *id, payload: payload.to_vec() })
    }
}

/// The line with its line feed.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_slice(), &self.payload].concat();
        writeln!(f, "{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A note as it was written; its text means nothing before [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text that is signed, with its final line feed and without the blank line.
    pub text: String,
    /// The signature lines in order.
    pub signatures: Vec<NoteSignature>,
}

/// A trusted key whose signature was found to be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed<'k> {
    /// The key.
    pub key: &'k VerifierKey,
    /// When a witness saw the checkpoint, in Unix seconds (the newest, if it signed twice); `None` for a plain signature.
    pub time: Option<u64>,
}

/// Checks that a note may have this text: it ends in a line feed and holds no other control character.
pub(super) fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > MAX_NOTE {
        return Err(NoteError::TooLong(text.len()));
    }
    if !text.ends_with('\n') {
        return Err(NoteError::Form("the text ends in a line feed"));
    }
    for (line, content) in (1..).zip(text.split('\n')) {
        if let Some(code) = content.chars().find(|c| *c < ' ') {
            return Err(NoteError::Control { line, code: code.into() });
        }
    }
    Ok(())
}

impl Note {
    /// Reads a note from its bytes.
    pub fn parse(bytes: impl AsRef<[u8]>) -> Result<Self, NoteError> {
        let bytes = bytes.as_ref();
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let note = std::str::from_utf8(bytes).map_err(|error| NoteError::Utf8(error.valid_up_to()))?;
        check_text(note)?;
        let split = note.rfind("\n\n").ok_or(NoteError::Form("a blank line stands between the text and the signatures"))? + 1;
        let (text, lines) = note.split_at(split);
        let before = text.matches('\n').count() + 1;
        let mut signatures = Vec::new();
        for (line, content) in (before + 1..).zip(lines.lines().skip(1)) {
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooMany);
            }
            signatures.push(NoteSignature::parse(content).ok_or(NoteError::Line { line })?);
        }
        if signatures.is_empty() {
            return Err(NoteError::Form("at least one signature line follows the last blank line"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// A note signed by these keys, none of which may be a cosignature key.
    pub fn sign(text: &str, keys: &[&SignerKey]) -> Result<Self, NoteError> {
        let signatures = keys.iter().map(|key| key.sign(text)).collect::<Result<Vec<_>, _>>()?;
        if signatures.is_empty() {
            return Err(NoteError::Form("at least one key signs it"));
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The trusted keys that signed, each once, in the order of their first lines.
    ///
    /// Lines of unknown keys are ignored; one wrong line of a trusted key refuses the whole note, and so does a note
    /// that no trusted key signed.
    pub fn verify<'k>(&self, trusted: &'k [VerifierKey]) -> Result<Vec<Signed<'k>>, NoteError> {
        let mut signed: Vec<Signed<'k>> = Vec::new();
        for line in &self.signatures {
            let mut keys = trusted.iter().filter(|key| key.signs_as(line));
            let Some(key) = keys.next() else { continue };
            if keys.any(|other| other != key) {
                return Err(NoteError::Ambiguous(line.name.clone()));
            }
            let time = key.check(&self.text, &line.payload).ok_or_else(|| NoteError::Wrong(line.name.clone()))?;
            match signed.iter_mut().find(|known| known.key == key) {
                Some(known) => known.time = known.time.max(time),
                None => signed.push(Signed { key, time }),
            }
        }
        if signed.is_empty() {
            let names = |names: Vec<&str>| if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
            let trusted = names(trusted.iter().map(VerifierKey::name).collect());
            return Err(NoteError::Unknown { signed: names(self.signatures.iter().map(|line| line.name.as_str()).collect()), trusted });
        }
        Ok(signed)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: &str, kind: KeyKind, seed: u8) -> SignerKey {
        SignerKey::generate(name, kind, &[seed; 32]).unwrap()
    }

    fn trusted(keys: &[&SignerKey]) -> Vec<VerifierKey> {
        keys.iter().map(|key| key.verifier().clone()).collect()
    }

    #[test]
    fn the_text_ends_at_the_last_blank_line() {
        let key = key("a", KeyKind::Ed25519, 1);
        for text in ["one\n", "one\n\ntwo\n", "\n", "\n\n", "one\n\n", "one\n\n\u{2014} a b\n", "é\u{7f}\u{85}\n"] {
            let note = Note::sign(text, &[&key]).unwrap();
            let read = Note::parse(note.to_string()).unwrap();
            assert_eq!((read.text.as_str(), &read), (text, &note));
            assert_eq!(read.verify(&trusted(&[&key])).unwrap().len(), 1);
        }
    }

    #[test]
    fn what_is_no_note() {
        let said = |note: &str| Note::parse(note).unwrap_err().to_string();
        let good = Note::sign("a\n", &[&key("k", KeyKind::Ed25519, 1)]).unwrap().to_string();
        assert_eq!(said("a\n"), "not a signed note: a blank line stands between the text and the signatures");
        assert_eq!(said("a\n\n"), "not a signed note: at least one signature line follows the last blank line");
        assert_eq!(said(good.trim_end()), "not a signed note: the text ends in a line feed");
        assert_eq!(said("a\n\nb\tc\n"), "a note holds no control character but the line feed; line 3 holds U+0009");
        assert!(said("a\n\nb\n").starts_with("line 3 is no signature: write an em dash"));
        assert!(said(&format!("{good}x\n")).starts_with("line 4 is no signature"));
        assert!(said(&good.replace(" k ", "  ")).starts_with("line 3"));
        assert!(said(&good.replace(" k ", " k+ ")).starts_with("line 3"));
        assert!(said(&good.replace("==\n", "\n").replace("=\n", "\n")).starts_with("line 3"));
        assert!(said("a\n\n\u{2014} k AAAAAA==\n").starts_with("line 3"));
        assert_eq!(Note::parse(b"a\xff\n\n"), Err(NoteError::Utf8(1)));
        assert_eq!(Note::parse(vec![b'a'; MAX_NOTE + 1]), Err(NoteError::TooLong(MAX_NOTE + 1)));
    }

    #[test]
    fn sixty_four_signatures_are_read() {
        let keys: Vec<SignerKey> = (0..=MAX_SIGNATURES as u8).map(|n| key(&format!("k{n}"), KeyKind::Ed25519, n)).collect();
        let keys: Vec<&SignerKey> = keys.iter().collect();
        let note = Note::sign("a\n", &keys[1..]).unwrap().to_string();
        assert_eq!(Note::parse(note).unwrap().verify(&trusted(&keys)).unwrap().len(), MAX_SIGNATURES);
        assert_eq!(Note::parse(Note::sign("a\n", &keys).unwrap().to_string()), Err(NoteError::TooMany));
    }

    #[test]
    fn whom_to_believe() {
        let (log, other) = (key("log", KeyKind::Ed25519, 1), key("other", KeyKind::Ed25519, 2));
        let note = Note::sign("a\n", &[&log, &other]).unwrap();
        assert_eq!(note.verify(&trusted(&[&other])).unwrap(), [Signed { key: other.verifier(), time: None }]);
        assert_eq!(note.verify(&trusted(&[&other, &log])).unwrap()[0].key, log.verifier());
        // Another key of the same name is unknown.
        let namesake = key("log", KeyKind::Ed25519, 3);
        let unknown = note.verify(&trusted(&[&namesake])).unwrap_err();
        assert_eq!(unknown.to_string(), "none of the trusted keys signed this note (signed by log, other; trusted log)");
        assert!(matches!(note.verify(&[]), Err(NoteError::Unknown { trusted, .. }) if trusted == "nobody"));
        // One wrong line of a trusted key spoils the note, whatever else stands there.
        let mut forged = note.clone();
        forged.signatures[1].payload[9] ^= 1;
        assert_eq!(forged.verify(&trusted(&[&log, &other])), Err(NoteError::Wrong("other".to_owned())));
        assert!(forged.verify(&trusted(&[&log])).is_ok());
        let mut changed = note.clone();
        changed.text = "b\n".to_owned();
        assert_eq!(changed.verify(&trusted(&[&log])), Err(NoteError::Wrong("log".to_owned())));
        let mut cut = note.clone();
        cut.signatures[0].payload.pop();
        assert_eq!(cut.verify(&trusted(&[&log])), Err(NoteError::Wrong("log".to_owned())));
    }

    #[test]
    fn who_signs_twice_counts_once() {
        let (log, witness) = (key("log", KeyKind::Ed25519, 1), key("w", KeyKind::Cosignature, 2));
        let mut note = Note::sign("a\n", &[&log, &log]).unwrap();
        note.signatures.extend([5, 9, 7].map(|time| witness.cosign("a\n", time).unwrap()));
        let keys = trusted(&[&log, &witness, &log]);
        assert_eq!(note.verify(&keys).unwrap(), [Signed { key: &keys[0], time: None }, Signed { key: &keys[1], time: Some(9) }]);
        note.signatures[4].payload[7] ^= 1;
        assert_eq!(note.verify(&keys), Err(NoteError::Wrong("w".to_owned())));
        let mut short = note;
        short.signatures[4].payload.truncate(7);
        assert_eq!(short.verify(&keys), Err(NoteError::Wrong("w".to_owned())));
    }

    /// `s` plus the group's order is the same signature to a lax checker (RFC 8032, 5.1.7 demands s below the order).
    #[test]
    fn signatures_have_one_form() {
        let log = key("log", KeyKind::Ed25519, 1);
        let mut note = Note::sign("a\n", &[&log]).unwrap();
        let order = hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
        let mut carry = 0;
        for (byte, add) in note.signatures[0].payload[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
        assert_eq!(note.verify(&trusted(&[&log])), Err(NoteError::Wrong("log".to_owned())));
    }

    proptest! {
        #[test]
        fn read_as_written(text in "([^\\x00-\\x1f]{0,20}\n){1,5}", seeds in proptest::collection::vec(any::<u8>(), 1..5)) {
            let keys: Vec<SignerKey> = seeds.iter().map(|seed| key(&format!("k{seed}"), KeyKind::Ed25519, *seed)).collect();
            let note = Note::sign(&text, &keys.iter().collect::<Vec<_>>()).unwrap();
            prop_assert_eq!(note.to_string().parse::<Note>(), Ok(note));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "([a-z\n]{0,9}\n\n)?(\u{2014} [a-z]{0,3} ([A-Za-z0-9+/]{4}){0,4}(AA==|AAA=)?\n){0,3}") {
            if let Ok(note) = Note::parse(&text) {
                prop_assert_eq!(note.to_string(), text);
            }
        }

        #[test]
        fn random_bytes(bytes in any::<Vec<u8>>(), text in "\\PC*") {
            let _ = Note::parse(bytes);
            let _ = (Note::parse(&text), NoteSignature::parse(&text), text.parse::<VerifierKey>(), text.parse::<SignerKey>());
        }
    }
}
