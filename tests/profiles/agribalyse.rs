//! Agribalyse, food as eaten in France.

use super::{Read, read, real};

fn version(name: &str) -> Option<Read> {
    let file = real(&format!("agribalyse/Agribalyse_Synthese.{name}.csv"))?;
    Some(read(&file, "fr-agribalyse", &[]))
}

#[test]
fn version_3_0() {
    let Some(read) = version("2020-11-06_v3.0-blanklines-fixed") else { return };
    read.counts(2479, 2479, 2479, 0, &[]);
    read.values(&[
        ("food/13712", "1.2211213", "kg", "1.2211213"),
        ("food/8552", "15.991672", "kg", "15.991672"),
        ("food/31084", "17.574537", "kg", "17.574537"),
        ("food/12009", "5.4920327", "kg", "5.4920327"),
        ("food/25582", "2.5655628", "kg", "2.5655628"),
        ("food/9110", "1.057208", "kg", "1.057208"),
        ("food/27029", "5.6026758", "kg", "5.6026758"),
        ("food/19599", "1.7548798", "kg", "1.7548798"),
        ("food/11084", "6.547801", "kg", "6.547801"),
        ("food/13014_2", "0.67123424", "kg", "0.67123424"),
    ]);
    let factor = read.factor("food/13712");
    assert_eq!(factor.source.unit_text.as_deref(), Some("kg CO2 eq/kg de produit"));
    assert_eq!(factor.source.id, "agribalyse-3.0");
    assert_eq!(factor.name.en.as_deref(), Some("Apricot, canned in light syrup, drained"));
    let quality = factor.quality.as_ref().and_then(|quality| quality.dqr.clone());
    assert_eq!(quality.map(|dqr| dqr.to_string()).as_deref(), Some("2.46"));
}

#[test]
fn version_3_1() {
    let Some(read) = version("2022-11-03_v3.1-columns-renamed") else { return };
    read.counts(2998, 2517, 2517, 0, &[("blank", 481)]);
    read.values(&[
        ("food/11084", "6.7664073", "kg", "6.7664073"),
        ("food/20996", "6.5809293", "kg", "6.5809293"),
        ("food/25437", "3.1581584", "kg", "3.1581584"),
        ("food/20133", "0.93647223", "kg", "0.93647223"),
        ("food/24001", "2.8830917", "kg", "2.8830917"),
        ("food/40002", "21.577504", "kg", "21.577504"),
        ("food/26040", "6.0916014", "kg", "6.0916014"),
        ("food/25512", "6.0372696", "kg", "6.0372696"),
        ("food/13014_2", "0.47855989", "kg", "0.47855989"),
    ]);
    let factor = read.factor("food/13025_2");
    assert!(factor.note.en.as_deref().unwrap().contains("Carried by air."));
    assert_eq!((factor.source.unit_text.as_deref(), factor.gwp.as_deref(), factor.region.as_str()), (None, None, "FR"));
    assert_eq!(factor.flags, ["gwp_unknown"]);
}

#[test]
fn the_keys_of_both_versions_agree() {
    let (Some(old), Some(new)) = (version("2020-11-06_v3.0-blanklines-fixed"), version("2022-11-03_v3.1-columns-renamed")) else { return };
    let shared = new.factors.keys().filter(|key| old.factors.contains_key(*key)).count();
    assert_eq!(shared, 2448);
}
