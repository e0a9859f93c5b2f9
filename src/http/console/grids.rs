//! `/charts/grid`: the grid factors of Chinese provinces, year by year.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Deserialize;
use serde_json::json;

use super::drawn::drawn;
use super::visitor::Visitor;
use crate::factor::Factor;
use crate::http::{App, Problem};
use crate::product::{grids, latest_releases};
use crate::web::{GridView, grid_charts, grid_named, grid_page};

/// The parameters of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GridQuery {
    grid: Option<String>,
    year: Option<String>,
    chart: Option<String>,
    #[serde(rename = "as")]
    form: Option<String>,
}

/// The page, or one of its charts.
pub(super) async fn grid(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let query: GridQuery = visitor.read()?;
    let catalogue = app.catalogue();
    let sight = visitor.sight(latest_releases(&catalogue, i64::MAX).iter().map(AsRef::as_ref))?;
    let all = grids(&catalogue, &sight.who);
    let none = || Problem::new("no-match", "no release here has electricity factors of Chinese provinces");
    let wrong = |parameter: &str, detail: &str, valid: Vec<String>| {
        Problem::with("invalid-parameter", detail.to_owned(), json!({"parameter": parameter, "valid": valid}))
    };
    let own = match query.grid.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => grid_named(&all, name).ok_or_else(|| wrong("grid", "`grid`: there is no such grid here", Vec::new()))?,
        None => all.first().ok_or_else(none)?,
    };
    // whoever changes the data keeps the year where there is one
    let asked = query.year.as_deref().filter(|year| !year.is_empty());
    let years = own.years();
    let year = match asked.map(str::parse::<i32>) {
        Some(Err(_)) => return Err(wrong("year", "`year`: it is not a year", years.iter().map(i32::to_string).collect())),
        Some(Ok(year)) if years.contains(&year) => year,
        Some(Ok(_)) | None => *years.first().ok_or_else(none)?,
    };
    let regions = own.of(year);
    let first = regions.first().ok_or_else(none)?;
    let sample = Factor::from_line(own.release.data.line_bytes(first.number)).map_err(|error| Problem::fault(&error))?;
    let view = GridView { grids: &all, own, year, regions: &regions, sample: &sample };
    if let Some(name) = query.chart {
        let chart = grid_charts(view, visitor.lang).into_iter().find(|chart| chart.told.id == name);
        return drawn(chart, query.form.as_deref(), &format!("{}-{year}-{name}", own.release.id()));
    }
    let data = format!("/v1/factors?dataset={}&activity={}&year={year}", own.release.id(), own.activity);
    visitor.page(grid_page(visitor.frame().with_data(data), view))
}
