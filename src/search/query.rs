//! The parameters of a search, as they are written, and what is said of those that cannot be.

use serde::{Deserialize, Serialize};

use super::text::index::TextError;
use crate::factor::nearest;
use crate::release::{Denied, ResolveError};

/// The parameters of a search, as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilterQuery {
    /// Dataset ids, parted by commas, each with a version or range behind `@` if wanted; else the latest releases of all
    #[arg(long)]
    pub dataset: Option<String>,
    /// Kinds of factor, parted by commas: any of them
    #[arg(long)]
    pub kind: Option<String>,
    /// Activity; a trailing `*` stands for any rest
    #[arg(long)]
    pub activity: Option<String>,
    /// Region codes, parted by commas: any of them
    #[arg(long)]
    pub region: Option<String>,
    /// Data years, parted by commas, each a year or a range `2020..2023`, either end open
    #[arg(long)]
    pub year: Option<String>,
    /// Category; a trailing `*` stands for any rest
    #[arg(long)]
    pub category: Option<String>,
    /// What the factor is given per, parted by commas: `energy`, `mass`, `volume`, `length`, `freight`, `money` and others
    #[arg(long)]
    pub dimension: Option<String>,
    /// Units that the factor is given per (UCUM), parted by commas: `kW.h`
    #[arg(long)]
    pub per: Option<String>,
    /// `CO2` or `CO2e`
    #[arg(long)]
    pub metric: Option<String>,
    /// GWP sets by their full ids, parted by commas
    #[arg(long)]
    pub gwp: Option<String>,
    /// Date on which the source published the factor, or its beginning: `2024`, `2024-12`, `2024-12-20`
    #[arg(long)]
    pub published: Option<String>,
    /// Licences of the datasets, parted by commas: `CC-BY-4.0`
    #[arg(long)]
    pub licence: Option<String>,
    /// Quality flags, parted by commas: any of them, whether of the release or raised later
    #[arg(long)]
    pub flag: Option<String>,
    /// Sources of the factors by their ids, parted by commas
    #[arg(long)]
    pub source: Option<String>,
    /// Words in Chinese or English: names, synonyms, activities, categories, codes, regions, years, remarks
    #[arg(skip)]
    #[param(max_length = 400)]
    pub q: Option<String>,
    /// `relevance` (with `q`, and the default there), `key` (dataset, then key), `year`, `-year`, `region`
    #[arg(long, allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Factors a page, 1 to 1000; 50 if left out
    #[arg(long)]
    pub limit: Option<String>,
    /// `next` of the page before
    #[arg(long)]
    pub cursor: Option<String>,
    /// Facets to count, parted by commas, of dataset, kind, activity, region, year, category, dimension, flag, licence; `none`; all
    /// but activity if left out
    #[arg(long)]
    pub facets: Option<String>,
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterRefusal {
    /// The dataset or release is not there.
    #[error(transparent)]
    Release(#[from] ResolveError),
    /// Whoever asked may not read the dataset that was named.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// A parameter has a value that it cannot have.
    #[error("`{parameter}`: {detail}")]
    Parameter {
        /// Which.
        parameter: &'static str,
        /// What is wrong.
        detail: String,
        /// What it can be.
        valid: Vec<String>,
    },
    /// What was released is not as it was, or the text index cannot be built.
    #[error("{0}")]
    Damaged(String),
}

impl From<TextError> for FilterRefusal {
    fn from(error: TextError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// A refusal of one parameter.
pub(super) fn wrong<'v>(parameter: &'static str, detail: impl Into<String>, valid: impl IntoIterator<Item = &'v str>) -> FilterRefusal {
    FilterRefusal::Parameter { parameter, detail: detail.into(), valid: valid.into_iter().map(str::to_owned).collect() }
}

/// A parameter that is left blank is left out.
pub(super) fn filled(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The values of a list parted by commas, blanks around them and empty ones left out.
pub(super) fn listed(text: &Option<String>) -> impl Iterator<Item = &str> {
    text.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty())
}

/// As much of a value as a message shows.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A code of a list, or a refusal with the list and the code that was probably meant.
pub(super) fn read_code<T>(parameter: &'static str, text: &str, code: Option<T>, all: &[&str]) -> Result<T, FilterRefusal> {
    let hint = || nearest(text, all.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
    code.ok_or_else(|| wrong(parameter, format!("`{}` is none of its values{}", shown(text), hint()), all.iter().copied()))
}
