//! One factor over all releases of its dataset.

use serde::Serialize;
use serde_json::Value;

use crate::canon::Digest;
use crate::dataset::{Bump, FieldChange, Merged, compare};
use crate::lookup::ReleaseRef;
use crate::release::{DatasetReleases, ReleaseError, Superseded};

/// A factor as one release has it.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// Which release; `withdrawn` is set where it is withdrawn.
    pub release: ReleaseRef,
    /// What is to be used instead of that release.
    pub superseded: Option<Superseded>,
    /// When the release was published (RFC 3339, UTC).
    pub published_at: String,
    /// Digest of the line.
    pub digest: Digest,
    /// Whether the release before has no line with these bytes.
    pub changed: bool,
    /// What differs from the entry before, member by member; nothing for the first.
    pub fields: Option<Vec<FieldChange>>,
    /// Kg of the metric per `per`.
    pub value: Value,
    /// The factor.
    pub factor: Value,
}

/// A factor over all releases, oldest version first; empty where no release has it.
///
/// # Errors
/// [`ReleaseError::Damaged`] where a line is not as it was released.
pub fn factor_history(releases: &DatasetReleases, key: &str) -> Result<Vec<HistoryEntry>, ReleaseError> {
    let mut history: Vec<HistoryEntry> = Vec::new();
    let (mut before, mut line_before) = (None, None);
    for release in releases.all() {
        let Some(number) = release.data.find(key) else {
            before = None;
            continue;
        };
        let damaged = |why: String| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, release.id()), why };
        let line = release.data.line(number);
        let digest = release.data.digest(number).ok_or_else(|| damaged("it is not as it was released".to_owned()))?;
        let factor: Value = serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
        let fields =
            line_before.as_deref().map(|old| changed_fields(old, &line)).transpose().map_err(|error| damaged(error.to_string()))?;
        history.push(HistoryEntry {
            release: ReleaseRef::of(release),
            superseded: release.superseded.clone(),
            published_at: release.published_at.clone(),
            digest,
            changed: before != Some(digest),
            fields,
            value: factor.get("value").cloned().unwrap_or_default(),
            factor,
        });
        (before, line_before) = (Some(digest), Some(line));
    }
    Ok(history)
}

/// The members that differ; a place or a way of writing that alone differs demands nothing of the version.
fn changed_fields(old: &[u8], new: &[u8]) -> Result<Vec<FieldChange>, serde_json::Error> {
    match compare(old, new)? {
        Merged::Changed { fields, .. } => Ok(fields),
        Merged::ProvenanceOnly { .. } => {
            let (old, new): (Value, Value) = (serde_json::from_slice(old)?, serde_json::from_slice(new)?);
            let names: std::collections::BTreeSet<&String> =
                [&old, &new].into_iter().filter_map(Value::as_object).flat_map(|o| o.keys()).collect();
            let member = |object: &Value, name: &str| object.get(name).cloned().unwrap_or_default();
            let differs = names.into_iter().filter(|name| member(&old, name) != member(&new, name));
            Ok(differs
                .map(|name| FieldChange { field: name.clone(), from: member(&old, name), to: member(&new, name), bump: Bump::None })
                .collect())
        }
        Merged::Added(_) | Merged::Removed(_) | Merged::Unchanged(_) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_place_alone_demands_nothing() {
        let line = |value: &str, locator: &str| format!(r#"{{"key":"k","source":{{"id":"s","locator":"{locator}"}},"value":"{value}"}}"#);
        let of = |old: &str, new: &str| -> Vec<(String, Bump)> {
            let fields = changed_fields(old.as_bytes(), new.as_bytes()).unwrap();
            fields.into_iter().map(|change| (change.field, change.bump)).collect()
        };
        assert_eq!(of(&line("1", "a"), &line("1", "a")), []);
        assert_eq!(of(&line("1", "a"), &line("1.0", "b")), [("source".to_owned(), Bump::None), ("value".to_owned(), Bump::None)]);
        assert_eq!(of(&line("1", "a"), &line("2", "a")), [("value".to_owned(), Bump::Minor)]);
    }
}
