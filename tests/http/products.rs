//! Codes, CBAM default values, accounting rules, comparison and benchmark.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tanyin::desk::{self, ImportRequest, Reading, VersionWish};
use tanyin::import::Format;
use tanyin::release;

use super::{ask as send_as, assert_line, bearer, ok, refused, texts};
use crate::profiles::real;
use crate::site::{Kind, PackageDraft, Site, row};
use crate::{on_both, on_bundled};

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
    }
);

on_both!(
    fn what_may_not_be_read_is_not_told(site: &Site) {
        site.publish(&defaults("hidden", "none"));
        let tell = [
            "/v1/cbam/defaults",
            "/v1/codes",
            "/v1/codes/cn/7208",
            "/v1/rules",
            "/v1/cbam/defaults?cn=7208&origin=CN&year=2026",
            "/v1/benchmark?value=1&per=kg&code=cn:7208",
        ];
        for path in tell {
            let answer = site.get_with(path, &[]);
            for secret in ["hidden", "3.505582", "3.186893", "Flat-rolled"] {
                assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
            }
        }
        assert_eq!(ok(site, "/v1/codes/cn/7208").json()["total"], 0);
        refused(site, "/v1/cbam/defaults?cn=7208&origin=CN&year=2026", "no-match");
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

fn coded(dataset: &str) -> PackageDraft {
    let of = |key: &str, codes: &str, more: &[(&str, &str)]| {
        let mut cells = row(key, &[("kind", "product-lifecycle"), ("classifications", codes)]);
        cells.extend(more.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())));
        cells
    };
    PackageDraft::new(
        dataset,
        "1.0.0",
        vec![
            of("a", "hs-2022=72.08", &[("rule", "GB/T 24067—2024"), ("certificate", "epd: s-p-01234")]),
            of("b", "cn-2025=7208 10 00", &[("rule", "ISO 14067:2018; GBT24067-2024")]),
            of("c", "hs-2022=720810", &[("region", "CN-ZJ"), ("year", "2023"), ("certificate", "cn-pcf:2025-001")]),
            of("d", "nace-2=C24.10;cas=74-82-8", &[("rule", "House rule 7")]),
            of("e", "isic-4=24", &[]),
            of("f", "own-list=X 7", &[]),
            of("g", "hs-2022=72", &[]),
        ],
    )
}

on_both!(
    fn factors_stand_under_their_codes(site: &Site) {
        site.publish(&coded("coded"));
        let found = |path: &str| -> Vec<(String, String)> {
            let page = ok(site, &format!("/v1/codes/{path}")).json();
            let factors = page["factors"].as_array().unwrap();
            assert_eq!(page["total"], factors.len());
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            factors.iter().map(|own| (text(&own["factor"]["key"]), text(&own["matched"]["relation"]))).collect()
        };
        let pairs =
            |list: &[(&str, &str)]| list.iter().map(|(key, relation)| ((*key).to_owned(), (*relation).to_owned())).collect::<Vec<_>>();
        assert_eq!(found("hs-2022/7208"), pairs(&[("a", "exact"), ("c", "narrower"), ("b", "narrower")]));
        assert_eq!(found("hs/72.08"), found("hs-2022/7208"));
        assert_eq!(found("HS%202022/7208?region=CN-ZJ"), pairs(&[("c", "narrower")]));
        assert_eq!(found("cn-2025/72081000"), pairs(&[("b", "exact")]));
        assert_eq!(found("cn-2025/72081000?broader=true"), pairs(&[("b", "exact"), ("c", "broader")]));
        assert_eq!(found("hs-2022/7208?broader=true"), pairs(&[("a", "exact"), ("c", "narrower"), ("g", "broader"), ("b", "narrower")]));
        assert_eq!(found("nace-2/24"), pairs(&[("d", "narrower"), ("e", "equal")]));
        assert_eq!(found("isic-4/24"), pairs(&[("e", "exact"), ("d", "narrower")]));
        assert_eq!(found("cas/74-82-8"), pairs(&[("d", "exact")]));
        assert_eq!(found("own-list/X%207"), pairs(&[("f", "exact")]));
        assert_eq!(found("hs-2022/0101"), []);
        assert_eq!(found("hs-2022/7208?year=2023&kind=product-lifecycle&dataset=coded"), pairs(&[("c", "narrower")]));
        let keys = |parameters: &str| -> Vec<String> {
            let page = ok(site, &format!("/v1/factors?{parameters}")).json();
            page["factors"].as_array().unwrap().iter().map(|own| own["factor"]["key"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(keys("code=hs-2022:7208"), ["a", "b", "c"]);
        assert_eq!(keys("code=cas:74-82-8,own-list:X%207"), ["d", "f"]);
        assert_eq!(keys("code=hs:7208&region=CN-ZJ"), ["c"]);
        assert_eq!(keys("rule=gb-t-24067-2024"), ["a", "b"]);
        assert_eq!(keys("rule=GB%2FT%2024067-2024&code=cn-2025:72081000"), ["b"]);
        assert_eq!(
            (keys("certificate=epd:S-P-01234"), keys("certificate=epd:"), keys("certificate=cn-pcf%3A2025-001")),
            (vec!["a".to_owned()], vec!["a".to_owned()], vec!["c".to_owned()])
        );
        assert_eq!(keys("certificate=ep"), [""; 0]);
        for parameters in ["code=7208", "code=hs-2022:101", "code=hs-2021:7208", "code=cas:74-82-9"] {
            refused(site, &format!("/v1/factors?{parameters}"), "invalid-parameter");
        }
        let page = ok(site, "/v1/codes/hs-2022/7208?limit=2").json();
        assert_eq!(page["relations"], json!({"exact": 1, "narrower": 2}));
        let rest = ok(site, &format!("/v1/codes/hs-2022/7208?limit=2&cursor={}", page["next"].as_str().unwrap())).json();
        assert_eq!((rest["factors"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
        assert_eq!(rest["factors"][0]["matched"]["crosswalk"], "Council Regulation (EEC) No 2658/87 Article 3(1)(a)");
        assert_eq!(texts(&ok(site, "/v1/codes/hs-2022/7209").json()["nearest"]), ["hs-2022:7208", "hs-2022:720810"]);

        let schemes = ok(site, "/v1/codes").json();
        let scheme = |id: &str| schemes["schemes"].as_array().unwrap().iter().find(|own| own["id"] == id).unwrap().clone();
        assert_eq!((&scheme("hs-2022")["factors"], &scheme("hs-2022")["codes"]), (&json!(3), &json!(3)));
        assert_eq!((&scheme("own-list")["listed"], &scheme("own-list")["factors"]), (&json!(false), &json!(1)));
        assert_eq!(scheme("unspsc")["factors"], 0);

        assert!(texts(&refused(site, "/v1/codes/hs-2021/7208", "no-scheme")["valid"]).contains(&"hs-2022"));
        assert!(refused(site, "/v1/codes/hs-2022/101", "invalid-parameter")["detail"].as_str().unwrap().contains("`0101`"));
        for path in [
            "hs-2022/7208?region=XX",
            "hs-2022/7208?year=x",
            "hs-2022/7208?kind=x",
            "hs-2022/7208?broader=x",
            "hs-2022/7208?limit=0",
            "hs-2022/7208?cursor=x",
            "cas/74-82-9",
        ] {
            refused(site, &format!("/v1/codes/{path}"), "invalid-parameter");
        }
        refused(site, "/v1/codes/hs-2022/7208?dataset=none", "no-dataset");
    }
);

on_both!(
    fn rules_are_counted_however_they_are_written(site: &Site) {
        site.publish(&coded("coded"));
        let rule = ok(site, "/v1/rules/GB%2FT%2024067-2024").json();
        assert_eq!((&rule["id"], &rule["factors"], &rule["registered"]), (&json!("gb-t-24067-2024"), &json!(2), &json!(true)));
        assert_eq!(rule["datasets"], json!([{"dataset": "coded", "version": "1.0.0", "factors": 2}]));
        assert_eq!(ok(site, "/v1/rules/gb-t-24067-2024").json(), rule);
        let house = ok(site, "/v1/rules/house%20rule%207").json();
        assert_eq!((&house["number"], &house["registered"], &house["factors"]), (&json!("House rule 7"), &json!(false), &json!(1)));
        let all = ok(site, "/v1/rules").json();
        assert_eq!(
            (&all["named_not_registered"], all["rules"].as_array().map(Vec::len)),
            (&json!(1), all["total"].as_u64().map(|total| total as usize))
        );
        for (year, wanted) in [("2027", 100), ("2030", 200)] {
            let target = &all["targets"][year];
            assert_eq!(target["wanted"], wanted);
            let counted = ok(site, "/v1/rules?level=national&kind=product&status=in-force").json()["total"].clone();
            assert_eq!(target["counted"], counted, "the target counts what the list shows");
            assert!(target["definition"].as_str().unwrap().contains("national") && target["source"].is_string());
        }
        let numbers = |parameters: &str| -> BTreeSet<String> {
            let page = ok(site, &format!("/v1/rules?{parameters}")).json();
            page["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(numbers("level=local"), BTreeSet::from(["db3306-t-070-2024".to_owned()]));
        assert_eq!(numbers("product=cotton"), numbers("q=%E6%A3%89%E9%9D%A2%E6%96%99"));
        refused(site, "/v1/rules?level=world", "invalid-parameter");
        refused(site, "/v1/rules?limit=0", "invalid-parameter");
        let near = refused(site, "/v1/rules/gb-t-24067-2023", "no-rule");
        assert!(texts(&near["nearest"]).contains(&"gb-t-24067-2024"), "{near}");
    }
);

fn products(values: &[&str]) -> PackageDraft {
    let of = |(place, value): (usize, &&str)| {
        row(
            &format!("p/{place}"),
            &[
                ("activity", "product/panel"),
                ("kind", "product-lifecycle"),
                ("category", "Goods/Panels"),
                ("value", value),
                ("metric", "CO2e"),
                ("flags", "gwp_unknown"),
                ("per", "kg"),
                ("boundary", "cradle-to-gate"),
            ],
        )
    };
    PackageDraft::new("panels", "1.0.0", values.iter().enumerate().map(of).collect())
}

on_both!(
    fn a_footprint_stands_among_its_like(site: &Site) {
        let mut package = products(&["1", "2", "2.0", "3", "4", "5", "6", "7", "8", "9"]);
        let mut add = |key: &str, changes: &[(&str, &str)]| {
            let mut cells = package.rows[0].clone();
            cells.insert("key".into(), key.into());
            cells.extend(changes.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())));
            package.rows.push(cells);
        };
        add("x/tonne", &[("per", "t"), ("value", "10000")]);
        add("x/item", &[("per", "{item}")]);
        add("x/co2", &[("metric", "CO2"), ("flags", "")]);
        add("x/blocked", &[("flags", "gwp_unknown value_disputed")]);
        add("x/old", &[("status", "superseded")]);
        package.columns.push("status".into());
        site.publish(&package);
        let ask = |parameters: &str| ok(site, &format!("/v1/benchmark?{parameters}")).json();
        // eleven values: 1 2 2 3 4 5 6 7 8 9 10; below 2 is one, equal two
        let found = ask("value=2&per=kg&category=Goods");
        assert_eq!(found["population"]["factors"], 11, "{found}");
        assert_eq!(found["population"]["left_out"], json!({"flags": 1, "metric": 1, "status": 1, "unit": 1}));
        assert_eq!(found["rank"], json!({"below": 1, "equal": 2, "above": 8}));
        let text = site.get("/v1/benchmark?value=2&per=kg&category=Goods").text();
        assert!(text.contains("\"percentile\":18.181818181818182"), "{text}");
        assert_eq!((&found["grading"]["grade"], &found["grading"]["official"]), (&json!("B"), &json!(false)));
        assert_eq!((&found["distribution"]["quantiles"]["p50"], &found["distribution"]["quantiles"]["p100"]), (&json!(5), &json!(10)));
        assert_eq!(found["nearest"][0]["key"], "p/1");
        assert_eq!(ask("value=2000&per=t&activity=product/*")["rank"], found["rank"]);
        assert_eq!(ask("value=0.5&per=kg&category=Goods/Panels&bands=%E4%BC%98:5,%E8%89%AF:60")["grading"]["grade"], "优");
        assert_eq!(ask("value=100&per=kg&category=Goods&bands=A:50")["grading"]["grade"], Value::Null);
        for (parameters, code) in [
            ("per=kg&category=Goods", "missing-parameter"),
            ("value=2&category=Goods", "missing-parameter"),
            ("value=2&per=kg", "missing-parameter"),
            ("value=2,5&per=kg&category=Goods", "invalid-parameter"),
            ("value=2&per=kilo&category=Goods", "invalid-parameter"),
            ("value=2&per=kg&category=Goods&metric=co2", "invalid-parameter"),
            ("value=2&per=kg&category=Goods&gwp=ar6", "invalid-parameter"),
            ("value=2&per=kg&category=Goods&relax=all", "invalid-parameter"),
            ("value=2&per=kg&category=Goods&bands=A:5,B:5", "invalid-parameter"),
            ("value=2&per=kg&category=Goods&grading=gold", "invalid-parameter"),
            ("value=2&per=kg&code=7208", "invalid-parameter"),
            ("value=2&per=kg&category=Good", "too-few"),
            ("value=2&per=m3&category=Goods", "too-few"),
        ] {
            refused(site, &format!("/v1/benchmark?{parameters}"), code);
        }
    }
);

#[test]
fn unlike_factors_are_not_compared_unless_let_go_by_name() {
    let site = Site::new(Kind::Sqlite);
    let mut package = products(&["1", "2", "3", "4", "5", "6"]);
    package.rows[5].insert("boundary".into(), "cradle-to-grave".into());
    package.rows[4].insert("boundary".into(), String::new());
    site.publish(&package);
    let mixed = refused(&site, "/v1/benchmark?value=2&per=kg&category=Goods", "ambiguous");
    assert_eq!(mixed["values"], json!({"boundary": {"cradle-to-gate": 4, "cradle-to-grave": 1, "none": 1}}));
    let relaxed = ok(&site, "/v1/benchmark?value=2&per=kg&category=Goods&relax=boundary").json();
    assert_eq!(
        (&relaxed["population"]["factors"], &relaxed["population"]["shared"]["boundary"]["relaxed"]["none"]),
        (&json!(6), &json!(1))
    );
    let few = refused(&site, "/v1/benchmark?value=2&per=kg&category=Goods&boundary=cradle-to-gate", "too-few");
    assert_eq!((&few["found"], &few["wanted"], &few["left_out"]), (&json!(4), &json!(5), &json!({"boundary": 2})));
}

on_bundled!(
    fn factors_stand_side_by_side(site: &Site) {
        let regions =
            ok(site, "/v1/compare?dataset=cn-electricity-co2@1.2.0&activity=electricity/grid-average&regions=CN,CN-ZJ,CN-XZ&year=2023");
        let found = regions.json();
        assert_eq!((&found["comparable"], found["rows"].as_array().map(Vec::len)), (&json!(true), Some(2)), "{found}");
        // 0.4974 against 0.5306
        assert!(regions.text().contains("\"value\":0.4974") && regions.text().contains("\"difference\":-0.0332"), "{found}");
        assert!(regions.text().contains("\"difference_percent\":-6.2570674707877874"), "{}", regions.text());
        assert_eq!((&found["missing"][0]["region"], &found["missing"][0]["code"]), (&json!("CN-XZ"), &json!("no-match")));
        let direct = "factor=cn-electricity-co2@1.2.0%23grid-average/cn/2023";
        let footprint =
            ok(site, &format!("/v1/compare?{direct}&factor=cn-electricity-footprint@1.0.0%23national-average/cn/2023&per=MJ")).json();
        assert_eq!((&footprint["comparable"], &footprint["rows"][1]["difference"]), (&json!(false), &Value::Null));
        let dimensions: Vec<_> = footprint["warnings"].as_array().unwrap().iter().map(|own| own["dimension"].as_str().unwrap()).collect();
        assert!(dimensions.contains(&"kind") && dimensions.contains(&"metric"), "{footprint}");
        assert_eq!(footprint["per"], "MJ");
        for (parameters, code) in [
            ("", "missing-parameter"),
            ("activity=electricity/grid-average", "missing-parameter"),
            ("activity=electricity/grid-average&dataset=cn-electricity-co2", "missing-parameter"),
            ("activity=electricity/grid-average&dataset=cn-electricity-co2&regions=CN", "invalid-parameter"),
            ("activity=electricity/grid-average&dataset=cn-electricity-co2&regions=CN,CN", "invalid-parameter"),
            ("activity=electricity/grid-average&dataset=cn-electricity-co2&regions=CN,XX", "invalid-parameter"),
            ("activity=none&dataset=cn-electricity-co2&regions=CN,CN-ZJ", "no-match"),
            (direct, "invalid-parameter"),
            (&format!("{direct}&{direct}&year=2023"), "invalid-parameter"),
            (&format!("{direct}&{direct}&per=kWh"), "invalid-parameter"),
            (&format!("{direct}&{direct}&per=kg"), "unit-mismatch"),
            (&format!("{direct}&factor=cn-electricity-co2"), "invalid-parameter"),
            (&format!("{direct}&factor=cn-electricity-co2%23none"), "no-factor"),
            (&format!("{direct}&factor=none%23none"), "no-dataset"),
            (&format!("{direct}&{direct}&per=MJ&per=MJ"), "bad-request"),
            (&format!("{direct}&{direct}&colour=red"), "unknown-parameter"),
        ] {
            refused(site, &format!("/v1/compare?{parameters}"), code);
        }
        let eleven = [direct; 11].join("&");
        refused(site, &format!("/v1/compare?{eleven}"), "invalid-parameter");
    }
);

#[test]
fn stages_are_aligned_by_code() {
    let site = Site::new(Kind::Sqlite);
    let of = |key: &str, value: &str, stages: &str| row(key, &[("value", value), ("stages", stages)]);
    let rows = vec![of("a", "10", "A1=1;A2=2;A3=3;C4=4;D=-1"), of("b", "8", "A1-A3=6;C4=2;D=-3"), of("c", "3", "direct=1;indirect=2")];
    site.publish(&PackageDraft::new("staged", "1.0.0", rows));
    let found = ok(&site, "/v1/compare?factor=staged%23a&factor=staged%23b&factor=staged%23c").json();
    let stage = |code: &str| {
        found["stages"].as_array().unwrap().iter().find(|own| own["stage"] == code).unwrap_or_else(|| panic!("{code}: {found}")).clone()
    };
    assert_eq!(stage("A1-A3")["values"], json!([6, 6, null]));
    assert_eq!(stage("A1-A3")["shares"], json!([60, 75, null]));
    assert_eq!((&stage("A1")["values"], &stage("C4")["shares"]), (&json!([1, null, null]), &json!([40, 25, null])));
    assert_eq!((&stage("D")["counted"], &stage("D")["values"]), (&json!(false), &json!([-1, -3, null])));
    assert_eq!(stage("direct")["values"], json!([null, null, 1]));
    let order: Vec<_> = found["stages"].as_array().unwrap().iter().map(|own| own["stage"].as_str().unwrap()).collect();
    assert_eq!(order, ["A1", "A2", "A3", "A1-A3", "C4", "D", "direct", "indirect"]);
}

on_bundled!(
    /// What stands under a code is the released line itself.
    fn a_factor_under_a_code_is_its_line(site: &Site) {
        let page = ok(site, "/v1/codes/cas/74-82-8").json();
        let total = page["total"].as_u64().unwrap();
        assert!(total >= 5, "{page}");
        let first = &page["factors"][0];
        let (release, key) = (&first["release"], first["factor"]["key"].as_str().unwrap());
        let address = format!(
            "/v1/datasets/{}/releases/{}/factors/{key}",
            release["dataset"].as_str().unwrap(),
            release["version"].as_str().unwrap()
        );
        let own = ok(site, &address);
        assert_line(site, &own);
        assert_eq!(own.json()["digest"], first["digest"]);
    }
);
