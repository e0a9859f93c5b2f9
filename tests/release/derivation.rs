//! What was computed from what, over releases as they are published and withdrawn.

use tanyin::dataset::Principal;
use tanyin::release::{Catalogue, DependentsOf, InputKnown, NoticeOf, restore, supersede, verify_index, withdraw};

use super::id;
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

fn derived(dataset: &str, version: &str, rows: &[(&str, &str, &str)]) -> PackageDraft {
    PackageDraft::new(
        dataset,
        version,
        rows.iter().map(|(key, value, from)| row(key, &[("value", value), ("derived_from", from)])).collect(),
    )
}

fn pull(site: &Site, dataset: &str, version: &str, reason: &str) {
    withdraw(site.ground(), &id(dataset), &version.parse().unwrap(), reason, "reviewer").unwrap();
}

/// The withdrawn releases that a factor is built on: distance, release, key, reason.
#[track_caller]
fn warned(catalogue: &Catalogue, release: &str, key: &str) -> Vec<String> {
    let release = catalogue.resolve(release).unwrap().release;
    let found = catalogue.withdrawn_inputs(&release, key, &Principal::Operator);
    found.iter().map(|own| format!("{} {}@{}#{}: {}", own.distance, own.dataset, own.version, own.key, own.withdrawn.reason)).collect()
}

/// What is built on a release or factor: distance and name.
fn built(catalogue: &Catalogue, dataset: &str, version: &str, key: Option<&str>) -> Vec<String> {
    let found = catalogue.dependents(DependentsOf { dataset, version: &version.parse().unwrap(), key }, true, &Principal::Operator);
    found.page(0, 100).iter().map(|own| format!("{} {}@{}#{}", own.distance, own.dataset, own.version, own.key)).collect()
}

on_both!(
    fn a_withdrawal_reaches_everything_built_on_it(site: &Site) {
        site.publish(&derived("raw", "1.0.0", &[("x", "1", ""), ("other", "2", "")]));
        site.publish(&derived(
            "mid",
            "1.0.0",
            &[("y", "2", "raw@1.0.0#x"), ("apart", "2", "raw@1.0.0#other nowhere@1.0.0#n".replace(' ', ";").as_str())],
        ));
        site.publish(&derived("top", "1.0.0", &[("z", "3", "mid@1.0.0#y"), ("free", "3", "")]));
        site.publish(&derived("far", "1.0.0", &[("w", "4", "top@1.0.0#z;top@1.0.0#free")]));
        let mut catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(warned(&catalogue, "far", "w"), [""; 0]);
        let all = ["1 mid@1.0.0#y", "2 top@1.0.0#z", "3 far@1.0.0#w"];
        assert_eq!(built(&catalogue, "raw", "1.0.0", Some("x")), all);
        assert_eq!(built(&catalogue, "raw", "1.0.0", None), ["1 mid@1.0.0#apart", "1 mid@1.0.0#y", "2 top@1.0.0#z", "3 far@1.0.0#w"]);
        assert_eq!(built(&catalogue, "nowhere", "1.0.0", None), ["1 mid@1.0.0#apart"], "an input that is not here");

        pull(site, "raw", "1.0.0", "the unit was MJ");
        // what followed the facts and what reads them anew see the same
        catalogue.follow(site.ground()).unwrap();
        for catalogue in [catalogue.clone(), Catalogue::load(site.ground()).unwrap()] {
            assert_eq!(warned(&catalogue, "mid", "y"), ["1 raw@1.0.0#x: the unit was MJ"]);
            assert_eq!(warned(&catalogue, "mid", "apart"), ["1 raw@1.0.0#other: the unit was MJ"]);
            assert_eq!(warned(&catalogue, "far", "w"), ["3 raw@1.0.0#x: the unit was MJ"]);
            assert_eq!(warned(&catalogue, "top", "free"), [""; 0]);
            assert_eq!(warned(&catalogue, "raw@1.0.0", "x"), [""; 0], "it is withdrawn itself, and built on nothing");
        }

        pull(site, "mid", "1.0.0", "typed wrongly");
        catalogue.follow(site.ground()).unwrap();
        assert_eq!(warned(&catalogue, "far", "w"), ["2 mid@1.0.0#y: typed wrongly", "3 raw@1.0.0#x: the unit was MJ"]);
        assert_eq!(warned(&catalogue, "mid@1.0.0", "y"), ["1 raw@1.0.0#x: the unit was MJ"]);
        let version = "1.0.0".parse().unwrap();
        let of = DependentsOf { dataset: "raw", version: &version, key: Some("x") };
        let found = catalogue.dependents(of, true, &Principal::Operator);
        let page = found.page(2, 5);
        assert_eq!((found.len(), page.len(), page[0].via.clone()), (3, 1, vec!["mid@1.0.0#y".to_owned(), "top@1.0.0#z".to_owned()]));
        assert_eq!(found.page(0, 1)[0].withdrawn.as_ref().unwrap().reason, "typed wrongly");

        // computed again from a release that stands: the next version is free of it, the former stays marked
        site.publish(&derived("raw", "2.0.0", &[("x", "10", "")]));
        site.publish(&derived("mid", "2.0.0", &[("y", "20", "raw@2.0.0#x")]));
        catalogue.follow(site.ground()).unwrap();
        assert_eq!(warned(&catalogue, "mid", "y"), [""; 0]);
        assert_eq!(warned(&catalogue, "mid@1.0.0", "y"), ["1 raw@1.0.0#x: the unit was MJ"]);

        // a withdrawal that is taken back warns no more
        restore(site.ground(), &id("raw"), &"1.0.0".parse().unwrap(), "it was right", "reviewer").unwrap();
        catalogue.follow(site.ground()).unwrap();
        assert_eq!(warned(&catalogue, "mid@1.0.0", "y"), [""; 0]);
        assert_eq!(warned(&catalogue, "far", "w"), ["2 mid@1.0.0#y: typed wrongly"]);
    }
);

on_both!(
    fn circles_and_diamonds_over_datasets(site: &Site) {
        // `loop-b` is named before it is there
        site.publish(&derived("loop-a", "1.0.0", &[("x", "1", "loop-b@1.0.0#y")]));
        site.publish(&derived("loop-b", "1.0.0", &[("y", "1", "loop-a@1.0.0#x;base@1.0.0#k"), ("self", "1", "loop-b@1.0.0#self")]));
        site.publish(&derived("base", "1.0.0", &[("k", "1", "")]));
        site.publish(&derived("crown", "1.0.0", &[("c", "1", "loop-a@1.0.0#x;loop-b@1.0.0#y")]));
        pull(site, "base", "1.0.0", "wrong");
        let catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(warned(&catalogue, "loop-a", "x"), ["2 base@1.0.0#k: wrong"]);
        assert_eq!(warned(&catalogue, "loop-b", "y"), ["1 base@1.0.0#k: wrong"]);
        assert_eq!(warned(&catalogue, "loop-b", "self"), [""; 0]);
        assert_eq!(warned(&catalogue, "crown", "c"), ["2 base@1.0.0#k: wrong"]);
        assert_eq!(built(&catalogue, "base", "1.0.0", None), ["1 loop-b@1.0.0#y", "2 crown@1.0.0#c", "2 loop-a@1.0.0#x"]);
        assert_eq!(built(&catalogue, "loop-a", "1.0.0", None), ["1 crown@1.0.0#c", "1 loop-b@1.0.0#y"]);
        assert_eq!(built(&catalogue, "loop-b", "1.0.0", None), ["1 crown@1.0.0#c", "1 loop-a@1.0.0#x"]);
    }
);

on_both!(
    fn inputs_say_what_became_of_them(site: &Site) {
        site.publish(&derived("raw", "1.0.0", &[("gone", "1", ""), ("kept", "2", ""), ("new", "3", "")]));
        let all = "raw@1.0.0#gone;raw@1.0.0#kept;raw@1.0.0#new;raw@1.0.0#none;raw@9.9.9#kept;void@1.0.0#k";
        site.publish(&derived("mid", "1.0.0", &[("y", "2", all)]));
        site.publish(&derived("raw", "2.0.0", &[("kept", "2", ""), ("new", "3.5", "")]));
        let catalogue = Catalogue::load(site.ground()).unwrap();
        let mid = catalogue.resolve("mid").unwrap().release;
        let inputs = catalogue.inputs(&mid, "y", &Principal::Operator);
        let named: Vec<String> = inputs.iter().map(|input| format!("{}@{}#{}", input.dataset, input.version, input.key)).collect();
        assert_eq!(named.join(";"), all);
        use InputKnown::{Factor, No, Release};
        assert_eq!(inputs.iter().map(|input| input.known).collect::<Vec<_>>(), [Factor, Factor, Factor, Release, No, No]);
        let newer = |place: usize| inputs[place].newer.clone().map(|newer| (newer.version.to_string(), newer.value.map(|v| v.to_string())));
        assert_eq!(newer(0), Some(("2.0.0".to_owned(), None)), "it is gone");
        assert_eq!(newer(1), None, "the same number");
        assert_eq!(newer(2), Some(("2.0.0".to_owned(), Some("3.5".to_owned()))));
        assert!(inputs.iter().all(|input| input.withdrawn.is_none()) && newer(3).is_none() && newer(4).is_none());
        assert!(catalogue.inputs(&catalogue.resolve("raw").unwrap().release, "kept", &Principal::Operator).is_empty());

        let (raw, old, new) = (id("raw"), "1.0.0".parse().unwrap(), "2.0.0".parse().unwrap());
        let (old, new) = (NoticeOf { dataset: &raw, version: &old }, NoticeOf { dataset: &raw, version: &new });
        supersede(site.ground(), old, new, "measured anew", "reviewer").unwrap();
        pull(site, "raw", "1.0.0", "wrong");
        let catalogue = Catalogue::load(site.ground()).unwrap();
        let inputs = catalogue.inputs(&mid, "y", &Principal::Operator);
        assert_eq!(inputs[0].superseded.as_ref().map(|own| own.by.as_str()), Some("raw@2.0.0"));
        assert!(inputs[4].superseded.is_none());
        assert_eq!(inputs.iter().map(|input| input.withdrawn.is_some()).collect::<Vec<_>>(), [true, true, true, true, false, false]);
    }
);

on_both!(
    fn an_index_of_the_former_format_is_built_again(site: &Site) {
        site.publish(&derived("mid", "1.0.0", &[("y", "2", "raw@1.0.0#x")]));
        let release = Catalogue::load(site.ground()).unwrap().resolve("mid").unwrap().release;
        let lines = release.manifest.artefact("factors.ndjson").unwrap().sha256;
        let path = site.folder.path().join("indexes").join(format!("{}.index", lines.to_hex()));
        let built_first = std::fs::read(&path).unwrap();
        assert_eq!(verify_index(&built_first, &lines), Ok(()));
        for damage in [b"TYINDEX2".as_slice(), b""] {
            let mut former = built_first.clone();
            former.splice(..8, damage.iter().copied());
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, former).unwrap();
            let catalogue = Catalogue::load(site.ground()).unwrap();
            assert_eq!(built(&catalogue, "raw", "1.0.0", None), ["1 mid@1.0.0#y"]);
            assert_eq!(std::fs::read(&path).unwrap(), built_first, "the same lines give the same bytes");
        }
    }
);
