//! The first page: a question, and what is here.

use askama::Template;

use crate::web::Frame;

/// What a server holds.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// Datasets.
    pub datasets: usize,
    /// Releases.
    pub releases: usize,
    /// Factors of the latest releases.
    pub factors: u64,
}

#[derive(Template)]
#[template(path = "look/home.html")]
struct Page {
    frame: Frame,
    holds: Holdings,
}

/// The first page.
///
/// # Errors
/// As the template engine; none is known.
pub fn home_page(frame: Frame, holds: Holdings) -> Result<String, askama::Error> {
    Page { frame, holds }.render()
}
