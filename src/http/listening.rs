//! Those who wait for events: a bounded number, in a stream or for one answer.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::web::Data;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::unfold;

use super::App;
use crate::feed::{EventFilter, EventPage, events_page};

/// The most that wait at once.
const MAX_LISTENERS: usize = 256;

/// The most that wait at once from one address.
pub(super) const MAX_FROM_ONE: usize = 16;

/// How often the catalogue is looked at while somebody waits; it follows the log twice a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often a stream says that nothing happened, so that nobody between closes the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a stream lasts; whoever listens on comes again where it ended.
const LONGEST: Duration = Duration::from_secs(3600);

/// Events that a stream sends at once.
const AT_ONCE: usize = 100;

/// Who waits: how many from which address.
#[derive(Default)]
pub(super) struct Listeners(Mutex<HashMap<Option<IpAddr>, usize>>);

/// Why one more may not wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// As many as the server lets wait.
    Everywhere,
    /// As many as may wait from one address.
    Here,
}

impl Listeners {
    /// One more from an address.
    ///
    /// # Errors
    /// [`Full`].
    pub(super) fn listen(self: &Arc<Self>, from: Option<IpAddr>) -> Result<Listener, Full> {
        let mut waiting = self.waiting();
        if waiting.values().sum::<usize>() >= MAX_LISTENERS {
            return Err(Full::Everywhere);
        }
        let count = waiting.entry(from).or_default();
        if *count >= MAX_FROM_ONE {
            return Err(Full::Here);
        }
        *count += 1;
        Ok(Listener(self.clone(), from))
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts as one for as long as it lives.
pub(super) struct Listener(Arc<Listeners>, Option<IpAddr>);

impl Drop for Listener {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        if let Some(count) = waiting.get_mut(&self.1) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                waiting.remove(&self.1);
            }
        }
    }
}

/// The address that a request is counted under: of the peer or, where that is a proxy on this machine, the one that it names last.
///
/// Of IPv6 the network, for one client has all of its addresses.
pub(super) fn counted_under(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let named = || {
        let header = request.headers().get_all("X-Forwarded-For").last()?.to_str().ok()?;
        Some(header.rsplit(',').next()?.trim().parse::<IpAddr>().ok()?.to_canonical())
    };
    let from = if peer.is_loopback() { named().unwrap_or(peer) } else { peer };
    Some(match from {
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
        IpAddr::V4(_) => from,
    })
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

/// Events behind a place in the log, as server-sent events (WHATWG HTML, 9.2).
pub(super) fn stream(
    app: Data<App>,
    listener: Listener,
    filter: EventFilter,
    base: String,
    after: i64,
) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let now = Instant::now();
    let hearing = Hearing { app, _listener: listener, filter, base, seen: after, greeted: false, since: now, quiet_since: now };
    unfold(hearing, async |mut hearing| Some((Ok(hearing.next().await?), hearing))).fuse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_does_not_take_the_place_of_all() {
        let listeners = Arc::new(Listeners::default());
        let address = |last: u8| Some(IpAddr::from([192, 0, 2, last]));
        let mut held: Vec<Listener> = (0..MAX_FROM_ONE).map(|_| listeners.listen(address(1)).ok().unwrap()).collect();
        assert_eq!(listeners.listen(address(1)).err(), Some(Full::Here));
        held.pop();
        held.push(listeners.listen(address(1)).ok().unwrap());
        for last in 2..=16 {
            held.extend((0..MAX_FROM_ONE).map(|_| listeners.listen(address(last)).ok().unwrap()));
        }
        assert_eq!((held.len(), listeners.listen(address(17)).err()), (MAX_LISTENERS, Some(Full::Everywhere)));
        drop(held);
        assert!(listeners.waiting().is_empty());
    }

    #[test]
    fn a_proxy_on_this_machine_is_believed_and_no_other() {
        let from = |peer: &str, named: Option<&str>| {
            let request = actix_web::test::TestRequest::default().peer_addr(peer.parse().unwrap());
            let request = named.into_iter().fold(request, |request, named| request.insert_header(("X-Forwarded-For", named)));
            counted_under(&request.to_http_request()).map(|address| address.to_string()).unwrap_or_default()
        };
        assert_eq!(from("192.0.2.1:9", None), "192.0.2.1");
        assert_eq!(from("192.0.2.1:9", Some("192.0.2.7")), "192.0.2.1");
        assert_eq!(from("127.0.0.1:9", Some("192.0.2.6, 192.0.2.7")), "192.0.2.7");
        assert_eq!(from("127.0.0.1:9", Some("unknown")), "127.0.0.1");
        assert_eq!(from("[2001:db8:1:2:3:4:5:6]:9", None), "2001:db8:1:2::");
    }
}
