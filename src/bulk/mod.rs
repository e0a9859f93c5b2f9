//! The way out for whole datasets: releases and selections in the formats that tools read, and differences as data.
//!
//! `factors.csv` and `factors.ndjson` of a release are its stored files; every other format is made when it is asked for.

mod about;
mod columns;
mod derived;
mod difference;
#[cfg(test)]
mod difference_tests;
mod format;
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
pub use derived::{DERIVED_BYTES, DerivedFile, DerivedFiles, MAX_MAKERS};
pub use difference::{ChangeRow, ClassCounts, LISTED_RENAMES, Sides, Summary, Walked, difference, walk};
pub use format::{Context, ExportError, Format, Of, write};
pub use listing::{DifferenceFormat, Listing, Order, list_changes, write_difference, write_json};
pub use rows::{DamagedLine, Picked, Row, Rows};
pub use selection::{BUNDLE_NAME, MAX_SELECTION, OF_PAGES, SELECTION_NAME, Selection, SelectionRefusal, TERMS_NAME};
pub use text::SELECTION_COLUMNS;
pub use xlsx::write_sheets;
