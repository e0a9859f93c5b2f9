//! Downloaded files of one release, in any combination, checked offline: file → manifest → leaf → checkpoint → keys.

use std::fs;
use std::path::{Path, PathBuf};

use super::blobs::hash_file;
use super::contents::{self, DOCUMENT_LIMIT};
use super::log::{Leaf, release_leaf};
use super::memory::Compared;
use super::source::read_file;
use super::trust::{ApprovedRelease, Basis};
use super::{Finding, Memory, Opened, Report, Trust, keep};
use crate::canon::Digest;
use crate::dataset::{Artefact, Manifest};
use crate::release::{
    LineProof, MANIFEST_NAME, PLACES_NAME, PROOF_FORMAT, PublicFact, ReleaseProof, ReleaseRecord, SUMS_NAME, Salt, Secret, build_csv,
};
use crate::tlog::{Checkpoint, LogProof, Note, check_inclusion, leaf_hash};

const FILE: &str = "file → manifest";
const MANIFEST: &str = "manifest → leaf";
const LEAF: &str = "leaf → checkpoint";
const KEY: &str = "checkpoint → key";
const REVIEWERS: &str = "manifest → reviewers";
const LINE: &str = "line → manifest";

/// A document and the file that it was read from.
type Named<T> = (String, T);

/// What was found, by what it is.
#[derive(Default)]
struct Found {
    manifest: Option<Named<Vec<u8>>>,
    sums: Option<Named<Vec<u8>>>,
    proof: Option<Named<LogProof>>,
    approvals: Option<Named<Vec<u8>>>,
    record: Option<Named<Vec<u8>>>,
    checkpoint: Option<Named<Vec<u8>>>,
    places: Option<Named<Vec<u8>>>,
    line: Option<Named<LineProof>>,
    salt: Option<Salt>,
    artefacts: Vec<PathBuf>,
}

/// Verifies a file of a release, with the documents that lie beside it, or a folder of them.
///
/// `given` is a checkpoint from elsewhere: under an equal size it must have the same root. `deep` derives lines and table again.
pub fn verify_files(path: &Path, mut trust: Trust, memory: Option<&Memory>, given: Option<&str>, deep: bool, report: &mut Report) {
    let mut found = Found::default();
    if path.is_dir() {
        folder(path).iter().for_each(|file| found.take(file, true, report));
    } else {
        found.take(path, true, report);
        if found.checkpoint.is_none() && found.line.is_none() {
            let beside = folder(path.parent().unwrap_or(Path::new(".")));
            beside.iter().filter(|other| *other != path).for_each(|file| found.take(file, false, report));
        }
    }
    if found.is_empty() {
        return report.fail(Finding::new("empty", path.display().to_string(), "nothing of a release is here").right(
            "a release is manifest.json, SHA256SUMS, factors.csv, factors.ndjson, release.tlog-proof, release.approvals, release.record.json",
        ));
    }
    let (leaf, opened) = check_log(&found, &mut trust, memory, report);
    if let (Some(opened), Some(given)) = (&opened, given) {
        keep::compare_given(&path.display().to_string(), given, opened, |_| None, &trust, memory, report);
    }
    let manifest = check_manifest(&found, leaf.as_ref(), report);
    check_artefacts(&found, manifest.as_ref(), deep, report);
    if let Some((what, line)) = &found.line {
        check_line(what, line, manifest.as_ref().map(|(_, manifest)| manifest), report);
    }
    check_record_and_reviewers(&found, leaf.as_ref(), manifest.as_ref(), &trust, report);
    if report.failures.is_empty() && !report.chain.iter().any(|link| link.closed) {
        let wrong = "nothing here ties it to a release, so nothing was checked";
        let finding = Finding::new("incomplete", path.display().to_string(), wrong);
        report.fail(finding.right("put manifest.json and release.tlog-proof beside it"));
    }
    report.authentic = opened.as_ref().is_some_and(|opened| opened.authentic) && report.chain.iter().all(|link| link.closed);
    incomplete(path, &trust, report);
}

/// Whoever gave a key wants the whole chain: what nobody could check is not verified.
fn incomplete(path: &Path, trust: &Trust, report: &mut Report) {
    let open: Vec<String> = report.chain.iter().filter(|link| !link.closed).map(|link| format!("{} ({})", link.link, link.says)).collect();
    if trust.basis() == Basis::Given && !open.is_empty() && report.failures.is_empty() {
        let finding =
            Finding::new("incomplete", path.display().to_string(), format!("the chain to the key is not closed: {}", open.join("; ")));
        report.fail(finding.right("the files of the release stand under …/releases/{version}/files/"));
    }
}

fn folder(path: &Path) -> Vec<PathBuf> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut files: Vec<PathBuf> =
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Keeps the first; a second document of the same kind in one folder is not told apart.
fn keep_one<T>(place: &mut Option<Named<T>>, what: String, value: T, report: &mut Report) {
    if let Some((first, _)) = place {
        let wrong = format!("{first} is of the same kind");
        return report.fail(Finding::new("ambiguous", what, wrong).right("put each release into a folder of its own"));
    }
    *place = Some((what, value));
}

impl Found {
    fn is_empty(&self) -> bool {
        let documents = self.manifest.is_none() && self.sums.is_none() && self.approvals.is_none() && self.record.is_none();
        documents && self.proof.is_none() && self.checkpoint.is_none() && self.artefacts.is_empty()
    }

    /// Sorts a file in by what stands in it; `own` tells whether it was asked for, or lies beside what was.
    fn take(&mut self, path: &Path, own: bool, report: &mut Report) {
        let what = path.display().to_string();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let bytes = match read_file(path, DOCUMENT_LIMIT) {
            Ok(Some(bytes)) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => Vec::new(),
            Ok(None) => return report.fault(format!("{what}: there is no such file")),
            Err(error) if own => return report.fault(format!("{what}: {error}")),
            Err(_) => return,
        };
        if let Ok(proof) = serde_json::from_slice::<ReleaseProof>(&bytes) {
            if own {
                self.take_proof(&what, proof, report);
            }
        } else if name.ends_with(MANIFEST_NAME) || serde_json::from_slice::<Manifest>(&bytes).is_ok() {
            keep_one(&mut self.manifest, what, bytes, report);
        } else if name.ends_with(SUMS_NAME) {
            keep_one(&mut self.sums, what, bytes, report);
        } else if name.ends_with(".record.json") {
            keep_one(&mut self.record, what, bytes, report);
        } else if name.ends_with(PLACES_NAME) {
            keep_one(&mut self.places, what, bytes, report);
        } else if name.ends_with(".approvals") || bytes.starts_with(b"emission-factor approval v1\n") {
            keep_one(&mut self.approvals, what, bytes, report);
        } else if name.ends_with(".tlog-proof") || bytes.starts_with(b"c2sp.org/tlog-proof@v1\n") {
            self.take_log_proof(what, &String::from_utf8_lossy(&bytes), report);
        } else if own && Note::parse(&bytes).is_ok_and(|note| Checkpoint::parse(&note.text).is_ok()) {
            keep_one(&mut self.checkpoint, what, bytes, report);
        } else if own {
            self.artefacts.push(path.to_owned());
        }
    }

    fn take_log_proof(&mut self, what: String, text: &str, report: &mut Report) {
        match LogProof::parse(text) {
            Ok(proof) => keep_one(&mut self.proof, what, proof, report),
            Err(error) => report.fail(Finding::new("proof", what, error.to_string())),
        }
    }

    fn take_proof(&mut self, what: &str, proof: ReleaseProof, report: &mut Report) {
        if proof.format != PROOF_FORMAT {
            let wrong = format!("it has format `{}`, this program reads {PROOF_FORMAT}", proof.format);
            return report.fail(Finding::new("proof", what, wrong));
        }
        let part = |name: &str| format!("{what} ({name})");
        if let Ok(manifest) = serde_json::from_str::<Manifest>(&proof.manifest)
            && (&manifest.dataset, &manifest.version) != (&proof.dataset, &proof.version)
        {
            let wrong =
                format!("it says {}@{}, and its manifest is of {}@{}", proof.dataset, proof.version, manifest.dataset, manifest.version);
            report.fail(Finding::new("proof", what, wrong));
        }
        self.salt = proof.salt;
        keep_one(&mut self.manifest, part("manifest"), proof.manifest.into_bytes(), report);
        if let Some(approvals) = proof.approvals {
            keep_one(&mut self.approvals, part("approvals"), approvals.into_bytes(), report);
        }
        self.take_log_proof(part("proof"), &proof.proof, report);
        if let Some(line) = proof.factor {
            keep_one(&mut self.line, part("factor"), line, report);
        }
    }
}

/// The leaf and its checkpoint.
fn check_log(
    found: &Found,
    trust: &mut Trust,
    memory: Option<&Memory>,
    report: &mut Report,
) -> (Option<(u64, PublicFact)>, Option<Opened>) {
    let note = match (&found.proof, &found.checkpoint) {
        (Some((what, proof)), _) => Some((what, proof.checkpoint.clone().into_bytes())),
        (None, Some((what, note))) => Some((what, note.clone())),
        (None, None) => None,
    };
    let Some((what, note)) = note else {
        report.link(LEAF, false, "release.tlog-proof is missing");
        report.link(KEY, false, "there is no checkpoint");
        return (None, None);
    };
    let origin = Note::parse(&note).ok().and_then(|note| Checkpoint::parse(&note.text).ok()).map(|checkpoint| checkpoint.origin);
    keep::recall(trust, memory, None, origin.as_deref(), report);
    let opened = trust.open(what, &note, report);
    let leaf = found.proof.as_ref().and_then(|(what, proof)| check_proof(what, proof, opened.as_ref()?, report));
    if let Some(opened) = &opened {
        let says = match (opened.authentic, trust.keys().is_empty()) {
            (true, _) => format!("{} leaves, signed by {}", opened.checkpoint.size, opened.signers.join(", ")),
            (false, true) => "not checked against a key: give --key or --policy".to_owned(),
            (false, false) => "no key that is believed signed it, or too few witnesses".to_owned(),
        };
        report.link(KEY, opened.authentic, says);
        compare(what, opened, trust, memory, report);
    }
    (leaf, opened)
}

/// Two checkpoints of one size have one root; files alone tell no more.
fn compare(what: &str, opened: &Opened, trust: &Trust, memory: Option<&Memory>, report: &mut Report) {
    let Some(memory) = memory.filter(|_| opened.authentic) else { return };
    match memory.of_log(&opened.checkpoint.origin, trust.keys()) {
        Err(error) => report.fault(error.to_string()),
        Ok(None) => {}
        Ok(Some(known)) => {
            if let (Some(newest), Some(seen)) = (known.keys.last(), keep::size_of(&known.checkpoint))
                && opened.checkpoint.size >= seen
            {
                keep::newest_signs(what, opened, newest, report);
            }
            match memory.compare(what, &known.checkpoint, (&opened.note, &opened.checkpoint), |_| None, report) {
                Compared::Older { seen } => {
                    report.note(format!("its checkpoint is older than one that was seen, of {seen} leaves: what came after is not in it"))
                }
                Compared::Unknown { seen } => {
                    report.note(format!("files alone do not tell whether the log only grew since {seen} leaves: verify the server, too"))
                }
                Compared::Consistent { .. } | Compared::Differs => {}
            }
        }
    }
}

fn check_proof(what: &str, proof: &LogProof, opened: &Opened, report: &mut Report) -> Option<(u64, PublicFact)> {
    let Some(leaf) = &proof.extra else {
        report.link(LEAF, false, "the proof does not hold the leaf (its line `extra`)");
        return None;
    };
    let checkpoint = &opened.checkpoint;
    if let Err(error) = check_inclusion(proof.index, checkpoint.size, &leaf_hash(leaf), &proof.path, &checkpoint.root) {
        report.fail(Finding::new("proof", what, error.to_string()).at(format!("leaf {}", proof.index)));
        report.link(LEAF, false, "the leaf is not in the tree of the checkpoint");
        return None;
    }
    match PublicFact::from_leaf(leaf, &format!("leaf {}", proof.index)) {
        Ok(fact) => {
            report.count("leaves", 1);
            report.link(LEAF, true, format!("leaf {} of {}", proof.index, checkpoint.size));
            Some((proof.index, fact))
        }
        Err(error) => {
            report.fail(Finding::new("leaf", what, error.to_string()));
            report.link(LEAF, false, "the leaf does not read");
            None
        }
    }
}

fn of_release(leaf: Option<&(u64, PublicFact)>) -> Option<Leaf<'_>> {
    let (index, fact) = leaf?;
    release_leaf(usize::try_from(*index).ok()?, fact)
}

/// The manifest with its digest, held against the leaf where there is one.
fn check_manifest(found: &Found, leaf: Option<&(u64, PublicFact)>, report: &mut Report) -> Option<(Digest, Manifest)> {
    let Some((what, bytes)) = &found.manifest else {
        if found.checkpoint.is_none() {
            report.link(MANIFEST, false, "manifest.json is missing");
        }
        return None;
    };
    let digest = Digest::of(bytes);
    let Some(leaf) = of_release(leaf) else {
        report.link(MANIFEST, false, "no leaf of a release is here");
        return match serde_json::from_slice(bytes) {
            Ok(manifest) => Some((digest, manifest)),
            Err(error) => {
                report.fail(Finding::new("manifest", what, format!("it does not read: {error}")));
                None
            }
        };
    };
    let secret = contents::secret_of(&leaf, found.record.as_ref().map(|(_, record)| record.as_slice()));
    let salt = secret.map(|secret| secret.of_manifest()).or(found.salt);
    let manifest = contents::manifest(what, bytes, salt, &leaf, report);
    let says = manifest.as_ref().map_or_else(|| "it is not the manifest of the leaf".to_owned(), |_| format!("{} {digest}", leaf.id()));
    report.link(MANIFEST, manifest.is_some(), says);
    manifest.map(|manifest| (digest, manifest))
}

/// Each file by its name in the manifest, or by its digest where it was renamed.
fn check_artefacts(found: &Found, manifest: Option<&(Digest, Manifest)>, deep: bool, report: &mut Report) {
    let mut sound = Vec::new();
    let record = found.record.as_ref().and_then(|(what, bytes)| ReleaseRecord::from_bytes(bytes, what).ok());
    let listed = manifest.map(|(_, manifest)| contents::listed(manifest, record.as_ref())).unwrap_or_default();
    for path in &found.artefacts {
        let what = path.display().to_string();
        let (digest, bytes) = match hash_file(path) {
            Ok(hashed) => hashed,
            Err(error) => {
                report.fault(format!("{what}: {error}"));
                continue;
            }
        };
        report.bytes += bytes;
        report.count("files", 1);
        let Some((_, manifest)) = manifest else {
            sound.push(false);
            continue;
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = listed.iter().find(|artefact| artefact.sha256 == digest);
        let own = own.or_else(|| listed.iter().find(|artefact| name.ends_with(&artefact.name)));
        sound.push(own.is_some_and(|own| own.sha256 == digest));
        match own {
            None => report.fail(Finding::new("unlisted", what, format!("it has {digest}, which the manifest does not list"))),
            Some(own) if own.sha256 == digest => {
                let secret = record.as_ref().and_then(|record| record.secret.as_ref());
                check_lines(path, &what, &own.name, (manifest, secret, &listed), deep, report);
            }
            Some(own) => {
                let finding = Finding::new("digest", what, format!("its {bytes} bytes have {digest}"));
                report.fail(finding.right(format!("the manifest says {} bytes of {}", own.bytes, own.sha256)));
            }
        }
    }
    if let (Some((what, sums)), Some((digest, _))) = (&found.sums, manifest.filter(|_| !listed.is_empty())) {
        let right = contents::sums(&listed, *digest);
        if let Some((offset, line)) = super::report::first_difference(sums, right.as_bytes()) {
            report.fail(Finding::new("sums", what, "it is not the list of the manifest's files").at(format!("byte {offset}, line {line}")));
        }
    }
    if !found.artefacts.is_empty() {
        let all = sound.iter().all(|sound| *sound);
        let says = match manifest {
            None => "manifest.json is missing".to_owned(),
            Some(_) if all => {
                format!("{} as the manifest lists", if sound.len() == 1 { "1 file".to_owned() } else { format!("{} files", sound.len()) })
            }
            Some(_) => "not every file is as the manifest lists".to_owned(),
        };
        report.link(FILE, all && manifest.is_some(), says);
    }
}

type Contents<'a> = (&'a Manifest, Option<&'a Secret>, &'a [Artefact]);

fn check_lines(path: &Path, what: &str, name: &str, (manifest, secret, listed): Contents<'_>, deep: bool, report: &mut Report) {
    if name != "factors.ndjson" {
        return;
    }
    match fs::read(path) {
        Ok(bytes) => {
            if let Err(error) = contents::lines(what, &*bytes, (manifest, secret), deep, report) {
                report.fault(format!("{what}: {error}"));
            }
            if deep {
                check_table(what, &bytes, listed, report);
            }
        }
        Err(error) => report.fault(format!("{what}: {error}")),
    }
}

/// The table that follows from the lines is the one that the manifest lists.
fn check_table(what: &str, lines: &[u8], listed: &[Artefact], report: &mut Report) {
    let mut table = Vec::new();
    let found = build_csv(lines, &mut table).ok().map(|()| Digest::of(&table));
    let listed = listed.iter().find(|artefact| artefact.name == "factors.csv").map(|artefact| artefact.sha256);
    if found != listed {
        let wrong = "its lines give another factors.csv than the manifest lists";
        report.fail(Finding::new("table", what, wrong).right("both say the same of every factor"));
    }
    report.count("tables", 1);
}

fn check_line(what: &str, line: &LineProof, manifest: Option<&Manifest>, report: &mut Report) {
    let Some(manifest) = manifest else { return report.link(LINE, false, "there is no manifest") };
    report.count("lines", 1);
    match super::proof::check_line(line, manifest, what) {
        Ok(_) => report.link(LINE, true, format!("`{}`, line {} of {}", line.key, line.index.saturating_add(1), line.size)),
        Err(refusal) => {
            report.fail(*refusal.finding);
            report.link(LINE, false, "it does not hold");
        }
    }
}

fn check_record_and_reviewers(
    found: &Found,
    leaf: Option<&(u64, PublicFact)>,
    manifest: Option<&(Digest, Manifest)>,
    trust: &Trust,
    report: &mut Report,
) {
    let Some((digest, manifest)) = manifest else { return };
    let mut record: Option<ReleaseRecord> = None;
    if let Some((what, bytes)) = &found.record {
        match of_release(leaf) {
            Some(leaf) => record = contents::record(what, bytes, &leaf, (*digest, manifest), report),
            None => report.note(format!("{what} was not checked: its digest stands in the leaf, and release.tlog-proof is missing")),
        }
    }
    check_places(found, record.as_ref(), report);
    let approvals = found.approvals.as_ref().map(|(_, note)| note.clone());
    let approvals = approvals.or_else(|| record.and_then(|record| record.approvals).map(String::into_bytes));
    let promised = !manifest.approvals.keys.is_empty();
    if approvals.is_none() && promised && !trust.asks_approvals() {
        return report.link(REVIEWERS, false, "release.approvals is missing, and the manifest promises signatures");
    }
    let what = found.approvals.as_ref().map_or("release.approvals", |(what, _)| what);
    let release = ApprovedRelease { dataset: &manifest.dataset, version: &manifest.version, digest: *digest, manifest };
    let holds = trust.approved(what, &release, approvals.as_deref(), report);
    if promised || trust.asks_approvals() || approvals.is_some() {
        let says = match (holds, trust.asks_approvals()) {
            (true, true) => "as many of the policy's reviewers signed as it wants",
            (true, false) => "signed as the manifest promises; whether its reviewers are to be believed a policy tells",
            (false, _) => "too few reviewers signed, or something else",
        };
        report.link(REVIEWERS, holds, says);
    }
}

/// The rows that the factors stood in are tied by the record.
fn check_places(found: &Found, record: Option<&ReleaseRecord>, report: &mut Report) {
    let Some((what, bytes)) = &found.places else { return };
    let digest = Digest::of(bytes);
    match record.map(|record| record.import.places) {
        None => report.note(format!("{what} was not checked: its digest stands in release.record.json")),
        Some(places) if places == Some(digest) => report.count("places", 1),
        Some(places) => {
            let right = places.map_or_else(|| "the record names no places".to_owned(), |places| format!("the record says {places}"));
            report.fail(Finding::new("digest", what, format!("its bytes have {digest}")).right(right));
        }
    }
}
