//! UK Government conversion factors, the flat file of 2016, 2021, 2023 and 2024.

use std::collections::BTreeMap;

use super::{Read, read, real};

const FOLDER: &str = "uk-desnz-conversion-factors";
const PROFILE: &str = "uk-desnz-flat";
const AR4: &str = "ipcc-ar4-wg1-2.14-gwp100";
const AR5: &str = "ipcc-ar5-wg1-8.a1-gwp100";

const BLANK: &str = "no value is given";
const BOUND: &str = "a bound (< 1) is given, not a value";
const ENERGY: &str = "energy per distance (kWh), not greenhouse gases";
const STRAY: &str = "a stray mark stands where the figure's unit should (energy by its heading)";
const NO_REGION: &str = "an average over countries that has no region code";
const END: &str = "end of the table";

fn edition(name: &str) -> Option<Read> {
    real(&format!("{FOLDER}/{name}")).map(|file| read(&file, PROFILE, &[]))
}

fn of_2016() -> Option<Read> {
    edition("2016_Flat_format_file_v01-01.xlsx")
}

fn of_2021() -> Option<Read> {
    edition("conversion-factors-2021-flat-file-automatic-processing.xls")
}

fn of_2023() -> Option<Read> {
    edition("ghg-conversion-factors-2023-flat-file-update.xlsx")
}

fn of_2024() -> Option<Read> {
    edition("ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx")
}

/// What each gas adds, in CO2e.
#[track_caller]
fn parts(read: &Read, key: &str, expected: [(&str, &str); 3]) {
    let factor = read.factor(key);
    let found: Vec<(&str, &str)> = factor.gases_co2e.iter().map(|part| (part.gas.as_str(), part.co2e.as_str())).collect();
    assert_eq!(found, expected, "{key}");
    assert!(factor.gases.is_empty(), "{key}: the rows of the gases are CO2e, not kg of the gas");
}

/// What holds for every factor of an edition.
fn check_all(read: &Read, year: i32, gwp: &str) {
    for factor in read.factors.values() {
        let key = &factor.key;
        let is_co2 = factor.metric.code() == "CO2";
        assert_eq!(factor.year, Some(year), "{key}");
        assert_eq!(factor.gwp.as_deref(), (!is_co2).then_some(gwp), "{key}");
        assert_eq!(factor.scope.as_deref() == Some("outside"), key.starts_with("outside-of-scopes/"), "{key}");
        assert_eq!(factor.kind == "upstream" && factor.boundary.as_deref() == Some("well-to-tank"), key.starts_with("wtt-"), "{key}");
        assert!(!factor.flags.iter().any(|flag| flag == "converted_by_us"), "{key}");
        assert!(!key.starts_with("secr-"), "{key}");
    }
    // no key is taken for one that names a year
    assert!(!read.report.items.iter().any(|item| item.rule == "year-of-key"), "{:?}", read.report.items);
}

#[test]
fn the_file_of_2016() {
    let Some(read) = of_2016() else { return };
    read.counts(5483, 2070, 2070, 2895, &[(BLANK, 504), (BOUND, 2), (NO_REGION, 12)]);
    read.values(&[
        ("fuels/gaseous-fuels/natural-gas/cubic-metres", "2.0283825371943944", "m3", "2.0283825371943944"),
        ("fuels/liquid-fuels/diesel-average-biofuel-blend/litres", "2.6116251996137536", "L", "2.6116251996137536"),
        ("fuels/solid-fuels/coal-industrial/tonnes", "2417.4640818652074", "t", "2417.4640818652074"),
        ("uk-electricity/electricity-generated/electricity-uk/kwh", "0.41204999999999997", "kW.h", "0.41204999999999997"),
        ("refrigerant-and-other/kyoto-protocol-standard/methane/kg", "25", "kg", "25"),
        ("passenger-vehicles/cars-by-size/average-car/petrol/miles", "0.30874999999999997", "[mi_i]", "0.30874999999999997"),
        (
            "business-travel-air/flights/long-haul-to-from-uk/economy-class/with-rf/passenger.km",
            "0.14678000000000002",
            "{passenger}.km",
            "0.14678000000000002",
        ),
        ("wtt-fuels/gaseous-fuels/lpg/kwh-net-cv", "0.02896", "kW.h", "2.896E-2"),
        ("outside-of-scopes/biofuel/bioethanol/gj", "71.6", "GJ", "71.599999999999994"),
        ("transmission-and-distribution/t-and-d-overseas-electricity/electricity-france/kwh", "0.005", "kW.h", "5.0000000000000001E-3"),
        ("freighting-goods/cargo-ship/roro-ferry/2-000-plus-lm/tonne.km", "0.049887", "t.km", "4.9887000000000001E-2"),
        ("water-supply/water-supply/water-supply/million-litres", "344", "10*3.m3", "344"),
        ("waste-disposal/other/glass/landfill/tonnes", "25.7762", "t", "25.776199999999999"),
    ]);
    check_all(&read, 2016, AR4);
    // rows `kg CO2`, `kg CH4`, `kg N2O`, which add up to `kg CO2e` as they stand
    parts(
        &read,
        "fuels/gaseous-fuels/natural-gas/cubic-metres",
        [("CH4", "0.002811031776907161"), ("CO2", "2.0245071153227734"), ("N2O", "0.001064390094713968")],
    );
    let losses = read.factor("transmission-and-distribution/t-and-d-overseas-electricity/electricity-france/kwh");
    assert_eq!((losses.region.as_str(), losses.metric.code(), losses.kind.as_str()), ("FR", "CO2", "upstream"));
    assert_eq!((losses.flags.as_slice(), losses.gwp.as_deref()), (["partial_gases".to_owned()].as_slice(), None));
    let africa = read.factor("wtt-uk-and-overseas-elec/overseas-electricity-generation/electricity-africa-average/kwh");
    assert_eq!((africa.region.as_str(), africa.value.as_str()), ("002", "0.08804"));
}

#[test]
fn the_file_of_2021() {
    let Some(read) = of_2021() else { return };
    read.counts(7607, 2472, 2472, 3804, &[("blank", 1), (BLANK, 805), (BOUND, 2), (ENERGY, 513), (NO_REGION, 8), (STRAY, 1), (END, 1)]);
    read.values(&[
        ("fuels/gaseous-fuels/butane/kwh-gross-cv", "0.2224", "kW.h", "0.2224"),
        ("fuels/gaseous-fuels/natural-gas/cubic-metres", "2.02135", "m3", "2.02135"),
        ("fuels/gaseous-fuels/natural-gas-100-pct-mineral-blend/cubic-metres", "2.03473", "m3", "2.03473"),
        ("fuels/liquid-fuels/diesel-average-biofuel-blend/litres", "2.51233", "L", "2.51233"),
        ("uk-electricity/electricity-generated/electricity-uk/kwh", "0.21233000000000002", "kW.h", "0.21233000000000002"),
        ("refrigerant-and-other/kyoto-protocol-blends/r410a/kg", "2088", "kg", "2088"),
        ("passenger-vehicles/cars-by-size/average-car/petrol/miles", "0.28053000000000006", "[mi_i]", "0.28053000000000006"),
        ("hotel-stay/hotel-stay/uk-london/room-per-night", "13.8", "{room}.d", "13.8"),
        ("hotel-stay/hotel-stay/china/room-per-night", "62.9", "{room}.d", "62.9"),
        ("water-supply/water-supply/water-supply/million-litres", "149", "10*3.m3", "149"),
        ("waste-disposal/other/glass/landfill/tonnes", "8.901992248062015", "t", "8.901992248062015"),
        ("bioenergy/biofuel/biopropane/litres", "0.00214", "L", "0.00214"),
    ]);
    check_all(&read, 2021, AR4);
    // the total stands without Level 4, its gases under Level 4 `0`
    parts(
        &read,
        "managed-assets-vehicles/managed-cars-by-size/small-car/diesel/km",
        [("CH4", "0.00000414"), ("CO2", "0.1357"), ("N2O", "0.00188")],
    );
    assert_eq!(read.factor("hotel-stay/hotel-stay/china/room-per-night").region, "CN");
    let gross = read.factor("fuels/gaseous-fuels/butane/kwh-gross-cv");
    assert_eq!(gross.basis.map(|basis| basis.code()), Some("gross_cv"));
    assert_eq!(gross.source.locator.as_deref(), Some("sheet Factors by Category, cell K6"));
}

#[test]
fn the_file_of_2023() {
    let Some(read) = of_2023() else { return };
    read.counts(8040, 2643, 2643, 3834, &[("blank", 1), (BLANK, 1047), (ENERGY, 514), (END, 1)]);
    read.values(&[
        ("fuels/gaseous-fuels/butane/kwh-gross-cv", "0.22240600402684563", "kW.h", "0.22240600402684563"),
        ("fuels/gaseous-fuels/natural-gas/cubic-metres", "2.038390310067114", "m3", "2.0383903100671139"),
        ("fuels/liquid-fuels/diesel-average-biofuel-blend/litres", "2.5120638845637586", "L", "2.5120638845637586"),
        ("uk-electricity/electricity-generated/electricity-uk/kwh", "0.20707428859060403", "kW.h", "0.20707428859060403"),
        ("refrigerant-and-other/kyoto-protocol-products/methane/emissions-including-only-kyoto-products/kg", "28", "kg", "28"),
        ("passenger-vehicles/cars-by-size/average-car/petrol/miles", "0.2637869718120805", "[mi_i]", "0.2637869718120805"),
        (
            "business-travel-air/flights/long-haul-to-from-uk/economy-class/with-rf/passenger.km",
            "0.20010828053691276",
            "{passenger}.km",
            "0.20010828053691276",
        ),
        ("wtt-fuels/gaseous-fuels/lpg/kwh-net-cv", "0.02736", "kW.h", "2.7359999999999999E-2"),
        ("outside-of-scopes/biofuel/bioethanol/gj", "71.37", "GJ", "71.37"),
        ("water-supply/water-supply/water-supply/million-litres", "176.6845465790137", "10*3.m3", "176.6845465790137"),
        (
            "homeworking/homeworking-office-equipment-plus-heating/per-fte-working-hour",
            "0.3337812045667021",
            "{person}.h",
            "0.33378120456670213",
        ),
        ("bioenergy/biomass/wood-logs/kwh", "0.01074", "kW.h", "1.074E-2"),
    ]);
    check_all(&read, 2023, AR5);
    parts(
        &read,
        "uk-electricity/electricity-generated/electricity-uk/kwh",
        [("CH4", "0.0008960000000000001"), ("CO2", "0.20496"), ("N2O", "0.0012182885906040267")],
    );
    let power = read.factor("uk-electricity/electricity-generated/electricity-uk/kwh");
    assert_eq!((power.activity.as_str(), power.region.as_str(), power.scope.as_deref()), ("electricity/grid-average", "GB", Some("2")));
    assert_eq!(power.kind, "electricity-direct");
    assert_eq!(power.classifications.first().map(|own| (own.scheme.as_str(), own.code.as_str())), Some(("uk-desnz-id", "7_400_4000_5")));
    let net = read.factor("wtt-fuels/gaseous-fuels/lpg/kwh-net-cv");
    assert_eq!((net.basis.map(|basis| basis.code()), net.scope.as_deref()), (Some("net_cv"), Some("3")));
    let ethanol = read.factor("outside-of-scopes/biofuel/bioethanol/gj");
    assert_eq!((ethanol.metric.code(), ethanol.scope.as_deref(), ethanol.gwp.as_deref()), ("CO2", Some("outside"), None));
    assert_eq!(read.factor("bioenergy/biomass/wood-logs/kwh").flags, ["net_gross_unknown"]);
    assert_eq!(read.factors.values().filter(|factor| factor.metric.code() == "CO2").count(), 56);
}

#[test]
fn the_file_of_2024() {
    let Some(read) = of_2024() else { return };
    read.counts(8742, 2672, 2672, 3906, &[("blank", 1), (BLANK, 1648), (ENERGY, 514), (END, 1)]);
    read.values(&[
        ("fuels/gaseous-fuels/butane/kwh-gross-cv", "0.22241", "kW.h", "0.22241"),
        ("fuels/gaseous-fuels/natural-gas/cubic-metres", "2.04542", "m3", "2.04542"),
        ("fuels/liquid-fuels/diesel-average-biofuel-blend/litres", "2.51279", "L", "2.5127899999999999"),
        ("fuels/solid-fuels/coal-industrial/tonnes", "2399.43994", "t", "2399.4399400000002"),
        ("uk-electricity/electricity-generated/electricity-uk/kwh", "0.20705", "kW.h", "0.20705000000000001"),
        ("refrigerant-and-other/blends/r410a/total-emissions-including-non-kyoto-products/kg", "1924", "kg", "1924"),
        ("passenger-vehicles/cars-by-size/average-car/petrol/miles", "0.26473", "[mi_i]", "0.26473000000000002"),
        ("hotel-stay/hotel-stay/china/room-per-night", "53.5", "{room}.d", "53.5"),
        ("freighting-goods/cargo-ship/roro-ferry/2-000-plus-lm/tonne.km", "0.05012", "t.km", "5.0119999999999998E-2"),
        ("water-supply/water-supply/water-supply/million-litres", "153.10865", "10*3.m3", "153.10865000000001"),
        ("waste-disposal/other/glass/landfill/tonnes", "8.88386", "t", "8.8838600000000003"),
        ("bioenergy/biomass/wood-logs/kwh", "0.01132", "kW.h", "1.132E-2"),
    ]);
    check_all(&read, 2024, AR5);
    parts(
        &read,
        "managed-assets-vehicles/managed-cars-by-size/small-car/diesel/km",
        [("CH4", "0.0000046368"), ("CO2", "0.13827"), ("N2O", "0.00167")],
    );
    // sheets that are not the publisher's hold a second, other `Mini, CNG`: only the table of factors is read
    assert!(!read.factors.contains_key("passenger-vehicles/cars-by-market-segment/mini/cng/km"));
    assert!(
        read.factors.values().all(|factor| factor
            .source
            .locator
            .as_deref()
            .is_some_and(|place| place.starts_with("sheet Factors by Category, cell J")))
    );
}

/// The publisher's id of a factor and our key tell the same ones apart in both editions that have ids.
#[test]
fn keys_agree_by_id() {
    let (Some(old), Some(new)) = (of_2023(), of_2024()) else { return };
    let by_id = |read: &Read| {
        let ids: BTreeMap<String, String> =
            read.factors.values().map(|factor| (factor.classifications[0].code.clone(), factor.key.clone())).collect();
        assert_eq!(ids.len(), read.factors.len(), "an id for every factor");
        ids
    };
    let (old, new) = (by_id(&old), by_id(&new));
    let differing: Vec<_> = old.iter().filter(|(id, key)| new.get(*id).is_some_and(|other| other != *key)).collect();
    assert!(differing.is_empty(), "{differing:?}");
    assert_eq!(old.keys().filter(|id| new.contains_key(*id)).count(), 2642);
}

/// Before there were ids, the headings carry a factor from edition to edition.
#[test]
fn many_keys_of_2016_and_2021_live_on() {
    let (Some(first), Some(second), Some(third)) = (of_2016(), of_2021(), of_2023()) else { return };
    let common = |a: &Read, b: &Read| a.factors.keys().filter(|key| b.factors.contains_key(*key)).count();
    assert_eq!((first.factors.len(), second.factors.len()), (2070, 2472));
    assert_eq!((common(&first, &second), common(&second, &third)), (1955, 2206));
}
