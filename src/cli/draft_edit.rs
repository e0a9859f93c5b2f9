//! `tanyin draft edit` and `remove`: one factor of a draft, changed by hand.

use clap::Args;
use serde_json::{Value, json};

use super::arguments::Actor;
use super::findings::print_report;
use super::outcome::CliError;
use super::output::Output;
use crate::dataset::DatasetId;
use crate::desk::{self, By, CellMap, EditChange, Edited, NewEdit};
use crate::release::Ground;
use crate::store::DraftEdit;

/// Which cells of which factor.
#[derive(Debug, Args)]
pub(super) struct EditArguments {
    /// The dataset
    #[arg(value_name = "ID")]
    dataset: DatasetId,
    /// The factor
    #[arg(value_name = "KEY")]
    key: String,
    /// A column of factors.csv and what its cell is to say, once for each; nothing behind the = clears the cell
    #[arg(long = "set", value_name = "COLUMN=TEXT", value_parser = cell, required = true)]
    cells: Vec<(String, String)>,
    /// Add the factor if it is not there: the cells are all that it has
    #[arg(long)]
    add: bool,
    /// Why: it stands in the release's record
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    actor: Actor,
}

/// Which factor goes.
#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// The dataset
    #[arg(value_name = "ID")]
    dataset: DatasetId,
    /// The factor
    #[arg(value_name = "KEY")]
    key: String,
    /// Why: it stands in the release's record
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    actor: Actor,
}

fn cell(text: &str) -> Result<(String, String), String> {
    let (column, cell) = text.split_once('=').ok_or_else(|| format!("`{text}` sets nothing: write COLUMN=TEXT, such as value=0.5366"))?;
    Ok((column.trim().to_owned(), cell.to_owned()))
}

/// Changes cells of a factor.
pub(super) fn edit(ground: &Ground, arguments: &EditArguments, output: &mut Output) -> Result<(), CliError> {
    let cells: CellMap = arguments.cells.iter().cloned().collect();
    if cells.len() < arguments.cells.len() {
        return Err(CliError::Usage("a column is set twice: set each once".to_owned()));
    }
    let change = if arguments.add { EditChange::Replace(cells) } else { EditChange::Set(cells) };
    apply(ground, (&arguments.dataset, &arguments.key, &arguments.reason), &change, &arguments.actor.name(), output)
}

/// Takes a factor out.
pub(super) fn remove(ground: &Ground, arguments: &RemoveArguments, output: &mut Output) -> Result<(), CliError> {
    apply(ground, (&arguments.dataset, &arguments.key, &arguments.reason), &EditChange::Remove, &arguments.actor.name(), output)
}

fn apply(
    ground: &Ground,
    (dataset, key, reason): (&DatasetId, &str, &str),
    change: &EditChange,
    actor: &str,
    output: &mut Output,
) -> Result<(), CliError> {
    let new = NewEdit { key, change, reason };
    let edited = desk::edit(ground, dataset, &new, By::from(actor))?;
    if output.is_json() {
        output.json(&json!({"dataset": dataset, "key": key, "revision": edited.revision, "factor": line(&edited)?,
            "findings": edited.report.findings, "items": edited.report.items}))?;
    } else {
        if !edited.report.items.is_empty() {
            print_report(&edited.report, output)?;
        }
        match (edited.revision, &edited.line) {
            (None, _) => output.line("nothing was changed")?,
            (Some(revision), Some(_)) => output.line(format_args!("{dataset}: {key} edited; the draft is at revision {revision}"))?,
            (Some(revision), None) => output.line(format_args!("{dataset}: {key} removed; the draft is at revision {revision}"))?,
        }
    }
    if edited.revision.is_none() { Err(CliError::Findings) } else { Ok(()) }
}

fn line(edited: &Edited) -> Result<Value, CliError> {
    Ok(edited.line.as_deref().map(serde_json::from_slice).transpose()?.unwrap_or_default())
}

/// An edit for machines.
pub(super) fn members(edit: &DraftEdit) -> Value {
    json!({"key": edit.key, "by": edit.actor, "at": edit.at, "reason": edit.reason})
}
