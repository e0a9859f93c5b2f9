//! `factors.xlsx`: a workbook for people. No cell of it is a formula, whatever its text begins with.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as Style, IgnoreError, Workbook, Worksheet, XlsxError};

use super::table::nearest;
use super::xlsx_notes::{Note, notes};
use super::{Context, ExportError, Format, Row, Rows, columns};
use crate::factor::{COLUMNS, column, csv_cells, flags, unit_name};

/// The rows of a sheet below its two rows of headers.
const SHEET_ROWS: u32 = 1_048_576 - HEADERS;

/// The rows of headers: Chinese, then the names of the columns.
const HEADERS: u32 = 2;

/// The most UTF-16 units in a cell.
const CELL_UNITS: usize = 32_767;

/// What stands at the end of a text that was cut.
const CUT: &str = " … (cut; whole in factors.ndjson)";

/// Writes the workbook.
pub(super) fn write_xlsx(rows: &Rows, context: &Context<'_>, out: &mut (impl Write + Send)) -> Result<(), ExportError> {
    write_sheets(rows, context, SHEET_ROWS, out)
}

/// The same with a bound on the rows of a sheet.
pub(super) fn write_sheets(rows: &Rows, context: &Context<'_>, most: u32, out: &mut (impl Write + Send)) -> Result<(), ExportError> {
    let library = |error: XlsxError| ExportError::library(Format::Xlsx, error);
    let mut book = Book::new(context, most).map_err(library)?;
    for row in rows.each() {
        book.put(&row?).map_err(library)?;
    }
    book.finish(rows, context, out).map_err(library)
}

/// What a workbook holds, in the order in which it is met.
struct Book {
    workbook: Workbook,
    most: u32,
    /// The place of the sheet that is written.
    sheet: usize,
    /// The next row in it.
    row: u32,
    units: BTreeMap<String, u32>,
    flags: BTreeSet<String>,
    tally: Altered,
    quoted: Style,
    head: Style,
}

/// What a workbook cannot hold as it was.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Altered {
    /// Texts that were cut.
    pub cut: u32,
    /// Texts that lost control characters.
    pub cleaned: u32,
}

/// Where the sheets stand: what to read first, then the factors.
const READ_ME: usize = 0;
const FIRST_FACTORS: usize = 1;

impl Book {
    fn new(context: &Context<'_>, most: u32) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        workbook.set_tempdir(context.scratch)?;
        let mut book = Self {
            workbook,
            most,
            sheet: FIRST_FACTORS,
            row: HEADERS,
            units: BTreeMap::new(),
            flags: BTreeSet::new(),
            tally: Altered::default(),
            quoted: Style::new().set_quote_prefix(),
            head: Style::new().set_bold().set_background_color(0x00dd_e8e0),
        };
        book.workbook.add_worksheet_with_constant_memory()?.set_name("Read me")?;
        book.add_sheet("Factors")?;
        Ok(book)
    }

    fn add_sheet(&mut self, name: &str) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(HEADERS, 1)?;
        let names: Vec<&str> = names().collect();
        let last = u16::try_from(names.len()).unwrap_or(u16::MAX).saturating_sub(1);
        for (place, name) in (0..).zip(&names) {
            sheet.set_column_width(place, width(name))?;
        }
        for (place, name) in (0..).zip(&names) {
            sheet.write_string_with_format(0, place, columns::chinese(name), &self.head)?;
        }
        for (place, name) in (0..).zip(&names) {
            sheet.write_string_with_format(1, place, *name, &self.head)?;
        }
        let end = HEADERS.saturating_add(self.most).saturating_sub(1);
        sheet.ignore_error_range(HEADERS, 0, end, last, IgnoreError::NumberStoredAsText)?;
        self.row = HEADERS;
        Ok(())
    }

    fn put(&mut self, row: &Row<'_>) -> Result<(), XlsxError> {
        if self.row >= HEADERS + self.most {
            self.end_sheet()?;
            self.sheet += 1;
            self.add_sheet(&format!("Factors {}", self.sheet))?;
        }
        let cells = csv_cells(&row.factor);
        let own = [row.release.dataset.to_string(), row.release.version.to_string(), row.digest.to_string()];
        let cite = row.release.cite(&row.factor.source.id, row.factor.source.locator.as_deref(), &row.factor.key);
        let sheet = self.workbook.worksheet_from_index(self.sheet)?;
        for (place, name) in (0..).zip(names()) {
            let text = match name {
                "value_number" => {
                    sheet.write_number(self.row, place, nearest(&row.factor.value))?;
                    continue;
                }
                "dataset" => own.first(),
                "version" => own.get(1),
                "digest" => own.get(2),
                "cite" => Some(&cite),
                _ => column(name).and_then(|place| cells.get(place)),
            };
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            match text.parse::<i32>().ok().filter(|_| ["year", "price_year"].contains(&name)) {
                Some(year) => drop(sheet.write_number(self.row, place, year)?),
                None => write_text(sheet, (self.row, place), text, &self.quoted, &mut self.tally)?,
            }
        }
        self.row += 1;
        let count = self.units.entry(row.factor.per.clone()).or_default();
        *count = count.saturating_add(1);
        self.flags.extend(row.factor.flags.iter().filter(|flag| !self.flags.contains(*flag)).cloned().collect::<Vec<_>>());
        Ok(())
    }

    /// The filter goes over the rows that are there.
    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        let last = u16::try_from(names().count()).unwrap_or(u16::MAX).saturating_sub(1);
        let end = self.row.max(HEADERS + 1).saturating_sub(1);
        self.workbook.worksheet_from_index(self.sheet)?.autofilter(1, 0, end, last)?;
        Ok(())
    }

    fn finish(mut self, rows: &Rows, context: &Context<'_>, out: &mut (impl Write + Send)) -> Result<(), XlsxError> {
        self.end_sheet()?;
        let units = self.units.iter().map(|(code, count)| {
            let name = unit_name(code);
            let text = |text: Option<&String>| text.cloned().unwrap_or_default();
            [code.clone(), text(name.and_then(|name| name.zh.as_ref())), text(name.and_then(|name| name.en.as_ref())), count.to_string()]
        });
        let units: Vec<Vec<String>> = units.map(Vec::from).collect();
        self.table(
            "Units",
            &[("单位代码", "per", 24), ("中文名称", "name_zh", 24), ("英文名称", "name_en", 32), ("因子数", "factors", 10)],
            &units,
        )?;
        self.table("Sources", &SOURCE_COLUMNS, &sources(rows))?;
        let notes =
            notes(rows, context, self.sheet, self.tally, self.flags.iter().filter_map(|code| Some((code.as_str(), flags().get(code)?))));
        self.read_me(&notes)?;
        let created = ExcelDateTime::from_ymd(2020, 1, 1)?;
        self.workbook
            .set_properties(&DocProperties::new().set_title("Emission factors").set_author("Tanyin").set_creation_datetime(&created));
        self.workbook.save_to_writer(out)
    }

    fn table(&mut self, name: &str, head: &[(&str, &str, u16)], rows: &[Vec<String>]) -> Result<(), XlsxError> {
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?.set_freeze_panes(HEADERS, 0)?;
        for (place, (_, _, width)) in (0..).zip(head) {
            sheet.set_column_width(place, *width)?;
        }
        for (place, (chinese, _, _)) in (0..).zip(head) {
            sheet.write_string_with_format(0, place, *chinese, &self.head)?;
        }
        for (place, (_, name, _)) in (0..).zip(head) {
            sheet.write_string_with_format(1, place, *name, &self.head)?;
        }
        for (number, row) in (HEADERS..).zip(rows) {
            for (place, text) in (0..).zip(row).filter(|(_, text)| !text.is_empty()) {
                write_text(sheet, (number, place), text, &self.quoted, &mut self.tally)?;
            }
        }
        Ok(())
    }

    fn read_me(&mut self, notes: &[Note]) -> Result<(), XlsxError> {
        let (head, quoted) = (self.head.clone(), self.quoted.clone());
        let sheet = self.workbook.worksheet_from_index(READ_ME)?;
        sheet.set_column_width(0, 28)?.set_column_width(1, 110)?;
        let mut unread = Altered::default();
        for (number, note) in (0..).zip(notes) {
            match note {
                Note::Head(text) => drop(sheet.write_string_with_format(number, 0, text, &head)?),
                Note::Pair(name, text) => {
                    write_text(sheet, (number, 0), name, &quoted, &mut unread)?;
                    write_text(sheet, (number, 1), text, &quoted, &mut unread)?;
                }
            }
        }
        Ok(())
    }
}

/// The columns of the sheet of factors, in their order: what people look for first, then the rest.
fn names() -> impl Iterator<Item = &'static str> {
    let first = ["key", "name_zh", "name_en", "region", "year", "value", "value_number", "metric", "per", "kind", "activity"];
    let rest = COLUMNS.iter().map(|column| column.name).filter(move |name| !first.contains(name));
    first.into_iter().chain(rest).chain(["cite", "dataset", "version", "digest"])
}

fn width(column: &str) -> u16 {
    match column {
        "key" | "activity" | "cite" | "locator" => 36,
        "name_zh" | "name_en" | "description_en" | "description_zh" | "note_en" | "note_zh" => 32,
        "year" | "metric" | "region" | "price_year" | "scope" | "status" => 9,
        "digest" => 20,
        _ => 15,
    }
}

const SOURCE_COLUMNS: [(&str, &str, u16); 12] = [
    ("数据集", "dataset", 24),
    ("版本", "version", 9),
    ("来源代码", "id", 18),
    ("中文标题", "title_zh", 48),
    ("英文标题", "title_en", 48),
    ("发布机构", "publisher_zh", 28),
    ("发布机构（英文）", "publisher_en", 28),
    ("文号", "document_no", 22),
    ("日期", "date", 12),
    ("文件版本", "edition", 12),
    ("网址", "url", 48),
    ("文件摘要", "sha256", 20),
];

fn sources(rows: &Rows) -> Vec<Vec<String>> {
    let mut table = Vec::new();
    for release in rows.releases() {
        for source in &release.manifest.metadata.sources {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            table.push(vec![
                release.dataset.to_string(),
                release.version.to_string(),
                source.id.clone(),
                text(&source.title.zh),
                text(&source.title.en),
                text(&source.publisher.zh),
                text(&source.publisher.en),
                text(&source.document_no),
                text(&source.date),
                text(&source.version),
                text(&source.url),
                source.sha256.map(|digest| digest.to_hex()).unwrap_or_default(),
            ]);
        }
    }
    table
}

/// Writes a text as a text. One that a spreadsheet would take for a formula, were it typed in, is marked as text as well, so
/// that it stays one when somebody edits the cell.
fn write_text(sheet: &mut Worksheet, (row, place): (u32, u16), text: &str, quoted: &Style, tally: &mut Altered) -> Result<(), XlsxError> {
    let clean = cleaned(text);
    tally.cleaned = tally.cleaned.saturating_add(u32::from(matches!(clean, Cow::Owned(_))));
    let short = shortened(&clean);
    tally.cut = tally.cut.saturating_add(u32::from(matches!(short, Cow::Owned(_))));
    if short.starts_with(['=', '+', '-', '@', '\t', '\n', '\'']) {
        sheet.write_string_with_format(row, place, short, quoted)?;
    } else {
        sheet.write_string(row, place, short)?;
    }
    Ok(())
}

/// Without what XML cannot hold; line ends are line feeds.
fn cleaned(text: &str) -> Cow<'_, str> {
    let wrong = |c: char| (c < ' ' && !['\t', '\n'].contains(&c)) || ['\u{fffe}', '\u{ffff}'].contains(&c);
    if text.contains(wrong) { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n").replace(wrong, "")) } else { Cow::Borrowed(text) }
}

/// No longer than a cell holds; it says where it was cut.
fn shortened(text: &str) -> Cow<'_, str> {
    let units = |text: &str| text.encode_utf16().count();
    if text.len() <= CELL_UNITS || units(text) <= CELL_UNITS {
        return Cow::Borrowed(text);
    }
    let mut left = CELL_UNITS - units(CUT);
    let fits = |c: &char| left.checked_sub(c.len_utf16()).map(|rest| left = rest).is_some();
    let kept: String = text.chars().take_while(fits).collect();
    Cow::Owned(kept + CUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_a_cell_does_not_hold() {
        assert_eq!(cleaned("a\u{1}b\r\nc\rd\te"), "ab\nc\nd\te");
        assert!(matches!(cleaned("原铝 =1+1\n\t"), Cow::Borrowed(_)));
        let long = "😀".repeat(20_000);
        let short = shortened(&long);
        assert!(short.encode_utf16().count() <= CELL_UNITS && short.ends_with(CUT), "{}", short.len());
        assert!(matches!(shortened(&"字".repeat(CELL_UNITS)), Cow::Borrowed(_)));
        assert!(matches!(shortened(&"字".repeat(CELL_UNITS + 1)), Cow::Owned(_)));
    }
}
