//! A dataset's draft over HTTP: seen, edited line by line, submitted, decided on, published.
//!
//! The draft's revision is its entity tag. Whoever changes it says which revision they have seen, so that of two people who
//! change it at once the second learns of the first.

use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, Data, Json, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use semver::Version;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::auth::Caller;
use super::datasets::NoParameters;
use super::differences::DiffQuery;
use super::tokens::{at_the_desk, unkept};
use super::{App, Problem};
use crate::bulk::Sides;
use crate::dataset::{Act, DatasetId};
use crate::desk::{self, By, CellMap, DeskError, EditChange, NewEdit, NewReview, Standing, VersionWish};
use crate::release::ReleaseError;
use crate::store::{Decision, StoreError};

/// Reads a dataset's id; one that cannot be is one that is not there.
pub(super) fn dataset_id(text: &str) -> Result<DatasetId, Problem> {
    text.parse().map_err(|error: crate::dataset::DatasetIdError| Problem::new("no-dataset", error.to_string()))
}

fn entity_tag(revision: i64) -> String {
    format!("\"r{revision}\"")
}

/// The revision that `If-Match` names.
fn seen(request: &HttpRequest, required: bool) -> Result<Option<i64>, Problem> {
    let shown = request.headers().get(header::IF_MATCH).map(|value| value.to_str().unwrap_or_default().trim());
    match shown {
        None | Some("*") if required => {
            let detail =
                "say which revision of the draft you have seen: send `If-Match` with the `ETag` of GET …/draft or …/draft/factors/{key}";
            Err(Problem::new("precondition-required", detail))
        }
        None | Some("*") => Ok(None),
        Some(tag) => {
            let number = tag.strip_prefix("\"r").and_then(|rest| rest.strip_suffix('"')).and_then(|digits| digits.parse().ok());
            let moved = || Problem::new("precondition-failed", "`If-Match` names no revision of a draft: they are written \"r12\"");
            number.map(Some).ok_or_else(moved)
        }
    }
}

/// A refusal; where the caller said which revision they saw, that it moved is a precondition that failed.
pub(super) fn refused(error: DeskError, seen: Option<i64>) -> Problem {
    match (&error, seen) {
        (DeskError::Release(ReleaseError::Store(StoreError::StaleRevision { found, .. })), Some(_)) => {
            let current = found.map(entity_tag);
            let detail = current.as_ref().map_or_else(
                || "the draft is gone".to_owned(),
                |tag| format!("the draft moved: it is {tag} now; look at it again, then decide"),
            );
            Problem::with("precondition-failed", detail, json!({"etag": current}))
        }
        _ => error.into(),
    }
}

/// A body, or why it was not read.
type Body = Result<Bytes, actix_web::Error>;

/// A JSON body that may be left out.
fn body_or_default<T: DeserializeOwned + Default>(body: Body) -> Result<T, Problem> {
    let body = body.map_err(|error| match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new("body-too-large", "the body is larger than anything that belongs here"),
        _ => Problem::new("bad-request", "the body cannot be read"),
    })?;
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(T::default());
    }
    serde_json::from_slice(&body).map_err(|error| {
        let detail: String = error.to_string().chars().take(300).collect();
        Problem::new("bad-request", format!("the body is not the JSON that belongs here: {detail}"))
    })
}

fn members(standing: &Standing) -> Value {
    let draft = &standing.draft;
    let decisions: Vec<Value> = standing
        .decisions
        .iter()
        .map(|one| {
            json!({"reviewer": one.reviewer, "decision": one.decision.as_str(),
        "comment": one.comment, "at": one.at, "signed": one.signature.is_some() && one.decision == Decision::Approve})
        })
        .collect();
    let run = standing.run.as_ref().map(|run| {
        json!({"run": run.id, "by": run.actor, "finished_at": run.finished_at, "file_name": run.file_name,
        "profile": run.profile, "source": run.source_digest, "rows": run.rows, "factors": run.factors, "warnings": run.warnings})
    });
    let edits: Vec<Value> =
        standing.edits.iter().map(|edit| json!({"key": edit.key, "by": edit.actor, "at": edit.at, "reason": edit.reason})).collect();
    json!({
        "dataset": draft.dataset, "state": draft.state.as_str(), "revision": draft.revision, "base": draft.base_version,
        "package_version": standing.package_version.as_ref().map(ToString::to_string), "version": draft.version,
        "manifest": draft.manifest_digest, "submitted_by": draft.submitted_by, "submitted_at": draft.submitted_at,
        "updated_at": draft.updated_at, "counts": standing.difference.counts, "difference": standing.difference, "import": run,
        "approvals": {"required": standing.approvals_required, "missing": standing.approvals_missing, "decisions": decisions},
        "edits": edits
    })
}

/// Where the dataset's draft stands
#[utoipa::path(get, path = "/v1/datasets/{id}/draft", tag = "drafts", security(("token" = [])), params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "State, revision (the `ETag`), difference, approvals, edits", body = Object),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn show_draft(caller: Caller, app: Data<App>, id: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    caller.may(Act::ReadDraft, &dataset)?;
    let standing = at_the_desk(&app, move |app| desk::standing(app.ground(), &dataset)).await?;
    Ok(unkept(HttpResponse::Ok()).insert_header((header::ETAG, entity_tag(standing.draft.revision))).json(members(&standing)))
}

/// The difference of the draft with the latest release, factor by factor
#[utoipa::path(get, path = "/v1/datasets/{id}/draft/diff", tag = "drafts", security(("token" = [])),
    params(("id" = String, Path, description = "Dataset id"), DiffQuery),
    responses((status = 200, description = "The difference, as between two releases", body = Object), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`"), (status = 422, description = "`invalid-parameter`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn diff_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    query: Query<DiffQuery>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    caller.may(Act::ReadDraft, &dataset)?;
    let wanted = query.wanted(&request)?;
    let (body, content_type, revision) = at_the_desk(&app, move |app| {
        let sides = desk::draft_sides(app.ground(), &dataset)?;
        let address = format!("/v1/datasets/{dataset}/draft/diff");
        let (body, content_type) = wanted.write(&Sides::of_draft(&dataset, &sides), &address).map_err(ReleaseError::Io)?;
        Ok::<_, DeskError>((body, content_type, sides.draft.revision))
    })
    .await?;
    let mut answer = unkept(HttpResponse::Ok());
    for header in wanted.headers() {
        answer.insert_header(header);
    }
    Ok(answer.insert_header((header::ETAG, entity_tag(revision))).content_type(content_type).body(body))
}

/// One factor of the draft: its canonical object
#[utoipa::path(get, path = "/v1/datasets/{id}/draft/factors/{key}", tag = "drafts", security(("token" = [])),
    params(("id" = String, Path, description = "Dataset id"), ("key" = String, Path, description = "Key; `/` and `%2F` are equal")),
    responses((status = 200, description = "The factor; the `ETag` is the draft's revision", body = Object), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`, `no-factor`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn show_draft_factor(
    caller: Caller,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let (id, key) = path.into_inner();
    let dataset = dataset_id(&id)?;
    caller.may(Act::ReadDraft, &dataset)?;
    let (line, revision) = at_the_desk(&app, move |app| desk::draft_factor(app.ground(), &dataset, &key)).await?;
    Ok(unkept(HttpResponse::Ok()).insert_header((header::ETAG, entity_tag(revision))).content_type("application/json").body(line))
}

/// A factor as it is to be: as its canonical object, or as cells of factors.csv.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorWish {
    /// In the shape of schema/factor.json.
    #[schema(value_type = Option<Object>)]
    factor: Option<Value>,
    /// By column, as text; columns that are left out are empty.
    #[schema(value_type = Option<Object>)]
    cells: Option<CellMap>,
    /// Why: it stands in the release's record.
    reason: String,
}

/// Puts a factor into the draft, in the place of the one with that key or as a new one
#[utoipa::path(put, path = "/v1/datasets/{id}/draft/factors/{key}", tag = "drafts", security(("token" = [])), request_body = FactorWish,
    params(("id" = String, Path, description = "Dataset id"), ("key" = String, Path, description = "Key"), ("If-Match" = String, Header, description = "The draft's `ETag`")),
    responses((status = 200, description = "The factor and what was found", body = Object), (status = 201, description = "The same, for one that is new", body = Object),
        (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-draft`"), (status = 409, description = "`draft-state`, `nothing-changed`"),
        (status = 412, description = "`precondition-failed`"), (status = 422, description = "`findings`, `invalid-body`"),
        (status = 428, description = "`precondition-required`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn put_factor(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<FactorWish>,
) -> Result<HttpResponse, Problem> {
    let FactorWish { factor, cells, reason } = wish.into_inner();
    let change = match (factor, cells) {
        (Some(factor), None) => EditChange::Factor(Box::new(factor)),
        (None, Some(cells)) => EditChange::Replace(cells),
        _ => return Err(Problem::new("bad-request", "give either `factor` or `cells`")),
    };
    edit(&caller, &request, app, path.into_inner(), change, reason).await
}

/// The cells of a factor that change.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CellsWish {
    /// By column of factors.csv, as text; an empty text clears the cell.
    #[schema(value_type = Object)]
    cells: CellMap,
    /// Why: it stands in the release's record.
    reason: String,
}

/// Changes cells of a factor of the draft
#[utoipa::path(patch, path = "/v1/datasets/{id}/draft/factors/{key}", tag = "drafts", security(("token" = [])), request_body = CellsWish,
    params(("id" = String, Path, description = "Dataset id"), ("key" = String, Path, description = "Key"), ("If-Match" = String, Header, description = "The draft's `ETag`")),
    responses((status = 200, description = "The factor and what was found", body = Object), (status = 400, description = "`bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`, `no-factor`"),
        (status = 409, description = "`draft-state`, `nothing-changed`"), (status = 412, description = "`precondition-failed`"),
        (status = 422, description = "`findings`, `invalid-body`"), (status = 428, description = "`precondition-required`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn patch_factor(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<CellsWish>,
) -> Result<HttpResponse, Problem> {
    let CellsWish { cells, reason } = wish.into_inner();
    edit(&caller, &request, app, path.into_inner(), EditChange::Set(cells), reason).await
}

/// Why something is done.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonWish {
    /// In words.
    pub(super) reason: String,
}

/// Takes a factor out of the draft
#[utoipa::path(delete, path = "/v1/datasets/{id}/draft/factors/{key}", tag = "drafts", security(("token" = [])), request_body = ReasonWish,
    params(("id" = String, Path, description = "Dataset id"), ("key" = String, Path, description = "Key"), ("If-Match" = String, Header, description = "The draft's `ETag`")),
    responses((status = 200, description = "It is gone from the draft", body = Object), (status = 400, description = "`bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`, `no-factor`"),
        (status = 409, description = "`draft-state`"), (status = 412, description = "`precondition-failed`"), (status = 422, description = "`invalid-body`"),
        (status = 428, description = "`precondition-required`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn remove_factor(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
    wish: Json<ReasonWish>,
) -> Result<HttpResponse, Problem> {
    edit(&caller, &request, app, path.into_inner(), EditChange::Remove, wish.into_inner().reason).await
}

async fn edit(
    caller: &Caller,
    request: &HttpRequest,
    app: Data<App>,
    (id, key): (String, String),
    change: EditChange,
    reason: String,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Prepare, &dataset)?.to_owned();
    let seen = seen(request, true)?;
    let edited = at_the_desk(&app, move |app| {
        let new = NewEdit { key: &key, change: &change, reason: &reason };
        desk::edit(app.ground(), &dataset, &new, By::holder(&actor, seen)).map_err(|error| refused(error, seen))
    })
    .await?;
    let findings = json!({"findings": edited.report.findings, "items": edited.report.items});
    let Some(revision) = edited.revision else {
        return Err(Problem::with("findings", "errors were found in the factor; nothing was changed", findings));
    };
    let factor = edited.line.as_deref().map(serde_json::from_slice::<Value>).transpose().map_err(|error| Problem::fault(&error))?;
    let status = if edited.added { HttpResponse::Created() } else { HttpResponse::Ok() };
    let body = json!({"revision": revision, "factor": factor, "findings": edited.report.findings, "items": edited.report.items});
    Ok(unkept(status).insert_header((header::ETAG, entity_tag(revision))).json(body))
}

/// Throws the draft away
#[utoipa::path(delete, path = "/v1/datasets/{id}/draft", tag = "drafts", security(("token" = [])), params(("id" = String, Path, description = "Dataset id")),
    responses((status = 204, description = "There is no draft any more"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-draft`"), (status = 412, description = "`precondition-failed`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn discard_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Prepare, &dataset)?.to_owned();
    let seen = seen(&request, false)?;
    at_the_desk(&app, move |app| desk::discard(app.ground(), &dataset, By::holder(&actor, seen)).map_err(|error| refused(error, seen)))
        .await?;
    Ok(unkept(HttpResponse::NoContent()).finish())
}

/// Which version is wanted: one, or the one that the difference demands; without either, the package's own.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitWish {
    /// MAJOR.MINOR.PATCH.
    #[schema(value_type = Option<String>)]
    version: Option<Version>,
    /// `auto`.
    bump: Option<String>,
}

/// Freezes the draft's lines, version and manifest
#[utoipa::path(post, path = "/v1/datasets/{id}/draft/submit", tag = "drafts", security(("token" = [])), request_body = SubmitWish,
    params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "What reviewers see: version and manifest", body = Object), (status = 400, description = "`bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`"),
        (status = 409, description = "`draft-state`, `nothing-changed`, `conflict`"), (status = 412, description = "`precondition-failed`"),
        (status = 422, description = "`version`, `invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn submit_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Prepare, &dataset)?.to_owned();
    let seen = seen(&request, false)?;
    let wish = match body_or_default::<SubmitWish>(body)? {
        SubmitWish { version: Some(version), bump: None } => VersionWish::Exact(version),
        SubmitWish { version: None, bump: None } => VersionWish::Package,
        SubmitWish { version: None, bump: Some(bump) } if bump == "auto" => VersionWish::Auto,
        SubmitWish { version: None, .. } => {
            return Err(Problem::new("invalid-body", "`bump` is `auto`: the difference says which step it is"));
        }
        SubmitWish { .. } => return Err(Problem::new("invalid-body", "give `version` or `bump`, not both")),
    };
    let submitted = at_the_desk(&app, move |app| {
        desk::submit(app.ground(), &dataset, &wish, By::holder(&actor, seen)).map_err(|error| refused(error, seen))
    })
    .await?;
    Ok(unkept(HttpResponse::Ok()).json(submitted))
}

/// What is said beside an approval.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalWish {
    /// In words; may be left out.
    #[serde(default)]
    comment: String,
    /// The line of a signed note, where the policy names reviewers' keys: `tanyin key approve` makes it.
    signature: Option<String>,
}

/// Approves what was submitted
#[utoipa::path(post, path = "/v1/datasets/{id}/draft/approve", tag = "drafts", security(("token" = [])), request_body = ApprovalWish,
    params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "State, and how many approvals are missing", body = Object), (status = 400, description = "`bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`"),
        (status = 409, description = "`draft-state`, `review`"), (status = 412, description = "`precondition-failed`"),
        (status = 422, description = "`invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn approve_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let reviewer = caller.may(Act::Decide, &dataset)?.to_owned();
    let seen = seen(&request, false)?;
    let wish = body_or_default::<ApprovalWish>(body)?;
    let named = dataset.clone();
    let missing = at_the_desk(&app, move |app| {
        let review = NewReview { reviewer: &reviewer, comment: &wish.comment, signature: wish.signature.as_deref() };
        desk::approve_seen(app.ground(), &dataset, &review, seen).map_err(|error| refused(error, seen))
    })
    .await?;
    let state = if missing == 0 { "approved" } else { "submitted" };
    Ok(unkept(HttpResponse::Ok()).json(json!({"dataset": named, "state": state, "approvals_missing": missing})))
}

/// What is to be changed.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RejectionWish {
    /// In words.
    comment: String,
}

/// Sends what was submitted back to its steward
#[utoipa::path(post, path = "/v1/datasets/{id}/draft/reject", tag = "drafts", security(("token" = [])), request_body = RejectionWish,
    params(("id" = String, Path, description = "Dataset id")),
    responses((status = 200, description = "It can be imported or edited again", body = Object), (status = 400, description = "`bad-request`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"), (status = 404, description = "`no-draft`"),
        (status = 409, description = "`draft-state`, `review`"), (status = 412, description = "`precondition-failed`"),
        (status = 422, description = "`invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn reject_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
    wish: Json<RejectionWish>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let reviewer = caller.may(Act::Decide, &dataset)?.to_owned();
    let seen = seen(&request, false)?;
    let named = dataset.clone();
    at_the_desk(&app, move |app| {
        desk::reject(app.ground(), &dataset, By::holder(&reviewer, seen), &wish.comment).map_err(|error| refused(error, seen))
    })
    .await?;
    Ok(unkept(HttpResponse::Ok()).json(json!({"dataset": named, "state": "rejected"})))
}

/// Publishes what was submitted and approved: the point of no return
#[utoipa::path(post, path = "/v1/datasets/{id}/draft/publish", tag = "drafts", security(("token" = [])),
    params(("id" = String, Path, description = "Dataset id")),
    responses((status = 201, description = "The release", body = Object), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 404, description = "`no-draft`"), (status = 409, description = "`draft-state`, `review`, `conflict`"),
        (status = 412, description = "`precondition-failed`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn publish_draft(
    caller: Caller,
    request: HttpRequest,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let dataset = dataset_id(&id)?;
    let actor = caller.may(Act::Publish, &dataset)?.to_owned();
    let seen = seen(&request, false)?;
    let published = at_the_desk(&app, move |app| {
        let published = desk::publish(app.ground(), &dataset, By::holder(&actor, seen)).map_err(|error| refused(error, seen))?;
        app.follow().map_err(Problem::from)?;
        Ok::<_, Problem>(published)
    })
    .await?;
    let home = format!("/v1/datasets/{}/releases/{}", published.dataset, published.version);
    let body = json!({"dataset": published.dataset, "version": published.version.to_string(), "manifest": published.manifest, "leaf": published.seq});
    Ok(unkept(HttpResponse::Created()).insert_header((header::LOCATION, home)).json(body))
}
