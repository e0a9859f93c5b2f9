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
