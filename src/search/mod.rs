//! Finding factors over all that is released: filters, pages and counts.

mod filter;

pub use filter::{FACETS, FilterQuery, FilterRefusal, Page, PageItem, filter, scope};
pub(crate) use filter::{page_limit, read_cursor, write_cursor};
