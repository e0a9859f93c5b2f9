//! What a server or a command stands on: database, blobs, and a folder for what can be rebuilt.

use std::path::{Path, PathBuf};

use super::ReleaseError;
use crate::store::{Blobs, Database, DatabaseUrl, StoreError, time_text};

/// Where the time comes from; tests give their own.
pub type Clock = fn() -> jiff::Timestamp;

/// Database, blobs and indexes of one server.
#[derive(Clone)]
pub struct Ground {
    database: Option<std::sync::Arc<Database>>,
    blobs: Blobs,
    indexes: PathBuf,
    clock: Clock,
}

impl Ground {
    /// Opens database and blobs, and brings published files up to what the database has committed.
    pub fn open(data_dir: &Path, database: Option<&str>, blobs: Option<&str>) -> Result<Self, ReleaseError> {
        std::fs::create_dir_all(data_dir).map_err(StoreError::io("create", data_dir))?;
        let url = match database {
            Some(url) => url.parse::<DatabaseUrl>()?,
            None => DatabaseUrl::Sqlite(data_dir.join("tanyin.sqlite")),
        };
        let ground = Self { database: Some(std::sync::Arc::new(Database::open(&url)?)), ..Self::files_only(data_dir, blobs)? };
        super::recover(&ground)?;
        Ok(ground)
    }

    /// Opens the published files alone: everything released is served, nothing can change.
    pub fn open_read_only(data_dir: &Path, blobs: Option<&str>) -> Result<Self, ReleaseError> {
        Self::files_only(data_dir, blobs)
    }

    fn files_only(data_dir: &Path, blobs: Option<&str>) -> Result<Self, ReleaseError> {
        let blobs = match blobs {
            Some(url) => Blobs::open_url(url)?,
            None => Blobs::open(data_dir.join("blobs"))?,
        };
        let indexes = data_dir.join("indexes");
        std::fs::create_dir_all(&indexes).map_err(StoreError::io("create", &indexes))?;
        Ok(Self { database: None, blobs, indexes, clock: jiff::Timestamp::now })
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
