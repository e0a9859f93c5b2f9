//! Everything released, as the way out sees it: read from the public facts and the blobs, never from the database.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use semver::{Version, VersionReq};
use serde_json::value::{RawValue, to_raw_value};

use super::artefacts::{CROSSWALK_NAME, check_listed, check_stored};
use super::derivation::Derivations;
use super::log::{PublishedCheckpoint, has_gone, read_checkpoint, read_entries};
use super::seal::access_word;
use super::{FrozenFile, Ground, PublicFact, ReleaseData, ReleaseError, ReleaseRecord, Salt};
use crate::canon::Digest;
use crate::dataset::{Crosswalk, DatasetId, Manifest};
use crate::tlog::{MemoryTree, leaf_hash};

/// Why and when a release was withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Withdrawn {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Why.
    pub reason: String,
    /// Place of the public fact that says so.
    #[serde(skip)]
    pub seq: i64,
}

/// What to use instead of a release, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Superseded {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// `dataset@version`.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A flag that somebody raised after the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterFlag {
    /// Code of `schema/flags.csv`.
    pub flag: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Who.
    pub by: String,
    /// Why.
    pub why: String,
    /// The version that was flagged.
    pub version: Version,
    /// Place of the public fact that says so.
    pub seq: i64,
}

/// One release, published.
#[derive(Clone)]
pub struct PublishedRelease {
    /// Dataset id.
    pub dataset: DatasetId,
    /// Its version.
    pub version: Version,
    /// When it was published.
    pub published_at: String,
    /// Digest of its manifest.
    pub manifest_digest: Digest,
    /// Its manifest.
    pub manifest: Arc<Manifest>,
    /// How it came about.
    pub record: Arc<ReleaseRecord>,
    /// Digest of that record.
    pub record_digest: Digest,
    /// Its leaf of the log.
    pub leaf: Arc<str>,
    /// Place of its leaf.
    pub seq: i64,
    /// Set while it is withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// Set once another is to be used instead.
    pub superseded: Option<Superseded>,
    /// Places of the facts that withdrew it and, one by one, of those that restored it.
    withdrawals: Vec<(i64, Option<i64>)>,
    /// What became of the keys of the release before; empty where it says nothing.
    pub crosswalk: Arc<Crosswalk>,
    /// Its lines.
    pub data: Arc<ReleaseData>,
    /// What every answer from it says of it; made anew whenever something becomes known of it.
    told: OnceLock<Arc<Told>>,
}

/// What every answer from a release says of it, as JSON.
struct Told {
    /// Which release it is.
    reference: Box<RawValue>,
    /// Its first licence, or null.
    licence: Box<RawValue>,
}

impl PublishedRelease {
    /// A stored file in a coding (`identity`, `gzip`, `zstd`).
    pub fn file(&self, name: &str, coding: &str) -> Option<&FrozenFile> {
        self.record.file(name, coding)
    }

    /// Its stored files in every coding.
    pub fn files(&self) -> &[FrozenFile] {
        &self.record.files
    }

    /// Whether it was published and not withdrawn when there were so many public facts.
    fn stood_as_of(&self, facts: i64) -> bool {
        let withdrawn = |(from, to): &(i64, Option<i64>)| *from < facts && to.is_none_or(|to| to >= facts);
        self.seq < facts && !self.withdrawals.iter().any(withdrawn)
    }

    /// Which release an answer is from, as JSON: dataset, version, digest of the manifest, and why it is withdrawn where it is.
    pub fn reference(&self) -> &RawValue {
        &self.told().reference
    }

    /// The first licence of the release, as JSON; null where it states none.
    pub fn licence(&self) -> &RawValue {
        &self.told().licence
    }

    fn told(&self) -> &Told {
        self.told.get_or_init(|| {
            let licence = to_raw_value(&self.manifest.metadata.licences.first()).unwrap_or_default();
            Arc::new(Told { reference: to_raw_value(&ReleaseRef::of(self)).unwrap_or_default(), licence })
        })
    }

    /// `dataset@version`.
    pub fn id(&self) -> String {
        format!("{}@{}", self.dataset, self.version)
    }
}

/// Which release an answer is from.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct ReleaseRef {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    pub version: String,
    /// Digest of the manifest.
    #[schema(value_type = String)]
    pub manifest: Digest,
    /// Set where the release is withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

impl ReleaseRef {
    /// Names a release.
    pub fn of(release: &PublishedRelease) -> Self {
        Self {
            dataset: release.dataset.to_string(),
            version: release.version.to_string(),
            manifest: release.manifest_digest,
            withdrawn: release.withdrawn.clone(),
        }
    }
}

/// All releases of one dataset, by version.
#[derive(Clone, Default)]
pub struct DatasetReleases {
    releases: BTreeMap<Version, Arc<PublishedRelease>>,
    /// By key and digest of the line: a flag is about a number, wherever the dataset has it.
    flags: BTreeMap<String, Vec<(Digest, LaterFlag)>>,
}

/// Why no release was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The dataset is not known.
    #[error("there is no dataset `{0}`")]
    NoDataset(String),
    /// No such version.
    #[error("`{dataset}` has no release {version}")]
    NoVersion {
        /// The dataset.
        dataset: String,
        /// What was asked for.
        version: String,
    },
    /// Not a version.
    #[error("`{0}` is not a version (1.2.0), a range (^1, ~1.2) or `latest`")]
    Shape(String),
}

impl ResolveError {
    /// Its stable code, the same over HTTP and on the command line.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoDataset(_) => "no-dataset",
            Self::NoVersion { .. } => "no-release",
            Self::Shape(_) => "invalid-parameter",
        }
    }
}

/// A release that was asked for.
#[derive(Clone)]
pub struct Resolved {
    /// The release.
    pub release: Arc<PublishedRelease>,
    /// Whether it was asked for by its exact version.
    pub pinned: bool,
    /// The next higher version that is not withdrawn; none where it is the latest.
    pub next: Option<Version>,
}

impl DatasetReleases {
    /// The flags that were raised after the release for the factor with this key and line, the first one first.
    pub fn later_flags(&self, key: &str, digest: &Digest) -> Vec<&LaterFlag> {
        let own = self.flags.get(key).into_iter().flatten();
        own.filter(|(line, _)| line == digest).map(|(_, flag)| flag).collect()
    }

    /// Whether a factor with this key was flagged after its release.
    pub fn is_flagged(&self, key: &str) -> bool {
        self.flags.contains_key(key)
    }

    /// The keys of factors that were flagged after their release, in order.
    pub fn flagged_keys(&self) -> impl Iterator<Item = &str> {
        self.flags.keys().map(String::as_str)
    }

    fn take_flag(&mut self, key: String, flag: LaterFlag) {
        let release = self.releases.get(&flag.version);
        let digest = release.and_then(|release| release.data.digest(release.data.find(&key)?));
        if let Some(digest) = digest {
            self.flags.entry(key).or_default().push((digest, flag));
        }
    }

    fn drop_flag(&mut self, key: &str, code: &str, version: &Version) {
        if let Some(flags) = self.flags.get_mut(key) {
            flags.retain(|(_, own)| own.flag != code || own.version != *version);
            if flags.is_empty() {
                self.flags.remove(key);
            }
        }
    }

    /// All, oldest version first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<PublishedRelease>> {
        self.releases.values()
    }

    /// The release of exactly this version.
    pub fn get(&self, version: &Version) -> Option<&Arc<PublishedRelease>> {
        self.releases.get(version)
    }

    /// The highest version that is not withdrawn.
    pub fn latest(&self) -> Option<&Arc<PublishedRelease>> {
        self.latest_as_of(i64::MAX)
    }

    /// The highest version that was published and not withdrawn when there were so many public facts.
    pub fn latest_as_of(&self, facts: i64) -> Option<&Arc<PublishedRelease>> {
        self.all().rev().find(|release| release.stood_as_of(facts))
    }

    /// Finds a release by exact version, range or `latest`; ranges skip what is withdrawn.
    pub fn resolve(&self, dataset: &str, wanted: &str) -> Result<Resolved, ResolveError> {
        self.resolve_as_of(dataset, wanted, i64::MAX)
    }

    /// The same as it was when there were so many public facts.
    pub fn resolve_as_of(&self, dataset: &str, wanted: &str, facts: i64) -> Result<Resolved, ResolveError> {
        let missing = || ResolveError::NoVersion { dataset: dataset.to_owned(), version: wanted.chars().take(80).collect() };
        if wanted == "latest" || wanted.is_empty() {
            let release = self.latest_as_of(facts).ok_or_else(missing)?;
            return Ok(self.resolved(release, false));
        }
        if let Ok(version) = wanted.parse::<Version>() {
            let release = self.releases.get(&version).ok_or_else(missing)?;
            return Ok(self.resolved(release, true));
        }
        let range: VersionReq = wanted.parse().map_err(|_| ResolveError::Shape(wanted.chars().take(80).collect()))?;
        let matching = |release: &&Arc<PublishedRelease>| release.stood_as_of(facts) && range.matches(&release.version);
        let release = self.all().rev().find(matching).ok_or_else(missing)?;
        Ok(self.resolved(release, false))
    }

    fn resolved(&self, release: &Arc<PublishedRelease>, pinned: bool) -> Resolved {
        let later = self.releases.range((Bound::Excluded(&release.version), Bound::Unbounded));
        let next = later.map(|(_, release)| release).find(|release| release.withdrawn.is_none()).map(|release| release.version.clone());
        Resolved { release: release.clone(), pinned, next }
    }
}

/// Everything released.
#[derive(Clone, Default)]
pub struct Catalogue {
    datasets: BTreeMap<String, DatasetReleases>,
    derivations: Derivations,
    facts: i64,
    tree: Arc<MemoryTree>,
    checkpoint: Option<Arc<PublishedCheckpoint>>,
    told: Arc<Vec<Arc<PublicFact>>>,
}

impl Catalogue {
    /// Reads all public facts.
    pub fn load(ground: &Ground) -> Result<Self, ReleaseError> {
        let mut catalogue = Self::default();
        catalogue.follow(ground)?;
        Ok(catalogue)
    }

    /// Reads what the published checkpoint covers beyond what was read; says how many facts that were.
    ///
    /// # Errors
    /// [`ReleaseError::Disagree`] where the published log was rolled back; [`ReleaseError::Damaged`] where its entries do not
    /// give the root of its checkpoint.
    pub fn follow(&mut self, ground: &Ground) -> Result<i64, ReleaseError> {
        loop {
            let Some(published) = read_checkpoint(ground.blobs())? else { return Ok(0) };
            if self.checkpoint.as_deref() == Some(&published) {
                return Ok(0);
            }
            match self.take_in(ground, &published) {
                // a fuller bundle took the place of the one that this checkpoint names, and with it came a newer checkpoint
                Err(error) if has_gone(&error) && read_checkpoint(ground.blobs())?.as_ref() != Some(&published) => {}
                other => return other,
            }
        }
    }

    fn take_in(&mut self, ground: &Ground, published: &PublishedCheckpoint) -> Result<i64, ReleaseError> {
        let size = i64::try_from(published.checkpoint.size).map_err(|error| ReleaseError::Disagree(error.to_string()))?;
        let before = self.facts;
        if size < before {
            return Err(ReleaseError::Disagree(format!(
                "the published checkpoint covers {size} facts, and {before} were published before"
            )));
        }
        let entries = read_entries(ground.blobs(), self.tree.size(), published.checkpoint.size)?;
        let mut tree = MemoryTree::clone(&self.tree);
        entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
        let root = tree.root();
        if root != published.checkpoint.root {
            let why = format!("the {size} entries give the root {root}, not {}", published.checkpoint.root);
            return Err(ReleaseError::Damaged { what: "the published log".into(), why });
        }
        let mut told = Vec::new();
        for (entry, seq) in entries.iter().zip(before..) {
            let fact = PublicFact::from_leaf(entry, &format!("leaf {seq}"))?;
            told.push(Arc::new(fact.clone()));
            self.apply(ground, seq, entry, fact)?;
        }
        if !told.is_empty() {
            Arc::make_mut(&mut self.told).extend(told);
        }
        (self.facts, self.tree) = (size, Arc::new(tree));
        self.checkpoint = Some(Arc::new(published.clone()));
        Ok(size - before)
    }

    fn apply(&mut self, ground: &Ground, seq: i64, entry: &[u8], fact: PublicFact) -> Result<(), ReleaseError> {
        match fact {
            PublicFact::Release { at, dataset, version, manifest, record, .. } => {
                let documents = Documents { manifest: ground.blobs().read(manifest)?, record: ground.blobs().read(record)?, access: None };
                self.take(open_release(ground, (seq, entry), (&dataset, &version), at, &documents)?);
            }
            PublicFact::Sealed { at, dataset, version, salted_manifest, salted_record, access, .. } => {
                let part = |digest: Digest| -> Result<Vec<u8>, ReleaseError> {
                    let stored = ground.blobs().read(digest)?;
                    let damaged = || ReleaseError::Damaged { what: format!("blob {digest}"), why: "it is shorter than a salt".to_owned() };
                    Ok(Salt::part(&stored).ok_or_else(damaged)?.1.to_vec())
                };
                let documents = Documents { manifest: part(salted_manifest)?, record: part(salted_record)?, access: Some(access) };
                self.take(open_release(ground, (seq, entry), (&dataset, &version), at, &documents)?);
            }
            PublicFact::Withdraw { at, dataset, version, reason, .. } => self.change(&dataset, &version, |release| {
                release.withdrawals.push((seq, None));
                release.withdrawn = Some(Withdrawn { at, reason, seq });
            }),
            PublicFact::Restore { dataset, version, .. } => self.change(&dataset, &version, |release| {
                if let Some((_, to)) = release.withdrawals.last_mut() {
                    *to = Some(seq);
                }
                release.withdrawn = None;
            }),
            PublicFact::Supersede { at, by, dataset, version, reason, .. } => {
                self.change(&dataset, &version, |release| release.superseded = Some(Superseded { at, by, reason }));
            }
            PublicFact::Flag { at, by, dataset, flag, key, reason, version, .. } => {
                if let Some(own) = self.datasets.get_mut(dataset.as_str()) {
                    own.take_flag(key, LaterFlag { flag, at, by, why: reason, version, seq });
                }
            }
            PublicFact::Unflag { dataset, flag, key, version, .. } => {
                if let Some(own) = self.datasets.get_mut(dataset.as_str()) {
                    own.drop_flag(&key, &flag, &version);
                }
            }
            PublicFact::Key { .. } => {}
        }
        Ok(())
    }

    fn take(&mut self, release: PublishedRelease) {
        self.derivations.take(&release);
        let releases = &mut self.datasets.entry(release.dataset.to_string()).or_default().releases;
        releases.insert(release.version.clone(), Arc::new(release));
    }

    fn change(&mut self, dataset: &DatasetId, version: &Version, change: impl FnOnce(&mut PublishedRelease)) {
        let releases = self.datasets.get_mut(dataset.as_str()).map(|dataset| &mut dataset.releases);
        if let Some(release) = releases.and_then(|releases| releases.get_mut(version)) {
            let release = Arc::make_mut(release);
            change(release);
            release.told = OnceLock::new();
        }
    }

    /// The tree over the leaves that have been read.
    pub fn tree(&self) -> &MemoryTree {
        &self.tree
    }

    /// The checkpoint that covers them; none where no log was made.
    pub fn checkpoint(&self) -> Option<&Arc<PublishedCheckpoint>> {
        self.checkpoint.as_ref()
    }

    /// The public facts that have been read; each stands at its place in the log.
    pub fn public_facts(&self) -> &[Arc<PublicFact>] {
        &self.told
    }

    /// How many public facts have been read.
    pub fn facts(&self) -> i64 {
        self.facts
    }

    /// What was computed from what.
    pub(super) fn derivations(&self) -> &Derivations {
        &self.derivations
    }

    /// All datasets by id.
    pub fn datasets(&self) -> impl Iterator<Item = (&str, &DatasetReleases)> {
        self.datasets.iter().map(|(id, releases)| (id.as_str(), releases))
    }

    /// Every release of every dataset.
    pub fn releases(&self) -> impl Iterator<Item = &Arc<PublishedRelease>> {
        self.datasets.values().flat_map(DatasetReleases::all)
    }

    /// One dataset.
    pub fn dataset(&self, id: &str) -> Result<&DatasetReleases, ResolveError> {
        self.datasets.get(id).ok_or_else(|| ResolveError::NoDataset(id.chars().take(80).collect()))
    }

    /// A release named as `id`, `id@version`, `id@range` or `id@latest`.
    pub fn resolve(&self, name: &str) -> Result<Resolved, ResolveError> {
        self.resolve_as_of(name, i64::MAX)
    }

    /// The same as it was when there were so many public facts.
    pub fn resolve_as_of(&self, name: &str, facts: i64) -> Result<Resolved, ResolveError> {
        let (id, wanted) = name.split_once('@').unwrap_or((name, "latest"));
        self.dataset(id)?.resolve_as_of(id, wanted, facts)
    }
}

/// What a leaf names.
struct Documents {
    manifest: Vec<u8>,
    record: Vec<u8>,
    /// What the leaf of a sealed release says of who may read it.
    access: Option<String>,
}

fn open_release(
    ground: &Ground,
    (seq, leaf): (i64, &[u8]),
    (dataset, version): (&DatasetId, &Version),
    at: String,
    documents: &Documents,
) -> Result<PublishedRelease, ReleaseError> {
    let damaged = |what: String, why: String| ReleaseError::Damaged { what, why };
    let id = format!("{dataset}@{version}");
    let manifest: Manifest =
        serde_json::from_slice(&documents.manifest).map_err(|error| damaged(format!("the manifest of {id}"), error.to_string()))?;
    let record = ReleaseRecord::from_bytes(&documents.record, &format!("the record of {id}"))?;
    let (manifest_digest, record_digest) = (Digest::of(&documents.manifest), Digest::of(&documents.record));
    let access = manifest.sealed.then(|| access_word(manifest.restricted, &manifest.metadata.licences));
    if (&manifest.dataset, &manifest.version) != (dataset, version)
        || documents.access.as_deref() != access
        || record.secret.is_some() != manifest.sealed
    {
        return Err(damaged(format!("the manifest of {id}"), format!("leaf {seq} says otherwise what and how it releases")));
    }
    check_listed(&manifest).map_err(|why| damaged(format!("the manifest of {id}"), why))?;
    check_stored(&manifest, &record.files).map_err(|why| damaged(format!("the record of {id}"), why))?;
    let crosswalk = match record.file(CROSSWALK_NAME, "identity") {
        Some(file) => Crosswalk::from_lines(&ground.blobs().read(file.sha256)?)
            .map_err(|error| damaged(format!("{CROSSWALK_NAME} of {id}"), error.to_string()))?,
        None => Crosswalk::default(),
    };
    let lines = record.file("factors.ndjson", "identity").ok_or_else(|| damaged(id.clone(), "it has no factors.ndjson".into()))?.sha256;
    let data = ReleaseData::open(ground, lines)?;
    Ok(PublishedRelease {
        dataset: manifest.dataset.clone(),
        version: manifest.version.clone(),
        published_at: at,
        manifest_digest,
        manifest: Arc::new(manifest),
        record: Arc::new(record),
        record_digest,
        leaf: String::from_utf8_lossy(leaf).into(),
        seq,
        withdrawn: None,
        superseded: None,
        withdrawals: Vec::new(),
        crosswalk: Arc::new(crosswalk),
        data: Arc::new(data),
        told: OnceLock::new(),
    })
}
