//! Refusals in the other service's shape.

use serde::Serialize;

use crate::factor::nearest;

/// Understood and denied: `error`, `error_code`, `message`, `valid_values`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct CompatRefusal {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    /// The HTTP status in words: `bad_request`, `not_found`, ….
    pub error: &'static str,
    /// Stable code.
    pub error_code: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
    /// What it can be, or what is written like it; null where there is no list.
    pub valid_values: Option<Vec<String>>,
}

/// Values are listed up to this many.
const LISTED: usize = 100;

impl CompatRefusal {
    /// A request that cannot be answered (400).
    pub fn new(error_code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, error: "bad_request", error_code, message: message.into(), valid_values: None }
    }

    /// The same with what it can be.
    #[must_use]
    pub fn valid<T: AsRef<str>>(self, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter().take(LISTED).map(|value| value.as_ref().to_owned()).collect();
        Self { valid_values: Some(values), ..self }
    }

    /// A value of a list that it does not have, with the nearest.
    pub fn none_of<T: AsRef<str>>(error_code: &'static str, name: &str, given: &str, values: impl IntoIterator<Item = T>) -> Self {
        let all: Vec<String> = values.into_iter().map(|value| value.as_ref().to_owned()).collect();
        let hint = nearest(given, all.iter().map(String::as_str)).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        Self::new(error_code, format!("`{name}`: there is no `{}`{hint}", shown(given))).valid(all)
    }

    /// Something is broken in the server.
    pub fn fault(message: impl Into<String>) -> Self {
        Self { status: 500, error: "internal_server_error", error_code: "fault", message: message.into(), valid_values: None }
    }
}

/// As much of a caller's text as a refusal repeats.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}
