//! `tanyin log`: the transparency log of this server, and its key.

use clap::Subcommand;
use serde_json::{Value, json};

use super::arguments::Actor;
use super::outcome::CliError;
use super::output::{Output, counted};
use super::place::Place;
use crate::release::{read_checkpoint, read_entries, retire_log_keys, rotate_log_key};

/// What to do with the log.
#[derive(Debug, Subcommand)]
pub(super) enum LogCommand {
    /// Show the published checkpoint and the key that verifies it
    Show,
    /// Print every public fact, one a line, in its order
    Facts,
    /// Give the log a new key: a fact of the log; the old key signs beside it until it is retired
    RotateKey {
        #[command(flatten)]
        actor: Actor,
    },
    /// Remove former keys from the key file: the current one signs alone from the next checkpoint on
    RetireKeys {
        #[command(flatten)]
        actor: Actor,
    },
}

/// Does what was asked with the log.
pub(super) fn log(place: &Place, command: &LogCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        LogCommand::Show => show(place, output),
        LogCommand::Facts => facts(place, output),
        LogCommand::RotateKey { actor } => {
            let key = rotate_log_key(&place.open()?, &actor.name())?;
            if output.is_json() {
                return output.json(&json!({"key": key.to_string()}));
            }
            output.line(format_args!("the log's key is now {key}"))?;
            output.line("tell it to those who verify; the old key signs beside it until `tanyin log retire-keys`")
        }
        LogCommand::RetireKeys { actor } => {
            let removed = retire_log_keys(&place.open()?, &actor.name())?;
            if output.is_json() {
                return output.json(&json!({"removed": removed}));
            }
            output.line(format_args!(
                "removed {} from the key file",
                counted(u64::try_from(removed).unwrap_or(0), "former key", "former keys")
            ))
        }
    }
}

fn show(place: &Place, output: &mut Output) -> Result<(), CliError> {
    let (ground, catalogue) = place.catalogue()?;
    let note = catalogue.checkpoint().map(|published| published.note.clone()).unwrap_or_default();
    let keys = ground.blobs().read_named(crate::release::KEY_NAME).map_err(CliError::from_store)?.unwrap_or_default();
    let keys = String::from_utf8_lossy(&keys).into_owned();
    if output.is_json() {
        let keys: Vec<&str> = keys.lines().collect();
        return output.json(&json!({"checkpoint": note, "keys": keys, "facts": catalogue.facts()}));
    }
    output.line(note.trim_end())?;
    output.line("")?;
    output.line(format_args!(
        "{} verified by",
        if keys.lines().count() == 1 { "its key, to be" } else { "its keys, the current one first, to be" }
    ))?;
    keys.lines().try_for_each(|key| output.line(format_args!("  {key}")))
}

fn facts(place: &Place, output: &mut Output) -> Result<(), CliError> {
    let (ground, _) = place.catalogue()?;
    let size = read_checkpoint(ground.blobs())?.map_or(0, |published| published.checkpoint.size);
    for (index, entry) in read_entries(ground.blobs(), 0, size)?.into_iter().enumerate() {
        if output.is_json() {
            let fact: Value = serde_json::from_slice(&entry)?;
            output.json(&json!({"index": index, "fact": fact}))?;
        } else {
            output.line(String::from_utf8_lossy(&entry))?;
        }
    }
    Ok(())
}
