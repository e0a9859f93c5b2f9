//! CBAM default values.

use super::{Read, read, real};
use num_rational::BigRational;
use tanyin::factor::{Decimal, Factor};

fn defaults() -> Option<Read> {
    Some(read(&real("cbam-defaults/cbam_defaults.csv")?, "eu-cbam-defaults", &[]))
}

#[test]
fn every_row_is_accounted_for() {
    let Some(read) = defaults() else { return };
    read.counts(12532, 10932, 57436, 0, &[("no value", 1599), ("the values stand three columns too far right", 1)]);
    read.values(&[
        ("al/25231000-grey/total", "0.87", "kg", "0.87"),
        ("al/25231000-grey/indirect", "0.0", "kg", "0.0"),
        ("al/25231000-grey/marked-up-2028", "1.131", "kg", "1.131"),
        ("cn/72061000/direct", "1.74", "kg", "1.74"),
        ("cn/72061000/marked-up-2026", "1.914", "kg", "1.914"),
        ("cn/76041010/marked-up-2027", "5.85696", "kg", "5.85696"),
        ("gb/28080000/marked-up-2026", "0.7575", "kg", "0.7575"),
        ("ci/28041000/total", "10.82", "kg", "10.82"),
        ("ru/28141000/total", "2.26", "kg", "2.26"),
        ("in/7601/direct", "1.87", "kg", "1.87"),
        ("cw/28041000/marked-up-2028", "14.066", "kg", "14.066"),
        ("other/25231000-white/total", "1.37", "kg", "1.37"),
        ("other/26011200/direct", "0.616583", "kg", "0.616583"),
        // only this one of them is given
        ("tw/7218/direct", "8.67", "kg", "8.67"),
    ]);
    for absent in ["al/25232100/total", "al/25231000-white/total", "tw/7218/total", "cl/73061100/marked-up-2026", "cn/72061000/indirect"] {
        assert!(!read.factors.contains_key(absent), "{absent}");
    }
    let other = read.factor("other/25231000-grey/marked-up-2026");
    assert_eq!((other.region.as_str(), other.kind.as_str()), ("GLO", "ets-value"));
    assert_eq!((other.valid.from.as_deref(), other.valid.to.as_deref()), (Some("2026-01-01"), Some("2026-12-31")));
    assert_eq!((other.year, other.boundary.as_deref()), (Some(2026), Some("cbam-total-marked-up")));
    let steel = read.factor("cn/72061000/total");
    assert_eq!(steel.technology.as_deref(), Some("CBAM benchmark route C"));
    let codes: Vec<_> = steel.classifications.iter().map(|code| (code.scheme.as_str(), code.code.as_str())).collect();
    assert_eq!(codes, [("cn", "72061000"), ("hs-2022", "720610")]);
}

#[test]
fn totals_and_mark_ups_are_those_of_the_file() {
    let Some(read) = defaults() else { return };
    let number = |factor: &Factor| factor.value.to_rational();
    let of = |text: &str| text.parse::<Decimal>().unwrap().to_rational();
    let near = |a: &BigRational, b: &BigRational, by: &str| a - b <= of(by) && b - a <= of(by);
    let (mut sums, mut marked) = (0, 0);
    for (key, total) in read.factors.iter().filter(|(key, _)| key.ends_with("/total")) {
        let stem = key.strip_suffix("/total").unwrap();
        let part = |name: &str| read.factors.get(&format!("{stem}/{name}")).map(number);
        let direct = part("direct").unwrap();
        let sum = direct + part("indirect").unwrap_or_else(|| of("0"));
        assert!(near(&sum, &number(total), "0.0101"), "{key}");
        sums += 1;
        if let Some(with) = part("marked-up-2026") {
            let rate = if total.activity.starts_with("cbam/fertilisers/") { "1.01" } else { "1.1" };
            assert!(near(&with, &(number(total) * of(rate)), "0.0006"), "{key}");
            marked += 1;
        }
    }
    assert_eq!((sums, marked), (10931, 10930));
}
