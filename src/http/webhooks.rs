//! Subscriptions to public facts over HTTP, for whoever keeps datasets.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json, Path, Query};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::datasets::NoParameters;
use super::tokens::{at_the_desk, unkept};
use super::{App, Problem};
use crate::dataset::Act;
use crate::desk::DeskError;
use crate::feed::{
    NewWebhook, WebhookChange, WebhookError, change_webhook, create_webhook, delete_webhook, delivery_members, list_webhooks, receiver_url,
    show_webhook, webhook_deliveries, webhook_members,
};

/// Attempts of an answer that names no limit, and the most.
const DELIVERIES: [i64; 2] = [50, 1000];

impl From<WebhookError> for Problem {
    fn from(error: WebhookError) -> Self {
        let detail = error.to_string();
        match error {
            WebhookError::Release(error) => DeskError::from(error).into(),
            WebhookError::NoDataset { nearest, .. } => {
                Self::with("no-dataset", detail, json!({"parameter": "datasets", "nearest": nearest}))
            }
            WebhookError::NoType { nearest, .. } => {
                let members = json!({"parameter": "types", "valid": crate::feed::EVENT_TYPES, "nearest": nearest});
                Self::with("invalid-body", detail, members)
            }
            WebhookError::After { last } => Self::with("invalid-body", detail, json!({"parameter": "after", "last": last})),
            WebhookError::Url(_) => Self::with("invalid-body", detail, json!({"parameter": "url"})),
            WebhookError::TooMany | WebhookError::NoChange => Self::new("invalid-body", detail),
            WebhookError::NoWebhook(_) => Self::new("no-webhook", detail),
            WebhookError::NoDelivery { .. } => Self::new("no-delivery", detail),
        }
    }
}

/// What a subscription is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookWish {
    /// Where notices are sent: https, and a public address.
    #[schema(max_length = 2000)]
    url: String,
    /// Ids of datasets; all if left out.
    #[serde(default)]
    datasets: Vec<String>,
    /// Types of events, as in /v1/events; all if left out.
    #[serde(default)]
    types: Vec<String>,
    /// The place in the log after which events are told; what comes from now on if left out, -1 for everything.
    #[schema(minimum = -1)]
    after: Option<i64>,
}

/// What is to be other than before.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookPatch {
    /// Where notices are sent.
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// Ids of datasets; empty: all.
    datasets: Option<Vec<String>>,
    /// Types of events; empty: all.
    types: Option<Vec<String>>,
    /// Whether notices are sent. Switched on, it goes on where it was stopped.
    active: Option<bool>,
    /// Makes a new secret; the one before signs beside it for a day.
    #[serde(default)]
    rotate_secret: bool,
}

/// All webhooks, without their secrets
#[utoipa::path(get, path = "/v1/webhooks", tag = "events", security(("token" = [])),
    responses((status = 200, description = "`{\"webhooks\":[…]}`", body = Object), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `read-only`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn list_hooks(caller: Caller, app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Subscribe)?;
    let hooks = at_the_desk(&app, |app| list_webhooks(app.ground())).await?;
    let hooks: Vec<Value> = hooks.iter().map(webhook_members).collect();
    Ok(unkept(HttpResponse::Ok()).json(json!({"webhooks": hooks})))
}

/// Makes a webhook; the answer alone holds its secret
#[utoipa::path(post, path = "/v1/webhooks", tag = "events", security(("token" = [])), request_body = WebhookWish,
    responses((status = 201, description = "The webhook, with `secret`: it cannot be had again", body = Object), (status = 400, description = "`bad-request`, `unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-dataset`"), (status = 413, description = "`body-too-large`"),
        (status = 422, description = "`invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn create_hook(
    caller: Caller,
    app: Data<App>,
    _: Query<NoParameters>,
    wish: Json<WebhookWish>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.may_anywhere(Act::Subscribe)?.to_owned();
    let WebhookWish { url, datasets, types, after } = wish.into_inner();
    expect_allowed(&app, &url)?;
    let new = NewWebhook { url, datasets, types, after };
    let hook = at_the_desk(&app, move |app| create_webhook(app.ground(), &app.catalogue(), &new, &actor)).await?;
    let mut body = webhook_members(&hook);
    body["secret"] = Value::String(hook.secret.clone());
    Ok(unkept(HttpResponse::Created()).insert_header(("Location", format!("/v1/webhooks/{}", hook.id))).json(body))
}

/// What would be refused at every attempt is refused at once.
pub(super) fn expect_allowed(app: &App, url: &str) -> Result<(), Problem> {
    let url = receiver_url(url).map_err(WebhookError::from)?;
    Ok(app.webhook_allowed().check(&url).map_err(WebhookError::from)?)
}

/// One webhook, without its secret
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "events", security(("token" = [])), params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook; `seen` is the place in the log up to which it was told", body = Object), (status = 400, description = "`unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-webhook`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn show_hook(caller: Caller, app: Data<App>, id: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Subscribe)?;
    let hook = at_the_desk(&app, move |app| show_webhook(app.ground(), &id)).await?;
    Ok(unkept(HttpResponse::Ok()).json(webhook_members(&hook)))
}

/// Changes a webhook
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "events", security(("token" = [])), request_body = WebhookPatch, params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "The webhook; with `secret` where a new one was wanted", body = Object), (status = 400, description = "`bad-request`, `unknown-parameter`"),
        (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-webhook`, `no-dataset`"), (status = 413, description = "`body-too-large`"),
        (status = 422, description = "`invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn change_hook(
    caller: Caller,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
    wish: Json<WebhookPatch>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.may_anywhere(Act::Subscribe)?.to_owned();
    let WebhookPatch { url, datasets, types, active, rotate_secret } = wish.into_inner();
    if let Some(url) = &url {
        expect_allowed(&app, url)?;
    }
    let change = WebhookChange { url, datasets, types, active, rotate_secret };
    let hook = at_the_desk(&app, move |app| change_webhook(app.ground(), &app.catalogue(), &id, &change, &actor)).await?;
    let mut body = webhook_members(&hook);
    if rotate_secret {
        body["secret"] = Value::String(hook.secret.clone());
    }
    Ok(unkept(HttpResponse::Ok()).json(body))
}

/// Removes a webhook and its deliveries
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "events", security(("token" = [])), params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is gone"), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`, `read-only`"),
        (status = 404, description = "`no-webhook`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn delete_hook(caller: Caller, app: Data<App>, id: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    let actor = caller.may_anywhere(Act::Subscribe)?.to_owned();
    at_the_desk(&app, move |app| delete_webhook(app.ground(), &id, &actor)).await?;
    Ok(unkept(HttpResponse::NoContent()).finish())
}

/// Sends a test now
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "events", security(("token" = [])), params(("id" = String, Path, description = "Its id")),
    responses((status = 200, description = "What came of it: `outcome` is `delivered` or `failed`", body = Object), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-webhook`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn test_hook(caller: Caller, app: Data<App>, id: Path<String>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Subscribe)?;
    let delivery = at_the_desk(&app, move |app| app.courier()?.test(&id)).await?;
    Ok(unkept(HttpResponse::Ok()).json(delivery_members(&delivery)))
}

/// Which attempts.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DeliveriesQuery {
    /// Attempts before this one; `next` of the answer before. The newest if left out
    #[param(pattern = "^[0-9]{1,18}$")]
    before: Option<String>,
    /// The most of one answer, 1 to 1000; 50 if left out
    #[param(pattern = "^([1-9][0-9]{0,2}|1000)$")]
    limit: Option<String>,
}

/// The attempts to tell a webhook something, newest first; of each webhook the last 1000 are kept
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "events", security(("token" = [])), params(("id" = String, Path, description = "Its id"), DeliveriesQuery),
    responses((status = 200, description = "`{\"deliveries\":[{\"delivery\":7,\"kind\":\"event\",\"seq\":3,\"attempt\":1,\"at\":…,\"status\":200,…}],\"next\":null}`", body = Object),
        (status = 400, description = "`unknown-parameter`, `bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-webhook`"),
        (status = 422, description = "`invalid-parameter`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn list_deliveries(
    caller: Caller,
    app: Data<App>,
    id: Path<String>,
    query: Query<DeliveriesQuery>,
) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Subscribe)?;
    let before = super::events::number("before", query.before.as_deref(), 0..=i64::MAX)?;
    let limit = super::events::number("limit", query.limit.as_deref(), 1..=DELIVERIES[1])?.unwrap_or(DELIVERIES[0]);
    let mut deliveries = at_the_desk(&app, move |app| webhook_deliveries(app.ground(), &id, before, limit + 1)).await?;
    let more = i64::try_from(deliveries.len()).is_ok_and(|count| count > limit);
    if more {
        deliveries.pop();
    }
    let next = deliveries.last().filter(|_| more).map(|delivery| delivery.id);
    let deliveries: Vec<Value> = deliveries.iter().map(delivery_members).collect();
    Ok(unkept(HttpResponse::Ok()).json(json!({"deliveries": deliveries, "next": next})))
}

/// Sends again what a delivery sent, now and under the same id
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{number}/redeliver", tag = "events", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the webhook"), ("number" = String, Path, description = "Number of the delivery")),
    responses((status = 200, description = "What came of it: `outcome` is `delivered` or `failed`", body = Object), (status = 400, description = "`unknown-parameter`"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`, `read-only`"), (status = 404, description = "`no-webhook`, `no-delivery`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn redeliver(
    caller: Caller,
    app: Data<App>,
    path: Path<(String, String)>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Subscribe)?;
    let (id, number) = path.into_inner();
    let shown: String = number.chars().take(40).collect();
    let number = number.parse::<i64>().map_err(|_| Problem::new("no-delivery", format!("`{shown}` is no number of a delivery")))?;
    let delivery = at_the_desk(&app, move |app| app.courier()?.redeliver(&app.catalogue(), &id, number)).await?;
    Ok(unkept(HttpResponse::Ok()).json(delivery_members(&delivery)))
}
