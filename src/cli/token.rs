//! `tanyin token`: who may act over HTTP.

use std::collections::BTreeMap;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::arguments::{Actor, person};
use super::outcome::CliError;
use super::output::Output;
use super::place::Place;
use crate::dataset::{DatasetId, Role};
use crate::desk::{self, NewToken, expiry, token_members};
use crate::store::{Token, time_text};

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token and print it: it is shown once, and kept as a digest alone
    Create {
        /// The person whose token it is; the name stands in events, approvals and records
        #[arg(value_name = "NAME", value_parser = person)]
        name: String,
        /// reader: restricted datasets granted to it; steward: import, edit, submit; reviewer: approve, publish, withdraw;
        /// admin: everything
        #[arg(long, value_name = "R", value_parser = role)]
        role: Role,
        /// The last day on which it works (UTC), YYYY-MM-DD; without it, it works until it is revoked
        #[arg(long, value_name = "DATE", value_parser = expiry)]
        expires: Option<Timestamp>,
        #[command(flatten)]
        actor: Actor,
    },
    /// List all tokens, without their secrets
    List,
    /// Let the holder of a token read a restricted dataset
    Grant {
        /// The token's id, as `tanyin token list` shows it
        #[arg(value_name = "TOKEN")]
        token: String,
        /// The dataset
        #[arg(value_name = "DATASET")]
        dataset: DatasetId,
        #[command(flatten)]
        actor: Actor,
    },
    /// Take a grant back
    RevokeGrant {
        /// The token's id
        #[arg(value_name = "TOKEN")]
        token: String,
        /// The dataset
        #[arg(value_name = "DATASET")]
        dataset: DatasetId,
        #[command(flatten)]
        actor: Actor,
    },
    /// Revoke a token for ever
    Revoke {
        /// Its id, as `tanyin token list` shows it: the middle part of the token
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        actor: Actor,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::as_str).join(", ");
    Role::from_name(text).ok_or_else(|| format!("`{text}` is no role: the roles are {names}"))
}

/// Does what was asked with tokens.
pub(super) fn token(place: &Place, command: &TokenCommand, output: &mut Output) -> Result<(), CliError> {
    let ground = place.open()?;
    match command {
        TokenCommand::Create { name, role, expires, actor } => {
            let new = NewToken { name, role: *role, expires_at: *expires };
            let (token, shown) = desk::create_token(&ground, &new, &actor.name())?;
            if output.is_json() {
                let mut object = token_members(&token);
                object["token"] = Value::String(shown.to_string());
                return output.json(&object);
            }
            output.line(shown.as_str())?;
            super::tell(format_args!("the token of {} ({}), id {}: it is shown this once", token.name, token.role.as_str(), token.id));
            Ok(())
        }
        TokenCommand::List => list((&desk::list_tokens(&ground)?, &desk::list_grants(&ground)?), &time_text(Timestamp::now()), output),
        TokenCommand::Grant { token, dataset, actor } => {
            desk::grant(&ground, token, dataset, &actor.name())?;
            granted(token, dataset, true, output)
        }
        TokenCommand::RevokeGrant { token, dataset, actor } => {
            desk::revoke_grant(&ground, token, dataset, &actor.name())?;
            granted(token, dataset, false, output)
        }
        TokenCommand::Revoke { id, actor } => {
            desk::revoke_token(&ground, id, &actor.name())?;
            if output.is_json() { output.json(&json!({"id": id, "revoked": true})) } else { output.line(format_args!("{id}: revoked")) }
        }
    }
}

fn granted(token: &str, dataset: &DatasetId, granted: bool, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"token": token, "dataset": dataset, "granted": granted}));
    }
    output.line(format_args!("{token}: {} {dataset}", if granted { "may read" } else { "may no longer read" }))
}

type Grants = BTreeMap<String, Vec<String>>;

fn list((tokens, grants): (&[Token], &Grants), now: &str, output: &mut Output) -> Result<(), CliError> {
    let granted = |token: &Token| grants.get(&token.id).cloned().unwrap_or_default();
    if output.is_json() {
        let with_grants = |token: &Token| {
            let mut members = token_members(token);
            members["grants"] = json!(granted(token));
            members
        };
        return output.json(&json!({"tokens": tokens.iter().map(with_grants).collect::<Vec<_>>()}));
    }
    if tokens.is_empty() {
        return output.line("no tokens; `tanyin token create NAME --role R` makes one");
    }
    let mut rows = vec![["ID", "NAME", "ROLE", "CREATED", "EXPIRES", "STATE", "GRANTS"].map(str::to_owned).to_vec()];
    rows.extend(tokens.iter().map(|token| {
        let expired = token.expires_at.as_deref().is_some_and(|expires| expires <= now);
        let state = match &token.revoked_at {
            Some(at) => format!("revoked {at}"),
            None if expired => "expired".to_owned(),
            None => "valid".to_owned(),
        };
        let expires = token.expires_at.clone().unwrap_or_else(|| "-".to_owned());
        vec![
            token.id.clone(),
            token.name.clone(),
            token.role.as_str().to_owned(),
            token.created_at.clone(),
            expires,
            state,
            granted(token).join(" "),
        ]
    }));
    output.table(&rows)
}
