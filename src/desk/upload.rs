//! What was uploaded, made into something to import: a file as it is, or a package unpacked from a zip, within strict limits.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

/// The most entries of a package's archive.
const MAX_ENTRIES: usize = 1000;

/// The largest package, unpacked: as large as the largest upload may be.
const MAX_UNPACKED_BYTES: u64 = 4 << 30;

/// How many times larger than its archive a package may be. CSV of factors packs some twenty times.
const MAX_RATIO: u64 = 200;

/// What a small archive may unpack to, whatever the ratio.
const SMALL_BYTES: u64 = 16 << 20;

/// Why an archive is no package.
#[derive(Debug, thiserror::Error)]
pub enum UploadRefusal {
    /// What is wrong, and what would be right.
    #[error("{0}")]
    Archive(String),
    /// The disk.
    #[error("unpacking failed: {0}")]
    Io(#[from] io::Error),
}

fn refuse(why: impl Into<String>) -> UploadRefusal {
    UploadRefusal::Archive(why.into())
}

/// Whether a file is a zip archive, by its first bytes.
///
/// # Errors
/// When it cannot be read.
pub(super) fn is_zip(path: &Path) -> io::Result<bool> {
    let mut start = [0; 4];
    let mut file = File::open(path)?;
    let mut filled = 0;
    while filled < start.len() {
        match file.read(start.get_mut(filled..).unwrap_or_default())? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(matches!(&start, b"PK\x03\x04" | b"PK\x05\x06"))
}

/// Unpacks an archive that holds `datapackage.json`, at its top or in its one folder; gives the folder of the package.
///
/// # Errors
/// [`UploadRefusal::Archive`] for anything but plain files inside the folder, or more than the limits permit.
pub(super) fn unpack(archive: &Path, into: &Path) -> Result<PathBuf, UploadRefusal> {
    let mut file = File::open(archive)?;
    let packed = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut zip = ZipArchive::new(file).map_err(|error| refuse(format!("the archive does not read: {error}")))?;
    if zip.len() > MAX_ENTRIES {
        return Err(refuse(format!("the archive has {} entries, and {MAX_ENTRIES} are the most", zip.len())));
    }
    let most = MAX_UNPACKED_BYTES.min((packed.saturating_mul(MAX_RATIO)).max(SMALL_BYTES));
    let mut left = most;
    std::fs::create_dir_all(into)?;
    for number in 0..zip.len() {
        let mut entry =
            zip.by_index(number).map_err(|error| refuse(format!("entry {} of the archive does not read: {error}", number + 1)))?;
        let name = entry
            .name()
            .map_err(|error| refuse(format!("entry {} of the archive has no name that reads: {error}", number + 1)))?
            .into_owned();
        let shown: String = name.chars().take(120).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let Some(path) = inner_path(&name) else {
            return Err(refuse(format!("`{shown}` leads out of the archive: entries are relative paths without `..`")));
        };
        if entry.encrypted() {
            return Err(refuse(format!("`{shown}` is encrypted: pack it without a password")));
        }
        if entry.is_dir() {
            std::fs::create_dir_all(into.join(path))?;
            continue;
        }
        // a regular file, or an archive that says nothing of modes
        if entry.unix_mode().is_some_and(|mode| !matches!(mode & 0o170_000, 0 | 0o100_000)) {
            return Err(refuse(format!("`{shown}` is a link or a device: pack plain files")));
        }
        let target = into.join(path);
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let clash = |_| refuse(format!("`{shown}` stands twice in the archive, or is a folder elsewhere in it"));
        let mut out = File::options().write(true).create_new(true).open(&target).map_err(clash)?;
        let written = io::copy(&mut (&mut entry).take(left.saturating_add(1)), &mut out)
            .map_err(|error| refuse(format!("`{shown}` does not unpack: {error}")))?;
        if written > left {
            return Err(refuse(format!("the archive of {packed} bytes unpacks to more than {most}: upload the table in several packages")));
        }
        left -= written;
        out.flush()?;
    }
    package_folder(into)
}

/// A path of plain names, which stays inside.
fn inner_path(name: &str) -> Option<PathBuf> {
    let sound = !name.is_empty() && name.len() <= 500 && !name.contains(['\\', ':']) && !name.chars().any(char::is_control);
    let path = Path::new(name);
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    (sound && plain && path.components().count() <= 16).then(|| path.to_owned())
}

fn package_folder(unpacked: &Path) -> Result<PathBuf, UploadRefusal> {
    if unpacked.join("datapackage.json").is_file() {
        return Ok(unpacked.to_owned());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(unpacked)? {
        let path = entry?.path();
        if path.join("datapackage.json").is_file() {
            found.push(path);
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(refuse("the archive holds no datapackage.json at its top or in its one folder: pack a package, or name a profile")),
        _ => Err(refuse("the archive holds several packages: upload one at a time")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::SimpleFileOptions;

    fn archive(build: impl FnOnce(&mut zip::ZipWriter<File>)) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        let mut zip = zip::ZipWriter::new(File::create(&path).unwrap());
        build(&mut zip);
        zip.finish().unwrap();
        (folder, path)
    }

    fn unpacked(build: impl FnOnce(&mut zip::ZipWriter<File>)) -> Result<PathBuf, String> {
        let (folder, path) = archive(build);
        assert!(is_zip(&path).unwrap());
        unpack(&path, &folder.path().join("out"))
            .map(|found| found.strip_prefix(folder.path()).unwrap().to_owned())
            .map_err(|error| error.to_string())
    }

    fn put(zip: &mut zip::ZipWriter<File>, name: &str, bytes: &[u8]) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }

    #[test]
    fn a_package_is_found_at_the_top_or_in_its_folder() {
        assert_eq!(unpacked(|zip| put(zip, "datapackage.json", b"{}")).unwrap(), Path::new("out"));
        assert_eq!(unpacked(|zip| put(zip, "1.0.0/datapackage.json", b"{}")).unwrap(), Path::new("out/1.0.0"));
        assert!(unpacked(|zip| put(zip, "a/b/datapackage.json", b"{}")).unwrap_err().contains("no datapackage.json"));
    }

    #[test]
    fn nothing_leads_out() {
        for name in ["../x", "/etc/x", "a/../../x", "..\\x", "C:x", "a\nb"] {
            assert!(unpacked(|zip| put(zip, name, b"x")).unwrap_err().contains("leads out"), "{name}");
        }
        let linked = unpacked(|zip| zip.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap());
        assert!(linked.unwrap_err().contains("link or a device"));
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = unpacked(|zip| {
            zip.start_file("factors.csv", SimpleFileOptions::default()).unwrap();
            for _ in 0..64 {
                zip.write_all(&vec![b'0'; 1 << 20]).unwrap();
            }
        });
        assert!(bomb.unwrap_err().contains("unpacks to more than"));
        assert!(unpacked(|zip| (0..1001).for_each(|n| put(zip, &format!("{n}"), b""))).unwrap_err().contains("1001 entries"));
    }
}
