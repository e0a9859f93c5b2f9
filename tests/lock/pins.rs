//! Pinning: which release, what is written, and what is refused.

use serde_json::json;

use super::{Calculator, error, nobody, package, settle};
use crate::on_both;

on_both!(
    fn requirements_and_what_is_written(site: &Site) {
        for (version, value) in [("1.0.0", "0.50"), ("1.1.0", "0.60"), ("1.2.0", "0.70")] {
            site.publish(&package("grid", version, &[("a", &[("value", value)]), ("b/c", &[])]));
        }
        site.publish(&package("grid", "2.0.0", &[("a", &[("value", "0.80"), ("boundary", "generation")]), ("b/c", &[])]));
        let calculator = Calculator::new();
        let first = calculator.pin(site, "grid@^1#a", &["--json"]);
        assert!(first.err().contains("TRUST ON FIRST USE") && first.err().contains("tanyin.local/log+"), "{}", first.err());
        assert_eq!(first.json()["log"]["first_use"], true);
        assert_eq!((&first.json()["pinned"][0]["version"], &first.json()["pinned"][0]["value"]), (&json!("1.2.0"), &json!("0.70")));
        let again = calculator.pin(site, "grid@^1#a", &[]);
        assert!(!again.err().contains("TRUST"), "the second time the key is known: {}", again.err());

        for (name, requirement, version) in [
            ("grid@1.1.0#a", "1.1.0", "1.1.0"),
            ("grid@~1.0#a", "~1.0", "1.0.0"),
            ("grid@latest#a", "latest", "2.0.0"),
            ("grid#a", "^2.0.0", "2.0.0"),
            ("grid@>=1, <2#a", ">=1, <2", "1.2.0"),
        ] {
            let pinned = calculator.pin(site, name, &["--json"]).json()["pinned"][0].clone();
            assert_eq!((&pinned["requirement"], &pinned["version"]), (&json!(requirement), &json!(version)), "{name}");
            assert_eq!(calculator.file()["factors"].as_array().unwrap().len(), 1, "the same use is pinned once");
        }
        calculator.pin(site, "grid@1.0.0#b/c", &["--amount", "1.50", "--unit", "MW.h", "--label", "plant 2"]);
        calculator.pin(site, "grid@1.0.0#b/c", &["--label", "plant 1"]);
        let file = calculator.file();
        let names: Vec<_> = file["factors"].as_array().unwrap().iter().map(|own| (&own["key"], &own["label"])).collect();
        assert_eq!(names, [(&json!("a"), &json!(null)), (&json!("b/c"), &json!("plant 1")), (&json!("b/c"), &json!("plant 2"))]);
        assert_eq!(file["factors"][2]["amount"], json!({"value": "1.50", "unit": "MW.h"}));
        assert_eq!(file["releases"].as_array().unwrap().len(), 2, "each release once, those in use alone");
        assert_eq!(file["server"], site.address());
        assert!(calculator.text().ends_with("}\n") && !calculator.text().contains('\r'));
        calculator.ends(0, &["check"]);

        // from the data folder the same file comes, but for the server
        let local = Calculator::new();
        let data = ["--data-dir", site.folder.path().to_str().unwrap(), "--database-url", &site.database];
        for more in [
            &["grid@>=1, <2#a"][..],
            &["grid@1.0.0#b/c", "--label", "plant 1"],
            &["grid@1.0.0#b/c", "--label", "plant 2", "--amount", "1.50", "--unit", "MW.h"],
        ] {
            local.ends(0, &[&["add"], more, &data].concat());
        }
        let mut expected = calculator.file();
        expected.as_object_mut().unwrap().shift_remove("server");
        assert_eq!(local.file(), expected);
        assert_eq!(local.text(), serde_json::to_string_pretty(&expected).unwrap() + "\n");
    }
);

on_both!(
    fn refusals_change_nothing(site: &Site) {
        site.publish(&package("grid", "1.0.0", &[("a", &[])]));
        let calculator = Calculator::new();
        let server = ["--server", site.address(), "--json"];
        for (name, code) in [("grid#b", "no-factor"), ("grid@^2#a", "no-release"), ("grid@1.0.1#a", "no-release"), ("nothing#a", "refused")]
        {
            let refused = calculator.ends(1, &[&["add", name], &server[..]].concat());
            assert_eq!(error(&refused).0, code, "{}", refused.out());
        }
        let wrong = calculator.ends(1, &[&["add", "grid#a", "--amount", "1", "--unit", "kg"], &server[..]].concat());
        assert_eq!(error(&wrong).0, "unit-mismatch");
        for usage in [
            &["add", "grid"][..],
            &["add", "grid#"],
            &["add", "grid@x#a"],
            &["add", "grid#a", "--amount", "1"],
            &["add", "grid#a", "--amount", "1,5", "--unit", "kg"],
            &["add", "grid#a", "--unit", "kWh", "--amount", "1"],
            &["add", "grid#a", "--server", "ftp://127.0.0.1"],
            &["check", "--max-age", "7d"],
        ] {
            calculator.ends(2, usage);
        }
        assert!(!calculator.path().exists());
        calculator.ends(3, &["add", "grid#a", "--server", &nobody()]);
        for command in [&["check"][..], &["outdated"], &["update"]] {
            assert_eq!(error(&calculator.ends(1, &[command, &["--json"]].concat())).0, "no-lockfile");
        }
        assert!(!calculator.path().exists());
    }
);

on_both!(
    fn what_speaks_against_a_factor_is_told(site: &Site) {
        use tanyin::release::{NoticeOf, supersede, withdraw};
        let rows: &[(&str, &[(&str, &str)])] = &[("a", &[("flags", "unit_uncertain")]), ("b", &[])];
        site.publish(&package("grid", "1.0.0", rows));
        site.publish(&package("grid-new", "1.0.0", &[("a", &[])]));
        let (old, new) = ("grid".parse().unwrap(), "grid-new".parse().unwrap());
        let version = semver::Version::new(1, 0, 0);
        supersede(
            site.ground(),
            NoticeOf { dataset: &old, version: &version },
            NoticeOf { dataset: &new, version: &version },
            "moved",
            "op",
        )
        .unwrap();
        withdraw(site.ground(), &old, &version, "wrong unit", "op").unwrap();
        settle(site);
        let calculator = Calculator::new();
        let refused = calculator.ends(1, &["add", "grid#a", "--server", site.address(), "--json"]);
        assert_eq!(error(&refused).0, "no-release", "ranges skip what is withdrawn");
        assert!(error(&refused).1.contains("1.0.0 (withdrawn)"));
        let pinned = calculator.pin(site, "grid@1.0.0#a", &["--json"]);
        let warnings = pinned.json()["pinned"][0]["warnings"].clone();
        let told: Vec<_> = warnings.as_array().unwrap().iter().map(|own| own["warning"].as_str().unwrap()).collect();
        assert!(["flagged", "withdrawn", "superseded"].iter().all(|word| told.contains(word)), "{warnings}");
        for word in ["wrong unit", "moved", "grid-new@1.0.0"] {
            assert!(pinned.err().contains(word), "{}", pinned.err());
        }
    }
);
