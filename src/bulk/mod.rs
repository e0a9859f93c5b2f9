//! The way out for whole datasets: differences of two releases as data.
//!
//! Whole releases leave as the stored files of the release itself.

mod difference;
#[cfg(test)]
mod difference_tests;
mod listing;
mod rows;

pub use difference::{ChangeRow, ClassCounts, LISTED_RENAMES, Sides, Summary, Walked, difference, walk};
pub use listing::{DifferenceFormat, Listing, Order, list_changes, write_difference, write_json};
pub use rows::{DamagedLine, Picked, Row, Rows};
