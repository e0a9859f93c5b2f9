//! Reading a steward's file under the format that it is given, or as a dataset package.

use std::collections::BTreeMap;
use std::path::Path;

use crate::dataset::Metadata;
use crate::import::Format;
use crate::import::archive::Tree;
use crate::import::lca;
use crate::import::profile::fitting;
use crate::validate::{Checked, Finding, Report, Rule, Sinks, TableError, check_lca, check_profiled, check_source};

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

/// The formats that a file or folder looks made for.
pub(super) fn made_for(path: &Path) -> Vec<&'static str> {
    let lca = Tree::open(path).ok().and_then(|tree| lca::detect(&tree).ok().flatten());
    match lca {
        Some(format) => vec![format.name()],
        None if path.is_file() => fitting(path),
        None => Vec::new(),
    }
}

/// Says which profiles the file looks made for, where it could not be read as a package's table.
fn name_fitting(path: &Path, report: &mut Report) {
    if !report.has_errors() {
        return;
    }
    for name in made_for(path) {
        report.add(Finding::file(Rule::ProfileFits, format!("the file looks made for the profile {name}: give --profile {name}")));
    }
}

impl Reading<'_> {
    /// Whether the file is a dataset package or its table.
    pub(super) fn is_package(&self) -> bool {
        matches!(self.format, None | Some(Format::Package))
    }
}

/// Reads a file to its end under its format; changes nothing. `known` are the words of the dataset's latest release.
///
/// # Errors
/// The disk, or whatever the sinks give.
pub fn check(path: &Path, reading: &Reading<'_>, known: Option<&Metadata>, sinks: &mut Sinks<'_>) -> Result<Checked, TableError> {
    let none = BTreeMap::new();
    let facts = reading.facts.unwrap_or(&none);
    match reading.format {
        None | Some(Format::Package) => {
            let mut checked = check_source(path, known, sinks)?;
            name_fitting(path, &mut checked.report);
            Ok(checked)
        }
        Some(Format::Profile(profile)) => {
            let own_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            check_profiled(path, reading.file_name.unwrap_or(&own_name), profile, facts, known, sinks)
        }
        Some(Format::Lca(format)) => check_lca(path, *format, facts, known, sinks),
    }
}
