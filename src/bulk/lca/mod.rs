//! Exchange formats of life cycle assessment and of product footprints, as writers: openLCA JSON-LD, ILCD, PACT.
//!
//! Nothing is invented: what a format wants and a factor does not have is left out and said; what a format has no member for
//! stands in its texts. Ids, versions and dates follow from the release. `docs/exchange.md` says what becomes what.

mod archive;
mod ids;
pub(super) mod ilcd;
mod json;
pub(super) mod openlca;
pub(super) mod pact;
mod shared;
mod units;
mod words;
mod xml;

pub use ids::{digest_prefix_of, footprint_id};
pub use pact::{FOOTPRINT_KINDS, Footprint, LeftOut, Life, Told, footprint_of};

use super::{ExportError, Format, Rows};

/// Refuses more factors than an archive of data sets takes.
fn check_size(rows: &Rows, format: Format) -> Result<(), ExportError> {
    let (many, most) = (rows.len(), archive::MAX_FACTORS);
    if many <= most {
        return Ok(());
    }
    let why = format!("{many} factors, and it takes {most}: each is a file or more; select some, or take factors.parquet");
    Err(ExportError::TooLarge { format, why })
}
