//! One factor over all releases.

use serde_json::{Value, json};

use super::{factor_bytes, ok, refused};
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

on_bundled!(
    fn an_unchanged_factor(site: &Site) {
        let history = ok(site, "/v1/datasets/cn-electricity-co2/history/grid-average/cn-zj/2022").json();
        assert_eq!((&history["dataset"], &history["key"]), (&json!("cn-electricity-co2"), &json!("grid-average/cn-zj/2022")));
        let of = |member: &str| history["history"].as_array().unwrap().iter().map(|entry| entry[member].clone()).collect::<Vec<Value>>();
        assert_eq!(of("changed"), [json!(true), json!(false)]);
        assert_eq!(of("value"), [json!("0.5153"), json!("0.5153")]);
        assert_eq!(history["history"][0]["release"]["version"], "1.1.0");
        assert_eq!(of("fields"), [json!(null), json!([])]);
        assert_eq!(of("superseded"), [json!(null), json!(null)]);
        let escaped = ok(site, "/v1/datasets/cn-electricity-co2/history/grid-average%2Fcn-zj%2F2022");
        assert_eq!(escaped.json(), history);
        refused(site, "/v1/datasets/cn-electricity-co2/history/grid-average/cn-xz/2022", "no-factor");
        refused(site, "/v1/datasets/none/history/a", "no-dataset");
    }
);

on_both!(
    fn a_factor_that_changed_went_and_came_back(site: &Site) {
        let other = || row("other", &[("region", "CN-BJ")]);
        let releases = [
            ("1.0.0", vec![row("a", &[]), other()]),
            ("1.1.0", vec![row("a", &[("value", "0.6")]), other()]),
            ("1.1.1", vec![row("a", &[("value", "0.6")]), row("other", &[("region", "CN-BJ"), ("name_en", "Beijing")])]),
            ("2.0.0", vec![other()]),
            ("2.1.0", vec![row("a", &[("value", "0.6")]), other()]),
        ];
        for (version, rows) in releases {
            site.publish(&PackageDraft::new("made", version, rows));
        }
        site.wait_for_facts(5);
        let history = ok(site, "/v1/datasets/made/history/a").json();
        let entries: Vec<(&str, &str, bool)> = history["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                let version = entry["release"]["version"].as_str().unwrap();
                (version, entry["value"].as_str().unwrap(), entry["changed"].as_bool().unwrap())
            })
            .collect();
        assert_eq!(entries, [("1.0.0", "0.5366", true), ("1.1.0", "0.6", true), ("1.1.1", "0.6", false), ("2.1.0", "0.6", true)]);
        let fields: Vec<&Value> = history["history"].as_array().unwrap().iter().map(|entry| &entry["fields"]).collect();
        let number = json!([{"field": "value", "from": "0.5366", "to": "0.6", "bump": "minor"}]);
        assert_eq!(fields, [&json!(null), &number, &json!([]), &json!([])]);
        let line = factor_bytes(&ok(site, "/v1/datasets/made/releases/1.1.1/factors/a").body);
        assert_eq!(history["history"][2]["factor"].to_string().as_bytes(), line);
    }
);

on_both!(
    fn what_was_withdrawn_and_superseded_says_so(site: &Site) {
        use tanyin::release::{NoticeOf, supersede, withdraw};
        for (version, name) in [("1.0.0", "Grid"), ("1.0.1", "Grid average")] {
            site.publish(&PackageDraft::new("made", version, vec![row("a", &[("name_en", name)])]));
        }
        let version = |text: &str| text.parse().unwrap();
        let dataset = "made".parse().unwrap();
        withdraw(site.ground(), &dataset, &version("1.0.0"), "wrong", "reviewer").unwrap();
        site.publish(&PackageDraft::new("other", "1.0.0", vec![row("a", &[])]));
        let (old, new) = (version("1.0.1"), version("1.0.0"));
        let other = "other".parse().unwrap();
        let by = NoticeOf { dataset: &other, version: &new };
        supersede(site.ground(), NoticeOf { dataset: &dataset, version: &old }, by, "better", "reviewer").unwrap();
        site.wait_for_facts(5);
        let history = ok(site, "/v1/datasets/made/history/a").json();
        let of = |place: usize, pointer: &str| history["history"][place].pointer(pointer).unwrap().clone();
        assert_eq!((of(0, "/release/withdrawn/reason"), of(0, "/superseded")), (json!("wrong"), json!(null)));
        assert_eq!((of(1, "/release/withdrawn"), of(1, "/superseded/reason")), (json!(null), json!("better")));
        assert_eq!((of(1, "/fields/0/field"), of(1, "/fields/0/bump"), of(1, "/changed")), (json!("name"), json!("patch"), json!(true)));
    }
);
