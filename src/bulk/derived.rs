//! Files of a release that are made when they are first asked for, and kept.
//!
//! They stand in no manifest: `<data dir>/derived/<manifest digest>/<program and format version>/<name>`, with the digest in
//! `<name>.sha256` beside it. A file is hashed when it is made and when a process first opens it; one that is missing or wrong
//! is made again. Where the folder cannot be written, files are made in a temporary folder that goes with the process.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use super::{Context, DELTA_FORMAT, ExportError, Format, Of, Rows, release_delta, write};
use crate::canon::{Digest, HashingReader};
use crate::release::{Ground, PublishedRelease};
use crate::store::Mapped;

/// How many files are made at once.
pub const MAX_MAKERS: usize = 2;

/// How many may wait for files that are being made; beyond, a request is told to come again.
const MAX_WAITING: usize = 64;

/// How much disk derived files of releases take, unless told otherwise: 8 GiB. The oldest go first.
pub const DERIVED_BYTES: u64 = 8 << 30;

/// The same for files of selections, of which anybody can ask for any number: 2 GiB.
const SELECTION_BYTES: u64 = 2 << 30;

/// The beginning of the name of whatever is not yet whole.
const TEMPORARY: &str = ".making-";

/// Temporary files older than this are of a process that was cut short.
const LEFT_BEHIND: Duration = Duration::from_secs(6 * 3600);

/// A derived file, mapped.
pub struct DerivedFile {
    /// Its bytes.
    pub bytes: Mapped,
    /// Their digest.
    pub digest: Digest,
}

/// The derived files of a data directory.
pub struct DerivedFiles {
    folder: PathBuf,
    limit: u64,
    makers: usize,
    spare: Mutex<Option<Arc<TempDir>>>,
    state: Mutex<State>,
    made: Condvar,
}

#[derive(Default)]
struct State {
    making: HashSet<String>,
    waiting: usize,
    /// Files whose bytes this process has hashed.
    known: HashMap<PathBuf, (Identity, Digest)>,
}

/// What tells that a file is the one that was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
}

/// What writes a file: into the file, with a folder for whatever it needs on its way.
type Make<'a> = dyn Fn(&Path, &mut File) -> Result<(), ExportError> + 'a;

/// The turn of one maker; it ends when this goes.
struct Turn<'a> {
    files: &'a DerivedFiles,
    place: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.files.lock().making.remove(&self.place);
        self.files.made.notify_all();
    }
}

impl DerivedFiles {
    /// Those of the releases of a ground; what an earlier process left half made is removed.
    pub fn new(ground: &Ground) -> Self {
        Self::in_folder(ground.derived(), DERIVED_BYTES)
    }

    /// Those of selections: made one at a time and kept apart, so that they neither hold up nor displace files of releases.
    pub fn of_selections(ground: &Ground) -> Self {
        Self { makers: 1, ..Self::in_folder(ground.derived().with_file_name("selections"), SELECTION_BYTES) }
    }

    /// Those of a folder, which need not be there, with a bound on their bytes.
    pub fn in_folder(folder: PathBuf, limit: u64) -> Self {
        let files = Self { folder, limit, makers: MAX_MAKERS, spare: Mutex::default(), state: Mutex::default(), made: Condvar::new() };
        walk(&files.folder, 3, &mut |path, metadata| {
            let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
            if is_temporary(path) && age.is_some_and(|age| age > LEFT_BEHIND) {
                let _ = if metadata.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
        });
        files
    }

    /// The file of a release in a format, made if it is not there. It may take as long as writing the whole release does.
    ///
    /// # Errors
    /// [`ExportError`]; [`ExportError::Busy`] where too many wait already.
    pub fn get(&self, release: &Arc<PublishedRelease>, format: Format) -> Result<DerivedFile, ExportError> {
        let rows = Rows::of_release(release.clone());
        self.keep(&release.manifest_digest.to_hex(), format.version(), format.file_name(), &|scratch, to| {
            write(format, &rows, &Context { of: Of::Release, scratch }, to)
        })
    }

    /// The file of a release in a format, where it was made already.
    pub fn made(&self, release: &PublishedRelease, format: Format) -> Option<DerivedFile> {
        self.find(&place(&release.manifest_digest.to_hex(), format.version(), format.file_name()))
    }

    /// The delta that turns the lines of one release into those of another.
    ///
    /// # Errors
    /// As [`DerivedFiles::get`].
    pub fn delta(&self, from: &PublishedRelease, to: &PublishedRelease) -> Result<DerivedFile, ExportError> {
        let name = format!("{}.delta.ndjson", from.manifest_digest.to_hex());
        self.keep(&to.manifest_digest.to_hex(), DELTA_FORMAT, &name, &|_, file| {
            let mut out = BufWriter::with_capacity(1 << 16, file);
            release_delta((from, to), &mut out).map_err(|error| io::Error::other(error.to_string()))?;
            Ok(out.flush()?)
        })
    }

    /// A file that follows from what `of` names, made by `make` if it is not there.
    ///
    /// # Errors
    /// What `make` returns; [`ExportError::Busy`] where too many wait already; what the disk says.
    pub(super) fn keep(&self, of: &str, version: u32, name: &str, make: &Make<'_>) -> Result<DerivedFile, ExportError> {
        let place = place(of, version, name);
        if let Some(found) = self.find(&place) {
            return Ok(found);
        }
        let turn = self.turn(&place)?;
        if let Some(found) = self.find(&place) {
            return Ok(found);
        }
        let path = match self.make(&self.folder, &place, make) {
            Err(ExportError::Io(error)) if cannot_write(&error) => self.make(self.spare()?.path(), &place, make)?,
            made => made?,
        };
        self.make_room(&path);
        let opened = self.open(&path);
        drop(turn);
        let lost = || io::Error::other(format!("{} went as soon as it was made", path.display()));
        Ok(opened.ok_or_else(lost)?)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody makes this file and a maker is free.
    fn turn(&self, place: &str) -> Result<Turn<'_>, ExportError> {
        let mut state = self.lock();
        if state.waiting >= MAX_WAITING {
            return Err(ExportError::Busy);
        }
        state.waiting += 1;
        while state.making.contains(place) || state.making.len() >= self.makers {
            state = self.made.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
        state.making.insert(place.to_owned());
        Ok(Turn { files: self, place: place.to_owned() })
    }

    fn find(&self, place: &str) -> Option<DerivedFile> {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.open(&self.folder.join(place)).or_else(|| self.open(&spare?.path().join(place)))
    }

    /// A file that is as it was made.
    fn open(&self, path: &Path) -> Option<DerivedFile> {
        let identity = identity(path)?;
        let mut text = String::new();
        File::open(beside(path)).ok()?.take(200).read_to_string(&mut text).ok()?;
        let digest: Digest = format!("sha256:{}", text.split_whitespace().next()?).parse().ok()?;
        let bytes = Mapped::open(path).ok()?;
        if self.lock().known.get(path) != Some(&(identity, digest)) {
            if Digest::of(&bytes) != digest {
                tracing::warn!(path = %path.display(), "a derived file is not as it was made, and is made again");
                return None;
            }
            self.lock().known.insert(path.to_owned(), (identity, digest));
        }
        Some(DerivedFile { bytes, digest })
    }

    /// Writes a file beside its place, and its digest; both are moved to where they belong once they are whole.
    fn make(&self, root: &Path, place: &str, make: &Make<'_>) -> Result<PathBuf, ExportError> {
        let path = root.join(place);
        let folder = path.parent().unwrap_or(root);
        fs::create_dir_all(folder)?;
        let scratch = tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(folder)?;
        let temporary = || tempfile::Builder::new().permissions(Permissions::from_mode(0o444)).tempfile_in(scratch.path());
        let mut file = temporary()?;
        make(scratch.path(), file.as_file_mut())?;
        file.as_file().sync_all()?;
        let mut reader = HashingReader::new(File::open(file.path())?);
        io::copy(&mut reader, &mut io::sink())?;
        let (digest, _, _) = reader.finish();
        let mut sum = temporary()?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        writeln!(sum, "{}  {name}", digest.to_hex())?;
        sum.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        sum.persist(beside(&path)).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()?;
        Ok(path)
    }

    /// A folder of this process alone, for when the data directory cannot be written.
    fn spare(&self) -> io::Result<Arc<TempDir>> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = &*spare {
            return Ok(folder.clone());
        }
        let folder = Arc::new(tempfile::Builder::new().prefix("tanyin-derived-").tempdir()?);
        *spare = Some(folder.clone());
        Ok(folder)
    }

    /// Removes the oldest files while all together are too large; never the one that was just made.
    fn make_room(&self, newest: &Path) {
        let spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut files = Vec::new();
        for root in [Some(self.folder.as_path()), spare.as_ref().map(|folder| folder.path())].into_iter().flatten() {
            walk(root, 3, &mut |path, metadata| {
                if metadata.is_file() && path.extension().is_none_or(|extension| extension != "sha256") {
                    files.push(((metadata.mtime(), metadata.mtime_nsec()), metadata.len(), path.to_owned()));
                }
            });
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if total <= self.limit {
                return;
            }
            if path != newest && fs::remove_file(&path).is_ok() {
                let _ = fs::remove_file(beside(&path));
                // folders go with their last file
                path.ancestors().skip(1).take(2).take_while(|folder| fs::remove_dir(folder).is_ok()).for_each(drop);
                self.lock().known.remove(&path);
                total = total.saturating_sub(bytes);
            }
        }
    }
}

/// Where a file is kept.
fn place(of: &str, version: u32, name: &str) -> String {
    format!("{of}/{}-{version}/{name}", env!("CARGO_PKG_VERSION"))
}

/// Where the digest of a file stands.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some(Identity { inode: metadata.ino(), bytes: metadata.len(), modified: (metadata.mtime(), metadata.mtime_nsec()) })
}

fn cannot_write(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem | NotFound | NotADirectory)
}

fn is_temporary(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(TEMPORARY))
}

/// Shows what is in a folder and, so many levels deep, in its folders; what cannot be read is passed over.
fn walk(folder: &Path, depth: u32, see: &mut impl FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, Ok(metadata)) = (entry.path(), entry.metadata()) else { continue };
        see(&path, &metadata);
        if metadata.is_dir() && depth > 1 && !is_temporary(&path) {
            walk(&path, depth - 1, see);
        }
    }
}
