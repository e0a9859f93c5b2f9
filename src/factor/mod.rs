//! What a factor is: the typed content of one canonical line.
//!
//! A factor's identity is its dataset and `key`; its content is the SHA-256 of
//! its canonical line (RFC 8785, without the line feed). The line carries no
//! version, so an unchanged factor keeps its digest across releases. The shape
//! is published as `schema/factor.json`.

mod classification;
mod codes;
mod columns;
mod decimal;
mod dimension;
pub mod exact;
mod gas;
mod gwp;
mod metadata;
pub mod notation;
mod place;
mod quality;
mod region;
mod rule;
mod stage;
mod text;
mod unit;

use serde::{Deserialize, Serialize};

pub(crate) use classification::compact;
pub use classification::{Crossed, Crosswalk as SchemeCrosswalk, Relation, Scheme};
pub use codes::{Flag, FlagSeverity, Kind, flag_code, flags, is_currency, kinds, nearest, unit_name};
pub(crate) use columns::GAS_COLUMNS;
pub use columns::{COLUMNS, Col, Column, column, csv_cell, csv_cells};
pub use decimal::{Decimal, DecimalError, MAX_SIGNIFICANT_DIGITS};
pub use dimension::{dimension_name, dimension_names};
pub use gas::{GasAmount, GasCo2e, Origin, is_cas_number};
pub use gwp::{GwpError, GwpSet, GwpValue};
pub use metadata::metadata_of;
pub use quality::{Quality, Score, Uncertainty};
pub use region::{Region, RegionKind, WORLD};
pub use rule::{AccountingRule, Certificate, CertificateScheme, RULE_KINDS, RULE_LEVELS, RULE_STATUSES, rule_key, rules_in};
pub use stage::{StageCode, counted as counted_stages, parts_of as parts_of_stage};
pub use text::{Text, Texts};
pub use unit::{Dimension, Unit, UnitError, UnitMismatch};

use crate::canon::{CanonError, canonical_bytes};

/// A code list whose codes are the variants. A code is a `tt`, not a `literal`: derives inside do not look into the latter.
macro_rules! code_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            /// Every code of the list.
            pub const CODES: &'static [&'static str] = &[$($code),+];

            /// The code as it is written.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The member with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

code_list! {
    /// What a value counts.
    Metric {
        /// Carbon dioxide alone, in kg.
        Co2 = "CO2",
        /// All greenhouse gases counted, in kg CO2 equivalent under a GWP set.
        Co2e = "CO2e",
    }
}

code_list! {
    /// What the `per` of a factor is measured on.
    Basis {
        /// Net (lower) calorific value.
        NetCv = "net_cv",
        /// Gross (higher) calorific value.
        GrossCv = "gross_cv",
        /// Dry matter.
        Dry = "dry",
        /// Matter as it is, water included.
        Wet = "wet",
        /// The declared unit of a product footprint.
        PerDeclaredUnit = "per_declared_unit",
    }
}

code_list! {
    /// Which price a spend factor counts.
    PriceBasis {
        /// Basic price.
        Basic = "basic",
        /// At the producer's gate.
        Producer = "producer",
        /// What the buyer pays, trade margins and transport included.
        Purchaser = "purchaser",
    }
}

code_list! {
    /// Who turned gases into CO2e.
    Co2eOrigin {
        /// The source published the CO2e.
        SourcePublished = "source_published",
        /// The curator computed it from the source's gases.
        RecomputedByUs = "recomputed_by_us",
    }
}

code_list! {
    /// Whether a factor should still be chosen.
    Status {
        /// In use; the same as no status.
        Valid = "valid",
        /// Kept, but to be left for another.
        Deprecated = "deprecated",
        /// A later publication has taken its place.
        Superseded = "superseded",
    }
}

code_list! {
    /// Who stands behind the document that a figure was read in.
    SourceLevel {
        /// A national authority's own document.
        OfficialNational = "official_national",
        /// A provincial authority's own document.
        OfficialProvincial = "official_provincial",
        /// An international body.
        International = "international",
        /// An industry body.
        Industry = "industry",
        /// A reviewed scientific publication.
        PeerReviewed = "peer_reviewed",
        /// A company's own statement.
        Company = "company",
        /// A copy that cites the original.
        Secondary = "secondary",
    }
}

/// From and to, both days included (ISO 8601 calendar dates); either may be open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Interval {
    /// Whether neither end is known.
    pub fn is_empty(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }
}

/// The part of a value that falls to one life-cycle stage (EN 15804 module or ISO 14067 stage).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// `A1-A3`, `C4`, `distribution`.
    pub stage: String,
    /// In kg of the metric per the factor's `per`.
    pub value: Decimal,
}

/// A code in an outside classification.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classification {
    /// `cpc-2.1`, `hs-2022`, `gbt-4754-2017`, `cas`.
    pub scheme: String,
    /// The code in that scheme, as text (leading zeros count).
    pub code: String,
}

/// A factor that this one was computed from, at an exact release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedFrom {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    pub version: String,
    /// Key in that release.
    pub key: String,
}

/// Where the number stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Id of a source that the package declares.
    pub id: String,
    /// Who stands behind the copy that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<SourceLevel>,
    /// Page, table, sheet, row, cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locator: Option<String>,
    /// The cell as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_text: Option<String>,
    /// The unit as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_text: Option<String>,
}

/// One emission factor: kg of `metric` per `per`, with what it means and where it stood.
///
/// Lists are sorted, members stand only where known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Identity within the dataset: `grid-average/cn-zj/2022`.
    pub key: String,
    /// What is done or made, without place and time: `electricity/grid-average`.
    pub activity: String,
    /// Code of `schema/kinds.csv`.
    pub kind: String,
    /// In at least one language.
    pub name: Text,
    /// Longer text.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub description: Text,
    /// Code of `schema/regions.csv` or an ISO 3166-2 subdivision.
    pub region: String,
    /// Data year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Data period.
    #[serde(default, skip_serializing_if = "Interval::is_empty")]
    pub period: Interval,
    /// When the factor is meant to be used.
    #[serde(default, skip_serializing_if = "Interval::is_empty")]
    pub valid: Interval,
    /// When the source published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    /// kg of `metric` per `per`, as written.
    pub value: Decimal,
    /// What is counted.
    pub metric: Metric,
    /// UCUM code, or ISO 4217 with `price_year`.
    pub per: String,
    /// What `per` is measured on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Year of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_year: Option<i32>,
    /// Which price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_basis: Option<PriceBasis>,
    /// Id of a GWP set; only with CO2e.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gwp: Option<String>,
    /// Who computed the CO2e.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub co2e_origin: Option<Co2eOrigin>,
    /// System boundary, a short code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// GHG Protocol scope: 1, 2, 3, 3.1 … 3.15, outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Technology, process route or sector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<String>,
    /// Path for browsing: `Energy/Electricity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Other names.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub synonyms: Texts,
    /// kg of each gas per `per`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gases: Vec<GasAmount>,
    /// Parts known only in CO2e.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gases_co2e: Vec<GasCo2e>,
    /// Parts by life-cycle stage; they add up to the value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Uncertainty of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertainty>,
    /// Data quality rating.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// Codes of `schema/flags.csv`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Codes in outside classifications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classifications: Vec<Classification>,
    /// Where the number stood.
    pub source: Source,
    /// What it was computed from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived_from: Vec<DerivedFrom>,
    /// The accounting rule that it follows (PCR, standard number).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Label or certificate that it carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub note: Text,
    /// Whether it should still be chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

impl Factor {
    /// The canonical line, without the line feed.
    pub fn to_line(&self) -> Result<Vec<u8>, CanonError> {
        canonical_bytes(self)
    }

    /// Reads a line of a release.
    pub fn from_line(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }

    /// The flags that block its use unless the caller accepts them by name.
    pub fn blocking_flags(&self) -> impl Iterator<Item = &str> {
        self.flags.iter().filter(|code| flags().get(*code).is_some_and(|flag| flag.severity == FlagSeverity::Block)).map(String::as_str)
    }
}
