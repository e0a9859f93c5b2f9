//! The log of a server: its name, its key, and what is told in it.

use std::os::unix::fs::PermissionsExt;

use tanyin::release::{
    Catalogue, Ground, NoticeOf, Opening, ReleaseError, read_checkpoint, restore, retire_log_keys, rotate_log_key, supersede, withdraw,
};
use tanyin::store::StoreError;
use tanyin::tlog::{Checkpoint, Note, VerifierKey};

use super::{id, package};
use crate::on_both;
use crate::site::{Kind, Site};

fn note(ground: &Ground) -> Note {
    Note::parse(read_checkpoint(ground.blobs()).unwrap().unwrap().note).unwrap()
}

fn keys(ground: &Ground) -> Vec<VerifierKey> {
    ground.log_vkeys().unwrap().iter().map(|key| key.parse().unwrap()).collect()
}

on_both!(
    fn a_new_server_has_a_log_of_nothing(site: &Site) {
        let published = read_checkpoint(site.ground().blobs()).unwrap().unwrap().checkpoint;
        assert_eq!((published.origin.as_str(), published.size), ("tanyin.local/log", 0));
        assert_eq!(published.root, tanyin::tlog::empty_root());
        let [key] = keys(site.ground()).try_into().unwrap();
        assert!(Checkpoint::open(&note(site.ground()), std::slice::from_ref(&key), &[]).is_ok());
        let file = site.folder.path().join("log.key");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        // opened again, it is the same log
        assert_eq!(keys(&site.reopen().unwrap()), [key]);
    }
);

on_both!(
    fn the_name_is_fixed_and_the_key_may_lie_elsewhere(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        let other = Site::new(if site.database.starts_with("sqlite") { Kind::Sqlite } else { Kind::Postgres });
        let (data, key) = (folder.path().join("data"), folder.path().join("safe/log.key"));
        let database = format!("sqlite:{}", folder.path().join("own.sqlite").display());
        let opening = Opening {
            data_dir: Some(&data),
            database: Some(&database),
            log_origin: Some("factors.example/log"),
            log_key: Some(&key),
            ..Opening::default()
        };
        let ground = Ground::open_with(&opening).unwrap();
        assert!(key.exists() && !data.join("log.key").exists());
        assert_eq!(read_checkpoint(ground.blobs()).unwrap().unwrap().checkpoint.origin, "factors.example/log");
        // left out, the name is the one that it has; another one is refused
        assert!(Ground::open_with(&Opening { log_origin: None, ..opening }).is_ok());
        let Err(error) = Ground::open_with(&Opening { log_origin: Some("factors.example/other"), ..opening }) else { panic!("renamed") };
        assert!(matches!(error, ReleaseError::Origin { .. }) && error.is_refusal(), "{error}");
        // a key file of another log is none of this one
        let theirs = other.folder.path().join("log.key");
        let ground = Ground::open_with(&Opening { log_key: Some(&theirs), ..opening }).unwrap();
        let error = rotate_log_key(&ground, "operator").unwrap_err();
        assert!(matches!(&error, ReleaseError::Key { why, .. } if why.contains("does not hold the log's key")), "{error}");
        // one that others may read is not used
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = rotate_log_key(&Ground::open_with(&opening).unwrap(), "operator").unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("chmod 600"), "{error}");
    }
);

on_both!(
    fn without_its_key_a_log_is_served_and_does_not_grow(site: &Site) {
        site.publish(&package("keyless", "1.0.0", &[("a", "1")]));
        let path = site.folder.path().join("log.key");
        let text = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let ground = site.reopen().unwrap();
        assert!(Catalogue::load(&ground).unwrap().resolve("keyless").is_ok());
        let error = withdraw(&ground, &id("keyless"), &"1.0.0".parse().unwrap(), "wrong", "operator").unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("--log-key"), "{error}");
        assert!(!path.exists(), "a new key took the place of the lost one");
        tanyin::release::write_secret(&path, std::str::from_utf8(&text).unwrap()).unwrap();
        assert!(withdraw(&ground, &id("keyless"), &"1.0.0".parse().unwrap(), "wrong", "operator").is_ok());
    }
);

on_both!(
    fn a_new_key_is_a_fact_that_the_old_one_signs(site: &Site) {
        site.publish(&package("rotated", "1.0.0", &[("a", "1")]));
        let ground = site.ground();
        let [old] = keys(ground).try_into().unwrap();
        let new = rotate_log_key(ground, "operator/li").unwrap();
        assert_eq!(keys(ground), [old.clone(), new.clone()]);
        let signers = |note: &Note| -> Vec<[u8; 4]> { note.signatures.iter().map(|signature| signature.id).collect() };
        assert_eq!(signers(&note(ground)), [new.id(), old.id()]);
        for key in [&old, &new] {
            assert_eq!(Checkpoint::open(&note(ground), std::slice::from_ref(key), &[]).unwrap().checkpoint.size, 2);
        }
        let published = String::from_utf8(ground.blobs().read_named("log/key").unwrap().unwrap()).unwrap();
        assert_eq!(published, format!("{new}\n{old}\n"));
        // both sign until the old one is retired
        site.publish(&package("rotated", "1.1.0", &[("a", "2")]));
        assert_eq!(signers(&note(ground)), [new.id(), old.id()]);
        assert_eq!(retire_log_keys(ground, "operator/li").unwrap(), 1);
        site.publish(&package("rotated", "1.2.0", &[("a", "3")]));
        assert_eq!(signers(&note(ground)), [new.id()]);
        assert!(Checkpoint::open(&note(ground), &[old], &[]).is_err());
        assert_eq!(Catalogue::load(&site.reopen().unwrap()).unwrap().facts(), 4);
    }
);

on_both!(
    fn restored_and_superseded_in_turns(site: &Site) {
        let (dataset, ground) = (id("turns"), site.ground());
        let [one, two]: [semver::Version; 2] = ["1.0.0", "1.1.0"].map(|version| version.parse().unwrap());
        site.publish(&package("turns", "1.0.0", &[("a", "1")]));
        site.publish(&package("turns", "1.1.0", &[("a", "2")]));
        let error = restore(ground, &dataset, &two, "fine", "operator").unwrap_err();
        assert!(matches!(error, ReleaseError::Store(StoreError::NotWithdrawn { .. })) && error.is_refusal(), "{error}");
        withdraw(ground, &dataset, &two, "wrong unit", "operator").unwrap();
        let latest = || Catalogue::load(ground).unwrap().resolve("turns").unwrap().release.version.clone();
        assert_eq!(latest(), one);
        restore(ground, &dataset, &two, "the unit was right", "operator").unwrap();
        assert_eq!(latest(), two);
        withdraw(ground, &dataset, &two, "the value was wrong", "operator").unwrap();
        let catalogue = Catalogue::load(ground).unwrap();
        assert_eq!(catalogue.resolve("turns@1.1.0").unwrap().release.withdrawn.as_ref().unwrap().reason, "the value was wrong");
        // as it was at each size of the log
        let as_of = |facts| catalogue.resolve_as_of("turns", facts).unwrap().release.version.clone();
        assert_eq!([1, 2, 3, 4, 5].map(as_of), [&one, &two, &one, &two, &one].map(Clone::clone));

        let (old, new) = (NoticeOf { dataset: &dataset, version: &one }, NoticeOf { dataset: &dataset, version: &two });
        let error = supersede(ground, old, old, "r", "operator").unwrap_err();
        assert!(matches!(error, ReleaseError::Itself(_)) && error.is_refusal(), "{error}");
        let gone: semver::Version = "9.0.0".parse().unwrap();
        let error = supersede(ground, old, NoticeOf { dataset: &dataset, version: &gone }, "r", "operator").unwrap_err();
        assert!(matches!(&error, ReleaseError::NoRelease(name) if name == "turns@9.0.0"), "{error}");
        supersede(ground, old, new, "the notice of 2025", "operator").unwrap();
        let told = Catalogue::load(ground).unwrap().resolve("turns@1.0.0").unwrap().release.superseded.clone().unwrap();
        assert_eq!((told.by.as_str(), told.reason.as_str()), ("turns@1.1.0", "the notice of 2025"));
        for reason in ["x".repeat(501), "a\u{7}b".to_owned(), "a\0b".to_owned()] {
            assert!(restore(ground, &dataset, &two, &reason, "operator").unwrap_err().is_refusal(), "{reason}");
        }
    }
);

/// Over the edge of a tile: full tiles replace partial ones, and every size's root is the recursive one.
#[test]
fn a_log_grows_over_the_edge_of_a_tile() {
    let site = Site::new(Kind::Sqlite);
    site.publish(&package("edge", "1.0.0", &[("a", "1")]));
    let (dataset, version) = (id("edge"), "1.0.0".parse().unwrap());
    let mut catalogue = Catalogue::load(site.ground()).unwrap();
    for turn in 0..130 {
        withdraw(site.ground(), &dataset, &version, &format!("turn {turn}"), "operator").unwrap();
        restore(site.ground(), &dataset, &version, "and back", "operator").unwrap();
        if turn % 40 == 0 {
            catalogue.follow(site.ground()).unwrap();
        }
    }
    assert_eq!(catalogue.follow(site.ground()).unwrap(), 261 - catalogue.facts() + 261 - 243);
    let names = site.ground().blobs().list_named("log").unwrap();
    let partial = |folder: &str| names.iter().filter(|name| name.starts_with(&format!("log/tile/{folder}"))).count();
    assert_eq!((partial("0/000.p/"), partial("0/000"), partial("0/001.p/"), partial("1/000.p/")), (0, 1, 5, 1));
    assert_eq!((partial("entries/000.p/"), partial("entries/000"), partial("entries/001.p/")), (0, 1, 5));
    assert_eq!(Catalogue::load(&site.reopen().unwrap()).unwrap().facts(), 261);
}
