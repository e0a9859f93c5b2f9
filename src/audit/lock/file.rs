//! The file: JSON with a stable order, one thing a line, so that a difference of two states shows what moved.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use semver::Version;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Requirement;
use crate::canon::{Digest, canonical_value};
use crate::dataset::DatasetId;
use crate::factor::Decimal;
use crate::release::{LineProof, PROOF_FORMAT, ReleaseProof, Salt};
use crate::tlog::{Checkpoint, LogProof, Note, VerifierKey, parse_hash};

/// The format that this program reads and writes.
pub const LOCK_FORMAT: &str = "1";

/// The file's usual name.
pub const LOCK_NAME: &str = "tanyin.lock";

/// The most bytes that a lockfile may have.
const MAX_BYTES: u64 = 256 << 20;

/// A file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// The disk.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Two histories of the file were merged and the merge left open.
    #[error(
        "line {0} holds a merge conflict marker: take one side of the file (git checkout --ours or --theirs), then repeat the other side's `tanyin lock add` or `tanyin lock update`"
    )]
    Conflict(usize),
    /// Of another program version.
    #[error("it has format `{0}`, this program reads format {LOCK_FORMAT}")]
    Format(String),
    /// Not a lockfile.
    #[error("it does not read: {0}")]
    Shape(String),
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lockfile {
    /// [`LOCK_FORMAT`].
    pub format: String,
    /// The server that it was made with; none where it was made on a data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The log that all proofs lead to.
    pub log: LockedLog,
    /// The factors, by dataset, key and label.
    pub factors: Vec<LockedFactor>,
    /// Their releases, by dataset and version.
    pub releases: Vec<LockedRelease>,
}

/// A log, and the one checkpoint that covers every release of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedLog {
    /// Its name.
    pub origin: String,
    /// The verifier keys that were believed when the file was written (C2SP signed-note).
    pub keys: Vec<String>,
    /// The signed note, line by line.
    pub checkpoint: Vec<String>,
}

/// A release: what it is, and where it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRelease {
    /// The dataset.
    pub dataset: DatasetId,
    /// The version.
    pub version: Version,
    /// The manifest; its canonical bytes are what the leaf names.
    pub manifest: Value,
    /// The manifest's salt, where the release is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
    /// The reviewers' signed note, line by line; none where nobody signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Vec<String>>,
    /// The leaf; its canonical bytes are what the log holds.
    pub leaf: Value,
    /// The leaf's place, from 0.
    pub index: u64,
    /// Its path to the checkpoint's root, hashes in base64 (RFC 6962, 2.1.1).
    pub inclusion: Vec<String>,
}

/// A factor that the calculator uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFactor {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its key.
    pub key: String,
    /// What the calculator uses it for; tells apart two uses of one factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Which versions are accepted.
    pub requirement: Requirement,
    /// The one that is pinned.
    pub version: Version,
    /// The amount whose emission is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<LockedAmount>,
    /// The SHA-256 of its line.
    pub digest: Digest,
    /// The factor; its canonical bytes are the line.
    pub factor: Value,
    /// The line's salt, where the release is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salt: Option<Salt>,
    /// The line's place in the release, from 0.
    pub index: u64,
    /// Its path to the manifest's root, hashes in base64 (RFC 6962, 2.1.1).
    pub inclusion: Vec<String>,
}

/// An amount of an activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedAmount {
    /// How many units, exactly.
    pub value: Decimal,
    /// The unit (UCUM).
    pub unit: String,
}

/// Note to lines: a text that ends in a line feed.
pub(super) fn note_lines(note: &str) -> Vec<String> {
    note.strip_suffix('\n').unwrap_or(note).split('\n').map(str::to_owned).collect()
}

fn note_text(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

fn canonical_text(value: &Value) -> Result<String, String> {
    let bytes = canonical_value(value).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

impl LockedFactor {
    /// `dataset@version#key`, with its label.
    pub fn id(&self) -> String {
        let label = self.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
        format!("{}@{}#{}{label}", self.dataset, self.version, self.key)
    }

    /// What no two factors of a file share, and what they are sorted by.
    pub(super) fn order(&self) -> (&str, &str, Option<&str>) {
        (self.dataset.as_str(), &self.key, self.label.as_deref())
    }

    /// The line.
    ///
    /// # Errors
    /// Says why it has no canonical form.
    pub fn line(&self) -> Result<String, String> {
        canonical_text(&self.factor)
    }

    pub(super) fn line_proof(&self, size: u64) -> Result<LineProof, String> {
        let (key, digest, inclusion) = (self.key.clone(), self.digest, self.inclusion.clone());
        Ok(LineProof { key, digest, line: self.line()?, salt: self.salt, index: self.index, size, inclusion })
    }
}

impl LockedRelease {
    /// `dataset@version`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.dataset, self.version)
    }

    pub(super) fn order(&self) -> (&str, &Version) {
        (self.dataset.as_str(), &self.version)
    }

    /// How many lines its manifest lists.
    pub(super) fn size(&self) -> u64 {
        self.manifest.get("factors").and_then(Value::as_u64).unwrap_or(0)
    }

    /// The proof as a server gives it, under a checkpoint.
    pub(super) fn proof(&self, checkpoint: &str, factor: Option<LineProof>) -> Result<ReleaseProof, String> {
        let path: Option<Vec<Digest>> = self.inclusion.iter().map(|hash| parse_hash(hash)).collect();
        let path = path.ok_or("a hash of its path is not padded standard base64 of 32 bytes")?;
        let extra = Some(canonical_text(&self.leaf).map_err(|error| format!("its leaf: {error}"))?.into_bytes());
        let proof = LogProof { extra, index: self.index, path, checkpoint: checkpoint.to_owned() };
        Ok(ReleaseProof {
            format: PROOF_FORMAT.to_owned(),
            dataset: self.dataset.clone(),
            version: self.version.clone(),
            manifest: canonical_text(&self.manifest).map_err(|error| format!("its manifest: {error}"))?,
            salt: self.salt,
            approvals: self.approvals.as_deref().map(note_text),
            proof: proof.to_string(),
            factor,
        })
    }
}

impl LockedLog {
    /// The signed note.
    pub fn note(&self) -> String {
        note_text(&self.checkpoint)
    }

    /// What the checkpoint says; its signatures are not checked.
    pub fn seen(&self) -> Option<Checkpoint> {
        Checkpoint::parse(&Note::parse(self.note()).ok()?.text).ok()
    }

    /// The keys, those that read.
    pub fn verifier_keys(&self) -> Vec<VerifierKey> {
        self.keys.iter().filter_map(|key| key.parse().ok()).collect()
    }
}

impl Lockfile {
    /// The release that a factor is pinned to.
    pub fn release(&self, dataset: &DatasetId, version: &Version) -> Option<&LockedRelease> {
        self.releases.iter().find(|release| release.dataset == *dataset && release.version == *version)
    }

    /// Reads a lockfile; nothing in it is to be believed before it was checked.
    ///
    /// # Errors
    /// [`LockFileError`]: a conflict marker, another format, an unknown or repeated member.
    pub fn parse(text: &str) -> Result<Self, LockFileError> {
        #[derive(Deserialize)]
        struct FormatOnly {
            format: String,
        }
        // no line of JSON begins so: a string holds no line feed
        let marker = |line: &str| ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|marker| line.starts_with(marker));
        if let Some(place) = text.lines().position(marker) {
            return Err(LockFileError::Conflict(place + 1));
        }
        let shape = |error: serde_json::Error| LockFileError::Shape(error.to_string());
        let format = serde_json::from_str::<FormatOnly>(text).map_err(shape)?.format;
        if format != LOCK_FORMAT {
            return Err(LockFileError::Format(format.chars().take(80).collect()));
        }
        serde_json::from_str::<Once>(text).map_err(shape)?;
        serde_json::from_str(text).map_err(shape)
    }

    /// The file's text: LF, two blanks a level, factors and releases in order.
    ///
    /// # Errors
    /// None for what can be built.
    pub fn to_text(&self) -> Result<String, LockFileError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| LockFileError::Shape(error.to_string()))?;
        Ok(text + "\n")
    }

    /// Reads a file; none: it is not there.
    ///
    /// # Errors
    /// As [`Lockfile::parse`], and where the disk fails.
    pub fn read(path: &Path) -> Result<Option<Self>, LockFileError> {
        use std::io::Read;
        let failed = |source| LockFileError::Io { path: path.to_owned(), source };
        let file = match std::fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(LockFileError::Shape(format!("it has more than {MAX_BYTES} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|error| LockFileError::Shape(error.to_string()))?;
        Self::parse(&text).map(Some)
    }

    /// Writes the file in one step: whoever reads it sees the old one or the new one.
    ///
    /// # Errors
    /// Where the disk fails; the file is as it was then.
    pub fn write(&self, path: &Path) -> Result<(), LockFileError> {
        let text = self.to_text()?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = || -> io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(".tanyin.lock.").permissions(mode(path)).tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            std::fs::File::open(folder)?.sync_all()
        };
        written().map_err(|source| LockFileError::Io { path: path.to_owned(), source })
    }
}

/// As it is, or readable by everybody who may read the folder.
fn mode(path: &Path) -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).map_or_else(|_| std::fs::Permissions::from_mode(0o644), |metadata| metadata.permissions())
}

/// Any JSON whose objects name each member once: of two, other readers might see the other one.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Seed.deserialize(deserializer)
    }
}

struct Seed;

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Once;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Once, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Once, E> {
        Err(E::custom(format!("{number} is not an integer: amounts are strings")))
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element_seed(Seed)?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value_seed(Seed)?;
            if names.contains(&name) {
                return Err(serde::de::Error::custom(format!("the member `{name}` stands there twice")));
            }
            names.insert(name);
        }
        Ok(Once)
    }
}
