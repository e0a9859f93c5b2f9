//! The one-way steps of a draft: draft → submitted → approved → released.

use std::fmt;

/// Something that is done to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Its lines are replaced by an import.
    Import,
    /// Its lines, crosswalk or flags are changed by hand.
    Edit,
    /// Lines, version and manifest are frozen.
    Submit,
    /// The last approval that the policy wants came in.
    Approve,
    /// A reviewer sent it back.
    Reject,
    /// It is thrown away.
    Discard,
    /// It becomes a release, and is no draft any more.
    Publish,
}

/// A step that the draft cannot take from where it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the draft is {state}: it cannot be {step}; {remedy}")]
pub struct StepRefusal {
    /// Where it stands.
    pub state: String,
    /// What was tried.
    pub step: Step,
    /// What would go.
    pub remedy: &'static str,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Import => "replaced by an import",
            Self::Edit => "changed",
            Self::Submit => "submitted",
            Self::Approve => "approved",
            Self::Reject => "rejected",
            Self::Discard => "discarded",
            Self::Publish => "published",
        })
    }
}

/// The state after a step (`draft`, `submitted`, `approved`, `rejected`), nothing where the draft ends, or a refusal.
///
/// A frozen draft is never changed: what a reviewer saw is what is published or goes back.
pub fn after(state: &str, step: Step) -> Result<Option<&'static str>, StepRefusal> {
    let refuse = |remedy| Err(StepRefusal { state: state.to_owned(), step, remedy });
    match (state, step) {
        (_, Step::Discard) => Ok(None),
        ("draft" | "rejected", Step::Import) => Ok(Some("draft")),
        (_, Step::Import) => refuse("it is frozen: reject or discard it first"),
        ("draft" | "rejected", Step::Edit) => Ok(Some("draft")),
        (_, Step::Edit) => refuse("it is frozen: reject it first"),
        ("draft" | "rejected", Step::Submit) => Ok(Some("submitted")),
        (_, Step::Submit) => refuse("it was submitted already: approve, reject or discard it"),
        ("submitted", Step::Approve) => Ok(Some("approved")),
        ("submitted" | "approved", Step::Reject) => Ok(Some("rejected")),
        ("approved", Step::Approve) => refuse("it has the approvals that it needs: publish it"),
        (_, Step::Approve | Step::Reject) => refuse("submit it first"),
        ("approved", Step::Publish) => Ok(None),
        ("submitted", Step::Publish) => refuse("the approvals that the dataset's policy wants are not there yet"),
        (_, Step::Publish) => refuse("submit it first"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_step() {
        let states = ["draft", "submitted", "approved", "rejected"];
        let table = [
            (Step::Import, [Some(Some("draft")), None, None, Some(Some("draft"))]),
            (Step::Edit, [Some(Some("draft")), None, None, Some(Some("draft"))]),
            (Step::Submit, [Some(Some("submitted")), None, None, Some(Some("submitted"))]),
            (Step::Approve, [None, Some(Some("approved")), None, None]),
            (Step::Reject, [None, Some(Some("rejected")), Some(Some("rejected")), None]),
            (Step::Discard, [Some(None), Some(None), Some(None), Some(None)]),
            (Step::Publish, [None, None, Some(None), None]),
        ];
        for (step, outcomes) in table {
            for (state, outcome) in states.iter().zip(outcomes) {
                assert_eq!(after(state, step).ok(), outcome, "{state} {step}");
            }
        }
    }
}
