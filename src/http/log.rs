//! The transparency log over HTTP (C2SP tlog-tiles), and proofs made from it.
//!
//! Everything comes from published files and from the tree in memory: the log is served with the database down.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::datasets::NoParameters;
use super::factors::find_factor;
use super::{App, Problem};
use crate::canon::Digest;
use crate::dataset::Act;
use crate::release::{KEY_NAME, PublishedCheckpoint, log_name};
use crate::tlog::{TilePath, hash_text};

const TEXT: &str = "text/plain; charset=utf-8";

/// The checkpoint that covers everything released: a signed note
#[utoipa::path(get, path = "/log/checkpoint", tag = "log",
    responses((status = 200, description = "Origin, size, root and signatures (C2SP tlog-checkpoint)", content_type = "text/plain", body = String),
        (status = 304, description = "Unchanged"), (status = 404, description = "`no-log`")))]
pub(super) async fn checkpoint(request: HttpRequest, app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let note = published(&app)?.note.clone();
    Representation::made(note.into_bytes(), TEXT, Freshness::Moving).respond(&request)
}

fn published(app: &App) -> Result<std::sync::Arc<PublishedCheckpoint>, Problem> {
    app.catalogue().checkpoint().cloned().ok_or_else(|| Problem::new("no-log", "nothing was ever published here, not even an empty log"))
}

/// The log's verifier keys, the current one first, one a line
#[utoipa::path(get, path = "/log/key", tag = "log",
    responses((status = 200, description = "`name+id+base64` (C2SP signed-note)", content_type = "text/plain", body = String), (status = 404, description = "`no-log`")))]
pub(super) async fn key(request: HttpRequest, app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let keys = app.ground().blobs().read_named(KEY_NAME).map_err(|error| Problem::fault(&error))?;
    let keys = keys.ok_or_else(|| Problem::new("no-log", "no log was made here yet, so it has no key"))?;
    Representation::made(keys, TEXT, Freshness::Moving).respond(&request)
}

/// A tile of hashes or a bundle of entries
#[utoipa::path(get, path = "/log/tile/{path}", tag = "log",
    params(("path" = String, Path, description = "`0/000`, `0/x001/067.p/12`, `entries/000` (C2SP tlog-tiles)")),
    responses((status = 200, description = "32 bytes a hash; entries each behind their length, two bytes", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "A range of them"), (status = 304, description = "Unchanged"), (status = 404, description = "`no-tile`"),
        (status = 412, description = "`precondition-failed`"), (status = 416, description = "`range-not-satisfiable`")))]
pub(super) async fn tile(
    request: HttpRequest,
    app: Data<App>,
    path: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let tile = TilePath::parse(&format!("tile/{}", path.as_str())).map_err(|error| Problem::new("no-tile", error.to_string()))?;
    let width = match &tile {
        TilePath::Hashes(tile) => tile.width,
        TilePath::Entries(bundle) => bundle.width,
    };
    let bytes = app.ground().blobs().read_named(&log_name(&tile)).map_err(|error| Problem::fault(&error))?;
    let bytes = bytes.ok_or_else(|| {
        let size = app.catalogue().tree().size();
        Problem::new("no-tile", format!("the log of {size} entries has no {tile}: the last tile of a level is partial, with its width behind `.p/`, until it is full"))
    })?;
    let digest = Digest::of(&bytes);
    let stored = Representation::stored(bytes.into(), digest, "application/octet-stream");
    if width == crate::tlog::TILE_WIDTH { stored } else { stored.moving() }.respond(&request)
}

/// What a proof is asked of.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProofQuery {
    /// Dataset id
    dataset: Option<String>,
    /// `1.2.0`, `^1`, `~1.2` or `latest`
    version: Option<String>,
    /// Key of a factor, to prove its line as well
    key: Option<String>,
}

/// The proof that a release, or one factor of it, stands in the log
#[utoipa::path(get, path = "/v1/log/proof", tag = "log", params(ProofQuery),
    responses((status = 200, description = "Manifest, approvals, log proof and line proof: enough to check offline", body = crate::release::ReleaseProof),
        (status = 400, description = "`missing-parameter`, `unknown-parameter`"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`")))]
pub(super) async fn proof(request: HttpRequest, app: Data<App>, asker: Asker, query: Query<ProofQuery>) -> Result<HttpResponse, Problem> {
    let missing = |name: &str| Problem::with("missing-parameter", format!("`{name}` is missing"), json!({"parameter": name}));
    let id = query.dataset.clone().ok_or_else(|| missing("dataset"))?;
    let version = query.version.clone().ok_or_else(|| missing("version"))?;
    let catalogue = app.catalogue();
    let release = catalogue.dataset(&id)?.resolve(&id, &version)?.release;
    let sight = asker.look(&app, &release).await?;
    let number = query.key.as_deref().map(|key| find_factor(&release, key)).transpose()?;
    match number {
        Some(number) => sight.numbers(&release, number)?,
        None => release.permit(&sight.who, Act::ReadNumbers)?,
    }
    let made = actix_web::web::block(move || catalogue.release_proof(app.ground(), &release, number)); // the first one hashes all lines
    let proof = made.await.map_err(|error| Problem::fault(&error))?.map_err(|error| Problem::fault(&error))?;
    let body = serde_json::to_vec(&proof).map_err(|error| Problem::fault(&error))?;
    Representation::json(body, Freshness::Moving).to(sight.audience).respond(&request)
}

/// Two sizes of the log.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConsistencyQuery {
    /// The size of the older checkpoint, at least 1
    from: Option<String>,
    /// The size of the newer one; the published one's if left out
    to: Option<String>,
}

/// The proof that the log only grew between two checkpoints
#[utoipa::path(get, path = "/v1/log/consistency", tag = "log", params(ConsistencyQuery),
    responses((status = 200, description = "`{\"from\":…,\"to\":…,\"proof\":[…],\"checkpoint\":…}`, hashes in base64 (RFC 6962, 2.1.2)", body = Object),
        (status = 400, description = "`missing-parameter`, `unknown-parameter`"), (status = 404, description = "`no-log`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn consistency(request: HttpRequest, app: Data<App>, query: Query<ConsistencyQuery>) -> Result<HttpResponse, Problem> {
    let published = published(&app)?;
    let size = published.checkpoint.size;
    let read = |name: &'static str, text: &str| {
        let number = text.parse::<u64>().ok().filter(|number| (1..=size).contains(number));
        number.ok_or_else(|| {
            Problem::with("invalid-parameter", format!("`{name}` is a size of the log: 1 to {size}"), json!({"parameter": name}))
        })
    };
    let missing = || Problem::with("missing-parameter", "`from` is missing", json!({"parameter": "from"}));
    let from = read("from", query.from.as_deref().ok_or_else(missing)?)?;
    let to = query.to.as_deref().map_or(Ok(size), |to| read("to", to))?;
    if from > to {
        return Err(Problem::with("invalid-parameter", "`from` is beyond `to`", json!({"parameter": "from"})));
    }
    let hashes = app.catalogue().tree().consistency_proof(from, to).map_err(|error| Problem::fault(&error))?;
    let proof: Vec<String> = hashes.iter().map(hash_text).collect();
    let body = json!({"from": from, "to": to, "proof": proof, "checkpoint": published.note}).to_string();
    Representation::json(body.into_bytes(), Freshness::Moving).respond(&request)
}
