//! The point of no return: artefacts, publication, withdrawal, recovery, and what they leave for the way out.
//!
//! The order of effects stands in the module `commit` and nowhere else: publishing, withdrawing, restoring, superseding
//! and changing the log's key all go through it.

mod artefacts;
mod fact;
mod record;
mod seal;
mod error;
mod effect;
mod ground;
mod log_key;
mod log;
mod cosign;
mod coding;
mod commit;
mod recover;
mod log_birth;
mod index;
mod index_build;
mod slots;
mod checked;
mod listing;
mod line_tree;
mod data;
mod catalogue;
mod crosswalk;
mod denied;
mod proof;
mod derivation;
#[cfg(test)]
mod derivation_tests;
mod publish;
mod notice;

pub use artefacts::{
    ARTEFACT_NAMES, CROSSWALK_NAME, FrozenFile, FrozenList, MANIFEST_NAME, SUMS_NAME, build_csv, check_listed, check_stored, freeze_draft,
};
pub use catalogue::{Catalogue, DatasetReleases, LaterFlag, PublishedRelease, ReleaseRef, ResolveError, Resolved, Superseded, Withdrawn};
pub use cosign::{WitnessState, ask_missing_witnesses};
pub use crosswalk::{CrosswalkStep, Fate, Successor};
pub use data::ReleaseData;
pub use denied::{Denied, told_of_source};
pub use derivation::{Dependent, Dependents, DependentsOf, Input, InputKnown, NewerInput, WithdrawnInput};
pub use effect::{Effect, Moment, Observer};
pub use error::ReleaseError;
pub use fact::{LEAF_FORMAT, MAX_LEAF_BYTES, MAX_REASON_CHARS, PublicFact};
pub use ground::{Clock, Ground, Opening};
pub use index::{Dimension, Numbers, ReleaseIndex, verify_index};
pub use index_build::build_index;
pub use listing::Listing;
pub use log::{CHECKPOINT_NAME, KEY_NAME, PublishedCheckpoint, log_name, published_nodes, read_checkpoint, read_entries};
pub use log_birth::{DEFAULT_ORIGIN, retire_log_keys, rotate_log_key};
pub use log_key::{LogKeys, new_key, write_secret};
pub use notice::{FlagOf, NoticeOf, flag, restore, supersede, unflag, withdraw};
pub use proof::{APPROVALS_NAME, LineProof, PLACES_NAME, PROOF_FORMAT, PROOF_NAME, RECORD_NAME, ReleaseProof, SIDE_FILES, SideFile};
pub use publish::{PROGRAM, Published, publish, publish_if};
pub use record::{Act, EditKind, EditRecord, EditedMember, ImportRecord, RECORD_FORMAT, ReleaseRecord, Review};
pub use recover::recover;
pub use seal::{Salt, Secret, access_word, is_sealed, leaf_of};
