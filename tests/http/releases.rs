//! Datasets and their releases, and what a withdrawal does to them.

use serde_json::{Value, json};

use super::{ok, refused};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

const HOME: &str = "/v1/datasets/cn-electricity-co2/releases";

fn listed(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

on_bundled!(
    fn datasets_are_listed(site: &Site) {
        let datasets = ok(site, "/v1/datasets").json()["datasets"].clone();
        assert_eq!(listed(&datasets, "id"), ["cn-electricity-co2", "cn-electricity-footprint", "ipcc-gwp", "ipcc-stationary-combustion"]);
        let one = ok(site, "/v1/datasets/cn-electricity-co2").json();
        assert_eq!(one, datasets[0]);
        assert_eq!(one["latest"], "1.2.0");
        assert_eq!(one["factors"], 120);
        assert_eq!(one["releases"], json!(["1.2.0", "1.1.0", "1.0.0"]));
        assert!(one["title"]["zh"].is_string() && one["title"]["en"].is_string(), "{one}");
        assert_eq!(one["licences"][0]["id"], "LicenseRef-CN-official-document");
        for path in ["/v1/datasets/none", "/v1/datasets/none/releases", "/v1/datasets/NONE", "/v1/datasets/cn%2Felectricity"] {
            refused(site, path, "no-dataset");
        }
    }
);

on_bundled!(
    fn releases_are_listed_newest_first(site: &Site) {
        let response = ok(site, HOME);
        let releases = response.json()["releases"].clone();
        assert_eq!(listed(&releases, "version"), ["1.2.0", "1.1.0", "1.0.0"]);
        assert_eq!(releases[1]["factors"], 80);
        assert_eq!(releases[2]["previous"], Value::Null);
        assert_eq!(releases[0]["withdrawn"], Value::Null);
        assert!(response.header("etag").unwrap().starts_with("\"sha256-"));
    }
);

on_bundled!(
    fn exact_versions_ranges_and_latest(site: &Site) {
        let table = [
            ("1.2.0", "1.2.0"),
            ("1.0.0", "1.0.0"),
            ("latest", "1.2.0"),
            ("^1", "1.2.0"),
            ("%5E1", "1.2.0"),
            ("~1.1", "1.1.0"),
            ("%7E1.1", "1.1.0"),
            ("1.0", "1.2.0"),
            ("*", "1.2.0"),
            ("%3E%3D1.0.0,%20%3C1.2.0", "1.1.0"),
        ];
        for (asked, version) in table {
            let response = ok(site, &format!("{HOME}/{asked}"));
            assert_eq!(response.json()["version"], version, "{asked}");
            let pinned = asked == version;
            let found = format!("{HOME}/{version}");
            assert_eq!(response.header("content-location"), (!pinned).then_some(found.as_str()), "{asked}");
            assert_eq!(response.header("cache-control"), Some(if pinned { "public, max-age=60" } else { "public, max-age=5" }));
        }
        for asked in ["9.9.9", "^9", "1.2.1", "%3E2", "1.2.0-rc.1", "1.2.0+build"] {
            refused(site, &format!("{HOME}/{asked}"), "no-release");
        }
        for asked in ["newest", "v1.2.0", "1.2.3.4", "01.2.0x", "%00", "%FF"] {
            refused(site, &format!("{HOME}/{asked}"), "invalid-parameter");
        }
    }
);

on_bundled!(
    fn a_release_says_what_it_holds(site: &Site) {
        let release = ok(site, &format!("{HOME}/1.1.0")).json();
        let manifest = ok(site, &format!("{HOME}/1.1.0/files/manifest.json"));
        assert_eq!(release["manifest"], tanyin::canon::Digest::of(&manifest.body).to_string());
        assert_eq!(release["root"], manifest.json()["root"]);
        assert_eq!(release["changes"]["added"], 40);
        assert_eq!(listed(&release["files"], "name"), ["factors.csv", "factors.ndjson", "manifest.json", "SHA256SUMS"]);
        for file in release["files"].as_array().unwrap() {
            let bytes = ok(site, file["href"].as_str().unwrap()).body;
            assert_eq!(file["bytes"], bytes.len());
            assert_eq!(file["sha256"], tanyin::canon::Digest::of(&bytes).to_string());
        }
    }
);

/// Two releases, the later one withdrawn.
fn with_withdrawal(site: &Site) {
    site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
    site.publish(&PackageDraft::new("made", "1.1.0", vec![row("a", &[]), row("b", &[("region", "CN-ZJ")])]));
    site.wait_for_facts(2);
}

fn withdraw(site: &Site, version: &str) {
    let dataset = "made".parse().unwrap();
    tanyin::release::withdraw(site.ground(), &dataset, &version.parse().unwrap(), "the unit was wrong", "reviewer").unwrap();
}

on_both!(
    fn a_withdrawn_release_stays_at_its_version(site: &Site) {
        with_withdrawal(site);
        let exact = "/v1/datasets/made/releases/1.1.0";
        let before = ok(site, exact);
        assert_eq!(before.header("deprecation"), None);
        withdraw(site, "1.1.0");
        site.wait_for_facts(3);

        let etag = before.header("etag").unwrap();
        let after = site.get_with(exact, &[("If-None-Match", etag)]);
        assert_eq!(after.status, 200, "the status is part of the answer");
        assert_eq!(after.json()["withdrawn"]["reason"], "the unit was wrong");
        let factor = ok(site, &format!("{exact}/factors/b"));
        let lookup = ok(site, "/v1/lookup?dataset=made@1.1.0&key=b");
        let file = ok(site, &format!("{exact}/files/factors.ndjson"));
        for response in [&after, &factor, &lookup, &file] {
            let date = response.header("deprecation").unwrap_or_else(|| panic!("{}", response.text()));
            assert!(date.strip_prefix('@').unwrap().parse::<u64>().unwrap() > 1_700_000_000, "{date}");
            assert!(response.all("link").iter().any(|link| link.contains("rel=\"deprecation\"")));
        }
        for response in [&factor, &lookup] {
            assert_eq!(response.json()["release"]["withdrawn"]["reason"], "the unit was wrong");
        }
        let releases = ok(site, "/v1/datasets/made/releases").json()["releases"].clone();
        assert_eq!(listed(&releases, "version"), ["1.1.0", "1.0.0"]);
        assert_eq!(releases[0]["withdrawn"]["reason"], "the unit was wrong");
    }
);

on_both!(
    fn ranges_and_latest_skip_what_is_withdrawn(site: &Site) {
        with_withdrawal(site);
        ok(site, "/v1/lookup?dataset=made&key=b");
        withdraw(site, "1.1.0");
        site.wait_for_facts(3);
        for asked in ["latest", "^1", "%5E1.0", "*"] {
            let response = ok(site, &format!("/v1/datasets/made/releases/{asked}"));
            assert_eq!(response.json()["version"], "1.0.0", "{asked}");
            assert_eq!(response.header("deprecation"), None);
        }
        refused(site, "/v1/datasets/made/releases/~1.1", "no-release");
        refused(site, "/v1/lookup?dataset=made&key=b", "no-match");
        assert_eq!(ok(site, "/v1/lookup?dataset=made&key=a").json()["release"]["version"], "1.0.0");
        assert_eq!(ok(site, "/v1/factors").json()["total"], 1);
        assert_eq!(ok(site, "/v1/datasets/made").json()["latest"], "1.0.0");
        let latest = ok(site, "/v1/datasets/made/releases/latest/files/factors.ndjson");
        assert_eq!(latest.body, ok(site, "/v1/datasets/made/releases/1.0.0/files/factors.ndjson").body);

        withdraw(site, "1.0.0");
        site.wait_for_facts(4);
        for path in ["/v1/datasets/made/releases/latest", "/v1/lookup?dataset=made&key=a", "/v1/factors?dataset=made"] {
            refused(site, path, "no-release");
        }
        let dataset = ok(site, "/v1/datasets/made").json();
        assert_eq!((&dataset["latest"], &dataset["title"]), (&Value::Null, &json!({"en": "Made for a test"})));
        assert_eq!(ok(site, "/v1/factors").json()["total"], 0);
    }
);
