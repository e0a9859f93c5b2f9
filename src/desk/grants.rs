//! Restricted datasets: the policy, and who is granted to read them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::DeskError;
use crate::dataset::DatasetId;
use crate::release::Ground;
use crate::store::{self, Connection, Grant, NewEvent};

/// Says whether what is submitted from now on takes a grant to read. What is released stays as it was released.
///
/// # Errors
/// [`DeskError::NoDataset`]; when the database fails.
pub fn set_restricted(ground: &Ground, dataset: &DatasetId, restricted: bool, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        store::dataset_get(connection, dataset.as_str())?.ok_or_else(|| DeskError::NoDataset(dataset.to_string()))?;
        store::dataset_set_restricted(connection, dataset.as_str(), restricted)?;
        note(connection, (&at, actor, "dataset.policy"), dataset, dataset.as_str(), &json!({"restricted": restricted}))
    })
}

/// Lets the holder of a token read a restricted dataset; a second time changes nothing.
///
/// # Errors
/// [`DeskError::NoToken`], [`DeskError::NoDataset`]; when the database fails.
pub fn grant(ground: &Ground, token: &str, dataset: &DatasetId, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        let known = store::token_get(connection, token)?.filter(|known| known.revoked_at.is_none());
        let known = known.ok_or_else(|| DeskError::NoToken(token.chars().take(80).collect()))?;
        store::dataset_get(connection, dataset.as_str())?.ok_or_else(|| DeskError::NoDataset(dataset.to_string()))?;
        let new = Grant { token: token.to_owned(), dataset: dataset.to_string(), granted_at: at.clone(), granted_by: actor.to_owned() };
        if store::grant_insert(connection, &new)? {
            note(connection, (&at, actor, "grant.create"), dataset, token, &json!({"name": known.name}))?;
        }
        Ok(())
    })
}

/// Takes a grant back: from now on the token does not read the dataset.
///
/// # Errors
/// [`DeskError::NoGrant`] where there is none; when the database fails.
pub fn revoke_grant(ground: &Ground, token: &str, dataset: &DatasetId, actor: &str) -> Result<(), DeskError> {
    let at = ground.now();
    ground.database()?.write(|connection| {
        if !store::grant_delete(connection, token, dataset.as_str())? {
            return Err(DeskError::NoGrant { token: token.chars().take(80).collect(), dataset: dataset.to_string() });
        }
        note(connection, (&at, actor, "grant.revoke"), dataset, token, &json!({}))
    })
}

/// The datasets that each token is granted.
///
/// # Errors
/// When the database fails.
pub fn list_grants(ground: &Ground) -> Result<BTreeMap<String, Vec<String>>, DeskError> {
    let mut grants: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for grant in ground.database()?.read(store::grant_list)? {
        grants.entry(grant.token).or_default().push(grant.dataset);
    }
    Ok(grants)
}

fn note(
    connection: &mut Connection,
    (at, actor, act): (&str, &str, &str),
    dataset: &DatasetId,
    subject: &str,
    detail: &Value,
) -> Result<(), DeskError> {
    store::event_append(connection, &NewEvent { at, actor, act, dataset: Some(dataset.as_str()), subject, detail })?;
    Ok(())
}
