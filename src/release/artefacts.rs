//! The files of a release, derived from its lines: built twice, byte-identical.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::ReleaseError;
use crate::canon::Digest;
use crate::dataset::{Artefact, Lines, Manifest};
use crate::factor::{COLUMNS, Factor, csv_cells};
use crate::store::{BlobWriter, Blobs, Coding, StoredBlob};
use crate::tlog::TreeHasher;

/// The files that a manifest lists.
pub const ARTEFACT_NAMES: [&str; 2] = ["factors.csv", "factors.ndjson"];

/// The manifest's file.
pub const MANIFEST_NAME: &str = "manifest.json";

/// The file for `sha256sum -c`; it lists the manifest and the artefacts.
pub const SUMS_NAME: &str = "SHA256SUMS";

/// zstd's level: 3 is its default; higher ones cost more time than lines of numbers gain.
const ZSTD_LEVEL: i32 = 3;

/// One stored file of a release, in one content coding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenFile {
    /// `factors.ndjson`.
    pub name: String,
    /// `identity`, `gzip` or `zstd`.
    pub coding: String,
    /// Digest of the stored bytes.
    pub sha256: Digest,
    /// Their number.
    pub bytes: u64,
    /// Media type, without its coding.
    pub media_type: String,
}

/// The lines of a release as files, before the manifest names them.
struct Frozen {
    artefacts: Vec<Artefact>,
    files: Vec<FrozenFile>,
    root: Digest,
    factors: u64,
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("csv") => "text/csv; charset=utf-8",
        Some("ndjson") => "application/x-ndjson",
        Some("json") => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// Freezes a draft's lines: artefacts, manifest and sums as stored files; gives the manifest's digest.
///
/// `manifest` makes the manifest from the artefacts, the number of factors and the root.
pub fn freeze_draft(
    blobs: &Blobs,
    lines: Digest,
    manifest: impl FnOnce(Vec<Artefact>, u64, Digest) -> Manifest,
) -> Result<(Digest, Vec<FrozenFile>), ReleaseError> {
    let bytes = blobs.verify(lines)?;
    let frozen = freeze_lines(blobs, StoredBlob { digest: lines, bytes })?;
    let manifest = manifest(frozen.artefacts, frozen.factors, frozen.root);
    let (digest, named) = freeze_manifest(blobs, &manifest)?;
    Ok((digest, [frozen.files, named].concat()))
}

/// Derives every artefact from the lines of a blob, in every coding.
fn freeze_lines(blobs: &Blobs, lines: StoredBlob) -> Result<Frozen, ReleaseError> {
    let mapped = blobs.map(lines.digest)?;
    let mut csv = blobs.writer()?;
    build_csv(&mapped, &mut csv)?;
    let csv = csv.finish()?;
    let mut tree = TreeHasher::new();
    Lines::new(&mapped).for_each(|line| tree.push(line));
    let mut frozen = Frozen { artefacts: Vec::new(), files: Vec::new(), root: tree.root(), factors: tree.size() };
    for (name, stored) in ARTEFACT_NAMES.into_iter().zip([csv, lines]) {
        let media_type = media_type(name).to_owned();
        frozen.artefacts.push(Artefact { name: name.to_owned(), media_type, bytes: stored.bytes, sha256: stored.digest });
        frozen.files.extend(codings(blobs, name, stored)?);
    }
    Ok(frozen)
}

/// The manifest and `SHA256SUMS` as stored files; the manifest's digest comes first.
fn freeze_manifest(blobs: &Blobs, manifest: &Manifest) -> Result<(Digest, Vec<FrozenFile>), ReleaseError> {
    let bytes = manifest.to_bytes()?;
    let stored = blobs.put(&bytes)?;
    let mut files = codings(blobs, MANIFEST_NAME, stored)?;
    let mut named: Vec<(&str, Digest)> = manifest.artefacts.iter().map(|a| (a.name.as_str(), a.sha256)).collect();
    named.push((MANIFEST_NAME, stored.digest));
    named.sort_unstable();
    let sums: String = named.iter().map(|(name, digest)| format!("{}  {name}\n", digest.to_hex())).collect();
    let sums = blobs.put(sums.as_bytes())?;
    files.push(file(SUMS_NAME, Coding::Identity, sums));
    Ok((stored.digest, files))
}

fn file(name: &str, coding: Coding, stored: StoredBlob) -> FrozenFile {
    FrozenFile {
        name: name.to_owned(),
        coding: coding.as_str().to_owned(),
        sha256: stored.digest,
        bytes: stored.bytes,
        media_type: media_type(name).to_owned(),
    }
}

/// The stored bytes themselves, and as gzip and zstd without any name or time in their headers.
fn codings(blobs: &Blobs, name: &str, stored: StoredBlob) -> Result<Vec<FrozenFile>, ReleaseError> {
    let mapped = blobs.map(stored.digest)?;
    let mut gzip = flate2::GzBuilder::new().mtime(0).write(blobs.writer()?, flate2::Compression::default());
    gzip.write_all(&mapped)?;
    let gzip = gzip.finish()?.finish()?;
    let mut zstd = zstd::Encoder::new(blobs.writer()?, ZSTD_LEVEL)?;
    zstd.include_checksum(true)?;
    zstd.set_pledged_src_size(Some(stored.bytes))?;
    zstd.write_all(&mapped)?;
    let zstd: StoredBlob = BlobWriter::finish(zstd.finish()?)?;
    Ok(vec![file(name, Coding::Identity, stored), file(name, Coding::Gzip, gzip), file(name, Coding::Zstd, zstd)])
}

/// `factors.csv` of these lines: every column in its order, minimal quoting, LF.
pub fn build_csv(lines: &[u8], out: &mut impl Write) -> Result<(), ReleaseError> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    table.write_record(COLUMNS.iter().map(|column| column.name)).map_err(io::Error::other)?;
    for line in Lines::new(lines) {
        let factor = Factor::from_line(line)
            .map_err(|error| ReleaseError::Damaged { what: "a line of the release".into(), why: error.to_string() })?;
        table.write_record(csv_cells(&factor)).map_err(io::Error::other)?;
    }
    table.flush()?;
    Ok(())
}
