//! The quality of a release: its lines examined, its later flags, and what its import found.

use serde::Serialize;

use crate::canon::Digest;
use crate::desk::{day_of, references};
use crate::quality::{Against, QualityReport, report};
use crate::release::{Catalogue, Ground, PublishedRelease, ReleaseError};
use crate::validate::Report;

/// The quality of a release.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReleaseQuality {
    /// Dataset id.
    pub dataset: String,
    /// Its version.
    pub version: String,
    /// Its factors.
    #[serde(flatten)]
    pub report: QualityReport,
    /// What its import found; empty where the report is not kept here.
    pub import: Report,
}

/// Examines a release as of a time (RFC 3339).
///
/// # Errors
/// When a line or the import's report does not read.
pub fn release_quality(
    ground: &Ground,
    catalogue: &Catalogue,
    release: &PublishedRelease,
    now: &str,
) -> Result<ReleaseQuality, ReleaseError> {
    let damaged = |what: String| move |error: serde_json::Error| ReleaseError::Damaged { what, why: error.to_string() };
    let against = Against { today: day_of(now), references: references(catalogue, release.dataset.as_str())? };
    let releases = catalogue.dataset(release.dataset.as_str()).ok();
    let later = |factor: &crate::factor::Factor| {
        let flagged = releases.filter(|releases| releases.is_flagged(&factor.key));
        let line = flagged.and_then(|_| factor.to_line().ok());
        let own = flagged.zip(line).map(|(releases, line)| releases.later_flags(&factor.key, &Digest::of(&line)));
        own.into_iter().flatten().filter_map(|flag| crate::factor::flag_code(&flag.flag)).collect()
    };
    let unread = |error: std::io::Error| ReleaseError::Damaged { what: format!("a line of {}", release.id()), why: error.to_string() };
    let found = report(release.data.lines(), against, later).map_err(unread)?;
    let import = match ground.blobs().read(release.record.import.report) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(damaged(format!("the import report of {}", release.id())))?,
        Err(error) if error.is_missing() => Report::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(ReleaseQuality { dataset: release.dataset.to_string(), version: release.version.to_string(), report: found, import })
}
