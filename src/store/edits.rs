//! Edits of single lines of a draft: who changed what, when and why. What was told stays told.

use diesel::prelude::*;

use super::schema::draft_edit;
use super::{Connection, StoreError};

/// One edit of one line.
///
/// It belongs to the import run whose lines it changed: another import begins without edits.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = draft_edit)]
pub struct DraftEdit {
    /// Its number, counted over all datasets, from 1.
    pub id: i64,
    /// The dataset.
    pub dataset: String,
    /// The run that made the lines.
    pub import_run: i64,
    /// The factor.
    pub key: String,
    /// Who changed it.
    pub actor: String,
    /// When.
    pub at: String,
    /// Why.
    pub reason: String,
    /// The canonical line before; none: the edit added it.
    pub before_line: Option<String>,
    /// The canonical line after; none: the edit removed it.
    pub after_line: Option<String>,
}

/// Records an edit and gives it a number; what stands in `new.id` is not looked at.
///
/// # Errors
/// When the database fails, or dataset or run are not known.
pub fn draft_edit_insert(connection: &mut Connection, new: &DraftEdit) -> Result<i64, StoreError> {
    let last: Option<i64> = draft_edit::table.select(diesel::dsl::max(draft_edit::id)).first(connection)?;
    let id = last.unwrap_or(0) + 1;
    diesel::insert_into(draft_edit::table)
        .values((
            draft_edit::id.eq(id),
            draft_edit::dataset.eq(new.dataset.as_str()),
            draft_edit::import_run.eq(new.import_run),
            draft_edit::key.eq(new.key.as_str()),
            draft_edit::actor.eq(new.actor.as_str()),
            draft_edit::at.eq(new.at.as_str()),
            draft_edit::reason.eq(new.reason.as_str()),
            draft_edit::before_line.eq(new.before_line.as_deref()),
            draft_edit::after_line.eq(new.after_line.as_deref()),
        ))
        .execute(connection)?;
    Ok(id)
}

/// The edits of what an import run made, in the order in which they were made.
///
/// # Errors
/// When the database fails.
pub fn draft_edit_list(connection: &mut Connection, import_run: i64) -> Result<Vec<DraftEdit>, StoreError> {
    Ok(draft_edit::table
        .filter(draft_edit::import_run.eq(import_run))
        .order(draft_edit::id)
        .select(DraftEdit::as_select())
        .load(connection)?)
}

/// How many edits there are of what an import run made.
///
/// # Errors
/// When the database fails.
pub fn draft_edit_count(connection: &mut Connection, import_run: i64) -> Result<i64, StoreError> {
    Ok(draft_edit::table.filter(draft_edit::import_run.eq(import_run)).count().get_result(connection)?)
}
