//! Lookups with answers that were worked out by hand, asked over HTTP and of the program; and what is asked wrongly.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ok, refused, texts};
use crate::cli::tanyin;
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

const GRID: &str = "dataset=cn-electricity-co2&activity=electricity/grid-average";
const EXCL: &str = "dataset=cn-electricity-co2&activity=electricity/grid-average-excl-traded-non-fossil";
const FOSSIL: &str = "dataset=cn-electricity-co2&activity=electricity/fossil-power";
const PRINT: &str = "dataset=cn-electricity-footprint&activity=electricity";
const GAS: &str = "dataset=ipcc-stationary-combustion&activity=combustion/natural-gas&technology=energy-industries";
const WOOD: &str = "dataset=ipcc-stationary-combustion&activity=combustion/wood-wood-waste&technology=energy-industries";
const GWP: &str = "dataset=ipcc-gwp&activity=gwp";
const AR4: &str = "gwp=ipcc-ar4-wg1-2.14-gwp100";
const AR5: &str = "gwp=ipcc-ar5-wg1-8.a1-gwp100";
const AR6: &str = "gwp=ipcc-ar6-wg1-7.15-gwp100";
const AR6_SM: &str = "gwp=ipcc-ar6-wg1-7sm7-gwp100";

/// What is asked (the dataset and activity, then the rest), the key of the factor, and the answer's digits.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Figures of the notices of MEE, NBS and NEA and of IPCC tables; sums in the comments.
const BUNDLED: &[Row] = &[
    // direct CO2 (K1): the three calibers of one year, and the life-cycle value (K2) of the same year
    (GRID, "region=CN&year=2023", "grid-average/cn/2023", "0.5306"),
    (EXCL, "region=CN&year=2023", "grid-average-excl-traded-non-fossil/cn/2023", "0.6096"),
    (FOSSIL, "region=CN&year=2023", "fossil-power/cn/2023", "0.8273"),
    (PRINT, "/national-average&region=CN&year=2023", "national-average/cn/2023", "0.6205"),
    (PRINT, "/national-average&region=CN&year=2024", "national-average/cn/2024", "0.5777"),
    (GRID, "kind=electricity-direct&metric=CO2&region=CN&year=2021", "grid-average/cn/2021", "0.5568"),
    // provinces whose letters are taken for one another: Hebei, Henan, Hubei, Hunan; Shaanxi, Shanxi
    (GRID, "region=CN-HE&year=2023", "grid-average/cn-he/2023", "0.6516"),
    (GRID, "region=CN-HA&year=2023", "grid-average/cn-ha/2023", "0.5897"),
    (GRID, "region=CN-HB&year=2023", "grid-average/cn-hb/2023", "0.4044"),
    (GRID, "region=CN-HN&year=2023", "grid-average/cn-hn/2023", "0.4976"),
    (GRID, "region=CN-SN&year=2022", "grid-average/cn-sn/2022", "0.6558"),
    (GRID, "region=CN-SX&year=2022", "grid-average/cn-sx/2022", "0.7096"),
    // Tibet is in no table: the country's value, and never the Southwest grid's 0.2268
    (GRID, "region=CN-XZ&year=2022&region_fallback=parent", "grid-average/cn/2022", "0.5366"),
    (GRID, "region=CN-GRID-SOUTHWEST&year=2022", "grid-average/cn-grid-southwest/2022", "0.2268"),
    // gaps of years: 2024 is not there; 2020 lies before all
    (GRID, "region=CN-ZJ&year=2024&year_fallback=earlier", "grid-average/cn-zj/2023", "0.4974"),
    (GRID, "region=CN-ZJ&year=2020&year_fallback=nearest", "grid-average/cn-zj/2021", "0.5422"),
    (GRID, "region=CN-XZ&year=2025&region_fallback=parent&year_fallback=earlier", "grid-average/cn/2023", "0.5306"),
    // data year and year of publication are two things: published in 2024 are the data of 2021 and 2022
    (GRID, "region=CN&published_year=2025", "grid-average/cn/2023", "0.5306"),
    (GRID, "region=CN&published_until=2024-11-30", "grid-average/cn/2021", "0.5568"),
    (GRID, "region=CN&published_year=2024&year=2022", "grid-average/cn/2022", "0.5366"),
    (GRID, "region=CN&published_until=2024&on_ambiguous=newest", "grid-average/cn/2022", "0.5366"),
    // one of several, by an order that is named
    (GRID, "region=CN-CQ&on_ambiguous=newest", "grid-average/cn-cq/2023", "0.5581"),
    (GRID, "region=CN-ZJ&on_ambiguous=highest", "grid-average/cn-zj/2021", "0.5422"),
    (GRID, "year=2023&on_ambiguous=newest,highest", "grid-average/cn-tj/2023", "0.6796"),
    // read in the official document, and not in a copy
    (GRID, "region=CN-ZJ&source_level=official_national", "grid-average/cn-zj/2023", "0.4974"),
    // tolerated warnings: the values of 2023 for transmission have one that is not
    (
        PRINT,
        "/transmission-distribution&tolerate=gwp_unknown&boundary=with-line-losses",
        "transmission-distribution/with-line-losses/cn/2024",
        "0.0327",
    ),
    (
        PRINT,
        "/transmission-distribution&year=2024&boundary=without-line-losses",
        "transmission-distribution/without-line-losses/cn/2024",
        "0.0046",
    ),
    (PRINT, "/transmission-distribution&year=2023", "transmission-distribution/cn/2023", "0.0463"),
    (PRINT, "/generation/coal&year=2024", "generation/coal/cn/2024", "0.924"),
    // units: 0.5153 kg/kW.h; 1 MW.h = 1000 kW.h; 3.6 GJ = 1 MW.h; 0.5153 / 3.6 = 0.143138888…
    (GRID, "region=CN-ZJ&year=2022&per=MW.h", "grid-average/cn-zj/2022", "515.3"),
    (GRID, "region=CN-ZJ&year=2022&per=MJ", "grid-average/cn-zj/2022", "0.14313888888888889"),
    (GRID, "region=CN-ZJ&year=2022&amount=1&unit=MW.h", "grid-average/cn-zj/2022", "515.3"),
    (GRID, "region=CN-ZJ&year=2022&amount=3.6&unit=GJ", "grid-average/cn-zj/2022", "515.3"),
    (GRID, "region=CN-ZJ&year=2022&amount=1000&unit=kW.h", "grid-average/cn-zj/2022", "515.3"),
    // natural gas, kg/TJ: CO2 56100, CH4 1, N2O 0.1
    // AR4: 56100 + 25 + 29.8; AR5: 56100 + 28 + 26.5; AR6: 56100 + 29.8 + 27.3, or unsplit 56100 + 27.9 + 27.3
    (GAS, AR4, "combustion/natural-gas/energy-industries", "56154.8"),
    (GAS, AR5, "combustion/natural-gas/energy-industries", "56154.5"),
    (GAS, AR6, "combustion/natural-gas/energy-industries", "56157.1"),
    (GAS, AR6_SM, "combustion/natural-gas/energy-industries", "56155.2"),
    (GAS, "basis=net_cv&per=GJ", "combustion/natural-gas/energy-industries", "56.1545"),
    // 56154.5 kg/TJ × 3.6e-6 TJ/kW.h
    (GAS, "per=kW.h", "combustion/natural-gas/energy-industries", "0.2021562"),
    // wood: biogenic CO2 counts 0; 30 × 27.0 + 4 × 273
    (WOOD, AR6, "combustion/wood-wood-waste/energy-industries", "1902"),
    // methane of AR6: 27.9 unsplit in one table, 29.8 fossil and 27.0 not in the other; 2 t × 28 in AR5
    (GWP, "/ch4&gwp=ipcc-ar6-wg1-7sm7-gwp100", "ipcc-ar6-wg1-7sm7-gwp100/ch4", "27.9"),
    (GWP, "/ch4-fossil&gwp=ipcc-ar6-wg1-7.15-gwp100", "ipcc-ar6-wg1-7.15-gwp100/ch4-fossil", "29.8"),
    (GWP, "/ch4-biogenic&gwp=ipcc-ar6-wg1-7.15-gwp100", "ipcc-ar6-wg1-7.15-gwp100/ch4-biogenic", "27"),
    (GWP, "/ch4&gwp=ipcc-ar5-wg1-8.a1-gwp100&amount=2&unit=t", "ipcc-ar5-wg1-8.a1-gwp100/ch4", "56000"),
];

/// The rest of a question stands behind the activity, or belongs to it.
fn question((base, rest, ..): &Row) -> String {
    if rest.starts_with('/') { format!("{base}{rest}") } else { format!("{base}&{rest}") }
}

/// A question as the program takes it.
fn options(question: &str) -> Vec<String> {
    let pairs = question.split('&').map(|pair| pair.split_once('=').unwrap());
    let mut all = vec!["lookup".to_owned(), "--json".to_owned()];
    all.extend(pairs.flat_map(|(name, value)| [format!("--{}", name.replace('_', "-")), value.to_owned()]));
    all
}

/// Asks each question over HTTP and of the program, and wants the same bytes.
fn check(site: &Site, table: &[Row]) {
    for row in table {
        let (_, _, key, value) = *row;
        let question = question(row);
        let answer = ok(site, &format!("/v1/lookup?{question}"));
        let json = answer.json();
        assert_eq!(json["factor"]["key"], key, "{question}");
        let text = answer.text();
        let (_, rest) = text.split_once("\"result\":{\"value\":").unwrap();
        assert_eq!(rest.split(',').next().unwrap(), value, "{question}");
        let why = json["match"]["why"].as_array().unwrap();
        assert!(why.len() >= 2, "{question}: {why:?}");
        for reason in why.iter().chain(json["match"]["others"].as_array().unwrap().iter().map(|other| &other["reason"])) {
            assert!(["code", "en", "zh"].iter().all(|member| !reason[*member].as_str().unwrap().is_empty()), "{reason}");
        }
        let options = options(&question);
        let ran = tanyin(site, &options.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((ran.code(), ran.out().trim_end()), (0, text.as_str()), "{question}: {}", ran.err());
    }
}

on_bundled!(
    fn of_the_bundled_datasets(site: &Site) {
        assert!(BUNDLED.len() >= 40);
        check(site, BUNDLED);
    }
);

const MADE: &str = "dataset=made-cases&activity=";

/// What the bundled datasets lack: calorific values, tonnes, ETS values, money, validity.
const CASES: &[Row] = &[
    // the net factor is 10 % above the gross one: 0.0561 against 0.0505 kg/MJ
    ("dataset=made-cases&activity=combustion/gas", "basis=net_cv", "gas/net", "0.0561"),
    ("dataset=made-cases&activity=combustion/gas", "basis=gross_cv", "gas/gross", "0.0505"),
    // 0.0505 kg/MJ × 3.6 MJ/kW.h × 1000 kW.h
    ("dataset=made-cases&activity=combustion/gas", "basis=gross_cv&amount=1&unit=MW.h", "gas/gross", "181.8"),
    // crude steel: 1604.8 kg per t is 1.6048 kg per kg; 2.5 t
    ("dataset=made-cases&activity=product/steel", "per=kg", "steel", "1.6048"),
    ("dataset=made-cases&activity=product/steel", "amount=2500&unit=kg", "steel", "4012"),
    ("dataset=made-cases&activity=product/steel", "amount=2.5&unit=t", "steel", "4012"),
    // the ETS value, 0.5810 t/MWh, is asked for by its kind alone
    ("dataset=made-cases&activity=electricity/mixed", "kind=ets-value&region=CN", "ets", "581"),
    ("dataset=made-cases&activity=electricity/mixed", "kind=ets-value&per=kW.h", "ets", "0.581"),
    ("dataset=made-cases&activity=electricity/mixed", "kind=electricity-direct&region=CN", "direct", "0.5568"),
    // money of one year and one price
    ("dataset=made-cases&activity=spend/textiles", "price_year=2017&price_basis=purchaser", "spend/2017/purchaser", "0.21"),
    ("dataset=made-cases&activity=spend/textiles", "price_year=2017&price_basis=producer", "spend/2017/producer", "0.25"),
    ("dataset=made-cases&activity=spend/textiles", "price_year=2020", "spend/2020", "0.19"),
    // valid on a day: both days of an interval count, an open end is open
    ("dataset=made-cases&activity=heat/district", "valid_at=2024-12-31", "heat/2024", "0.11"),
    ("dataset=made-cases&activity=heat/district", "valid_at=2025-01-01", "heat/2025", "0.10"),
    ("dataset=made-cases&activity=heat/district", "valid_at=2099-01-01", "heat/2025", "0.10"),
    ("dataset=made-cases&activity=heat/stated-never", "valid_at=1990-01-01", "heat/never", "0.12"),
];

/// Factors whose gases are known, by mass and in CO2e alone.
fn by_gas() -> [BTreeMap<String, String>; 2] {
    let co2e = |more: &[(&'static str, &'static str)]| [&[("metric", "CO2e"), ("flags", "gwp_unknown")], more].concat();
    [
        row(
            "whole",
            &co2e(&[
                ("activity", "whole"),
                ("kind", "process"),
                ("per", "t"),
                ("value", "154.5"),
                ("flags", ""),
                ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
                ("co2_fossil", "100"),
                ("ch4_fossil", "1"),
                ("n2o", "0.1"),
                ("stages", "A1=100;A3=54.5"),
                ("uncertainty", "lognormal:gsd=1.2"),
            ]),
        ),
        row(
            "parts",
            &co2e(&[
                ("activity", "parts"),
                ("kind", "process"),
                ("per", "t"),
                ("value", "0.21"),
                ("flags", ""),
                ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
                ("gases_co2e", "CO2=0.2;CH4=0.01"),
            ]),
        ),
    ]
}

fn cases() -> PackageDraft {
    let co2e = |more: &[(&'static str, &'static str)]| [&[("metric", "CO2e"), ("flags", "gwp_unknown")], more].concat();
    let spend = |year, basis, value| {
        co2e(&[
            ("activity", "spend/textiles"),
            ("kind", "spend"),
            ("per", "CNY"),
            ("price_year", year),
            ("price_basis", basis),
            ("value", value),
        ])
    };
    let heat = |from, until, value| {
        vec![
            ("activity", "heat/district"),
            ("kind", "process"),
            ("per", "GJ"),
            ("year", ""),
            ("valid_from", from),
            ("valid_until", until),
            ("value", value),
        ]
    };
    let gas =
        |basis, value| vec![("activity", "combustion/gas"), ("kind", "combustion"), ("per", "MJ"), ("basis", basis), ("value", value)];
    let rows = [
        row("gas/net", &gas("net_cv", "0.0561")),
        row("gas/gross", &gas("gross_cv", "0.0505")),
        row(
            "steel",
            &co2e(&[
                ("activity", "product/steel"),
                ("kind", "product-lifecycle"),
                ("per", "t"),
                ("value", "1604.8"),
                ("boundary", "cradle-to-gate"),
            ]),
        ),
        row("ets", &[("activity", "electricity/mixed"), ("kind", "ets-value"), ("per", "MW.h"), ("year", "2021"), ("value", "581.0")]),
        row("direct", &[("activity", "electricity/mixed"), ("year", "2021"), ("value", "0.5568")]),
        row("spend/2017/purchaser", &spend("2017", "purchaser", "0.21")),
        row("spend/2017/producer", &spend("2017", "producer", "0.25")),
        row("spend/2020", &spend("2020", "purchaser", "0.19")),
        row("heat/2024", &heat("2024-01-01", "2024-12-31", "0.11")),
        row("heat/2025", &heat("2025-01-01", "", "0.10")),
        row("heat/never", &[("activity", "heat/stated-never"), ("kind", "process"), ("per", "GJ"), ("value", "0.12")]),
    ];
    PackageDraft::new("made-cases", "1.0.0", rows.into_iter().chain(by_gas()).collect())
}

fn with_cases(site: &Site) {
    site.publish(&cases());
    site.wait_for_facts(1);
}

on_both!(
    fn of_what_the_bundled_datasets_lack(site: &Site) {
        with_cases(site);
        let shortest: Vec<Row> =
            CASES.iter().map(|(base, rest, key, value)| (*base, *rest, *key, if *value == "0.10" { "0.1" } else { *value })).collect();
        check(site, &shortest);
        // several of one meaning are told apart, and kinds are never mixed
        let problem = refused(site, &format!("/v1/lookup?{MADE}electricity/mixed&region=CN&on_ambiguous=highest"), "ambiguous");
        assert_eq!(texts(&problem["differ_in"]), ["kind", "per"]);
        // gases that are known in CO2e are no missing gases
        let problem = refused(site, &format!("/v1/lookup?{MADE}parts&{AR6}"), "gwp-unavailable");
        assert!(problem["detail"].as_str().unwrap().contains("in CO2e only (CH4, CO2)"), "{problem}");
        let problem = refused(site, &format!("/v1/lookup?{MADE}combustion/gas"), "ambiguous");
        assert_eq!(texts(&problem["differ_in"]), ["basis"]);
        let problem = refused(site, &format!("/v1/lookup?{MADE}heat/district&valid_at=2023-12-31"), "no-match");
        assert_eq!(texts(&problem["exists"]["valid"]), ["2024-01-01..2024-12-31", "2025-01-01.."]);
        let problem = refused(site, &format!("/v1/lookup?{MADE}spend/textiles&price_basis=basic"), "no-match");
        assert_eq!(texts(&problem["exists"]["price_basis"]), ["producer", "purchaser"]);
        // what states no validity is kept, and that is said
        let json = ok(site, &format!("/v1/lookup?{MADE}heat/stated-never&valid_at=1990-01-01")).json();
        let told: Vec<&str> = json["match"]["why"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["code"] == "valid_at")
            .map(|one| one["en"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["it states no validity, so that 1990-01-01 does not exclude it"]);
    }
);

on_both!(
    fn what_stands_beside_a_value_goes_with_it(site: &Site) {
        with_cases(site);
        let whole = format!("/v1/lookup?{MADE}whole");
        // 2 t: everything twice; 309 / 1.44 = 214.58333…, 309 × 1.44 = 444.96
        let result = ok(site, &format!("{whole}&amount=2&unit=t")).json()["result"].clone();
        let expected = json!({
            "value": 309, "unit": "kg", "metric": "CO2e", "per": null, "gwp": "ipcc-ar5-wg1-8.a1-gwp100",
            "computed": [{"step": "amount", "factor": "2"}], "amount": {"value": 2, "unit": "t"},
            "gases": [
                {"gas": "CH4", "origin": "fossil", "kg": 2, "co2e": 56},
                {"gas": "CO2", "origin": "fossil", "kg": 200, "co2e": 200},
                {"gas": "N2O", "kg": 0.2, "co2e": 53}
            ],
            "stages": [{"stage": "A1", "value": 200}, {"stage": "A3", "value": 109}],
            "uncertainty": {"type": "lognormal", "gsd": "1.2", "interval":
                {"low": 214.583_333_333_333_33, "high": 444.96, "level": "95", "rule": "value / gsd^2 to value * gsd^2"}}
        });
        assert_eq!(result, expected);
        // per kg: a thousandth
        let result = ok(site, &format!("{whole}&per=kg")).json()["result"].clone();
        assert_eq!((&result["gases"][0]["kg"], &result["stages"][1]["value"]), (&json!(0.001), &json!(0.0545)));
        // under another set the gases are weighed anew, 100 + 29.8 + 27.3; what was said of the old sum is left out
        let result = ok(site, &format!("{whole}&{AR6}")).json()["result"].clone();
        assert_eq!((&result["value"], &result["gases"][0]["co2e"]), (&json!(157.1), &json!(29.8)));
        assert_eq!((&result["uncertainty"], &result["stages"]), (&Value::Null, &Value::Null));
        let left: Vec<&str> = result["left_out"].as_array().unwrap().iter().map(|one| one["member"].as_str().unwrap()).collect();
        assert_eq!(left, ["uncertainty", "stages"]);
    }
);

on_bundled!(
    fn why_this_one_and_why_not_the_others(site: &Site) {
        let json = ok(site, &format!("/v1/lookup?{GRID}&region=CN-ZJ&year=2022&others=4")).json();
        let codes: Vec<&str> = json["match"]["why"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["activity", "region", "year", "only"]);
        let others: Vec<(&str, &str, &str)> = json["match"]["others"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["key"].as_str().unwrap(), one["reason"]["code"].as_str().unwrap(), one["reason"]["en"].as_str().unwrap()))
            .collect();
        let year = |year: &str| format!("year: {year}; 2022 was asked");
        assert_eq!(others.len(), 4);
        assert!(others.contains(&("grid-average/cn-zj/2021", "year", &year("2021"))), "{others:?}");
        assert!(others.contains(&("grid-average/cn-zj/2023", "year", &year("2023"))), "{others:?}");
        let none = ok(site, &format!("/v1/lookup?{GRID}&region=CN-ZJ&year=2022&others=0")).json();
        assert_eq!(none["match"]["others"], json!([]));
        // an order names itself and what it beat
        let json = ok(site, &format!("/v1/lookup?{GRID}&region=CN-ZJ&on_ambiguous=newest")).json();
        assert_eq!(
            json["match"]["tie_break"],
            json!({"orders": ["newest"], "beat": ["grid-average/cn-zj/2021", "grid-average/cn-zj/2022"]})
        );
        assert_eq!(json["match"]["others"][0]["reason"]["code"], "order");
        // a key names one, and no other comes near
        let json = ok(site, "/v1/lookup?dataset=cn-electricity-co2&key=grid-average/cn-zj/2022").json();
        assert_eq!(json["match"]["others"], json!([]));
    }
);

on_bundled!(
    fn the_right_question_to_the_wrong_dataset(site: &Site) {
        for (dataset, activity, right) in [
            ("cn-electricity-footprint", "electricity/grid-average", "cn-electricity-co2: electricity/grid-average (electricity-direct)"),
            (
                "cn-electricity-co2",
                "electricity/national-average",
                "cn-electricity-footprint: electricity/national-average (electricity-lifecycle)",
            ),
        ] {
            let problem = refused(site, &format!("/v1/lookup?dataset={dataset}&activity={activity}&region=CN&year=2023"), "no-match");
            assert_eq!(texts(&problem["elsewhere"])[0], right, "{problem}");
            let (other, _) = right.split_once(':').unwrap();
            assert!(problem["detail"].as_str().unwrap().contains(&format!("other datasets have the activity: {other}")), "{problem}");
            assert_eq!(problem["nearest"], json!([]), "it is no misspelling");
        }
        // of another kind than was asked it is named all the same, with its kind, and not said to be it
        let problem = refused(site, &format!("/v1/lookup?{PRINT}/grid-average&kind=electricity-lifecycle"), "no-match");
        assert_eq!(texts(&problem["elsewhere"])[0], "cn-electricity-co2: electricity/grid-average (electricity-direct)");
        assert!(!problem["detail"].as_str().unwrap().contains("other datasets have"), "{problem}");
    }
);

on_both!(
    fn other_datasets_with_the_region_are_named_first(site: &Site) {
        let of = |dataset: &str, activity: &str, region: &str| {
            site.publish(&PackageDraft::new(dataset, "1.0.0", vec![row("a", &[("activity", activity), ("region", region)])]));
        };
        of("asked", "steam/low", "FR");
        of("a-france", "heat/district", "FR");
        of("b-china", "heat/district", "CN");
        of("c-zhejiang", "heat/district", "CN-ZJ");
        of("d-related", "heat/steam", "GLO");
        of("e-related-far", "heat/steam", "FR");
        site.wait_for_facts(6);
        let problem = refused(site, "/v1/lookup?dataset=asked&activity=heat/district&region=CN-ZJ", "no-match");
        let named = ["c-zhejiang: heat/district", "b-china: heat/district", "a-france: heat/district", "d-related: heat/steam"];
        assert_eq!(texts(&problem["elsewhere"]), named.map(|one| format!("{one} (electricity-direct)")));
    }
);

on_bundled!(
    fn a_potential_belongs_to_its_set(site: &Site) {
        let gwp = "/v1/lookup?dataset=ipcc-gwp";
        let set = "gwp=ipcc-ar6-wg1-7.15-gwp100";
        let problem = refused(site, &format!("{gwp}&activity=gwp/ch4&{set}"), "no-match");
        let keys = ["ipcc-ar6-wg1-7.15-gwp100/ch4-biogenic", "ipcc-ar6-wg1-7.15-gwp100/ch4-fossil"];
        assert_eq!(texts(&problem["nearest"]), keys, "{problem}");
        assert!(keys.iter().all(|key| problem["detail"].as_str().unwrap().contains(key)), "{problem}");
        assert!(!texts(&problem["exists"]["gwp"]).contains(&"ipcc-ar6-wg1-7.15-gwp100"), "{problem}");
        for order in ["newest", "highest", "published"] {
            refused(site, &format!("{gwp}&activity=gwp/ch4&{set}&on_ambiguous={order}"), "no-match");
        }
        let problem = refused(site, &format!("{gwp}&key=ipcc-ar4-wg1-2.14-gwp100/sf6&{set}"), "no-match");
        assert_eq!(texts(&problem["nearest"]), ["ipcc-ar6-wg1-7.15-gwp100/sf6"]);
        assert!(problem["detail"].as_str().unwrap().contains("belongs to its set"), "{problem}");
        // and back: the sets without a split have the one name
        let problem = refused(site, &format!("{gwp}&activity=gwp/ch4-fossil&{AR5}"), "no-match");
        assert_eq!(texts(&problem["nearest"]), ["ipcc-ar5-wg1-8.a1-gwp100/ch4"]);
        ok(site, &format!("{gwp}&key=ipcc-ar5-wg1-8.a1-gwp100/ch4&{AR5}"));
    }
);

on_bundled!(
    fn why_in_chinese(site: &Site) {
        let path = format!("/v1/lookup?{GRID}&kind=electricity-direct&source_level=official_national&region=CN-XZ&year=2024&others=4");
        let json = ok(site, &format!("{path}&region_fallback=parent&year_fallback=earlier")).json();
        let why = json["match"]["why"].as_array().unwrap();
        let chinese = |code: &str| why.iter().find(|one| one["code"] == code).unwrap()["zh"].as_str().unwrap();
        assert_eq!(chinese("kind"), "类型为 electricity-direct，与所问一致");
        assert_eq!(chinese("source_level"), "来源级别为 official_national，与所问一致");
        assert_eq!(chinese("region"), "地区 CN-XZ 无数据；按 region_fallback=parent 采用 CN");
        assert_eq!(chinese("year"), "数据年份 2024 无数据；按 year_fallback=earlier 采用 2023");
        let others = json["match"]["others"].as_array().unwrap();
        assert!(others.iter().all(|one| one["reason"]["zh"].as_str().unwrap().starts_with(|first: char| !first.is_ascii())), "{others:?}");
        // under which set the value was published stands in both
        let json = ok(site, &format!("/v1/lookup?{GAS}&{AR6}")).json();
        let gwp = json["match"]["why"].as_array().unwrap().iter().find(|one| one["code"] == "gwp").unwrap().clone();
        assert!(["en", "zh"].iter().all(|language| gwp[*language].as_str().unwrap().contains("ipcc-ar5-wg1-8.a1-gwp100")), "{gwp}");
    }
);

on_bundled!(
    fn warnings_that_are_not_tolerated(site: &Site) {
        let zhejiang = format!("/v1/lookup?{GRID}&region=CN-ZJ&year=2022");
        let problem = refused(site, &format!("{zhejiang}&tolerate=none"), "not-tolerated");
        assert_eq!((texts(&problem["flags"]), texts(&problem["keys"])), (vec!["partial_gases"], vec!["grid-average/cn-zj/2022"]));
        for tolerated in ["partial_gases", "all", "partial_factor", "outlier,partial_gases"] {
            ok(site, &format!("{zhejiang}&tolerate={tolerated}"));
        }
        // what only informs excludes nothing, and what blocks is accepted elsewhere
        for (flag, words) in
            [("secondary_source", "only informs"), ("value_disputed", "`allow_flags`"), ("partial_gasses", "did you mean `partial_gases`?")]
        {
            let problem = refused(site, &format!("{zhejiang}&tolerate={flag}"), "invalid-parameter");
            assert!(problem["detail"].as_str().unwrap().contains(words), "{problem}");
            assert!(texts(&problem["valid"]).contains(&"partial_gases"), "{problem}");
        }
    }
);

/// Every parameter with values that are wrong, and a value that the refusal must name where there is a nearest.
const WRONG: &[(&str, &[&str], &str)] = &[
    ("region", &["CN-ZJJ", "Zhejiangg"], "CN-ZJ"),
    ("year", &["22", "2022.0", "+2022", "２０２２", "1e3", "0"], ""),
    ("kind", &["electricity-drect"], "electricity-direct"),
    ("metric", &["CO2eq"], "CO2e"),
    ("per", &["kWh"], "kW.h"),
    ("gwp", &["ipcc-ar5-wg1-8.a1-gwp10", "AR6"], "ipcc-ar5-wg1-8.a1-gwp100"),
    ("basis", &["net-cv"], "net_cv"),
    ("scope", &["4", "3.16", "scope 2"], "2"),
    ("price_year", &["20", "two thousand"], ""),
    ("price_basis", &["purchasers"], "purchaser"),
    ("source_level", &["official-national"], "official_national"),
    ("valid_at", &["2025", "2025-02-30", "30.06.2025", "2025-6-30", "today"], ""),
    ("published_year", &["24", "next"], ""),
    ("published_until", &["2025-13", "2025-02-30", "then"], ""),
    ("region_fallback", &["parents", "true"], "parent"),
    ("year_fallback", &["earlyer", "later"], "earlier"),
    ("on_ambiguous", &["newst", "newest,newest", "refuse,newest", ","], "newest"),
    ("allow_flags", &["value_disputd"], "value_disputed"),
    ("tolerate", &["partial_gas"], "partial_gases"),
    ("others", &["21", "-1", "+3", "1.5", "many"], ""),
    ("amount", &["1,5", "ten", "0x1"], ""),
];

on_bundled!(
    fn every_parameter_wrong_in_every_way(site: &Site) {
        let base = format!("/v1/lookup?{GRID}");
        let long = "x".repeat(3000);
        let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        for (name, values, near) in WRONG {
            let hostile = ["\u{0}", "😀", "中文", &long, "' OR 1=1 --", "../..", "null"];
            for value in values.iter().chain(&hostile) {
                let problem = refused(site, &format!("{base}&{name}={}", encode(value)), "invalid-parameter");
                assert_eq!(problem["parameter"], *name, "{name}={value}: {problem}");
                assert!(problem["detail"].as_str().unwrap().len() < 1000, "{problem}");
                assert!(
                    near.is_empty()
                        || hostile.contains(value)
                        || texts(&problem["valid"]).contains(near)
                        || problem["detail"].as_str().unwrap().contains(near),
                    "{name}={value}: {problem}"
                );
            }
            refused(site, &format!("{base}&{name}=&{name}="), "bad-request");
        }
        // what has no list of codes is not found, and what there is stands beside
        for name in ["boundary", "technology"] {
            for value in ["\u{0}", "😀", &long, "generaton"] {
                refused(site, &format!("{base}&{name}={}", encode(value)), "no-match");
            }
        }
        let problem = refused(site, &format!("{base}&boundary=generaton"), "no-match");
        assert_eq!((texts(&problem["nearest"]), texts(&problem["exists"]["boundary"])), (vec!["generation"], vec!["generation"]));
        let problem = refused(site, "/v1/lookup?dataset=cn-electricity-co&key=a", "no-dataset");
        assert_eq!(texts(&problem["nearest"]), ["cn-electricity-co2"]);
        let problem = refused(site, "/v1/lookup?dataset=cn-electricity-co2@7.0.0&key=a", "no-release");
        assert_eq!(texts(&problem["valid"]), ["1.2.0", "1.1.0", "1.0.0"]);
        refused(site, "/v1/lookup?dataset=cn-electricity-co2@newest&key=a", "invalid-parameter");
    }
);
