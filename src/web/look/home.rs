//! The first page: a question, and what is here.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;

use super::facts::FactRow;
use super::search::examples;
use crate::canon::Digest;
use crate::release::PublicFact;
use crate::tlog::hash_text;
use crate::web::Frame;
use crate::web::typeset::count;

/// What a server holds, as far as whoever looks may read of it.
#[derive(Debug, Clone, Default)]
pub struct Holdings {
    /// Datasets: id, title, factors of the latest release.
    pub datasets: Vec<(String, String, u64)>,
    /// Releases.
    pub releases: usize,
    /// The newest facts with their places, the newest first.
    pub facts: Vec<(usize, Arc<PublicFact>)>,
    /// Where grid factors by province are drawn; nothing where there are none.
    pub grid: Option<String>,
    /// Titles of datasets by id.
    pub titles: BTreeMap<String, String>,
    /// Origin, size and root of the published checkpoint.
    pub checkpoint: Option<(String, u64, Digest)>,
}

#[derive(Template)]
#[template(path = "look/home.html")]
struct Page {
    frame: Frame,
    grid: Option<String>,
    datasets: Vec<(String, String, String)>,
    tiles: Vec<(&'static str, String, String)>,
    facts: Vec<FactRow>,
    checkpoint: Option<(String, String, String)>,
    examples: Vec<(String, String)>,
    grown: String,
}

/// The first page.
///
/// # Errors
/// As the template engine; none is known.
pub fn home_page(frame: Frame, holds: &Holdings) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let factors: u64 = holds.datasets.iter().map(|(.., factors)| factors).sum();
    let mut datasets = holds.datasets.clone();
    datasets.sort_by_key(|(.., factors)| std::cmp::Reverse(*factors));
    let page = Page {
        grid: holds.grid.clone(),
        tiles: vec![
            ("/search", count(factors), lang.say("个因子（各数据集最新版本）", "factors in the newest releases")),
            ("/datasets", count(datasets.len() as u64), lang.say("个数据集", "datasets")),
            ("/datasets?sort=newest", count(holds.releases as u64), lang.say("个版本，全部保留", "releases, all kept")),
            ("/log", count(holds.checkpoint.as_ref().map_or(0, |(_, size, _)| *size)), lang.say("条日志记录", "leaves of the log")),
        ],
        datasets: datasets.into_iter().take(8).map(|(id, title, factors)| (id, title, count(factors))).collect(),
        facts: holds.facts.iter().map(|(seq, fact)| FactRow::of(*seq, fact, &holds.titles, lang)).collect(),
        checkpoint: holds.checkpoint.as_ref().map(|(origin, size, root)| (origin.clone(), count(*size), hash_text(root))),
        grown: holds.facts.first().map(|(_, fact)| fact.at().replace('T', " ").trim_end_matches('Z').to_owned()).unwrap_or_default(),
        examples: examples(lang),
        frame,
    };
    page.render()
}
