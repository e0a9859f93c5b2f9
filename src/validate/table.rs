//! A whole table: header, rows as a stream, lines in order of key.

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::{Finding, Report, RowContext, Rule, read_row};
use crate::canon::CanonError;
use crate::dataset::Metadata;
use crate::factor::{COLUMNS, column, nearest};
use crate::flow::{ahead, in_order};
use crate::import::{Batch, KeyedLine, Record, RecordError, Records, Sorter};

/// A fault while reading, apart from what is wrong in the data.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The disk.
    #[error("reading or sorting failed: {0}")]
    Io(#[from] io::Error),
    /// A factor without canonical form, which its types rule out.
    #[error("a factor has no canonical form: {0}")]
    Canon(#[from] CanonError),
}

/// Who takes what a table yields.
pub struct Sinks<'a> {
    /// The sound factors' lines, in order of key; of equal keys the first row's.
    pub line: &'a mut dyn FnMut(KeyedLine) -> io::Result<()>,
    /// How many rows have been read, now and then.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Rows between two calls of `progress`.
pub(super) const PROGRESS_ROWS: u64 = 8192;

/// Reads a table to its end and hands the reader back.
///
/// Memory stays bounded whatever the number of rows: some batches of records, the
/// sort buffers, and the errors found.
pub fn check_table<R: Read + Send>(input: R, metadata: Option<&Metadata>, sinks: &mut Sinks<'_>) -> Result<(Report, R), TableError> {
    let mut records = Records::new(input);
    let mut report = Report::default();
    let mut sorter = Sorter::default();
    if records.skip_bom()? {
        report.add(Finding::file(Rule::ByteOrderMark, "the file begins with a byte order mark, which is passed over"));
    }
    if let Some(columns) = read_header(&mut records, &mut report)? {
        read_rows(&mut records, &RowContext { columns: &columns, metadata }, &mut report, &mut sorter, sinks)?;
        hand_over(sorter, &mut report, sinks)?;
        if report.factors == 0 && !report.has_errors() {
            report.add(Finding::file(Rule::NoFactors, "the table has a header and no factor"));
        }
    } else {
        pass_rows(&mut records, &mut report);
    }
    report.items.sort_by_key(|finding| finding.row);
    Ok((report, records.into_inner()))
}

/// Counts the rows below a header that cannot be used: none of them is read.
fn pass_rows<R: Read>(records: &mut Records<R>, report: &mut Report) {
    while let Ok(Some(record)) = records.next_record() {
        report.rows += 1 + record.blanks_before;
        report.error_rows += 1 + record.blanks_before;
    }
}

/// The columns of the table, or findings on why its header cannot be used.
fn read_header<R: Read>(records: &mut Records<R>, report: &mut Report) -> Result<Option<Vec<usize>>, TableError> {
    let record = match records.next_record() {
        Ok(Some(record)) => record,
        Ok(None) => {
            report.add(Finding::file(Rule::NoHeader, "the file is empty: the first row names the columns"));
            return Ok(None);
        }
        Err(error) => {
            report.add(record_finding(&error));
            return Ok(None);
        }
    };
    if let Some(what) = not_a_table(record.cell(0).unwrap_or_default(), record.len()) {
        report.add(Finding { row: Some(record.row), ..Finding::file(Rule::NoHeader, what) });
        return Ok(None);
    }
    let mut columns = Vec::new();
    for position in 0..record.len() {
        let bytes = record.cell(position).unwrap_or_default();
        let Ok(name) = std::str::from_utf8(bytes) else {
            let shown: String = String::from_utf8_lossy(bytes).chars().take(60).collect();
            report.add(Finding::cell(Rule::NotUtf8, record.row, &shown, "the header is not UTF-8: save the file as UTF-8"));
            continue;
        };
        match column(name) {
            Some(target) if columns.contains(&target) => {
                report.add(Finding::cell(Rule::DuplicateColumn, record.row, name, format!("the column `{name}` is there twice")));
            }
            Some(target) => columns.push(target),
            None => report.add(unknown_column(record.row, name)),
        }
    }
    let missing = COLUMNS.iter().enumerate().filter(|(position, column)| column.required && !columns.contains(position));
    for (_, column) in missing {
        report.add(Finding::field(
            Rule::MissingColumn,
            column.name,
            format!("the column `{}` is missing: every factor needs it", column.name),
        ));
    }
    if !["name_en", "name_zh"].iter().any(|name| column(name).is_some_and(|position| columns.contains(&position))) {
        report.add(Finding::field(
            Rule::MissingColumn,
            "name_en",
            "the columns name_en and name_zh are both missing: a factor needs a name in one of the two",
        ));
    }
    Ok(Some(columns).filter(|_| !report.has_errors()))
}

/// What people hand over instead of a table in UTF-8 with commas, told by its first bytes.
fn not_a_table(first: &[u8], cells: usize) -> Option<&'static str> {
    if first.starts_with(b"PK\x03\x04") || first.starts_with(b"\xd0\xcf\x11\xe0") {
        Some("this is a workbook or an archive, not a text table: save it as CSV UTF-8, parted by commas")
    } else if first.starts_with(b"\xff\xfe") || first.starts_with(b"\xfe\xff") {
        Some("this is UTF-16 text: save it as CSV UTF-8, parted by commas")
    } else if cells == 1 && first.contains(&b';') {
        Some("the cells of row 1 are parted by `;`: save the table as CSV UTF-8, parted by commas")
    } else if cells == 1 && first.contains(&b'\t') {
        Some("the cells of row 1 are parted by tabs: save the table as CSV UTF-8, parted by commas")
    } else {
        None
    }
}

fn unknown_column(row: u64, name: &str) -> Finding {
    let shown: String = name.chars().take(60).collect();
    let hint = nearest(name, COLUMNS.iter().map(|column| column.name)).map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default();
    Finding::cell(Rule::UnknownColumn, row, &shown, format!("`{shown}` is not a column of factors{hint}"))
}

fn record_finding(error: &RecordError) -> Finding {
    let (rule, row) = match error {
        RecordError::TooLong { row } | RecordError::TooWide { row } => (Rule::RowTooLong, Some(*row)),
        RecordError::OpenQuote { row } | RecordError::StrayText { row } => (Rule::OpenQuote, Some(*row)),
        RecordError::Io(_) => (Rule::FileUnreadable, None),
    };
    Finding { row, ..Finding::file(rule, error.to_string()) }
}

/// Records of about so many bytes are judged at a time.
const BATCH_BYTES: usize = 256 << 10;

/// Reads records ahead, until the end or an error.
struct Batches<'r, R> {
    records: &'r mut Records<R>,
    stopped: &'r mut Option<RecordError>,
    ended: bool,
}

impl<R: Read> Iterator for Batches<'_, R> {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        while !self.ended && batch.size() < BATCH_BYTES {
            match self.records.next_record() {
                Ok(Some(record)) => batch.push(&record),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    *self.stopped = Some(error);
                }
            }
        }
        Some(batch).filter(|batch| !batch.is_empty())
    }
}

/// What became of some records.
#[derive(Default)]
struct Judged {
    rows: u64,
    blanks: u64,
    error_rows: u64,
    findings: Vec<Finding>,
    lines: Vec<KeyedLine>,
}

impl Judged {
    /// Judges the records of a batch; what is found and made keeps their order.
    fn of(batch: &Batch, context: &RowContext<'_>) -> Result<Self, CanonError> {
        let mut own = Self::default();
        for record in batch.records() {
            own.rows += record.blanks_before;
            own.blanks += record.blanks_before;
            own.take(&record, context)?;
        }
        Ok(own)
    }

    fn take(&mut self, record: &Record<'_>, context: &RowContext<'_>) -> Result<(), CanonError> {
        self.rows += 1;
        let is_empty = (0..record.len()).all(|position| record.cell(position).is_none_or(<[u8]>::is_empty));
        if is_empty {
            self.blanks += 1;
            return Ok(());
        }
        if record.len() != context.columns.len() {
            let note = format!(
                "has {} cells where the header has {}: is a comma or quote in a text not quoted?",
                record.len(),
                context.columns.len()
            );
            self.findings.push(Finding { row: Some(record.row), ..Finding::file(Rule::CellCount, note) });
            self.error_rows += 1;
            return Ok(());
        }
        let (factor, findings) = read_row(record, context);
        self.findings.extend(findings);
        match factor {
            Some(factor) => {
                let line = factor.to_line()?;
                self.lines.push(KeyedLine { key: factor.key, row: record.row, line });
            }
            None => self.error_rows += 1,
        }
        Ok(())
    }

    /// Goes into the report and the sorter.
    fn hand_on(self, report: &mut Report, sorter: &mut Sorter) -> Result<(), TableError> {
        skip_blanks(report, self.blanks);
        report.rows += self.rows - self.blanks;
        report.error_rows += self.error_rows;
        self.findings.into_iter().for_each(|finding| report.add(finding));
        for KeyedLine { key, row, line } in self.lines {
            sorter.push(key, row, line)?;
            report.factors += 1;
            report.produced += 1;
        }
        Ok(())
    }
}

fn skip_blanks(report: &mut Report, count: u64) {
    if count > 0 {
        *report.skipped.entry("blank".to_owned()).or_default() += count;
        report.rows += count;
    }
}

/// Reads, judges and sorts at once; the outcome is that of one row after the other.
fn read_rows<R: Read + Send>(
    records: &mut Records<R>,
    context: &RowContext<'_>,
    report: &mut Report,
    sorter: &mut Sorter,
    sinks: &mut Sinks<'_>,
) -> Result<(), TableError> {
    let mut stopped = None;
    let batches = Batches { records: &mut *records, stopped: &mut stopped, ended: false };
    in_order(
        batches,
        |batch| Judged::of(&batch, context),
        |judged| {
            let before = report.rows;
            judged?.hand_on(report, sorter)?;
            if before / PROGRESS_ROWS != report.rows / PROGRESS_ROWS {
                (sinks.progress)(report.rows);
            }
            Ok::<_, TableError>(())
        },
    )?;
    if let Some(error) = stopped {
        let finding = record_finding(&error);
        let of_row = u64::from(finding.row.is_some());
        report.rows += of_row;
        report.error_rows += of_row;
        report.add(finding);
        return Ok(());
    }
    skip_blanks(report, records.trailing_blanks());
    (sinks.progress)(report.rows);
    Ok(())
}

pub(super) fn hand_over(sorter: Sorter, report: &mut Report, sinks: &mut Sinks<'_>) -> Result<(), TableError> {
    let (mut last, mut last_row) = (String::new(), None);
    let mut kept_out = BTreeSet::new();
    ahead(sorter.finish()?, |entry| {
        let entry = entry?;
        match last_row {
            Some(row) if last == entry.key => {
                let note = format!("`{last}` stands in row {row} already: keep one of the two");
                report.add(Finding::cell(Rule::DuplicateKey, entry.row, "key", note));
                report.produced -= 1;
                if kept_out.insert(entry.row) {
                    report.factors -= 1;
                    report.error_rows += 1;
                }
            }
            _ => {
                last.clone_from(&entry.key);
                last_row = Some(entry.row);
                (sinks.line)(entry)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(table: &[u8]) -> Report {
        let mut sinks = Sinks { line: &mut |_| Ok(()), progress: &mut |_| {} };
        let (report, _) = check_table(table, None, &mut sinks).unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    const HEADER: &str = "key,activity,kind,name_en,region,year,value,metric,per,source\n";
    const ROW: &str = "k,a,process,K,CN,2023,1,CO2,kg,s\n";

    #[test]
    fn what_is_no_table_is_told_in_one_line() {
        for (table, word) in [
            (&b"key;activity;kind\na;b;c\n"[..], "`;`"),
            (b"key\tactivity\n", "tabs"),
            (b"PK\x03\x04\x14\x00", "workbook"),
            (b"\xff\xfek\x00e\x00y\x00\n\x00", "UTF-16"),
        ] {
            let found = report(table).items;
            assert_eq!((found.len(), found[0].rule.as_str()), (1, "no-header"), "{found:?}");
            assert!(found[0].message.contains(word), "{found:?}");
        }
    }

    #[test]
    fn a_character_that_reaches_over_two_cells_is_none() {
        let row = [b"k,a,process,\xe4,\xbd\xa0,2023,1,CO2,kg,s\n".as_slice(), ROW.as_bytes()].concat();
        let found = report(&[HEADER.as_bytes(), &row].concat()).items;
        let told: Vec<_> = found.iter().map(|own| (own.row, own.field.as_deref().unwrap(), own.rule.as_str())).collect();
        assert_eq!(told, [(Some(2), "name_en", "not-utf8"), (Some(2), "region", "not-utf8")]);
    }

    #[test]
    fn rows_of_empty_cells_are_blank_rows() {
        let read = report(format!("{HEADER}{ROW},,,,,,,,,\n\n,,,,\n").as_bytes());
        assert_eq!((read.rows, read.factors, read.skipped["blank"], read.items), (4, 1, 3, Vec::new()));
    }

    #[test]
    fn rows_below_a_wrong_header_are_counted() {
        let read = report(format!("unit,{HEADER}x,{ROW}\nx,{ROW}").as_bytes());
        assert_eq!((read.rows, read.error_rows, read.findings.error), (3, 3, 1));
    }
}
