//! The way out for calculators: one question, one factor, or a refusal that says what exists.
//!
//! Nothing is picked silently. A dimension that is left out constrains nothing,
//! several matches are refused with what tells them apart, and a fallback
//! happens only when asked for and is written into the answer.

mod answer;
mod aside;
mod carry;
mod compute;
mod elsewhere;
mod missing;
mod near;
mod notice;
mod query;
mod reasons;
mod refusal;
mod select;
mod tie;
mod told;

pub use answer::{Answer, Found, Match, answer, envelope, factor_answer, find, with_metadata, write_envelope};
pub(crate) use answer::{nearest_release, refusal_details};
pub use carry::{GasResult, IntervalResult, LeftOut, StageResult, UncertaintyResult};
pub use compute::{AmountAsked, Computation, ComputedResult, GasTerm, compute};
pub use notice::{INPUT_WITHDRAWN, Notice, notices};
pub(crate) use query::plain_number;
pub use query::{Amount, Lookup, LookupQuery, RegionFallback, YearFallback};
pub use refusal::{Became, Choice, Existing, LookupRefusal};
pub use select::{Selected, Step, select};
pub use tie::{Taken, TieBreak};
pub use told::{Other, Reason};
