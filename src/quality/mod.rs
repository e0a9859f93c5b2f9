//! Rules that propose flags, and the quality of a release in numbers.
//!
//! A rule never changes a line: what it raises is a proposal with its evidence. A steward accepts it, and the flag becomes
//! the line's; or dismisses it with a reason; or leaves it, and it stands in the release's quality report.

mod examine;
mod glance;
mod peers;
mod plausible;
mod references;
mod report;
mod rules;
mod scale;

pub use examine::{Against, Raised, examine};
pub use glance::Glance;
pub use peers::LEAST_PEERS;
pub use references::{DIRECT, References};
pub use report::{BLOCK_BYTES, DqrCount, FlagCount, LISTED_RAISED, QualityReport, Share, report};
pub use rules::{QUALITY_RULES, QualityRule};
