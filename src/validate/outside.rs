//! A publisher's own file: an adapter's steps become factors or findings, and every row is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::row::read_cells;
use super::table::{PROGRESS_ROWS, Sinks, TableError, hand_over};
use super::{Checked, Finding, Report, Rule, Severity};
use crate::dataset::Metadata;
use crate::import::grid::{GridError, GridFile};
use crate::import::profile::{Profile, read_table};
use crate::import::{Entry, Problem, Sorter, SourceFile, Step};

/// Reads a publisher's table under a profile; changes nothing.
///
/// `file_name` is the name that the publisher gave it, `given` are facts that the steward states, `known` the
/// words of the dataset's latest release.
pub fn check_profiled(
    path: &Path,
    file_name: &str,
    profile: &Profile,
    given: &BTreeMap<String, String>,
    known: Option<&Metadata>,
    sinks: &mut Sinks<'_>,
) -> Result<Checked, TableError> {
    let before = match read_once(path) {
        Ok(before) => before,
        Err(error) => return Ok(unreadable(path, &error)),
    };
    let grid = match GridFile::open(path) {
        Ok(grid) => grid,
        Err(GridError::Io(error)) => return Ok(unreadable(path, &error)),
        Err(GridError::Wrong { rule, row, message }) => {
            let mut report = Report::default();
            report.add(Finding { row, ..finding(row, Problem::new(rule, "", message)) });
            return Ok(Checked { report, package: None, words: None, table: None });
        }
    };
    let mut counting = Counting::default();
    let words = read_table(profile, &grid, file_name, given, &mut |step| counting.take(step, sinks))?;
    let (mut report, cited) = counting.finish(sinks)?;
    let words = words.map(|mut words| {
        let read_here = profile.sources_read_here(&words);
        for source in words.sources.iter_mut().filter(|source| read_here.contains(&source.id)) {
            source.sha256 = Some(before.digest);
        }
        words
    });
    check_sources(&cited, words.as_ref(), known, &mut report);
    if !before.is_still(path) {
        report.add(Finding::file(
            Rule::FileChanged,
            format!("{} changed while it was read: wait until it is written, then try again", path.display()),
        ));
    }
    Ok(Checked { report, package: None, words, table: Some((before.digest, before.bytes)) })
}

fn unreadable(path: &Path, error: &io::Error) -> Checked {
    let mut report = Report::default();
    report.add(Finding::file(Rule::FileUnreadable, format!("{}: {error}", path.display())));
    Checked { report, package: None, words: None, table: None }
}

/// A file as it stood when its digest was taken.
struct Before {
    digest: crate::canon::Digest,
    bytes: u64,
    modified: Option<SystemTime>,
}

fn read_once(path: &Path) -> io::Result<Before> {
    let source = SourceFile::open(path)?;
    let modified = std::fs::metadata(path)?.modified().ok();
    let (digest, bytes, unchanged) = source.finish()?;
    Ok(Before { digest, bytes, modified: modified.filter(|_| unchanged) })
}

impl Before {
    fn is_still(&self, path: &Path) -> bool {
        let same = |state: std::fs::Metadata| state.len() == self.bytes && state.modified().ok() == self.modified;
        self.modified.is_some() && std::fs::metadata(path).is_ok_and(same)
    }
}

/// Every source that a row cites is described by the file's own words or the latest release's.
fn check_sources(cited: &BTreeSet<String>, words: Option<&Metadata>, known: Option<&Metadata>, report: &mut Report) {
    if words.is_none() && known.is_none() {
        report.add(Finding::file(Rule::SourceUnchecked, "the file declares no sources, so what its rows cite is not checked"));
        return;
    }
    for id in cited {
        if ![words, known].into_iter().flatten().any(|words| words.source(id).is_some()) {
            report.add(Finding::field(
                Rule::SourceUndeclared,
                "source",
                format!("`{id}` is described neither by the profile nor by the latest release"),
            ));
        }
    }
}

/// Turns steps into lines and findings.
#[derive(Default)]
struct Counting {
    report: Report,
    sorter: Sorter,
    cited: BTreeSet<String>,
    fault: Option<TableError>,
}

impl Counting {
    fn take(&mut self, step: Step, sinks: &mut Sinks<'_>) -> io::Result<()> {
        let before = self.report.rows;
        match step {
            Step::File(problem) => self.report.add(finding(None, problem)),
            Step::Skipped { reason, .. } => {
                self.report.rows += 1;
                *self.report.skipped.entry(reason).or_default() += 1;
            }
            Step::Wrong { row, parts, problems } => {
                let rows = 1 + parts.len() as u64;
                self.report.rows += rows;
                self.report.error_rows += rows;
                problems.into_iter().for_each(|problem| self.report.add(finding(Some(row), problem)));
            }
            Step::Entry(entry) => self.entry(entry)?,
        }
        if before / PROGRESS_ROWS != self.report.rows / PROGRESS_ROWS {
            (sinks.progress)(self.report.rows);
        }
        Ok(())
    }

    fn entry(&mut self, entry: Entry) -> io::Result<()> {
        let parts = entry.parts.len() as u64;
        self.report.rows += 1 + parts;
        entry.notices.into_iter().for_each(|problem| self.report.add(finding(Some(entry.row), problem)));
        let mut sound = Vec::with_capacity(entry.factors.len());
        let mut is_wrong = entry.factors.is_empty();
        for cells in &entry.factors {
            let (factor, findings) = read_cells(entry.row, cells);
            is_wrong |= findings.iter().any(|finding| finding.severity == Severity::Error) || factor.is_none();
            findings.into_iter().for_each(|finding| self.report.add(finding));
            sound.extend(factor);
        }
        if is_wrong {
            self.report.error_rows += 1 + parts;
            return Ok(());
        }
        self.report.factors += 1;
        self.report.parts += parts;
        for factor in sound {
            self.report.produced += 1;
            if !self.cited.contains(&factor.source.id) {
                self.cited.insert(factor.source.id.clone());
            }
            let line = factor.to_line().map_err(|error| {
                let message = error.to_string();
                self.fault = Some(error.into());
                io::Error::other(message)
            })?;
            self.sorter.push(factor.key, entry.row, line)?;
        }
        Ok(())
    }

    fn finish(mut self, sinks: &mut Sinks<'_>) -> Result<(Report, BTreeSet<String>), TableError> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        (sinks.progress)(self.report.rows);
        hand_over(self.sorter, &mut self.report, sinks)?;
        if self.report.produced == 0 && !self.report.has_errors() {
            self.report.add(Finding::file(Rule::NoFactors, "the file was read to its end and gave no factor"));
        }
        self.report.items.sort_by_key(|finding| finding.row);
        Ok((self.report, self.cited))
    }
}

/// An adapter's problem as a finding; a rule that is not in the table would be a bug, and counts as an error.
fn finding(row: Option<u64>, problem: Problem) -> Finding {
    let rule = Rule::from_id(problem.rule).unwrap_or(Rule::FileUnreadable);
    let field = Some(problem.field).filter(|field| !field.is_empty());
    Finding { row, field, ..Finding::file(rule, problem.message) }
}
