//! Those who wait for events: a bounded number, in a stream or for one answer.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use bytes::Bytes;
use futures_core::Stream;

use super::App;
use crate::feed::{EventFilter, EventPage, events_page};

/// The most that wait at once.
const MAX_LISTENERS: usize = 256;

/// How often the catalogue is looked at while somebody waits; it follows the log twice a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often a stream says that nothing happened, so that nobody between closes the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream lasts; whoever listens on comes again where it ended.
const LONGEST: Duration = Duration::from_secs(3600);

/// Events that a stream sends at once.
const AT_ONCE: usize = 100;

/// How many wait.
#[derive(Default)]
pub(super) struct Listeners(AtomicUsize);

impl Listeners {
    /// One more; nothing where too many wait.
    pub(super) fn listen(self: &Arc<Self>) -> Option<Listener> {
        let room = |count: usize| (count < MAX_LISTENERS).then_some(count + 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).ok()?;
        Some(Listener(self.clone()))
    }
}

/// Counts as one for as long as it lives.
pub(super) struct Listener(Arc<Listeners>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Waits until something wanted follows a place in the log, or the time is over.
pub(super) async fn wait_for(app: &App, after: i64, limit: usize, filter: &EventFilter, time: Duration) -> EventPage {
    let until = Instant::now() + time;
    let mut seen = after;
    loop {
        let page = events_page(&app.catalogue(), seen, limit, filter);
        if !page.events.is_empty() || Instant::now() >= until {
            return page;
        }
        seen = page.seen;
        actix_web::rt::time::sleep(LOOK_EVERY).await;
    }
}

/// Where a stream stands.
struct Hearing {
    app: Data<App>,
    _listener: Listener,
    filter: EventFilter,
    base: String,
    seen: i64,
    greeted: bool,
    since: Instant,
    quiet_since: Instant,
}

impl Hearing {
    async fn next(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(Bytes::from_static(b"retry: 5000\n\n"));
        }
        while self.since.elapsed() < LONGEST {
            let catalogue = self.app.catalogue();
            let page = events_page(&catalogue, self.seen, AT_ONCE, &self.filter);
            self.seen = page.seen;
            let text: String = page
                .events
                .iter()
                .map(|event| {
                    let body = event.to_json(&catalogue, &self.base);
                    format!("id: {}\nevent: {}\ndata: {body}\n\n", event.seq, crate::feed::event_type(&event.fact))
                })
                .collect();
            if !text.is_empty() {
                self.quiet_since = Instant::now();
                return Some(text.into());
            }
            if self.quiet_since.elapsed() >= KEEP_ALIVE {
                self.quiet_since = Instant::now();
                return Some(Bytes::from_static(b": still here\n\n"));
            }
            actix_web::rt::time::sleep(LOOK_EVERY).await;
        }
        None
    }
}

type Heard = Pin<Box<dyn Future<Output = (Hearing, Option<Bytes>)>>>;

struct Events(Option<Heard>);

fn hear(mut hearing: Hearing) -> Heard {
    Box::pin(async move {
        let event = hearing.next().await;
        (hearing, event)
    })
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(heard) = self.0.as_mut() else { return Poll::Ready(None) };
        let Poll::Ready((hearing, event)) = heard.as_mut().poll(context) else { return Poll::Pending };
        self.0 = event.is_some().then(|| hear(hearing));
        Poll::Ready(event.map(Ok))
    }
}

/// Events behind a place in the log, as server-sent events (WHATWG HTML, 9.2).
pub(super) fn stream(
    app: Data<App>,
    listener: Listener,
    filter: EventFilter,
    base: String,
    after: i64,
) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let now = Instant::now();
    Events(Some(hear(Hearing { app, _listener: listener, filter, base, seen: after, greeted: false, since: now, quiet_since: now })))
}
