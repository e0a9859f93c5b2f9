//! What holds on SQLite and on PostgreSQL alike: opening, migrating, transactions.

use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel_migrations::MigrationHarness;

use super::database::{POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS};
use super::testing::{chain, grounds, lines, raw};
use super::{Connection, Database, StoreError, dataset_get, dataset_upsert_absent};

const AT: &str = "2026-09-01T12:00:00Z";

/// Everything that the migrations made, as text.
fn schema(connection: &mut Connection) -> Vec<String> {
    let sql = match connection {
        Connection::Sqlite(_) => {
            "SELECT type || ' ' || name || ': ' || sql AS line FROM sqlite_schema
             WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE '__diesel%' ORDER BY 1"
        }
        Connection::Postgres(_) => {
            "SELECT line FROM (
               SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                   || ordinal_position || ' ' || coalesce(collation_name, '') AS line
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
               UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                 FROM pg_constraint WHERE connamespace = 'public'::regnamespace
               UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
               UNION ALL SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
               UNION ALL SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
             ) AS everything ORDER BY line COLLATE \"C\""
        }
    };
    lines(connection, sql)
}

/// `table.column nullable` of every column in either database.
fn columns(connection: &mut Connection) -> Vec<String> {
    let sql = match connection {
        Connection::Sqlite(_) => {
            "SELECT s.name || '.' || c.cid || ' ' || c.name || ' ' || lower(c.type) || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' null' END AS line
             FROM sqlite_schema AS s JOIN pragma_table_info(s.name) AS c
             WHERE s.type = 'table' AND s.name NOT LIKE '__diesel%' ORDER BY s.name, c.cid"
        }
        Connection::Postgres(_) => {
            "SELECT table_name || '.' || (ordinal_position - 1) || ' ' || column_name || ' '
                 || CASE data_type WHEN 'bigint' THEN 'integer' ELSE data_type END
                 || CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END AS line
             FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
             ORDER BY table_name COLLATE \"C\", ordinal_position"
        }
    };
    lines(connection, sql)
}

#[test]
fn both_schemas_have_the_same_columns() {
    let [sqlite, postgres] = grounds().map(|ground| {
        let database = ground.database();
        database.read(|connection| Ok::<_, StoreError>(columns(connection))).unwrap()
    });
    assert_eq!(sqlite, postgres);
    assert_eq!(sqlite.len(), 155);
    assert!(sqlite.contains(&"draft.8 manifest_digest text null".to_owned()), "{sqlite:?}");
}

#[test]
fn steps_have_the_same_names_in_both() {
    let names = |folder: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let mut names: Vec<_> = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn up_down_up_is_a_fixed_point() {
    for ground in grounds() {
        drop(ground.database());
        let mut connection = Connection::open(&ground.url).unwrap();
        let first = schema(&mut connection);
        assert!(first.len() > 30, "{}: {first:?}", ground.name);
        match &mut connection {
            Connection::Sqlite(sqlite) => drop(sqlite.revert_all_migrations(SQLITE_MIGRATIONS).unwrap()),
            Connection::Postgres(postgres) => drop(postgres.revert_all_migrations(POSTGRES_MIGRATIONS).unwrap()),
        }
        let left = schema(&mut connection);
        assert!(left.iter().all(|line| line.contains("__diesel")), "{}: {left:?}", ground.name);
        drop(ground.database());
        assert_eq!(schema(&mut connection), first, "{}", ground.name);
    }
}

/// The last steps are taken back and again with rows in every table: nothing is lost, and the guards hold.
#[test]
fn the_facts_survive_their_new_kinds() {
    use super::{Fact, FactKind, fact_insert, fact_list, flag_facts};
    for ground in grounds() {
        let database = super::sample::filled(&ground);
        let facts = database.read(|c| fact_list(c, 0)).unwrap();
        let mut connection = Connection::open(&ground.url).unwrap();
        let before = schema(&mut connection);
        // the step of the flags, and what came after it
        for _ in 0..3 {
            match &mut connection {
                Connection::Sqlite(sqlite) => drop(sqlite.revert_last_migration(SQLITE_MIGRATIONS).unwrap()),
                Connection::Postgres(postgres) => drop(postgres.revert_last_migration(POSTGRES_MIGRATIONS).unwrap()),
            }
        }
        assert_ne!(schema(&mut connection), before, "{}", ground.name);
        let database = ground.database();
        assert_eq!(schema(&mut connection), before, "{}", ground.name);
        assert_eq!(database.read(|c| fact_list(c, 0)).unwrap(), facts, "{}", ground.name);
        let flagged = Fact { seq: 2, kind: FactKind::Flag, ..facts[1].clone() };
        database.write(|c| fact_insert(c, &flagged)).unwrap();
        assert_eq!(database.read(|c| flag_facts(c, "cn-test", "1.0.0")).unwrap(), [flagged]);
        assert!(super::testing::raw(&database, "DELETE FROM fact").is_err());
        assert!(super::testing::raw(&database, "INSERT INTO release SELECT dataset, '9.9.9', 99, manifest_digest, record_digest, import_run, published_at, actor FROM release").is_err(), "foreign keys hold");
        let mut back = || match &mut connection {
            Connection::Sqlite(sqlite) => sqlite.revert_last_migration(SQLITE_MIGRATIONS).is_err(),
            Connection::Postgres(postgres) => postgres.revert_last_migration(POSTGRES_MIGRATIONS).is_err(),
        };
        assert!(!back(), "{}: the step of the console", ground.name);
        assert!(!back(), "{}: the step of the webhooks", ground.name);
        assert!(back(), "{}: a step back would lose the flags", ground.name);
        assert_eq!(database.read(|c| fact_list(c, 0)).unwrap().len(), 3);
    }
}

#[test]
fn a_newer_schema_is_refused() {
    for ground in grounds() {
        let database = ground.database();
        raw(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000001'), ('99991231000002')").unwrap();
        let error = Database::open(&ground.url).unwrap_err();
        assert!(error.is_refusal());
        assert!(error.to_string().contains("newer than this program"), "{error}");
        assert!(matches!(error, StoreError::NewerSchema { migration } if migration == "99991231000001"));
    }
}

#[test]
fn a_database_without_a_log_is_refused_and_left_alone() {
    for ground in grounds() {
        let database = ground.database();
        raw(&database, "INSERT INTO __diesel_schema_migrations (version) VALUES ('20261122000001')").unwrap();
        let error = Database::open(&ground.url).unwrap_err();
        assert!(matches!(error, StoreError::OldSchema) && error.is_refusal(), "{error:?}");
        assert!(error.to_string().contains("start with a new data directory"), "{error}");
    }
}

#[test]
fn programs_that_open_a_new_database_together_migrate_it_once() {
    for ground in grounds() {
        thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(|| Database::open(&ground.url))).collect();
            for one in all {
                one.join().unwrap().unwrap_or_else(|error| panic!("{}: {}", ground.name, chain(&error)));
            }
        });
    }
}

#[test]
fn connections_are_set_up_for_what_must_not_be_lost() {
    let [sqlite, postgres] = grounds();
    let shown = |database: &Database, sql: &str| database.read(|c| Ok::<_, StoreError>(lines(c, sql))).unwrap();
    let database = sqlite.database();
    for (pragma, value) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "5000")] {
        let column = if pragma == "busy_timeout" { "timeout" } else { pragma };
        let sql = format!("SELECT CAST({column} AS TEXT) AS line FROM pragma_{pragma}");
        assert_eq!(shown(&database, &sql), [value], "{pragma}");
    }
    let database = postgres.database();
    for (setting, value) in [("synchronous_commit", "on"), ("lock_timeout", "5s"), ("transaction_isolation", "repeatable read")] {
        assert_eq!(shown(&database, &format!("SELECT current_setting('{setting}') AS line")), [value], "{setting}");
    }
}

#[test]
fn a_write_takes_effect_wholly_or_not_at_all() {
    for ground in grounds() {
        let database = ground.database();
        let failed = database.write(|connection| {
            dataset_upsert_absent(connection, "half", AT)?;
            Err::<(), _>(StoreError::NoSuchDataset("x".to_owned()))
        });
        assert!(matches!(failed, Err(StoreError::NoSuchDataset(_))));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            database.write(|connection| -> Result<(), StoreError> {
                dataset_upsert_absent(connection, "half", AT)?;
                panic!("in the middle")
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(database.read(|connection| dataset_get(connection, "half")).unwrap(), None, "{}", ground.name);
        assert!(database.write(|connection| dataset_upsert_absent(connection, "half", AT)).unwrap());
        assert!(!database.write(|connection| dataset_upsert_absent(connection, "half", AT)).unwrap());
    }
}

#[test]
fn a_reader_cannot_write_and_sees_one_state() {
    for ground in grounds() {
        let database = ground.database();
        let error = database.read(|connection| dataset_upsert_absent(connection, "a", AT)).unwrap_err();
        assert!(matches!(error, StoreError::Query { .. }), "{error:?}");
        database
            .read(|connection| {
                assert_eq!(dataset_get(connection, "a")?, None);
                database.write(|other| dataset_upsert_absent(other, "a", AT))?;
                assert_eq!(dataset_get(connection, "a")?, None, "{}", ground.name);
                Ok::<_, StoreError>(())
            })
            .unwrap();
        assert!(database.read(|connection| dataset_get(connection, "a")).unwrap().is_some());
    }
}

#[test]
fn a_second_writer_waits_and_is_told_when_it_takes_too_long() {
    thread::scope(|scope| {
        for ground in grounds() {
            scope.spawn(move || {
                let (here, there) = (ground.database(), ground.database());
                let (entered, wait) = mpsc::channel();
                thread::scope(|scope| {
                    scope.spawn(|| {
                        here.write(|_| {
                            entered.send(()).unwrap();
                            thread::sleep(Duration::from_millis(6500));
                            Ok::<_, StoreError>(())
                        })
                    });
                    wait.recv().unwrap();
                    let started = Instant::now();
                    let error = there.write(|_| Ok::<_, StoreError>(())).unwrap_err();
                    assert!(matches!(error, StoreError::Busy { .. }), "{}: {error:?}", ground.name);
                    assert!(started.elapsed() > Duration::from_secs(4), "{}", ground.name);
                    there.write(|_| Ok::<_, StoreError>(())).unwrap();
                });
            });
        }
    });
}

#[test]
fn a_server_that_went_away_is_found_again() {
    let [_, ground] = grounds();
    let database = ground.database();
    database.write(|connection| dataset_upsert_absent(connection, "a", AT)).unwrap();
    let killed =
        database.write(|connection| Ok::<_, StoreError>(connection.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?));
    assert!(matches!(killed, Err(StoreError::Unavailable { .. })), "{killed:?}");
    assert!(database.read(|connection| dataset_get(connection, "a")).unwrap().is_some());
}

#[test]
fn a_commit_that_fails_is_told_as_unknown() {
    let [_, ground] = grounds();
    let database = ground.database();
    let outcome = database.write(|connection| {
        dataset_upsert_absent(connection, "a", AT)?;
        let mine = lines(connection, "SELECT pg_backend_pid()::text AS line").concat();
        let kill = format!("SELECT pg_terminate_backend({mine}, 5000)::text AS line");
        assert_eq!(database.read(|other| Ok::<_, StoreError>(lines(other, &kill)))?, ["true"]);
        Ok::<_, StoreError>(())
    });
    assert!(matches!(outcome, Err(StoreError::OutcomeUnknown { .. })), "{outcome:?}");
    assert_eq!(database.read(|connection| dataset_get(connection, "a")).unwrap(), None);
}

#[test]
fn a_server_that_does_not_answer_is_named_without_its_password() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for url in [
        "postgres://user:geheim@127.0.0.1:1/db".to_owned(),
        "postgres://user:geheim%zz@127.0.0.1:1/db".to_owned(),
        "postgres://user:geheim@127.0.0.1:1/db?geheim=geheim&password=geheim".to_owned(),
        format!("postgres://user:geheim@127.0.0.1:{port}/db?connect_timeout=2"),
    ] {
        let url = url.parse().unwrap();
        let started = Instant::now();
        let error = Database::open(&url).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(6));
        assert!(matches!(error, StoreError::Unavailable { .. }) && !error.is_refusal());
        let text = chain(&error);
        assert!(text.contains("user@127.0.0.1") && !text.contains("geheim"), "{text}");
    }
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let [ground, _] = grounds();
    let path = ground.folder.path().join("tanyin.sqlite");
    std::fs::write(&path, "key,value\n".repeat(100)).unwrap();
    let error = Database::open(&ground.url).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    let url = "sqlite:/nowhere/at/all/tanyin.sqlite".parse().unwrap();
    let error = Database::open(&url).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && error.to_string().contains("/nowhere"), "{error:?}");
}
