//! Open India emission factors.

use super::{read, real};

#[test]
fn version_1_0() {
    let Some(file) = real("india-open-ef/emission_factors_v1.0.json") else { return };
    let read = read(&file, "in-open-ef", &[]);
    read.counts(74, 42, 42, 0, &[("a loss in percent, not a factor", 32)]);
    read.values(&[
        ("grid-india-national-weighted-avg", "0.7117", "kW.h", "0.7117"),
        ("grid-india-combined-margin", "0.7383", "kW.h", "0.7383"),
        ("grid-region-western", "0.89", "kW.h", "0.89"),
        ("grid-state-gujarat", "0.7886", "kW.h", "0.7886"),
        ("fuel-diesel-road-ttw", "2.675", "L", "2.675"),
        ("fuel-cng-road-ttw", "2.855", "kg", "2.855"),
        ("rail-freight-combined", "0.00996", "t.km", "0.00996"),
        ("rail-passenger-suburban-combined", "0.007976", "{passenger}.km", "0.007976"),
        ("stationary-coal-sub-bituminous-india", "1883.6", "t", "1883.6"),
        ("stationary-natural-gas", "2.0196", "m3", "2.0196"),
        ("refrigerant-r404a-gwp", "4728", "kg", "4728"),
        ("waste-msw-landfill-lifetime-india", "1004", "t", "1004"),
    ]);
    let grid = read.factor("grid-india-national-weighted-avg");
    assert_eq!((grid.metric.code(), grid.kind.as_str(), grid.scope.as_deref()), ("CO2", "electricity-direct", Some("2")));
    assert_eq!((grid.period.from.as_deref(), grid.period.to.as_deref()), (Some("2024-04-01"), Some("2025-03-31")));
    assert_eq!((grid.region.as_str(), grid.source.id.as_str()), ("IN", "open-india-ef-1.0"));
    assert_eq!(read.factor("grid-state-gujarat").region, "IN-GJ");
    assert_eq!(read.factor("stationary-coal-lignite").metric.code(), "CO2");
    assert_eq!(read.factor("refrigerant-r32-gwp").gwp.as_deref(), Some("ipcc-ar6-wg1-7sm7-gwp100"));
    assert!(read.factor("fuel-lpg-stationary-combustion").flags.contains(&"erroneous_calculation".to_owned()));
}

#[test]
fn version_1_1_adds_and_changes_nothing() {
    let Some(older) = real("india-open-ef/emission_factors_v1.0.json") else { return };
    let Some(newer) = real("india-open-ef/emission_factors_v1_1.json") else { return };
    let (older, newer) = (read(&older, "in-open-ef", &[]), read(&newer, "in-open-ef", &[]));
    newer.counts(95, 63, 63, 0, &[("a loss in percent, not a factor", 32)]);
    newer.values(&[
        ("process-cement-clinker-co2", "517.1", "t", "517.1"),
        ("process-cement-india-co2", "372.3", "t", "372.3"),
        ("process-aluminium-primary-soderberg-co2e", "8608", "t", "8608"),
        ("process-glass-flat-co2", "200", "t", "200"),
        ("agri-enteric-dairy-cattle-india", "1897.2", "{item}.a", "1897.2"),
        ("agri-enteric-goat-india", "139.5", "{item}.a", "139.5"),
        // kg of methane times 27.9
        ("agri-manure-cattle-ch4-india", "27.9", "{item}.a", "1.0"),
        ("agri-manure-poultry-ch4-india", "0.558", "{item}.a", "0.02"),
        ("agri-rice-lowland-kharif-india", "3152.7", "har", "3152.7"),
        ("agri-fertilizer-n2o-direct-india", "4.289", "kg", "4.289"),
        ("dg-set-lt15kva-co2e-per-kwh", "1.016", "kW.h", "1.016"),
    ]);
    let cattle = newer.factor("agri-enteric-dairy-cattle-india");
    assert_eq!(cattle.gases.iter().map(|gas| (gas.gas.as_str(), gas.kg.as_str())).collect::<Vec<_>>(), [("CH4", "68")]);
    for (key, factor) in &older.factors {
        let mut same = newer.factor(key).clone();
        assert_eq!(same.source.id, "open-india-ef-1.1");
        same.source = factor.source.clone();
        assert_eq!(&same, factor);
    }
    assert_eq!(newer.factors.len() - older.factors.len(), 21);
}
