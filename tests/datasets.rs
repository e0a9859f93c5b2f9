//! The bundled datasets against what they were read in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use tanyin::dataset::Lines;
use tanyin::factor::{Factor, GwpSet, Origin, SourceLevel};
use tanyin::release::Catalogue;

use crate::site::{Kind, Site};

fn factors(release: &str) -> BTreeMap<String, Factor> {
    let catalogue = Catalogue::load(Site::bundled(Kind::Sqlite).ground()).unwrap();
    let release = catalogue.resolve(release).unwrap().release;
    let factors = Lines::new(release.data.lines()).map(|line| Factor::from_line(line).unwrap());
    factors.map(|factor| (factor.key.clone(), factor)).collect()
}

#[test]
fn releases_are_cumulative() {
    let table = [
        ("cn-electricity-co2", vec![("1.0.0", 40, 2021), ("1.1.0", 80, 2022), ("1.2.0", 120, 2023)]),
        ("cn-electricity-footprint", vec![("1.0.0", 10, 2023), ("1.1.0", 21, 2024)]),
    ];
    for (dataset, releases) in table {
        let mut before = BTreeMap::new();
        for (version, count, year) in releases {
            let now = factors(&format!("{dataset}@{version}"));
            assert_eq!(now.len(), count, "{dataset}@{version}");
            assert!(before.iter().all(|(key, factor)| now.get(key) == Some(factor)), "{dataset}@{version} keeps what was before");
            let new = now.iter().filter(|(key, _)| !before.contains_key(*key));
            assert!(new.into_iter().all(|(_, factor)| factor.year == Some(year)), "{dataset}@{version}");
            before = now;
        }
    }
    assert_eq!(factors("ipcc-stationary-combustion@1.0.0").len(), 54 * 4);
    assert_eq!(Catalogue::load(Site::bundled(Kind::Sqlite).ground()).unwrap().facts(), 7);
}

/// No table has Tibet, Hong Kong, Macao or Taiwan, so neither have we.
#[test]
fn places_are_those_of_the_tables() {
    let places: BTreeSet<String> = factors("cn-electricity-co2").into_values().map(|factor| factor.region).collect();
    let provinces = places.iter().filter(|place| place.starts_with("CN-") && !place.starts_with("CN-GRID-")).count();
    let grids = places.iter().filter(|place| place.starts_with("CN-GRID-")).count();
    assert_eq!((provinces, grids, places.len()), (30, 7, 38));
    for absent in ["CN-XZ", "CN-HK", "CN-MO", "CN-TW", "HK", "MO", "TW"] {
        assert!(!places.contains(absent), "{absent}");
    }
}

/// The text of an official PDF; nothing where it is not shared or cannot be read here.
fn official(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cn-official").join(name);
    if !path.is_file() {
        eprintln!("SKIPPED: {} is not here, so the figures were not compared with it", path.display());
        return None;
    }
    match Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output() {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).ok(),
        _ => {
            eprintln!("SKIPPED: pdftotext cannot read {}: install poppler-utils", path.display());
            None
        }
    }
}

/// Row and figure of every line that ends in a number with four decimals, with the table that it stands in.
fn figures(text: &str) -> Vec<(char, String, String)> {
    let mut table = '?';
    let mut found = Vec::new();
    for line in text.lines() {
        let squeezed: String = line.split_whitespace().collect();
        if let Some(number) = squeezed.strip_prefix('表').and_then(|rest| rest.chars().next()) {
            table = number;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [row, figure] = words.as_slice()
            && figure
                .split_once('.')
                .is_some_and(|(whole, part)| whole == "0" && part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit()))
        {
            found.push((table, (*row).to_owned(), (*figure).to_owned()));
        }
    }
    found
}

/// Each figure of the document is one factor's value, whose locator names its table and row, and no factor is left over.
fn compare(document: &str, release: &str, year: i32, expected: usize) {
    let Some(text) = official(document) else { return };
    let figures = figures(&text);
    assert_eq!(figures.len(), expected, "{document}");
    let mut left: BTreeMap<_, _> = factors(release).into_iter().filter(|(_, factor)| factor.year == Some(year)).collect();
    for (table, row, figure) in figures {
        let place = format!("(表{table}), row {row}");
        let key = left.iter().find(|(_, f)| f.source.locator.as_deref().is_some_and(|l| l.ends_with(&place))).map(|(key, _)| key.clone());
        let factor = key.and_then(|key| left.remove(&key)).unwrap_or_else(|| panic!("no factor for table {table}, {row}"));
        assert_eq!(factor.value.as_str(), figure, "{}", factor.key);
        assert_eq!(factor.source.value_text.as_deref(), Some(figure.as_str()), "{}", factor.key);
        assert_eq!(factor.source.level, Some(SourceLevel::OfficialNational), "{}", factor.key);
    }
    assert!(left.is_empty(), "not in {document}: {:?}", left.keys());
}

#[test]
fn the_grid_factors_of_2023_are_those_of_the_announcement() {
    compare("mee-2025-47-annex-grid-co2-factors-2023.pdf", "cn-electricity-co2", 2023, 40);
}

#[test]
fn the_footprint_factors_of_2024_are_those_of_the_notice() {
    compare("mee-electricity-footprint-factors-2024-annex.pdf", "cn-electricity-footprint", 2024, 11);
}

/// Every place's row names the place of its code: the letters HE, HA, HB, HN are easily mixed up.
#[test]
fn codes_and_names_go_together() {
    for (key, factor) in factors("cn-electricity-co2") {
        let region = tanyin::factor::Region::get(&factor.region).unwrap_or_else(|| panic!("{key}"));
        let official = region.name.zh.clone().unwrap_or_default();
        let locator = factor.source.locator.unwrap();
        let row = locator.rsplit("row ").next().unwrap();
        let same = if factor.region == "CN" { row == "全国" } else { official.starts_with(row) };
        assert!(same, "{key}: {} is {official}, the row is {row}", factor.region);
    }
}

#[test]
fn the_gwp_factors_are_the_programs_own_sets() {
    let mut left = factors("ipcc-gwp");
    for set in GwpSet::all() {
        for entry in &set.values {
            let origin = match entry.origin {
                Some(Origin::Fossil) => "-fossil",
                Some(Origin::Biogenic) => "-biogenic",
                None => "",
            };
            let key = format!("{}/{}{origin}", set.id, entry.gas.to_lowercase());
            let factor = left.remove(&key).unwrap_or_else(|| panic!("no factor {key}"));
            assert_eq!((factor.value.as_str(), factor.per.as_str()), (entry.value.as_str(), "kg"), "{key}");
            assert_eq!((factor.gwp.as_deref(), factor.kind.as_str()), (Some(set.id.as_str()), "gwp"), "{key}");
            assert_eq!(factor.flags.iter().any(|flag| flag == "value_disputed"), entry.disputed.is_some(), "{key}");
            let cas = factor.classifications.iter().find(|code| code.scheme == "cas").map(|code| code.code.as_str());
            assert_eq!(cas, Some(entry.cas.as_str()), "{key}");
        }
    }
    assert!(left.is_empty(), "{:?}", left.keys());
}

/// The CO2e of the combustion factors is the exact sum of their gases under the set that they name.
#[test]
fn the_combustion_factors_add_up_exactly() {
    let factors = factors("ipcc-stationary-combustion");
    let fuels: BTreeSet<&str> = factors.values().map(|factor| factor.activity.as_str()).collect();
    let sectors: BTreeSet<_> = factors.values().map(|factor| factor.technology.as_deref()).collect();
    assert_eq!((fuels.len(), sectors.len()), (54, 4));
    for (key, factor) in &factors {
        let set = GwpSet::get(factor.gwp.as_deref().unwrap()).unwrap();
        assert_eq!(set.id, "ipcc-ar5-wg1-8.a1-gwp100");
        assert_eq!(set.co2e(&factor.gases).unwrap(), factor.value.to_rational(), "{key}");
    }
    assert_eq!(factors["combustion/natural-gas/energy-industries"].value.as_str(), "56154.5");
}
