//! What a file says of the releases that it is made of: names, digests, licences, how to cite them.

use serde_json::{Value, json};

use super::{Context, Of, Rows};
use crate::dataset::Licence;
use crate::release::PublishedRelease;

/// How to cite a release as a whole: its title, name and manifest, and what its licences want to stand beside a figure.
pub fn cite_release(release: &PublishedRelease) -> String {
    let metadata = &release.manifest.metadata;
    let title = metadata.title.any();
    let wanted = metadata.licences.iter().filter(|licence| !licence.attribution.is_empty()).map(|licence| licence.attribution.any());
    let wanted: String = wanted.map(|text| format!(". {text}")).collect();
    format!("{title}, {}, manifest {}{wanted}", release.id(), release.manifest_digest)
}

/// The ids of a release's licences.
pub(super) fn licence_ids(release: &PublishedRelease) -> String {
    release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect::<Vec<_>>().join(" AND ")
}

/// A release as one object: what it is, and on which terms.
pub(super) fn describe(release: &PublishedRelease) -> Value {
    let licence = |own: &Licence| json!({"id": own.id, "title": own.title, "url": own.url, "attribution": own.attribution});
    let licences: Vec<Value> = release.manifest.metadata.licences.iter().map(licence).collect();
    json!({
        "dataset": release.dataset,
        "version": release.version.to_string(),
        "manifest": release.manifest_digest,
        "title": release.manifest.metadata.title,
        "licences": licences,
        "cite": cite_release(release),
    })
}

/// Names and texts that a file carries about itself.
pub(super) fn marks(rows: &Rows, context: &Context<'_>) -> Vec<(String, String)> {
    let mut marks = vec![("tanyin.factors".to_owned(), rows.len().to_string())];
    let mut mark = |name: &str, text: String| marks.push((format!("tanyin.{name}"), text));
    if let (Of::Release, Some(release)) = (context.of, rows.releases().next()) {
        mark("dataset", release.dataset.to_string());
        mark("version", release.version.to_string());
        mark("manifest", release.manifest_digest.to_string());
        mark("licence", licence_ids(release));
        mark("cite", cite_release(release));
    }
    if let Of::Selection { query } = context.of {
        mark("query", query.to_owned());
    }
    mark("releases", Value::Array(rows.releases().map(|release| describe(release)).collect()).to_string());
    marks
}
