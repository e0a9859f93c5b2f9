//! One table of an Australian workbook, read by a profile of one's own: what docs/profiles.md teaches.

use super::{read, real};

const PROFILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/profiles/nga.toml");

#[test]
fn solid_fuels_2024() {
    let Some(file) = real("australia-nga/national-greenhouse-account-factors-2024.xlsx") else { return };
    let read = read(&file, PROFILE, &[]);
    read.counts(20, 20, 24, 0, &[]);
    read.values(&[
        ("solid-fuels/bituminous-coal/combustion", "90.24", "GJ", "90.24"),
        ("solid-fuels/bituminous-coal/upstream", "3", "GJ", "3"),
        ("solid-fuels/sub-bituminous-coal/upstream", "2.5", "GJ", "2.5"),
        ("solid-fuels/anthracite/combustion", "90.24", "GJ", "90.24"),
        ("solid-fuels/brown-coal-lignite/combustion", "93.82", "GJ", "93.82"),
        ("solid-fuels/brown-coal-lignite/upstream", "0.4", "GJ", "0.4"),
        ("solid-fuels/coking-coal/upstream", "6.4", "GJ", "6.4"),
        ("solid-fuels/coal-coke/combustion", "107.23", "GJ", "107.23"),
        ("solid-fuels/bagasse/combustion", "1.4", "GJ", "1.4"),
        ("solid-fuels/charcoal/combustion", "6.3", "GJ", "6.3"),
    ]);
    let coal = read.factor("solid-fuels/bituminous-coal/combustion");
    let gases: Vec<_> = coal.gases_co2e.iter().map(|part| (part.gas.as_str(), part.co2e.as_str())).collect();
    assert_eq!(gases, [("CH4", "0.04"), ("CO2", "90"), ("N2O", "0.2")]);
    assert_eq!((coal.region.as_str(), coal.source.id.as_str()), ("AU", "nga-factors-2024"));
    assert!(!read.factors.contains_key("solid-fuels/anthracite/upstream"));
}
