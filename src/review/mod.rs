//! Who may approve, and when there are enough approvals. Pure rules.

/// The actor of the command line where nobody was named: it may be anybody.
pub const UNNAMED: &str = "operator";

/// A reviewer's decision that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who decided.
    pub reviewer: String,
    /// Whether it was an approval.
    pub approves: bool,
}

/// Why a decision does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// Two people look at every release (OWASP ASVS 5.0, 2.3.5).
    #[error("{0} submitted the draft and cannot decide on it: somebody else reviews it")]
    OwnDraft(String),
    /// Two people are wanted, so both are named.
    #[error("the dataset wants approvals, so whoever submits or approves is named: give --by NAME")]
    Unnamed,
    /// Once is enough.
    #[error("{0} approved this manifest already: another reviewer is needed")]
    Twice(String),
}

/// Whether somebody may submit to a dataset that wants so many approvals.
pub fn may_submit(submitter: &str, required: u32) -> Result<(), ReviewRefusal> {
    if required > 0 && submitter == UNNAMED { Err(ReviewRefusal::Unnamed) } else { Ok(()) }
}

/// Whether a reviewer may approve what somebody submitted.
pub fn may_approve(reviewer: &str, submitter: &str, votes: &[Vote]) -> Result<(), ReviewRefusal> {
    if reviewer == UNNAMED {
        return Err(ReviewRefusal::Unnamed);
    }
    if reviewer == submitter {
        return Err(ReviewRefusal::OwnDraft(reviewer.to_owned()));
    }
    if votes.iter().any(|vote| vote.approves && vote.reviewer == reviewer) {
        return Err(ReviewRefusal::Twice(reviewer.to_owned()));
    }
    Ok(())
}

/// How many approvals are still missing; each reviewer counts once, the submitter never.
pub fn missing_approvals(required: u32, submitter: &str, votes: &[Vote]) -> u32 {
    let mut reviewers: Vec<&str> =
        votes.iter().filter(|vote| vote.approves && vote.reviewer != submitter).map(|vote| vote.reviewer.as_str()).collect();
    reviewers.sort_unstable();
    reviewers.dedup();
    required.saturating_sub(u32::try_from(reviewers.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(reviewer: &str) -> Vote {
        Vote { reviewer: reviewer.into(), approves: true }
    }

    #[test]
    fn nobody_approves_alone() {
        assert!(may_approve("li", "li", &[]).is_err());
        assert!(may_approve("wang", "li", &[vote("wang")]).is_err());
        assert!(may_approve("wang", "li", &[vote("chen")]).is_ok());
        assert_eq!(may_approve(UNNAMED, "li", &[]), Err(ReviewRefusal::Unnamed));
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
