//! Another service's shapes: a client that was written for Climatiq's search and estimate asks this server instead.
//!
//! Names, units, flags and methods are mapped one to one where both sides have them. What has no counterpart is null and
//! stands in `notices`; nothing is made up. What the documentation of that service promises (the most recent year is taken,
//! then the highest value) is done, and said.

mod estimate;
mod one;
mod record;
mod refusal;
mod search;
mod select;
mod units;
mod version;

use serde::Serialize;

pub use estimate::{ActivityData, BATCH, EstimateAnswer, UsedFactor, estimate, estimate_batch};
pub use record::{ConstituentGases, EmissionFactor, factor_id};
pub use refusal::CompatRefusal;
pub use search::{PossibleFilters, RegionFilter, SearchAnswer, SourceFilter, search};
pub use units::{UNIT_TYPES, UnitType};
pub use version::{DataVersion, DataVersions, data_versions};

/// Something to know of an answer: what could not be mapped, what was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CompatNotice {
    /// `info` or `warning`.
    pub severity: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl CompatNotice {
    pub(crate) fn info(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: "info", code, message: message.into() }
    }

    pub(crate) fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: "warning", code, message: message.into() }
    }
}
