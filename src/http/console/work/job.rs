//! `/work/imports/{number}`: how far an import is, and what came of it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::Value;

use super::super::visitor::Visitor;
use crate::dataset::Act;
use crate::desk::{self, JobOutcome};
use crate::http::draft::dataset_id;
use crate::http::imports::{has_ended, number};
use crate::http::progress::events;
use crate::http::tokens::{at_the_desk, unkept};
use crate::http::{App, Problem};
use crate::store::ImportJob;
use crate::validate::Finding;
use crate::web::work::{Found, Job};

/// Findings that are listed.
const LISTED: usize = 300;

async fn seen(app: &Data<App>, visitor: &Visitor, id: &str) -> Result<(ImportJob, JobOutcome), Problem> {
    visitor.may_anywhere(Act::ReadDraft)?;
    let number = number(id)?;
    let (job, outcome) = at_the_desk(app, move |app| desk::job(app.ground(), number)).await?;
    visitor.may(Act::ReadDraft, &dataset_id(&job.dataset)?)?;
    Ok((job, outcome))
}

/// One import.
pub(in crate::http::console) async fn job_page(app: Data<App>, visitor: Visitor, id: Path<String>) -> Result<HttpResponse, Problem> {
    visitor.takes_nothing()?;
    let (job, outcome) = seen(&app, &visitor, &id).await?;
    let import = outcome.import.unwrap_or_default();
    let items: Vec<Finding> = import.get("items").cloned().and_then(|items| serde_json::from_value(items).ok()).unwrap_or_default();
    let number = |path: &str| import.pointer(path).and_then(Value::as_u64);
    let say = |zh: &str, en: &str| visitor.lang.say(zh, en);
    let counts = [
        (say("行", "rows"), number("/rows")),
        (say("个因子", "factors"), number("/produced")),
        (say("新增", "added"), number("/difference/counts/added")),
        (say("数值改变", "other number"), number("/difference/counts/number")),
        (say("含义改变", "other meaning"), number("/difference/counts/meaning")),
        (say("移除", "removed"), number("/difference/counts/removed")),
        (say("提醒", "warnings"), number("/findings/warning")),
    ];
    let page = Job {
        frame: visitor.frame().with_data(format!("/v1/imports/{}", job.id)),
        ended: has_ended(job.state),
        rows: app.imports().rows(job.id).unwrap_or(0),
        message: outcome.message.unwrap_or_default(),
        counts: counts.into_iter().filter_map(|(words, count)| Some((words, count?))).collect(),
        items: items.iter().take(LISTED).map(Found::from).collect(),
        total_items: items.len(),
        job,
    };
    visitor.page(page.render())
}

/// The same as it happens, for the page's script.
pub(in crate::http::console) async fn job_events(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (job, _) = seen(&app, &visitor, &id).await?;
    let mut response = unkept(HttpResponse::Ok());
    response.content_type("text/event-stream").insert_header(("X-Accel-Buffering", "no"));
    if request.method() == actix_web::http::Method::HEAD {
        return Ok(response.finish());
    }
    let listener = app.imports().listen().ok_or_else(|| Problem::new("queue-full", "too many listen already: load the page again"))?;
    Ok(response.streaming(events(app, listener, job.id)))
}
