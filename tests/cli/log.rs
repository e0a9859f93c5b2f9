//! The commands of the log, of keys and of events, as people and scripts see them.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{Ran, tanyin};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

#[track_caller]
fn fine(site: &Site, arguments: &[&str]) -> Ran {
    let ran = tanyin(site, arguments);
    assert_eq!(ran.code(), 0, "{arguments:?}: {}{}", ran.out(), ran.err());
    ran
}

/// A refusal with exit code 1, told in both forms; gives its code.
#[track_caller]
fn refused(site: &Site, arguments: &[&str], says: &str) -> String {
    let ran = tanyin(site, &[arguments, &["--json"]].concat());
    assert_eq!(ran.code(), 1, "{arguments:?}: {}{}", ran.out(), ran.err());
    let message = ran.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains(says) && ran.err().contains(says), "{message}");
    ran.json()["error"]["code"].as_str().unwrap().to_owned()
}

fn publish(site: &Site, version: &str, value: &str) {
    site.publish(&PackageDraft::new("logged", version, vec![row("a", &[("value", value)])]));
}

on_both!(
    fn a_release_is_signed_off_line_and_told_in_the_log(site: &Site) {
        let file = |name: &str| site.folder.path().join(name).display().to_string();
        publish(site, "1.0.0", "1");
        let vkey = fine(site, &["key", "new", "wang.example/reviewer", "-o", &file("wang.key"), "--json"]).json()["key"].clone();
        let vkey = vkey.as_str().unwrap();
        assert_eq!(fine(site, &["key", "show", &file("wang.key")]).out().trim(), vkey);
        assert_eq!(std::fs::metadata(file("wang.key")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(refused(site, &["key", "new", "a b", "-o", &file("b.key")], "name"), "log-key");
        assert_ne!(tanyin(site, &["key", "new", "wang.example/reviewer", "-o", &file("wang.key")]).code(), 0, "a key was overwritten");

        let policy = fine(site, &["dataset", "policy", "logged", "--approvals", "1", "--reviewer", vkey, "--json"]).json();
        assert_eq!(policy["reviewers"], serde_json::json!([vkey]));
        assert_eq!(refused(site, &["dataset", "policy", "logged", "--approvals", "2"], "only 1 different keys"), "policy");
        assert_eq!(tanyin(site, &["dataset", "policy", "logged", "--approvals", "1", "--reviewer", "rubbish"]).code(), 2);

        let package = site.folder.path().join("package");
        std::fs::create_dir(&package).unwrap();
        PackageDraft::new("logged", "1.1.0", vec![row("a", &[("value", "2")])]).write(&package);
        fine(site, &["import", &package.display().to_string(), "--dataset", "logged", "--by", "li"]);
        let submitted = fine(site, &["draft", "submit", "logged", "--by", "li", "--json"]).json();
        assert_eq!(submitted["signed"], true);
        let manifest = submitted["manifest"].as_str().unwrap();
        assert_eq!(refused(site, &["draft", "approve", "logged", "--by", "wang"], "signed approvals"), "review");
        // for another version, the signature is none of this release
        let sign = |release: &str| fine(site, &["key", "approve", release, manifest, "--key", &file("wang.key")]).out().trim().to_owned();
        let wrong = sign("logged@1.2.0");
        assert_eq!(refused(site, &["draft", "approve", "logged", "--by", "wang", "--signature", &wrong], "does not hold"), "review");
        fine(site, &["draft", "approve", "logged", "--by", "wang", "--signature", &sign("logged@1.1.0")]);
        fine(site, &["release", "publish", "logged", "--by", "li"]);

        fine(site, &["release", "supersede", "logged@1.0.0", "--with", "logged@1.1.0", "--reason", "the newer one"]);
        fine(site, &["release", "withdraw", "logged@1.1.0", "--reason", "wrong unit"]);
        fine(site, &["release", "restore", "logged@1.1.0", "--reason", "the unit was right"]);
        assert_eq!(refused(site, &["release", "restore", "logged@1.1.0", "--reason", "again"], "is not withdrawn"), "not-withdrawn");
        assert_eq!(refused(site, &["release", "supersede", "logged@1.0.0", "--with", "logged@1.0.0", "--reason", "r"], "itself"), "reason");
        let key = fine(site, &["log", "rotate-key", "--by", "li", "--json"]).json()["key"].clone();
        let shown = fine(site, &["log", "show", "--json"]).json();
        assert_eq!((shown["facts"].as_i64(), &shown["keys"][0], shown["keys"].as_array().unwrap().len()), (Some(6), &key, 2));
        assert_eq!(shown["checkpoint"].as_str().unwrap().matches('—').count(), 2);
        assert_eq!(fine(site, &["log", "retire-keys", "--json"]).json()["removed"], 1);
        let told: Vec<String> = fine(site, &["log", "facts"])
            .out()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(told, ["release", "release", "supersede", "withdraw", "restore", "key"]);
    }
);

on_both!(
    fn every_act_is_an_event(site: &Site) {
        publish(site, "1.0.0", "1");
        let package = site.folder.path().join("package");
        std::fs::create_dir(&package).unwrap();
        PackageDraft::new("logged", "1.1.0", vec![row("a", &[("value", "2")])]).write(&package);
        let by = ["--by", "li"];
        fine(site, &["dataset", "policy", "logged", "--approvals", "1", "--by", "zhao"]);
        for act in [
            &["import", package.to_str().unwrap(), "--dataset", "logged"][..],
            &["draft", "submit", "logged"],
            &["draft", "reject", "logged", "--comment", "the unit"],
            &["draft", "submit", "logged"],
        ] {
            fine(site, &[act, &by].concat());
        }
        fine(site, &["draft", "approve", "logged", "--by", "wang", "--comment", "seen"]);
        fine(site, &["release", "publish", "logged", "--by", "li"]);
        for act in ["withdraw", "restore"] {
            fine(site, &["release", act, "logged@1.0.0", "--reason", "r", "--by", "li"]);
        }
        fine(site, &["log", "rotate-key", "--by", "li"]);
        fine(site, &["log", "retire-keys", "--by", "li"]);
        PackageDraft::new("logged", "1.2.0", vec![row("a", &[("value", "3")])]).write(&package);
        fine(site, &["import", package.to_str().unwrap(), "--dataset", "logged", "--by", "li"]);
        fine(site, &["draft", "discard", "logged", "--by", "li"]);

        let events: Vec<Value> = fine(site, &["events"]).out().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let acts: Vec<(&str, &str)> =
            events.iter().map(|event| (event["act"].as_str().unwrap(), event["actor"].as_str().unwrap())).collect();
        let li = "operator/li";
        let expected = [
            ("log.create", "operator"),
            ("draft.import", "steward"),
            ("draft.submit", "steward"),
            ("release.publish", "steward"),
            ("dataset.policy", "operator/zhao"),
            ("draft.import", li),
            ("draft.submit", li),
            ("draft.reject", li),
            ("draft.submit", li),
            ("draft.approve", "operator/wang"),
            ("release.publish", li),
            ("release.withdraw", li),
            ("release.restore", li),
            ("log.rotate-key", li),
            ("log.retire-keys", li),
            ("draft.import", li),
            ("draft.discard", li),
        ];
        assert_eq!(acts, expected);
        assert!(events.iter().zip(1..).all(|(event, seq)| event["seq"] == seq && event["detail"].is_object()));
        let page = |arguments: &[&str]| fine(site, arguments).out().lines().count();
        assert_eq!((page(&["events", "--after", "14"]), page(&["events", "--dataset", "logged"])), (3, 14));
        assert_eq!(tanyin(site, &["events", "--after", "-1"]).code(), 2);
    }
);

on_both!(
    fn a_folder_for_an_auditor_is_whole_or_not_there(site: &Site) {
        publish(site, "1.0.0", "1");
        let folder = site.folder.path().join("audit");
        let path = folder.display().to_string();
        let made = fine(site, &["export", "logged@1.0.0", "--format", "audit", "-o", &path, "--json"]).json();
        let mut names: Vec<String> =
            std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        let mut told: Vec<String> = serde_json::from_value(made["files"].clone()).unwrap();
        told.sort();
        assert_eq!(names, told);
        assert_eq!(
            names,
            [
                "SHA256SUMS",
                "factors.csv",
                "factors.ndjson",
                "manifest.json",
                "release.places.ndjson",
                "release.record.json",
                "release.tlog-proof"
            ]
        );
        for name in &names {
            let served = site.get(&format!("/v1/datasets/logged/releases/1.0.0/files/{name}"));
            assert_eq!((served.status, served.body), (200, std::fs::read(folder.join(name)).unwrap()), "{name}");
        }
        assert_eq!(tanyin(site, &["export", "logged@1.0.0", "--format", "audit", "-o", &path]).code(), 2, "a folder was overwritten");
        assert_eq!(tanyin(site, &["export", "logged@1.0.0", "--format", "audit", "-o", "/nowhere/at/all"]).code(), 3);
    }
);
