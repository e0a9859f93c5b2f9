//! What the rules look at in a factor, borrowed from its line: a whole factor costs several times as much to read.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::factor::{Basis, Decimal, Metric, SourceLevel, Status};

/// Some members of a line.
#[derive(Debug, Deserialize)]
pub struct Glance<'a> {
    /// Its key.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) activity: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) region: Cow<'a, str>,
    pub(super) year: Option<i32>,
    pub(super) value: Decimal,
    pub(super) metric: Metric,
    #[serde(borrow)]
    pub(super) per: Cow<'a, str>,
    pub(super) basis: Option<Basis>,
    pub(super) price_year: Option<i32>,
    #[serde(default, borrow)]
    pub(super) gwp: Cow<'a, str>,
    pub(super) boundary: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) technology: Option<String>,
    #[serde(default)]
    pub(super) flags: Vec<String>,
    #[serde(default, borrow)]
    pub(super) gases: Vec<Gas<'a>>,
    #[serde(default)]
    pub(super) gases_co2e: Vec<IgnoredAny>,
    #[serde(default)]
    pub(super) stages: Vec<IgnoredAny>,
    #[serde(default)]
    pub(super) valid: Valid,
    pub(super) source: Source,
    pub(super) status: Option<Status>,
}

/// One of its gases.
#[derive(Debug, Deserialize)]
pub(super) struct Gas<'a> {
    #[serde(borrow)]
    pub(super) gas: Cow<'a, str>,
}

/// When it is meant to be used.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Valid {
    pub(super) to: Option<String>,
}

/// Who stands behind it.
#[derive(Debug, Deserialize)]
pub(super) struct Source {
    pub(super) level: Option<SourceLevel>,
}

impl<'a> Glance<'a> {
    /// Reads a line as far as the rules look.
    ///
    /// # Errors
    /// When it is no factor.
    pub fn at(line: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }
}
