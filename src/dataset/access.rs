//! Who may do what: roles, grants and licences, in one function.
//!
//! Every route and every command asks [`may`]; nothing else decides. Reading an open dataset needs nothing.
//! A *restricted* dataset shows its name and versions to everybody and the rest to those with a grant. How
//! much of an open dataset is handed on is its licences' least redistribution class.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{DatasetId, Licence, Redistribution};

/// What a token lets its holder do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads restricted datasets granted to it.
    Reader,
    /// Imports, edits, submits.
    Steward,
    /// Approves, publishes, withdraws; never what they submitted themselves.
    Reviewer,
    /// Everything, tokens and policies included.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Reader, Self::Steward, Self::Reviewer, Self::Admin];

    /// The role as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Steward => "steward",
            Self::Reviewer => "reviewer",
            Self::Admin => "admin",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// Whoever asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Without a token.
    Anonymous,
    /// The command line on the data directory: whoever holds the files can do everything, and is recorded as such.
    Operator,
    /// The holder of a token.
    Holder {
        /// The name that the token was made for; it stands in events and approvals.
        name: String,
        /// What it lets them do.
        role: Role,
        /// The restricted datasets that they may read.
        grants: BTreeSet<DatasetId>,
    },
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// See that a dataset and its versions are there.
    SeeName,
    /// Read names, sources, flags, findings of a release, without values.
    ReadNames,
    /// Read factors, files, differences, proofs.
    ReadNumbers,
    /// Take the publisher's own file.
    ReadSource,
    /// See a draft, its imports and findings.
    ReadDraft,
    /// Import into a draft, edit it, discard it, submit it.
    Prepare,
    /// Approve or reject.
    Decide,
    /// Publish, withdraw, restore, supersede.
    Publish,
    /// Make webhooks, and see what was sent to them.
    Subscribe,
    /// Make and revoke tokens, grant, set policies.
    Administer,
}

/// What an act is done to.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The dataset.
    pub dataset: &'a DatasetId,
    /// Whether it takes a grant to read it.
    pub restricted: bool,
    /// The licences of the release that is read; empty where none is.
    pub licences: &'a [Licence],
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// A token is wanted, and none was shown.
    #[error("this needs a token")]
    NoToken,
    /// The token's role does not do this.
    #[error("a token of this role does not do this")]
    Role,
    /// The dataset is restricted, and there is no grant for it.
    #[error("this dataset is restricted, and not granted to you")]
    NoGrant,
    /// A licence of the release does not permit passing this on.
    #[error("the licence of this release does not permit passing this on")]
    Licence,
}

/// Whether somebody may do something to something.
///
/// # Errors
/// The [`Denial`] that says what is missing.
pub fn may(who: &Principal, act: Act, what: Subject<'_>) -> Result<(), Denial> {
    match act {
        Act::SeeName => Ok(()),
        Act::ReadNames | Act::ReadNumbers | Act::ReadSource => may_read(who, act, what),
        Act::ReadDraft | Act::Subscribe => by_role(who, &[Role::Steward, Role::Reviewer, Role::Admin]),
        Act::Prepare => by_role(who, &[Role::Steward, Role::Admin]),
        Act::Decide | Act::Publish => by_role(who, &[Role::Reviewer, Role::Admin]),
        Act::Administer => by_role(who, &[Role::Admin]),
    }
}

/// Whether somebody's role does something to datasets at all.
///
/// # Errors
/// As [`may`].
fn by_role(who: &Principal, roles: &[Role]) -> Result<(), Denial> {
    match who {
        Principal::Operator => Ok(()),
        Principal::Holder { role, .. } if roles.contains(role) => Ok(()),
        Principal::Holder { .. } => Err(Denial::Role),
        Principal::Anonymous => Err(Denial::NoToken),
    }
}

fn may_read(who: &Principal, act: Act, what: Subject<'_>) -> Result<(), Denial> {
    let keeper = match who {
        Principal::Operator => true,
        Principal::Holder { role, .. } => *role > Role::Reader,
        Principal::Anonymous => false,
    };
    let granted = matches!(who, Principal::Holder { grants, .. } if grants.contains(what.dataset));
    if what.restricted && !keeper && !granted {
        return Err(if *who == Principal::Anonymous { Denial::NoToken } else { Denial::NoGrant });
    }
    let wanted = match act {
        Act::ReadNames => Redistribution::MetadataOnly,
        Act::ReadNumbers => Redistribution::ValuesOnly,
        _ => Redistribution::Full,
    };
    // a grant is the operator's word that its holder has a licence of their own for the numbers; the publisher's file is another matter
    let licensed = keeper || (granted && act != Act::ReadSource);
    if licensed || Redistribution::least(what.licences) >= wanted { Ok(()) } else { Err(Denial::Licence) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::factor::Text;

    fn holder(role: Role, grants: &[&str]) -> Principal {
        Principal::Holder { name: "n".into(), role, grants: grants.iter().map(|id| id.parse().unwrap()).collect() }
    }

    fn licence(redistribution: Redistribution) -> Licence {
        Licence { id: "LicenseRef-x".into(), title: None, url: None, redistribution, attribution: Text::default() }
    }

    /// Every role, every class, every way of reading.
    #[test]
    fn who_reads_what() {
        use Redistribution::{Full, MetadataOnly, ValuesOnly};
        let dataset: DatasetId = "cn-test".parse().unwrap();
        let reads = [(Act::ReadNames, MetadataOnly), (Act::ReadNumbers, ValuesOnly), (Act::ReadSource, Full)];
        let keepers = [Role::Steward, Role::Reviewer, Role::Admin].map(|role| holder(role, &[]));
        for class in [Redistribution::None, MetadataOnly, ValuesOnly, Full] {
            for restricted in [false, true] {
                let licences = [licence(Full), licence(class)];
                let what = Subject { dataset: &dataset, restricted, licences: &licences };
                for (act, wanted) in reads {
                    let by_licence = if class >= wanted { Ok(()) } else { Err(Denial::Licence) };
                    let of = |who: &Principal| may(who, act, what);
                    assert_eq!(of(&Principal::Anonymous), if restricted { Err(Denial::NoToken) } else { by_licence });
                    let stranger = holder(Role::Reader, &["cn-other"]);
                    assert_eq!(of(&stranger), if restricted { Err(Denial::NoGrant) } else { by_licence });
                    let granted = holder(Role::Reader, &["cn-other", "cn-test"]);
                    assert_eq!(of(&granted), if act == Act::ReadSource { by_licence } else { Ok(()) });
                    assert!(keepers.iter().chain([&Principal::Operator]).all(|who| of(who).is_ok()));
                }
                assert_eq!(may(&Principal::Anonymous, Act::SeeName, what), Ok(()));
            }
        }
        let nothing = Subject { dataset: &dataset, restricted: false, licences: &[] };
        assert_eq!(may(&Principal::Anonymous, Act::ReadNames, nothing), Err(Denial::Licence), "without a licence nothing is passed on");
    }

    #[test]
    fn who_does_what() {
        let dataset: DatasetId = "cn-test".parse().unwrap();
        let what = Subject { dataset: &dataset, restricted: true, licences: &[] };
        use Role::{Admin, Reader, Reviewer, Steward};
        for (act, roles) in [
            (Act::ReadDraft, &[Steward, Reviewer, Admin][..]),
            (Act::Subscribe, &[Steward, Reviewer, Admin]),
            (Act::Prepare, &[Steward, Admin]),
            (Act::Decide, &[Reviewer, Admin]),
            (Act::Publish, &[Reviewer, Admin]),
            (Act::Administer, &[Admin]),
        ] {
            for role in [Reader, Steward, Reviewer, Admin] {
                assert_eq!(may(&holder(role, &["cn-test"]), act, what).is_ok(), roles.contains(&role), "{role:?} {act:?}");
            }
            assert_eq!(may(&Principal::Anonymous, act, what), Err(Denial::NoToken));
            assert_eq!(may(&Principal::Operator, act, what), Ok(()));
        }
    }
}
