//! The datasets inside the program, published on a fresh server.

use std::path::Path;

use include_dir::{Dir, include_dir};
use semver::Version;

use super::{DeskError, ImportRequest, VersionWish, import, submit};
use crate::dataset::DatasetId;
use crate::release::{Ground, Published, ReleaseError, publish};
use crate::store;

static DATASETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/datasets");

/// Who publishes them: the program itself.
pub const BUNDLED_ACTOR: &str = "bundled";

/// Says that the first start came to its end.
pub const BUNDLED_DONE: &str = "bundled/complete";

/// What stands in that file.
pub const BUNDLED_TEXT: &[u8] = b"the bundled datasets were published\n";

/// Publishes every bundled package, oldest version first, unless anything else was ever released here.
///
/// A first start that was cut short goes on where it stopped; once it came to its end, nothing is published again.
pub fn publish_bundled(ground: &Ground, mut each: impl FnMut(&Published)) -> Result<usize, DeskError> {
    let present = ground.database()?.read(store::release_list_all)?;
    if present.iter().any(|release| release.actor != BUNDLED_ACTOR) || ground.blobs().read_named(BUNDLED_DONE)?.is_some() {
        return Ok(0);
    }
    let folder = tempfile::tempdir().map_err(ReleaseError::Io)?;
    DATASETS.extract(folder.path()).map_err(ReleaseError::Io)?;
    let mut count = 0;
    for (dataset, version) in packages() {
        if present.iter().any(|release| release.dataset == dataset.as_str() && release.version == version.to_string()) {
            continue;
        }
        let path = folder.path().join(dataset.as_str()).join(version.to_string());
        each(&publish_package(ground, &dataset, &path)?);
        count += 1;
    }
    ground.blobs().put_named(BUNDLED_DONE, BUNDLED_TEXT)?;
    Ok(count)
}

/// Dataset and version of every bundled package, in the order of publication.
fn packages() -> Vec<(DatasetId, Version)> {
    let mut found: Vec<(DatasetId, Version)> = Vec::new();
    for dataset in DATASETS.dirs() {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Ok(id) = name(dataset.path()).parse::<DatasetId>() else { continue };
        found.extend(dataset.dirs().filter_map(|version| Some((id.clone(), name(version.path()).parse::<Version>().ok()?))));
    }
    found.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    found
}

fn publish_package(ground: &Ground, dataset: &DatasetId, path: &Path) -> Result<Published, DeskError> {
    let request =
        ImportRequest { path, dataset, actor: BUNDLED_ACTOR, dry_run: false, discard_edits: false, reading: super::Reading::default() };
    let outcome = import(ground, &request, &mut |_| {})?;
    if let Some(finding) = outcome.report.items.iter().find(|_| outcome.report.has_errors()) {
        let why = format!("row {:?}, {:?}: {}", finding.row, finding.field, finding.message);
        return Err(ReleaseError::Damaged { what: format!("the bundled package {}", path.display()), why }.into());
    }
    submit(ground, dataset, &VersionWish::Package, BUNDLED_ACTOR)?;
    Ok(publish(ground, dataset, BUNDLED_ACTOR)?)
}
