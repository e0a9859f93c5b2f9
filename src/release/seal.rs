//! Salts: what lets a public log hold a release that the public may not read.
//!
//! A digest of a few known words and one number is no secret: whoever tries all numbers finds it. So a sealed release has a
//! secret of 256 random bits, from which every salt follows: HMAC-SHA256 (RFC 2104) under it. One salt can be shown without
//! the secret, and tells nothing of the others.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ReleaseError;
use crate::canon::{Digest, Hasher};
use crate::dataset::{Licence, Redistribution};

const BYTES: usize = 32;
/// The block of SHA-256.
const BLOCK: usize = 64;

/// Whether a release is sealed: whatever not everybody may read the numbers of.
pub fn is_sealed(restricted: bool, licences: &[Licence]) -> bool {
    restricted || Redistribution::least(licences) < Redistribution::ValuesOnly
}

/// What a sealed release's leaf says of who may read it: `restricted`, or the licences' class.
pub fn access_word(restricted: bool, licences: &[Licence]) -> &'static str {
    if restricted { "restricted" } else { Redistribution::least(licences).as_str() }
}

/// 256 bits before what is hashed, so that nobody finds it by trying. Its text form is 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; BYTES]);

/// What all salts of a release follow from. It comes with the data: whoever holds it can check every line.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; BYTES]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Salt {
    /// The bytes that are hashed: the salt, and what it stands before.
    pub fn before(&self, bytes: &[u8]) -> Vec<u8> {
        [&self.0, bytes].concat()
    }

    /// Parts stored bytes into their salt and what follows it.
    pub fn part(stored: &[u8]) -> Option<(Self, &[u8])> {
        let (salt, rest) = stored.split_first_chunk::<BYTES>()?;
        Some((Self(*salt), rest))
    }
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// Where the system has no randomness.
    pub fn new() -> Result<Self, ReleaseError> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).map_err(|error| ReleaseError::Io(std::io::Error::other(error.to_string())))?;
        Ok(Self(bytes))
    }

    /// The salt of the manifest.
    pub fn of_manifest(&self) -> Salt {
        self.salt(b"manifest\n", b"")
    }

    /// The salt of the record.
    pub fn of_record(&self) -> Salt {
        self.salt(b"record\n", b"")
    }

    /// The salt of the line with this key.
    pub fn of_line(&self, key: &str) -> Salt {
        self.salt(b"line\n", key.as_bytes())
    }

    fn salt(&self, purpose: &[u8], name: &[u8]) -> Salt {
        Salt(*hmac(&self.0, &[purpose, name]).as_bytes())
    }
}

/// The bytes of a line's leaf in its release's tree: the line, behind its salt where the release is sealed.
pub fn leaf_of<'a>(secret: Option<&Secret>, key: &str, line: &'a [u8]) -> Cow<'a, [u8]> {
    secret.map_or(Cow::Borrowed(line), |secret| Cow::Owned(secret.of_line(key).before(line)))
}

/// HMAC-SHA256 (RFC 2104) under a key that is no longer than a block.
fn hmac(key: &[u8; BYTES], message: &[&[u8]]) -> Digest {
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let hash = |block: [u8; BLOCK], parts: &[&[u8]]| {
        let mut hasher = Hasher::new();
        hasher.update(&block);
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    };
    let inner = hash(padded(0x36), message);
    hash(padded(0x5c), &[inner.as_bytes()])
}

macro_rules! as_hex {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex::encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let mut bytes = [0; BYTES];
                hex::decode_to_slice(&text, &mut bytes).map_err(serde::de::Error::custom)?;
                if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return Err(serde::de::Error::custom("hexadecimal digits are in lower case"));
                }
                Ok(Self(bytes))
            }
        }
    };
}

as_hex!(Salt);
as_hex!(Secret);

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, 4.2 and 4.4: their keys are shorter than ours, and HMAC pads keys with zeros.
    #[test]
    fn hmac_vectors() {
        let key = |byte: u8| {
            let mut key = [0; BYTES];
            key[..20].fill(byte);
            key
        };
        let found = hmac(&key(0x0b), &[b"Hi ", b"There"]).to_hex();
        assert_eq!(found, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let found = hmac(&key(0xaa), &[&[0xdd; 50]]).to_hex();
        assert_eq!(found, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    }

    #[test]
    fn salts_differ_by_purpose_and_release() {
        let (one, other) = (Secret([1; BYTES]), Secret([2; BYTES]));
        let all = [one.of_manifest(), one.of_record(), one.of_line(""), one.of_line("manifest"), other.of_manifest(), other.of_line("")];
        for (place, salt) in all.iter().enumerate() {
            assert!(!all[..place].contains(salt), "{place}");
        }
        let (salt, rest) = Salt::part(&one.of_record().before(b"record")).map(|(salt, rest)| (salt, rest.to_vec())).unwrap();
        assert_eq!((salt, rest.as_slice()), (one.of_record(), b"record".as_slice()));
        assert_eq!(Salt::part(&[0; 31]), None);
        assert_eq!(format!("{one:?}"), "Secret");
        let text = serde_json::to_string(&one).unwrap();
        assert_eq!(serde_json::from_str::<Secret>(&text).unwrap(), one);
        assert!(serde_json::from_str::<Salt>(&text.to_uppercase().replace('1', "A")).is_err());
    }
}
