//! Average grid intensities of CO2.js.

use super::{Read, read, real};

const SKIPPED: [(&str, u64); 3] =
    [("a group of countries without a code", 5), ("a region of Ember's own making", 7), ("no code in ISO 3166 (Kosovo)", 1)];

fn file(path: &str) -> Option<Read> {
    let read = read(&real(&format!("co2js-grid/{path}"))?, "co2js-average", &[]);
    read.counts(222, 209, 209, 0, &SKIPPED);
    Some(read)
}

#[test]
fn september_2024() {
    let Some(read) = file("history/average-intensities.2024-09-03.json") else { return };
    read.values(&[
        ("af", "0.13253", "kW.h", "132.53"),
        ("al", "0.02429", "kW.h", "24.29"),
        ("na", "0.05926", "kW.h", "59.26"),
        ("au", "0.5563", "kW.h", "556.3"),
        ("cn", "0.58361", "kW.h", "583.61"),
        ("hk", "0.6995", "kW.h", "699.5"),
        ("tw", "0.64436", "kW.h", "644.36"),
        ("de", "0.38141", "kW.h", "381.41"),
        ("fr", "0.05602", "kW.h", "56.02"),
        ("us", "0.36947", "kW.h", "369.47"),
        ("gb", "0.22825", "kW.h", "228.25"),
        ("in", "0.71301", "kW.h", "713.01"),
        ("world", "0.48165", "kW.h", "481.65"),
        ("cf", "0", "kW.h", "0"),
    ]);
    assert_eq!(read.factor("na").year, Some(2022));
}

#[test]
fn july_2025() {
    let Some(read) = file("history/average-intensities.2025-07-03.json") else { return };
    read.values(&[
        ("af", "0.12371", "kW.h", "123.71"),
        ("al", "0.02442", "kW.h", "24.42"),
        ("na", "0.04762", "kW.h", "47.62"),
        ("au", "0.55376", "kW.h", "553.76"),
        ("cn", "0.5575", "kW.h", "557.5"),
        ("hk", "0.68199", "kW.h", "681.99"),
        ("tw", "0.63515", "kW.h", "635.15"),
        ("de", "0.34206", "kW.h", "342.06"),
        ("fr", "0.04418", "kW.h", "44.18"),
        ("us", "0.38355", "kW.h", "383.55"),
        ("gb", "0.21579", "kW.h", "215.79"),
        ("in", "0.70896", "kW.h", "708.96"),
        ("world", "0.47295", "kW.h", "472.95"),
        ("cf", "0", "kW.h", "0"),
    ]);
    assert_eq!(read.factor("na").year, Some(2023));
}

#[test]
fn later() {
    let Some(read) = file("average-intensities.json") else { return };
    read.values(&[
        ("af", "0.12371", "kW.h", "123.71"),
        ("al", "0.02442", "kW.h", "24.42"),
        ("na", "0.04762", "kW.h", "47.62"),
        ("au", "0.55376", "kW.h", "553.76"),
        ("cn", "0.5575", "kW.h", "557.5"),
        ("hk", "0.68199", "kW.h", "681.99"),
        ("tw", "0.63515", "kW.h", "635.15"),
        ("de", "0.34206", "kW.h", "342.06"),
        ("fr", "0.04418", "kW.h", "44.18"),
        ("us", "0.38355", "kW.h", "383.55"),
        ("gb", "0.21579", "kW.h", "215.79"),
        ("in", "0.70896", "kW.h", "708.96"),
        ("world", "0.47294", "kW.h", "472.94"),
        ("cf", "0", "kW.h", "0"),
    ]);
    assert_eq!(read.factor("na").year, Some(2023));
}

#[test]
fn a_life_cycle_whatever_the_members_name_and_frequent_small_revisions() {
    let Some(before) = file("history/average-intensities.2025-07-03.json") else { return };
    let Some(after) = file("average-intensities.json") else { return };
    let china = before.factor("cn");
    assert_eq!((china.kind.as_str(), china.metric.code(), china.region.as_str()), ("electricity-lifecycle", "CO2e", "CN"));
    assert_eq!(china.name.zh.as_deref(), Some("电网平均电力，中国"));
    assert_eq!(china.source.id, "co2js-average-intensities-2025-07-03");
    assert!(before.factor("cf").flags.contains(&"erroneous_calculation".to_owned()));
    assert_eq!((before.factor("world").region.as_str(), before.factor("na").region.as_str()), ("GLO", "NA"));
    assert!(before.factors.keys().eq(after.factors.keys()));
    let changed = before.factors.iter().filter(|(key, factor)| after.factors[*key].value != factor.value).count();
    assert_eq!(changed, 5);
}
