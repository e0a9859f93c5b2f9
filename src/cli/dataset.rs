//! `tanyin dataset`: what is fixed for a dataset as a whole.

use clap::Subcommand;
use serde_json::json;

use super::arguments::Actor;
use super::outcome::CliError;
use super::output::{Output, counted};
use super::place::Place;
use crate::dataset::DatasetId;
use crate::desk::set_policy;

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
        #[command(flatten)]
        actor: Actor,
    },
}

/// Does what was asked with a dataset.
pub(super) fn dataset(place: &Place, command: &DatasetCommand, output: &mut Output) -> Result<(), CliError> {
    let DatasetCommand::Policy { dataset, approvals, actor } = command;
    set_policy(&place.open()?, dataset, *approvals, &actor.name())?;
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, "approvals_required": approvals}));
    }
    let wanted = counted(u64::from(*approvals), "approval", "approvals");
    output.line(format_args!("{dataset} wants {wanted} for what is submitted from now on"))
}
