//! Whole releases and selections in every format, each read back by the program that it is for.

mod consumers;
mod derived;
mod hostile;
mod selection;
mod lca;

use crate::site::Response;
use crate::site::Site;

/// A file of a release, which must be there.
#[track_caller]
pub fn file(site: &Site, release: &str, name: &str) -> Response {
    let (dataset, version) = release.split_once('@').unwrap();
    let response = site.get(&format!("/v1/datasets/{dataset}/releases/{version}/files/{name}"));
    assert_eq!(response.status, 200, "{name}: {}", response.text());
    response
}
