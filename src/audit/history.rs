//! One factor over all releases of its dataset.

use serde::Serialize;
use serde_json::Value;

use crate::canon::Digest;
use crate::dataset::{Act, Bump, FieldChange, Merged, Principal, compare};
use crate::release::{DatasetReleases, PublishedRelease, ReleaseError, ReleaseRef, Superseded};

/// A factor as one release has it.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// Which release; `withdrawn` is set where it is withdrawn. Its manifest is named where its numbers may be read.
    pub release: Value,
    /// What is to be used instead of that release.
    pub superseded: Option<Superseded>,
    /// When the release was published (RFC 3339, UTC).
    pub published_at: String,
    /// Digest of the line; nothing, like what follows it, where its numbers may not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Whether the release before has no line with these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<bool>,
    /// What differs from the entry before, member by member; nothing for the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Option<Vec<FieldChange>>>,
    /// Kg of the metric per `per`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The factor; without any number where its numbers may not be read.
    pub factor: Value,
}

/// A factor over all releases that `who` may read, oldest version first; empty where none of them has it.
///
/// What changed is told between releases whose numbers they may read.
///
/// # Errors
/// [`ReleaseError::Damaged`] where a line is not as it was released.
pub fn factor_history(releases: &DatasetReleases, key: &str, who: &Principal) -> Result<Vec<HistoryEntry>, ReleaseError> {
    let mut history: Vec<HistoryEntry> = Vec::new();
    let (mut before, mut line_before) = (None, None);
    for release in releases.all().filter(|release| release.may(who, Act::ReadNames).is_ok()) {
        let Some(number) = release.data.find(key) else {
            before = None;
            continue;
        };
        let damaged = |why: String| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, release.id()), why };
        if release.may(who, Act::ReadNumbers).is_err() {
            history.push(without_numbers(release, number)?);
            before = None;
            continue;
        }
        let line = release.data.line(number);
        let digest = release.data.digest(number).ok_or_else(|| damaged("it is not as it was released".to_owned()))?;
        let factor: Value = serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
        let fields =
            line_before.as_deref().map(|old| changed_fields(old, &line)).transpose().map_err(|error| damaged(error.to_string()))?;
        history.push(HistoryEntry {
            release: serde_json::to_value(ReleaseRef::of(release)).map_err(|error| damaged(error.to_string()))?,
            superseded: release.superseded.clone(),
            published_at: release.published_at.clone(),
            digest: Some(digest),
            changed: Some(before != Some(digest)),
            fields: Some(fields),
            value: Some(factor.get("value").cloned().unwrap_or_default()),
            factor,
        });
        (before, line_before) = (Some(digest), Some(line));
    }
    Ok(history)
}

fn without_numbers(release: &PublishedRelease, number: usize) -> Result<HistoryEntry, ReleaseError> {
    let (factor, _) = release.told_of_factor(number)?;
    Ok(HistoryEntry {
        release: serde_json::json!({"dataset": release.dataset, "version": release.version.to_string(), "withdrawn": release.withdrawn}),
        superseded: release.superseded.clone(),
        published_at: release.published_at.clone(),
        digest: None,
        changed: None,
        fields: None,
        value: None,
        factor: factor.into(),
    })
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
