//! Every stored file hashed against its name, over all cores.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Finding, Report};
use crate::canon::{Digest, Hasher};

const BUFFER_BYTES: usize = 256 * 1024;
/// Below so many bytes more threads cost more than they gain.
const WORTH_A_THREAD: u64 = 4 * 1024 * 1024;

/// What a blob's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Those of its name, so many.
    Sound(u64),
    /// Others.
    Damaged,
    /// Not there.
    Missing,
}

/// The blobs of a store.
pub(super) struct BlobStates {
    root: PathBuf,
    states: BTreeMap<Digest, State>,
    /// By digest, what is wrong with the blob; whoever can say more of it replaces it.
    pub(super) damaged: BTreeMap<Digest, Finding>,
}

/// Does the work for every item, over the cores where it is worth it; the results come in the items' order.
pub(super) fn parallel<T: Sync, R: Send>(items: &[T], bytes: u64, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wanted = usize::try_from(bytes / WORTH_A_THREAD).unwrap_or(cores).clamp(1, cores).min(items.len().max(1));
    if wanted == 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            match items.get(place) {
                None => return done,
                Some(item) => done.push((place, work(item))),
            }
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..wanted).map(|_| scope.spawn(run)).collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The digest and size of a file.
pub(super) fn hash_file(path: &Path) -> io::Result<(Digest, u64)> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; BUFFER_BYTES.min(usize::try_from(size).unwrap_or(BUFFER_BYTES) + 1)];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), bytes)),
            Ok(count) => {
                hasher.update(buffer.get(..count).unwrap_or_default());
                bytes += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl BlobStates {
    /// Of a store whose blobs have not been looked at.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), states: BTreeMap::new(), damaged: BTreeMap::new() }
    }

    /// The blob's name below the store.
    pub(super) fn name(digest: Digest) -> String {
        let hex = digest.to_hex();
        format!("sha256/{}/{hex}", hex.get(..2).unwrap_or_default())
    }

    /// The blob's file.
    pub(super) fn path(&self, digest: Digest) -> PathBuf {
        self.root.join(Self::name(digest))
    }

    /// Hashes every blob of the store.
    pub(super) fn hash_all(&mut self, report: &mut Report) {
        let mut files = Vec::new();
        let mut bytes = 0;
        for (path, name) in list(&self.root.join("sha256"), "sha256", report) {
            let own = path.file_name().and_then(|name| format!("sha256:{}", name.to_string_lossy()).parse::<Digest>().ok());
            match own.filter(|digest| Self::name(*digest) == name) {
                Some(digest) => {
                    bytes += fs::metadata(&path).map_or(0, |data| data.len());
                    files.push((digest, path));
                }
                None => {
                    let finding = Finding::new("blob-name", name, "its name is no SHA-256, or not in the folder of its first two digits");
                    report.fail(finding.right("a blob is sha256/ab/abcd… of its bytes"));
                }
            }
        }
        let hashed = parallel(&files, bytes, |(_, path)| hash_file(path));
        for ((digest, _), hashed) in files.iter().zip(hashed) {
            self.take(*digest, hashed, report);
        }
    }

    /// Hashes those of some blobs that were not looked at yet, over the cores.
    pub(super) fn hash(&mut self, blobs: impl Iterator<Item = Digest>, report: &mut Report) {
        let new: BTreeSet<Digest> = blobs.filter(|digest| !self.states.contains_key(digest)).collect();
        let files: Vec<(Digest, PathBuf)> = new.into_iter().map(|digest| (digest, self.path(digest))).collect();
        let bytes = files.iter().filter_map(|(_, path)| fs::metadata(path).ok()).map(|data| data.len()).sum();
        let hashed = parallel(&files, bytes, |(_, path)| hash_file(path));
        for ((digest, _), hashed) in files.iter().zip(hashed) {
            self.take(*digest, hashed, report);
        }
    }

    fn take(&mut self, digest: Digest, hashed: io::Result<(Digest, u64)>, report: &mut Report) -> State {
        let state = match hashed {
            Ok((found, bytes)) => {
                report.bytes += bytes;
                report.count("blobs", 1);
                if found == digest {
                    State::Sound(bytes)
                } else {
                    let finding = Finding::new("digest", Self::name(digest), format!("its {bytes} bytes have {found}"));
                    self.damaged.insert(digest, finding.right("a blob's name is the SHA-256 of its bytes"));
                    State::Damaged
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => State::Missing,
            Err(error) => {
                report.fault(format!("{}: {error}", Self::name(digest)));
                State::Damaged
            }
        };
        self.states.insert(digest, state);
        state
    }

    /// What a blob's bytes are; they are hashed where they were not yet.
    pub(super) fn state(&mut self, digest: Digest, report: &mut Report) -> State {
        match self.states.get(&digest) {
            Some(state) => *state,
            None => {
                let hashed = hash_file(&self.path(digest));
                self.take(digest, hashed, report)
            }
        }
    }

    /// What is known of a blob that was looked at.
    pub(super) fn known(&self, digest: Digest) -> State {
        self.states.get(&digest).copied().unwrap_or(State::Missing)
    }

    /// The bytes of a blob, sound or not; none: it is not there, or unreadable.
    pub(super) fn read(&self, digest: Digest) -> Option<Vec<u8>> {
        fs::read(self.path(digest)).ok()
    }

    /// How many blobs were looked at and are not among these.
    pub(super) fn others(&self, named: &std::collections::BTreeSet<Digest>) -> usize {
        self.states.keys().filter(|digest| !named.contains(digest)).count()
    }
}

/// Every file below a folder, with its name, sorted.
pub(super) fn list(folder: &Path, name: &str, report: &mut Report) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), name.to_owned())];
    while let Some((folder, name)) = open.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => {
                report.fault(format!("{name}: {error}"));
                continue;
            }
        };
        for entry in entries.flatten() {
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            let inner = inner.trim_start_matches('/').to_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push((entry.path(), inner)),
                _ => found.push((entry.path(), inner)),
            }
        }
    }
    found.sort_by(|a, b| a.1.cmp(&b.1));
    found
}
