//! What an adapter says of an outside file's records: the cells that they give, or why they give none.
//!
//! Adapters push [`Step`]s in the file's own order; `validate` judges the cells as it judges a package's.
//! Every record of the file is named by exactly one step, as its row, as one of its parts, or as skipped.

use std::collections::BTreeMap;
use std::io;

/// The cells of one factor, by column of `factors.csv` ([`crate::factor::COLUMNS`]); absent means empty.
pub type FactorCells = BTreeMap<&'static str, String>;

/// Not a column, but a place among [`FactorCells`]: how far the source's own rounding can have moved amounts that were
/// converted, as `COLUMN=AMOUNT;…` in the factor's terms. Without it, half a unit of the last digit written counts.
pub const SOURCE_ROUNDING: &str = "~rounding";

/// What is wrong: a rule of `validate`'s table, the column or member, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Id of the rule.
    pub rule: &'static str,
    /// The source's column, or a column of `factors.csv`; empty for the record as a whole.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem by the id of its rule.
    pub fn new(rule: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { rule, field: field.into(), message: message.into() }
    }
}

/// A record that gives factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its row as the file counts them (a spreadsheet's first row is 1).
    pub row: u64,
    /// Other rows that belong to it: its gases, its stages.
    pub parts: Vec<u64>,
    /// One or more factors.
    pub factors: Vec<FactorCells>,
    /// Noticed on the way, and kept nothing out.
    pub notices: Vec<Problem>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It gives factors.
    Entry(Entry),
    /// It is passed over, for a reason that is counted.
    Skipped {
        /// Its row.
        row: u64,
        /// Why, in a few words that many rows share.
        reason: String,
    },
    /// It cannot be read, and keeps the file out.
    Wrong {
        /// Its row.
        row: u64,
        /// The rows that belong to it and fall with it.
        parts: Vec<u64>,
        /// Everything that is wrong with it.
        problems: Vec<Problem>,
    },
    /// Something about the file as a whole; counts for no row.
    File(Problem),
}

/// Takes the steps; an error ends the reading.
pub type TakeStep<'a> = dyn FnMut(Step) -> io::Result<()> + 'a;
