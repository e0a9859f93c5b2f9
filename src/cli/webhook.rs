//! `tanyin webhook`: who is told of releases, withdrawals and flags as they happen.

use std::sync::Arc;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::arguments::Actor;
use super::outcome::{CliError, Refusal};
use super::output::Output;
use super::place::Place;
use crate::feed::{
    AllowRule, Allowed, Courier, NewWebhook, WebhookError, create_webhook, delete_webhook, delivery_members, list_webhooks, show_webhook,
    webhook_deliveries, webhook_members,
};
use crate::store::{Webhook, WebhookDelivery};

/// What to do with webhooks.
#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// Make a webhook and print its secret: it is shown once
    Create(CreateArguments),
    /// List all webhooks, without their secrets
    List,
    /// Show one webhook and how far it was told
    Show {
        /// Its id, as `tanyin webhook list` shows it
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Remove a webhook and its deliveries
    Delete {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// List the attempts to tell a webhook something, newest first
    Deliveries {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// Attempts to list
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Send a test now, from this machine
    Test {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
        /// A network, an address or a host that may be sent to although it is not public
        #[arg(long, value_name = "CIDR|HOST")]
        webhook_allow: Vec<AllowRule>,
    },
}

/// What a webhook is to be.
#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// Where notices are sent
    #[arg(value_name = "URL")]
    url: String,
    /// Of these datasets alone; again for another one
    #[arg(long, value_name = "ID")]
    dataset: Vec<String>,
    /// Of these types alone: release, sealed, withdraw, restore, supersede, flag, unflag, key; again for another one
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// What stands in the log after this place too; -1 for everything
    #[arg(long, value_name = "SEQ", allow_hyphen_values = true)]
    after: Option<i64>,
    #[command(flatten)]
    actor: Actor,
}

impl From<WebhookError> for CliError {
    fn from(error: WebhookError) -> Self {
        let message = error.to_string();
        let code = match error {
            WebhookError::Release(error) => return error.into(),
            WebhookError::Url(_) => "url",
            WebhookError::NoDataset { .. } => "no-dataset",
            WebhookError::NoType { .. } => "type",
            WebhookError::After { .. } => "after",
            WebhookError::TooMany => "too-many",
            WebhookError::NoChange => "nothing-changed",
            WebhookError::NoWebhook(_) => "no-webhook",
            WebhookError::NoDelivery { .. } => "no-delivery",
        };
        Refusal::new(code, message).into()
    }
}

/// Does what was asked with webhooks.
pub(super) fn webhook(place: &Place, command: &WebhookCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        WebhookCommand::Create(arguments) => create(place, arguments, output),
        WebhookCommand::List => list(&list_webhooks(&place.open()?)?, output),
        WebhookCommand::Show { id } => show(&show_webhook(&place.open()?, id)?, output),
        WebhookCommand::Delete { id, actor } => {
            delete_webhook(&place.open()?, id, &actor.name())?;
            if output.is_json() { output.json(&json!({"id": id, "deleted": true})) } else { output.line(format_args!("{id}: deleted")) }
        }
        WebhookCommand::Deliveries { id, limit } => deliveries(&webhook_deliveries(&place.open()?, id, None, *limit)?, output),
        WebhookCommand::Test { id, webhook_allow } => {
            let allowed = Arc::new(Allowed::from(webhook_allow.clone()));
            let delivery = Courier::new(place.open()?, allowed, "")?.test(id)?;
            let arrived = delivery.outcome == "delivered";
            if arrived || !output.is_json() {
                deliveries(std::slice::from_ref(&delivery), output)?;
            }
            if arrived { Ok(()) } else { Err(failed(&delivery)) }
        }
    }
}

fn failed(delivery: &WebhookDelivery) -> CliError {
    let why = delivery.error.clone().unwrap_or_default();
    Refusal::new("not-delivered", format!("the test did not arrive: {why}")).with(delivery_members(delivery)).into()
}

fn create(place: &Place, arguments: &CreateArguments, output: &mut Output) -> Result<(), CliError> {
    let (ground, catalogue) = (place.open()?, place.catalogue()?.1);
    let CreateArguments { url, dataset, types, after, actor } = arguments;
    let new = NewWebhook { url: url.clone(), datasets: dataset.clone(), types: types.clone(), after: *after };
    let hook = create_webhook(&ground, &catalogue, &new, &actor.name())?;
    if output.is_json() {
        let mut object = webhook_members(&hook);
        object["secret"] = Value::String(hook.secret.clone());
        return output.json(&object);
    }
    output.line(&hook.secret)?;
    super::tell(format_args!("the secret of {} for {}: it is shown this once", hook.id, hook.url));
    Ok(())
}

fn all(text: &str) -> String {
    if text.is_empty() { "all".to_owned() } else { text.replace(',', " ") }
}

fn state(hook: &Webhook) -> String {
    match (hook.active, &hook.stopped, &hook.next_at) {
        (1, _, Some(next)) => format!("{} failed, next {next}", hook.attempts),
        (1, _, None) => "active".to_owned(),
        (_, Some(_), _) => "stopped".to_owned(),
        _ => "off".to_owned(),
    }
}

fn list(hooks: &[Webhook], output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"webhooks": hooks.iter().map(webhook_members).collect::<Vec<_>>()}));
    }
    if hooks.is_empty() {
        return output.line("no webhooks; `tanyin webhook create URL` makes one");
    }
    let mut rows = vec![["ID", "STATE", "TOLD", "DATASETS", "TYPES", "URL"].map(str::to_owned).to_vec()];
    rows.extend(
        hooks
            .iter()
            .map(|hook| vec![hook.id.clone(), state(hook), hook.seen.to_string(), all(&hook.datasets), all(&hook.types), hook.url.clone()]),
    );
    output.table(&rows)
}

fn show(hook: &Webhook, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&webhook_members(hook));
    }
    output.line(format_args!("{} → {}", hook.id, hook.url))?;
    output.field("datasets", all(&hook.datasets))?;
    output.field("types", all(&hook.types))?;
    output.field("state", state(hook))?;
    if let Some(why) = &hook.stopped {
        output.field("", why)?;
    }
    output.field("told up to", hook.seen)?;
    output.field("made", format_args!("{} by {}", hook.created_at, hook.created_by))
}

fn deliveries(deliveries: &[WebhookDelivery], output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"deliveries": deliveries.iter().map(delivery_members).collect::<Vec<_>>()}));
    }
    if deliveries.is_empty() {
        return output.line("nothing was sent yet");
    }
    let mut rows =
        vec![["DELIVERY", "AT", "KIND", "SEQ", "ATTEMPT", "STATUS", "MS", "OUTCOME", "NEXT", "ERROR"].map(str::to_owned).to_vec()];
    let told = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    rows.extend(deliveries.iter().map(|one| {
        vec![
            one.id.to_string(),
            one.at.clone(),
            one.kind.clone(),
            told(one.seq.map(|seq| seq.to_string())),
            one.attempt.to_string(),
            told(one.status.map(|status| status.to_string())),
            one.duration_ms.to_string(),
            one.outcome.clone(),
            told(one.next_at.clone()),
            told(one.error.clone()),
        ]
    }));
    output.table(&rows)
}
