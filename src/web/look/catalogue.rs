//! All datasets.

use askama::Template;

use super::about::{Glance, GlanceView, LicenceView, published};
use crate::dataset::{Act, Principal};
use crate::release::PublishedRelease;
use crate::web::address::Address;
use crate::web::typeset::count;
use crate::web::{Frame, Lang};

/// A dataset of the list.
pub struct Entry<'a> {
    /// Its id.
    pub id: &'a str,
    /// The release that its words are of.
    pub described: &'a PublishedRelease,
    /// How many releases it has.
    pub releases: usize,
    /// Counts over its factors.
    pub glance: Glance,
}

struct Row {
    id: String,
    title: String,
    description: String,
    publishers: String,
    licences: Vec<LicenceView>,
    version: String,
    href: String,
    date: String,
    factors: String,
    releases: usize,
    glance: GlanceView,
    names: bool,
    restricted: bool,
    withdrawn: bool,
    order: (u64, String),
}

#[derive(Template)]
#[template(path = "look/catalogue.html")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    total: String,
    sorts: Vec<(String, String, bool)>,
    kinds: Vec<(String, String, bool)>,
}

/// The page of all datasets, filtered by kind and sorted as its address says.
///
/// # Errors
/// As the template engine; none is known.
pub fn catalogue_page(frame: Frame, entries: &[Entry<'_>], who: &Principal) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let address = Address::of(&frame);
    let kind = address.get("kind").map(str::to_owned);
    let order = address.get("sort").unwrap_or("name").to_owned();
    let holds = |entry: &&Entry<'_>, kind: &str| entry.glance.facets.get("kind").is_some_and(|own| own.contains_key(kind));
    let mut rows: Vec<Row> = entries
        .iter()
        .filter(|entry| kind.as_deref().is_none_or(|kind| holds(entry, kind)))
        .map(|entry| Row::of(entry, who, lang))
        .collect();
    match order.as_str() {
        "factors" => rows.sort_by(|a, b| b.order.0.cmp(&a.order.0).then_with(|| a.id.cmp(&b.id))),
        "newest" => rows.sort_by(|a, b| b.order.1.cmp(&a.order.1).then_with(|| a.id.cmp(&b.id))),
        _ => rows.sort_by(|a, b| a.id.cmp(&b.id)),
    }
    let mut kinds: Vec<&String> = entries.iter().filter_map(|entry| entry.glance.facets.get("kind")).flat_map(|own| own.keys()).collect();
    kinds.sort();
    kinds.dedup();
    let all = [("name", "名称", "name"), ("newest", "最近发布", "newest"), ("factors", "因子数", "factors")];
    let page = Page {
        total: lang.say(format!("{} 个数据集", count(rows.len() as u64)), format!("{} datasets", count(rows.len() as u64))),
        sorts: all.into_iter().map(|(code, zh, en)| (lang.say(zh, en), address.with("sort", code).to_string(), code == order)).collect(),
        kinds: kinds
            .into_iter()
            .map(|code| {
                let here = kind.as_ref() == Some(code);
                let href = if here { address.without("kind") } else { address.with("kind", code) };
                (super::row::kind_name(code, lang), href.to_string(), here)
            })
            .collect(),
        rows,
        frame,
    };
    page.render()
}

impl Row {
    fn of(entry: &Entry<'_>, who: &Principal, lang: Lang) -> Self {
        let release = entry.described;
        let names = release.may(who, Act::ReadNames).is_ok();
        let metadata = &release.manifest.metadata;
        let mut publishers: Vec<String> = metadata.sources.iter().map(|source| lang.text(&source.publisher)).collect();
        publishers.retain(|name| !name.is_empty());
        publishers.dedup();
        let more = publishers.len().saturating_sub(2);
        publishers.truncate(2);
        let more = if more > 0 { lang.say(format!("等 {} 家", more + 2), format!(" and {more} more")) } else { String::new() };
        let title = if names || !release.restricted() { lang.text(&metadata.title) } else { String::new() };
        Self {
            id: entry.id.to_owned(),
            title: if title.is_empty() { entry.id.to_owned() } else { title },
            description: if names { lang.text(&metadata.description) } else { String::new() },
            publishers: if names { format!("{}{more}", publishers.join(lang.either("；", "; "))) } else { String::new() },
            licences: metadata.licences.iter().filter(|_| names).map(|licence| LicenceView::of(licence, lang)).collect(),
            version: release.version.to_string(),
            href: format!("/datasets/{}", entry.id),
            date: published(release),
            factors: if names { count(release.manifest.factors) } else { String::new() },
            releases: entry.releases,
            glance: GlanceView::of(&entry.glance, release.manifest.factors, &format!("/datasets/{}", entry.id), lang),
            names,
            restricted: release.restricted(),
            withdrawn: release.withdrawn.is_some(),
            order: (release.manifest.factors, release.published_at.clone()),
        }
    }
}
