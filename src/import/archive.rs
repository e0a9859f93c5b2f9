//! A tree of files: a folder, a zip or a single file, read member by member.
//!
//! Members are named and sorted as a zip names them (`processes/x.json`), so a
//! folder and the archive that [`Tree::pack`] makes of it read alike. What a
//! hostile archive can do is refused before anything is read: names that climb
//! out, links, encryption, one name twice, and sizes that do not fit the file.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::entry::Problem;
use super::records::open_regular;

/// The most members of a tree.
pub const MAX_MEMBERS: usize = 100_000;

/// The largest member, unpacked.
pub const MAX_MEMBER_BYTES: u64 = 512 << 20;

/// The largest tree, unpacked.
pub const MAX_TREE_BYTES: u64 = 2 << 30;

/// How much larger than its packed form a member may be; texts of exchange formats reach 60.
const MAX_RATIO: u64 = 200;

/// Members this small are not held to the ratio.
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// The longest name of a member.
const MAX_NAME_BYTES: usize = 1_000;

/// How deep folders may lie in each other.
const MAX_DEPTH: usize = 32;

/// Why a tree is not read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// It is not what a tree may be; the rule is one of `validate`'s table.
    #[error("{}", .0.message)]
    Refused(Problem),
    /// The disk, or whoever takes what is read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl TreeError {
    fn unsafe_tree(message: impl Into<String>) -> Self {
        Self::Refused(Problem::new("archive-unsafe", "", message))
    }

    fn unreadable(message: impl Into<String>) -> Self {
        Self::Refused(Problem::new("file-unreadable", "", message))
    }
}

/// One file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name in the tree, parted by `/`.
    pub name: String,
    /// Its size, unpacked.
    pub bytes: u64,
    place: usize,
}

impl Member {
    /// The part of its name behind the last `/`.
    pub fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// The name of the folder that it lies in; empty at the top.
    pub fn folder(&self) -> &str {
        self.name.rsplit('/').nth(1).unwrap_or_default()
    }

    /// Its file name without the last ending.
    pub fn stem(&self) -> &str {
        self.file_name().rsplit_once('.').map_or(self.file_name(), |(stem, _)| stem)
    }

    /// Whether its name ends so, whatever the case.
    pub fn has_ending(&self, ending: &str) -> bool {
        self.file_name().rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(ending))
    }
}

enum Origin {
    Folder(PathBuf),
    Zip(Mutex<ZipArchive<File>>),
    File(PathBuf),
}

/// Files by name, sorted.
pub struct Tree {
    origin: Origin,
    members: Vec<Member>,
    name: String,
}

impl Tree {
    /// Opens a folder, a zip (told by its first bytes) or a single file; nothing is unpacked.
    ///
    /// Names that begin with a dot and `__MACOSX` are passed over.
    ///
    /// # Errors
    /// A refusal for what could do harm or is cut short, with what would be right.
    pub fn open(path: &Path) -> Result<Self, TreeError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (origin, mut members) = if std::fs::metadata(path)?.is_dir() {
            let mut members = Vec::new();
            walk(path, "", 0, &mut members)?;
            (Origin::Folder(path.to_owned()), members)
        } else {
            let mut file = open_regular(path)?;
            let mut start = [0; 4];
            let read = read_start(&mut file, &mut start)?;
            if start.starts_with(b"PK") && read == start.len() {
                let (archive, members) = open_zip(file)?;
                (Origin::Zip(Mutex::new(archive)), members)
            } else {
                let bytes = file.metadata()?.len();
                (Origin::File(path.to_owned()), vec![Member { name: name.clone(), bytes, place: 0 }])
            }
        };
        members.sort_by(|a, b| a.name.cmp(&b.name));
        check_sizes(&members)?;
        Ok(Self { origin, members, name })
    }

    /// The name of the folder or file that was opened.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All files, sorted by name.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether it is one file that is no archive.
    pub fn is_single(&self) -> bool {
        matches!(self.origin, Origin::File(_))
    }

    /// Hands a reader of a member's bytes to `with`; it ends with an error where there are more than announced.
    ///
    /// # Errors
    /// What the disk or the archive says, and whatever `with` gives.
    pub fn stream<T>(&self, member: &Member, with: &mut dyn FnMut(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        match &self.origin {
            Origin::Folder(root) => with(&mut Announced::new(open_regular(&root.join(&member.name))?, member.bytes)),
            Origin::File(path) => with(&mut Announced::new(open_regular(path)?, member.bytes)),
            Origin::Zip(archive) => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let entry = archive.by_index(member.place).map_err(io::Error::other)?;
                with(&mut Announced::new(entry, member.bytes))
            }
        }
    }

    /// The bytes of a member that has at most `limit`.
    ///
    /// # Errors
    /// `FileTooLarge` for a larger one; otherwise as [`Tree::stream`].
    pub fn read(&self, member: &Member, limit: u64) -> io::Result<Vec<u8>> {
        if member.bytes > limit {
            let note = format!("{} has {} bytes: a document of this format has at most {limit}", member.name, member.bytes);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, note));
        }
        self.stream(member, &mut |reader| {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// The first bytes of a member, at most `count`.
    ///
    /// # Errors
    /// As [`Tree::stream`].
    pub fn start(&self, member: &Member, count: u64) -> io::Result<Vec<u8>> {
        self.stream(member, &mut |reader| {
            let mut bytes = Vec::new();
            reader.take(count).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    }

    /// All members in one zip with nothing in it but names and bytes: sorted, stored, without times, so equal trees give equal files.
    ///
    /// # Errors
    /// What the disk says.
    pub fn pack(&self) -> io::Result<tempfile::NamedTempFile> {
        let mut out = tempfile::NamedTempFile::new()?;
        let mut zip = ZipWriter::new(out.as_file_mut());
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        for member in &self.members {
            zip.start_file(member.name.as_str(), options).map_err(io::Error::other)?;
            self.stream(member, &mut |reader| io::copy(reader, &mut zip))?;
        }
        zip.finish().map_err(io::Error::other)?.flush()?;
        out.as_file_mut().seek(SeekFrom::Start(0))?;
        Ok(out)
    }
}

/// A reader that gives exactly what was announced, or an error.
struct Announced<R> {
    inner: R,
    left: u64,
}

impl<R> Announced<R> {
    fn new(inner: R, bytes: u64) -> Self {
        Self { inner, left: bytes }
    }
}

impl<R: Read> Read for Announced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let size = u64::try_from(read).map_err(io::Error::other)?;
        let unlike = || io::Error::new(io::ErrorKind::InvalidData, "the file is not as long as it is announced to be");
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(unlike());
        }
        self.left = self.left.checked_sub(size).ok_or_else(unlike)?;
        Ok(read)
    }
}

fn read_start(file: &mut File, start: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = start.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            count => read += count,
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(read)
}

fn walk(folder: &Path, prefix: &str, depth: usize, members: &mut Vec<Member>) -> Result<(), TreeError> {
    if depth > MAX_DEPTH {
        return Err(TreeError::unsafe_tree(format!("`{prefix}` lies more than {MAX_DEPTH} folders deep")));
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(own) = entry.file_name().into_string() else {
            return Err(TreeError::unsafe_tree(format!("a name in `{prefix}` is not Unicode: rename the file")));
        };
        if own.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{own}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{name}/"), depth + 1, members)?;
        } else if kind.is_file() {
            check_name(&name)?;
            members.push(Member { bytes: entry.metadata()?.len(), name, place: 0 });
        } else {
            let note = format!("`{name}` is a link or a device: only files and folders are read, put the file itself there");
            return Err(TreeError::unsafe_tree(note));
        }
        check_count(members.len())?;
    }
    Ok(())
}

fn check_count(count: usize) -> Result<(), TreeError> {
    if count > MAX_MEMBERS {
        return Err(TreeError::unsafe_tree(format!("there are more than {MAX_MEMBERS} files: import them in parts")));
    }
    Ok(())
}

/// A name that stays within the tree on every system.
fn check_name(name: &str) -> Result<(), TreeError> {
    let climbs = name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
    let foreign = name.contains(['\\', '\0']) || name.chars().any(char::is_control) || name.as_bytes().get(1) == Some(&b':');
    if climbs || foreign || name.len() > MAX_NAME_BYTES {
        let shown: String = name.chars().take(100).collect();
        let note = format!("the name `{shown}` is absolute, climbs out of the archive or has characters that no file name has");
        return Err(TreeError::unsafe_tree(note));
    }
    Ok(())
}

fn check_sizes(members: &[Member]) -> Result<(), TreeError> {
    let mut total = 0u64;
    for member in members {
        if member.bytes > MAX_MEMBER_BYTES {
            let note = format!("`{}` has {} bytes: at most {MAX_MEMBER_BYTES} are read", member.name, member.bytes);
            return Err(TreeError::unsafe_tree(note));
        }
        total = total.saturating_add(member.bytes);
    }
    if total > MAX_TREE_BYTES {
        return Err(TreeError::unsafe_tree(format!("the files have {total} bytes together: at most {MAX_TREE_BYTES} are read")));
    }
    Ok(())
}

fn open_zip(mut file: File) -> Result<(ZipArchive<File>, Vec<Member>), TreeError> {
    let announced = count_of_zip(&mut file)?;
    check_count(usize::try_from(announced).unwrap_or(usize::MAX))?;
    let mut archive = ZipArchive::new(file).map_err(|error| TreeError::unreadable(format!("this zip cannot be read: {error}")))?;
    // The reader keeps one entry a name, so a name that stands twice shows as a missing one.
    if u64::try_from(archive.len()).unwrap_or(u64::MAX) != announced {
        let note = format!("of {announced} names of this zip only {} differ: a name stands twice", archive.len());
        return Err(TreeError::unsafe_tree(note));
    }
    let mut members = Vec::new();
    let mut names = BTreeSet::new();
    for place in 0..archive.len() {
        if let Some(member) = zip_member(&mut archive, place)? {
            // Systems that fold case would see one file.
            if !names.insert(member.name.to_lowercase()) {
                return Err(TreeError::unsafe_tree(format!("the name `{}` stands twice but for its case", member.name)));
            }
            members.push(member);
        }
    }
    Ok((archive, members))
}

fn zip_member(archive: &mut ZipArchive<File>, place: usize) -> Result<Option<Member>, TreeError> {
    let unreadable = |error: ZipError| TreeError::unreadable(format!("entry {} of this zip cannot be read: {error}", place + 1));
    let entry = archive.by_index_raw(place).map_err(unreadable)?;
    let name = entry.name().map_err(unreadable)?.into_owned();
    let folder = entry.is_dir();
    check_name(name.strip_suffix('/').filter(|_| folder).unwrap_or(&name))?;
    let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    let mode = entry.unix_mode().unwrap_or(0) & 0o170_000;
    if entry.is_symlink() || ![0, 0o100_000, 0o040_000].contains(&mode) {
        return Err(TreeError::unsafe_tree(format!("`{name}` is a link: put the file itself into the archive")));
    }
    if entry.encrypted() {
        let note = format!("`{name}` is encrypted: export the archive without a password");
        return Err(TreeError::Refused(Problem::new("encrypted-file", "", note)));
    }
    if folder || is_hidden {
        return Ok(None);
    }
    if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        let note = format!("`{name}` is packed by {:?}: only stored and deflated members are read", entry.compression());
        return Err(TreeError::unreadable(note));
    }
    let (bytes, packed) = (entry.size(), entry.compressed_size());
    if bytes > RATIO_FREE_BYTES && bytes / packed.max(1) > MAX_RATIO {
        let note = format!("`{name}` unpacks from {packed} to {bytes} bytes: more than {MAX_RATIO} times, which no document does");
        return Err(TreeError::unsafe_tree(note));
    }
    Ok(Some(Member { name, bytes, place }))
}

/// How many entries the end record announces (APPNOTE 4.3.14, 4.3.16), before anything of the directory is kept in memory.
fn count_of_zip(file: &mut File) -> Result<u64, TreeError> {
    const END: &[u8] = b"PK\x05\x06";
    const END_64: &[u8] = b"PK\x06\x06";
    let length = file.metadata()?.len();
    let tail = length.min(22 + 65_535 + 20 + 56);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut bytes = Vec::new();
    Read::by_ref(file).take(tail).read_to_end(&mut bytes)?;
    file.seek(SeekFrom::Start(0))?;
    let last = |mark: &[u8]| bytes.windows(mark.len()).rposition(|window| window == mark);
    let number = |from: usize, count: usize| {
        let part = bytes.get(from..from + count)?;
        Some(part.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)))
    };
    let end = last(END).ok_or_else(|| TreeError::unreadable("this zip is cut short: its directory at the end is missing"))?;
    let cut = || TreeError::unreadable("the end of this zip is cut short");
    match number(end + 10, 2).ok_or_else(cut)? {
        0xffff => match last(END_64) {
            Some(place) => number(place + 32, 8).ok_or_else(cut),
            None => Ok(0xffff),
        },
        count => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_within_the_tree() {
        for name in ["a", "a/b.json", "过程/一.xml", "a b/c (1).xml"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "C:/a", "a\0", "a\nb", &"x".repeat(1001)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn equal_trees_give_equal_archives() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("processes")).unwrap();
        std::fs::write(folder.path().join("processes/b.json"), "{}").unwrap();
        std::fs::write(folder.path().join("processes/a.json"), "[1]").unwrap();
        std::fs::write(folder.path().join(".DS_Store"), "x").unwrap();
        let tree = Tree::open(folder.path()).unwrap();
        let names = |tree: &Tree| tree.members().iter().map(|member| member.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&tree), ["processes/a.json", "processes/b.json"]);
        let (first, second) = (tree.pack().unwrap(), tree.pack().unwrap());
        assert_eq!(std::fs::read(first.path()).unwrap(), std::fs::read(second.path()).unwrap());
        let packed = Tree::open(first.path()).unwrap();
        assert_eq!(names(&packed), names(&tree));
        let member = &packed.members()[0];
        assert_eq!((member.folder(), member.stem(), packed.read(member, 10).unwrap()), ("processes", "a", b"[1]".to_vec()));
        assert_eq!(packed.read(member, 2).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
