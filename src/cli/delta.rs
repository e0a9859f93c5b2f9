//! `tanyin delta`: what to put and delete between two releases, made and applied.

use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;

use super::outcome::{CliError, Refusal};
use super::output::{Output, counted};
use super::place::Place;
use super::tell;
use crate::bulk::{DELTA_FORMAT, DeltaCounts, DeltaError, DeltaHead, apply_delta, delta_end, write_delta};
use crate::dataset::DatasetId;
use crate::release::{PublishedRelease, ReleaseError, ResolveError};
use crate::store::Mapped;

/// What to do with a delta.
#[derive(Debug, Subcommand)]
pub(super) enum DeltaCommand {
    /// Write the delta of two releases of a dataset
    Make(MakeArguments),
    /// Turn the factors.ndjson of one release into that of another
    Apply(ApplyArguments),
}

/// Between what, and where to.
#[derive(Debug, Args)]
pub(super) struct MakeArguments {
    /// The dataset
    #[arg(value_name = "DATASET")]
    dataset: DatasetId,
    /// The two releases, such as 1.1.0...1.2.0
    #[arg(value_name = "FROM...TO", value_parser = range)]
    range: (String, String),
    /// The file to write (- is standard output)
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// What to apply to what.
#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    /// factors.ndjson of the release that the delta begins with
    #[arg(value_name = "BASE.ndjson")]
    base: PathBuf,
    /// The delta (- is standard input)
    #[arg(value_name = "DELTA")]
    delta: PathBuf,
    /// The file to write: the factors.ndjson of the release that the delta ends with
    #[arg(short, long, value_name = "NEXT.ndjson")]
    output: PathBuf,
}

fn range(text: &str) -> Result<(String, String), String> {
    let ends = text.split_once("...").filter(|(from, to)| !from.is_empty() && !to.is_empty());
    ends.map(|(from, to)| (from.to_owned(), to.to_owned())).ok_or_else(|| "write FROM...TO, such as 1.1.0...1.2.0".to_owned())
}

/// Does what was asked with a delta.
pub(super) fn delta(place: &Place, command: &DeltaCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        DeltaCommand::Make(arguments) => make(place, arguments, output),
        DeltaCommand::Apply(arguments) => apply(arguments, output),
    }
}

fn make(place: &Place, arguments: &MakeArguments, output: &mut Output) -> Result<(), CliError> {
    let to_stdout = arguments.output == Path::new("-");
    if to_stdout && output.is_json() {
        return Err(CliError::Usage("`-o -` and --json would both write to standard output: give a file".to_owned()));
    }
    let (_ground, catalogue) = place.catalogue()?;
    let id = arguments.dataset.as_str();
    let unknown = |error: ResolveError| Refusal::new(error.code(), error.to_string());
    let dataset = catalogue.dataset(id).map_err(unknown)?;
    let find = |wanted: &str| dataset.resolve(id, wanted).map(|found| found.release).map_err(unknown);
    let (from, to) = (find(&arguments.range.0)?, find(&arguments.range.1)?);
    let end = |release: &PublishedRelease| {
        delta_end(release).ok_or_else(|| ReleaseError::Damaged { what: release.id(), why: "it lists no factors.ndjson".to_owned() })
    };
    let head = DeltaHead { delta: DELTA_FORMAT, dataset: arguments.dataset.clone(), from: end(&from)?, to: end(&to)? };
    let write = |out: &mut dyn Write| {
        let mut out = BufWriter::new(out);
        let counts = write_delta(&head, (from.data.lines(), to.data.lines()), &mut out)?;
        out.flush()?;
        Ok::<_, CliError>(counts)
    };
    if to_stdout {
        return write(output).map(drop);
    }
    let (counts, bytes) = write_whole(&arguments.output, write)?;
    report(("wrote the delta", &arguments.output, bytes), &head, counts, output)
}

fn apply(arguments: &ApplyArguments, output: &mut Output) -> Result<(), CliError> {
    let base = read_base(&arguments.base)?;
    let delta: Box<dyn io::BufRead> = if arguments.delta == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(&arguments.delta).map_err(|error| unread(&arguments.delta, &error))?))
    };
    let ((head, counts), bytes) = write_whole(&arguments.output, |out| {
        let mut out = BufWriter::new(out);
        let done = apply_delta(&base, delta, &mut out).map_err(refusal)?;
        out.flush()?;
        Ok(done)
    })?;
    report(("wrote factors.ndjson", &arguments.output, bytes), &head, counts, output)
}

fn read_base(path: &Path) -> Result<Mapped, CliError> {
    // an empty file cannot be mapped, and is no release's
    match fs::metadata(path) {
        Ok(about) if about.is_file() && about.len() > 0 => Mapped::open(path).map_err(CliError::from_store),
        Ok(_) => Err(CliError::Usage(format!("{} is not the factors.ndjson of a release", path.display()))),
        Err(error) => Err(unread(path, &error)),
    }
}

fn unread(path: &Path, error: &io::Error) -> CliError {
    CliError::Usage(format!("cannot read {}: {error}", path.display()))
}

fn refusal(error: DeltaError) -> CliError {
    let code = match &error {
        DeltaError::Io(_) => return CliError::fault(error),
        DeltaError::Base { .. } => "delta-base",
        DeltaError::BaseLine { .. } => "delta-base",
        DeltaError::Line { .. } => "delta",
        DeltaError::Result { .. } => "delta-result",
    };
    let hint = match &error {
        DeltaError::Base { dataset, version, .. } => {
            format!("take factors.ndjson of {dataset}@{version}, or ask for the delta that begins with the release that you hold")
        }
        _ => "nothing was written; fetch the delta again".to_owned(),
    };
    Refusal::new(code, error.to_string()).hint(hint).into()
}

/// Writes beside the file and moves it into its place, so that it is there whole or as it was; gives its size too.
fn write_whole<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, CliError>) -> Result<(T, u64), CliError> {
    let at = |error: io::Error| CliError::fault(io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() || !folder.is_dir() {
        return Err(CliError::Usage(format!("{}: name a file in a folder that is there", path.display())));
    }
    let mut builder = tempfile::Builder::new();
    // others may read it as far as the umask lets them
    builder.prefix(".tanyin-").permissions(Permissions::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder).map_err(at)?;
    let done = write(&mut temporary)?;
    temporary.as_file().sync_all().map_err(at)?;
    let bytes = temporary.as_file().metadata().map_err(at)?.len();
    temporary.persist(path).map_err(|error| at(error.error))?;
    Ok((done, bytes))
}

fn report((did, path, bytes): (&str, &Path, u64), head: &DeltaHead, counts: DeltaCounts, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        let file = path.to_string_lossy();
        return output.json(&json!({"dataset": head.dataset, "from": head.from, "to": head.to, "puts": counts.puts,
            "deletes": counts.deletes, "file": file, "bytes": bytes}));
    }
    output.line(format_args!("{did} of {}, {} to {}, to {}", head.dataset, head.from.version, head.to.version, path.display()))?;
    let of = format!("{} put, {} deleted", counted(counts.puts, "line", "lines"), counted(counts.deletes, "key", "keys"));
    output.field("changes", of)?;
    output.field("size", counted(bytes, "byte", "bytes"))?;
    output.field("lines", head.to.lines)?;
    if counts == DeltaCounts::default() {
        tell("the two releases have the same lines");
    }
    Ok(())
}
