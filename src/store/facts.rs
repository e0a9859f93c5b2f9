//! The leaves of the log in their order, and the head that says how many are committed, and under which root.

use diesel::prelude::*;

use super::schema::{fact, head, log_identity};
use super::{Connection, FactKind, StoreError};
use crate::canon::Digest;

/// A public fact: a leaf of the transparency log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = fact)]
pub struct Fact {
    /// Its place, from 0 and without gaps: the index of the leaf.
    pub seq: i64,
    /// When.
    pub at: String,
    /// What it tells.
    pub kind: FactKind,
    /// The dataset; none where it tells of the log's key.
    pub dataset: Option<String>,
    /// The version; none where it tells of the log's key.
    pub version: Option<String>,
    /// The bytes of the leaf.
    pub leaf: String,
}

/// Size and root of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = head)]
pub struct Head {
    /// How many leaves are committed.
    pub size: i64,
    /// The root of the tree over them (RFC 6962, 2.1).
    pub root: Digest,
}

/// The log's own name and first key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = log_identity)]
pub struct LogIdentity {
    /// The name in every checkpoint.
    pub origin: String,
    /// The verifier key that the log began with.
    pub vkey: String,
    /// When it was made.
    pub created_at: String,
}

/// Adds the fact at its place, which must be the next one.
///
/// # Errors
/// [`StoreError::HeadMoved`] when the place is taken; [`StoreError::VersionExists`] when the version was released before;
/// [`StoreError::AlreadyWithdrawn`] or [`StoreError::NotWithdrawn`] when it is told what stands already;
/// [`StoreError::Corrupt`] when it would leave a gap.
pub fn fact_insert(connection: &mut Connection, new: &Fact) -> Result<(), StoreError> {
    let last: Option<i64> = fact::table.select(diesel::dsl::max(fact::seq)).first(connection)?;
    let next = last.map_or(0, |last| last + 1);
    if new.seq < next {
        return Err(StoreError::HeadMoved { expected: new.seq, found: next });
    }
    if let (Some(dataset), Some(version)) = (&new.dataset, &new.version) {
        refuse_second(connection, new.kind, dataset, version)?;
    }
    if new.seq > next {
        return Err(StoreError::corrupt("the list of facts", format!("fact {} is to follow, but {next} is missing", new.seq)));
    }
    diesel::insert_into(fact::table)
        .values((
            fact::seq.eq(new.seq),
            fact::at.eq(new.at.as_str()),
            fact::kind.eq(new.kind.as_str()),
            fact::dataset.eq(new.dataset.as_deref()),
            fact::version.eq(new.version.as_deref()),
            fact::leaf.eq(new.leaf.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}

/// A version is released once; withdrawn when it stands, restored when it is withdrawn.
fn refuse_second(connection: &mut Connection, kind: FactKind, dataset: &str, version: &str) -> Result<(), StoreError> {
    let (own, other) = (dataset.to_owned(), version.to_owned());
    match kind {
        FactKind::Release => {
            let told: i64 = fact::table
                .filter(fact::dataset.eq(dataset))
                .filter(fact::version.eq(version))
                .filter(fact::kind.eq(kind.as_str()))
                .count()
                .first(connection)?;
            if told == 0 { Ok(()) } else { Err(StoreError::VersionExists { dataset: own, version: other }) }
        }
        FactKind::Withdraw if is_withdrawn(connection, dataset, version)? => {
            Err(StoreError::AlreadyWithdrawn { dataset: own, version: other })
        }
        FactKind::Restore if !is_withdrawn(connection, dataset, version)? => Err(StoreError::NotWithdrawn { dataset: own, version: other }),
        _ => Ok(()),
    }
}

/// Whether the last word on a version is that it is withdrawn.
///
/// # Errors
/// When the database fails.
pub fn is_withdrawn(connection: &mut Connection, dataset: &str, version: &str) -> Result<bool, StoreError> {
    let last: Option<FactKind> = fact::table
        .filter(fact::dataset.eq(dataset))
        .filter(fact::version.eq(version))
        .filter(fact::kind.eq(FactKind::Withdraw.as_str()).or(fact::kind.eq(FactKind::Restore.as_str())))
        .order(fact::seq.desc())
        .select(fact::kind)
        .first(connection)
        .optional()?;
    Ok(last == Some(FactKind::Withdraw))
}

/// The facts from place `from` on, in order; 0 gives all.
///
/// # Errors
/// When the database fails.
pub fn fact_list(connection: &mut Connection, from: i64) -> Result<Vec<Fact>, StoreError> {
    Ok(fact::table.filter(fact::seq.ge(from)).order(fact::seq).select(Fact::as_select()).load(connection)?)
}

/// The facts that tell of the log's keys, in order.
///
/// # Errors
/// When the database fails.
pub fn key_facts(connection: &mut Connection) -> Result<Vec<Fact>, StoreError> {
    let of_keys = fact::table.filter(fact::kind.eq(FactKind::Key.as_str()));
    Ok(of_keys.order(fact::seq).select(Fact::as_select()).load(connection)?)
}

/// The facts that flag factors of a version, and those that take flags back, in order.
///
/// # Errors
/// When the database fails.
pub fn flag_facts(connection: &mut Connection, dataset: &str, version: &str) -> Result<Vec<Fact>, StoreError> {
    let of_flags = fact::kind.eq_any([FactKind::Flag.as_str(), FactKind::Unflag.as_str()]);
    let own = fact::table.filter(fact::dataset.eq(dataset)).filter(fact::version.eq(version)).filter(of_flags);
    Ok(own.order(fact::seq).select(Fact::as_select()).load(connection)?)
}

/// What is committed.
///
/// # Errors
/// When the database fails.
pub fn head_get(connection: &mut Connection) -> Result<Head, StoreError> {
    Ok(head::table.find(1).select(Head::as_select()).first(connection)?)
}

/// Moves the head from `expected` to `new`: the compare-and-swap that commits a publication.
///
/// # Errors
/// [`StoreError::HeadMoved`] when the head is not at `expected`; when `new` is not larger, the database refuses.
pub fn head_advance(connection: &mut Connection, expected: Head, new: Head) -> Result<(), StoreError> {
    let unmoved = head::table.filter(head::id.eq(1)).filter(head::size.eq(expected.size)).filter(head::root.eq(expected.root.to_string()));
    let moved = diesel::update(unmoved).set((head::size.eq(new.size), head::root.eq(new.root.to_string()))).execute(connection)?;
    if moved == 1 {
        return Ok(());
    }
    let found = head_get(connection)?;
    if found.size == expected.size {
        return Err(StoreError::corrupt("the head of the log", format!("its root is {}, not {}", found.root, expected.root)));
    }
    Err(StoreError::HeadMoved { expected: expected.size, found: found.size })
}

/// The log's name and first key, once it was made.
///
/// # Errors
/// When the database fails.
pub fn log_identity_get(connection: &mut Connection) -> Result<Option<LogIdentity>, StoreError> {
    Ok(log_identity::table.find(1).select(LogIdentity::as_select()).first(connection).optional()?)
}

/// Names the log, once.
///
/// # Errors
/// When the database fails, or the log has a name.
pub fn log_identity_insert(connection: &mut Connection, new: &LogIdentity) -> Result<(), StoreError> {
    diesel::insert_into(log_identity::table)
        .values((
            log_identity::id.eq(1),
            log_identity::origin.eq(new.origin.as_str()),
            log_identity::vkey.eq(new.vkey.as_str()),
            log_identity::created_at.eq(new.created_at.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}
