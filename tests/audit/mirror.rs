//! A mirror that lies in one way a test: each lie is refused, and said by its name.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use tanyin::audit::{Basis, Memory, Trust};
use tanyin::release::{Catalogue, PublicFact, read_entries};
use tanyin::tlog::{
    Checkpoint, KeyKind, MemoryTree, Note, NoteSignature, Policy, SignerKey, bundles_of, encode_bundle, leaf_hash, tile_bytes, tiles_of,
};

use super::{NOW, key, log_keys, package, refused, server, small, sound};
use crate::site::{Kind, Site};

/// What is answered, by path; a path that is not here is 404.
#[derive(Clone, Default)]
pub struct Shown {
    files: HashMap<String, Vec<u8>>,
    /// A path whose body never ends.
    endless: Option<String>,
}

impl Shown {
    /// Everything that a site shows, under its own log.
    pub fn of(site: &Site) -> Self {
        let mut shown = Self::default();
        let blobs = site.ground().blobs();
        let catalogue = Catalogue::load(site.ground()).unwrap();
        for (_, releases) in catalogue.datasets() {
            for release in releases.all() {
                let base = format!("/v1/datasets/{}/releases/{}/files", release.dataset, release.version);
                for file in release.files().iter().filter(|file| file.coding == "identity") {
                    shown.put(&format!("{base}/{}", file.name), blobs.read(file.sha256).unwrap());
                }
                shown.put(&format!("{base}/release.record.json"), blobs.read(release.record_digest).unwrap());
                if let Some(note) = &release.record.approvals {
                    shown.put(&format!("{base}/release.approvals"), note.clone().into_bytes());
                }
            }
        }
        shown.put("/log/key", blobs.read_named("log/key").unwrap().unwrap());
        shown.log(&entries(site), &thief(site), &[]);
        shown
    }

    pub fn put(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.to_owned(), bytes.into());
    }

    /// The log over these entries, as whoever holds its key can make it.
    pub fn log(&mut self, entries: &[Vec<u8>], signer: &SignerKey, witnesses: &[(&SignerKey, u64)]) {
        let tree: MemoryTree = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let size = tree.size();
        let text = Checkpoint { origin: signer.name().to_owned(), size, root: tree.root(), extensions: Vec::new() }.to_text();
        let mut note = Note::sign(&text, &[signer]).unwrap();
        note.signatures.extend(witnesses.iter().map(|(key, time)| key.cosign(&text, *time).unwrap()));
        self.put("/log/checkpoint", note.to_string());
        for tile in tiles_of(size) {
            self.put(&format!("/log/{tile}"), tile_bytes(&tile, &mut |level, index| tree.read(level, index)).unwrap());
        }
        for bundle in bundles_of(size) {
            let first = usize::try_from(bundle.first_entry()).unwrap();
            self.put(&format!("/log/{bundle}"), encode_bundle(&entries[first..first + usize::from(bundle.width)]).unwrap());
        }
    }

    /// Answers on a loopback port until the tests end; gives its address.
    pub fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let shown = Arc::new(self);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shown = shown.clone();
                std::thread::spawn(move || shown.answer(stream));
            }
        });
        address
    }

    /// Who is refused hangs up, so that writing may fail.
    fn answer(&self, mut stream: TcpStream) {
        let (mut request, mut part) = (Vec::new(), [0; 1024]);
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut part) {
                Ok(count) if count > 0 => request.extend_from_slice(&part[..count]),
                _ => return,
            }
        }
        let path = String::from_utf8_lossy(&request).split(' ').nth(1).unwrap_or_default().to_owned();
        if self.endless.as_deref() == Some(&path) {
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"));
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
            return;
        }
        let (status, body) = self.files.get(&path).map_or((404, &b"no"[..]), |body| (200, body.as_slice()));
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)));
    }
}

pub fn entries(site: &Site) -> Vec<Vec<u8>> {
    let size = Catalogue::load(site.ground()).unwrap().tree().size();
    read_entries(site.ground().blobs(), 0, size).unwrap()
}

/// The log's key, in other hands.
pub fn thief(site: &Site) -> SignerKey {
    let text = std::fs::read_to_string(site.folder.path().join("log.key")).unwrap();
    text.lines().rev().find(|line| line.starts_with("PRIVATE+KEY")).unwrap().parse().unwrap()
}

fn trust(site: &Site) -> Trust {
    Trust::new(NOW).given(log_keys(site.ground()), None)
}

struct Case {
    site: Site,
    shown: Shown,
    memory: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let site = Site::new(Kind::Sqlite);
        small(&site);
        Self { shown: Shown::of(&site), site, memory: tempfile::tempdir().unwrap() }
    }

    fn memory(&self) -> Memory {
        Memory::new(self.memory.path())
    }

    /// Verifies what the mirror shows now, with the log's key and a memory.
    fn verify(&self) -> tanyin::audit::Report {
        server(&self.shown.clone().serve(), trust(&self.site), Some(&self.memory()))
    }

    /// A client who has seen the truth.
    fn having_seen() -> Self {
        let case = Self::new();
        sound(&case.verify());
        case
    }

    fn remembered(&self) -> String {
        let [own] = self.memory().all().unwrap().try_into().unwrap();
        own.checkpoint
    }

    #[track_caller]
    fn refused(&self, code: &str, says: &str) {
        let seen = || self.memory().all().unwrap().into_iter().map(|own| (own.keys, own.checkpoint)).collect::<Vec<_>>();
        let before = seen();
        refused(&self.verify(), code, says);
        assert_eq!(seen(), before, "a lie was remembered");
    }
}

const FILES: &str = "/v1/datasets/small/releases/1.1.0/files";

#[test]
fn an_honest_mirror_passes_and_is_remembered() {
    let mut case = Case::having_seen();
    let first = case.remembered();
    assert!(first.contains("\n3\n"), "{first}");
    case.site.publish(&package("small", "1.2.0", &[("a", "1"), ("b", "2"), ("c", "3")]));
    case.shown = Shown::of(&case.site);
    let report = case.verify();
    sound(&report);
    assert!(report.authentic && report.notes.iter().any(|note| note.contains("grew by 1 leaves")), "{:?}", report.notes);
    assert_eq!((report.checked("releases"), report.checked("files"), report.checked("leaves")), (3, 6, 4));
    assert_ne!(case.remembered(), first);
}

#[test]
fn the_real_server_passes() {
    let site = Site::new(Kind::Sqlite);
    small(&site);
    let report = server(site.address(), trust(&site), None);
    sound(&report);
    assert_eq!((report.checked("releases"), report.checked("files")), (2, 4));
}

#[test]
fn rollback() {
    let mut case = Case::having_seen();
    let (all, signer) = (entries(&case.site), thief(&case.site));
    case.shown.log(&all[..2], &signer, &[]);
    case.refused("rollback", "ROLLBACK: it has 2 leaves, and 3 were seen before");
}

#[test]
fn fork() {
    let mut case = Case::having_seen();
    let (mut all, signer, seen) = (entries(&case.site), thief(&case.site), case.remembered());
    all[2] = String::from_utf8(all[2].clone()).unwrap().replace("a test", "a lie").into_bytes();
    for more in [false, true] {
        if more {
            all.push(String::from_utf8(all[2].clone()).unwrap().replace("withdraw", "restore").into_bytes());
        }
        case.shown.log(&all, &signer, &[]);
        case.refused("fork", "FORK: a checkpoint seen before has 3 leaves");
        let kept: Vec<String> = std::fs::read_dir(case.memory.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("fork-"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        let shown = String::from_utf8(case.shown.files["/log/checkpoint"].clone()).unwrap();
        assert!(kept.contains(&seen) && kept.contains(&shown), "{kept:?}");
    }
}

/// A policy with the log, one witness, and its quorum.
fn witnessed(site: &Site, witness: &SignerKey) -> Policy {
    let text = format!("log {}\nwitness w {}\nquorum w\n", log_keys(site.ground())[0], witness.verifier());
    Policy::parse(&text).unwrap()
}

#[test]
fn freeze_and_stale_cosignatures() {
    let mut case = Case::new();
    let witness = key("witness.example", 9, KeyKind::Cosignature);
    let (all, signer) = (entries(&case.site), thief(&case.site));
    let verify = |case: &Case, max_age| {
        let trust = Trust::new(NOW).given(Vec::new(), Some(witnessed(&case.site, &witness))).max_age(max_age);
        server(&case.shown.clone().serve(), trust, None)
    };
    refused(&verify(&case, None), "quorum", "missing w");
    case.shown.log(&all, &signer, &[(&witness, NOW - 172_800)]);
    sound(&verify(&case, None));
    refused(&verify(&case, Some(86_400)), "stale", "the newest cosignature is 172800 seconds old, and at most 86400 are wanted");
    case.shown.log(&all, &signer, &[(&witness, NOW - 3600)]);
    sound(&verify(&case, Some(86_400)));
    // a clock far ahead is no freshness
    case.shown.log(&all, &signer, &[(&witness, NOW + 86_400)]);
    refused(&verify(&case, Some(86_400)), "stale", "in the future");
    // the cosignature of an earlier checkpoint under a later one
    case.shown.log(&all[..2], &signer, &[(&witness, NOW)]);
    let earlier = Note::parse(&case.shown.files["/log/checkpoint"]).unwrap();
    let line: NoteSignature = earlier.signatures[1].clone();
    case.shown.log(&all, &signer, &[]);
    let mut note = Note::parse(&case.shown.files["/log/checkpoint"]).unwrap();
    note.signatures.push(line);
    case.shown.put("/log/checkpoint", note.to_string());
    refused(&verify(&case, None), "signature", "the signature of the known key `witness.example` is wrong");
}

#[test]
fn files_that_are_not_those_of_the_release() {
    let mut case = Case::having_seen();
    let (table, lines) = (format!("{FILES}/factors.csv"), format!("{FILES}/factors.ndjson"));
    let honest = case.shown.clone();
    let bytes = honest.files[&table].clone();
    let mut swapped = bytes.clone();
    *swapped.last_mut().unwrap() = b' ';
    case.shown.put(&table, swapped);
    case.refused("digest", "factors.csv: its");
    case.shown.put(&table, [bytes.as_slice(), b"more"].concat());
    case.refused("endless", "longer than the");
    case.shown = honest.clone();
    case.shown.endless = Some(lines.clone());
    case.refused("endless", "it was cut off and refused");
    case.shown = honest.clone();
    case.shown.files.remove(&lines);
    case.refused("missing", "factors.ndjson: it is missing");
    case.shown = honest.clone();
    case.shown.put(&format!("{FILES}/manifest.json"), honest.files[&format!("{}/manifest.json", FILES.replace("1.1.0", "1.0.0"))].clone());
    case.refused("digest", "it is the manifest of another release, small@1.0.0");
    case.shown = honest.clone();
    case.shown.put(&format!("{FILES}/SHA256SUMS"), "rubbish");
    case.refused("sums", "SHA256SUMS");
    case.shown = honest;
    case.shown.put(&format!("{FILES}/release.record.json"), "{}");
    case.refused("digest", "release.record.json");
}

#[test]
fn tiles_and_bundles_that_are_not_those_of_the_tree() {
    let mut case = Case::having_seen();
    let honest = case.shown.clone();
    let tile = honest.files["/log/tile/0/000.p/3"].clone();
    case.shown.put("/log/tile/0/000.p/3", &tile[..70]);
    case.refused("tile", "it has 70 bytes, and its 3 hashes need 96; it is cut short");
    case.shown.put("/log/tile/0/000.p/3", [tile.as_slice(), &[0; 32]].concat());
    case.refused("tile", "it has 128 bytes, and its 3 hashes need 96; it is of another width");
    let mut wrong = tile;
    wrong[40] ^= 1;
    case.shown.put("/log/tile/0/000.p/3", wrong);
    case.refused("tile", "hash 1 (leaf 1)");
    case.shown = honest.clone();
    case.shown.files.remove("/log/tile/entries/000.p/3");
    case.refused("missing", "/log/tile/entries/000.p/3: it is missing");
    case.shown = honest.clone();
    case.shown.put("/log/tile/entries/000.p/3", &honest.files["/log/tile/entries/000.p/3"][..50]);
    case.refused("bundle", "leaves 0 to 2");
    // entries that the signed root does not cover
    case.shown = honest;
    let mut all = entries(&case.site);
    all[2] = String::from_utf8(all[2].clone()).unwrap().replace("a test", "a lie").into_bytes();
    case.shown.put("/log/tile/entries/000.p/3", encode_bundle(&all).unwrap());
    case.refused("root", "was signed");
}

#[test]
fn a_full_tile_in_place_of_a_partial_one_is_fine() {
    let site = Site::new(Kind::Sqlite);
    let mut shown = Shown::default();
    let signer = thief(&site);
    let own = signer.verifier().to_string();
    let leaf = |_| {
        let (key, previous) = (own.clone(), own.clone());
        let fact = PublicFact::Key { at: "2026-01-01T00:00:00Z".into(), format: "1".into(), key, previous };
        fact.to_leaf().unwrap().into_bytes()
    };
    let all: Vec<Vec<u8>> = (0..256).map(leaf).collect();
    shown.log(&all, &signer, &[]);
    let full = shown.clone();
    shown.log(&all[..200], &signer, &[]);
    for name in ["/log/tile/0/000", "/log/tile/entries/000"] {
        assert!(shown.files.remove(&format!("{name}.p/200")).is_some());
        shown.put(name, full.files[name].clone());
    }
    let report = server(&shown.serve(), trust(&site), None);
    sound(&report);
    assert_eq!(report.checked("leaves"), 200);
}

#[test]
fn leaves_that_contradict_each_other() {
    let mut case = Case::having_seen();
    let (all, signer) = (entries(&case.site), thief(&case.site));
    let again = |from: &str, to: &str, leaf: usize| {
        [all.clone(), vec![String::from_utf8(all[leaf].clone()).unwrap().replace(from, to).into_bytes()]].concat()
    };
    for (more, code, says) in [
        (again("", "", 1), "second-release", "leaf 3: a second release of small@1.1.0: leaf 1 released"),
        (again("1.1.0", "1.1.0+other", 1), "second-release", "small@1.1.0+other: leaf 1 released small@1.1.0 already"),
        (again("", "", 2), "order", "which is withdrawn already"),
        (again("1.0.0", "7.0.0", 2), "order", "which no leaf before it released"),
        (again("\"withdraw\"", "\"forget\"", 2), "leaf", "leaf 3: leaf 3 is damaged"),
    ] {
        case.shown.log(&more, &signer, &[]);
        refused(&case.verify(), code, says);
        drop(std::fs::remove_dir_all(case.memory.path())); // what failed is not remembered, so it may not be there
    }
}

#[test]
fn a_key_that_is_not_believed() {
    let mut case = Case::new();
    let other = key(thief(&case.site).name(), 5, KeyKind::Ed25519);
    case.shown.log(&entries(&case.site), &other, &[]);
    case.refused("signature", "none of the trusted keys signed this note");
    assert!(case.memory().all().unwrap().is_empty());
}

/// Nobody knows the key the first time; the second time it is held to.
#[test]
fn first_use_is_said_aloud_and_remembered() {
    let mut case = Case::new();
    let url = case.shown.clone().serve();
    let first = server(&url, Trust::new(NOW), Some(&case.memory()));
    sound(&first);
    assert!(first.notes.iter().any(|note| note.starts_with("TRUST ON FIRST USE")), "{:?}", first.notes);
    let second = server(&url, Trust::new(NOW), Some(&case.memory()));
    sound(&second);
    assert!(second.notes.iter().all(|note| !note.contains("FIRST USE")), "{:?}", second.notes);
    // another key at the same address
    let other = key(thief(&case.site).name(), 5, KeyKind::Ed25519);
    case.shown.log(&entries(&case.site), &other, &[]);
    case.shown.put("/log/key", format!("{}\n", other.verifier()));
    let mut own = case.memory().all().unwrap().remove(0);
    let liar = case.shown.clone().serve();
    own.urls = vec![liar.clone()];
    case.memory().remember(&own).unwrap();
    refused(&server(&liar, Trust::new(NOW), Some(&case.memory())), "signature", "none of the trusted keys");
    let mut trust = Trust::new(NOW);
    trust.adopt(Vec::new(), Basis::Given);
    assert_eq!(trust.keys().len(), 0);
    assert!(Path::new(case.memory().folder()).is_dir());
}

/// A thief of a retired key cannot go on in the log's name: whoever saw the newer key wants its signature.
#[test]
fn a_retired_key_signs_nothing_new() {
    let mut case = Case::having_seen();
    let old = thief(&case.site);
    let new = tanyin::release::rotate_log_key(case.site.ground(), "operator").unwrap();
    assert_eq!(new.name(), old.name());
    let all = entries(&case.site);
    case.shown.log(&all, &old, &[]);
    refused(&case.verify(), "signature", "that key did not sign it");
    // nothing of it was remembered
    assert!(case.memory().all().unwrap().iter().all(|own| !own.keys.contains(&new.to_string())));
}

/// What the log withdrew, the lists of a server cannot hide, nor a release, nor show one that is in no leaf.
#[test]
fn what_is_said_of_releases_is_what_the_log_says() {
    let mut case = Case::new();
    let list = |rows: &[(&str, bool)]| {
        let rows = rows.iter().map(|(version, withdrawn)| {
            let withdrawn = withdrawn.then_some(serde_json::json!({"reason": "r"}));
            serde_json::json!({"version": version, "withdrawn": withdrawn, "superseded": null})
        });
        serde_json::json!({"releases": rows.collect::<Vec<_>>()}).to_string()
    };
    let path = "/v1/datasets/small/releases";
    for (rows, says) in [
        (&[("1.0.0", false), ("1.1.0", false)][..], "leaf 2 withdrew small@1.0.0"),
        (&[("1.0.0", true)], "does not list small@1.1.0"),
        (&[("1.0.0", true), ("1.1.0", false), ("2.0.0", false)], "lists small@2.0.0, which no leaf releases"),
    ] {
        case.shown.put(path, list(rows));
        refused(&case.verify(), "standing", says);
    }
    case.shown.put(path, "{}");
    refused(&case.verify(), "standing", "does not read");
    case.shown.put(path, list(&[("1.0.0", true), ("1.1.0", false)]));
    sound(&case.verify());
}
