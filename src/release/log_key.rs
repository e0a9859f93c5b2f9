//! The keys that sign checkpoints: a file beside the data, or wherever the operator keeps it.
//!
//! The file holds one signer key a line (C2SP signed-note, the form of Go's `sumdb/note`). Which of them is the log's own is
//! not the file's to say: the database names the first one, and each later one is a fact of the log. Former keys that are
//! still in the file sign beside the current one, so that clients who know only them can go on until they have the new one.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::ReleaseError;
use crate::store::StoreError;
use crate::tlog::{KeyKind, Note, SignerKey, VerifierKey};

/// What stands above the keys in a file.
const HEADER: &str =
    "# Signs the checkpoints of a transparency log. Whoever holds it can sign for this log: keep it secret, keep a copy.\n";

/// The signer keys of a file.
pub struct LogKeys {
    path: PathBuf,
    keys: Vec<SignerKey>,
}

impl LogKeys {
    /// Reads the file; none: it is not there.
    ///
    /// # Errors
    /// [`ReleaseError::Key`] when a line is no signer key, or others may read the file.
    pub fn read(path: &Path) -> Result<Option<Self>, ReleaseError> {
        let refuse = |why: String| ReleaseError::Key { path: path.to_owned(), why };
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", path)(error).into()),
        };
        let mode = fs::metadata(path).map_err(StoreError::io("look at", path))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(refuse(format!("others may read it (mode {:o}): run chmod 600 on it", mode & 0o777)));
        }
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
            let key: SignerKey = line.trim().parse().map_err(|error| refuse(format!("line {}: {error}", number + 1)))?;
            if key.verifier().kind() != KeyKind::Ed25519 {
                return Err(refuse(format!("line {}: it is a witness's key, not a log's", number + 1)));
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(refuse("it holds no key".to_owned())) } else { Ok(Some(Self { path: path.to_owned(), keys })) }
    }

    /// Makes a new key in a new file that its owner alone may read.
    ///
    /// # Errors
    /// When the file is there, or cannot be written.
    pub fn create(path: &Path, origin: &str) -> Result<Self, ReleaseError> {
        let keys = Self { path: path.to_owned(), keys: vec![new_key(path, origin, KeyKind::Ed25519)?] };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(StoreError::io("make", folder))?;
        }
        write_secret(path, &keys.to_text())?;
        Ok(keys)
    }

    /// The verifier keys, in the order of the file.
    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.keys.iter().map(|key| key.verifier().clone()).collect()
    }

    /// Adds a new key of the same origin to the file; it signs nothing before it is a fact of the log.
    ///
    /// # Errors
    /// When the file cannot be replaced.
    pub fn add(&mut self, origin: &str) -> Result<VerifierKey, ReleaseError> {
        let key = new_key(&self.path, origin, KeyKind::Ed25519)?;
        let verifier = key.verifier().clone();
        self.keys.push(key);
        self.replace_file()?;
        Ok(verifier)
    }

    /// Removes every key but this one from the file.
    ///
    /// # Errors
    /// When the file cannot be replaced.
    pub fn keep_only(&mut self, key: &VerifierKey) -> Result<usize, ReleaseError> {
        let before = self.keys.len();
        self.keys.retain(|own| own.verifier() == key);
        self.replace_file()?;
        Ok(before - self.keys.len())
    }

    /// Signs a text with the keys that the log knows, the current one (the last) first.
    ///
    /// # Errors
    /// [`ReleaseError::Key`] when the file lacks the current key.
    pub fn sign(&self, text: &str, known: &[String]) -> Result<Note, ReleaseError> {
        let Some((current, former)) = known.split_last() else {
            return Err(ReleaseError::Key { path: self.path.clone(), why: "the log has no key yet".to_owned() });
        };
        let first = self.find(current)?;
        let signers = std::iter::once(first).chain(former.iter().rev().filter_map(|key| self.find(key).ok()));
        let signers: Vec<&SignerKey> = signers.collect();
        Note::sign(text, &signers).map_err(|error| ReleaseError::Key { path: self.path.clone(), why: error.to_string() })
    }

    /// The signer of a verifier key.
    ///
    /// # Errors
    /// [`ReleaseError::Key`] when the file does not hold it.
    pub fn find(&self, vkey: &str) -> Result<&SignerKey, ReleaseError> {
        self.keys.iter().find(|key| key.verifier().to_string() == vkey).ok_or_else(|| ReleaseError::Key {
            path: self.path.clone(),
            why: format!("it does not hold the log's key {vkey}: give the right file with --log-key"),
        })
    }

    fn to_text(&self) -> String {
        let lines: String = self.keys.iter().map(|key| format!("{}\n", key.to_text().as_str())).collect();
        format!("{HEADER}{lines}")
    }

    fn replace_file(&self) -> Result<(), ReleaseError> {
        let next = self.path.with_extension("next");
        drop(fs::remove_file(&next)); // of somebody who died here before
        write_secret(&next, &self.to_text())?;
        fs::rename(&next, &self.path).map_err(StoreError::io("replace", &self.path))?;
        Ok(())
    }
}

/// A new key from the system's random numbers.
///
/// # Errors
/// When the system has none, or the name is not one for a key.
pub fn new_key(path: &Path, name: &str, kind: KeyKind) -> Result<SignerKey, ReleaseError> {
    let refuse = |why: String| ReleaseError::Key { path: path.to_owned(), why };
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| refuse(format!("the system gives no random numbers: {error}")))?;
    SignerKey::generate(name, kind, &seed).map_err(|error| refuse(error.to_string()))
}

/// Writes a file that its owner alone may read, and that was not there.
///
/// # Errors
/// When it is there, or the disk fails.
pub fn write_secret(path: &Path, text: &str) -> Result<(), ReleaseError> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(StoreError::io("make", path))?;
    file.write_all(text.as_bytes()).map_err(StoreError::io("write", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io("sync", folder))?;
    Ok(())
}
