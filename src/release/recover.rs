//! Bringing the published files up to what the database has committed.
//!
//! The same [`apply`] runs after every commit and at every start, so recovery is the normal path and not a special one.

use super::commit::stage;
use super::cosign::ask_missing_witnesses;
use super::effect::Effect;
use super::log::{CHECKPOINT_NAME, Stage, partials_of, read_checkpoint, staged_size};
use super::{Ground, ReleaseError};
use crate::store::{self, Head};
use crate::tlog::empty_root;

/// Publishes what is committed and not yet published, and gives the head. Doing it twice is fine.
///
/// It runs as the only writer, so that an old checkpoint never takes the place of a newer one.
///
/// # Errors
/// [`ReleaseError::Disagree`] where the published log is longer than the committed one, or another: a database restored from
/// an old backup, or other hands in the files (going on would fork the log).
pub(super) fn apply(ground: &Ground) -> Result<Head, ReleaseError> {
    let (head, published) = ground.database()?.write(|connection| {
        let head = store::head_get(connection)?;
        let published = published_head(ground)?;
        agree(head, published)?;
        Ok::<_, ReleaseError>((head, published))
    })?;
    if published.is_some_and(|published| published == head) {
        discard_staging(ground, head)?;
        return Ok(head);
    }
    let next = find_stage(ground, head, published)?;
    ground.database()?.write(|connection| {
        // another process may have published meanwhile; a checkpoint never goes back
        let now = published_head(ground)?;
        if now != published || store::head_get(connection)? != head {
            return Ok::<_, ReleaseError>(());
        }
        publish_stage(ground, &next)
    })?;
    discard_staging(ground, head)?;
    Ok(head)
}

/// What the published checkpoint says; none: there is none yet.
fn published_head(ground: &Ground) -> Result<Option<Head>, ReleaseError> {
    let Some(published) = read_checkpoint(ground.blobs())? else { return Ok(None) };
    let size = i64::try_from(published.checkpoint.size).map_err(|error| ReleaseError::Disagree(error.to_string()))?;
    Ok(Some(Head { size, root: published.checkpoint.root }))
}

/// The published log is the committed one, or a beginning of it.
fn agree(head: Head, published: Option<Head>) -> Result<(), ReleaseError> {
    let Some(published) = published else { return Ok(()) };
    if published.size > head.size {
        return Err(ReleaseError::Disagree(format!(
            "the published checkpoint covers {} facts, but the database knows only {}; was an old backup of the database restored?",
            published.size, head.size
        )));
    }
    if published.size == head.size && published.root != head.root {
        return Err(ReleaseError::Disagree(format!(
            "both have {} facts, but the published checkpoint has the root {} and the database {}: the log has been forked",
            head.size, published.root, head.root
        )));
    }
    Ok(())
}

/// What was staged for the head, or the same computed again from the facts in the database.
fn find_stage(ground: &Ground, head: Head, published: Option<Head>) -> Result<Stage, ReleaseError> {
    let published = published.unwrap_or(Head { size: 0, root: empty_root() });
    if let Some(staged) = Stage::read(ground.blobs(), &head)?
        && i64::try_from(staged.from()).ok() == Some(published.size)
    {
        staged.check(ground.blobs())?;
        return Ok(staged);
    }
    let facts = ground.database()?.read(|connection| store::fact_list(connection, published.size))?;
    let leaves: Vec<&str> = facts.iter().map(|fact| fact.leaf.as_str()).collect();
    let again = stage(ground, published, &leaves, None)?;
    if again.head() == head {
        return Ok(again);
    }
    Err(ReleaseError::Disagree(format!(
        "the facts in the database give the root {} at size {}, but its head says {} at {}",
        again.head().root,
        again.head().size,
        head.root,
        head.size
    )))
}

fn publish_stage(ground: &Ground, stage: &Stage) -> Result<(), ReleaseError> {
    let blobs = ground.blobs();
    for (name, bytes) in stage.files()? {
        ground.effect(Effect::PutTile, || Ok(blobs.put_named(&name, &bytes)?))?;
    }
    ground.effect(Effect::ReplaceCheckpoint, || Ok(blobs.replace_named(CHECKPOINT_NAME, stage.checkpoint.as_bytes())?))?;
    for (name, _) in stage.files()? {
        if let Some(partials) = partials_of(&name) {
            blobs.remove_named(&partials)?; // a reader of the old checkpoint finds their hashes in the full tile
        }
    }
    Ok(())
}

/// Removes what was staged for this head and those before it. What is staged beyond it may be another publisher's.
fn discard_staging(ground: &Ground, head: Head) -> Result<(), ReleaseError> {
    for name in ground.blobs().list_named("staging")? {
        if staged_size(&name).is_none_or(|size| size <= head.size) {
            ground.effect(Effect::DiscardStaging, || Ok(ground.blobs().remove_named(&name)?))?;
        }
    }
    Ok(())
}

/// Makes the log on a new ground, publishes what was committed and not yet published, and refuses to go on where files and
/// database disagree.
///
/// # Errors
/// [`ReleaseError::Disagree`] where files and database tell different histories; [`ReleaseError::Key`] and
/// [`ReleaseError::Origin`] where the log is another.
pub fn recover(ground: &Ground) -> Result<(), ReleaseError> {
    super::log_birth::ensure_log(ground)?;
    let head = apply(ground)?;
    let count = ground.database()?.read(|connection| store::fact_list(connection, (head.size - 1).max(0)))?;
    let last = count.last().map_or(0, |fact| fact.seq + 1);
    if last != head.size {
        return Err(ReleaseError::Disagree(format!("the database's head counts {} facts, and it holds {last}", head.size)));
    }
    ask_missing_witnesses(ground);
    Ok(())
}
