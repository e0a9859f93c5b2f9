//! Verification: whether what lies here, or is shown by others, is what was released, agreed upon, and signed; and where
//! a number that was released came from.
//!
//! Nothing here trusts a file because it is ours, and nothing stops at the first failure where going on makes sense.

mod report;
mod trust;
mod memory;
mod source;
mod log;
mod keep;
mod contents;
mod blobs;
mod rows;
mod store;
mod standing;
mod server;
mod download;
mod proof;
pub mod lock;
mod places;
mod provenance;
mod prov;
mod history;
mod quality;

pub use download::verify_files;
pub use history::{HistoryEntry, factor_history};
pub use memory::{Compared, Memory, MemoryError, Remembered};
pub use places::{ReadPlace, find_place};
pub use proof::{ProofLink, ProofRefusal, Proved, check_proof};
pub use prov::prov_json;
pub use provenance::{Appearance, CheckpointRef, Provenance, ReleaseFacts, SourceFile, SourcePlace, provenance, source_file};
pub use quality::{ReleaseQuality, release_quality};
pub use report::{Checked, Finding, Link, Report};
pub use server::{ServerScope, verify_server};
pub use store::{Scope, Store, verify_store};
pub use trust::{ApprovedRelease, Basis, Opened, Trust};
