//! Sessions of browsers: each stands for a token, and ends. Of a secret only its digest is kept.

use diesel::prelude::*;

use super::schema::session;
use super::{Connection, StoreError};
use crate::canon::Digest;

/// A session, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = session)]
pub struct Session {
    /// Its id: the part of the cookie that may be shown.
    pub id: String,
    /// The token that it stands for.
    pub token: String,
    /// SHA-256 of its secret.
    pub secret_digest: Digest,
    /// When it began.
    pub created_at: String,
    /// From when on it is refused.
    pub expires_at: String,
}

/// Records a session, and forgets those that have expired.
///
/// # Errors
/// When the database fails, the id is taken, or there is no such token.
pub fn session_insert(connection: &mut Connection, new: &Session) -> Result<(), StoreError> {
    diesel::delete(session::table.filter(session::expires_at.le(new.created_at.as_str()))).execute(connection)?;
    diesel::insert_into(session::table)
        .values((
            session::id.eq(new.id.as_str()),
            session::token.eq(new.token.as_str()),
            session::secret_digest.eq(new.secret_digest.to_string()),
            session::created_at.eq(new.created_at.as_str()),
            session::expires_at.eq(new.expires_at.as_str()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The session with that id, expired ones too.
///
/// # Errors
/// When the database fails.
pub fn session_get(connection: &mut Connection, id: &str) -> Result<Option<Session>, StoreError> {
    Ok(session::table.find(id).select(Session::as_select()).first(connection).optional()?)
}

/// Ends a session; false where there is none.
///
/// # Errors
/// When the database fails.
pub fn session_delete(connection: &mut Connection, id: &str) -> Result<bool, StoreError> {
    Ok(diesel::delete(session::table.find(id)).execute(connection)? == 1)
}
