//! What a server or a command stands on: database, blobs, the log's key, and a folder for what can be rebuilt.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::cosign::Witnesses;
use super::effect::Observer;
use super::{LogKeys, ReleaseError};
use crate::store::{self, Blobs, Database, DatabaseUrl, StoreError, time_text};
use crate::tlog::Policy;

/// Where the time comes from; tests give their own.
pub type Clock = fn() -> jiff::Timestamp;

/// What is to be opened, and where it lies.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opening<'a> {
    /// The folder of everything that is not elsewhere.
    pub data_dir: Option<&'a Path>,
    /// `sqlite:…` or `postgres://…`; `tanyin.sqlite` in the folder if left out.
    pub database: Option<&'a str>,
    /// `file:…`; `blobs` in the folder if left out.
    pub blobs: Option<&'a str>,
    /// The name of the log, fixed when it is made.
    pub log_origin: Option<&'a str>,
    /// The file of the log's key; `log.key` in the folder if left out.
    pub log_key: Option<&'a Path>,
    /// The witnesses that are asked to cosign what is published, and the quorum that is wanted; nobody if left out.
    pub witnesses: Option<&'a Policy>,
}

/// Database, blobs, log and indexes of one server.
#[derive(Clone)]
pub struct Ground {
    database: Option<std::sync::Arc<Database>>,
    blobs: Blobs,
    indexes: PathBuf,
    uploads: PathBuf,
    log_key: PathBuf,
    log_origin: Option<String>,
    clock: Clock,
    pub(super) witnesses: Option<std::sync::Arc<Witnesses>>,
    pub(super) observer: Option<Observer>,
}

impl Ground {
    /// Opens database and blobs in a folder, makes the log where there is none, and brings published files up to what the
    /// database has committed.
    ///
    /// # Errors
    /// As [`Ground::open_with`].
    pub fn open(data_dir: &Path, database: Option<&str>, blobs: Option<&str>) -> Result<Self, ReleaseError> {
        Self::open_with(&Opening { data_dir: Some(data_dir), database, blobs, ..Opening::default() })
    }

    /// The same, with the log's name and key where they are given.
    ///
    /// # Errors
    /// When a part cannot be opened; [`ReleaseError::Disagree`] where files and database tell different histories;
    /// [`ReleaseError::Origin`], [`ReleaseError::Key`] where the log is another.
    pub fn open_with(opening: &Opening<'_>) -> Result<Self, ReleaseError> {
        let data_dir = opening.data_dir.unwrap_or(Path::new("."));
        // the database holds what is not for other users of the machine: drafts, restricted data, the secrets of webhooks
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(StoreError::io("create", data_dir))?;
        let url = match opening.database {
            Some(url) => url.parse::<DatabaseUrl>()?,
            None => DatabaseUrl::Sqlite(data_dir.join("tanyin.sqlite")),
        };
        let ground = Self { database: Some(std::sync::Arc::new(Database::open(&url)?)), ..Self::files_only(opening)? };
        super::recover(&ground)?;
        Ok(ground)
    }

    /// Opens the published files alone: everything released is served, nothing can change.
    ///
    /// # Errors
    /// When the blobs cannot be opened.
    pub fn open_read_only(data_dir: &Path, blobs: Option<&str>) -> Result<Self, ReleaseError> {
        Self::files_only(&Opening { data_dir: Some(data_dir), blobs, ..Opening::default() })
    }

    /// The same with all that an opening says; database, log's name and key are not looked at.
    ///
    /// # Errors
    /// When the blobs cannot be opened.
    pub fn files_only(opening: &Opening<'_>) -> Result<Self, ReleaseError> {
        let data_dir = opening.data_dir.unwrap_or(Path::new("."));
        let blobs = match opening.blobs {
            Some(url) => Blobs::open_url(url)?,
            None => Blobs::open(data_dir.join("blobs"))?,
        };
        let indexes = data_dir.join("indexes");
        std::fs::create_dir_all(&indexes).map_err(StoreError::io("create", &indexes))?;
        let uploads = data_dir.join("uploads");
        let log_key = opening.log_key.map_or_else(|| data_dir.join("log.key"), Path::to_owned);
        let log_origin = opening.log_origin.map(str::to_owned);
        let witnesses = opening.witnesses.cloned().map(Witnesses::new);
        let clock = jiff::Timestamp::now;
        Ok(Self { database: None, blobs, indexes, uploads, log_key, log_origin, clock, witnesses, observer: None })
    }

    /// The database; a refusal where the server only reads.
    pub fn database(&self) -> Result<&Database, ReleaseError> {
        self.database.as_deref().ok_or(ReleaseError::ReadOnly)
    }

    /// The blobs.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Where indexes lie; whatever is missing there is built again.
    pub fn indexes(&self) -> &Path {
        &self.indexes
    }

    /// Where files lie that are made of releases when they are asked for; the folder need not be there.
    pub fn derived(&self) -> PathBuf {
        self.indexes.with_file_name("derived")
    }

    /// Where uploads lie until they are imported; the folder need not be there.
    pub fn uploads(&self) -> &Path {
        &self.uploads
    }

    /// The file of the log's key.
    pub fn log_key_path(&self) -> &Path {
        &self.log_key
    }

    /// The name that was asked for when this ground was opened.
    pub(super) fn log_origin_wanted(&self) -> Option<&str> {
        self.log_origin.as_deref()
    }

    /// The name of the log.
    ///
    /// # Errors
    /// When the database does not answer, or no log was made.
    pub fn log_origin(&self) -> Result<String, ReleaseError> {
        Ok(self.log_identity()?.origin)
    }

    /// Every verifier key that the log ever had; the last is the current one.
    ///
    /// # Errors
    /// When the database does not answer, or no log was made.
    pub fn log_vkeys(&self) -> Result<Vec<String>, ReleaseError> {
        let mut keys = vec![self.log_identity()?.vkey];
        for fact in self.database()?.read(store::key_facts)? {
            if let super::PublicFact::Key { key, .. } = super::PublicFact::from_leaf(fact.leaf.as_bytes(), &format!("leaf {}", fact.seq))? {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    fn log_identity(&self) -> Result<store::LogIdentity, ReleaseError> {
        let missing = || ReleaseError::Disagree("the database names no log".to_owned());
        self.database()?.read(store::log_identity_get)?.ok_or_else(missing)
    }

    /// The signer keys.
    ///
    /// # Errors
    /// [`ReleaseError::Key`] when the file is not there or not to be used.
    pub(super) fn log_keys(&self) -> Result<LogKeys, ReleaseError> {
        let why = "it is not there, and nothing can be published without it: bring it back, or name it with --log-key";
        LogKeys::read(&self.log_key)?.ok_or_else(|| ReleaseError::Key { path: self.log_key.clone(), why: why.to_owned() })
    }

    /// Now.
    pub(super) fn time(&self) -> jiff::Timestamp {
        (self.clock)()
    }

    /// Whether there are witnesses to be asked when something is published.
    pub fn has_witnesses(&self) -> bool {
        self.witnesses.is_some() && self.database.is_some()
    }

    /// Now, as the store writes it.
    pub fn now(&self) -> String {
        time_text((self.clock)())
    }

    /// The same ground with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }
}
