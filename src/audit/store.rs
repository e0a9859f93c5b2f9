//! A data directory, looked at file by file: it need not be sound enough to be opened.

use std::collections::BTreeSet;
use std::path::Path;

use semver::Version;

use super::blobs::{BlobStates, State, hash_file, list, parallel};
use super::log::{Leaf, LogView, read_checkpoint, read_log};
use super::memory::Memory;
use super::source::{Folder, read_file};
use super::trust::{ApprovedRelease, Basis};
use super::{Finding, Report, Trust, contents, keep};
use crate::canon::Digest;
use crate::dataset::{DatasetId, Manifest};
use crate::desk::{BUNDLED_DONE, BUNDLED_TEXT};
use crate::release::{FrozenFile, KEY_NAME, ReleaseRecord, Salt, build_csv, verify_index};
use crate::store::Database;
use crate::tlog::{MAX_NOTE, Tile, TilePath, VerifierKey, encode_bundle, tile_bytes};

const LINES: &str = "factors.ndjson";
const TABLE: &str = "factors.csv";

/// A data directory.
#[derive(Clone, Copy)]
pub struct Store<'a> {
    /// The folder of the blobs.
    pub blobs: &'a Path,
    /// The folder of the indexes.
    pub indexes: &'a Path,
    /// The database, where there is one.
    pub database: Option<&'a Database>,
}

/// How much of it is looked at.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// This release alone, and the log.
    pub only: Option<(DatasetId, Version)>,
    /// A checkpoint from elsewhere that the log must continue.
    pub checkpoint: Option<String>,
    /// Everything that can be derived is derived again.
    pub deep: bool,
}

/// The verifier keys in a `log/key` file; a line that is no key is a failure.
pub(super) fn read_keys(what: &str, bytes: &[u8], report: &mut Report) -> Vec<VerifierKey> {
    let text = String::from_utf8_lossy(bytes);
    if !text.ends_with('\n') {
        report.fail(Finding::new("key", what, "it does not end in a line feed"));
    }
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        match line.parse::<VerifierKey>() {
            Ok(key) => keys.push(key),
            Err(error) => report.fail(Finding::new("key", what, error.to_string()).at(format!("line {number}"))),
        }
    }
    keys
}

/// Verifies a data directory: blobs, log, releases, indexes, and database rows.
pub fn verify_store(store: &Store<'_>, mut trust: Trust, memory: Option<&Memory>, scope: &Scope, report: &mut Report) {
    let source = Folder(store.blobs.to_owned());
    let mut blobs = BlobStates::new(store.blobs);
    if scope.only.is_none() {
        blobs.hash_all(report);
    }
    let listed = match read_file(&store.blobs.join(KEY_NAME), MAX_NOTE as u64) {
        Ok(Some(bytes)) => Some(read_keys(KEY_NAME, &bytes, report)),
        Ok(None) => {
            report.fail(Finding::new("missing", KEY_NAME, "the log's list of keys is missing"));
            None
        }
        Err(error) => {
            report.fault(format!("{KEY_NAME}: {error}"));
            None
        }
    };
    let given = trust.basis() == Basis::Given;
    keep::recall(&mut trust, memory.filter(|_| given), None, None, report);
    trust.adopt(listed.clone().unwrap_or_default(), Basis::Own);
    let log = read_checkpoint(&source, &trust, report).and_then(|opened| read_log(&source, opened, report));
    if let Some(log) = &log {
        report.authentic = log.opened.authentic;
        if let Some(listed) = &listed {
            check_key_list(listed, log, &trust, report);
        }
        keep::hold_against_memory(store.blobs.join("log/checkpoint").display().to_string().as_str(), None, log, &mut trust, memory, report);
        if let Some(given) = &scope.checkpoint {
            let root_at = |size| log.root_at(size).filter(|_| log.rooted);
            keep::compare_given(crate::release::CHECKPOINT_NAME, given, &log.opened, root_at, &trust, memory, report);
        }
        check_releases(store, log, &trust, scope, &mut blobs, report);
        if scope.only.is_none() {
            check_other_files(store, log, report);
        }
        if let Some(database) = store.database {
            super::rows::verify(database, log, &blobs, report);
        }
    }
    std::mem::take(&mut blobs.damaged).into_values().for_each(|finding| report.fail(finding));
}

/// The published list is what the leaves tell, the current key first.
fn check_key_list(listed: &[VerifierKey], log: &LogView, trust: &Trust, report: &mut Report) {
    let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
    let mut told = log.keys();
    told.reverse();
    let wrong = if told.is_empty() { listed.len() != 1 } else { listed != told };
    if wrong {
        let right = if told.is_empty() { "one key, for no leaf tells of another".to_owned() } else { told.join(", ") };
        report.fail(Finding::new("key", KEY_NAME, format!("it lists {}", listed.join(", "))).right(format!("the leaves tell {right}")));
    }
    if trust.basis() == Basis::Given && !trust.keys().iter().any(|key| listed.contains(&key.to_string())) {
        report.note(format!("{KEY_NAME} lists none of the keys that were given"));
    }
}

fn check_releases(store: &Store<'_>, log: &LogView, trust: &Trust, scope: &Scope, blobs: &mut BlobStates, report: &mut Report) {
    let wanted = |leaf: &Leaf<'_>| scope.only.as_ref().is_none_or(|(dataset, version)| (dataset, version) == (leaf.dataset, leaf.version));
    let leaves: Vec<Leaf<'_>> = log.releases().filter(wanted).collect();
    if let (Some((dataset, version)), true) = (&scope.only, leaves.is_empty()) {
        report.fail(Finding::new("no-release", format!("{dataset}@{version}"), "no leaf of the log releases it"));
        return;
    }
    let mut named = BTreeSet::new();
    let mut parts = Vec::new();
    for leaf in &leaves {
        if let Some((manifest, record)) = documents(leaf, trust, blobs, &mut named, report) {
            blobs.hash(record.files.iter().map(|file| file.sha256), report);
            named.extend(record.files.iter().map(|file| file.sha256));
            check_import(leaf, &record, blobs, &mut named, report);
            parts.push((*leaf, manifest, record));
        }
    }
    let bytes = parts.iter().flat_map(|(_, _, record)| &record.files).map(|file| file.bytes).sum();
    let checked = {
        let blobs = &*blobs;
        parallel(&parts, bytes, |(leaf, manifest, record)| check_files(store, leaf, manifest, record, scope.deep, blobs))
    };
    for (own, damaged) in checked {
        report.absorb(own);
        blobs.damaged.extend(damaged);
    }
    report.count("releases", parts.len() as u64);
    let others = blobs.others(&named);
    if others > 0 && scope.only.is_none() {
        report.note(format!("{others} blobs are named by no release: drafts, sources of imports, or what somebody left"));
    }
}

/// Manifest and record of a release, and its approvals.
fn documents(
    leaf: &Leaf<'_>,
    trust: &Trust,
    blobs: &mut BlobStates,
    named: &mut BTreeSet<Digest>,
    report: &mut Report,
) -> Option<(Manifest, ReleaseRecord)> {
    let id = leaf.id();
    named.extend([leaf.manifest, leaf.record]);
    let mut read = |what: &str, digest: Digest, report: &mut Report| match blobs.state(digest, report) {
        State::Missing => {
            report.fail(Finding::new("missing", BlobStates::name(digest), format!("{what} of {id} is missing")));
            None
        }
        _ => blobs.read(digest),
    };
    let (manifest, record) = (read("the manifest", leaf.manifest, report), read("the record", leaf.record, report));
    let (manifest, record) = (unsalted(leaf, manifest?), unsalted(leaf, record?));
    let salt = contents::secret_of(leaf, Some(&record)).map(|secret| secret.of_manifest());
    let digest = Digest::of(&manifest);
    named.extend([digest, Digest::of(&record)]);
    let manifest = contents::manifest(&format!("the manifest of {id}"), &manifest, salt, leaf, report)?;
    let record = contents::record(&format!("the record of {id}"), &record, leaf, (digest, &manifest), report)?;
    let release = ApprovedRelease { dataset: leaf.dataset, version: leaf.version, digest, manifest: &manifest };
    trust.approved(&format!("the approvals of {id}"), &release, record.approvals.as_deref().map(str::as_bytes), report);
    Some((manifest, record))
}

/// A document without the salt before it in the blob that a sealed release's leaf names.
pub(super) fn unsalted(leaf: &Leaf<'_>, stored: Vec<u8>) -> Vec<u8> {
    match leaf.sealed.and_then(|_| Salt::part(&stored)) {
        Some((_, document)) => document.to_vec(),
        None => stored,
    }
}

/// What the import read and said is kept as well.
fn check_import(leaf: &Leaf<'_>, record: &ReleaseRecord, blobs: &mut BlobStates, named: &mut BTreeSet<Digest>, report: &mut Report) {
    let import = &record.import;
    let parts = [
        ("the source of the import", Some(import.source)),
        ("the report of the import", Some(import.report)),
        ("the places of the import", import.places),
        ("the confirmed crosswalk", record.crosswalk),
    ];
    for (what, digest) in parts {
        let Some(digest) = digest else { continue };
        named.insert(digest);
        if blobs.state(digest, report) == State::Missing {
            report.fail(Finding::new("missing", BlobStates::name(digest), format!("{what} of {} is missing", leaf.id())));
        }
    }
}

type Damaged = Vec<(Digest, Finding)>;

/// The files of a release, and the index of its lines.
fn check_files(
    store: &Store<'_>,
    leaf: &Leaf<'_>,
    manifest: &Manifest,
    record: &ReleaseRecord,
    deep: bool,
    blobs: &BlobStates,
) -> (Report, Damaged) {
    let (mut report, mut damaged) = (Report::default(), Vec::new());
    for file in &record.files {
        let name = format!("{} ({}) of {}", file.name, file.coding, leaf.id());
        match blobs.known(file.sha256) {
            State::Missing => {
                let finding = Finding::new("missing", BlobStates::name(file.sha256), format!("{name} is missing"));
                report.fail(
                    finding.right(other_copy(file, record, blobs).map_or_else(none_left, |_| "another copy of it is sound".to_owned())),
                );
            }
            State::Damaged => damaged.extend(locate(&name, file, record, blobs).map(|finding| (file.sha256, finding))),
            State::Sound(bytes) => {
                report.count("files", 1);
                if bytes != file.bytes {
                    report
                        .fail(Finding::new("size", name, format!("it has {bytes} bytes")).right(format!("the record says {}", file.bytes)));
                } else if file.coding != "identity" {
                    check_coding(&name, file, record, blobs, &mut report);
                }
            }
        }
    }
    if let Some(lines) = record.file(LINES, "identity").filter(|file| matches!(blobs.known(file.sha256), State::Sound(_))) {
        let what = format!("{LINES} of {}", leaf.id());
        let path = blobs.path(lines.sha256);
        let read =
            std::fs::File::open(&path).and_then(|file| contents::lines(&what, file, (manifest, record.secret.as_ref()), deep, &mut report));
        if let Err(error) = read {
            report.fault(format!("{}: {error}", path.display()));
        }
        let bytes = if deep { blobs.read(lines.sha256).unwrap_or_default() } else { Vec::new() };
        check_index(store, &lines.sha256, deep.then_some(bytes.as_slice()), &mut report);
        if deep {
            check_table(&format!("{TABLE} of {}", leaf.id()), &bytes, record, &mut report);
        }
    }
    (report, damaged)
}

fn none_left() -> String {
    "no other copy of it exists here: bring it back from a mirror or a backup".to_owned()
}

fn check_coding(name: &str, file: &FrozenFile, record: &ReleaseRecord, blobs: &BlobStates, report: &mut Report) {
    let Some(identity) = record.file(&file.name, "identity") else { return };
    // held against the sound bytes themselves, which costs less than to hash what was decoded
    let sound = matches!(blobs.known(identity.sha256), State::Sound(_));
    if sound && contents::decodes_to(&file.coding, &blobs.path(file.sha256), &blobs.path(identity.sha256)) {
        return;
    }
    let bytes = blobs.read(file.sha256).unwrap_or_default();
    match contents::decoded(&file.coding, &bytes, identity.bytes) {
        Ok(decoded) if Digest::of(&decoded) == identity.sha256 => {}
        Ok(decoded) => {
            let wrong = format!("it decodes to {} bytes of {}", decoded.len(), Digest::of(&decoded));
            report.fail(Finding::new("coding", name, wrong).right(format!("{} has {}", file.name, identity.sha256)));
        }
        Err(error) => report.fail(Finding::new("coding", name, error)),
    }
}

/// The bytes that a file must have, from another copy of the same content.
fn other_copy(file: &FrozenFile, record: &ReleaseRecord, blobs: &BlobStates) -> Option<(String, Vec<u8>)> {
    let identity = record.file(&file.name, "identity")?;
    let copies = record.files.iter().filter(|other| other.name == file.name && other.coding != file.coding);
    for copy in copies.filter(|copy| matches!(blobs.known(copy.sha256), State::Sound(_))) {
        if let Ok(bytes) = contents::decoded(&copy.coding, &blobs.read(copy.sha256)?, identity.bytes)
            && Digest::of(&bytes) == identity.sha256
        {
            return Some((format!("the {} copy", copy.coding), bytes));
        }
    }
    let lines =
        record.file(LINES, "identity").filter(|lines| file.name == TABLE && matches!(blobs.known(lines.sha256), State::Sound(_)))?;
    let mut table = Vec::new();
    build_csv(&blobs.read(lines.sha256)?, &mut table).ok()?;
    (Digest::of(&table) == identity.sha256).then(|| (format!("{LINES}, from which it is made"), table))
}

/// Where a damaged file differs from what it must be.
fn locate(name: &str, file: &FrozenFile, record: &ReleaseRecord, blobs: &BlobStates) -> Option<Finding> {
    let stored = blobs.read(file.sha256)?;
    let what = BlobStates::name(file.sha256);
    let Some((copy, right)) = other_copy(file, record, blobs) else {
        return Some(Finding::new("digest", what, format!("{name} was changed")).right(none_left()));
    };
    let finding = Finding::new("digest", what, format!("{name} was changed"));
    if file.coding == "identity" {
        let (offset, line) = super::report::first_difference(&stored, &right)?;
        let byte = |bytes: &[u8]| bytes.get(offset).map_or("the end".to_owned(), |byte| format!("0x{byte:02x}"));
        let said = format!("{} stands there, and {} is right, as {copy} shows", byte(&stored), byte(&right));
        return Some(finding.at(format!("byte {offset}, line {line}")).right(said));
    }
    let said = match contents::decoded(&file.coding, &stored, file.bytes.max(right.len() as u64)) {
        Ok(decoded) => super::report::first_difference(&decoded, &right)
            .map_or_else(|| "it still decodes to the right bytes".to_owned(), |(offset, _)| format!("decoded, byte {offset} differs")),
        Err(error) => error,
    };
    Some(finding.right(format!("{said}; {copy} is sound")))
}

/// The index of the lines; given the lines, it is built again.
fn check_index(store: &Store<'_>, digest: &Digest, lines: Option<&[u8]>, report: &mut Report) {
    let name = format!("{}.index", digest.to_hex());
    let path = store.indexes.join(&name);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.note(format!("indexes/{name} is not there: it is built again when it is needed"));
            return;
        }
        Err(error) => return report.fault(format!("{}: {error}", path.display())),
    };
    report.count("indexes", 1);
    report.bytes += bytes.len() as u64;
    let right = "remove the file: it is built again from the lines";
    if let Err(why) = verify_index(&bytes, digest) {
        report.fail(Finding::new("index", format!("indexes/{name}"), why).right(right));
    } else if let Some(lines) = lines {
        let built = tempfile::tempdir().map_err(|error| error.to_string()).and_then(|folder| {
            let path = folder.path().join(&name);
            crate::release::build_index(lines, digest, &path).map_err(|error| error.to_string())?;
            std::fs::read(&path).map_err(|error| error.to_string())
        });
        match built {
            Ok(built) => {
                if let Some((offset, _)) = super::report::first_difference(&bytes, &built) {
                    let finding = Finding::new("index", format!("indexes/{name}"), "it is not the index of its lines");
                    report.fail(finding.at(format!("byte {offset}")).right(right));
                }
            }
            Err(error) => report.fault(format!("indexes/{name}: it cannot be built again: {error}")),
        }
    }
}

fn check_table(what: &str, lines: &[u8], record: &ReleaseRecord, report: &mut Report) {
    let Some(table) = record.file(TABLE, "identity") else { return };
    let mut built = Vec::new();
    if let Err(error) = build_csv(lines, &mut built) {
        return report.fail(Finding::new("table", what, error.to_string()));
    }
    if Digest::of(&built) != table.sha256 {
        report.fail(Finding::new("table", what, "it is not the table of the lines").right(format!("they give {}", Digest::of(&built))));
    }
    report.count("tables", 1);
}

/// Files of the log that no checkpoint needs any more, the mark of the first start, and what belongs to nobody.
fn check_other_files(store: &Store<'_>, log: &LogView, report: &mut Report) {
    for (path, name) in list(store.blobs, "", report) {
        let top = name.split('/').next().unwrap_or_default();
        match (top, name.strip_prefix("log/").map(TilePath::parse)) {
            ("sha256", _) => {}
            _ if ["log/checkpoint", "log/key"].contains(&name.as_str()) => {}
            ("log", Some(Ok(tile))) => check_old_tile(&path, &name, &tile, log, report),
            ("staging", _) => {
                report.note(format!("{name} was staged for a publication that did not end: the next start goes on or removes it"))
            }
            ("tmp", _) => report.note(format!("{name} is of a writer that died: it goes after a day")),
            _ if name == BUNDLED_DONE => {
                if hash_file(&path).is_ok_and(|(found, _)| found != Digest::of(BUNDLED_TEXT)) {
                    let right = format!("`{}` stands there", String::from_utf8_lossy(BUNDLED_TEXT).trim_end());
                    report.fail(Finding::new("file", name, "its text was changed").right(right));
                }
            }
            _ => report.note(format!("{name} belongs to nobody")),
        }
    }
}

/// A tile or bundle of an earlier size must be a beginning of what the tree has there now.
fn check_old_tile(path: &Path, name: &str, tile: &TilePath, log: &LogView, report: &mut Report) {
    let size = log.opened.checkpoint.size;
    let expected = match tile {
        TilePath::Hashes(tile) => match Tile::in_tree(tile.level, tile.index, size) {
            Some(own) if own.width == tile.width => return,
            Some(own) if own.width > tile.width => tile_bytes(tile, &mut |level, index| log.tree.read(level, index)).ok(),
            _ => None,
        },
        TilePath::Entries(bundle) => match crate::tlog::Bundle::in_tree(bundle.index, size) {
            Some(own) if own.width == bundle.width => return,
            Some(own) if own.width > bundle.width => {
                let first = usize::try_from(bundle.first_entry()).unwrap_or(usize::MAX);
                let entries = log.entries.get(first..).and_then(|rest| rest.get(..usize::from(bundle.width))).unwrap_or_default();
                let entries: Option<Vec<&Vec<u8>>> = entries.iter().map(Option::as_ref).collect();
                entries.and_then(|entries| encode_bundle(entries).ok())
            }
            _ => None,
        },
    };
    let Some(expected) = expected else {
        return report.note(format!("{name} is beyond the published checkpoint"));
    };
    match read_file(path, u64::MAX - 1) {
        Ok(Some(bytes)) => {
            report.count("earlier tiles", 1);
            if let Some((offset, _)) = super::report::first_difference(&bytes, &expected) {
                let at = if matches!(tile, TilePath::Hashes(_)) { format!("hash {}", offset / 32) } else { format!("byte {offset}") };
                report.fail(Finding::new("tile", name, "it is not a beginning of the log").at(at).right("the entries give other bytes"));
            }
        }
        Ok(None) => {}
        Err(error) => report.fault(format!("{name}: {error}")),
    }
}
