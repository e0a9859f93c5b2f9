//! Where the data are: the options that every command takes, and what is opened by them.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::outcome::{CliError, Refusal};
use crate::release::{Catalogue, Ground, Opening, ReleaseError};
use crate::store::{DatabaseUrl, StoreError};
use crate::tlog::Policy;

/// Data folder, database, blobs, log and witnesses.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Place {
    /// The folder that holds everything, unless database or blobs are elsewhere
    #[arg(long, global = true, value_name = "DIR", env = "TANYIN_DATA_DIR", default_value = "tanyin-data")]
    pub(super) data_dir: PathBuf,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE [default: DIR/tanyin.sqlite]
    #[arg(long, global = true, value_name = "URL", env = "TANYIN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Where the write-once files lie: file:PATH [default: DIR/blobs]
    #[arg(long, global = true, value_name = "URL", env = "TANYIN_BLOBS", hide_env_values = true)]
    blobs: Option<String>,
    /// The name of the transparency log, fixed when it is made [default: tanyin.local/log]
    #[arg(long, global = true, value_name = "NAME", env = "TANYIN_LOG_ORIGIN")]
    log_origin: Option<String>,
    /// The file of the log's key; keep it off the data if you can [default: DIR/log.key]
    #[arg(long, global = true, value_name = "FILE", env = "TANYIN_LOG_KEY")]
    log_key: Option<PathBuf>,
    /// The witnesses that cosign what is published, and the quorum that is wanted: a file in the form of tlog-policy
    #[arg(long, global = true, value_name = "FILE", env = "TANYIN_WITNESS_POLICY")]
    witness_policy: Option<PathBuf>,
}

impl Place {
    /// Opens everything, and makes what is not there yet.
    pub(super) fn create(&self) -> Result<Ground, CliError> {
        let policy = self.policy()?;
        Ok(Ground::open_with(&Opening { witnesses: policy.as_ref(), ..self.opening() })?)
    }

    /// Nobody is asked to cosign by it.
    fn opening(&self) -> Opening<'_> {
        Opening {
            data_dir: Some(&self.data_dir),
            database: self.database_url(),
            blobs: self.blobs_url(),
            log_origin: self.log_origin.as_deref().filter(|name| !name.is_empty()),
            log_key: self.log_key.as_deref().filter(|path| !path.as_os_str().is_empty()),
            witnesses: None,
        }
    }

    /// Whom the operator wants as witnesses.
    fn policy(&self) -> Result<Option<Policy>, CliError> {
        let Some(path) = self.witness_policy.as_deref().filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
        let refuse = |why: String| Refusal::new("witness-policy", format!("the witnesses' policy {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        let policy = Policy::parse(&text).map_err(|error| refuse(error.to_string()))?;
        let web = |url: &str| url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        for party in policy.witnesses() {
            if let Some(url) = party.url.as_deref().filter(|url| !web(url)) {
                return Err(refuse(format!("`{url}` of the witness `{}` is no address: write https://HOST[:PORT]/", party.name)).into());
            }
        }
        Ok(Some(policy))
    }

    /// Opens everything that is there already.
    pub(super) fn open(&self) -> Result<Ground, CliError> {
        self.expect_files()?;
        match self.missing_database()? {
            Some(missing) => Err(self.nothing_here(&missing)),
            None => self.create(),
        }
    }

    /// Opens what is published, without the database.
    pub(super) fn open_files(&self) -> Result<Ground, CliError> {
        self.expect_files()?;
        let policy = self.policy()?;
        Ok(Ground::files_only(&Opening { witnesses: policy.as_ref(), ..self.opening() })?)
    }

    /// Opens what is published; what the database committed before it was cut short is published first.
    ///
    /// Released data need no database, so a reader goes on when it does not answer.
    fn open_published(&self) -> Result<Ground, CliError> {
        self.expect_files()?;
        if self.missing_database()?.is_none() {
            match Ground::open_with(&self.opening()) {
                Err(ReleaseError::Store(error)) if !matches!(error, StoreError::Address(_)) => {
                    tracing::warn!("the database was not asked ({error}): going on with the published files alone");
                }
                other => return Ok(other?),
            }
        }
        self.open_files()
    }

    /// The database file, if there ought to be one and is not.
    fn missing_database(&self) -> Result<Option<PathBuf>, CliError> {
        let file = match self.database_url().map(str::parse::<DatabaseUrl>).transpose().map_err(CliError::from_store)? {
            Some(DatabaseUrl::Postgres(_)) => None,
            Some(DatabaseUrl::Sqlite(path)) => Some(path),
            None => Some(self.data_dir.join("tanyin.sqlite")),
        };
        Ok(file.filter(|path| !path.is_file()))
    }

    /// Everything that is published.
    pub(super) fn catalogue(&self) -> Result<(Ground, Catalogue), CliError> {
        let ground = self.open_published()?;
        let catalogue = Catalogue::load(&ground)?;
        Ok((ground, catalogue))
    }

    /// Whether there is anything yet that an import would be compared with.
    pub(super) fn is_new(&self) -> bool {
        self.database_url().is_none() && self.blobs_url().is_none() && !self.data_dir.exists()
    }

    fn database_url(&self) -> Option<&str> {
        self.database_url.as_deref().filter(|url| !url.is_empty())
    }

    fn blobs_url(&self) -> Option<&str> {
        self.blobs.as_deref().filter(|url| !url.is_empty())
    }

    /// The folder of the blobs, which need not be sound.
    pub(super) fn blobs_folder(&self) -> Result<PathBuf, CliError> {
        self.expect_files()?;
        let folder = self.blobs_url().and_then(|url| url.strip_prefix("file:"));
        Ok(folder.map_or_else(|| self.data_dir.join("blobs"), |path| PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
    }

    /// The database, if one is there.
    pub(super) fn database(&self) -> Result<Option<DatabaseUrl>, CliError> {
        if self.missing_database()?.is_some() {
            return Ok(None);
        }
        match self.database_url() {
            Some(url) => url.parse().map(Some).map_err(CliError::from_store),
            None => Ok(Some(DatabaseUrl::Sqlite(self.data_dir.join("tanyin.sqlite")))),
        }
    }

    fn expect_files(&self) -> Result<(), CliError> {
        if !self.data_dir.is_dir() {
            return Err(self.nothing_here(&self.data_dir));
        }
        let folder = match self.blobs_url() {
            None => self.data_dir.join("blobs"),
            // any other address is refused where it is opened
            Some(url) => match url.strip_prefix("file:").map(|path| path.strip_prefix("//").unwrap_or(path)) {
                Some(path) => PathBuf::from(path),
                None => return Ok(()),
            },
        };
        if folder.join("sha256").is_dir() { Ok(()) } else { Err(self.nothing_here(&folder)) }
    }

    fn nothing_here(&self, missing: &Path) -> CliError {
        let data_dir = self.data_dir.display().to_string();
        let why = if missing.exists() { "does not hold them" } else { "is not there" };
        Refusal::new("no-data", format!("no Tanyin data in {data_dir}: {} {why}", missing.display()))
            .with(json!({"data_dir": data_dir, "missing": missing.display().to_string()}))
            .hint("`tanyin serve` makes the folder and publishes the bundled datasets; `tanyin import` makes it for your own")
            .hint("if your data are elsewhere, name the folder with --data-dir DIR or TANYIN_DATA_DIR")
            .into()
    }
}
