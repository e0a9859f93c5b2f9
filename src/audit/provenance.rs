//! Where one number of one release came from: line, cell, file, document, import, approvals, leaf, checkpoint.

use std::sync::Arc;

use semver::Version;
use serde::Serialize;

use super::{ReadPlace, find_place};
use crate::canon::Digest;
use crate::dataset::{Act as Doing, Principal, Redistribution, SourceDocument};
use crate::factor::{Decimal, Factor, Metric, SourceLevel, Text};
use crate::lookup::{Notice, notices};
use crate::release::{
    Act, Catalogue, DependentsOf, EditRecord, Ground, ImportRecord, Input, PublishedRelease, ReleaseError, Review, Superseded, Withdrawn,
};
use crate::tlog::hash_text;

/// Where a number stood in its source, as its line says.
#[derive(Debug, Clone, Serialize)]
pub struct SourcePlace {
    /// Who stands behind the copy that was read.
    pub level: Option<SourceLevel>,
    /// Page, table, sheet, row, cell.
    pub locator: Option<String>,
    /// The cell as it was written.
    pub value_text: Option<String>,
    /// The unit as it was written.
    pub unit_text: Option<String>,
    /// The document in full, as a reader would cite it.
    pub citation: String,
    /// The document, as the manifest declares it; its `sha256` is that of the file that was read, where declared.
    pub document: Option<SourceDocument>,
}

/// The file that was imported.
#[derive(Debug, Clone, Serialize)]
pub struct SourceFile {
    /// Its digest.
    pub digest: Digest,
    /// Its size.
    pub bytes: i64,
    /// Whether its bytes lie on this server.
    pub kept: bool,
    /// Whether every licence of the release permits passing it on in full.
    pub redistributable: bool,
    /// Where it can be had; nothing unless it is kept and whoever asks may read it.
    pub href: Option<String>,
}

/// The release that a number stands in.
#[derive(Debug, Clone, Serialize)]
pub struct ReleaseFacts {
    /// When it was published (RFC 3339, UTC).
    pub published_at: String,
    /// Digest of its manifest: what it is.
    pub manifest: Digest,
    /// Digest of its record: how it came about.
    pub record: Digest,
    /// Merkle tree hash over its lines.
    pub root: Digest,
    /// How many lines it has.
    pub factors: u64,
    /// How many approvals its dataset's policy wanted.
    pub approvals_required: u32,
    /// Index of its leaf in the log.
    pub leaf: i64,
    /// SHA-256 of the bytes of that leaf.
    pub leaf_digest: Digest,
    /// Set where it is withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// Set where another is to be used instead.
    pub superseded: Option<Superseded>,
}

/// The first release that had exactly this line, and how it got there.
#[derive(Debug, Clone, Serialize)]
pub struct Appearance {
    /// Its version.
    pub version: Version,
    /// When it was published (RFC 3339, UTC).
    pub published_at: String,
    /// Index of its leaf in the log.
    pub leaf: i64,
    /// The import that made the line.
    pub import: ImportRecord,
    /// The row of that import's file; nothing where the places are not kept here.
    pub row: Option<u64>,
    /// What a person changed by hand after that import: who, when, what and why. The line is theirs, not the file's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<EditRecord>,
}

/// The checkpoint that covers the leaf.
#[derive(Debug, Clone, Serialize)]
pub struct CheckpointRef {
    /// The log.
    pub origin: String,
    /// How many leaves it covers.
    pub size: u64,
    /// Its root, in base64 as the checkpoint has it.
    pub root: String,
}

/// Where one number came from.
#[derive(Debug, Clone, Serialize)]
pub struct Provenance {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    pub version: Version,
    /// Key.
    pub key: String,
    /// SHA-256 of the canonical line.
    pub digest: Digest,
    /// The line's place among those of the release, from 0.
    pub index: usize,
    /// Its name.
    pub name: Text,
    /// Kg of `metric` per `per`, as written.
    pub value: Decimal,
    /// What is counted.
    pub metric: Metric,
    /// UCUM unit or currency.
    pub per: String,
    /// Where it stood, as the line says.
    pub source: SourcePlace,
    /// In which row it was read for this release, and how it was written there where the line was kept from the release before;
    /// nothing where the places are not kept here.
    pub read: Option<ReadPlace>,
    /// What a person changed by hand after this release's import.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<EditRecord>,
    /// The import that this release's lines come from.
    pub import: ImportRecord,
    /// The file that it read.
    pub file: SourceFile,
    /// Who submitted the release.
    pub submitted: Act,
    /// Who approved it.
    pub reviews: Vec<Review>,
    /// Who published it.
    pub published: Act,
    /// The program that published it.
    pub program: String,
    /// The release.
    pub release: ReleaseFacts,
    /// The first release that had exactly this line.
    pub first: Appearance,
    /// What it was computed from, and what became of that.
    pub inputs: Vec<Input>,
    /// What was noticed after the release.
    pub notices: Vec<Notice>,
    /// How many factors of other releases are built on it, over any number of steps.
    pub dependents: usize,
    /// The checkpoint that is published now.
    pub checkpoint: CheckpointRef,
    /// The factor, read.
    #[serde(skip)]
    pub factor: Factor,
    /// Digests of the inputs' lines where they are released here, in the order of `inputs`.
    #[serde(skip)]
    pub input_digests: Vec<Option<Digest>>,
}

/// Tells where the number of a line came from, as far as `who` may read it; the line's own release they may read.
///
/// # Errors
/// [`ReleaseError::Damaged`] where the line or its places are not as they were stored, or no checkpoint covers the release.
pub fn provenance(
    ground: &Ground,
    catalogue: &Catalogue,
    release: &PublishedRelease,
    number: usize,
    who: &Principal,
) -> Result<Provenance, ReleaseError> {
    let damaged = |why: String| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, release.id()), why };
    let digest = release.data.digest(number).ok_or_else(|| damaged("it is not as it was released".to_owned()))?;
    let factor = Factor::from_line(&release.data.line(number)).map_err(|error| damaged(error.to_string()))?;
    let checkpoint = catalogue.checkpoint().ok_or_else(|| damaged("there is no checkpoint".to_owned()))?;
    let record = &release.record;
    let inputs = catalogue.inputs(release, &factor.key, who);
    let of = DependentsOf { dataset: release.dataset.as_str(), version: &release.version, key: Some(&factor.key) };
    Ok(Provenance {
        dataset: release.dataset.to_string(),
        version: release.version.clone(),
        key: factor.key.clone(),
        digest,
        index: number,
        name: factor.name.clone(),
        value: factor.value.clone(),
        metric: factor.metric,
        per: factor.per.clone(),
        source: source_place(release, &factor),
        read: read_place(ground, release, &factor.key)?,
        edits: record.edits_of(&factor.key),
        import: record.import.clone(),
        file: source_file(ground, release, who),
        submitted: record.submitted.clone(),
        reviews: record.reviews.clone(),
        published: record.published.clone(),
        program: record.program.clone(),
        release: release_facts(release),
        first: first_appearance(ground, (catalogue, who), release, &factor.key, &digest)?,
        input_digests: inputs.iter().map(|input| input_digest(catalogue, input, who)).collect(),
        inputs,
        notices: notices(catalogue, release, number, who),
        dependents: catalogue.dependents(of, true, who).len(),
        checkpoint: CheckpointRef {
            origin: checkpoint.checkpoint.origin.clone(),
            size: checkpoint.checkpoint.size,
            root: hash_text(&checkpoint.checkpoint.root),
        },
        factor,
    })
}

fn source_place(release: &PublishedRelease, factor: &Factor) -> SourcePlace {
    let (metadata, source) = (&release.manifest.metadata, &factor.source);
    SourcePlace {
        level: source.level,
        locator: source.locator.clone(),
        value_text: source.value_text.clone(),
        unit_text: source.unit_text.clone(),
        citation: metadata.citation(&source.id),
        document: metadata.source(&source.id).cloned(),
    }
}

/// The file that a release was imported from: whether it is here, and whether it may be passed on.
pub fn source_file(ground: &Ground, release: &PublishedRelease, who: &Principal) -> SourceFile {
    let import = &release.record.import;
    let kept = ground.blobs().contains(import.source);
    let redistributable = release.redistribution() == Redistribution::Full;
    let href = (kept && release.may(who, Doing::ReadSource).is_ok())
        .then(|| format!("/v1/datasets/{}/releases/{}/source", release.dataset, release.version));
    SourceFile { digest: import.source, bytes: import.source_bytes, kept, redistributable, href }
}

/// In which row a key was read for a release; a mirror need not keep the places.
fn read_place(ground: &Ground, release: &PublishedRelease, key: &str) -> Result<Option<ReadPlace>, ReleaseError> {
    let Some(places) = release.record.import.places.filter(|places| ground.blobs().contains(*places)) else { return Ok(None) };
    let damaged = |why: String| ReleaseError::Damaged { what: format!("the places {places}"), why };
    find_place(&ground.blobs().map(places)?, key).map_err(|error| damaged(error.to_string()))
}

fn release_facts(release: &PublishedRelease) -> ReleaseFacts {
    ReleaseFacts {
        published_at: release.published_at.clone(),
        manifest: release.manifest_digest,
        record: release.record_digest,
        root: release.manifest.root,
        factors: release.manifest.factors,
        approvals_required: release.manifest.approvals.required,
        leaf: release.seq,
        leaf_digest: Digest::of(release.leaf.as_bytes()),
        withdrawn: release.withdrawn.clone(),
        superseded: release.superseded.clone(),
    }
}

fn first_appearance(
    ground: &Ground,
    (catalogue, who): (&Catalogue, &Principal),
    release: &PublishedRelease,
    key: &str,
    digest: &Digest,
) -> Result<Appearance, ReleaseError> {
    let has_it = |other: &&Arc<PublishedRelease>| {
        let earlier = other.seq < release.seq && other.may(who, Doing::ReadNumbers).is_ok();
        earlier && other.data.find(key).and_then(|number| other.data.digest(number)).as_ref() == Some(digest)
    };
    let all = catalogue.dataset(release.dataset.as_str()).ok();
    let earlier = all.and_then(|releases| releases.all().filter(has_it).min_by_key(|other| other.seq));
    let first = earlier.map_or(release, |earlier| earlier);
    Ok(Appearance {
        version: first.version.clone(),
        published_at: first.published_at.clone(),
        leaf: first.seq,
        import: first.record.import.clone(),
        row: read_place(ground, first, key)?.map(|place| place.row),
        edits: first.record.edits_of(key),
    })
}

fn input_digest(catalogue: &Catalogue, input: &Input, who: &Principal) -> Option<Digest> {
    let release =
        catalogue.dataset(&input.dataset).ok()?.get(&input.version).filter(|release| release.may(who, Doing::ReadNumbers).is_ok())?;
    release.data.digest(release.data.find(&input.key)?)
}
