//! Codes, CBAM default values, accounting rules, comparison and benchmark.

mod cbam;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{assert_line, ok, refused, texts};
use crate::site::{Kind, PackageDraft, Site, row};
use crate::{on_both, on_bundled};

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
        for (parameter, given) in [("limit", "0"), ("limit", "100000"), ("cursor", "x"), ("region", "XX")] {
            let wrong = refused(site, &format!("/v1/codes/hs-2022/7208?{parameter}={given}"), "invalid-parameter");
            assert_eq!((&wrong["parameter"], &wrong["given"]), (&json!(parameter), &json!(given)));
        }
        assert_eq!(refused(site, "/v1/benchmark?value=2&per=kg&code=7208", "invalid-parameter")["given"], "7208");
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
        // each number leads to its line and its release
        let home = "/v1/datasets/panels/releases/1.0.0";
        let release = &found["population"]["releases"][0];
        assert_eq!((&release["dataset"], &release["version"], &release["factors"]), (&json!("panels"), &json!("1.0.0"), &json!(11)));
        let manifest = ok(site, &format!("{home}/files/manifest.json")).body;
        assert_eq!(release["manifest"], tanyin::canon::Digest::of(&manifest).to_string());
        let line = ok(site, &format!("{home}/factors/p/1")).json();
        assert_eq!(found["nearest"][0]["digest"], line["digest"]);
        let published = |own: &Value| own["published"].clone();
        assert_eq!(
            found["nearest"].as_array().unwrap().iter().take(2).map(published).collect::<Vec<_>>(),
            [json!({"value": "2", "per": "kg"}), json!({"value": "2.0", "per": "kg"})]
        );
        assert!(found["log"]["size"].as_u64() >= Some(1) && found["log"]["root"].is_string(), "{found}");
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
        for (selector, parameter, near) in [
            ("category=Good", "category", "Goods"),
            ("category=goods/Panel", "category", "Goods/Panels"),
            ("activity=product/panels", "activity", "product/panel"),
            ("activity=produkt/*", "activity", "product"),
        ] {
            let few = refused(site, &format!("/v1/benchmark?value=2&per=kg&{selector}"), "too-few");
            assert!(texts(&few["nearest"][parameter]).contains(&near), "{few}");
        }
        assert_eq!(refused(site, "/v1/benchmark?value=2&per=kg&rule=none", "too-few")["nearest"]["rule"], json!([]));
    }
);

on_bundled!(
    /// The example of the documentation.
    fn a_grid_stands_among_the_provinces(site: &Site) {
        let documented = include_str!("../../docs/products.md").lines().find_map(|line| line.strip_prefix("`GET /v1/benchmark?")).unwrap();
        let found = ok(site, &format!("/v1/benchmark?{}", documented.split('`').next().unwrap())).json();
        assert!(found["population"]["factors"].as_u64() >= Some(30), "{found}");
        assert_eq!(found["population"]["shared"]["kind"], "electricity-direct");
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
        let one = refused(site, &format!("/v1/compare?{direct}"), "invalid-parameter");
        assert_eq!(one["given"], "cn-electricity-co2@1.2.0#grid-average/cn/2023");
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
