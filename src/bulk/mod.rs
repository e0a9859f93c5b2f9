//! The way out for whole datasets: releases and selections in the formats that tools read, differences as data, and deltas that
//! turn one release into another.
//!
//! `factors.csv` and `factors.ndjson` of a release are its stored files; every other format is made when it is asked for.

mod about;
mod columns;
mod derived;
mod delta;
#[cfg(test)]
mod delta_tests;
mod difference;
#[cfg(test)]
mod difference_tests;
mod format;
mod lca;
mod listing;
mod package;
mod parquet;
mod rows;
mod selection;
mod sqlite;
mod sqlite_schema;
mod table;
mod text;
mod words;
mod xlsx;
mod xlsx_notes;

pub use about::cite_release;
pub use delta::{DELTA_FORMAT, DeltaCounts, DeltaEnd, DeltaError, DeltaHead, apply_delta, delta_end, write_delta};
pub use derived::{DERIVED_BYTES, DerivedFile, DerivedFiles, MAX_MAKERS};
pub use difference::{ChangeRow, ClassCounts, LISTED_RENAMES, Sides, Summary, Walked, difference, walk};
pub use format::{Context, ExportError, Format, Of, write};
pub use lca::{FOOTPRINT_KINDS, Footprint, LeftOut, Life, Told, digest_prefix_of, footprint_id, footprint_of};
pub use listing::{DifferenceFormat, Listing, Order, list_changes, write_difference, write_json};
pub use rows::{DamagedLine, Picked, Row, Rows, row};
pub use selection::{BUNDLE_NAME, MAX_SELECTION, OF_PAGES, SELECTION_NAME, Selection, SelectionRefusal, TERMS_NAME};
pub use text::SELECTION_COLUMNS;
