//! The log over HTTP: checkpoint, key, tiles, proofs; checked as a stranger would, with nothing but what is served.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tanyin::canon::Digest;
use tanyin::dataset::Manifest;
use tanyin::release::{Ground, PublicFact, ReleaseProof};
use tanyin::tlog::{
    Checkpoint, LogProof, MemoryTree, Note, TilePath, VerifierKey, bundles_of, check_consistency, check_inclusion, leaf_hash, parse_bundle,
    parse_hash, tile_bytes, tiles_of,
};

use super::{ok, refused};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

fn key(site: &Site) -> VerifierKey {
    ok(site, "/log/key").text().lines().next().unwrap().parse().unwrap()
}

fn checkpoint(site: &Site) -> Checkpoint {
    let note = Note::parse(ok(site, "/log/checkpoint").body).unwrap();
    Checkpoint::open(&note, &[key(site)], &[]).unwrap().checkpoint
}

/// All entries, fetched bundle by bundle.
fn entries(site: &Site, size: u64) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for bundle in bundles_of(size) {
        let body = ok(site, &format!("/log/{bundle}")).body;
        entries.extend(parse_bundle(&body, bundle.width).unwrap().into_iter().map(<[u8]>::to_vec));
    }
    entries
}

fn hashes(texts: &serde_json::Value) -> Vec<Digest> {
    texts.as_array().unwrap().iter().map(|text| parse_hash(text.as_str().unwrap()).unwrap()).collect()
}

on_bundled!(
    fn what_is_served_is_one_tree(site: &Site) {
        let checkpoint = checkpoint(site);
        assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("tanyin.local/log", 7));
        let entries = entries(site, 7);
        let tree: MemoryTree = entries.iter().map(|entry| leaf_hash(entry)).collect();
        assert_eq!(tree.root(), checkpoint.root);
        for tile in tiles_of(7) {
            let body = ok(site, &format!("/log/{tile}")).body;
            assert_eq!(body, tile_bytes(&tile, &mut |level, index| tree.read(level, index)).unwrap());
        }
        // every release of the catalogue is a leaf, and no leaf tells of another
        let mut told: Vec<String> = entries
            .iter()
            .map(|entry| match PublicFact::from_leaf(entry, "leaf").unwrap() {
                PublicFact::Release { dataset, version, manifest, record, .. } => {
                    let home = format!("/v1/datasets/{dataset}/releases/{version}");
                    assert_eq!(Digest::of(&ok(site, &format!("{home}/files/manifest.json")).body), manifest);
                    assert_eq!(Digest::of(&ok(site, &format!("{home}/files/release.record.json")).body), record);
                    assert_eq!(ok(site, &home).json()["record"], record.to_string());
                    format!("{dataset}@{version}")
                }
                other => panic!("{other:?}"),
            })
            .collect();
        told.sort();
        assert_eq!(told.len(), 7);
        told.dedup();
        assert_eq!(told.len(), 7);
    }
);

on_bundled!(
    fn headers_say_how_long_to_keep_what(site: &Site) {
        let checkpoint = ok(site, "/log/checkpoint");
        assert_eq!(checkpoint.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(checkpoint.header("cache-control"), Some("public, max-age=5"));
        let etag = checkpoint.header("etag").unwrap();
        assert_eq!(site.get_with("/log/checkpoint", &[("If-None-Match", etag)]).status, 304);
        let tile = ok(site, "/log/tile/0/000.p/7");
        assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
        assert_eq!(tile.header("cache-control"), Some("public, max-age=5"));
        assert_eq!(tile.header("etag"), Some(format!("\"sha256-{}\"", Digest::of(&tile.body).to_hex()).as_str()));
        let part = site.get_with("/log/tile/0/000.p/7", &[("Range", "bytes=32-63")]);
        assert_eq!((part.status, part.body.as_slice()), (206, &tile.body[32..64]));
        let proof = ok(site, "/v1/datasets/cn-electricity-co2/releases/1.2.0/files/release.tlog-proof");
        assert_eq!(proof.header("cache-control"), Some("public, max-age=5"));
        let record = ok(site, "/v1/datasets/cn-electricity-co2/releases/1.2.0/files/release.record.json");
        assert!(record.header("cache-control").unwrap().contains("immutable"));
    }
);

on_bundled!(
    fn a_tile_has_one_address(site: &Site) {
        for path in [
            "0/000",
            "0/000.p/8",
            "0/000.p/0",
            "0/000.p/07",
            "0/000.p/256",
            "00/000.p/7",
            "0/0.p/7",
            "1/000.p/1",
            "64/000",
            "0/x000/000.p/7",
            "data/000",
            "entries/001",
            "0/..%2f..%2fcheckpoint",
            "0/000.p/7/",
            "%F0%9F%98%82",
        ] {
            refused(site, &format!("/log/tile/{path}"), "no-tile");
        }
        for path in ["/log/", "/log/tile", "/log/tile/", "/log/checkpoint/x"] {
            assert_eq!(site.get(path).problem(), "not-found", "{path}");
        }
    }
);

on_bundled!(
    fn a_factor_is_proved_down_to_the_checkpoint(site: &Site) {
        let key = key(site);
        let mut proved = 0;
        for (dataset, version, keys) in [
            ("cn-electricity-co2", "1.2.0", vec!["grid-average/cn/2022", "grid-average/cn-zj/2022"]),
            ("ipcc-stationary-combustion", "1.0.0", vec!["energy-industries/natural-gas"]),
        ] {
            let lines = ok(site, &format!("/v1/datasets/{dataset}/releases/{version}/files/factors.ndjson")).body;
            let own: Vec<String> = lines
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| tanyin::dataset::key_of(line).unwrap().to_owned())
                .collect();
            for wanted in own.iter().step_by(17).map(String::as_str).chain(keys.into_iter().filter(|key| own.iter().any(|own| own == key)))
            {
                let answer = ok(site, &format!("/v1/log/proof?dataset={dataset}&version=^1&key={wanted}"));
                let proof: ReleaseProof = serde_json::from_slice(&answer.body).unwrap();
                let factor = proof.factor.unwrap();
                assert_eq!((factor.key.as_str(), proof.version.to_string().as_str()), (wanted, version));
                // line → root of the manifest → manifest → leaf → checkpoint → key
                assert!(lines.split(|byte| *byte == b'\n').any(|line| line == factor.line.as_bytes()));
                let manifest: Manifest = serde_json::from_str(&proof.manifest).unwrap();
                let path: Vec<Digest> = factor.inclusion.iter().map(|hash| parse_hash(hash).unwrap()).collect();
                check_inclusion(factor.index, manifest.factors, &leaf_hash(factor.line.as_bytes()), &path, &manifest.root).unwrap();
                let log = LogProof::parse(&proof.proof).unwrap();
                let leaf = log.extra.clone().unwrap();
                let fact = PublicFact::from_leaf(&leaf, "leaf").unwrap();
                assert!(
                    matches!(&fact, PublicFact::Release { manifest, .. } if *manifest == Digest::of(proof.manifest.as_bytes())),
                    "{fact:?}"
                );
                log.verify(&leaf_hash(&leaf), std::slice::from_ref(&key), &[]).unwrap();
                proved += 1;
            }
        }
        assert!(proved > 20, "{proved}");
        let file = ok(site, "/v1/datasets/cn-electricity-co2/releases/1.2.0/files/release.tlog-proof").text();
        let json = ok(site, "/v1/log/proof?dataset=cn-electricity-co2&version=latest").json();
        assert_eq!((json["proof"].as_str(), json.get("factor")), (Some(file.as_str()), None));
        for (query, code) in [
            ("", "missing-parameter"),
            ("?dataset=cn-electricity-co2", "missing-parameter"),
            ("?dataset=none&version=1.0.0", "no-dataset"),
            ("?dataset=cn-electricity-co2&version=9.0.0", "no-release"),
            ("?dataset=cn-electricity-co2&version=one", "invalid-parameter"),
            ("?dataset=cn-electricity-co2&version=1.2.0&key=none", "no-factor"),
        ] {
            refused(site, &format!("/v1/log/proof{query}"), code);
        }
    }
);

on_both!(
    fn the_log_only_grows(site: &Site) {
        let package = |version: &str| {
            let value = version.split_once('.').unwrap().1.replace(".0", ".5");
            PackageDraft::new("grown", version, vec![row("a", &[("value", &value)])])
        };
        assert_eq!((checkpoint(site).size, ok(site, "/log/checkpoint").text().lines().nth(1).unwrap()), (0, "0"));
        let mut seen = Vec::new();
        for (place, version) in ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"].into_iter().enumerate() {
            site.publish(&package(version));
            site.wait_for_facts(i64::try_from(place).unwrap() + 1);
            seen.push(checkpoint(site));
        }
        for (place, old) in seen.iter().enumerate() {
            for new in &seen[place..] {
                let answer = ok(site, &format!("/v1/log/consistency?from={}&to={}", old.size, new.size)).json();
                check_consistency(old.size, new.size, &hashes(&answer["proof"]), &old.root, &new.root).unwrap();
            }
            // a partial tile of every published size is served
            ok(site, &format!("/log/{}", TilePath::Hashes(tiles_of(old.size)[0])));
        }
        assert_eq!(ok(site, "/v1/log/consistency?from=2").json()["to"], 5);
        for (query, code) in [
            ("", "missing-parameter"),
            ("?from=0", "invalid-parameter"),
            ("?from=6", "invalid-parameter"),
            ("?from=3&to=2", "invalid-parameter"),
            ("?from=1&to=6", "invalid-parameter"),
            ("?from=-1", "invalid-parameter"),
            ("?from=99999999999999999999", "invalid-parameter"),
        ] {
            refused(site, &format!("/v1/log/consistency{query}"), code);
        }
    }
);

/// What is served from files alone, where no log was ever made.
#[test]
fn a_server_without_a_log_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ground = Ground::open_read_only(folder.path(), None).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || tanyin::http::serve(ground, "127.0.0.1:0", |bound| sender.send(bound.to_owned()).unwrap()));
    let address = receiver.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    for path in ["/log/checkpoint", "/log/key", "/v1/log/consistency?from=1"] {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.get(format!("http://{address}{path}")).call().unwrap();
        let json: serde_json::Value = answer.body_mut().read_json().unwrap();
        assert_eq!((answer.status().as_u16(), json["type"].as_str()), (404, Some("/problems/no-log")), "{path}");
    }
}

/// The bytes of a checkpoint's root line are the base64 of the root (C2SP tlog-checkpoint).
#[test]
fn an_empty_log_has_the_hash_of_nothing() {
    let site = Site::new(crate::site::Kind::Sqlite);
    let text = ok(&site, "/log/checkpoint").text();
    let root = STANDARD.decode(text.lines().nth(2).unwrap()).unwrap();
    assert_eq!(hex::encode(root), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
