//! `tanyin import`: a package becomes its dataset's draft.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{Actor, FormatArguments};
use super::findings::{print_difference, print_report, verdict};
use super::outcome::CliError;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use crate::dataset::DatasetId;
use crate::desk::{ImportOutcome, ImportRequest};
use crate::release::Ground;

/// What to import, and where to.
#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// A package (a folder with datapackage.json), a publisher's file with --profile, or a table for a dataset that has a release
    path: PathBuf,
    /// The dataset whose draft it becomes
    #[arg(long, value_name = "ID")]
    dataset: DatasetId,
    #[command(flatten)]
    format: FormatArguments,
    /// Say what would happen, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Throw away edits by hand of the draft that stands
    #[arg(long)]
    discard_edits: bool,
    #[command(flatten)]
    actor: Actor,
}

/// Imports, and prints findings and difference.
pub(super) fn import(place: &Place, arguments: &ImportArguments, output: &mut Output) -> Result<(), CliError> {
    let outcome = if arguments.dry_run && place.is_new() {
        // a dry run leaves no data folder behind
        let folder = tempfile::tempdir()?;
        run(&Ground::open(folder.path(), None, None)?, arguments)?
    } else {
        run(&place.create()?, arguments)?
    };
    if output.is_json() {
        output.json(&outcome)?;
    } else {
        print(&outcome, arguments, output)?;
    }
    if outcome.report.has_errors() { Err(CliError::Findings) } else { Ok(()) }
}

fn run(ground: &Ground, arguments: &ImportArguments) -> Result<ImportOutcome, CliError> {
    let actor = arguments.actor.name();
    let format = arguments.format.open()?;
    let request = ImportRequest {
        path: &arguments.path,
        dataset: &arguments.dataset,
        actor: &actor,
        dry_run: arguments.dry_run,
        reading: format.reading(),
        discard_edits: arguments.discard_edits,
    };
    let progress = Progress::start(format!("importing {}", arguments.path.display()));
    Ok(crate::desk::import(ground, &request, &mut |rows| progress.rows(rows))?)
}

fn print(outcome: &ImportOutcome, arguments: &ImportArguments, output: &mut Output) -> Result<(), CliError> {
    let dataset = &arguments.dataset;
    output.line(format_args!("{} into the draft of {dataset}", arguments.path.display()))?;
    print_report(&outcome.report, output)?;
    let found = verdict(&outcome.report);
    let Some(difference) = &outcome.difference else {
        return output.line(format_args!("not imported, and nothing was changed: {found}"));
    };
    print_difference(difference, output)?;
    match outcome.run {
        Some(run) => {
            output.line(format_args!("imported (run {run}): {found}"))?;
            if difference.next.is_some() {
                output.line(format_args!(
                    "next: `tanyin draft diff {dataset}` to look at it, `tanyin draft submit {dataset}` to freeze it"
                ))?;
            }
            Ok(())
        }
        None => output.line(format_args!("dry run, nothing was stored: {found}")),
    }
}
