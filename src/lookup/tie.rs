//! Taking one of several, by orders that the caller names and the answer repeats.

use num_rational::BigRational;
use serde::{Deserialize, Serialize};

use crate::factor::{Decimal, Unit};
use crate::release::{Dimension, ReleaseData};

/// An order by which one of several factors is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TieBreak {
    /// The latest data year, then the latest publication.
    Newest,
    /// The latest publication, then the latest data year.
    Published,
    /// The highest value in one unit: the careful choice. Orders only what counts the same thing under the same GWP set.
    Highest,
}

impl TieBreak {
    /// Every order as it is written.
    pub const CODES: [&'static str; 3] = ["newest", "published", "highest"];

    /// The order as it is written.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Published => "published",
            Self::Highest => "highest",
        }
    }

    /// The order with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Newest, Self::Published, Self::Highest].into_iter().find(|order| order.code() == code)
    }

    /// Those of several that come first under this order; all of them where it does not apply.
    pub(super) fn first(self, data: &ReleaseData, several: &[usize]) -> Vec<usize> {
        let year = |number: usize| data.index().value(Dimension::Year, number).and_then(|year| year.parse::<i32>().ok());
        let published = |number: usize| data.index().value(Dimension::Published, number);
        match self {
            Self::Newest => latest(several, |number| (year(number), published(number))),
            Self::Published => latest(several, |number| (published(number), year(number))),
            Self::Highest => match values(data, several) {
                Some(values) => {
                    let highest = values.iter().max().cloned();
                    let own = several.iter().zip(values).filter(|(_, value)| Some(value) == highest.as_ref());
                    own.map(|(number, _)| *number).collect()
                }
                None => several.to_vec(),
            },
        }
    }
}

fn latest<K: Ord>(several: &[usize], key: impl Fn(usize) -> K) -> Vec<usize> {
    let first = several.iter().map(|number| key(*number)).max();
    several.iter().copied().filter(|number| Some(key(*number)) == first).collect()
}

/// The values in the unit of the first, where all count the same thing per comparable units.
fn values(data: &ReleaseData, several: &[usize]) -> Option<Vec<BigRational>> {
    #[derive(Deserialize)]
    struct Value {
        value: Decimal,
    }
    let text = |dimension, number: usize| data.index().value(dimension, number);
    let first = *several.first()?;
    let alike = [Dimension::Kind, Dimension::Metric, Dimension::Gwp, Dimension::Basis, Dimension::PriceYear];
    if alike.iter().any(|dimension| several.iter().any(|number| text(*dimension, *number) != text(*dimension, first))) {
        return None;
    }
    let common = Unit::parse(text(Dimension::Per, first)?).ok()?;
    let value = |number: &usize| {
        let unit = Unit::parse(text(Dimension::Per, *number)?).ok()?;
        let own = serde_json::from_slice::<Value>(&data.line(*number)).ok()?;
        Some(own.value.to_rational() * common.in_terms_of(&unit).ok()?)
    };
    several.iter().map(value).collect()
}

/// How one of several was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Taken {
    /// The orders, as asked, up to the one that decided.
    pub orders: Vec<TieBreak>,
    /// What it beat, in order of key: the first five.
    pub beat: Vec<String>,
}
