//! Climatiq's Open Emission Factors DB, before and after a column was added.

use super::{Read, read, real};

fn version(name: &str) -> Option<Read> {
    let file = real(&format!("climatiq-oefdb/OpenEmissionFactorsDB.2022-03-24_{name}-dq-column.csv"))?;
    Some(read(&file, "climatiq-oefdb", &[]))
}

#[test]
fn after_the_column() {
    let Some(read) = version("after") else { return };
    read.counts(4163, 4161, 5113, 0, &[("biogenic CO2 alone, which counts 0", 2)]);
    read.values(&[
        ("agriculture_forestry_support-type_agriculture_forestry_support/us/usd/epa/shelf/rel-20/ar4", "0.444", "USD", "0.444"),
        ("consumer_goods-type_clothing_clothing_accessories_stores/us/usd/epa/shelf/rel-20/ar4", "0.215", "USD", "0.215"),
        ("electricity-energy_source_grid_mix/us-aznm/kwh/epa/gen/rel-22/ar4", "0.385629", "kW.h", "0.385629"),
        ("fuel_type_lpg-fuel_use_na/gb/tonne/beis/wtt/rel-21/ar4", "347.0093", "t", "347.0093"),
        ("networking-provider_aws-region_sa_east_1/br-sao/gb/ccf/use/rel-21/ar4", "0.00008399", "GBy", "0.00008399"),
        ("fugitive_gas-type_hfc_236ea/us/kg/epa/unknown/rel-21/ar4", "1370", "kg", "1370"),
        (
            "passenger_train-route_type_na-fuel_source_electricity/lu/passenger-km/ademe/up_use/rel-21/ar5",
            "0.0397",
            "{passenger}.km",
            "0.0397",
        ),
        ("waste_type_steel_cans-disposal_method_combusted/us/short-ton/epa/eol/rel-21/ar4", "0.01", "[ston_av]", "0.01"),
        ("water-treatment/gb/m3/beis/up/rel-21/ar4", "0.272", "m3", "0.272"),
        ("fugitive_gas-type_hcfc_123/global/kg/ghg-protocol/unknown/rel-21/ar4", "77", "kg", "77"),
        ("fugitive_gas-type_hcfc_123/global/kg/ghg-protocol/unknown/rel-21/ar5", "79", "kg", "79"),
        ("electricity-energy_source_grid_mix/ae/kwh/ademe/gen/rel-21/co2", "0.598", "kW.h", "0.598"),
    ]);
}

#[test]
fn sets_gases_and_places() {
    let Some(read) = version("after") else { return };
    let set = |key: &str| read.factor(key).gwp.clone();
    let refrigerant = "fugitive_gas-type_hcfc_123/global/kg/ghg-protocol/unknown/rel-21";
    assert_eq!(set(&format!("{refrigerant}/ar4")).as_deref(), Some("ipcc-ar4-wg1-2.14-gwp100"));
    assert_eq!(set(&format!("{refrigerant}/ar5")).as_deref(), Some("ipcc-ar5-wg1-8.a1-gwp100"));
    // which methane ADEME's AR5 has, the table does not say
    let train = read.factor("passenger_train-route_type_na-fuel_source_electricity/lu/passenger-km/ademe/up_use/rel-21/ar5");
    assert_eq!(
        (train.gwp.as_deref(), train.flags.as_slice()),
        (None, ["gwp_unknown".to_owned(), "secondary_source".to_owned()].as_slice())
    );
    // gases alone: 0.40107 + 25 × 0.000034 + 298 × 0.000005
    let grid = read.factor("electricity-energy_source_grid_mix/us/kwh/epa/gen/rel-21/ar4");
    assert_eq!((grid.value.as_str(), grid.co2e_origin), ("0.40341", Some(tanyin::factor::Co2eOrigin::RecomputedByUs)));
    // the CO2 of bagasse is biogenic and counts 0: 25 × 0.0019 + 298 × 0.00042
    assert_eq!(read.factor("fuel_type_bagasse-fuel_use_stationary_combustion/us/mmbtu/epa/burn/rel-21/ar4").value.as_str(), "0.17266");
    let subregion = read.factor("electricity-energy_source_grid_mix/us-camx/kwh/epa/gen/rel-22/ar4");
    assert_eq!(
        (subregion.region.as_str(), subregion.flags.as_slice()),
        ("US", ["proxy_region".to_owned(), "secondary_source".to_owned()].as_slice())
    );
    assert_eq!(
        read.factor("electricity-energy_source_grid_mix_location_based/cn-c/kwh/ghg-protocol/gen/rel-21/ar4").region,
        "CN-GRID-CENTRAL"
    );
    let ghg: Vec<_> = read.factors.values().filter(|factor| factor.gases_co2e.iter().any(|part| part.gas == "CO2")).collect();
    assert!(!ghg.is_empty() && ghg.iter().all(|factor| factor.note.en.as_deref().is_some_and(|note| note.contains("Biogenic CO2"))));
}

#[test]
fn a_new_column_is_not_a_change_of_data() {
    let (Some(before), Some(after)) = (version("before"), version("after")) else { return };
    before.counts(4163, 4161, 5113, 0, &[("biogenic CO2 alone, which counts 0", 2)]);
    let differing: Vec<_> = after.factors.iter().filter(|(key, factor)| before.factors.get(*key) != Some(factor)).take(3).collect();
    assert_eq!((before.factors.len(), after.factors.len(), differing.len()), (5113, 5113, 0), "{differing:#?}");
}
