//! Search: a judged set of questions, what holds for every factor, and what a stranger learns.

mod judged;
mod words;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tanyin::dataset::Principal;
use tanyin::release::Catalogue;
use tanyin::search::{FilterQuery, Page, filter};
use tempfile::TempDir;

use crate::site::{Kind, PackageDraft, Site};

/// The bundled datasets and the made-up products, without a server.
pub struct Shelf {
    pub site: Site,
    pub catalogue: Catalogue,
    _folder: TempDir,
}

/// The rows of a table of the columns of `factors.csv`, empty cells left out.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let cells = |record: csv::StringRecord| {
        let named = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned));
        named.filter(|(_, cell)| !cell.is_empty()).collect()
    };
    reader.records().map(|record| cells(record.unwrap())).collect()
}

/// A package of products with invented numbers.
pub fn products() -> PackageDraft {
    let mut package = PackageDraft::new("test-products", "1.0.0", rows(include_str!("products.csv")));
    package.description["sources"] = serde_json::json!([{"id": "made-up", "title": "Numbers invented for tests"}]);
    package
}

/// Everything, published once for all tests that only read.
pub fn shelf() -> &'static Shelf {
    static SHELF: LazyLock<Shelf> = LazyLock::new(|| {
        let site = Site::new(Kind::Sqlite);
        tanyin::desk::publish_bundled(site.ground(), |_| {}).unwrap();
        site.publish(&products());
        let catalogue = Catalogue::load(site.ground()).unwrap();
        Shelf { site, catalogue, _folder: tempfile::tempdir().unwrap() }
    });
    &SHELF
}

/// A search for words alone.
pub fn words(q: &str) -> FilterQuery {
    FilterQuery { q: Some(q.to_owned()), facets: Some("none".to_owned()), limit: Some("1000".to_owned()), ..FilterQuery::default() }
}

#[track_caller]
pub fn page(catalogue: &Catalogue, query: &FilterQuery, who: &Principal) -> Page {
    filter(catalogue, query, who).unwrap_or_else(|refusal| panic!("{query:?}: {refusal}"))
}

/// `dataset#key` of each factor of a page.
pub fn names(page: &Page) -> Vec<String> {
    page.items.iter().map(|item| format!("{}#{}", item.release.dataset, item.release.data.key(item.number))).collect()
}

/// What a search for words finds, the most relevant first.
#[track_caller]
pub fn found(q: &str) -> Vec<String> {
    names(&page(&shelf().catalogue, &words(q), &Principal::Anonymous))
}
