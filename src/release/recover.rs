//! Bringing the published files up to what the database has committed.
//!
//! The same [`apply`] runs after every commit and at every start, so recovery
//! is the normal path and not a special one.

use super::{Ground, PublicFact, ReleaseError};
use crate::canon::Digest;
use crate::store;

/// Publishes the file of one committed fact; doing it twice is fine.
pub(super) fn apply(ground: &Ground, seq: i64, record: Digest) -> Result<(), ReleaseError> {
    let bytes = ground.blobs().read(record)?;
    ground.blobs().put_named(&PublicFact::file_name(seq), &bytes)?;
    Ok(())
}

/// Applies what was committed and not yet published; refuses to go on where files and database disagree.
///
/// More published facts than committed ones mean a database restored from an
/// old backup (threat T17) or other hands in the files: going on would fork history.
pub fn recover(ground: &Ground) -> Result<u64, ReleaseError> {
    let committed = ground.database()?.read(|connection| {
        let facts = store::fact_list(connection, 0)?;
        let head = store::head_size(connection)?;
        Ok::<_, ReleaseError>((facts, head))
    })?;
    let (facts, head) = committed;
    if i64::try_from(facts.len()).ok() != Some(head) {
        return Err(ReleaseError::Disagree(format!("the database's head counts {head} facts, and it holds {}", facts.len())));
    }
    let known: std::collections::BTreeSet<String> = facts.iter().map(|fact| PublicFact::file_name(fact.seq)).collect();
    if let Some(beyond) = ground.blobs().list_named("facts")?.iter().find(|name| !known.contains(*name)) {
        return Err(ReleaseError::Disagree(format!(
            "{beyond} is published, but the database knows only {head} facts; was an old backup restored?"
        )));
    }
    let mut applied = 0;
    for fact in facts {
        let name = PublicFact::file_name(fact.seq);
        match ground.blobs().read_named(&name)? {
            Some(bytes) if Digest::of(&bytes) == fact.record_digest => {}
            Some(_) => return Err(ReleaseError::Disagree(format!("{name} differs from what the database committed"))),
            None => {
                apply(ground, fact.seq, fact.record_digest)?;
                applied += 1;
            }
        }
    }
    Ok(applied)
}
