//! One chart of a page, as a file.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use serde_json::json;

use crate::http::Problem;
use crate::web::charts::Chart;

/// A chart as `svg` or `csv`; a refusal where the page has no such chart, or there is no such form.
pub(super) fn drawn(chart: Option<Chart>, form: Option<&str>, name: &str) -> Result<HttpResponse, Problem> {
    let chart = chart
        .ok_or_else(|| Problem::with("invalid-parameter", "`chart`: this page has no chart of that name", json!({"parameter": "chart"})))?;
    let (body, media_type, ending) = match form {
        None | Some("svg") => (chart.file(), "image/svg+xml", "svg"),
        Some("csv") => (chart.csv(), "text/csv; charset=utf-8", "csv"),
        Some(other) => {
            let given: String = other.chars().take(80).collect();
            let members = json!({"parameter": "as", "given": given, "valid": ["svg", "csv"]});
            return Err(Problem::with("invalid-parameter", "`as`: it is none of its values", members));
        }
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' };
    let name: String = name.chars().map(plain).take(150).collect();
    Ok(HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .body(body))
}
