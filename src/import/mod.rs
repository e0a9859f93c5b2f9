//! Outside files become rows: one adapter a format.
//!
//! Nothing here judges what a cell means; that is `validate`'s. An adapter
//! streams records with their row numbers, and never holds a whole file.

pub mod archive;
mod entry;
mod format;
pub mod grid;
pub mod lca;
mod limits;
mod package;
pub mod profile;
mod records;
mod sort;

pub use entry::{Entry, FactorCells, Problem, SOURCE_ROUNDING, Step, TakeStep};
pub use format::Format;
pub use limits::{MAX_CELL_BYTES, MAX_RECORD_BYTES};
pub use package::{Package, PackageProblem, read_package};
pub use records::{Batch, Record, RecordError, Records, SourceFile};
pub use sort::{KeyedLine, SortedLines, Sorter};
