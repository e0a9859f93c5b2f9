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
        let counts =
            json!({"added": 40, "removed": 0, "renamed": 0, "meaning": 0, "number": 0, "text": 0, "provenance_only": 0, "unchanged": 40});
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
        let counts =
            json!({"added": 1, "removed": 1, "renamed": 0, "meaning": 1, "number": 1, "text": 1, "provenance_only": 0, "unchanged": 2});
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

on_both!(
    /// Numbers that move by every range, and one of each special case; together they are the class `number`.
    fn how_far_the_numbers_moved(site: &Site) {
        let moves = [
            ("m0", "1", "1.005"),
            ("m1", "1", "1.03"),
            ("m2", "1", "0.92"),
            ("m3", "1", "1.2"),
            ("m4", "1", "0.6"),
            ("m5", "1", "1.8"),
            ("m6", "0.001", "1"),
            ("m7", "0", "2"),
            ("m8", "2", "0"),
        ];
        let rows = |side: usize| {
            let value = |own: &(&str, &'static str, &'static str)| if side == 0 { own.1 } else { own.2 };
            let mut rows: Vec<_> =
                moves.iter().map(|own| row(own.0, &[("value", value(own)), ("kind", "process"), ("per", "kg")])).collect();
            rows.push(row("u", &[("value", "3"), ("uncertainty", if side == 0 { "percent:5" } else { "percent:6" })]));
            rows
        };
        site.publish(&PackageDraft::new("made", "1.0.0", rows(0)));
        site.publish(&PackageDraft::new("made", "1.1.0", rows(1)));
        site.wait_for_facts(2);
        let diff = ok(site, "/v1/datasets/made/diff/1.0.0...1.1.0?sort=magnitude&limit=3").json();
        let buckets = diff["magnitude"]["buckets"].as_array().unwrap();
        let sum: u64 = buckets.iter().map(|bucket| bucket["factors"].as_u64().unwrap()).sum();
        assert_eq!((sum, &diff["counts"]["number"]), (10, &json!(10)));
        for range in ["0-1", "1-5", "5-10", "10-25", "25-50", "50-100", "over-100", "from-zero", "to-zero", "same"] {
            assert!(buckets.iter().any(|bucket| bucket["range"] == range && bucket["factors"] == 1), "{range}: {buckets:?}");
        }
        assert_eq!(diff["magnitude"]["largest"], "m6");
        assert_eq!(diff["magnitude"]["max_percent"], "99900");
        assert_eq!(diff["magnitude"]["median_percent"], "20");
        let keys: Vec<&str> = diff["changes"].as_array().unwrap().iter().map(|change| change["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["m7", "m6", "m8"], "the largest move first, and what came from zero before all");
        assert_eq!(
            diff["reasons"],
            json!([{"bump": "minor", "what": "value", "factors": 9}, {"bump": "minor", "what": "uncertainty", "factors": 1}])
        );
        let members = json!([{"member": "value", "bump": "minor", "factors": 9}, {"member": "uncertainty", "bump": "minor", "factors": 1}]);
        assert_eq!(diff["members"], members);
        for query in ["sort=size", "limit=0", "limit=x", "lang=fr"] {
            refused(site, &format!("/v1/datasets/made/diff/1.0.0...1.1.0?{query}"), "invalid-parameter");
        }
    }
);

on_both!(
    /// A price year that moves in every factor explains the MAJOR version by itself.
    fn one_member_explains_the_version(site: &Site) {
        let rows = |year: &'static str| {
            (0..20).map(|n| row(&format!("naics/{n}"), &[("kind", "spend"), ("per", "USD"), ("price_year", year)])).collect::<Vec<_>>()
        };
        site.publish(&PackageDraft::new("made", "1.0.0", rows("2021")));
        site.publish(&PackageDraft::new("made", "2.0.0", rows("2022")));
        site.wait_for_facts(2);
        let diff = ok(site, "/v1/datasets/made/diff/1.0.0...2.0.0").json();
        assert_eq!(diff["reasons"], json!([{"bump": "major", "what": "price_year", "factors": 20}]));
        assert_eq!((&diff["counts"]["meaning"], &diff["bump"]), (&json!(20), &json!("major")));
    }
);

on_both!(
    fn as_a_page(site: &Site) {
        let before = vec![row("a", &[("value", "1")]), row("b", &[("name_en", "<script>alert(1)</script>")])];
        let after = vec![row("a", &[("value", "2")]), row("b", &[("name_en", "\"><img src=x onerror=alert(1)>")])];
        site.publish(&PackageDraft::new("made", "1.0.0", before));
        site.publish(&PackageDraft::new("made", "1.1.0", after));
        site.wait_for_facts(2);
        let address = "/v1/datasets/made/diff/1.0.0...1.1.0";
        let english = ok(site, &format!("{address}?format=html"));
        assert_eq!(english.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(english.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
        let text = english.text();
        assert!(!text.contains("<script") && !text.contains("<img") && !text.contains("http"), "{text}");
        assert!(text.contains("&#60;script&#62;") || text.contains("&lt;script&gt;"), "{text}");
        assert!(text.contains("MINOR") && text.contains("+100\u{202f}%") && text.contains("other number"), "{text}");
        let chinese = ok(site, &format!("{address}?format=html&lang=zh")).text();
        assert!(chinese.contains("lang=\"zh-Hans\"") && chinese.contains("数值改变") && chinese.contains("版本差异"), "{chinese}");
        let browser = site.get_with(address, &[("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]);
        assert_eq!(browser.body, english.body);
        assert_eq!(browser.header("vary"), Some("Accept"));
        assert_eq!(site.get_with(address, &[("Accept", "*/*")]).header("content-type"), Some("application/json"));
    }
);
