//! Publishing: all of it or nothing of it.

use tanyin::desk::{self, DeskError, VersionWish};
use tanyin::release::{Catalogue, Ground, ReleaseError, withdraw};
use tanyin::store::{self, StoreError};

use super::{draft, id, import, package, release, released, submit, unprotect};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

on_both!(
    fn what_was_approved_is_what_is_on_disk(site: &Site) {
        site.publish(&package("frozen", "1.0.0", &[("a", "1")]));
        import(site, &package("frozen", "1.1.0", &[("a", "1"), ("b", "2")]));
        submit(site, "frozen", &VersionWish::Package).unwrap();
        let before = released(site.ground());
        let list = draft(site.ground(), "frozen").unwrap().frozen_digest.unwrap();
        let files: Vec<tanyin::release::FrozenFile> = serde_json::from_slice(&site.ground().blobs().read(list).unwrap()).unwrap();
        let frozen = files.iter().map(|file| file.sha256).chain([list]);
        for digest in frozen {
            let path = site.ground().blobs().path(digest);
            let whole = std::fs::read(&path).unwrap();
            let mut flipped = whole.clone();
            flipped[whole.len() / 2] ^= 4;
            unprotect(&path);
            for damaged in [&flipped[..], &whole[..whole.len() - 1], b""] {
                std::fs::write(&path, damaged).unwrap();
                let error = release(site.ground(), "frozen").unwrap_err();
                assert!(matches!(error, ReleaseError::Store(StoreError::Corrupt { .. })), "{error}");
                assert!(!error.is_refusal());
                assert_eq!(released(site.ground()), before);
            }
            std::fs::remove_file(&path).unwrap();
            assert!(release(site.ground(), "frozen").is_err());
            assert_eq!(released(site.ground()), before);
            std::fs::write(&path, whole).unwrap();
        }
        assert_eq!(release(site.ground(), "frozen").unwrap().version.to_string(), "1.1.0");
    }
);

on_both!(
    fn damaged_lines_are_not_kept_for_the_next_release(site: &Site) {
        site.publish(&package("kept", "1.0.0", &[("a", "1"), ("b", "2")]));
        let catalogue = Catalogue::load(site.ground()).unwrap();
        let lines = catalogue.resolve("kept").unwrap().release.file("factors.ndjson", "identity").unwrap().sha256;
        let path = site.ground().blobs().path(lines);
        unprotect(&path);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("Grid average", "Grid overage")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        package("kept", "1.1.0", &[("a", "1.0"), ("b", "3")]).write(folder.path());
        let error = site.import(folder.path(), "kept").unwrap_err();
        assert!(matches!(error, DeskError::Release(ReleaseError::Store(StoreError::Corrupt { .. }))), "{error}");
        assert_eq!(draft(site.ground(), "kept"), None);
    }
);

on_both!(
    fn place_and_writing_keep_line_and_digest(site: &Site) {
        let first = PackageDraft::new(
            "places",
            "1.0.0",
            vec![row("a", &[("value", "0.5"), ("locator", "p. 1")]), row("b", &[("value", "0.25"), ("locator", "p. 1")])],
        );
        site.publish(&first);
        // another document says the same number, written in another way; `b` does change
        let mut second = PackageDraft::new(
            "places",
            "1.1.0",
            vec![
                row("a", &[("value", "0.500"), ("locator", "table 7"), ("source", "doc-2")]),
                row("b", &[("value", "0.26"), ("source", "doc-2")]),
            ],
        );
        second.description["sources"] = serde_json::json!([{"id": "doc-2", "title": "Another document"}]);
        let outcome = import(site, &second);
        let counts = outcome.difference.unwrap().counts;
        assert_eq!((counts.provenance_only, counts.number, counts.unchanged), (1, 1, 0));
        submit(site, "places", &VersionWish::Package).unwrap();
        release(site.ground(), "places").unwrap();

        let catalogue = Catalogue::load(site.ground()).unwrap();
        let [old, new] = ["places@1.0.0", "places@1.1.0"].map(|name| catalogue.resolve(name).unwrap().release);
        let line = |release: &tanyin::release::PublishedRelease| release.data.line(release.data.find("a").unwrap());
        assert_eq!(line(&old), line(&new));
        // the kept line cites the first document, so the release goes on declaring it
        let declared: Vec<&str> = new.manifest.metadata.sources.iter().map(|source| source.id.as_str()).collect();
        assert_eq!(declared, ["doc-2", "doc"]);
        let run = site.ground().database().unwrap().read(|c| store::import_run_get(c, outcome.run.unwrap())).unwrap().unwrap();
        let places = String::from_utf8(site.ground().blobs().read(run.places_digest.unwrap()).unwrap()).unwrap();
        assert_eq!(
            places,
            "{\"key\":\"a\",\"row\":2,\"source\":{\"id\":\"doc-2\",\"locator\":\"table 7\"},\"value\":\"0.500\"}\n{\"key\":\"b\",\"row\":3}\n"
        );
        // and the same package once more differs in nothing
        second.description["version"] = serde_json::json!("1.2.0");
        let again = import(site, &second).difference.unwrap();
        assert_eq!((again.next, again.metadata, again.counts.provenance_only), (None, false, 1));
    }
);

on_both!(
    fn a_draft_made_against_another_release_is_refused(site: &Site) {
        let (dataset, one) = (id("moved"), "1.0.0".parse().unwrap());
        site.publish(&package("moved", "1.0.0", &[("a", "1")]));
        site.publish(&package("moved", "1.1.0", &[("a", "2")]));
        // withdrawn between import and submit
        import(site, &package("moved", "1.2.0", &[("a", "3")]));
        withdraw(site.ground(), &dataset, &"1.1.0".parse().unwrap(), "wrong", "operator").unwrap();
        let error = submit(site, "moved", &VersionWish::Package).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("1.1.0") && error.to_string().contains("1.0.0"), "{error}");
        // withdrawn between submit and publish
        import(site, &package("moved", "1.2.0", &[("a", "3")]));
        submit(site, "moved", &VersionWish::Package).unwrap();
        withdraw(site.ground(), &dataset, &one, "wrong too", "operator").unwrap();
        let before = released(site.ground());
        let error = release(site.ground(), "moved").unwrap_err();
        assert!(matches!(&error, ReleaseError::BaseMoved { expected, found } if expected == "1.0.0" && found == "no release"), "{error}");
        assert!(error.is_refusal());
        assert_eq!(released(site.ground()), before);
        // thrown away and imported again it goes
        desk::discard(site.ground(), &dataset, "steward").unwrap();
        import(site, &package("moved", "1.2.0", &[("a", "3")]));
        submit(site, "moved", &VersionWish::Package).unwrap();
        assert_eq!(release(site.ground(), "moved").unwrap().seq, 4);
    }
);

on_both!(
    fn of_two_publishers_one_wins(site: &Site) {
        let grounds: Vec<Ground> = (0..3).map(|_| site.reopen().unwrap()).collect();
        for version in ["1.0.0", "1.1.0", "1.2.0"] {
            import(site, &package("raced", version, &[("a", version.split('.').nth(1).unwrap())]));
            submit(site, "raced", &VersionWish::Package).unwrap();
            let outcomes: Vec<_> = std::thread::scope(|scope| {
                let threads: Vec<_> = grounds.iter().map(|ground| scope.spawn(|| release(ground, "raced"))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
            let refused = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).filter(|error| error.is_refusal()).count();
            assert_eq!((won, refused), (1, 2), "{outcomes:?}");
        }
        assert_eq!(tanyin::release::read_checkpoint(site.ground().blobs()).unwrap().unwrap().checkpoint.size, 3);
        let catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(catalogue.dataset("raced").unwrap().all().count(), 3);
    }
);

on_both!(
    fn publishers_of_different_datasets_all_succeed(site: &Site) {
        let datasets = ["side-a", "side-b", "side-c", "side-d"];
        for dataset in datasets {
            import(site, &package(dataset, "1.0.0", &[("a", "1")]));
            submit(site, dataset, &VersionWish::Package).unwrap();
        }
        std::thread::scope(|scope| {
            let publish = |dataset| {
                let ground = site.reopen().unwrap();
                release(&ground, dataset).map(|published| published.seq)
            };
            let threads: Vec<_> = datasets.map(|dataset| scope.spawn(move || publish(dataset))).into_iter().collect();
            let mut places: Vec<i64> = threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect();
            places.sort_unstable();
            assert_eq!(places, [0, 1, 2, 3]);
        });
        let ground = site.reopen().unwrap();
        assert_eq!(Catalogue::load(&ground).unwrap().datasets().count(), 4);
        assert_eq!(ground.blobs().list_named("staging").unwrap(), [""; 0]);
    }
);

on_both!(
    fn nothing_is_published_before_it_is_submitted(site: &Site) {
        let error = release(site.ground(), "early").unwrap_err();
        assert!(matches!(&error, ReleaseError::NoDraft(name) if name == "early") && error.is_refusal());
        import(site, &package("early", "1.0.0", &[("a", "1")]));
        let error = release(site.ground(), "early").unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains("submit it first"), "{error}");
        submit(site, "early", &VersionWish::Package).unwrap();
        let again = submit(site, "early", &VersionWish::Package).unwrap_err();
        assert!(again.is_refusal() && again.to_string().contains("submitted already"), "{again}");
        release(site.ground(), "early").unwrap();
        assert!(matches!(release(site.ground(), "early"), Err(ReleaseError::NoDraft(_))));
        assert_eq!(tanyin::release::read_checkpoint(site.ground().blobs()).unwrap().unwrap().checkpoint.size, 1);
    }
);

/// Without a database nothing can change.
#[test]
fn a_read_only_ground_publishes_nothing() {
    let site = Site::new(crate::site::Kind::Sqlite);
    let ground = Ground::open_read_only(site.folder.path(), None).unwrap();
    let error = release(&ground, "any").unwrap_err();
    assert!(matches!(error, ReleaseError::ReadOnly) && error.is_refusal());
}
