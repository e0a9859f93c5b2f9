//! Every column of every row that tells of a release is held against the files.

use diesel::connection::SimpleConnection;
use tanyin::audit::Scope;
use tanyin::store::StoreError;

use super::{refused, small, sound, with_rows};
use crate::on_both;
use crate::site::Site;

/// Runs SQL that nobody should, after taking the guards away; each change is undone by its reverse.
fn raw(site: &Site, sql: &str) {
    site.ground().database().unwrap().write(|connection| Ok::<_, StoreError>(connection.batch_execute(sql)?)).unwrap();
}

fn drop_guards(site: &Site) {
    let tables = ["fact", "release", "release_artefact", "head", "log_identity"];
    if site.database.starts_with("postgres") {
        tables.iter().for_each(|table| raw(site, &format!("ALTER TABLE {table} DISABLE TRIGGER USER")));
        return;
    }
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let names: Vec<String> = site
        .ground()
        .database()
        .unwrap()
        .write(|connection| {
            let names = diesel::sql_query("SELECT name FROM sqlite_master WHERE type = 'trigger'").load::<Name>(connection)?;
            Ok::<_, StoreError>(names.into_iter().map(|row| row.name).collect())
        })
        .unwrap();
    names.iter().for_each(|name| raw(site, &format!("DROP TRIGGER \"{name}\"")));
}

on_both!(
    fn every_column_is_compared(site: &Site) {
        small(site);
        sound(&with_rows(site, &Scope::default()));
        drop_guards(site);
        let other = format!("sha256:{}", "ab".repeat(32));
        let time = "2001-01-01T00:00:00Z";
        let changes = [
            (
                "fact",
                "seq = 2",
                vec![("leaf", "'{}'".to_owned()), ("at", format!("'{time}'")), ("kind", "'restore'".into()), ("version", "'1.1.0'".into())],
            ),
            (
                "release",
                "seq = 1",
                vec![
                    ("manifest_digest", format!("'{other}'")),
                    ("record_digest", format!("'{other}'")),
                    ("published_at", format!("'{time}'")),
                    ("actor", "'mallory'".into()),
                    ("import_run", "1".into()),
                ],
            ),
            (
                "release_artefact",
                "name = 'factors.csv' AND coding = 'gzip' AND version = '1.0.0'",
                vec![("digest", format!("'{other}'")), ("bytes", "1".into()), ("media_type", "'text/html'".into())],
            ),
            ("head", "id = 1", vec![("size", "4".into()), ("root", format!("'{other}'"))]),
            ("log_identity", "id = 1", vec![("origin", "'other/log'".into()), ("vkey", "'x+00000000+AAAA'".into())]),
        ];
        for (table, row, columns) in changes {
            for (column, value) in columns {
                raw(site, &format!("CREATE TABLE kept AS SELECT * FROM {table}"));
                raw(site, &format!("UPDATE {table} SET {column} = {value} WHERE {row}"));
                let report = with_rows(site, &Scope::default());
                refused(&report, "row", &format!("table {table}"));
                refused(&report, "row", &format!("column {column}"));
                raw(
                    site,
                    &format!(
                        "UPDATE {table} SET {column} = (SELECT kept.{column} FROM kept WHERE {}) WHERE {row}",
                        row.replace("seq =", "kept.seq =")
                    ),
                );
                raw(site, "DROP TABLE kept");
                sound(&with_rows(site, &Scope::default()));
            }
        }
        // the names of rows: they are missed under the old one
        raw(site, "UPDATE release_artefact SET name = 'other.csv' WHERE name = 'factors.csv' AND coding = 'zstd' AND version = '1.0.0'");
        refused(&with_rows(site, &Scope::default()), "row", "other.csv");
        raw(site, "DELETE FROM release_artefact WHERE version = '1.1.0'; DELETE FROM release WHERE version = '1.1.0'");
        refused(&with_rows(site, &Scope::default()), "row", "table release, row small@1.1.0");
        raw(site, "DELETE FROM fact WHERE seq = 2");
        refused(&with_rows(site, &Scope::default()), "row", "old backup");
    }
);
