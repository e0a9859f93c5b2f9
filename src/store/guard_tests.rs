//! What must not change cannot be changed, not even by SQL that the store never runs; and of two publishers one wins.

use std::sync::Barrier;
use std::thread;

use super::sample::{filled, head};
use super::testing::{chain, grounds, raw};
use super::*;

#[test]
fn insert_only_tables_refuse_every_other_change() {
    for ground in grounds() {
        let database = filled(&ground);
        for (table, column) in [
            ("import_run", "actor"),
            ("approval", "reviewer"),
            ("fact", "version"),
            ("release", "actor"),
            ("release_artefact", "media_type"),
            ("log_identity", "vkey"),
            ("event", "actor"),
            ("draft_edit", "reason"),
            ("draft_comment", "words"),
        ] {
            let mut attempts = vec![
                format!("UPDATE {table} SET {column} = 'x'"),
                format!("DELETE FROM {table}"),
                format!("DELETE FROM {table} WHERE {column} = (SELECT min({column}) FROM {table})"),
            ];
            attempts.extend(match ground.name {
                "sqlite" => vec![
                    format!("INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
                    format!("UPDATE OR REPLACE {table} SET {column} = 'x'"),
                ],
                _ => vec![format!("TRUNCATE {table} CASCADE"), format!("UPDATE {table} SET {column} = 'x' WHERE false")],
            });
            for sql in attempts {
                let error = raw(&database, &sql).expect_err(&sql);
                assert!(chain(&error).contains("is insert-only"), "{}: {sql}: {}", ground.name, chain(&error));
            }
        }
    }
}

#[test]
fn a_token_is_only_ever_revoked() {
    for ground in grounds() {
        let database = filled(&ground);
        for sql in ["UPDATE token SET role = 'admin'", "UPDATE token SET name = 'li'", "UPDATE token SET id = 'x'"] {
            assert!(chain(&raw(&database, sql).expect_err(sql)).contains("only ever revoked"), "{}: {sql}", ground.name);
        }
        let id = super::sample::token().id;
        let revoke = || database.write(|c| token_revoke(c, &id, super::sample::AT)).unwrap();
        assert_eq!((revoke(), revoke()), (true, false));
        let again = raw(&database, "UPDATE token SET revoked_at = NULL").unwrap_err();
        assert!(chain(&again).contains("only ever revoked"), "{}", ground.name);
    }
}

#[test]
fn the_head_only_grows() {
    for ground in grounds() {
        let database = filled(&ground);
        let mut attempts =
            vec!["UPDATE head SET size = 1", "UPDATE head SET size = 2", "DELETE FROM head", "INSERT INTO head VALUES (1, 9, 'x')"];
        attempts.push(if ground.name == "sqlite" { "INSERT OR REPLACE INTO head VALUES (1, 0, 'x')" } else { "TRUNCATE head" });
        for sql in attempts {
            let error = raw(&database, sql).expect_err(sql);
            assert!(chain(&error).contains("head only grows"), "{}: {sql}", ground.name);
        }
        assert!(database.write(|c| head_advance(c, head(2), head(2))).is_err());
        let other = Head { root: head(7).root, ..head(2) };
        let forked = database.write(|c| head_advance(c, other, head(3))).unwrap_err();
        assert!(matches!(forked, StoreError::Corrupt { .. }) && !forked.is_refusal(), "{forked:?}");
        database.write(|c| head_advance(c, head(2), head(3))).unwrap();
        assert_eq!(database.read(head_get).unwrap(), head(3));
    }
}

#[test]
fn of_publishers_that_built_on_the_same_head_one_wins() {
    for ground in grounds() {
        let databases = [ground.database(), ground.database(), ground.database(), ground.database()];
        let barrier = Barrier::new(databases.len());
        let results: Vec<_> = thread::scope(|scope| {
            let publish = |database: &Database| {
                barrier.wait();
                database.write(|c| head_advance(c, head(0), head(1)))
            };
            let all: Vec<_> = databases.iter().map(|database| scope.spawn(move || publish(database))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{}", ground.name);
        for error in results.into_iter().filter_map(Result::err) {
            assert!(matches!(error, StoreError::HeadMoved { expected: 0, found: 1 }), "{error:?}");
            assert!(error.is_refusal());
        }
    }
}

#[test]
fn the_swap_holds_without_the_writers_lock_too() {
    let [_, ground] = grounds();
    drop(ground.database());
    let barrier = Barrier::new(2);
    let publish = || {
        let mut connection = Connection::open(&ground.url).unwrap();
        barrier.wait();
        head_advance(&mut connection, head(0), head(1)).is_ok()
    };
    let won = thread::scope(|scope| {
        let other = scope.spawn(publish);
        [publish(), other.join().unwrap()]
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
}
