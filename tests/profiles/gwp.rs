//! The GWP table that openclimatedata compiled, in two versions.

use std::collections::BTreeMap;

use super::{Read, read, real};

const NEW: &str = "ghg-gwp/globalwarmingpotentials.csv";
const OLD: &str = "ghg-gwp/history/globalwarmingpotentials.2024-05-23.csv";
const PROFILE: &str = "ipcc-gwp-openclimatedata";
const UNNAMED: &str = "only values of sets that have no name here (SAR, TAR, 20 and 500 years, GTP)";

/// Read in both tables alike: columns AR4GWP100, AR5GWP100, AR5CCFGWP100, AR6GWP100.
const VALUES: [(&str, &str, &str, &str); 14] = [
    ("ipcc-ar4-wg1-2.14-gwp100/ch4", "25", "kg", "25"),
    ("ipcc-ar5-wg1-8.a1-gwp100/ch4", "28", "kg", "28"),
    ("ipcc-ar5-wg1-8.a1-gwp100-ccf/ch4", "34", "kg", "34"),
    ("ipcc-ar6-wg1-7sm7-gwp100/ch4", "27.9", "kg", "27.9"),
    ("ipcc-ar4-wg1-2.14-gwp100/n2o", "298", "kg", "298"),
    ("ipcc-ar5-wg1-8.a1-gwp100-ccf/n2o", "298", "kg", "298"),
    ("ipcc-ar6-wg1-7sm7-gwp100/hfc-32", "771", "kg", "771"),
    ("ipcc-ar5-wg1-8.a1-gwp100/hfc-134a", "1300", "kg", "1300"),
    ("ipcc-ar5-wg1-8.a1-gwp100/pfc-14", "6630", "kg", "6630"),
    ("ipcc-ar6-wg1-7sm7-gwp100/ch3br", "2.43", "kg", "2.43"),
    ("ipcc-ar4-wg1-2.14-gwp100/ch2cl2", "8.7", "kg", "8.7"),
    ("ipcc-ar5-wg1-8.a1-gwp100-ccf/halon-1202", "280", "kg", "280"),
    ("ipcc-ar6-wg1-7sm7-gwp100/hfe-374pc2", "12.5", "kg", "12.5"),
    ("ipcc-ar6-wg1-7sm7-gwp100/sf6", "25200", "kg", "25200"),
];

#[test]
fn the_table_of_2024() {
    let Some(file) = real(OLD) else { return };
    let read = read(&file, PROFILE, &[]);
    read.counts(88, 88, 318, 0, &[]);
    read.values(&VALUES);
    check(&read);
    assert_eq!(read.factor("ipcc-ar6-wg1-7sm7-gwp100/ch4").source.id, "openclimatedata-gwp-2024-05-23");
}

#[test]
fn the_later_table_has_more_gases_in_sets_without_a_name() {
    let Some(file) = real(NEW) else { return };
    let read = read(&file, PROFILE, &[("edition", "fc4e6f48190b")]);
    read.counts(105, 88, 318, 0, &[(UNNAMED, 17)]);
    read.values(&VALUES);
    check(&read);
}

/// Every factor names its own set, and where the program's own table has the gas it has the same number.
fn check(read: &Read) {
    let mut seen = BTreeMap::new();
    for factor in read.factors.values() {
        let (set, _) = factor.key.split_once('/').unwrap();
        assert_eq!((factor.gwp.as_deref(), factor.kind.as_str(), factor.year), (Some(set), "gwp", None), "{}", factor.key);
        *seen.entry(set.to_owned()).or_insert(0) += 1;
    }
    let seen: Vec<(&str, i32)> = seen.iter().map(|(set, count)| (set.as_str(), *count)).collect();
    assert_eq!(
        seen,
        [
            ("ipcc-ar4-wg1-2.14-gwp100", 58),
            ("ipcc-ar5-wg1-8.a1-gwp100", 86),
            ("ipcc-ar5-wg1-8.a1-gwp100-ccf", 88),
            ("ipcc-ar6-wg1-7sm7-gwp100", 86)
        ]
    );
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/ipcc-gwp/1.0.0/factors.csv");
    let mut table = csv::Reader::from_path(bundled).unwrap();
    let headers = table.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|own| own == name).unwrap();
    let (key, value) = (place("key"), place("value"));
    let mut compared = 0;
    for row in table.records() {
        let row = row.unwrap();
        if let Some(own) = read.factors.get(&row[key]) {
            assert_eq!(own.value.as_str(), &row[value], "{}", &row[key]);
            compared += 1;
        }
    }
    assert!(compared >= 75, "{compared}");
}

#[test]
fn no_value_of_the_named_sets_differs_between_the_two() {
    let (Some(old), Some(new)) = (real(OLD), real(NEW)) else { return };
    let (old, new) = (read(&old, PROFILE, &[]), read(&new, PROFILE, &[("edition", "fc4e6f48190b")]));
    let numbers = |read: &Read| read.factors.iter().map(|(key, own)| (key.clone(), own.value.as_str().to_owned())).collect::<Vec<_>>();
    assert_eq!(numbers(&old), numbers(&new));
}
