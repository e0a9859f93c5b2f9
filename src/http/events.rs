//! What changes, for whoever wants to stay current: events of the public log, and the same as an Atom feed.
//!
//! Both are read from the catalogue, so they are served with the database down, and are the same for everybody.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::address::public_base;
use super::caching::{Freshness, Representation};
use super::listening::{Full, MAX_FROM_ONE, counted_under, stream, wait_for};
use super::{App, Problem};
use crate::factor::nearest;
use crate::feed::{EVENT_TYPES, EventFilter, FEED_TYPE, FeedPage, events_page, write_feed};
use crate::release::Catalogue;

/// Events of an answer that names no limit.
const LIMIT: usize = 100;

/// The most events of one answer.
const MAX_LIMIT: usize = 1000;

/// The longest that an answer waits, in seconds: less than what most proxies allow.
const MAX_WAIT: u64 = 55;

/// Entries on a page of the feed.
const ENTRIES: usize = 50;

/// Which events.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Events behind this place in the log; `next` of the answer before. From the first one on if left out
    #[param(pattern = "^([0-9]{1,18}|-1)?$")]
    after: Option<String>,
    /// The most events of one answer, 1 to 1000; 100 if left out
    #[param(pattern = "^([1-9][0-9]{0,2}|1000)?$")]
    limit: Option<String>,
    /// Ids of datasets, parted by commas; all if left out
    dataset: Option<String>,
    /// Types, parted by commas: release, sealed, withdraw, restore, supersede, flag, unflag, key; all if left out
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Seconds to wait for an event where none is there yet, 0 to 55
    #[param(pattern = "^([0-9]|[1-4][0-9]|5[0-5])?$")]
    wait: Option<String>,
}

/// What follows a place in the log
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "it describes the answer")]
pub(super) struct EventsAnswer {
    /// In order of `seq`.
    events: Vec<EventBody>,
    /// What to give as `after` next time; null where the log is empty.
    next: Option<i64>,
    /// Whether the log goes on behind `next` already.
    more: bool,
}

/// One public fact
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "it describes the answer")]
pub(super) struct EventBody {
    /// Its place in the log, counted from 0.
    #[schema(minimum = 0)]
    seq: i64,
    /// `release`, `sealed`, `withdraw`, `restore`, `supersede`, `flag`, `unflag` or `key`.
    r#type: String,
    /// When (RFC 3339, UTC).
    at: String,
    /// Of what; not where the log's key changed.
    #[schema(required = false)]
    dataset: String,
    /// Of which version.
    #[schema(required = false)]
    version: String,
    /// Addresses: `self`, `dataset`, `release`, and by type `factors`, `csv`, `manifest`, `difference`, `delta`, `successor`,
    /// `dependents`, `factor`, `log_key`.
    #[schema(value_type = Object)]
    links: Value,
}

impl EventsQuery {
    fn filter(&self, catalogue: &Catalogue) -> Result<EventFilter, Problem> {
        let datasets = words(self.dataset.as_deref());
        if let Some(unknown) = datasets.iter().find(|id| catalogue.dataset(id).is_err()) {
            return Err(no_dataset(catalogue, unknown));
        }
        let types = words(self.kind.as_deref());
        match types.iter().find(|own| !EVENT_TYPES.contains(&own.as_str())) {
            None => Ok(EventFilter { datasets, types }),
            Some(unknown) => {
                let shown: String = unknown.chars().take(80).collect();
                let members = json!({"parameter": "type", "given": shown, "valid": EVENT_TYPES,
                    "nearest": nearest(unknown, EVENT_TYPES.into_iter())});
                Err(Problem::with("invalid-parameter", "`type`: it is none of its values", members))
            }
        }
    }
}

fn words(text: Option<&str>) -> BTreeSet<String> {
    text.into_iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

pub(super) fn no_dataset(catalogue: &Catalogue, id: &str) -> Problem {
    let shown: String = id.chars().take(80).collect();
    let near = nearest(&shown, catalogue.datasets().map(|(id, _)| id));
    Problem::with("no-dataset", format!("there is no dataset `{shown}`"), json!({"parameter": "dataset", "nearest": near}))
}

/// A whole number in a range; `what` is said to whoever gives something else.
pub(super) fn number(parameter: &str, text: Option<&str>, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let sound = text.len() <= 18 && !text.starts_with('+');
    let given = text.parse().ok().filter(|given| sound && range.contains(given));
    given.map(Some).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        let detail = format!("`{parameter}`: it is not a whole number from {} to {}", range.start(), range.end());
        let members = json!({"parameter": parameter, "given": shown, "minimum": range.start(), "maximum": range.end()});
        Problem::with("invalid-parameter", detail, members)
    })
}

/// The place of the last fact; -1 where there is none.
fn last(catalogue: &Catalogue) -> i64 {
    catalogue.facts() - 1
}

/// A place that the log has, or -1.
fn place(catalogue: &Catalogue, parameter: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
    let Some(place) = number(parameter, text, -1..=i64::MAX)? else { return Ok(None) };
    let last = last(catalogue);
    if place <= last {
        return Ok(Some(place));
    }
    let detail = format!("`{parameter}`: the log ends with {last}, so nothing can follow {place}: was it another server's?");
    Err(Problem::with("invalid-parameter", detail, json!({"parameter": parameter, "given": place, "last": last})))
}

/// Whether a stream is wanted: whoever takes JSON too gets that.
fn wants_stream(request: &HttpRequest) -> bool {
    let names = |wanted: &str| {
        let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        accepted.filter_map(|range| range.split(';').next()).any(|media| media.trim().eq_ignore_ascii_case(wanted))
    };
    names("text/event-stream") && !names("application/json")
}

/// What happened to released data: the facts of the public log, in their order
///
/// With `wait`, an answer that would be empty waits for an event. With `Accept: text/event-stream` the events come as they happen
/// (server-sent events: `id` is `seq`, and `Last-Event-ID` goes on where a connection broke).
#[utoipa::path(get, path = "/v1/events", tag = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "The last `seq` seen, in place of `after`; for streams")),
    responses((status = 200, description = "The events", content((EventsAnswer = "application/json"), (String = "text/event-stream"))),
        (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`, `bad-request`"), (status = 404, description = "`no-dataset`"),
        (status = 412, description = "`precondition-failed`"), (status = 422, description = "`invalid-parameter`; `last` is the last place of the log"),
        (status = 503, description = "`queue-full`: too many wait already")))]
pub(super) async fn list_events(request: HttpRequest, app: Data<App>, query: Query<EventsQuery>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let filter = query.filter(&catalogue)?;
    let limit = number("limit", query.limit.as_deref(), 1..=MAX_LIMIT as i64)?;
    let wait = number("wait", query.wait.as_deref(), 0..=MAX_WAIT as i64)?;
    let after = place(&catalogue, "after", query.after.as_deref())?.unwrap_or(-1);
    if wants_stream(&request) {
        for (name, given) in [("limit", limit), ("wait", wait)] {
            if given.is_some() {
                let detail = format!("`{name}`: a stream has none; it sends every event as it happens");
                return Err(Problem::with("invalid-parameter", detail, json!({"parameter": name})));
            }
        }
        let resumed = request.headers().get("Last-Event-ID").and_then(|value| value.to_str().ok());
        let after = place(&catalogue, "Last-Event-ID", resumed)?.unwrap_or(after);
        return send_stream(&request, app, filter, after);
    }
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LIMIT);
    let mut page = events_page(&catalogue, after, limit, &filter);
    let wait = wait.and_then(|wait| u64::try_from(wait).ok()).unwrap_or(0);
    let waited = page.events.is_empty() && wait > 0;
    if waited {
        let _listener = app.listeners().listen(counted_under(&request)).map_err(too_many)?;
        page = wait_for(&app, page.seen, limit, &filter, Duration::from_secs(wait)).await;
    }
    let catalogue = app.catalogue();
    let events: Vec<Value> = page.events.iter().map(|event| event.to_json(&catalogue, "")).collect();
    let next = (page.seen >= 0).then_some(page.seen);
    let body = json!({"events": events, "next": next, "more": page.more}).to_string().into_bytes();
    if waited {
        // another one would have to wait for itself
        return Ok(super::tokens::unkept(HttpResponse::Ok()).content_type("application/json").body(body));
    }
    let freshness = if page.more { Freshness::Status } else { Freshness::Moving };
    Representation::json(body, freshness).header("Vary", "Accept").respond(&request)
}

fn too_many(full: Full) -> Problem {
    let detail = match full {
        Full::Everywhere => "too many wait for events already: ask without `wait`, or again later".to_owned(),
        Full::Here => format!("{MAX_FROM_ONE} wait for events from your address already, which is the most: ask without `wait`"),
    };
    Problem::new("queue-full", detail)
}

fn send_stream(request: &HttpRequest, app: Data<App>, filter: EventFilter, after: i64) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    response.content_type("text/event-stream").insert_header(("Cache-Control", "no-store")).insert_header(("Vary", "Accept"));
    // a proxy must not hold events back
    response.insert_header(("X-Accel-Buffering", "no"));
    if request.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let listener = app.listeners().listen(counted_under(request)).map_err(too_many)?;
    Ok(response.streaming(stream(app, listener, filter, String::new(), after)))
}

/// Which part of the feed.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct FeedQuery {
    /// Id of a dataset; all if left out
    dataset: Option<String>,
    /// Entries older than this place in the log; `next` of a page links it
    #[param(pattern = "^([0-9]{1,18})?$")]
    before: Option<String>,
}

/// The same as a feed (RFC 4287), in pages of 50, newest first; titles in English and Chinese
#[utoipa::path(get, path = "/v1/feed.atom", tag = "events", params(FeedQuery),
    responses((status = 200, description = "The feed", body = String, content_type = "application/atom+xml"),
        (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`, `bad-request`"), (status = 404, description = "`no-dataset`, `no-log`"),
        (status = 412, description = "`precondition-failed`"), (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn feed(request: HttpRequest, app: Data<App>, query: Query<FeedQuery>) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let checkpoint =
        catalogue.checkpoint().ok_or_else(|| Problem::new("no-log", "nothing was ever published here, not even an empty log"))?;
    let dataset = query.dataset.as_deref().map(str::trim).filter(|id| !id.is_empty());
    if let Some(unknown) = dataset.filter(|id| catalogue.dataset(id).is_err()) {
        return Err(no_dataset(&catalogue, unknown));
    }
    let before = number("before", query.before.as_deref(), 0..=i64::MAX)?;
    if let Some(before) = before.filter(|before| *before > catalogue.facts()) {
        let detail = format!("`before`: the log has {} facts", catalogue.facts());
        return Err(Problem::with("invalid-parameter", detail, json!({"parameter": "before", "given": before, "last": last(&catalogue)})));
    }
    let base = public_base(&app, &request).unwrap_or_default();
    let origin = checkpoint.checkpoint.origin.clone();
    let page = FeedPage { catalogue: &catalogue, origin: &origin, base: &base, dataset, before, limit: ENTRIES };
    let body = write_feed(&page).into_bytes();
    Representation::made(body, &format!("{FEED_TYPE}; charset=utf-8"), Freshness::Status).respond(&request)
}
