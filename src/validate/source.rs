//! What a steward hands over: a package, or a bare table; checked from its description to its last row.

use std::path::Path;

use super::table::{Sinks, TableError, check_table};
use super::{Finding, Report, Rule};
use crate::canon::Digest;
use crate::dataset::Metadata;
use crate::import::{Package, SourceFile, read_package};

/// A file or package that has been read to its end.
pub struct Checked {
    /// What became of its rows, and all findings.
    pub report: Report,
    /// The description; nothing for a bare table or an unreadable description.
    pub package: Option<Package>,
    /// The words that a publisher's file brings with its profile.
    pub words: Option<Metadata>,
    /// Digest and size of the table as it was read.
    pub table: Option<(Digest, u64)>,
}

/// Checks a package (a folder or its `datapackage.json`) or a bare table; changes nothing.
///
/// A bare table is read against `known`, the words of the dataset's latest release, where there is one.
pub fn check_source(path: &Path, known: Option<&Metadata>, sinks: &mut Sinks<'_>) -> Result<Checked, TableError> {
    let is_package = path.is_dir() || path.extension().is_some_and(|extension| extension == "json");
    if !is_package {
        let mut checked = check_file(path, None, known, sinks)?;
        if known.is_some() {
            return Ok(checked);
        }
        checked.report.add(Finding::file(Rule::SourceUnchecked, "a bare table declares no sources, so the column `source` is not checked"));
        return Ok(checked);
    }
    match read_package(path) {
        Ok(package) => check_file(&package.table.clone(), Some(package), None, sinks),
        Err(problems) => {
            let mut report = Report::default();
            for problem in problems {
                let rule = Rule::from_id(problem.rule).unwrap_or(Rule::PackageShape);
                let field = Some(problem.field).filter(|field| !field.is_empty());
                report.add(Finding { field, ..Finding::file(rule, problem.message) });
            }
            Ok(Checked { report, package: None, words: None, table: None })
        }
    }
}

fn check_file(path: &Path, package: Option<Package>, known: Option<&Metadata>, sinks: &mut Sinks<'_>) -> Result<Checked, TableError> {
    let unreadable = |error: std::io::Error| {
        let mut report = Report::default();
        report.add(Finding::file(Rule::FileUnreadable, format!("{}: {error}", path.display())));
        report
    };
    let source = match SourceFile::open(path) {
        Ok(source) => source,
        Err(error) => return Ok(Checked { report: unreadable(error), package, words: None, table: None }),
    };
    let (mut report, source) = check_table(source, package.as_ref().map(|package| &package.metadata).or(known), sinks)?;
    let (digest, bytes, unchanged) = source.finish()?;
    if !unchanged {
        report.add(Finding::file(
            Rule::FileChanged,
            format!("{} changed while it was read: wait until it is written, then try again", path.display()),
        ));
    }
    if let Some(package) = &package {
        compare_with_description(package, digest, bytes, &mut report);
    }
    Ok(Checked { report, package, words: None, table: Some((digest, bytes)) })
}

fn compare_with_description(package: &Package, digest: Digest, bytes: u64, report: &mut Report) {
    if let Some(declared) = package.bytes.filter(|declared| *declared != bytes) {
        report.add(Finding::field(
            Rule::ResourceBytes,
            "resources.factors.bytes",
            format!("the description says {declared} bytes, the table has {bytes}"),
        ));
    }
    if let Some(declared) = package.hash.filter(|declared| *declared != digest) {
        report.add(Finding::field(
            Rule::ResourceHash,
            "resources.factors.hash",
            format!("the description says {declared}, the table has {digest}: it is another file, or `hash` was not brought up to date"),
        ));
    }
}
