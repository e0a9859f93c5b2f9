//! Where a factor stands among its like in the same release: other regions, other years, others of its category.
//!
//! Like is what counts the same per the same unit, under the same boundary and GWP set: only such numbers stand side by side.

use std::collections::BTreeMap;

use crate::canon::{Members, text_of};
use crate::factor::{Decimal, Region, Text};
use crate::release::{Dimension, PublishedRelease};

/// The most factors that are read for one distribution.
const MOST: usize = 5_000;

/// What must be alike for numbers to stand side by side.
const MEASURE: [Dimension; 7] =
    [Dimension::Kind, Dimension::Metric, Dimension::Per, Dimension::Basis, Dimension::Gwp, Dimension::Boundary, Dimension::PriceYear];

/// A factor beside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    /// Its number in the release.
    pub number: usize,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: Text,
    /// Its region.
    pub region: String,
    /// Its data year.
    pub year: Option<i32>,
    /// Its value, as published.
    pub value: Decimal,
}

/// A factor's like, itself among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kin {
    /// The same activity in the same year, by region: one a region.
    pub regions: Vec<Relative>,
    /// The same activity in the same region, by year: one a year.
    pub years: Vec<Relative>,
    /// The nearest region above that has the activity, by year.
    pub above: Vec<Relative>,
    /// The same category (or, without one, kind) in the same year.
    pub category: Vec<Relative>,
    /// How many more of the category there are than are read for it.
    pub more: usize,
}

/// The like of a factor of a release whose numbers may be read.
pub fn kin(release: &PublishedRelease, number: usize) -> Kin {
    let data = &release.data;
    let index = data.index();
    let same = |dimension: Dimension, other: usize| index.code(dimension, other) == index.code(dimension, number);
    let measures = |other: usize| MEASURE.iter().all(|dimension| same(*dimension, other));
    let told = |other: usize| relative(release, other);
    let activity: Vec<usize> = index
        .of_activity(index.code(Dimension::Activity, number))
        .iter()
        .filter(|other| measures(*other) && same(Dimension::Technology, *other))
        .collect();
    let one_each = |numbers: Vec<usize>, by: Dimension| {
        // several of one region and year differ in something that is told elsewhere: the own one, else the first
        let mut one: BTreeMap<u32, usize> = BTreeMap::new();
        for other in numbers {
            let kept = one.entry(index.code(by, other)).or_insert(other);
            if other == number {
                *kept = other;
            }
        }
        one.into_values().filter_map(told).collect::<Vec<_>>()
    };
    let of_year = activity.iter().copied().filter(|other| same(Dimension::Year, *other)).collect();
    let of_region = |code: u32| activity.iter().copied().filter(|other| index.code(Dimension::Region, *other) == code).collect::<Vec<_>>();
    let by_year = |numbers: Vec<usize>| {
        let mut years = one_each(numbers, Dimension::Year);
        years.retain(|own| own.year.is_some());
        years.sort_by_key(|own| own.year);
        years
    };
    let region = index.value(Dimension::Region, number).unwrap_or_default();
    let above = Region::chain(region).into_iter().skip(1).filter_map(|code| index.code_of(Dimension::Region, code));
    let above = above.map(of_region).find(|numbers| !numbers.is_empty()).unwrap_or_default();
    let grouped = index.value(Dimension::Category, number).is_some();
    let category: Vec<usize> = (0..index.len())
        .filter(|other| same(Dimension::Year, *other) && measures(*other) && (!grouped || same(Dimension::Category, *other)))
        .collect();
    let more = category.len().saturating_sub(MOST);
    Kin {
        regions: one_each(of_year, Dimension::Region),
        years: by_year(of_region(index.code(Dimension::Region, number))),
        above: by_year(above),
        category: if more > 0 { Vec::new() } else { category.into_iter().filter_map(told).collect() },
        more,
    }
}

/// A factor as it stands beside another; nothing where its line is not as it was released.
pub fn relative(release: &PublishedRelease, number: usize) -> Option<Relative> {
    let data = &release.data;
    data.digest(number)?;
    let (mut name, mut value) = (Text::default(), None);
    for (member, text) in Members::of(data.line_bytes(number)) {
        match member {
            b"name" => name = serde_json::from_slice(text).ok()?,
            b"value" => value = text_of(text)?.parse().ok(),
            _ => {}
        }
    }
    Some(Relative {
        number,
        key: data.key(number).to_owned(),
        name,
        region: data.index().value(Dimension::Region, number).unwrap_or_default().to_owned(),
        year: data.year(number),
        value: value?,
    })
}
