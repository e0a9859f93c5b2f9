//! Publishing, in the order of effects that survives a crash at any moment.
//!
//! 1. read the draft and the head;
//! 2. read every frozen file back and hash it: what was approved is what is on disk;
//! 3. store the public fact as a blob: harmless if we die here;
//! 4. ONE transaction: the fact, the release, its files, the event, the draft's
//!    end, and a compare-and-swap on the head. This is the commit point;
//! 5. apply: publish the fact's file. A crash before it is mended at the next
//!    start by the same function ([`super::recover()`]);
//! 6. build the index, which whoever reads first would build otherwise.
//!
//! The transparency log takes its place between 3 (tiles and checkpoint, staged)
//! and 5 (tiles, then the checkpoint), on the same compare-and-swap.

use semver::Version;
use serde_json::json;

use super::catalogue::open_index;
use super::recover::apply;
use super::{FrozenFile, Ground, PublicFact, ReleaseError};
use crate::canon::Digest;
use crate::dataset::DatasetId;
use crate::draft::{Step, after};
use crate::store::{self, Artefact, Connection, Draft, Fact, FactKind, NewEvent, Release, StoreError};

/// A release that has been made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its dataset.
    pub dataset: DatasetId,
    /// Its version.
    pub version: Version,
    /// Digest of its manifest.
    pub manifest: Digest,
    /// The place of its public fact.
    pub seq: i64,
}

/// Makes the dataset's approved draft a release.
pub fn publish(ground: &Ground, dataset: &DatasetId, actor: &str) -> Result<Published, ReleaseError> {
    let database = ground.database()?;
    let draft = database
        .read(|connection| store::draft_get(connection, dataset.as_str()))?
        .ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    after(draft.state.as_str(), Step::Publish)?;
    let (version, manifest, files) = frozen(ground, &draft)?;
    for file in &files {
        ground.blobs().verify(file.sha256)?;
    }
    let at = ground.now();
    let fact = PublicFact::Release { at: at.clone(), dataset: dataset.clone(), version: version.clone(), manifest, files: files.clone() };
    let record = ground.blobs().put(&fact.to_bytes()?)?;
    let seq = database.write(|connection| {
        expect_unmoved(connection, &draft)?;
        let seq = store::head_size(connection)?;
        let fact = Fact {
            seq,
            at: at.clone(),
            kind: FactKind::Release,
            dataset: dataset.to_string(),
            version: version.to_string(),
            record_digest: record.digest,
        };
        store::fact_insert(connection, &fact)?;
        let release = Release {
            dataset: dataset.to_string(),
            version: version.to_string(),
            seq,
            manifest_digest: manifest,
            import_run: Some(draft.import_run),
            published_at: at.clone(),
            actor: actor.to_owned(),
        };
        store::release_insert(connection, &release, &rows(&files)?)?;
        store::draft_delete(connection, dataset.as_str(), draft.revision)?;
        let detail = json!({"manifest": manifest, "seq": seq});
        let subject = format!("{dataset}@{version}");
        store::event_append(
            connection,
            &NewEvent { at: &at, actor, act: "release.publish", dataset: Some(dataset.as_str()), subject: &subject, detail: &detail },
        )?;
        store::head_advance(connection, seq, seq + 1)?;
        Ok::<_, ReleaseError>(seq)
    })?;
    apply(ground, seq, record.digest)?;
    open_index(ground, draft.lines_digest, &ground.blobs().map(draft.lines_digest)?)?;
    Ok(Published { dataset: dataset.clone(), version, manifest, seq })
}

/// What was frozen when the draft was submitted.
fn frozen(ground: &Ground, draft: &Draft) -> Result<(Version, Digest, Vec<FrozenFile>), ReleaseError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("the submitted draft of {}", draft.dataset), why };
    let (Some(version), Some(manifest), Some(list)) = (&draft.version, draft.manifest_digest, draft.frozen_digest) else {
        return Err(damaged("version, manifest or files are missing".into()));
    };
    let version: Version = version.parse().map_err(|error| damaged(format!("{error}")))?;
    let files: Vec<FrozenFile> = serde_json::from_slice(&ground.blobs().read(list)?).map_err(|error| damaged(error.to_string()))?;
    Ok((version, manifest, files))
}

/// Neither the draft nor the release that it was compared with has moved.
fn expect_unmoved(connection: &mut Connection, draft: &Draft) -> Result<(), ReleaseError> {
    let found = store::draft_get(connection, &draft.dataset)?;
    if found.as_ref() != Some(draft) {
        let found = found.map(|found| found.revision);
        return Err(StoreError::StaleRevision { dataset: draft.dataset.clone(), expected: Some(draft.revision), found }.into());
    }
    let latest = latest_version(connection, &draft.dataset)?.map(|version| version.to_string());
    if latest != draft.base_version {
        let none = || "no release".to_owned();
        return Err(ReleaseError::BaseMoved {
            expected: draft.base_version.clone().unwrap_or_else(none),
            found: latest.unwrap_or_else(none),
        });
    }
    Ok(())
}

/// The latest version that is not withdrawn.
pub(super) fn latest_version(connection: &mut Connection, dataset: &str) -> Result<Option<Version>, ReleaseError> {
    let mut latest = None;
    for release in store::release_list(connection, dataset)? {
        let version: Version = release.version.parse().map_err(|_| ReleaseError::Damaged {
            what: format!("the index of {dataset}"),
            why: format!("`{}` is no version", release.version),
        })?;
        if store::withdrawal_get(connection, dataset, &release.version)?.is_none() {
            latest = latest.max(Some(version));
        }
    }
    Ok(latest)
}

fn rows(files: &[FrozenFile]) -> Result<Vec<Artefact>, ReleaseError> {
    files
        .iter()
        .map(|file| {
            let unreadable = |why: String| ReleaseError::Damaged { what: file.name.clone(), why };
            Ok(Artefact {
                name: file.name.clone(),
                coding: file.coding.parse().map_err(|error| unreadable(format!("{error}")))?,
                digest: file.sha256,
                bytes: i64::try_from(file.bytes).map_err(|error| unreadable(error.to_string()))?,
                media_type: file.media_type.clone(),
            })
        })
        .collect()
}
