//! The steward's desk: what people do to a draft, each act one function with one transaction.
//!
//! The rules stand in `draft` and `review`, the rows in `store`; here they meet.

mod actor;
mod bundled;
mod comments;
mod crosswalk;
mod decide;
mod edit;
mod error;
mod flags;
mod grants;
mod grid;
mod import;
mod preview;
mod reading;
mod jobs;
mod sessions;
mod standing;
mod submit;
mod tokens;
mod upload;
mod waiting;

pub use actor::By;
pub use bundled::{BUNDLED_ACTOR, BUNDLED_DONE, BUNDLED_TEXT, publish_bundled};
pub use comments::{comment, draft_comments};
pub use crosswalk::{DraftCrosswalk, DraftSides, change_crosswalk, check_fit, draft_sides, rename_record};
pub use decide::{NewReview, approval_keys, approvals_missing, approve, approve_seen, discard, publish, reject, set_policy, text_to_sign};
pub use edit::{CellMap, EditChange, Edited, MAX_EDITS, NewEdit, draft_edits, draft_factor, edit, judge_edit, undo};
pub use error::DeskError;
pub(crate) use flags::day_of;
pub use flags::{
    FlagProposal, ProposalState, Proposals, accept_flags, count_open_flags, dismiss_flags, each_proposed_flag, proposed_flags, references,
};
pub use grants::{grant, list_grants, revoke_grant, set_restricted};
pub use grid::{GridFilter, GridPage, GridRow, draft_grid};
pub use import::{Difference, ImportOutcome, ImportRequest, import};
pub use jobs::{
    JobOutcome, MAX_WAITING, NewUpload, enqueue, expect_room, job, named_format, recover_jobs, remove_upload, run_next, upload_file,
};
pub use preview::{MAX_PREVIEW_BYTES, PREVIEW_ROWS, Preview, PreviewRow, preview};
pub use reading::{Reading, check};
pub use sessions::{PresentedSession, SESSION_HOURS, Signed, begin_session, end_session, find_session};
pub use standing::{Standing, standing};
pub use submit::{Submitted, VersionWish, draft_difference, submit};
pub use tokens::{NewToken, PresentedToken, TOKEN_PREFIX, create_token, expiry, find_holder, list_tokens, revoke_token, token_members};
pub use upload::UploadRefusal;
pub use waiting::{Waiting, WaitingDraft, acts, waiting};
