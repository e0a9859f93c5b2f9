//! Publishing a draft: what was approved becomes a release.
//!
//! 1. read the draft and what was frozen when it was submitted;
//! 2. read every frozen file back and hash it: what was approved is what is on disk;
//! 3. store the record of how the release came about as a blob: harmless if we die here;
//! 4. commit the fact with its rows, in the order of effects of [`super::commit`]'s module: the commit point is one
//!    transaction, and a published checkpoint makes the release visible;
//! 5. build the index, which whoever reads first would build otherwise.

use semver::Version;
use serde_json::json;

use super::artefacts::CROSSWALK_NAME;
use super::commit::commit;
use super::data::open_index;
use super::effect::Effect;
use super::fact::LEAF_FORMAT;
use super::record::{Act, EditRecord, ImportRecord, RECORD_FORMAT, ReleaseRecord, Review};
use super::seal::access_word;
use super::{FrozenFile, FrozenList, Ground, PublicFact, ReleaseError, Secret};
use crate::canon::Digest;
use crate::dataset::{DatasetId, Manifest};
use crate::draft::{Step, after};
use crate::flow::in_order;
use crate::review::{Vote, approval_text, check_signature, missing_approvals, signer_of};
use crate::store::{self, Artefact, Connection, Decision, Draft, NewEvent, Release, StoreError};

/// This program, as records name it.
pub const PROGRAM: &str = concat!("tanyin ", env!("CARGO_PKG_VERSION"));

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
///
/// # Errors
/// [`ReleaseError`] where there is no draft that was approved, or something came between.
pub fn publish(ground: &Ground, dataset: &DatasetId, actor: &str) -> Result<Published, ReleaseError> {
    publish_if(ground, dataset, actor, &|_| Ok(()))
}

/// The same, if the draft is as the caller wants it: the one that was looked at is the one that is published.
///
/// # Errors
/// As [`publish`]; what `wanted` refuses.
pub fn publish_if(
    ground: &Ground,
    dataset: &DatasetId,
    actor: &str,
    wanted: &dyn Fn(&Draft) -> Result<(), ReleaseError>,
) -> Result<Published, ReleaseError> {
    let database = ground.database()?;
    let draft = database
        .read(|connection| store::draft_get(connection, dataset.as_str()))?
        .ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    wanted(&draft)?;
    after(draft.state.as_str(), Step::Publish)?;
    let (version, manifest, list) = frozen(ground, &draft)?;
    let (files, secret) = list.parts();
    in_order(files.iter(), |file| ground.blobs().verify(file.sha256), |verified| verified.map(drop))?;
    let record = ReleaseRecord {
        published: Act { at: ground.now(), by: actor.to_owned() },
        ..record(ground, &draft, &version, manifest, (&files, secret))?
    };
    let at = record.published.at.clone();
    let bytes = record.to_bytes()?;
    let stored = ground.effect(Effect::PutRecord, || Ok(ground.blobs().put(&bytes)?))?;
    let fact = fact(ground, &record, stored.digest)?;
    let files = rows(&files)?;
    let seq = commit(ground, &fact, None, |connection, seq| {
        expect_unmoved(connection, &draft)?;
        let release = Release {
            dataset: dataset.to_string(),
            version: version.to_string(),
            seq,
            manifest_digest: manifest,
            record_digest: stored.digest,
            import_run: Some(draft.import_run),
            published_at: at.clone(),
            actor: actor.to_owned(),
        };
        store::release_insert(connection, &release, &files)?;
        store::draft_delete(connection, dataset.as_str(), draft.revision)?;
        let detail = json!({"manifest": manifest, "record": stored.digest, "seq": seq});
        let subject = format!("{dataset}@{version}");
        store::event_append(
            connection,
            &NewEvent { at: &at, actor, act: "release.publish", dataset: Some(dataset.as_str()), subject: &subject, detail: &detail },
        )?;
        Ok(())
    })?;
    let lines = draft.lines_digest;
    ground.effect(Effect::BuildIndex, || open_index(ground, lines, &ground.blobs().map(lines)?))?;
    Ok(Published { dataset: dataset.clone(), version, manifest, seq })
}

/// What is told to the public: of a sealed release, digests behind salts, under which the blobs lie as well.
fn fact(ground: &Ground, record: &ReleaseRecord, digest: Digest) -> Result<PublicFact, ReleaseError> {
    let (at, format) = (record.published.at.clone(), LEAF_FORMAT.to_owned());
    let (dataset, manifest, version) = (record.dataset.clone(), record.manifest, record.version.clone());
    let Some(secret) = &record.secret else {
        return Ok(PublicFact::Release { at, dataset, format, manifest, record: digest, version });
    };
    let bytes = ground.blobs().read(manifest)?;
    let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("manifest {manifest}"), why: error.to_string() };
    let read: Manifest = serde_json::from_slice(&bytes).map_err(damaged)?;
    let access = access_word(read.restricted, &read.metadata.licences).to_owned();
    let salted = secret.of_record().before(&record.to_bytes()?);
    let salted_record = ground.effect(Effect::PutRecord, || Ok(ground.blobs().put(&salted)?))?.digest;
    let salted_manifest = ground.blobs().put(&secret.of_manifest().before(&bytes))?.digest;
    Ok(PublicFact::Sealed { access, at, dataset, format, salted_manifest, salted_record, version })
}

/// How the draft came about, but for its publication.
fn record(
    ground: &Ground,
    draft: &Draft,
    version: &Version,
    manifest: Digest,
    (files, secret): (&[FrozenFile], Option<Secret>),
) -> Result<ReleaseRecord, ReleaseError> {
    let damaged = |why: &str| ReleaseError::Damaged { what: format!("the submitted draft of {}", draft.dataset), why: why.to_owned() };
    let (run, decisions, edits) = ground.database()?.read(|connection| {
        let edits = store::draft_edit_list(connection, draft.import_run)?;
        Ok::<_, ReleaseError>((store::import_run_get(connection, draft.import_run)?, store::approval_list(connection, manifest)?, edits))
    })?;
    let run = run.ok_or_else(|| damaged("its import run is missing"))?;
    let mut reviews: Vec<(Review, Option<String>)> = Vec::new();
    for decision in decisions.into_iter().filter(|decision| decision.dataset == draft.dataset) {
        match decision.decision {
            // a rejection ends the approvals before it
            Decision::Reject => reviews.clear(),
            Decision::Approve => {
                let key = decision.signature.as_deref().map(signer_of).transpose().map_err(|error| damaged(&error.to_string()))?;
                reviews.push((Review { at: decision.at, by: decision.reviewer, comment: decision.comment, key }, decision.signature));
            }
        }
    }
    expect_approved(ground, draft, manifest, &reviews)?;
    let dataset: DatasetId = draft.dataset.parse().map_err(|_| damaged("its dataset has no name"))?;
    let signatures: String = reviews.iter().filter_map(|(_, signature)| signature.as_deref()).map(|line| format!("{line}\n")).collect();
    let approvals = (!signatures.is_empty()).then(|| format!("{}\n{signatures}", approval_text(&dataset, version, &manifest)));
    let submitted = draft.submitted_by.clone().zip(draft.submitted_at.clone()).ok_or_else(|| damaged("it has no submitter"))?;
    let crosswalk = files.iter().any(|file| file.name == CROSSWALK_NAME).then(|| crosswalk_blob(ground, draft)).transpose()?.flatten();
    Ok(ReleaseRecord {
        approvals,
        crosswalk,
        dataset,
        edits: edits.into_iter().map(EditRecord::of).collect::<Result<_, _>>()?,
        files: files.to_vec(),
        format: RECORD_FORMAT.to_owned(),
        import: import_record(run),
        manifest,
        program: PROGRAM.to_owned(),
        published: Act { at: String::new(), by: String::new() },
        reviews: reviews.into_iter().map(|(review, _)| review).collect(),
        secret,
        submitted: Act { at: submitted.1, by: submitted.0 },
        version: version.clone(),
    })
}

/// The blob that tells who confirmed the records of the draft's crosswalk.
fn crosswalk_blob(ground: &Ground, draft: &Draft) -> Result<Option<Digest>, ReleaseError> {
    #[derive(serde::Deserialize)]
    struct Described {
        #[serde(default)]
        crosswalk: Option<Digest>,
    }
    let damaged = |error: serde_json::Error| ReleaseError::Damaged {
        what: format!("the description of the draft of {}", draft.dataset),
        why: error.to_string(),
    };
    Ok(serde_json::from_slice::<Described>(&ground.blobs().read(draft.package_digest)?).map_err(damaged)?.crosswalk)
}

/// As many reviewers approved as the manifest promises, with the keys that it names: the draft's state alone is a word in a row.
fn expect_approved(ground: &Ground, draft: &Draft, digest: Digest, reviews: &[(Review, Option<String>)]) -> Result<(), ReleaseError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("the approvals of the draft of {}", draft.dataset), why };
    let manifest: Manifest = serde_json::from_slice(&ground.blobs().read(digest)?).map_err(|error| damaged(error.to_string()))?;
    let text = approval_text(&manifest.dataset, &manifest.version, &digest);
    let mut votes = Vec::new();
    for (review, line) in reviews {
        let key = check_signature(&text, line.as_deref(), &manifest.approvals.keys).map_err(|error| damaged(error.to_string()))?;
        votes.push(Vote { reviewer: review.by.clone(), approves: true, key });
    }
    let submitter = draft.submitted_by.as_deref().unwrap_or_default();
    match missing_approvals(manifest.approvals.required, submitter, &votes) {
        0 => Ok(()),
        missing => Err(damaged(format!("its manifest wants {}, and {missing} are missing", manifest.approvals.required))),
    }
}

fn import_record(run: store::ImportRun) -> ImportRecord {
    ImportRecord {
        by: run.actor,
        factors: run.factors,
        file_name: run.file_name,
        finished_at: run.finished_at,
        places: run.places_digest,
        profile: run.profile,
        program: run.program,
        report: run.report_digest,
        rows: run.rows,
        run: run.id,
        source: run.source_digest,
        source_bytes: run.source_bytes,
        started_at: run.started_at,
        warnings: run.warnings,
    }
}

/// What was frozen when the draft was submitted.
fn frozen(ground: &Ground, draft: &Draft) -> Result<(Version, Digest, FrozenList), ReleaseError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("the submitted draft of {}", draft.dataset), why };
    let (Some(version), Some(manifest), Some(list)) = (&draft.version, draft.manifest_digest, draft.frozen_digest) else {
        return Err(damaged("version, manifest or files are missing".into()));
    };
    let version: Version = version.parse().map_err(|error| damaged(format!("{error}")))?;
    let files: FrozenList = serde_json::from_slice(&ground.blobs().read(list)?).map_err(|error| damaged(error.to_string()))?;
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
        if !store::is_withdrawn(connection, dataset, &release.version)? {
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
