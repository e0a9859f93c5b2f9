//! A text index in one file: written once, renamed into its place, and read without a lock or a write.
//!
//! First the magic with the format's number, the digest of the lines, the length of the list of files and the list (JSON: name,
//! offset, length); then the files; last the SHA-256 of everything before it, which opening checks.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tantivy::Directory;
use tantivy::directory::error::{DeleteError, LockError, OpenReadError, OpenWriteError};
use tantivy::directory::{DirectoryLock, FileHandle, FileSlice, Lock, MmapDirectory, WatchCallback, WatchHandle, WritePtr};

use crate::canon::{Digest, Hasher};

/// First bytes of the file; the last digit is its format, and is raised with every change of fields or words.
const MAGIC: &[u8; 8] = b"TYTEXTS1";
/// Magic, digest of the lines, length of the list.
const HEAD: usize = 8 + 32 + 8;
/// The digest at the end.
const TRAILER: usize = 32;

/// The name of the file for lines with this digest.
pub(super) fn file_name(lines: &Digest) -> String {
    format!("{}.texts", lines.to_hex())
}

/// The files of an index, as they stand in its one file.
#[derive(Debug, Clone)]
pub(super) struct Pack {
    file: FileSlice,
    places: Arc<BTreeMap<PathBuf, Range<usize>>>,
}

impl Pack {
    /// Opens the file of these lines; nothing where it is missing, damaged, foreign or of another format.
    pub(super) fn open(folder: &Path, lines: &Digest) -> Option<Self> {
        let file = MmapDirectory::open(folder).ok()?.open_read(Path::new(&file_name(lines))).ok()?;
        let all = file.read_bytes().ok()?;
        let (body, trailer) = all.split_at_checked(all.len().checked_sub(TRAILER)?)?;
        if !body.starts_with(MAGIC) || body.get(8..40)? != lines.as_bytes() || Digest::of(body).as_bytes() != trailer {
            return None;
        }
        let length = usize::try_from(u64::from_le_bytes(*body.get(40..HEAD)?.first_chunk()?)).ok()?;
        let list: Vec<(PathBuf, usize, usize)> = serde_json::from_slice(body.get(HEAD..HEAD.checked_add(length)?)?).ok()?;
        let start = HEAD + length;
        let place = |(path, offset, length): (PathBuf, usize, usize)| {
            let from = start.checked_add(offset)?;
            let to = from.checked_add(length)?;
            (to <= body.len()).then_some((path, from..to))
        };
        let places = list.into_iter().map(place).collect::<Option<_>>()?;
        Some(Self { file, places: Arc::new(places) })
    }

    /// Writes the files of a folder as one and renames it into its place, so that a reader sees all of it or none.
    pub(super) fn write(files: &Path, lines: &Digest, folder: &Path) -> std::io::Result<()> {
        let mut list: Vec<(String, u64, u64)> = Vec::new();
        let mut names: Vec<PathBuf> = std::fs::read_dir(files)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        names.sort();
        let hidden = |path: &PathBuf| path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
        names.retain(|path| !hidden(path) && path.is_file());
        let mut offset = 0;
        for path in &names {
            let length = path.metadata()?.len();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            list.push((name, offset, length));
            offset += length;
        }
        let list = serde_json::to_vec(&list)?;
        let mut out = Hashed { out: BufWriter::new(tempfile::NamedTempFile::new_in(folder)?), hasher: Hasher::new() };
        out.write_all(MAGIC)?;
        out.write_all(lines.as_bytes())?;
        out.write_all(&u64::try_from(list.len()).unwrap_or(0).to_le_bytes())?;
        out.write_all(&list)?;
        for path in &names {
            out.copy(File::open(path)?)?;
        }
        let Hashed { mut out, hasher } = out;
        out.write_all(hasher.finish().as_bytes())?;
        let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(folder.join(file_name(lines))).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    }

    fn place(&self, path: &Path) -> Result<FileSlice, OpenReadError> {
        let place = self.places.get(path).ok_or_else(|| OpenReadError::FileDoesNotExist(path.to_owned()))?;
        Ok(self.file.slice(place.clone()))
    }
}

/// What is written, and its digest.
struct Hashed {
    out: BufWriter<tempfile::NamedTempFile>,
    hasher: Hasher,
}

impl Hashed {
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }

    fn copy(&mut self, mut from: File) -> std::io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let count = from.read(&mut buffer)?;
            match buffer.get(..count).filter(|read| !read.is_empty()) {
                Some(read) => self.write_all(read)?,
                None => return Ok(()),
            }
        }
    }
}

fn refused(path: &Path) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::ReadOnlyFilesystem, format!("{} is read and not written", path.display()))
}

impl Directory for Pack {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        Ok(Arc::new(self.place(path)?))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        Err(DeleteError::IoError { io_error: Arc::new(refused(path)), filepath: path.to_owned() })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        Ok(self.places.contains_key(path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        Err(OpenWriteError::IoError { io_error: Arc::new(refused(path)), filepath: path.to_owned() })
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        let bytes = self.place(path)?.read_bytes();
        bytes.map(|bytes| bytes.to_vec()).map_err(|error| OpenReadError::IoError { io_error: Arc::new(error), filepath: path.to_owned() })
    }

    fn atomic_write(&self, path: &Path, _: &[u8]) -> std::io::Result<()> {
        Err(refused(path))
    }

    fn sync_directory(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn acquire_lock(&self, _: &Lock) -> Result<DirectoryLock, LockError> {
        // the file never changes, so that nobody has to be kept from it
        Ok(DirectoryLock::from(Box::new(())))
    }

    fn watch(&self, _: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}
