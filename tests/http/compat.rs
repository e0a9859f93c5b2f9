//! Another service's shapes: a client written for its documentation asks this server instead.

use serde_json::{Value, json};
use tanyin::dataset::Role;
use tanyin::desk::{self, NewToken};
use tanyin::release::{self, FlagOf};

use super::{database_down::lose_database, ok};
use crate::site::{PackageDraft, Response, Site, consumers, row};
use crate::{on_both, on_bundled};

const HOME: &str = "/compat/climatiq/data/v1";

fn estimate(site: &Site, body: &Value) -> Response {
    // that service's own examples send JSON with curl's form type, and a key
    let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Bearer CLIMATIQ_API_KEY")];
    site.send("POST", &format!("{HOME}/estimate"), &headers, Some(body.to_string().as_bytes()))
}

#[track_caller]
fn estimated(site: &Site, body: &Value) -> Value {
    let response = estimate(site, body);
    assert_eq!(response.status, 200, "{body}: {}", response.text());
    response.json()
}

/// A refusal in that service's shape.
#[track_caller]
fn told(response: &Response, code: &str) -> Value {
    let json = response.json();
    let members: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!((response.status, members), (400, vec!["error", "error_code", "message", "valid_values"]), "{json}");
    assert_eq!((&json["error"], &json["error_code"]), (&json!("bad_request"), &json!(code)), "{json}");
    assert_eq!(response.header("cache-control"), Some("no-store"));
    json
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["notices"].as_array().unwrap().iter().map(|notice| notice["code"].as_str().unwrap()).collect()
}

on_bundled!(
    fn a_client_written_for_the_documentation(site: &Site) {
        let printed = consumers::python("climatiq_client.py", &[&format!("{}/compat/climatiq", site.address())]);
        assert!(printed.contains("51.53 kg"), "{printed}");
    }
);

on_bundled!(
    fn estimates_worked_out_by_hand(site: &Site) {
        let grid = |more: Value| {
            let mut selector = json!({"data_version": "^1", "activity_id": "electricity/grid-average"});
            selector.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            selector
        };
        let gas = |method: &str| json!({"data_version": "^1", "activity_id": "combustion/natural-gas", "source_dataset": "ipcc-stationary-combustion", "calculation_method": method});
        let table = [
            // 0.5153 × 100; 1 MWh is 1000 of it; 3.6 GJ is 1 MWh
            (grid(json!({"region": "CN-ZJ", "year": 2022})), json!({"energy": 100, "energy_unit": "kWh"}), 51.53),
            (grid(json!({"region": "CN-ZJ", "year": "2022"})), json!({"energy": 1, "energy_unit": "MWh"}), 515.3),
            (grid(json!({"region": "CN-ZJ", "year": 2022})), json!({"energy": 3.6, "energy_unit": "GJ"}), 515.3),
            (grid(json!({"region": "CN-XZ", "year": 2022, "region_fallback": true})), json!({"energy": 1e2}), 53.66),
            (grid(json!({"region": "CN-ZJ", "year": 2024, "year_fallback": true})), json!({"energy": 100, "energy_unit": "kWh"}), 49.74),
            // without a year the most recent
            (grid(json!({"region": "CN-ZJ"})), json!({"energy": 100, "energy_unit": "kWh"}), 49.74),
            // four sectors burn natural gas; the highest methane is that of residential use, 5 kg: 56100 + 5 × 28 + 26.5
            (gas("ar5"), json!({"energy": 1, "energy_unit": "TJ"}), 56266.5),
            // 56100 + 5 × 29.8 + 27.3
            (gas("ar6"), json!({"energy": 1, "energy_unit": "TJ"}), 56276.3),
            // 56100 + 5 × 25 + 29.8
            (gas("ar4"), json!({"energy": 1, "energy_unit": "TJ"}), 56254.8),
        ];
        for (selector, parameters, co2e) in table {
            let body = json!({"emission_factor": selector, "parameters": parameters});
            let answer = estimated(site, &body);
            assert_eq!((&answer["co2e"], &answer["co2e_unit"]), (&json!(co2e), &json!("kg")), "{body}: {answer}");
            assert_eq!(answer["constituent_gases"]["co2e_total"], answer["co2e"], "{body}");
        }
        let answer = estimated(
            site,
            &json!({"emission_factor": grid(json!({"region": "CN-XZ", "year": 2022, "region_fallback": true})), "parameters": {"energy": 100}}),
        );
        assert!(["region_fallback", "default_unit", "co2_only"].iter().all(|code| codes(&answer).contains(code)), "{answer}");
        assert_eq!(answer["emission_factor"]["region"], "CN");
        let footprint = json!({"data_version": "^1", "activity_id": "electricity/national-average", "year": 2024});
        let answer = estimated(site, &json!({"emission_factor": footprint, "parameters": {"energy": 10, "energy_unit": "kWh"}}));
        assert_eq!((&answer["co2e"], &answer["co2e_calculation_method"]), (&json!(5.777), &Value::Null));
        assert!(codes(&answer).contains(&"calculation_method_unknown"), "{answer}");
    }
);

on_bundled!(
    fn an_id_names_one_number_for_ever(site: &Site) {
        let found =
            ok(site, &format!("{HOME}/search?data_version=%5E1&activity_id=electricity/grid-average&region=CN-ZJ&year=2021")).json();
        assert_eq!((&found["total_results"], &found["results"][0]["factor"]), (&json!(1), &json!(0.5422)));
        let id = found["results"][0]["id"].as_str().unwrap();
        let answer = estimated(site, &json!({"emission_factor": {"id": id}, "parameters": {"energy": 100, "energy_unit": "kWh"}}));
        assert_eq!((&answer["co2e"], &answer["emission_factor"]["id"]), (&json!(54.22), &json!(id)));
        let by_id = ok(site, &format!("{HOME}/search?data_version=%5E1&id={id}")).json();
        assert_eq!((&by_id["total_results"], &by_id["results"][0]), (&json!(1), &found["results"][0]));
        let none = estimate(site, &json!({"emission_factor": {"id": "ac3acf95-0d5e-4a95-b4bb-b816286ab249"}, "parameters": {"energy": 1}}));
        told(&none, "no_emission_factors_found");
    }
);

on_bundled!(
    fn what_is_asked_wrongly(site: &Site) {
        let selector = json!({"data_version": "^1", "activity_id": "electricity/grid-average", "region": "CN-ZJ", "year": 2022});
        let with = |name: &str, value: Value| {
            let mut changed = selector.clone();
            changed[name] = value;
            json!({"emission_factor": changed, "parameters": {"energy": 1}})
        };
        let table = [
            (json!({}), "invalid_body", ""),
            (json!([]), "invalid_body", ""),
            (json!({"emission_factor": selector, "parameters": {}, "more": 1}), "invalid_body", ""),
            (with("colour", json!("red")), "invalid_body", ""),
            (with("data_version", json!("99999")), "invalid_data_version", ""),
            (with("data_version", json!("x")), "invalid_data_version", ""),
            (with("data_version", Value::Null), "missing_data_version", ""),
            (with("activity_id", json!("electricity/grid-avarage")), "no_emission_factors_found", "electricity/grid-average"),
            (with("activity_id", json!("electricity/*")), "no_emission_factors_found", ""),
            (with("region", json!("CN-ZJJ")), "invalid_input", "CN-ZJ"),
            (with("region", json!("HK")), "no_emission_factors_found", "CN-ZJ"),
            (with("year", json!(2030)), "no_emission_factors_found", "2022"),
            (with("year", json!(20.5)), "invalid_input", ""),
            (with("calculation_method", json!("ar7")), "invalid_input", "ar6"),
            (with("source_dataset", json!("other")), "no_emission_factors_found", "cn-electricity-co2"),
            (with("source_lca_activity", json!("cradle_to_gate")), "no_emission_factors_found", "electricity_generation"),
            (with("allowed_data_quality_flags", json!([])), "data_quality_flags_not_allowed", "partial_factor"),
            (with("allowed_data_quality_flags", json!(["partial"])), "invalid_input", "partial_factor"),
            (with("id", json!("x")), "invalid_input", ""),
            (json!({"emission_factor": selector, "parameters": {"weight": 1}}), "invalid_unit_type_supplied", "Energy"),
            (json!({"emission_factor": selector, "parameters": {"energy": 1, "energy_unit": "kwh"}}), "invalid_unit_supplied", "kWh"),
            (json!({"emission_factor": selector, "parameters": {"energy": "1"}}), "invalid_input", ""),
            (json!({"emission_factor": selector, "parameters": {"energy": 1, "weight": 1}}), "invalid_unit_type_supplied", ""),
            (json!({"emission_factor": {"data_version": "^1"}, "parameters": {"energy": 1}}), "invalid_input", ""),
        ];
        for (body, code, valid) in &table {
            let json = told(&estimate(site, body), code);
            let listed = json["valid_values"].as_array().is_some_and(|values| values.contains(&json!(valid)));
            assert!(valid.is_empty() || listed, "{body}: {json}");
        }
        for (path, code) in [
            ("search", "missing_data_version"),
            ("search?data_version=%5E1&colour=red", "unknown_parameter"),
            ("search?data_version=%5E1&year=2022&year=2023", "invalid_input"),
            ("search?data_version=%5E1&page=0", "invalid_input"),
            ("search?data_version=%5E1&results_per_page=501", "invalid_input"),
            ("search?data_version=%5E1&unit_type=Energie", "invalid_input"),
            ("search?data_version=%5E1&region=Nowhere", "invalid_input"),
            ("search?data_version=%5E1&year=%00", "invalid_input"),
            ("search?data_version=%F0%9F%98%80", "invalid_data_version"),
            ("data-versions?a=1", "unknown_parameter"),
        ] {
            told(&site.get(&format!("{HOME}/{path}")), code);
        }
        let long = site.send("POST", &format!("{HOME}/estimate"), &[], Some(&vec![b' '; 2 << 20]));
        assert_eq!((long.status, &long.json()["error_code"]), (413, &json!("body-too-large")));
    }
);

on_bundled!(
    fn a_batch_keeps_its_order(site: &Site) {
        let good = json!({"emission_factor": {"data_version": "^1", "activity_id": "electricity/fossil-power", "year": 2022}, "parameters": {"energy": 1}});
        let batch = json!([good, {"emission_factor": {}, "parameters": {}}, good]);
        let answer = site.send("POST", &format!("{HOME}/estimate/batch"), &[], Some(batch.to_string().as_bytes()));
        let results = answer.json()["results"].as_array().unwrap().clone();
        assert_eq!(
            (results.len(), &results[0]["co2e"], &results[1]["error_code"], &results[2]["co2e"]),
            (3, &json!(0.8325), &json!("invalid_input"), &json!(0.8325))
        );
        let many = Value::from(vec![good; 101]);
        let answer = site.send("POST", &format!("{HOME}/estimate/batch"), &[], Some(many.to_string().as_bytes()));
        told(&answer, "batch_too_large");
    }
);

on_bundled!(
    fn direct_and_life_cycle_values_are_never_put_in_one_row(site: &Site) {
        // a number of facts pins what stood then: with the first release of the first dataset alone there is one year
        let versions = ok(site, &format!("{HOME}/data-versions")).json();
        let latest: i64 = versions["latest_release"].as_str().unwrap().parse().unwrap();
        let count = |version: &str| {
            ok(site, &format!("{HOME}/search?data_version={version}&activity_id=electricity/*")).json()["total_results"].as_u64().unwrap()
        };
        assert_eq!((count("0"), count(&latest.to_string())), (0, 141));
        assert_eq!(count("%5E99"), 141);
        let found = ok(site, &format!("{HOME}/search?data_version=%5E99&query=zhejiang")).json();
        assert!(codes(&found).contains(&"data_version_of_another_server"), "{found}");
        let page =
            ok(site, &format!("{HOME}/search?data_version=latest&activity_id=electricity/grid-average&results_per_page=100&page=2")).json();
        assert_eq!((&page["current_page"], &page["last_page"], page["results"].as_array().unwrap().len()), (&json!(2), &json!(2), 14));
        let filters = &page["possible_filters"];
        assert_eq!(filters["year"], json!([2023, 2022, 2021]));
        assert_eq!(
            (&filters["unit_type"], &filters["sector"], &filters["access_type"]),
            (&json!(["Energy"]), &json!(["Energy"]), &json!(["public"]))
        );
        assert_eq!(filters["data_quality_flags"], json!(["partial_factor"]));
    }
);

on_both!(
    fn no_rule_chooses_between_net_and_gross(site: &Site) {
        let gas =
            |basis, value| [("activity", "combustion/gas"), ("kind", "combustion"), ("per", "MJ"), ("basis", basis), ("value", value)];
        let rows = vec![row("gas/net", &gas("net_cv", "0.0561")), row("gas/gross", &gas("gross_cv", "0.0505"))];
        site.publish(&PackageDraft::new("made", "1.0.0", rows));
        site.wait_for_facts(1);
        let parameters = json!({"energy": 1, "energy_unit": "MJ"});
        let selector = json!({"data_version": "^1", "activity_id": "combustion/gas"});
        let refusal = told(&estimate(site, &json!({"emission_factor": selector, "parameters": parameters})), "ambiguous_selector");
        let message = refusal["message"].as_str().unwrap();
        assert!(["basis", "gross_cv", "net_cv"].iter().all(|word| message.contains(word)), "{message}");
        let ids = refusal["valid_values"].as_array().unwrap();
        let values: Vec<Value> = ids
            .iter()
            .map(|id| estimated(site, &json!({"emission_factor": {"id": id}, "parameters": parameters}))["co2e"].clone())
            .collect();
        assert_eq!(values, [json!(0.0505), json!(0.0561)]);
    }
);

on_both!(
    fn flags_raised_later_count_as_those_of_the_release(site: &Site) {
        let made = |key, year, value| row(key, &[("activity", "electricity/made"), ("year", year), ("value", value)]);
        site.publish(&PackageDraft::new("made", "1.0.0", vec![made("a", "2022", "0.9"), made("b", "2021", "0.7")]));
        site.wait_for_facts(1);
        let body = |more: Value| {
            let mut selector = json!({"data_version": "^1", "activity_id": "electricity/made"});
            selector.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"emission_factor": selector, "parameters": {"energy": 1, "energy_unit": "kWh"}})
        };
        assert_eq!(estimated(site, &body(json!({})))["co2e"], 0.9);
        let (dataset, version) = ("made".parse().unwrap(), semver::Version::new(1, 0, 0));
        let flagged = FlagOf { dataset: &dataset, version: &version, key: "a", flag: "erroneous_calculation" };
        release::flag(site.ground(), flagged, "the sum is wrong", "operator/w").unwrap();
        site.wait_for_facts(2);

        let search = format!("{HOME}/search?data_version=%5E1&activity_id=electricity/made");
        let found = ok(site, &search).json();
        let flags: Vec<(&Value, &Value)> =
            found["results"].as_array().unwrap().iter().map(|one| (&one["year"], &one["data_quality_flags"])).collect();
        assert!(flags[0].1.as_array().unwrap().contains(&json!("erroneous_calculation")), "{found}");
        assert!(!flags[1].1.as_array().unwrap().contains(&json!("erroneous_calculation")), "{found}");
        assert!(found["possible_filters"]["data_quality_flags"].as_array().unwrap().contains(&json!("erroneous_calculation")), "{found}");
        assert!(codes(&found).contains(&"later_notice"), "{found}");
        let found = ok(site, &format!("{search}&allowed_data_quality_flags=partial_factor")).json();
        assert_eq!((&found["total_results"], &found["results"][0]["year"]), (&json!(1), &json!(2021)));
        // the flagged one is passed over where another is there, and refused where it is asked for
        assert_eq!(estimated(site, &body(json!({})))["co2e"], 0.7);
        told(&estimate(site, &body(json!({"year": 2022}))), "data_quality_flags_not_allowed");
        let allowed = estimated(site, &body(json!({"allowed_data_quality_flags": ["partial_factor", "erroneous_calculation"]})));
        assert_eq!(allowed["co2e"], 0.9);
        assert!(codes(&allowed).contains(&"later_notice"), "{allowed}");
    }
);

on_both!(
    fn a_dead_token_is_not_taken_for_none(site: &Site) {
        let package = PackageDraft::new("shut", "1.0.0", vec![row("a", &[])]);
        let folder = tempfile::tempdir().unwrap();
        package.write(folder.path());
        site.import(folder.path(), "shut").unwrap();
        desk::set_restricted(site.ground(), &"shut".parse().unwrap(), true, "operator").unwrap();
        site.publish(&package);
        site.wait_for_facts(1);
        let token = |name: &str| {
            let (token, shown) =
                desk::create_token(site.ground(), &NewToken { name, role: Role::Reader, expires_at: None }, "operator").unwrap();
            desk::grant(site.ground(), &token.id, &"shut".parse().unwrap(), "operator").unwrap();
            (token.id, format!("Bearer {}", *shown))
        };
        let (dead_id, dead) = token("li");
        let (_, living) = token("wang");
        let path = format!("{HOME}/search?data_version=%5E1&activity_id=electricity/grid-average");
        let total = |shown: &str| {
            let found = site.get_with(&path, &[("Authorization", shown)]);
            assert_eq!(found.status, 200, "{shown}: {}", found.text());
            found.json()["total_results"].clone()
        };
        assert_eq!((total(&dead), total(&living), total("Bearer CLIMATIQ_API_KEY")), (json!(1), json!(1), json!(0)));
        desk::revoke_token(site.ground(), &dead_id, "operator").unwrap();
        let body =
            json!({"emission_factor": {"data_version": "^1", "activity_id": "electricity/grid-average"}, "parameters": {"energy": 1}});
        for shown in [dead.as_str(), "Bearer tanyin_0123456789abcdef_cut"] {
            let headers = [("Authorization", shown)];
            let sent = site.send("POST", &format!("{HOME}/estimate"), &headers, Some(body.to_string().as_bytes()));
            let batch = site.send("POST", &format!("{HOME}/estimate/batch"), &headers, Some(format!("[{body}]").as_bytes()));
            for answer in [site.get_with(&path, &headers), sent, batch] {
                let json = answer.json();
                let members: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
                assert_eq!((answer.status, members), (401, vec!["error", "error_code", "message", "valid_values"]), "{shown}: {json}");
                assert_eq!((&json["error"], &json["error_code"]), (&json!("unauthorized"), &json!("unauthorized")));
                assert!(answer.header("www-authenticate").is_some());
            }
        }
        assert_eq!((total(&living), total("Bearer CLIMATIQ_API_KEY")), (json!(1), json!(0)));
        lose_database(site);
        if site.database.starts_with("postgres") {
            let answer = site.get_with(&path, &[("Authorization", living.as_str())]);
            let json = answer.json();
            assert_eq!((answer.status, &json["error_code"]), (503, &json!("database-unavailable")), "{json}");
            assert_eq!(json["error"], "service_unavailable");
        }
        assert_eq!(total("Bearer CLIMATIQ_API_KEY"), json!(0), "another service's key takes no database");
    }
);
