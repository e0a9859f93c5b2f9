//! Finding factors over all that is released: filters, pages and counts.

mod answer;
mod asked;
mod coded;
mod columns;
mod facets;
mod find;
mod page;
mod query;
mod rank;
mod text;

pub use answer::{FactorPage, answer, answer_at_once};
pub use coded::CodeMatch;
pub(crate) use coded::{CodeTarget, with_codes, with_rules};
pub use facets::FACETS;
pub use find::{Selection, Told, prepare, scope, selection};
pub use page::{Page, PageItem, filter};
pub(crate) use page::{page_limit, read_cursor, write_cursor};
pub use query::{FilterQuery, FilterRefusal};
pub use text::ask::Matched;
