//! The command line: every act of the house as one command, for people and for scripts.
//!
//! What a command says goes to standard output, everything about how it goes to
//! standard error. Scripts read `--json` and the exit code.

mod arguments;
mod changes;
mod check;
mod crosswalk;
mod dataset;
mod delta;
mod draft;
mod draft_edit;
mod events;
mod export;
mod findings;
mod flags;
mod import;
mod key;
mod lock;
mod lock_show;
mod log;
mod lookup;
mod outcome;
mod output;
mod place;
mod product;
mod profile;
mod progress;
mod provenance;
mod quality;
mod release;
mod search;
mod serve;
mod token;
mod verify;
mod webhook;
mod witness;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use outcome::{CliError, FAULT};
use output::{Output, show_error};
use place::Place;

/// Names the variable that sets how much is logged.
const LOG_VARIABLE: &str = "TANYIN_LOG";

const ABOUT: &str = "Tanyin (碳因): a database server for emission factors whose numbers can be proved.

A dataset is a folder with datapackage.json and factors.csv. It is checked and imported into the dataset's draft, \
submitted (which freezes its lines and its version), approved if the dataset's policy wants that, and published. \
A release never changes; one that is wrong is withdrawn and replaced.";

const EXAMPLES: &str = "\
Start a server; the first start publishes the bundled datasets:
  tanyin serve
  curl http://127.0.0.1:8080/v1/datasets

Ask for one factor, or for the emission of an amount, without a server:
  tanyin lookup --dataset cn-electricity-co2 --key grid-average/cn-zj/2022
  tanyin lookup --dataset cn-electricity-co2@1.2.0 --activity electricity/grid-average \\
      --region CN-ZJ --year 2022 --amount 100 --unit kW.h

Where did it come from?
  tanyin provenance cn-electricity-co2@1.2.0 grid-average/cn-zj/2022

From a package to a release:
  tanyin check datasets/my-factors/1.0.0
  tanyin import datasets/my-factors/1.0.0 --dataset my-factors
  tanyin draft diff my-factors
  tanyin draft submit my-factors
  tanyin release publish my-factors

Verify what you hold, or what a server shows:
  tanyin verify
  tanyin verify https://factors.example --key factors.example/log+…

Take a release with you:
  tanyin export my-factors@1.0.0 --format csv -o my-factors.csv

Pin what a calculator uses, and see in its continuous integration when a factor moves:
  tanyin lock add 'cn-electricity-co2@^1#grid-average/cn-zj/2022' --server https://factors.example.org \\
      --amount 100 --unit kW.h
  tanyin lock check
  tanyin lock outdated

Exit codes: 0 fine; 1 refused, or findings of severity error; 2 the command was not understood;
3 a fault (disk, database, damaged files).
With --json, standard output holds one JSON object, {\"error\":{\"code\":…,\"message\":…}} if it went wrong.
TANYIN_LOG sets what is logged to standard error: error, warn, info, debug, or tanyin=debug.";

/// The command line as it is written.
#[derive(Debug, Parser)]
#[command(name = "tanyin", version, about = ABOUT, after_help = EXAMPLES, max_term_width = 110, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; the first start makes the data folder and publishes the bundled datasets
    Serve(serve::ServeArguments),
    /// Check a package or a table, and change nothing
    Check(check::CheckArguments),
    /// Bring a package into its dataset's draft, or say why not
    Import(import::ImportArguments),
    /// See a draft, submit it, and decide on it
    #[command(subcommand)]
    Draft(draft::DraftCommand),
    /// Publish, list, show, compare and withdraw releases
    #[command(subcommand)]
    Release(release::ReleaseCommand),
    /// Find the one factor that fits, or say what there is
    ///
    /// What is left out constrains nothing. Several matches are refused with what tells them apart, and nothing falls back to
    /// another region or year unless it is asked to.
    Lookup(Box<lookup::LookupArguments>),
    /// Find factors by words in Chinese or English and by filters, the most relevant first
    Search(Box<search::SearchArguments>),
    /// Say which CBAM default value applies to a good of a country in a year
    Cbam(crate::product::CbamQuery),
    /// Put factors side by side, with their life-cycle stages
    Compare(crate::product::CompareQuery),
    /// Say where a footprint stands among the factors that it can be compared with
    Benchmark(Box<product::BenchmarkArguments>),
    /// List accounting rules, those that factors follow and those that are registered
    Rules(crate::product::RulesQuery),
    /// Tell where a number came from, back to the cell of its source and on to the checkpoint
    Provenance(provenance::ProvenanceArguments),
    /// Copy a release's factors into a file
    Export(export::ExportArguments),
    /// Make the delta of two releases, or apply one: what to put and delete, so that one becomes the exact bytes of the other
    #[command(subcommand)]
    Delta(delta::DeltaCommand),
    /// Check that released data are what was released, agreed upon and signed; offline where it can be
    ///
    /// Without an argument the data folder is verified: every file, the log, every release, and the database's rows. Exit code 1
    /// says that something is wrong, 3 that something could not be read.
    Verify(Box<verify::VerifyArguments>),
    /// Pin the factors that a calculator uses in a file with their proofs, check it offline, and see what moved
    #[command(subcommand)]
    Lock(lock::LockCommand),
    /// Show the transparency log, and change its key
    #[command(subcommand)]
    Log(log::LogCommand),
    /// Make reviewers' and witnesses' keys, and sign approvals
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Watch other people's logs, and sign that they only grow (C2SP tlog-witness)
    Witness(witness::WitnessArguments),
    /// Print who did what and when at the desk, one JSON object a line; what the public sees is /v1/events
    Events(events::EventsArguments),
    /// List, show and try the profiles that publishers' files are read under
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    /// Set a dataset's policy
    #[command(subcommand)]
    Dataset(dataset::DatasetCommand),
    /// Make, list and revoke the tokens by which people act over HTTP
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Make, list and remove webhooks: who is told of releases, withdrawals and flags as they happen
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
}

/// Runs the program on its arguments.
pub fn main() -> ExitCode {
    // a panic is a bug of ours: it has told its story on standard error, and scripts see a fault
    let code = std::panic::catch_unwind(|| run(std::env::args_os().collect())).unwrap_or(FAULT);
    ExitCode::from(code)
}

fn run(arguments: Vec<OsString>) -> u8 {
    let json = arguments.iter().any(|argument| argument == "--json");
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => return show_parse_error(&error, json),
    };
    let mut output = Output::new(cli.json);
    let done = start_logging(&cli.command).and_then(|()| dispatch(cli, &mut output));
    let flushed = output.flush();
    match done.and(flushed) {
        Ok(()) => 0,
        Err(error) => show_error(&error, &mut output),
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches_from(arguments)?)
}

/// The route's parameters that are written with `_`.
const ROUTE_NAMES: [&str; 10] = [
    "allow_flags",
    "on_ambiguous",
    "price_basis",
    "price_year",
    "published_until",
    "published_year",
    "region_fallback",
    "source_level",
    "valid_at",
    "year_fallback",
];

/// The commands; the lookup's options can also be written as the route's parameters are.
fn command() -> clap::Command {
    Cli::command().mut_subcommand("lookup", |lookup| {
        lookup.mut_args(|argument| {
            let same = |name: &&str| argument.get_long() == Some(name.replace('_', "-").as_str());
            match ROUTE_NAMES.into_iter().find(same) {
                Some(name) => argument.alias(name),
                None => argument,
            }
        })
    })
}

/// What clap ends its messages with.
const HELP_ADVICE: &str = "For more information, try '--help'.";

/// Help and version are no errors; what is not understood is told in both forms.
fn show_parse_error(error: &clap::Error, json: bool) -> u8 {
    if json && error.use_stderr() {
        let text = error.render().to_string();
        let text = text.trim_start_matches("error: ").trim_end().trim_end_matches(HELP_ADVICE).trim_end();
        let usage = CliError::Usage(text.to_owned());
        show_error(&usage, &mut Output::new(true))
    } else {
        // nobody is left to tell when standard error is closed
        drop(error.print());
        u8::try_from(error.exit_code()).unwrap_or(outcome::USAGE)
    }
}

fn dispatch(cli: Cli, output: &mut Output) -> Result<(), CliError> {
    let place = &cli.place;
    match cli.command {
        Command::Serve(arguments) => serve::serve(place, &arguments),
        Command::Check(arguments) => check::check(&arguments, output),
        Command::Import(arguments) => import::import(place, &arguments, output),
        Command::Draft(command) => draft::draft(place, &command, output),
        Command::Release(command) => release::release(place, &command, output),
        Command::Lookup(arguments) => lookup::lookup(place, &arguments, output),
        Command::Search(arguments) => search::search(place, &arguments, output),
        Command::Cbam(query) => product::cbam(place, &query, output),
        Command::Compare(query) => product::comparison(place, &query, output),
        Command::Benchmark(arguments) => product::stand(place, &arguments, output),
        Command::Rules(query) => product::rules(place, &query, output),
        Command::Provenance(arguments) => provenance::provenance(place, &arguments, output),
        Command::Export(arguments) => export::export(place, &arguments, output),
        Command::Delta(command) => delta::delta(place, &command, output),
        Command::Verify(arguments) => verify::verify(place, &arguments, output),
        Command::Lock(command) => lock::lock(place, &command, output),
        Command::Log(command) => log::log(place, &command, output),
        Command::Key(command) => key::key(&command, output),
        Command::Witness(arguments) => witness::witness(&arguments),
        Command::Events(arguments) => events::events(place, &arguments, output),
        Command::Profile(command) => profile::profile(&command, output),
        Command::Dataset(command) => dataset::dataset(place, &command, output),
        Command::Token(command) => token::token(place, &command, output),
        Command::Webhook(command) => webhook::webhook(place, &command, output),
    }
}

fn start_logging(command: &Command) -> Result<(), CliError> {
    let default = if matches!(command, Command::Serve(_) | Command::Witness(_)) { "info,actix_server=warn" } else { "warn" };
    let wanted = std::env::var(LOG_VARIABLE).ok().filter(|text| !text.trim().is_empty());
    let filter = EnvFilter::builder()
        .parse(wanted.as_deref().unwrap_or(default))
        .map_err(|error| CliError::Usage(format!("{LOG_VARIABLE}: {error}: write error, warn, info or debug")))?;
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    Ok(())
}

/// Says something about the run on standard error, whether or not anybody listens there.
fn tell(text: impl std::fmt::Display) {
    drop(writeln!(std::io::stderr(), "{}", output::clean(&text.to_string())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split(' ').map(OsString::from).collect())
    }

    #[test]
    fn the_commands_are_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        for line in [
            "tanyin --data-dir d --json release list",
            "tanyin release list --json --data-dir d",
            "tanyin release --json list x-y --data-dir=d",
        ] {
            let cli = parsed(line).unwrap();
            assert!(cli.json && cli.place.data_dir == std::path::Path::new("d"), "{line}");
        }
    }

    #[test]
    fn lookup_takes_the_names_of_the_route() {
        for line in ["tanyin lookup --region_fallback parent", "tanyin lookup --region-fallback=parent"] {
            let Command::Lookup(arguments) = parsed(line).unwrap().command else { panic!("{line}") };
            assert_eq!(arguments.query.region_fallback.as_deref(), Some("parent"), "{line}");
        }
        let command = command();
        let options = command.find_subcommand("lookup").unwrap().get_arguments();
        for long in
            options.filter(|option| !option.is_global_set()).filter_map(|option| option.get_long()).filter(|long| long.contains('-'))
        {
            assert!(ROUTE_NAMES.contains(&long.replace('-', "_").as_str()), "{long}");
        }
    }

    #[test]
    fn what_is_not_understood_is_a_usage_error() {
        for line in [
            "tanyin",
            "tanyin nothing",
            "tanyin draft",
            "tanyin draft submit",
            "tanyin draft submit x-y --version 1.0.0 --bump auto",
            "tanyin draft submit x-y --version 1.0",
            "tanyin draft submit x-y --bump major",
            "tanyin draft reject x-y",
            "tanyin draft show UPPER",
            "tanyin draft edit x-y k --reason r",
            "tanyin draft edit x-y k --set value --reason r",
            "tanyin draft edit x-y k --set value=1",
            "tanyin draft remove x-y k",
            "tanyin release withdraw x-y@1.0.0",
            "tanyin release show x-y",
            "tanyin export x-y@1.0.0 --format parqet -o f",
            "tanyin provenance x-y k",
            "tanyin provenance x-y@1.0.0",
            "tanyin provenance x-y@1.0.0 k --format xml",
            "tanyin serve --public-url example.org",
            "tanyin dataset policy x-y --approvals -1",
            "tanyin token create",
            "tanyin token create li",
            "tanyin token create li --role owner",
            "tanyin token create li --role admin --expires 2026-02-30",
            "tanyin serve --listen 8080",
        ] {
            let error = parsed(line).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{line}");
        }
        assert_eq!(parsed("tanyin --help").unwrap_err().exit_code(), 0);
    }
}
