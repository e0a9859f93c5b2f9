//! What the desk refuses, as problems.

use serde_json::json;

use super::Problem;
use crate::dataset::VersionRefusal;
use crate::desk::DeskError;
use crate::release::ReleaseError;
use crate::store::StoreError;

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let detail = error.to_string();
        match &error {
            DeskError::Release(error) => of_release(error, detail),
            DeskError::Step(_) => Self::new("draft-state", detail),
            DeskError::Review(_) => Self::new("review", detail),
            DeskError::Version(VersionRefusal::Exists { next, .. } | VersionRefusal::TooLow { next, .. }) => {
                Self::with("version", detail, json!({"next": next}))
            }
            DeskError::Version(_) => Self::new("version", detail),
            DeskError::Upload(_) => Self::new("invalid-body", detail),
            DeskError::QueueFull(_) => Self::new("queue-full", detail),
            DeskError::NoImport(_) => Self::new("no-import", detail),
            DeskError::NoFactor { .. } => Self::new("no-factor", detail),
            DeskError::Edited { count, .. } => Self::with("edited", detail, json!({"edits": count, "parameter": "discard_edits"})),
            DeskError::OtherKey { .. }
            | DeskError::NoSuchShape(_)
            | DeskError::LastFactor(_)
            | DeskError::TooManyEdits
            | DeskError::NoDescription { .. } => Self::new("invalid-body", detail),
            DeskError::NoEdit(_) => Self::new("no-factor", detail),
            DeskError::EditedSince(_) => Self::new("conflict", detail),
            DeskError::NothingEdited(_) | DeskError::NothingChanged(_) => Self::new("nothing-changed", detail),
            DeskError::Crosswalk(_) | DeskError::NothingNamed(_) => Self::new("invalid-body", detail),
            DeskError::NoDataset(_) => Self::new("no-dataset", detail),
            DeskError::NoToken(_) | DeskError::NoGrant { .. } => Self::new("no-token", detail),
            DeskError::TooFewReviewers { .. } | DeskError::NoComment | DeskError::Words(_) | DeskError::Expired => {
                Self::new("invalid-body", detail)
            }
            DeskError::Table(_) => Self::fault(&error),
        }
    }
}

impl From<ReleaseError> for Problem {
    fn from(error: ReleaseError) -> Self {
        DeskError::from(error).into()
    }
}

fn of_release(error: &ReleaseError, detail: String) -> Problem {
    match error {
        ReleaseError::Step(_) => Problem::new("draft-state", detail),
        ReleaseError::Review(_) => Problem::new("review", detail),
        ReleaseError::NoDraft(_) => Problem::new("no-draft", detail),
        ReleaseError::BaseMoved { .. } => Problem::new("conflict", detail),
        ReleaseError::NoRelease(_) => Problem::new("no-release", detail),
        ReleaseError::NoReason | ReleaseError::Itself(_) | ReleaseError::TooLong { .. } | ReleaseError::ControlCharacter => {
            Problem::new("invalid-body", detail)
        }
        ReleaseError::ReadOnly => Problem::new("read-only", detail),
        ReleaseError::Store(store) => of_store(store, error, detail),
        _ => Problem::fault(error),
    }
}

fn of_store(store: &StoreError, whole: &ReleaseError, detail: String) -> Problem {
    match store {
        StoreError::NoSuchDataset(_) => Problem::new("no-dataset", detail),
        StoreError::NoSuchRelease { .. } => Problem::new("no-release", detail),
        StoreError::VersionExists { .. } => Problem::new("version", detail),
        StoreError::AlreadyWithdrawn { .. } | StoreError::NotWithdrawn { .. } => Problem::new("conflict", detail),
        StoreError::StaleRevision { .. } | StoreError::HeadMoved { .. } => Problem::new("conflict", detail),
        // the address of the database is nobody's business out there
        StoreError::Unavailable { .. } => {
            tracing::warn!(error = store as &dyn std::error::Error, "the database does not answer");
            Problem::new("database-unavailable", "the database does not answer; nothing was changed")
        }
        StoreError::Busy { .. } => Problem::new("database-unavailable", "the database is busy with another writer; nothing was changed"),
        _ => Problem::fault(whole),
    }
}
