//! The same package gives the same bytes, whatever the database, and the bytes prove themselves with other people's tools.

use std::process::Command;

use tanyin::canon::Digest;
use tanyin::dataset::{Lines, Manifest};
use tanyin::release::{Catalogue, FrozenFile, PublishedRelease};

use super::{id, package};
use crate::on_bundled;
use crate::site::{Kind, Site};

/// Every file of every release, by dataset, version, name and coding.
fn files(site: &Site) -> Vec<(String, Digest, Vec<FrozenFile>)> {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let releases = catalogue.datasets().flat_map(|(_, releases)| releases.all().cloned().collect::<Vec<_>>());
    releases.map(|release| (release.id(), release.manifest_digest, release.files().to_vec())).collect()
}

#[test]
fn the_bundled_releases_are_equal_on_both_databases() {
    let (sqlite, postgres) = (Site::bundled(Kind::Sqlite), Site::bundled(Kind::Postgres));
    let (left, right) = (files(sqlite), files(postgres));
    assert_eq!(left, right);
    assert_eq!(left.len(), 7);
    for (release, manifest, files) in left {
        let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.coding.as_str())).collect();
        let expected =
            ["factors.csv", "factors.ndjson", "manifest.json"].map(|name| ["identity", "gzip", "zstd"].map(|coding| (name, coding)));
        assert_eq!(names, [expected.concat(), vec![("SHA256SUMS", "identity")]].concat(), "{release}");
        assert!(files.iter().any(|file| file.name == "manifest.json" && file.sha256 == manifest));
        for file in files {
            let read = |site: &Site| site.ground().blobs().read(file.sha256).unwrap();
            assert!(read(sqlite) == read(postgres), "{release} {} {}", file.name, file.coding);
        }
    }
}

/// Other times, other actors, another order of rows, an earlier draft thrown away: the same release.
#[test]
fn a_release_holds_nothing_of_its_making() {
    let rows = [("grid/a", "0.5"), ("grid/b", "0.25"), ("grid/c", "-0.125")];
    let mut backwards = rows;
    backwards.reverse();
    let sites = [Kind::Sqlite, Kind::Sqlite, Kind::Postgres].map(Site::new);
    for (number, site) in sites.iter().enumerate() {
        let rows = if number == 0 { rows } else { backwards };
        if number == 1 {
            super::import(site, &package("made", "1.0.0", &[("x", "9")]));
            tanyin::desk::discard(site.ground(), &id("made"), "somebody").unwrap();
        }
        site.publish(&package("made", "1.0.0", &rows[..2]));
        site.publish(&package("made", "1.1.0", &rows));
    }
    assert_eq!(files(&sites[0]).len(), 2);
    // the second row of `backwards[..2]` differs, so compare like with like
    assert_eq!(files(&sites[1]), files(&sites[2]));
    let [first, second] = [0, 1].map(|number| files(&sites[number]).pop().unwrap());
    let lines = |(_, _, files): &(String, Digest, Vec<FrozenFile>)| files.iter().find(|f| f.name == "factors.ndjson").unwrap().sha256;
    assert_eq!(lines(&first), lines(&second));
}

fn write_out(site: &Site, release: &PublishedRelease) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in release.files().iter().filter(|file| file.coding == "identity") {
        std::fs::write(folder.path().join(&file.name), site.ground().blobs().read(file.sha256).unwrap()).unwrap();
    }
    folder
}

fn sha256sum(folder: &std::path::Path) -> bool {
    let output = Command::new("sha256sum").args(["--strict", "-c", "SHA256SUMS"]).current_dir(folder).output().unwrap();
    output.status.success() && String::from_utf8(output.stdout).unwrap().lines().filter(|line| line.ends_with(": OK")).count() == 3
}

/// RFC 6962, section 2.1, written out again: the server's own code must not be its only witness.
fn tree_hash(leaves: &[&[u8]]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => Digest::of(&[&[0], *leaf].concat()),
        many => {
            let split = many.len().next_power_of_two() / 2;
            let (left, right) = (tree_hash(&many[..split]), tree_hash(&many[split..]));
            Digest::of(&[&[1][..], left.as_bytes(), right.as_bytes()].concat())
        }
    }
}

on_bundled!(
    fn a_release_proves_itself(site: &Site) {
        let catalogue = Catalogue::load(site.ground()).unwrap();
        for release in catalogue.datasets().flat_map(|(_, releases)| releases.all()) {
            let folder = write_out(site, release);
            assert!(sha256sum(folder.path()), "{}", release.id());
            let manifest_bytes = std::fs::read(folder.path().join("manifest.json")).unwrap();
            assert_eq!(Digest::of(&manifest_bytes), release.manifest_digest);
            let manifest: Manifest = serde_json::from_slice(&manifest_bytes).unwrap();
            let bytes = std::fs::read(folder.path().join("factors.ndjson")).unwrap();
            let lines: Vec<&[u8]> = Lines::new(&bytes).collect();
            assert_eq!((lines.len() as u64, tree_hash(&lines)), (manifest.factors, manifest.root), "{}", release.id());
            let keys: Vec<&str> = lines.iter().map(|line| tanyin::dataset::key_of(line).unwrap()).collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{}", release.id());
            for line in &lines {
                let value: serde_json::Value = serde_json::from_slice(line).unwrap();
                assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), *line);
            }

            let damaged = folder.path().join("factors.csv");
            let mut bytes = std::fs::read(&damaged).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            std::fs::write(&damaged, bytes).unwrap();
            assert!(!sha256sum(folder.path()), "{}", release.id());
        }
    }
);

/// The codings are the same bytes for other people's decoders.
#[test]
fn codings_decode_to_the_files() {
    let site = Site::bundled(Kind::Sqlite);
    for (release, _, files) in files(site) {
        let read = |name: &str, coding: &str| {
            let file = files.iter().find(|file| file.name == name && file.coding == coding).unwrap();
            site.ground().blobs().read(file.sha256).unwrap()
        };
        for name in ["factors.csv", "factors.ndjson", "manifest.json"] {
            let mut gunzipped = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&read(name, "gzip")[..]), &mut gunzipped).unwrap();
            assert!(gunzipped == read(name, "identity"), "{release} {name} gzip");
            assert!(zstd::decode_all(&read(name, "zstd")[..]).unwrap() == read(name, "identity"), "{release} {name} zstd");
        }
    }
}
