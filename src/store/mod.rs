//! Where rows and bytes rest.
//!
//! [`Database`] (SQLite or PostgreSQL, chosen by URL) holds small rows: datasets and their policy, drafts, approvals, import
//! runs, the index of releases, the public facts and the events. Bulk data lie in [`Blobs`]: write-once files named by
//! their SHA-256. Rows name blobs by digest; a blob never names a row.
//!
//! What is released is insert-only: no function here updates or deletes it, and triggers in both databases refuse whoever
//! tries from outside. Every writer works inside [`Database::write`], which lets one at a time in, and a publisher commits
//! by moving the head with [`head_advance`], a compare-and-swap.
//!
//! Times are text, RFC 3339 in UTC with whole seconds ([`time_text`]), in both databases: they sort and read alike.

mod blobs;
mod codes;
mod comments;
mod connection;
mod database;
mod database_url;
mod datasets;
mod drafts;
mod edits;
mod error;
mod events;
mod facts;
mod grants;
mod jobs;
mod named;
mod releases;
mod schema;
mod sessions;
mod tokens;
mod webhooks;

#[cfg(test)]
mod blob_tests;
#[cfg(test)]
mod ground_tests;
#[cfg(test)]
mod guard_tests;
#[cfg(test)]
mod row_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
pub(crate) mod testing;

pub use blobs::{BlobWriter, Blobs, Mapped, StoredBlob};
pub use codes::{Coding, Decision, DraftState, FactKind, JobState, UnknownCode};
pub use comments::{DraftComment, draft_comment_insert, draft_comment_list};
pub use connection::AnyConnection as Connection;
pub use database::Database;
pub use database_url::DatabaseUrl;
pub use datasets::{
    Dataset, ImportRun, NewImportRun, dataset_get, dataset_list, dataset_set_policy, dataset_set_restricted, dataset_upsert_absent,
    import_run_get, import_run_insert,
};
pub use drafts::{Approval, Draft, NewApproval, approval_insert, approval_list, draft_delete, draft_get, draft_list, draft_put};
pub use edits::{DraftEdit, draft_edit_count, draft_edit_insert, draft_edit_list};
pub use error::StoreError;
pub use events::{Event, NewEvent, event_append, event_list, event_list_before};
pub use facts::{
    Fact, Head, LogIdentity, fact_insert, fact_list, flag_facts, head_advance, head_get, is_withdrawn, key_facts, log_identity_get,
    log_identity_insert,
};
pub use grants::{Grant, grant_delete, grant_insert, grant_list, grants_of};
pub use jobs::{ImportJob, JobEnd, job_begin, job_end, job_get, job_insert, job_list, job_recent, job_requeue, job_run};
pub use releases::{Artefact, Release, artefacts, release_get, release_insert, release_list, release_list_all};
pub use sessions::{Session, session_delete, session_get, session_insert};
pub use tokens::{Token, token_get, token_insert, token_list, token_revoke};
pub use webhooks::{
    Webhook, WebhookDelivery, delivery_get, delivery_insert, delivery_list, webhook_delete, webhook_due, webhook_get, webhook_insert,
    webhook_list, webhook_put,
};

/// A moment as the store writes it: `2026-09-01T12:00:00Z`.
///
/// Parts of a second are cut off, so that text order is time order.
#[must_use]
pub fn time_text(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
