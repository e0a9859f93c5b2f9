//! `tanyin check`: what an import would find, without importing.

use std::path::PathBuf;

use clap::Args;

use super::arguments::FormatArguments;
use super::findings::{print_report, verdict};
use super::outcome::CliError;
use super::output::Output;
use super::progress::Progress;
use crate::desk;
use crate::validate::Sinks;

/// What to check.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// A package (a folder with datapackage.json), a table (factors.csv), or a publisher's file with --profile
    path: PathBuf,
    #[command(flatten)]
    format: FormatArguments,
}

/// Checks a file and prints what was found.
pub(super) fn check(arguments: &CheckArguments, output: &mut Output) -> Result<(), CliError> {
    let format = arguments.format.open()?;
    let progress = Progress::start(format!("checking {}", arguments.path.display()));
    let mut sinks = Sinks { line: &mut |_| Ok(()), progress: &mut |rows| progress.rows(rows) };
    let checked = desk::check(&arguments.path, &format.reading(), None, &mut sinks)?;
    drop(progress);
    let report = checked.report;
    if output.is_json() {
        output.json(&report)?;
    } else {
        if let Some(package) = &checked.package {
            output.line(format_args!("{}, package {}@{}", arguments.path.display(), package.dataset, package.version))?;
        } else {
            output.line(arguments.path.display())?;
        }
        print_report(&report, output)?;
        let word = if report.has_errors() { "cannot be imported" } else { "fine" };
        output.line(format_args!("{word}: {}", verdict(&report)))?;
    }
    if report.has_errors() { Err(CliError::Findings) } else { Ok(()) }
}
