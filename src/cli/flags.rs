//! `tanyin draft flags`: what rules propose for a draft's lines, and what becomes of it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::Actor;
use super::outcome::CliError;
use super::output::{Output, counted, grouped};
use crate::dataset::DatasetId;
use crate::desk::{FlagProposal, ProposalState, Proposals, accept_flags, dismiss_flags, proposed_flags};
use crate::factor::{flag_code, flags, nearest};
use crate::release::Ground;

/// Proposals that are shown; --json lists all.
const LISTED: usize = 100;

/// Whose flags, and what to do with them.
#[derive(Debug, Args)]
pub(super) struct FlagsArguments {
    /// The dataset
    #[arg(value_name = "ID")]
    dataset: DatasetId,
    #[command(subcommand)]
    act: Option<FlagsAct>,
}

/// Which proposals.
#[derive(Debug, Default, Args)]
struct Which {
    /// Of this flag alone
    #[arg(long, value_parser = flag)]
    flag: Option<String>,
    /// Of this rule alone
    #[arg(long)]
    rule: Option<String>,
    /// Of this factor alone
    #[arg(long)]
    key: Option<String>,
}

/// What to do with the flags that rules propose.
#[derive(Debug, Subcommand)]
enum FlagsAct {
    /// Show them with their evidence
    List {
        #[command(flatten)]
        which: Which,
        /// The open ones alone
        #[arg(long)]
        open: bool,
    },
    /// Take open proposals over: their flags become the lines'
    Accept {
        #[command(flatten)]
        which: Which,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        actor: Actor,
    },
    /// Say why open proposals do not hold; the same are not made again by the next import
    Dismiss {
        #[command(flatten)]
        which: Which,
        /// Why not
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
}

/// Reads a flag by its own name or by that of another system.
pub(super) fn flag(text: &str) -> Result<String, String> {
    let hint = || nearest(text, flags().keys().map(String::as_str)).map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default();
    flag_code(text).map(str::to_owned).ok_or_else(|| format!("it is not a flag{}", hint()))
}

impl Which {
    fn proposals(&self) -> Proposals<'_> {
        Proposals { flag: self.flag.as_deref(), rule: self.rule.as_deref(), key: self.key.as_deref(), picked: None }
    }
}

/// Does what was asked with the flags of a draft.
pub(super) fn draft_flags(ground: &Ground, arguments: &FlagsArguments, output: &mut Output) -> Result<(), CliError> {
    let dataset = &arguments.dataset;
    match &arguments.act {
        None => list(ground, dataset, &Which::default(), false, output),
        Some(FlagsAct::List { which, open }) => list(ground, dataset, which, *open, output),
        Some(FlagsAct::Accept { which, reason, actor }) => {
            let decided = accept_flags(ground, dataset, &which.proposals(), reason.as_deref(), &actor.name())?;
            done(dataset, "accepted", decided, output)
        }
        Some(FlagsAct::Dismiss { which, reason, actor }) => {
            let decided = dismiss_flags(ground, dataset, &which.proposals(), reason, &actor.name())?;
            done(dataset, "dismissed", decided, output)
        }
    }
}

fn done(dataset: &DatasetId, word: &str, decided: u64, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, word: decided}));
    }
    output.line(format_args!("{dataset}: {} {word}", counted(decided, "proposed flag", "proposed flags")))
}

fn list(ground: &Ground, dataset: &DatasetId, which: &Which, open: bool, output: &mut Output) -> Result<(), CliError> {
    let wanted = which.proposals();
    let mut proposals = proposed_flags(ground, dataset)?;
    proposals.retain(|proposal| wanted.take_in(proposal) && (!open || proposal.state == ProposalState::Open));
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, "flags": proposals}));
    }
    output.line(format_args!("{dataset}: {}", summary(&proposals)))?;
    for proposal in proposals.iter().take(LISTED) {
        let raised = &proposal.raised;
        let state = match (proposal.state, &proposal.reason) {
            (ProposalState::Open, _) => String::new(),
            (ProposalState::Accepted, _) => " (accepted)".to_owned(),
            (ProposalState::Dismissed, reason) => format!(" (dismissed: {})", reason.clone().unwrap_or_default()),
        };
        output.line(format_args!("  {}  {}{state}", raised.flag, raised.key))?;
        output.line(format_args!("      {} [{} {}]", raised.evidence, raised.rule, raised.rule_version))?;
    }
    match proposals.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => output.line(format_args!("… and {} more; --json lists all", grouped(more as u64))),
    }
}

/// How many of each flag are proposed and open.
pub(super) fn summary(proposals: &[FlagProposal]) -> String {
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    for proposal in proposals.iter().filter(|proposal| proposal.state == ProposalState::Open) {
        *counts.entry(&proposal.raised.flag).or_default() += 1;
    }
    if counts.is_empty() {
        return "no flag is proposed and open".to_owned();
    }
    let named: Vec<String> = counts.iter().map(|(flag, count)| format!("{flag}: {}", grouped(*count))).collect();
    format!("proposed and open: {}", named.join(", "))
}
