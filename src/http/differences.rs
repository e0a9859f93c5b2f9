//! The difference of two releases, as data or as a page, and what became of keys between them.

use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::factors::no_factor;
use super::{App, Problem};
use crate::bulk::{DifferenceFormat, Listing, Order, Sides, list_changes, write_difference};
use crate::dataset::Act;
use crate::web::{Lang, PAGE_POLICY, difference_page};

/// The parameters of a difference.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DiffQuery {
    /// `json`, `ndjson`, `csv` or `html`; as `Accept` prefers if left out, else JSON
    format: Option<String>,
    /// `key`, or `magnitude`: the largest move of a value first; `magnitude` for a page, else `key`, if left out
    sort: Option<String>,
    /// Changes listed, 1 to 1000000; 200 on a page, else all, if left out
    limit: Option<String>,
    /// Language of a page: `en` or `zh`
    lang: Option<String>,
}

const FORMATS: [(&str, Form); 4] = [
    ("json", Form::Data(DifferenceFormat::Json, "application/json")),
    ("ndjson", Form::Data(DifferenceFormat::Ndjson, "application/x-ndjson")),
    ("csv", Form::Data(DifferenceFormat::Csv, "text/csv; charset=utf-8")),
    ("html", Form::Page),
];

/// What is answered with.
#[derive(Clone, Copy)]
enum Form {
    Data(DifferenceFormat, &'static str),
    Page,
}

/// Changes on a page.
const PAGE_CHANGES: usize = 200;

/// One of a parameter's values, or a refusal that lists them.
pub(super) fn choose<T: Copy>(parameter: &str, given: Option<&str>, values: &[(&str, T)]) -> Result<Option<T>, Problem> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else { return Ok(None) };
    let found = values.iter().find(|(name, _)| *name == given).map(|(_, value)| Some(*value));
    found.ok_or_else(|| {
        let shown: String = given.chars().take(80).collect();
        let valid: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        Problem::with(
            "invalid-parameter",
            format!("`{parameter}`: it is none of its values"),
            json!({"parameter": parameter, "given": shown, "valid": valid}),
        )
    })
}

/// The form that `Accept` prefers (RFC 9110, 12.5.1): the first of the highest weight; wildcards mean JSON.
fn accepted(request: &HttpRequest) -> Form {
    let text: Vec<&str> = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    let mut best: Option<(u32, Form)> = None;
    for range in text.iter().flat_map(|text| text.split(',')).take(50) {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
        let form = match media.as_str() {
            "text/html" | "application/xhtml+xml" => Form::Page,
            "application/json" => Form::Data(DifferenceFormat::Json, "application/json"),
            "application/x-ndjson" => Form::Data(DifferenceFormat::Ndjson, "application/x-ndjson"),
            "text/csv" => Form::Data(DifferenceFormat::Csv, "text/csv; charset=utf-8"),
            _ => continue,
        };
        if weight > 0 && best.is_none_or(|(own, _)| weight > own) {
            best = Some((weight, form));
        }
    }
    best.map_or(Form::Data(DifferenceFormat::Json, "application/json"), |(_, form)| form)
}

/// Whether `Accept` prefers a page to data.
pub(super) fn accepts_page(request: &HttpRequest) -> bool {
    matches!(accepted(request), Form::Page)
}

/// A weight (`0.8`) in thousandths; what does not read counts nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = format!("{part:0<3}").chars().take(3).collect();
    let read = |text: &str| text.parse::<u32>().unwrap_or(0);
    (read(whole) * 1000 + read(&digits)).min(1000)
}

/// The difference of two releases, factor by factor
#[utoipa::path(get, path = "/v1/datasets/{id}/diff/{range}", tag = "datasets",
    params(("id" = String, Path, description = "Dataset id"), ("range" = String, Path, description = "FROM...TO, such as 1.0.0...1.1.0"), DiffQuery),
    responses((status = 200, description = "The difference: as JSON counts, reasons of the version, members, magnitudes, possible renames and changes; as NDJSON a change a line; as CSV a changed member a row; as a page", content((Object = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"), (String = "text/html"))),
        (status = 404, description = "`no-dataset`, `no-release`"), (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn diff_releases(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    query: Query<DiffQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, range) = path.into_inner();
    let wanted = query.wanted(&request)?;
    let Some((from, to)) = range.split_once("...") else {
        return Err(Problem::with(
            "invalid-parameter",
            "the path ends with FROM...TO, such as 1.0.0...1.1.0",
            json!({"parameter": "range"}),
        ));
    };
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let (from, to) = (dataset.resolve(&id, from)?, dataset.resolve(&id, to)?);
    let sight = asker.sight(&app, [from.release.as_ref(), to.release.as_ref()]).await?;
    from.release.permit(&sight.who, Act::ReadNumbers)?;
    to.release.permit(&sight.who, Act::ReadNumbers)?;
    let freshness = if from.pinned && to.pinned { Freshness::Status } else { Freshness::Moving };
    let address = format!("/v1/datasets/{id}/diff/{}...{}", from.release.version, to.release.version);
    let body = actix_web::web::block(move || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let sides = Sides::of_releases(catalogue.dataset(&id)?, &from.release, &to.release);
        Ok(wanted.write(&sides, &address)?)
    });
    let (body, content_type) = body.await.map_err(|error| Problem::fault(&error))?.map_err(|error| Problem::fault(error.as_ref()))?;
    let representation = Representation::made(body, content_type, freshness).to(sight.audience);
    let with = |representation: Representation, (name, value): (&'static str, &'static str)| representation.header(name, value);
    wanted.headers().into_iter().fold(representation, with).respond(&request)
}

/// How a difference is to be written.
#[derive(Clone, Copy)]
pub(super) struct WantedDifference {
    form: Form,
    lang: Lang,
    order: Option<Order>,
    limit: Option<usize>,
}

impl DiffQuery {
    /// What the parameters and `Accept` want.
    pub(super) fn wanted(&self, request: &HttpRequest) -> Result<WantedDifference, Problem> {
        Ok(WantedDifference {
            form: choose("format", self.format.as_deref(), &FORMATS)?.unwrap_or_else(|| accepted(request)),
            lang: choose("lang", self.lang.as_deref(), &Lang::ALL)?.unwrap_or_default(),
            order: choose("sort", self.sort.as_deref(), &Listing::ORDERS)?,
            limit: read_limit(self.limit.as_deref())?,
        })
    }
}

impl WantedDifference {
    /// The difference, and its media type; a page links its other forms at `address`.
    pub(super) fn write(self, sides: &Sides<'_>, address: &str) -> std::io::Result<(Vec<u8>, &'static str)> {
        let Self { form, lang, order, limit } = self;
        match form {
            Form::Data(format, content_type) => {
                let mut body = Vec::new();
                write_difference(sides, format, Listing { order: order.unwrap_or_default(), limit, class: None }, &mut body)?;
                Ok((body, content_type))
            }
            Form::Page => {
                let limit = Some(limit.unwrap_or(PAGE_CHANGES).min(5000));
                let listing = Listing { order: order.unwrap_or(Order::Magnitude), limit, class: None };
                let mut rows = Vec::new();
                let walked = list_changes(sides, listing, |row| {
                    rows.push(row);
                    Ok(())
                })?;
                let page = difference_page(&walked.summary(sides)?, &rows, links(address, lang), lang).map_err(std::io::Error::other)?;
                Ok((page.into_bytes(), "text/html; charset=utf-8"))
            }
        }
    }

    /// The headers that go with it.
    pub(super) fn headers(self) -> Vec<(&'static str, &'static str)> {
        let page = matches!(self.form, Form::Page).then_some(("Content-Security-Policy", PAGE_POLICY));
        std::iter::once(("Vary", "Accept")).chain(page).collect()
    }
}

fn links(address: &str, lang: Lang) -> Vec<[String; 2]> {
    let other = match lang {
        Lang::En => ["?format=html&lang=zh", "中文"],
        Lang::Zh => ["?format=html&lang=en", "English"],
    };
    let all = [other, ["?format=json", "JSON"], ["?format=csv", "CSV"], ["?format=ndjson", "NDJSON"]];
    all.map(|[query, words]| [format!("{address}{query}"), words.to_owned()]).to_vec()
}

fn read_limit(text: Option<&str>) -> Result<Option<usize>, Problem> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let limit = text.parse().ok().filter(|limit| (1..=1_000_000).contains(limit));
    limit
        .map(Some)
        .ok_or_else(|| Problem::with("invalid-parameter", "`limit`: it is not a number from 1 to 1000000", json!({"parameter": "limit"})))
}

/// The parameters of a crosswalk.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CrosswalkQuery {
    /// The earlier release: 1.0.0, ^1
    from: Option<String>,
    /// The later release; the latest if left out
    to: Option<String>,
    /// One key of the earlier release; every key that a record speaks of if left out
    key: Option<String>,
}

/// What became of the keys of a release in a later one, composed over the releases between
#[utoipa::path(get, path = "/v1/datasets/{id}/crosswalk", tag = "datasets", params(("id" = String, Path, description = "Dataset id"), CrosswalkQuery),
    responses((status = 200, description = "`{\"dataset\":…,\"from\":…,\"to\":…,\"via\":[…],\"crosswalk\":[{\"from\":…,\"fate\":…,\"to\":[{\"key\":…,\"share\":…}],\"steps\":[…]}]}`", body = Object),
        (status = 400, description = "`missing-parameter`"), (status = 404, description = "`no-dataset`, `no-release`, `no-factor`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn crosswalk(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    id: Path<String>,
    query: Query<CrosswalkQuery>,
) -> Result<HttpResponse, Problem> {
    let filled = |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let catalogue = app.catalogue();
    let dataset = catalogue.dataset(&id)?;
    let from = filled(&query.from)
        .ok_or_else(|| Problem::with("missing-parameter", "name the earlier release: from=1.0.0", json!({"parameter": "from"})))?;
    let (from, to) = (dataset.resolve(&id, &from)?, dataset.resolve(&id, filled(&query.to).as_deref().unwrap_or("latest"))?);
    if from.release.version > to.release.version {
        let detail = format!("`from`: {} is later than {}; a crosswalk leads forward", from.release.version, to.release.version);
        return Err(Problem::with("invalid-parameter", detail, json!({"parameter": "from"})));
    }
    let way = dataset.way(&from.release.version, &to.release.version);
    let read = || [from.release.as_ref(), to.release.as_ref()].into_iter().chain(way.iter().copied());
    let sight = asker.sight(&app, read()).await?;
    read().try_for_each(|release| release.permit(&sight.who, Act::ReadNumbers))?; // it is a file of the release, with shares
    let fates = match filled(&query.key) {
        Some(key) if from.release.data.find(&key).is_none() => return Err(no_factor(&from.release, &key)),
        Some(key) => vec![dataset.fate(&key, &from.release, &to.release)],
        None => dataset.fates(&from.release, &to.release),
    };
    let via: Vec<String> = way.iter().filter(|release| !release.crosswalk.is_empty()).map(|release| release.version.to_string()).collect();
    let body = json!({
        "dataset": id.as_str(), "from": from.release.version.to_string(), "to": to.release.version.to_string(), "via": via, "crosswalk": fates
    });
    let freshness = if from.pinned && to.pinned { Freshness::Status } else { Freshness::Moving };
    Representation::json(body.to_string().into_bytes(), freshness).to(sight.audience).respond(&request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_accept_prefers() {
        let form = |accept: &str| {
            let request = actix_web::test::TestRequest::default().insert_header(("Accept", accept)).to_http_request();
            match accepted(&request) {
                Form::Page => "html",
                Form::Data(_, media) => media,
            }
        };
        assert_eq!(form("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), "html");
        assert_eq!(form("application/json, text/html;q=0.9"), "application/json");
        assert_eq!(form("text/html;q=0.5, text/csv;q=0.75"), "text/csv; charset=utf-8");
        assert_eq!(form("*/*"), "application/json");
        assert_eq!(form("text/html;q=0"), "application/json");
        assert_eq!(form("text/html;q=;;,,,"), "application/json");
    }
}
