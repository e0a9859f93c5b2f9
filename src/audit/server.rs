//! A running server, or whatever answers in its place: everything is fetched, and nothing of it is believed.

use std::io::{self, Write};

use super::contents::{self, DOCUMENT_LIMIT};
use super::log::{Leaf, LogView, read_checkpoint, read_log};
use super::source::{Got, Server, Source, fetch_failed};
use super::standing::check_standing;
use super::store::read_keys;
use super::trust::{ApprovedRelease, Basis};
use super::{Finding, Memory, Report, Trust, keep};
use crate::canon::{Digest, Hasher};
use crate::dataset::{Artefact, Manifest, key_of};
use crate::fetch::Fetcher;
use crate::release::{APPROVALS_NAME, KEY_NAME, MANIFEST_NAME, RECORD_NAME, SUMS_NAME};
use crate::tlog::{MAX_NOTE, TreeHasher};

/// How much of a server is looked at.
#[derive(Debug, Clone, Default)]
pub struct ServerScope {
    /// The artefacts are left out.
    pub quick: bool,
    /// A checkpoint from elsewhere that the log must continue.
    pub checkpoint: Option<String>,
}

/// Verifies what a server shows: checkpoint, log, manifests, records, approvals and artefacts.
pub fn verify_server(url: &str, mut trust: Trust, memory: Option<&Memory>, scope: &ServerScope, report: &mut Report) {
    let base = url.trim_end_matches('/').to_owned();
    let server = Server { base: base.clone(), fetcher: Fetcher::new() };
    keep::recall(&mut trust, memory, Some(&base), None, report);
    if trust.keys().is_empty() {
        first_use(&server, &mut trust, memory, report);
    }
    let Some(opened) = read_checkpoint(&server, &trust, report) else { return };
    report.authentic = opened.authentic;
    if !opened.authentic {
        return; // a forged checkpoint may name a log without end
    }
    let Some(log) = read_log(&server, opened, report) else { return };
    let place = server.place("log/checkpoint");
    keep::hold_against_memory(&place, Some(&base), &log, &mut trust, memory, report);
    if let Some(given) = &scope.checkpoint {
        keep::compare_given(&place, given, &log.opened, |size| log.root_at(size).filter(|_| log.rooted), &trust, memory, report);
    }
    check_releases(&server, &log, &trust, scope.quick, report);
    check_standing(&server, &log, report);
}

/// The first time nobody can tell a server's key from a liar's; that is said aloud, and the key is held to from then on.
fn first_use(server: &Server, trust: &mut Trust, memory: Option<&Memory>, report: &mut Report) {
    let place = server.place(KEY_NAME);
    let keys = match server.read(KEY_NAME, MAX_NOTE as u64, report) {
        // the current key stands first; former ones are believed only where leaves tell of them
        Got::Bytes(bytes) => read_keys(&place, &bytes, report).into_iter().take(1).collect::<Vec<_>>(),
        Got::Missing => {
            report.fail(Finding::new("missing", place, "the server names no key").right("give the log's key with --key"));
            return;
        }
        Got::Reported => return,
    };
    let kept = match memory {
        Some(memory) => format!("it is remembered in {} and held to from now on", memory.folder().display()),
        None => "nothing is remembered, so the next time is a first time again".to_owned(),
    };
    for key in &keys {
        report.note(format!("TRUST ON FIRST USE: nobody vouches for the key {key} but the server itself; {kept}; compare it with what its operator published elsewhere, or give --key"));
    }
    trust.adopt(keys, Basis::FirstUse);
}

fn check_releases(server: &Server, log: &LogView, trust: &Trust, quick: bool, report: &mut Report) {
    let sealed: Vec<String> = log.releases().filter(|leaf| leaf.sealed.is_some()).map(|leaf| leaf.id()).collect();
    if !sealed.is_empty() {
        let shown = sealed.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", ");
        report.note(format!("{} releases are not for everybody, so that only their leaves were checked: {shown}", sealed.len()));
    }
    for leaf in log.releases().filter(|leaf| leaf.sealed.is_none()) {
        let file = |name: &str| format!("v1/datasets/{}/releases/{}/files/{name}", leaf.dataset, leaf.version);
        let Some(manifest) = document(server, &file(MANIFEST_NAME), report) else { continue };
        let Some(manifest) = contents::manifest(&server.place(&file(MANIFEST_NAME)), &manifest, None, &leaf, report) else { continue };
        let record = document(server, &file(RECORD_NAME), report);
        let record =
            record.and_then(|bytes| contents::record(&server.place(&file(RECORD_NAME)), &bytes, &leaf, (leaf.manifest, &manifest), report));
        check_approvals(server, &leaf, &manifest, &file(APPROVALS_NAME), trust, report);
        if let Some(sums) = document(server, &file(SUMS_NAME), report)
            && sums != contents::sums(&manifest.artefacts, leaf.manifest).as_bytes()
        {
            report.fail(Finding::new("sums", server.place(&file(SUMS_NAME)), "it is not the list of the manifest's files"));
        }
        if !quick {
            manifest.artefacts.iter().for_each(|artefact| check_artefact(server, &file(&artefact.name), artefact, &manifest, report));
        }
        report.count("releases", u64::from(record.is_some()));
    }
}

fn document(server: &Server, name: &str, report: &mut Report) -> Option<Vec<u8>> {
    match server.read(name, DOCUMENT_LIMIT, report) {
        Got::Bytes(bytes) => Some(bytes),
        Got::Missing => {
            report.fail(Finding::new("missing", server.place(name), "it is missing").right("the log releases it"));
            None
        }
        Got::Reported => None,
    }
}

fn check_approvals(server: &Server, leaf: &Leaf<'_>, manifest: &Manifest, name: &str, trust: &Trust, report: &mut Report) {
    let note = match server.read(name, MAX_NOTE as u64, report) {
        Got::Bytes(bytes) => Some(bytes),
        Got::Missing => None,
        Got::Reported => return,
    };
    let release = ApprovedRelease { dataset: leaf.dataset, version: leaf.version, digest: leaf.manifest, manifest };
    trust.approved(&server.place(name), &release, note.as_deref(), report);
}

/// The largest artefact that is fetched, and the longest line in it.
const ARTEFACT_LIMIT: u64 = 64 << 30;
const LINE_LIMIT: usize = 1 << 20;

/// Hashes what is written to it, and its lines where it has lines of factors.
struct Sink {
    hasher: Hasher,
    tree: TreeHasher,
    line: Vec<u8>,
    factors: bool,
    before: String,
    wrong: Option<String>,
}

impl Sink {
    /// Takes a whole line.
    fn take_line(&mut self) {
        self.tree.push(&self.line);
        let number = self.tree.size();
        match key_of(&self.line) {
            Ok(key) if number == 1 || key > self.before.as_str() => key.clone_into(&mut self.before),
            Ok(key) => self.note(format!("line {number}: the key `{key}` follows `{}`; lines are sorted, each key once", self.before)),
            Err(error) => self.note(format!("line {number} is no factor: {error}")),
        }
        self.line.clear();
    }

    fn note(&mut self, wrong: String) {
        self.wrong.get_or_insert(wrong);
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        let mut parts = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(part) = parts.next().filter(|_| self.factors) {
            self.line.extend_from_slice(part);
            if self.line.len() > LINE_LIMIT {
                return Err(io::Error::other(format!("line {} has more than {LINE_LIMIT} bytes", self.tree.size() + 1)));
            }
            if parts.peek().is_some() {
                self.take_line();
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An artefact is hashed as it comes; it may have as many bytes as the manifest says, and not one more.
fn check_artefact(server: &Server, name: &str, artefact: &Artefact, manifest: &Manifest, report: &mut Report) {
    let url = server.place(name);
    if artefact.bytes > ARTEFACT_LIMIT {
        let wrong = format!("the manifest says {} bytes, and at most {ARTEFACT_LIMIT} are fetched", artefact.bytes);
        return report.fail(Finding::new("size", url, wrong));
    }
    let factors = artefact.name == "factors.ndjson";
    let mut sink = Sink { hasher: Hasher::new(), tree: TreeHasher::new(), line: Vec::new(), factors, before: String::new(), wrong: None };
    let done = match server.fetcher.download(&url, artefact.bytes, &mut sink) {
        Ok(done) => done,
        Err(error) => return fetch_failed(&url, &error, report),
    };
    match done.status {
        200 => {}
        404 => return report.fail(Finding::new("missing", url, "it is missing").right("the manifest lists it")),
        410 => return report.note(format!("{url}: it was removed by legal order; its leaf and digest stay")),
        status => return report.fault(format!("{url}: the server answers with status {status}")),
    }
    report.bytes += done.bytes;
    report.count("files", 1);
    if !sink.line.is_empty() {
        sink.note("the last line has no line feed".to_owned());
    }
    if factors && sink.tree.size() != manifest.factors {
        sink.note(format!("it has {} lines, the manifest says {}", sink.tree.size(), manifest.factors));
    }
    let found: Digest = sink.hasher.finish();
    if let Some(wrong) = sink.wrong.filter(|_| found == artefact.sha256) {
        report.fail(Finding::new("line", url.clone(), wrong));
    }
    if found != artefact.sha256 {
        let finding = Finding::new("digest", url, format!("its {} bytes have {found}", done.bytes));
        report.fail(finding.right(format!("the manifest says {} bytes of {}", artefact.bytes, artefact.sha256)));
    } else if factors && sink.tree.root() != manifest.root {
        let finding = Finding::new("root", url, format!("its lines give the Merkle root {}", sink.tree.root()));
        report.fail(finding.right(format!("the manifest says {}", manifest.root)));
    }
}
