//! What reviewers and stewards say of a draft, row by row, before it is decided on.

use serde_json::json;

use super::{By, DeskError, draft_factor};
use crate::dataset::DatasetId;
use crate::release::{Ground, ReleaseError};
use crate::review;
use crate::store::{self, Connection, DraftComment, NewEvent};

/// Says something of the dataset's draft, or of one of its factors.
///
/// # Errors
/// When there is no draft, or it has no such factor; [`DeskError::Words`] for words that are none.
pub fn comment(ground: &Ground, dataset: &DatasetId, key: Option<&str>, words: &str, by: By<'_>) -> Result<i64, DeskError> {
    let words = review::words("the comment", words)?;
    if let Some(key) = key {
        match draft_factor(ground, dataset, key) {
            // what was removed is still spoken of
            Err(DeskError::NoFactor { .. }) if is_of_base(ground, dataset, key)? => {}
            found => drop(found?),
        }
    }
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = store::draft_get(connection, dataset.as_str())?.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
        let new = DraftComment {
            id: 0,
            dataset: dataset.to_string(),
            import_run: draft.import_run,
            key: key.map(str::to_owned),
            actor: by.name.to_owned(),
            at: at.clone(),
            words: words.clone(),
        };
        let id = store::draft_comment_insert(connection, &new)?;
        let detail = json!({"comment": id, "key": key, "words": words});
        let event = NewEvent {
            at: &at,
            actor: by.name,
            act: "draft.comment",
            dataset: Some(dataset.as_str()),
            subject: dataset.as_str(),
            detail: &detail,
        };
        store::event_append(connection, &event)?;
        Ok(id)
    })
}

fn is_of_base(ground: &Ground, dataset: &DatasetId, key: &str) -> Result<bool, DeskError> {
    let (_, base, _) = super::import::read_state(ground, dataset)?;
    let Some(base) = base else { return Ok(false) };
    Ok(crate::draft::Place::of(&base.lines, key)?.line(&base.lines).is_some())
}

/// What was said of the dataset's draft since its last release, over all its imports, in the order in which it was said.
///
/// # Errors
/// When the database fails.
pub fn draft_comments(ground: &Ground, dataset: &DatasetId) -> Result<Vec<DraftComment>, DeskError> {
    ground.database()?.read(|connection| {
        let last = last_released_run(connection, dataset)?;
        Ok(store::draft_comment_list(connection, dataset.as_str(), last)?)
    })
}

fn last_released_run(connection: &mut Connection, dataset: &DatasetId) -> Result<i64, DeskError> {
    let releases = store::release_list(connection, dataset.as_str())?;
    Ok(releases.iter().filter_map(|release| release.import_run).max().unwrap_or(0))
}
