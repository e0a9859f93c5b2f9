//! One connection to either database, and how its transactions begin. All raw SQL outside the migrations stands here.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::ManageConnection;
use diesel::result::ConnectionError;
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::database_url::PostgresUrl;
use super::{DatabaseUrl, StoreError};

/// How long a writer waits for another one.
const BUSY_LIMIT: Duration = Duration::from_millis(5000);

/// PostgreSQL's advisory lock that Tanyin's writers share: "tanyin" in ASCII.
const WRITER_LOCK: u64 = 0x7461_6e79_696e;

/// A connection to the database, whichever it is.
///
/// `store::Connection` outside: Diesel's macro needs the name for its own trait.
///
/// Diesel's `establish` on it is not used: it would try SQLite with any URL, and make a file of that name.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// To a SQLite file.
    Sqlite(SqliteConnection),
    /// To a PostgreSQL server.
    Postgres(PgConnection),
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// One consistent state, which cannot be written to.
    Read,
    /// The only writer.
    Write,
}

impl AnyConnection {
    /// Opens a connection and sets it up.
    pub(super) fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let unavailable = |source: ConnectionError| StoreError::Unavailable { database: url.to_string(), source: source.into() };
        match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, unavailable).map(Self::Sqlite),
            DatabaseUrl::Postgres(postgres) => open_postgres(postgres, unavailable).map(Self::Postgres),
        }
    }

    /// Begins a transaction. A writer waits until it is the only one, before it reads anything.
    pub(super) fn begin(&mut self, access: Access) -> Result<(), StoreError> {
        match (self, access) {
            (Self::Sqlite(sqlite), Access::Read) => {
                sqlite.batch_execute("PRAGMA query_only = ON")?;
                AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN")?;
            }
            (Self::Sqlite(sqlite), Access::Write) => {
                sqlite.batch_execute("PRAGMA query_only = OFF")?;
                AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?;
            }
            (Self::Postgres(postgres), Access::Read) => {
                AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
            }
            (Self::Postgres(postgres), Access::Write) => {
                // READ COMMITTED whatever the server's default is: a snapshot taken before the lock would be stale
                AnsiTransactionManager::begin_transaction_sql(postgres, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
                if let Err(error) = postgres.batch_execute(&format!("SELECT pg_advisory_xact_lock({WRITER_LOCK})")) {
                    AnsiTransactionManager::rollback_transaction(postgres)?;
                    return Err(match StoreError::from(error) {
                        // lock_timeout ran out: Diesel does not pass on the code, and the message may be in any language
                        StoreError::Query { source } => StoreError::Busy { source: source.into() },
                        other => other,
                    });
                }
            }
        }
        Ok(())
    }

    /// Ends the transaction and keeps what it did.
    pub(super) fn commit(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(sqlite) => AnsiTransactionManager::commit_transaction(sqlite),
            Self::Postgres(postgres) => AnsiTransactionManager::commit_transaction(postgres),
        }
    }

    /// Ends the transaction and undoes what it did.
    pub(super) fn rollback(&mut self) -> diesel::QueryResult<()> {
        match self {
            Self::Sqlite(sqlite) => AnsiTransactionManager::rollback_transaction(sqlite),
            Self::Postgres(postgres) => AnsiTransactionManager::rollback_transaction(postgres),
        }
    }
}

fn open_sqlite(path: &Path, unavailable: impl Fn(ConnectionError) -> StoreError) -> Result<SqliteConnection, StoreError> {
    // absolute: Diesel and SQLite read a relative `file:…` or `sqlite:…` as a URI
    let absolute = std::path::absolute(path).map_err(StoreError::io("find", path))?;
    let Some(text) = absolute.to_str() else {
        return Err(StoreError::Address(format!("{}: the path is not UTF-8", path.display())));
    };
    let mut sqlite = SqliteConnection::establish(text).map_err(unavailable)?;
    sqlite.batch_execute(&format!("PRAGMA busy_timeout = {}", BUSY_LIMIT.as_millis()))?;
    let started = Instant::now();
    // turning WAL on does not wait, whatever busy_timeout says: two programs may open a new file together
    while let Err(error) = sqlite.batch_execute("PRAGMA journal_mode = WAL") {
        let error = StoreError::from(error);
        if !matches!(error, StoreError::Busy { .. }) || started.elapsed() > BUSY_LIMIT {
            return Err(error);
        }
        thread::sleep(Duration::from_millis(10));
    }
    // FULL: what was acknowledged is there after a power cut (facts are rare; a commit costs 3 ms)
    sqlite.batch_execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
    Ok(sqlite)
}

fn open_postgres(url: &PostgresUrl, unavailable: impl Fn(ConnectionError) -> StoreError) -> Result<PgConnection, StoreError> {
    let mut postgres = PgConnection::establish(&url.for_libpq())
        .map_err(|error| unavailable(ConnectionError::BadConnection(url.without_secrets(&error.to_string()))))?;
    postgres.batch_execute(&format!(
        "SET lock_timeout = {};
         SET client_min_messages = warning;
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        BUSY_LIMIT.as_millis()
    ))?;
    Ok(postgres)
}

/// Opens connections for the pool.
#[derive(Clone)]
pub(super) struct Connector(pub(super) DatabaseUrl);

impl ManageConnection for Connector {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        AnyConnection::open(&self.0)
    }

    /// Asks PostgreSQL, whose connection may be gone; a file does not go away.
    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        match connection {
            AnyConnection::Sqlite(_) => Ok(()),
            AnyConnection::Postgres(postgres) => Ok(postgres.batch_execute("SELECT 1")?),
        }
    }

    /// A connection that a panic went through, or whose transaction could not be ended, is thrown away.
    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        thread::panicking()
            || match connection {
                AnyConnection::Sqlite(sqlite) => AnsiTransactionManager::is_broken_transaction_manager(sqlite),
                AnyConnection::Postgres(postgres) => AnsiTransactionManager::is_broken_transaction_manager(postgres),
            }
    }
}
