//! The fault table: a crash before and after every effect of a publication, then the same again or another publication.
//!
//! The twin of Sunlight's `TestSequenceErrors`, on the real disk and both real databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tanyin::desk::VersionWish;
use tanyin::release::{Catalogue, Effect, Ground, Moment, read_checkpoint, read_entries};
use tanyin::store;
use tanyin::tlog::{MemoryTree, check_consistency, leaf_hash};

use super::{id, import, package, release, submit};
use crate::site::{Kind, Site};

/// Fails at one moment of one effect, counted over all of them; says which.
struct Fault {
    ground: Ground,
    fired: Arc<std::sync::Mutex<Option<(Effect, Moment)>>>,
}

fn failing_at(ground: &Ground, place: usize) -> Fault {
    let count = AtomicUsize::new(0);
    let fired = Arc::new(std::sync::Mutex::new(None));
    let told = fired.clone();
    let observer = move |effect, moment| {
        if count.fetch_add(1, Ordering::Relaxed) == place {
            *told.lock().unwrap() = Some((effect, moment));
            return Err(std::io::Error::other("the power went"));
        }
        Ok(())
    };
    Fault { ground: ground.clone().with_observer(Arc::new(observer)), fired }
}

/// Which of the two are seen by a reader without the database, each whole: its files there, verified, and in the tree.
fn visible(site: &Site) -> Vec<String> {
    let reader = Ground::open_read_only(site.folder.path(), None).unwrap();
    let catalogue = Catalogue::load(&reader).unwrap();
    let mut seen = Vec::new();
    for release in catalogue.datasets().flat_map(|(_, releases)| releases.all()) {
        for file in release.files() {
            assert_eq!(reader.blobs().verify(file.sha256).unwrap(), file.bytes);
        }
        assert!(release.data.find("a").is_some_and(|number| release.data.digest(number).is_some()));
        catalogue.log_proof(release).unwrap();
        seen.push(release.id());
    }
    seen
}

/// The log as it is published: its leaves give the root that is signed, and it only grew since `old`.
fn published(ground: &Ground, old: Option<&MemoryTree>) -> MemoryTree {
    let checkpoint = read_checkpoint(ground.blobs()).unwrap().unwrap().checkpoint;
    let tree: MemoryTree = read_entries(ground.blobs(), 0, checkpoint.size).unwrap().iter().map(|entry| leaf_hash(entry)).collect();
    assert_eq!(tree.root(), checkpoint.root);
    if let Some(old) = old {
        let proof = tree.consistency_proof(old.size(), tree.size()).unwrap();
        check_consistency(old.size(), tree.size(), &proof, &old.root(), &tree.root()).unwrap();
    }
    tree
}

/// One row of the table; says whether the fault was reached.
fn try_fault(kind: Kind, place: usize, retry_same: bool) -> Option<(Effect, Moment)> {
    let site = Site::new(kind);
    site.publish(&package("one-two", "1.0.0", &[("a", "1")]));
    for (dataset, version) in [("one-two", "1.1.0"), ("other", "1.0.0")] {
        import(&site, &package(dataset, version, &[("a", "2")]));
        submit(&site, dataset, &VersionWish::Package).unwrap();
    }
    let before = published(site.ground(), None);
    let fault = failing_at(site.ground(), place);
    let outcome = release(&fault.ground, "one-two");
    let fired = *fault.fired.lock().unwrap();
    let what = format!("{kind:?}, {fired:?}, same {retry_same}");
    assert_eq!(outcome.is_err(), fired.is_some(), "{what}");

    // whatever happened: nothing half is seen, and what was seen before is seen
    let seen = visible(&site);
    assert!(seen == ["one-two@1.0.0"] || seen == ["one-two@1.0.0", "one-two@1.1.0"], "{what}: {seen:?}");
    let middle = published(site.ground(), Some(&before));
    // the next start decides: what was committed is published, what was not is not
    let ground = site.reopen().unwrap();
    let committed = ground.database().unwrap().read(|c| store::release_get(c, "one-two", "1.1.0")).unwrap().is_some();
    assert_eq!(visible(&site).len(), if committed { 2 } else { 1 }, "{what}");
    assert!(committed || outcome.is_err(), "{what}: an acknowledged release is lost");
    assert!(!seen.contains(&"one-two@1.1.0".to_owned()) || committed, "{what}: what was seen is gone");
    // a fault before the commit leaves nothing committed, one after it everything
    if let Some((effect, moment)) = fired {
        let after = effect > Effect::Commit || (effect == Effect::Commit && moment == Moment::After);
        assert_eq!(committed, after, "{what}");
    }
    let datasets = if retry_same { ["one-two", "other"] } else { ["other", "one-two"] };
    for dataset in datasets {
        let again = release(&ground, dataset);
        let expect = dataset == "other" || !committed;
        assert_eq!(again.is_ok(), expect, "{what}: {again:?}");
    }
    assert_eq!(visible(&site), ["one-two@1.0.0", "one-two@1.1.0", "other@1.0.0"], "{what}");
    let end = published(&ground, Some(&middle));
    assert_eq!(end.size(), 3, "{what}");
    let facts = ground.database().unwrap().read(|c| store::fact_list(c, 0)).unwrap();
    let leaves = read_entries(ground.blobs(), 0, 3).unwrap();
    assert!(facts.iter().map(|fact| fact.leaf.as_bytes()).eq(leaves.iter().map(Vec::as_slice)), "{what}");
    assert_eq!(ground.blobs().list_named("staging").unwrap(), [""; 0], "{what}");
    assert!(release(&ground, "one-two").unwrap_err().to_string().contains("no draft"));
    assert!(tanyin::release::withdraw(&ground, &id("other"), &"1.0.0".parse().unwrap(), "r", "o").is_ok());
    fired
}

fn table(kind: Kind) {
    let mut reached = std::collections::BTreeSet::new();
    for place in 0.. {
        let fired = [true, false].map(|same| try_fault(kind, place, same));
        assert_eq!(fired[0], fired[1]);
        match fired[0] {
            Some((effect, moment)) => drop(reached.insert((effect, moment == Moment::After))),
            None => break,
        }
    }
    use Effect::{BuildIndex, Commit, DiscardStaging, PutRecord, PutStaging, PutTile, ReplaceCheckpoint};
    let all = [PutRecord, PutStaging, Commit, PutTile, ReplaceCheckpoint, DiscardStaging, BuildIndex];
    let all: std::collections::BTreeSet<_> = all.into_iter().flat_map(|effect| [(effect, false), (effect, true)]).collect();
    assert_eq!(reached, all);
}

#[test]
fn sqlite_loses_nothing_at_any_effect() {
    table(Kind::Sqlite);
}

#[test]
fn postgres_loses_nothing_at_any_effect() {
    table(Kind::Postgres);
}
