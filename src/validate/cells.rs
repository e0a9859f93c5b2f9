//! One row's cells by column, and what is wrong with any cell whatever it means.

use std::str::FromStr;

use super::{Finding, Rule, Severity};
use crate::factor::notation::read_list;
use crate::factor::{Col, Decimal};
use crate::import::{FactorCells, MAX_CELL_BYTES, Record, SOURCE_ROUNDING};

/// The cells of a row by column, and the findings so far.
pub(super) struct Cells<'a> {
    row: u64,
    cells: [&'a str; Col::ALL.len()],
    rounding: &'a str,
    findings: Vec<Finding>,
}

impl<'a> Cells<'a> {
    /// Reads a record whose header said which column each cell is.
    pub(super) fn read(record: &Record<'a>, columns: &[usize]) -> Self {
        let mut own = Self { row: record.row, cells: [""; Col::ALL.len()], rounding: "", findings: Vec::new() };
        let whole = record.text();
        for (position, target) in columns.iter().enumerate() {
            let (Some(place), Some(column)) = (record.place(position), Col::ALL.get(*target)) else { continue };
            // a record that is UTF-8 need not be looked at cell by cell, but a character must not reach over two cells
            let text = match whole.and_then(|whole| whole.get(place)) {
                Some(text) => own.examine_text(text, *column),
                None => own.examine(record.cell(position).unwrap_or_default(), *column),
            };
            if let Some(cell) = own.cells.get_mut(*target) {
                *cell = text;
            }
        }
        own
    }

    /// The cells that an adapter gives, by name of column.
    pub(super) fn given(row: u64, cells: &'a FactorCells) -> Self {
        let rounding = cells.get(SOURCE_ROUNDING).map(String::as_str).unwrap_or_default();
        let mut own = Self { row, cells: [""; Col::ALL.len()], rounding, findings: Vec::new() };
        for (position, column) in Col::ALL.iter().enumerate() {
            let Some(given) = cells.get(column.name()) else { continue };
            let text = own.examine(given.as_bytes(), *column);
            if let Some(cell) = own.cells.get_mut(position) {
                *cell = text;
            }
        }
        own
    }

    fn examine(&mut self, bytes: &'a [u8], column: Col) -> &'a str {
        if self.is_too_long(bytes.len(), column) {
            return "";
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.examine_text(text, column),
            Err(error) => {
                let note = format!("is not UTF-8 from its byte {}: save the file as UTF-8", error.valid_up_to() + 1);
                self.found(Rule::NotUtf8, column, note);
                ""
            }
        }
    }

    fn is_too_long(&mut self, bytes: usize, column: Col) -> bool {
        let too_long = bytes > MAX_CELL_BYTES;
        if too_long {
            self.found(Rule::CellTooLong, column, format!("has {bytes} bytes; at most {MAX_CELL_BYTES} are read"));
        }
        too_long
    }

    fn examine_text(&mut self, text: &'a str, column: Col) -> &'a str {
        if self.is_too_long(text.len(), column) {
            return "";
        }
        let long = matches!(column, Col::NoteEn | Col::NoteZh | Col::DescriptionEn | Col::DescriptionZh);
        if may_hold_control(text.as_bytes())
            && let Some(c) = text.chars().find(|c| c.is_control() && !(*c == '\n' && long))
        {
            self.found(Rule::ControlCharacter, column, format!("holds the control character U+{:04X}: remove it", u32::from(c)));
        }
        if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
            self.found(Rule::BlankAround, column, format!("`{}` begins or ends with a blank: remove it", shown(text)));
        }
        if let Some(formula) = formula_in(text, column) {
            let note =
                format!("`{}` begins as a spreadsheet formula does: begin with a letter, a digit or a quotation mark", shown(&formula));
            self.found(Rule::CellFormula, column, note);
        }
        text
    }

    /// Adds a finding about a column; a cell that could not be read is not called empty as well.
    pub(super) fn found(&mut self, rule: Rule, column: Col, message: impl Into<String>) {
        let same_cell = |finding: &Finding| finding.field.as_deref() == Some(column.name());
        if rule == Rule::Required && self.findings.iter().any(same_cell) {
            return;
        }
        self.findings.push(Finding::cell(rule, self.row, column.name(), message));
    }

    /// Whether an error was found.
    pub(super) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All findings.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// How far the source's rounding can have moved converted amounts ([`SOURCE_ROUNDING`]).
    pub(super) fn rounding(&self) -> &'a str {
        self.rounding
    }

    /// A cell; empty where the column is absent.
    pub(super) fn text(&self, column: Col) -> &'a str {
        self.cells.get(column as usize).copied().unwrap_or_default()
    }

    /// A cell, unless it is empty.
    pub(super) fn optional(&self, column: Col) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A cell that must be filled.
    pub(super) fn required(&mut self, column: Col) -> &'a str {
        let text = self.text(column);
        if text.is_empty() {
            self.found(Rule::Required, column, "is empty: every factor needs it");
        }
        text
    }

    /// A decimal, unless the cell is empty.
    pub(super) fn decimal(&mut self, column: Col) -> Option<Decimal> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        Decimal::from_str(text).map_err(|error| self.found(Rule::Decimal, column, error.to_string())).ok()
    }

    /// A cell read by its own notation, unless it is empty.
    pub(super) fn notation<T>(&mut self, column: Col, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        read(text).map_err(|message| self.found(Rule::ListShape, column, message)).ok()
    }

    /// A code of a list, unless the cell is empty.
    pub(super) fn code<T>(&mut self, column: Col, codes: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let read = read(text);
        if read.is_none() {
            self.found(Rule::CodeUnknown, column, format!("`{}` is none of {}", shown(text), codes.join(", ")));
        }
        read
    }
}

/// The first sixty characters of a cell, so that a hostile one does not fill a report.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Whether UTF-8 text may hold a control character: none of its bytes below U+0080, nor the first one of U+0080 to U+009F, is there.
fn may_hold_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | (*byte < 0x20) | (*byte == 0x7f) | (*byte == 0xc2))
}

/// The cell, or an item of a list in it, that a spreadsheet would run.
///
/// Lists are sorted, so any item may come to stand first in a release's cell.
fn formula_in(text: &str, column: Col) -> Option<String> {
    if !column.is_text() {
        return None;
    }
    if begins_as_formula(text) {
        return Some(text.to_owned());
    }
    let is_list = LISTS.contains(&column) && text.contains(';');
    is_list.then(|| read_list(text).into_iter().find(|item| begins_as_formula(item))).flatten()
}

/// The columns whose cells are lists of text.
const LISTS: [Col; 6] = [Col::SynonymsEn, Col::SynonymsZh, Col::GasesCo2e, Col::Stages, Col::Classifications, Col::DerivedFrom];

/// OWASP ASVS 5.0, 1.2.10. A negative or signed number is no formula, also with an exponent or its unit behind it.
fn begins_as_formula(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    if !['+', '-', '\u{2212}'].contains(&first) {
        return ['=', '@'].contains(&first);
    }
    let rest = text.get(first.len_utf8()..).unwrap_or_default();
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ',');
    if number.len() == rest.len() {
        return true;
    }
    let exponent = number.strip_prefix(['e', 'E']).map(|power| power.strip_prefix(['+', '-']).unwrap_or(power));
    let behind = exponent.filter(|power| power.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(number);
    let divides =
        |(place, _): (usize, &str)| behind.get(place + 1..).is_some_and(|next| next.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    behind.contains(['+', '-', '*', '(', '!', '|', '=', '@']) || behind.match_indices('/').any(divides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_is_passed_over() {
        for c in (0..=0x2_0000).filter_map(char::from_u32) {
            assert!(!c.is_control() || may_hold_control(c.to_string().as_bytes()), "{c:?}");
        }
        assert!(!may_hold_control("电力 kg.CO2e, ½".replace('½', "").as_bytes()));
    }

    #[test]
    fn formulas_are_told_from_numbers() {
        for formula in ["=1+1", "@SUM(A1)", "+A1", "-A1", "-2+3", "+1-cmd|' /C calc'!A0", "-2/3", "-2*A1", "-1e5(x)", "-1kg/2", "--1"] {
            assert!(begins_as_formula(formula), "{formula}");
        }
        for text in ["-0.5", "+3", "-.5", "0.5", "电力", "", "a=b", "-2.57E-3", "-46.483kgCO2e / kJ", "-1e+5", "-0,5"] {
            assert!(!begins_as_formula(text), "{text}");
        }
    }
}
