//! The difference of two releases.

use serde_json::{Value, json};

use super::{ok, refused};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

const OFFICIAL: &str = "/v1/datasets/cn-electricity-co2/diff";

on_bundled!(
    fn a_cumulative_release_only_adds(site: &Site) {
        let response = ok(site, &format!("{OFFICIAL}/1.0.0...1.1.0"));
        let diff = response.json();
        assert_eq!((&diff["from"], &diff["to"]), (&json!("cn-electricity-co2@1.0.0"), &json!("cn-electricity-co2@1.1.0")));
        let counts = json!({"added": 40, "removed": 0, "meaning": 0, "number": 0, "text": 0, "provenance_only": 0, "unchanged": 40});
        assert_eq!(diff["counts"], counts);
        assert_eq!(diff["bump"], "minor");
        let changes = diff["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 40);
        assert!(changes.iter().all(|change| change["change"] == "added" && change["key"].as_str().unwrap().ends_with("/2022")));
        let zhejiang = changes.iter().find(|change| change["key"] == "grid-average/cn-zj/2022").unwrap();
        assert_eq!((&zhejiang["from_value"], &zhejiang["to_value"]), (&Value::Null, &json!("0.5153")));
        assert_eq!(response.header("content-type"), Some("application/json"));
    }
);

on_bundled!(
    fn both_ends_may_move(site: &Site) {
        let table = [("1.0.0...latest", 80, 0), ("1.2.0...1.0.0", 0, 80), ("^1...1.2.0", 0, 0), ("~1.0...~1.1", 40, 0)];
        for (range, added, removed) in table {
            let counts = ok(site, &format!("{OFFICIAL}/{range}")).json()["counts"].clone();
            assert_eq!((&counts["added"], &counts["removed"]), (&json!(added), &json!(removed)), "{range}");
        }
        assert_eq!(ok(site, &format!("{OFFICIAL}/1.0.0...latest")).header("cache-control"), Some("public, max-age=5"));
        for (range, code) in [
            ("1.0.0", "invalid-parameter"),
            ("1.0.0..1.1.0", "invalid-parameter"),
            ("1.0.0...9.0.0", "no-release"),
            ("1.0.0...new", "invalid-parameter"),
            ("1.0.0...1.1.0?format=xml", "invalid-parameter"),
            ("1.0.0...1.1.0?fromat=csv", "unknown-parameter"),
        ] {
            refused(site, &format!("{OFFICIAL}/{range}"), code);
        }
    }
);

/// Every sort of change at once: 2.0.0 removes b, re-means c, re-numbers d, re-words e, re-reads f, adds g and keeps a.
fn with_two_releases(site: &Site) {
    let region = |region: &'static str| ("region", region);
    let before = vec![
        row("a", &[region("CN-BJ")]),
        row("b", &[region("CN-TJ"), ("value", "0.10")]),
        row("c", &[region("CN-HE"), ("boundary", "generation")]),
        row("d", &[region("CN-SX"), ("value", "0.5")]),
        row("e", &[region("CN-NM")]),
        row("f", &[region("CN-LN"), ("locator", "p. 1")]),
    ];
    let after = vec![
        row("a", &[region("CN-BJ")]),
        row("c", &[region("CN-HE"), ("boundary", "generation+td")]),
        row("d", &[region("CN-SX"), ("value", "0.6")]),
        row("e", &[region("CN-NM"), ("name_en", "Grid average, \"Inner\" Mongolia")]),
        row("f", &[region("CN-LN"), ("locator", "p. 2")]),
        row("g", &[region("CN-JL"), ("value", "0.70")]),
    ];
    site.publish(&PackageDraft::new("made", "1.0.0", before));
    site.publish(&PackageDraft::new("made", "2.0.0", after));
    site.wait_for_facts(2);
}

on_both!(
    fn every_sort_of_change(site: &Site) {
        with_two_releases(site);
        let diff = ok(site, "/v1/datasets/made/diff/1.0.0...2.0.0").json();
        // f was read at another place: the old line is kept, so the releases hold the same bytes.
        let counts = json!({"added": 1, "removed": 1, "meaning": 1, "number": 1, "text": 1, "provenance_only": 0, "unchanged": 2});
        assert_eq!(diff["counts"], counts);
        assert_eq!(diff["bump"], "major");
        let field = |field: &str, from: Value, to: Value, bump: &str| json!([{"field": field, "from": from, "to": to, "bump": bump}]);
        let changes = json!([
            {"key": "b", "change": "removed", "bump": "major", "from_value": "0.10", "to_value": null, "percent": null, "fields": []},
            {"key": "c", "change": "meaning", "bump": "major", "from_value": "0.5366", "to_value": "0.5366", "percent": 0,
             "fields": field("boundary", json!("generation"), json!("generation+td"), "major")},
            {"key": "d", "change": "number", "bump": "minor", "from_value": "0.5", "to_value": "0.6", "percent": 20,
             "fields": field("value", json!("0.5"), json!("0.6"), "minor")},
            {"key": "e", "change": "text", "bump": "patch", "from_value": "0.5366", "to_value": "0.5366", "percent": 0,
             "fields": field("name", json!({"en": "Grid average"}), json!({"en": "Grid average, \"Inner\" Mongolia"}), "patch")},
            {"key": "g", "change": "added", "bump": "minor", "from_value": null, "to_value": "0.70", "percent": null, "fields": []},
        ]);
        assert_eq!(diff["changes"], changes);

        let ndjson = ok(site, "/v1/datasets/made/diff/1.0.0...2.0.0?format=ndjson");
        assert_eq!(ndjson.header("content-type"), Some("application/x-ndjson"));
        let lines: Vec<Value> = ndjson.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json!(lines), changes);
        assert!(ndjson.body.ends_with(b"}\n"));
    }
);

on_both!(
    fn as_a_table(site: &Site) {
        with_two_releases(site);
        let csv = ok(site, "/v1/datasets/made/diff/1.0.0...2.0.0?format=csv");
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let text = "key,change,bump,field,from,to,percent\n\
                    b,removed,major,value,0.10,,\n\
                    c,meaning,major,boundary,generation,generation+td,\n\
                    d,number,minor,value,0.5,0.6,20\n\
                    e,text,patch,name,\"{\"\"en\"\":\"\"Grid average\"\"}\",\"{\"\"en\"\":\"\"Grid average, \\\"\"Inner\\\"\" Mongolia\"\"}\",\n\
                    g,added,minor,value,,0.70,\n";
        assert_eq!(csv.text(), text);
        let empty = ok(site, "/v1/datasets/made/diff/2.0.0...2.0.0?format=csv");
        assert_eq!(empty.text(), "key,change,bump,field,from,to,percent\n");
        assert_eq!(ok(site, "/v1/datasets/made/diff/2.0.0...2.0.0?format=ndjson").text(), "");
    }
);
