//! Subscriptions to public facts: made, shown, changed and removed.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::event::{EVENT_TYPES, EventFilter};
use super::guard::{UrlRefusal, receiver_url};
use super::sign::{new_secret, random};
use crate::factor::nearest;
use crate::release::{Catalogue, Ground, ReleaseError};
use crate::store::{self, Connection, NewEvent, StoreError, Webhook, WebhookDelivery, time_text};

/// The most subscriptions of a server.
pub const MAX_WEBHOOKS: usize = 100;

/// For how long a secret that was changed goes on signing beside the new one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// Why nothing was done with a subscription.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The ground refuses or fails.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// No address to send to.
    #[error(transparent)]
    Url(#[from] UrlRefusal),
    /// A dataset that is not there.
    #[error("`datasets`: there is no dataset `{given}`{}", hint(nearest.as_deref()))]
    NoDataset {
        /// What was given.
        given: String,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// A type that no event has.
    #[error("`types`: no event has the type `{given}`{}; they are {}", hint(nearest.as_deref()), EVENT_TYPES.join(", "))]
    NoType {
        /// What was given.
        given: String,
        /// What is most like it.
        nearest: Option<String>,
    },
    /// A place that the log does not have.
    #[error("`after`: the log ends with {last}; -1 tells everything from the beginning")]
    After {
        /// The last place.
        last: i64,
    },
    /// Too many.
    #[error("there are {MAX_WEBHOOKS} webhooks already: delete one first")]
    TooMany,
    /// A change of nothing.
    #[error("nothing is to be changed: give url, datasets, types, active or rotate_secret")]
    NoChange,
    /// No such subscription.
    #[error("there is no webhook `{0}`")]
    NoWebhook(String),
    /// No such attempt.
    #[error("the webhook `{webhook}` has no delivery {delivery}")]
    NoDelivery {
        /// The subscription.
        webhook: String,
        /// The number.
        delivery: i64,
    },
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

impl From<StoreError> for WebhookError {
    fn from(error: StoreError) -> Self {
        Self::Release(error.into())
    }
}

impl WebhookError {
    /// Whether it was understood and denied, so that nothing is broken.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Release(error) => error.is_refusal(),
            _ => true,
        }
    }
}

/// What a subscription is to be.
#[derive(Debug, Clone, Default)]
pub struct NewWebhook {
    /// Where it is told.
    pub url: String,
    /// Ids of datasets; empty: all.
    pub datasets: Vec<String>,
    /// Of [`EVENT_TYPES`]; empty: all.
    pub types: Vec<String>,
    /// The place in the log after which it is told; what comes from now on where it is left out.
    pub after: Option<i64>,
}

/// What is to be other than before; nothing stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookChange {
    /// Where it is told.
    pub url: Option<String>,
    /// Ids of datasets.
    pub datasets: Option<Vec<String>>,
    /// Types of events.
    pub types: Option<Vec<String>>,
    /// Whether it is told anything. Switched on, it goes on where it was stopped.
    pub active: Option<bool>,
    /// Makes a new secret; the one before signs beside it for a day.
    pub rotate_secret: bool,
}

/// Makes a subscription; its secret is shown this once.
///
/// # Errors
/// [`WebhookError`].
pub fn create_webhook(ground: &Ground, catalogue: &Catalogue, new: &NewWebhook, actor: &str) -> Result<Webhook, WebhookError> {
    let last = catalogue.facts() - 1;
    if new.after.is_some_and(|after| !(-1..=last).contains(&after)) {
        return Err(WebhookError::After { last });
    }
    let mut id = [0; 8];
    random(&mut id).map_err(ReleaseError::from)?;
    let at = ground.now();
    let hook = Webhook {
        id: format!("wh_{}", hex::encode(id)),
        url: receiver_url(&new.url)?.into(),
        secret: secret()?.to_string(),
        old_secret: None,
        old_until: None,
        datasets: datasets(catalogue, &new.datasets)?,
        types: types(&new.types)?,
        active: 1,
        stopped: None,
        created_by: actor.to_owned(),
        created_at: at.clone(),
        seen: new.after.unwrap_or(last),
        attempts: 0,
        next_at: None,
        lease: None,
        lease_until: None,
    };
    ground.database()?.write(|connection| {
        if store::webhook_list(connection)?.len() >= MAX_WEBHOOKS {
            return Err(WebhookError::TooMany);
        }
        store::webhook_insert(connection, &hook)?;
        note(connection, (&at, actor, "webhook.create"), &hook)
    })?;
    Ok(hook)
}

fn secret() -> Result<Zeroizing<String>, WebhookError> {
    Ok(new_secret().map_err(ReleaseError::from)?)
}

fn datasets(catalogue: &Catalogue, given: &[String]) -> Result<String, WebhookError> {
    if let Some(unknown) = given.iter().find(|id| catalogue.dataset(id).is_err()) {
        let given: String = unknown.chars().take(80).collect();
        let nearest = nearest(&given, catalogue.datasets().map(|(id, _)| id));
        return Err(WebhookError::NoDataset { given, nearest });
    }
    Ok(joined(given))
}

fn types(given: &[String]) -> Result<String, WebhookError> {
    if let Some(unknown) = given.iter().find(|own| !EVENT_TYPES.contains(&own.as_str())) {
        let given: String = unknown.chars().take(80).collect();
        let nearest = nearest(&given, EVENT_TYPES.into_iter());
        return Err(WebhookError::NoType { given, nearest });
    }
    Ok(joined(given))
}

fn joined(words: &[String]) -> String {
    words.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",")
}

fn parted(text: &str) -> Vec<&str> {
    text.split(',').filter(|word| !word.is_empty()).collect()
}

/// What a subscription wants to be told.
pub(super) fn filter_of(hook: &Webhook) -> EventFilter {
    let set = |text: &str| parted(text).into_iter().map(str::to_owned).collect();
    EventFilter { datasets: set(&hook.datasets), types: set(&hook.types) }
}

/// All subscriptions.
///
/// # Errors
/// When the database fails.
pub fn list_webhooks(ground: &Ground) -> Result<Vec<Webhook>, WebhookError> {
    Ok(ground.database()?.read(store::webhook_list)?)
}

/// One subscription.
///
/// # Errors
/// [`WebhookError::NoWebhook`].
pub fn show_webhook(ground: &Ground, id: &str) -> Result<Webhook, WebhookError> {
    ground.database()?.read(|connection| find(connection, id))
}

pub(super) fn find(connection: &mut Connection, id: &str) -> Result<Webhook, WebhookError> {
    // a NUL is no text to PostgreSQL
    let sound = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let found = if sound { store::webhook_get(connection, id)? } else { None };
    found.ok_or_else(|| WebhookError::NoWebhook(id.chars().take(80).collect()))
}

/// Changes a subscription; gives it as it is then. A new secret is shown this once.
///
/// # Errors
/// [`WebhookError`].
pub fn change_webhook(
    ground: &Ground,
    catalogue: &Catalogue,
    id: &str,
    change: &WebhookChange,
    actor: &str,
) -> Result<Webhook, WebhookError> {
    if *change == WebhookChange::default() {
        return Err(WebhookError::NoChange);
    }
    let url = change.url.as_deref().map(receiver_url).transpose()?;
    let datasets = change.datasets.as_ref().map(|given| datasets(catalogue, given)).transpose()?;
    let types = change.types.as_ref().map(|given| types(given)).transpose()?;
    let secret = if change.rotate_secret { Some(secret()?) } else { None };
    let at = ground.now();
    ground.database()?.write(|connection| {
        let mut hook = find(connection, id)?;
        if url.is_some() || change.active == Some(true) {
            // what waited for the receiver of before is tried at once
            (hook.attempts, hook.next_at) = (0, None);
        }
        if let Some(active) = change.active {
            (hook.active, hook.stopped) = (i32::from(active), None);
        }
        hook.url = url.as_ref().map_or(hook.url, ToString::to_string);
        hook.datasets = datasets.clone().unwrap_or(hook.datasets);
        hook.types = types.clone().unwrap_or(hook.types);
        if let Some(secret) = &secret {
            hook.old_secret = Some(std::mem::replace(&mut hook.secret, secret.to_string()));
            hook.old_until = Some(time_text(moment(&at).saturating_add(OVERLAP).unwrap_or(Timestamp::MAX)));
        }
        store::webhook_put(connection, &hook)?;
        note(connection, (&at, actor, "webhook.change"), &hook)?;
        Ok(hook)
    })
}

/// A moment that the store wrote.
pub(super) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Removes a subscription and what was recorded of it.
///
/// # Errors
/// [`WebhookError::NoWebhook`].
pub fn delete_webhook(ground: &Ground, id: &str, actor: &str) -> Result<(), WebhookError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let hook = find(connection, id)?;
        store::webhook_delete(connection, id)?;
        note(connection, (&at, actor, "webhook.delete"), &hook)
    })
}

/// Attempts of a subscription before one of them, newest first.
///
/// # Errors
/// [`WebhookError::NoWebhook`].
pub fn webhook_deliveries(ground: &Ground, id: &str, before: Option<i64>, limit: i64) -> Result<Vec<WebhookDelivery>, WebhookError> {
    ground.database()?.read(|connection| {
        find(connection, id)?;
        Ok(store::delivery_list(connection, id, before.unwrap_or(i64::MAX), limit)?)
    })
}

fn note(connection: &mut Connection, (at, actor, act): (&str, &str, &str), hook: &Webhook) -> Result<(), WebhookError> {
    let detail = json!({"url": hook.url, "datasets": parted(&hook.datasets), "types": parted(&hook.types), "active": hook.active == 1});
    store::event_append(connection, &NewEvent { at, actor, act, dataset: None, subject: &hook.id, detail: &detail })?;
    Ok(())
}

/// A subscription without its secrets.
pub fn webhook_members(hook: &Webhook) -> Value {
    json!({
        "id": hook.id, "url": hook.url, "datasets": parted(&hook.datasets), "types": parted(&hook.types), "active": hook.active == 1,
        "stopped": hook.stopped, "created_at": hook.created_at, "created_by": hook.created_by, "seen": hook.seen,
        "attempts": hook.attempts, "next_attempt": hook.next_at, "old_secret_until": hook.old_until
    })
}

/// An attempt.
pub fn delivery_members(delivery: &WebhookDelivery) -> Value {
    json!({
        "delivery": delivery.id, "kind": delivery.kind, "seq": delivery.seq, "message": delivery.message, "attempt": delivery.attempt,
        "at": delivery.at, "duration_ms": delivery.duration_ms, "status": delivery.status, "error": delivery.error,
        "outcome": delivery.outcome, "next_attempt": delivery.next_at
    })
}
