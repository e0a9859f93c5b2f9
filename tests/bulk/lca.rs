//! openLCA, ILCD and PACT: each file read by the programs that it is for, and again by our own importers, to the same values.

use std::collections::BTreeMap;
use std::path::Path;

use tanyin::bulk::footprint_id;
use tanyin::canon::Digest;
use tanyin::factor::{Factor, Metric, Unit, is_currency};

use super::file;
use super::hostile::hostile;
use crate::import::lca::{Read, read_path};
use crate::site::consumers::python;
use crate::site::{Kind, PackageDraft, Site, row};

/// A footprint that states everything that PACT requires, and its neighbours that do not.
fn products() -> PackageDraft {
    let complete = [
        ("kind", "product-lifecycle"),
        ("activity", "metal/steel"),
        ("name_en", "Steel, hot rolled"),
        ("name_zh", "热轧钢"),
        ("metric", "CO2e"),
        ("per", "kg"),
        ("value", "2.310"),
        ("gwp", "ipcc-ar6-wg1-7.15-gwp100"),
        ("boundary", "cradle-to-gate"),
        ("rule", "ISO 14067:2018; EPD International: PCR 2012:01"),
        ("published", "2025-02-03"),
        ("period_from", "2023-01-01"),
        ("period_to", "2023-12-31"),
        ("valid_from", "2025-01-01"),
        ("valid_until", "2027-12-31"),
        ("region", "CN-HE"),
        ("year", "2023"),
        ("dqr", "pact:technologicalDQR=1.5,geographicalDQR=2,temporalDQR=1"),
        (
            "classifications",
            "cpc-2.1=41211;pact-exempted-emissions-percent=0.5;pact-fossil-carbon-content=0;pact-fossil-ghg-emissions=2.310;\
             pact-pcf-including-biogenic-uptake=2.310",
        ),
    ];
    let with = |changes: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        let kept = complete.iter().filter(|(name, _)| !changes.iter().any(|(own, _)| own == name));
        kept.chain(changes).copied().collect()
    };
    let long = "x".repeat(10_000);
    let mut long_name = with(&[]);
    let long: &'static str = Box::leak(long.into_boxed_str());
    long_name.retain(|(name, _)| *name != "description_en");
    long_name.push(("description_en", long));
    let rows = vec![
        row("steel/complete", &complete),
        row("steel/per-tonne", &with(&[("per", "t"), ("value", "2310"), ("region", "030")])),
        row("steel/no-percent", &with(&[("classifications", "cpc-2.1=41211")])),
        row("steel/to-grave", &with(&[("boundary", "cradle-to-grave")])),
        row("steel/co2", &with(&[("metric", "CO2"), ("gwp", "")])),
        row("steel/zh-only", &with(&[("name_en", ""), ("region", "GLO")])),
        row("steel/en-only", &with(&[("name_zh", ""), ("region", "TW")])),
        row("steel/long", &long_name),
        row("steel/grid", &with(&[("region", "CN-GRID-EAST")])),
        row("ride/person", &with(&[("per", "{passenger}.km"), ("kind", "transport")])),
        row("ride/vehicle", &with(&[("per", "{vehicle}.km"), ("kind", "transport")])),
        row("ride/gallon", &with(&[("per", "[gal_us]")])),
        row("freight", &with(&[("per", "t.km"), ("kind", "transport")])),
        row("range", &with(&[("uncertainty", "range:2.0..2.5@95")])),
        row("triangular", &with(&[("uncertainty", "triangular:2..2.31..3")])),
        row("pedigree", &with(&[("dqr", "pedigree:(1;2;3;4;5)")])),
        row("negative", &with(&[("value", "-0.50"), ("kind", "removal")])),
        row("staged", &with(&[("stages", "A1=2.000;A2=0.310")])),
    ];
    let mut package = PackageDraft::new("products", "1.0.0", rows);
    package.description["contributors"] = serde_json::json!([{"title": "Steelworks", "roles": ["publisher"]}]);
    package
}

fn save(site: &Site, release: &str, folder: &Path) {
    for name in ["factors.ndjson", "openlca.zip", "ilcd.zip", "pact.json"] {
        std::fs::write(folder.join(name), file(site, release, name).body).unwrap();
    }
}

/// Reads the three files by the programs that they are for, and by our own importers. Gives the footprints, complete and not.
fn read_by_all(site: &Site, release: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    save(site, release, folder.path());
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let lines = path("factors.ndjson");
    let factors = factors(&std::fs::read(&lines).unwrap());
    for (script, name) in [("openlca.py", "openlca.zip"), ("ilcd.py", "ilcd.zip")] {
        assert_eq!(python(script, &[&path(name), &lines]).trim(), factors.len().to_string(), "{name}");
        read_back(&factors, &read_path(Path::new(&path(name))).1, name);
    }
    python("pact.py", &[&path("pact.json"), &lines, "complete"]).trim().to_owned()
}

fn factors(lines: &[u8]) -> BTreeMap<String, Factor> {
    let lines = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Factor::from_line(line).unwrap()).map(|factor| (factor.key.clone(), factor)).collect()
}

/// What the importer makes of our file is what was released, for all that the format carries.
fn read_back(factors: &BTreeMap<String, Factor>, read: &Read, name: &str) {
    let (carried, left): (Vec<_>, Vec<_>) = factors.values().partition(|own| own.metric == Metric::Co2e && !is_currency(&own.per));
    let money = left.iter().filter(|own| own.metric == Metric::Co2e).count();
    assert_eq!(read.wrong, money as u64, "{name}: {:?}", read.findings);
    assert_eq!(read.factors.len(), carried.len(), "{name}: {:?}", read.findings);
    for found in read.factors.values() {
        let words = found.description.en.iter().chain(&found.description.zh).find(|text| text.contains(", sha256:")).unwrap();
        let key = words.rsplit_once(", sha256:").unwrap().0.rsplit_once('#').unwrap().1;
        same(&factors[key], found, name);
        assert_eq!(found.per, factors[key].per, "{name} {key}");
    }
}

#[track_caller]
fn same(own: &Factor, found: &Factor, name: &str) {
    let ratio = Unit::parse(&own.per).unwrap().in_terms_of(&Unit::parse(&found.per).unwrap()).unwrap();
    assert_eq!(found.value.to_rational() * ratio, own.value.to_rational(), "{name} {}: {} per {}", own.key, found.value, found.per);
    assert_eq!(found.region, own.region, "{name} {}", own.key);
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let given = found.name.en.as_ref().or(found.name.zh.as_ref()).unwrap();
    let names: Vec<String> = own.name.en.iter().chain(&own.name.zh).map(|name| one_line(name)).collect();
    assert!(names.contains(given), "{name} {}: {given} is none of {names:?}", own.key);
}

#[test]
fn bundled() {
    let site = Site::bundled(Kind::Sqlite);
    for (release, footprints) in [
        ("cn-electricity-co2@1.2.0", "0 0"),
        ("cn-electricity-footprint@1.1.0", "0 21"),
        ("ipcc-stationary-combustion@1.0.0", "0 0"),
        ("ipcc-gwp@1.0.0", "0 0"),
    ] {
        assert_eq!(read_by_all(site, release), footprints, "{release}");
    }
}

#[test]
fn hostile_texts_and_every_member() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&hostile());
    read_by_all(&site, "hostile@1.0.0");
}

#[test]
fn products_of_every_sort() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&products());
    assert_eq!(read_by_all(&site, "products@1.0.0"), "9 2");
    let pact = file(&site, "products@1.0.0", "pact.json");
    let left = &pact.json()["leftOut"];
    assert_eq!(left["missing"]["exemptedEmissionsPercent"], 1, "{left}");
    let reasons = left["notAFootprint"].as_object().unwrap();
    assert_eq!(reasons.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 7, "{left}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pact.json");
    std::fs::write(&path, &pact.body).unwrap();
    let lines = file(&site, "products@1.0.0", "factors.ndjson").body;
    let (_, read) = read_path(&path);
    let dataset = "products".parse().unwrap();
    let mut back = 0;
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        if let Some(found) = read.factors.get(&format!("pcf/{}", footprint_id(&dataset, &Digest::of(line)))) {
            let own = Factor::from_line(line).unwrap();
            same(&own, found, "pact.json");
            assert_eq!((&found.valid, &found.published, &found.period), (&own.valid, &own.published, &own.period), "{}", own.key);
            back += 1;
        }
    }
    assert_eq!((back, read.wrong), (9, 0), "{:?}", read.findings);
}

#[test]
fn equal_releases_give_equal_files() {
    let made = || {
        let site = Site::new(Kind::Sqlite).at_time(|| "2026-01-02T03:04:05Z".parse().unwrap());
        site.publish(&products());
        ["openlca.zip", "ilcd.zip", "pact.json"].map(|name| Digest::of(&file(&site, "products@1.0.0", name).body))
    };
    assert_eq!(made(), made());
}
