//! What people say of a draft and of its factors. What was said stays said.

use diesel::prelude::*;

use super::schema::draft_comment;
use super::{Connection, StoreError};

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = draft_comment)]
pub struct DraftComment {
    /// Its number, counted over all datasets, from 1.
    pub id: i64,
    /// The dataset.
    pub dataset: String,
    /// The run that made the lines it was said of.
    pub import_run: i64,
    /// The factor; none: the draft as a whole.
    pub key: Option<String>,
    /// Who said it.
    pub actor: String,
    /// When.
    pub at: String,
    /// What.
    pub words: String,
}

/// Records a comment and gives it a number; what stands in `new.id` is not looked at.
///
/// # Errors
/// When the database fails, or dataset or run are not known.
pub fn draft_comment_insert(connection: &mut Connection, new: &DraftComment) -> Result<i64, StoreError> {
    let last: Option<i64> = draft_comment::table.select(diesel::dsl::max(draft_comment::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(draft_comment::table)
        .values((
            draft_comment::id.eq(id),
            draft_comment::dataset.eq(new.dataset.as_str()),
            draft_comment::import_run.eq(new.import_run),
            draft_comment::key.eq(new.key.as_deref()),
            draft_comment::actor.eq(new.actor.as_str()),
            draft_comment::at.eq(new.at.as_str()),
            draft_comment::words.eq(new.words.as_str()),
        ))
        .execute(connection)?;
    Ok(id)
}

/// The comments of a dataset on lines of runs after this one, in the order in which they were made.
///
/// # Errors
/// When the database fails.
pub fn draft_comment_list(connection: &mut Connection, dataset: &str, after_run: i64) -> Result<Vec<DraftComment>, StoreError> {
    Ok(draft_comment::table
        .filter(draft_comment::dataset.eq(dataset))
        .filter(draft_comment::import_run.gt(after_run))
        .order(draft_comment::id)
        .select(DraftComment::as_select())
        .load(connection)?)
}
