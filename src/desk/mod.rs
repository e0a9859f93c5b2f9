//! The steward's desk: what people do to a draft, each act one function with one transaction.
//!
//! The rules stand in `draft` and `review`, the rows in `store`; here they meet.

mod bundled;
mod crosswalk;
mod decide;
mod error;
mod flags;
mod import;
mod submit;

pub use bundled::{BUNDLED_ACTOR, BUNDLED_DONE, BUNDLED_TEXT, publish_bundled};
pub use crosswalk::{DraftCrosswalk, DraftSides, change_crosswalk, check_fit, draft_sides, rename_record};
pub use decide::{NewReview, approve, discard, reject, set_policy, text_to_sign};
pub use error::DeskError;
pub(crate) use flags::day_of;
pub use flags::{FlagProposal, ProposalState, Proposals, accept_flags, dismiss_flags, each_proposed_flag, proposed_flags, references};
pub use import::{Difference, ImportOutcome, ImportRequest, import};
pub use submit::{Submitted, VersionWish, draft_difference, submit};
