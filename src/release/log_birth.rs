//! The beginning of a log, and the change of its key.

use super::commit::commit;
use super::fact::LEAF_FORMAT;
use super::log::{CHECKPOINT_NAME, KEY_NAME};
use super::{Ground, LogKeys, PublicFact, ReleaseError};
use crate::store::{self, Connection, LogIdentity, NewEvent};
use crate::tlog::{Checkpoint, VerifierKey, empty_root};

/// The name of a log that was not given one.
pub const DEFAULT_ORIGIN: &str = "tanyin.local/log";

/// Makes the log on a ground that has none: key, name, and the checkpoint of the empty tree.
///
/// # Errors
/// [`ReleaseError::Origin`] where another name is asked for than the log has; [`ReleaseError::Key`] where the key file that
/// lies there is of another log.
pub(super) fn ensure_log(ground: &Ground) -> Result<(), ReleaseError> {
    let database = ground.database()?;
    let wanted = ground.log_origin_wanted();
    let identity = match database.read(store::log_identity_get)? {
        Some(identity) => identity,
        None => make_log(ground, wanted.unwrap_or(DEFAULT_ORIGIN))?,
    };
    if let Some(wanted) = wanted.filter(|wanted| *wanted != identity.origin) {
        return Err(ReleaseError::Origin { wanted: wanted.to_owned(), found: identity.origin });
    }
    if ground.blobs().read_named(CHECKPOINT_NAME)?.is_none() && database.read(store::head_get)?.size == 0 {
        let text = Checkpoint { origin: identity.origin.clone(), size: 0, root: empty_root(), extensions: Vec::new() }.to_text();
        let note = ground.log_keys()?.sign(&text, &ground.log_vkeys()?)?;
        ground.blobs().replace_named(CHECKPOINT_NAME, note.to_string().as_bytes())?;
    }
    publish_keys(ground)
}

/// Keeps the published list of keys as the database has it.
fn publish_keys(ground: &Ground) -> Result<(), ReleaseError> {
    let keys: String = ground.log_vkeys()?.iter().rev().map(|key| format!("{key}\n")).collect();
    if ground.blobs().read_named(KEY_NAME)?.as_deref() != Some(keys.as_bytes()) {
        ground.blobs().replace_named(KEY_NAME, keys.as_bytes())?;
    }
    Ok(())
}

fn make_log(ground: &Ground, origin: &str) -> Result<LogIdentity, ReleaseError> {
    let path = ground.log_key_path();
    let keys = match LogKeys::read(path)? {
        Some(keys) => keys,
        None => LogKeys::create(path, origin)?,
    };
    let of_origin = keys.verifiers().into_iter().rev().find(|key| key.name() == origin);
    let key = of_origin.ok_or_else(|| ReleaseError::Key {
        path: path.to_owned(),
        why: format!("it holds no key of the name {origin}: a log's key has the log's name"),
    })?;
    let new = LogIdentity { origin: origin.to_owned(), vkey: key.to_string(), created_at: ground.now() };
    ground.database()?.write(|connection| {
        if let Some(other) = store::log_identity_get(connection)? {
            return Ok(other); // somebody made it meanwhile
        }
        store::log_identity_insert(connection, &new)?;
        let detail = serde_json::json!({"origin": new.origin, "key": new.vkey});
        event(connection, &new.created_at, "operator", "log.create", &new.origin, &detail)?;
        Ok::<_, ReleaseError>(new)
    })
}

/// Gives the log a new key: a fact of the log, in a checkpoint that the old key signs too.
///
/// The old key goes on signing beside the new one until [`retire_log_keys`] removes it.
///
/// # Errors
/// [`ReleaseError::Key`] where the key file lacks the current key or cannot be written.
pub fn rotate_log_key(ground: &Ground, actor: &str) -> Result<VerifierKey, ReleaseError> {
    let known = ground.log_vkeys()?;
    let previous = known.last().cloned().unwrap_or_default();
    let mut keys = ground.log_keys()?;
    keys.find(&previous)?; // a file of another log is left as it is
    let origin = ground.log_origin()?;
    // a key of a rotation that was cut short is in the file already, and is taken
    let unused = keys.verifiers().into_iter().find(|key| key.name() == origin && !known.contains(&key.to_string()));
    let key = match unused {
        Some(key) => key,
        None => keys.add(&origin)?,
    };
    let vkey = key.to_string();
    let at = ground.now();
    let fact = PublicFact::Key { at: at.clone(), format: LEAF_FORMAT.into(), key: vkey.clone(), previous: previous.clone() };
    commit(ground, &fact, Some(&vkey), |connection, seq| {
        let detail = serde_json::json!({"key": vkey, "previous": previous, "seq": seq});
        event(connection, &at, actor, "log.rotate-key", &origin, &detail)
    })?;
    publish_keys(ground)?;
    Ok(key)
}

/// Removes all former keys from the key file: from now on the current one signs alone. Says how many went.
///
/// # Errors
/// [`ReleaseError::Key`] where the key file lacks the current key or cannot be written.
pub fn retire_log_keys(ground: &Ground, actor: &str) -> Result<usize, ReleaseError> {
    let current = ground.log_vkeys()?.last().cloned().unwrap_or_default();
    let mut keys = ground.log_keys()?;
    let key = keys.find(&current)?.verifier().clone();
    let removed = keys.keep_only(&key)?;
    let (at, origin) = (ground.now(), ground.log_origin()?);
    let detail = serde_json::json!({"key": current, "removed": removed});
    ground.database()?.write(|connection| event(connection, &at, actor, "log.retire-keys", &origin, &detail))?;
    Ok(removed)
}

fn event(
    connection: &mut Connection,
    at: &str,
    actor: &str,
    act: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), ReleaseError> {
    store::event_append(connection, &NewEvent { at, actor, act, dataset: None, subject, detail })?;
    Ok(())
}
