//! Files with a name of their own, which others fetch by place, not by digest: tiles of the log, write-once, and its checkpoint.
//!
//! The checkpoint alone is ever replaced; what is staged for a commit is removed after it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::blobs::settle;
use super::{Blobs, StoreError};
use crate::canon::Digest;

impl Blobs {
    /// Stores bytes under a name such as `log/tile/0/000.p/7`; storing the same again is fine.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the name holds other bytes; when the disk fails, or the name is not one.
    pub fn put_named(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.named_path(name)?;
        let mut file = self.temporary_file()?;
        file.write_all(bytes).map_err(StoreError::io("write", &path))?;
        settle(file, Digest::of(bytes))?.into_place(&path)
    }

    /// Reads what stands under a name; none: nothing does.
    ///
    /// # Errors
    /// When the disk fails, or the name is not one.
    pub fn read_named(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.named_path(name)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", &path)(error)),
        }
    }

    /// Puts bytes under a name in the place of those that stand there, so that a reader sees all of the old or all of the new.
    ///
    /// # Errors
    /// When the disk fails, or the name is not one.
    pub fn replace_named(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.named_path(name)?;
        let mut file = self.temporary_file()?;
        file.write_all(bytes).map_err(StoreError::io("write", &path))?;
        settle(file, Digest::of(bytes))?.over(&path)
    }

    /// Removes a file, or a folder with all that is in it; it is fine if nothing is there.
    ///
    /// # Errors
    /// When the disk fails, or the name is not one.
    pub fn remove_named(&self, name: &str) -> Result<(), StoreError> {
        let path = self.named_path(name)?;
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// All names in a folder such as `log/tile` and those below it, sorted.
    ///
    /// # Errors
    /// When the disk fails, or the folder's name is not one.
    pub fn list_named(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let folder = folder.trim_end_matches('/');
        let mut names = Vec::new();
        collect(&self.named_path(folder)?, folder, &mut names)?;
        names.sort_unstable();
        Ok(names)
    }

    /// A name is `a/b/c` of `[a-z0-9._-]`; no part begins with a dot; `sha256` and `tmp` are the blobs' own.
    fn named_path(&self, name: &str) -> Result<PathBuf, StoreError> {
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.bytes().all(letter);
        let own = matches!(name.split('/').next(), Some("sha256" | "tmp"));
        if own || !name.split('/').all(part) {
            let why = io::Error::new(io::ErrorKind::InvalidInput, "this is not a name for a write-once file");
            return Err(StoreError::io("use", Path::new(name))(why));
        }
        Ok(self.root.join(name))
    }
}

fn collect(path: &Path, name: &str, names: &mut Vec<String>) -> Result<(), StoreError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io("list", path)(error)),
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::io("list", path))?;
        let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(StoreError::io("list", path))?.is_dir() {
            collect(&entry.path(), &inner, names)?;
        } else {
            names.push(inner);
        }
    }
    Ok(())
}
