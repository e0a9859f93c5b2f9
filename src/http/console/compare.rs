//! `/compare`: up to ten factors side by side.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{Data, block};
use serde_json::json;
use url::form_urlencoded;

use super::drawn::drawn;
use super::rows::find;
use super::visitor::Visitor;
use crate::dataset::{Act, Principal};
use crate::factor::Factor;
use crate::http::{App, Problem};
use crate::product::{CompareQuery, Comparison, ProductRefusal, compare, named_factor};
use crate::release::{Catalogue, PublishedRelease};
use crate::search::FilterQuery;
use crate::web::{CompareView, Compared, Lang, MOST_COMPARED, compare_chart, compare_page, value_words};

/// How many factors are offered.
const OFFERED: usize = 8;

/// The parameters of the page.
#[derive(Default)]
struct Asked {
    pins: Vec<String>,
    words: String,
    chart: Option<String>,
    form: Option<String>,
}

fn read(query: &str) -> Result<Asked, Problem> {
    let mut asked = Asked::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let value = value.trim().to_owned();
        match &*name {
            "factor" if value.is_empty() || asked.pins.contains(&value) => {}
            "factor" => asked.pins.push(value),
            "q" => asked.words = value.chars().take(400).collect(),
            "chart" => asked.chart = Some(value),
            "as" => asked.form = Some(value),
            other => {
                let name: String = other.chars().take(80).collect();
                let members = json!({"parameter": name, "valid": ["factor", "q"]});
                return Err(Problem::with("unknown-parameter", format!("`{name}` is no parameter of this page"), members));
            }
        }
    }
    if asked.pins.len() > MOST_COMPARED {
        let detail = format!("{} factors are given; at most {MOST_COMPARED} stand side by side", asked.pins.len());
        return Err(Problem::with("invalid-parameter", detail, json!({"parameter": "factor"})));
    }
    Ok(asked)
}

/// What stands side by side.
struct Found {
    sides: Vec<(String, Arc<PublishedRelease>, Factor)>,
    refused: Vec<(String, String)>,
    comparison: Option<Comparison>,
    offers: Vec<(String, String, String)>,
}

/// The page, or its chart.
pub(super) async fn comparison(app: Data<App>, visitor: Visitor) -> Result<HttpResponse, Problem> {
    let frame = visitor.frame();
    let asked = read(&frame.query)?;
    let catalogue = app.catalogue();
    // what is offered may stand in any dataset
    let sight = visitor.sight(catalogue.releases().map(AsRef::as_ref))?;
    let (lang, who) = (visitor.lang, sight.who);
    let (asked, found) = block(move || gather(&catalogue, &asked, &who, lang).map(|found| (asked, found)))
        .await
        .map_err(|error| Problem::fault(&error))??;
    let sides: Vec<Compared<'_>> = found.sides.iter().map(|(pin, release, factor)| Compared { pin, release, factor }).collect();
    let view = CompareView {
        sides: &sides,
        comparison: found.comparison.as_ref(),
        refused: &found.refused,
        words: &asked.words,
        found: &found.offers,
    };
    if let Some(name) = asked.chart {
        let chart = compare_chart(&view, lang).filter(|chart| chart.told.id == name);
        return drawn(chart, asked.form.as_deref(), &format!("compare-{name}"));
    }
    let pairs = sides.iter().map(|side| ("factor", side.pin));
    let data = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let frame = if sides.len() > 1 { frame.with_data(format!("/v1/compare?{data}")) } else { frame };
    visitor.page(compare_page(frame, &view))
}

fn gather(catalogue: &Catalogue, asked: &Asked, who: &Principal, lang: Lang) -> Result<Found, Problem> {
    let (mut sides, mut refused) = (Vec::new(), Vec::new());
    for pin in &asked.pins {
        match named_factor(catalogue, pin, who) {
            Ok((release, factor)) => sides.push((pin.clone(), release, factor)),
            Err(refusal @ ProductRefusal::Damaged(_)) => return Err(refusal.into()),
            Err(refusal) => refused.push((pin.chars().take(200).collect(), refusal.to_string())),
        }
    }
    let comparison = match sides.len() {
        0 | 1 => None,
        _ => {
            let query = CompareQuery { factor: sides.iter().map(|(pin, ..)| pin.clone()).collect(), ..CompareQuery::default() };
            match compare(catalogue, &query, who) {
                Ok(comparison) => Some(comparison),
                Err(refusal) if refusal.code() == "unit-mismatch" => None,
                Err(refusal) => return Err(refusal.into()),
            }
        }
    };
    let offers = offers(catalogue, asked, &sides, (who, lang));
    Ok(Found { sides, refused, comparison, offers })
}

/// What may be added: what the words find, or what is most like the first factor.
fn offers(
    catalogue: &Catalogue,
    asked: &Asked,
    sides: &[(String, Arc<PublishedRelease>, Factor)],
    (who, lang): (&Principal, Lang),
) -> Vec<(String, String, String)> {
    let mut query = FilterQuery::default();
    if asked.words.is_empty() {
        let Some((_, release, factor)) = sides.first() else { return Vec::new() };
        query.dataset = Some(release.id());
        query.activity = Some(factor.activity.clone());
        query.year = factor.year.map(|year| year.to_string());
    } else {
        query.q = Some(asked.words.clone());
    }
    let Ok(page) = find(catalogue, &query, who, (1, OFFERED + sides.len()), Some("none")) else { return Vec::new() };
    let readable = page.items.into_iter().filter(|item| item.release.may(who, Act::ReadNumbers).is_ok());
    let told = readable.filter_map(|item| {
        let factor = Factor::from_line(item.release.data.line_bytes(item.number)).ok()?;
        let pin = format!("{}#{}", item.release.id(), factor.key);
        let name = Some(lang.text(&factor.name)).filter(|name| !name.is_empty()).unwrap_or_else(|| factor.key.clone());
        Some((pin, name, value_words(&factor, lang)))
    });
    told.filter(|(pin, ..)| !sides.iter().any(|(own, ..)| own == pin)).take(OFFERED).collect()
}
