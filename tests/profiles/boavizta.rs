//! Boavizta's footprints of devices, in both flavours of the file.

use super::{Read, read, real};

fn flavour(name: &str) -> Option<Read> {
    let file = real(&format!("boavizta-pcf/boavizta-data-{name}.2022-12-15.csv"))?;
    let read = read(&file, "boavizta", &[]);
    read.counts(1218, 1215, 1215, 0, &[("no total is given", 3)]);
    Some(read)
}

#[test]
fn us_flavour() {
    let Some(read) = flavour("us") else { return };
    read.values(&[
        ("apple/13-inch-macbook-air-m1-cpu-256gb-2020", "161", "{item}", "161"),
        ("apple/13-inch-macbook-air-with-retina-display-1.1ghz-dual-core-cpu-256gb-2020", "174", "{item}", "174"),
        ("dell/c8618qt-monitor", "3490.0", "{item}", "3490.0"),
        ("dell/optiplex-5050-small-form-factor", "411", "{item}", "411"),
        ("dell/precision-tower-5810", "1502", "{item}", "1502"),
        ("hp/e27q-g4-qhd-monitor", "620.0", "{item}", "620.0"),
        ("lenovo/ideapad-s340-14", "297", "{item}", "297"),
        ("lenovo/thinkcentre-m920-sff", "551", "{item}", "551"),
        ("lenovo/thinkvision-l27q", "444", "{item}", "444"),
        ("samsung/galaxy-note20-ultra-sm-n986b", "29.7", "{item}", "29.7"),
        ("lenovo/ideacentre-aio-5-24", "733.475", "{item}", "733.475"),
        ("seagate/nytro-3331-xs7680se70004-7.68tb", "195.072", "{item}", "195.072"),
        // told apart by a hyphen, and by a plus
        ("lenovo/ideapad-1-14", "208", "{item}", "208"),
        ("lenovo/ideapad-1-14-hyphen", "244", "{item}", "244"),
    ]);
    let factor = read.factor("lenovo/ideapad-1-14");
    assert_eq!((factor.region.as_str(), factor.boundary.as_deref(), factor.gwp.as_deref()), ("US", Some("cradle-to-grave"), None));
    assert_eq!(factor.flags, ["gwp_unknown", "secondary_source", "self_reported"]);
    let uncertainty = factor.uncertainty.as_ref().map(tanyin::factor::notation::write_uncertainty);
    assert_eq!(uncertainty.as_deref(), Some("percent:25"));
    // a ratio of 0 is no margin
    assert_eq!(read.factor("apple/13-inch-macbook-air-m1-cpu-256gb-2020").uncertainty, None);
    assert!(read.factors.contains_key("microsoft/surface-pro-7-plus"));
}

#[test]
fn both_flavours_give_the_same_factors() {
    let (Some(fr), Some(us)) = (flavour("fr"), flavour("us")) else { return };
    let written = fr.factor("lenovo/ideacentre-aio-5-24").source.value_text.clone();
    assert_eq!(written.as_deref(), Some("733,475"));
    let without_text = |read: Read| {
        let mut factors = read.factors;
        factors.values_mut().for_each(|factor| factor.source.value_text = None);
        factors
    };
    let (fr, us) = (without_text(fr), without_text(us));
    let differing: Vec<_> = us.iter().filter(|(key, factor)| fr.get(*key) != Some(factor)).take(3).collect();
    assert_eq!((us.len(), fr.len(), differing.len()), (1215, 1215, 0), "{differing:#?}");
}
