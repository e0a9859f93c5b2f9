//! Public facts in their order, and the head that says how many are committed.

use diesel::prelude::*;

use super::schema::{fact, head};
use super::{Connection, FactKind, StoreError};
use crate::canon::Digest;

/// A public fact: a version was released or withdrawn. It will be a leaf of the transparency log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = fact)]
pub struct Fact {
    /// Its place, from 0 and without gaps.
    pub seq: i64,
    /// When.
    pub at: String,
    /// What it tells.
    pub kind: FactKind,
    /// The dataset.
    pub dataset: String,
    /// The version.
    pub version: String,
    /// The digest of the fact as it is published.
    pub record_digest: Digest,
}

/// Adds the fact at its place, which must be the next one.
///
/// # Errors
/// [`StoreError::HeadMoved`] when the place is taken; [`StoreError::VersionExists`] or [`StoreError::AlreadyWithdrawn`] when
/// the same was told before; [`StoreError::Corrupt`] when it would leave a gap.
pub fn fact_insert(connection: &mut Connection, new: &Fact) -> Result<(), StoreError> {
    let last: Option<i64> = fact::table.select(diesel::dsl::max(fact::seq)).first(connection)?;
    let next = last.map_or(0, |last| last + 1);
    if new.seq < next {
        return Err(StoreError::HeadMoved { expected: new.seq, found: next });
    }
    refuse_second(connection, new)?;
    if new.seq > next {
        return Err(StoreError::corrupt("the list of facts", format!("fact {} is to follow, but {next} is missing", new.seq)));
    }
    diesel::insert_into(fact::table)
        .values((
            fact::seq.eq(new.seq),
            fact::at.eq(new.at.as_str()),
            fact::kind.eq(new.kind.as_str()),
            fact::dataset.eq(new.dataset.as_str()),
            fact::version.eq(new.version.as_str()),
            fact::record_digest.eq(new.record_digest.to_string()),
        ))
        .execute(connection)?;
    Ok(())
}

/// A version is released once and withdrawn once.
fn refuse_second(connection: &mut Connection, new: &Fact) -> Result<(), StoreError> {
    let told: i64 = fact::table
        .filter(fact::dataset.eq(new.dataset.as_str()))
        .filter(fact::version.eq(new.version.as_str()))
        .filter(fact::kind.eq(new.kind.as_str()))
        .count()
        .first(connection)?;
    let (dataset, version) = (new.dataset.clone(), new.version.clone());
    match (told, new.kind) {
        (0, _) => Ok(()),
        (_, FactKind::Release) => Err(StoreError::VersionExists { dataset, version }),
        (_, FactKind::Withdraw) => Err(StoreError::AlreadyWithdrawn { dataset, version }),
    }
}

/// The facts from place `from` on, in order; 0 gives all.
///
/// # Errors
/// When the database fails.
pub fn fact_list(connection: &mut Connection, from: i64) -> Result<Vec<Fact>, StoreError> {
    Ok(fact::table.filter(fact::seq.ge(from)).order(fact::seq).select(Fact::as_select()).load(connection)?)
}

/// How many public facts are committed.
///
/// # Errors
/// When the database fails.
pub fn head_size(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(head::table.find(1).select(head::size).first(connection)?)
}

/// Moves the head from `expected` to `new` facts: the compare-and-swap that commits a publication.
///
/// # Errors
/// [`StoreError::HeadMoved`] when the head is not at `expected`; when `new` is not larger, the database refuses.
pub fn head_advance(connection: &mut Connection, expected: i64, new: i64) -> Result<(), StoreError> {
    let moved =
        diesel::update(head::table.filter(head::id.eq(1)).filter(head::size.eq(expected))).set(head::size.eq(new)).execute(connection)?;
    if moved == 1 { Ok(()) } else { Err(StoreError::HeadMoved { expected, found: head_size(connection)? }) }
}
