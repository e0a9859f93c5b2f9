//! What a change demands of the version, held from import to release.

use serde_json::json;
use tanyin::dataset::{Bump, VersionRefusal};
use tanyin::desk::{self, DeskError, VersionWish};
use tanyin::release::Catalogue;

use super::{draft, id, import, package, release, released, submit};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

/// What is released before each change: 1.0.0.
fn base(dataset: &str) -> PackageDraft {
    let cells = [("value", "0.5"), ("note_en", "As printed"), ("technology", "mixed"), ("boundary", "generation")];
    let mut package = PackageDraft::new(dataset, "1.0.0", vec![row("a", &cells), row("b", &[("value", "0.25")])]);
    package.description["licenses"] = json!([{"name": "CC-BY-4.0", "redistribution": "full"}]);
    package
}

type Change = fn(&mut PackageDraft);

fn set(package: &mut PackageDraft, column: &str, cell: &str) {
    if !package.columns.iter().any(|own| own == column) {
        package.columns.push(column.to_owned());
    }
    package.rows[0].insert(column.to_owned(), cell.to_owned());
}

const CHANGES: [(&str, Change, Bump, &str); 22] = [
    ("added", |p| p.rows.push(row("c", &[])), Bump::Minor, "1.1.0"),
    ("removed", |p| drop(p.rows.pop()), Bump::Major, "2.0.0"),
    ("renamed-key", |p| set(p, "key", "a2"), Bump::Major, "2.0.0"),
    ("value", |p| set(p, "value", "0.51"), Bump::Minor, "1.1.0"),
    ("uncertainty", |p| set(p, "uncertainty", "percent:5@95"), Bump::Minor, "1.1.0"),
    ("stages", |p| set(p, "stages", "A1=0.4;A2=0.1"), Bump::Minor, "1.1.0"),
    ("deprecated", |p| set(p, "status", "deprecated"), Bump::Minor, "1.1.0"),
    ("year", |p| set(p, "year", "2023"), Bump::Minor, "1.1.0"),
    ("name", |p| set(p, "name_en", "Grid, average"), Bump::Patch, "1.0.1"),
    ("note", |p| set(p, "note_en", "As printed on page 3"), Bump::Patch, "1.0.1"),
    ("flag", |p| set(p, "flags", "rounded"), Bump::Patch, "1.0.1"),
    ("unit", |p| set(p, "per", "MJ"), Bump::Major, "2.0.0"),
    ("unit-and-value", |p| [("per", "MJ"), ("value", "0.1389")].into_iter().for_each(|(c, v)| set(p, c, v)), Bump::Major, "2.0.0"),
    ("region", |p| set(p, "region", "CN-ZJ"), Bump::Major, "2.0.0"),
    ("kind", |p| set(p, "kind", "ets-value"), Bump::Major, "2.0.0"),
    ("boundary-gone", |p| set(p, "boundary", ""), Bump::Major, "2.0.0"),
    ("gases", |p| set(p, "co2_fossil", "0.5"), Bump::Major, "2.0.0"),
    ("licence-narrowed", |p| p.description["licenses"][0]["redistribution"] = json!("values_only"), Bump::Major, "2.0.0"),
    ("licence-other", |p| p.description["licenses"][0]["name"] = json!("CC-BY-NC-4.0"), Bump::Major, "2.0.0"),
    ("licence-widened", |p| p.description["licenses"][0]["name"] = json!("CC0-1.0"), Bump::Patch, "1.0.1"),
    ("title", |p| p.description["title"] = json!("Another title"), Bump::Patch, "1.0.1"),
    ("source-words", |p| p.description["sources"][0]["document_no"] = json!("No. 7"), Bump::Patch, "1.0.1"),
];

on_both!(
    fn each_change_demands_its_version(site: &Site) {
        for (name, change, bump, next) in CHANGES {
            let dataset = format!("change-{name}");
            site.publish(&base(&dataset));
            let mut package = base(&dataset);
            change(&mut package);
            // a version below what the change demands is refused, and the right one is named
            let too_low = ["1.0.1", "1.1.0"].into_iter().filter(|version| *version < next);
            for version in too_low.chain(["0.9.0"]) {
                package.description["version"] = json!(version);
                let difference = import(site, &package).difference.unwrap();
                assert_eq!((difference.bump, difference.next.map(|v| v.to_string())), (bump, Some(next.to_owned())), "{name}");
                let before = (draft(site.ground(), &dataset), released(site.ground()));
                let error = submit(site, &dataset, &VersionWish::Package).unwrap_err();
                assert!(matches!(error, DeskError::Version(VersionRefusal::TooLow { .. })), "{name} {version}: {error}");
                assert!(error.is_refusal() && error.to_string().contains(&format!("at least {next}")), "{name} {version}: {error}");
                assert_eq!((draft(site.ground(), &dataset), released(site.ground())), before, "{name}");
            }
            // one that exists is never used again
            package.description["version"] = json!("1.0.0");
            import(site, &package);
            let error = submit(site, &dataset, &VersionWish::Package).unwrap_err();
            assert!(
                matches!(error, DeskError::Version(VersionRefusal::Exists { .. })) && error.to_string().contains(next),
                "{name}: {error}"
            );
            // computed, it is the next
            let submitted = submit(site, &dataset, &VersionWish::Auto).unwrap();
            assert_eq!(submitted.version.to_string(), next, "{name}");
            let published = release(site.ground(), &dataset).unwrap();
            let catalogue = Catalogue::load(site.ground()).unwrap();
            let manifest = catalogue.resolve(&dataset).unwrap().release.manifest.clone();
            assert_eq!((manifest.version.to_string().as_str(), manifest.changes.bump), (next, bump), "{name}");
            assert_eq!(manifest.previous.as_ref().unwrap().version.to_string(), "1.0.0");
            assert_eq!(published.version, manifest.version);
        }
    }
);

#[test]
fn versions_that_are_none() {
    let site = Site::new(crate::site::Kind::Sqlite);
    import(&site, &package("numbers", "1.0.0", &[("a", "1")]));
    for version in ["0.1.0", "1.0.1", "2.0.0", "1.0.0-rc.1", "1.0.0+build", "1000000.0.0"] {
        let error = submit(&site, "numbers", &VersionWish::Exact(version.parse().unwrap())).unwrap_err();
        assert!(matches!(error, DeskError::Version(_)) && error.is_refusal(), "{version}: {error}");
    }
    submit(&site, "numbers", &VersionWish::Package).unwrap();
    release(site.ground(), "numbers").unwrap();
    // a larger step than the change demands is the steward's to take
    import(&site, &package("numbers", "3.0.0", &[("a", "2")]));
    assert_eq!(submit(&site, "numbers", &VersionWish::Package).unwrap().version.to_string(), "3.0.0");
}

/// What the difference says before is what the manifest says after.
#[test]
fn the_difference_is_counted_alike_before_and_after() {
    let site = Site::new(crate::site::Kind::Sqlite);
    site.publish(&package("counted", "1.0.0", &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]));
    let mut second = package("counted", "2.0.0", &[("b", "2.0"), ("c", "3.1"), ("d", "4"), ("e", "5"), ("f", "6")]);
    second.rows[2].insert("name_en".into(), "Another name".into());
    let difference = import(&site, &second).difference.unwrap();
    let (stored, again) = desk::draft_difference(site.ground(), &id("counted")).unwrap();
    assert_eq!(stored.base_version.as_deref(), Some("1.0.0"));
    let expected = json!({"added": 1, "removed": 1, "meaning": 0, "number": 1, "text": 1, "provenance_only": 1, "unchanged": 1});
    assert_eq!(serde_json::to_value(difference.counts).unwrap(), expected);
    assert_eq!(again, difference);
    let submitted = submit(&site, "counted", &VersionWish::Auto).unwrap();
    assert_eq!((submitted.version.to_string(), submitted.difference.bump), ("2.0.0".into(), Bump::Major));
    release(site.ground(), "counted").unwrap();
    let catalogue = Catalogue::load(site.ground()).unwrap();
    assert_eq!(catalogue.resolve("counted").unwrap().release.manifest.changes.counts, difference.counts);
}
