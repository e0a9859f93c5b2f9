//! The effects of a commit on disk and database, each told to an observer before and after it.
//!
//! A crash can fall before any of them or after it. An observer that fails one is how every such moment is tried, on the
//! real disk and the real database (trust: commit order of Sunlight; its fault table).

use std::sync::Arc;

use super::{Ground, ReleaseError};

/// One effect, in the order in which they happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Effect {
    /// The record becomes a blob.
    PutRecord,
    /// Tiles, bundles and checkpoint are staged.
    PutStaging,
    /// The transaction that commits.
    Commit,
    /// A tile or bundle comes into its place.
    PutTile,
    /// The checkpoint is published.
    ReplaceCheckpoint,
    /// The checkpoint is published with its witnesses' cosignatures.
    Cosign,
    /// What was staged is removed.
    DiscardStaging,
    /// The index of the lines is built.
    BuildIndex,
}

/// Before an effect, or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has not happened.
    Before,
    /// It has happened.
    After,
}

/// Hears of every effect; an error from it stops the commit there.
pub type Observer = Arc<dyn Fn(Effect, Moment) -> std::io::Result<()> + Send + Sync>;

impl Ground {
    /// The same ground with somebody who hears of every effect.
    #[must_use]
    pub fn with_observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Does something that a crash may come before or after.
    pub(super) fn effect<T>(&self, effect: Effect, work: impl FnOnce() -> Result<T, ReleaseError>) -> Result<T, ReleaseError> {
        let Some(observer) = &self.observer else { return work() };
        observer(effect, Moment::Before)?;
        let done = work()?;
        observer(effect, Moment::After)?;
        Ok(done)
    }
}
