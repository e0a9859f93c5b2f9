//! Tables under profiles: what becomes of each row, and what is said of a profile that is wrong.

use std::collections::BTreeMap;

use tanyin::desk::{self, Reading};
use tanyin::factor::Factor;
use tanyin::import::profile::Profile;
use tanyin::import::{Format, KeyedLine};
use tanyin::validate::{Report, Sinks};

const HEAD: &str = r#"
profile = "test"
version = 1
normaliser = 1
[header]
find = ["Name", "Value"]
[columns]
name = "Name"
value = "Value"
unit = { header = ["Unit"], optional = true }
"#;

const CELLS: &str = r#"
[[factor]]
unit_text = "{unit}"
[factor.cells]
key = "{name|slug}"
activity = "a/{name|slug}"
kind = "process"
name_en = "{name}"
region = "CN"
year = "2023"
value = "{value|number}"
metric = "CO2"
per = "kg"
"#;

const WORDS: &str = r#"
[dataset]
title = { en = "Test" }
[[dataset.licences]]
id = "CC0-1.0"
redistribution = "full"
[[dataset.sources]]
id = "s"
title = { en = "Source" }
"#;

/// A profile of these parts: more for the head, and more rules.
fn profile(more: &str) -> Profile {
    parse(&[HEAD, more, CELLS, WORDS].concat()).unwrap_or_else(|error| panic!("{error}"))
}

fn parse(text: &str) -> Result<Profile, tanyin::import::profile::ProfileError> {
    Profile::parse("test", text, &|name| Err(format!("no {name}")))
}

fn read(profile: Profile, table: &[u8], facts: &[(&str, &str)]) -> (Report, Vec<Factor>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, table).unwrap();
    let format = Format::Profile(Box::new(profile));
    let facts: BTreeMap<String, String> = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reading = Reading { format: Some(&format), file_name: None, facts: Some(&facts) };
    let mut factors = Vec::new();
    let mut take = |line: KeyedLine| {
        factors.push(Factor::from_line(&line.line)?);
        Ok(())
    };
    let checked = desk::check(&path, &reading, None, &mut Sinks { line: &mut take, progress: &mut |_| {} }).unwrap();
    assert!(checked.report.adds_up(), "{:?}", checked.report);
    (checked.report, factors)
}

fn rules(report: &Report) -> Vec<(&str, Option<u64>)> {
    report.items.iter().map(|item| (item.rule.as_str(), item.row)).collect()
}

#[test]
fn every_row_is_accounted_for() {
    let rules_of = "[[skip]]\nwhen = { name = \"^END$\" }\nreason = \"end\"\nrest = true\n[[skip]]\nwhen = { value = \"^$\" }\nreason = \"no value\"\n";
    let table = "Title of the table,,\n,,\nname,VALUE,Unit\nA,\"1,5\",kg\n,,\nB,,kg\nC,2,kg\nEND,,\nfoot,note,\n";
    let (report, factors) = read(profile(&format!("[file]\nthousands=' '\ndecimal=','\n{rules_of}")), table.as_bytes(), &[]);
    assert_eq!((report.rows, report.factors, report.error_rows), (6, 2, 0), "{report:?}");
    let skipped: Vec<_> = report.skipped.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
    assert_eq!(skipped, [("blank", 1), ("end", 2), ("no value", 1)]);
    assert_eq!(factors[0].value.as_str(), "1.5");
    let source = &factors[0].source;
    assert_eq!(
        (source.value_text.as_deref(), source.unit_text.as_deref(), source.locator.as_deref()),
        (Some("1,5"), Some("kg"), Some("row 4, column `VALUE`"))
    );
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_row() {
    let (report, _) = read(profile(""), b"Name,Value\nA,< 1\nB,1-2\nC,prose\nD,4\n", &[]);
    assert_eq!(rules(&report), [("decimal", Some(2)), ("decimal", Some(3)), ("decimal", Some(4))]);
    assert_eq!((report.rows, report.factors, report.error_rows), (4, 1, 3));
    assert_eq!(report.items[0].field.as_deref(), Some("value"));
}

#[test]
fn equal_keys_with_different_values_are_a_conflict_never_last_wins() {
    let (report, factors) = read(profile(""), b"Name,Value\nA,1\nA,2\nB,3\n", &[]);
    assert_eq!(rules(&report), [("duplicate-key", Some(3))]);
    assert_eq!((report.rows, report.factors, report.error_rows, factors.len()), (3, 2, 1, 2));
    let once = HEAD.replace("normaliser = 1", "normaliser = 1\nidentical_rows = \"the same row stands above\"");
    let same = parse(&[&once, CELLS, WORDS].concat()).unwrap();
    let (report, _) = read(same, b"Name,Value\nA,1\nA,1\nA,2\n", &[]);
    assert_eq!(report.skipped["the same row stands above"], 1);
    assert_eq!(rules(&report), [("duplicate-key", Some(4))]);
}

#[test]
fn a_row_wider_than_its_header_is_an_error() {
    let wide = format!("Name,Value\nA,1{}\nB,2\n", ",x".repeat(98));
    let (report, _) = read(profile(""), wide.as_bytes(), &[]);
    assert_eq!(rules(&report), [("cell-count", Some(2))]);
}

#[test]
fn a_renamed_column_is_told_with_what_there_is() {
    let drifted = parse(&[HEAD, "extra = \"Extra\"\n", CELLS, WORDS].concat()).unwrap();
    let (report, _) = read(drifted, b"Name,Value,Extra2\nA,1,x\n", &[]);
    let missing = report.items.iter().find(|item| item.rule == "missing-column").unwrap();
    assert!(missing.message.contains("`Extra2`"), "{}", missing.message);
    assert_eq!((report.rows, report.error_rows), (1, 1));
    let (report, _) = read(profile(""), b"Nom,Valeur\nA,1\n", &[]);
    assert_eq!(rules(&report)[0].0, "no-header");
}

#[test]
fn columns_that_are_not_read_are_named() {
    let (report, _) = read(profile(""), b"Name,Value,New one\nA,1,x\n", &[]);
    assert_eq!(rules(&report), [("column-unread", None)]);
    assert!(report.items[0].message.contains("`New one`"));
}

const GROUPS: &str = r#"
[group]
by = "{name}"
lead = { unit = "^total$" }
[[group.part]]
when = { unit = "^CH4$" }
cells = { gases_co2e = "CH4={value|number}" }
[[group.part]]
when = { unit = "^CO2$" }
cells = { gases_co2e = "CO2={value|number}" }
"#;

fn grouped() -> Profile {
    let cells = CELLS.replace("metric = \"CO2\"", "metric = \"CO2e\"\ngwp = \"ipcc-ar5-wg1-8.a1-gwp100\"");
    parse(&[HEAD, GROUPS, &cells, WORDS].concat()).unwrap()
}

#[test]
fn parts_belong_to_their_total_wherever_they_stand() {
    let (report, factors) = read(grouped(), b"Name,Value,Unit\nA,1,CO2\nB,5,total\nA,0.5,CH4\nA,1.5,total\nB,5,CO2\n", &[]);
    assert_eq!((report.rows, report.factors, report.parts, report.error_rows), (5, 2, 3, 0), "{report:?}");
    let parts: Vec<_> = factors[0].gases_co2e.iter().map(|part| (part.gas.as_str(), part.co2e.as_str())).collect();
    assert_eq!(parts, [("CH4", "0.5"), ("CO2", "1")]);
}

#[test]
fn groups_that_do_not_hold_together_are_errors() {
    for (table, rule, error_rows) in [
        ("A,1,CO2\nA,2,CH4\n", "group-lead", 2),
        ("A,1,total\nA,2,total\n", "group-lead", 2),
        ("A,1,total\nA,1,N2O\n", "no-rule", 2),
        ("A,9,total\nA,1,CO2\nA,2,CH4\n", "gases-sum", 3),
    ] {
        let (report, _) = read(grouped(), format!("Name,Value,Unit\n{table}").as_bytes(), &[]);
        assert_eq!((rules(&report)[0].0, report.error_rows, report.factors), (rule, error_rows, 0), "{table}");
    }
}

#[test]
fn two_parts_that_disagree_are_a_conflict() {
    let rules_of = "[group]\nby = \"{name}\"\n[[group.part]]\ncells = { scope = \"{unit}\" }\n";
    let (report, _) = read(profile(rules_of), b"Name,Value,Unit\nA,1,1\nA,1,2\n", &[]);
    assert_eq!(rules(&report)[0].0, "part-conflict");
}

#[test]
fn words_that_the_profile_does_not_know_are_errors_that_name_them() {
    let vocabulary = "[[take]]\nfrom = \"unit\"\npattern = '^(?<n>\\d+) (?<what>\\w+)$'\n[vocabulary.unit]\n\"pieces\" = \"{{item}}\"\n";
    let cells = CELLS.replace("per = \"kg\"", "per = \"{what|in:unit}\"");
    let own = parse(&[HEAD, vocabulary, &cells, WORDS].concat()).unwrap();
    let (report, factors) = read(own, b"Name,Value,Unit\nA,1,3 pieces\nB,1,3 pieced\nC,1,three\n", &[]);
    assert_eq!(rules(&report), [("vocabulary", Some(3)), ("cell-shape", Some(4))]);
    assert!(report.items[0].message.contains("`pieces`"), "{}", report.items[0].message);
    assert_eq!(factors[0].per, "{item}");
}

#[test]
fn a_fact_that_is_asked_for_is_asked_for() {
    let facts = "[facts]\nedition = { ask = \"The edition, such as 2024\" }\n";
    let cells = CELLS.replace("\"2023\"", "\"{edition}\"");
    let own = || parse(&[HEAD, facts, &cells, WORDS].concat()).unwrap();
    let (report, _) = read(own(), b"Name,Value\nA,1\n", &[]);
    assert_eq!((rules(&report)[0].0, report.error_rows), ("fact", 1));
    assert!(report.items[0].message.contains("--set edition="));
    let (report, factors) = read(own(), b"Name,Value\nA,1\n", &[("edition", "2024")]);
    assert_eq!((report.findings.error, factors[0].year), (0, Some(2024)));
    let (report, _) = read(own(), b"Name,Value\nA,1\n", &[("edition", "2024"), ("editon", "1")]);
    assert_eq!(rules(&report)[0].0, "fact");
}

#[test]
fn one_row_gives_several_factors_and_blank_ones_are_left_out() {
    let each = "each = [ { which = \"1\", amount = \"value\" }, { which = \"2\", amount = \"unit\" } ]\nskip = [ { when = { unit = \"^$\", which = \"2\" }, reason = \"no second\" } ]\n";
    let cells = CELLS.replace("unit_text = \"{unit}\"\n", each).replace("{name|slug}\"\nactivity", "{name|slug}/{which}\"\nactivity");
    let cells = cells.replace("{value|number}", "{amount|column|number}");
    let own = parse(&[HEAD, &cells, WORDS].concat()).unwrap();
    let (report, factors) = read(own, b"Name,Value,Unit\nA,1,2\nB,3,\n", &[]);
    assert_eq!((report.rows, report.factors, report.produced), (2, 2, 3), "{report:?}");
    assert_eq!(factors.iter().map(|factor| factor.key.as_str()).collect::<Vec<_>>(), ["a/1", "a/2", "b/1"]);
}

#[test]
fn a_wrong_profile_says_everything_that_is_wrong_with_it() {
    let cases = [
        (CELLS.replace("{name}", "{nam}"), "did you mean `name`"),
        (CELLS.replace("kind =", "knd ="), "did you mean `kind`"),
        (CELLS.replace("region = \"CN\"\n", ""), "lack `region`"),
        (CELLS.replace("{value|number}", "{value|in:units.per}"), "no vocabulary `units`"),
        (CELLS.replace("year = \"2023\"", "year = 2023.5"), "numbers as text"),
        (format!("[[skip]]\nreason = \"x\"\n{CELLS}"), "every row"),
        (format!("[[take]]\nfrom = \"unit\"\npattern = '('\n{CELLS}"), "regular expression"),
    ];
    for (cells, word) in cases {
        let error = parse(&[HEAD, &cells, WORDS].concat()).unwrap_err().to_string();
        assert!(error.contains(word), "{word}: {error}");
    }
    for (text, word) in [("profile = ", "TOML"), ("", "missing field"), ("[columnss]\n", "columnss")] {
        let error = parse(&[text, HEAD].concat()).err().map_or_else(|| parse(text).unwrap_err().to_string(), |error| error.to_string());
        assert!(!error.is_empty(), "{word}");
    }
    let normaliser = parse(&[&HEAD.replace("normaliser = 1", "normaliser = 2"), CELLS, WORDS].concat()).unwrap_err().to_string();
    assert!(normaliser.contains("normaliser"), "{normaliser}");
    let unknown = Profile::open("uk-desnz-flet").unwrap_err().to_string();
    assert!(unknown.contains("there is no profile"), "{unknown}");
}
