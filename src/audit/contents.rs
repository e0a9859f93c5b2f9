//! What a release is made of: manifest, record, lines, table and sums, each held against the others.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::log::Leaf;
use super::report::MAX_FAILURES;
use super::{Finding, Report};
use crate::canon::{Digest, parse_canonical};
use crate::dataset::{Artefact, Lines, Manifest, key_of, read_blocks};
use crate::factor::Factor;
use crate::flow::in_order;
use crate::release::{
    ARTEFACT_NAMES, FrozenFile, MANIFEST_NAME, ReleaseRecord, SUMS_NAME, Salt, Secret, access_word, check_listed, check_stored, leaf_of,
};
use crate::tlog::{TreeHasher, leaf_hash};

/// The most bytes that a manifest or a record may have.
pub(super) const DOCUMENT_LIMIT: u64 = 16 * 1024 * 1024;

/// What the salts of a sealed release follow from, as the record at hand says; nothing for any other release.
pub(super) fn secret_of(leaf: &Leaf<'_>, record: Option<&[u8]>) -> Option<Secret> {
    leaf.sealed.and_then(|_| ReleaseRecord::from_bytes(record?, "the record").ok()?.secret)
}

/// Reads a manifest and holds it against its release's leaf; nothing where it is not that manifest.
///
/// `salt` stands before it in the leaf of a sealed release.
pub(super) fn manifest(what: &str, bytes: &[u8], salt: Option<Salt>, leaf: &Leaf<'_>, report: &mut Report) -> Option<Manifest> {
    if leaf.sealed.is_some() != salt.is_some() {
        let wrong =
            if salt.is_none() { "its release is sealed, and its salt is missing" } else { "it has a salt, and its release is not sealed" };
        report.fail(Finding::new("salt", what, wrong).right("the salts follow from the secret in release.record.json"));
        return None;
    }
    let found = salt.map_or_else(|| Digest::of(bytes), |salt| Digest::of(&salt.before(bytes)));
    let parsed = serde_json::from_slice::<Manifest>(bytes);
    if found != leaf.manifest {
        let of = match &parsed {
            Ok(other) if (&other.dataset, &other.version) != (leaf.dataset, leaf.version) => {
                format!("it is the manifest of another release, {}@{}", other.dataset, other.version)
            }
            _ => "it was changed".to_owned(),
        };
        let finding = Finding::new("digest", what, format!("{of}: its bytes have {found}"));
        report.fail(finding.right(format!("leaf {} says {}", leaf.index, leaf.manifest)));
        return None;
    }
    if let Err(error) = parse_canonical(bytes) {
        report.fail(Finding::new("manifest", what, error.to_string()));
    }
    match parsed {
        Ok(own) if (&own.dataset, &own.version) == (leaf.dataset, leaf.version) => {
            let access = own.sealed.then(|| access_word(own.restricted, &own.metadata.licences));
            let listed = check_listed(&own).and_then(|()| match access == leaf.sealed {
                true => Ok(()),
                false => Err(format!("it says {access:?} of who may read it, and its leaf {:?}", leaf.sealed)),
            });
            if let Err(why) = listed {
                report.fail(Finding::new("manifest", what, why));
                return None;
            }
            report.count("manifests", 1);
            Some(own)
        }
        Ok(own) => {
            let wrong = format!("it is the manifest of {}@{}", own.dataset, own.version);
            report.fail(Finding::new("manifest", what, wrong).right(format!("its leaf releases {}", leaf.id())));
            None
        }
        Err(error) => {
            report.fail(Finding::new("manifest", what, format!("it does not read: {error}")));
            None
        }
    }
}

/// Reads a record and holds it against leaf and manifest; nothing where it is not that record.
pub(super) fn record(
    what: &str,
    bytes: &[u8],
    leaf: &Leaf<'_>,
    (digest, manifest): (Digest, &Manifest),
    report: &mut Report,
) -> Option<ReleaseRecord> {
    let secret = secret_of(leaf, Some(bytes));
    let found = secret.as_ref().map_or_else(|| Digest::of(bytes), |secret| Digest::of(&secret.of_record().before(bytes)));
    if found != leaf.record {
        let finding = Finding::new("digest", what, format!("its bytes have {found}"));
        report.fail(finding.right(format!("leaf {} says {}", leaf.index, leaf.record)));
        return None;
    }
    let record = match ReleaseRecord::from_bytes(bytes, what) {
        Ok(record) => record,
        Err(error) => {
            report.fail(Finding::new("record", what, error.to_string()));
            return None;
        }
    };
    if let Err(why) = check_stored(manifest, &record.files) {
        report.fail(Finding::new("record", what, why));
    }
    let mut unlike = |member: &str, found: String, right: String| {
        if found != right {
            report.fail(Finding::new("record", what, format!("its {member} is {found}")).right(format!("{right} is right")));
        }
    };
    unlike("dataset", record.dataset.to_string(), leaf.dataset.to_string());
    unlike("version", record.version.to_string(), leaf.version.to_string());
    unlike("manifest", record.manifest.to_string(), digest.to_string());
    unlike("time of publication", record.published.at.clone(), leaf.at.to_owned());
    let stored =
        |name: &str| record.file(name, "identity").map_or("nothing".to_owned(), |file| format!("{} of {} bytes", file.sha256, file.bytes));
    for artefact in &manifest.artefacts {
        unlike(&format!("file {}", artefact.name), stored(&artefact.name), format!("{} of {} bytes", artefact.sha256, artefact.bytes));
    }
    let own = record.file(MANIFEST_NAME, "identity").map_or("nothing".to_owned(), |file| file.sha256.to_string());
    unlike(&format!("file {MANIFEST_NAME}"), own, digest.to_string());
    let sums = sums(&listed(manifest, Some(&record)), digest);
    unlike(&format!("file {SUMS_NAME}"), stored(SUMS_NAME), format!("{} of {} bytes", Digest::of(sums.as_bytes()), sums.len()));
    report.count("records", 1);
    Some(record)
}

/// The files of a release as its manifest lists them; those of a sealed one its record lists.
pub(super) fn listed(manifest: &Manifest, record: Option<&ReleaseRecord>) -> Vec<Artefact> {
    if !manifest.sealed {
        return manifest.artefacts.clone();
    }
    let stored = |name: &&str| record?.file(name, "identity");
    let artefact = |file: &FrozenFile| Artefact {
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: file.bytes,
        sha256: file.sha256,
    };
    ARTEFACT_NAMES.iter().filter_map(stored).map(artefact).collect()
}

/// What stands in `SHA256SUMS`.
pub(super) fn sums(artefacts: &[Artefact], digest: Digest) -> String {
    let mut named: Vec<(&str, Digest)> = artefacts.iter().map(|artefact| (artefact.name.as_str(), artefact.sha256)).collect();
    named.push((MANIFEST_NAME, digest));
    named.sort_unstable();
    named.iter().map(|(name, digest)| format!("{}  {name}\n", digest.to_hex())).collect()
}

/// Lines of about so many bytes are looked at by one thread at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// What a line is by itself.
struct Looked {
    leaf: Digest,
    key: Result<String, serde_json::Error>,
    not_canonical: Option<String>,
}

impl Looked {
    fn at(line: &[u8], secret: Option<&Secret>, deep: bool) -> Self {
        let key = key_of(line);
        let leaf = leaf_hash(&leaf_of(secret, key.as_ref().copied().unwrap_or_default(), line));
        Self { leaf, key: key.map(str::to_owned), not_canonical: if deep { not_canonical(line) } else { None } }
    }
}

/// Checks the lines of a release: their number, their order, and their root; with `deep` that each is canonical.
///
/// # Errors
/// When they cannot be read.
pub(super) fn lines(
    what: &str,
    input: impl Read + Send,
    (manifest, secret): (&Manifest, Option<&Secret>),
    deep: bool,
    report: &mut Report,
) -> io::Result<()> {
    let mut tree = TreeHasher::new();
    let mut before: Option<String> = None;
    let (mut bytes, mut number, mut ended, mut found) = (0, 0_u64, true, Vec::new());
    let look = |block: io::Result<Vec<u8>>| {
        let block = block?;
        let looked: Vec<Looked> = Lines::new(&block).map(|line| Looked::at(line, secret, deep)).collect();
        Ok::<_, io::Error>((block.len(), block.ends_with(b"\n"), looked))
    };
    in_order(read_blocks(input, BLOCK_BYTES), look, |block| {
        let (size, own_end, looked) = block?;
        (bytes, ended) = (bytes + size, own_end);
        for Looked { leaf, key, not_canonical } in looked {
            number += 1;
            found.truncate(MAX_FAILURES + 1);
            let wrong = |wrong: String| Finding::new("line", what, wrong).at(format!("line {number}"));
            tree.push_hash(leaf);
            match key {
                Err(error) => found.push(wrong(format!("it is no factor: {error}"))),
                Ok(key) => {
                    if let Some(before) = before.as_deref().filter(|before| *before >= key.as_str()) {
                        found.push(wrong(format!("the key `{key}` follows `{before}`")).right("lines are sorted by key, each key once"));
                    }
                    before = Some(key);
                }
            }
            found.extend(not_canonical.map(wrong));
        }
        Ok::<_, io::Error>(())
    })?;
    if !ended {
        report.fail(Finding::new("line", what, "the last line has no line feed").at(format!("byte {bytes}")));
    }
    found.into_iter().for_each(|finding| report.fail(finding));
    report.count("lines", tree.size());
    if tree.size() != manifest.factors {
        report.fail(
            Finding::new("lines", what, format!("it has {} lines", tree.size())).right(format!("the manifest says {}", manifest.factors)),
        );
    }
    if tree.root() != manifest.root {
        let finding = Finding::new("root", what, format!("its lines give the Merkle root {}", tree.root()));
        report.fail(finding.right(format!("the manifest says {}", manifest.root)));
    }
    Ok(())
}

fn not_canonical(line: &[u8]) -> Option<String> {
    let factor = match Factor::from_line(line) {
        Ok(factor) => factor,
        Err(error) => return Some(format!("it is no factor: {error}")),
    };
    match factor.to_line() {
        Ok(canonical) if canonical == line => None,
        Ok(_) => Some("it is not in canonical form (RFC 8785)".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// The bytes that a stored file holds without its content coding.
///
/// # Errors
/// What the decoder says; more than `limit` bytes are refused.
pub(super) fn decoded(coding: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(usize::try_from(limit).unwrap_or(0).min(bytes.len().saturating_mul(64)));
    let read = |reader: &mut dyn Read, out: &mut Vec<u8>| reader.take(limit.saturating_add(1)).read_to_end(out);
    let done = match coding {
        "gzip" => read(&mut flate2::bufread::GzDecoder::new(bytes), &mut out),
        "zstd" => zstd::Decoder::with_buffer(bytes).and_then(|mut decoder| read(&mut decoder, &mut out)),
        "identity" => read(&mut &*bytes, &mut out),
        other => return Err(format!("`{other}` is no coding that is known here")),
    };
    done.map_err(|error| format!("it does not decode: {error}"))?;
    if out.len() as u64 > limit { Err(format!("it decodes to more than {limit} bytes")) } else { Ok(out) }
}

/// Whether a stored file decodes to the very bytes of another; what does not read does not.
pub(super) fn decodes_to(coding: &str, stored: &Path, plain: &Path) -> bool {
    let open = |path| File::open(path).map(|file| BufReader::with_capacity(COMPARED_BYTES, file));
    let compare = || -> io::Result<bool> {
        let mut right = open(plain)?;
        match coding {
            "gzip" => same_bytes(&mut flate2::bufread::GzDecoder::new(open(stored)?), &mut right),
            "zstd" => same_bytes(&mut zstd::Decoder::with_buffer(open(stored)?)?, &mut right),
            _ => Ok(false),
        }
    };
    compare().unwrap_or(false)
}

const COMPARED_BYTES: usize = 256 << 10;

fn same_bytes(one: &mut dyn Read, other: &mut dyn Read) -> io::Result<bool> {
    let mut buffers = [vec![0; COMPARED_BYTES], vec![0; COMPARED_BYTES]];
    loop {
        let [own, right] = &mut buffers;
        let read = fill(one, own)?;
        if read != fill(other, right)? || own.get(..read) != right.get(..read) {
            return Ok(false);
        }
        if read < COMPARED_BYTES {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or the end is there.
fn fill(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_compared_to_their_end() {
        let long = vec![7; COMPARED_BYTES];
        let longer = [long.as_slice(), b"x"].concat();
        let other = [long.as_slice(), b"y"].concat();
        let same = |one: &[u8], other: &[u8]| same_bytes(&mut &*one, &mut &*other).unwrap();
        for text in [b"".as_slice(), b"a", &long, &longer] {
            assert!(same(text, text));
        }
        assert!(!same(&long, &longer) && !same(&longer, &long) && !same(&longer, &other) && !same(b"", b"a"));
    }
}
