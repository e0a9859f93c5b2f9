//! Product footprints over PACT's own routes (data model and API 3.0), so that a client of PACT changes one address.
//!
//! Errors have PACT's shape. What everybody may read needs no token; the token endpoint hands a token of ours to a client that
//! knows no other way to send one.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::form_urlencoded::{Serializer, parse};

use super::access::{Asker, Audience};
use super::address::public_base;
use super::body::Arriving;
use super::caching::{Freshness, Representation};
use super::{App, Problem};
use crate::bulk::{FOOTPRINT_KINDS, Footprint, LeftOut, Life, Row, Told, digest_prefix_of, footprint_id, footprint_of, row};
use crate::canon::Digest;
use crate::dataset::{Act, Principal};
use crate::desk::{PresentedToken, find_holder};
use crate::factor::Region;
use crate::lookup::notices;
use crate::release::{Catalogue, DatasetReleases, Dimension, PublishedRelease};

/// Footprints a page, unless told otherwise, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

/// How many factors are looked at for one answer; a page may end sooner than it is full, and the next begins there.
const LOOKED_AT: usize = 5000;

/// The largest body of a request, in bytes.
const BODY_BYTES: usize = 64 << 10;

/// The parameters of a list, as PACT names them; ours begin with `x-tanyin-`.
const PARAMETERS: [&str; 11] = [
    "limit",
    "productId",
    "companyId",
    "geography",
    "classification",
    "validOn",
    "validAfter",
    "validBefore",
    "status",
    "x-tanyin-incomplete",
    "x-tanyin-after",
];

/// A refusal in PACT's shape.
struct Refused(StatusCode, &'static str, String);

impl Refused {
    fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, "BadRequest", message.into())
    }

    fn missing(id: &str) -> Self {
        let shown: String = id.chars().take(80).collect();
        Self(StatusCode::NOT_FOUND, "NotFound", format!("there is no footprint `{shown}`"))
    }

    fn answer(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0);
        response.content_type("application/json").insert_header(("Cache-Control", "no-store"));
        if self.0 == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer realm=\"tanyin\""));
        }
        response.body(json!({"code": self.1, "message": self.2}).to_string())
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let status = problem.status();
        let code = match status.as_u16() {
            401 => "TokenExpired",
            403 => "AccessDenied",
            404 => "NotFound",
            400..500 => "BadRequest",
            _ => "InternalError",
        };
        Self(status, code, problem.to_string())
    }
}

/// A problem in PACT's shape.
fn foreign(problem: Problem) -> HttpResponse {
    Refused::from(problem).answer()
}

/// What a client asked for.
#[derive(Default)]
struct Asked {
    limit: usize,
    lists: BTreeMap<String, Vec<String>>,
    times: BTreeMap<String, jiff::Timestamp>,
    incomplete: bool,
    after: Option<(String, String, usize)>,
    pairs: Vec<(String, String)>,
}

impl Asked {
    fn read(query: &str, known: &[&str]) -> Result<Self, Refused> {
        let mut asked = Self { limit: PAGE, ..Self::default() };
        for (name, value) in parse(query.as_bytes()) {
            if !known.contains(&name.as_ref()) {
                let shown: String = name.chars().take(80).collect();
                let rest = if known.is_empty() { "this has none".to_owned() } else { format!("they are {}", known.join(", ")) };
                return Err(Refused::bad(format!("there is no parameter `{shown}`: {rest}")));
            }
            asked.take(&name, &value)?;
            if name != "x-tanyin-after" {
                asked.pairs.push((name.into_owned(), value.into_owned()));
            }
        }
        Ok(asked)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let shown: String = value.chars().take(80).collect();
        match name {
            "limit" => {
                let number = value.parse::<usize>().ok().filter(|number| (1..=LARGEST_PAGE).contains(number));
                let told = || Refused::bad(format!("`{shown}` is no limit: it is a whole number from 1 to {LARGEST_PAGE}"));
                self.limit = number.ok_or_else(told)?;
            }
            "validOn" | "validAfter" | "validBefore" => {
                let time = value.parse().map_err(|_| Refused::bad(format!("`{shown}` is no {name}: write 2025-01-31T00:00:00Z")))?;
                self.times.insert(name.to_owned(), time);
            }
            "x-tanyin-incomplete" => match value {
                "include" | "exclude" => self.incomplete = value == "include",
                _ => return Err(Refused::bad(format!("`{shown}` is no {name}: it is include or exclude"))),
            },
            "x-tanyin-after" => self.after = Some(place(value).ok_or_else(|| Refused::bad("follow the link of the page before"))?),
            // PACT's conformance tests want an empty list for a status that there is not
            list => self.lists.entry(list.to_owned()).or_default().push(value.to_lowercase()),
        }
        Ok(())
    }

    /// Whether a footprint is asked for.
    fn wants(&self, region: &str, footprint: &Footprint) -> bool {
        let body = &footprint.body;
        let any = |name: &str, member: &Value| {
            let own: Vec<String> = member.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_lowercase).collect();
            self.lists.get(name).is_none_or(|wanted| wanted.iter().any(|one| own.contains(one)))
        };
        let status = body["status"].as_str().unwrap_or_default().to_lowercase();
        any("productId", &body["productIds"])
            && any("companyId", &body["companyIds"])
            && any("classification", &body["productClassifications"])
            && self.lists.get("status").is_none_or(|wanted| wanted.contains(&status))
            && self.lists.get("geography").is_none_or(|wanted| wanted.iter().any(|place| lies_in(region, place)))
            && self.is_valid(body)
    }

    /// The validity period: as stated, else three years from the end of the reference period.
    fn is_valid(&self, body: &Value) -> bool {
        let time = |text: &Value| text.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let end_of_data = time(&body["pcf"]["referencePeriodEnd"]);
        let start = time(&body["validityPeriodStart"]).or(end_of_data);
        let three_years = |from: jiff::Timestamp| from.checked_add(jiff::SignedDuration::from_hours(24 * 1096)).ok();
        let end = time(&body["validityPeriodEnd"]).or(start.and_then(three_years));
        let holds = |name: &str, test: &dyn Fn(jiff::Timestamp) -> bool| self.times.get(name).is_none_or(|time| test(*time));
        holds("validOn", &|on| start.is_some_and(|start| start <= on) && end.is_some_and(|end| on <= end))
            && holds("validAfter", &|after| start.is_some_and(|start| start > after))
            && holds("validBefore", &|before| end.is_some_and(|end| end < before))
    }
}

/// Whether a region is, or lies in, a place by code or name.
fn lies_in(region: &str, place: &str) -> bool {
    let named = |code: &&str| {
        let region = Region::get(code);
        code.to_lowercase() == *place || region.and_then(|region| region.name.en.as_ref()).is_some_and(|name| name.to_lowercase() == *place)
    };
    Region::chain(region).iter().any(named)
}

/// `dataset@version:number`.
fn place(text: &str) -> Option<(String, String, usize)> {
    let (release, number) = text.rsplit_once(':')?;
    let (dataset, version) = release.split_once('@')?;
    Some((dataset.to_owned(), version.to_owned(), number.parse().ok()?))
}

/// The factor's own life in its dataset: whether it stands in the latest release, and what was said of its key before.
///
/// Only of releases whose numbers may be read: an id is made of a line, so that whoever guesses the line can check the guess.
fn life(releases: &DatasetReleases, who: &Principal, key: &str, digest: &Digest) -> Life {
    let readable = || releases.all().filter(|release| release.may(who, Act::ReadNumbers).is_ok());
    let latest = readable().rev().find(|release| release.withdrawn.is_none()).is_some_and(|release| holds(release, key, digest));
    let mut preceding: Vec<String> = Vec::new();
    for release in readable() {
        if holds(release, key, digest) {
            let released_at = Some(release.published_at.clone());
            return Life { deprecated: !latest, released_at, preceding, ..Life::default() };
        }
        let before = release.data.find(key).and_then(|number| row(release, number).ok());
        if let Some(row) = before.filter(|row| matches!(footprint_of(row, &Life::default()), Told::Footprint(_))) {
            let id = footprint_id(&release.dataset, &row.digest);
            preceding.retain(|own| *own != id);
            preceding.push(id);
        }
    }
    Life { deprecated: !latest, ..Life::default() }
}

/// A footprint as it stands now: with its life, and what became known after its release.
fn told(catalogue: &Catalogue, releases: &DatasetReleases, who: &Principal, row: &Row<'_>) -> Told {
    let number = row.release.data.find(&row.factor.key);
    let later = number.into_iter().flat_map(|number| notices(catalogue, row.release, number, who));
    let notices = later.map(|own| format!("Flag raised after the release: {}, {}, by {}: {}", own.flag, own.at, own.by, own.why));
    footprint_of(row, &Life { notices: notices.collect(), ..life(releases, who, &row.factor.key, &row.digest) })
}

/// Whether a release has this very line.
fn holds(release: &PublishedRelease, key: &str, digest: &Digest) -> bool {
    release.data.find(key).is_some_and(|number| release.data.digest(number).as_ref() == Some(digest))
}

fn damaged(error: &crate::bulk::DamagedLine) -> Refused {
    Problem::fault(error).into()
}

/// A page of footprints.
#[derive(Default)]
struct Page {
    data: Vec<Value>,
    left_out: LeftOut,
    next: Option<String>,
}

/// Walks the releases that the caller may read: datasets by id, releases from the newest, factors by key.
///
/// A factor that several releases have alike stands once, where it is newest.
fn walk(catalogue: &Catalogue, who: &Principal, asked: &Asked) -> Result<Page, Refused> {
    let mut page = Page::default();
    let mut looked_at = 0;
    for (dataset, releases) in catalogue.datasets() {
        if asked.after.as_ref().is_some_and(|(after, ..)| dataset < after.as_str()) {
            continue;
        }
        let mut newer: Vec<&Arc<PublishedRelease>> = Vec::new();
        for release in releases.all().rev() {
            if release.may(who, Act::ReadNumbers).is_err() {
                continue;
            }
            let first = match &asked.after {
                Some((after, version, number)) if *after == dataset => match version.parse() {
                    Ok(version) if release.version > version => usize::MAX,
                    Ok(version) if release.version == version => *number,
                    _ => 0,
                },
                _ => 0,
            };
            for number in footprints(release).skip_while(|number| *number < first) {
                if page.data.len() >= asked.limit || looked_at >= LOOKED_AT {
                    page.next = Some(format!("{}:{number}", release.id()));
                    return Ok(page);
                }
                looked_at += 1;
                let row = row(release, number).map_err(|error| damaged(&error))?;
                if newer.iter().any(|other| holds(other, &row.factor.key, &row.digest)) {
                    continue;
                }
                page.take(asked, &row, told(catalogue, releases, who, &row));
            }
            newer.push(release);
        }
    }
    Ok(page)
}

/// The numbers of a release's factors that may be footprints, by their kind.
fn footprints(release: &PublishedRelease) -> impl Iterator<Item = usize> {
    let index = release.data.index();
    let codes: Vec<u32> = FOOTPRINT_KINDS.iter().filter_map(|kind| index.code_of(Dimension::Kind, kind)).collect();
    let all = if codes.is_empty() { 0..0 } else { 0..index.len() };
    all.filter(move |number| codes.contains(&index.code(Dimension::Kind, *number)))
}

impl Page {
    fn take(&mut self, asked: &Asked, row: &Row<'_>, told: Told) {
        match told {
            Told::Footprint(footprint) if !asked.wants(&row.factor.region, &footprint) => {}
            Told::Footprint(footprint) if asked.incomplete || footprint.missing.is_empty() => self.data.push(footprint.body),
            Told::Footprint(footprint) => self.left_out.incomplete(&footprint.missing),
            Told::None(reason) => self.left_out.none(reason),
        }
    }
}

/// PACT's action ListFootprints: the product footprints of every release that the caller may read
#[utoipa::path(get, path = "/3/footprints", tag = "pact",
    params(("limit" = Option<u64>, Query, description = "Footprints a page, 1 to 1000; 100 if left out"),
        ("productId" = Option<Vec<String>>, Query, description = "Product ids (URN), any of them"),
        ("companyId" = Option<Vec<String>>, Query, description = "Company ids (URN), any of them"),
        ("geography" = Option<Vec<String>>, Query, description = "Country, subdivision or region, any of them; what lies in it too"),
        ("classification" = Option<Vec<String>>, Query, description = "Product classifications (URN), any of them"),
        ("validOn" = Option<String>, Query, description = "Valid at this time (RFC 3339)"),
        ("validAfter" = Option<String>, Query, description = "Whose validity begins after this time"),
        ("validBefore" = Option<String>, Query, description = "Whose validity ends before this time"),
        ("status" = Option<String>, Query, description = "Active or Deprecated; both if left out"),
        ("x-tanyin-incomplete" = Option<String>, Query, description = "`include` gives also footprints that lack members that PACT requires; their comment names what they lack"),
        ("x-tanyin-after" = Option<String>, Query, description = "Where the page begins: in the link `next` of the one before")),
    responses((status = 200, description = "`{\"data\":[…]}`, with `leftOut` counting what lacks something; a header `Link` with `rel=\"next\"` where there is more", body = Object),
        (status = 304, description = "Unchanged"), (status = 400, description = "`BadRequest`", body = Object), (status = 401, description = "`TokenExpired`", body = Object),
        (status = 403, description = "`AccessDenied`", body = Object), (status = 412, description = "`BadRequest`", body = Object)))]
pub(super) async fn list_footprints(request: HttpRequest, app: Data<App>, asker: Asker) -> HttpResponse {
    list(&request, &app, &asker).await.unwrap_or_else(Refused::answer)
}

async fn list(request: &HttpRequest, app: &App, asker: &Asker) -> Result<HttpResponse, Refused> {
    let asked = Asked::read(request.query_string(), &PARAMETERS)?;
    let catalogue = app.catalogue();
    let sight = asker.sight(app, catalogue.releases().map(AsRef::as_ref)).await?;
    let (who, asked) = (sight.who, Arc::new(asked));
    let walking = asked.clone();
    let page = actix_web::web::block(move || walk(&catalogue, &who, &walking));
    let page = page.await.map_err(|error| Problem::fault(&error))??;
    let body = json!({"data": page.data, "leftOut": page.left_out.to_json()});
    let next = page.next.map(|next| link(app, request, &asked, &next));
    answer(request, &body, sight.audience, next)
}

fn answer(request: &HttpRequest, body: &Value, audience: Audience, link: Option<String>) -> Result<HttpResponse, Refused> {
    let answer = Representation::json(body.to_string().into_bytes(), Freshness::Moving).to(audience);
    let answer = match link {
        Some(link) => answer.header("Link", link),
        None => answer,
    };
    Ok(answer.respond(request)?)
}

/// The link to the page that begins there, absolute where the server knows its address.
fn link(app: &App, request: &HttpRequest, asked: &Asked, next: &str) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(&asked.pairs).append_pair("x-tanyin-after", next);
    format!("<{}/3/footprints?{}>; rel=\"next\"", public_base(app, request).unwrap_or_default(), query.finish())
}

/// PACT's action GetFootprint: one footprint by its id
#[utoipa::path(get, path = "/3/footprints/{footprint}", tag = "pact",
    params(("footprint" = String, Path, description = "Id of the footprint"),
        ("x-tanyin-incomplete" = Option<String>, Query, description = "`include` gives it also where it lacks members that PACT requires")),
    responses((status = 200, description = "`{\"data\":{…}}`", body = Object), (status = 304, description = "Unchanged"),
        (status = 400, description = "`BadRequest`", body = Object), (status = 401, description = "`TokenExpired`", body = Object),
        (status = 404, description = "`NotFound`", body = Object), (status = 412, description = "`BadRequest`", body = Object)))]
pub(super) async fn get_footprint(request: HttpRequest, app: Data<App>, asker: Asker, id: Path<String>) -> HttpResponse {
    get(&request, &app, &asker, &id).await.unwrap_or_else(Refused::answer)
}

async fn get(request: &HttpRequest, app: &App, asker: &Asker, id: &str) -> Result<HttpResponse, Refused> {
    let asked = Asked::read(request.query_string(), &["x-tanyin-incomplete"])?;
    let catalogue = app.catalogue();
    let sight = asker.sight(app, catalogue.releases().map(AsRef::as_ref)).await?;
    let id = id.to_lowercase();
    let footprint = find(&catalogue, &sight.who, &id)?.ok_or_else(|| Refused::missing(&id))?;
    if !footprint.missing.is_empty() && !asked.incomplete {
        let lacks = footprint.missing.join(", ");
        let told = format!("the footprint {id} lacks {lacks}, which PACT requires; x-tanyin-incomplete=include gives it as it is");
        return Err(Refused(StatusCode::NOT_FOUND, "NotFound", told));
    }
    answer(request, &json!({"data": footprint.body}), sight.audience, None)
}

/// The footprint with an id: its first bits are those of the line's digest, which the indexes find.
fn find(catalogue: &Catalogue, who: &Principal, id: &str) -> Result<Option<Footprint>, Refused> {
    let Some(prefix) = digest_prefix_of(id) else { return Ok(None) };
    for (_, releases) in catalogue.datasets() {
        for release in releases.all().rev().filter(|release| release.may(who, Act::ReadNumbers).is_ok()) {
            for number in release.data.index().with_digest_prefix(prefix) {
                let row = row(release, number).map_err(|error| damaged(&error))?;
                if footprint_id(&release.dataset, &row.digest) != id {
                    continue;
                }
                if let Told::Footprint(footprint) = told(catalogue, releases, who, &row) {
                    return Ok(Some(*footprint));
                }
            }
        }
    }
    Ok(None)
}

/// PACT's action Events: this server asks nobody for footprints and takes none, so it has no use for events
#[utoipa::path(post, path = "/3/events", tag = "pact", request_body(content = Object, content_type = "application/cloudevents+json"),
    responses((status = 200, description = "Never given: no event is taken"), (status = 400, description = "`NotImplemented`", body = Object)), security(("token" = [])))]
pub(super) async fn post_event(request: HttpRequest, body: Arriving) -> HttpResponse {
    if let Err(cut) = body.read_or(BODY_BYTES, foreign).await {
        return cut;
    }
    if let Err(refused) = Asked::read(request.query_string(), &[]) {
        return refused.answer();
    }
    let told = "events are not taken here: ask GET /3/footprints, or follow /v1/events";
    Refused(StatusCode::BAD_REQUEST, "NotImplemented", told.to_owned()).answer()
}

/// OAuth 2.0 client credentials, as PACT's clients ask for a token: the client secret is a token of this server, and comes back
///
/// Open data need no token. The client id is not looked at.
#[utoipa::path(post, path = "/auth/token", tag = "pact", request_body(content = String, content_type = "application/x-www-form-urlencoded", description = "`grant_type=client_credentials`"),
    responses((status = 200, description = "`{\"access_token\":…,\"token_type\":\"Bearer\"}`", body = Object),
        (status = 400, description = "`unsupported_grant_type`, `invalid_request`", body = Object),
        (status = 401, description = "`invalid_client`", body = Object), (status = 503, description = "`temporarily_unavailable`", body = Object)), security(("token" = [])))]
pub(super) async fn give_token(request: HttpRequest, app: Data<App>, body: Arriving) -> HttpResponse {
    let body = match body.read_or(BODY_BYTES, foreign).await {
        Ok(body) => body,
        Err(cut) => return cut,
    };
    let refuse = |status: StatusCode, error: &str, told: &str| {
        let mut response = HttpResponse::build(status);
        response.content_type("application/json").insert_header(("Cache-Control", "no-store"));
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Basic realm=\"tanyin\""));
        }
        response.body(json!({"error": error, "error_description": told}).to_string())
    };
    if let Err(Refused(_, _, told)) = Asked::read(request.query_string(), &[]) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", &told);
    }
    let grant = parse(&body).find(|(name, _)| name == "grant_type").map(|(_, value)| value.into_owned());
    match grant.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "the grant is client_credentials"),
        None => return refuse(StatusCode::BAD_REQUEST, "invalid_request", "grant_type=client_credentials is wanted"),
    }
    let invalid = || refuse(StatusCode::UNAUTHORIZED, "invalid_client", "the client secret is no token of this server");
    let Some(secret) = secret(request.headers()) else { return invalid() };
    let Some(token) = PresentedToken::parse(&secret) else { return invalid() };
    let ground = app.ground().clone();
    match actix_web::web::block(move || find_holder(&ground, &token)).await {
        Ok(Ok(Some(_))) => {
            HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(json!({"access_token": secret, "token_type": "Bearer"}))
        }
        Ok(Ok(None)) => invalid(),
        _ => refuse(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", "tokens cannot be looked up now"),
    }
}

/// The client secret of HTTP Basic (RFC 7617; RFC 6749, 2.3.1).
fn secret(headers: &HeaderMap) -> Option<String> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (_, secret) = String::from_utf8(decoded).ok()?.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))?;
    Some(secret)
}
