//! `tanyin witness`: cosigning other people's logs.

use std::path::PathBuf;

use clap::Args;

use super::arguments;
use super::key::read_signer;
use super::outcome::{CliError, Refusal};
use super::tell;
use crate::tlog::VerifierKey;
use crate::witness::{Witness, WitnessError, serve};

/// How to witness.
#[derive(Debug, Args)]
pub(super) struct WitnessArguments {
    /// The witness's key, made by `tanyin key new NAME --witness -o FILE`
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The key of a log to sign for, as its server has it at /log/key; give it again for another log or a log's new key
    #[arg(long = "log", value_name = "VKEY", required = true, value_parser = arguments::verifier)]
    logs: Vec<VerifierKey>,
    /// Where to listen
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8081", value_parser = arguments::listen)]
    listen: String,
    /// The folder that remembers the latest checkpoint of each log: never restore it from an older backup
    #[arg(long, value_name = "DIR", default_value = "tanyin-witness")]
    state: PathBuf,
}

/// Serves until it is told to stop.
pub(super) fn witness(arguments: &WitnessArguments) -> Result<(), CliError> {
    let key = read_signer(&arguments.key)?;
    let witness = Witness::open(key, arguments.logs.clone(), &arguments.state).map_err(|error| match error {
        WitnessError::Damaged { .. } | WitnessError::Disk { .. } => CliError::fault(error),
        WitnessError::Taken(_) => Refusal::new("state-taken", error.to_string()).into(),
        WitnessError::Key(_) | WitnessError::LogKey(_) | WitnessError::NoLog => Refusal::new("key", error.to_string()).into(),
    })?;
    let verifier = witness.verifier().to_string();
    tell(format_args!("witness {verifier}"));
    let listening = |address: &str| tell(format_args!("listening on http://{address}"));
    serve(witness, &arguments.listen, listening).map_err(CliError::fault)
}
