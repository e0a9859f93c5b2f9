//! The steward's desk: what people do to a draft, each act one function with one transaction.
//!
//! The rules stand in `draft` and `review`, the rows in `store`; here they meet.

mod bundled;
mod decide;
mod error;
mod import;
mod reading;
mod submit;

pub use bundled::{BUNDLED_ACTOR, BUNDLED_DONE, BUNDLED_TEXT, publish_bundled};
pub use decide::{NewReview, approve, discard, reject, set_policy, text_to_sign};
pub use error::DeskError;
pub use import::{Difference, ImportOutcome, ImportRequest, import};
pub use reading::{Reading, check};
pub use submit::{Submitted, VersionWish, draft_difference, submit};
