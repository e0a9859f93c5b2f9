//! US EPA eGRID2022: states, subregions, the United States.

use super::{read, real};

const FOLDER: &str = "epa-egrid2022/egrid2022";
const AR4: &str = "ipcc-ar4-wg1-2.14-gwp100";

#[test]
fn states() {
    let Some(file) = real(&format!("{FOLDER}_state_national.csv")) else { return };
    let read = read(&file, "us-egrid", &[]);
    read.counts(52, 52, 52, 0, &[]);
    // lb/MWh times 0.45359237, exactly
    read.values(&[
        ("state/us-ak", "416.14968063361", "MW.h", "917.453"),
        ("state/us-ca", "207.51170538945", "MW.h", "457.485"),
        ("state/us-dc", "251.69613815115", "MW.h", "554.895"),
        ("state/us-hi", "663.86237059142", "MW.h", "1463.566"),
        ("state/us-id", "112.68776684858", "MW.h", "248.434"),
        ("state/us-ny", "222.87170381476", "MW.h", "491.348"),
        ("state/us-pr", "725.71241179514", "MW.h", "1599.922"),
        ("state/us-tx", "372.82843415202", "MW.h", "821.946"),
        ("state/us-vt", "19.32711729333", "MW.h", "42.609"),
        ("state/us-wv", "895.53920949262", "MW.h", "1974.326"),
        ("state/us-wy", "824.44223423408", "MW.h", "1817.584"),
    ]);
    let alaska = read.factor("state/us-ak");
    assert_eq!((alaska.region.as_str(), alaska.year, alaska.gwp.as_deref()), ("US-AK", Some(2022), Some(AR4)));
    assert_eq!(
        (alaska.kind.as_str(), alaska.boundary.as_deref(), alaska.scope.as_deref()),
        ("electricity-direct", Some("generation"), Some("2"))
    );
    let gases: Vec<(&str, &str)> = alaska.gases.iter().map(|gas| (gas.gas.as_str(), gas.kg.as_str())).collect();
    assert_eq!(gases, [("CH4", "0.03220505827"), ("CO2", "414.00010639218"), ("N2O", "0.0045359237")]);
    assert_eq!(alaska.flags, ["converted_by_us"]);
    assert_eq!(alaska.source.unit_text.as_deref(), Some("lb/MWh"));
    // two states whose three rates do not add up to the published CO2e rate
    for key in ["state/us-hi", "state/us-va"] {
        assert!(read.factor(key).gases.is_empty() && read.factor(key).note.en.is_some(), "{key}");
    }
    assert_eq!(read.factors.values().filter(|factor| factor.gases.is_empty()).count(), 2);
}

#[test]
fn subregions_are_not_the_nation() {
    let Some(file) = real(&format!("{FOLDER}_subregion_national.csv")) else { return };
    let read = read(&file, "us-egrid", &[]);
    read.counts(27, 27, 27, 0, &[]);
    read.values(&[
        ("subregion/akgd", "479.82860627317", "MW.h", "1057.841"),
        ("subregion/akms", "225.68805884009", "MW.h", "497.557"),
        ("subregion/camx", "226.46869130886", "MW.h", "499.278"),
        ("subregion/erct", "351.21566490626", "MW.h", "774.298"),
        ("subregion/hioa", "719.82705079439", "MW.h", "1586.947"),
        ("subregion/newe", "245.1576041376", "MW.h", "540.48"),
        ("subregion/nwpp", "274.81891639664", "MW.h", "605.872"),
        ("subregion/nycw", "402.1459233946", "MW.h", "886.58"),
        ("subregion/prms", "725.71241179514", "MW.h", "1599.922"),
        ("subregion/rfcw", "456.27037935248", "MW.h", "1005.904"),
        ("subregion/srvc", "283.89167098138", "MW.h", "625.874"),
    ]);
    for factor in read.factors.values() {
        assert_eq!(factor.activity, "electricity/grid-average-egrid-subregion");
        assert_eq!(factor.gwp.as_deref(), Some(AR4));
        assert!(factor.technology.as_deref().is_some_and(|own| own.starts_with("eGRID subregion ")), "{}", factor.key);
    }
    assert_eq!(read.factor("subregion/prms").region, "US-PR");
    assert_eq!(read.factors.values().filter(|factor| factor.region == "US").count(), 26);
    assert_eq!(
        read.factors.values().filter(|factor| factor.gases.is_empty()).map(|factor| &factor.key).collect::<Vec<_>>(),
        ["subregion/hims", "subregion/srvc"]
    );
}

#[test]
fn the_united_states() {
    let Some(file) = real(&format!("{FOLDER}_us_total_national.csv")) else { return };
    let read = read(&file, "us-egrid", &[]);
    read.counts(1, 1, 1, 0, &[]);
    read.values(&[("national/us", "375.3567580224", "MW.h", "827.52")]);
    let factor = read.factor("national/us");
    assert_eq!((factor.activity.as_str(), factor.region.as_str(), factor.technology.as_deref()), ("electricity/grid-average", "US", None));
    assert_eq!(factor.gases.first().map(|gas| gas.kg.as_str()), Some("0.02993709642"));
}
