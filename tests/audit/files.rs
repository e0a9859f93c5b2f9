//! Downloaded files, in any combination: which chain is closed, and which link is missing.

use std::path::Path;

use tanyin::audit::{Memory, Report, Trust, verify_files};
use tanyin::release::Catalogue;

use super::{NOW, log_keys, refused, small, sound};
use crate::cli::tanyin;
use crate::site::{Kind, Site};

fn verify(path: &Path, trust: Trust, memory: Option<&Memory>) -> Report {
    let mut report = Report::of(path.display().to_string());
    verify_files(path, trust, memory, None, true, &mut report);
    report
}

fn trust(site: &Site) -> Trust {
    Trust::new(NOW).given(log_keys(site.ground()), None)
}

/// Everything of a release, as it is downloaded.
fn download(site: &Site, folder: &Path) {
    for name in [
        "factors.csv",
        "factors.ndjson",
        "manifest.json",
        "SHA256SUMS",
        "release.tlog-proof",
        "release.record.json",
        "release.places.ndjson",
    ] {
        let answer = site.get(&format!("/v1/datasets/small/releases/1.1.0/files/{name}"));
        assert_eq!(answer.status, 200, "{name}");
        std::fs::write(folder.join(name), answer.body).unwrap();
    }
}

fn open_links(report: &Report) -> Vec<&str> {
    report.chain.iter().filter(|link| !link.closed).map(|link| link.link).collect()
}

#[test]
fn a_whole_release_closes_the_chain() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let folder = tempfile::tempdir().unwrap();
    download(&site, folder.path());
    let report = verify(folder.path(), trust(&site), None);
    sound(&report);
    assert!(report.authentic && open_links(&report).is_empty(), "{:?}", report.chain);
    assert_eq!((report.checked("files"), report.checked("records"), report.checked("lines")), (2, 1, 2));
    for name in ["factors.csv", "factors.ndjson", "manifest.json", "release.tlog-proof", "SHA256SUMS"] {
        let report = verify(&folder.path().join(name), trust(&site), None);
        sound(&report);
        assert!(report.authentic, "{name}: {:?}", report.chain);
    }
    // without a key everything else is checked, and nothing is called authentic
    let report = verify(folder.path(), Trust::new(NOW), None);
    sound(&report);
    assert_eq!((report.authentic, open_links(&report)), (false, vec!["checkpoint → key"]));
    assert!(report.chain.iter().any(|link| link.says.contains("give --key")));
}

#[test]
fn a_missing_link_is_named() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let folder = tempfile::tempdir().unwrap();
    download(&site, folder.path());
    std::fs::remove_file(folder.path().join("release.tlog-proof")).unwrap();
    let report = verify(&folder.path().join("factors.csv"), Trust::new(NOW), None);
    sound(&report);
    assert_eq!(open_links(&report), ["leaf → checkpoint", "checkpoint → key", "manifest → leaf"]);
    refused(&verify(&folder.path().join("factors.csv"), trust(&site), None), "incomplete", "release.tlog-proof is missing");
    std::fs::remove_file(folder.path().join("manifest.json")).unwrap();
    let alone = verify(&folder.path().join("factors.csv"), Trust::new(NOW), None);
    assert!(open_links(&alone).contains(&"file → manifest"), "{:?}", alone.chain);
}

#[test]
fn each_changed_file_is_named() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    for (name, code) in [
        ("factors.csv", "digest"),
        ("factors.ndjson", "digest"),
        ("manifest.json", "digest"),
        ("SHA256SUMS", "sums"),
        ("release.record.json", "digest"),
        ("release.places.ndjson", "digest"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        download(&site, folder.path());
        let path = folder.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let byte = bytes.len() / 2;
        bytes[byte] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        refused(&verify(folder.path(), trust(&site), None), code, name);
    }
    // every bit of the proof
    let folder = tempfile::tempdir().unwrap();
    download(&site, folder.path());
    let path = folder.path().join("release.tlog-proof");
    let proof = std::fs::read(&path).unwrap();
    for bit in 0..proof.len() * 8 {
        let mut bytes = proof.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, bytes).unwrap();
        let report = verify(&path, trust(&site), None);
        assert!(!report.authentic && !report.failures.is_empty(), "bit {bit}: {report:?}");
    }
}

#[test]
fn the_proof_of_one_factor() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("proof.json");
    let proof = site.get("/v1/log/proof?dataset=small&version=1.1.0&key=b").body;
    std::fs::write(&path, &proof).unwrap();
    let report = verify(&path, trust(&site), None);
    sound(&report);
    assert!(report.authentic && report.chain.iter().any(|link| link.says == "`b`, line 2 of 2"), "{:?}", report.chain);
    let text = String::from_utf8(proof).unwrap();
    for (from, to, code) in [
        (r#"\"value\":\"2\""#, r#"\"value\":\"3\""#, "digest"),
        (r#""key":"b""#, r#""key":"a""#, "key"),
        (r#""version":"1.1.0""#, r#""version":"1.0.0""#, "proof"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "{from}");
        std::fs::write(&path, wrong).unwrap();
        refused(&verify(&path, trust(&site), None), code, "proof.json");
    }
}

#[test]
fn a_bare_checkpoint_and_the_memory() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    std::fs::write(&path, site.get("/log/checkpoint").body).unwrap();
    let report = verify(&path, trust(&site), None);
    sound(&Report { failures: report.failures.iter().filter(|finding| finding.code != "incomplete").cloned().collect(), ..report.clone() });
    assert!(report.chain.iter().any(|link| link.link == "checkpoint → key" && link.closed), "{:?}", report.chain);
    // a memory knows the key
    let state = tempfile::tempdir().unwrap();
    let memory = Memory::new(state.path());
    sound(&super::server(site.address(), trust(&site), Some(&memory)));
    let report = verify(&path, Trust::new(NOW), Some(&memory));
    assert!(report.chain.iter().any(|link| link.link == "checkpoint → key" && link.closed), "{:?}", report.chain);
}

#[test]
fn the_command_speaks_in_codes_and_json() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let state = tempfile::tempdir().unwrap();
    let state = state.path().to_str().unwrap();
    let ran = tanyin(&site, &["verify", "--state", state]);
    assert_eq!(ran.code(), 0, "{}{}", ran.out(), ran.err());
    assert!(ran.out().contains("everything that was checked is sound"), "{}", ran.out());
    let ran = tanyin(&site, &["verify", "small@1.1.0", "--deep", "--no-state", "--json"]);
    assert_eq!((ran.code(), ran.json()["sound"].as_bool()), (0, Some(true)));
    let ran = tanyin(&site, &["verify", site.address(), "--state", state, "--quick", "--json"]);
    assert_eq!(ran.code(), 0, "{}{}", ran.out(), ran.err());
    for wrong in [&["verify", "nowhere"][..], &["verify", "--max-age", "1d"], &["verify", "--key", "x"], &["verify", "small@1"]] {
        assert_eq!(tanyin(&site, wrong).code(), 2, "{wrong:?}");
    }
    assert_eq!(tanyin(&site, &["verify", "http://127.0.0.1:1", "--no-state"]).code(), 3);
    let release = Catalogue::load(site.ground()).unwrap().resolve("small@1.1.0").unwrap().release;
    let path = site.ground().blobs().path(release.file("factors.csv", "identity").unwrap().sha256);
    super::unprotect(&path);
    std::fs::write(&path, "rubbish").unwrap();
    let ran = tanyin(&site, &["verify", "--no-state", "--json"]);
    let json = ran.json();
    assert_eq!((ran.code(), json["report"]["failures"][0]["code"].as_str()), (1, Some("digest")), "{json}");
    assert!(tanyin(&site, &["verify", "--no-state"]).out().contains("WRONG  sha256/"));
}

/// A publisher who lists a table that says something else than the lines: each file has its digest, and still they differ.
#[test]
fn a_table_that_is_not_of_the_lines() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let folder = tempfile::tempdir().unwrap();
    download(&site, folder.path());
    let path = |name: &str| folder.path().join(name);
    let table = std::fs::read(path("factors.csv")).unwrap();
    let other = String::from_utf8(table.clone()).unwrap().replacen(",2,", ",7,", 1).into_bytes();
    assert_ne!(other, table);
    let digest = |bytes: &[u8]| tanyin::canon::Digest::of(bytes).to_string();
    let manifest = std::fs::read_to_string(path("manifest.json")).unwrap().replace(&digest(&table), &digest(&other));
    std::fs::write(path("factors.csv"), other).unwrap();
    std::fs::write(path("manifest.json"), manifest).unwrap();
    for name in ["SHA256SUMS", "release.tlog-proof", "release.record.json", "release.places.ndjson"] {
        std::fs::remove_file(path(name)).unwrap();
    }
    refused(&verify(folder.path(), Trust::new(NOW), None), "table", "another factors.csv");
}
