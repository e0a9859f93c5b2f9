//! The way out for whole datasets: differences of two releases as data.
//!
//! Whole releases leave as the stored files of the release itself.

mod difference;

pub use difference::{ChangeRow, DifferenceFormat, Side, Summary, difference, write_difference};
