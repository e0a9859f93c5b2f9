//! Every rule finds something; every row is accounted for.

use std::collections::BTreeSet;

use serde_json::json;
use tanyin::desk::{self, ImportRequest};
use tanyin::validate::{Rule, Severity};

use super::{Case, cell, hostile, lca, package, refuse_all};
use crate::on_both;
use crate::site::{Kind, PackageDraft, Site, row};

/// One case for each rule that `hostile` and `package` have none for.
fn others() -> Vec<Case> {
    let long = "x".repeat(33 << 10);
    vec![
        cell("a long cell", &[("note_en", &long)], "cell-too-long", "note_en", "at most 32768"),
        cell("a blank", &[("region", "CN ")], "blank-around", "region", "blank").and("region-unknown", "region"),
        cell("no-break space", &[("name_en", "Grid\u{a0}")], "blank-around", "name_en", "blank"),
        cell("a key in capitals", &[("key", "Grid/CN")], "key-shape", "key", "a-z"),
        cell("a key that climbs", &[("key", "../x")], "key-shape", "key", "a-z"),
        cell("a long key", &[("key", &"k".repeat(201))], "key-shape", "key", "200"),
        cell("an activity with a blank", &[("activity", "grid average")], "key-shape", "activity", "a-z"),
        cell("a short year", &[("year", "22")], "year-shape", "year", "four digits"),
        cell("a year with a sign", &[("year", "+202")], "year-shape", "year", "four digits"),
        cell("no such day", &[("published", "2023-02-29")], "date-shape", "published", "2023-02-29"),
        cell("a date as words", &[("valid_from", "2023年1月1日")], "date-shape", "valid_from", "YYYY-MM-DD"),
        cell("a period backwards", &[("period_from", "2023-01-01"), ("period_to", "2022-01-01")], "date-order", "period_from", "after"),
        cell("money without a year", &[("per", "CNY")], "price-year", "price_year", "currency"),
        cell("a price year without money", &[("price_year", "2020")], "price-year", "price_year", "no currency"),
        cell("an unknown basis", &[("basis", "LHV")], "code-unknown", "basis", "net_cv"),
        cell("an unknown metric", &[("metric", "co2")], "code-unknown", "metric", "CO2, CO2e"),
        cell("a boundary in words", &[("boundary", "Cradle to gate")], "code-shape", "boundary", "cradle-to-gate"),
        cell("CO2e under nothing", &[("metric", "CO2e")], "gwp-missing", "gwp", "gwp_unknown"),
        cell("CO2 under a set", &[("gwp", "ipcc-ar5-wg1-8.a1-gwp100")], "gwp-without-co2e", "gwp", "CO2 alone"),
        cell("methane twice", &[("co2_fossil", "0.5366"), ("ch4", "0"), ("ch4_fossil", "0")], "gas-twice", "other_gases", "twice"),
        cell("stages without amounts", &[("stages", "A1-A3")], "list-shape", "stages", "`=`"),
        cell(
            "modules that do not make their total",
            &[("stages", "A1=0.1000;A2=0.2000;A3=0.2366;A1-A3=0.5000")],
            "stages-agree",
            "stages",
            "add up to 0.5366",
        ),
        cell("a false CAS number", &[("other_gases", "75-46-8=1")], "list-shape", "other_gases", "check digit"),
        cell("an unknown flag", &[("flags", "partial_gas")], "flag-unknown", "flags", "partial_gases"),
    ]
}

impl Case {
    /// One finding more in the same row.
    fn and(mut self, rule: &'static str, field: &'static str) -> Self {
        let row = self.found.first().and_then(|(_, row, _)| *row);
        self.found.push((rule, row, Some(field)));
        self
    }
}

/// Rules that keep nothing out, and a row that each finds.
const NOTICED: [(&str, &[(&str, &str)]); 4] = [
    ("year-of-key", &[("key", "grid/2021")]),
    ("negative-value", &[("value", "-0.5")]),
    ("classification-code", &[("classifications", "hs-2022=101")]),
    ("gases-unchecked", &[("metric", "CO2e"), ("gwp", "ipcc-ar6-wg1-7.15-gwp100"), ("ch4", "0.1")]),
];

/// Rules with a test of their own: `moving`, `hostile::what_spreadsheets_write_is_read`, and below.
const ELSEWHERE: [&str; 3] = ["file-changed", "byte-order-mark", "source-unchecked"];

/// Rules that tables under profiles are held to, each found by a test of [`super::profile`].
const UNDER_PROFILES: [&str; 7] = ["fact", "vocabulary", "cell-shape", "column-unread", "group-lead", "part-conflict", "no-rule"];

/// What a file without a format looks made for, and what one of life cycle data says of its licence: found below.
const OF_FORMATS: [&str; 2] = ["profile-fits", "licence-words"];

on_both!(
    fn bad_values_change_nothing(site: &Site) {
        refuse_all(site, others());
    }
);

#[test]
fn every_rule_is_found_by_a_test() {
    let cases = [others(), hostile::cells(), hostile::tables(), hostile::endless(), package::descriptions(), package::ways_out()];
    let mut found: BTreeSet<&str> = cases.iter().flatten().flat_map(|case| case.found.iter().map(|(rule, ..)| *rule)).collect();
    found.extend(NOTICED.iter().map(|(rule, _)| *rule));
    found.extend(ELSEWHERE);
    found.extend(UNDER_PROFILES);
    found.extend(OF_FORMATS);
    found.extend(lca::RULES);
    let outside = super::grid::cases();
    found.extend(outside.iter().map(|case| case.rule));
    let all: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
    assert_eq!(found, all);
}

/// A publisher's table without a profile, and a footprint without a title: told what to give, and then read.
#[test]
fn a_file_is_told_the_format_that_it_looks_made_for() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: &std::path::Path, format: Option<&str>, facts: &[(&str, &str)]| {
        let format = format.map(|name| tanyin::import::Format::open(name).unwrap());
        let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let reading = desk::Reading { format: format.as_ref(), file_name: None, facts: Some(&facts) };
        let mut sinks = tanyin::validate::Sinks { line: &mut |_| Ok(()), progress: &mut |_| {} };
        desk::check(path, &reading, None, &mut sinks).unwrap()
    };
    let found = |checked: &tanyin::validate::Checked, rule: &str| -> Vec<String> {
        checked.report.items.iter().filter(|item| item.rule == rule).map(|item| item.message.clone()).collect()
    };
    let table = folder.path().join("renamed.dat");
    let head = "2017 NAICS Code,2017 NAICS Title,GHG,Unit,Supply Chain Emission Factors without Margins,Margins of Supply Chain Emission Factors,\
                Supply Chain Emission Factors with Margins,Reference USEEIO Code\n";
    std::fs::write(&table, format!("{head}111110,Soybeans,All GHGs,\"kg CO2e/2022 USD, purchaser price\",0.4,0.1,0.5,1111A0\n")).unwrap();
    let told = found(&check(&table, None, &[]), "profile-fits");
    assert!(told.iter().any(|text| text.ends_with("--profile us-epa-supply-chain")), "{told:?}");
    let read = check(&table, Some("us-epa-supply-chain"), &[("edition", "1.3.0")]);
    assert_eq!((read.report.findings.error, read.report.produced), (0, 3), "{:?}", read.report);

    let open = folder.path().join("processes");
    for (name, text) in lca::openlca_files() {
        let path = open.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    assert_eq!(found(&check(&open, None, &[]), "profile-fits"), ["the file looks made for the profile openlca: give --profile openlca"]);
    let told = check(&open, Some("openlca"), &[]);
    assert_eq!(found(&told, "licence-words"), ["the file says of its licence: Free for all"]);
    assert_eq!(found(&told, "fact").len(), 3, "{:?}", told.report);
    let facts = [("title", "Cement"), ("licence", "LicenseRef-free"), ("redistribution", "full")];
    let read = check(&open, Some("openlca"), &facts);
    assert_eq!((read.report.findings.error, read.report.produced), (0, 2), "{:?}", read.report);
    assert_eq!(read.words.unwrap().title.en.as_deref(), Some("Cement"));
    assert!(told.report.adds_up() && told.packed.is_some());
}

#[test]
fn warnings_keep_nothing_out() {
    let site = Site::new(Kind::Sqlite);
    for (rule, changes) in NOTICED {
        let folder = tempfile::tempdir().unwrap();
        PackageDraft::new("noticed", "1.0.0", vec![row("a", changes)]).write(folder.path());
        let outcome = site.import(folder.path(), "noticed").unwrap();
        let found: Vec<_> = outcome.report.items.iter().map(|finding| (finding.rule.as_str(), finding.severity, finding.row)).collect();
        assert_eq!(found, [(rule, Severity::Warning, Some(2))]);
        assert!(outcome.run.is_some() && outcome.report.adds_up());
    }
}

/// A table alone is read against the words of the latest release; without any, its sources are not checked.
#[test]
fn a_bare_table_stands_on_the_latest_release() {
    let site = Site::new(Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.csv");
    let table = |rows| PackageDraft::new("bare", "1.0.0", rows).table();
    std::fs::write(&path, table(vec![row("a", &[])])).unwrap();
    let mut sinks = tanyin::validate::Sinks { line: &mut |_| Ok(()), progress: &mut |_| {} };
    let checked = tanyin::validate::check_source(&path, None, &mut sinks).unwrap();
    assert_eq!(checked.report.items.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["source-unchecked"]);
    let refused = site.import(&path, "bare").unwrap_err();
    assert!(matches!(refused, desk::DeskError::NoDescription { .. }) && refused.is_refusal());

    site.publish(&PackageDraft::new("bare", "1.0.0", vec![row("a", &[])]));
    std::fs::write(&path, table(vec![row("a", &[]), row("b", &[("source", "unheard")])])).unwrap();
    let outcome = site.import(&path, "bare").unwrap();
    assert_eq!(outcome.report.items.iter().map(|finding| finding.rule.as_str()).collect::<Vec<_>>(), ["source-undeclared"]);
    std::fs::write(&path, table(vec![row("a", &[]), row("b", &[])])).unwrap();
    let difference = site.import(&path, "bare").unwrap().difference.unwrap();
    assert_eq!((difference.counts.added, difference.metadata, difference.next), (1, false, Some("1.1.0".parse().unwrap())));
}

/// `rows` = `factors` + `parts` + `error_rows` + what was skipped, also where everything happens at once.
#[test]
fn every_row_is_accounted_for() {
    let site = Site::new(Kind::Sqlite);
    let good = |key: &str| format!("{key},electricity/grid-average,electricity-direct,Grid,CN,2022,0.5366,CO2,kW.h,doc");
    let bad = good("d").replace("0.5366", "?");
    let header = "key,activity,kind,name_en,region,year,value,metric,per,source";
    let table = [header, "", &good("a"), "", "", &good("b"), &good("a"), &bad, "x,y", "", &good("c"), "", ""].join("\n");
    let package = PackageDraft { raw_table: Some(table.into_bytes()), ..PackageDraft::new("rows", "1.0.0", vec![]) };
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let report = site.import(folder.path(), "rows").unwrap().report;
    assert_eq!((report.rows, report.factors, report.produced, report.parts, report.error_rows), (11, 3, 3, 0, 3), "{report:?}");
    assert_eq!(serde_json::to_value(&report.skipped).unwrap(), json!({"blank": 5}));
    assert!(report.adds_up());
    let rows: Vec<_> = report.items.iter().map(|finding| (finding.row, finding.rule.as_str())).collect();
    assert_eq!(rows, [(Some(7), "duplicate-key"), (Some(8), "decimal"), (Some(9), "cell-count")]);
}

/// A dry run finds the same and stores nothing.
#[test]
fn a_dry_run_changes_nothing() {
    let site = Site::new(Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("dry-run", "1.0.0", vec![row("a", &[])]).write(folder.path());
    let before = super::rows_of(&site);
    let blobs = || walk(&site.ground().blobs().root().join("sha256"));
    let count = blobs();
    let dataset = "dry-run".parse().unwrap();
    let request = ImportRequest {
        path: folder.path(),
        dataset: &dataset,
        actor: "steward",
        dry_run: true,
        discard_edits: false,
        reading: desk::Reading::default(),
    };
    let outcome = desk::import(site.ground(), &request, &mut |_| {}).unwrap();
    assert_eq!((outcome.run, outcome.difference.unwrap().next), (None, Some("1.0.0".parse().unwrap())));
    assert_eq!((super::rows_of(&site), blobs()), (before, count));
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { walk(&path) } else { 1 }).sum()
}
