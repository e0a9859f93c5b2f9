//! The shipped profiles on the publishers' real files, which are read where they lie and never kept here.
//!
//! Each file's counts add up, and ten values of each were read in the file by hand (with another program) before
//! they were written down here. Where the files are absent the tests say so, loudly, and check nothing.

mod ademe;
mod agribalyse;
mod boavizta;
mod cbam;
mod co2js;
mod cpcd;
mod editions;
mod egrid;
mod epa;
mod gwp;
mod india;
mod moenv;
mod nga;
mod oefdb;
mod uk;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tanyin::desk::{self, Reading};
use tanyin::factor::Factor;
use tanyin::import::Format;
use tanyin::import::profile::Profile;
use tanyin::validate::{Report, Sinks};

/// Where the publishers' files lie, unless the variable says otherwise.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

/// A publisher's file; nothing where the files are not here, which is said loudly.
pub fn real(path: &str) -> Option<PathBuf> {
    let folder = std::env::var("TANYIN_SHARED_DATA").unwrap_or_else(|_| DATA.to_owned());
    let file = Path::new(&folder).join(path);
    if !file.exists() {
        eprintln!("SKIPPED: {} is not here; set TANYIN_SHARED_DATA to the folder with the publishers' files", file.display());
        return None;
    }
    Some(file)
}

/// What a file gives under a format.
pub struct Read {
    pub report: Report,
    pub factors: BTreeMap<String, Factor>,
}

impl Read {
    /// The factor with a key.
    #[track_caller]
    pub fn factor(&self, key: &str) -> &Factor {
        self.factors.get(key).unwrap_or_else(|| {
            let near: Vec<_> = self.factors.range(key.to_owned()..).take(3).map(|(key, _)| key).collect();
            panic!("no factor {key}; from there on: {near:?}")
        })
    }

    /// Checks key, value, unit, and the text of the cell, of several factors.
    #[track_caller]
    pub fn values(&self, expected: &[(&str, &str, &str, &str)]) {
        for (key, value, per, text) in expected {
            let factor = self.factor(key);
            let found = (factor.value.as_str(), factor.per.as_str(), factor.source.value_text.as_deref().unwrap_or_default());
            assert_eq!(found, (*value, *per, *text), "{key}");
        }
    }

    /// Checks the counts: rows, factors, produced, parts, and every reason for skipping; no row is wrong.
    #[track_caller]
    pub fn counts(&self, rows: u64, factors: u64, produced: u64, parts: u64, skipped: &[(&str, u64)]) {
        let report = &self.report;
        assert!(report.adds_up(), "{report:?}");
        let wrong: Vec<_> = report.items.iter().filter(|item| item.severity == tanyin::validate::Severity::Error).take(20).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let skipped: BTreeMap<String, u64> = skipped.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
        assert_eq!(
            (report.rows, report.factors, report.produced, report.parts, &report.skipped),
            (rows, factors, produced, parts, &skipped)
        );
    }
}

/// Reads a file under a profile with facts.
#[track_caller]
pub fn read(path: &Path, profile: &str, facts: &[(&str, &str)]) -> Read {
    let format = Format::open(profile).unwrap_or_else(|error| panic!("{error}"));
    let facts = facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reading = Reading { format: Some(&format), file_name: None, facts: Some(&facts) };
    let mut factors = BTreeMap::new();
    let mut take = |line: tanyin::import::KeyedLine| {
        factors.insert(line.key.clone(), Factor::from_line(&line.line)?);
        Ok(())
    };
    let checked = desk::check(path, &reading, None, &mut Sinks { line: &mut take, progress: &mut |_| {} }).unwrap();
    assert!(checked.report.adds_up(), "{:?}", checked.report);
    Read { report: checked.report, factors }
}

#[test]
fn every_shipped_profile_can_be_used() {
    let wrong: Vec<String> =
        Profile::shipped().into_iter().filter_map(|name| Profile::open(name).err()).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for name in Profile::shipped() {
        assert_eq!(Profile::open(name).unwrap().id(), name);
    }
}

#[test]
fn every_shipped_profile_fits_the_published_schema() {
    let mut schema: serde_json::Value = serde_json::from_str(include_str!("../../schema/profile.json")).unwrap();
    schema.as_object_mut().unwrap().remove("$id");
    let validator = jsonschema::validator_for(&schema).unwrap();
    for name in Profile::shipped() {
        let parsed: toml::Value = toml::from_str(Profile::open(name).unwrap().source()).unwrap();
        let value = serde_json::to_value(parsed).unwrap();
        let faults: Vec<String> = validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{name}");
    }
    let columns: Vec<&String> = schema["$defs"]["cells"]["properties"].as_object().unwrap().keys().collect();
    let own: Vec<&str> = tanyin::factor::COLUMNS.iter().map(|column| column.name).collect();
    assert_eq!(columns, own);
}
