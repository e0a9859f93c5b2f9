//! What is built on what, and the notice that an input was withdrawn.

use serde_json::json;

use super::{factor_bytes, ok, refused};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

fn publish(site: &Site, dataset: &str, version: &str, rows: &[(&str, &str, &str)]) {
    let rows = rows.iter().map(|(key, from, flags)| row(key, &[("derived_from", from), ("flags", flags)])).collect();
    site.publish(&PackageDraft::new(dataset, version, rows));
}

fn pull(site: &Site, dataset: &str, version: &str, reason: &str) -> i64 {
    tanyin::release::withdraw(site.ground(), &dataset.parse().unwrap(), &version.parse().unwrap(), reason, "reviewer").unwrap() + 1
}

on_both!(
    fn a_withdrawn_input_is_noticed_beside_the_flags(site: &Site) {
        publish(site, "raw", "1.0.0", &[("x", "", "")]);
        publish(site, "mid", "1.0.0", &[("y", "raw@1.0.0#x", ""), ("free", "", "")]);
        publish(site, "top", "1.0.0", &[("z", "mid@1.0.0#y", "rounded")]);
        site.wait_for_facts(3);
        let paths = ["/v1/lookup?dataset=top&key=z", "/v1/datasets/top/releases/1.0.0/factors/z"];
        let before: Vec<_> = paths.iter().map(|path| ok(site, path)).collect();
        assert!(before.iter().all(|answer| answer.json()["flags"] == json!(["rounded"])));

        site.wait_for_facts(pull(site, "raw", "1.0.0", "the unit was MJ"));
        let at = ok(site, "/v1/datasets/raw/releases/1.0.0").json()["withdrawn"]["at"].clone();
        let notice = json!({"flag": "input_withdrawn", "at": at, "by": "raw@1.0.0", "why": "the unit was MJ"});
        for (path, before) in paths.iter().zip(before) {
            let after = ok(site, path);
            assert_eq!(after.json()["flags"], json!(["rounded", notice]), "{path}");
            assert_eq!(factor_bytes(&after.body), factor_bytes(&before.body), "the release itself is as it was");
            assert_ne!(after.header("etag"), before.header("etag"));
        }
        let batch = site.send(
            "POST",
            "/v1/lookup/batch",
            &[("Content-Type", "application/json")],
            Some(br#"{"lookups":[{"dataset":"mid","key":"y"},{"dataset":"mid","key":"free"},{"dataset":"raw@1.0.0","key":"x"}]}"#),
        );
        let flags: Vec<_> = batch.json()["results"].as_array().unwrap().iter().map(|own| own["answer"]["flags"].clone()).collect();
        assert_eq!(flags, [json!([notice]), json!([]), json!([])]);
    }
);

on_both!(
    fn dependents_come_in_pages(site: &Site) {
        publish(site, "raw", "1.0.0", &[("x/1", "", ""), ("x/2", "", "")]);
        publish(site, "mid", "1.0.0", &[("a", "raw@1.0.0#x/1", ""), ("b", "raw@1.0.0#x/1;raw@1.0.0#x/2", ""), ("c", "raw@1.0.0#x/2", "")]);
        publish(site, "top", "1.0.0", &[("z", "mid@1.0.0#a;mid@1.0.0#c", "")]);
        site.wait_for_facts(3);
        let home = "/v1/datasets/raw/releases";
        let item = |dataset: &str, key: &str, distance: u32, via: &[&str]| json!({"dataset": dataset, "version": "1.0.0", "key": key, "distance": distance, "via": via, "withdrawn": null});
        let all =
            json!([item("mid", "a", 1, &[]), item("mid", "b", 1, &[]), item("mid", "c", 1, &[]), item("top", "z", 2, &["mid@1.0.0#a"])]);
        let whole = ok(site, &format!("{home}/1.0.0/dependents"));
        assert_eq!(whole.json(), json!({"dependents": all, "total": 4, "next": null}));
        for range in ["latest", "%5E1", "~1.0"] {
            let found = ok(site, &format!("{home}/{range}/dependents"));
            assert_eq!(found.body, whole.body, "{range}");
            assert_eq!(found.header("content-location"), Some("/v1/datasets/raw/releases/1.0.0/dependents"));
        }
        let one = ok(site, &format!("{home}/1.0.0/dependents/x/2"));
        assert_eq!(one.body, ok(site, &format!("{home}/1.0.0/dependents/x%2F2")).body);
        let expected = json!([item("mid", "b", 1, &[]), item("mid", "c", 1, &[]), item("top", "z", 2, &["mid@1.0.0#c"])]);
        assert_eq!(one.json(), json!({"dependents": expected, "total": 3, "next": null}));
        assert_eq!(ok(site, &format!("{home}/1.0.0/dependents?transitive=false")).json()["total"], 3);
        assert_eq!(ok(site, "/v1/datasets/top/releases/1.0.0/dependents").json(), json!({"dependents": [], "total": 0, "next": null}));

        let first = ok(site, &format!("{home}/latest/dependents?limit=3")).json();
        assert_eq!((first["dependents"].as_array().unwrap().len(), &first["total"]), (3, &json!(4)));
        // what comes between two pages is not seen by the second
        publish(site, "late", "1.0.0", &[("a", "raw@1.0.0#x/1", "")]);
        publish(site, "raw", "2.0.0", &[("x/1", "", "")]);
        site.wait_for_facts(5);
        let second = ok(site, &format!("{home}/latest/dependents?limit=3&cursor={}", first["next"].as_str().unwrap())).json();
        assert_eq!(second, json!({"dependents": [all[3]], "total": 4, "next": null}));
        assert_eq!(ok(site, &format!("{home}/1.0.0/dependents")).json()["total"], 5);
        assert_eq!(ok(site, &format!("{home}/latest/dependents")).json()["total"], 0);
        site.wait_for_facts(pull(site, "mid", "1.0.0", "wrong"));
        assert_eq!(ok(site, &format!("{home}/1.0.0/dependents?limit=2")).json()["dependents"][1]["withdrawn"]["reason"], "wrong");
    }
);

on_bundled!(
    fn wrong_questions_are_refused(site: &Site) {
        let home = "/v1/datasets/ipcc-gwp/releases";
        for (path, code) in [
            ("/v1/datasets/none/releases/1.0.0/dependents".to_owned(), "no-dataset"),
            (format!("{home}/9.9.9/dependents"), "no-release"),
            (format!("{home}/new/dependents"), "invalid-parameter"),
            (format!("{home}/1.0.0/dependents/no/such/key"), "no-factor"),
            (format!("{home}/1.0.0/dependents?limit=0"), "invalid-parameter"),
            (format!("{home}/1.0.0/dependents?limit=1001"), "invalid-parameter"),
            (format!("{home}/1.0.0/dependents?cursor=xyz"), "invalid-parameter"),
            (format!("{home}/1.0.0/dependents?transitive=yes"), "invalid-parameter"),
            (format!("{home}/1.0.0/dependents?colour=red"), "unknown-parameter"),
        ] {
            refused(site, &path, code);
        }
        let problem = refused(site, &format!("{home}/1.0.0/dependents/a"), "no-factor");
        assert!(!problem["nearest"].as_array().unwrap().is_empty(), "{problem}");
        // a cursor beyond the end is an empty page, not the first again
        let far = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, "1.999");
        assert_eq!(ok(site, &format!("{home}/1.0.0/dependents?cursor={far}")).json()["next"], json!(null));
    }
);
