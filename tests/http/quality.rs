//! Flags by rules and by people, and the quality of a release.

use serde_json::{Value, json};
use tanyin::desk::{self, ProposalState, Proposals, VersionWish};
use tanyin::release::{self, FlagOf, ReleaseError};

use super::{ok, refused};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

fn import(site: &Site, version: &str, rows: Vec<std::collections::BTreeMap<String, String>>) {
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("made", version, rows).write(folder.path());
    let outcome = site.import(folder.path(), "made").unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
}

/// Ten grids around 0.5, and one of each sort of mistake.
fn mistakes() -> Vec<std::collections::BTreeMap<String, String>> {
    let grid = |key: &'static str, region: &'static str, value: &'static str| {
        row(key, &[("region", region), ("value", value), ("flags", "partial_gases")])
    };
    vec![
        grid("g0", "CN-BJ", "0.501"),
        grid("g1", "CN-TJ", "0.522"),
        grid("g2", "CN-HE", "0.543"),
        grid("g3", "CN-SX", "0.564"),
        grid("g4", "CN-NM", "0.485"),
        grid("g5", "CN-LN", "0.476"),
        grid("g6", "CN-JL", "0.557"),
        grid("g7", "CN-HL", "0.518"),
        grid("g8", "CN-SH", "0.529"),
        grid("kilo", "CN-JS", "536.6"),
        row("same1", &[("region", "DE"), ("value", "0.2345"), ("activity", "heat/steam"), ("kind", "heat"), ("per", "MJ")]),
        row("same2", &[("region", "FR"), ("value", "0.2345"), ("activity", "heat/steam"), ("kind", "heat"), ("per", "MJ")]),
        row("same3", &[("region", "IT"), ("value", "0.23450"), ("activity", "heat/steam"), ("kind", "heat"), ("per", "MJ")]),
        row(
            "sold",
            &[
                ("region", "CN-TJ"),
                ("value", "0.522"),
                ("activity", "electricity/footprint"),
                ("kind", "electricity-lifecycle"),
                ("metric", "CO2e"),
                ("flags", "gwp_unknown"),
            ],
        ),
        row("past", &[("activity", "process/lime"), ("kind", "process"), ("per", "t"), ("value", "700"), ("valid_until", "2020-12-31")]),
        row("old", &[("activity", "process/old"), ("kind", "process"), ("per", "t"), ("value", "1"), ("year", "2011")]),
        row("copy", &[("activity", "process/copy"), ("kind", "process"), ("per", "t"), ("value", "2"), ("source_level", "secondary")]),
    ]
}

fn raised(site: &Site) -> Vec<(String, String)> {
    let proposals = desk::proposed_flags(site.ground(), &"made".parse().unwrap()).unwrap();
    assert!(proposals.iter().all(|proposal| !proposal.raised.evidence.is_empty() && proposal.raised.rule_version == 1));
    proposals.into_iter().filter(|proposal| proposal.state == ProposalState::Open).map(|own| (own.raised.key, own.raised.flag)).collect()
}

on_both!(
    fn each_rule_finds_its_mistake(site: &Site) {
        import(site, "1.0.0", mistakes());
        let found = raised(site);
        for (key, flag) in [
            ("kilo", "unit_uncertain"),
            ("kilo", "outlier"),
            ("same1", "suspicious_homogeneity"),
            ("same3", "suspicious_homogeneity"),
            ("sold", "kind_mismatch_risk"),
            ("sold", "partial_boundary"),
            ("past", "outdated"),
            ("past", "partial_gases"),
            ("old", "outdated"),
            ("copy", "secondary_source"),
        ] {
            assert!(found.contains(&(key.to_owned(), flag.to_owned())), "{key} {flag}: {found:?}");
        }
        assert!(found.iter().all(|(key, _)| !key.starts_with('g')), "nothing is said of what is sound: {found:?}");
    }
);

on_both!(
    fn a_steward_decides(site: &Site) {
        let dataset = "made".parse().unwrap();
        import(site, "1.0.0", mistakes());
        let before = raised(site).len();
        let which = |flag| Proposals { flag: Some(flag), ..Proposals::default() };
        assert_eq!(desk::accept_flags(site.ground(), &dataset, &which("unit_uncertain"), Some("seen"), "w").unwrap(), 1);
        assert_eq!(desk::dismiss_flags(site.ground(), &dataset, &which("outdated"), "still in force", "w").unwrap(), 2);
        assert!(desk::dismiss_flags(site.ground(), &dataset, &which("outdated"), "again", "w").unwrap_err().is_refusal());
        assert!(desk::dismiss_flags(site.ground(), &dataset, &which("outlier"), " ", "w").unwrap_err().is_refusal());
        assert_eq!(raised(site).len(), before - 3);
        desk::submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
        assert!(desk::accept_flags(site.ground(), &dataset, &Proposals::default(), None, "w").unwrap_err().is_refusal(), "frozen");
        release::publish(site.ground(), &dataset, "steward").unwrap();
        site.wait_for_facts(1);
        assert_eq!(refused(site, "/v1/lookup?dataset=made&key=kilo", "flagged")["flags"], json!(["unit_uncertain"]));
        assert_eq!(ok(site, "/v1/lookup?dataset=made&key=old").json()["flags"], json!([]));

        // what was released is not proposed again, what is new is, and what was dismissed stays dismissed
        let next = |value: &'static str| {
            let mut rows = mistakes();
            rows.retain(|row| row["key"] != "kilo");
            rows.push(row("kilo", &[("region", "CN-JS"), ("value", value), ("flags", "partial_gases")]));
            rows
        };
        import(site, "1.1.0", next("536.7"));
        assert_eq!(raised(site).iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["kilo", "kilo"]);
        desk::dismiss_flags(site.ground(), &dataset, &which("outlier"), "it is so", "w").unwrap();
        import(site, "1.1.0", next("536.7"));
        assert_eq!(raised(site), [("kilo".to_owned(), "unit_uncertain".to_owned())]);
    }
);

fn of<'a>(dataset: &'a tanyin::dataset::DatasetId, version: &'a semver::Version, key: &'a str, flag: &'a str) -> FlagOf<'a> {
    FlagOf { dataset, version, key, flag }
}

on_both!(
    fn flags_by_people_are_public_facts(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[]), row("b", &[("value", "0.7")])]));
        site.publish(&PackageDraft::new("made", "1.1.0", vec![row("a", &[]), row("b", &[("value", "0.8")])]));
        let (dataset, first) = ("made".parse().unwrap(), semver::Version::new(1, 0, 0));
        for (key, flag, word) in [("z", "outlier", "no factor"), ("a", "nonsense", "no flag"), ("a", "input_withdrawn", "no flag")] {
            let error = release::flag(site.ground(), of(&dataset, &first, key, flag), "r", "w").unwrap_err();
            assert!(error.is_refusal() && error.to_string().contains(word), "{error}");
        }
        let error = release::unflag(site.ground(), of(&dataset, &first, "a", "outlier"), "r", "w").unwrap_err();
        assert!(matches!(error, ReleaseError::NotFlagged { .. }), "{error}");
        for key in ["a", "b"] {
            release::flag(site.ground(), of(&dataset, &first, key, "value_disputed"), "the annex says 0.6", "operator/w").unwrap();
        }
        let error = release::flag(site.ground(), of(&dataset, &first, "a", "value_disputed"), "again", "w").unwrap_err();
        assert!(matches!(error, ReleaseError::Flagged { .. }) && error.is_refusal(), "{error}");
        release::flag(site.ground(), of(&dataset, &first, "a", "partial_factor"), "CO2 only", "operator/w").unwrap();
        site.wait_for_facts(5);

        let problem = refused(site, "/v1/lookup?dataset=made@1.0.0&key=a", "flagged");
        assert_eq!(problem["flags"], json!(["value_disputed"]));
        let answer = ok(site, "/v1/lookup?dataset=made@1.0.0&key=a&allow_flags=value_disputed").json();
        let notice = |flag: &str| answer["flags"].as_array().unwrap().iter().find(|own| own["flag"] == flag).cloned().unwrap();
        assert_eq!(
            (&notice("value_disputed")["by"], &notice("value_disputed")["why"]),
            (&json!("operator/w"), &json!("the annex says 0.6"))
        );
        assert_eq!(notice("partial_gases")["why"], "CO2 only");
        assert_eq!(answer["factor"]["flags"], Value::Null, "the line is as it was released");
        // the same number stands in 1.1.0 and is as wrong there; b has another one
        refused(site, "/v1/lookup?dataset=made@1.1.0&key=a", "flagged");
        ok(site, "/v1/lookup?dataset=made@1.1.0&key=b");
        refused(site, "/v1/lookup?dataset=made@1.0.0&key=b", "flagged");

        let listed = ok(site, "/v1/factors?dataset=made@1.1.0&flag=value_disputed").json();
        assert_eq!((&listed["total"], &listed["factors"][0]["factor"]["key"]), (&json!(1), &json!("a")));

        let quality = ok(site, "/v1/datasets/made/releases/1.1.0/quality").json();
        assert_eq!(quality["flags"]["value_disputed"], json!({"severity": "block", "released": 0, "later": 1, "raised": 0}));
        assert_eq!(quality["severities"]["block"], 1);

        release::unflag(site.ground(), of(&dataset, &first, "a", "value_disputed"), "the annex was corrected", "operator/w").unwrap();
        site.wait_for_facts(6);
        let answer = ok(site, "/v1/lookup?dataset=made&key=a").json();
        assert_eq!(answer["flags"].as_array().unwrap().len(), 1);
        assert_sound(site);
    }
);

/// The whole store verifies, the new kinds of facts included, and a second unflag in the log is a failure.
fn assert_sound(site: &Site) {
    let (blobs, indexes) = (site.folder.path().join("blobs"), site.folder.path().join("indexes"));
    let store = tanyin::audit::Store { blobs: &blobs, indexes: &indexes, database: Some(site.ground().database().unwrap()) };
    let mut report = tanyin::audit::Report::of("the store");
    let scope = tanyin::audit::Scope::default();
    tanyin::audit::verify_store(&store, tanyin::audit::Trust::new(crate::audit::NOW), None, &scope, &mut report);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let reopened = tanyin::release::Catalogue::load(&site.reopen().unwrap()).unwrap();
    assert_eq!(reopened.facts(), 6);
}

on_bundled!(
    fn the_quality_of_an_official_release(site: &Site) {
        let path = "/v1/datasets/cn-electricity-co2/releases/1.2.0/quality";
        let response = ok(site, path);
        let quality = response.json();
        assert_eq!((&quality["factors"], &quality["kinds"]), (&json!(120), &json!({"electricity-direct": 120})));
        assert_eq!(quality["years"], json!({"2021": 40, "2022": 40, "2023": 40}));
        assert_eq!(quality["flags"]["partial_gases"]["released"], 120);
        assert_eq!(quality["told"]["locator"], json!({"factors": 120, "percent": "100.0"}));
        assert_eq!(quality["flags"].get("unit_uncertain"), None, "nothing official is implausible: {quality}");
        assert_eq!(ok(site, path).body, response.body);
        let page = ok(site, &format!("{path}?format=html&lang=zh"));
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let text = page.text();
        assert!(text.contains("质量报告") && !text.contains("<script") && !text.contains("http:"), "{text}");
        assert!(ok(site, &format!("{path}?format=html")).text().contains("Quality report"));
        refused(site, &format!("{path}?format=xml"), "invalid-parameter");
        for dataset in ["cn-electricity-footprint", "ipcc-stationary-combustion", "ipcc-gwp"] {
            let quality = ok(site, &format!("/v1/datasets/{dataset}/releases/latest/quality")).json();
            assert_eq!(quality["flags"].get("unit_uncertain"), None, "{dataset}: {}", quality["raised"]);
        }
    }
);
