//! Whom a client believes: reviewers beside the log, and keys that follow each other.

use tanyin::audit::{Memory, Trust};
use tanyin::desk::{NewReview, VersionWish, approve, set_policy, submit, text_to_sign};
use tanyin::release::{Catalogue, publish, retire_log_keys, rotate_log_key};
use tanyin::tlog::{KeyKind, Policy, SignerKey};

use super::mirror::{Shown, entries, thief};
use super::{NOW, key, log_keys, package, refused, server, sound};
use crate::site::{Kind, Site};

/// The example of the page on verification, with the keys of a test.
fn policy(site: &Site, reviewers: &[&SignerKey; 3]) -> Policy {
    let page = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify.md")).unwrap();
    let text = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let witness = key("witness.example", 8, KeyKind::Cosignature);
    let mut text =
        text.replace("<log key>", &log_keys(site.ground())[0].to_string()).replace("<witness key>", &witness.verifier().to_string());
    for (name, reviewer) in ["<wang's key>", "<chen's key>", "<zhao's key>"].iter().zip(reviewers) {
        assert!(text.contains(name), "{text}");
        text = text.replace(name, &reviewer.verifier().to_string());
    }
    Policy::parse(&text.replace("quorum seen", "quorum none")).unwrap()
}

fn release_signed(site: &Site, version: &str, rows: &[(&str, &str)], by: &[(&str, &SignerKey)]) {
    let (dataset, folder) = ("reviewed".parse().unwrap(), tempfile::tempdir().unwrap());
    package("reviewed", version, rows).write(folder.path());
    site.import(folder.path(), "reviewed").unwrap();
    submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
    for (reviewer, key) in by {
        let text = text_to_sign(site.ground(), &dataset).unwrap();
        let line = key.sign(&text).unwrap().to_string();
        approve(site.ground(), &dataset, &NewReview { reviewer, comment: "", signature: Some(&line) }).unwrap();
    }
    publish(site.ground(), &dataset, "operator").unwrap();
}

/// The thief has the log's key and the server; the reviewers' keys they have not.
#[test]
fn a_thief_of_the_log_key_makes_no_acceptable_release() {
    let site = Site::new(Kind::Sqlite);
    let reviewers = [("wang.example", 1), ("chen.example", 2), ("zhao.example", 3)].map(|(name, seed)| key(name, seed, KeyKind::Ed25519));
    let [wang, chen, zhao] = &reviewers;
    let dataset = "reviewed".parse().unwrap();
    site.publish(&package("other", "1.0.0", &[("a", "1")]));
    let folder = tempfile::tempdir().unwrap();
    package("reviewed", "1.0.0", &[("a", "1")]).write(folder.path());
    site.import(folder.path(), "reviewed").unwrap();
    let keys = reviewers.each_ref().map(|key| key.verifier().clone());
    set_policy(site.ground(), &dataset, 2, Some(&keys), "admin").unwrap();
    release_signed(&site, "1.0.0", &[("a", "1")], &[("wang", wang), ("chen", chen)]);
    let verify = |site: &Site| {
        let trust = Trust::new(NOW).given(Vec::new(), Some(policy(site, &[wang, chen, zhao])));
        server(&Shown::of(site).serve(), trust, None)
    };
    let report = verify(&site);
    let unsigned = "v1/datasets/other/releases/1.0.0/files/release.approvals";
    assert!(report.failures.iter().all(|finding| finding.what.ends_with(unsigned)), "{:#?}", report.failures);
    refused(&report, "not-approved", "the approval of `other` needs 2 of `team` and has 0");
    // the thief takes the policy away, and publishes under the real key into the real log
    set_policy(site.ground(), &dataset, 0, Some(&[]), "thief").unwrap();
    release_signed(&site, "1.1.0", &[("a", "0")], &[]);
    let report = verify(&site);
    refused(&report, "not-approved", "reviewed/releases/1.1.0");
    refused(&report, "not-approved", "the log's key is trusted for the order of releases");
    let old = "reviewed/releases/1.0.0";
    assert!(report.failures.iter().all(|finding| !finding.what.contains(old)), "{:#?}", report.failures);
    // the approvals of the release before do not do
    let mut shown = Shown::of(&site);
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let note = catalogue.resolve("reviewed@1.0.0").unwrap().release.record.approvals.clone().unwrap();
    shown.put("/v1/datasets/reviewed/releases/1.1.0/files/release.approvals", note);
    let trust = Trust::new(NOW).given(Vec::new(), Some(policy(&site, &[wang, chen, zhao])));
    let report = server(&shown.serve(), trust, None);
    refused(&report, "approvals", "line 3: the reviewers signed something else: `1.0.0`");
    refused(&report, "not-approved", "reviewed/releases/1.1.0");
}

/// A known key vouches for the next one; who has seen that goes on when the first is retired.
#[test]
fn keys_that_follow_each_other_are_learnt() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&package("small", "1.0.0", &[("a", "1")]));
    let memory = tempfile::tempdir().unwrap();
    let memory = Memory::new(memory.path());
    let first = log_keys(site.ground()).remove(0);
    let trust = || Trust::new(NOW).given(vec![first.clone()], None);
    let verify = |memory| server(&published(&site).serve(), trust(), memory);
    sound(&verify(Some(&memory)));
    rotate_log_key(site.ground(), "operator").unwrap();
    let report = verify(Some(&memory));
    sound(&report);
    assert!(report.notes.iter().any(|note| note.contains("is believed from now on")), "{:?}", report.notes);
    retire_log_keys(site.ground(), "operator").unwrap();
    site.publish(&package("small", "1.1.0", &[("a", "2")]));
    sound(&verify(Some(&memory)));
    // whoever was not there when the first key signed for the second cannot know
    refused(&verify(None), "signature", "none of the trusted keys signed");
    assert_eq!(memory.all().unwrap()[0].keys.len(), 2);
}

/// What the site has published itself, with its own signatures.
fn published(site: &Site) -> Shown {
    let mut shown = Shown::of(site);
    shown.log(&entries(site), &thief(site), &[]);
    shown.put("/log/checkpoint", site.ground().blobs().read_named("log/checkpoint").unwrap().unwrap());
    shown
}
