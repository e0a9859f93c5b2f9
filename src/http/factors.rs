//! Factors: one by key, many by filter, by digest, and one over all releases.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::access::{Asker, Audience, Sight};
use super::caching::{Freshness, Representation, unchanged};
use super::datasets::{NoParameters, freshness, of_factor, of_release};
use super::{App, Problem};
use crate::canon::{Digest, Hasher};
use crate::dataset::Act;
use crate::lookup::{envelope, factor_answer};
use crate::release::{Catalogue, PROGRAM, PublishedRelease, ReleaseRef, Resolved};
use crate::search::{FactorPage, FilterQuery, answer, answer_at_once, scope};

/// The relation of a link to where a thing came from (W3C PROV-AQ, 3.1).
const HAS_PROVENANCE: &str = "http://www.w3.org/ns/prov#has_provenance";

/// One factor of a release
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/factors/{key}", tag = "factors",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"),
        ("key" = String, Path, description = "Key; `/` and `%2F` are equal")),
    responses((status = 200, description = "The factor, as in a lookup without `match` and `result`", body = Object), (status = 304, description = "Unchanged"),
        (status = 404, description = "`no-dataset`, `no-release`, `no-factor`")))]
pub(super) async fn show_factor(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, version, key) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let sight = asker.look(&app, &resolved.release).await?;
    answer_of(&catalogue, &resolved, &key, &sight)?.respond(&request)
}

/// One factor of a release, with what is said of it and its release.
pub(super) fn answer_of(catalogue: &Catalogue, resolved: &Resolved, key: &str, sight: &Sight) -> Result<Representation, Problem> {
    let release = &resolved.release;
    let number = find_or_fate(catalogue, release, key)?;
    let body = factor_answer(catalogue, release, number, &sight.who)?;
    let provenance = format!("</v1/datasets/{}/releases/{}/provenance/{key}>; rel=\"{HAS_PROVENANCE}\"", release.dataset, release.version);
    let answer = of_factor(Representation::json(body, freshness(resolved)), release, number);
    let answer = answer.to(sight.audience).header("Link", provenance);
    let rest = (!resolved.pinned).then(|| format!("/factors/{key}"));
    Ok(of_release(answer, resolved, rest.as_deref()))
}

/// The number of the factor with this key, or a refusal with the keys that stand near it.
pub(super) fn find_factor(release: &PublishedRelease, key: &str) -> Result<usize, Problem> {
    release.data.find(key).ok_or_else(|| no_factor(release, key))
}

/// The same, whose refusal tells what became of a key that an earlier release had.
pub(super) fn find_or_fate(catalogue: &Catalogue, release: &PublishedRelease, key: &str) -> Result<usize, Problem> {
    find_factor(release, key).map_err(|problem| became(catalogue, release, key).unwrap_or(problem))
}

/// What became of a key that an earlier release had.
fn became(catalogue: &Catalogue, release: &PublishedRelease, key: &str) -> Option<Problem> {
    let (version, fate) = catalogue.dataset(release.dataset.as_str()).ok()?.fate_of_missing(key, release)?;
    let detail = format!("{} has no factor `{key}`; {version} had it, and {}", release.id(), fate.told());
    Some(Problem::with("no-factor", detail, json!({"nearest": nearest_keys(release, key), "last": version.to_string(), "became": fate})))
}

/// The keys that stand near one.
fn nearest_keys<'a>(release: &'a PublishedRelease, key: &str) -> Vec<&'a str> {
    let data = &release.data;
    let start = data.first_from(key).saturating_sub(2);
    (start..data.index().len()).take(5).map(|number| data.key(number)).collect()
}

/// A release does not have this key: names those that it has thereabouts.
pub(super) fn no_factor(release: &PublishedRelease, key: &str) -> Problem {
    let shown: String = key.chars().take(200).collect();
    let detail = format!("{} has no factor `{shown}`", release.id());
    Problem::with("no-factor", detail, json!({"nearest": nearest_keys(release, key)}))
}

/// Factors by filter, in pages, with facets
#[utoipa::path(get, path = "/v1/factors", tag = "factors", params(FilterQuery),
    responses((status = 200, description = "A page of factors, counts of all that match, and how the words were read", body = FactorPage),
        (status = 304, description = "Unchanged"), (status = 400, description = "`unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 422, description = "`invalid-parameter`"),
        (status = 503, description = "`database-unavailable`: a token was shown, and it cannot be looked up")))]
pub(super) async fn list_factors(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    query: Query<FilterQuery>,
) -> Result<HttpResponse, Problem> {
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, scope(&catalogue, &query)?.iter().map(AsRef::as_ref)).await?;
    let state = (sight.audience == Audience::Everybody).then(|| state_of(&catalogue, request.query_string()));
    if let Some(state) = state.filter(|state| unchanged(&request, state)) {
        return Representation::json_of(state, Vec::new(), Freshness::Moving).respond(&request);
    }
    let body = match answer_at_once(&catalogue, &query, &sight.who)? {
        Some(body) => body,
        None => {
            // a search may have to build an index, and looks at many lines: not on a thread that answers others
            let who = sight.who.clone();
            app.searches().take(move || answer(&catalogue, &query, &who)).await??
        }
    };
    let page = match state {
        Some(state) => Representation::json_of(state, body, Freshness::Moving),
        None => Representation::json(body, Freshness::Moving),
    };
    page.to(sight.audience).respond(&request)
}

/// What a page that everybody may read follows from: the program, the log up to its checkpoint, the question.
fn state_of(catalogue: &Catalogue, question: &str) -> Digest {
    let mut hasher = Hasher::new();
    let root = catalogue.checkpoint().map(|own| *own.checkpoint.root.as_bytes()).unwrap_or_default();
    for part in [PROGRAM.as_bytes(), &root, &catalogue.facts().to_be_bytes(), question.as_bytes()] {
        hasher.update(&part.len().to_be_bytes());
        hasher.update(part);
    }
    hasher.finish()
}

/// The releases that hold the factor with this digest
#[utoipa::path(get, path = "/v1/digests/{sha256}", tag = "factors", params(("sha256" = String, Path, description = "Digest of a canonical line, `sha256:` optional")),
    responses((status = 200, description = "The factor and every release that holds it", body = Object), (status = 404, description = "`no-digest`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn find_digest(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    text: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let digest = Digest::parse_lenient(&text).map_err(|_| {
        Problem::with("invalid-parameter", "a digest is 64 hexadecimal digits, `sha256:` optional", json!({"parameter": "sha256"}))
    })?;
    let catalogue = app.catalogue();
    let sight = asker.sight(&app, catalogue.releases().map(AsRef::as_ref)).await?;
    let mut line = None;
    let mut holders: Vec<Value> = Vec::new();
    for release in catalogue.releases().filter(|release| release.may(&sight.who, Act::ReadNumbers).is_ok()) {
        if let Some(number) = release.data.find_digest(&digest) {
            holders.push(json!({"release": ReleaseRef::of(release), "key": release.data.key(number)}));
            line = line.or_else(|| Some(release.data.line(number)));
        }
    }
    let line = line.ok_or_else(|| Problem::new("no-digest", format!("no released factor has the digest {digest}")))?;
    let body = envelope(&line, &json!({"digest": digest, "releases": holders}))?;
    Representation::json(body, Freshness::Status).to(sight.audience).respond(&request)
}

/// One factor over all releases, oldest first
#[utoipa::path(get, path = "/v1/datasets/{id}/history/{key}", tag = "factors",
    params(("id" = String, Path, description = "Dataset id"), ("key" = String, Path, description = "Key; `/` and `%2F` are equal")),
    responses((status = 200, description = "`{\"history\":[…]}`: each entry with its release (`withdrawn`, `superseded`), whether the line changed, and the `fields` that differ from the entry before (null for the first)", body = Object),
        (status = 404, description = "`no-dataset`, `no-factor`")))]
pub(super) async fn factor_history(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, key) = path.into_inner();
    let catalogue = app.catalogue();
    let releases = catalogue.dataset(&id)?;
    let sight = asker.sight(&app, releases.all().map(AsRef::as_ref)).await?;
    let readable = releases.all().rev().map(|release| release.permit(&sight.who, Act::ReadNames)).collect::<Vec<_>>();
    if !readable.iter().any(Result::is_ok) {
        readable.into_iter().find(Result::is_err).unwrap_or(Ok(()))?;
    }
    let history = crate::audit::factor_history(releases, &key, &sight.who).map_err(|error| Problem::fault(&error))?;
    if history.is_empty() {
        let shown: String = key.chars().take(200).collect();
        return Err(Problem::new("no-factor", format!("no release of `{id}` has a factor `{shown}`")));
    }
    let body = json!({"dataset": id, "key": key, "history": history});
    Representation::json(body.to_string().into_bytes(), Freshness::Status).to(sight.audience).respond(&request)
}
