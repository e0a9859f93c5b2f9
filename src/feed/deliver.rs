//! Telling subscriptions what happened: at least once, in the order of the log, each on its own.
//!
//! Everything that matters stands in the database: how far a subscription was told, and which server is telling it just now.
//! A server that dies in the middle leaves a lease that runs out; what it may have sent is then sent again under the same id.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::event::{PublicEvent, event_type, events_page};
use super::guard::Allowed;
use super::send::{Attempt, Message, send};
use super::sign::random;
use super::webhook::{WebhookError, filter_of, find, moment};
use crate::release::{Catalogue, Ground, ReleaseError};
use crate::store::{self, Webhook, WebhookDelivery, time_text};

/// Seconds between the attempts for one event; after the last it counts as failed and the next event is told. About a day.
pub const BACK_OFF: [i64; 10] = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800];

/// Subscriptions that are told something at once.
const AT_ONCE: usize = 16;

/// Events that a subscription is told before another one has its turn.
const IN_A_ROW: usize = 50;

/// For how long no other server tells a subscription something, in seconds; longer than any attempt takes.
const LEASE: i64 = 60;

/// Attempts of one subscription that are kept.
pub const KEPT_DELIVERIES: i64 = 1000;

/// Takes notices to their receivers; clones work together.
#[derive(Clone)]
pub struct Courier {
    ground: Ground,
    allowed: Arc<Allowed>,
    base: String,
    name: String,
    under_way: Arc<(Mutex<BTreeSet<String>>, Condvar)>,
}

impl Courier {
    /// One that may send where `allowed` says, with links that begin with `base`, an address without final slash, or nothing.
    ///
    /// # Errors
    /// When the system gives no random bits.
    pub fn new(ground: Ground, allowed: Arc<Allowed>, base: &str) -> Result<Self, WebhookError> {
        let mut name = [0; 8];
        random(&mut name).map_err(ReleaseError::from)?;
        Ok(Self { ground, allowed, base: base.to_owned(), name: hex::encode(name), under_way: Arc::default() })
    }

    /// Begins to tell every subscription that is due what it was not told yet, each in a thread of its own; says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn run_due(&self, catalogue: &Arc<Catalogue>) -> Result<usize, WebhookError> {
        let now = self.ground.now();
        let due = self.ground.database()?.read(|connection| store::webhook_due(connection, catalogue.facts() - 1, &now))?;
        let mut begun = 0;
        for id in due {
            if !self.take(&id) {
                continue;
            }
            let (own, catalogue, hook) = (self.clone(), catalogue.clone(), id.clone());
            let run = move || {
                if let Err(error) = own.tell(&hook, &catalogue) {
                    tracing::warn!(webhook = %hook, %error, "a webhook could not be told; it is tried again");
                }
                own.done(&hook);
            };
            match std::thread::Builder::new().name("webhook".to_owned()).spawn(run) {
                Ok(_) => begun += 1,
                Err(error) => {
                    self.done(&id);
                    return Err(ReleaseError::from(error).into());
                }
            }
        }
        Ok(begun)
    }

    /// Waits until nothing is under way.
    pub fn settle(&self) {
        let under_way = self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.under_way.1.wait_while(under_way, |under_way| !under_way.is_empty()));
    }

    fn take(&self, id: &str) -> bool {
        let mut under_way = self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.len() < AT_ONCE && under_way.insert(id.to_owned())
    }

    fn done(&self, id: &str) {
        self.under_way.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.under_way.1.notify_all();
    }

    /// Tells a subscription what it was not told yet, until something fails or nothing is left.
    fn tell(&self, id: &str, catalogue: &Catalogue) -> Result<(), WebhookError> {
        let mut held = self.claim(id)?;
        for _ in 0..IN_A_ROW {
            let Some(hook) = held else { return Ok(()) };
            let mut page = events_page(catalogue, hook.seen, 1, &filter_of(&hook));
            let Some(event) = page.events.pop() else { return self.release(id, Some(page.seen)) };
            let message = self.message(&hook, &event, catalogue);
            let at = self.ground.now();
            let attempt = send(&hook, &message, moment(&at), &self.allowed);
            held = self.record(&hook, (event.seq, &message.id), &at, &attempt)?;
        }
        self.release(id, None)
    }

    /// Takes a subscription for this server; nothing where it is not due any more, or another server has it.
    fn claim(&self, id: &str) -> Result<Option<Webhook>, WebhookError> {
        let now = self.ground.now();
        self.ground.database()?.write(|connection| {
            let Some(mut hook) = store::webhook_get(connection, id)? else { return Ok(None) };
            let past = |moment: &Option<String>| moment.as_ref().is_none_or(|moment| *moment <= now);
            if hook.active != 1 || !past(&hook.next_at) || !past(&hook.lease_until) {
                return Ok(None);
            }
            self.lease(&mut hook, &now);
            store::webhook_put(connection, &hook)?;
            Ok(Some(hook))
        })
    }

    fn lease(&self, hook: &mut Webhook, now: &str) {
        hook.lease = Some(self.name.clone());
        hook.lease_until = Some(after(now, LEASE));
    }

    /// Gives a subscription free, told up to a place in the log.
    fn release(&self, id: &str, seen: Option<i64>) -> Result<(), WebhookError> {
        self.ground.database()?.write(|connection| {
            let Some(mut hook) = self.held(store::webhook_get(connection, id)?) else { return Ok(()) };
            hook.seen = seen.unwrap_or(hook.seen).max(hook.seen);
            (hook.lease, hook.lease_until) = (None, None);
            store::webhook_put(connection, &hook)?;
            Ok(())
        })
    }

    fn held(&self, hook: Option<Webhook>) -> Option<Webhook> {
        hook.filter(|hook| hook.lease.as_deref() == Some(self.name.as_str()))
    }

    /// What is sent of an event.
    fn message(&self, hook: &Webhook, event: &PublicEvent, catalogue: &Catalogue) -> Message {
        let data = event.to_json(catalogue, &self.base);
        let body = json!({"type": event_type(&event.fact), "timestamp": event.fact.at(), "data": data});
        Message { id: format!("{}_{}", hook.id, event.seq), body: body.to_string() }
    }

    /// Records what came of an attempt; gives the subscription back where it is to be told the next event.
    fn record(&self, sent: &Webhook, (seq, message): (i64, &str), at: &str, attempt: &Attempt) -> Result<Option<Webhook>, WebhookError> {
        let now = self.ground.now();
        let jitter = jitter()?;
        self.ground.database()?.write(|connection| {
            // whoever took it over meanwhile records their own attempt
            let Some(mut hook) = self.held(store::webhook_get(connection, &sent.id)?) else { return Ok(None) };
            let number = hook.attempts + 1;
            let outcome = outcome(&mut hook, seq, attempt, &now, jitter);
            let goes_on = hook.active == 1 && hook.next_at.is_none();
            if goes_on {
                self.lease(&mut hook, &now);
            } else {
                (hook.lease, hook.lease_until) = (None, None);
            }
            store::webhook_put(connection, &hook)?;
            let delivery = delivery_of(&hook.id, ("event", Some(seq), message), at, attempt);
            let delivery = WebhookDelivery { attempt: number, outcome: outcome.to_owned(), next_at: hook.next_at.clone(), ..delivery };
            store::delivery_insert(connection, &delivery, KEPT_DELIVERIES)?;
            Ok(goes_on.then_some(hook))
        })
    }

    /// Sends a test, now; gives what came of it.
    ///
    /// # Errors
    /// [`WebhookError::NoWebhook`]; when the database fails. That it did not arrive is none.
    pub fn test(&self, id: &str) -> Result<WebhookDelivery, WebhookError> {
        let hook = self.ground.database()?.read(|connection| find(connection, id))?;
        let mut number = [0; 8];
        random(&mut number).map_err(ReleaseError::from)?;
        let at = self.ground.now();
        let body = json!({"type": "test", "timestamp": at, "data": {"webhook": hook.id}});
        let message = Message { id: format!("{}_test_{}", hook.id, hex::encode(number)), body: body.to_string() };
        self.send_now(&hook, "test", None, &message)
    }

    /// Sends what a delivery sent once more, now, under the same id; gives what came of it.
    ///
    /// # Errors
    /// [`WebhookError::NoWebhook`], [`WebhookError::NoDelivery`]; when the database fails.
    pub fn redeliver(&self, catalogue: &Catalogue, id: &str, delivery: i64) -> Result<WebhookDelivery, WebhookError> {
        let (hook, before) = self.ground.database()?.read(|connection| {
            let hook = find(connection, id)?;
            let unknown = || WebhookError::NoDelivery { webhook: hook.id.clone(), delivery };
            let before = store::delivery_get(connection, id, delivery)?.ok_or_else(unknown)?;
            Ok::<_, WebhookError>((hook, before))
        })?;
        let fact = before.seq.and_then(|seq| Some((seq, catalogue.public_facts().get(usize::try_from(seq).ok()?)?)));
        let Some((seq, fact)) = fact else { return self.test(id) };
        let event = PublicEvent { seq, fact: fact.clone() };
        let message = Message { id: before.message, ..self.message(&hook, &event, catalogue) };
        self.send_now(&hook, "redelivery", Some(seq), &message)
    }

    fn send_now(&self, hook: &Webhook, kind: &str, seq: Option<i64>, message: &Message) -> Result<WebhookDelivery, WebhookError> {
        let at = self.ground.now();
        let attempt = send(hook, message, moment(&at), &self.allowed);
        let outcome = if attempt.arrived() { "delivered" } else { "failed" };
        let delivery = WebhookDelivery { outcome: outcome.to_owned(), ..delivery_of(&hook.id, (kind, seq, &message.id), &at, &attempt) };
        self.ground.database()?.write(|connection| {
            find(connection, &hook.id)?;
            let id = store::delivery_insert(connection, &delivery, KEPT_DELIVERIES)?;
            Ok(WebhookDelivery { id, ..delivery.clone() })
        })
    }
}

fn delivery_of(webhook: &str, (kind, seq, message): (&str, Option<i64>, &str), at: &str, attempt: &Attempt) -> WebhookDelivery {
    WebhookDelivery {
        id: 0,
        webhook: webhook.to_owned(),
        kind: kind.to_owned(),
        seq,
        message: message.to_owned(),
        attempt: 1,
        at: at.to_owned(),
        duration_ms: attempt.duration_ms,
        status: attempt.status.map(i32::from),
        error: attempt.error.clone(),
        outcome: String::new(),
        next_at: None,
    }
}

/// What an attempt means for its subscription, in a word.
fn outcome(hook: &mut Webhook, seq: i64, attempt: &Attempt, now: &str, jitter: i64) -> &'static str {
    if attempt.arrived() {
        (hook.seen, hook.attempts, hook.next_at) = (seq, 0, None);
        return "delivered";
    }
    if attempt.gone() {
        // switched on again it begins with this event
        (hook.active, hook.attempts, hook.next_at) = (0, 0, None);
        hook.stopped = Some("the receiver answered with 410: it wants no more".to_owned());
        return "stopped";
    }
    let wait = usize::try_from(hook.attempts).ok().and_then(|attempts| BACK_OFF.get(attempts));
    let Some(wait) = wait else {
        (hook.seen, hook.attempts, hook.next_at) = (seq, 0, None);
        return "failed";
    };
    hook.attempts += 1;
    // up to a fifth more, so that what failed together is not tried together
    let wait = (wait + wait * jitter / 500).max(attempt.retry_after.unwrap_or(0));
    hook.next_at = Some(after(now, wait));
    "retry"
}

/// 0 to 100.
fn jitter() -> Result<i64, WebhookError> {
    let mut byte = [0];
    random(&mut byte).map_err(ReleaseError::from)?;
    Ok(i64::from(byte[0]) * 100 / 255)
}

fn after(now: &str, seconds: i64) -> String {
    time_text(moment(now).saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook() -> Webhook {
        Webhook {
            id: "wh_1".into(),
            url: "https://a.example/".into(),
            secret: "whsec_x".into(),
            old_secret: None,
            old_until: None,
            datasets: String::new(),
            types: String::new(),
            active: 1,
            stopped: None,
            created_by: "li".into(),
            created_at: "2026-09-01T12:00:00Z".into(),
            seen: 3,
            attempts: 0,
            next_at: None,
            lease: None,
            lease_until: None,
        }
    }

    const NOW: &str = "2026-09-01T12:00:00Z";

    fn answered(status: u16) -> Attempt {
        Attempt { status: Some(status), ..Attempt::default() }
    }

    #[test]
    fn an_event_is_tried_for_a_day_and_then_left() {
        let mut own = hook();
        let mut waited = 0;
        for (number, wait) in BACK_OFF.into_iter().enumerate() {
            assert_eq!(outcome(&mut own, 4, &answered(500), NOW, 0), "retry");
            let next = moment(own.next_at.as_deref().unwrap()).as_second() - moment(NOW).as_second();
            assert_eq!((own.seen, own.attempts, next), (3, i32::try_from(number).unwrap() + 1, wait));
            waited += wait;
        }
        assert!((23 * 3600..=24 * 3600).contains(&waited), "{waited}");
        assert_eq!(outcome(&mut own, 4, &answered(500), NOW, 0), "failed");
        assert_eq!((own.seen, own.attempts, own.next_at.is_none()), (4, 0, true));
    }

    #[test]
    fn what_an_answer_means() {
        let mut own = hook();
        assert_eq!(outcome(&mut own, 4, &answered(204), NOW, 0), "delivered");
        assert_eq!((own.seen, own.next_at.is_none()), (4, true));
        assert_eq!(outcome(&mut own, 5, &answered(302), NOW, 100), "retry");
        assert_eq!(own.next_at.as_deref(), Some("2026-09-01T12:00:06Z"), "a fifth more at most");
        let later = Attempt { retry_after: Some(90), ..answered(503) };
        assert_eq!(outcome(&mut own, 5, &later, NOW, 0), "retry");
        assert_eq!(own.next_at.as_deref(), Some("2026-09-01T12:01:30Z"));
        assert_eq!(outcome(&mut own, 5, &answered(410), NOW, 0), "stopped");
        assert_eq!((own.active, own.seen), (0, 4));
    }
}
