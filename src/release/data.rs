//! The lines of a release, mapped, and how to find them.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use super::checked::Checked;
use super::index_build::build_index;
use super::line_tree::LineTree;
use super::slots::first_bits;
use super::{Dimension, Ground, ReleaseError, ReleaseIndex};
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
    checked: Checked,
    /// The years of the codes of their column.
    years: OnceLock<Vec<Option<i32>>>,
}

impl ReleaseData {
    /// Maps the lines with this digest, and their index, which is built where it is missing.
    pub(super) fn open(ground: &Ground, lines: Digest) -> Result<Self, ReleaseError> {
        let mapped = ground.blobs().map(lines)?;
        let index = open_index(ground, lines, &mapped)?;
        Ok(Self {
            checked: Checked::new(index.len()),
            lines: Bytes::from_owner(mapped),
            index,
            tree: OnceLock::new(),
            lines_digest: lines,
            indexes: ground.indexes().to_owned(),
            companion: Mutex::new(None),
            years: OnceLock::new(),
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

    /// The same without counting who holds the map.
    pub fn line_bytes(&self, number: usize) -> &[u8] {
        self.index.line_range(number).and_then(|range| self.lines.get(range)).unwrap_or_default()
    }

    /// The key of a factor.
    pub fn key(&self, number: usize) -> &str {
        std::str::from_utf8(self.key_bytes(number)).unwrap_or_default()
    }

    fn key_bytes(&self, number: usize) -> &[u8] {
        self.index.key_range(number).and_then(|range| self.lines.get(range)).unwrap_or_default()
    }

    /// The data year of a factor.
    pub fn year(&self, number: usize) -> Option<i32> {
        let codes = 0..self.index.codes(Dimension::Year);
        let read = |code| self.index.text(Dimension::Year, code).and_then(|year| year.parse().ok());
        let years = self.years.get_or_init(|| codes.map(read).collect());
        *usize::try_from(self.index.code(Dimension::Year, number)).ok().and_then(|code| years.get(code))?
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
        self.index.with_key_like(key).find(|number| self.key_bytes(*number) == key.as_bytes())
    }

    /// The digest of a factor's line; nothing where the bytes are not those that were released.
    ///
    /// The index was built from lines whose digest was checked, and holds each line's own. Bytes are hashed when they are first
    /// asked for, and again after a minute.
    pub fn digest(&self, number: usize) -> Option<Digest> {
        let digest = self.index.digest(number)?;
        if self.checked.is_fresh(number) {
            return Some(digest);
        }
        let sound = Digest::of(self.line_bytes(number)) == digest;
        if sound {
            self.checked.mark(number);
        }
        sound.then_some(digest)
    }

    /// The factor whose line has this digest.
    pub fn find_digest(&self, digest: &Digest) -> Option<usize> {
        self.index.with_digest_prefix(first_bits(digest)).find(|number| self.digest(*number).as_ref() == Some(digest))
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
