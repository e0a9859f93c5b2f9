//! Findings: bad data, as values in a report.

use serde::{Deserialize, Serialize};

use super::Rule;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Likely wrong; a person decides.
    Warning,
    /// Keeps the row, and so the release, out.
    Error,
}

/// One thing found in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Finding {
    /// Row of the table, the header being row 1; null for the file as a whole.
    pub row: Option<u64>,
    /// Column, or member of the description.
    pub field: Option<String>,
    /// Id of the rule.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Finding {
    /// About the file as a whole.
    pub fn file(rule: Rule, message: impl Into<String>) -> Self {
        Self { row: None, field: None, rule: rule.id().to_owned(), severity: rule.severity(), message: message.into() }
    }

    /// About one column or member, in the file as a whole.
    pub fn field(rule: Rule, field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::file(rule, message) }
    }

    /// About one cell.
    pub fn cell(rule: Rule, row: u64, field: &str, message: impl Into<String>) -> Self {
        Self { row: Some(row), ..Self::field(rule, field, message) }
    }
}
