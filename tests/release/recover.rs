//! What a start finds after a crash, after an old backup, and after other hands in the files.

use tanyin::release::{Catalogue, Ground, ReleaseError, withdraw};

use super::{fact_path, id, package, released, unprotect};
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

on_both!(
    fn what_was_committed_and_not_published_is_published_at_the_start(site: &Site) {
        publish_two(site);
        withdraw(site.ground(), &id("crashed"), &"1.0.0".parse().unwrap(), "wrong", "operator").unwrap();
        let before = released(site.ground());
        for lost in [vec![2], vec![1, 2], vec![0, 1, 2], vec![1]] {
            let files: Vec<_> = lost.iter().map(|seq| (fact_path(site, *seq), std::fs::read(fact_path(site, *seq)).unwrap())).collect();
            files.iter().for_each(|(path, _)| std::fs::remove_file(path).unwrap());
            let ground = site.reopen().unwrap();
            for (path, bytes) in files {
                assert_eq!(std::fs::read(path).unwrap(), bytes);
            }
            assert_eq!(released(&ground), before);
        }
        assert_eq!(tanyin::release::recover(site.ground()).unwrap(), 0);
        // before the fact is public, nobody sees the release; after the start everybody does
        std::fs::remove_file(fact_path(site, 1)).unwrap();
        std::fs::remove_file(fact_path(site, 2)).unwrap();
        let reader = Ground::open_read_only(site.folder.path(), None).unwrap();
        let mut catalogue = Catalogue::load(&reader).unwrap();
        assert_eq!((catalogue.facts(), catalogue.dataset("crashed").unwrap().all().count()), (1, 1));
        assert_eq!(tanyin::release::recover(site.ground()).unwrap(), 2);
        assert_eq!(catalogue.follow(&reader).unwrap(), 2);
        assert_eq!(catalogue.resolve("crashed").unwrap().release.version.to_string(), "1.1.0");
    }
);

on_both!(
    fn a_new_database_under_old_files_is_refused(site: &Site) {
        publish_two(site);
        let other = Site::new(if site.database.starts_with("sqlite") { Kind::Sqlite } else { Kind::Postgres });
        let said = refused(Ground::open(site.folder.path(), Some(&other.database), None));
        assert!(said.contains("facts/000000000.json is published") && said.contains("only 0 facts"), "{said}");
        // another history of the same length is no better
        other.publish(&package("crashed", "1.0.0", &[("a", "7")]));
        other.publish(&package("crashed", "1.1.0", &[("a", "8")]));
        let said = refused(Ground::open(site.folder.path(), Some(&other.database), None));
        assert!(said.contains("facts/000000000.json differs"), "{said}");
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
    assert!(said.contains("facts/000000001.json is published") && said.contains("only 1 facts"), "{said}");
    assert!(site.reopen().is_ok());
}

on_both!(
    fn altered_facts_are_refused(site: &Site) {
        publish_two(site);
        let path = fact_path(site, 0);
        let whole = std::fs::read(&path).unwrap();
        unprotect(&path);
        let text = String::from_utf8(whole.clone()).unwrap();
        for altered in [text.replace("1.0.0", "1.0.1"), format!("{text}\n"), String::new()] {
            std::fs::write(&path, altered).unwrap();
            let said = refused(site.reopen());
            assert!(said.contains("facts/000000000.json differs"), "{said}");
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(site.reopen().is_ok());
        // a fact more than the database knows, in every place that it could have
        for name in ["facts/000000002.json", "facts/000000007.json", "facts/note.txt", "facts/more/000000000.json"] {
            let path = site.ground().blobs().root().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &whole).unwrap();
            let said = refused(site.reopen());
            assert!(said.contains(&format!(": {name} is published")), "{said}");
            std::fs::remove_file(path).unwrap();
        }
    }
);

/// A lost record cannot be published again: the start says so and changes nothing.
#[test]
fn a_lost_record_is_a_fault() {
    let site = Site::new(Kind::Sqlite);
    publish_two(&site);
    let bytes = std::fs::read(fact_path(&site, 1)).unwrap();
    let record = site.ground().blobs().path(tanyin::canon::Digest::of(&bytes));
    std::fs::remove_file(fact_path(&site, 1)).unwrap();
    std::fs::remove_file(&record).unwrap();
    let Err(error) = site.reopen() else { panic!("a record is missing") };
    assert!(!error.is_refusal() && error.to_string().contains(&record.display().to_string()), "{error}");
    assert!(!fact_path(&site, 1).exists());
}
