//! The quality of a release, as data or as a page; computed once for a day and kept.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::access::Asker;
use super::caching::{Freshness, Representation};
use super::datasets::of_release;
use super::differences::{accepts_page, choose};
use super::{App, Problem};
use crate::audit::{ReleaseQuality, release_quality};
use crate::canon::Digest;
use crate::dataset::Act;
use crate::release::{Catalogue, Ground, PublishedRelease, ReleaseError};
use crate::web::{Lang, PAGE_POLICY, quality_page};

/// Reports that are kept.
const KEPT: usize = 32;

/// A release's record (which no two servers share), the day, and how many public facts there were.
type Of = (Digest, String, i64);

/// The newest first.
type Kept = VecDeque<(Of, Arc<ReleaseQuality>)>;

static REPORTS: LazyLock<Mutex<Kept>> = LazyLock::new(Mutex::default);

/// The parameters of a quality report.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QualityQuery {
    /// `json` or `html`; as `Accept` prefers if left out
    format: Option<String>,
    /// Language of a page: `en` or `zh`
    lang: Option<String>,
}

/// The quality of a release: flags, severities, kinds, years, what is told, what the rules find, what the import found
#[utoipa::path(get, path = "/v1/datasets/{id}/releases/{version}/quality", tag = "datasets",
    params(("id" = String, Path, description = "Dataset id"), ("version" = String, Path, description = "1.2.0, ^1, ~1.2 or latest"), QualityQuery),
    responses((status = 200, description = "The report", content((ReleaseQuality = "application/json"), (String = "text/html"))), (status = 404, description = "`no-dataset`, `no-release`"),
        (status = 422, description = "`invalid-parameter`")))]
pub(super) async fn release_report(
    request: HttpRequest,
    app: Data<App>,
    asker: Asker,
    path: Path<(String, String)>,
    query: Query<QualityQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, version) = path.into_inner();
    let page = choose("format", query.format.as_deref(), &[("json", false), ("html", true)])?.unwrap_or_else(|| accepts_page(&request));
    let lang = choose("lang", query.lang.as_deref(), &Lang::ALL)?.unwrap_or_default();
    let catalogue = app.catalogue();
    let resolved = catalogue.dataset(&id)?.resolve(&id, &version)?;
    let sight = asker.permit(&app, &resolved.release, Act::ReadNumbers).await?;
    let (release, ground) = (resolved.release.clone(), app.ground().clone());
    let made = actix_web::web::block(move || -> Result<_, Box<dyn std::error::Error + Send + Sync>> {
        let found = examined(&ground, &catalogue, &release)?;
        if page {
            Ok((quality_page(&found, lang)?.into_bytes(), "text/html; charset=utf-8"))
        } else {
            Ok((serde_json::to_vec(&*found)?, "application/json"))
        }
    });
    let (body, content_type) = made.await.map_err(|error| Problem::fault(&error))?.map_err(|error| Problem::fault(error.as_ref()))?;
    let representation = Representation::made(body, content_type, Freshness::Moving).to(sight.audience).header("Vary", "Accept");
    let representation = if page { representation.header("Content-Security-Policy", PAGE_POLICY) } else { representation };
    of_release(representation, &resolved, Some("/quality")).respond(&request)
}

/// The quality of a release as of today.
pub(super) fn quality_of(app: &App, catalogue: &Catalogue, release: &PublishedRelease) -> Result<Arc<ReleaseQuality>, Problem> {
    examined(app.ground(), catalogue, release).map_err(|error| Problem::fault(&error))
}

fn examined(ground: &Ground, catalogue: &Catalogue, release: &PublishedRelease) -> Result<Arc<ReleaseQuality>, ReleaseError> {
    let now = ground.now();
    let of = (release.record_digest, now.chars().take(10).collect(), catalogue.facts());
    match kept(&of) {
        Some(found) => Ok(found),
        None => Ok(keep(of, Arc::new(release_quality(ground, catalogue, release, &now)?))),
    }
}

fn kept(of: &Of) -> Option<Arc<ReleaseQuality>> {
    let reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    reports.iter().find(|(own, _)| own == of).map(|(_, found)| found.clone())
}

fn keep(of: Of, found: Arc<ReleaseQuality>) -> Arc<ReleaseQuality> {
    let mut reports = REPORTS.lock().unwrap_or_else(PoisonError::into_inner);
    reports.push_front((of, found.clone()));
    reports.truncate(KEPT);
    found
}
