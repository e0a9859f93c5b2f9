//! Write-once files named by their SHA-256, in a directory.
//!
//! `<root>/sha256/ab/<hex>` holds a blob, `<root>/tmp` what is being written. A file comes into its place whole, with its
//! bytes on disk and read back, or not at all; nothing ever replaces it.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use super::StoreError;
use crate::canon::{Digest, Hasher};

/// What a writer that died left behind is removed after a day: no living writer is that slow.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

const BUFFER_BYTES: usize = 256 * 1024;

/// A blob that grows larger is written by a thread of its own.
const WORTH_A_THREAD: u64 = 4 * 1024 * 1024;

/// The write-once files of a server: raw sources, artefacts, reports.
#[derive(Clone, Debug)]
pub struct Blobs {
    pub(super) root: PathBuf,
}

/// A blob that is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its name: the SHA-256 of its bytes.
    pub digest: Digest,
    /// Its size.
    pub bytes: u64,
}

impl Blobs {
    /// Opens the blobs in a directory, which is made if it is not there, and removes what dead writers left behind.
    ///
    /// # Errors
    /// When the directory cannot be made or read.
    pub fn open(root: impl AsRef<Path>) -> Result<Self, StoreError> {
        let root = std::path::absolute(root.as_ref()).map_err(StoreError::io("find", root.as_ref()))?;
        let blobs = Self { root };
        make_directory(&blobs.root.join("sha256"))?;
        make_directory(&blobs.temporary())?;
        blobs.remove_leftovers()?;
        Ok(blobs)
    }

    /// Opens the blobs that a URL names: `file:PATH` or `file://PATH`.
    ///
    /// # Errors
    /// [`StoreError::Address`] for any other URL; otherwise as [`Blobs::open`].
    pub fn open_url(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("file", path)) => match path.strip_prefix("//").unwrap_or(path) {
                "" => Err(StoreError::Address("file: needs the path of a directory".to_owned())),
                path => Self::open(path),
            },
            Some(("s3", _)) => {
                Err(StoreError::Address("this version keeps blobs in a directory, not in a bucket: give file:PATH".to_owned()))
            }
            _ => Err(StoreError::Address("a blob URL is file:PATH".to_owned())),
        }
    }

    /// The directory that they lie in.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a blob whose bytes come bit by bit.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn writer(&self) -> Result<BlobWriter, StoreError> {
        let here = Some(Part { file: self.temporary_file()?, hasher: Hasher::new() });
        Ok(BlobWriter { blobs: self.clone(), here, beside: None, buffer: Vec::new(), bytes: 0 })
    }

    /// Stores bytes; storing them again is fine.
    ///
    /// # Errors
    /// When the disk fails; [`StoreError::Corrupt`] when what was read back differs, or an older copy is damaged.
    pub fn put(&self, bytes: &[u8]) -> Result<StoredBlob, StoreError> {
        let mut writer = self.writer()?;
        writer.write_all(bytes).map_err(StoreError::io("write", &self.temporary()))?;
        writer.finish()
    }

    /// Stores a copy of a file whose digest is known already; nothing where the copy has other bytes, as of a file that changed.
    ///
    /// # Errors
    /// As [`Blobs::put`]; when the file cannot be read.
    pub fn put_copy(&self, path: &Path, digest: Digest) -> Result<Option<StoredBlob>, StoreError> {
        let mut source = File::open(path).map_err(StoreError::io("open", path))?;
        let mut copy = self.temporary_file()?;
        let bytes = io::copy(&mut source, copy.as_file_mut()).map_err(StoreError::io("copy", path))?;
        match settle(copy, digest) {
            Ok(settled) => settled.into_place(&self.path(digest))?,
            Err(StoreError::Corrupt { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(Some(StoredBlob { digest, bytes }))
    }

    /// Where the blob lies, if it is there.
    #[must_use]
    pub fn path(&self, digest: Digest) -> PathBuf {
        let hex = digest.to_hex();
        let folder: String = hex.chars().take(2).collect();
        self.root.join("sha256").join(folder).join(hex)
    }

    /// Whether the blob is there; its bytes are not looked at.
    #[must_use]
    pub fn contains(&self, digest: Digest) -> bool {
        self.path(digest).is_file()
    }

    /// Opens the blob; its bytes are not verified.
    ///
    /// # Errors
    /// When it cannot be opened; [`StoreError::is_missing`] tells whether it is not there.
    pub fn open_blob(&self, digest: Digest) -> Result<File, StoreError> {
        let path = self.path(digest);
        File::open(&path).map_err(StoreError::io("open", &path))
    }

    /// Reads the blob, and verifies it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its bytes are not those that were stored.
    pub fn read(&self, digest: Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path(digest);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        expect_digest(&path, digest, Digest::of(&bytes))?;
        Ok(bytes)
    }

    /// Verifies the blob without holding it in memory, and returns its size.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when its bytes are not those that were stored.
    pub fn verify(&self, digest: Digest) -> Result<u64, StoreError> {
        let path = self.path(digest);
        let (found, bytes) = hash_file(&path)?;
        expect_digest(&path, digest, found)?;
        Ok(bytes)
    }

    /// Maps the blob into memory; its bytes are not verified.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    pub fn map(&self, digest: Digest) -> Result<Mapped, StoreError> {
        Mapped::open(&self.path(digest))
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// A new file beside the final places, so that it can be moved there in one step.
    pub(super) fn temporary_file(&self) -> Result<NamedTempFile, StoreError> {
        let folder = self.temporary();
        tempfile::Builder::new().prefix("put-").tempfile_in(&folder).map_err(StoreError::io("write", &folder))
    }

    /// Best effort: a leftover costs space and nothing else, and a read-only server cannot remove it.
    fn remove_leftovers(&self) -> Result<(), StoreError> {
        let folder = self.temporary();
        let now = SystemTime::now();
        for entry in fs::read_dir(&folder).map_err(StoreError::io("list", &folder))? {
            let entry = entry.map_err(StoreError::io("list", &folder))?;
            let changed = entry.metadata().and_then(|data| data.modified());
            let age = changed.ok().and_then(|changed| now.duration_since(changed).ok());
            if age.is_some_and(|age| age > LEFTOVER_AGE) {
                drop(fs::remove_file(entry.path()));
            }
        }
        Ok(())
    }
}

/// A blob in the making. Dropped unfinished, it leaves nothing.
///
/// A large one is hashed and written by a thread of its own, while the next bytes are made.
pub struct BlobWriter {
    blobs: Blobs,
    /// Either this takes the bytes, or a thread does.
    here: Option<Part>,
    beside: Option<Beside>,
    buffer: Vec<u8>,
    bytes: u64,
}

/// What was written so far, and its hash.
struct Part {
    file: NamedTempFile,
    hasher: Hasher,
}

impl Part {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }
}

/// A thread that takes full buffers and hands them back empty.
struct Beside {
    full: Option<SyncSender<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<Part>>>,
}

impl Beside {
    fn start(mut part: Part) -> Self {
        let (full, filled) = sync_channel::<Vec<u8>>(2);
        let (emptied, empty) = channel();
        let thread = std::thread::spawn(move || {
            for mut bytes in filled {
                part.take(&bytes)?;
                bytes.clear();
                drop(emptied.send(bytes));
            }
            Ok(part)
        });
        Self { full: Some(full), empty, thread: Some(thread) }
    }

    fn send(&mut self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self.full.as_ref().map(|full| full.send(bytes)) {
            Some(Ok(())) => Ok(self.empty.try_recv().unwrap_or_default()),
            _ => Err(self.end().err().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Waits until all is written.
    fn end(&mut self) -> io::Result<Part> {
        self.full = None;
        let Some(thread) = self.thread.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.thread.is_some() {
            drop(self.end()); // the file goes with it
        }
    }
}

impl BlobWriter {
    /// How many bytes were written so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Brings the bytes to disk, reads them back, and puts the blob into its place.
    ///
    /// # Errors
    /// When the disk fails; [`StoreError::Corrupt`] when what was read back differs, or an older copy is damaged.
    pub fn finish(mut self) -> Result<StoredBlob, StoreError> {
        let folder = self.blobs.temporary();
        self.hand_over().map_err(StoreError::io("write", &folder))?;
        let part = match (self.here, self.beside.as_mut().map(Beside::end)) {
            (_, Some(ended)) => ended.map_err(StoreError::io("write", &folder))?,
            (Some(part), None) => part,
            (None, None) => return Err(StoreError::io("write", &folder)(io::ErrorKind::BrokenPipe.into())),
        };
        let stored = StoredBlob { digest: part.hasher.finish(), bytes: self.bytes };
        let path = self.blobs.path(stored.digest);
        settle(part.file, stored.digest)?.into_place(&path)?;
        Ok(stored)
    }

    /// Hands the buffer to the hash and the file.
    fn hand_over(&mut self) -> io::Result<()> {
        if let Some(beside) = &mut self.beside {
            self.buffer = beside.send(std::mem::take(&mut self.buffer))?;
        } else if let Some(part) = &mut self.here {
            part.take(&self.buffer)?;
            self.buffer.clear();
        }
        if self.bytes > WORTH_A_THREAD {
            self.beside = self.here.take().map(Beside::start).or_else(|| self.beside.take());
        }
        Ok(())
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BUFFER_BYTES.saturating_sub(self.buffer.len()).min(bytes.len());
        self.buffer.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(room.try_into().unwrap_or(u64::MAX));
        if self.buffer.len() >= BUFFER_BYTES {
            self.hand_over()?;
        }
        Ok(room)
    }

    /// What is written is not seen before it is finished, so there is nothing to hasten.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A temporary file whose bytes are on disk, read back, and read-only.
pub(super) struct Settled {
    file: NamedTempFile,
    digest: Digest,
}

/// Brings a temporary file to disk, and reads it back.
pub(super) fn settle(file: NamedTempFile, digest: Digest) -> Result<Settled, StoreError> {
    let path = file.path().to_owned();
    file.as_file().set_permissions(Permissions::from_mode(0o444)).map_err(StoreError::io("protect", &path))?;
    file.as_file().sync_all().map_err(StoreError::io("sync", &path))?;
    // a log died of one bit that flipped between memory and disk: what is on disk is hashed, before its name is signed
    let (found, _) = hash_file(&path)?;
    expect_digest(&path, digest, found)?;
    Ok(Settled { file, digest })
}

impl Settled {
    /// Moves the file to its place, over what is there.
    pub(super) fn over(self, path: &Path) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or(path);
        make_directory(folder)?;
        self.file.persist(path).map_err(|error| StoreError::io("write", path)(error.error))?;
        sync_directory(folder)
    }

    /// Moves the file to its place without replacing what is there, which must hold the same bytes.
    pub(super) fn into_place(self, path: &Path) -> Result<(), StoreError> {
        let folder = path.parent().unwrap_or(path);
        make_directory(folder)?;
        match self.file.persist_noclobber(path) {
            Ok(_) => {}
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                let (found, _) = hash_file(path)?;
                if found != self.digest {
                    return Err(StoreError::corrupt(path.display(), "it is there already, with other bytes"));
                }
            }
            Err(error) => return Err(StoreError::io("write", path)(error.error)),
        }
        // also when it was there: whoever put it may have died before the directory was on disk
        sync_directory(folder)
    }
}

fn expect_digest(path: &Path, expected: Digest, found: Digest) -> Result<(), StoreError> {
    if expected == found {
        return Ok(());
    }
    Err(StoreError::corrupt(path.display(), format!("its bytes have {found}, not {expected}")))
}

fn hash_file(path: &Path) -> Result<(Digest, u64), StoreError> {
    let mut file = File::open(path).map_err(StoreError::io("open", path))?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0_u64;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(StoreError::io("read", path)(error)),
        };
        match buffer.get(..count) {
            None | Some([]) => return Ok((hasher.finish(), bytes)),
            Some(part) => hasher.update(part),
        }
        bytes = bytes.saturating_add(count.try_into().unwrap_or(u64::MAX));
    }
}

/// Makes a directory and those above it, each on disk before the next.
pub(super) fn make_directory(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent();
    if let Some(above) = above {
        make_directory(above)?;
    }
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(error) => return Err(StoreError::io("make", path)(error)),
    }
    above.map_or(Ok(()), sync_directory)
}

fn sync_directory(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(StoreError::io("sync", path))
}

/// A blob in memory, read from its file as it is touched.
///
/// Cheap to hand on: `bytes::Bytes::from_owner(mapped)` copies nothing.
#[derive(Debug)]
pub struct Mapped(memmap2::Mmap);

impl Mapped {
    /// Maps a file that nobody changes in place: a blob, or an index that is only ever replaced by renaming.
    ///
    /// # Errors
    /// When it cannot be opened or mapped.
    #[expect(unsafe_code, reason = "a memory map is only as constant as its file, and the compiler cannot know the file")]
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(StoreError::io("open", path))?;
        // SAFETY: the files mapped are never written in place: a blob comes into its place whole and read-only (0444), an index
        // is replaced by renaming, and removing or replacing a file leaves the map valid. Whoever truncates one from outside
        // while it is served stops the program (SIGBUS); that is damage to released bytes, and not answered in any case.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(StoreError::io("map", path))?;
        Ok(Self(map))
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::ops::Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}
