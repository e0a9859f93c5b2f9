//! US EPA supply chain factors: all gases together in two editions, and each gas by itself.

use num_bigint::BigInt;
use tanyin::factor::GwpSet;

use super::{Read, read, real};

const FOLDER: &str = "epa-useeio-supply-chain/SupplyChainGHGEmissionFactors";
const AR4: &str = "ipcc-ar4-wg1-2.14-gwp100";
const AR5: &str = "ipcc-ar5-wg1-8.a1-gwp100";

/// Boundaries by the publisher's own words: cradle to factory gate, factory gate to shelf, cradle to shelf.
fn check_parts(read: &Read, price_year: i32, year: i32, gwp: &str) {
    for factor in read.factors.values() {
        let (_, part) = factor.key.split_once('/').unwrap();
        let boundary = match part {
            "without-margins" => "cradle-to-gate",
            "margins" => "gate-to-shelf",
            "with-margins" => "cradle-to-shelf",
            other => panic!("{other}"),
        };
        assert_eq!(factor.boundary.as_deref(), Some(boundary), "{}", factor.key);
        assert_eq!((factor.kind.as_str(), factor.region.as_str(), factor.per.as_str()), ("spend", "US", "USD"), "{}", factor.key);
        assert_eq!((factor.price_year, factor.year, factor.gwp.as_deref()), (Some(price_year), Some(year), Some(gwp)), "{}", factor.key);
        assert_eq!(factor.price_basis.map(|basis| basis.code()), Some("purchaser"), "{}", factor.key);
    }
}

#[test]
fn version_1_2() {
    let Some(file) = real(&format!("{FOLDER}_v1.2_NAICS_CO2e_USD2021.csv")) else { return };
    let read = read(&file, "us-epa-supply-chain", &[]);
    read.counts(1016, 1016, 3048, 0, &[]);
    read.values(&[
        ("111110/without-margins", "1.223", "USD", "1.223"),
        ("111110/margins", "0.103", "USD", "0.103"),
        ("111110/with-margins", "1.326", "USD", "1.326"),
        ("212230/with-margins", "1.165", "USD", "1.165"),
        ("327310/without-margins", "3.768", "USD", "3.768"),
        ("327310/margins", "0.09", "USD", "0.09"),
        ("331313/with-margins", "1.41", "USD", "1.41"),
        ("336411/margins", "0.013", "USD", "0.013"),
        ("484121/without-margins", "1.115", "USD", "1.115"),
        ("541511/margins", "0", "USD", "0"),
        ("622110/with-margins", "0.157", "USD", "0.157"),
        ("811111/without-margins", "0.127", "USD", "0.127"),
    ]);
    check_parts(&read, 2021, 2019, AR4);
    let factor = read.factor("111110/with-margins");
    assert_eq!(factor.source.unit_text.as_deref(), Some("kg CO2e/2021 USD, purchaser price"));
    assert_eq!(factor.source.id, "epa-sef-1.2");
}

#[test]
fn version_1_3() {
    let Some(file) = real(&format!("{FOLDER}_v1.3.0_NAICS_CO2e_USD2022.csv")) else { return };
    let read = read(&file, "us-epa-supply-chain", &[]);
    read.counts(1016, 1016, 3048, 0, &[]);
    read.values(&[
        ("111110/without-margins", "0.488", "USD", "0.488"),
        ("111110/margins", "0.044", "USD", "0.044"),
        ("111110/with-margins", "0.532", "USD", "0.532"),
        ("212230/without-margins", "0.27", "USD", "0.27"),
        ("327310/with-margins", "3.924", "USD", "3.924"),
        ("331313/margins", "0.014", "USD", "0.014"),
        ("336411/with-margins", "0.139", "USD", "0.139"),
        ("484121/with-margins", "0.595", "USD", "0.595"),
        ("541511/without-margins", "0.084", "USD", "0.084"),
        ("622110/margins", "0", "USD", "0"),
        ("721110/with-margins", "0.145", "USD", "0.145"),
        ("811111/with-margins", "0.103", "USD", "0.103"),
    ]);
    check_parts(&read, 2022, 2022, AR5);
    assert_eq!(read.factor("111110/margins").source.locator.as_deref(), Some("row 2, column `Margins of Supply Chain Emission Factors`"));
}

#[test]
fn by_gas() {
    let Some(file) = real(&format!("{FOLDER}_v1.3.0_NAICS_byGHG_USD2022.csv")) else { return };
    let read = read(&file, "us-epa-supply-chain-by-gas", &[]);
    read.counts(18288, 1016, 3048, 17272, &[]);
    // added up in another program from the eighteen rows: kg times the AR5 values, and what is CO2e already as it is
    read.values(&[
        ("111110/without-margins", "0.48863914262", "USD", ""),
        ("111110/margins", "0.0441422598", "USD", ""),
        ("111110/with-margins", "0.53193408774", "USD", ""),
        ("221310/without-margins", "0.5779011109", "USD", ""),
        ("327310/without-margins", "3.84804631303", "USD", ""),
        ("327310/margins", "0.07839692534", "USD", ""),
        ("331313/without-margins", "1.00303331812", "USD", ""),
        ("331313/with-margins", "1.01716256433", "USD", ""),
        ("336411/margins", "0.008599797531", "USD", ""),
        ("336411/with-margins", "0.13983008829", "USD", ""),
        ("541511/without-margins", "0.08437563649", "USD", ""),
        ("541511/margins", "0", "USD", ""),
    ]);
    check_parts(&read, 2022, 2022, AR5);
    let soybeans = read.factor("111110/without-margins");
    let kg = |gas: &str| soybeans.gases.iter().find(|own| own.gas == gas).unwrap().kg.as_str().to_owned();
    assert_eq!((kg("CO2"), kg("CH4"), kg("N2O")), ("0.134".into(), "0.000331".into(), "0.00130".into()));
    assert_eq!((kg("75-46-7"), kg("690-39-1"), kg("SF6")), ("0.00000000323".into(), "0.000000000144".into(), "0.00000000268".into()));
    assert_eq!(soybeans.gases.len(), 15);
    let co2e: Vec<(&str, &str)> = soybeans.gases_co2e.iter().map(|part| (part.gas.as_str(), part.co2e.as_str())).collect();
    // unspecified ones are CO2e in the file; the two others are kg times 9,200 and 7,910
    assert_eq!(co2e, [("HFCs and PFCs, unspecified", "0.000358"), ("PFC-31-10", "0.0000075532"), ("PFC-51-14", "0.00000502285")]);
    assert_eq!(soybeans.co2e_origin.map(|origin| origin.code()), Some("recomputed_by_us"));
}

/// The gases of v1.3.0 under AR5 and the totals of v1.3.0 are one thing: they differ by no more than the printed digits allow, which
/// are three decimals of the totals and three significant digits of each gas. (Under AR4 979 of the 3,048 would not agree.)
#[test]
fn the_gases_add_up_to_the_published_totals() {
    let (Some(by_gas), Some(totals)) =
        (real(&format!("{FOLDER}_v1.3.0_NAICS_byGHG_USD2022.csv")), real(&format!("{FOLDER}_v1.3.0_NAICS_CO2e_USD2022.csv")))
    else {
        return;
    };
    let by_gas = read(&by_gas, "us-epa-supply-chain-by-gas", &[]);
    let totals = read(&totals, "us-epa-supply-chain", &[]);
    assert_eq!(by_gas.factors.keys().collect::<Vec<_>>(), totals.factors.keys().collect::<Vec<_>>());
    let set = GwpSet::get(AR5).unwrap();
    for (key, total) in &totals.factors {
        let own = by_gas.factor(key);
        let (sum, published) = (own.value.to_rational(), total.value.to_rational());
        // half a unit of the last printed digit of each; of three significant ones that is at most half a hundredth
        let of_gases = own.gases.iter().map(|gas| gas.kg.rounding_error() * set.potential(&gas.gas, gas.origin).unwrap());
        let of_co2e = own.gases_co2e.iter().map(|part| part.co2e.to_rational() / BigInt::from(200));
        let slack = of_gases.chain(of_co2e).fold(total.value.rounding_error(), |slack, one| slack + one);
        assert!(sum.clone() - published.clone() <= slack && published - sum <= slack, "{key}: {} and {}", own.value, total.value);
    }
}
