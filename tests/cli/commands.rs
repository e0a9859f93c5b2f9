//! From a package to an answer, through the program alone.

use std::path::Path;

use serde_json::json;

use super::tanyin;
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

fn write(draft: &PackageDraft) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    draft.write(folder.path());
    folder
}

on_both!(
    fn from_a_package_to_an_answer(site: &Site) {
        let rows = vec![row("grid/cn", &[]), row("grid/cn-zj", &[("region", "CN-ZJ"), ("value", "0.5200")])];
        let first = write(&PackageDraft::new("grid", "1.0.0", rows.clone()));
        let path = first.path().to_str().unwrap();

        let checked = tanyin(site, &["check", path, "--json"]);
        assert_eq!(checked.code(), 0, "{}", checked.err());
        let report = checked.json();
        assert_eq!(
            (&report["rows"], &report["factors"], &report["produced"], &report["error_rows"]),
            (&json!(2), &json!(2), &json!(2), &json!(0))
        );

        assert_eq!(tanyin(site, &["import", path, "--dataset", "grid", "--dry-run"]).code(), 0);
        assert_eq!(tanyin(site, &["draft", "show", "grid"]).code(), 1, "a dry run leaves no draft");
        let imported = tanyin(site, &["import", path, "--dataset", "grid", "--json"]).json();
        assert_eq!(imported["difference"]["counts"]["added"], 2);
        assert_eq!(imported["difference"]["next"], "1.0.0");
        assert_eq!(tanyin(site, &["release", "publish", "grid"]).code(), 1, "nothing is published before it is submitted");
        assert_eq!(tanyin(site, &["draft", "submit", "grid"]).code(), 0);
        assert_eq!(tanyin(site, &["release", "publish", "grid", "--json"]).code(), 0);

        let mut changed = rows;
        changed[1].insert("value".into(), "0.53".into());
        let second = write(&PackageDraft::new("grid", "1.0.1", changed));
        assert_eq!(tanyin(site, &["import", second.path().to_str().unwrap(), "--dataset", "grid"]).code(), 0);
        let refused = tanyin(site, &["draft", "submit", "grid", "--json"]);
        assert_eq!(refused.code(), 1);
        assert!(refused.json()["error"]["message"].as_str().unwrap().contains("1.1.0"), "the next version is named: {}", refused.out());
        assert_eq!(tanyin(site, &["draft", "submit", "grid", "--bump", "auto"]).code(), 0);
        assert_eq!(tanyin(site, &["release", "publish", "grid"]).code(), 0);

        let ask = ["lookup", "--dataset", "grid", "--key", "grid/cn-zj", "--json"];
        assert_eq!(tanyin(site, &ask).json()["factor"]["value"], "0.53");
        assert_eq!(tanyin(site, &["release", "withdraw", "grid@1.1.0"]).code(), 2, "a withdrawal wants a reason");
        assert_eq!(tanyin(site, &["release", "withdraw", "grid@1.1.0", "--reason", "wrong table"]).code(), 0);
        let answer = tanyin(site, &ask).json();
        assert_eq!((&answer["factor"]["value"], &answer["release"]["version"]), (&json!("0.5200"), &json!("1.0.0")));
        let listed = tanyin(site, &["release", "list", "grid", "--json"]).out();
        assert!(listed.contains("wrong table"), "{listed}");
    }
);

on_both!(
    fn a_bad_package_changes_nothing_and_says_where(site: &Site) {
        let rows = vec![row("a", &[]), row("b", &[("value", "0,5366")]), row("c", &[("per", "kWh")])];
        let folder = write(&PackageDraft::new("bad", "1.0.0", rows));
        let path = folder.path().to_str().unwrap();
        let imported = tanyin(site, &["import", path, "--dataset", "bad", "--json"]);
        assert_eq!(imported.code(), 1);
        let report = imported.json();
        assert_eq!((&report["rows"], &report["factors"], &report["error_rows"]), (&json!(3), &json!(1), &json!(2)));
        let found: Vec<_> = report["items"].as_array().unwrap().iter().map(|item| (item["row"].clone(), item["rule"].clone())).collect();
        assert_eq!(found, [(json!(3), json!("decimal")), (json!(4), json!("unit-unknown"))]);
        assert_eq!(tanyin(site, &["draft", "list", "--json"]).json()["drafts"], json!([]));
        let shown = tanyin(site, &["check", path]);
        assert_eq!(shown.code(), 1);
        assert!(shown.out().contains("kW.h"), "the right unit is named: {}", shown.out());
    }
);

on_both!(
    fn wrong_usage_is_2_and_a_missing_place_is_1(site: &Site) {
        assert_eq!(tanyin(site, &["publish"]).code(), 2);
        assert_eq!(tanyin(site, &["import", "x"]).code(), 2);
        assert_eq!(tanyin(site, &["export", "grid", "--format", "csv", "-o", "-"]).code(), 2);
        assert_eq!(tanyin(site, &["lookup", "--dataset", "none", "--key", "k"]).code(), 1);
        assert_eq!(tanyin(site, &["release", "withdraw", "none@1.0.0", "--reason", "r"]).code(), 1);
        let absent = site.folder.path().join("absent");
        let program =
            std::process::Command::new(env!("CARGO_BIN_EXE_tanyin")).args(["release", "list", "--data-dir"]).arg(&absent).output().unwrap();
        assert_eq!(program.status.code(), Some(1));
        assert!(!absent.exists(), "a reading command makes no directory");
    }
);

on_both!(
    fn a_withdrawn_input_is_told(site: &Site) {
        site.publish(&PackageDraft::new("raw", "1.0.0", vec![row("x", &[])]));
        site.publish(&PackageDraft::new("built", "1.0.0", vec![row("y", &[("derived_from", "raw@1.0.0#x"), ("flags", "rounded")])]));
        let ask = ["lookup", "--dataset", "built", "--key", "y"];
        assert!(!tanyin(site, &ask).out().contains("NOTICE"));
        tanyin::release::withdraw(site.ground(), &"raw".parse().unwrap(), &"1.0.0".parse().unwrap(), "the unit was MJ", "reviewer")
            .unwrap();
        let told = tanyin(site, &ask);
        assert_eq!(told.code(), 0, "{}", told.err());
        let line = |name: &str| told.out().lines().map(str::trim).find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        assert!(line("flags").ends_with(" rounded"), "{}", told.out());
        let notice = line("NOTICE");
        assert!(notice.contains("input_withdrawn: raw@1.0.0, ") && notice.ends_with(": the unit was MJ"), "{}", told.out());
    }
);

on_bundled!(
    fn an_export_is_the_stored_file(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        for format in tanyin::bulk::Format::ALL {
            let (format, name) = (format.name(), format.file_name());
            let file = folder.path().join(name);
            let ran = tanyin(site, &["export", "cn-electricity-co2@1.2.0", "--format", format, "-o", file.to_str().unwrap()]);
            assert_eq!(ran.code(), 0, "{}", ran.err());
            let served = site.get(&format!("/v1/datasets/cn-electricity-co2/releases/1.2.0/files/{name}"));
            assert_eq!(std::fs::read(&file).unwrap(), served.body);
        }
        assert_eq!(tanyin(site, &["export", "cn-electricity-co2@1.2.0", "--format", "xls", "-o", "x"]).code(), 2);
        assert!(!Path::new("x").exists());
    }
);

on_bundled!(
    fn a_lookup_answers_as_the_route_does(site: &Site) {
        let ran = tanyin(
            site,
            &[
                "lookup",
                "--dataset",
                "cn-electricity-co2",
                "--activity",
                "electricity/grid-average",
                "--region",
                "CN-XZ",
                "--year",
                "2022",
                "--region-fallback",
                "parent",
                "--json",
            ],
        );
        let served = site
            .get("/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-average&region=CN-XZ&year=2022&region_fallback=parent");
        assert_eq!(ran.json(), served.json());
        let refused = tanyin(
            site,
            &["lookup", "--dataset", "cn-electricity-co2", "--activity", "electricity/grid-average", "--region", "CN-XZ", "--year", "2022"],
        );
        assert_eq!(refused.code(), 1);
        assert!(refused.err().contains("--region-fallback parent"), "{}{}", refused.out(), refused.err());
    }
);
