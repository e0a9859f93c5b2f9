//! `tanyin draft`: see it, freeze it, decide on it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use semver::Version;
use serde_json::{Value, json};

use super::arguments::{Actor, parse_version};
use super::changes::{DifferenceArguments, show_difference};
use super::crosswalk::{CrosswalkArguments, crosswalk};
use super::draft_edit as edit;
use super::findings::{counts_line, print_difference};
use super::flags::{FlagsArguments, draft_flags};
use super::key::{read_signer, sign};
use super::outcome::CliError;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use crate::bulk::Sides;
use crate::dataset::DatasetId;
use crate::desk::{self, NewReview, Submitted, VersionWish, draft_difference, draft_sides};
use crate::release::Ground;
use crate::store::{self, Approval, Decision, Draft, ImportRun};

/// What to do with drafts.
#[derive(Debug, Subcommand)]
pub(super) enum DraftCommand {
    /// List all drafts
    List,
    /// Show where a draft stands: its import, its difference, its approvals
    Show {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
    },
    /// Show each factor that differs from the latest release
    Diff {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        #[command(flatten)]
        shown: DifferenceArguments,
    },
    /// Change cells of one factor by hand; who, when and why stands in the release's record
    Edit(edit::EditArguments),
    /// Take one factor out by hand
    Remove(edit::RemoveArguments),
    /// Say what became of keys that are gone: propose, confirm and write the records of the crosswalk
    Crosswalk(CrosswalkArguments),
    /// Show the flags that rules propose for the draft's lines; accept or dismiss them
    Flags(FlagsArguments),
    /// Freeze lines, version and manifest; what is approved is what is published
    Submit(SubmitArguments),
    /// Approve what was submitted
    Approve {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        /// What to remember beside the approval
        #[arg(long, value_name = "TEXT", default_value = "")]
        comment: String,
        /// Sign with the key in this file, where the policy names reviewers' keys
        #[arg(long, value_name = "FILE", conflicts_with = "signature")]
        key: Option<PathBuf>,
        /// A signature made elsewhere, by `tanyin key approve`: its line
        #[arg(long, value_name = "LINE")]
        signature: Option<String>,
        #[command(flatten)]
        actor: Actor,
    },
    /// Send what was submitted back to its steward
    Reject {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        /// What to change
        #[arg(long, value_name = "TEXT")]
        comment: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Throw a draft away
    Discard {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        #[command(flatten)]
        actor: Actor,
    },
}

/// What to submit, and as which version.
#[derive(Debug, Args)]
pub(super) struct SubmitArguments {
    /// The dataset
    #[arg(value_name = "ID")]
    dataset: DatasetId,
    /// The version, if not the package's own
    #[arg(long, value_name = "X.Y.Z", value_parser = parse_version, conflicts_with = "bump")]
    version: Option<Version>,
    /// Take the version that the difference demands, whatever the package says
    #[arg(long, value_name = "HOW")]
    bump: Option<BumpWish>,
    #[command(flatten)]
    actor: Actor,
}

/// How the version is chosen.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum BumpWish {
    /// Computed from the difference.
    Auto,
}

/// Does what was asked with drafts.
pub(super) fn draft(place: &Place, command: &DraftCommand, output: &mut Output) -> Result<(), CliError> {
    let ground = place.open()?;
    match command {
        DraftCommand::List => list(&ground, output),
        DraftCommand::Show { dataset } => show(&ground, dataset, output),
        DraftCommand::Diff { dataset, shown } => diff(&ground, dataset, shown, output),
        DraftCommand::Edit(arguments) => edit::edit(&ground, arguments, output),
        DraftCommand::Remove(arguments) => edit::remove(&ground, arguments, output),
        DraftCommand::Flags(arguments) => draft_flags(&ground, arguments, output),
        DraftCommand::Crosswalk(arguments) => crosswalk(&ground, arguments, output),
        DraftCommand::Submit(arguments) => submit(&ground, arguments, output),
        DraftCommand::Approve { dataset, comment, key, signature, actor } => {
            let made = match key {
                Some(file) => Some(sign(&read_signer(file)?, &desk::text_to_sign(&ground, dataset)?)?),
                None => signature.clone(),
            };
            let review = NewReview { reviewer: &actor.name(), comment, signature: made.as_deref() };
            let missing = desk::approve(&ground, dataset, &review)?;
            if output.is_json() {
                return output.json(&json!({"dataset": dataset, "state": if missing == 0 { "approved" } else { "submitted" }, "approvals_missing": missing}));
            }
            match missing {
                0 => output.line(format_args!("approved by {}; next: `tanyin release publish {dataset}`", actor.name())),
                _ => output.line(format_args!("approved by {}; approvals still missing: {missing}", actor.name())),
            }
        }
        DraftCommand::Reject { dataset, comment, actor } => {
            desk::reject(&ground, dataset, &actor.name(), comment)?;
            done(output, dataset, "rejected", "rejected: the draft can be imported again or submitted again")
        }
        DraftCommand::Discard { dataset, actor } => {
            desk::discard(&ground, dataset, &actor.name())?;
            done(output, dataset, "discarded", "discarded: releases stay as they are")
        }
    }
}

fn done(output: &mut Output, dataset: &DatasetId, state: &str, words: &str) -> Result<(), CliError> {
    if output.is_json() {
        output.json(&json!({"dataset": dataset, "state": state}))
    } else {
        output.line(format_args!("{dataset}: {words}"))
    }
}

fn list(ground: &Ground, output: &mut Output) -> Result<(), CliError> {
    let drafts = ground.database()?.read(store::draft_list).map_err(CliError::from_store)?;
    if output.is_json() {
        return output.json(&json!({"drafts": drafts.iter().map(members).collect::<Vec<_>>()}));
    }
    if drafts.is_empty() {
        return output.line("no drafts; `tanyin import PATH --dataset ID` makes one");
    }
    let mut rows = vec![["DATASET", "STATE", "VERSION", "BASE", "UPDATED"].map(str::to_owned).to_vec()];
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    rows.extend(drafts.iter().map(|draft| {
        let state = draft.state.as_str().to_owned();
        vec![draft.dataset.clone(), state, or_dash(&draft.version), or_dash(&draft.base_version), draft.updated_at.clone()]
    }));
    output.table(&rows)
}

/// A draft for machines.
fn members(draft: &Draft) -> Value {
    json!({
        "dataset": draft.dataset, "state": draft.state.as_str(), "revision": draft.revision, "base": draft.base_version,
        "version": draft.version, "manifest": draft.manifest_digest, "submitted_by": draft.submitted_by,
        "submitted_at": draft.submitted_at, "updated_at": draft.updated_at, "import_run": draft.import_run
    })
}

fn show(ground: &Ground, dataset: &DatasetId, output: &mut Output) -> Result<(), CliError> {
    let desk::Standing { draft, difference, run, approvals_required: required, decisions, approvals_missing, edits, .. } =
        desk::standing(ground, dataset)?;
    if output.is_json() {
        let mut object = members(&draft);
        if let Value::Object(object) = &mut object {
            object.insert("import".into(), run.as_ref().map(run_members).unwrap_or_default());
            object.insert("difference".into(), serde_json::to_value(&difference)?);
            object.insert(
                "approvals".into(),
                json!({"required": required, "missing": approvals_missing, "decisions": decisions.iter().map(decision_members).collect::<Vec<_>>()}),
            );
        }
        if let Value::Object(object) = &mut object {
            object.insert("edits".into(), edits.iter().map(edit::members).collect());
        }
        return output.json(&object);
    }
    output.line(format_args!("the draft of {dataset}"))?;
    output.field("state", format_args!("{}, since {}", draft.state, draft.updated_at))?;
    if let Some(run) = &run {
        output.field("import", format_args!("run {}: {} by {}, {}", run.id, run.file_name, run.actor, run.finished_at))?;
        output.field("", format_args!("{} rows, {} factors, {} warnings", run.rows, run.factors, run.warnings))?;
    }
    for one in &edits {
        output.field("edited", format_args!("{} by {}, {}: {}", one.key, one.actor, one.at, one.reason))?;
    }
    print_difference(&difference, output)?;
    if let (Some(version), Some(manifest), Some(by)) = (&draft.version, draft.manifest_digest, &draft.submitted_by) {
        output.field("submitted", format_args!("as {version} by {by}"))?;
        output.field("manifest", manifest)?;
    }
    output.field("approvals", format_args!("{required} wanted by the dataset's policy"))?;
    for decision in &decisions {
        let word = if decision.decision == Decision::Approve { "approved" } else { "rejected" };
        let comment = if decision.comment.is_empty() { String::new() } else { format!(": {}", decision.comment) };
        output.field("", format_args!("{word} by {}, {}{comment}", decision.reviewer, decision.at))?;
    }
    Ok(())
}

fn run_members(run: &ImportRun) -> Value {
    json!({
        "run": run.id, "actor": run.actor, "started_at": run.started_at, "finished_at": run.finished_at, "file_name": run.file_name,
        "source": run.source_digest, "source_bytes": run.source_bytes, "rows": run.rows, "factors": run.factors,
        "errors": run.errors, "warnings": run.warnings
    })
}

fn decision_members(decision: &Approval) -> Value {
    json!({"reviewer": decision.reviewer, "decision": decision.decision.as_str(), "comment": decision.comment, "at": decision.at})
}

fn diff(ground: &Ground, dataset: &DatasetId, shown: &DifferenceArguments, output: &mut Output) -> Result<(), CliError> {
    let (_, difference) = draft_difference(ground, dataset)?;
    let sides = draft_sides(ground, dataset)?;
    if !output.is_json() {
        print_difference(&difference, output)?;
    }
    show_difference(&Sides::of_draft(dataset, &sides), shown, &json!({"difference": difference}), output)
}

fn submit(ground: &Ground, arguments: &SubmitArguments, output: &mut Output) -> Result<(), CliError> {
    let wish = match (&arguments.version, arguments.bump) {
        (Some(version), _) => VersionWish::Exact(version.clone()),
        (None, Some(BumpWish::Auto)) => VersionWish::Auto,
        (None, None) => VersionWish::Package,
    };
    let progress = Progress::start(format!("freezing {}", arguments.dataset));
    let submitted = desk::submit(ground, &arguments.dataset, &wish, &arguments.actor.name())?;
    drop(progress);
    if output.is_json() { output.json(&submitted) } else { print_submitted(&submitted, output) }
}

fn print_submitted(submitted: &Submitted, output: &mut Output) -> Result<(), CliError> {
    let Submitted { dataset, version, manifest, approvals_required, signed, difference, .. } = submitted;
    output.line(format_args!("submitted {dataset}@{version}"))?;
    output.field("manifest", manifest)?;
    output.field("difference", counts_line(&difference.counts))?;
    match approvals_required {
        0 => output.line(format_args!("the policy wants no approval; next: `tanyin release publish {dataset}`")),
        _ => {
            let key = if *signed { " --key FILE" } else { "" };
            output.line(format_args!(
                "approvals wanted: {approvals_required}, from others than who submitted; next: `tanyin draft approve {dataset} --by NAME{key}`"
            ))
        }
    }
}
