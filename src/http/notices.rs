//! What is told of a release afterwards, over HTTP: withdrawn, restored, superseded; and a dataset's policy.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use semver::Version;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::datasets::NoParameters;
use super::draft::{ReasonWish, dataset_id};
use super::tokens::{at_the_desk, unkept};
use super::{App, Problem};
use crate::dataset::{Act, DatasetId, Principal};
use crate::desk::{DeskError, set_policy};
use crate::release::{DependentsOf, NoticeOf, ReleaseError, restore, supersede, withdraw};
use crate::tlog::VerifierKey;

/// How many dependents an answer lists; all stand at …/dependents.
const LISTED: usize = 100;

/// An exact version: what is told of a release names it.
pub(super) fn exact(text: &str) -> Result<Version, Problem> {
    let shown: String = text.chars().take(80).collect();
    text.parse().map_err(|_| Problem::new("no-release", format!("`{shown}` is no exact version: a notice names MAJOR.MINOR.PATCH")))
}

/// What a notice touches: everything that is built on the release.
fn touched(app: &App, dataset: &DatasetId, version: &Version) -> Value {
    let catalogue = app.catalogue();
    // whoever publishes reads everything
    let of = DependentsOf { dataset: dataset.as_str(), version, key: None };
    let found = catalogue.dependents(of, true, &Principal::Operator);
    let mut releases = BTreeSet::new();
    let mut offset = 0;
    while offset < found.len() {
        releases.extend(found.page(offset, 1000).into_iter().map(|one| (one.dataset, one.version)));
        offset += 1000;
    }
    let releases: Vec<String> = releases.into_iter().map(|(dataset, version)| format!("{dataset}@{version}")).collect();
    json!({"releases": releases, "dependents": found.page(0, LISTED), "total": found.len(),
        "href": format!("/v1/datasets/{dataset}/releases/{version}/dependents")})
}

async fn tell(
    app: Data<App>,
    (dataset, version): (DatasetId, Version),
    act: impl FnOnce(&App, &DatasetId, &Version) -> Result<i64, ReleaseError> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let body = at_the_desk(&app, move |app| {
        let leaf = act(app, &dataset, &version)?;
        app.follow()?;
        let status = app.catalogue().dataset(dataset.as_str()).ok().and_then(|all| all.get(&version).cloned());
        let (withdrawn, superseded) = status.map(|release| (release.withdrawn.clone(), release.superseded.clone())).unwrap_or_default();
        Ok::<_, ReleaseError>(json!({"dataset": dataset, "version": version.to_string(), "leaf": leaf, "withdrawn": withdrawn,
            "superseded": superseded, "touches": touched(app, &dataset, &version)}))
    })
    .await?;
    Ok(unkept(HttpResponse::Ok()).json(body))
}

/// Withdraws a release: it stays readable at its version, ranges and `latest` skip it
#[utoipa::path(post, path = "/v1/datasets/{id}/releases/{version}/withdraw", tag = "releases", security(("token" = [])), request_body = ReasonWish,
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "Exact version")),
    responses((status = 200, description = "The leaf of the log, and the releases and factors that are built on it", body = Object),
        (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 409, description = "`conflict`"), (status = 422, description = "`invalid-body`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn withdraw_release(
    caller: Caller,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<ReasonWish>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&path.0)?;
    let actor = caller.may(Act::Publish, &dataset)?.to_owned();
    let version = exact(&path.1)?;
    tell(app, (dataset, version), move |app, dataset, version| withdraw(app.ground(), dataset, version, &wish.reason, &actor)).await
}

/// Takes a withdrawal back
#[utoipa::path(post, path = "/v1/datasets/{id}/releases/{version}/restore", tag = "releases", security(("token" = [])), request_body = ReasonWish,
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "Exact version")),
    responses((status = 200, description = "The leaf of the log, and what is built on the release", body = Object),
        (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 409, description = "`conflict`"), (status = 422, description = "`invalid-body`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn restore_release(
    caller: Caller,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<ReasonWish>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&path.0)?;
    let actor = caller.may(Act::Publish, &dataset)?.to_owned();
    let version = exact(&path.1)?;
    tell(app, (dataset, version), move |app, dataset, version| restore(app.ground(), dataset, version, &wish.reason, &actor)).await
}

/// What to use instead, and why.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SupersedeWish {
    /// `dataset@version`.
    by: String,
    /// In words.
    reason: String,
}

/// Says that another release is to be used instead; this one is served on
#[utoipa::path(post, path = "/v1/datasets/{id}/releases/{version}/supersede", tag = "releases", security(("token" = [])), request_body = SupersedeWish,
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "Exact version")),
    responses((status = 200, description = "The leaf of the log, and what is built on the release", body = Object),
        (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 422, description = "`invalid-body`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn supersede_release(
    caller: Caller,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<SupersedeWish>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&path.0)?;
    let actor = caller.may(Act::Publish, &dataset)?.to_owned();
    let version = exact(&path.1)?;
    let unnamed = || Problem::new("invalid-body", "`by` names the release to use instead, such as cn-electricity-co2@1.2.0");
    let (other, by) = wish.by.split_once('@').ok_or_else(unnamed)?;
    let (other, by) = (other.parse::<DatasetId>().map_err(|_| unnamed())?, by.parse::<Version>().map_err(|_| unnamed())?);
    tell(app, (dataset, version), move |app, dataset, version| {
        let by = NoticeOf { dataset: &other, version: &by };
        supersede(app.ground(), NoticeOf { dataset, version }, by, &wish.reason, &actor)
    })
    .await
}

/// What a dataset wants of what is submitted from now on.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyWish {
    /// How many reviewers approve; 0 to 100.
    approvals: u32,
    /// The verifier keys that approvals are signed with; left out: as before; empty: names suffice.
    reviewers: Option<Vec<String>>,
}

/// Says how many reviewers must approve what is submitted from now on
#[utoipa::path(put, path = "/v1/datasets/{id}/policy", tag = "drafts", security(("token" = [])), request_body = PolicyWish,
    params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "The policy", body = Object), (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`"), (status = 404, description = "`no-dataset`"), (status = 422, description = "`invalid-body`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn put_policy(
    caller: Caller,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
    wish: Json<PolicyWish>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Administer, &dataset)?.to_owned();
    let PolicyWish { approvals, reviewers } = wish.into_inner();
    if approvals > 100 {
        return Err(Problem::new("invalid-body", "`approvals` is 0 to 100"));
    }
    let wrong =
        |error: &dyn std::fmt::Display| Problem::new("invalid-body", format!("`reviewers`: {error}: a verifier key is NAME+ID+BASE64"));
    let keys: Option<Vec<VerifierKey>> =
        reviewers.map(|keys| keys.iter().map(|key| key.parse().map_err(|error| wrong(&error))).collect()).transpose()?;
    let named = dataset.clone();
    let keys = at_the_desk(&app, move |app| {
        let keys = set_policy(app.ground(), &dataset, approvals, keys.as_deref(), &actor)?;
        Ok::<_, DeskError>(keys)
    })
    .await?;
    Ok(unkept(HttpResponse::Ok()).json(json!({"dataset": named, "approvals_required": approvals, "reviewers": keys})))
}
