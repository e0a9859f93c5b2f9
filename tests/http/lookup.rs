//! One question, one factor: answers that were computed by hand, and refusals that say what exists.

use serde_json::{Value, json};

use super::{ZHEJIANG, assert_line, ok, refused, texts};
use crate::site::{PackageDraft, Response, Site, row};
use crate::{on_both, on_bundled};

const GRID: &str = "/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-average";
const FOOTPRINT: &str = "/v1/lookup?dataset=cn-electricity-footprint&activity=electricity";
const NATURAL_GAS: &str = "/v1/lookup?dataset=ipcc-stationary-combustion&activity=combustion/natural-gas&technology=energy-industries";
const WOOD: &str = "/v1/lookup?dataset=ipcc-stationary-combustion&activity=combustion/wood-wood-waste&technology=energy-industries";
const AR5: &str = "ipcc-ar5-wg1-8.a1-gwp100";

/// The digits of `result.value` as they stand in the body.
#[track_caller]
fn value_text(answer: &Response) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("\"result\":{\"value\":").unwrap_or_else(|| panic!("no result: {text}"));
    rest.split(',').next().unwrap().to_owned()
}

/// Asks, and asserts the published value and the computed one.
#[track_caller]
fn answered(site: &Site, path: &str, published: &str, computed: &str) -> Value {
    let answer = ok(site, path);
    assert_eq!(answer.json()["factor"]["value"], published, "{path}");
    assert_eq!(value_text(&answer), computed, "{path}");
    answer.json()
}

/// `exact`, `steps` and `candidates` of a match.
#[track_caller]
fn matched(answer: &Value) -> Value {
    let own = &answer["match"];
    json!({"exact": own["exact"], "steps": own["steps"], "candidates": own["candidates"]})
}

on_bundled!(
    fn published_values(site: &Site) {
        let table = [
            (format!("{GRID}&region=CN-ZJ&year=2022"), "0.5153", "0.5153"),
            (format!("{GRID}&region=CN-ZJ&year=2023"), "0.4974", "0.4974"),
            (format!("{GRID}&region=CN&year=2021"), "0.5568", "0.5568"),
            (format!("{GRID}&region=CN-GRID-EAST&year=2023"), "0.5500", "0.55"),
            (format!("{GRID}&region=CN-BJ&year=2022"), "0.5580", "0.558"),
            (format!("{GRID}-excl-traded-non-fossil&region=CN&year=2022"), "0.5856", "0.5856"),
            ("/v1/lookup?dataset=cn-electricity-co2&activity=electricity/fossil-power&year=2022".into(), "0.8325", "0.8325"),
            ("/v1/lookup?dataset=cn-electricity-co2&key=grid-average/cn-xj/2021".into(), "0.6577", "0.6577"),
            ("/v1/lookup?dataset=cn-electricity-co2&key=grid-average%2Fcn-xj%2F2021".into(), "0.6577", "0.6577"),
            (format!("{FOOTPRINT}/national-average&year=2023"), "0.6205", "0.6205"),
            (format!("{FOOTPRINT}/national-average&year=2024&region=CN&metric=CO2e"), "0.5777", "0.5777"),
            (format!("{FOOTPRINT}/generation/coal&year=2023"), "0.9440", "0.944"),
            (format!("{FOOTPRINT}/transmission-distribution&year=2023"), "0.0463", "0.0463"),
            (format!("{FOOTPRINT}/transmission-distribution&year=2024&boundary=without-line-losses"), "0.0046", "0.0046"),
            (NATURAL_GAS.into(), "56154.5", "56154.5"),
            (WOOD.into(), "1900", "1900"),
        ];
        for (path, published, value) in table {
            let json = answered(site, &path, published, value);
            assert_eq!(json["result"]["computed"], json!([]), "{path}");
            assert_eq!(matched(&json), json!({"exact": true, "steps": [], "candidates": 1}), "{path}");
            assert_eq!(json["release"]["withdrawn"], Value::Null);
        }
    }
);

on_bundled!(
    fn the_factor_is_the_line_of_the_release(site: &Site) {
        for path in [ZHEJIANG, NATURAL_GAS, WOOD, &format!("{FOOTPRINT}/national-average&year=2024")] {
            let answer = ok(site, path);
            assert_line(site, &answer);
            let order: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
            assert_eq!(order, ["factor", "digest", "release", "match", "result", "flags", "licence", "cite"]);
        }
        let json = ok(site, ZHEJIANG).json();
        assert_eq!(json["factor"]["key"], "grid-average/cn-zj/2022");
        assert_eq!(json["flags"], json["factor"]["flags"]);
        assert_eq!(json["result"]["metric"], "CO2");
        assert_eq!(json["result"]["gwp"], Value::Null);
    }
);

on_bundled!(
    fn another_meaning_is_never_handed_out(site: &Site) {
        for (parameter, dimension, exists) in
            [("metric=CO2e", "metric", "CO2"), ("kind=electricity-lifecycle", "kind", "electricity-direct")]
        {
            let problem = refused(site, &format!("{ZHEJIANG}&{parameter}"), "no-match");
            assert_eq!(texts(&problem["exists"][dimension]), [exists]);
            assert!(problem["detail"].as_str().unwrap().contains(parameter), "{problem}");
            assert!(texts(&problem["elsewhere"]).iter().any(|other| other.starts_with("cn-electricity-footprint: ")), "{problem}");
            assert_eq!(problem["fallbacks"], json!([]), "no fallback turns CO2 into CO2e");
            // what was asked is written rightly, so that nothing is offered as what was meant
            assert!(!problem["detail"].as_str().unwrap().contains("did you mean"), "{problem}");
            assert!(problem["detail"].as_str().unwrap().contains(&format!("it has {exists} alone")), "{problem}");
            assert_eq!(problem["nearest"], json!([]));
            assert_eq!(texts(&problem["elsewhere"])[0], "cn-electricity-footprint: electricity/national-average (electricity-lifecycle)");
            assert!(texts(&problem["elsewhere"]).len() <= 12);
        }
    }
);

on_bundled!(
    fn a_region_that_is_not_in_the_table(site: &Site) {
        let problem = refused(site, &format!("{GRID}&region=CN-XZ&year=2022"), "no-match");
        assert_eq!(texts(&problem["fallbacks"]), ["region_fallback=parent gives region=CN"]);
        assert!(problem["detail"].as_str().unwrap().contains("region=CN-XZ"), "{problem}");
        assert!(texts(&problem["exists"]["region"]).contains(&"CN-QH"));

        let json = answered(site, &format!("{GRID}&region=CN-XZ&year=2022&region_fallback=parent"), "0.5366", "0.5366");
        let step = json!({"dimension": "region", "asked": "CN-XZ", "used": "CN", "rule": "parent", "tried": ["CN-XZ"]});
        assert_eq!(matched(&json), json!({"exact": false, "steps": [step], "candidates": 1}));
        assert_eq!(json["factor"]["region"], "CN");
    }
);

on_bundled!(
    fn hong_kong_macao_and_taiwan_never_fall_to_cn(site: &Site) {
        for region in ["HK", "MO", "TW", "CN-HK", "CN-MO", "CN-TW"] {
            let path = format!("{GRID}&region={region}&year=2022");
            for asked in
                [path.clone(), format!("{path}&region_fallback=parent"), format!("{path}&region_fallback=parent&year_fallback=nearest")]
            {
                let answer = site.get(&asked);
                // CN-HK is ISO 3166-2's other name of HK: known or not, it is never the mainland.
                let code = answer.problem();
                assert!(code == "no-match" || (region.starts_with("CN-") && code == "invalid-parameter"), "{asked}: {}", answer.text());
                assert!(answer.json()["fallbacks"].as_array().is_none_or(Vec::is_empty), "{asked}: {}", answer.text());
            }
        }
    }
);

on_bundled!(
    fn a_grid_falls_to_its_country_and_no_province_to_a_grid(site: &Site) {
        let exact = answered(site, &format!("{GRID}&region=CN-GRID-EAST&year=2022&region_fallback=parent"), "0.5617", "0.5617");
        assert_eq!(exact["match"]["exact"], true);
        let fossil = "/v1/lookup?dataset=cn-electricity-co2&activity=electricity/fossil-power&year=2022&region_fallback=parent";
        for region in ["CN-GRID-EAST", "CN-ZJ"] {
            let json = answered(site, &format!("{fossil}&region={region}"), "0.8325", "0.8325");
            let step = json!({"dimension": "region", "asked": region, "used": "CN", "rule": "parent", "tried": [region]});
            assert_eq!(json["match"]["steps"], json!([step]));
        }
    }
);

on_bundled!(
    fn a_year_that_is_not_in_the_table(site: &Site) {
        let problem = refused(site, &format!("{GRID}&region=CN-ZJ&year=2024"), "no-match");
        assert_eq!(texts(&problem["exists"]["year"]), ["2021", "2022", "2023"]);
        let offers = ["year_fallback=earlier gives year=2023", "year_fallback=nearest gives year=2023"];
        assert_eq!(texts(&problem["fallbacks"]), offers);

        for (year, rule, used, value) in
            [("2024", "earlier", "2023", "0.4974"), ("2024", "nearest", "2023", "0.4974"), ("2020", "nearest", "2021", "0.5422")]
        {
            let json = answered(site, &format!("{GRID}&region=CN-ZJ&year={year}&year_fallback={rule}"), value, value);
            let step = json!({"dimension": "year", "asked": year, "used": used, "rule": rule});
            assert_eq!(matched(&json), json!({"exact": false, "steps": [step], "candidates": 1}));
        }
        let problem = refused(site, &format!("{GRID}&region=CN-ZJ&year=2020&year_fallback=earlier"), "no-match");
        assert_eq!(texts(&problem["fallbacks"]), ["year_fallback=nearest gives year=2021"]);
    }
);

on_both!(
    fn of_two_years_equally_near_the_earlier_is_used(site: &Site) {
        let rows = vec![
            row("a/2018", &[("year", "2018"), ("value", "0.18")]),
            row("a/2022", &[("year", "2022"), ("value", "0.22")]),
            row("a/zj/2018", &[("year", "2018"), ("region", "CN-ZJ"), ("value", "1.18")]),
        ];
        site.publish(&PackageDraft::new("made", "1.0.0", rows));
        site.wait_for_facts(1);
        let asked = |region: &str, year: &str, rule: &str| {
            format!("/v1/lookup?dataset=made&activity=electricity/grid-average&region={region}&year={year}&{rule}")
        };
        let table = [
            ("CN", "2020", "year_fallback=nearest", "0.18"),
            ("CN", "2021", "year_fallback=nearest", "0.22"),
            ("CN", "2021", "year_fallback=earlier", "0.18"),
            ("CN", "2030", "year_fallback=earlier", "0.22"),
            // The year is relaxed before the region: CN has 2022, but CN-ZJ comes first.
            ("CN-ZJ", "2022", "year_fallback=earlier&region_fallback=parent", "1.18"),
            ("CN-ZJ", "2022", "region_fallback=parent", "0.22"),
            ("CN-ZJ", "2017", "year_fallback=nearest&region_fallback=parent", "1.18"),
        ];
        for (region, year, rule, value) in table {
            answered(site, &asked(region, year, rule), value, value);
        }
        refused(site, &asked("CN", "2017", "year_fallback=earlier"), "no-match");
    }
);

on_both!(
    fn candidates_in_several_units_and_gwp_sets(site: &Site) {
        let gas = [("activity", "combustion/gas"), ("kind", "combustion"), ("metric", "CO2e"), ("region", "GLO")];
        let with = |key: &str, more: &[(&str, &str)]| row(key, &[&gas[..], more].concat());
        let rows = vec![
            with("gas/kg/ar5", &[("value", "2"), ("per", "kg"), ("gwp", AR5), ("co2_fossil", "2")]),
            with("gas/kg/ar4", &[("value", "2.0"), ("per", "kg"), ("gwp", "ipcc-ar4-wg1-2.14-gwp100"), ("co2_fossil", "2")]),
            with("gas/m3", &[("value", "1.5"), ("per", "m3"), ("gwp", AR5), ("co2_fossil", "1.5")]),
        ];
        site.publish(&PackageDraft::new("made", "1.0.0", rows));
        site.wait_for_facts(1);
        let gas = "/v1/lookup?dataset=made&activity=combustion/gas";
        let key = |path: &str| ok(site, path).json()["factor"]["key"].as_str().unwrap().to_owned();
        assert_eq!(key(&format!("{gas}&per=L")), "gas/m3");
        assert_eq!(key(&format!("{gas}&per=t&gwp={AR5}")), "gas/kg/ar5");
        assert_eq!(key(&format!("{gas}&amount=3&unit=t&gwp=ipcc-ar4-wg1-2.14-gwp100")), "gas/kg/ar4");
        assert_eq!(texts(&refused(site, &format!("{gas}&per=t"), "ambiguous")["differ_in"]), ["gwp"]);
        assert_eq!(texts(&refused(site, gas, "ambiguous")["differ_in"]), ["per", "gwp"]);
        refused(site, &format!("{gas}&per=MJ"), "unit-mismatch");
    }
);

on_bundled!(
    fn a_place_falls_to_the_world_where_asked(site: &Site) {
        refused(site, &format!("{NATURAL_GAS}&region=CN-ZJ"), "no-match");
        let json = answered(site, &format!("{NATURAL_GAS}&region=CN-ZJ&region_fallback=parent"), "56154.5", "56154.5");
        let step =
            json!({"dimension": "region", "asked": "CN-ZJ", "used": "GLO", "rule": "parent", "tried": ["CN-ZJ", "CN", "030", "142"]});
        assert_eq!(json["match"]["steps"], json!([step]));
        // Hong Kong falls to the world as well, past CN.
        let json = answered(site, &format!("{NATURAL_GAS}&region=HK&region_fallback=parent"), "56154.5", "56154.5");
        assert!(!texts(&json["match"]["steps"][0]["tried"]).contains(&"CN"), "{json}");
    }
);

on_bundled!(
    fn the_year_is_relaxed_before_the_region(site: &Site) {
        let both = "region_fallback=parent&year_fallback=earlier";
        let json = answered(site, &format!("{GRID}&region=CN-ZJ&year=2024&{both}"), "0.4974", "0.4974");
        assert_eq!(json["factor"]["region"], "CN-ZJ");
        assert_eq!(json["match"]["steps"].as_array().unwrap().len(), 1);

        let json = answered(site, &format!("{GRID}&region=CN-XZ&year=2024&{both}"), "0.5306", "0.5306");
        let steps: Vec<(&str, &str)> = json["match"]["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| (step["dimension"].as_str().unwrap(), step["used"].as_str().unwrap()))
            .collect();
        assert_eq!(steps, [("region", "CN"), ("year", "2023")]);

        let problem = refused(site, &format!("{GRID}&region=CN-XZ&year=2024"), "no-match");
        let offers = texts(&problem["fallbacks"]);
        assert!(offers.contains(&"region_fallback=parent&year_fallback=earlier gives region=CN, year=2023"), "{offers:?}");
    }
);

on_bundled!(
    fn factors_without_a_year_say_so(site: &Site) {
        for asked in ["year=2022", "year=2022&year_fallback=nearest"] {
            let problem = refused(site, &format!("{NATURAL_GAS}&{asked}"), "no-match");
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("carry no year") && detail.contains("leave `year` out"), "{detail}");
            assert_eq!(problem["exists"]["year"], json!([]));
        }
    }
);

on_bundled!(
    fn several_matches_are_refused_with_what_tells_them_apart(site: &Site) {
        let table = [
            (format!("{GRID}&region=CN-ZJ"), 3, vec!["year"]),
            (format!("{GRID}&year=2022"), 38, vec!["region"]),
            (GRID.to_owned(), 114, vec!["region", "year"]),
            (format!("{FOOTPRINT}/transmission-distribution&year=2024"), 2, vec!["boundary"]),
            ("/v1/lookup?dataset=ipcc-stationary-combustion&activity=combustion/natural-gas".to_owned(), 4, vec!["technology"]),
            ("/v1/lookup?dataset=ipcc-gwp&activity=gwp/sf6".to_owned(), 6, vec!["gwp"]),
        ];
        for (path, count, dimensions) in table {
            let problem = refused(site, &path, "ambiguous");
            assert_eq!(problem["count"], count, "{path}");
            assert_eq!(texts(&problem["differ_in"]), dimensions, "{path}");
            let candidates = problem["candidates"].as_array().unwrap();
            assert_eq!(candidates.len(), count.min(20), "{path}");
            for candidate in candidates {
                assert_eq!(candidate["differs"].as_object().unwrap().len(), dimensions.len(), "{candidate}");
            }
        }
        let problem = refused(site, &format!("{FOOTPRINT}/transmission-distribution&year=2024"), "ambiguous");
        assert_eq!(problem["candidates"][0]["differs"], json!({"boundary": "with-line-losses"}));
    }
);

on_bundled!(
    fn the_newest_is_picked_when_asked_for_and_it_says_so(site: &Site) {
        let json = answered(site, &format!("{GRID}&region=CN-ZJ&on_ambiguous=newest"), "0.4974", "0.4974");
        let step = json!({"dimension": "candidates", "asked": null, "used": "grid-average/cn-zj/2023", "rule": "newest"});
        assert_eq!(matched(&json), json!({"exact": false, "steps": [step], "candidates": 3}));
        // Newest by year still leaves one a region: no silent pick.
        refused(site, &format!("{GRID}&on_ambiguous=newest"), "ambiguous");
        refused(site, &format!("{GRID}&region=CN-ZJ&on_ambiguous=refuse"), "ambiguous");
        let problem = refused(site, &format!("{GRID}&region=CN-ZJ&on_ambiguous=newset"), "invalid-parameter");
        assert!(problem["detail"].as_str().unwrap().contains("`newest`"), "{problem}");
    }
);

on_bundled!(
    fn units_convert_exactly(site: &Site) {
        // 1 kW.h = 3.6 MJ, so per MJ it is 5/18 of it: 0.5153 × 5 / 18 = 0.143138888… (17 digits).
        let json = answered(site, &format!("{ZHEJIANG}&per=MJ"), "0.5153", "0.14313888888888889");
        assert_eq!(json["result"]["computed"], json!([{"step": "unit", "from": "kW.h", "to": "MJ", "factor": "5/18"}]));
        assert_eq!(json["result"]["per"], "MJ");
        assert_eq!(json["match"]["exact"], true);
        let table = [
            ("per=MW.h", "515.3", "MW.h", "1000"),
            ("per=GW.h", "515300", "GW.h", "1000000"),
            ("per=TJ", "143138.88888888889", "TJ", "2500000/9"),
            ("per=J", "1.4313888888888889e-7", "J", "1/3600000"),
        ];
        for (parameter, value, per, factor) in table {
            let json = answered(site, &format!("{ZHEJIANG}&{parameter}"), "0.5153", value);
            assert_eq!(json["result"]["per"], per);
            assert_eq!(json["result"]["computed"][0]["factor"], factor, "{parameter}");
        }
        assert_eq!(answered(site, &format!("{ZHEJIANG}&per=kW.h"), "0.5153", "0.5153")["result"]["computed"], json!([]));
        // Gas: 56154.5 kg/TJ is 0.0561545 kg/MJ and 0.2021562 kg/kW.h.
        answered(site, &format!("{NATURAL_GAS}&per=MJ"), "56154.5", "0.0561545");
        answered(site, &format!("{NATURAL_GAS}&per=kW.h"), "56154.5", "0.2021562");
    }
);

on_bundled!(
    fn a_unit_of_another_dimension_is_refused(site: &Site) {
        for parameters in ["per=kg", "amount=1&unit=kg", "per=MJ&amount=2&unit=t", "per=%7Bpassenger%7D.km", "per=CNY", "per=kW"] {
            refused(site, &format!("{ZHEJIANG}&{parameters}"), "unit-mismatch");
        }
        let problem = refused(site, &format!("{ZHEJIANG}&per=kg"), "unit-mismatch");
        assert_eq!((&problem["from"], &problem["to"]), (&json!("kW.h"), &json!("kg")));
        for (parameters, hint) in [("per=kWh", "`kW.h`"), ("amount=5&unit=kWh", "`kW.h`"), ("per=apples", "`apples`"), ("per=Cel", "`Cel`")]
        {
            let problem = refused(site, &format!("{ZHEJIANG}&{parameters}"), "invalid-parameter");
            assert!(problem["detail"].as_str().unwrap().contains(hint), "{problem}");
        }
    }
);

on_bundled!(
    fn amounts(site: &Site) {
        let amount = |factor: &str| json!({"step": "amount", "factor": factor});
        let unit = |to: &str, factor: &str| json!({"step": "unit", "from": "kW.h", "to": to, "factor": factor});
        let table = [
            // 0.5153 kg/kW.h × 100 kW.h
            ("amount=100&unit=kW.h", "51.53", json!([amount("100")]), json!({"value": 100, "unit": "kW.h"})),
            ("amount=100", "51.53", json!([amount("100")]), json!({"value": 100, "unit": "kW.h"})),
            // 360 MJ are 100 kW.h
            ("amount=360&unit=MJ", "51.53", json!([unit("MJ", "5/18"), amount("360")]), json!({"value": 360, "unit": "MJ"})),
            ("amount=1&unit=MJ", "0.14313888888888889", json!([unit("MJ", "5/18"), amount("1")]), json!({"value": 1, "unit": "MJ"})),
            ("amount=2.50&unit=MW.h", "1288.25", json!([unit("MW.h", "1000"), amount("5/2")]), json!({"value": 2.5, "unit": "MW.h"})),
            ("per=MJ&amount=1&unit=kW.h", "0.5153", json!([unit("MJ", "5/18"), amount("18/5")]), json!({"value": 1, "unit": "kW.h"})),
            ("amount=0", "0", json!([amount("0")]), json!({"value": 0, "unit": "kW.h"})),
        ];
        for (parameters, value, computed, amount) in table {
            let json = answered(site, &format!("{ZHEJIANG}&{parameters}"), "0.5153", value);
            assert_eq!(json["result"]["computed"], computed, "{parameters}");
            assert_eq!(json["result"]["amount"], amount, "{parameters}");
        }
        for text in ["1,5", "NaN", "1e400", "Infinity", "one", "0x10", "1%2C000", "12345678901234567890123456789012345"] {
            let problem = refused(site, &format!("{ZHEJIANG}&amount={text}"), "invalid-parameter");
            assert_eq!(problem["parameter"], "amount", "{text}");
        }
        assert_eq!(refused(site, &format!("{ZHEJIANG}&unit=kW.h"), "missing-parameter")["parameter"], "amount");
    }
);

on_bundled!(
    fn combustion_under_every_gwp_set(site: &Site) {
        // 56100 + CH4 + 0.1 × N2O, each set's own figures.
        let table = [
            ("ipcc-ar4-wg1-2.14-gwp100", "56154.8", "unsplit", "25", "298"),
            ("ipcc-ar5-wg1-8.a1-gwp100-fossil30", "56156.5", "fossil-30", "30", "265"),
            ("ipcc-ar5-wg1-8.a1-gwp100-ccf", "56163.8", "unsplit", "34", "298"),
            ("ipcc-ar6-wg1-7sm7-gwp100", "56155.2", "unsplit", "27.9", "273"),
            ("ipcc-ar6-wg1-7.15-gwp100", "56157.1", "fossil-29.8", "29.8", "273"),
        ];
        for (set, value, rule, methane, nitrous_oxide) in table {
            let json = answered(site, &format!("{NATURAL_GAS}&gwp={set}"), "56154.5", value);
            let step = &json["result"]["computed"][0];
            assert_eq!((&step["step"], &step["set"], &step["from"]), (&json!("gwp"), &json!(set), &json!(AR5)));
            assert_eq!(step["methane"], rule, "{set}");
            let gases = json!([
                {"gas": "CH4", "origin": "fossil", "kg": "1", "gwp": methane},
                {"gas": "CO2", "origin": "fossil", "kg": "56100", "gwp": "1"},
                {"gas": "N2O", "kg": "0.1", "gwp": nitrous_oxide}
            ]);
            assert_eq!(step["gases"], gases, "{set}");
            assert_eq!(json["result"]["gwp"], set);
        }
        let json = answered(site, &format!("{NATURAL_GAS}&gwp={AR5}"), "56154.5", "56154.5");
        assert_eq!(json["result"]["computed"], json!([]), "as published");
        assert_eq!(json["result"]["gwp"], AR5);
    }
);

on_bundled!(
    fn biogenic_carbon_dioxide_counts_nothing(site: &Site) {
        // Wood: 112000 kg biogenic CO2, 30 kg CH4, 4 kg N2O: 30 × 27.0 + 4 × 273 = 1902.
        let json = answered(site, &format!("{WOOD}&gwp=ipcc-ar6-wg1-7.15-gwp100"), "1900", "1902");
        let gases = json!([
            {"gas": "CH4", "origin": "biogenic", "kg": "30", "gwp": "27"},
            {"gas": "CO2", "origin": "biogenic", "kg": "112000", "gwp": "0"},
            {"gas": "N2O", "kg": "4", "gwp": "273"}
        ]);
        assert_eq!(json["result"]["computed"][0]["gases"], gases);
        // 30 × 25 + 4 × 298 = 1942; 30 × 27.9 + 4 × 273 = 1929; 30 × 34 + 4 × 298 = 2212
        answered(site, &format!("{WOOD}&gwp=ipcc-ar4-wg1-2.14-gwp100"), "1900", "1942");
        answered(site, &format!("{WOOD}&gwp=ipcc-ar6-wg1-7sm7-gwp100"), "1900", "1929");
        answered(site, &format!("{WOOD}&gwp=ipcc-ar5-wg1-8.a1-gwp100-ccf"), "1900", "2212");
        // Recomputed, converted and multiplied: 1902 kg/TJ × 2.5 GJ = 4.755 kg.
        let json = answered(site, &format!("{WOOD}&gwp=ipcc-ar6-wg1-7.15-gwp100&amount=2.5&unit=GJ"), "1900", "4.755");
        let steps: Vec<&str> = json["result"]["computed"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
        assert_eq!(steps, ["gwp", "unit", "amount"]);
    }
);

on_bundled!(
    fn what_no_gwp_set_can_compute(site: &Site) {
        for path in [ZHEJIANG.to_owned(), format!("{FOOTPRINT}/national-average&year=2023")] {
            let problem = refused(site, &format!("{path}&gwp={AR5}"), "gwp-unavailable");
            assert_eq!(problem["set"], AR5);
        }
        for unknown in ["AR6", "ipcc-ar6", "ipcc-ar5-wg1-8.a1-gwp20"] {
            let problem = refused(site, &format!("{NATURAL_GAS}&gwp={unknown}"), "invalid-parameter");
            assert_eq!(problem["parameter"], "gwp");
            assert_eq!(texts(&problem["valid"]).len(), 6);
            assert!(texts(&problem["valid"]).contains(&"ipcc-ar6-wg1-7.15-gwp100"));
        }
    }
);

on_bundled!(
    fn a_blocking_flag_is_refused_unless_named(site: &Site) {
        let sf6 = "/v1/lookup?dataset=ipcc-gwp&activity=gwp/sf6&gwp=ipcc-ar6-wg1-7.15-gwp100";
        let problem = refused(site, sf6, "flagged");
        assert_eq!(problem["flags"], json!(["value_disputed"]));
        assert_eq!(problem["key"], "ipcc-ar6-wg1-7.15-gwp100/sf6");
        refused(site, &format!("{sf6}&allow_flags=outlier"), "flagged");
        for allowed in ["value_disputed", "outlier,value_disputed"] {
            let json = answered(site, &format!("{sf6}&allow_flags={allowed}"), "25200", "25200");
            assert!(texts(&json["flags"]).contains(&"value_disputed"));
        }
        let problem = refused(site, &format!("{sf6}&allow_flags=everything"), "invalid-parameter");
        assert!(texts(&problem["valid"]).contains(&"value_disputed"));
        // Info and warning flags are served and echoed.
        assert_eq!(texts(&ok(site, ZHEJIANG).json()["flags"]), ["partial_gases", "secondary_source"]);
        // AR5's is not disputed.
        answered(site, &format!("/v1/lookup?dataset=ipcc-gwp&activity=gwp/sf6&gwp={AR5}"), "23500", "23500");
    }
);

on_bundled!(
    fn versions_ranges_and_datasets(site: &Site) {
        let at = |version: &str| format!("/v1/lookup?dataset=cn-electricity-co2@{version}&key=grid-average/cn/2021");
        for (asked, version) in [
            ("1.0.0", "1.0.0"),
            ("1.1.0", "1.1.0"),
            ("^1", "1.2.0"),
            ("%5E1.0", "1.2.0"),
            ("~1.1", "1.1.0"),
            ("latest", "1.2.0"),
            ("%3C1.2", "1.1.0"),
        ] {
            let json = answered(site, &at(asked), "0.5568", "0.5568");
            assert_eq!(json["release"]["version"], version, "{asked}");
        }
        // 1.0.0 holds the data of 2021 alone.
        refused(site, "/v1/lookup?dataset=cn-electricity-co2@1.0.0&activity=electricity/grid-average&region=CN-ZJ&year=2022", "no-match");
        answered(site, "/v1/lookup?dataset=cn-electricity-co2@1.0.0&activity=electricity/grid-average&region=CN-ZJ", "0.5422", "0.5422");
        refused(site, &at("^9"), "no-release");
        refused(site, &at("1.0.7"), "no-release");
        refused(site, &at("newest"), "invalid-parameter");
        refused(site, "/v1/lookup?dataset=us-electricity&activity=electricity/grid-average", "no-dataset");
    }
);

on_bundled!(
    fn keys_and_activities_that_do_not_exist_have_neighbours(site: &Site) {
        let problem = refused(site, "/v1/lookup?dataset=cn-electricity-co2&key=grid-average/cn-zj/2042", "no-match");
        assert!(texts(&problem["nearest"]).contains(&"grid-average/cn-zj/2023"), "{problem}");
        let problem = refused(site, "/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-avarage", "no-match");
        assert_eq!(texts(&problem["nearest"])[0], "electricity/grid-average", "{problem}");
        // case alone first, then a letter apart, then the longest common beginning; nothing where nothing is near
        let long = "a".repeat(30);
        let table = [
            ("cn-electricity-co2", "grid-average/CN/2022", Some("grid-average/cn/2022")),
            ("cn-electricity-co2", "grid-average/cn/2020", Some("grid-average/cn/2021")),
            ("cn-electricity-co2", "grid-avrage/cn/2023", Some("grid-average/cn/2023")),
            ("ipcc-gwp", "ipcc-ar6-wg1-7.15-gwp100/ch4", Some("ipcc-ar6-wg1-7.15-gwp100/ch4-fossil")),
            ("cn-electricity-co2", "zzz", None),
            ("cn-electricity-co2", "%00", None),
            ("cn-electricity-co2", long.as_str(), None),
        ];
        for (dataset, key, near) in table {
            let problem = refused(site, &format!("/v1/lookup?dataset={dataset}&key={key}"), "no-match");
            assert_eq!(texts(&problem["nearest"]).first().copied(), near, "{key}: {problem}");
        }
        // A key is one factor; what else is asked must hold for it.
        let key = "/v1/lookup?dataset=cn-electricity-co2&key=grid-average/cn-zj/2022";
        ok(site, &format!("{key}&region=CN-ZJ&year=2022&metric=CO2"));
        refused(site, &format!("{key}&region=CN-BJ"), "no-match");
        let problem = refused(site, &format!("{key}&metric=CO2e"), "no-match");
        assert_eq!(texts(&problem["elsewhere"])[0], "cn-electricity-footprint: electricity/national-average (electricity-lifecycle)");
    }
);

on_bundled!(
    fn parameters_that_cannot_be_read(site: &Site) {
        let table = [
            ("year=abc", "year", None),
            ("year=20222", "year", None),
            ("year=2022.5", "year", None),
            ("region=UK", "region", Some("GB")),
            ("region=cn-zj", "region", Some("CN-ZJ")),
            ("region=Germany", "region", Some("DE")),
            ("region=156", "region", Some("CN")),
            ("region=CHN", "region", Some("CN")),
            ("region=chn", "region", Some("CN")),
            ("region=DEU", "region", Some("DE")),
            ("region=999", "region", None),
            ("kind=electricity", "kind", Some("electricity-direct")),
            ("metric=co2", "metric", Some("CO2")),
            ("basis=ncv", "basis", Some("net_cv")),
            ("region_fallback=world", "region_fallback", Some("parent")),
            ("year_fallback=later", "year_fallback", Some("earlier")),
        ];
        for (asked, parameter, valid) in table {
            let path = format!("/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-average&{asked}");
            let problem = refused(site, &path, "invalid-parameter");
            assert_eq!(problem["parameter"], parameter, "{asked}");
            assert!(valid.is_none_or(|code| texts(&problem["valid"]).contains(&code)), "{problem}");
        }
        let problem = refused(site, &format!("{GRID}&region=156"), "invalid-parameter");
        assert!(problem["detail"].as_str().unwrap().contains("write `CN`"), "{problem}");
        let problem = refused(site, &format!("{ZHEJIANG}&regoin=CN"), "unknown-parameter");
        assert_eq!(problem["parameter"], "regoin");
        assert!(problem["detail"].as_str().unwrap().contains("did you mean `region`?"), "{problem}");
        refused(site, &format!("{ZHEJIANG}&year=2021"), "bad-request");
        assert_eq!(refused(site, "/v1/lookup", "missing-parameter")["parameter"], "dataset");
        assert_eq!(refused(site, "/v1/lookup?dataset=ipcc-gwp", "missing-parameter")["parameter"], "activity");
        refused(site, "/v1/lookup?dataset=ipcc-gwp&key=a&activity=b", "missing-parameter");
        // A blank parameter is one that was left out.
        ok(site, &format!("{ZHEJIANG}&kind=&per=&gwp=&region_fallback=&year_fallback=&on_ambiguous=&allow_flags=&amount=&unit="));
    }
);

on_bundled!(
    fn how_long_an_answer_may_be_kept(site: &Site) {
        let pinned = ok(site, &ZHEJIANG.replace("co2&", "co2@1.2.0&"));
        assert_eq!(pinned.header("cache-control"), Some("public, max-age=60"));
        let latest = ok(site, ZHEJIANG);
        assert_eq!(latest.header("cache-control"), Some("public, max-age=5"));
        assert_eq!(latest.body, pinned.body);
        let etag = latest.header("etag").unwrap();
        let unchanged = site.get_with(ZHEJIANG, &[("If-None-Match", etag)]);
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
        let links = latest.all("link").join(", ");
        assert!(links.contains("</v1/datasets/cn-electricity-co2/releases/1.2.0/files/manifest.json>; rel=\"describedby\""), "{links}");
    }
);
