//! Finding factors over all that is released: filters, pages and counts.

mod asked;
mod columns;
mod facets;
mod find;
mod page;
mod query;

pub use facets::FACETS;
pub use find::{Matches, scope, selection};
pub use page::{Page, PageItem, filter};
pub(crate) use page::{page_limit, read_cursor, write_cursor};
pub use query::{FilterQuery, FilterRefusal};
