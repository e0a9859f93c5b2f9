//! Keys of signed notes: whom a checker trusts, and the secret half (C2SP signed-note v1.0.0, tlog-cosignature v1.0.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::canon::Hasher;

use super::note::{NoteError, NoteSignature, check_text};

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// A note's text itself: type byte 0x01, Ed25519 (RFC 8032).
    Ed25519,
    /// A checkpoint and the time at which it was seen: type byte 0x04, what a witness adds.
    Cosignature,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// A text that is no key, or a name that no key may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The parts are missing.
    #[error("not a key: write {0}")]
    Form(&'static str),
    /// A name with a space or a plus, or none.
    #[error("`{0}` cannot name a key: a name is not empty and holds no space, no control character and no `+`")]
    Name(String),
    /// The base64 part.
    #[error("key `{0}`: after the second `+` of name and id stands padded standard base64 of one type byte and 32 bytes")]
    Encoding(String),
    /// A type byte of another algorithm.
    #[error("key `{name}` is of type 0x{kind:02x}: Tanyin knows 0x01 (Ed25519) and 0x04 (Ed25519 cosignature)")]
    Kind {
        /// The key's name.
        name: String,
        /// The type byte found.
        kind: u8,
    },
    /// The id is not that of this name and key.
    #[error("key `{name}` says id {found}, but name, type and key give {needed}: a character was changed")]
    Id {
        /// The key's name.
        name: String,
        /// Eight hexadecimal digits found.
        found: String,
        /// Eight hexadecimal digits computed.
        needed: String,
    },
    /// The bytes are no point of the curve, or one under which anything verifies.
    #[error("key `{0}`: the 32 bytes are no sound Ed25519 public key")]
    Weak(String),
}

/// Whether a key may have this name: not empty, no Unicode space, no plus, no control character.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}

fn key_id(name: &str, kind: u8, public: &[u8]) -> [u8; 4] {
    let mut hasher = Hasher::new();
    hasher.update(name.as_bytes());
    hasher.update(&[b'\n', kind]);
    hasher.update(public);
    let [a, b, c, d, ..] = *hasher.finish().as_bytes();
    [a, b, c, d]
}

/// A public key with its name, written `name+id+base64(type || key)` (the *vkey*).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    kind: KeyKind,
    key: VerifyingKey,
}

impl VerifierKey {
    fn new(name: &str, kind: KeyKind, key: VerifyingKey) -> Self {
        Self { name: name.to_owned(), id: key_id(name, kind.byte(), key.as_bytes()), kind, key }
    }

    /// The key's name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of `SHA-256(name || LF || type || key)`.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// What the key signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The 32 bytes of the public key (RFC 8032, 5.1.5).
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether this is the key of a signature line with this name and id.
    pub fn signs_as(&self, signature: &NoteSignature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    /// Whether the payload of a signature line is this key's over the text; `Some(time)` for a cosignature.
    pub(super) fn check(&self, text: &str, payload: &[u8]) -> Option<Option<u64>> {
        let (time, signature) = match self.kind {
            KeyKind::Ed25519 => (None, payload),
            KeyKind::Cosignature => {
                let (time, signature) = payload.split_first_chunk()?;
                (Some(u64::from_be_bytes(*time)), signature)
            }
        };
        let signature = Signature::from_slice(signature).ok()?;
        let message = match time {
            None => text.to_owned(),
            Some(time) => cosigned_message(text, time),
        };
        self.key.verify_strict(message.as_bytes(), &signature).ok().map(|()| time)
    }
}

fn cosigned_message(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut encoded = vec![self.kind.byte()];
        encoded.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(encoded))
    }
}

/// What stands in a key's text, not yet compared with its id.
struct KeyParts<'t> {
    name: &'t str,
    id: &'t str,
    kind: KeyKind,
    bytes: Zeroizing<[u8; 32]>,
}

/// Reads `name+id+base64`; the name holds no plus, the base64 may.
fn split_key<'t>(text: &'t str, form: &'static str) -> Result<KeyParts<'t>, KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Form(form));
    };
    if !is_name(name) {
        return Err(KeyError::Name(name.to_owned()));
    }
    if id.len() != 8 || !id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(KeyError::Form(form));
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| KeyError::Encoding(name.to_owned()))?);
    let (&kind, key) = bytes.split_first().ok_or_else(|| KeyError::Encoding(name.to_owned()))?;
    let kind = match kind {
        0x01 => KeyKind::Ed25519,
        0x04 => KeyKind::Cosignature,
        kind => return Err(KeyError::Kind { name: name.to_owned(), kind }),
    };
    let bytes = Zeroizing::new(<[u8; 32]>::try_from(key).map_err(|_| KeyError::Encoding(name.to_owned()))?);
    Ok(KeyParts { name, id, kind, bytes })
}

fn require_id(key: &VerifierKey, id: &str) -> Result<(), KeyError> {
    let needed = hex::encode(key.id);
    if needed == id { Ok(()) } else { Err(KeyError::Id { name: key.name.clone(), found: id.to_owned(), needed }) }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let form = "name+id+base64, with an id of 8 lower-case hexadecimal digits";
        let KeyParts { name, id, kind, bytes } = split_key(text, form)?;
        let weak = || KeyError::Weak(name.to_owned());
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| weak())?;
        if key.is_weak() {
            return Err(weak());
        }
        let key = Self::new(name, kind, key);
        require_id(&key, id)?;
        Ok(key)
    }
}

/// A secret key with its name. It is wiped when dropped, and has no `Display`; `Debug` shows the public half.
#[derive(Clone)]
pub struct SignerKey {
    key: SigningKey,
    verifier: VerifierKey,
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignerKey").field(&self.verifier.to_string()).finish()
    }
}

impl SignerKey {
    /// The key of a 32-byte seed (RFC 8032, 5.1.5), which the caller drew from the operating system.
    pub fn generate(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        let key = SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, kind, key.verifying_key());
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.verifier.name
    }

    /// `PRIVATE+KEY+name+id+base64(type || seed)`: the secret itself, for a key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut encoded = Zeroizing::new([0; 33]);
        encoded[0] = self.verifier.kind.byte();
        encoded[1..].copy_from_slice(self.key.as_bytes());
        let base64 = Zeroizing::new(STANDARD.encode(encoded.as_slice()));
        Zeroizing::new(format!("PRIVATE+KEY+{}+{}+{}", self.verifier.name, hex::encode(self.verifier.id), base64.as_str()))
    }

    /// Signs a note's text; refused for a cosignature key and for a text that no note may hold.
    pub fn sign(&self, text: &str) -> Result<NoteSignature, NoteError> {
        self.require(KeyKind::Ed25519)?;
        check_text(text)?;
        Ok(self.line(self.key.sign(text.as_bytes()).to_bytes().to_vec()))
    }

    /// Signs a checkpoint's text as seen at a time (Unix seconds); refused for a key that is no cosignature key.
    pub fn cosign(&self, text: &str, unix_seconds: u64) -> Result<NoteSignature, NoteError> {
        self.require(KeyKind::Cosignature)?;
        check_text(text)?;
        let mut payload = unix_seconds.to_be_bytes().to_vec();
        payload.extend_from_slice(&self.key.sign(cosigned_message(text, unix_seconds).as_bytes()).to_bytes());
        Ok(self.line(payload))
    }

    fn require(&self, kind: KeyKind) -> Result<(), NoteError> {
        if self.verifier.kind == kind { Ok(()) } else { Err(NoteError::Kind { name: self.verifier.name.clone(), needed: kind }) }
    }

    fn line(&self, payload: Vec<u8>) -> NoteSignature {
        NoteSignature { name: self.verifier.name.clone(), id: self.verifier.id, payload }
    }
}

impl FromStr for SignerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let form = "PRIVATE+KEY+name+id+base64, with an id of 8 lower-case hexadecimal digits";
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::Form(form))?;
        let KeyParts { name, id, kind, bytes } = split_key(rest, form)?;
        let key = Self::generate(name, kind, &bytes)?;
        require_id(&key.verifier, id)?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "factors.example/log+32ffa30e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    /// The key pair that Go's `sumdb/note` documents.
    const KNOWN: (&str, &str) = (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz",
    );

    fn seed() -> [u8; 32] {
        std::array::from_fn(|place| place as u8)
    }

    #[test]
    fn known_keys_read_as_written() {
        for text in [LOG, KNOWN.0, "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"] {
            assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
        }
        let secret: SignerKey = KNOWN.1.parse().unwrap();
        assert_eq!(secret.verifier().to_string(), KNOWN.0);
        assert_eq!(secret.to_text().as_str(), KNOWN.1);
        assert_eq!(format!("{secret:?}"), format!("SignerKey({:?})", KNOWN.0));
    }

    #[test]
    fn a_seed_makes_a_key_of_each_kind() {
        let log = SignerKey::generate("factors.example/log", KeyKind::Ed25519, &seed()).unwrap();
        assert_eq!(hex::encode(log.verifier().public_key()), "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
        assert_eq!(log.verifier().to_string(), LOG);
        let witness = SignerKey::generate("factors.example/log", KeyKind::Cosignature, &seed()).unwrap();
        assert_ne!(witness.verifier().id(), log.verifier().id());
        let again: SignerKey = witness.to_text().parse().unwrap();
        assert_eq!((again.verifier(), again.verifier().kind()), (witness.verifier(), KeyKind::Cosignature));
    }

    #[test]
    fn a_key_signs_its_own_kind_only() {
        let log = SignerKey::generate("a", KeyKind::Ed25519, &seed()).unwrap();
        let witness = SignerKey::generate("a", KeyKind::Cosignature, &seed()).unwrap();
        assert!(matches!(log.cosign("text\n", 1), Err(NoteError::Kind { needed: KeyKind::Cosignature, .. })));
        assert!(matches!(witness.sign("text\n"), Err(NoteError::Kind { needed: KeyKind::Ed25519, .. })));
        for text in ["", "no line feed", "a\tb\n", "a\r\n", "\0\n"] {
            assert!(log.sign(text).is_err() && witness.cosign(text, 1).is_err(), "{text:?}");
        }
    }

    #[test]
    fn wrong_keys_say_what_is_wrong() {
        let said = |text: &str| text.parse::<VerifierKey>().unwrap_err().to_string();
        assert!(said("").starts_with("not a key: write name+id+base64"));
        assert!(said("name+32ffa30e").starts_with("not a key"));
        assert!(said("name+32FFA30E+AQ==").starts_with("not a key"));
        assert!(said("name+32ffa3+AQ==").starts_with("not a key"));
        assert_eq!(said("+32ffa30e+AQ=="), "`` cannot name a key: a name is not empty and holds no space, no control character and no `+`");
        assert!(said("a b+32ffa30e+AQ==").contains("cannot name"));
        assert!(said("a\u{3000}b+32ffa30e+AQ==").contains("cannot name"));
        assert!(
            said(&LOG.replace("32ffa30e", "32ffa30f"))
                .ends_with("says id 32ffa30f, but name, type and key give 32ffa30e: a character was changed")
        );
        assert!(said(&LOG.replace("factors", "Factors")).contains("a character was changed"));
        assert!(said(&LOG[..LOG.len() - 4]).contains("base64 of one type byte and 32 bytes"));
        // The last digit of 33 bytes carries no idle bits; of 32 it does, and the padding is then demanded.
        assert!(said("a+32ffa30e+AR==").contains("base64"));
        assert!(said("a+32ffa30e+AQ").contains("base64"));
        assert!(said(&LOG.replace("+AQOh", "+BgOh")).contains("type 0x06"));
        assert!(format!("{}\n", LOG).parse::<VerifierKey>().is_err() && format!(" {LOG}").parse::<VerifierKey>().is_err());
        assert!(KNOWN.1.replace("c74f20a3", "c74f20a4").parse::<SignerKey>().unwrap_err().to_string().contains("c74f20a4"));
        assert!(LOG.parse::<SignerKey>().is_err() && KNOWN.1.parse::<VerifierKey>().is_err());
        assert!(SignerKey::generate("a b", KeyKind::Ed25519, &seed()).is_err());
    }

    /// An id has 32 bits, so that two keys of one name can be made to share it.
    #[test]
    fn keys_that_collide_are_refused() {
        let [one, other] = [1, 2].map(|seed| SignerKey::generate("log", KeyKind::Ed25519, &[seed; 32]).unwrap());
        let forged = VerifierKey { id: one.verifier.id, ..other.verifier };
        let note = crate::tlog::Note::sign("a\n", &[&one]).unwrap();
        assert_eq!(note.verify(&[one.verifier.clone(), forged]), Err(NoteError::Ambiguous("log".to_owned())));
    }

    /// Points of small order, under which a signature of anything can be made.
    #[test]
    fn weak_keys_are_refused() {
        for (first, rest, last) in [(0x01, 0, 0), (0x00, 0, 0), (0x00, 0, 0x80), (0xec, 0xff, 0x7f)] {
            let mut key = [rest; 32];
            (key[0], key[31]) = (first, last);
            let id = hex::encode(key_id("weak", 1, &key));
            let text = format!("weak+{id}+{}", STANDARD.encode([&[1][..], &key].concat()));
            assert_eq!(text.parse::<VerifierKey>(), Err(KeyError::Weak("weak".to_owned())), "{text}");
        }
    }
}
