//! Lookups: one, or up to a thousand at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::ACCEPT;
use actix_web::rt::task::yield_now;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::access::{Asker, Sight};
use super::body::{Arriving, media_type};
use super::caching::Representation;
use super::datasets::{NoParameters, freshness, of_factor, of_release};
use super::{App, Problem};
use crate::dataset::Principal;
use crate::lookup::{Answer, ComputedResult, Lookup, LookupQuery, LookupRefusal, Match, answer, find, nearest_release, plain_number};
use crate::release::{Catalogue, ReleaseRef, ResolveError};

/// What may be another thing for the holder of a token.
const DENIALS: [&str; 2] = ["unauthorized", "not-redistributable"];

/// The most lookups of one batch.
const BATCH: usize = 1000;

/// After so long, a batch lets the thread answer others.
const AT_A_TIME: Duration = Duration::from_micros(400);

/// The largest body of a batch, in bytes.
const BATCH_BYTES: usize = 2 << 20;

/// One JSON value a line.
const NDJSON: &str = "application/x-ndjson";

/// The answer to a lookup.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape of what `lookup::answer` writes, for the document")]
pub(super) struct LookupAnswer {
    /// The canonical object, as released: `schema/factor.json`.
    #[schema(value_type = Object)]
    factor: Value,
    /// `sha256:` and the digest of the canonical line.
    digest: String,
    /// Where it is from.
    release: ReleaseRef,
    /// How it answers the question.
    #[schema(rename = "match")]
    r#match: Match,
    /// The answer in the caller's terms.
    result: ComputedResult,
    /// The flags of the release, as codes, then later notices, as objects.
    #[schema(value_type = Vec<Value>)]
    flags: Vec<Value>,
    /// Under which terms it may be used.
    #[schema(value_type = Option<Object>)]
    licence: Option<Value>,
    /// The source as a reader would cite it.
    cite: String,
}

/// One factor for one question
#[utoipa::path(get, path = "/v1/lookup", tag = "lookup", params(LookupQuery),
    responses((status = 200, description = "The factor, how it matches and why, and the answer in the caller's terms", body = LookupAnswer),
        (status = 304, description = "Unchanged"),
        (status = 400, description = "`missing-parameter`, `unknown-parameter`, `bad-request`"),
        (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `not-redistributable`"),
        (status = 404, description = "`no-dataset`, `no-release`, `no-match`"),
        (status = 409, description = "`ambiguous`, `flagged`, `not-tolerated`"),
        (status = 412, description = "`precondition-failed`"),
        (status = 422, description = "`invalid-parameter`, `unit-mismatch`, `gwp-unavailable`"),
        (status = 503, description = "`database-unavailable`: a token cannot be looked up")))]
pub(super) async fn lookup(request: HttpRequest, app: Data<App>, asker: Asker, query: Query<LookupQuery>) -> Result<HttpResponse, Problem> {
    let asked = query.understand()?;
    let catalogue = app.catalogue();
    let resolved = catalogue.resolve(&asked.dataset).map_err(|error| unresolved(&catalogue, &error))?;
    let sight = asker.look(&app, &resolved.release).await?;
    answer_to(&catalogue, &asked, &sight)?.respond(&request)
}

/// The answer to a lookup, with what is said of its factor and release.
pub(super) fn answer_to(catalogue: &Catalogue, asked: &Lookup, sight: &Sight) -> Result<Representation, Problem> {
    let Answer { body, resolved, number } = answer(catalogue, asked, &sight.who)?;
    let representation = Representation::json(body, freshness(&resolved)).to(sight.audience);
    let representation = of_factor(representation, &resolved.release, number);
    Ok(of_release(representation, &resolved, None))
}

/// A dataset or release that is not there, with what there is.
fn unresolved(catalogue: &Catalogue, error: &ResolveError) -> Problem {
    let details = nearest_release(catalogue, error);
    let near = details.get("nearest").and_then(|near| near.get(0)).and_then(Value::as_str);
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Problem::with(error.code(), format!("{error}{hint}"), details)
}

/// A batch of lookups.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    /// At most a thousand; each as the parameters of a lookup.
    #[schema(value_type = Vec<LookupQuery>, max_items = 1000)]
    lookups: Vec<Box<RawValue>>,
}

/// Up to a thousand lookups; the order is kept and each has its own status
///
/// The body is one JSON object, or NDJSON with one lookup a line. `Accept: application/x-ndjson` streams one result a line.
#[utoipa::path(post, path = "/v1/lookup/batch", tag = "lookup",
    request_body(content((Batch = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "`{\"results\":[{\"status\":200,\"answer\":{…}},{\"status\":404,\"problem\":{…}}]}`; as NDJSON one result a line",
            content((Object = "application/json"), (String = "application/x-ndjson"))),
        (status = 400, description = "`bad-request`, `unknown-parameter`"),
        (status = 413, description = "`body-too-large`")))]
pub(super) async fn lookup_batch(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    _: Query<NoParameters>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let lines = match media_type(&request).as_str() {
        "application/json" => false,
        NDJSON | "application/ndjson" | "application/jsonl" => true,
        other => {
            let shown: String = other.chars().take(80).collect();
            let detail = format!("the body is of the type `{shown}`; send application/json or {NDJSON}");
            return Ok(body.refuse(Problem::new("bad-request", detail)).await);
        }
    };
    let bytes = match body.read(BATCH_BYTES).await {
        Ok(bytes) => bytes,
        Err(answer) => return Ok(answer),
    };
    let lookups = if lines { read_lines(&bytes) } else { read_batch(&bytes)? };
    if lookups.len() > BATCH {
        return Err(Problem::new("body-too-large", format!("{} lookups are more than {BATCH}", lookups.len())));
    }
    let turns = app.batches().clone();
    let mut batching =
        Batching { catalogue: app.catalogue(), app, asker, lookups: lookups.into_iter(), position: 0, begun: Instant::now(), holder: None };
    let mut response = HttpResponse::Ok();
    response.insert_header(("Cache-Control", "no-store")).insert_header(("Vary", "Accept"));
    if wants_lines(&request) {
        let lines = unfold(batching, async |mut batching| {
            let mut line = Vec::with_capacity(RESULT_BYTES);
            if !batching.next(&mut line).await {
                return None;
            }
            line.push(b'\n');
            Some((Ok::<_, Infallible>(Bytes::from(line)), batching))
        });
        return Ok(response.content_type(NDJSON).streaming(lines.fuse()));
    }
    let _turn = turns.next().await;
    let mut body = Vec::with_capacity(RESULT_BYTES * (batching.lookups.len() + 1));
    body.extend_from_slice(b"{\"results\":[");
    while batching.next(&mut body).await {
        body.push(b',');
    }
    if body.last() == Some(&b',') {
        body.pop();
    }
    body.extend_from_slice(b"]}");
    Ok(response.content_type("application/json").body(body))
}

/// Whether NDJSON is asked for.
fn wants_lines(request: &HttpRequest) -> bool {
    let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.flat_map(|list| list.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| [NDJSON, "application/ndjson", "application/jsonl"].iter().any(|own| name.eq_ignore_ascii_case(own)));
        named && !parts.any(|parameter| ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&parameter))
    })
}

/// One item of a batch, or why it does not read.
type Item = Result<Box<RawValue>, String>;

/// The parameters of a lookup as JSON: texts, and numbers with their digits as they were written.
struct Parameters(serde_json::Map<String, Value>);

impl<'de> Deserialize<'de> for Parameters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ParametersVisitor)
    }
}

struct ParametersVisitor;

impl<'de> Visitor<'de> for ParametersVisitor {
    type Value = Parameters;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of parameters")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Parameters, M::Error> {
        use serde::de::Error;
        let mut read = serde_json::Map::new();
        while let Some((name, value)) = members.next_entry::<String, Box<RawValue>>()? {
            let shown = || name.chars().take(80).collect::<String>();
            let value = match value.get().as_bytes().first() {
                Some(b'"') => serde_json::from_str::<String>(value.get()).map_err(Error::custom)?.into(),
                Some(b'n') => Value::Null,
                Some(b'-' | b'0'..=b'9') => plain_number(value.get()).unwrap_or_else(|| value.get().chars().take(200).collect()).into(),
                _ => return Err(Error::custom(format!("`{}` is neither a text nor a number", shown()))),
            };
            if read.contains_key(&name) {
                return Err(Error::custom(format!("`{}` stands twice", shown())));
            }
            read.insert(name, value);
        }
        Ok(Parameters(read))
    }
}

fn read_batch(bytes: &[u8]) -> Result<Vec<Item>, Problem> {
    let batch: Batch = serde_json::from_slice(bytes).map_err(|error| {
        let detail: String = error.to_string().chars().take(300).collect();
        Problem::new("bad-request", format!("the body is no batch, {{\"lookups\":[…]}}: {detail}"))
    })?;
    Ok(batch.lookups.into_iter().map(Ok).collect())
}

/// Blank lines are none; a line that does not read is an item with a problem of its own.
fn read_lines(bytes: &[u8]) -> Vec<Item> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let read = |line: &[u8]| serde_json::from_slice(line).map_err(|error| error.to_string().chars().take(200).collect());
    // one more than a batch may have is enough to refuse it
    lines.take(BATCH + 1).map(read).collect()
}

/// A batch under way.
struct Batching {
    app: Data<App>,
    asker: Asker,
    catalogue: Arc<Catalogue>,
    lookups: std::vec::IntoIter<Item>,
    /// How many results there are.
    position: usize,
    /// Since when the thread answers nobody else.
    begun: Instant,
    /// Whoever shows a token, once it was looked up.
    holder: Option<Principal>,
}

impl Batching {
    /// Writes the next result, `{"status":200,"answer":{…}}`, behind what was written before; says whether there was one.
    async fn next(&mut self, body: &mut Vec<u8>) -> bool {
        let Some(lookup) = self.lookups.next() else { return false };
        if self.begun.elapsed() > AT_A_TIME {
            yield_now().await;
            self.begun = Instant::now();
        }
        let item = self.position;
        self.position += 1;
        let start = body.len();
        body.extend_from_slice(b"{\"status\":200,\"answer\":");
        let mut written = one(&self.catalogue, &lookup, self.holder.as_ref().unwrap_or(&Principal::Anonymous), body);
        // whoever shows a token is looked up at the first lookup that is not everybody's
        if self.holder.is_none() && self.asker.shows_token() && written.as_ref().is_err_and(|problem| DENIALS.contains(&problem.code())) {
            written = match self.asker.principal(&self.app).await {
                Ok(who) => one(&self.catalogue, &lookup, self.holder.insert(who), body),
                Err(problem) => Err(problem),
            };
        }
        if let Err(problem) = written {
            body.truncate(start);
            let mut told = problem.to_json();
            if let Some(members) = told.as_object_mut() {
                members.insert("item".to_owned(), item.into());
            }
            body.extend_from_slice(format!("{{\"status\":{},\"problem\":{told}", problem.status().as_u16()).as_bytes());
        }
        body.push(b'}');
        true
    }
}

/// About as many bytes as a result takes.
const RESULT_BYTES: usize = 1536;

/// Writes the answer to one item, or nothing that counts: its members may be JSON numbers where a parameter is a number.
fn one(catalogue: &Catalogue, lookup: &Item, who: &Principal, body: &mut Vec<u8>) -> Result<(), Problem> {
    let unreadable = |why: String| Problem::new("bad-request", format!("a lookup is an object of parameters: {why}"));
    let lookup = lookup.as_ref().map_err(|why| unreadable(why.clone()))?;
    let cut = |error: serde_json::Error| unreadable(error.to_string().chars().take(300).collect());
    // most hold texts alone; what else may stand there, and what is wrong, is told by the other way
    let plain = Some(lookup.get()).filter(|text| text.starts_with('{')).and_then(|text| serde_json::from_str(text).ok());
    let query: LookupQuery = match plain {
        Some(query) => query,
        None => {
            let Parameters(members) = serde_json::from_str(lookup.get()).map_err(cut)?;
            let read = serde_json::from_value(Value::Object(members));
            read.map_err(|error| Problem::unknown_parameter(&error).unwrap_or_else(|| cut(error)))?
        }
    };
    let found = find(catalogue, &query.understand()?, who).and_then(|found| found.write(catalogue, who, body));
    found.map_err(|refusal| match refusal {
        LookupRefusal::Release(error) => unresolved(catalogue, &error),
        refusal => refusal.into(),
    })
}
