//! Pages that people look at: data become HTML, and nothing is read or decided here.
//!
//! Every text is escaped by the template engine. A page has no script and asks no host for anything, its own included.

mod certificate;
mod difference;
mod qr;
mod quality;
mod words;

pub use certificate::{PAGE_POLICY, certificate};
pub use difference::{Lang, difference_page};
pub use quality::quality_page;
