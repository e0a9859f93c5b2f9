//! Grants: which tokens read which restricted datasets.

use diesel::prelude::*;

use super::schema::dataset_grant;
use super::{Connection, StoreError};

/// A dataset that a token may read.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = dataset_grant)]
pub struct Grant {
    /// The token's id.
    pub token: String,
    /// The dataset's id.
    pub dataset: String,
    /// When it was granted.
    pub granted_at: String,
    /// Who granted it.
    pub granted_by: String,
}

/// Records a grant; false where there is one already, which stays as it is.
///
/// # Errors
/// When the database fails, or knows no such token or dataset.
pub fn grant_insert(connection: &mut Connection, new: &Grant) -> Result<bool, StoreError> {
    if grants_of(connection, &new.token)?.iter().any(|own| own.dataset == new.dataset) {
        return Ok(false);
    }
    diesel::insert_into(dataset_grant::table)
        .values((
            dataset_grant::token.eq(new.token.as_str()),
            dataset_grant::dataset.eq(new.dataset.as_str()),
            dataset_grant::granted_at.eq(new.granted_at.as_str()),
            dataset_grant::granted_by.eq(new.granted_by.as_str()),
        ))
        .execute(connection)?;
    Ok(true)
}

/// Takes a grant back; false where there was none.
///
/// # Errors
/// When the database fails.
pub fn grant_delete(connection: &mut Connection, token: &str, dataset: &str) -> Result<bool, StoreError> {
    let one = dataset_grant::table.filter(dataset_grant::token.eq(token)).filter(dataset_grant::dataset.eq(dataset));
    Ok(diesel::delete(one).execute(connection)? == 1)
}

/// The grants of a token, by dataset.
///
/// # Errors
/// When the database fails.
pub fn grants_of(connection: &mut Connection, token: &str) -> Result<Vec<Grant>, StoreError> {
    let own = dataset_grant::table.filter(dataset_grant::token.eq(token)).order(dataset_grant::dataset);
    Ok(own.select(Grant::as_select()).load(connection)?)
}

/// All grants, by token and dataset.
///
/// # Errors
/// When the database fails.
pub fn grant_list(connection: &mut Connection) -> Result<Vec<Grant>, StoreError> {
    let all = dataset_grant::table.order((dataset_grant::token, dataset_grant::dataset));
    Ok(all.select(Grant::as_select()).load(connection)?)
}
