//! `/work/events`: the desk's own record.

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use url::form_urlencoded;

use super::super::visitor::Visitor;
use crate::dataset::Act;
use crate::desk;
use crate::http::tokens::at_the_desk;
use crate::http::{App, Problem};
use crate::web::work::Events;

/// Events on a page.
const LISTED: i64 = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    dataset: Option<String>,
    before: Option<String>,
}

/// Who did what when.
pub(in crate::http::console) async fn events_page(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    visitor.may_anywhere(Act::ReadDraft)?;
    let query: Query = visitor.read()?;
    let before = query.before.as_deref().and_then(|text| text.parse::<i64>().ok()).unwrap_or(i64::MAX);
    let dataset = query.dataset.unwrap_or_default().trim().to_owned();
    // what is no id is nobody's, and a NUL is no text to PostgreSQL
    let known = dataset.is_empty() || dataset.parse::<crate::dataset::DatasetId>().is_ok();
    let wanted = dataset.clone();
    let read = move |app: &App| match known {
        true => desk::acts(app.ground(), before, Some(wanted.as_str()).filter(|own| !own.is_empty()), LISTED),
        false => Ok(Vec::new()),
    };
    let mut events = at_the_desk(&app, read).await?;
    let full = i64::try_from(events.len()).is_ok_and(|count| count == LISTED);
    let last = events.last().map(|event| event.seq).filter(|seq| full && *seq > 1);
    if !visitor.offers(Act::Administer) {
        // who may do what is for those who administer it
        events.retain(|event| !["token.", "grant.", "session."].iter().any(|start| event.act.starts_with(start)));
    }
    let older = last.map(|seq| {
        let pairs = [("dataset", dataset.as_str()), ("before", &seq.to_string())].map(|(name, value)| (name, value.to_owned()));
        let filled = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        format!("/work/events?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(filled).finish())
    });
    visitor.page(Events { frame: visitor.frame(), events, dataset, older }.render())
}
