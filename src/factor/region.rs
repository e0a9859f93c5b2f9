//! Regions: ISO 3166-1 and -2, UN M49, `GLO`, and the Chinese power grids.
//!
//! The lists stand in `schema/regions.csv` (with names) and
//! `schema/subdivisions.csv` (codes alone).

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::Text;
use super::codes::{self, rows};

/// The whole world.
pub const WORLD: &str = "GLO";

/// What sort of place a code names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegionKind {
    /// `GLO`.
    World,
    /// A UN M49 macro-region.
    M49,
    /// An ISO 3166-1 country or area.
    Country,
    /// An ISO 3166-2 subdivision.
    Subdivision,
    /// A named power grid.
    Grid,
}

/// One place.
#[derive(Debug, Clone)]
pub struct Region {
    /// `CN-ZJ`, `CN`, `030`, `GLO`, `CN-GRID-EAST`.
    pub code: String,
    /// What sort of place it is.
    pub kind: RegionKind,
    /// The place that it is part of; nothing for the world.
    pub parent: Option<String>,
    /// Its names; subdivisions outside China have none here.
    pub name: Text,
}

static REGIONS: LazyLock<BTreeMap<String, Region>> = LazyLock::new(|| {
    let listed = rows(include_str!("../../schema/regions.csv")).map(|row| Region {
        code: row.text("code"),
        kind: match row.text("kind").as_str() {
            "world" => RegionKind::World,
            "m49" => RegionKind::M49,
            "country" => RegionKind::Country,
            "grid" => RegionKind::Grid,
            _ => RegionKind::Subdivision,
        },
        parent: Some(row.text("parent")).filter(|parent| !parent.is_empty()),
        name: row.name(),
    });
    let others = rows(include_str!("../../schema/subdivisions.csv")).flat_map(|row| {
        let (country, suffixes) = (row.text("country"), row.text("codes"));
        let place = |suffix: &str| Region {
            code: format!("{country}-{suffix}"),
            kind: RegionKind::Subdivision,
            parent: Some(country.clone()),
            name: Text::default(),
        };
        suffixes.split_whitespace().map(place).collect::<Vec<_>>()
    });
    others.chain(listed).map(|region| (region.code.clone(), region)).collect()
});

/// The same places, to be found at once: every row of a table names one.
static BY_CODE: LazyLock<HashMap<&'static str, &'static Region>> =
    LazyLock::new(|| REGIONS.values().map(|region| (region.code.as_str(), region)).collect());

impl Region {
    /// The place with this code.
    pub fn get(code: &str) -> Option<&'static Self> {
        BY_CODE.get(code).copied()
    }

    /// All places by code.
    pub fn all() -> &'static BTreeMap<String, Self> {
        &REGIONS
    }

    /// The code that was probably meant.
    pub fn suggestion(wrong: &str) -> Option<String> {
        let habit = match wrong.to_ascii_uppercase().as_str() {
            "WORLD" | "GLOBAL" | "ROW" | "001" | "全球" => WORLD.to_owned(),
            "UK" => "GB".to_owned(),
            "EL" => "GR".to_owned(),
            upper => upper.replace('_', "-"),
        };
        if Self::get(&habit).is_some() {
            return Some(habit);
        }
        if let Some(named) = REGIONS.values().find(|region| region.is_named(wrong)) {
            return Some(named.code.clone());
        }
        if let Some(province) = wrong.strip_prefix("CN-").and_then(gbt_2260) {
            return Some(province.to_owned());
        }
        // A short code that is not one is no near miss of another: CHN is not CH.
        if wrong.chars().count() <= 3 {
            return None;
        }
        let (country, _) = wrong.split_once('-').unwrap_or((wrong, ""));
        let kin = REGIONS.keys().map(String::as_str).filter(|code| code.split('-').next() == Some(country) || !wrong.contains('-'));
        codes::nearest(wrong, kin).or_else(|| Self::nearest_name(wrong))
    }

    /// The code of the place whose English name is written most like a wrong one.
    fn nearest_name(wrong: &str) -> Option<String> {
        let names = || REGIONS.values().filter_map(|region| Some((region.name.en.as_deref()?, region)));
        let name = codes::nearest(wrong, names().map(|(name, _)| name))?;
        names().find(|(own, _)| *own == name).map(|(_, region)| region.code.clone())
    }

    fn is_named(&self, name: &str) -> bool {
        let named = |own: &Option<String>| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        named(&self.name.en) || named(&self.name.zh)
    }

    /// The place itself, then what it is part of, up to the world.
    ///
    /// `CN-ZJ` gives CN-ZJ, CN, 030, 142, GLO. Grids are never entered from
    /// below, since which grid serves a province is not the server's to guess;
    /// a grid's own parent is its country. Hong Kong, Macao and Taiwan have
    /// their own statistics and never fall to CN.
    pub fn chain(code: &str) -> Vec<&'static str> {
        std::iter::successors(Self::get(code), |region| region.parent.as_deref().and_then(Self::get))
            .map(|region| region.code.as_str())
            .take(8)
            .collect()
    }
}

/// The ISO 3166-2 code of a province by its two digits in GB/T 2260.
fn gbt_2260(digits: &str) -> Option<&'static str> {
    const PROVINCES: [(&str, &str); 34] = [
        ("11", "CN-BJ"),
        ("12", "CN-TJ"),
        ("13", "CN-HE"),
        ("14", "CN-SX"),
        ("15", "CN-NM"),
        ("21", "CN-LN"),
        ("22", "CN-JL"),
        ("23", "CN-HL"),
        ("31", "CN-SH"),
        ("32", "CN-JS"),
        ("33", "CN-ZJ"),
        ("34", "CN-AH"),
        ("35", "CN-FJ"),
        ("36", "CN-JX"),
        ("37", "CN-SD"),
        ("41", "CN-HA"),
        ("42", "CN-HB"),
        ("43", "CN-HN"),
        ("44", "CN-GD"),
        ("45", "CN-GX"),
        ("46", "CN-HI"),
        ("50", "CN-CQ"),
        ("51", "CN-SC"),
        ("52", "CN-GZ"),
        ("53", "CN-YN"),
        ("54", "CN-XZ"),
        ("61", "CN-SN"),
        ("62", "CN-GS"),
        ("63", "CN-QH"),
        ("64", "CN-NX"),
        ("65", "CN-XJ"),
        ("71", "TW"),
        ("81", "HK"),
        ("82", "MO"),
    ];
    PROVINCES.iter().find(|(own, _)| *own == digits).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_climb_to_the_world() {
        assert_eq!(Region::chain("CN-ZJ"), ["CN-ZJ", "CN", "030", "142", "GLO"]);
        assert_eq!(Region::chain("CN-GRID-EAST"), ["CN-GRID-EAST", "CN", "030", "142", "GLO"]);
        assert_eq!(Region::chain("US-CA").first(), Some(&"US-CA"));
        for code in Region::all().keys() {
            assert_eq!(Region::chain(code).last(), Some(&WORLD), "{code}");
        }
    }

    #[test]
    fn hong_kong_macao_and_taiwan_never_fall_to_cn() {
        for code in ["HK", "MO", "TW", "CN-HK", "CN-MO", "CN-TW"] {
            assert!(!Region::chain(code).contains(&"CN"), "{code}");
        }
    }

    #[test]
    fn iso_3166_is_whole() {
        let count = |kind| Region::all().values().filter(|region| region.kind == kind).count();
        assert_eq!(count(RegionKind::Country), 249);
        assert_eq!(count(RegionKind::Grid), 7);
        assert_eq!(Region::all().keys().filter(|code| code.starts_with("CN-") && code.len() == 5).count(), 34);
        assert_eq!(Region::get("NA").and_then(|namibia| namibia.name.en.as_deref()), Some("Namibia"));
    }

    #[test]
    fn wrong_codes_come_with_the_right_one() {
        for (wrong, right) in [("UK", "GB"), ("world", "GLO"), ("cn-zj", "CN-ZJ"), ("浙江", "CN-ZJ"), ("CN_BJ", "CN-BJ"), ("Germany", "DE")]
        {
            assert_eq!(Region::suggestion(wrong).as_deref(), Some(right), "{wrong}");
        }
    }
}
