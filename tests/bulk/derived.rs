//! Files that are made when they are asked for: equal everywhere, kept, made again when they are not as they were made.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use tanyin::bulk::{DerivedFiles, Format};
use tanyin::canon::Digest;
use tanyin::release::{Catalogue, PublishedRelease};

use super::file;
use super::hostile::hostile;
use crate::site::{Kind, Site, row};
use crate::{on_both, on_bundled};

const RELEASE: &str = "cn-electricity-co2@1.2.0";

fn release(site: &Site, dataset: &str) -> Arc<PublishedRelease> {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    catalogue.dataset(dataset).unwrap().latest().unwrap().clone()
}

/// The one file of a format in a folder of derived files.
fn kept(folder: &std::path::Path, format: Format) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.file_name().unwrap() == format.file_name() {
                found.push(entry);
            }
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

on_bundled! {
    fn each_has_the_digest_that_it_says(site: &Site) {
        for format in Format::derived() {
            let response = file(site, RELEASE, format.file_name());
            let digest = Digest::of(&response.body);
            let etag = format!("\"sha256-{}\"", digest.to_hex());
            assert_eq!(response.header("etag"), Some(etag.as_str()));
            assert_eq!(response.header("content-type"), Some(format.media_type()));
            assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"));
            assert_eq!(response.header("accept-ranges"), Some("bytes"));
            assert!(response.header("repr-digest").unwrap().starts_with("sha-256=:"));
            let name = format!("inline; filename=\"cn-electricity-co2-1.2.0-{}\"", format.file_name());
            assert_eq!(response.header("content-disposition"), Some(name.as_str()));
            let path = format!("/v1/datasets/cn-electricity-co2/releases/1.2.0/files/{}", format.file_name());
            let head = site.send("HEAD", &path, &[], None);
            assert_eq!((head.status, head.header("etag")), (200, Some(etag.as_str())));
            assert_eq!(site.get_with(&path, &[("If-None-Match", &etag)]).status, 304);
            let moving = site.get(&path.replace("1.2.0", "latest"));
            assert_eq!((moving.header("cache-control"), &moving.body), (Some("public, max-age=5"), &response.body));
        }
    }
}

on_bundled! {
    fn a_download_that_was_cut_short_goes_on(site: &Site) {
        for format in Format::derived() {
            let path = format!("/v1/datasets/cn-electricity-footprint/releases/1.1.0/files/{}", format.file_name());
            let whole = site.get(&path);
            let etag = whole.header("etag").unwrap();
            let mut seed = 7_usize;
            for _ in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let cut = seed % whole.body.len();
                let range = format!("bytes={cut}-");
                let rest = site.get_with(&path, &[("Range", &range), ("If-Range", etag)]);
                assert_eq!(rest.status, 206, "{format:?} {cut}");
                assert_eq!([&whole.body[..cut], &rest.body].concat(), whole.body, "{format:?} {cut}");
                let other = site.get_with(&path, &[("Range", &range), ("If-Range", "\"sha256-0\"")]);
                assert_eq!((other.status, other.body), (200, whole.body.clone()));
            }
            assert_eq!(site.get_with(&path, &[("Range", &format!("bytes={}-", whole.body.len()))]).status, 416);
        }
    }
}

on_bundled! {
    fn what_there_is_is_listed(site: &Site) {
        let response = site.get("/v1/datasets/cn-electricity-co2/releases/1.2.0/files/factors.xls");
        assert_eq!(response.problem(), "no-artefact");
        let files = response.json()["files"].clone();
        for format in Format::ALL {
            assert!(files.as_array().unwrap().iter().any(|name| name == format.file_name()), "{files}");
        }
    }
}

on_both! {
    fn equal_releases_give_equal_bytes_wherever_they_are_made(site: &Site) {
        let other = Site::new(Kind::Sqlite);
        site.publish(&hostile());
        other.publish(&hostile());
        let make = |site: &Site, format| {
            let folder = tempfile::tempdir().unwrap();
            let files = DerivedFiles::in_folder(folder.path().join("deep/down"), u64::MAX);
            files.get(&release(site, "hostile"), format).unwrap().bytes.to_vec()
        };
        for format in Format::derived() {
            let first = make(site, format);
            assert!(first == make(site, format), "{format:?} again");
            assert!(first == make(&other, format), "{format:?} elsewhere");
        }
    }
}

on_both! {
    fn a_withdrawn_release_has_its_files_still(site: &Site) {
        let package = crate::site::PackageDraft::new("gone", "1.0.0", vec![row("a", &[])]);
        site.publish(&package);
        tanyin::release::withdraw(site.ground(), &"gone".parse().unwrap(), &"1.0.0".parse().unwrap(), "wrong unit", "steward").unwrap();
        let response = file(site, "gone@1.0.0", "factors.parquet");
        assert_eq!(response.header("deprecation").is_some(), true, "{:?}", response.headers);
    }
}

#[test]
fn damage_is_found_and_mended() {
    let site = Site::bundled(Kind::Sqlite);
    let release = release(site, "cn-electricity-footprint");
    let folder = tempfile::tempdir().unwrap();
    let open = || DerivedFiles::in_folder(folder.path().to_owned(), u64::MAX);
    for format in Format::derived() {
        let right = open().get(&release, format).unwrap().bytes.to_vec();
        let path = kept(folder.path(), format);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o444);
        let sums = PathBuf::from(format!("{}.sha256", path.display()));
        assert_eq!(fs::read_to_string(&sums).unwrap(), format!("{}  {}\n", Digest::of(&right).to_hex(), format.file_name()));
        let damages: [&dyn Fn(); 5] = [
            &|| rewrite(&path, &right[..right.len() - 1]),
            &|| rewrite(&path, &[&right[..right.len() / 2], b"x", &right[right.len() / 2 + 1..]].concat()),
            &|| fs::remove_file(&path).unwrap(),
            &|| fs::remove_file(&sums).unwrap(),
            &|| rewrite(&sums, b"no digest"),
        ];
        for damage in damages {
            damage();
            assert!(open().get(&release, format).unwrap().bytes.to_vec() == right, "{format:?}");
        }
        // a process that has hashed the file sees when another is put in its place
        let files = open();
        files.get(&release, format).unwrap();
        rewrite(&path, b"other");
        assert!(files.get(&release, format).unwrap().bytes.to_vec() == right, "{format:?}");
    }
}

/// Puts other bytes in the place of a file.
fn rewrite(path: &std::path::Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn no_more_is_kept_than_is_allowed() {
    let site = Site::bundled(Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let files = DerivedFiles::in_folder(folder.path().to_owned(), 1);
    let (first, second) = (release(site, "cn-electricity-co2"), release(site, "ipcc-gwp"));
    let old = files.get(&first, Format::DataPackage).unwrap();
    let kept_old = kept(folder.path(), Format::DataPackage);
    files.get(&second, Format::DataPackage).unwrap();
    assert!(!kept_old.exists() && kept(folder.path(), Format::DataPackage).exists());
    // who reads it still goes on reading
    assert_eq!(Digest::of(&old.bytes), old.digest);
}

#[test]
fn what_an_earlier_process_left_is_removed_once_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("a/1/.making-old"), folder.path().join("a/1/.making-new"));
    [&old, &new].into_iter().for_each(|path| fs::create_dir_all(path).unwrap());
    let day = std::time::Duration::from_secs(24 * 3600);
    fs::File::open(&old).unwrap().set_modified(std::time::SystemTime::now() - day).unwrap();
    DerivedFiles::in_folder(folder.path().to_owned(), u64::MAX);
    assert!(!old.exists() && new.exists());
}

/// Root writes everywhere, so a file stands where the folder would be.
#[test]
fn a_folder_that_cannot_be_written_is_no_hindrance() {
    let site = Site::bundled(Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("derived");
    fs::write(&path, "").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let files = DerivedFiles::in_folder(path, u64::MAX);
    let release = release(site, "ipcc-gwp");
    let made = files.get(&release, Format::Parquet).unwrap();
    assert_eq!(made.bytes.to_vec(), file(site, "ipcc-gwp@1.0.0", "factors.parquet").body);
    assert_eq!(files.get(&release, Format::Parquet).unwrap().digest, made.digest);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_server_of_the_files_alone_makes_them_too() {
    let site = Site::bundled(Kind::Sqlite);
    let reader = Site::files_of(site);
    assert_eq!(file(&reader, RELEASE, "factors.sqlite").body, file(site, RELEASE, "factors.sqlite").body);
}

#[test]
fn many_who_ask_at_once_get_one_file() {
    let site = Site::bundled(Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let files = DerivedFiles::in_folder(folder.path().to_owned(), u64::MAX);
    let release = release(site, "ipcc-stationary-combustion");
    let digests: Vec<Digest> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..24).map(|_| scope.spawn(|| files.get(&release, Format::Xlsx).unwrap().digest)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    let left: Vec<_> = fs::read_dir(kept(folder.path(), Format::Xlsx).parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 2, "the file and its digest: {left:?}");
}
