//! The way out for whole datasets: differences of two releases as data, and deltas that turn one into the other.
//!
//! Whole releases leave as the stored files of the release itself.

mod delta;
#[cfg(test)]
mod delta_tests;
mod difference;
#[cfg(test)]
mod difference_tests;
mod listing;
mod rows;

pub use delta::{DELTA_FORMAT, DeltaCounts, DeltaEnd, DeltaError, DeltaHead, apply_delta, release_delta, write_delta};
pub use difference::{ChangeRow, ClassCounts, LISTED_RENAMES, Sides, Summary, Walked, difference, walk};
pub use listing::{DifferenceFormat, Listing, Order, list_changes, write_difference, write_json};
pub use rows::{DamagedLine, Picked, Row, Rows};
