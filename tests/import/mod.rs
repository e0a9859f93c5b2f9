//! From a steward's file to a draft: what is refused, by which rule, and that nothing changes then.

mod grid;
mod hostile;
pub mod lca;
mod moving;
mod package;
mod profile;
mod round_trip;
mod rules;

use std::path::Path;

use tanyin::release::ReleaseError;
use tanyin::store;
use tanyin::validate::Finding;

use crate::site::{PackageDraft, Site, row};

/// A finding that is expected: rule, row, field.
type Expected = (&'static str, Option<u64>, Option<&'static str>);

/// A package that is refused.
struct Case {
    name: &'static str,
    write: Box<dyn Fn(&Path)>,
    /// Exactly these findings, in any order.
    found: Vec<Expected>,
    /// Some finding's message holds this.
    says: &'static str,
}

const DATASET: &str = "hostile";

/// A sound package for the dataset, one version after what is released.
fn sound(rows: Vec<std::collections::BTreeMap<String, String>>) -> PackageDraft {
    PackageDraft::new(DATASET, "1.1.0", rows)
}

/// Row 2 is sound, row 3 has these cells.
fn cell(name: &'static str, changes: &[(&'static str, &str)], rule: &'static str, field: &'static str, says: &'static str) -> Case {
    let package = sound(vec![row("a", &[]), row("b", changes)]);
    Case { name, write: Box::new(move |folder| package.write(folder)), found: vec![(rule, Some(3), Some(field))], says }
}

/// A table in these bytes.
fn table(name: &'static str, bytes: impl Into<Vec<u8>>, found: Vec<Expected>, says: &'static str) -> Case {
    let package = PackageDraft { raw_table: Some(bytes.into()), ..sound(vec![]) };
    Case { name, write: Box::new(move |folder| package.write(folder)), found, says }
}

/// A sound table with another description.
fn described(name: &'static str, change: impl FnOnce(&mut serde_json::Value), found: Vec<Expected>, says: &'static str) -> Case {
    let mut package = sound(vec![row("a", &[])]);
    change(&mut package.description);
    Case { name, write: Box::new(move |folder| package.write(folder)), found, says }
}

/// A sound package, with something done to its folder afterwards.
fn disturbed(name: &'static str, disturb: impl Fn(&Path) + 'static, found: Vec<Expected>, says: &'static str) -> Case {
    let package = sound(vec![row("a", &[])]);
    let write = move |folder: &Path| {
        package.write(folder);
        disturb(folder);
    };
    Case { name, write: Box::new(write), found, says }
}

/// Everything in the database that an import could touch.
fn rows_of(site: &Site) -> String {
    let read = site.ground().database().unwrap().read(|connection| {
        let drafts = store::draft_list(connection)?;
        let releases = store::release_list_all(connection)?;
        let datasets = store::dataset_list(connection)?;
        let facts = store::fact_list(connection, 0)?;
        let run = store::import_run_get(connection, 2)?;
        let events = store::event_list(connection, 0, 1000)?;
        Ok::<_, ReleaseError>(format!("{drafts:?}\n{releases:?}\n{datasets:?}\n{facts:?}\n{run:?}\n{events:?}"))
    });
    read.unwrap()
}

fn shapes(items: &[Finding]) -> Vec<(String, Option<u64>, Option<String>)> {
    let mut shapes: Vec<_> = items.iter().map(|finding| (finding.rule.clone(), finding.row, finding.field.clone())).collect();
    shapes.sort();
    shapes
}

fn refuse(site: &Site, case: &Case) -> Result<(), String> {
    let before = rows_of(site);
    let folder = tempfile::tempdir().unwrap();
    (case.write)(folder.path());
    let outcome = site.import(folder.path(), DATASET).map_err(|error| format!("{}: {error}", case.name))?;
    let mut expected: Vec<_> = case.found.iter().map(|(rule, row, field)| ((*rule).to_owned(), *row, field.map(str::to_owned))).collect();
    expected.sort();
    let items = &outcome.report.items;
    let right = shapes(items) == expected
        && items.iter().any(|finding| finding.message.contains(case.says))
        && outcome.report.has_errors()
        && outcome.report.adds_up()
        && (outcome.run, &outcome.difference) == (None, &None)
        && rows_of(site) == before;
    right.then_some(()).ok_or_else(|| format!("{}: expected {expected:?} and `{}`, found {:?}", case.name, case.says, outcome.report))
}

/// Imports each case over a released dataset: exactly the findings expected, every row accounted for, nothing changed.
fn refuse_all(site: &Site, cases: Vec<Case>) {
    site.publish(&PackageDraft::new(DATASET, "1.0.0", vec![row("z", &[])]));
    let before = rows_of(site);
    let wrong: Vec<String> = cases.iter().filter_map(|case| refuse(site, case).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(rows_of(site), before);
    // and a sound package still goes in
    let folder = tempfile::tempdir().unwrap();
    sound(vec![row("z", &[]), row("a", &[])]).write(folder.path());
    assert!(site.import(folder.path(), DATASET).unwrap().run.is_some());
}
