//! Every format of whole releases, read by the programs that it is for: each value equals that of the lines, exactly.
//!
//! The files follow from the stored lines alone, so one database stands for both.

use std::path::Path;

use serde_json::json;
use tanyin::bulk::Format;

use super::file;
use super::hostile::hostile;
use crate::site::consumers::python;
use crate::site::{Kind, PackageDraft, Site, row};

/// Saves every file of a release as a person would who downloads them.
fn save(site: &Site, release: &str, folder: &Path) {
    for format in [Format::Csv, Format::Ndjson].into_iter().chain(Format::derived()) {
        std::fs::write(folder.join(format.file_name()), file(site, release, format.file_name()).body).unwrap();
    }
}

fn read_by_all(site: &Site, release: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    save(site, release, folder.path());
    python("bulk.py", &[folder.path().to_str().unwrap()]).trim().parse().unwrap()
}

#[test]
fn bundled() {
    let site = Site::bundled(Kind::Sqlite);
    let releases = ["cn-electricity-co2@1.2.0", "cn-electricity-footprint@1.1.0", "ipcc-stationary-combustion@1.0.0", "ipcc-gwp@1.0.0"];
    for (release, least) in releases.into_iter().zip([120, 21, 216, 100]) {
        assert!(read_by_all(site, release) >= least, "{release}");
    }
}

#[test]
fn hostile_texts_and_every_member() {
    let site = Site::new(Kind::Sqlite);
    let package = hostile();
    site.publish(&package);
    assert_eq!(read_by_all(&site, "hostile@1.0.0"), package.rows.len());
}

#[test]
fn one_factor_and_no_list() {
    let site = Site::new(Kind::Sqlite);
    let mut package = PackageDraft::new("single", "1.0.0", vec![row("a", &[])]);
    package.description["description"] = json!("=HYPERLINK(\"http://example.invalid\")");
    site.publish(&package);
    assert_eq!(read_by_all(&site, "single@1.0.0"), 1);
}
