//! The text index as a file: built again whatever became of it, and never in the way.

use std::path::PathBuf;

use tanyin::dataset::Principal;
use tanyin::release::Catalogue;

use super::{names, page, products, words};
use crate::site::{Kind, PackageDraft, Site, row};

fn asked(site: &Site) -> Vec<String> {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    names(&page(&catalogue, &words("原铝"), &Principal::Anonymous))
}

/// The files of the folder of indexes that belong to searches, by name.
fn files(site: &Site) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(site.folder.path().join("indexes")).unwrap();
    let mut found: Vec<PathBuf> =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_none_or(|end| end != "index")).collect();
    found.sort();
    found
}

fn made() -> Site {
    let site = Site::new(Kind::Sqlite);
    site.publish(&products());
    site
}

#[test]
fn what_became_of_the_file_makes_no_difference() {
    let site = made();
    let expected = asked(&site);
    assert!(!expected.is_empty());
    let [path] = files(&site).try_into().unwrap();
    let whole = std::fs::read(&path).unwrap();
    let other = Site::new(Kind::Sqlite);
    other.publish(&PackageDraft::new("other", "1.0.0", vec![row("k", &[])]));
    let _ = asked(&other);
    let foreign = std::fs::read(&files(&other)[0]).unwrap();
    let damaged: Vec<Vec<u8>> = [7, 20, 60, whole.len() / 2, whole.len() - 40, whole.len() - 1]
        .into_iter()
        .map(|place| {
            let mut bytes = whole.clone();
            bytes[place] ^= 1;
            bytes
        })
        .chain([Vec::new(), whole[..whole.len() / 2].to_vec(), [whole.as_slice(), b"x"].concat(), foreign, b"TYTEXTS1".to_vec()])
        .collect();
    for bytes in damaged {
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(asked(&site), expected);
        assert_ne!(std::fs::read(&path).unwrap(), bytes, "it was built again");
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(asked(&site), expected);
    assert_eq!(files(&site), [path]);
}

#[test]
fn several_may_build_at_once() {
    let site = made();
    let all: Vec<Vec<String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| asked(&site))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(all.iter().all(|found| *found == all[0] && !found.is_empty()));
    assert_eq!(files(&site).len(), 1, "one file a release, and nothing left behind");
}

#[test]
fn a_server_that_cannot_write_searches_in_memory() {
    let site = made();
    let expected = asked(&site);
    // whoever runs the tests may be allowed everything, so the folder is not there at all once the catalogue is read
    let catalogue = Catalogue::load(site.ground()).unwrap();
    std::fs::remove_dir_all(site.folder.path().join("indexes")).unwrap();
    assert_eq!(names(&page(&catalogue, &words("原铝"), &Principal::Anonymous)), expected);
    assert!(!site.folder.path().join("indexes").exists());
}

#[test]
fn a_server_that_only_reads_searches() {
    let site = made();
    let reader = Site::files_of(&site);
    let found = reader.get("/v1/factors?q=%E5%8E%9F%E9%93%9D&facets=none").json();
    assert_eq!(found["factors"][0]["factor"]["key"], "aluminium/primary/cn/2022");
}
