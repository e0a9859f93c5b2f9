//! From a draft to a release over HTTP: revisions, edits by hand, four eyes, and what is refused.

use std::sync::Barrier;

use serde_json::{Value, json};
use tanyin::dataset::Role;
use tanyin::desk;

use super::{ask, bearer, ok};
use crate::on_both;
use crate::site::{PackageDraft, Response, Site, row};

const DRAFT: &str = "/v1/datasets/made/draft";
const FACTOR: &str = "/v1/datasets/made/draft/factors/a";

fn package(version: &str, value: &str) -> PackageDraft {
    PackageDraft::new("made", version, vec![row("a", &[("value", value)]), row("b", &[("region", "CN-ZJ"), ("locator", "p. 1")])])
}

fn import(site: &Site, package: &PackageDraft) {
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let outcome = site.import(folder.path(), "made").unwrap();
    assert!(outcome.run.is_some(), "{:?}", outcome.report.items);
}

/// A released dataset with a draft, and a steward's token.
fn drafted(site: &Site) -> String {
    site.publish(&package("1.0.0", "0.5"));
    import(site, &package("1.1.0", "0.6"));
    bearer(site, "li", Role::Steward)
}

#[track_caller]
fn change(site: &Site, token: &str, method: &str, path: &str, tag: Option<&str>, body: &Value) -> Response {
    let mut headers = vec![("Authorization", token), ("Content-Type", "application/json")];
    headers.extend(tag.map(|tag| ("If-Match", tag)));
    site.send(method, path, &headers, Some(body.to_string().as_bytes()))
}

fn tag(response: &Response) -> String {
    response.header("etag").unwrap_or_else(|| panic!("{}", response.text())).to_owned()
}

fn set(value: &str) -> Value {
    json!({"cells": {"value": value}, "reason": "a misprint in the table"})
}

on_both!(
    fn a_line_is_edited_and_the_record_says_so(site: &Site) {
        let li = drafted(site);
        let before = ask(site, &li, "GET", FACTOR, None);
        assert_eq!((before.status, &before.json()["value"]), (200, &json!("0.6")));
        let edited = change(site, &li, "PATCH", FACTOR, Some(&tag(&before)), &set("0.61"));
        assert_eq!((edited.status, &edited.json()["factor"]["value"]), (200, &json!("0.61")), "{}", edited.text());
        let added = json!({"reason": "it was left out", "cells": {"activity": "electricity/grid-average", "kind": "electricity-direct",
            "name_en": "New", "region": "CN-SH", "year": "2022", "value": "0.7", "metric": "CO2", "per": "kW.h", "source": "doc"}});
        let c = "/v1/datasets/made/draft/factors/c/new";
        let added = change(site, &li, "PUT", c, Some(&tag(&edited)), &added);
        assert_eq!((added.status, &added.json()["factor"]["key"]), (201, &json!("c/new")), "{}", added.text());
        let mut whole = added.json()["factor"].clone();
        whole["value"] = json!("0.71");
        let replaced = change(site, &li, "PUT", c, Some(&tag(&added)), &json!({"reason": "read again", "factor": whole}));
        assert_eq!((replaced.status, &replaced.json()["factor"]), (200, &whole), "{}", replaced.text());
        let removed =
            change(site, &li, "DELETE", "/v1/datasets/made/draft/factors/b", Some(&tag(&replaced)), &json!({"reason": "not for CN-ZJ"}));
        assert_eq!(removed.status, 200, "{}", removed.text());
        assert_eq!(ask(site, &li, "GET", "/v1/datasets/made/draft/factors/b", None).problem(), "no-factor");
        let shown = ask(site, &li, "GET", DRAFT, None);
        assert_eq!(tag(&shown), tag(&removed));
        let counts = &shown.json()["counts"];
        assert_eq!((&counts["added"], &counts["removed"], &counts["number"]), (&json!(1), &json!(1), &json!(1)));
        assert_eq!(shown.json()["edits"].as_array().unwrap().len(), 4);
        let diff = ask(site, &li, "GET", "/v1/datasets/made/draft/diff?format=ndjson", None).text();
        assert_eq!(diff.lines().count(), 3, "{diff}");
        // an import would lose the edits, and says so
        let folder = tempfile::tempdir().unwrap();
        package("1.1.0", "0.8").write(folder.path());
        let lost = site.import(folder.path(), "made").unwrap_err();
        assert!(lost.is_refusal() && lost.to_string().contains("4 times"), "{lost}");
        assert_eq!(ask(site, &li, "POST", "/v1/datasets/made/draft/submit", Some(r#"{"bump":"auto"}"#)).status, 200);
        let wang = bearer(site, "wang", Role::Reviewer);
        let published = ask(site, &wang, "POST", "/v1/datasets/made/draft/publish", None);
        assert_eq!(
            (published.status, published.header("location")),
            (201, Some("/v1/datasets/made/releases/2.0.0")),
            "{}",
            published.text()
        );
        // readers see it at once, and the provenance says whose number it is
        let home = "/v1/datasets/made/releases/2.0.0";
        let record = ok(site, &format!("{home}/files/release.record.json")).json();
        assert_eq!(record["edits"].as_array().unwrap().len(), 4);
        let a = ok(site, &format!("{home}/provenance/a")).json();
        let told = &a["edits"][0];
        assert_eq!((&told["by"], &told["change"], &told["reason"]), (&json!("li"), &json!("changed"), &json!("a misprint in the table")));
        assert_eq!(told["fields"], json!([{"field": "value", "from": "0.6", "to": "0.61"}]));
        let new = ok(site, &format!("{home}/provenance/c/new")).json();
        assert_eq!((&new["edits"][0]["change"], &new["read"]), (&json!("added"), &Value::Null));
        let prov = ok(site, &format!("{home}/provenance/a?format=prov")).text();
        assert!(prov.contains("tanyin:Edit") && prov.contains("a misprint in the table"), "{prov}");
        let program = crate::cli::tanyin(site, &["provenance", "made@2.0.0", "a"]);
        assert!(
            program.out().contains("li changed it by hand") && program.out().contains("value 0.6 → 0.61"),
            "{}{}",
            program.out(),
            program.err()
        );
        let verified = crate::cli::tanyin(site, &["verify"]);
        assert_eq!(verified.code(), 0, "{}{}", verified.out(), verified.err());
    }
);

on_both!(
    fn a_bad_edit_changes_nothing(site: &Site) {
        let li = drafted(site);
        let start = tag(&ask(site, &li, "GET", DRAFT, None));
        let patch = |cells: Value| change(site, &li, "PATCH", FACTOR, Some(&start), &json!({"cells": cells, "reason": "why"}));
        for (cells, rule, field) in [
            (json!({"value": "0,61"}), "decimal", "value"),
            (json!({"per": "kWh"}), "unit-unknown", "per"),
            (json!({"source": "none"}), "source-undeclared", "source"),
            (json!({"colour": "red"}), "unknown-column", "colour"),
            (json!({"value": ""}), "required", "value"),
            (json!({"name_en": "a\u{0}b"}), "control-character", "name_en"),
        ] {
            let refused = patch(cells.clone());
            assert_eq!(refused.problem(), "findings", "{cells}: {}", refused.text());
            let item = refused.json()["items"][0].clone();
            assert_eq!((&item["field"], &item["row"]), (&json!(field), &Value::Null), "{item}");
            assert!(item["rule"].as_str().unwrap().contains(rule.split('-').next().unwrap()), "{rule}: {item}");
        }
        for (body, code) in [
            (json!({"cells": {"key": "z"}, "reason": "why"}), "invalid-body"),
            (json!({"cells": {"value": "0.6"}, "reason": "why"}), "nothing-changed"),
            (json!({"cells": {"value": "0.7"}, "reason": " "}), "invalid-body"),
            (json!({"cells": {"value": "0.7"}, "reason": "a\u{0}b"}), "invalid-body"),
            (json!({"cells": {"value": "0.7"}, "reason": "x".repeat(501)}), "invalid-body"),
            (json!({"cells": {"value": "0.7"}}), "bad-request"),
            (json!({"cells": {"value": 0.7}, "reason": "why"}), "bad-request"),
            (json!({"cells": {"value": "0.7"}, "reason": "why", "more": 1}), "bad-request"),
            (json!([]), "bad-request"),
        ] {
            assert_eq!(change(site, &li, "PATCH", FACTOR, Some(&start), &body).problem(), code, "{body}");
        }
        let put = |body: Value| change(site, &li, "PUT", FACTOR, Some(&start), &body).problem();
        assert_eq!(put(json!({"reason": "why"})), "bad-request");
        assert_eq!(put(json!({"reason": "why", "factor": {"key": "a", "value": 0.5}})), "invalid-body");
        assert_eq!(put(json!({"reason": "why", "cells": {"value": "1"}})), "findings");
        // only its place in the source: the line of the release before stays
        let b = "/v1/datasets/made/draft/factors/b";
        let moved = json!({"cells": {"locator": "p. 2", "value": "0.53660"}, "reason": "why"});
        assert_eq!(change(site, &li, "PATCH", b, Some(&start), &moved).problem(), "nothing-changed");
        let none = "/v1/datasets/made/draft/factors/none";
        assert_eq!(change(site, &li, "PATCH", none, Some(&start), &set("1")).problem(), "no-factor");
        assert_eq!(change(site, &li, "DELETE", none, Some(&start), &json!({"reason": "why"})).problem(), "no-factor");
        let bad_key = "/v1/datasets/made/draft/factors/UPPER";
        let cells = json!({"reason": "why", "cells": {"value": "1", "activity": "x", "kind": "process", "name_en": "n", "region": "CN", "metric": "CO2", "per": "kg", "source": "doc"}});
        assert_eq!(change(site, &li, "PUT", bad_key, Some(&start), &cells).problem(), "findings");
        assert_eq!(tag(&ask(site, &li, "GET", DRAFT, None)), start, "nothing was changed");
        assert!(desk::draft_edits(site.ground(), &"made".parse().unwrap()).unwrap().is_empty());
    }
);

on_both!(
    fn two_stewards_never_overwrite_each_other(site: &Site) {
        let li = drafted(site);
        let zhao = bearer(site, "zhao", Role::Steward);
        assert_eq!(change(site, &li, "PATCH", FACTOR, None, &set("1")).problem(), "precondition-required");
        assert_eq!(change(site, &li, "PATCH", FACTOR, Some("*"), &set("1")).problem(), "precondition-required");
        for wrong in ["\"r999\"", "W/\"r1\"", "r1", "\"sha256-00\"", "\"r-1\""] {
            assert_eq!(change(site, &li, "PATCH", FACTOR, Some(wrong), &set("1")).problem(), "precondition-failed", "{wrong}");
        }
        for round in 0..5 {
            let seen = tag(&ask(site, &li, "GET", FACTOR, None));
            let (barrier, li, zhao) = (Barrier::new(2), &li, &zhao);
            let edit = |token: &str, value: String| {
                barrier.wait();
                change(site, token, "PATCH", FACTOR, Some(&seen), &set(&value)).status
            };
            let edit = &edit;
            let statuses: Vec<u16> = std::thread::scope(|scope| {
                let one = scope.spawn(move || edit(li, format!("1.{round}1")));
                let other = scope.spawn(move || edit(zhao, format!("1.{round}2")));
                vec![one.join().unwrap(), other.join().unwrap()]
            });
            assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
            assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 1, "{statuses:?}");
        }
        // acts on the draft as a whole hold to what was seen where it is said
        let stale = tag(&ask(site, &li, "GET", DRAFT, None));
        assert_eq!(change(site, &zhao, "PATCH", FACTOR, Some(&stale), &set("2")).status, 200);
        for (method, path) in [("POST", "/v1/datasets/made/draft/submit"), ("DELETE", DRAFT)] {
            let refused = change(site, &li, method, path, Some(&stale), &json!({}));
            assert_eq!(refused.problem(), "precondition-failed", "{}", refused.text());
        }
    }
);

on_both!(
    fn nobody_concludes_what_they_submitted(site: &Site) {
        drafted(site);
        let admin = bearer(site, "Li", Role::Admin);
        let act = |token: &str, act: &str, body: &str| ask(site, token, "POST", &format!("{DRAFT}/{act}"), Some(body));
        assert_eq!(act(&admin, "submit", "").status, 200);
        assert_eq!(act(&admin, "submit", "").problem(), "draft-state");
        assert_eq!(act(&admin, "publish", "").problem(), "review", "policy 0 or not");
        let same = bearer(site, "li", Role::Reviewer);
        assert_eq!(act(&same, "publish", "").problem(), "review", "another token of the same person");
        assert_eq!(act(&same, "reject", r#"{"comment":"no"}"#).problem(), "review");
        let wang = bearer(site, "wang", Role::Reviewer);
        assert_eq!(act(&wang, "reject", r#"{"comment":"two are wanted"}"#).status, 200);
        assert_eq!(ask(site, &admin, "PUT", "/v1/datasets/made/policy", Some(r#"{"approvals":1}"#)).status, 200);
        assert_eq!(act(&admin, "submit", r#"{"version":"1.0.0"}"#).problem(), "version");
        assert_eq!(act(&admin, "submit", r#"{"version":"1.1.0","bump":"auto"}"#).problem(), "invalid-body");
        let submitted = act(&admin, "submit", r#"{"version":"1.1.0"}"#).json();
        assert_eq!((&submitted["state"], &submitted["approvals_required"]), (&json!("submitted"), &json!(1)));
        assert_eq!(act(&wang, "publish", "").problem(), "draft-state");
        for token in [&admin, &same] {
            assert_eq!(act(token, "approve", "").problem(), "review");
        }
        for (body, code) in [(r#"{"comment":"a\u0000b"}"#, "invalid-body"), ("{", "bad-request"), (r#"{"by":"li"}"#, "bad-request")] {
            assert_eq!(act(&wang, "approve", body).problem(), code, "{body}");
        }
        let standing = ask(site, &wang, "GET", DRAFT, None).json();
        assert_eq!((&standing["approvals"]["missing"], &standing["submitted_by"]), (&json!(1), &json!("Li")));
        assert_eq!(act(&wang, "approve", r#"{"comment":"checked against the table"}"#).json()["approvals_missing"], 0);
        assert_eq!(
            change(site, &admin, "PATCH", FACTOR, Some(&tag(&ask(site, &wang, "GET", DRAFT, None))), &set("9")).problem(),
            "draft-state"
        );
        assert_eq!(act(&same, "publish", "").problem(), "review");
        assert_eq!(act(&wang, "publish", "").status, 201);
        assert_eq!(act(&wang, "publish", "").problem(), "no-draft");
        let record = ok(site, "/v1/datasets/made/releases/1.1.0/files/release.record.json").json();
        assert_eq!(
            (&record["submitted"]["by"], &record["reviews"][0]["by"], &record["published"]["by"]),
            (&json!("Li"), &json!("wang"), &json!("wang"))
        );
    }
);

on_both!(
    fn a_withdrawal_names_what_it_touches(site: &Site) {
        site.publish(&PackageDraft::new("raw", "1.0.0", vec![row("x", &[])]));
        site.publish(&PackageDraft::new("built", "1.0.0", vec![row("y", &[("derived_from", "raw@1.0.0#x")])]));
        let wang = bearer(site, "wang", Role::Reviewer);
        let tell = |version: &str, act: &str, body: &str| {
            ask(site, &wang, "POST", &format!("/v1/datasets/raw/releases/{version}/{act}"), Some(body))
        };
        let reason = r#"{"reason":"the unit was MJ"}"#;
        let withdrawn = tell("1.0.0", "withdraw", reason);
        assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
        let withdrawn = withdrawn.json();
        assert_eq!((&withdrawn["touches"]["releases"], &withdrawn["touches"]["total"]), (&json!(["built@1.0.0"]), &json!(1)));
        assert_eq!(
            (&withdrawn["withdrawn"]["reason"], &withdrawn["touches"]["dependents"][0]["key"]),
            (&json!("the unit was MJ"), &json!("y"))
        );
        assert_eq!(tell("1.0.0", "withdraw", reason).problem(), "conflict");
        assert_eq!(tell("1.0.0", "restore", reason).status, 200);
        assert_eq!(tell("1.0.0", "restore", reason).problem(), "conflict");
        for (version, code) in [("9.0.0", "no-release"), ("latest", "no-release"), ("%5E1", "no-release")] {
            assert_eq!(tell(version, "withdraw", reason).problem(), code, "{version}");
        }
        for body in [r#"{"reason":""}"#, r#"{"reason":"a\u0007b"}"#, r#"{"reason":"a\u0000b"}"#] {
            assert_eq!(tell("1.0.0", "withdraw", body).problem(), "invalid-body", "{body}");
        }
        for body in [r#"{"by":"raw@1.0.0","reason":"r"}"#, r#"{"by":"raw","reason":"r"}"#] {
            assert_eq!(tell("1.0.0", "supersede", body).problem(), "invalid-body", "{body}");
        }
        assert_eq!(tell("1.0.0", "supersede", r#"{"by":"built@1.0.0","reason":"r"}"#).json()["superseded"]["by"], "built@1.0.0");
    }
);
