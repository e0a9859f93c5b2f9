//! The quality of a release, in the frame.

use askama::Template;

use crate::audit::ReleaseQuality;
use crate::web::Frame;
use crate::web::quality::QualityView;

#[derive(Template)]
#[template(path = "look/quality.html")]
struct Page {
    frame: Frame,
    dataset: String,
    version: String,
    withdrawn: bool,
    quality: QualityView,
}

/// The page of a release's quality.
///
/// # Errors
/// As the template engine; none is known.
pub fn release_quality_page(frame: Frame, found: &ReleaseQuality, withdrawn: bool) -> Result<String, askama::Error> {
    let start = format!("/datasets/{}/releases/{}/factors/", found.dataset, found.version);
    let quality = QualityView::of(found, Some(&start), frame.lang);
    Page { quality, dataset: found.dataset.clone(), version: found.version.clone(), withdrawn, frame }.render()
}
