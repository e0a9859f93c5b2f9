//! The report of a check or an import.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Finding, Severity};

/// How many findings of each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeverityCounts {
    /// Keep the release out.
    pub error: u64,
    /// A person decides.
    pub warning: u64,
    /// Good to know.
    pub info: u64,
}

/// What became of a file's rows.
///
/// `rows` = `factors` + `parts` + `error_rows` + the sum of `skipped`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Records below the header, blank ones included.
    pub rows: u64,
    /// Rows that gave a factor.
    pub factors: u64,
    /// Factors made.
    pub produced: u64,
    /// Rows that belong to another row's factor.
    pub parts: u64,
    /// Rows kept out by an error.
    pub error_rows: u64,
    /// Rows passed over, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// How many findings of each severity.
    pub findings: SeverityCounts,
    /// Every error; the first thousand warnings and notes.
    pub items: Vec<Finding>,
}

/// Warnings and notes beyond this many are counted but not listed.
const LISTED_WARNINGS: u64 = 1000;

impl Report {
    /// Takes a finding.
    pub fn add(&mut self, finding: Finding) {
        let counter = match finding.severity {
            Severity::Error => &mut self.findings.error,
            Severity::Warning => &mut self.findings.warning,
            Severity::Info => &mut self.findings.info,
        };
        *counter += 1;
        if finding.severity == Severity::Error || *counter <= LISTED_WARNINGS {
            self.items.push(finding);
        }
    }

    /// Whether an error was found.
    pub fn has_errors(&self) -> bool {
        self.findings.error > 0
    }

    /// Whether every row is accounted for.
    pub fn adds_up(&self) -> bool {
        self.rows == self.factors + self.parts + self.error_rows + self.skipped.values().sum::<u64>()
    }
}
