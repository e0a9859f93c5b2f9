//! Who acts on a draft, and which revision of it they have seen.

use crate::review::{ReviewRefusal, may_conclude};
use crate::store::{Draft, StoreError};

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<'a> {
    /// The name that is recorded.
    pub name: &'a str,
    /// Whether it is the holder of a token: such a one never decides on or publishes what they submitted.
    pub holder: bool,
    /// The revision of the draft that they have seen; none: they take whichever stands.
    pub revision: Option<i64>,
}

impl<'a> By<'a> {
    /// The holder of a token.
    pub fn holder(name: &'a str, revision: Option<i64>) -> Self {
        Self { name, holder: true, revision }
    }

    /// Refuses where the draft moved since they saw it.
    pub(super) fn expect_seen(&self, draft: &Draft) -> Result<(), StoreError> {
        match self.revision {
            Some(seen) if seen != draft.revision => {
                Err(StoreError::StaleRevision { dataset: draft.dataset.clone(), expected: Some(seen), found: Some(draft.revision) })
            }
            _ => Ok(()),
        }
    }

    /// Refuses the holder of a token who submitted the draft.
    pub(super) fn expect_other(&self, draft: &Draft) -> Result<(), ReviewRefusal> {
        match &draft.submitted_by {
            Some(submitter) if self.holder => may_conclude(self.name, submitter),
            _ => Ok(()),
        }
    }
}

impl<'a> From<&'a str> for By<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, holder: false, revision: None }
    }
}

impl<'a> From<&'a String> for By<'a> {
    fn from(name: &'a String) -> Self {
        name.as_str().into()
    }
}
