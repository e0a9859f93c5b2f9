//! The console: pages for people. What every page keeps to stands in `frame`, each room's pages in a file of its own.

mod access;
mod compare;
mod datasets;
mod factor;
mod frame;
mod hostile;
mod proof;
mod search;
mod work;

use crate::site::{Response, Site};

/// The pages over the bundled datasets that need nobody signed in.
const PAGES: [&str; 16] = [
    "/",
    "/search",
    "/search?q=%E6%B5%99%E6%B1%9F+%E7%94%B5%E7%BD%91",
    "/search?q=nothing-like-this-anywhere",
    "/search?kind=electricity-direct&year=2023&sort=-year&page=2",
    "/datasets",
    "/datasets?sort=factors&kind=combustion",
    "/datasets/cn-electricity-co2",
    "/datasets/cn-electricity-co2/releases/1.1.0",
    "/datasets/cn-electricity-co2/releases/latest",
    "/datasets/cn-electricity-co2/releases/1.2.0/factors",
    "/datasets/ipcc-stationary-combustion/releases/1.0.0/factors?sort=region&q=coal&page=1",
    "/datasets/cn-electricity-co2/releases/1.2.0/quality",
    "/datasets/cn-electricity-co2/diff/1.0.0...1.2.0",
    "/datasets/cn-electricity-footprint/diff/1.0.0...1.1.0?sort=key&class=added",
    "/log",
];

/// A page in a language, as a browser asks for it.
#[track_caller]
fn look(site: &Site, path: &str, lang: &str) -> Response {
    site.get_with(path, &[("Accept", "text/html"), ("Accept-Language", lang)])
}

/// The same, which must be there.
#[track_caller]
fn page(site: &Site, path: &str, lang: &str) -> String {
    let response = look(site, path, lang);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response.text()
}

/// The values of an attribute on a page, unescaped as far as addresses want it.
fn attributes(page: &str, name: &str) -> Vec<String> {
    let mark = format!(" {name}=\"");
    page.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).map(|text| text.replace("&#38;", "&")).collect()
}
