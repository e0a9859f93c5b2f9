//! ADEME's Base Carbone: elements with their posts.

use tanyin::factor::Factor;

use super::{Read, read, real};

fn edition_23_6() -> Option<Read> {
    let file = real("ademe-base-carbone/Base_Carbone_V23.6-v2.xlsx")?;
    Some(read(&file, "fr-ademe-base-carbone", &[]))
}

fn stages(factor: &Factor) -> Vec<(&str, &str)> {
    factor.stages.iter().map(|part| (part.stage.as_str(), part.value.as_str())).collect()
}

#[test]
fn every_row_of_v23_6() {
    let Some(read) = edition_23_6() else { return };
    read.counts(
        18616,
        10937,
        10937,
        5797,
        &[
            ("a datum of the source, not an emission factor", 1742),
            ("a global warming potential listed as source data, without a unit", 136),
            ("its unit, kgCO2e/kgH2/100km, is not one amount of an activity", 4),
        ],
    );
    read.values(&[
        ("element/14219", "2.33", "kg", "2.33"),
        ("element/21478", "38.5", "{vehicle}.km", "38.5"),
        ("element/25769", "1485", "t", "1485"),
        ("element/28330", "0.966", "h", "0.96599999999999997"),
        ("element/24236", "432", "m2", "432"),
        ("element/43577", "29.8", "kg", "29.8"),
        ("element/27084", "0.0743", "{person}.km", "7.4300000000000005E-2"),
        ("element/13989", "1.46", "L", "1.46"),
        ("element/15592", "0.461", "kW.h", "0.46100000000000002"),
        ("element/27262", "0.196", "kW.h", "0.19600000000000001"),
        ("element/15331", "-1610", "har.a", "-1610"),
        ("element/34052", "2.81", "kg", "2.81"),
        ("element/12893", "4265", "{toe}", "4265"),
        // per thousand euros, and per hundred sheets
        ("element/43513", "0.155", "EUR", "155"),
        ("element/20897", "0.00042", "{item}", "4.2000000000000003E-2"),
    ]);
}

#[test]
fn posts_are_stages_and_gases_are_co2e() {
    let Some(read) = edition_23_6() else { return };
    let log = read.factor("element/14219");
    assert_eq!(stages(log), [("combustion", "2.03"), ("upstream", "0.297")]);
    let parts: Vec<_> = log.gases_co2e.iter().map(|part| (part.gas.as_str(), part.co2e.as_str())).collect();
    assert_eq!(parts, [("CH4-biogenic", "2.03"), ("CH4-fossil", "0.265"), ("N2O", "0")]);
    assert_eq!(log.flags, ["gwp_unknown", "outdated"]);
    assert_eq!((log.kind.as_str(), log.valid.to.as_deref()), ("product-lifecycle", Some("2017-12-01")));
    let bus = read.factor("element/27084");
    assert_eq!(stages(bus), [("combustion/carburant", "0.0567"), ("manufacturing/vehicule", "0.0064"), ("upstream/carburant", "0.0112")]);
    // its gases do not add up to its total: the file's own six
    assert!(read.factor("element/34427").gases.is_empty());
}

#[test]
fn units_regions_and_kinds() {
    let Some(read) = edition_23_6() else { return };
    let spend = read.factor("element/43513");
    assert_eq!((spend.kind.as_str(), spend.price_year, spend.region.as_str()), ("spend", Some(2021), "FR"));
    let gas = read.factor("element/13528");
    assert_eq!((gas.value.as_str(), gas.basis), ("0.18", Some(tanyin::factor::Basis::GrossCv)));
    let germany = read.factor("element/15592");
    assert_eq!((germany.kind.as_str(), germany.region.as_str()), ("electricity-direct", "DE"));
    let network = read.factor("element/27262");
    assert_eq!((network.kind.as_str(), network.region.as_str()), ("heat", "FR-BRE"));
    let methane = read.factor("element/43577");
    assert_eq!((methane.kind.as_str(), methane.gwp.as_deref()), ("gwp", Some("ipcc-ar6-wg1-7.15-gwp100")));
    assert!(read.factor("element/25769").flags.iter().any(|flag| flag == "unit_uncertain"));
    assert_eq!(read.factor("element/15331").kind, "removal");
    assert_eq!(read.factor("element/34052").name.en.as_deref(), Some("Caesar's salad (salad, chicken, croûtons, sauce)"));
}

#[test]
fn the_extract_of_2021() {
    let Some(file) = real("ademe-base-carbone/base-carbone-extract-2021.csv") else { return };
    let read = read(&file, "fr-ademe-base-carbone", &[("edition", "2021")]);
    read.counts(32, 32, 32, 0, &[]);
    // CO2f + CH4f + CH4b + N2O, added here: the extract gives no total
    for (key, value, per) in [
        ("extract/21478-bateau-automoteur", "30.5577", "{vehicle}.km"),
        ("extract/21480-bateau-automoteur", "18.35422", "{vehicle}.km"),
        ("extract/14219-bois-buche", "0.0726", "kg"),
        ("extract/14231-broyats-de-cagettes-et-de-pallettes", "0.00116", "kg"),
        ("extract/24236-circuits-imprimes", "337.1", "m2"),
        ("extract/13989-essence", "2906.9", "{toe}"),
        ("extract/25766-essence", "0.36996", "L"),
        ("extract/13992-gazole", "54.0564", "GJ"),
        ("extract/22063-granules-bois", "0.0511", "kg"),
        ("extract/24237-carton", "-988279.7", "t"),
    ] {
        let factor = read.factor(key);
        assert_eq!((factor.value.as_str(), factor.per.as_str()), (value, per), "{key}");
        assert!(factor.flags.iter().any(|flag| flag == "import_error"), "{key}");
    }
}
