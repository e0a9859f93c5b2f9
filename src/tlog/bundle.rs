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
