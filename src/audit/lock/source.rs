//! Whom a lockfile is made and compared with: a server over HTTP, or a data folder. Neither is believed without proof.

use semver::Version;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::dataset::{DatasetId, Principal};
use crate::fetch::{FetchError, Fetcher};
use crate::lookup::notices;
use crate::release::{Catalogue, Ground, KEY_NAME, PublishedRelease, ReleaseError, ReleaseProof, ResolveError};
use crate::tlog::hash_text;

/// The most bytes of an answer: lists of releases and proofs, manifests included.
const ANSWER_BYTES: u64 = 16 << 20;

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// Why.
    pub reason: String,
}

/// What is to be used instead of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededBy {
    /// When (RFC 3339, UTC).
    pub at: String,
    /// `dataset@version`.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A release as the source says that it stands now. Later facts are the source's word: only a walk over the log proves them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseState {
    /// Its version.
    pub version: Version,
    /// Set while it is withdrawn.
    pub withdrawn: Option<Standing>,
    /// Set once another is to be used instead.
    pub superseded: Option<SupersededBy>,
}

/// A flag that was raised after the release: by somebody, or by the withdrawal of what the factor was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterNotice {
    /// Code of `schema/flags.csv`: `input_withdrawn`.
    pub flag: String,
    /// When (RFC 3339, UTC).
    pub at: String,
    /// What raised it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Nobody could be asked, or nothing came that can be understood.
    #[error("{place} could not be asked: {why}")]
    Unreachable {
        /// Whom.
        place: String,
        /// What happened.
        why: String,
    },
    /// Understood and denied.
    #[error("{message}")]
    Refused {
        /// Its stable code: `no-dataset`, `no-release`.
        code: String,
        /// In words.
        message: String,
    },
    /// The data folder is broken.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}

/// Somebody to ask.
pub trait LockSource {
    /// How it is called in a message.
    fn place(&self) -> String;

    /// Its address, for the lockfile; none for a folder.
    fn server(&self) -> Option<String>;

    /// The log's verifier keys, as it names them itself.
    ///
    /// # Errors
    /// [`SourceError`], as all below.
    fn keys(&self) -> Result<Vec<String>, SourceError>;

    /// All releases of a dataset.
    fn releases(&self, dataset: &DatasetId) -> Result<Vec<ReleaseState>, SourceError>;

    /// The proof of a release, or of one factor of it; nothing where the release has no such factor.
    fn proof(&self, dataset: &DatasetId, version: &Version, key: Option<&str>) -> Result<Option<ReleaseProof>, SourceError>;

    /// The proof that the log only grew between two sizes: hashes in base64 (RFC 6962, 2.1.2).
    fn consistency(&self, from: u64, to: u64) -> Result<Vec<String>, SourceError>;

    /// What became known of a factor after its release.
    fn notices(&self, dataset: &DatasetId, version: &Version, key: &str) -> Result<Vec<LaterNotice>, SourceError>;
}

/// A data folder.
pub struct LocalSource {
    ground: Ground,
    catalogue: Catalogue,
}

impl LocalSource {
    /// As it was read.
    pub fn new(ground: Ground, catalogue: Catalogue) -> Self {
        Self { ground, catalogue }
    }

    fn release(&self, dataset: &DatasetId, version: &Version) -> Result<&PublishedRelease, SourceError> {
        let missing = || ResolveError::NoVersion { dataset: dataset.to_string(), version: version.to_string() };
        let releases = self.catalogue.dataset(dataset.as_str()).map_err(unresolved)?;
        Ok(releases.get(version).ok_or_else(missing).map_err(unresolved)?)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it maps an error")]
fn unresolved(error: ResolveError) -> SourceError {
    SourceError::Refused { code: error.code().to_owned(), message: error.to_string() }
}

impl LockSource for LocalSource {
    fn place(&self) -> String {
        "the data folder".to_owned()
    }

    fn server(&self) -> Option<String> {
        None
    }

    fn keys(&self) -> Result<Vec<String>, SourceError> {
        let bytes = self.ground.blobs().read_named(KEY_NAME).map_err(ReleaseError::from)?.unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    fn releases(&self, dataset: &DatasetId) -> Result<Vec<ReleaseState>, SourceError> {
        let all = self.catalogue.dataset(dataset.as_str()).map_err(unresolved)?.all();
        let state = |release: &PublishedRelease| ReleaseState {
            version: release.version.clone(),
            withdrawn: release.withdrawn.as_ref().map(|own| Standing { at: own.at.clone(), reason: own.reason.clone() }),
            superseded: release.superseded.as_ref().map(|own| SupersededBy {
                at: own.at.clone(),
                by: own.by.clone(),
                reason: own.reason.clone(),
            }),
        };
        Ok(all.map(|release| state(release)).collect())
    }

    fn proof(&self, dataset: &DatasetId, version: &Version, key: Option<&str>) -> Result<Option<ReleaseProof>, SourceError> {
        let release = self.release(dataset, version)?;
        let number = key.map(|key| release.data.find(key));
        match number {
            Some(None) => Ok(None),
            number => Ok(Some(self.catalogue.release_proof(&self.ground, release, number.flatten())?)),
        }
    }

    fn consistency(&self, from: u64, to: u64) -> Result<Vec<String>, SourceError> {
        let hashes = self.catalogue.tree().consistency_proof(from, to);
        let hashes = hashes.map_err(|error| SourceError::Refused { code: "consistency".to_owned(), message: error.to_string() })?;
        Ok(hashes.iter().map(hash_text).collect())
    }

    fn notices(&self, dataset: &DatasetId, version: &Version, key: &str) -> Result<Vec<LaterNotice>, SourceError> {
        let release = self.release(dataset, version)?;
        let Some(number) = release.data.find(key) else { return Ok(Vec::new()) };
        let all = notices(&self.catalogue, release, number, &Principal::Operator).into_iter();
        Ok(all.map(|own| LaterNotice { flag: own.flag.to_owned(), at: own.at, by: own.by, why: own.why }).collect())
    }
}

/// A server.
pub struct ServerSource {
    base: Url,
    fetcher: Fetcher,
}

impl ServerSource {
    /// By its address: `https://HOST[:PORT]`, with a path where it stands below one.
    ///
    /// # Errors
    /// [`FetchError::Address`] where it is none, or has a query.
    pub fn new(address: &str) -> Result<Self, FetchError> {
        let wrong = || FetchError::Address(address.chars().take(200).collect());
        let mut base = Url::parse(address).map_err(|_| wrong())?;
        let plain = matches!(base.scheme(), "http" | "https") && base.has_host() && base.query().is_none() && base.fragment().is_none();
        if !plain || !base.username().is_empty() || base.password().is_some() {
            return Err(wrong());
        }
        base.path_segments_mut().map_err(|()| wrong())?.pop_if_empty();
        Ok(Self { base, fetcher: Fetcher::new() })
    }

    fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> String {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url.into()
    }

    fn unreachable(&self, why: impl ToString) -> SourceError {
        SourceError::Unreachable { place: self.place(), why: why.to_string() }
    }

    /// The body of an answer, or the problem that it tells.
    fn get(&self, url: &str) -> Result<Vec<u8>, SourceError> {
        #[derive(Deserialize)]
        struct Told {
            r#type: String,
            detail: Option<String>,
        }
        let answer = self.fetcher.get(url, ANSWER_BYTES).map_err(|error| self.unreachable(error))?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let told = serde_json::from_slice::<Told>(&answer.body).ok().filter(|_| (400..500).contains(&answer.status));
        match told.as_ref().and_then(|told| Some((told.r#type.strip_prefix("/problems/")?, told))) {
            Some((code, told)) => {
                let message = told.detail.clone().unwrap_or_else(|| format!("{} says `{code}`", self.place()));
                Err(SourceError::Refused { code: code.to_owned(), message })
            }
            None => Err(self.unreachable(format!("{url} answers with status {}, which is not Tanyin's", answer.status))),
        }
    }

    fn json<T: DeserializeOwned>(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<T, SourceError> {
        let url = self.url(segments, query);
        let body = self.get(&url)?;
        serde_json::from_slice(&body).map_err(|error| self.unreachable(format!("{url} gives something else than is asked: {error}")))
    }
}

impl LockSource for ServerSource {
    fn place(&self) -> String {
        self.base.as_str().trim_end_matches('/').to_owned()
    }

    fn server(&self) -> Option<String> {
        Some(self.place())
    }

    fn keys(&self) -> Result<Vec<String>, SourceError> {
        let bytes = self.get(&self.url(&["log", "key"], &[]))?;
        Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
    }

    fn releases(&self, dataset: &DatasetId) -> Result<Vec<ReleaseState>, SourceError> {
        #[derive(Deserialize)]
        struct Listed {
            releases: Vec<ReleaseState>,
        }
        Ok(self.json::<Listed>(&["v1", "datasets", dataset.as_str(), "releases"], &[])?.releases)
    }

    fn proof(&self, dataset: &DatasetId, version: &Version, key: Option<&str>) -> Result<Option<ReleaseProof>, SourceError> {
        let version = version.to_string();
        let mut query = vec![("dataset", dataset.as_str()), ("version", version.as_str())];
        query.extend(key.map(|key| ("key", key)));
        match self.json(&["v1", "log", "proof"], &query) {
            Err(SourceError::Refused { code, .. }) if code == "no-factor" => Ok(None),
            other => other.map(Some),
        }
    }

    fn consistency(&self, from: u64, to: u64) -> Result<Vec<String>, SourceError> {
        #[derive(Deserialize)]
        struct Proof {
            proof: Vec<String>,
        }
        let (from, to) = (from.to_string(), to.to_string());
        Ok(self.json::<Proof>(&["v1", "log", "consistency"], &[("from", &from), ("to", &to)])?.proof)
    }

    fn notices(&self, dataset: &DatasetId, version: &Version, key: &str) -> Result<Vec<LaterNotice>, SourceError> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Flag {
            Own(#[allow(dead_code, reason = "the flags of the release stand in its line")] String),
            Later(LaterNotice),
        }
        #[derive(Deserialize)]
        struct Answer {
            flags: Vec<Flag>,
        }
        let version = version.to_string();
        let mut path = vec!["v1", "datasets", dataset.as_str(), "releases", &version, "factors"];
        path.extend(key.split('/'));
        let flags = self.json::<Answer>(&path, &[])?.flags.into_iter();
        Ok(flags.filter_map(|flag| if let Flag::Later(notice) = flag { Some(notice) } else { None }).collect())
    }
}
