//! Taiwan's product carbon footprint coefficients.

use super::{Read, read, real};

fn footprints() -> Option<Read> {
    Some(read(&real("taiwan-moenv-cfp/CFED.json")?, "tw-moenv-cfp", &[("edition", "2024-08-15")]))
}

#[test]
fn every_coefficient_is_read_and_the_legend_is_not() {
    let Some(read) = footprints() else { return };
    read.counts(1112, 1111, 1111, 0, &[("legend", 1)]);
    read.values(&[
        ("cfp/01652", "0.368", "{item}", "3.68E-1"),
        // per 20 t, 25 kg, 50 kg
        ("cfp/01917", "1190", "t", "2.38E+4"),
        ("cfp/01919", "1.156", "kg", "2.89E+1"),
        ("cfp/01921", "1.154", "kg", "5.77E+1"),
        // in grams
        ("cfp/01107", "0.615", "kg", "6.15E+2"),
        ("cfp/01108", "0.85", "kg", "8.50E+2"),
        ("cfp/01172", "0.07", "{passenger}.km", "7.00E+1"),
        ("cfp/01173", "0.054", "{passenger}.km", "5.40E+1"),
        // a 坪 is 400/121 m2
        ("cfp/01756", "0.7865", "m2.d", "2.60E+0"),
        ("cfp/01541", "3140", "m3", "3.14E+3"),
        ("cfp/01962", "0.0649", "{TEU}.km", "6.49E-2"),
        ("cfp/01758", "30.0", "{room}.d", "3.00E+1"),
        ("cfp/01966", "0.606", "kW.h", "6.06E-1"),
        ("cfp/01983", "2.63", "m3", "2.63E+0"),
        ("cfp/01971", "0.673", "L", "6.73E-1"),
        ("cfp/01812", "360", "t", "3.60E+2"),
        ("cfp/01951", "0.00478", "{item}", "4.78E-3"),
    ]);
}

#[test]
fn kinds_boundaries_and_flags_are_those_of_the_source() {
    let Some(read) = footprints() else { return };
    for (id, kind, boundary) in [
        ("1652", "product-lifecycle", "cradle-to-grave"),
        ("765", "electricity-direct", "gate-to-gate"),
        ("1966", "electricity-lifecycle", "cradle-to-gate"),
        ("1967", "upstream", "cradle-to-gate"),
        ("1971", "upstream", "cradle-to-gate"),
        ("1983", "product-lifecycle", "cradle-to-gate"),
        ("1812", "waste", "cradle-to-grave"),
        ("1060", "product-lifecycle", "gate-to-gate"),
        ("1172", "transport", "cradle-to-grave"),
    ] {
        let factor = read.factor(&format!("cfp/{id:0>5}"));
        assert_eq!((factor.kind.as_str(), factor.boundary.as_deref()), (kind, Some(boundary)), "{id}");
        assert!(factor.gwp.is_none() && factor.flags.contains(&"gwp_unknown".to_owned()), "{id}");
    }
    for (id, flag) in
        [("1983", "kind_mismatch_risk"), ("855", "unit_uncertain"), ("723", "erroneous_calculation"), ("1363", "proxy_region")]
    {
        assert!(read.factor(&format!("cfp/{id:0>5}")).flags.contains(&flag.to_owned()), "{id}");
    }
    // a maker alone, and nobody from outside: 1951 is of one site, 1652 was verified
    assert!(!read.factor("cfp/01652").flags.contains(&"self_reported".to_owned()));
}

#[test]
fn names_periods_places_and_scores() {
    let Some(read) = footprints() else { return };
    let water = read.factor("cfp/01652");
    assert_eq!(water.name.zh.as_deref(), Some("瓶裝水(2000ml,PET包裝)"));
    assert_eq!(water.name.en.as_deref(), Some("Bottled water (2000ml, PET)"));
    assert_eq!(
        (water.year, water.period.from.as_deref(), water.period.to.as_deref()),
        (Some(2014), Some("2014-01-01"), Some("2014-12-31"))
    );
    assert_eq!(water.source.id, "moenv-cfp-2024-08-15");
    assert_eq!(water.source.unit_text.as_deref(), Some("kgCO₂e / 1 瓶"));
    let scores: Vec<_> = water.quality.as_ref().unwrap().scores.iter().map(|(name, score)| format!("{name}={score}")).collect();
    assert_eq!(scores, ["completeness=1", "reliability=1"]);
    // over the turn of a year: a period, and no year
    let trains = read.factor("cfp/01172");
    assert_eq!((trains.year, trains.period.from.as_deref(), trains.period.to.as_deref()), (None, Some("2007-01-01"), Some("2012-12-31")));
    // a year alone
    assert_eq!((read.factor("cfp/01231").year, read.factor("cfp/01231").period.from.as_deref()), (Some(2005), None));
    for (id, region) in [("1652", "TW"), ("1118", "TW-HSZ"), ("1238", "AU-QLD"), ("1317", "CN-CQ"), ("842", "150"), ("1363", "GLO")] {
        assert_eq!(read.factor(&format!("cfp/{id:0>5}")).region, region, "{id}");
    }
    // 11 have dashes for an English name
    assert_eq!(read.factors.values().filter(|factor| factor.name.en.is_none()).count(), 11);
    for id in ["01966", "01889", "01861", "00764"] {
        assert_eq!(read.factor(&format!("cfp/{id}")).activity, "electricity/national-average", "{id}");
    }
}
