//! The formats in which factors leave, and one way to write any of them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::{DamagedLine, Rows, lca, package, parquet, sqlite, text, xlsx};

/// A format in which factors leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One factor a row, every cell text: a file of every release.
    Csv,
    /// One factor a line, the canonical lines: a file of every release.
    Ndjson,
    /// Apache Parquet.
    Parquet,
    /// An SQLite database.
    Sqlite,
    /// A workbook for people.
    Xlsx,
    /// What tells programs how to read `factors.csv` (Frictionless Data Package v2).
    DataPackage,
    /// openLCA's JSON-LD.
    OpenLca,
    /// ILCD data sets.
    Ilcd,
    /// Product footprints as PACT exchanges them.
    Pact,
}

impl Format {
    /// Every format that this program writes.
    pub const ALL: &'static [Self] =
        &[Self::Csv, Self::Ndjson, Self::Parquet, Self::Sqlite, Self::Xlsx, Self::DataPackage, Self::OpenLca, Self::Ilcd, Self::Pact];

    /// Its name in commands and addresses: `parquet`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
            Self::Sqlite => "sqlite",
            Self::Xlsx => "xlsx",
            Self::DataPackage => "datapackage",
            Self::OpenLca => "openlca",
            Self::Ilcd => "ilcd",
            Self::Pact => "pact",
        }
    }

    /// The name of its file of a release: `factors.parquet`.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "factors.csv",
            Self::Ndjson => "factors.ndjson",
            Self::Parquet => "factors.parquet",
            Self::Sqlite => "factors.sqlite",
            Self::Xlsx => "factors.xlsx",
            Self::DataPackage => "datapackage.json",
            Self::OpenLca => "openlca.zip",
            Self::Ilcd => "ilcd.zip",
            Self::Pact => "pact.json",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Sqlite => "application/vnd.sqlite3",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::DataPackage | Self::Pact => "application/json",
            Self::OpenLca | Self::Ilcd => "application/zip",
        }
    }

    /// Which version of the layout this program writes: it is raised whenever the bytes of a release would change.
    pub const fn version(self) -> u32 {
        match self {
            Self::Csv
            | Self::Ndjson
            | Self::Parquet
            | Self::Sqlite
            | Self::Xlsx
            | Self::DataPackage
            | Self::OpenLca
            | Self::Ilcd
            | Self::Pact => 1,
        }
    }

    /// Whether its file is made at publication and stands in the manifest; the others are made when they are asked for.
    pub const fn is_artefact(self) -> bool {
        matches!(self, Self::Csv | Self::Ndjson)
    }

    /// Whether a selection of factors can leave in it: what describes another file cannot.
    pub const fn takes_selections(self) -> bool {
        !matches!(self, Self::DataPackage)
    }

    /// The formats whose files are made when they are asked for.
    pub fn derived() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|format| !format.is_artefact())
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// The format whose file of a release, made when it is asked for, has this name.
    pub fn derived_from_file_name(name: &str) -> Option<Self> {
        Self::derived().find(|format| format.file_name() == name)
    }
}

/// What the rows are: the whole of a release, or what a search found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// All factors of one release.
    Release,
    /// Factors picked from releases.
    Selection {
        /// The query, as it was understood: `kind=electricity-direct&year=2022`.
        query: &'a str,
    },
}

/// What a writer may know besides the rows. Nothing in it tells of a clock, a host or a place.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the rows are.
    pub of: Of<'a>,
    /// A folder for temporary files.
    pub scratch: &'a Path,
}

/// Why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A line is damaged.
    #[error(transparent)]
    Line(#[from] DamagedLine),
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The library that writes the format.
    #[error("{} cannot be written: {why}", format.file_name())]
    Library {
        /// The format.
        format: Format,
        /// What it said.
        why: String,
    },
    /// More than the format holds.
    #[error("{} cannot hold this: {why}", format.file_name())]
    TooLarge {
        /// The format.
        format: Format,
        /// What is too large, and what would do.
        why: String,
    },
    /// This program does not write the format, or not of a selection.
    #[error("{} is not written of this", .0.file_name())]
    NotWritten(Format),
    /// Too many wait for files already.
    #[error("too many files are being made: ask again in a minute")]
    Busy,
}

impl ExportError {
    /// What the library that writes a format said.
    pub fn library(format: Format, error: impl std::fmt::Display) -> Self {
        Self::Library { format, why: error.to_string() }
    }

    /// Whether it was understood and denied.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::NotWritten(_) | Self::Busy)
    }
}

/// Writes rows in a format. Equal rows and context give equal bytes.
///
/// # Errors
/// [`ExportError`].
pub fn write(format: Format, rows: &Rows, context: &Context<'_>, to: &mut File) -> Result<(), ExportError> {
    let mut out = BufWriter::with_capacity(1 << 16, to);
    match format {
        Format::Csv => text::write_csv(rows, context, &mut out)?,
        Format::Ndjson => text::write_ndjson(rows, context, &mut out)?,
        Format::DataPackage => package::write_package(rows, &mut out)?,
        Format::Parquet => parquet::write_parquet(rows, context, &mut out)?,
        Format::Sqlite => sqlite::write_sqlite(rows, context, &mut out)?,
        Format::Xlsx => xlsx::write_xlsx(rows, context, &mut out)?,
        Format::OpenLca => lca::openlca::write(rows, &mut out)?,
        Format::Ilcd => lca::ilcd::write(rows, &mut out)?,
        Format::Pact => lca::pact::write(rows, &mut out)?,
    }
    Ok(out.flush()?)
}
