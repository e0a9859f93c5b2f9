//! `/work/tokens`: made, shown once, granted datasets, revoked.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::visitor::Visitor;
use super::form::{self, Form};
use super::{Done, Wrong, answered};
use crate::dataset::{Act, DatasetId, Role};
use crate::desk::{self, DeskError, NewToken};
use crate::http::body::Arriving;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::store::Token;
use crate::web::work::{Tokens, Told};

/// All tokens.
pub(in crate::http::console) async fn tokens_page(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show(&app, &visitor, None, told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, made: Option<(Token, String)>, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::Administer)?;
    let (tokens, mut grants, now) = at_the_desk(app, |app| {
        Ok::<_, DeskError>((desk::list_tokens(app.ground())?, desk::list_grants(app.ground())?, app.ground().now()))
    })
    .await?;
    let tokens = tokens.into_iter().rev().map(|token| {
        let own = grants.remove(&token.id).unwrap_or_default();
        (token, own)
    });
    let page = Tokens { frame: visitor.frame().with_data("/v1/tokens"), tokens: tokens.collect(), now, made, told };
    visitor.page(page.render())
}

/// Makes, grants, revokes.
pub(in crate::http::console) async fn act_on_tokens(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let actor = visitor.may_anywhere(Act::Administer)?;
    let form = form::read(&request, &visitor, body).await?;
    let done = match form.text("act") {
        "create" => match create(&app, actor, &form).await {
            // it is shown in the answer alone: another page would have to keep it
            Ok(made) => return show(&app, &visitor, Some(made), Told::default()).await,
            Err(problem) => Err(Wrong::at("create")(problem)),
        },
        _ => change(&app, actor, &form).await.map_err(Wrong::at("token")),
    };
    let done = done.map(|done| format!("/work/tokens?done={done}"));
    answered(&visitor, &form, done, async |told| show(&app, &visitor, None, told).await).await
}

async fn create(app: &Data<App>, actor: String, form: &Form) -> Result<(Token, String), Problem> {
    let role = Role::from_name(form.text("role")).ok_or_else(|| Problem::new("invalid-body", "choose a role"))?;
    let expires_at = form.filled("expires").map(desk::expiry).transpose().map_err(|why| Problem::new("invalid-body", why))?;
    let name = form.text("name").to_owned();
    let made = at_the_desk(app, move |app| desk::create_token(app.ground(), &NewToken { name: &name, role, expires_at }, &actor)).await?;
    Ok((made.0, made.1.to_string()))
}

async fn change(app: &Data<App>, actor: String, form: &Form) -> Result<&'static str, Problem> {
    let id = form.text("id").to_owned();
    match form.text("act") {
        "revoke" if form.text("sure") == "yes" => {
            at_the_desk(app, move |app| desk::revoke_token(app.ground(), &id, &actor)).await?;
            Ok("revoked")
        }
        "grant" => {
            let dataset = form.text("dataset").trim().parse::<DatasetId>();
            let dataset = dataset.map_err(|error| Problem::new("invalid-body", error.to_string()))?;
            let granted = at_the_desk(app, move |app| desk::grant(app.ground(), &id, &dataset, &actor)).await;
            // a dataset that is not there is a word that was typed wrong
            granted.map_err(|problem| Problem::new("invalid-body", problem.detail().to_owned()))?;
            Ok("granted")
        }
        _ => Err(Problem::new("invalid-body", "say that you are sure")),
    }
}
