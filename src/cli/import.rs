//! `tanyin import`: a package becomes its dataset's draft.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::arguments::{Actor, FormatArguments};
use super::findings::{print_difference, print_report, verdict};
use super::outcome::CliError;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use crate::dataset::DatasetId;
use crate::desk::{self, ImportOutcome, ImportRequest, Proposals};
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
    /// Take over every flag that the rules propose
    #[arg(long, conflicts_with = "dry_run")]
    raise_flags: bool,
    #[command(flatten)]
    actor: Actor,
}

/// Imports, and prints findings and difference.
pub(super) fn import(place: &Place, arguments: &ImportArguments, output: &mut Output) -> Result<(), CliError> {
    let mut proposed = None;
    let outcome = if arguments.dry_run && place.is_new() {
        // a dry run leaves no data folder behind
        let folder = tempfile::tempdir()?;
        run(&Ground::open(folder.path(), None, None)?, arguments)?
    } else {
        let ground = place.create()?;
        let outcome = run(&ground, arguments)?;
        proposed = flags(&ground, arguments, &outcome)?;
        outcome
    };
    if output.is_json() {
        let mut object = serde_json::to_value(&outcome)?;
        if let (Some(object), Some(counts)) = (object.as_object_mut(), &proposed) {
            object.insert("flags".into(), serde_json::to_value(counts)?);
        }
        output.json(&object)?;
    } else {
        print(&outcome, arguments, output)?;
        if let Some(counts) = proposed.filter(|counts| !counts.is_empty()) {
            let word = if arguments.raise_flags { "taken over" } else { "proposed; `tanyin draft flags` shows why" };
            let named: Vec<String> = counts.iter().map(|(flag, count)| format!("{flag}: {count}")).collect();
            output.line(format_args!("flags {word}: {}", named.join(", ")))?;
        }
    }
    if outcome.report.has_errors() { Err(CliError::Findings) } else { Ok(()) }
}

/// How many flags the rules propose, by flag; taken over where that was asked for. Nothing where there is no draft.
fn flags(ground: &Ground, arguments: &ImportArguments, outcome: &ImportOutcome) -> Result<Option<BTreeMap<String, u64>>, CliError> {
    if outcome.run.is_none() || outcome.difference.as_ref().is_none_or(|difference| difference.next.is_none()) {
        return Ok(None);
    }
    let counts = desk::count_open_flags(ground, &arguments.dataset)?;
    if arguments.raise_flags && !counts.is_empty() {
        let reason = Some("taken over at the import");
        desk::accept_flags(ground, &arguments.dataset, &Proposals::default(), reason, &arguments.actor.name())?;
    }
    Ok(Some(counts))
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
        Some(run) if difference.next.is_none() => {
            output.line(format_args!("nothing differs, so there is no draft; run {run} is recorded: {found}"))
        }
        Some(run) => {
            output.line(format_args!("imported (run {run}): {found}"))?;
            output.line(format_args!("next: `tanyin draft diff {dataset}` to look at it, `tanyin draft submit {dataset}` to freeze it"))
        }
        None => output.line(format_args!("dry run, nothing was stored: {found}")),
    }
}
