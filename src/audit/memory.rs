//! What a client remembers: for each log, the keys it believes and the last checkpoint it saw.
//!
//! A log that shows something else later is caught by that: both notes are kept as evidence.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Finding, Report};
use crate::canon::Digest;
use crate::tlog::{Checkpoint, Note, VerifierKey};

/// A folder with one file for each log.
#[derive(Debug, Clone)]
pub struct Memory {
    folder: PathBuf,
}

/// What is remembered of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// The log's name.
    pub origin: String,
    /// The keys that are believed: the one that it began with, and those that it vouched for.
    pub keys: Vec<String>,
    /// The addresses where it was seen, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// The last checkpoint: the signed note.
    pub checkpoint: String,
}

/// What a remembered state means that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct MemoryError {
    path: PathBuf,
    why: String,
}

impl Remembered {
    /// What the last checkpoint says; it was checked before it was remembered.
    pub fn seen(&self) -> Option<Checkpoint> {
        Checkpoint::parse(&Note::parse(&self.checkpoint).ok()?.text).ok()
    }

    /// The keys that are believed.
    pub fn verifier_keys(&self) -> Vec<VerifierKey> {
        self.keys.iter().filter_map(|key| key.parse().ok()).collect()
    }

    /// `<origin>-<id of the first key>`, of letters that every file system keeps.
    fn file_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
        let origin: String = self.origin.chars().take(80).map(plain).collect();
        let digest = Digest::of(format!("{}\n{}", self.origin, self.keys.first().map_or("", String::as_str)).as_bytes()).to_hex();
        format!("{origin}-{}.json", digest.get(..16).unwrap_or_default())
    }
}

impl Memory {
    /// In this folder, which is made when something is remembered.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Everything that is remembered.
    ///
    /// # Errors
    /// When a file cannot be read or understood: to go on without it would be to forget.
    pub fn all(&self) -> Result<Vec<Remembered>, MemoryError> {
        let failed = |path: &Path, why: String| MemoryError { path: path.to_owned(), why };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&self.folder, error.to_string())),
        };
        let mut all = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| failed(&self.folder, error.to_string()))?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let bytes = fs::read(&path).map_err(|error| failed(&path, error.to_string()))?;
            let read: Remembered = serde_json::from_slice(&bytes).map_err(|error| failed(&path, error.to_string()))?;
            if read.seen().is_none() || read.verifier_keys().len() != read.keys.len() {
                return Err(failed(&path, "its checkpoint or a key does not read".to_owned()));
            }
            all.push(read);
        }
        all.sort_by(|a, b| (&a.origin, &a.keys).cmp(&(&b.origin, &b.keys)));
        Ok(all)
    }

    /// What is remembered of a log by its name and one of the keys that are believed.
    ///
    /// # Errors
    /// As [`Memory::all`].
    pub fn of_log(&self, origin: &str, keys: &[VerifierKey]) -> Result<Option<Remembered>, MemoryError> {
        let known =
            |own: &Remembered| own.origin == origin && own.keys.iter().any(|key| keys.iter().any(|other| other.to_string() == *key));
        Ok(self.all()?.into_iter().find(known))
    }

    /// Remembers a log's state, in place of the one before.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remember(&self, state: &Remembered) -> Result<(), MemoryError> {
        let text = serde_json::to_string_pretty(state).map_err(|error| self.failed(&state.file_name(), error.to_string()))?;
        self.write(&state.file_name(), text.as_bytes())
    }

    fn failed(&self, name: &str, why: String) -> MemoryError {
        MemoryError { path: self.folder.join(name), why }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), MemoryError> {
        let path = self.folder.join(name);
        let written = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            fs::File::open(&self.folder)?.sync_all()
        };
        written().map_err(|error| self.failed(name, error.to_string()))
    }

    /// Keeps two notes that cannot both be of one history; gives their files.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn keep_evidence(&self, old: &str, new: &str) -> Result<[PathBuf; 2], MemoryError> {
        let digest = Digest::of(format!("{old}\n{new}").as_bytes()).to_hex();
        let id = digest.get(..16).unwrap_or_default();
        let names = [format!("fork-{id}-remembered.note"), format!("fork-{id}-shown.note")];
        for (name, note) in names.iter().zip([old, new]) {
            self.write(name, note.as_bytes())?;
        }
        Ok(names.map(|name| self.folder.join(name)))
    }

    /// Holds a checkpoint against an earlier one of the same log, and says what is wrong.
    ///
    /// `root_at` gives the root that the log shown now had at an earlier size; none where nobody can tell.
    pub fn compare(
        &self,
        what: &str,
        earlier: &str,
        shown: (&str, &Checkpoint),
        root_at: impl FnOnce(u64) -> Option<Digest>,
        report: &mut Report,
    ) -> Compared {
        let (note, new) = shown;
        let Some(old) = Note::parse(earlier).ok().and_then(|note| Checkpoint::parse(&note.text).ok()) else {
            report.fail(Finding::new("checkpoint", what, "the checkpoint to compare with does not read"));
            return Compared::Differs;
        };
        if new.size < old.size {
            return Compared::Older { seen: old.size };
        }
        let root = if new.size == old.size { Some(new.root) } else { root_at(old.size) };
        match root {
            Some(root) if root == old.root => Compared::Consistent { grown: new.size - old.size },
            None => Compared::Unknown { seen: old.size },
            Some(root) => {
                let kept = match self.keep_evidence(earlier, note) {
                    Ok([old, new]) => format!("both signed notes are kept as evidence in {} and {}", old.display(), new.display()),
                    Err(error) => format!("the notes could not be kept: {error}"),
                };
                let wrong = format!(
                    "FORK: a checkpoint seen before has {} leaves under the root {}, and the log shown now had the root {root} then: \
                     it shows two histories",
                    old.size, old.root
                );
                report.fail(Finding::new("fork", what, wrong).at(format!("size {}", old.size)).right(kept));
                Compared::Differs
            }
        }
    }
}

/// How a checkpoint stands to an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The log only grew.
    Consistent {
        /// By so many leaves.
        grown: u64,
    },
    /// It has fewer leaves than were seen.
    Older {
        /// Leaves seen before.
        seen: u64,
    },
    /// Nothing at hand tells.
    Unknown {
        /// Leaves seen before.
        seen: u64,
    },
    /// They are of two histories; the report says so.
    Differs,
}
