//! Deciding on a draft: approve, reject, discard; and the policy that says how many approvals there must be.

use serde_json::{Value, json};

use super::{By, DeskError};
use crate::canon::Digest;
use crate::dataset::{DatasetId, Manifest};
use crate::draft::{Step, after};
use crate::release::{Ground, Published, ReleaseError, publish_if};
use crate::review::{Vote, approval_text, check_signature, may_approve, missing_approvals, optional_words, signer_of, words};
use crate::store::{self, Connection, Decision, Draft, DraftState, NewApproval, NewEvent};
use crate::tlog::VerifierKey;

/// An approval, as it is given.
#[derive(Debug, Clone, Copy)]
pub struct NewReview<'a> {
    /// Who approves.
    pub reviewer: &'a str,
    /// What they say; may be empty.
    pub comment: &'a str,
    /// The line of a signed note over [`approval_text`], where the policy names keys.
    pub signature: Option<&'a str>,
}

/// The text that an approval of the submitted draft signs.
///
/// # Errors
/// When there is no draft, or it is not submitted.
pub fn text_to_sign(ground: &Ground, dataset: &DatasetId) -> Result<String, DeskError> {
    let draft = ground.database()?.read(|connection| draft(connection, dataset))?;
    after(draft.state.as_str(), Step::Approve)?;
    let frozen = frozen_manifest(ground, submitted(&draft)?.0)?;
    Ok(approval_text(dataset, &frozen.version, &submitted(&draft)?.0))
}

/// Approves the submitted manifest; says how many approvals are still missing.
///
/// # Errors
/// As [`approve_seen`].
pub fn approve(ground: &Ground, dataset: &DatasetId, review: &NewReview<'_>) -> Result<u32, DeskError> {
    approve_seen(ground, dataset, review, None)
}

/// The same, if the draft is still at the revision that the reviewer has seen.
///
/// # Errors
/// [`crate::review::ReviewRefusal`] for whoever may not approve, or a signature that the policy does not take;
/// [`store::StoreError::StaleRevision`] where the draft moved.
pub fn approve_seen(ground: &Ground, dataset: &DatasetId, review: &NewReview<'_>, seen: Option<i64>) -> Result<u32, DeskError> {
    let at = ground.now();
    let NewReview { reviewer, comment, signature } = *review;
    let comment = optional_words("the comment", comment)?;
    let comment = comment.as_str();
    if let Some(signature) = signature {
        optional_words("the signature", signature)?;
    }
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        By { revision: seen, ..By::from(reviewer) }.expect_seen(&draft)?;
        after(draft.state.as_str(), Step::Approve)?;
        let (manifest, submitter) = submitted(&draft)?;
        let frozen = frozen_manifest(ground, manifest)?;
        let text = approval_text(dataset, &frozen.version, &manifest);
        let key = check_signature(&text, signature, &frozen.approvals.keys)?;
        let mut votes = votes(connection, &draft)?;
        let vote = Vote { reviewer: reviewer.to_owned(), approves: true, key };
        may_approve(&vote, &submitter, &votes)?;
        let new = NewApproval {
            dataset: dataset.as_str(),
            manifest_digest: manifest,
            reviewer,
            decision: Decision::Approve,
            comment,
            signature: signature.map(str::trim_end),
            at: &at,
        };
        store::approval_insert(connection, &new)?;
        let key = vote.key.clone();
        votes.push(vote);
        let missing = missing_approvals(frozen.approvals.required, &submitter, &votes);
        if missing == 0 {
            store::draft_put(
                connection,
                &Draft { state: DraftState::Approved, updated_at: at.clone(), ..draft.clone() },
                Some(draft.revision),
            )?;
        }
        let detail = json!({"manifest": manifest, "comment": comment, "missing": missing, "key": key});
        note(connection, &at, reviewer, "draft.approve", dataset, &detail)?;
        Ok(missing)
    })
}

/// Sends a submitted draft back to its steward.
///
/// # Errors
/// [`DeskError::NoComment`]; [`crate::review::ReviewRefusal`] for the holder of a token who submitted it.
pub fn reject<'a>(ground: &Ground, dataset: &DatasetId, by: impl Into<By<'a>>, comment: &str) -> Result<(), DeskError> {
    if comment.trim().is_empty() {
        return Err(DeskError::NoComment);
    }
    let comment = words("the comment", comment)?;
    let comment = comment.as_str();
    let by: By<'_> = by.into();
    let reviewer = by.name;
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        by.expect_seen(&draft)?;
        by.expect_other(&draft)?;
        after(draft.state.as_str(), Step::Reject)?;
        let (manifest, _) = submitted(&draft)?;
        store::approval_insert(
            connection,
            &NewApproval {
                dataset: dataset.as_str(),
                manifest_digest: manifest,
                reviewer,
                decision: Decision::Reject,
                comment,
                signature: None,
                at: &at,
            },
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
///
/// # Errors
/// When there is none, or it moved since it was seen.
pub fn discard<'a>(ground: &Ground, dataset: &DatasetId, by: impl Into<By<'a>>) -> Result<(), DeskError> {
    let by: By<'_> = by.into();
    let at = ground.now();
    ground.database()?.write(|connection| {
        let draft = draft(connection, dataset)?;
        by.expect_seen(&draft)?;
        after(draft.state.as_str(), Step::Discard)?;
        store::draft_delete(connection, dataset.as_str(), draft.revision)?;
        note(connection, &at, by.name, "draft.discard", dataset, &json!({"state": draft.state.as_str()}))
    })
}

/// Makes the approved draft a release, unless the holder of a token submitted it themselves.
///
/// # Errors
/// As [`crate::release::publish`]; [`crate::review::ReviewRefusal`], [`store::StoreError::StaleRevision`].
pub fn publish<'a>(ground: &Ground, dataset: &DatasetId, by: impl Into<By<'a>>) -> Result<Published, DeskError> {
    let by: By<'_> = by.into();
    Ok(publish_if(ground, dataset, by.name, &|draft| {
        by.expect_seen(draft)?;
        Ok(by.expect_other(draft)?)
    })?)
}

/// How many approvals of the submitted draft are still missing; nothing where it is not submitted.
///
/// # Errors
/// When the database fails.
pub fn approvals_missing(ground: &Ground, draft: &Draft) -> Result<Option<u32>, DeskError> {
    let Some(manifest) = draft.manifest_digest else { return Ok(None) };
    let frozen = frozen_manifest(ground, manifest)?;
    let votes = ground.database()?.read(|connection| votes(connection, draft))?;
    let submitter = draft.submitted_by.as_deref().unwrap_or_default();
    Ok(Some(missing_approvals(frozen.approvals.required, submitter, &votes)))
}

/// The keys that an approval of what was submitted is signed with; none: it is not.
///
/// # Errors
/// When what was submitted does not read.
pub fn approval_keys(ground: &Ground, draft: &Draft) -> Result<Vec<String>, DeskError> {
    match draft.manifest_digest {
        Some(manifest) => Ok(frozen_manifest(ground, manifest)?.approvals.keys),
        None => Ok(Vec::new()),
    }
}

/// Sets how many distinct reviewers must approve what is submitted from now on, and with which keys they sign.
///
/// `reviewers`: none leaves the keys as they are; an empty list lets names suffice.
///
/// # Errors
/// [`DeskError::NoDataset`]; [`DeskError::TooFewReviewers`] where fewer keys are named than approvals wanted.
pub fn set_policy(
    ground: &Ground,
    dataset: &DatasetId,
    approvals: u32,
    reviewers: Option<&[VerifierKey]>,
    actor: &str,
) -> Result<Vec<String>, DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let known = store::dataset_get(connection, dataset.as_str())?.ok_or_else(|| DeskError::NoDataset(dataset.to_string()))?;
        let keys = match reviewers {
            Some(keys) => keys.iter().map(ToString::to_string).collect(),
            None => known.reviewers.lines().map(str::to_owned).collect::<Vec<_>>(),
        };
        // one key under two names is one reviewer
        let public = |key: &String| key.parse::<VerifierKey>().map(|key| *key.public_key()).ok();
        let distinct: std::collections::BTreeSet<_> = keys.iter().map(public).collect();
        if distinct.len() < keys.len() || (!keys.is_empty() && u32::try_from(keys.len()).unwrap_or(u32::MAX) < approvals) {
            return Err(DeskError::TooFewReviewers { approvals, keys: distinct.len() });
        }
        store::dataset_set_policy(connection, dataset.as_str(), i32::try_from(approvals).unwrap_or(i32::MAX), &keys.join("\n"))?;
        note(connection, &at, actor, "dataset.policy", dataset, &json!({"approvals_required": approvals, "reviewers": keys}))?;
        Ok(keys)
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

/// What was submitted. A policy that was changed since holds for what is submitted from then on.
fn frozen_manifest(ground: &Ground, manifest: Digest) -> Result<Manifest, DeskError> {
    let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("manifest {manifest}"), why: error.to_string() };
    Ok(serde_json::from_slice(&ground.blobs().read(manifest)?).map_err(damaged)?)
}

/// The decisions on the submitted manifest since it was last rejected: a rejection ends the approvals before it.
fn votes(connection: &mut Connection, draft: &Draft) -> Result<Vec<Vote>, DeskError> {
    let Some(manifest) = draft.manifest_digest else { return Ok(Vec::new()) };
    let mut votes = Vec::new();
    for decision in store::approval_list(connection, manifest)?.into_iter().filter(|decision| decision.dataset == draft.dataset) {
        match decision.decision {
            Decision::Approve => {
                let key = decision.signature.as_deref().map(signer_of).transpose()?;
                votes.push(Vote { approves: true, reviewer: decision.reviewer, key });
            }
            Decision::Reject => votes.clear(),
        }
    }
    Ok(votes)
}

fn note(connection: &mut Connection, at: &str, actor: &str, act: &str, dataset: &DatasetId, detail: &Value) -> Result<(), DeskError> {
    store::event_append(connection, &NewEvent { at, actor, act, dataset: Some(dataset.as_str()), subject: dataset.as_str(), detail })?;
    Ok(())
}
