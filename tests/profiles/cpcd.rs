//! China's product footprint coefficients (CPCD), core table.

use super::{Read, read, real};

fn core() -> Option<Read> {
    Some(read(&real("cn-cpcd/core.csv")?, "cn-cpcd", &[]))
}

#[test]
fn every_row_is_accounted_for() {
    let Some(read) = core() else { return };
    let skipped = [
        ("the same row stands above", 18),
        ("one id stands for two values", 2),
        ("a reduction against something else, not an emission", 1),
    ];
    read.counts(558, 537, 537, 0, &skipped);
    read.values(&[
        ("04312x0012022c", "11.746", "kg", "11.746kgCO2e / 千克"),
        ("17100h2782021c", "0.7355", "kW.h", "0.7355kgCO2e / 千瓦时"),
        ("34170r0152022c", "7400", "t", "7.4tCO2e / 公吨"),
        ("64250x0042021c", "0.0952", "{passenger}.km", "95.2gCO2e / 人·千米"),
        ("64119x0132023c", "0.17474", "{vehicle}.km", "174.74gCO2e / 千米"),
        ("53221x0062023c", "19910000", "km", "19910tCO2e / 千米"),
        ("65319x0012024c", "0.921", "t.km", "921gCO2e / 公吨·公里"),
        ("63290x0022024c", "0.2036", "CNY", "2.036tCO2e / 万元人民币"),
        ("53290x0062023c", "0.0419", "CNY", "419kgCO2e / 万元人民币"),
        ("17300x0172025c", "60", "GJ", "0.06tCO2e / 吉焦"),
        ("17100h3092023c", "935", "MW.h", "0.935tCO2e / 兆瓦时"),
        ("04932x0022023c", "1250", "ar", "1250kgCO2e / 公亩"),
        ("53234x0012023c", "272", "har.a", "272kgCO2e / 公顷·年"),
        ("63290x0012024c", "66.52", "{room}.d", "66.52kgCO2e / 晚"),
        ("33312x0062023c", "-46.483", "kJ", "-46.483kgCO2e / kJ"),
    ]);
    let spend = read.factor("63290x0022024c");
    assert_eq!(spend.kind, "spend");
    assert!(spend.flags.contains(&"price_year_unknown".to_owned()) && spend.price_year.is_none());
}

#[test]
fn the_grids_co2_is_not_taken_for_a_footprint() {
    let Some(read) = core() else { return };
    // 0.5568 of 2021: labelled kgCO2e and cradle to gate; 0.6205 of 2023 is a footprint indeed
    for (key, region, value) in [
        ("17100h2692021c", "CN", "0.5568"),
        ("17100h2782021c", "CN-TJ", "0.7355"),
        ("17100h2702021c", "CN-GRID-NORTH", "0.712"),
        ("17100h3922023c", "CN-GRID-SOUTHWEST", "0.2472"),
        ("17100h3282022c", "CN-ZJ", "0.5153"),
        ("17100h3132022c", "CN-GRID-EAST", "0.5617"),
        ("17100h3082021c", "CN", "0.8426"),
    ] {
        let factor = read.factor(key);
        assert_eq!((factor.region.as_str(), factor.value.as_str()), (region, value), "{key}");
        assert_eq!((factor.kind.as_str(), factor.metric.code(), factor.boundary.as_deref()), ("electricity-direct", "CO2", None), "{key}");
        assert!(factor.flags.contains(&"kind_mismatch_risk".to_owned()), "{key}");
        assert_eq!(factor.source.unit_text.as_deref(), Some("kgCO2e / 千瓦时"), "{key}");
    }
    for factor in read.factors.values().filter(|factor| factor.name.zh.as_ref().unwrap().contains("二氧化碳排放因子")) {
        assert!(factor.flags.contains(&"kind_mismatch_risk".to_owned()), "{}", factor.key);
        assert!(
            ["electricity/grid-average", "electricity/grid-average-excl-traded-non-fossil", "electricity/fossil-power"]
                .contains(&factor.activity.as_str())
        );
    }
    let footprint = read.factor("17100h3502023c");
    assert_eq!((footprint.kind.as_str(), footprint.metric.code()), ("electricity-lifecycle", "CO2e"));
    assert_eq!((footprint.activity.as_str(), footprint.boundary.as_deref()), ("electricity/national-average", Some("cradle-to-grave")));
    // carbon contents for CO2, kg per kJ for g per MJ
    for key in ["12020x0152025c", "33312x0062023c", "65125x0032021c"] {
        assert!(read.factor(key).flags.contains(&"unit_uncertain".to_owned()), "{key}");
    }
}
