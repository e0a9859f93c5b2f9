//! What a start finds after a crash, after an old backup, and after other hands in the files.

use std::path::Path;

use tanyin::release::{Catalogue, Ground, ReleaseError, withdraw};

use super::{id, import, log_path, package, release, released, submit, unprotect};
use crate::on_both;
use crate::site::{Kind, Site};

fn publish_two(site: &Site) {
    site.publish(&package("crashed", "1.0.0", &[("a", "1")]));
    site.publish(&package("crashed", "1.1.0", &[("a", "2")]));
}

#[track_caller]
fn refused(opened: Result<Ground, ReleaseError>) -> String {
    match opened {
        Ok(_) => panic!("the start was not refused"),
        Err(error) => {
            assert!(matches!(error, ReleaseError::Disagree(_)), "{error}");
            error.to_string()
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

on_both!(
    fn what_was_committed_and_not_published_is_published_at_the_start(site: &Site) {
        publish_two(site);
        let kept = tempfile::tempdir().unwrap();
        copy(&log_path(site, ""), kept.path());
        withdraw(site.ground(), &id("crashed"), &"1.0.0".parse().unwrap(), "wrong", "operator").unwrap();
        site.publish(&package("crashed", "1.2.0", &[("a", "3")]));
        let before = released(site.ground());
        // the files of two commits ago, and no files at all: all of it comes back from the facts, byte by byte
        for old in [Some(kept.path()), None] {
            std::fs::remove_dir_all(log_path(site, "")).unwrap();
            if let Some(old) = old {
                copy(old, &log_path(site, ""));
            }
            let reader = Ground::open_read_only(site.folder.path(), None).unwrap();
            let mut catalogue = Catalogue::load(&reader).unwrap();
            assert_eq!(catalogue.facts(), if old.is_some() { 2 } else { 0 });
            let ground = site.reopen().unwrap();
            assert_eq!(before.lines().take(3).collect::<Vec<_>>(), released(&ground).lines().take(3).collect::<Vec<_>>());
            let last = before.lines().last().unwrap().rsplit_once("Some(").unwrap().1;
            assert!(released(&ground).ends_with(last), "the checkpoint is another");
            catalogue.follow(&reader).unwrap();
            assert_eq!((catalogue.facts(), catalogue.resolve("crashed").unwrap().release.version.to_string().as_str()), (4, "1.2.0"));
            assert!(catalogue.resolve("crashed@1.0.0").unwrap().release.withdrawn.is_some());
        }
    }
);

on_both!(
    fn a_new_database_under_old_files_is_refused(site: &Site) {
        publish_two(site);
        let other = Site::new(if site.database.starts_with("sqlite") { Kind::Sqlite } else { Kind::Postgres });
        let said = refused(Ground::open(site.folder.path(), Some(&other.database), None));
        assert!(said.contains("covers 2 facts, but the database knows only 0; was an old backup"), "{said}");
        // another history of the same length is no better
        other.publish(&package("crashed", "1.0.0", &[("a", "7")]));
        other.publish(&package("crashed", "1.1.0", &[("a", "8")]));
        let said = refused(Ground::open(site.folder.path(), Some(&other.database), None));
        assert!(said.contains("the log has been forked"), "{said}");
        // and a longer one is no continuation of these files
        other.publish(&package("crashed", "1.2.0", &[("a", "9")]));
        let Err(error) = Ground::open(site.folder.path(), Some(&other.database), None) else { panic!("a fork was opened") };
        assert!(!error.is_refusal() || matches!(error, ReleaseError::Key { .. }), "{error}");
        // what stood stands
        assert!(site.reopen().is_ok());
    }
);

#[test]
fn an_old_backup_of_the_database_is_refused() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&package("crashed", "1.0.0", &[("a", "1")]));
    for end in ["", "-wal"] {
        let name = |base: &str| site.folder.path().join(format!("{base}.sqlite{end}"));
        if name("db").exists() {
            std::fs::copy(name("db"), name("old")).unwrap();
        }
    }
    site.publish(&package("crashed", "1.1.0", &[("a", "2")]));
    let backup = format!("sqlite:{}", site.folder.path().join("old.sqlite").display());
    let said = refused(Ground::open(site.folder.path(), Some(&backup), None));
    assert!(said.contains("covers 2 facts, but the database knows only 1"), "{said}");
    // served on without the database, all the same
    let reader = Ground::open_read_only(site.folder.path(), None).unwrap();
    assert_eq!(Catalogue::load(&reader).unwrap().resolve("crashed").unwrap().release.version.to_string(), "1.1.0");
    assert!(site.reopen().is_ok());
}

on_both!(
    fn an_altered_log_is_refused(site: &Site) {
        publish_two(site);
        let path = log_path(site, "checkpoint");
        let whole = std::fs::read_to_string(&path).unwrap();
        unprotect(&path);
        let root = whole.lines().nth(2).unwrap();
        std::fs::write(&path, whole.replace(root, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")).unwrap();
        assert!(refused(site.reopen()).contains("the log has been forked"));
        std::fs::write(&path, whole.replace("\n2\n", "\n3\n")).unwrap();
        assert!(refused(site.reopen()).contains("covers 3 facts"));
        std::fs::write(&path, "").unwrap();
        let Err(error) = site.reopen() else { panic!("an empty checkpoint was opened") };
        assert!(matches!(&error, ReleaseError::Damaged { what, .. } if what == "the published checkpoint"), "{error}");
        std::fs::write(&path, &whole).unwrap();
        // nothing is built upon tiles or entries that are not those that were signed
        import(site, &package("crashed", "1.2.0", &[("a", "3")]));
        submit(site, "crashed", &tanyin::desk::VersionWish::Package).unwrap();
        let before = released(site.ground());
        for name in ["tile/0/000.p/2", "tile/entries/000.p/2"] {
            let path = log_path(site, name);
            let whole = std::fs::read(&path).unwrap();
            unprotect(&path);
            let mut flipped = whole.clone();
            flipped[40] ^= 1;
            for damaged in [&flipped[..], &whole[..whole.len() - 1], b""] {
                std::fs::write(&path, damaged).unwrap();
                let error = release(site.ground(), "crashed").unwrap_err();
                assert!(!error.is_refusal(), "{name}: {error}");
                assert_eq!(released(site.ground()), before);
            }
            std::fs::remove_file(&path).unwrap();
            assert!(release(site.ground(), "crashed").is_err());
            std::fs::write(&path, &whole).unwrap();
        }
        release(site.ground(), "crashed").unwrap();
    }
);

/// A lost record or manifest is told by its file, and nothing is guessed.
#[test]
fn a_lost_blob_is_a_fault() {
    let site = Site::new(Kind::Sqlite);
    publish_two(&site);
    let found = Catalogue::load(site.ground()).unwrap().resolve("crashed").unwrap().release;
    for digest in [found.record_digest, found.manifest_digest] {
        let path = site.ground().blobs().path(digest);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let Err(error) = Catalogue::load(site.ground()) else { panic!("a blob is missing") };
        assert!(!error.is_refusal() && error.to_string().contains(&path.display().to_string()), "{error}");
        std::fs::write(&path, bytes).unwrap();
    }
}
