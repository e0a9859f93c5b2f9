//! Who did what to what, and when.

use diesel::prelude::*;

use super::schema::event;
use super::{Connection, StoreError};

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = event)]
pub struct Event {
    /// Its place, from 1.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What was done: `draft.submit`.
    pub act: String,
    /// The dataset it was done to, where it was one.
    pub dataset: Option<String>,
    /// What it was done to: `cn-electricity-co2@1.2.0`; may be empty.
    pub subject: String,
    /// More about it, as JSON.
    pub detail: String,
}

/// An event that has no place yet.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// When.
    pub at: &'a str,
    /// Who.
    pub actor: &'a str,
    /// What was done.
    pub act: &'a str,
    /// The dataset it was done to, where it was one.
    pub dataset: Option<&'a str>,
    /// What it was done to; may be empty.
    pub subject: &'a str,
    /// More about it.
    pub detail: &'a serde_json::Value,
}

/// Adds an event and gives it its place.
///
/// # Errors
/// When the database fails.
pub fn event_append(connection: &mut Connection, new: &NewEvent<'_>) -> Result<i64, StoreError> {
    let last: Option<i64> = event::table.select(diesel::dsl::max(event::seq)).first(connection)?;
    let seq = last.unwrap_or(0) + 1;
    diesel::insert_into(event::table)
        .values((
            event::seq.eq(seq),
            event::at.eq(new.at),
            event::actor.eq(new.actor),
            event::act.eq(new.act),
            event::dataset.eq(new.dataset),
            event::subject.eq(new.subject),
            event::detail.eq(new.detail.to_string()),
        ))
        .execute(connection)?;
    Ok(seq)
}

/// At most `limit` events that follow place `after`, in order; after 0 come all.
///
/// # Errors
/// When the database fails.
pub fn event_list(connection: &mut Connection, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    Ok(event::table.filter(event::seq.gt(after)).order(event::seq).limit(limit.max(0)).select(Event::as_select()).load(connection)?)
}

/// At most `limit` events before a place, the newest first; of one dataset where it is named.
///
/// # Errors
/// When the database fails.
pub fn event_list_before(connection: &mut Connection, before: i64, dataset: Option<&str>, limit: i64) -> Result<Vec<Event>, StoreError> {
    let all = event::table.filter(event::seq.lt(before)).order(event::seq.desc()).limit(limit.max(0)).select(Event::as_select());
    Ok(match dataset {
        Some(dataset) => all.filter(event::dataset.eq(dataset)).load(connection)?,
        None => all.load(connection)?,
    })
}
