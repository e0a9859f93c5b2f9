//! `tanyin check`: what an import would find, without importing.

use std::path::PathBuf;

use clap::Args;

use super::findings::{print_report, verdict};
use super::outcome::CliError;
use super::output::Output;
use super::{arguments, progress::Progress};
use crate::validate::{Sinks, check_source};

/// What to check.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// A package (a folder with datapackage.json) or a table (factors.csv)
    path: PathBuf,
    /// The format of the file; `package` is the only one so far
    #[arg(long, value_name = "P", value_parser = arguments::profile)]
    profile: Option<()>,
}

/// Checks a file and prints what was found.
pub(super) fn check(arguments: &CheckArguments, output: &mut Output) -> Result<(), CliError> {
    let progress = Progress::start(format!("checking {}", arguments.path.display()));
    let mut sinks = Sinks { line: &mut |_| Ok(()), progress: &mut |rows| progress.rows(rows) };
    let checked = check_source(&arguments.path, None, &mut sinks)?;
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
