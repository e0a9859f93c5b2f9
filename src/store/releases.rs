//! Released versions and their artefacts. Nothing here changes or removes a row.

use diesel::prelude::*;

use super::schema::{release, release_artefact};
use super::{Coding, Connection, StoreError};
use crate::canon::Digest;

/// A released version.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = release)]
pub struct Release {
    /// The dataset.
    pub dataset: String,
    /// The version: `MAJOR.MINOR.PATCH`.
    pub version: String,
    /// The public fact that announces it.
    pub seq: i64,
    /// The blob that is its manifest.
    pub manifest_digest: Digest,
    /// The blob that tells how it came about, named in its leaf of the log.
    pub record_digest: Digest,
    /// The run that imported it, where there was one.
    pub import_run: Option<i64>,
    /// When it was published.
    pub published_at: String,
    /// Who published it.
    pub actor: String,
}

/// A file of a release, in one content coding.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = release_artefact)]
pub struct Artefact {
    /// The file's name: `factors.csv`.
    pub name: String,
    /// Its content coding.
    pub coding: Coding,
    /// The blob that is the file in that coding.
    pub digest: Digest,
    /// The size of that blob.
    pub bytes: i64,
    /// The file's media type, without its coding.
    pub media_type: String,
}

/// Adds a release and its artefacts; its fact must stand already.
///
/// # Errors
/// [`StoreError::VersionExists`] when the version was ever released.
pub fn release_insert(connection: &mut Connection, new: &Release, files: &[Artefact]) -> Result<(), StoreError> {
    if release_get(connection, &new.dataset, &new.version)?.is_some() {
        return Err(StoreError::VersionExists { dataset: new.dataset.clone(), version: new.version.clone() });
    }
    diesel::insert_into(release::table)
        .values((
            release::dataset.eq(new.dataset.as_str()),
            release::version.eq(new.version.as_str()),
            release::seq.eq(new.seq),
            release::manifest_digest.eq(new.manifest_digest.to_string()),
            release::record_digest.eq(new.record_digest.to_string()),
            release::import_run.eq(new.import_run),
            release::published_at.eq(new.published_at.as_str()),
            release::actor.eq(new.actor.as_str()),
        ))
        .execute(connection)?;
    for file in files {
        diesel::insert_into(release_artefact::table)
            .values((
                release_artefact::dataset.eq(new.dataset.as_str()),
                release_artefact::version.eq(new.version.as_str()),
                release_artefact::name.eq(file.name.as_str()),
                release_artefact::coding.eq(file.coding.as_str()),
                release_artefact::digest.eq(file.digest.to_string()),
                release_artefact::bytes.eq(file.bytes),
                release_artefact::media_type.eq(file.media_type.as_str()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// The release with exactly that version.
///
/// # Errors
/// When the database fails.
pub fn release_get(connection: &mut Connection, dataset: &str, version: &str) -> Result<Option<Release>, StoreError> {
    Ok(release::table.find((dataset, version)).select(Release::as_select()).first(connection).optional()?)
}

/// The releases of a dataset in the order in which they were published.
///
/// # Errors
/// When the database fails.
pub fn release_list(connection: &mut Connection, dataset: &str) -> Result<Vec<Release>, StoreError> {
    Ok(release::table.filter(release::dataset.eq(dataset)).order(release::seq).select(Release::as_select()).load(connection)?)
}

/// All releases in the order in which they were published.
///
/// # Errors
/// When the database fails.
pub fn release_list_all(connection: &mut Connection) -> Result<Vec<Release>, StoreError> {
    Ok(release::table.order(release::seq).select(Release::as_select()).load(connection)?)
}

/// The artefacts of a release, by name and coding.
///
/// # Errors
/// When the database fails.
pub fn artefacts(connection: &mut Connection, dataset: &str, version: &str) -> Result<Vec<Artefact>, StoreError> {
    Ok(release_artefact::table
        .filter(release_artefact::dataset.eq(dataset))
        .filter(release_artefact::version.eq(version))
        .order((release_artefact::name, release_artefact::coding))
        .select(Artefact::as_select())
        .load(connection)?)
}
