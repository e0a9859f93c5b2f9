//! Reading a steward's file under the format that it is given, or as a dataset package.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::Metadata;
use crate::import::Format;
use crate::import::profile::{Profile, fitting};
use crate::validate::{Checked, Finding, Report, Rule, Sinks, TableError, check_profiled, check_source};

/// How a file is read: as a package, unless a format is given.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading<'a> {
    /// The format; a dataset package where it is left out.
    pub format: Option<&'a Format>,
    /// The name that the publisher gave the file, where the path has another.
    pub file_name: Option<&'a str>,
    /// Facts that the steward states for a profile that asks.
    pub facts: Option<&'a BTreeMap<String, String>>,
}

/// Says which profiles the file looks made for, where it could not be read as a package's table.
fn name_fitting(path: &Path, report: &mut Report) {
    if !report.has_errors() || !path.is_file() {
        return;
    }
    for name in fitting(path) {
        report.add(Finding::file(Rule::ProfileFits, format!("the file looks made for the profile {name}: give --profile {name}")));
    }
}

impl Reading<'_> {
    /// The profile that is given.
    pub(super) fn profile(&self) -> Option<&Profile> {
        match self.format {
            Some(Format::Profile(profile)) => Some(profile),
            _ => None,
        }
    }
}

/// Reads a file to its end under its format; changes nothing. `known` are the words of the dataset's latest release.
///
/// # Errors
/// The disk, or whatever the sinks give.
pub fn check(path: &Path, reading: &Reading<'_>, known: Option<&Metadata>, sinks: &mut Sinks<'_>) -> Result<Checked, TableError> {
    let Some(profile) = reading.profile() else {
        let mut checked = check_source(path, known, sinks)?;
        name_fitting(path, &mut checked.report);
        return Ok(checked);
    };
    let own_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let none = BTreeMap::new();
    let name = reading.file_name.unwrap_or(&own_name);
    check_profiled(path, name, profile, reading.facts.unwrap_or(&none), known, sinks)
}
