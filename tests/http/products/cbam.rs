//! CBAM default values: which one applies, and who is told what.

use serde_json::{Value, json};
use tanyin::desk::{self, ImportRequest, Reading, VersionWish};
use tanyin::import::Format;
use tanyin::release;

use super::products;
use crate::http::{ask as send_as, bearer, ok, refused, texts};
use crate::on_both;
use crate::profiles::real;
use crate::site::{Kind, PackageDraft, Site, row};

/// Default values of two countries and of all others, written by hand in the form of the profile.
fn defaults(dataset: &str, redistribution: &str) -> PackageDraft {
    let mut rows = Vec::new();
    let mut good = |place: &str, cn: &str, variant: &str, name: &str, total: &str, marked: [&str; 3]| {
        let stem = format!("{}/{cn}{variant}", place.to_lowercase());
        let codes = format!("cn={cn};hs-2022={}", &cn[..cn.len().min(6)]);
        let activity = format!("cbam/goods/cn-{cn}{variant}");
        let mut push = |part: &str, boundary: &str, year: &str, value: &str| {
            rows.push(row(
                &format!("{stem}/{part}"),
                &[
                    ("activity", &activity),
                    ("kind", "ets-value"),
                    ("name_en", name),
                    ("region", place),
                    ("year", year),
                    ("value", value),
                    ("metric", "CO2e"),
                    ("per", "kg"),
                    ("boundary", boundary),
                    ("flags", "gwp_unknown"),
                    ("technology", "route C"),
                    ("classifications", &codes),
                ],
            ));
        };
        push("total", "cbam-total", "", total);
        for (year, value) in ["2026", "2027", "2028"].into_iter().zip(marked) {
            push(&format!("marked-up-{year}"), "cbam-total-marked-up", year, value);
        }
    };
    good("CN", "7208", "", "Flat-rolled products", "3.186893", ["3.505582", "3.824271", "4.14296"]);
    good("CN", "25231000", "-white", "White clinker", "1.30", ["1.430", "1.560", "1.690"]);
    good("CN", "25231000", "-grey", "Grey clinker", "1.39", ["1.529", "1.668", "1.807"]);
    good("CN", "76041010", "", "Bars and rods", "4.8808", ["5.36888", "5.85696", "6.34504"]);
    good("GLO", "25231000", "-grey", "Grey clinker", "1.50", ["1.650", "1.800", "1.950"]);
    good("GLO", "7208", "", "Flat-rolled products", "4.00", ["4.400", "4.800", "5.200"]);
    good("GLO", "76041010", "", "Bars and rods", "5.00", ["5.500", "6.000", "6.500"]);
    good("GLO", "76041090", "", "Profiles", "6.00", ["6.600", "7.200", "7.800"]);
    good("GLO", "28080000", "", "Nitric acid", "2.00", ["2.0200", "2.0200", "2.0200"]);
    let mut package = PackageDraft::new(dataset, "1.0.0", rows);
    package.description["licenses"] = json!([{"name": "CC0-1.0", "redistribution": redistribution}]);
    package
}

fn cbam(site: &Site, parameters: &str) -> Value {
    ok(site, &format!("/v1/cbam/defaults?{parameters}")).json()
}

on_both!(
    fn a_default_value_is_found_and_says_how(site: &Site) {
        site.publish(&defaults("border", "full"));
        let steel = cbam(site, "cn=7208&origin=CN&year=2026");
        assert_eq!(steel["applies"]["default"]["value"], "3.505582", "{steel}");
        assert_eq!(steel["applies"]["unmarked"]["total"]["value"], "3.186893");
        assert_eq!(steel["applies"]["mark_up"], json!({"percent": "10", "agrees_with_digits": true}));
        assert_eq!((&steel["applies"]["matched"], &steel["applies"]["origin"]), (&json!("exact"), &json!("CN")));
        assert_eq!(steel["applies"]["steps"], json!([]));
        // a code below the heading that has the value, and places in any form
        for parameters in [
            "cn=7208%2051%2020&origin=%E4%B8%AD%E5%9B%BD&year=2027",
            "cn=7208512010&origin=CHN&year=2027",
            "cn=7208.51.20&origin=CN-ZJ&year=2027",
        ] {
            let answer = cbam(site, parameters);
            assert_eq!(
                (&answer["applies"]["default"]["value"], &answer["applies"]["matched"]),
                (&json!("3.824271"), &json!("broader")),
                "{answer}"
            );
        }
        // a country without values of its own
        let india = cbam(site, "cn=7208&origin=IN&year=2026");
        assert_eq!((&india["applies"]["default"]["value"], &india["applies"]["origin"]), (&json!("4.400"), &json!("GLO")));
        assert_eq!(india["applies"]["steps"][0]["used"], "GLO");
        assert_eq!(cbam(site, "cn=28080000&origin=CN&year=2026")["applies"]["mark_up"]["percent"], "1");
        // two goods under one code, and two codes under a heading: neither is picked
        let clinker = cbam(site, "cn=25231000&origin=CN&year=2026");
        assert_eq!(
            (&clinker["applies"], clinker["goods"].as_array().map(Vec::len), &clinker["same_value"]),
            (&Value::Null, Some(2), &Value::Null)
        );
        assert_eq!(cbam(site, "cn=25231000&origin=CN&year=2026&goods=white")["applies"]["default"]["value"], "1.430");
        assert_eq!(cbam(site, "cn=25231000&origin=CN&year=2026&goods=Grey")["applies"]["default"]["value"], "1.529");
        let bars = cbam(site, "cn=7604&origin=CN&year=2026");
        let origins: Vec<_> = bars["goods"]
            .as_array()
            .unwrap()
            .iter()
            .map(|good| (good["cn"].clone(), good["origin"].clone(), good["matched"].clone()))
            .collect();
        assert_eq!(origins, [(json!("76041010"), json!("CN"), json!("narrower")), (json!("76041090"), json!("GLO"), json!("narrower"))]);
        let overview = ok(site, "/v1/cbam/defaults").json();
        assert_eq!(
            (&overview["datasets"][0]["dataset"], &overview["datasets"][0]["years"]),
            (&json!("border"), &json!(["2026", "2027", "2028"]))
        );
    }
);

on_both!(
    fn what_has_no_default_value_says_why(site: &Site) {
        site.publish(&defaults("border", "full"));
        let no = |parameters: &str, code: &str| refused(site, &format!("/v1/cbam/defaults?{parameters}"), code);
        let year = no("cn=7208&origin=CN&year=2031", "no-match");
        assert_eq!(texts(&year["exists"]["year"]), ["2026", "2027", "2028"]);
        let wine = no("cn=2204&origin=CN&year=2026", "no-match");
        assert_eq!(wine["cbam_good"], false);
        assert!(wine["detail"].as_str().unwrap().contains("25, 26, 27, 28, 31, 72, 73, 76"), "{wine}");
        let near = no("cn=7604&origin=CN&year=2026&goods=pink", "invalid-parameter");
        assert!(texts(&near["valid"]).contains(&"Profiles"), "{near}");
        assert_eq!(texts(&no("cn=72091500&origin=CN&year=2026", "no-match")["nearest"]), ["7208"]);
        // a code of another chapter is not near
        assert_eq!(texts(&no("cn=2716&origin=CN&year=2026", "no-match")["nearest"]), [""; 0]);
        for (parameters, code) in [
            ("origin=CN&year=2026", "missing-parameter"),
            ("cn=7208&year=2026", "missing-parameter"),
            ("cn=7208&origin=CN", "missing-parameter"),
            ("cn=720&origin=CN&year=2026", "invalid-parameter"),
            ("cn=7208&origin=DE&year=2026", "invalid-parameter"),
            ("cn=7208&origin=NO&year=2026", "invalid-parameter"),
            ("cn=7208&origin=Nowhere&year=2026", "invalid-parameter"),
            ("cn=7208&origin=CN&year=26", "invalid-parameter"),
            ("cn=7208&origin=CN&year=2026&dataset=none", "no-dataset"),
            ("cn=7208&cn=7209&origin=CN&year=2026", "bad-request"),
        ] {
            no(parameters, code);
        }
        site.publish(&defaults("other-border", "full"));
        site.wait_for_facts(2);
        let two = no("cn=7208&origin=CN&year=2026", "ambiguous");
        assert_eq!(texts(&two["datasets"]), ["border", "other-border"]);
        assert_eq!(cbam(site, "cn=7208&origin=CN&year=2026&dataset=border")["release"]["dataset"], "border");
        site.publish(&products(&["1"]));
        site.wait_for_facts(3);
        let other = no("cn=7208&origin=CN&year=2026&dataset=panels", "no-match");
        assert_eq!(texts(&other["exists"]["dataset"]), ["border", "other-border"]);
    }
);

on_both!(
    fn what_may_not_be_read_is_not_told(site: &Site) {
        site.publish(&defaults("hidden", "none"));
        let question = "/v1/cbam/defaults?cn=7208&origin=CN&year=2026";
        for path in ["/v1/codes", "/v1/codes/cn/7208", "/v1/rules", "/v1/benchmark?value=1&per=kg&code=cn:7208"] {
            assert!(!site.get(path).text().contains("hidden"), "{path}");
        }
        for path in ["/v1/cbam/defaults", "/v1/codes", "/v1/codes/cn/7208", question, "/v1/benchmark?value=1&per=kg&code=cn:7208"] {
            let answer = site.get(path);
            for secret in ["3.505582", "3.186893", "Flat-rolled"] {
                assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
            }
        }
        assert_eq!(ok(site, "/v1/codes/cn/7208").json()["total"], 0);
        // a licence says openly what it keeps back, and what opens it
        let denied = refused(site, question, "not-redistributable");
        assert_eq!((&denied["dataset"], &denied["version"]), (&json!("hidden"), &json!("1.0.0")), "{denied}");
        assert!(denied["detail"].as_str().unwrap().contains("a token that it is granted to"), "{denied}");
        let overview = ok(site, "/v1/cbam/defaults").json();
        assert_eq!((&overview["datasets"], &overview["kept_back"][0]["dataset"]), (&json!([]), &json!("hidden")));
        let reader = bearer(site, "without a grant", tanyin::dataset::Role::Reader);
        assert_eq!(send_as(site, &reader, "GET", question, None).problem(), "not-redistributable");
        for path in [
            "/v1/cbam/defaults?cn=7208&origin=CN&year=2026&dataset=hidden",
            "/v1/codes/cn/7208?dataset=hidden",
            "/v1/benchmark?value=1&per=kg&code=cn:7208&dataset=hidden",
            "/v1/compare?factor=hidden%231&factor=hidden%232",
        ] {
            refused(site, path, "not-redistributable");
        }
        let admin = bearer(site, "of products", tanyin::dataset::Role::Admin);
        let answer = send_as(site, &admin, "GET", "/v1/cbam/defaults?cn=7208&origin=CN&year=2026", None);
        assert_eq!((answer.status, &answer.json()["applies"]["default"]["value"]), (200, &json!("3.505582")), "{}", answer.text());
        assert!(answer.header("cache-control").unwrap().starts_with("private"));
    }
);

on_both!(
    /// Nobody learns what a restricted dataset holds, by its name or without.
    fn restricted_default_values_stay_untold(site: &Site) {
        let sealed = "sealed".parse().unwrap();
        let package = defaults("sealed", "full");
        let folder = tempfile::tempdir().unwrap();
        package.write(folder.path());
        site.import(folder.path(), "sealed").unwrap();
        desk::set_restricted(site.ground(), &sealed, true, "operator").unwrap();
        site.publish(&package);
        let question = "/v1/cbam/defaults?cn=7208&origin=CN&year=2026";
        let reader = bearer(site, "reader", tanyin::dataset::Role::Reader);
        for answer in [site.get(question), send_as(site, &reader, "GET", question, None)] {
            assert_eq!(answer.problem(), "no-match");
            assert!(!answer.text().contains("sealed"), "{}", answer.text());
        }
        let overview = ok(site, "/v1/cbam/defaults").json();
        assert_eq!((&overview["datasets"], &overview["kept_back"]), (&json!([]), &json!([])));
        let named = format!("{question}&dataset=sealed");
        assert_eq!(site.get(&named).problem(), "unauthorized");
        assert_eq!(send_as(site, &reader, "GET", &named, None).problem(), "forbidden");
        site.publish(&defaults("border", "full"));
        site.wait_for_facts(2);
        assert_eq!(ok(site, question).json()["release"]["dataset"], "border");
    }
);

/// Names that may be told, and numbers that may not.
#[test]
fn names_are_told_without_numbers() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&defaults("named", "metadata_only"));
    let page = ok(&site, "/v1/codes/cn/7208").json();
    assert_eq!(page["total"], 8);
    assert!(page["factors"][0]["factor"]["value"].is_null() && page["factors"][0]["digest"].is_null(), "{page}");
    assert!(!page.to_string().contains("3.505582"));
    refused(&site, "/v1/cbam/defaults?cn=7208&origin=CN&year=2026", "not-redistributable");
    let few = refused(&site, "/v1/benchmark?value=1&per=kg&code=cn:7208", "too-few");
    assert_eq!(few["left_out"], json!({"licence": 8}));
}

/// The publisher's own file, through the profile that ships.
#[test]
fn the_default_values_of_2026() {
    let Some(file) = real("cbam-defaults/cbam_defaults.csv") else { return };
    let site = Site::new(Kind::Sqlite);
    let (dataset, format) = ("eu-cbam".parse().unwrap(), Format::open("eu-cbam-defaults").unwrap());
    let facts = std::collections::BTreeMap::new();
    let reading = Reading { format: Some(&format), file_name: None, facts: Some(&facts) };
    let request = ImportRequest { path: &file, dataset: &dataset, actor: "steward", dry_run: false, discard_edits: false, reading };
    let outcome = desk::import(site.ground(), &request, &mut |_| {}).unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
    desk::submit(site.ground(), &dataset, &VersionWish::Auto, "steward").unwrap();
    release::publish(site.ground(), &dataset, "steward").unwrap();
    let admin = bearer(&site, "of customs", tanyin::dataset::Role::Admin);
    let ask = |parameters: &str| {
        let answer = send_as(&site, &admin, "GET", &format!("/v1/cbam/defaults?{parameters}"), None);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let value = |parameters: &str| ask(parameters)["applies"]["default"]["value"].as_str().map(str::to_owned);
    // read in the file by hand
    for (parameters, marked) in [
        ("cn=7208&origin=CN&year=2026", "3.505582"),
        ("cn=72085120&origin=CN&year=2026", "3.505582"),
        ("cn=7208&origin=CN&year=2028", "4.14296"),
        ("cn=25231000&goods=white&origin=CN&year=2026", "1.43"),
        ("cn=25231000&goods=grey&origin=CN&year=2026", "1.529"),
        ("cn=76042910&origin=CN&year=2027", "5.85696"),
        ("cn=76011000&origin=IN&year=2026", "2.057"),
        ("cn=28080000&origin=GB&year=2026", "0.7575"),
    ] {
        assert_eq!(value(parameters).as_deref(), Some(marked), "{parameters}");
    }
    let steel = ask("cn=7208&origin=China&year=2026");
    assert_eq!(
        (&steel["applies"]["mark_up"]["percent"], &steel["applies"]["unmarked"]["direct"]["value"]),
        (&json!("10"), &json!("3.186893"))
    );
    assert_eq!(steel["applies"]["route"], "CBAM benchmark route C");
    assert_eq!(ask("cn=28080000&origin=GB&year=2026")["applies"]["mark_up"]["percent"], "1");
    // India has no value of its own for hydraulic cements, Bhutan none for anything
    for (parameters, place) in [("cn=25239000&goods=grey&origin=IN&year=2026", "GLO"), ("cn=7208&origin=BT&year=2026", "GLO")] {
        let answer = ask(parameters);
        assert_eq!(
            (&answer["applies"]["origin"], answer["applies"]["steps"].as_array().map(Vec::len)),
            (&json!(place), Some(1)),
            "{answer}"
        );
    }
    assert_eq!(ask("cn=2523&origin=CN&year=2026")["applies"], Value::Null);
    let codes = send_as(&site, &admin, "GET", "/v1/codes/hs/7208?region=CN&limit=3", None).json();
    assert_eq!((&codes["total"], &codes["factors"][0]["matched"]["relation"]), (&json!(5), &json!("exact")), "{codes}");
    refused(&site, "/v1/cbam/defaults?cn=7208&origin=CN&year=2026&dataset=eu-cbam", "not-redistributable");
}
