//! What waits at the desk: drafts on their way, imports, proposals that nobody decided.

use super::decide::approvals_missing;
use super::flags::{ProposalState, each_proposed_flag};
use super::{DeskError, draft_comments};
use crate::dataset::DatasetId;
use crate::release::Ground;
use crate::store::{self, Draft, Event, ImportJob};

/// How many imports are told.
const JOBS: i64 = 12;

/// A draft on its way.
#[derive(Debug, Clone)]
pub struct WaitingDraft {
    /// The draft.
    pub draft: Draft,
    /// How many approvals are missing; nothing where it is not submitted.
    pub missing: Option<u32>,
    /// How many proposed flags nobody decided on.
    pub flags: usize,
    /// How many comments there are.
    pub comments: usize,
    /// How many edits by hand.
    pub edits: i64,
}

/// What waits.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// By dataset.
    pub drafts: Vec<WaitingDraft>,
    /// The newest imports, the newest first.
    pub jobs: Vec<ImportJob>,
}

/// What waits, of one dataset where it is named.
///
/// # Errors
/// When database or files fail.
pub fn waiting(ground: &Ground, dataset: Option<&DatasetId>) -> Result<Waiting, DeskError> {
    let (drafts, jobs) = ground.database()?.read(|connection| {
        let mut drafts = Vec::new();
        for draft in store::draft_list(connection)? {
            if dataset.is_none_or(|own| own.as_str() == draft.dataset) {
                let edits = store::draft_edit_count(connection, draft.import_run)?;
                drafts.push((draft, edits));
            }
        }
        Ok::<_, DeskError>((drafts, store::job_recent(connection, dataset.map(DatasetId::as_str), JOBS)?))
    })?;
    let mut told = Vec::new();
    for (draft, edits) in drafts {
        let Ok(id) = draft.dataset.parse::<DatasetId>() else { continue };
        let mut flags = 0;
        each_proposed_flag(ground, &id, |proposal| {
            flags += usize::from(proposal.state == ProposalState::Open);
            Ok(())
        })?;
        let comments = draft_comments(ground, &id)?.len();
        told.push(WaitingDraft { missing: approvals_missing(ground, &draft)?, flags, comments, edits, draft });
    }
    Ok(Waiting { drafts: told, jobs })
}

/// What was done before a place of the desk's record, the newest first; to one dataset where it is named.
///
/// # Errors
/// When the database fails.
pub fn acts(ground: &Ground, before: i64, dataset: Option<&str>, limit: i64) -> Result<Vec<Event>, DeskError> {
    Ok(ground.database()?.read(|connection| store::event_list_before(connection, before, dataset, limit))?)
}
