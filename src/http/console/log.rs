//! `/log`: the newest checkpoint, how the log grew, its leaves.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::drawn::drawn;
use super::rows::titles;
use super::visitor::Visitor;
use crate::http::address::public_base;
use crate::http::{App, Problem};
use crate::release::KEY_NAME;
use crate::web::{LEAVES, ShownLog, log_chart, log_page};

/// The parameters of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogQuery {
    /// Page of leaves, from 1
    page: Option<String>,
    /// `growth`, where the chart alone is wanted
    chart: Option<String>,
    /// `svg` or `csv`
    #[serde(rename = "as")]
    form: Option<String>,
}

/// The log.
pub(super) async fn log(request: HttpRequest, app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let query: LogQuery = visitor.read()?;
    let catalogue = app.catalogue();
    let checkpoint =
        catalogue.checkpoint().ok_or_else(|| Problem::new("no-log", "nothing was ever published here, not even an empty log"))?;
    let facts = catalogue.public_facts();
    if let Some(name) = query.chart {
        let chart = (name == "growth").then(|| log_chart(facts, visitor.lang));
        return drawn(chart, query.form.as_deref(), "log-growth");
    }
    let page = read_page(query.page.as_deref(), facts.len())?;
    let described = catalogue.datasets().filter_map(|(_, releases)| releases.latest().or_else(|| releases.all().next_back()));
    let sight = visitor.sight(described.map(AsRef::as_ref))?;
    let keys = app.ground().blobs().read_named(KEY_NAME).map_err(|error| Problem::fault(&error))?.unwrap_or_default();
    let shown = ShownLog {
        checkpoint,
        keys: &String::from_utf8_lossy(&keys),
        facts,
        titles: titles(&catalogue, &sight.who, visitor.lang),
        page,
        base: public_base(&app, &request).unwrap_or_default(),
    };
    visitor.page(log_page(visitor.frame().with_data("/v1/events"), &shown))
}

fn read_page(text: Option<&str>, facts: usize) -> Result<usize, Problem> {
    let last = facts.div_ceil(LEAVES).max(1);
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(1) };
    text.parse()
        .ok()
        .filter(|page| (1..=last).contains(page))
        .ok_or_else(|| Problem::with("invalid-parameter", format!("`page`: it is a number from 1 to {last}"), json!({"parameter": "page"})))
}
