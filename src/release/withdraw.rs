//! Withdrawing a release: a new fact with a reason; the bytes stay readable at their version.

use semver::Version;
use serde_json::json;

use super::recover::apply;
use super::{Ground, PublicFact, ReleaseError};
use crate::dataset::DatasetId;
use crate::store::{self, Fact, FactKind, NewEvent, Withdrawal};

/// Withdraws a release. Ranges and `latest` skip it from now on.
pub fn withdraw(ground: &Ground, dataset: &DatasetId, version: &Version, reason: &str, actor: &str) -> Result<i64, ReleaseError> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(ReleaseError::NoReason);
    }
    let at = ground.now();
    let fact = PublicFact::Withdraw { at: at.clone(), dataset: dataset.clone(), version: version.clone(), reason: reason.to_owned() };
    let record = ground.blobs().put(&fact.to_bytes()?)?;
    let seq = ground.database()?.write(|connection| {
        if store::release_get(connection, dataset.as_str(), &version.to_string())?.is_none() {
            return Err(ReleaseError::NoRelease(format!("{dataset}@{version}")));
        }
        let seq = store::head_size(connection)?;
        store::fact_insert(
            connection,
            &Fact {
                seq,
                at: at.clone(),
                kind: FactKind::Withdraw,
                dataset: dataset.to_string(),
                version: version.to_string(),
                record_digest: record.digest,
            },
        )?;
        store::withdrawal_insert(
            connection,
            &Withdrawal {
                dataset: dataset.to_string(),
                version: version.to_string(),
                seq,
                reason: reason.to_owned(),
                actor: actor.to_owned(),
                at: at.clone(),
            },
        )?;
        let subject = format!("{dataset}@{version}");
        store::event_append(
            connection,
            &NewEvent {
                at: &at,
                actor,
                act: "release.withdraw",
                dataset: Some(dataset.as_str()),
                subject: &subject,
                detail: &json!({"reason": reason}),
            },
        )?;
        store::head_advance(connection, seq, seq + 1)?;
        Ok(seq)
    })?;
    apply(ground, seq, record.digest)?;
    Ok(seq)
}
