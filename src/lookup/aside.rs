//! What can be asked for and stands in the lines alone: validity, price basis, source level.

use serde::Deserialize;

use super::Lookup;
use super::told::Reason;
use crate::factor::{Interval, PriceBasis, SourceLevel};
use crate::release::ReleaseData;

/// Members of a line that no column of the index holds.
#[derive(Debug, Deserialize)]
pub(super) struct Aside {
    #[serde(default)]
    pub(super) valid: Interval,
    #[serde(default)]
    price_basis: Option<PriceBasis>,
    source: AsideSource,
}

#[derive(Debug, Deserialize)]
struct AsideSource {
    #[serde(default)]
    level: Option<SourceLevel>,
}

impl Aside {
    /// Whether a lookup asks for none of them, so that no line need be read.
    pub(super) fn is_free(lookup: &Lookup) -> bool {
        lookup.valid_at.is_none() && lookup.price_basis.is_none() && lookup.source_level.is_none()
    }

    /// Those of one factor; nothing where the line does not read.
    pub(super) fn of(data: &ReleaseData, number: usize) -> Option<Self> {
        serde_json::from_slice(&data.line(number)).ok()
    }

    /// The first of them that is not as asked. An open end is open, and no stated validity excludes nothing.
    pub(super) fn misses(&self, lookup: &Lookup) -> Option<Reason> {
        if let Some(asked) = lookup.price_basis.filter(|asked| self.price_basis != Some(*asked)) {
            return Some(differs("price_basis", self.price_basis.map(PriceBasis::code), asked.code()));
        }
        if let Some(asked) = lookup.source_level.filter(|asked| self.source.level != Some(*asked)) {
            return Some(differs("source_level", self.source.level.map(SourceLevel::code), asked.code()));
        }
        let day = lookup.valid_at.as_deref()?;
        let before = self.valid.from.as_deref().is_some_and(|from| day < from);
        let after = self.valid.to.as_deref().is_some_and(|to| to < day);
        (before || after).then(|| {
            let interval = self.interval();
            Reason::new("valid_at", format!("valid {interval}, not on {day}"), format!("有效期 {interval}，不含 {day}"))
        })
    }

    /// `2024-01-01..2024-12-31`; an open end is left blank.
    pub(super) fn interval(&self) -> String {
        format!("{}..{}", self.valid.from.as_deref().unwrap_or_default(), self.valid.to.as_deref().unwrap_or_default())
    }

    /// What a line says of a parameter, as the refusal lists it.
    pub(super) fn said_of(&self, parameter: &str) -> Option<String> {
        match parameter {
            "price_basis" => self.price_basis.map(|basis| basis.code().to_owned()),
            "source_level" => self.source.level.map(|level| level.code().to_owned()),
            _ => (!self.valid.is_empty()).then(|| self.interval()),
        }
    }
}

fn differs(name: &'static str, own: Option<&str>, asked: &str) -> Reason {
    let (en, zh) = super::told::or_none(own);
    Reason::new(name, format!("{name}: {en}; {asked} was asked"), format!("{}：{zh}；所问为 {asked}", super::told::in_chinese(name)))
}
