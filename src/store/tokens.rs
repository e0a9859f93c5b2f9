//! Tokens: who may act over HTTP. Of a secret only its digest is kept.

use diesel::prelude::*;

use super::schema::token;
use super::{Connection, StoreError};
use crate::canon::Digest;
use crate::dataset::Role;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id: the part of it that may be shown.
    pub id: String,
    /// Whose it is: the name that stands in events and approvals.
    pub name: String,
    /// What it lets them do.
    pub role: Role,
    /// SHA-256 of its secret.
    pub secret_digest: Digest,
    /// When it was made.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// From when on it is refused; none: it does not expire.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = token)]
struct Row {
    id: String,
    name: String,
    role: String,
    secret_digest: Digest,
    created_at: String,
    created_by: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

impl Row {
    fn read(self) -> Result<Token, StoreError> {
        let role =
            Role::from_name(&self.role).ok_or_else(|| StoreError::corrupt("a stored token", format!("`{}` is no role", self.role)))?;
        let Self { id, name, secret_digest, created_at, created_by, expires_at, revoked_at, .. } = self;
        Ok(Token { id, name, role, secret_digest, created_at, created_by, expires_at, revoked_at })
    }
}

/// Records a token.
///
/// # Errors
/// When the database fails, or the id is taken.
pub fn token_insert(connection: &mut Connection, new: &Token) -> Result<(), StoreError> {
    diesel::insert_into(token::table)
        .values((
            token::id.eq(new.id.as_str()),
            token::name.eq(new.name.as_str()),
            token::role.eq(new.role.as_str()),
            token::secret_digest.eq(new.secret_digest.to_string()),
            token::created_at.eq(new.created_at.as_str()),
            token::created_by.eq(new.created_by.as_str()),
            token::expires_at.eq(new.expires_at.as_deref()),
            token::revoked_at.eq(new.revoked_at.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

/// The token with that id, revoked or expired ones too.
///
/// # Errors
/// When the database fails.
pub fn token_get(connection: &mut Connection, id: &str) -> Result<Option<Token>, StoreError> {
    token::table.find(id).select(Row::as_select()).first(connection).optional()?.map(Row::read).transpose()
}

/// All tokens, in the order in which they were made.
///
/// # Errors
/// When the database fails.
pub fn token_list(connection: &mut Connection) -> Result<Vec<Token>, StoreError> {
    let rows: Vec<Row> = token::table.order((token::created_at, token::id)).select(Row::as_select()).load(connection)?;
    rows.into_iter().map(Row::read).collect()
}

/// Revokes a token for ever; false where there is none, or it was revoked before.
///
/// # Errors
/// When the database fails.
pub fn token_revoke(connection: &mut Connection, id: &str, at: &str) -> Result<bool, StoreError> {
    let standing = token::table.filter(token::id.eq(id)).filter(token::revoked_at.is_null());
    Ok(diesel::update(standing).set(token::revoked_at.eq(at)).execute(connection)? == 1)
}
