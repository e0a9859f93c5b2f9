//! From a new table to an explained version: renames, flags, and the quality of what was released.

use serde_json::{Value, json};

use super::{Ran, tanyin};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

#[track_caller]
fn fine(site: &Site, arguments: &[&str]) -> Ran {
    let ran = tanyin(site, arguments);
    assert_eq!(ran.code(), 0, "{arguments:?}: {}{}", ran.out(), ran.err());
    ran
}

fn write(site: &Site, version: &str, rows: Vec<std::collections::BTreeMap<String, String>>) -> String {
    let folder = site.folder.path().join(version);
    std::fs::create_dir_all(&folder).unwrap();
    PackageDraft::new("made", version, rows).write(&folder);
    folder.to_str().unwrap().to_owned()
}

fn steel(key: &str, name: &str, value: &str) -> std::collections::BTreeMap<String, String> {
    let cells = [("activity", "metal/steel"), ("kind", "process"), ("per", "kg"), ("name_en", name), ("value", value)];
    row(key, &cells)
}

on_both!(
    fn a_rename_is_proposed_confirmed_and_told(site: &Site) {
        let first = write(site, "1.0.0", vec![steel("steel/hot-rolled", "Steel, hot rolled", "2.1"), steel("zinc", "Zinc", "3.5")]);
        let second = write(site, "2.0.0", vec![steel("steel/hr", "Steel, hot-rolled", "2.1"), steel("zinc", "Zinc", "3.9")]);
        fine(site, &["import", &first, "--dataset", "made"]);
        fine(site, &["draft", "submit", "made"]);
        fine(site, &["release", "publish", "made"]);
        let said = fine(site, &["import", &first, "--dataset", "made"]).out();
        assert!(said.contains("nothing differs, so there is no draft"), "{said}");
        fine(site, &["import", &second, "--dataset", "made"]);

        let shown = fine(site, &["draft", "diff", "made"]).out();
        assert!(shown.contains("1 possible rename") && shown.contains("MAJOR: because of 1 removed"), "{shown}");
        let proposed = fine(site, &["draft", "crosswalk", "made", "propose", "--json"]).json();
        assert_eq!(proposed["proposals"][0]["from"], "steel/hot-rolled");
        assert_eq!((&proposed["proposals"][0]["to"], &proposed["proposals"][0]["score"]), (&json!("steel/hr"), &json!(1000)));
        fine(site, &["draft", "crosswalk", "made", "deny", "steel/hot-rolled", "steel/hr"]);
        assert_eq!(fine(site, &["draft", "crosswalk", "made", "propose", "--json"]).json()["proposals"], json!([]));
        let refused = tanyin(site, &["draft", "crosswalk", "made", "confirm", "--all", "900", "--json"]);
        assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!("nothing-named")));
        fine(site, &["draft", "crosswalk", "made", "confirm", "steel/hot-rolled", "steel/hr", "--reason", "shorter", "--by", "li"]);
        let table = fine(site, &["draft", "crosswalk", "made", "show", "--csv"]).out();
        assert!(table.starts_with("verb,from,to,share,reason,by,at\nreplace,steel/hot-rolled,steel/hr,,shorter,operator/li,"), "{table}");
        fine(site, &["draft", "crosswalk", "made", "remove", "steel/hr"]);
        let file = site.folder.path().join("crosswalk.csv");
        std::fs::write(&file, &table).unwrap();
        fine(site, &["draft", "crosswalk", "made", "add", "--csv", file.to_str().unwrap()]);

        let shown = fine(site, &["draft", "diff", "made"]).out();
        assert!(shown.contains("1 renamed, 1 with another number") && shown.contains("because of 1 renamed"), "{shown}");
        assert!(shown.contains("renamed  steel/hr  key steel/hot-rolled → steel/hr"), "{shown}");
        assert!(shown.contains("number   zinc  value 3.5 → 3.9 (11.42 %)") && shown.contains("10-25 %: 1"), "{shown}");
        let json = fine(site, &["draft", "diff", "made", "--json"]).json();
        assert_eq!((&json["counts"]["renamed"], &json["difference"]["next"]), (&json!(1), &json!("2.0.0")));
        let csv = fine(site, &["draft", "diff", "made", "--format", "csv", "--sort", "magnitude", "--limit", "1"]).out();
        assert!(csv.starts_with("key,change,bump,field,from,to,percent\nzinc,number,minor,value,3.5,3.9,11.428"), "{csv}");
        fine(site, &["draft", "submit", "made"]);
        fine(site, &["release", "publish", "made"]);
        let shown = fine(site, &["release", "diff", "made", "1.0.0", "latest"]).out();
        assert!(shown.contains("from made@1.0.0 to made@2.0.0") && shown.contains("1 renamed"), "{shown}");
    }
);

on_both!(
    fn flags_from_the_import_to_after_the_release(site: &Site) {
        let grid = |value: &'static str| vec![row("grid/cn", &[("value", value), ("source_level", "secondary")])];
        let first = write(site, "1.0.0", grid("536.6"));
        let said = fine(site, &["import", &first, "--dataset", "made"]).out();
        assert!(said.contains("unit_uncertain: 1") && said.contains("proposed"), "{said}");
        let listed = fine(site, &["draft", "flags", "made"]).out();
        assert!(listed.contains("536.6 kg per kW.h is above 2 kg per kW.h"), "{listed}");
        fine(site, &["draft", "flags", "made", "dismiss", "--flag", "partial_factor", "--reason", "CO2 is what it is for"]);
        fine(site, &["draft", "flags", "made", "accept", "--flag", "secondary_source"]);
        let states: Vec<Value> = fine(site, &["draft", "flags", "made", "list", "--json"]).json()["flags"].as_array().unwrap().clone();
        let state = |flag: &str| states.iter().find(|own| own["flag"] == flag).unwrap()["state"].clone();
        assert_eq!(
            (state("partial_gases"), state("secondary_source"), state("unit_uncertain")),
            ("dismissed".into(), "accepted".into(), "open".into())
        );
        let raised = fine(site, &["import", &first, "--dataset", "made", "--raise-flags", "--json"]).json();
        assert_eq!(raised["flags"], json!({"secondary_source": 1, "unit_uncertain": 1}), "what was dismissed stays so");
        fine(site, &["draft", "submit", "made"]);
        fine(site, &["release", "publish", "made"]);
        let refused = tanyin(site, &["lookup", "--dataset", "made", "--key", "grid/cn", "--json"]);
        assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!("flagged")));

        let flag = ["made@1.0.0", "grid/cn", "--flag", "suspicious_homogeneity", "--reason", "copied from a neighbour", "--by", "li"];
        let flagged = fine(site, &[&["release", "flag"], &flag[..], &["--json"]].concat()).json();
        assert_eq!((&flagged["by"], &flagged["flag"]), (&json!("operator/li"), &json!("suspicious_homogeneity")));
        let again = tanyin(site, &[&["release", "flag"], &flag[..], &["--json"]].concat());
        assert_eq!((again.code(), &again.json()["error"]["code"]), (1, &json!("already-flagged")));
        let quality = fine(site, &["release", "quality", "made", "--json"]).json();
        assert_eq!(quality["flags"]["suspicious_homogeneity"]["later"], 1);
        assert!(fine(site, &["release", "quality", "made"]).out().contains("unit_uncertain: 1 in the release"));
        fine(site, &[&["release", "unflag"], &flag[..]].concat());
        assert_eq!(tanyin(site, &[&["release", "unflag"], &flag[..]].concat()).code(), 1);
        fine(site, &["verify"]);
        let kinds = fine(site, &["log", "facts"]).out();
        assert!(kinds.contains("\"kind\":\"flag\"") && kinds.contains("\"kind\":\"unflag\""), "{kinds}");
    }
);
