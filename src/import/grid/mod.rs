//! Tables of outside files: text in any common encoding, workbooks, JSON and XML records, as rows of text.
//!
//! The format is told by content, never by the file's name.

mod biff;
mod biff_text;
mod book;
mod decode;
mod fault;
mod json;
mod kind;
mod markup;
mod named;
mod numbers;
mod ods;
mod ole;
mod rows;
mod sheet;
mod text;
mod xml;
mod zipped;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use book::Book;

/// What a file is, told by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileFormat {
    /// Text with a delimiter.
    Csv,
    /// Office Open XML workbook.
    Xlsx,
    /// Binary workbook (BIFF).
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// One JSON value.
    Json,
    /// A JSON value a line.
    Ndjson,
    /// XML.
    Xml,
}

/// One cell as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Text, or a number as the shortest decimal that reads back to it; dates as YYYY-MM-DD.
    pub text: String,
    /// The stored text, where it is another.
    pub stored: Option<String>,
    /// Whether it is a number of the file's own kind (a workbook's or JSON's), so that no decimal mark is to be guessed.
    pub number: bool,
}

impl Cell {
    /// A cell of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), stored: None, number: false }
    }

    /// The text as the file holds it.
    pub fn verbatim(&self) -> &str {
        self.stored.as_deref().unwrap_or(&self.text)
    }
}

/// The cells of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GridCells {
    /// By position: a table's.
    Placed(Vec<Cell>),
    /// By path: a record's members, `a.b` for nested ones, `a[0].b` for items.
    Named(BTreeMap<String, Cell>),
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridRow {
    /// Its number as the file counts: a sheet's first row, a text's first line-record, an array's first item are 1.
    pub row: u64,
    /// Its cells; none for a blank row, which is handed out too.
    pub cells: GridCells,
}

/// Which table of a file is wanted, and how its text is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GridWish {
    /// Names of sheets, the first that is there is taken; empty: the only one, or the first.
    pub sheets: Vec<String>,
    /// Encodings to try in order (WHATWG labels); empty: a byte order mark, else UTF-8.
    pub encodings: Vec<String>,
    /// What parts the cells; none: found out among `,` `;` tab and `|` from the first rows.
    pub delimiter: Option<u8>,
    /// Where the records are: a JSON pointer to an array or to an object of records (whose names come as member `@name`),
    /// or an XML path `/a/b`; none: the top.
    pub records: Option<String>,
}

/// What is wrong with a file as a whole; a rule of `validate`'s table, its row where there is one, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum GridError {
    /// The file is not what it should be.
    #[error("{message}")]
    Wrong {
        /// Id of the rule.
        rule: &'static str,
        /// Its row, where it is about one.
        row: Option<u64>,
        /// What is wrong and what would be right.
        message: String,
    },
    /// The disk, or whoever takes the rows.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How a text with a delimiter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextLayout {
    /// The encoding's name in the WHATWG's list.
    pub encoding: &'static str,
    /// What parts the cells.
    pub delimiter: u8,
}

/// A file whose tables can be read.
pub struct GridFile {
    path: PathBuf,
    format: FileFormat,
}

impl GridFile {
    /// Opens a regular file (or a link to one) and finds out what it is.
    ///
    /// # Errors
    /// For what is no table: archives that are no workbooks, encrypted workbooks, pictures, PDF, a truncated file.
    pub fn open(path: &Path) -> Result<Self, GridError> {
        Ok(Self { path: path.to_owned(), format: kind::tell(path)? })
    }

    /// What it is.
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// The names of its sheets, hidden ones too; empty where the format has none.
    ///
    /// # Errors
    /// As [`GridFile::rows`].
    pub fn sheets(&self) -> Result<Vec<String>, GridError> {
        match self.format {
            FileFormat::Xlsx => Ok(Book::open(&self.path)?.sheets()),
            FileFormat::Xls => biff::sheets(&self.path),
            FileFormat::Ods => ods::sheets(&self.path),
            FileFormat::Csv | FileFormat::Json | FileFormat::Ndjson | FileFormat::Xml => Ok(Vec::new()),
        }
    }

    /// How its text would be read under this wish; nothing where it is no text with a delimiter.
    ///
    /// # Errors
    /// Where no encoding fits, or delimiters part the cells equally well.
    pub fn layout(&self, wish: &GridWish) -> Result<Option<TextLayout>, GridError> {
        if self.format == FileFormat::Csv { text::layout(&self.path, wish).map(|(_, layout)| Some(layout)) } else { Ok(None) }
    }

    /// Hands out every row of the wanted table, in order; says which sheet was read, where there are sheets.
    ///
    /// A text's blank rows are all handed out; a sheet's up to its last row that holds something.
    ///
    /// # Errors
    /// For what cannot be read, with the row; and whatever `take` gives.
    pub fn rows(&self, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<Option<String>, GridError> {
        let path = &self.path;
        match self.format {
            FileFormat::Csv => text::rows(path, wish, take).map(|()| None),
            FileFormat::Xlsx => Book::open(path)?.rows(wish, take).map(Some),
            FileFormat::Xls => biff::rows(path, wish, take).map(Some),
            FileFormat::Ods => ods::rows(path, wish, take).map(Some),
            FileFormat::Json => json::rows(path, wish, take).map(|()| None),
            FileFormat::Ndjson => json::lines(path, wish, take).map(|()| None),
            FileFormat::Xml => xml::rows(path, wish, take).map(|()| None),
        }
    }
}
