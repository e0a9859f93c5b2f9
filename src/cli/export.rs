//! `tanyin export`: a stored artefact becomes a file, or a whole release a folder, verified on its way; or the factors are
//! written in another format.

use std::fs::{self, File, Permissions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::arguments::ReleaseName;
use super::outcome::CliError;
use super::output::{Output, counted};
use super::place::Place;
use super::{release::find, tell};
use crate::bulk::{self, Context, Of, Rows};
use crate::canon::{Digest, HashingReader};
use crate::release::{Catalogue, FrozenFile, Ground, PublishedRelease, ReleaseError, SIDE_FILES, SideFile};

/// What to export, and where to.
#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// The release, such as cn-electricity-co2@1.2.0
    #[arg(value_name = "ID@VERSION")]
    release: ReleaseName,
    /// csv, ndjson, parquet, sqlite, xlsx, datapackage (describes factors.csv); or audit: a folder with every file of the release,
    /// and what ties it to the log and to its source
    #[arg(long, value_parser = format)]
    format: Format,
    /// The file to write (- is standard output), or for `audit` the folder to make
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// A form in which factors leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// One file.
    File(bulk::Format),
    /// Every file, with the proof, the record, the approvals and the places.
    Audit,
}

fn format(text: &str) -> Result<Format, String> {
    match bulk::Format::from_name(text) {
        Some(format) => Ok(Format::File(format)),
        None if text == "audit" => Ok(Format::Audit),
        None => {
            let names: Vec<&str> = bulk::Format::ALL.iter().map(|format| format.name()).collect();
            Err(format!("there are {} and audit", names.join(", ")))
        }
    }
}

/// Where the bytes of a file come from.
enum Bytes<'a> {
    /// A stored file.
    Stored(&'a FrozenFile),
    /// Written anew.
    Written(bulk::Format, Rows),
}

/// A file that was written.
struct Written {
    name: String,
    sha256: Digest,
    bytes: u64,
}

/// Exports a release's factors.
pub(super) fn export(place: &Place, arguments: &ExportArguments, output: &mut Output) -> Result<(), CliError> {
    let to_stdout = arguments.output == Path::new("-");
    if to_stdout && output.is_json() {
        return Err(CliError::Usage("`-o -` and --json would both write to standard output: give a file".to_owned()));
    }
    let (ground, catalogue) = place.catalogue()?;
    let release = find(&catalogue, &arguments.release)?;
    let Format::File(format) = arguments.format else {
        return export_folder(&ground, &catalogue, &release, &arguments.output, output);
    };
    let bytes = if format.is_artefact() {
        let missing = || ReleaseError::Damaged { what: release.id(), why: format!("it lists no {}", format.file_name()) };
        Bytes::Stored(release.file(format.file_name(), "identity").ok_or_else(missing)?)
    } else {
        Bytes::Written(format, Rows::of_release(release.clone()))
    };
    if let Some(why) = &release.withdrawn {
        tell(format_args!("warning: {} is withdrawn since {}: {}", release.id(), why.at, why.reason));
    }
    if to_stdout {
        if let Bytes::Stored(file) = &bytes {
            // what went into a pipe cannot be taken back
            ground.blobs().verify(file.sha256).map_err(CliError::from_store)?;
        }
        put(&ground, &bytes, &std::env::temp_dir(), output)?;
        return Ok(());
    }
    let written = write_file(&ground, &bytes, &arguments.output)?;
    report(&release, &written, &arguments.output, output)
}

/// Writes every file of a release into a new folder, which is there whole or not at all.
fn export_folder(
    ground: &Ground,
    catalogue: &Catalogue,
    release: &PublishedRelease,
    path: &Path,
    output: &mut Output,
) -> Result<(), CliError> {
    if path.exists() {
        return Err(CliError::Usage(format!("{} is there already: name a folder to make", path.display())));
    }
    let parent = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let at = |error: io::Error| CliError::fault(io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())));
    let folder = tempfile::Builder::new().prefix(".tanyin-").permissions(Permissions::from_mode(0o755)).tempdir_in(parent).map_err(at)?;
    let mut names = Vec::new();
    for file in release.files().iter().filter(|file| file.coding == "identity") {
        copy(ground, file, &mut File::create(folder.path().join(&file.name)).map_err(at)?)?;
        names.push(file.name.clone());
    }
    for name in SIDE_FILES {
        let bytes = match catalogue.side_file(release, name)? {
            None => continue,
            Some(SideFile::Moving(text) | SideFile::Fixed(text)) => text.into_bytes(),
            Some(SideFile::Stored(digest)) => ground.blobs().read(digest).map_err(CliError::from_store)?,
        };
        fs::write(folder.path().join(name), bytes).map_err(at)?;
        names.push(name.to_owned());
    }
    fs::rename(folder.path(), path).map_err(at)?;
    drop(folder.keep());
    if output.is_json() {
        return output
            .json(&json!({"dataset": release.dataset, "version": release.version, "folder": path.to_string_lossy(), "files": names}));
    }
    output.line(format_args!("wrote {} to {}: {}", release.id(), path.display(), names.join(", ")))?;
    output.line(format_args!("check it anywhere, without a network: tanyin verify {} --key VKEY", path.display()))
}

fn report(release: &PublishedRelease, file: &Written, path: &Path, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({
            "dataset": release.dataset, "version": release.version, "artefact": file.name, "file": path.to_string_lossy(),
            "bytes": file.bytes, "sha256": file.sha256, "withdrawn": release.withdrawn
        }));
    }
    output.line(format_args!("wrote {} of {} to {}", file.name, release.id(), path.display()))?;
    output.field("size", counted(file.bytes, "byte", "bytes"))?;
    output.field("digest", file.sha256)
}

/// Writes beside the file and moves it into its place, so that the file is whole or as it was.
fn write_file(ground: &Ground, bytes: &Bytes<'_>, path: &Path) -> Result<Written, CliError> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let at = |error: io::Error| CliError::fault(io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())));
    if path.is_dir() {
        return Err(CliError::Usage(format!("{} is a folder: name a file", path.display())));
    }
    if path.exists() && !path.is_file() {
        // a device or a named pipe is written to, not replaced
        return put(ground, bytes, &std::env::temp_dir(), &mut File::options().write(true).open(&path).map_err(at)?);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CliError::Usage(format!("there is no folder {}", folder.display())));
    }
    let mut builder = tempfile::Builder::new();
    // others may read it as far as the umask lets them
    builder.prefix(".tanyin-").permissions(Permissions::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder).map_err(at)?;
    let written = put(ground, bytes, folder, &mut temporary)?;
    temporary.as_file().sync_all().map_err(at)?;
    temporary.persist(&path).map_err(|error| at(error.error))?;
    Ok(written)
}

/// Writes the bytes to where they are wanted; what is written anew is made whole in a folder first.
fn put(ground: &Ground, bytes: &Bytes<'_>, folder: &Path, out: &mut impl Write) -> Result<Written, CliError> {
    match bytes {
        Bytes::Stored(file) => {
            copy(ground, file, out)?;
            Ok(Written { name: file.name.clone(), sha256: file.sha256, bytes: file.bytes })
        }
        Bytes::Written(format, rows) => {
            let scratch = tempfile::Builder::new().prefix(".tanyin-").tempdir_in(folder)?;
            let mut whole = tempfile::tempfile_in(scratch.path())?;
            bulk::write(*format, rows, &Context { of: Of::Release, scratch: scratch.path() }, &mut whole).map_err(CliError::from_export)?;
            whole.rewind()?;
            let mut reader = HashingReader::new(whole);
            io::copy(&mut reader, out)?;
            out.flush()?;
            let (sha256, bytes, _) = reader.finish();
            Ok(Written { name: format.file_name().to_owned(), sha256, bytes })
        }
    }
}

/// Copies the stored bytes, hashing them on the way.
fn copy(ground: &Ground, file: &FrozenFile, out: &mut impl Write) -> Result<(), CliError> {
    let stored = ground.blobs().open_blob(file.sha256).map_err(CliError::from_store)?;
    let mut reader = HashingReader::new(stored);
    io::copy(&mut reader, out)?;
    let (found, _, _) = reader.finish();
    if found != file.sha256 {
        let what = ground.blobs().path(file.sha256).display().to_string();
        return Err(ReleaseError::Damaged { what, why: format!("its bytes have {found}") }.into());
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for own in bulk::Format::ALL {
            assert_eq!(format(own.name()), Ok(Format::File(*own)));
        }
        assert_eq!(format("audit"), Ok(Format::Audit));
        assert!(format("xls").unwrap_err().contains("csv, ndjson, parquet"));
        assert!(format("CSV").is_err());
    }
}
