//! `/work/webhooks`: who is told of what is released; tests, deliveries, sending again.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::super::visitor::Visitor;
use super::form::{self, Form, see};
use super::{Done, Wrong, under};
use crate::dataset::Act;
use crate::feed::{
    EVENT_TYPES, NewWebhook, WebhookChange, WebhookError, change_webhook, create_webhook, delete_webhook, list_webhooks, show_webhook,
    webhook_deliveries,
};
use crate::http::body::Arriving;
use crate::http::tokens::at_the_desk;
use crate::http::webhooks::expect_allowed;
use crate::http::{App, Problem};
use crate::web::work::{Told, WebhookOf, Webhooks};

/// Deliveries on a page.
const DELIVERIES: i64 = 50;

/// All webhooks.
pub(in crate::http::console) async fn webhooks_page(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show_all(&app, &visitor, None, told).await
}

async fn show_all(app: &Data<App>, visitor: &Visitor, made: Option<(String, String)>, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::Subscribe)?;
    let hooks = at_the_desk(app, |app| list_webhooks(app.ground())).await?;
    let datasets = app.catalogue().datasets().map(|(id, _)| id.to_owned()).collect();
    let page = Webhooks { frame: visitor.frame().with_data("/v1/webhooks"), hooks, types: &EVENT_TYPES, datasets, made, told };
    visitor.page(page.render())
}

/// Makes one.
pub(in crate::http::console) async fn act_on_webhooks(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let actor = visitor.may_anywhere(Act::Subscribe)?;
    let form = form::read(&request, &visitor, body).await?;
    match create(&app, actor, &form).await {
        Ok(made) => show_all(&app, &visitor, Some(made), Told::default()).await,
        Err(problem) => {
            // a dataset that is not there is a word that was typed wrong
            let problem = if problem.code() == "no-dataset" { Problem::new("invalid-body", problem.detail().to_owned()) } else { problem };
            let (told, status) = Wrong::at("create")(problem).told(&visitor, form.typed())?;
            Ok(under(status, show_all(&app, &visitor, None, told).await?))
        }
    }
}

async fn create(app: &Data<App>, actor: String, form: &Form) -> Result<(String, String), Problem> {
    let url = form.text("url").trim().to_owned();
    expect_allowed(app, &url)?;
    let datasets = form.text("datasets").split([' ', ',', '\n']).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let new = NewWebhook { url, datasets, types: form.all("type").map(str::to_owned).collect(), after: None };
    let hook = at_the_desk(app, move |app| create_webhook(app.ground(), &app.catalogue(), &new, &actor)).await?;
    Ok((hook.id.clone(), hook.secret.clone()))
}

/// One webhook.
pub(in crate::http::console) async fn webhook_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let told = Done::of(&visitor)?;
    show(&app, &visitor, &id, None, told).await
}

async fn show(app: &Data<App>, visitor: &Visitor, id: &str, made: Option<String>, told: Told) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::Subscribe)?;
    let id = id.to_owned();
    let (hook, deliveries) = at_the_desk(app, move |app| {
        let hook = show_webhook(app.ground(), &id)?;
        Ok::<_, WebhookError>((hook, webhook_deliveries(app.ground(), &id, None, DELIVERIES)?))
    })
    .await?;
    let frame = visitor.frame().with_data(format!("/v1/webhooks/{}", hook.id));
    visitor.page(WebhookOf { frame, hook, deliveries, made, told }.render())
}

/// What an act on a webhook came to.
enum Came {
    /// To its page again.
    Back(&'static str),
    /// To a secret that is shown this once.
    Secret(String),
    /// It is gone.
    Gone,
}

/// Tests, switches, rotates, sends again, deletes.
pub(in crate::http::console) async fn act_on_webhook(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
    body: Arriving,
) -> Result<HttpResponse, Problem> {
    let actor = visitor.may_anywhere(Act::Subscribe)?;
    let form = form::read(&request, &visitor, body).await?;
    match act(&app, &id, actor, &form).await {
        Ok(Came::Back(done)) => Ok(see(&format!("/work/webhooks/{id}?done={done}"))),
        Ok(Came::Secret(secret)) => show(&app, &visitor, &id, Some(secret), Told::default()).await,
        Ok(Came::Gone) => Ok(see("/work/webhooks?done=deleted")),
        Err(problem) => {
            let (told, status) = Wrong::at("hook")(problem).told(&visitor, form.typed())?;
            Ok(under(status, show(&app, &visitor, &id, None, told).await?))
        }
    }
}

async fn act(app: &Data<App>, id: &str, actor: String, form: &Form) -> Result<Came, Problem> {
    let id = id.to_owned();
    let change = match form.text("act") {
        "on" => WebhookChange { active: Some(true), ..WebhookChange::default() },
        "off" => WebhookChange { active: Some(false), ..WebhookChange::default() },
        "rotate" => WebhookChange { rotate_secret: true, ..WebhookChange::default() },
        "test" => return at_the_desk(app, move |app| app.courier()?.test(&id)).await.map(|_| Came::Back("sent")),
        "redeliver" => {
            let number = form.number("delivery").unwrap_or(-1);
            let send = move |app: &App| app.courier()?.redeliver(&app.catalogue(), &id, number);
            return at_the_desk(app, send).await.map(|_| Came::Back("sent"));
        }
        "delete" if form.text("sure") == "yes" => {
            return at_the_desk(app, move |app| delete_webhook(app.ground(), &id, &actor)).await.map(|()| Came::Gone);
        }
        _ => return Err(Problem::new("invalid-body", "say what is to be done, and that you are sure")),
    };
    let rotates = change.rotate_secret;
    let hook = at_the_desk(app, move |app| change_webhook(app.ground(), &app.catalogue(), &id, &change, &actor)).await?;
    Ok(if rotates { Came::Secret(hook.secret.clone()) } else { Came::Back("changed") })
}
