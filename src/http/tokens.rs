//! Tokens over HTTP, for admins.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::Caller;
use super::datasets::NoParameters;
use super::{App, Problem};
use crate::dataset::{Act, Role};
use crate::desk::{self, NewToken, expiry, token_members};

/// All tokens, without their secrets
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", security(("token" = [])),
    responses((status = 200, description = "`{\"tokens\":[…]}`", body = Object), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn list_tokens(caller: Caller, app: Data<App>, _: Query<NoParameters>) -> Result<HttpResponse, Problem> {
    caller.may_anywhere(Act::Administer)?;
    let tokens = at_the_desk(&app, |app| desk::list_tokens(app.ground())).await?;
    let grants = at_the_desk(&app, |app| desk::list_grants(app.ground())).await?;
    let members = tokens.iter().map(|token| {
        let mut members = token_members(token);
        members["grants"] = json!(grants.get(&token.id).cloned().unwrap_or_default());
        members
    });
    Ok(unkept(HttpResponse::Ok()).json(json!({"tokens": members.collect::<Vec<_>>()})))
}

/// Whose token it is to be.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenWish {
    /// The person: their name stands in events, approvals and records.
    name: String,
    /// What it lets them do.
    role: Role,
    /// The last day on which it works (UTC), YYYY-MM-DD, or the moment from which on it is refused (RFC 3339); without it, it
    /// works until it is revoked.
    expires: Option<String>,
}

/// Makes a token; the answer alone holds it
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", security(("token" = [])), request_body = TokenWish,
    responses((status = 201, description = "The token in `token`: it cannot be had again", body = Object),
        (status = 400, description = "`bad-request`"), (status = 401, description = "`unauthorized`"), (status = 403, description = "`forbidden`"),
        (status = 422, description = "`invalid-body`"), (status = 503, description = "`database-unavailable`")))]
pub(super) async fn create_token(
    caller: Caller,
    app: Data<App>,
    _: Query<NoParameters>,
    wish: Json<TokenWish>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.may_anywhere(Act::Administer)?.to_owned();
    let wish = wish.into_inner();
    let expires_at = wish.expires.as_deref().map(expiry).transpose().map_err(|why| Problem::new("invalid-body", why))?;
    let (token, shown) = at_the_desk(&app, move |app| {
        let new = NewToken { name: &wish.name, role: wish.role, expires_at };
        desk::create_token(app.ground(), &new, &actor)
    })
    .await?;
    let mut object = token_members(&token);
    object["token"] = Value::String(shown.to_string());
    Ok(unkept(HttpResponse::Created()).insert_header(("Location", format!("/v1/tokens/{}", token.id))).json(object))
}

/// Revokes a token for ever
#[utoipa::path(delete, path = "/v1/tokens/{id}", tag = "tokens", security(("token" = [])), params(("id" = String, Path, description = "Its id")),
    responses((status = 204, description = "It is refused from now on"), (status = 401, description = "`unauthorized`"),
        (status = 403, description = "`forbidden`"), (status = 404, description = "`no-token`"),
        (status = 503, description = "`database-unavailable`")))]
pub(super) async fn revoke_token(
    caller: Caller,
    app: Data<App>,
    id: Path<String>,
    _: Query<NoParameters>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.may_anywhere(Act::Administer)?.to_owned();
    at_the_desk(&app, move |app| desk::revoke_token(app.ground(), &id, &actor)).await?;
    Ok(unkept(HttpResponse::NoContent()).finish())
}

/// Does something that waits for disk and database, away from the threads that answer.
pub(super) async fn at_the_desk<T, E>(app: &Data<App>, work: impl FnOnce(&App) -> Result<T, E> + Send + 'static) -> Result<T, Problem>
where
    T: Send + 'static,
    E: Into<Problem> + Send + 'static,
{
    let app = app.clone();
    web::block(move || work(&app)).await.map_err(|error| Problem::fault(&error))?.map_err(Into::into)
}

/// An answer that is for one caller alone.
pub(super) fn unkept(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header(("Cache-Control", "no-store"));
    response
}
