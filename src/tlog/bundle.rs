//! Entry bundles: up to 256 entries, each after its length (C2SP tlog-tiles v0.1.0, "Log Entries").

use super::tile::TILE_WIDTH;

/// The largest entry, in bytes: its length is written in sixteen bits.
pub const MAX_ENTRY: usize = 65_535;

/// A bundle that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// An entry is too large to be written.
    #[error("entry {entry} has {bytes} bytes: an entry has at most 65535")]
    TooLarge {
        /// The entry's number within the bundle, from 0.
        entry: usize,
        /// Its length.
        bytes: usize,
    },
    /// More than a bundle holds.
    #[error("a bundle holds 1 to 256 entries, not {0}")]
    Count(usize),
    /// The bytes end within an entry or before it.
    #[error("the bundle ends within entry {entry}, which begins at byte {offset}: {needed} bytes are missing")]
    Truncated {
        /// The entry's number within the bundle, from 0.
        entry: usize,
        /// Where the entry's length begins.
        offset: usize,
        /// How many bytes more it would take.
        needed: usize,
    },
    /// Bytes follow the last entry.
    #[error("{bytes} bytes follow the last of {entries} entries, which ends at byte {offset}")]
    Trailing {
        /// Entries that were expected.
        entries: usize,
        /// Where the last one ends.
        offset: usize,
        /// How many bytes follow.
        bytes: usize,
    },
}

/// A bundle's bytes: each entry after its length as a big-endian `uint16`.
pub fn encode_bundle<I: IntoIterator<Item: AsRef<[u8]>>>(entries: I) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    let mut count = 0;
    for (number, entry) in entries.into_iter().enumerate() {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLarge { entry: number, bytes: entry.len() })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
        count = number + 1;
    }
    if (1..=usize::from(TILE_WIDTH)).contains(&count) { Ok(bytes) } else { Err(BundleError::Count(count)) }
}

/// The entries of a bundle of `width` (1 to 256) entries, exactly.
pub fn parse_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    if !(1..=TILE_WIDTH).contains(&width) {
        return Err(BundleError::Count(width.into()));
    }
    let mut entries = Vec::with_capacity(width.into());
    let mut rest = bytes;
    for entry in 0..usize::from(width) {
        let offset = bytes.len() - rest.len();
        let truncated = |needed: usize| BundleError::Truncated { entry, offset, needed };
        let (length, after) = rest.split_first_chunk().ok_or_else(|| truncated(2 - rest.len()))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (data, after) = after.split_at_checked(length).ok_or_else(|| truncated(length - after.len()))?;
        entries.push(data);
        rest = after;
    }
    if rest.is_empty() {
        return Ok(entries);
    }
    Err(BundleError::Trailing { entries: entries.len(), offset: bytes.len() - rest.len(), bytes: rest.len() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits() {
        assert_eq!(encode_bundle([b"ab".as_slice(), b""]).unwrap(), b"\0\x02ab\0\0");
        assert_eq!(encode_bundle([vec![7; MAX_ENTRY]]).unwrap().len(), MAX_ENTRY + 2);
        let error = encode_bundle([vec![], vec![7; MAX_ENTRY + 1]]).unwrap_err();
        assert_eq!(error, BundleError::TooLarge { entry: 1, bytes: 65_536 });
        assert_eq!(encode_bundle([b""; 257]), Err(BundleError::Count(257)));
        assert_eq!(encode_bundle([b""; 0]), Err(BundleError::Count(0)));
        assert_eq!(parse_bundle(b"", 0), Err(BundleError::Count(0)));
        assert_eq!(parse_bundle(b"", 257), Err(BundleError::Count(257)));
    }

    #[test]
    fn damage_is_placed() {
        assert_eq!(parse_bundle(b"\0\x02ab\0", 2), Err(BundleError::Truncated { entry: 1, offset: 4, needed: 1 }));
        assert_eq!(parse_bundle(b"\0\x02ab\0\x05xy", 2), Err(BundleError::Truncated { entry: 1, offset: 4, needed: 3 }));
        assert_eq!(parse_bundle(b"\0\x02ab\0", 1), Err(BundleError::Trailing { entries: 1, offset: 4, bytes: 1 }));
        let text = parse_bundle(b"\0\x02ab\0\x05xy", 2).unwrap_err().to_string();
        assert_eq!(text, "the bundle ends within entry 1, which begins at byte 4: 3 bytes are missing");
    }

    proptest! {
        #[test]
        fn round_trip(entries in proptest::collection::vec(any::<Vec<u8>>(), 1..=256)) {
            let bytes = encode_bundle(&entries).unwrap();
            let width = entries.len() as u16;
            prop_assert_eq!(parse_bundle(&bytes, width).unwrap(), entries);
            prop_assert!(parse_bundle(&bytes[..bytes.len() - 1], width).is_err());
            prop_assert!(parse_bundle(&[&bytes[..], b"x"].concat(), width).is_err());
        }

        #[test]
        fn random_bytes(bytes in any::<Vec<u8>>(), width in any::<u16>()) {
            if let Ok(entries) = parse_bundle(&bytes, width) {
                prop_assert_eq!(encode_bundle(entries).unwrap(), bytes);
            }
        }
    }
}
