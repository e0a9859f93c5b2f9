//! The lines of a release, mapped, and how to find them.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use super::index_build::build_index;
use super::line_tree::LineTree;
use super::{Ground, ReleaseError, ReleaseIndex};
use crate::canon::Digest;
use crate::store::Mapped;

/// The lines of a release in memory maps, and how to find them.
pub struct ReleaseData {
    pub(super) lines: Bytes,
    pub(super) index: ReleaseIndex<Mapped>,
    pub(super) tree: OnceLock<LineTree>,
    lines_digest: Digest,
    indexes: PathBuf,
    companion: Mutex<Option<Arc<dyn Any + Send + Sync>>>,
}

impl ReleaseData {
    /// Maps the lines with this digest, and their index, which is built where it is missing.
    pub(super) fn open(ground: &Ground, lines: Digest) -> Result<Self, ReleaseError> {
        let mapped = ground.blobs().map(lines)?;
        let index = open_index(ground, lines, &mapped)?;
        Ok(Self {
            lines: Bytes::from_owner(mapped),
            index,
            tree: OnceLock::new(),
            lines_digest: lines,
            indexes: ground.indexes().to_owned(),
            companion: Mutex::new(None),
        })
    }

    /// How to find lines.
    pub fn index(&self) -> &ReleaseIndex<Mapped> {
        &self.index
    }

    /// All lines: `factors.ndjson`.
    pub fn lines(&self) -> &Bytes {
        &self.lines
    }

    /// The digest of all lines.
    pub fn lines_digest(&self) -> &Digest {
        &self.lines_digest
    }

    /// Where what can be built again from the lines may rest.
    pub fn indexes(&self) -> &Path {
        &self.indexes
    }

    /// What somebody made of the lines for further use, made at the first call and kept for as long as the release is.
    ///
    /// There is one for each release: the text index, of which this room knows nothing.
    ///
    /// # Errors
    /// What making it gives.
    pub fn companion<T: Any + Send + Sync, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let mut kept = self.companion.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = kept.clone().and_then(|any| any.downcast::<T>().ok()) {
            return Ok(own);
        }
        let made = Arc::new(make()?);
        *kept = Some(made.clone());
        Ok(made)
    }

    /// The canonical line of a factor: a slice of the map, not a copy.
    pub fn line(&self, number: usize) -> Bytes {
        match self.index.line_range(number) {
            Some(range) if range.end <= self.lines.len() => self.lines.slice(range),
            _ => Bytes::new(),
        }
    }

    /// The key of a factor.
    pub fn key(&self, number: usize) -> &str {
        let key = self.index.key_range(number).and_then(|range| self.lines.get(range));
        key.and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// The number of the first factor whose key is not below this one.
    pub fn first_from(&self, key: &str) -> usize {
        let (mut low, mut high) = (0, self.index.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The factor with this key.
    pub fn find(&self, key: &str) -> Option<usize> {
        Some(self.first_from(key)).filter(|number| *number < self.index.len() && self.key(*number) == key)
    }

    /// The digest of a factor's line; nothing where the bytes are not those that were released.
    ///
    /// The index was built from lines whose digest was checked, and holds a part of each line's own.
    pub fn digest(&self, number: usize) -> Option<Digest> {
        let digest = Digest::of(&self.line(number));
        let prefix = digest.as_bytes().first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))?;
        self.index.with_digest_prefix(prefix).any(|own| own == number).then_some(digest)
    }

    /// The factor whose line has this digest.
    pub fn find_digest(&self, digest: &Digest) -> Option<usize> {
        let prefix = digest.as_bytes().first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))?;
        self.index.with_digest_prefix(prefix).find(|number| Digest::of(&self.line(*number)) == *digest)
    }
}

/// The index of these lines, built where it is missing.
pub(super) fn open_index(ground: &Ground, digest: Digest, lines: &[u8]) -> Result<ReleaseIndex<Mapped>, ReleaseError> {
    let path = ground.indexes().join(format!("{}.index", digest.to_hex()));
    let open = || Mapped::open(&path).ok().and_then(|bytes| ReleaseIndex::open(bytes, &digest));
    if let Some(index) = open() {
        return Ok(index);
    }
    build_index(lines, &digest, &path)?;
    open().ok_or_else(|| ReleaseError::Damaged { what: path.display().to_string(), why: "it cannot be read back".into() })
}
