//! What a witness remembers, and how it signs: check and store are one step, and the disk comes before the answer.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};

use crate::canon::Digest;
use crate::tlog::{AddCheckpoint, AddCheckpointError, Checkpoint, KeyKind, Note, SignerKey, VerifierKey, WitnessRefusal};

/// The file that the one witness of a folder holds locked.
const LOCK_NAME: &str = "lock";

/// Why a witness does not start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The key signs no checkpoints of others.
    #[error("`{0}` is no witness's key (type 0x04): make one with `tanyin key new NAME --witness -o FILE`")]
    Key(String),
    /// The key signs for witnesses.
    #[error("`{0}` is a witness's key (type 0x04): a log signs with type 0x01; `/log/key` of the log's server has it")]
    LogKey(String),
    /// Nothing to watch.
    #[error("no log is named: a witness signs for the logs that it knows")]
    NoLog,
    /// Two witnesses with one memory could sign two histories.
    #[error("another witness uses the folder {}: end it first, or give this one a folder of its own", .0.display())]
    Taken(PathBuf),
    /// A remembered checkpoint that cannot be trusted.
    #[error(
        "{}: {why}; nothing is signed for its log without it: bring it back from a backup that is not older than the last cosignature, or begin anew with a new key",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The disk.
    #[error("cannot {what} {}: {source}", path.display())]
    Disk {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// 400: the request cannot be read.
    #[error(transparent)]
    Unreadable(#[from] AddCheckpointError),
    /// The rules of tlog-witness; each has its status.
    #[error(transparent)]
    Refused(#[from] WitnessRefusal),
    /// The witness itself is broken.
    #[error(transparent)]
    Broken(#[from] WitnessError),
}

/// A witness with its key, the logs that it knows, and its memory.
#[derive(Debug)]
pub struct Witness {
    key: SignerKey,
    logs: Vec<VerifierKey>,
    folder: PathBuf,
    clock: fn() -> u64,
    /// One decision at a time: what was read is still so when it is replaced.
    deciding: Mutex<()>,
    /// Held as long as the process lives, so that no second one decides on the same memory.
    _lock: File,
}

/// The latest checkpoint that was cosigned for a log.
struct Remembered {
    size: u64,
    root: Digest,
    /// When it was signed last, Unix seconds.
    time: u64,
}

fn disk(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WitnessError {
    let path = path.to_owned();
    move |source| WitnessError::Disk { what, path, source }
}

/// Seconds since 1970 by the system's clock.
fn system_time() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

impl Witness {
    /// Takes up the memory in a folder, or begins one there; each of `logs` is a log's key, whose name is the log's origin.
    ///
    /// # Errors
    /// [`WitnessError`]: a key of the wrong kind, a folder that another process uses, a damaged file of the memory.
    pub fn open(key: SignerKey, logs: Vec<VerifierKey>, folder: &Path) -> Result<Self, WitnessError> {
        Self::open_with_clock(key, logs, folder, system_time)
    }

    /// The same with another clock, which tells Unix seconds.
    ///
    /// # Errors
    /// As [`Witness::open`].
    pub fn open_with_clock(key: SignerKey, logs: Vec<VerifierKey>, folder: &Path, clock: fn() -> u64) -> Result<Self, WitnessError> {
        if key.verifier().kind() != KeyKind::Cosignature {
            return Err(WitnessError::Key(key.name().to_owned()));
        }
        if let Some(wrong) = logs.iter().find(|log| log.kind() != KeyKind::Ed25519) {
            return Err(WitnessError::LogKey(wrong.name().to_owned()));
        }
        if logs.is_empty() {
            return Err(WitnessError::NoLog);
        }
        fs::create_dir_all(folder).map_err(disk("make", folder))?;
        let path = folder.join(LOCK_NAME);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(disk("open", &path))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(WitnessError::Taken(folder.to_owned())),
            Err(error) => return Err(disk("lock", &path)(error.into())),
        }
        let witness = Self { key, logs, folder: folder.to_owned(), clock, deciding: Mutex::new(()), _lock: lock };
        for log in &witness.logs {
            witness.recall(log.name())?;
        }
        Ok(witness)
    }

    /// The key that others verify this witness's cosignatures with.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The logs' keys.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The file that remembers a log.
    pub fn state_path(&self, origin: &str) -> PathBuf {
        self.folder.join(format!("{}.checkpoint", Digest::of(origin.as_bytes()).to_hex()))
    }

    /// Cosigns the checkpoint of a request (`add-checkpoint`) and gives the signature line, with its line feed.
    ///
    /// The new checkpoint is on disk when this returns. What it gives for one log never tells of two histories, of a smaller
    /// tree, or of an earlier time than before, also when the process is killed at any moment.
    ///
    /// # Errors
    /// [`AddError`]; nothing was signed then.
    pub fn add_checkpoint(&self, request: &[u8]) -> Result<String, AddError> {
        let request = AddCheckpoint::parse(request)?;
        let origin = request.checkpoint.origin.as_str();
        let keys: Vec<VerifierKey> = self.logs.iter().filter(|log| log.name() == origin).cloned().collect();
        let _one = self.deciding.lock().unwrap_or_else(PoisonError::into_inner);
        // read anew each time: after a fault of the disk nobody knows better than the disk
        let known = if keys.is_empty() { None } else { self.recall(origin)? };
        let decided = request.decide(&keys, known.as_ref().map(|known| (known.size, known.root)));
        if let Err(WitnessRefusal::Fork { known }) = &decided {
            self.keep_evidence(&request, *known)?;
        }
        decided?;
        let time = (self.clock)().max(known.map_or(0, |known| known.time));
        let broken = |error: &dyn std::fmt::Display| WitnessError::Damaged { path: self.state_path(origin), why: error.to_string() };
        let line = self.key.cosign(&request.note.text, time).map_err(|error| broken(&error))?;
        let note = Note { text: request.note.text.clone(), signatures: vec![line.clone()] };
        self.replace(&self.state_path(origin), note.to_string().as_bytes())?;
        Ok(line.to_string())
    }

    /// What is remembered of a log; believed only with this witness's own signature.
    fn recall(&self, origin: &str) -> Result<Option<Remembered>, WitnessError> {
        let path = self.state_path(origin);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk("read", &path)(error)),
        };
        let damaged = |why: String| WitnessError::Damaged { path: path.clone(), why };
        let note = Note::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
        let own = [self.key.verifier().clone()];
        let signed = note.verify(&own).map_err(|error| damaged(error.to_string()))?;
        let time = signed.iter().find_map(|signed| signed.time).ok_or_else(|| damaged("it holds no cosignature".to_owned()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| damaged(error.to_string()))?;
        if checkpoint.origin != origin {
            return Err(damaged(format!("it is of the log `{}`, not of `{origin}`", checkpoint.origin)));
        }
        Ok(Some(Remembered { size: checkpoint.size, root: checkpoint.root, time }))
    }

    /// A log that signed two roots for one size has shown two histories: its note is kept, the first of each size.
    fn keep_evidence(&self, request: &AddCheckpoint, size: u64) -> Result<(), WitnessError> {
        let origin = &request.checkpoint.origin;
        let path = self.folder.join(format!("{}.fork", Digest::of(origin.as_bytes()).to_hex()));
        if !path.exists() {
            self.replace(&path, request.note.to_string().as_bytes())?;
        }
        let (remembered, evidence) = (self.state_path(origin), path.display());
        tracing::error!(origin, size, %evidence, remembered = %remembered.display(), "the log signed two histories: both notes are kept");
        Ok(())
    }

    /// All of the old or all of the new, and on disk when it returns.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), WitnessError> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(disk("make a file in", &self.folder))?;
        file.write_all(bytes).map_err(disk("write", path))?;
        file.as_file().sync_all().map_err(disk("sync", path))?;
        file.persist(path).map_err(|error| disk("replace", path)(error.error))?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(disk("sync", &self.folder))
    }
}
