//! One notice, sent once.

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

use super::guard::{Allowed, Guard, receiver_url};
use super::sign::signature;
use crate::store::Webhook;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long all of it may take.
const WHOLE: Duration = Duration::from_secs(15);

/// How much of an answer is read, in bytes.
const ANSWER_BYTES: u64 = 1024;

/// The longest `Retry-After` that is followed, in seconds.
const LONGEST_WAIT: i64 = 24 * 3600;

/// What is sent: the same bytes and the same id at every attempt.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Attempt {
    /// The status of the answer, if there was one.
    pub(super) status: Option<u16>,
    /// Why it did not arrive.
    pub(super) error: Option<String>,
    /// How long it took, in milliseconds.
    pub(super) duration_ms: i64,
    /// Seconds that the receiver asks to wait.
    pub(super) retry_after: Option<i64>,
}

impl Attempt {
    /// Whether the receiver took it.
    pub(super) fn arrived(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the receiver wants no more.
    pub(super) fn gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Sends a message to a subscription's address, signed with its secrets. Redirects are not followed, and no proxy is used.
pub(super) fn send(hook: &Webhook, message: &Message, now: Timestamp, allowed: &Arc<Allowed>) -> Attempt {
    let started = Instant::now();
    let mut attempt = post(hook, message, now, allowed).unwrap_or_else(|why| Attempt { error: Some(why), ..Attempt::default() });
    attempt.duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    if let (None, Some(status), false) = (&attempt.error, attempt.status, attempt.arrived()) {
        attempt.error = Some(format!("the receiver answered with {status}"));
    }
    attempt
}

fn post(hook: &Webhook, message: &Message, now: Timestamp, allowed: &Arc<Allowed>) -> Result<Attempt, String> {
    let url = receiver_url(&hook.url).map_err(|error| error.to_string())?;
    allowed.check(&url).map_err(|error| error.to_string())?;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .max_idle_connections(0)
        .timeout_connect(Some(CONNECT))
        .timeout_resolve(Some(CONNECT))
        .timeout_global(Some(WHOLE))
        .user_agent(concat!("tanyin/", env!("CARGO_PKG_VERSION")))
        .build();
    let agent = Agent::with_parts(config, DefaultConnector::default(), Guard(allowed.clone()));
    let timestamp = now.as_second();
    let current = hook.old_until.as_deref().is_some_and(|until| *until > *crate::store::time_text(now));
    let secrets = [Some(hook.secret.as_str()), hook.old_secret.as_deref().filter(|_| current)].into_iter().flatten();
    let response = agent
        .post(url.as_str())
        .header("content-type", "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signature(secrets, &message.id, timestamp, message.body.as_bytes()))
        .send(message.body.as_bytes());
    let mut response = response.map_err(|error| told(&error))?;
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| seconds(text, now));
    let status = Some(response.status().as_u16());
    // what it says is of no use, but a receiver that is read from is not cut off in the middle
    drop(response.body_mut().as_reader().take(ANSWER_BYTES).read_to_end(&mut Vec::new()));
    Ok(Attempt { status, retry_after, ..Attempt::default() })
}

fn told(error: &ureq::Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(300).collect()
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
fn seconds(text: &str, now: Timestamp) -> Option<i64> {
    let text = text.trim();
    let wait = match text.parse::<u32>() {
        Ok(seconds) => i64::from(seconds),
        Err(_) => jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second() - now.as_second(),
    };
    (wait > 0).then(|| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_again() {
        let now: Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
        for (text, wanted) in [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("4294967295", Some(LONGEST_WAIT)),
            ("Tue, 01 Sep 2026 12:01:00 GMT", Some(60)),
            ("Tue, 01 Sep 2026 11:00:00 GMT", None),
        ] {
            assert_eq!(seconds(text, now), wanted, "{text}");
        }
    }
}
