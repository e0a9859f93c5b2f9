//! `tanyin draft crosswalk`: what became of keys that are gone.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::arguments::Actor;
use super::outcome::CliError;
use super::output::{Output, counted};
use crate::bulk::{Sides, walk};
use crate::dataset::{CrosswalkRecord, DatasetId, Likeness, Verb, read_crosswalk_csv, write_crosswalk_csv};
use crate::desk::{DeskError, DraftCrosswalk, change_crosswalk, draft_sides, rename_record};
use crate::factor::Decimal;
use crate::release::Ground;

/// Whose crosswalk, and what to do with it.
#[derive(Debug, Args)]
pub(super) struct CrosswalkArguments {
    /// The dataset
    #[arg(value_name = "ID")]
    dataset: DatasetId,
    #[command(subcommand)]
    act: CrosswalkAct,
}

/// What to do with a draft's crosswalk.
#[derive(Debug, Subcommand)]
enum CrosswalkAct {
    /// Show the records
    Show {
        /// As a table: verb,from,to,share,reason,by,at
        #[arg(long)]
        csv: bool,
    },
    /// Show which removed and added factors look like the same one, with score and reasons
    Propose,
    /// Confirm a proposed rename, or all from a score on
    Confirm {
        /// The key that is gone
        #[arg(required_unless_present = "all")]
        from: Option<String>,
        /// The key that came
        #[arg(requires = "from")]
        to: Option<String>,
        /// Every proposal with at least this score, of 1000
        #[arg(long, value_name = "SCORE", conflicts_with = "from")]
        all: Option<u32>,
        /// Why; everybody will read it
        #[arg(long, value_name = "TEXT", default_value = "renamed")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Say that a proposed rename is none: it is not proposed again
    Deny {
        /// The key that is gone
        from: String,
        /// The key that came
        to: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Add a record, or the records of a table
    Add {
        /// create, replace, update, delete, split or merge
        #[arg(long, value_parser = verb, required_unless_present = "csv")]
        verb: Option<Verb>,
        /// A key of the release before; may be given several times
        #[arg(long, value_name = "KEY")]
        from: Vec<String>,
        /// A key of the draft; may be given several times
        #[arg(long, value_name = "KEY")]
        to: Vec<String>,
        /// Of a split: how much falls to each new key, in their order
        #[arg(long, value_name = "DECIMAL")]
        share: Vec<Decimal>,
        /// Why; everybody will read it
        #[arg(long, value_name = "TEXT", required_unless_present = "csv")]
        reason: Option<String>,
        /// A table of records: verb,from,to,share,reason
        #[arg(long, value_name = "FILE", conflicts_with_all = ["verb", "from", "to", "share", "reason"])]
        csv: Option<PathBuf>,
        #[command(flatten)]
        actor: Actor,
    },
    /// Take out the records that speak of a key
    Remove {
        /// The key, before or after
        key: String,
        #[command(flatten)]
        actor: Actor,
    },
}

fn verb(text: &str) -> Result<Verb, String> {
    Verb::from_word(text).ok_or_else(|| "write create, replace, update, delete, split or merge".to_owned())
}

/// Does what was asked with a draft's crosswalk.
pub(super) fn crosswalk(ground: &Ground, arguments: &CrosswalkArguments, output: &mut Output) -> Result<(), CliError> {
    let dataset = &arguments.dataset;
    match &arguments.act {
        CrosswalkAct::Show { csv } => show(&draft_sides(ground, dataset)?.crosswalk, *csv, output),
        CrosswalkAct::Propose => propose(ground, dataset, output),
        CrosswalkAct::Confirm { from, to, all, reason, actor } => {
            let pairs = match (from, to) {
                (Some(from), Some(to)) => vec![(from.clone(), to.clone())],
                _ => proposals(ground, dataset)?
                    .proposals
                    .into_iter()
                    .filter(|pair| all.map_or(from.as_ref() == Some(&pair.from), |least| pair.score >= least))
                    .map(|pair| (pair.from, pair.to))
                    .collect(),
            };
            if pairs.is_empty() {
                return Err(DeskError::NothingNamed("no such rename is proposed: name the key before and the key after".to_owned()).into());
            }
            let actor = actor.name();
            add(ground, dataset, &actor, output, |at| pairs.iter().map(|(from, to)| rename_record(from, to, reason, &actor, at)).collect())
        }
        CrosswalkAct::Deny { from, to, actor } => {
            let pair = (from.clone(), to.clone());
            change_crosswalk(ground, dataset, &actor.name(), |crosswalk, _| Ok(crosswalk.denied.insert(pair)))?;
            done(output, dataset, "denied", 1)
        }
        CrosswalkAct::Add { verb, from, to, share, reason, csv, actor } => {
            let records = match (csv, verb) {
                (Some(path), _) => {
                    let file = std::fs::File::open(path)
                        .map_err(|error| std::io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
                    read_crosswalk_csv(file).map_err(DeskError::from)?
                }
                (None, Some(verb)) => vec![CrosswalkRecord {
                    verb: *verb,
                    from: from.clone(),
                    to: if *verb == Verb::Update && to.is_empty() { from.clone() } else { to.clone() },
                    share: share.clone(),
                    reason: reason.clone().unwrap_or_default(),
                    by: None,
                    at: None,
                }],
                (None, None) => return Err(CliError::Usage("name a verb, or a table with --csv".to_owned())),
            };
            let by = actor.name();
            let signed = |record: CrosswalkRecord, at: &str| CrosswalkRecord { by: Some(by.clone()), at: Some(at.to_owned()), ..record };
            add(ground, dataset, &by, output, |at| records.into_iter().map(|record| signed(record, at)).collect())
        }
        CrosswalkAct::Remove { key, actor } => {
            let none = || DeskError::NothingNamed(format!("no record speaks of `{key}`"));
            let removed = change_crosswalk(ground, dataset, &actor.name(), |crosswalk, _| match crosswalk.records.remove(key) {
                0 => Err(none()),
                removed => Ok(removed),
            })?;
            done(output, dataset, "removed", removed)
        }
    }
}

/// Adds records; each must fit the draft, or none is added.
fn add(
    ground: &Ground,
    dataset: &DatasetId,
    actor: &str,
    output: &mut Output,
    records: impl FnOnce(&str) -> Vec<CrosswalkRecord>,
) -> Result<(), CliError> {
    let sides = draft_sides(ground, dataset)?;
    let added = change_crosswalk(ground, dataset, actor, |crosswalk, at| {
        let records = records(at);
        let count = records.len();
        for record in records {
            crosswalk.records.add(record)?;
        }
        crate::desk::check_fit(&crosswalk.records, sides.old.as_deref().unwrap_or_default(), &sides.new)?;
        Ok(count)
    })?;
    done(output, dataset, "added", added)
}

fn done(output: &mut Output, dataset: &DatasetId, word: &str, count: usize) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, word: count}));
    }
    output.line(format_args!("{dataset}: {} {word}", counted(count as u64, "record", "records")))
}

fn show(crosswalk: &DraftCrosswalk, csv: bool, output: &mut Output) -> Result<(), CliError> {
    if csv {
        return output.bytes(&write_crosswalk_csv(&crosswalk.records)?);
    }
    if output.is_json() {
        return output.json(&json!({"records": crosswalk.records, "denied": crosswalk.denied}));
    }
    if crosswalk.records.is_empty() {
        return output.line("no records; `tanyin draft crosswalk ID propose` shows what looks like a rename");
    }
    let mut rows = vec![["VERB", "FROM", "TO", "REASON", "BY"].map(str::to_owned).to_vec()];
    rows.extend(crosswalk.records.records().iter().map(|record| {
        let by = record.by.clone().unwrap_or_default();
        vec![record.verb.as_str().to_owned(), record.from.join(", "), record.to.join(", "), record.reason.clone(), by]
    }));
    output.table(&rows)
}

fn proposals(ground: &Ground, dataset: &DatasetId) -> Result<Likeness, CliError> {
    let sides = draft_sides(ground, dataset)?;
    let sides = Sides::of_draft(dataset, &sides);
    Ok(walk(&sides, |_| Ok(()))?.likeness(&sides)?)
}

fn propose(ground: &Ground, dataset: &DatasetId, output: &mut Output) -> Result<(), CliError> {
    let found = proposals(ground, dataset)?;
    if output.is_json() {
        return output.json(&json!({"proposals": found.proposals, "too_many": found.too_many}));
    }
    if found.too_many {
        return output.line("too many factors came and went to be compared: write the records with --csv");
    }
    if found.proposals.is_empty() {
        return output.line("no removed factor looks like an added one");
    }
    for pair in &found.proposals {
        output.line(format_args!("{:>4}  {} → {}", pair.score, pair.from, pair.to))?;
        output.line(format_args!("      {}", pair.reasons.join("; ")))?;
    }
    output.line(format_args!(
        "next: `tanyin draft crosswalk {dataset} confirm FROM TO`, or `confirm --all SCORE`; `deny FROM TO` for what is none"
    ))
}
