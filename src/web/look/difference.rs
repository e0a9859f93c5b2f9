//! The difference of two releases, in the frame, with any other two to choose.

use askama::Template;

use crate::bulk::{ChangeRow, Summary};
use crate::web::Frame;
use crate::web::address::Address;
use crate::web::difference::{DifferenceLinks, DifferenceView};

/// Which releases are compared.
pub struct ReleasePair<'a> {
    /// The dataset.
    pub dataset: &'a str,
    /// The version before.
    pub from: &'a str,
    /// The version after.
    pub to: &'a str,
    /// Every version that may be chosen, the newest first.
    pub versions: Vec<String>,
    /// The class that is listed alone.
    pub class: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "look/difference.html")]
struct Page {
    frame: Frame,
    dataset: String,
    from: String,
    to: String,
    versions: Vec<String>,
    difference: DifferenceView,
    forms: Vec<(&'static str, String)>,
    sorts: Vec<(String, String, bool)>,
    all: Option<String>,
}

/// The classes that changes are listed by.
pub const CHANGE_CLASSES: [&str; 6] = ["added", "removed", "renamed", "meaning", "number", "text"];

/// The page of the difference of two releases.
///
/// # Errors
/// As the template engine; none is known.
pub fn release_difference_page(
    frame: Frame,
    compared: &ReleasePair<'_>,
    summary: &Summary,
    rows: &[ChangeRow],
) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let address = Address::of(&frame);
    let ReleasePair { dataset, from, to, .. } = compared;
    let factors = |version: &str| format!("/datasets/{dataset}/releases/{version}/factors/");
    let links = DifferenceLinks {
        before: Some(factors(from)),
        after: Some(factors(to)),
        classes: CHANGE_CLASSES
            .into_iter()
            .map(|class| {
                let own = if compared.class == Some(class) { address.without("class") } else { address.with("class", class) };
                (class, format!("{own}#changes"))
            })
            .collect(),
        class: compared.class,
    };
    let api = Address::default().at(&format!("/v1/datasets/{dataset}/diff/{from}...{to}"));
    let order = address.get("sort").unwrap_or("magnitude").to_owned();
    let sorts = [("magnitude", "变动幅度", "largest move first"), ("key", "键", "key")];
    let page = Page {
        difference: DifferenceView::of(summary, rows, &links, lang),
        forms: [("JSON", "json"), ("CSV", "csv"), ("NDJSON", "ndjson")]
            .map(|(name, form)| (name, api.with("format", form).to_string()))
            .to_vec(),
        sorts: sorts.into_iter().map(|(code, zh, en)| (lang.say(zh, en), address.with("sort", code).to_string(), code == order)).collect(),
        all: compared.class.map(|_| address.without("class").to_string()),
        dataset: (*dataset).to_owned(),
        from: (*from).to_owned(),
        to: (*to).to_owned(),
        versions: compared.versions.clone(),
        frame,
    };
    page.render()
}
