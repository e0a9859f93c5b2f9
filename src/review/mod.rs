//! Who may approve, when there are enough approvals, and what an approval signs. Pure rules.

mod words;

use semver::Version;

use crate::canon::Digest;
use crate::dataset::DatasetId;
use crate::tlog::{Note, VerifierKey};

pub use words::{MAX_NAME_CHARS, MAX_WORDS_CHARS, WordsRefusal, holder, optional_words, person, same_person, words};

/// The actor of the command line where nobody was named: it may be anybody.
pub const UNNAMED: &str = "operator";

/// The text that a reviewer signs, as a note (C2SP signed-note): four lines, the last the manifest's digest.
pub fn approval_text(dataset: &DatasetId, version: &Version, manifest: &Digest) -> String {
    format!("emission-factor approval v1\n{dataset}\n{version}\n{manifest}\n")
}

/// A reviewer's decision that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who decided.
    pub reviewer: String,
    /// Whether it was an approval.
    pub approves: bool,
    /// Name and id of the key that signed it, `name+id`.
    pub key: Option<String>,
}

/// Name and id of the key that a signature line names, `name+id`.
pub fn signer_of(line: &str) -> Result<String, ReviewRefusal> {
    let note = signed("x\n", line)?;
    let signature = note.signatures.first().ok_or_else(|| ReviewRefusal::Signature("it is empty".to_owned()))?;
    Ok(format!("{}+{}", signature.name, hex::encode(signature.id)))
}

fn signed(text: &str, line: &str) -> Result<Note, ReviewRefusal> {
    let line = line.trim_end_matches('\n');
    if line.contains('\n') {
        return Err(ReviewRefusal::Signature("it is more than one line".to_owned()));
    }
    Note::parse(format!("{text}\n{line}\n")).map_err(|error| ReviewRefusal::Signature(error.to_string()))
}

/// Checks the signature of an approval against the keys that the manifest wants; gives `name+id` of the key.
///
/// Where no keys are wanted, none can be checked, and a signature is refused rather than believed.
pub fn check_signature(text: &str, line: Option<&str>, keys: &[String]) -> Result<Option<String>, ReviewRefusal> {
    let line = match (line, keys) {
        (None, []) => return Ok(None),
        (Some(_), []) => return Err(ReviewRefusal::NoKeys),
        (None, _) => return Err(ReviewRefusal::Unsigned),
        (Some(line), _) => line,
    };
    let parsed: Result<Vec<VerifierKey>, _> = keys.iter().map(|key| key.parse()).collect();
    let keys = parsed.map_err(|error| ReviewRefusal::Signature(format!("a key of the policy does not read: {error}")))?;
    signed(text, line)?.verify(&keys).map_err(|error| ReviewRefusal::Signature(error.to_string()))?;
    signer_of(line).map(Some)
}

/// Why a decision does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// Two people look at every release (OWASP ASVS 5.0, 2.3.5).
    #[error("{0} submitted the draft and cannot decide on it or publish it: somebody else does")]
    OwnDraft(String),
    /// Two people are wanted, so both are named.
    #[error("the dataset wants approvals, so whoever submits or approves is named: give --by NAME")]
    Unnamed,
    /// The policy names keys.
    #[error("the dataset wants signed approvals: give --key FILE, or --signature with a line made by `tanyin key approve`")]
    Unsigned,
    /// The policy names none.
    #[error(
        "the dataset's policy names no reviewers' keys, so a signature cannot be checked: name them with `tanyin dataset policy --reviewer`, then submit again"
    )]
    NoKeys,
    /// A signature that does not hold.
    #[error("the signature does not hold: {0}")]
    Signature(String),
    /// Two names, one key.
    #[error("the key {0} approved this manifest already: another reviewer is needed")]
    KeyTwice(String),
    /// Once is enough.
    #[error("{0} approved this manifest already: another reviewer is needed")]
    Twice(String),
}

/// Whether somebody may submit to a dataset that wants so many approvals.
pub fn may_submit(submitter: &str, required: u32) -> Result<(), ReviewRefusal> {
    if required > 0 && submitter == UNNAMED { Err(ReviewRefusal::Unnamed) } else { Ok(()) }
}

/// Whether a reviewer may approve what somebody submitted.
pub fn may_approve(vote: &Vote, submitter: &str, votes: &[Vote]) -> Result<(), ReviewRefusal> {
    let reviewer = vote.reviewer.as_str();
    if reviewer == UNNAMED {
        return Err(ReviewRefusal::Unnamed);
    }
    if same_person(reviewer, submitter) {
        return Err(ReviewRefusal::OwnDraft(reviewer.to_owned()));
    }
    if votes.iter().any(|vote| vote.approves && same_person(&vote.reviewer, reviewer)) {
        return Err(ReviewRefusal::Twice(reviewer.to_owned()));
    }
    match &vote.key {
        Some(key) if votes.iter().any(|other| other.approves && other.key.as_ref() == Some(key)) => {
            Err(ReviewRefusal::KeyTwice(key.clone()))
        }
        _ => Ok(()),
    }
}

/// Whether the holder of a token may decide on or publish what somebody submitted, however many approvals are wanted.
///
/// # Errors
/// [`ReviewRefusal::OwnDraft`].
pub fn may_conclude(holder: &str, submitter: &str) -> Result<(), ReviewRefusal> {
    if same_person(holder, submitter) { Err(ReviewRefusal::OwnDraft(holder.to_owned())) } else { Ok(()) }
}

/// How many approvals are still missing; each reviewer and each key counts once, the submitter never.
pub fn missing_approvals(required: u32, submitter: &str, votes: &[Vote]) -> u32 {
    let mut counted: Vec<&Vote> = Vec::new();
    for vote in votes.iter().filter(|vote| vote.approves && !same_person(&vote.reviewer, submitter)) {
        let known = |other: &&Vote| same_person(&other.reviewer, &vote.reviewer) || (vote.key.is_some() && other.key == vote.key);
        if !counted.iter().any(known) {
            counted.push(vote);
        }
    }
    required.saturating_sub(u32::try_from(counted.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(reviewer: &str) -> Vote {
        Vote { reviewer: reviewer.into(), approves: true, key: None }
    }

    #[test]
    fn nobody_approves_alone() {
        assert!(may_approve(&vote("li"), "li", &[]).is_err());
        assert!(may_approve(&vote("wang"), "li", &[vote("wang")]).is_err());
        assert!(may_approve(&vote("wang"), "li", &[vote("chen")]).is_ok());
        assert_eq!(may_approve(&vote(UNNAMED), "li", &[]), Err(ReviewRefusal::Unnamed));
        assert_eq!(may_submit(UNNAMED, 1), Err(ReviewRefusal::Unnamed));
        assert_eq!(may_submit(UNNAMED, 0), Ok(()));
    }

    #[test]
    fn each_reviewer_counts_once_and_the_submitter_never() {
        assert_eq!(missing_approvals(2, "li", &[vote("wang"), vote("wang"), vote("li")]), 1);
        assert_eq!(missing_approvals(2, "li", &[vote("wang"), vote("chen")]), 0);
        assert_eq!(missing_approvals(0, "li", &[]), 0);
    }
}
