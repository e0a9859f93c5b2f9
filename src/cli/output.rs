//! What a command says on standard output: text for people, or one JSON object.

use std::fmt::Display;
use std::io::{self, BufWriter, Stdout, Write};

use serde::Serialize;

use super::outcome::CliError;
use super::tell;

/// Standard output, in the form that was asked for.
pub(super) struct Output {
    json: bool,
    out: BufWriter<Stdout>,
}

impl Output {
    /// As JSON, or as text.
    pub(super) fn new(json: bool) -> Self {
        Self { json, out: BufWriter::new(io::stdout()) }
    }

    /// Whether JSON is wanted.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// One line of text.
    pub(super) fn line(&mut self, text: impl Display) -> Result<(), CliError> {
        writeln!(self.out, "{}", clean(&text.to_string())).map_err(unwritten)
    }

    /// A label and what it says.
    pub(super) fn field(&mut self, label: &str, text: impl Display) -> Result<(), CliError> {
        self.line(format_args!("  {label:<11} {text}"))
    }

    /// An object on one line.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        serde_json::to_writer(&mut self.out, value).map_err(|error| unwritten(error.into()))?;
        self.bytes(b"\n")
    }

    /// Bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.out.write_all(bytes).map_err(unwritten)
    }

    /// A table whose columns stand below each other.
    pub(super) fn table(&mut self, rows: &[Vec<String>]) -> Result<(), CliError> {
        let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(width).collect();
        for row in rows {
            let padded: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            self.line(padded.join("  ").trim_end())?;
        }
        Ok(())
    }

    /// Hands on what is held back.
    pub(super) fn flush(&mut self) -> Result<(), CliError> {
        self.out.flush().map_err(unwritten)
    }
}

/// Where raw bytes go that are no text of ours.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Tells an error on standard error, and on standard output where JSON is wanted; gives the exit code.
pub(super) fn show_error(error: &CliError, output: &mut Output) -> u8 {
    error.lines().iter().for_each(tell);
    if let Some(object) = error.to_json().filter(|_| output.is_json()) {
        // the exit code tells the rest when nobody reads
        drop(output.json(&object).and_then(|()| output.flush()));
    }
    error.exit_code()
}

fn unwritten(error: io::Error) -> CliError {
    io::Error::new(error.kind(), format!("cannot write to standard output: {error}")).into()
}

/// Text without control characters: what stands in a steward's file must not steer a terminal.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// A number with its thousands parted.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what is counted: `1 row`, `2 rows`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!((counted(1, "row", "rows"), counted(0, "row", "rows")), ("1 row".into(), "0 rows".into()));
    }

    #[test]
    fn a_cell_cannot_steer_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\u{9b}\r\n碳因"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}\n碳因");
    }
}
