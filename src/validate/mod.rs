//! Rows become factors or findings, by a table of rules.
//!
//! After this room nothing sees raw text again. A finding is bad data: it names
//! the row, the field, the rule, and what would be right; it never changes a
//! value. One finding of severity error keeps the row out, and a table with an
//! error cannot become a release.

mod cells;
mod checks;
mod finding;
mod outside;
mod report;
mod row;
mod rules;
mod source;
mod table;

pub use finding::{Finding, Severity};
pub use outside::check_profiled;
pub use report::{Report, SeverityCounts};
pub use row::{RowContext, read_cells, read_row};
pub use rules::Rule;
pub use source::{Checked, check_source};
pub use table::{Sinks, TableError, check_table};
