//! Deciding on a draft: approve, reject, discard; and the policy that says how many approvals there must be.

use serde_json::{Value, json};

use super::DeskError;
use crate::canon::Digest;
use crate::dataset::{DatasetId, Manifest};
use crate::draft::{Step, after};
use crate::release::{Ground, ReleaseError};
use crate::review::{Vote, may_approve, missing_approvals};
use crate::store::{self, Connection, Decision, Draft, DraftState, NewApproval, NewEvent};

/// Approves the submitted manifest; says how many approvals are still missing.
pub fn approve(ground: &Ground, dataset: &DatasetId, reviewer: &str, comment: &str) -> Result<u32, DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        after(draft.state.as_str(), Step::Approve)?;
        let (manifest, submitter) = submitted(&draft)?;
        let mut votes = votes(connection, &draft)?;
        may_approve(reviewer, &submitter, &votes)?;
        store::approval_insert(
            connection,
            &NewApproval { dataset: dataset.as_str(), manifest_digest: manifest, reviewer, decision: Decision::Approve, comment, at: &at },
        )?;
        votes.push(Vote { reviewer: reviewer.to_owned(), approves: true });
        let missing = missing_approvals(required(ground, manifest)?, &submitter, &votes);
        if missing == 0 {
            store::draft_put(
                connection,
                &Draft { state: DraftState::Approved, updated_at: at.clone(), ..draft.clone() },
                Some(draft.revision),
            )?;
        }
        note(connection, &at, reviewer, "draft.approve", dataset, &json!({"manifest": manifest, "comment": comment, "missing": missing}))?;
        Ok(missing)
    })
}

/// Sends a submitted draft back to its steward.
pub fn reject(ground: &Ground, dataset: &DatasetId, reviewer: &str, comment: &str) -> Result<(), DeskError> {
    if comment.trim().is_empty() {
        return Err(DeskError::NoComment);
    }
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        after(draft.state.as_str(), Step::Reject)?;
        let (manifest, _) = submitted(&draft)?;
        store::approval_insert(
            connection,
            &NewApproval { dataset: dataset.as_str(), manifest_digest: manifest, reviewer, decision: Decision::Reject, comment, at: &at },
        )?;
        let back = Draft {
            state: DraftState::Rejected,
            version: None,
            manifest_digest: None,
            frozen_digest: None,
            submitted_by: None,
            submitted_at: None,
            updated_at: at.clone(),
            ..draft.clone()
        };
        store::draft_put(connection, &back, Some(draft.revision))?;
        note(connection, &at, reviewer, "draft.reject", dataset, &json!({"manifest": manifest, "comment": comment}))
    })
}

/// Throws the draft away; its blobs stay until they are collected.
pub fn discard(ground: &Ground, dataset: &DatasetId, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        after(draft.state.as_str(), Step::Discard)?;
        store::draft_delete(connection, dataset.as_str(), draft.revision)?;
        note(connection, &at, actor, "draft.discard", dataset, &json!({"state": draft.state.as_str()}))
    })
}

/// Sets how many distinct reviewers must approve what is submitted from now on.
pub fn set_policy(ground: &Ground, dataset: &DatasetId, approvals: u32, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        if store::dataset_get(connection, dataset.as_str())?.is_none() {
            return Err(DeskError::NoDataset(dataset.to_string()));
        }
        store::dataset_set_policy(connection, dataset.as_str(), i32::try_from(approvals).unwrap_or(i32::MAX))?;
        note(connection, &at, actor, "dataset.policy", dataset, &json!({"approvals_required": approvals}))
    })
}

fn draft(connection: &mut Connection, dataset: &DatasetId) -> Result<Draft, DeskError> {
    Ok(store::draft_get(connection, dataset.as_str())?.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?)
}

fn submitted(draft: &Draft) -> Result<(Digest, String), DeskError> {
    let damaged = || ReleaseError::Damaged {
        what: format!("the submitted draft of {}", draft.dataset),
        why: "it has no manifest or submitter".into(),
    };
    Ok((draft.manifest_digest.ok_or_else(damaged)?, draft.submitted_by.clone().ok_or_else(damaged)?))
}

/// What the manifest promises; a policy that was changed since holds for what is submitted from then on.
fn required(ground: &Ground, manifest: Digest) -> Result<u32, DeskError> {
    let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("manifest {manifest}"), why: error.to_string() };
    let manifest: Manifest = serde_json::from_slice(&ground.blobs().read(manifest)?).map_err(damaged)?;
    Ok(manifest.approvals.required)
}

/// The decisions on the submitted manifest since it was last rejected: a rejection ends the approvals before it.
fn votes(connection: &mut Connection, draft: &Draft) -> Result<Vec<Vote>, DeskError> {
    let Some(manifest) = draft.manifest_digest else { return Ok(Vec::new()) };
    let mut votes = Vec::new();
    for decision in store::approval_list(connection, manifest)?.into_iter().filter(|decision| decision.dataset == draft.dataset) {
        match decision.decision {
            Decision::Approve => votes.push(Vote { approves: true, reviewer: decision.reviewer }),
            Decision::Reject => votes.clear(),
        }
    }
    Ok(votes)
}

fn note(connection: &mut Connection, at: &str, actor: &str, act: &str, dataset: &DatasetId, detail: &Value) -> Result<(), DeskError> {
    store::event_append(connection, &NewEvent { at, actor, act, dataset: Some(dataset.as_str()), subject: dataset.as_str(), detail })?;
    Ok(())
}
