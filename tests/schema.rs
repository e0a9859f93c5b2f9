//! The published schemas describe what is published.

use std::collections::BTreeSet;

use jsonschema::Validator;
use serde_json::{Value, json};
use tanyin::dataset::Lines;
use tanyin::factor::{Basis, Co2eOrigin, GwpSet, Metric, PriceBasis, SourceLevel, Status, flags, kinds};
use tanyin::release::Catalogue;

use crate::on_bundled;

fn schema(text: &str) -> (Value, Validator) {
    let schema: Value = serde_json::from_str(text).unwrap();
    let mut rootless = schema.clone();
    rootless.as_object_mut().unwrap().remove("$id"); // a relative id needs a base that nobody fetches
    let validator = jsonschema::validator_for(&rootless).unwrap();
    (schema, validator)
}

fn factor() -> (Value, Validator) {
    schema(include_str!("../schema/factor.json"))
}

fn manifest() -> (Value, Validator) {
    schema(include_str!("../schema/manifest.json"))
}

fn leaf() -> (Value, Validator) {
    schema(include_str!("../schema/leaf.json"))
}

fn proof() -> (Value, Validator) {
    schema(include_str!("../schema/proof.json"))
}

fn record() -> (Value, Validator) {
    schema(include_str!("../schema/record.json"))
}

fn package() -> (Value, Validator) {
    schema(include_str!("../schema/datapackage.json"))
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

on_bundled!(
    fn a_lockfile_fits(site: &Site) {
        let (_, lock) = schema(include_str!("../schema/lock.json"));
        let calculator = crate::lock::Calculator::new();
        calculator.pin(site, "cn-electricity-co2#grid-average/cn-zj/2022", &["--amount", "100", "--unit", "kW.h", "--label", "office"]);
        calculator.pin(site, "ipcc-gwp#ipcc-ar4-wg1-2.14-gwp100/ch4", &[]);
        let file = calculator.file();
        assert_eq!(faults(&lock, &file), [""; 0]);
        let ((_, factor), (_, manifest)) = (factor(), manifest());
        for own in file["factors"].as_array().unwrap() {
            assert_eq!(faults(&factor, &own["factor"]), [""; 0]);
        }
        for own in file["releases"].as_array().unwrap() {
            assert_eq!(faults(&manifest, &own["manifest"]), [""; 0]);
        }
        for place in ["", "/log", "/factors/0", "/factors/0/amount", "/releases/0"] {
            let mut more = file.clone();
            more.pointer_mut(place).unwrap().as_object_mut().unwrap().insert("zzz".into(), json!("x"));
            assert!(!faults(&lock, &more).is_empty() && tanyin::audit::lock::Lockfile::parse(&more.to_string()).is_err(), "{place}");
        }
    }
);

on_bundled!(
    fn every_line_and_manifest_fits(site: &Site) {
        let ((_, factor), (_, manifest)) = (factor(), manifest());
        let catalogue = Catalogue::load(site.ground()).unwrap();
        let mut count = 0;
        for release in catalogue.datasets().flat_map(|(_, releases)| releases.all()) {
            for line in Lines::new(release.data.lines()) {
                let faults = faults(&factor, &serde_json::from_slice(line).unwrap());
                assert!(faults.is_empty(), "{}: {faults:?} in {}", release.id(), String::from_utf8_lossy(line));
                count += 1;
            }
            let bytes = site.ground().blobs().read(release.manifest_digest).unwrap();
            let faults = faults(&manifest, &serde_json::from_slice(&bytes).unwrap());
            assert!(faults.is_empty(), "{}: {faults:?}", release.id());
            let bytes = site.ground().blobs().read(release.record_digest).unwrap();
            let proof = catalogue.release_proof(site.ground(), release, Some(0)).unwrap();
            for ((_, validator), value) in [
                (record(), serde_json::from_slice(&bytes).unwrap()),
                (leaf(), serde_json::from_str(&release.leaf).unwrap()),
                (self::proof(), serde_json::to_value(proof).unwrap()),
            ] {
                let faults = self::faults(&validator, &value);
                assert!(faults.is_empty(), "{}: {faults:?} in {value}", release.id());
            }
        }
        assert_eq!(count, 40 + 80 + 120 + 10 + 21 + 216 + 133);
    }
);

#[test]
fn every_bundled_package_fits() {
    let (_, package) = package();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets");
    let folders = |path: &std::path::Path| -> Vec<_> {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let versions: Vec<_> = folders(&root).iter().flat_map(|dataset| folders(dataset)).collect();
    assert_eq!(versions.len(), 7);
    for version in versions {
        let value = serde_json::from_slice(&std::fs::read(version.join("datapackage.json")).unwrap()).unwrap();
        assert_eq!(faults(&package, &value), [""; 0], "{}", version.display());
    }
}

#[test]
fn the_examples_fit() {
    for (schema, validator) in [factor(), manifest(), package(), leaf()] {
        for example in schema["examples"].as_array().unwrap() {
            assert_eq!(faults(&validator, example), [""; 0], "{}", schema["$id"]);
        }
    }
}

/// What the program reads as a leaf is what the schema says, kind by kind.
#[test]
fn leaves_are_those_of_the_program() {
    let (schema, validator) = leaf();
    for example in schema["examples"].as_array().unwrap() {
        let read = |value: &Value| {
            let bytes = serde_json_canonicalizer::to_vec(value).unwrap();
            tanyin::release::PublicFact::from_leaf(&bytes, "example").is_ok()
        };
        assert!(read(example), "{example}");
        for name in example.as_object().unwrap().keys() {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(name);
            assert!(!read(&without) && !faults(&validator, &without).is_empty(), "{without}");
        }
        for (name, value) in [("format", "2"), ("kind", "forget"), ("more", "x")] {
            let mut other = example.clone();
            other[name] = json!(value);
            assert!(!read(&other) && !faults(&validator, &other).is_empty(), "{other}");
        }
    }
}

/// A factor with every member that there can be, so that none is missing in the schema.
fn full() -> Value {
    json!({
        "activity": "a", "basis": "net_cv", "boundary": "cradle-to-gate", "category": "c", "certificate": "c",
        "classifications": [{"code": "01", "scheme": "hs"}], "co2e_origin": "source_published",
        "derived_from": [{"dataset": "ab", "key": "k", "version": "1.0.0"}], "description": {"en": "d", "zh": "描述"},
        "flags": ["price_year_unknown"], "gases": [{"gas": "CH4", "kg": "0.1", "origin": "fossil"}],
        "gases_co2e": [{"co2e": "0.1", "gas": "HFCs"}], "gwp": "ipcc-ar5-wg1-8.a1-gwp100", "key": "k", "kind": "spend", "metric": "CO2e",
        "name": {"en": "n"}, "note": {"zh": "注"}, "per": "CNY", "period": {"from": "2022-01-01", "to": "2022-12-31"},
        "price_basis": "basic", "price_year": 2020, "published": "2023-01-01", "quality": {"dqr": "1.8", "scheme": "pef", "scores": {"P": 2}},
        "region": "CN", "rule": "r", "scope": "3.1",
        "source": {"id": "s", "level": "industry", "locator": "p. 1", "unit_text": "kg", "value_text": "1"},
        "stages": [{"stage": "A1", "value": "1"}], "status": "valid", "synonyms": {"en": ["x"], "zh": ["y"]}, "technology": "t",
        "uncertainty": {"percent": "5", "type": "percent"}, "valid": {"from": "2023-01-01"}, "value": "1", "year": 2022
    })
}

#[test]
fn the_schema_knows_every_member_and_no_other() {
    let (schema, validator) = factor();
    let full = full();
    assert_eq!(faults(&validator, &full), [""; 0]);
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&full), names(&schema["properties"]));
    // the program reads and writes exactly these
    let line = serde_json_canonicalizer::to_vec(&full).unwrap();
    let read = tanyin::factor::Factor::from_line(&line).unwrap();
    assert_eq!(String::from_utf8(read.to_line().unwrap()).unwrap(), String::from_utf8(line).unwrap());
    for name in names(&full) {
        let mut without = full.clone();
        without.as_object_mut().unwrap().remove(&name);
        let reads = tanyin::factor::Factor::from_line(without.to_string().as_bytes()).is_ok();
        assert_eq!(reads, !schema["required"].as_array().unwrap().contains(&json!(name)), "{name}");
    }
    let mut more = full.clone();
    more["version"] = json!("1.0.0");
    assert!(!faults(&validator, &more).is_empty() && tanyin::factor::Factor::from_line(more.to_string().as_bytes()).is_err());
}

#[test]
fn the_code_lists_are_the_programs() {
    let (schema, _) = factor();
    let listed = |pointer: &str| -> BTreeSet<String> {
        let codes = schema.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("{pointer}"));
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    };
    let own = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(listed("/properties/kind/enum"), kinds().keys().cloned().collect());
    assert_eq!(listed("/properties/flags/items/enum"), flags().keys().cloned().collect());
    assert_eq!(listed("/properties/gwp/enum"), GwpSet::ids().map(str::to_owned).collect());
    assert_eq!(listed("/properties/metric/enum"), own(Metric::CODES));
    assert_eq!(listed("/properties/basis/enum"), own(Basis::CODES));
    assert_eq!(listed("/properties/price_basis/enum"), own(PriceBasis::CODES));
    assert_eq!(listed("/properties/co2e_origin/enum"), own(Co2eOrigin::CODES));
    assert_eq!(listed("/properties/status/enum"), own(Status::CODES));
    assert_eq!(listed("/properties/source/properties/level/enum"), own(SourceLevel::CODES));
}

/// Decimals that the program reads are those that the schema accepts.
#[test]
fn decimals_have_one_form() {
    let (_, validator) = factor();
    let nines = |count: usize| "9".repeat(count);
    let texts = [
        "0",
        "0.0",
        "-1",
        "10",
        "0.50",
        "1.",
        ".5",
        "+1",
        "-0",
        "-0.0",
        "01",
        "1e3",
        "1,5",
        "",
        " 1",
        "NaN",
        "0.00000001",
        "-0.5",
        "００",
        "1000000000000000000000000000000000000",
    ];
    let long = [nines(34), nines(35), format!("0.{}", nines(34)), format!("0.0{}", nines(35)), format!("1.{}", nines(33))];
    for text in texts.into_iter().map(str::to_owned).chain(long) {
        let mut factor = full();
        factor["value"] = json!(text);
        let fits = faults(&validator, &factor).is_empty();
        assert_eq!(fits, text.parse::<tanyin::factor::Decimal>().is_ok(), "{text}");
    }
}
