//! `tanyin dataset`: what is fixed for a dataset as a whole.

use clap::Subcommand;
use serde_json::json;

use super::arguments::{Actor, verifier};
use super::outcome::CliError;
use super::output::{Output, counted};
use super::place::Place;
use crate::dataset::DatasetId;
use crate::desk::set_policy;
use crate::tlog::VerifierKey;

/// What to do with a dataset.
#[derive(Debug, Subcommand)]
pub(super) enum DatasetCommand {
    /// Say how many reviewers must approve what is submitted from now on
    Policy {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        /// How many; 0 lets the submission itself suffice
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100))]
        approvals: u32,
        /// A reviewer's verifier key, once for each: approvals must then be signed with one of them (left out: as before)
        #[arg(long = "reviewer", value_name = "VKEY", value_parser = verifier)]
        reviewers: Vec<VerifierKey>,
        /// Let names suffice again: no keys
        #[arg(long, conflicts_with = "reviewers")]
        no_reviewers: bool,
        #[command(flatten)]
        actor: Actor,
    },
}

/// Does what was asked with a dataset.
pub(super) fn dataset(place: &Place, command: &DatasetCommand, output: &mut Output) -> Result<(), CliError> {
    let DatasetCommand::Policy { dataset, approvals, reviewers, no_reviewers, actor } = command;
    let keys = (*no_reviewers || !reviewers.is_empty()).then_some(reviewers.as_slice());
    let keys = set_policy(&place.open()?, dataset, *approvals, keys, &actor.name())?;
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, "approvals_required": approvals, "reviewers": keys}));
    }
    let wanted = counted(u64::from(*approvals), "approval", "approvals");
    output.line(format_args!("{dataset} wants {wanted} for what is submitted from now on"))?;
    if keys.is_empty() {
        return output.line("approvals need no signature");
    }
    output.line("approvals are to be signed with one of")?;
    keys.iter().try_for_each(|key| output.line(format_args!("  {key}")))
}
