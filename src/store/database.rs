//! The database: opened, migrated, and entered through transactions alone.

use std::fmt;
use std::time::Duration;

use diesel::backend::Backend;
use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::r2d2::{NopErrorHandler, Pool, PooledConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{Access, Connector};
use super::{Connection, DatabaseUrl, StoreError};

/// The steps that make the tables in SQLite.
pub(super) const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
/// The same steps for PostgreSQL.
pub(super) const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The first step of databases that kept no log.
const WITHOUT_LOG: &str = "20261122000001";

/// Connections that one program holds at most: more only wait for the same disk.
const MAX_CONNECTIONS: u32 = 8;

/// A little longer than connecting may take, so that the reason reaches the caller.
const CONNECTION_LIMIT: Duration = Duration::from_secs(6);

/// The database that Tanyin's rows rest in.
///
/// Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Database {
    url: DatabaseUrl,
    pool: Pool<Connector>,
}

impl Database {
    /// Opens the database and migrates it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not answer within seconds; [`StoreError::NewerSchema`] when a newer program
    /// has migrated it.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let connector = Connector(url.clone());
        // not through the pool, which would try again and again, and hide the reason
        let mut first = Connection::open(url)?;
        transaction(&mut first, Access::Write, migrate)?;
        let pool = Pool::builder()
            .max_size(MAX_CONNECTIONS)
            .min_idle(Some(0))
            .connection_timeout(CONNECTION_LIMIT)
            .test_on_check_out(true)
            .error_handler(Box::new(NopErrorHandler))
            .build_unchecked(connector);
        Ok(Self { url: url.clone(), pool })
    }

    /// The database that this is, shown without its password.
    #[must_use]
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Runs `work` as the only writer, in one transaction: it takes effect wholly, or not at all if it returns an error.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Busy`] when another writer does not end within seconds;
    /// [`StoreError::OutcomeUnknown`] when the commit itself failed.
    pub fn write<T, E>(&self, work: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        transaction(&mut *self.connection()?, Access::Write, work)
    }

    /// Runs `work` on one consistent state of the database, which it cannot change.
    ///
    /// # Errors
    /// What `work` returns; [`StoreError::Unavailable`] when the database does not answer.
    pub fn read<T, E>(&self, work: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        transaction(&mut *self.connection()?, Access::Read, work)
    }

    fn connection(&self) -> Result<PooledConnection<Connector>, StoreError> {
        self.pool.get().map_err(|source| {
            if self.pool.state().connections >= MAX_CONNECTIONS {
                StoreError::Busy { source: source.into() }
            } else {
                StoreError::Unavailable { database: self.url.to_string(), source: source.into() }
            }
        })
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.url)
    }
}

fn transaction<T, E>(connection: &mut Connection, access: Access, work: impl FnOnce(&mut Connection) -> Result<T, E>) -> Result<T, E>
where
    E: From<StoreError>,
{
    connection.begin(access)?;
    match work(connection) {
        Ok(value) => match (connection.commit(), access) {
            (Ok(()), _) => Ok(value),
            (Err(source), Access::Write) => Err(StoreError::OutcomeUnknown { source }.into()),
            (Err(source), Access::Read) => Err(StoreError::from(source).into()),
        },
        Err(error) => {
            // a rollback that fails leaves the connection broken, and the pool throws it away; the first error tells why
            drop(connection.rollback());
            Err(error)
        }
    }
}

/// Brings the tables up to this program's, inside one transaction: two programs that start together do it once.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    match connection {
        Connection::Sqlite(sqlite) => apply(sqlite, SQLITE_MIGRATIONS),
        Connection::Postgres(postgres) => apply(postgres, POSTGRES_MIGRATIONS),
    }
}

fn apply<C, DB>(connection: &mut C, known: EmbeddedMigrations) -> Result<(), StoreError>
where
    C: MigrationHarness<DB>,
    DB: Backend,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let failed = |source| StoreError::Query { source: diesel::result::Error::QueryBuilderError(source) };
    let ours = known.migrations().map_err(failed)?;
    let knows = |version: &MigrationVersion<'_>| ours.iter().any(|one| one.name().version() == *version);
    let applied = connection.applied_migrations().map_err(failed)?;
    // newest first: the oldest unknown one is the first step that this program lacks
    if applied.iter().any(|version| version.to_string() == WITHOUT_LOG) {
        return Err(StoreError::OldSchema);
    }
    if let Some(unknown) = applied.iter().rev().find(|version| !knows(version)) {
        return Err(StoreError::NewerSchema { migration: unknown.to_string() });
    }
    connection.run_pending_migrations(known).map_err(failed)?;
    Ok(())
}
