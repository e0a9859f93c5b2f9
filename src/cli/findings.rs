//! What was found in a file, in words: counts that add up, findings row by row, a verdict.

use super::outcome::CliError;
use super::output::{Output, counted, grouped};
use crate::bulk::ClassCounts;
use crate::dataset::ChangeCounts;
use crate::desk::Difference;
use crate::validate::{Finding, Report, Severity};

/// Findings beyond this many are counted, not shown.
const LISTED_FINDINGS: usize = 50;

/// Prints a report as text.
pub(super) fn print_report(report: &Report, output: &mut Output) -> Result<(), CliError> {
    output.line(count_line(report))?;
    let mut items: Vec<&Finding> = report.items.iter().collect();
    items.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.row));
    let mut heading = None;
    for finding in items.iter().take(LISTED_FINDINGS) {
        if heading != Some(finding.severity) {
            heading = Some(finding.severity);
            output.line(format_args!("\n{}:", severity_word(finding.severity)))?;
        }
        output.line(finding_line(finding))?;
    }
    let all = report.findings.error + report.findings.warning + report.findings.info;
    let shown = items.len().min(LISTED_FINDINGS) as u64;
    if all > shown {
        output.line(format_args!("  … and {} more; --json lists every error", grouped(all - shown)))?;
    }
    if all > 0 {
        output.line("")?;
    }
    Ok(())
}

/// Rows, and what became of them.
fn count_line(report: &Report) -> String {
    let mut parts = vec![counted(report.factors, "factor", "factors")];
    if report.parts > 0 {
        parts.push(counted(report.parts, "part of another row's factor", "parts of other rows' factors"));
    }
    parts.push(format!("{} with errors", grouped(report.error_rows)));
    parts.extend(report.skipped.iter().map(|(reason, count)| format!("{} skipped ({reason})", grouped(*count))));
    let made =
        if report.produced == report.factors { String::new() } else { format!("; {} made", counted(report.produced, "factor", "factors")) };
    format!("{} = {}{made}", counted(report.rows, "row", "rows"), parts.join(" + "))
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "Errors",
        Severity::Warning => "Warnings",
        Severity::Info => "Notes",
    }
}

fn finding_line(finding: &Finding) -> String {
    let place = finding.row.map_or_else(|| "file".to_owned(), |row| format!("row {row}"));
    let field = finding.field.as_deref().filter(|field| !field.is_empty()).map(|field| format!(", {field}")).unwrap_or_default();
    format!("  {place}{field}: {} [{}]", finding.message.replace('\n', " "), finding.rule)
}

/// The last line of a check or an import.
pub(super) fn verdict(report: &Report) -> String {
    let found = &report.findings;
    let counts =
        [counted(found.error, "error", "errors"), counted(found.warning, "warning", "warnings"), counted(found.info, "note", "notes")];
    counts.join(", ")
}

/// The difference with the latest release, in one or two lines.
pub(super) fn print_difference(difference: &Difference, output: &mut Output) -> Result<(), CliError> {
    let against = difference.base.as_ref().map_or_else(|| "first release".to_owned(), |base| format!("against {base}"));
    let words = if difference.metadata { "; title, licences, sources or contributors differ" } else { "" };
    output.field("difference", format_args!("{against}: {}{words}", counts_line(&difference.counts)))?;
    match &difference.next {
        Some(next) => output.field("version", format_args!("{next} is the next one ({})", bump_word(difference))),
        None => output.field("version", "nothing differs, so there is nothing to release"),
    }
}

fn bump_word(difference: &Difference) -> &'static str {
    match (difference.bump, &difference.base) {
        (_, None) => "a dataset begins with 1.0.0",
        (crate::dataset::Bump::Major, _) => "MAJOR: factors removed or their meaning changed, or a licence narrowed",
        (crate::dataset::Bump::Minor, _) => "MINOR: numbers added or changed",
        _ => "PATCH: words changed",
    }
}

/// Every kind of change, counted.
pub(super) fn counts_line(counts: &ChangeCounts) -> String {
    let named = named_counts(&ClassCounts::from(*counts));
    if named.is_empty() { "no factors".to_owned() } else { named.join(", ") }
}

/// The classes that are not empty, each with its count in words.
pub(super) fn named_counts(counts: &ClassCounts) -> Vec<String> {
    let parts = [
        (counts.added, "added"),
        (counts.removed, "removed"),
        (counts.renamed, "renamed"),
        (counts.meaning, "with another meaning"),
        (counts.number, "with another number"),
        (counts.text, "with other words"),
        (counts.provenance_only, "read elsewhere or written otherwise"),
        (counts.unchanged, "unchanged"),
    ];
    parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{} {word}", grouped(*count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Rule;

    #[test]
    fn rows_add_up_in_words() {
        let mut report = Report { rows: 1003, factors: 1000, produced: 1000, error_rows: 1, ..Report::default() };
        report.skipped.insert("blank".into(), 2);
        assert!(report.adds_up());
        assert_eq!(count_line(&report), "1,003 rows = 1,000 factors + 1 with errors + 2 skipped (blank)");
    }

    #[test]
    fn a_finding_names_its_place() {
        let cell = Finding::cell(Rule::Decimal, 12, "value", "`0,5` is not\na decimal");
        assert_eq!(finding_line(&cell), "  row 12, value: `0,5` is not a decimal [decimal]");
        assert_eq!(finding_line(&Finding::file(Rule::NoHeader, "empty")), "  file: empty [no-header]");
    }
}
