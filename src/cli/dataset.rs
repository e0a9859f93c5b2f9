//! `tanyin dataset`: what is fixed for a dataset as a whole.

use clap::Subcommand;
use serde_json::json;

use super::arguments::{Actor, verifier};
use super::outcome::CliError;
use super::output::{Output, counted};
use super::place::Place;
use crate::dataset::DatasetId;
use crate::desk::{set_policy, set_restricted};
use crate::tlog::VerifierKey;

/// What to do with a dataset.
#[derive(Debug, Subcommand)]
pub(super) enum DatasetCommand {
    /// Say how many reviewers must approve what is submitted from now on, and whether it takes a grant to read
    #[command(group(clap::ArgGroup::new("wish").required(true).multiple(true).args(["approvals", "restricted", "open"])))]
    Policy {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        /// How many; 0 lets the submission itself suffice
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
        approvals: Option<u32>,
        /// What is submitted from now on is read with a grant alone: `tanyin token grant` (releases stay as they were released)
        #[arg(long, conflicts_with = "open")]
        restricted: bool,
        /// What is submitted from now on is read by everybody
        #[arg(long)]
        open: bool,
        /// A reviewer's verifier key, once for each: approvals must then be signed with one of them (left out: as before)
        #[arg(long = "reviewer", value_name = "VKEY", value_parser = verifier, requires = "approvals")]
        reviewers: Vec<VerifierKey>,
        /// Let names suffice again: no keys
        #[arg(long, conflicts_with = "reviewers", requires = "approvals")]
        no_reviewers: bool,
        #[command(flatten)]
        actor: Actor,
    },
}

/// Does what was asked with a dataset.
pub(super) fn dataset(place: &Place, command: &DatasetCommand, output: &mut Output) -> Result<(), CliError> {
    let DatasetCommand::Policy { dataset, approvals, restricted, open, reviewers, no_reviewers, actor } = command;
    let keys = (*no_reviewers || !reviewers.is_empty()).then_some(reviewers.as_slice());
    let ground = place.open()?;
    let keys = approvals.map(|approvals| set_policy(&ground, dataset, approvals, keys, &actor.name())).transpose()?;
    let access = (*restricted || *open).then_some(*restricted);
    if let Some(restricted) = access {
        set_restricted(&ground, dataset, restricted, &actor.name())?;
    }
    if output.is_json() {
        let mut told = json!({"dataset": dataset});
        if let (Some(approvals), Some(keys)) = (approvals, &keys) {
            told["approvals_required"] = json!(approvals);
            told["reviewers"] = json!(keys);
        }
        if let Some(restricted) = access {
            told["restricted"] = json!(restricted);
        }
        return output.json(&told);
    }
    if let Some(restricted) = access {
        let word = if restricted { "restricted: it takes a grant to read it" } else { "open" };
        output.line(format_args!("{dataset}: what is submitted from now on is {word}"))?;
    }
    let (Some(approvals), Some(keys)) = (approvals, keys) else { return Ok(()) };
    let wanted = counted(u64::from(*approvals), "approval", "approvals");
    output.line(format_args!("{dataset} wants {wanted} for what is submitted from now on"))?;
    if keys.is_empty() {
        return output.line("approvals need no signature");
    }
    output.line("approvals are to be signed with one of")?;
    keys.iter().try_for_each(|key| output.line(format_args!("  {key}")))
}
