//! The point of no return: artefacts, publication, withdrawal, recovery, and what they leave for the way out.
//!
//! The order of effects stands in [`publish()`] and nowhere else.

mod artefacts;
mod catalogue;
mod error;
mod fact;
mod ground;
mod index;
mod index_build;
mod publish;
mod recover;
mod withdraw;

pub use artefacts::{ARTEFACT_NAMES, FrozenFile, MANIFEST_NAME, SUMS_NAME, build_csv, freeze_draft};
pub use catalogue::{Catalogue, DatasetReleases, PublishedRelease, ReleaseData, ResolveError, Resolved, Withdrawn};
pub use error::ReleaseError;
pub use fact::PublicFact;
pub use ground::{Clock, Ground};
pub use index::{Dimension, ReleaseIndex};
pub use publish::{Published, publish};
pub use recover::recover;
pub use withdraw::withdraw;
