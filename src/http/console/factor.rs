//! `/datasets/{id}/releases/{version}/factors/{key}`: one number, and everything that is known of it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::drawn::drawn;
use super::visitor::Visitor;
use crate::audit::{factor_history, provenance};
use crate::dataset::{Act, Principal};
use crate::http::address::public_base;
use crate::http::factors::find_or_fate;
use crate::http::{App, Problem};
use crate::product::{kin, relative};
use crate::release::{Catalogue, PublishedRelease, Resolved};
use crate::web::{FactorView, Sealed, factor_chart, factor_page, sealed_page};

/// The parameters of a page with charts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartQuery {
    /// Name of a chart, where that alone is wanted
    chart: Option<String>,
    /// `svg` or `csv`
    #[serde(rename = "as")]
    form: Option<String>,
}

/// The page of one factor, or one of its charts.
pub(super) async fn factor(
    request: HttpRequest,
    app: Data<App>,
    visitor: Visitor,
    path: Path<(String, String, String)>,
) -> Result<HttpResponse, Problem> {
    let query: ChartQuery = visitor.read()?;
    let (id, version, key) = path.into_inner();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let release = &resolved.release;
    let sight = visitor.sight([release.as_ref()])?;
    release.permit(&sight.who, Act::ReadNames)?;
    let number = find_or_fate(&catalogue, release, &key)?;
    if let Err(denied) = release.permit(&sight.who, Act::ReadNumbers) {
        let (told, cite) = release.told_of_factor(number).map_err(|error| Problem::fault(&error))?;
        let sealed = Sealed { release, key: &key, told: &told, cite: &cite, denied: &denied };
        return visitor.page(sealed_page(visitor.frame(), sealed));
    }
    let releases = catalogue.dataset(&id)?;
    let from = provenance(app.ground(), &catalogue, release, number, &sight.who).map_err(|error| Problem::fault(&error))?;
    let history = factor_history(releases, &key, &sight.who).map_err(|error| Problem::fault(&error))?;
    let latest = newer(&catalogue, &resolved, &sight.who);
    let newer_value = latest.and_then(|latest| relative(latest, latest.data.find(&key)?)).map(|own| own.value);
    let newer_version = latest.map(|latest| latest.version.to_string());
    let base = public_base(&app, &request).unwrap_or_default();
    let view = FactorView {
        from: &from,
        release,
        history: &history,
        kin: &kin(release, number),
        newer: newer_version.as_deref().map(|version| (version, newer_value.as_ref())),
        base: &base,
    };
    if let Some(chart) = query.chart {
        let name = format!("{id}-{version}-{}-{chart}", key.replace('/', "-"));
        return drawn(factor_chart(view, &chart, visitor.lang), query.form.as_deref(), &name);
    }
    let data = format!("/v1/datasets/{id}/releases/{version}/factors/{key}");
    visitor.page(factor_page(visitor.frame().with_data(data), view))
}

/// The latest release, where it is a newer one whose numbers may be read.
fn newer<'c>(catalogue: &'c Catalogue, resolved: &Resolved, who: &Principal) -> Option<&'c PublishedRelease> {
    let latest = catalogue.dataset(resolved.release.dataset.as_str()).ok()?.latest()?;
    (latest.version > resolved.release.version && latest.may(who, Act::ReadNumbers).is_ok()).then_some(latest)
}
