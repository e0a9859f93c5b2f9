//! The two databases that every test of rows runs on.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::Connection as _;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempDir;

use super::{Connection, Database, DatabaseUrl, StoreError};

/// A new, empty database, removed when it is dropped.
pub(crate) struct Ground {
    pub(crate) name: &'static str,
    pub(crate) url: DatabaseUrl,
    pub(crate) folder: TempDir,
    postgres: Option<(String, String)>,
}

impl Ground {
    /// Opens and migrates it.
    pub(crate) fn database(&self) -> Database {
        Database::open(&self.url).unwrap_or_else(|error| panic!("{}: {error:?}", self.name))
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some((server, database)) = &self.postgres {
            let mut admin = PgConnection::establish(server).expect("the PostgreSQL of the tests answers");
            admin.batch_execute(&format!("DROP DATABASE {database} WITH (FORCE)")).expect("the test's database goes");
        }
    }
}

/// A SQLite file and a PostgreSQL database of the test's own. Neither is ever skipped.
pub(crate) fn grounds() -> [Ground; 2] {
    [sqlite(), postgres()]
}

fn sqlite() -> Ground {
    let folder = TempDir::new().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("tanyin.sqlite"));
    Ground { name: "sqlite", url, folder, postgres: None }
}

fn postgres() -> Ground {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("TANYIN_TEST_POSTGRES").unwrap_or_else(|_| panic!("set TANYIN_TEST_POSTGRES or run scripts/test"));
    let database = format!("tanyin_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::establish(&server).expect("the PostgreSQL of the tests answers");
    // sorts by language, unlike SQLite, to show that no query leans on it
    let locale = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
    admin.batch_execute(&format!("CREATE DATABASE {database} TEMPLATE template0 {locale}")).unwrap();
    let (place, _) = server.rsplit_once('/').expect("TANYIN_TEST_POSTGRES ends with a database");
    let url = format!("{place}/{database}").parse().unwrap();
    Ground { name: "postgres", url, folder: TempDir::new().unwrap(), postgres: Some((server, database)) }
}

/// Runs SQL that the store itself would never run.
pub(crate) fn raw(database: &Database, sql: &str) -> Result<(), StoreError> {
    database.write(|connection| Ok(connection.batch_execute(sql)?))
}

/// The rows of a query with one text column, named `line`.
pub(crate) fn lines(connection: &mut Connection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    diesel::sql_query(sql).load::<Line>(connection).unwrap().into_iter().map(|row| row.line).collect()
}

/// An error and all that lies beneath it, as text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut inner = error.source();
    while let Some(error) = inner {
        text.push_str(&format!("\n{error} {error:?}"));
        inner = error.source();
    }
    text
}

/// Changes one bit of a file in spite of its protection.
pub(crate) fn flip(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mut bytes = std::fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(path, bytes).unwrap();
}
