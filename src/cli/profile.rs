//! `tanyin profile`: what publishers' files are read under.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::arguments::FormatArguments;
use super::findings::{print_report, verdict};
use super::outcome::{CliError, Refusal};
use super::output::Output;
use super::progress::Progress;
use crate::desk;
use crate::factor::Factor;
use crate::import::KeyedLine;
use crate::import::profile::Profile;
use crate::validate::{Checked, Sinks};

/// What to do with profiles.
#[derive(Debug, Subcommand)]
pub(super) enum ProfileCommand {
    /// List the shipped profiles
    List,
    /// Print a profile's text, to start one of your own from
    Show {
        /// A shipped profile's name, or the path of one of your own
        profile: String,
    },
    /// Read a file under a profile, and show what comes of it; touches nothing
    Test(TestArguments),
}

/// What to try on what.
#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// The publisher's file
    path: PathBuf,
    #[command(flatten)]
    format: FormatArguments,
    /// How many factors are shown
    #[arg(long, value_name = "N", default_value_t = 5)]
    show: usize,
    /// Show the factors whose keys begin so
    #[arg(long, value_name = "TEXT", default_value = "")]
    key: String,
}

/// Runs a command.
pub(super) fn profile(command: &ProfileCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        ProfileCommand::List => list(output),
        ProfileCommand::Show { profile } => show(profile, output),
        ProfileCommand::Test(arguments) => test(arguments, output),
    }
}

fn open(name: &str) -> Result<Profile, CliError> {
    Profile::open(name).map_err(|error| Refusal::new("profile", error.to_string()).into())
}

fn list(output: &mut Output) -> Result<(), CliError> {
    let profiles = Profile::shipped().into_iter().map(open).collect::<Result<Vec<_>, _>>()?;
    if output.is_json() {
        let listed: Vec<Value> = profiles
            .iter()
            .map(|profile| {
                let asks: serde_json::Map<String, Value> = profile.asked().map(|(name, question)| (name.to_owned(), question.into())).collect();
                json!({"profile": profile.id(), "version": profile.version(), "title": profile.title(), "note": profile.note(), "asks": asks})
            })
            .collect();
        return output.json(&json!({"profiles": listed}));
    }
    for profile in &profiles {
        output.line(format_args!("{:<28} {}", profile.id(), profile.title().any()))?;
        for (name, question) in profile.asked() {
            output.line(format_args!("{:<28}   --set {name}=…  {question}", ""))?;
        }
    }
    output.line("\n`tanyin profile show NAME` prints one; docs/profiles.md tells how to write your own")
}

fn show(name: &str, output: &mut Output) -> Result<(), CliError> {
    let profile = open(name)?;
    if output.is_json() {
        return output.json(&json!({"profile": profile.id(), "version": profile.version(), "text": profile.source()}));
    }
    output.line(profile.source().trim_end())
}

fn test(arguments: &TestArguments, output: &mut Output) -> Result<(), CliError> {
    let format = arguments.format.open()?;
    let mut shown: Vec<Factor> = Vec::new();
    let mut take = |line: KeyedLine| {
        if shown.len() < arguments.show && line.key.starts_with(&arguments.key) {
            shown.push(Factor::from_line(&line.line)?);
        }
        Ok(())
    };
    let progress = Progress::start(format!("reading {}", arguments.path.display()));
    let mut sinks = Sinks { line: &mut take, progress: &mut |rows| progress.rows(rows) };
    let checked = desk::check(&arguments.path, &format.reading(), None, &mut sinks)?;
    drop(progress);
    if output.is_json() {
        output.json(&json!({"report": checked.report, "words": checked.words, "factors": shown}))?;
    } else {
        print(arguments, &checked, &shown, output)?;
    }
    if checked.report.has_errors() { Err(CliError::Findings) } else { Ok(()) }
}

fn print(arguments: &TestArguments, checked: &Checked, shown: &[Factor], output: &mut Output) -> Result<(), CliError> {
    output.line(arguments.path.display())?;
    print_report(&checked.report, output)?;
    if let Some(words) = &checked.words {
        output.field("dataset", words.title.any())?;
        for source in &words.sources {
            output.field("source", format_args!("{}: {}", source.id, words.citation_en(&source.id)))?;
        }
    }
    for factor in shown {
        output.line("")?;
        let value = serde_json::to_string_pretty(factor).map_err(CliError::fault)?;
        output.line(value)?;
    }
    output.line(format_args!("\n{}", verdict(&checked.report)))
}
