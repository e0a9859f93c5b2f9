//! Factors on their way out as a table: of one release, or picked from several.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::canon::Digest;
use crate::factor::Factor;
use crate::release::PublishedRelease;

/// Which factors of a release leave, in order of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    /// All of it.
    All,
    /// Those with these numbers, ascending.
    Numbers(Vec<usize>),
}

/// Factors of one or more releases, in order of release and key.
#[derive(Clone)]
pub struct Rows {
    parts: Vec<(Arc<PublishedRelease>, Picked)>,
}

/// One of them.
pub struct Row<'a> {
    /// Its release.
    pub release: &'a PublishedRelease,
    /// The canonical line.
    pub line: Bytes,
    /// The digest of the line.
    pub digest: Digest,
    /// What the line says.
    pub factor: Factor,
}

/// A line that is not as it was released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of {release} is not as it was released: {why}")]
pub struct DamagedLine {
    /// `dataset@version`.
    pub release: String,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

impl Rows {
    /// All factors of a release.
    pub fn of_release(release: Arc<PublishedRelease>) -> Self {
        Self { parts: vec![(release, Picked::All)] }
    }

    /// Factors picked from releases; each release stands once.
    pub fn picked(parts: Vec<(Arc<PublishedRelease>, Vec<usize>)>) -> Self {
        Self { parts: parts.into_iter().map(|(release, numbers)| (release, Picked::Numbers(numbers))).collect() }
    }

    /// The releases that they are of.
    pub fn releases(&self) -> impl Iterator<Item = &Arc<PublishedRelease>> {
        self.parts.iter().map(|(release, _)| release)
    }

    /// The releases that they are of, each with the numbers of its factors.
    pub fn parts(&self) -> impl Iterator<Item = (&Arc<PublishedRelease>, impl ExactSizeIterator<Item = usize>)> {
        self.parts.iter().map(|(release, picked)| (release, Self::numbers(release, picked)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|(release, picked)| Self::numbers(release, picked).len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn numbers<'p>(release: &PublishedRelease, picked: &'p Picked) -> Numbers<'p> {
        match picked {
            Picked::All => Numbers::All(0..release.data.index().len()),
            Picked::Numbers(numbers) => Numbers::Some(numbers.iter()),
        }
    }

    /// Each of them, in order, held against its digest.
    pub fn each(&self) -> impl Iterator<Item = Result<Row<'_>, DamagedLine>> {
        self.parts.iter().flat_map(|(release, picked)| Self::numbers(release, picked).map(|number| row(release, number)))
    }
}

/// One factor of a release, held against its digest.
///
/// # Errors
/// A line that is not as it was released.
pub fn row(release: &PublishedRelease, number: usize) -> Result<Row<'_>, DamagedLine> {
    let damaged = |why: String| DamagedLine { release: release.id(), line: number + 1, why };
    let line = release.data.line(number);
    let digest = release.data.digest(number).ok_or_else(|| damaged("its digest is another".to_owned()))?;
    let factor = Factor::from_line(&line).map_err(|error| damaged(error.to_string()))?;
    Ok(Row { release, line, digest, factor })
}

enum Numbers<'p> {
    All(Range<usize>),
    Some(std::slice::Iter<'p, usize>),
}

impl Iterator for Numbers<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::All(range) => range.next(),
            Self::Some(numbers) => numbers.next().copied(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::All(range) => range.size_hint(),
            Self::Some(numbers) => numbers.size_hint(),
        }
    }
}

impl ExactSizeIterator for Numbers<'_> {}
