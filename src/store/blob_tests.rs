//! Blobs and named files: write-once, verified, and nothing half-done left in sight.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::testing::flip;
use super::{Blobs, StoreError};
use crate::canon::Digest;

fn blobs() -> (TempDir, Blobs) {
    let folder = TempDir::new().unwrap();
    let blobs = Blobs::open(folder.path().join("a/b")).unwrap();
    (folder, blobs)
}

fn temporary_files(blobs: &Blobs) -> usize {
    fs::read_dir(blobs.root().join("tmp")).unwrap().count()
}

#[test]
fn a_blob_is_stored_under_its_digest_and_read_only() {
    let (folder, blobs) = blobs();
    let bytes = "排放因子\n".repeat(100_000);
    let mut writer = blobs.writer().unwrap();
    for part in bytes.as_bytes().chunks(999) {
        writer.write_all(part).unwrap();
    }
    assert_eq!(writer.bytes(), 1_300_000);
    let stored = writer.finish().unwrap();
    assert_eq!((stored.digest, stored.bytes), (Digest::of(bytes.as_bytes()), 1_300_000));
    let hex = stored.digest.to_hex();
    let path = blobs.root().join("sha256").join(&hex[..2]).join(&hex);
    assert_eq!(blobs.path(stored.digest), path);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o444);
    assert_eq!(blobs.read(stored.digest).unwrap(), bytes.as_bytes());
    assert_eq!(blobs.verify(stored.digest).unwrap(), 1_300_000);
    assert!(blobs.contains(stored.digest));
    let mut text = String::new();
    blobs.open_blob(stored.digest).unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, bytes);
    let copy = folder.path().join("copy");
    fs::write(&copy, &bytes).unwrap();
    assert_eq!(blobs.put_copy(&copy, stored.digest).unwrap(), Some(stored));
    assert_eq!(blobs.put_copy(&copy, Digest::of(b"what it was before it changed")).unwrap(), None);
    assert!(!blobs.contains(Digest::of(b"what it was before it changed")));
    assert_eq!(temporary_files(&blobs), 0);
}

#[test]
fn a_blob_that_is_there_is_kept_and_never_replaced() {
    let (_folder, blobs) = blobs();
    let stored = blobs.put(b"0.5153").unwrap();
    let path = blobs.path(stored.digest);
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(blobs.put(b"0.5153").unwrap(), stored);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    flip(&path);
    let damaged = fs::read(&path).unwrap();
    let error = blobs.put(b"0.5153").unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { what, .. } if what.contains(&stored.digest.to_hex())), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), damaged);
    assert_eq!(temporary_files(&blobs), 0);
}

#[test]
fn a_flipped_bit_a_missing_byte_and_a_missing_file_are_told() {
    let (_folder, blobs) = blobs();
    let stored = blobs.put(b"0.5153").unwrap();
    flip(&blobs.path(stored.digest));
    assert!(matches!(blobs.read(stored.digest), Err(StoreError::Corrupt { .. })));
    assert!(matches!(blobs.verify(stored.digest), Err(StoreError::Corrupt { .. })));
    fs::write(blobs.path(stored.digest), b"0.515").unwrap();
    assert!(matches!(blobs.read(stored.digest), Err(StoreError::Corrupt { .. })));
    let nowhere = Digest::of(b"nowhere");
    assert!(!blobs.contains(nowhere));
    assert!(blobs.read(nowhere).unwrap_err().is_missing());
    assert!(blobs.map(nowhere).unwrap_err().is_missing());
    assert!(blobs.open_blob(nowhere).unwrap_err().is_missing());
}

#[test]
fn maps_become_bytes_without_a_copy_even_empty_ones() {
    let (_folder, blobs) = blobs();
    for text in ["", "0.5153"] {
        let stored = blobs.put(text.as_bytes()).unwrap();
        let mapped = blobs.map(stored.digest).unwrap();
        assert_eq!(&*mapped, text.as_bytes());
        let start = mapped.as_ptr();
        let bytes = bytes::Bytes::from_owner(mapped);
        assert_eq!(bytes, text);
        if !text.is_empty() {
            assert_eq!(bytes.slice(2..).as_ptr(), start.wrapping_add(2));
        }
        // a map outlives its file's name
        fs::remove_file(blobs.path(stored.digest)).unwrap();
        assert_eq!(bytes, text);
    }
}

#[test]
fn writers_that_die_leave_nothing_for_long() {
    let (_folder, blobs) = blobs();
    let mut writer = blobs.writer().unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    assert_eq!(temporary_files(&blobs), 0);
    let now = SystemTime::now();
    for (name, age) in [("put-old", 25), ("put-young", 23)] {
        let file = File::create(blobs.root().join("tmp").join(name)).unwrap();
        file.set_modified(now - Duration::from_secs(age * 60 * 60)).unwrap();
    }
    Blobs::open(blobs.root()).unwrap();
    assert_eq!(temporary_files(&blobs), 1);
    assert!(blobs.root().join("tmp/put-young").exists());
}

#[test]
fn many_writers_of_the_same_bytes_agree() {
    let (_folder, blobs) = blobs();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                blobs.put(b"the same").unwrap();
                blobs.put_named("facts/000000007.json", b"{}").unwrap();
            });
        }
    });
    assert_eq!(blobs.verify(Digest::of(b"the same")).unwrap(), 8);
    assert_eq!(temporary_files(&blobs), 0);
}

#[test]
fn named_files_are_written_once() {
    let (_folder, blobs) = blobs();
    let name = "facts/000000000.json";
    assert_eq!(blobs.read_named(name).unwrap(), None);
    assert_eq!(blobs.list_named("facts").unwrap(), Vec::<String>::new());
    blobs.put_named(name, b"{}").unwrap();
    blobs.put_named(name, b"{}").unwrap();
    let error = blobs.put_named(name, b"{ }").unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt { what, .. } if what.ends_with(name)), "{error:?}");
    assert_eq!(blobs.read_named(name).unwrap().as_deref(), Some(b"{}".as_slice()));
    assert_eq!(fs::metadata(blobs.root().join(name)).unwrap().permissions().mode() & 0o777, 0o444);
    blobs.put_named("facts/000000010.json", b"").unwrap();
    blobs.put_named("facts/000000002.json", b"").unwrap();
    blobs.put_named("tile/0/x001/067", b"").unwrap();
    let names = ["facts/000000000.json", "facts/000000002.json", "facts/000000010.json"];
    assert_eq!(blobs.list_named("facts/").unwrap(), names);
    assert_eq!(blobs.list_named("tile").unwrap(), ["tile/0/x001/067"]);
    assert_eq!(temporary_files(&blobs), 0);
}

#[test]
fn names_stay_inside() {
    let (_folder, blobs) = blobs();
    for name in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/.hidden", "sha256/aa/x", "tmp/x", "A", "a\0", "a/"] {
        assert!(blobs.put_named(name, b"").is_err(), "{name:?}");
        assert!(blobs.read_named(name).is_err(), "{name:?}");
    }
}

#[test]
fn blob_urls() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("blobs");
    for url in [format!("file:{}", path.display()), format!("file://{}", path.display())] {
        assert_eq!(Blobs::open_url(&url).unwrap().root(), path);
    }
    for (url, why) in [("s3://bucket/prefix", "a directory, not in a bucket"), ("blobs", "file:PATH"), ("file:", "directory")] {
        let error = Blobs::open_url(url).unwrap_err();
        assert!(matches!(error, StoreError::Address(_)) && error.to_string().contains(why), "{error}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(matches!(Blobs::open(folder.path().join("file")), Err(StoreError::Io { .. })));
}

#[test]
fn a_large_blob_is_written_beside_and_leaves_nothing_unfinished() {
    let (_folder, blobs) = blobs();
    let bytes: Vec<u8> = (0..9_000_000_u32).flat_map(u32::to_le_bytes).take(9_000_001).collect();
    let mut writer = blobs.writer().unwrap();
    bytes.chunks(70_001).for_each(|chunk| writer.write_all(chunk).unwrap());
    assert_eq!(writer.bytes(), 9_000_001);
    let stored = writer.finish().unwrap();
    assert_eq!((stored.digest, stored.bytes), (Digest::of(&bytes), 9_000_001));
    assert!(blobs.read(stored.digest).unwrap() == bytes);
    let mut unfinished = blobs.writer().unwrap();
    unfinished.write_all(&bytes).unwrap();
    assert_eq!(temporary_files(&blobs), 1);
    drop(unfinished);
    assert_eq!(temporary_files(&blobs), 0);
}
