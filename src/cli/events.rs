//! `tanyin events`: who did what, and when, as NDJSON.

use clap::Args;
use serde_json::{Value, json};

use super::outcome::CliError;
use super::output::Output;
use super::place::Place;
use crate::store;

/// How many rows are read at a time.
const PAGE: i64 = 1000;

/// Which events.
#[derive(Debug, Args)]
pub(super) struct EventsArguments {
    /// Those after this place; 0 prints all
    #[arg(long, value_name = "SEQ", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    /// Of this dataset alone
    #[arg(long, value_name = "ID")]
    dataset: Option<crate::dataset::DatasetId>,
}

/// Prints every act that was recorded, one JSON object a line.
pub(super) fn events(place: &Place, arguments: &EventsArguments, output: &mut Output) -> Result<(), CliError> {
    let ground = place.open()?;
    let mut after = arguments.after;
    loop {
        let page = ground.database()?.read(|connection| store::event_list(connection, after, PAGE)).map_err(CliError::from_store)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.seq;
        let wanted =
            |event: &&store::Event| arguments.dataset.as_ref().is_none_or(|dataset| event.dataset.as_deref() == Some(dataset.as_str()));
        for event in page.iter().filter(wanted) {
            let detail: Value = serde_json::from_str(&event.detail)?;
            output.json(&json!({
                "seq": event.seq, "at": event.at, "actor": event.actor, "act": event.act, "dataset": event.dataset,
                "subject": event.subject, "detail": detail
            }))?;
        }
    }
}
