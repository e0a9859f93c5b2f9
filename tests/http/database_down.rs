//! With the database gone, what is released is served on.

use diesel::prelude::*;

use super::ok;
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

/// Takes the database away under the running server.
pub(super) fn lose_database(site: &Site) {
    if let Some(file) = site.database.strip_prefix("sqlite:") {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{file}{suffix}"));
        }
        assert!(!std::path::Path::new(file).exists());
    } else {
        let (_, name) = site.database.rsplit_once('/').unwrap();
        let server = std::env::var("TANYIN_TEST_POSTGRES").unwrap();
        let mut connection = PgConnection::establish(&server).unwrap();
        diesel::sql_query(format!("DROP DATABASE {name} WITH (FORCE)")).execute(&mut connection).unwrap();
    }
}

on_both!(
    fn reading_goes_on(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.publish(&PackageDraft::new("raw", "1.0.0", vec![row("x", &[])]));
        let built = row("b", &[("region", "CN-ZJ"), ("derived_from", "made@1.0.0#a;raw@1.0.0#x")]);
        site.publish(&PackageDraft::new("made", "1.1.0", vec![row("a", &[]), built]));
        tanyin::release::withdraw(site.ground(), &"raw".parse().unwrap(), &"1.0.0".parse().unwrap(), "wrong", "reviewer").unwrap();
        site.wait_for_facts(4);
        assert_eq!(ok(site, "/v1/lookup?dataset=made&key=b").json()["flags"][0]["by"], "raw@1.0.0");
        let paths = [
            "/v1/lookup?dataset=made&key=b",
            "/v1/lookup?dataset=made@1.0.0&activity=electricity/grid-average&per=MJ",
            "/v1/datasets",
            "/v1/datasets/made/releases",
            "/v1/datasets/made/releases/1.0.0",
            "/v1/datasets/made/releases/latest/factors/a",
            "/v1/datasets/made/releases/1.1.0/files/factors.csv",
            "/v1/datasets/made/releases/1.1.0/files/SHA256SUMS",
            "/v1/datasets/made/diff/1.0.0...1.1.0",
            "/v1/datasets/made/delta/1.0.0...1.1.0",
            "/v1/events",
            "/v1/feed.atom?dataset=made",
            "/v1/datasets/made/history/a",
            "/v1/datasets/made/releases/1.0.0/dependents/a",
            "/v1/factors?q=grid",
            "/readyz",
            "/log/checkpoint",
            "/log/key",
            "/log/tile/0/000.p/4",
            "/log/tile/entries/000.p/4",
            "/v1/log/proof?dataset=made&version=1.1.0&key=b",
            "/v1/log/consistency?from=2",
            "/v1/datasets/made/releases/1.0.0/files/release.tlog-proof",
            "/v1/datasets/made/releases/1.0.0/files/release.record.json",
        ];
        let before: Vec<Vec<u8>> = paths.iter().map(|path| ok(site, path).body).collect();
        lose_database(site);
        for (path, body) in paths.iter().zip(before) {
            assert_eq!(ok(site, path).body, body, "{path}");
        }
        // A server that starts without its database on the published files reads them too.
        let ground = tanyin::release::Ground::open_read_only(site.folder.path(), None).unwrap();
        let catalogue = tanyin::release::Catalogue::load(&ground).unwrap();
        assert_eq!(catalogue.resolve("made").unwrap().release.version.to_string(), "1.1.0");
    }
);
