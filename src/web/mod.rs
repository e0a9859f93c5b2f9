//! Pages that people look at: data become HTML, and nothing is read or decided here.
//!
//! Every text is escaped by the template engine and stands there in Chinese and English. Pages of the console stand in one
//! [`Frame`]; they ask this server for its styles and scripts, and no other for anything.

mod address;
mod assets;
mod certificate;
pub mod charts;
mod cite;
mod compare;
mod difference;
mod factor;
mod frame;
mod grids;
mod lang;
mod look;
mod problem;
mod proof;
mod proof_texts;
mod qr;
mod quality;
mod snippets;
mod typeset;
pub(crate) mod work;
mod words;

pub use assets::{Asset, asset_at, asset_named, pack};
pub use certificate::{PAGE_POLICY, certificate};
pub use compare::{CompareView, Compared, MOST_COMPARED, compare_chart, compare_page, value_words};
pub use difference::{DifferenceLinks, DifferenceView, difference_page};
pub use factor::{FactorView, Sealed, factor_chart, factor_page, sealed_page};
pub use frame::{Frame, Signed};
pub use grids::{GridView, grid_address, grid_charts, grid_named, grid_page};
pub use lang::Lang;
pub use look::*;
pub use problem::{Refused, problem_page, problem_words};
pub use proof::{ProofPanel, ShownFactor};
pub use quality::{QualityView, quality_page};
