//! What an auditor asks of released data: where a number came from, and how it went on.
//!
//! Everything is read from the catalogue and the blobs, with the database down as well.

mod history;
mod places;
mod prov;
mod provenance;

pub use history::{HistoryEntry, factor_history};
pub use places::{ReadPlace, find_place};
pub use prov::prov_json;
pub use provenance::{Appearance, CheckpointRef, Provenance, ReleaseFacts, SourceFile, SourcePlace, provenance, source_file};
