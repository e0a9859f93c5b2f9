//! What became of keys: confirmed in the draft, frozen with the release, composed over releases.

use serde_json::{Value, json};
use tanyin::dataset::{CrosswalkRecord, Verb};
use tanyin::desk::{self, DeskError, VersionWish};
use tanyin::{audit, release};

use super::{ok, refused};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

fn record(verb: Verb, from: &[&str], to: &[&str], share: &[&str]) -> CrosswalkRecord {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let share = share.iter().map(|share| share.parse().unwrap()).collect();
    CrosswalkRecord { verb, from: keys(from), to: keys(to), share, reason: "the source says so".into(), by: None, at: None }
}

fn import(site: &Site, version: &str, keys: &[(&str, &str)]) {
    let rows = keys.iter().map(|(key, region)| row(key, &[("region", region)])).collect();
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("made", version, rows).write(folder.path());
    let outcome = site.import(folder.path(), "made").unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
}

fn add(site: &Site, records: Vec<CrosswalkRecord>) -> Result<(), DeskError> {
    let dataset = "made".parse().unwrap();
    desk::change_crosswalk(site.ground(), &dataset, "operator/w", |crosswalk, at| {
        for own in records {
            crosswalk.records.add(CrosswalkRecord { by: Some("operator/w".into()), at: Some(at.to_owned()), ..own })?;
        }
        Ok(())
    })
}

fn publish(site: &Site) {
    let dataset = "made".parse().unwrap();
    desk::submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
    release::publish(site.ground(), &dataset, "steward").unwrap();
}

/// 1.0.0: a b c d; 2.0.0: a became a2, b split into b1 and b2, c went; 3.0.0: a2 became a3, b1 and b2 merged into bb.
fn three_releases(site: &Site) {
    import(site, "1.0.0", &[("a", "CN-BJ"), ("b", "CN-TJ"), ("c", "CN-HE"), ("d", "CN-SX"), ("e", "CN-NM")]);
    publish(site);
    import(site, "2.0.0", &[("a2", "CN-BJ"), ("b1", "CN-TJ"), ("b2", "CN-LN"), ("d", "CN-SX")]);
    add(
        site,
        vec![
            record(Verb::Replace, &["a"], &["a2"], &[]),
            record(Verb::Split, &["b"], &["b1", "b2"], &["0.25", "0.75"]),
            record(Verb::Delete, &["c"], &[], &[]),
        ],
    )
    .unwrap();
    publish(site);
    import(site, "3.0.0", &[("a3", "CN-BJ"), ("bb", "CN-TJ"), ("d", "CN-SX")]);
    add(site, vec![record(Verb::Replace, &["a2"], &["a3"], &[]), record(Verb::Merge, &["b1", "b2"], &["bb"], &[])]).unwrap();
    publish(site);
    site.wait_for_facts(3);
}

on_both!(
    fn crosswalks_compose(site: &Site) {
        three_releases(site);
        let answer = ok(site, "/v1/datasets/made/crosswalk?from=1.0.0&to=3.0.0").json();
        assert_eq!((&answer["from"], &answer["to"], &answer["via"]), (&json!("1.0.0"), &json!("3.0.0"), &json!(["2.0.0", "3.0.0"])));
        let of = |key: &str| answer["crosswalk"].as_array().unwrap().iter().find(|fate| fate["from"] == key).cloned().unwrap();
        assert_eq!((&of("a")["fate"], &of("a")["to"]), (&json!("moved"), &json!([{"key": "a3", "share": "1"}])));
        assert_eq!(of("a")["steps"].as_array().unwrap().len(), 2);
        assert_eq!((&of("b")["fate"], &of("b")["to"]), (&json!("moved"), &json!([{"key": "bb", "share": "1"}])));
        assert_eq!((&of("c")["fate"], &of("c")["to"]), (&json!("deleted"), &json!([])));
        let half = ok(site, "/v1/datasets/made/crosswalk?from=1.0.0&to=2.0.0&key=b").json();
        assert_eq!(half["crosswalk"][0]["to"], json!([{"key": "b1", "share": "1/4"}, {"key": "b2", "share": "3/4"}]));
        for (key, fate) in [("d", "kept"), ("e", "gone")] {
            assert_eq!(ok(site, &format!("/v1/datasets/made/crosswalk?from=1.0.0&key={key}")).json()["crosswalk"][0]["fate"], fate);
        }
        refused(site, "/v1/datasets/made/crosswalk", "missing-parameter");
        refused(site, "/v1/datasets/made/crosswalk?from=3.0.0&to=1.0.0", "invalid-parameter");
        refused(site, "/v1/datasets/made/crosswalk?from=1.0.0&key=none", "no-factor");
    }
);

on_both!(
    fn a_confirmed_rename_is_renamed_and_still_major(site: &Site) {
        three_releases(site);
        let diff = ok(site, "/v1/datasets/made/diff/1.0.0...3.0.0").json();
        let counts =
            json!({"added": 1, "removed": 3, "renamed": 1, "meaning": 0, "number": 0, "text": 0, "provenance_only": 0, "unchanged": 1});
        assert_eq!((&diff["counts"], &diff["bump"]), (&counts, &json!("major")));
        let renamed = diff["changes"].as_array().unwrap().iter().find(|change| change["change"] == "renamed").unwrap();
        assert_eq!(renamed["key"], "a3");
        assert_eq!(renamed["fields"], json!([{"field": "key", "from": "a", "to": "a3", "bump": "major"}]));
        let back = ok(site, "/v1/datasets/made/diff/2.0.0...1.0.0").json();
        assert_eq!(back["counts"]["renamed"], 1);
        let manifest = ok(site, "/v1/datasets/made/releases/2.0.0/files/manifest.json").json();
        assert_eq!((&manifest["changes"]["renamed"], &manifest["changes"]["removed"]), (&json!(1), &json!(3)));
        let first = ok(site, "/v1/datasets/made/releases/1.0.0/files/manifest.json").json();
        assert!(first["changes"].get("renamed").is_none(), "a manifest without renames has the bytes that it always had");
    }
);

on_both!(
    fn the_artefact_holds_no_names(site: &Site) {
        three_releases(site);
        let file = ok(site, "/v1/datasets/made/releases/2.0.0/files/crosswalk.ndjson");
        assert_eq!(file.header("content-type"), Some("application/x-ndjson"));
        let lines: Vec<Value> = file.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0], json!({"from": ["a"], "reason": "the source says so", "to": ["a2"], "verb": "replace"}));
        assert_eq!((lines.len(), &lines[1]["share"]), (3, &json!(["0.25", "0.75"])));
        let sums = ok(site, "/v1/datasets/made/releases/2.0.0/files/SHA256SUMS").text();
        assert!(sums.contains("  crosswalk.ndjson\n"), "{sums}");
        refused(site, "/v1/datasets/made/releases/1.0.0/files/crosswalk.ndjson", "no-artefact");
        let record = ok(site, "/v1/datasets/made/releases/2.0.0/files/release.record.json").json();
        let digest: tanyin::canon::Digest = record["crosswalk"].as_str().unwrap().parse().unwrap();
        let confirmed: Value = serde_json::from_slice(&site.ground().blobs().read(digest).unwrap()).unwrap();
        assert_eq!(confirmed["records"][0]["by"], "operator/w");
        let store = audit::Store {
            blobs: &site.folder.path().join("blobs"),
            indexes: &site.folder.path().join("indexes"),
            database: Some(site.ground().database().unwrap()),
        };
        let mut report = audit::Report::default();
        audit::verify_store(
            &store,
            audit::Trust::new(crate::audit::NOW),
            None,
            &audit::Scope { deep: true, ..Default::default() },
            &mut report,
        );
        assert!(report.failures.is_empty(), "{:?}", report.failures);
    }
);

on_both!(
    fn a_key_that_is_gone_says_what_it_became(site: &Site) {
        three_releases(site);
        let problem = refused(site, "/v1/lookup?dataset=made&key=a", "no-match");
        assert_eq!((&problem["became"]["last"], &problem["became"]["to"][0]["key"]), (&json!("1.0.0"), &json!("a3")));
        assert!(problem["detail"].as_str().unwrap().contains("it became `a3`"), "{problem}");
        let problem = refused(site, "/v1/datasets/made/releases/latest/factors/c", "no-factor");
        assert_eq!(problem["became"]["fate"], "deleted");
        assert_eq!(refused(site, "/v1/lookup?dataset=made&key=zzz", "no-match")["became"], Value::Null);
    }
);

on_both!(
    fn a_record_must_fit_the_draft(site: &Site) {
        import(site, "1.0.0", &[("a", "CN-BJ"), ("b", "CN-TJ")]);
        publish(site);
        import(site, "2.0.0", &[("a2", "CN-BJ"), ("b", "CN-TJ")]);
        let dataset = "made".parse().unwrap();
        let submit = || desk::submit(site.ground(), &dataset, &VersionWish::Package, "steward").map(|_| ());
        for (wrong, word) in [
            (record(Verb::Replace, &["z"], &["a2"], &[]), "no key `z`"),
            (record(Verb::Replace, &["a"], &["z"], &[]), "draft has no key `z`"),
            (record(Verb::Delete, &["b"], &[], &[]), "still has the key `b`"),
        ] {
            add(site, vec![wrong.clone()]).unwrap();
            let said = submit().unwrap_err();
            assert!(said.is_refusal() && said.to_string().contains(word), "{said}");
            desk::change_crosswalk(site.ground(), &dataset, "w", |crosswalk, _| Ok(crosswalk.records.remove(&wrong.from[0]))).unwrap();
        }
        add(site, vec![record(Verb::Replace, &["a"], &["a2"], &[])]).unwrap();
        submit().unwrap();
        let frozen = add(site, vec![record(Verb::Delete, &["b"], &[], &[])]).unwrap_err();
        assert!(frozen.is_refusal() && frozen.to_string().contains("frozen"), "{frozen}");
    }
);
