//! What moved since, what it does to the emissions, and moving the pins.

use serde_json::{Value, json};
use tanyin::release::{NoticeOf, supersede, withdraw};

use super::{Calculator, error, nobody, package, settle};
use crate::on_both;
use crate::site::Site;

const AR6: &str = "ipcc-ar6-wg1-7.15-gwp100";

/// Direct CO2 per kWh, and CO2e per kg.
fn publish(site: &Site, version: &str, grid: &str, steel: &str) {
    let steel: &[(&str, &str)] =
        &[("value", steel), ("metric", "CO2e"), ("per", "kg"), ("kind", "product-lifecycle"), ("activity", "steel"), ("gwp", AR6)];
    site.publish(&package("mix", version, &[("grid", &[("value", grid)]), ("steel", steel), ("idle", &[])]));
}

fn pinned(site: &Site) -> Calculator {
    publish(site, "1.0.0", "0.50", "2.0");
    let calculator = Calculator::new();
    calculator.pin(site, "mix@^1#grid", &["--amount", "3.6", "--unit", "MJ", "--label", "office"]);
    calculator.pin(site, "mix@^1#grid", &["--amount", "2", "--unit", "MW.h", "--label", "plant"]);
    calculator.pin(site, "mix@^1#steel", &["--amount", "1", "--unit", "t"]);
    calculator.pin(site, "mix@^1#idle", &[]);
    calculator
}

fn factor<'v>(told: &'v Value, key: &str) -> &'v Value {
    told["factors"].as_array().unwrap().iter().find(|own| own["key"] == key).unwrap_or_else(|| panic!("{key}: {told}"))
}

on_both!(
    fn a_value_moves(site: &Site) {
        let calculator = pinned(site);
        let told = calculator.outdated(0);
        assert_eq!((&told["moved"], &told["factors"][0]["wanted"]), (&json!(false), &Value::Null));
        assert_eq!(
            told["totals"][0],
            json!({"metric": "CO2", "gwp": null, "unit": "kg", "factors": 2, "from": 1000.5, "to": 1000.5, "percent": 0})
        );
        assert_eq!(
            told["totals"][1],
            json!({"metric": "CO2e", "gwp": AR6, "unit": "kg", "factors": 1, "from": 2000, "to": 2000, "percent": 0})
        );

        publish(site, "1.1.0", "0.55", "2.0");
        settle(site);
        let before = calculator.text();
        let told = calculator.outdated(1);
        assert_eq!(calculator.text(), before, "looking changes nothing");
        let grid = factor(&told, "grid");
        let wanted = &grid["wanted"];
        assert_eq!((&wanted["version"], &wanted["state"], &wanted["bump"]), (&json!("1.1.0"), &json!("changed"), &json!("minor")));
        assert_eq!((&wanted["from_value"], &wanted["to_value"], &wanted["percent"]), (&json!("0.50"), &json!("0.55"), &json!(10)));
        assert_eq!(wanted["fields"][0]["field"], "value");
        assert_eq!((&wanted["release"]["number"], &wanted["release"]["bump"]), (&json!(1), &json!("minor")));
        assert_eq!(
            (&grid["emission"]["from"], &grid["emission"]["to"], &grid["emission"]["percent"]),
            (&json!(0.5), &json!(0.55), &json!(10))
        );
        assert_eq!((&factor(&told, "steel")["wanted"]["state"], &factor(&told, "steel")["moved"]), (&json!("unchanged"), &json!(false)));
        assert_eq!((&told["totals"][0]["from"], &told["totals"][0]["to"]), (&json!(1000.5), &json!(1100.55)));
        assert_eq!(told["totals"][1]["from"], told["totals"][1]["to"]);
        // what a lookup with the amount says is what the file counts
        let looked = site.get("/v1/lookup?dataset=mix@1.1.0&key=grid&amount=3.6&unit=MJ").json();
        assert_eq!(looked["result"]["value"], grid["emission"]["to"]);
        let text = calculator.ends(1, &["outdated"]).out();
        for words in [
            "1.0.0 -> 1.1.0",
            "value: 0.50 -> 0.55 (+10%)",
            "MINOR: 1 changed in number",
            "total CO2: 1000.5 -> 1100.55 (+10%) kg, of 2 factors",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        calculator.ends(3, &["outdated", "--server", &nobody()]);
    }
);

on_both!(
    fn pins_are_moved(site: &Site) {
        let calculator = pinned(site);
        assert!(calculator.ends(0, &["update"]).out().contains("nothing to move"));
        publish(site, "1.1.0", "0.55", "2.0");
        publish(site, "1.2.0", "0.66", "3.0");
        settle(site);
        let before = calculator.text();
        let refused = calculator.ends(1, &["update"]);
        assert!(refused.err().contains("--yes") && refused.out().contains("1.0.0 -> 1.2.0"), "{}", refused.err());
        calculator.ends(0, &["update", "--dry-run"]);
        assert_eq!(error(&calculator.ends(1, &["update", "other", "--json"])).0, "no-factor");
        assert_eq!(error(&calculator.ends(1, &["update", "--precise", "2.0.0", "--json"])).0, "requirement");
        assert_eq!(error(&calculator.ends(1, &["update", "--precise", "1.0.9", "--yes", "--json"])).0, "no-release");
        assert_eq!(calculator.text(), before);

        let moved = calculator.ends(0, &["update", "office", "--precise", "1.1.0", "--yes", "--json"]).json();
        assert_eq!((&moved["moves"], &moved["written"]), (&json!(1), &json!(true)));
        let versions = |calculator: &Calculator| -> Vec<String> {
            calculator.file()["factors"].as_array().unwrap().iter().map(|own| own["version"].as_str().unwrap().to_owned()).collect()
        };
        // grid (office), grid (plant), idle, steel: by key and label
        assert_eq!(versions(&calculator), ["1.1.0", "1.0.0", "1.0.0", "1.0.0"]);
        calculator.ends(0, &["check"]);
        calculator.ends(0, &["update", "mix#steel", "--yes"]);
        assert_eq!(calculator.file()["releases"].as_array().unwrap().len(), 3);
        calculator.ends(0, &["update", "--yes"]);
        assert_eq!(versions(&calculator), ["1.2.0"; 4]);
        assert_eq!(calculator.file()["releases"].as_array().unwrap().len(), 1);
        assert_eq!(calculator.outdated(0)["moved"], false);
        calculator.ends(0, &["check"]);
    }
);

on_both!(
    fn withdrawn_superseded_and_inputs(site: &Site) {
        let (mix, version) = ("mix".parse().unwrap(), |text: &str| text.parse::<semver::Version>().unwrap());
        let calculator = pinned(site);
        publish(site, "1.1.0", "0.55", "2.0");
        site.publish(&package("derived", "1.0.0", &[("x", &[("derived_from", "mix@1.0.0#grid")])]));
        settle(site);
        calculator.pin(site, "derived#x", &[]);
        calculator.ends(0, &["update", "office", "plant", "idle", "mix#steel", "--yes"]);
        calculator.outdated(0);

        withdraw(site.ground(), &mix, &version("1.0.0"), "the unit was MJ", "op").unwrap();
        settle(site);
        let told = calculator.outdated(1);
        let notice = &factor(&told, "x")["notices"][0];
        assert_eq!(
            (&notice["flag"], &notice["by"], &notice["why"]),
            (&json!("input_withdrawn"), &json!("mix@1.0.0"), &json!("the unit was MJ"))
        );
        assert_eq!(factor(&told, "grid")["moved"], false);

        withdraw(site.ground(), &mix, &version("1.1.0"), "wrong table", "op").unwrap();
        settle(site);
        let told = calculator.outdated(1);
        assert_eq!(factor(&told, "grid")["withdrawn"]["reason"], "wrong table");
        assert_eq!(factor(&told, "grid")["wanted"], Value::Null);
        let text = calculator.ends(1, &["outdated"]).out();
        assert!(
            text.contains("WITHDRAWN") && text.contains("nothing that stands is within ^1") && text.contains("input_withdrawn"),
            "{text}"
        );
        calculator.ends(0, &["update", "--yes"]);
        calculator.ends(0, &["check"]);

        publish(site, "1.2.0", "0.60", "2.0");
        let derived = "derived".parse().unwrap();
        let one = version("1.0.0");
        let by = version("1.2.0");
        supersede(
            site.ground(),
            NoticeOf { dataset: &derived, version: &one },
            NoticeOf { dataset: &mix, version: &by },
            "use the mix",
            "op",
        )
        .unwrap();
        settle(site);
        let told = calculator.outdated(1);
        let superseded = &factor(&told, "x")["superseded"];
        assert_eq!((&superseded["by"], &superseded["reason"]), (&json!("mix@1.2.0"), &json!("use the mix")));
        assert_eq!(factor(&told, "grid")["wanted"]["version"], "1.2.0");
    }
);

on_both!(
    fn removed_beyond_and_not_countable(site: &Site) {
        let calculator = pinned(site);
        calculator.pin(site, "mix@latest#idle", &[]);
        // 2.0.0: without `idle`, the grid per another unit
        let steel: &[(&str, &str)] =
            &[("value", "2.0"), ("metric", "CO2e"), ("per", "kg"), ("kind", "product-lifecycle"), ("activity", "steel"), ("gwp", AR6)];
        site.publish(&package("mix", "2.0.0", &[("grid", &[("value", "7"), ("per", "kg")]), ("steel", steel)]));
        settle(site);
        let told = calculator.outdated(1);
        let (grid, idle) = (factor(&told, "grid"), factor(&told, "idle"));
        assert_eq!((&grid["wanted"], &grid["moved"]), (&Value::Null, &json!(false)), "what lies beyond the requirement is told alone");
        assert_eq!(
            (&grid["newest"]["version"], &grid["newest"]["bump"], &grid["newest"]["percent"]),
            (&json!("2.0.0"), &json!("major"), &Value::Null)
        );
        assert_eq!((&idle["wanted"]["state"], &idle["moved"]), (&json!("removed"), &json!(true)));
        assert!(calculator.ends(1, &["outdated"]).out().contains("REMOVED: 2.0.0 does not have it"));

        let other = Calculator::new();
        other.pin(site, "mix@1.0.0#grid", &["--amount", "1", "--unit", "kW.h"]);
        let text = other.text().replacen("\"requirement\": \"1.0.0\"", "\"requirement\": \"latest\"", 1);
        std::fs::write(other.path(), text).unwrap();
        let told = other.outdated(1);
        assert!(factor(&told, "grid")["wanted"]["blocked"].as_str().unwrap().contains("kW.h"), "{told}");
        assert_eq!(told["totals"][0]["to"], told["totals"][0]["from"], "what cannot move is counted as it is");
        assert!(other.ends(0, &["update", "--yes"]).out().contains("nothing to move"));
        assert_eq!(other.file()["factors"][0]["version"], "1.0.0");
    }
);
