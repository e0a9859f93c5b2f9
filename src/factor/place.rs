//! A place however people write it: a code in any case, ISO 3166-1 alpha-3, or a name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::classification::plain;
use super::codes::rows;
use super::{Region, RegionKind};

static ALPHA_3: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    rows(include_str!("../../schema/profiles/iso3166-alpha3.csv")).map(|row| (row.text("alpha3"), row.text("to"))).collect()
});

impl Region {
    /// The place that a text names with certainty: `cn`, `CHN`, `China`, `中国`, `cn_zj`; nothing where it is not certain.
    pub fn named(text: &str) -> Option<&'static Self> {
        let text = plain(text);
        let upper = text.to_uppercase().replace('_', "-");
        if let Some(place) = Self::get(&upper) {
            return Some(place);
        }
        if let Some(code) = ALPHA_3.get(&upper) {
            return Self::get(code);
        }
        let same = |own: &Option<String>| own.as_deref().is_some_and(|own| own.to_lowercase() == text.to_lowercase());
        let mut found = Self::all().values().filter(|place| same(&place.name.en) || same(&place.name.zh));
        found.next().filter(|_| found.next().is_none())
    }

    /// The country that a place is or lies in.
    pub fn country(code: &str) -> Option<&'static Self> {
        Self::chain(code).into_iter().filter_map(Self::get).find(|place| place.kind == RegionKind::Country)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_known_by_any_of_their_names() {
        for (text, code) in
            [("cn", "CN"), ("CHN", "CN"), ("China", "CN"), ("中国", "CN"), ("ＣＮ", "CN"), ("cn_zj", "CN-ZJ"), ("glo", "GLO")]
        {
            assert_eq!(Region::named(text).map(|place| place.code.as_str()), Some(code), "{text}");
        }
        assert!(Region::named("Atlantis").is_none() && Region::named("").is_none());
        assert_eq!(Region::country("CN-ZJ").map(|place| place.code.as_str()), Some("CN"));
        assert_eq!(Region::country("TW").map(|place| place.code.as_str()), Some("TW"));
        assert!(Region::country("GLO").is_none());
    }
}
