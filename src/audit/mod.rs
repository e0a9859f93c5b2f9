//! Checking what is released: by whoever holds the bytes, against keys and people that they trust.

pub mod lock;
mod proof;
mod report;
mod trust;

pub use proof::{ProofLink, ProofRefusal, Proved, check_proof};
pub use report::{Checked, Finding, Link, Report};
pub use trust::{ApprovedRelease, Basis, Opened, Trust};
