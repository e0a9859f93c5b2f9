//! Factors as CSV and NDJSON: of a release the bytes of its own files, of a selection with the release of each factor.

use std::io::{self, Write};

use serde_json::json;

use super::{Context, ExportError, Format, Of, Rows};
use crate::factor::{COLUMNS, csv_cells};

/// The columns before those of `factors.csv` in the table of a selection.
pub const SELECTION_COLUMNS: [&str; 3] = ["dataset", "version", "digest"];

/// Every column of `factors.csv`; of a selection behind [`SELECTION_COLUMNS`].
pub(super) fn write_csv(rows: &Rows, context: &Context<'_>, out: &mut impl Write) -> Result<(), ExportError> {
    let library = |error| ExportError::library(Format::Csv, error);
    let selection = context.of != Of::Release;
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out);
    let before = SELECTION_COLUMNS.into_iter().filter(|_| selection);
    table.write_record(before.chain(COLUMNS.iter().map(|column| column.name))).map_err(library)?;
    for row in rows.each() {
        let row = row?;
        let mut cells = csv_cells(&row.factor);
        if selection {
            cells.splice(..0, [row.release.dataset.to_string(), row.release.version.to_string(), row.digest.to_string()]);
        }
        table.write_record(cells).map_err(library)?;
    }
    Ok(table.flush()?)
}

/// The canonical lines; of a selection each in an object with its digest and its release, as `/v1/factors` lists them.
pub(super) fn write_ndjson(rows: &Rows, context: &Context<'_>, out: &mut impl Write) -> Result<(), ExportError> {
    for row in rows.each() {
        let row = row?;
        if context.of == Of::Release {
            out.write_all(&row.line)?;
            out.write_all(b"\n")?;
            continue;
        }
        let release = json!({
            "dataset": row.release.dataset, "version": row.release.version.to_string(), "manifest": row.release.manifest_digest
        });
        out.write_all(b"{\"factor\":")?;
        out.write_all(&row.line)?;
        write!(out, ",\"digest\":\"{}\",\"release\":", row.digest)?;
        serde_json::to_writer(&mut *out, &release).map_err(io::Error::from)?;
        out.write_all(b"}\n")?;
    }
    Ok(())
}
