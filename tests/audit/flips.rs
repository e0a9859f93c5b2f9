//! One flipped bit anywhere is found; and a sound store passes, deep or not.

use std::path::{Path, PathBuf};

use tanyin::audit::Scope;
use tanyin::release::withdraw;

use super::{all_files, copy_folder, fsck, package, refused, small, sound, with_rows};
use crate::on_both;
use crate::site::{Kind, Site};

const CORES: usize = 2;

/// Blobs and indexes of a site in a folder of one's own, writable.
fn copy_of(site: &Site) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for part in ["blobs", "indexes"] {
        copy_folder(&site.folder.path().join(part), &copy.path().join(part));
    }
    copy
}

/// A walk through numbers that is the same on every machine (Vigna, splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn files_of(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    ["blobs", "indexes"].iter().for_each(|part| all_files(&root.join(part), &mut files));
    files.retain(|file| std::fs::metadata(file).unwrap().len() > 0);
    files
}

fn flipped(path: &Path, byte: usize, bit: u8, scope: &Scope, root: &Path) -> bool {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[byte] ^= 1 << bit;
    std::fs::write(path, &bytes).unwrap();
    let found = !fsck(root, scope).failures.is_empty();
    bytes[byte] ^= 1 << bit;
    std::fs::write(path, &bytes).unwrap();
    found
}

/// `TANYIN_FLIP=all` flips every bit (`scripts/flip-bits`); else one of each byte, another at each place.
#[test]
fn every_flipped_bit_of_a_small_store_is_found() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&package("tiny", "1.0.0", &[("a", "1")]));
    withdraw(site.ground(), &"tiny".parse().unwrap(), &"1.0.0".parse().unwrap(), "a test", "operator").unwrap();
    let every = std::env::var("TANYIN_FLIP").is_ok_and(|value| value == "all");
    let flips: usize = std::thread::scope(|scope| {
        let site = &site;
        let threads: Vec<_> = (0..CORES).map(|core| scope.spawn(move || sweep(site, core, every))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(flips > if every { 40_000 } else { 5_000 }, "{flips}");
    println!("{flips} bits were flipped, and each was found");
}

fn sweep(site: &Site, core: usize, every: bool) -> usize {
    let copy = copy_of(site);
    sound(&fsck(copy.path(), &Scope::default()));
    let mut flips = 0;
    let mut state = 7;
    for path in files_of(copy.path()) {
        let length = usize::try_from(std::fs::metadata(&path).unwrap().len()).unwrap();
        for byte in (0..length).filter(|byte| byte % CORES == core) {
            let random = (next(&mut state) % 8) as u8;
            for bit in if every { 0..8 } else { random..random + 1 } {
                assert!(flipped(&path, byte, bit, &Scope::default(), copy.path()), "{}: byte {byte}, bit {bit}", path.display());
                flips += 1;
            }
        }
    }
    flips
}

/// Ten thousand of the bits in the store of the bundled datasets: `TANYIN_FLIP=all`; else as many as a minute allows.
#[test]
fn random_bits_of_the_bundled_store_are_found() {
    let flips = if std::env::var("TANYIN_FLIP").is_ok_and(|value| value == "all") { 10_000 } else { 120 };
    std::thread::scope(|scope| {
        for core in 0..CORES {
            scope.spawn(move || {
                let copy = copy_of(Site::bundled(Kind::Sqlite));
                let files = files_of(copy.path());
                let lengths: Vec<u64> = files.iter().map(|file| std::fs::metadata(file).unwrap().len()).collect();
                let mut state = core as u64;
                for _ in 0..flips / CORES {
                    let mut place = next(&mut state) % lengths.iter().sum::<u64>();
                    let file = lengths
                        .iter()
                        .position(|length| {
                            if place < *length {
                                true
                            } else {
                                place -= length;
                                false
                            }
                        })
                        .unwrap();
                    let bit = (next(&mut state) % 8) as u8;
                    assert!(
                        flipped(&files[file], usize::try_from(place).unwrap(), bit, &Scope::default(), copy.path()),
                        "{:?} {place} {bit}",
                        files[file]
                    );
                }
            });
        }
    });
}

on_both!(
    fn what_is_sound_passes(site: &Site) {
        small(site);
        for deep in [false, true] {
            let report = with_rows(site, &Scope { only: None, deep });
            sound(&report);
            assert!(report.authentic);
            assert_eq!((report.checked("releases"), report.checked("leaves"), report.checked("indexes")), (2, 3, 2));
            assert_eq!((report.checked("release rows"), report.checked("fact rows")), (2, 3));
        }
        let only = Scope { only: Some(("small".parse().unwrap(), "1.1.0".parse().unwrap())), deep: true };
        let report = with_rows(site, &only);
        sound(&report);
        assert_eq!(report.checked("releases"), 1);
        let none = Scope { only: Some(("small".parse().unwrap(), "9.9.9".parse().unwrap())), deep: false };
        refused(&with_rows(site, &none), "no-release", "small@9.9.9");
    }
);

#[test]
fn the_bundled_store_is_sound() {
    let report = with_rows(Site::bundled(Kind::Sqlite), &Scope { only: None, deep: true });
    sound(&report);
    assert!(report.checked("lines") > 400, "{report:?}");
}

/// A damaged table is compared with what its copies say, and the place is named.
#[test]
fn the_wrong_byte_is_named() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let copy = copy_of(&site);
    let path_of = |name: &str, coding: &str| {
        let catalogue = tanyin::release::Catalogue::load(site.ground()).unwrap();
        let digest = catalogue.resolve("small@1.1.0").unwrap().release.file(name, coding).unwrap().sha256;
        copy.path().join("blobs/sha256").join(&digest.to_hex()[..2]).join(digest.to_hex())
    };
    let change = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let byte = bytes.len() - 3;
        bytes[byte] ^= 1;
        std::fs::write(path, bytes).unwrap();
        byte
    };
    let (lines, table) = (path_of("factors.ndjson", "identity"), path_of("factors.csv", "identity"));
    let byte = change(&lines);
    refused(&fsck(copy.path(), &Scope::default()), "digest", &format!("byte {byte}, line 2"));
    change(&path_of("factors.ndjson", "gzip"));
    refused(&fsck(copy.path(), &Scope::default()), "digest", "as the zstd copy shows");
    change(&path_of("factors.ndjson", "zstd"));
    refused(&fsck(copy.path(), &Scope::default()), "digest", "no other copy of it exists");
    // with the lines sound, the table is made from them
    std::fs::copy(site.ground().blobs().root().join(lines.strip_prefix(copy.path().join("blobs")).unwrap()), copy.path().join("x"))
        .unwrap();
    std::fs::write(&lines, std::fs::read(copy.path().join("x")).unwrap()).unwrap();
    let byte = change(&table);
    for coding in ["gzip", "zstd"] {
        change(&path_of("factors.csv", coding));
    }
    let report = fsck(copy.path(), &Scope::default());
    refused(&report, "digest", &format!("byte {byte}, line 3"));
    refused(&report, "digest", "factors.ndjson, from which it is made");
}

/// What is gone is missed, and what belongs to nobody does no harm.
#[test]
fn missing_files_are_failures_and_strangers_are_not() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let copy = copy_of(&site);
    std::fs::write(copy.path().join("blobs/README"), "mine").unwrap();
    let report = fsck(copy.path(), &Scope::default());
    sound(&report);
    assert!(report.notes.iter().any(|note| note.contains("README belongs to nobody")), "{:?}", report.notes);
    std::fs::write(copy.path().join("blobs/sha256/zz"), "mine").unwrap();
    refused(&fsck(copy.path(), &Scope::default()), "blob-name", "sha256/zz");
    std::fs::remove_file(copy.path().join("blobs/sha256/zz")).unwrap();
    for path in files_of(copy.path()) {
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let report = fsck(copy.path(), &Scope::default());
        let name = path.strip_prefix(copy.path()).unwrap().to_string_lossy().into_owned();
        // nothing tells whether a checkpoint of that size was ever published
        let earlier = name.contains(".p/") && !name.ends_with(".p/3");
        let derived = earlier || name.starts_with("indexes") || name.ends_with("README");
        // the description and the lines of a draft are needed by nobody once it is released
        let drafts = name.contains("sha256") && report.failures.is_empty();
        assert!(
            derived || drafts || report.failures.iter().any(|finding| finding.wrong.contains("missing") || finding.code == "missing"),
            "{name}: {report:?}"
        );
        std::fs::write(&path, bytes).unwrap();
    }
}
