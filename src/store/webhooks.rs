//! Subscriptions to public facts, and every attempt to tell one. A secret is kept as it is: it signs what is sent.

use diesel::prelude::*;

use super::schema::{webhook, webhook_delivery};
use super::{Connection, StoreError};

/// A subscription.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = webhook, treat_none_as_null = true)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Where it is told.
    pub url: String,
    /// What signs, `whsec_…`.
    pub secret: String,
    /// What signs beside it for a while after a change.
    pub old_secret: Option<String>,
    /// Until when.
    pub old_until: Option<String>,
    /// Ids of datasets, parted by commas; empty: all.
    pub datasets: String,
    /// Types of events, parted by commas; empty: all.
    pub types: String,
    /// 1 while it is told anything.
    pub active: i32,
    /// Why it is not, where the server stopped it.
    pub stopped: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// The place in the log up to which it was told; -1: from the beginning.
    pub seen: i64,
    /// Attempts that failed for the next event.
    pub attempts: i32,
    /// When the next attempt is due; none: at once.
    pub next_at: Option<String>,
    /// The server that tells it something just now.
    pub lease: Option<String>,
    /// Until when no other does.
    pub lease_until: Option<String>,
}

/// Without its secrets, which belong in no log.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("id", &self.id).field("url", &self.url).field("seen", &self.seen).finish_non_exhaustive()
    }
}

/// An attempt to tell a subscription something.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = webhook_delivery)]
pub struct WebhookDelivery {
    /// Its number.
    pub id: i64,
    /// The subscription.
    pub webhook: String,
    /// `event`, `test`, `redelivery`.
    pub kind: String,
    /// The place of the event in the log; none for a test.
    pub seq: Option<i64>,
    /// The id of the message: the same at every attempt.
    pub message: String,
    /// Counted from 1.
    pub attempt: i32,
    /// When.
    pub at: String,
    /// How long it took.
    pub duration_ms: i64,
    /// The status of the answer.
    pub status: Option<i32>,
    /// Why there was none.
    pub error: Option<String>,
    /// `delivered`, `retry`, `failed`, `stopped`.
    pub outcome: String,
    /// When the next attempt is due.
    pub next_at: Option<String>,
}

/// Records a subscription.
///
/// # Errors
/// When the database fails.
pub fn webhook_insert(connection: &mut Connection, new: &Webhook) -> Result<(), StoreError> {
    diesel::insert_into(webhook::table).values(new.clone()).execute(connection)?;
    Ok(())
}

/// The subscription with that id.
///
/// # Errors
/// When the database fails.
pub fn webhook_get(connection: &mut Connection, id: &str) -> Result<Option<Webhook>, StoreError> {
    Ok(webhook::table.find(id).select(Webhook::as_select()).first(connection).optional()?)
}

/// All subscriptions, in the order in which they were made.
///
/// # Errors
/// When the database fails.
pub fn webhook_list(connection: &mut Connection) -> Result<Vec<Webhook>, StoreError> {
    Ok(webhook::table.order((webhook::created_at, webhook::id)).select(Webhook::as_select()).load(connection)?)
}

/// The active subscriptions that may have something to be told: not told up to `last`, due, and with no other server.
///
/// # Errors
/// When the database fails.
pub fn webhook_due(connection: &mut Connection, last: i64, now: &str) -> Result<Vec<String>, StoreError> {
    let due = webhook::table
        .filter(webhook::active.eq(1))
        .filter(webhook::seen.lt(last))
        .filter(webhook::next_at.is_null().or(webhook::next_at.le(now)))
        .filter(webhook::lease_until.is_null().or(webhook::lease_until.le(now)));
    Ok(due.order((webhook::next_at, webhook::id)).select(webhook::id).load(connection)?)
}

/// Writes all members of a subscription anew; false where it is gone.
///
/// # Errors
/// When the database fails.
pub fn webhook_put(connection: &mut Connection, changed: &Webhook) -> Result<bool, StoreError> {
    Ok(diesel::update(webhook::table.find(changed.id.clone())).set(changed.clone()).execute(connection)? == 1)
}

/// Removes a subscription and what was recorded of it; false where there is none.
///
/// # Errors
/// When the database fails.
pub fn webhook_delete(connection: &mut Connection, id: &str) -> Result<bool, StoreError> {
    diesel::delete(webhook_delivery::table.filter(webhook_delivery::webhook.eq(id))).execute(connection)?;
    Ok(diesel::delete(webhook::table.find(id)).execute(connection)? == 1)
}

/// Records an attempt under the next number, which it gives; of each subscription the newest `kept` stay.
///
/// # Errors
/// When the database fails.
pub fn delivery_insert(connection: &mut Connection, new: &WebhookDelivery, kept: i64) -> Result<i64, StoreError> {
    let last: Option<i64> = webhook_delivery::table.select(diesel::dsl::max(webhook_delivery::id)).first(connection)?;
    let id = last.map_or(1, |last| last + 1);
    diesel::insert_into(webhook_delivery::table).values(WebhookDelivery { id, ..new.clone() }).execute(connection)?;
    let own = webhook_delivery::table.filter(webhook_delivery::webhook.eq(new.webhook.as_str()));
    let oldest: Option<i64> =
        own.order(webhook_delivery::id.desc()).offset(kept).limit(1).select(webhook_delivery::id).first(connection).optional()?;
    if let Some(oldest) = oldest {
        let gone = webhook_delivery::table.filter(webhook_delivery::webhook.eq(new.webhook.as_str()));
        diesel::delete(gone.filter(webhook_delivery::id.le(oldest))).execute(connection)?;
    }
    Ok(id)
}

/// Attempts of a subscription before one of them, newest first.
///
/// # Errors
/// When the database fails.
pub fn delivery_list(connection: &mut Connection, webhook: &str, before: i64, limit: i64) -> Result<Vec<WebhookDelivery>, StoreError> {
    let own = webhook_delivery::table.filter(webhook_delivery::webhook.eq(webhook)).filter(webhook_delivery::id.lt(before));
    Ok(own.order(webhook_delivery::id.desc()).limit(limit).select(WebhookDelivery::as_select()).load(connection)?)
}

/// One attempt of a subscription.
///
/// # Errors
/// When the database fails.
pub fn delivery_get(connection: &mut Connection, webhook: &str, id: i64) -> Result<Option<WebhookDelivery>, StoreError> {
    let one = webhook_delivery::table.filter(webhook_delivery::webhook.eq(webhook)).filter(webhook_delivery::id.eq(id));
    Ok(one.select(WebhookDelivery::as_select()).first(connection).optional()?)
}
