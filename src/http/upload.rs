//! One upload on its way to a file: bounded, never in memory, and removed unless it becomes an import.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use serde_json::json;

use super::Problem;
use super::imports::off_thread;
use crate::desk::{remove_upload, upload_file};
use crate::release::{Ground, ReleaseError};

/// How much is gathered before it is written.
const BUFFER_BYTES: usize = 1 << 20;

/// The longest name of a file, in bytes.
const NAME_BYTES: usize = 120;

/// A folder that goes unless it is kept.
struct Folder {
    ground: Ground,
    name: String,
    kept: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept {
            remove_upload(&self.ground, &self.name);
        }
    }
}

/// An upload that is being received.
pub(super) struct Upload {
    folder: Folder,
    file: Option<File>,
    buffer: Vec<u8>,
    bytes: u64,
    limit: u64,
}

impl Upload {
    /// Makes its folder and file.
    pub(super) async fn begin(ground: Ground, limit: u64) -> Result<Self, Problem> {
        off_thread(move || {
            let fault = |error: std::io::Error| Problem::from(ReleaseError::Io(error));
            let mut random = [0; 16];
            getrandom::fill(&mut random).map_err(|error| fault(std::io::Error::other(error.to_string())))?;
            let name = hex::encode(random);
            let path = ground.uploads().join(&name);
            std::fs::create_dir_all(path.join("upload")).map_err(fault)?;
            let folder = Folder { ground, name, kept: false };
            let file = File::options().write(true).create_new(true).open(path.join("arriving")).map_err(fault)?;
            Ok(Self { folder, file: Some(file), buffer: Vec::new(), bytes: 0, limit })
        })
        .await?
    }

    /// How many bytes came so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes the next bytes.
    pub(super) async fn write(&mut self, part: &[u8]) -> Result<(), Problem> {
        self.bytes = self.bytes.saturating_add(part.len() as u64);
        if self.bytes > self.limit {
            return Err(Problem::new("body-too-large", format!("an upload has at most {} bytes", self.limit)));
        }
        self.buffer.extend_from_slice(part);
        if self.buffer.len() >= BUFFER_BYTES { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), Problem> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        let buffer = std::mem::take(&mut self.buffer);
        let written = off_thread(move || file.write_all(&buffer).map(|()| file)).await?;
        self.file = Some(written.map_err(|error| Problem::from(ReleaseError::Io(error)))?);
        Ok(())
    }

    /// Brings it to disk under its name.
    pub(super) async fn finish(mut self, file_name: String) -> Result<Finished, Problem> {
        self.flush().await?;
        let Self { folder, file, bytes, .. } = self;
        off_thread(move || {
            let home: PathBuf = folder.ground.uploads().join(&folder.name);
            let settle = || {
                file.map_or(Ok(()), |file| file.sync_all())?;
                std::fs::rename(home.join("arriving"), upload_file(&home, &file_name))?;
                File::open(home.join("upload")).and_then(|folder| folder.sync_all())?;
                File::open(folder.ground.uploads()).and_then(|folder| folder.sync_all())
            };
            settle().map_err(|error| Problem::from(ReleaseError::Io(error)))?;
            Ok(Finished { folder, file_name, bytes })
        })
        .await?
    }
}

/// An upload that lies on disk.
pub(super) struct Finished {
    folder: Folder,
    file_name: String,
    bytes: u64,
}

impl Finished {
    pub(super) fn folder(&self) -> &str {
        &self.folder.name
    }

    pub(super) fn file_name(&self) -> &str {
        &self.file_name
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// It is a job's now.
    pub(super) fn keep(mut self) {
        self.folder.kept = true;
    }
}

/// A name that is one plain file's.
pub(super) fn sound_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let sound = !name.is_empty()
        && name.len() <= NAME_BYTES
        && !name.starts_with('.')
        && !name.contains(['/', '\\'])
        && !name.chars().any(char::is_control);
    if sound {
        return Ok(name.to_owned());
    }
    let detail = format!("the name of the file has 1 to {NAME_BYTES} bytes, no folders, no control characters, and no dot at its start");
    Err(Problem::with("invalid-parameter", detail, json!({"parameter": "file_name"})))
}
