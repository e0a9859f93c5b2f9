//! Importing: a package or table becomes the dataset's draft, or findings and no change at all.

use std::io::{self, Read, Write};
use std::path::Path;

use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::edit::expect_unedited;
use super::flags::propose_flags;
use super::reading::made_for;
use super::submit::description;
use super::{DeskError, Reading, check};
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::{Bump, ChangeCounts, DatasetId, Manifest, Metadata, next_version};
use crate::draft::{PrepareError, Prepared, Step, after, prepare};
use crate::flow::both;
use crate::import::{Format, KeyedLine};
use crate::release::{Ground, PROGRAM, ReleaseError, ReleaseRecord};
use crate::store::{self, Blobs, Connection, Draft, DraftState, Mapped, NewEvent, NewImportRun, StoreError};
use crate::validate::{Checked, Finding, Report, Rule, Sinks};

/// What is to be imported, and by whom.
pub struct ImportRequest<'a> {
    /// A package or a table.
    pub path: &'a Path,
    /// Into this dataset's draft.
    pub dataset: &'a DatasetId,
    /// Who imports.
    pub actor: &'a str,
    /// Report only.
    pub dry_run: bool,
    /// How the file is read.
    pub reading: Reading<'a>,
    /// Whether edits of the draft that stands may be thrown away.
    pub discard_edits: bool,
}

/// The difference of a draft with the latest release that is not withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The release compared with; nothing for a first one.
    pub base: Option<Version>,
    /// Factor by factor.
    pub counts: ChangeCounts,
    /// Whether title, licences, sources or contributors differ.
    pub metadata: bool,
    /// What it demands of the version.
    pub bump: Bump,
    /// The version that follows; nothing where nothing differs.
    pub next: Option<Version>,
}

/// What an import found and did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportOutcome {
    /// What became of the rows.
    #[serde(flatten)]
    pub report: Report,
    /// The difference with the latest release; nothing where errors were found.
    pub difference: Option<Difference>,
    /// The number of the import run; nothing where nothing was stored.
    pub run: Option<i64>,
}

/// What the draft keeps of a package's description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Description {
    /// The version that its author gives it.
    pub(super) version: Option<Version>,
    /// Its words.
    pub(super) metadata: Metadata,
    /// How many rows kept the previous line though they were read elsewhere or written otherwise.
    pub(super) provenance_only: u64,
    /// The blob that is the draft's crosswalk, with who confirmed what and which proposals were denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) crosswalk: Option<Digest>,
    /// The blob that is the list of flags proposed for the draft's lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) flags: Option<Digest>,
}

/// The latest release that is not withdrawn, to compare with.
pub(super) struct Base {
    pub(super) version: Version,
    pub(super) manifest_digest: Digest,
    pub(super) metadata: Metadata,
    pub(super) restricted: bool,
    pub(super) lines: Mapped,
    pub(super) lines_digest: Digest,
}

/// The base's lines to be read one after the other, which keeps none of them in memory; none where there is no base.
pub(super) fn read_base(base: Option<&Base>, blobs: &Blobs) -> Result<Box<dyn Read>, StoreError> {
    Ok(match base {
        Some(base) => Box::new(blobs.open_blob(base.lines_digest)?),
        None => Box::new(io::empty()),
    })
}

/// Reads a package or table to its end and, if no error was found, makes it the dataset's draft.
///
/// `progress` hears how many rows were read. With an error, or with `dry_run`,
/// nothing is changed.
pub fn import(ground: &Ground, request: &ImportRequest<'_>, progress: &mut dyn FnMut(u64)) -> Result<ImportOutcome, DeskError> {
    let started_at = ground.now();
    let (draft, base, used) = read_state(ground, request.dataset)?;
    if let Some(draft) = &draft {
        after(draft.state.as_str(), Step::Import)?;
        if !request.discard_edits {
            expect_unedited(ground, draft)?;
        }
    }
    let is_table =
        request.reading.is_package() && !request.path.is_dir() && request.path.extension().is_none_or(|extension| extension != "json");
    if is_table && base.is_none() && request.path.exists() {
        return Err(no_description(request));
    }
    let blobs = (!request.dry_run).then(|| ground.blobs().clone());
    let previous = read_base(base.as_ref(), ground.blobs())?;
    let reading = read_source(request, (base.as_ref(), previous), blobs.as_ref(), progress)?;
    let ReadFile { mut checked, prepared, lines, places } = reading;
    check_dataset(&mut checked, request.dataset);
    let metadata = words(&checked, base.as_ref());
    if metadata.is_none() && !checked.report.has_errors() {
        return Err(no_description(request));
    }
    let Some(mut metadata) = metadata.filter(|_| !checked.report.has_errors()) else {
        return Ok(ImportOutcome { report: checked.report, difference: None, run: None });
    };
    declare_cited(&mut metadata, base.as_ref(), &prepared);
    let difference = difference(base.as_ref(), prepared.counts, (&metadata, restricted(ground, request.dataset)?), &used);
    let (Some(lines), Some(places)) = (lines, places) else {
        return Ok(ImportOutcome { report: checked.report, difference: Some(difference), run: None });
    };
    let packed = checked.packed.as_ref().map(tempfile::NamedTempFile::path);
    let table = checked.package.as_ref().map_or(packed.unwrap_or(request.path), |package| &package.table);
    let finish = || Ok::<_, DeskError>((lines.finish()?.digest, places.finish()?.digest));
    let copy = || checked.table.map_or(Ok(None), |(digest, _)| ground.blobs().put_copy(table, digest));
    let (raw, finished) = both(copy, finish);
    let Some(raw) = raw? else {
        checked.report.add(Finding::file(
            Rule::FileChanged,
            format!("{} changed while it was read: wait until it is written, then try again", table.display()),
        ));
        return Ok(ImportOutcome { report: checked.report, difference: None, run: None });
    };
    let ((lines, places), differs) = (finished?, difference.next.is_some());
    let before = draft.as_ref().map(|draft| description(ground, draft)).transpose()?;
    let description = Description {
        version: checked.package.as_ref().map(|package| package.version.clone()),
        metadata,
        provenance_only: difference.counts.provenance_only,
        crosswalk: before.as_ref().and_then(|before| before.crosswalk),
        flags: if differs { Some(propose_flags(ground, request.dataset, lines, base.as_ref(), before.as_ref())?) } else { None },
    };
    let kept = Kept {
        file_name: request.reading.file_name.map_or_else(|| file_name(if packed.is_some() { request.path } else { table }), str::to_owned),
        differs,
        raw,
        lines,
        places,
        description: ground.blobs().put(&canonical_bytes(&description).map_err(ReleaseError::from)?)?.digest,
        report: ground.blobs().put(&canonical_bytes(&checked.report).map_err(ReleaseError::from)?)?.digest,
    };
    let run = record(ground, request, &checked.report, &kept, &started_at, draft.as_ref(), base.as_ref())?;
    Ok(ImportOutcome { report: checked.report, difference: Some(difference), run: Some(run) })
}

/// A file that brings no title, licence and sources, for a dataset that has none.
fn no_description(request: &ImportRequest<'_>) -> DeskError {
    DeskError::NoDescription { dataset: request.dataset.to_string(), fits: made_for(request.path) }
}

type State = (Option<Draft>, Option<Base>, Vec<Version>);

/// The draft, the base of the difference, and every version ever used.
pub(super) fn read_state(ground: &Ground, dataset: &DatasetId) -> Result<State, DeskError> {
    let (draft, releases, withdrawn) = ground.database()?.read(|connection| {
        let draft = store::draft_get(connection, dataset.as_str())?;
        let releases = store::release_list(connection, dataset.as_str())?;
        let withdrawn = withdrawn_versions(connection, dataset, &releases)?;
        Ok::<_, DeskError>((draft, releases, withdrawn))
    })?;
    let mut used: Vec<Version> = releases.iter().filter_map(|release| release.version.parse().ok()).collect();
    used.sort();
    let latest = used.iter().rev().find(|version| !withdrawn.contains(version));
    let release = latest.and_then(|latest| releases.iter().find(|release| release.version == latest.to_string()));
    let base = match release {
        Some(release) => Some(open_base(ground.blobs(), release)?),
        None => None,
    };
    Ok((draft, base, used))
}

/// Whether what is submitted now takes a grant to read.
pub(super) fn restricted(ground: &Ground, dataset: &DatasetId) -> Result<bool, DeskError> {
    let known = ground.database()?.read(|connection| store::dataset_get(connection, dataset.as_str()))?;
    Ok(known.is_some_and(|known| known.restricted != 0))
}

fn withdrawn_versions(connection: &mut Connection, dataset: &DatasetId, releases: &[store::Release]) -> Result<Vec<Version>, DeskError> {
    let mut withdrawn = Vec::new();
    for release in releases {
        if store::is_withdrawn(connection, dataset.as_str(), &release.version)? {
            withdrawn.extend(release.version.parse::<Version>().ok());
        }
    }
    Ok(withdrawn)
}

fn open_base(blobs: &Blobs, release: &store::Release) -> Result<Base, DeskError> {
    let manifest_digest = release.manifest_digest;
    let damaged = |why: String| ReleaseError::Damaged { what: format!("manifest {manifest_digest}"), why };
    let manifest: Manifest = serde_json::from_slice(&blobs.read(manifest_digest)?).map_err(|error| damaged(error.to_string()))?;
    let record = ReleaseRecord::from_bytes(&blobs.read(release.record_digest)?, &format!("record {}", release.record_digest))?;
    let lines = record.file("factors.ndjson", "identity").ok_or_else(|| damaged("its record has no factors.ndjson".into()))?.sha256;
    blobs.verify(lines)?; // lines that are kept go into the next release
    Ok(Base {
        version: manifest.version,
        manifest_digest,
        metadata: manifest.metadata,
        restricted: manifest.restricted,
        lines: blobs.map(lines)?,
        lines_digest: lines,
    })
}

struct ReadFile {
    checked: Checked,
    prepared: Prepared,
    lines: Option<store::BlobWriter>,
    places: Option<store::BlobWriter>,
}

/// Where a draft's bytes go: into blobs, or nowhere for a dry run.
struct Target(Option<store::BlobWriter>);

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(writer) => writer.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read_source(
    request: &ImportRequest<'_>,
    (base, previous): (Option<&Base>, impl Read),
    blobs: Option<&Blobs>,
    progress: &mut dyn FnMut(u64),
) -> Result<ReadFile, DeskError> {
    let target = || blobs.map(Blobs::writer).transpose().map(Target);
    let mut preparing = prepare(previous, target()?, target()?);
    let mut fault = None;
    let mut take = |line: KeyedLine| -> io::Result<()> {
        preparing.take(&line).map_err(|error| {
            let message = error.to_string();
            fault = Some(error);
            io::Error::other(message)
        })
    };
    let known = base.map(|base| &base.metadata);
    let checked = check(request.path, &request.reading, known, &mut Sinks { line: &mut take, progress });
    if let Some(fault) = fault {
        return Err(PrepareError::into(fault));
    }
    let checked = checked?;
    let (prepared, lines, places) = preparing.finish()?;
    Ok(ReadFile { checked, prepared, lines: lines.0, places: places.0 })
}

/// The words of the next release: the package's own; or those of the latest release with this file's sources; or the profile's.
fn words(checked: &Checked, base: Option<&Base>) -> Option<Metadata> {
    if let Some(package) = &checked.package {
        return Some(package.metadata.clone());
    }
    match (base, &checked.words) {
        (Some(base), Some(words)) => Some(Metadata { sources: words.sources.clone(), ..base.metadata.clone() }),
        (Some(base), None) => Some(base.metadata.clone()),
        (None, words) => words.clone(),
    }
}

fn check_dataset(checked: &mut Checked, dataset: &DatasetId) {
    if let Some(package) = &checked.package
        && package.dataset != *dataset
    {
        let note = format!("the package is for `{}`, the import for `{dataset}`: give --dataset {}", package.dataset, package.dataset);
        checked.report.add(Finding::field(Rule::PackageDataset, "name", note));
    }
}

/// A kept line cites the source of its own release, which the new release therefore goes on declaring.
pub(super) fn declare_cited(metadata: &mut Metadata, base: Option<&Base>, prepared: &Prepared) {
    let Some(base) = base else { return };
    for id in &prepared.cited {
        if metadata.source(id).is_none() {
            metadata.sources.extend(base.metadata.source(id).cloned());
        }
    }
}

/// What the draft would change, `restricted` being the policy that it would be submitted under.
pub(super) fn difference(
    base: Option<&Base>,
    counts: ChangeCounts,
    (metadata, restricted): (&Metadata, bool),
    used: &[Version],
) -> Difference {
    let access = base.map_or(Bump::None, |base| match (base.restricted, restricted) {
        (false, true) => Bump::Major, // it takes a right away, as a narrower licence does
        (true, false) => Bump::Patch,
        _ => Bump::None,
    });
    let words = base.map_or(Bump::None, |base| metadata.bump_from(&base.metadata)).max(access);
    let bump = counts.bump().max(words);
    let version = base.map(|base| base.version.clone());
    let next = (bump > Bump::None).then(|| next_version(version.as_ref(), used, bump));
    Difference { base: version, counts, metadata: words > Bump::None, bump, next }
}

/// The name of the table that was read, with the folder that it stood in: `1.1.0/factors.csv`.
fn file_name(table: &Path) -> String {
    let part = |path: Option<&Path>| path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    [part(table.parent()), part(Some(table))].into_iter().flatten().collect::<Vec<_>>().join("/")
}

/// What an import keeps as blobs.
struct Kept {
    file_name: String,
    /// Whether anything differs from the latest release: if not, the run is recorded and there is no draft.
    differs: bool,
    raw: store::StoredBlob,
    lines: Digest,
    places: Digest,
    description: Digest,
    report: Digest,
}

fn record(
    ground: &Ground,
    request: &ImportRequest<'_>,
    report: &Report,
    kept: &Kept,
    started_at: &str,
    draft: Option<&Draft>,
    base: Option<&Base>,
) -> Result<i64, DeskError> {
    let dataset = request.dataset.as_str();
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let at = ground.now();
    let file_name = &kept.file_name;
    ground.database()?.write(|connection| {
        store::dataset_upsert_absent(connection, dataset, &at)?;
        let run = NewImportRun {
            dataset,
            actor: request.actor,
            started_at,
            finished_at: &at,
            file_name,
            profile: &request.reading.format.map_or_else(|| Format::Package.full_name(), Format::full_name),
            program: PROGRAM,
            source_digest: kept.raw.digest,
            source_bytes: count(kept.raw.bytes),
            rows: count(report.rows),
            factors: count(report.produced),
            errors: count(report.findings.error),
            warnings: count(report.findings.warning),
            report_digest: kept.report,
            places_digest: Some(kept.places),
        };
        let run = store::import_run_insert(connection, &run)?;
        let new = Draft {
            dataset: dataset.to_owned(),
            revision: 0,
            state: DraftState::Draft,
            import_run: run,
            lines_digest: kept.lines,
            package_digest: kept.description,
            base_version: base.map(|base| base.version.to_string()),
            version: None,
            manifest_digest: None,
            frozen_digest: None,
            submitted_by: None,
            submitted_at: None,
            updated_at: at.clone(),
        };
        match (kept.differs, draft) {
            (true, _) => drop(store::draft_put(connection, &new, draft.map(|draft| draft.revision))?),
            // what was in the draft is replaced by what is released
            (false, Some(draft)) => store::draft_delete(connection, dataset, draft.revision)?,
            (false, None) => {}
        }
        let detail =
            json!({"run": run, "rows": report.rows, "factors": report.produced, "source": kept.raw.digest, "differs": kept.differs});
        store::event_append(
            connection,
            &NewEvent { at: &at, actor: request.actor, act: "draft.import", dataset: Some(dataset), subject: file_name, detail: &detail },
        )?;
        Ok(run)
    })
}
