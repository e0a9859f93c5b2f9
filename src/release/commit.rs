//! How a public fact is committed, in the order of effects that survives a crash at any moment.
//!
//! 1. bring the published files up to what is committed, and read the head;
//! 2. compute the leaf, tiles, bundle and root; recompute the root from the staged bytes; sign the checkpoint;
//! 3. stage all of it under one name: harmless if we die here;
//! 4. ONE transaction: the fact, the rows that go with it, and a compare-and-swap on the head's size and root. This is the
//!    commit point. An error here leaves the outcome unknown: the program stops, and the next start decides;
//! 5. [`apply`]: tiles and bundles, then the checkpoint, then the staging goes. The next start does the same where we died;
//! 6. ask the witnesses, and publish the checkpoint again with what they sign: for as long as they do not, it stands without.
//!
//! Readers see a release once a published checkpoint covers it.

use super::cosign::ask_witnesses;
use super::effect::Effect;
use super::log::Stage;
use super::recover::apply;
use super::{Ground, PublicFact, ReleaseError};
use crate::store::{self, Connection, Fact, Head, StoreError};

/// How often a commit is tried anew when another publisher comes first.
const ATTEMPTS: usize = 8;

/// What a commit needs to know of its fact: the place in the log.
pub(super) type Seq = i64;

/// Commits a fact and the rows that go with it, and publishes the checkpoint that covers it.
///
/// `key` is a verifier key that this fact makes the log's own. `rows` runs inside the transaction; it may run again when
/// another publisher came first.
pub(super) fn commit(
    ground: &Ground,
    fact: &PublicFact,
    key: Option<&str>,
    rows: impl Fn(&mut Connection, Seq) -> Result<(), ReleaseError>,
) -> Result<Seq, ReleaseError> {
    let leaf = fact.to_leaf()?;
    let mut attempt = 1;
    loop {
        match try_commit(ground, fact, &leaf, key, &rows) {
            Err(ReleaseError::Store(StoreError::HeadMoved { .. })) if attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

fn try_commit(
    ground: &Ground,
    fact: &PublicFact,
    leaf: &str,
    key: Option<&str>,
    rows: &impl Fn(&mut Connection, Seq) -> Result<(), ReleaseError>,
) -> Result<Seq, ReleaseError> {
    let head = apply(ground)?;
    let stage = stage(ground, head, &[leaf], key)?;
    ground.effect(Effect::PutStaging, || stage.put(ground.blobs()))?;
    let committed = ground.effect(Effect::Commit, || {
        ground.database()?.write(|connection| {
            let row = Fact {
                seq: head.size,
                at: fact.at().to_owned(),
                kind: fact.kind(),
                dataset: fact.release().map(|(dataset, _)| dataset.to_string()),
                version: fact.release().map(|(_, version)| version.to_string()),
                leaf: leaf.to_owned(),
            };
            store::fact_insert(connection, &row)?;
            rows(connection, head.size)?;
            Ok(store::head_advance(connection, head, stage.head())?)
        })
    });
    if let Err(error) = committed {
        if error.is_refusal() {
            ground.blobs().remove_named(&stage.name())?; // it never became a commit
        }
        return Err(error);
    }
    apply(ground)?;
    ask_witnesses(ground);
    Ok(head.size)
}

/// The next checkpoint of the log, with everything of it that is not published.
pub(super) fn stage(ground: &Ground, head: Head, leaves: &[&str], key: Option<&str>) -> Result<Stage, ReleaseError> {
    let size = u64::try_from(head.size).map_err(|error| ReleaseError::Disagree(error.to_string()))?;
    let mut known = ground.log_vkeys()?;
    known.extend(key.map(str::to_owned));
    let keys = ground.log_keys()?;
    Stage::grow(ground.blobs(), &ground.log_origin()?, (size, head.root), leaves, |text| keys.sign(text, &known))
}
