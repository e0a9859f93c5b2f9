//! US EPA supply chain factors.

use super::{read, real};

const FOLDER: &str = "epa-useeio-supply-chain/SupplyChainGHGEmissionFactors";

#[test]
fn version_1_2() {
    let Some(file) = real(&format!("{FOLDER}_v1.2_NAICS_CO2e_USD2021.csv")) else { return };
    let read = read(&file, "us-epa-supply-chain", &[]);
    read.counts(1016, 1016, 3048, 0, &[]);
    read.values(&[
        ("111110/without-margins", "1.223", "USD", "1.223"),
        ("111110/margins", "0.103", "USD", "0.103"),
        ("111110/with-margins", "1.326", "USD", "1.326"),
    ]);
    let factor = read.factor("111110/with-margins");
    assert_eq!((factor.price_year, factor.gwp.as_deref()), (Some(2021), Some("ipcc-ar4-wg1-2.14-gwp100")));
}

#[test]
fn version_1_3() {
    let Some(file) = real(&format!("{FOLDER}_v1.3.0_NAICS_CO2e_USD2022.csv")) else { return };
    let read = read(&file, "us-epa-supply-chain", &[]);
    read.counts(1016, 1016, 3048, 0, &[]);
    read.values(&[("111110/without-margins", "0.488", "USD", "0.488"), ("111110/with-margins", "0.532", "USD", "0.532")]);
    assert_eq!(read.factor("111110/margins").price_year, Some(2022));
}
