//! A calculator's lockfile: which factors it uses, exactly, with the proof of each; like a package manager's, for numbers.
//!
//! `tanyin.lock` pins every factor by dataset, version, key and digest, and holds what proves it under one signed
//! checkpoint, so that it can be checked without a server. It is made and moved only through checked proofs, and only
//! by a log that grew from the one that it has seen.

mod check;
mod file;
mod moves;
mod pin;
mod requirement;
mod source;
mod total;

pub use check::{LockFailure, check_lockfile};
pub use file::{LOCK_FORMAT, LOCK_NAME, LockFileError, LockedAmount, LockedFactor, LockedLog, LockedRelease, Lockfile};
pub use moves::{FactorState, Move, Moved, Outdated, outdated};
pub use pin::{LockError, Pin, Session};
pub use requirement::{Requirement, RequirementError};
pub use source::{LaterNotice, LocalSource, LockSource, ReleaseState, ServerSource, SourceError, Standing, SupersededBy};
pub use total::{Emission, Total, emission};
