//! Files that change while they are read. The importer says where it is, so the change comes at a sure moment.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tanyin::desk::{self, ImportOutcome, ImportRequest};

use super::{DATASET, rows_of, sound};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

fn import_while(site: &Site, path: &Path, mut disturb: impl FnMut()) -> ImportOutcome {
    let dataset = DATASET.parse().unwrap();
    let request = ImportRequest {
        path,
        dataset: &dataset,
        actor: "steward",
        dry_run: false,
        discard_edits: false,
        reading: desk::Reading::default(),
    };
    desk::import(site.ground(), &request, &mut |_| disturb()).unwrap()
}

on_both!(
    fn a_file_that_changes_while_it_is_read(site: &Site) {
        site.publish(&PackageDraft::new(DATASET, "1.0.0", vec![row("z", &[])]));
        let before = rows_of(site);
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("factors.csv");
        let later = SystemTime::now() + Duration::from_secs(60);
        let open = || OpenOptions::new().append(true).open(&table).unwrap();
        let grow = || open().write_all(b"b,and,more\n").unwrap();
        let touch = || open().set_modified(later).unwrap();
        let vanish = || std::fs::rename(&table, folder.path().join("gone.csv")).unwrap();
        let disturbances: [(&str, &dyn Fn()); 2] = [("it grows", &grow), ("it is written anew", &touch)];
        for (name, disturb) in disturbances {
            sound(vec![row("a", &[])]).write(folder.path());
            let outcome = import_while(site, folder.path(), disturb);
            let found: Vec<_> = outcome.report.items.iter().map(|finding| finding.rule.as_str()).collect();
            assert_eq!(found, ["file-changed"], "{name}: {:?}", outcome.report.items);
            assert_eq!((outcome.run, outcome.difference), (None, None), "{name}");
            assert_eq!(rows_of(site), before, "{name}");
        }
        sound(vec![row("a", &[])]).write(folder.path());
        let outcome = import_while(site, folder.path(), vanish);
        assert_eq!(outcome.report.items.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["file-changed"]);
        assert_eq!(rows_of(site), before);
    }
);

/// What grows after a large table was begun is not read, and is told.
#[test]
fn a_large_table_that_grows_is_read_to_its_first_end() {
    let site = Site::new(crate::site::Kind::Sqlite);
    let rows: Vec<_> = (10_000..30_000).map(|number| row(&format!("k{number}"), &[])).collect();
    let folder = tempfile::tempdir().unwrap();
    let package = PackageDraft::new(DATASET, "1.0.0", rows);
    package.write(folder.path());
    let extra = String::from_utf8(package.table()).unwrap().lines().nth(1).unwrap().replace("k10000", "extra") + "\n";
    let mut calls = 0;
    let outcome = import_while(&site, folder.path(), || {
        calls += 1;
        let mut file = OpenOptions::new().append(true).open(folder.path().join("factors.csv")).unwrap();
        file.write_all(extra.as_bytes()).unwrap();
    });
    assert!(calls > 1);
    assert_eq!((outcome.report.rows, outcome.report.factors), (20_000, 20_000));
    assert_eq!(outcome.report.items.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["file-changed"]);
    assert_eq!(outcome.run, None);
}
