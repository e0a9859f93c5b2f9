//! The files of a release, derived from its lines: built twice, byte-identical.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

use super::coding::{Gzip, Packed, gzip_of, zstd_of};
use super::seal::leaf_of;
use super::{ReleaseError, Secret};
use crate::canon::{Digest, HashingReader};
use crate::dataset::{Artefact, Crosswalk, Lines, Manifest, key_of, read_blocks};
use crate::factor::{COLUMNS, Col, Factor, csv_cell};
use crate::flow::{both, in_order};
use crate::store::{BlobWriter, Blobs, Coding, StoredBlob};
use crate::tlog::{TreeHasher, leaf_hash};

/// The files that a manifest lists.
pub const ARTEFACT_NAMES: [&str; 2] = ["factors.csv", "factors.ndjson"];

/// What became of the keys of the release before; a file of the releases that say something of it.
pub const CROSSWALK_NAME: &str = "crosswalk.ndjson";

/// The manifest's file.
pub const MANIFEST_NAME: &str = "manifest.json";

/// The file for `sha256sum -c`; it lists the manifest and the artefacts.
pub const SUMS_NAME: &str = "SHA256SUMS";

/// Lines of about so many bytes are derived, and packed, at a time: what gzip gives follows from it.
const BLOCK_BYTES: usize = 1 << 20;

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

/// What a submitted draft's list of files holds: the files, and the secret of one that is to be sealed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FrozenList {
    /// Of an open release.
    Open(Vec<FrozenFile>),
    /// Of a sealed one.
    Sealed {
        /// The files.
        files: Vec<FrozenFile>,
        /// What its salts follow from.
        secret: Secret,
    },
}

impl FrozenList {
    /// The files, and the secret where there is one.
    pub fn parts(self) -> (Vec<FrozenFile>, Option<Secret>) {
        match self {
            Self::Open(files) => (files, None),
            Self::Sealed { files, secret } => (files, Some(secret)),
        }
    }
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

/// Whether a manifest lists the files of a release, each once and nothing else: names go into paths and addresses.
///
/// # Errors
/// What is wrong, in words.
pub fn check_listed(manifest: &Manifest) -> Result<(), String> {
    let listed: Vec<&str> = manifest.artefacts.iter().map(|artefact| artefact.name.as_str()).collect();
    let rest = listed.strip_prefix(&[CROSSWALK_NAME]).unwrap_or(&listed);
    let right = if manifest.sealed { listed.is_empty() } else { rest == ARTEFACT_NAMES };
    if manifest.restricted && !manifest.sealed {
        return Err("it is of a restricted release, and not sealed".to_owned());
    }
    if right {
        Ok(())
    } else if manifest.sealed {
        Err(format!("it lists {listed:?}, and that of a sealed release lists none"))
    } else {
        Err(format!("it lists {listed:?}, and a release has {ARTEFACT_NAMES:?}, behind {CROSSWALK_NAME} where it has one"))
    }
}

/// Whether a record stores the files of its manifest, each once in a coding and nothing else, as the manifest lists them.
///
/// # Errors
/// What is wrong, in words.
pub fn check_stored(manifest: &Manifest, files: &[FrozenFile]) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for file in files {
        let own = ARTEFACT_NAMES.contains(&file.name.as_str()) || file.name == CROSSWALK_NAME;
        let known = (if manifest.sealed { own } else { manifest.artefact(&file.name).is_some() })
            || [MANIFEST_NAME, SUMS_NAME].contains(&file.name.as_str());
        if !known || file.coding.parse::<Coding>().is_err() || !seen.insert((&file.name, &file.coding)) {
            return Err(format!("it stores {:?} as {:?}, which no release has, or twice", file.name, file.coding));
        }
    }
    for name in ARTEFACT_NAMES.iter().filter(|_| manifest.sealed) {
        if !seen.contains(&(&(*name).to_owned(), &Coding::Identity.as_str().to_owned())) {
            return Err(format!("it stores no {name}"));
        }
    }
    for artefact in &manifest.artefacts {
        let own = files.iter().find(|file| file.name == artefact.name && file.coding == Coding::Identity.as_str());
        if own.is_none_or(|own| (own.sha256, own.bytes) != (artefact.sha256, artefact.bytes)) {
            return Err(format!("its {} is not the one that the manifest lists", artefact.name));
        }
    }
    Ok(())
}

/// Freezes a draft's lines: artefacts, manifest and sums as stored files; gives the manifest's digest.
///
/// `manifest` makes the manifest from the artefacts, the number of factors and the root; with a secret the lines are salted,
/// and the manifest lists no artefacts. A crosswalk without records makes no file.
pub fn freeze_draft(
    blobs: &Blobs,
    lines: Digest,
    secret: Option<&Secret>,
    crosswalk: &Crosswalk,
    manifest: impl FnOnce(Vec<Artefact>, u64, Digest) -> Manifest,
) -> Result<(Digest, Vec<FrozenFile>), ReleaseError> {
    let mut frozen = freeze_lines(blobs, lines, secret)?;
    if !crosswalk.is_empty() {
        let stored = blobs.put(&crosswalk.to_lines()?)?;
        frozen.artefacts.insert(0, artefact(CROSSWALK_NAME, stored));
        frozen.files.extend(codings(blobs, CROSSWALK_NAME, stored)?);
    }
    let listed = if secret.is_some() { Vec::new() } else { frozen.artefacts.clone() };
    let manifest = manifest(listed, frozen.factors, frozen.root);
    let (digest, named) = freeze_manifest(blobs, &manifest, &frozen.artefacts)?;
    Ok((digest, [frozen.files, named].concat()))
}

/// Derives every artefact from the lines of a blob, in every coding; the lines must be those of their digest.
fn freeze_lines(blobs: &Blobs, lines: Digest, secret: Option<&Secret>) -> Result<Frozen, ReleaseError> {
    let bytes = blobs.open_blob(lines)?.metadata()?.len();
    let lines = StoredBlob { digest: lines, bytes };
    let (lines_zstd, derived) = both(|| zstd_of(blobs, lines), || derive(blobs, lines, secret));
    let Derived { tree, csv, csv_gzip, lines_gzip } = derived?;
    let (gzips, csv) = both(
        || Ok::<_, ReleaseError>((csv_gzip.finish()?, lines_gzip.finish()?)),
        || {
            let csv = csv.finish()?;
            Ok::<_, ReleaseError>((csv, zstd_of(blobs, csv)?))
        },
    );
    let ((csv, csv_zstd), (csv_gzip, lines_gzip)) = (csv?, gzips?);
    let mut frozen = Frozen { artefacts: Vec::new(), files: Vec::new(), root: tree.root(), factors: tree.size() };
    let stored = [(csv, csv_gzip, csv_zstd), (lines, lines_gzip, lines_zstd?)];
    for (name, (identity, gzip, zstd)) in ARTEFACT_NAMES.into_iter().zip(stored) {
        frozen.artefacts.push(artefact(name, identity));
        let codings = [(Coding::Identity, identity), (Coding::Gzip, gzip), (Coding::Zstd, zstd)];
        frozen.files.extend(codings.map(|(coding, stored)| file(name, coding, stored)));
    }
    Ok(frozen)
}

/// What the lines give, not yet in its place.
struct Derived {
    tree: TreeHasher,
    csv: BlobWriter,
    csv_gzip: BlobWriter,
    lines_gzip: BlobWriter,
}

/// What a block of lines gives.
struct Block {
    leaves: Vec<Digest>,
    csv: Vec<u8>,
    csv_packed: Packed,
    lines_packed: Packed,
}

impl Block {
    fn of(lines: &[u8], secret: Option<&Secret>) -> Result<Self, ReleaseError> {
        let mut csv = Vec::with_capacity(lines.len());
        write_rows(lines, &mut table(&mut csv))?;
        let leaf = |line| {
            let key = secret.map_or(Ok(""), |_| key_of(line)).map_err(io::Error::other)?;
            Ok::<_, io::Error>(leaf_hash(&leaf_of(secret, key, line)))
        };
        let leaves = Lines::new(lines).map(leaf).collect::<Result<_, _>>()?;
        Ok(Self { leaves, csv_packed: Packed::of(&csv)?, lines_packed: Packed::of(lines)?, csv })
    }
}

/// Reads the lines once, over the cores block by block.
fn derive(blobs: &Blobs, lines: StoredBlob, secret: Option<&Secret>) -> Result<Derived, ReleaseError> {
    let mut own = Derived { tree: TreeHasher::new(), csv: blobs.writer()?, csv_gzip: blobs.writer()?, lines_gzip: blobs.writer()? };
    let (mut csv_gzip, mut lines_gzip) = (Gzip::new(&mut own.csv_gzip)?, Gzip::new(&mut own.lines_gzip)?);
    let mut header = Vec::new();
    write_header(&mut table(&mut header))?;
    own.csv.write_all(&header)?;
    csv_gzip.push(&Packed::of(&header)?)?;
    let mut source = HashingReader::new(blobs.open_blob(lines.digest)?);
    let block = |block: io::Result<Vec<u8>>| Block::of(&block?, secret);
    in_order(read_blocks(&mut source, BLOCK_BYTES), block, |block| {
        let Block { leaves, csv, csv_packed, lines_packed } = block?;
        leaves.into_iter().for_each(|leaf| own.tree.push_hash(leaf));
        own.csv.write_all(&csv)?;
        csv_gzip.push(&csv_packed)?;
        lines_gzip.push(&lines_packed)?;
        Ok::<_, ReleaseError>(())
    })?;
    let (found, bytes, _) = source.finish();
    if (found, bytes) != (lines.digest, lines.bytes) {
        let why = format!("its {bytes} bytes have the digest {found}");
        return Err(ReleaseError::Damaged { what: format!("the lines {}", lines.digest), why });
    }
    csv_gzip.finish()?;
    lines_gzip.finish()?;
    Ok(own)
}

fn artefact(name: &str, stored: StoredBlob) -> Artefact {
    Artefact { name: name.to_owned(), media_type: media_type(name).to_owned(), bytes: stored.bytes, sha256: stored.digest }
}

/// The manifest and `SHA256SUMS` as stored files; the manifest's digest comes first.
fn freeze_manifest(blobs: &Blobs, manifest: &Manifest, artefacts: &[Artefact]) -> Result<(Digest, Vec<FrozenFile>), ReleaseError> {
    let bytes = manifest.to_bytes()?;
    let stored = blobs.put(&bytes)?;
    let mut files = codings(blobs, MANIFEST_NAME, stored)?;
    let mut named: Vec<(&str, Digest)> = artefacts.iter().map(|a| (a.name.as_str(), a.sha256)).collect();
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

/// A small stored file: its bytes themselves, and as gzip and zstd without any name or time in their headers.
fn codings(blobs: &Blobs, name: &str, stored: StoredBlob) -> Result<Vec<FrozenFile>, ReleaseError> {
    let gzip = gzip_of(blobs, &blobs.map(stored.digest)?)?;
    let zstd = zstd_of(blobs, stored)?;
    Ok(vec![file(name, Coding::Identity, stored), file(name, Coding::Gzip, gzip), file(name, Coding::Zstd, zstd)])
}

/// `factors.csv` of these lines: every column in its order, minimal quoting, LF.
pub fn build_csv(lines: &[u8], out: &mut impl Write) -> Result<(), ReleaseError> {
    let mut table = table(out);
    write_header(&mut table)?;
    write_rows(lines, &mut table)
}

fn table<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out)
}

fn write_header(table: &mut csv::Writer<impl Write>) -> Result<(), ReleaseError> {
    table.write_record(COLUMNS.iter().map(|column| column.name)).map_err(io::Error::other)?;
    Ok(table.flush()?)
}

fn write_rows(lines: &[u8], table: &mut csv::Writer<impl Write>) -> Result<(), ReleaseError> {
    for line in Lines::new(lines) {
        let factor = Factor::from_line(line)
            .map_err(|error| ReleaseError::Damaged { what: "a line of the release".into(), why: error.to_string() })?;
        for column in Col::ALL {
            table.write_field(csv_cell(&factor, *column).as_bytes()).map_err(io::Error::other)?;
        }
        table.write_record(None::<&[u8]>).map_err(io::Error::other)?;
    }
    Ok(table.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(name: &str, coding: &str) -> FrozenFile {
        FrozenFile { name: name.into(), coding: coding.into(), sha256: Digest::of(b"x"), bytes: 1, media_type: String::new() }
    }

    #[test]
    fn a_release_stores_its_files_and_no_others() {
        let text = include_str!("../../schema/manifest.json");
        let example = serde_json::from_str::<serde_json::Value>(text).unwrap()["examples"][0].clone();
        let mut manifest: Manifest = serde_json::from_value(example).unwrap();
        let listed = |name: &str| Artefact { name: name.into(), media_type: String::new(), bytes: 1, sha256: Digest::of(b"x") };
        for names in [&["factors.csv"][..], &["factors.csv", "../factors.ndjson"], &["factors.csv", "factors.csv", "factors.ndjson"]] {
            manifest.artefacts = names.iter().map(|name| listed(name)).collect();
            assert!(check_listed(&manifest).is_err(), "{names:?}");
        }
        manifest.artefacts = ARTEFACT_NAMES.map(listed).into();
        assert_eq!(check_listed(&manifest), Ok(()));
        let files = vec![stored("factors.csv", "identity"), stored("factors.ndjson", "identity"), stored("SHA256SUMS", "identity")];
        assert_eq!(check_stored(&manifest, &files), Ok(()));
        for more in [stored("../pwned", "identity"), stored("factors.csv", "identity"), stored("factors.csv", "br")] {
            assert!(check_stored(&manifest, &[files.clone(), vec![more.clone()]].concat()).is_err(), "{more:?}");
        }
        assert!(check_stored(&manifest, &files[..1]).is_err());
    }
}
