//! The feed: RFC 4287, in pages (RFC 5005, 3), newest entry first.
//!
//! Ids are `tag:` URIs (RFC 4151) made of the log's name, the day of its first fact and the place of the fact, so that an
//! entry keeps its id wherever the feed is read.

use std::fmt::Write as _;
use std::sync::Arc;

use super::event::{PublicEvent, escape_key};
use crate::factor::Text;
use crate::release::{Catalogue, PublicFact, PublishedRelease};

/// The media type of the feed.
pub const FEED_TYPE: &str = "application/atom+xml";

/// The day in ids of a log without facts.
const NO_DAY: &str = "1970-01-01";

/// What a page of the feed shows.
pub struct FeedPage<'a> {
    /// Everything released.
    pub catalogue: &'a Catalogue,
    /// The name of the log.
    pub origin: &'a str,
    /// The address of the server, without final slash.
    pub base: &'a str,
    /// The dataset that it is about; none: all.
    pub dataset: Option<&'a str>,
    /// The facts before this place; none: the newest page.
    pub before: Option<i64>,
    /// Entries on a page.
    pub limit: usize,
}

/// A page of the feed.
pub fn write_feed(page: &FeedPage<'_>) -> String {
    let facts = page.catalogue.public_facts();
    let wanted = |fact: &PublicFact| match (page.dataset, fact.release()) {
        (None, _) => true,
        (Some(wanted), Some((dataset, _))) => dataset.as_str() == wanted,
        (Some(_), None) => false,
    };
    let before = page.before.and_then(|before| usize::try_from(before).ok()).unwrap_or(facts.len()).min(facts.len());
    let newest = facts.iter().rev().find(|fact| wanted(fact)).or(facts.first());
    let updated = newest.map_or_else(|| format!("{NO_DAY}T00:00:00Z"), |fact| fact.at().to_owned());
    let mut entries = facts.iter().enumerate().take(before).rev().filter(|(_, fact)| wanted(fact));
    let event =
        |(place, fact): (usize, &Arc<PublicFact>)| PublicEvent { seq: i64::try_from(place).unwrap_or(i64::MAX), fact: fact.clone() };
    let shown: Vec<PublicEvent> = entries.by_ref().take(page.limit).map(event).collect();
    let older = if entries.next().is_some() { shown.last().map(|event| event.seq) } else { None };
    let mut xml = Xml::default();
    head(page, &updated, older, &mut xml);
    shown.iter().for_each(|event| entry(page, event, &mut xml));
    xml.close("feed");
    xml.0
}

fn head(page: &FeedPage<'_>, updated: &str, older: Option<i64>, xml: &mut Xml) {
    xml.0.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    xml.open("feed", &[("xmlns", "http://www.w3.org/2005/Atom")]);
    let about = page.dataset.map(|id| format!("/{id}")).unwrap_or_default();
    xml.element("id", &[], &tag(page, &format!("feed{about}")));
    let title = match page.dataset {
        Some(id) => format!("Tanyin: {id} · 碳因：{id}"),
        None => "Tanyin: emission factors · 碳因：排放因子".to_owned(),
    };
    xml.element("title", &[], &title);
    xml.element("subtitle", &[], "Releases, withdrawals, successors and flags · 发布、撤回、替代与标记");
    xml.element("updated", &[], updated);
    xml.open("author", &[]);
    xml.element("name", &[], page.origin);
    xml.close("author");
    xml.element("generator", &[("uri", page.base), ("version", env!("CARGO_PKG_VERSION"))], "Tanyin");
    let first = page.dataset.map(|id| format!("?dataset={id}")).unwrap_or_default();
    let joined = if first.is_empty() { "?" } else { "&" };
    let address = |before: Option<i64>| {
        let query = before.map(|seq| format!("{joined}before={seq}")).unwrap_or_default();
        format!("{}/v1/feed.atom{first}{query}", page.base)
    };
    xml.link("self", &address(page.before), FEED_TYPE, None);
    xml.link("first", &address(None), FEED_TYPE, None);
    if let Some(older) = older {
        xml.link("next", &address(Some(older)), FEED_TYPE, None);
    }
    let events = page.dataset.map(|id| format!("?dataset={id}")).unwrap_or_default();
    xml.link("related", &format!("{}/v1/events{events}", page.base), "application/json", Some("Events"));
}

/// `tag:factors.example,2026-09-01:log/3` for the log `factors.example/log`.
fn tag(page: &FeedPage<'_>, of: &str) -> String {
    let day = page.catalogue.public_facts().first().and_then(|fact| fact.at().get(..10)).unwrap_or(NO_DAY);
    let (host, path) = page.origin.split_once('/').unwrap_or((page.origin, "log"));
    let authority: String = host.to_ascii_lowercase().chars().filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c)).collect();
    let authority = if authority.is_empty() { "tanyin.invalid" } else { &authority };
    format!("tag:{authority},{day}:{}/{of}", escape_key(path))
}

fn entry(page: &FeedPage<'_>, event: &PublicEvent, xml: &mut Xml) {
    let words = Words::of(page.catalogue, event);
    xml.open("entry", &[]);
    xml.element("id", &[], &tag(page, &event.seq.to_string()));
    xml.element("title", &[], &format!("{} · {}", words.title_en, words.title_zh));
    xml.element("published", &[], event.fact.at());
    xml.element("updated", &[], event.fact.at());
    xml.open("category", &[("term", super::event_type(&event.fact))]);
    xml.close("category");
    if let Some((dataset, _)) = event.fact.release() {
        xml.open("category", &[("term", dataset.as_str()), ("scheme", &format!("{}/v1/datasets", page.base))]);
        xml.close("category");
    }
    links(page, event, xml);
    xml.open("content", &[("type", "xhtml")]);
    xml.open("div", &[("xmlns", "http://www.w3.org/1999/xhtml")]);
    xml.element("p", &[("xml:lang", "en"), ("lang", "en")], &words.text_en);
    xml.element("p", &[("xml:lang", "zh"), ("lang", "zh")], &words.text_zh);
    xml.close("div");
    xml.close("content");
    xml.close("entry");
}

fn links(page: &FeedPage<'_>, event: &PublicEvent, xml: &mut Xml) {
    let base = page.base;
    let Some((dataset, version)) = event.fact.release() else {
        return xml.link("alternate", &format!("{base}/log/key"), "text/plain", Some("The log's keys · 日志密钥"));
    };
    let release = format!("{base}/v1/datasets/{dataset}/releases/{version}");
    xml.link("alternate", &release, "application/json", Some("The release · 版本"));
    match event.fact.as_ref() {
        PublicFact::Release { .. } => {
            if let Some(before) = event.previous(page.catalogue) {
                let range = format!("{}...{version}", before.version);
                let difference = format!("{base}/v1/datasets/{dataset}/diff/{range}?format=html");
                xml.link("related", &difference, "text/html", Some("What changed · 变更"));
                let delta = format!("{base}/v1/datasets/{dataset}/delta/{range}");
                xml.link("related", &delta, "application/x-ndjson", Some("Delta · 增量"));
                let former = format!("{base}/v1/datasets/{dataset}/releases/{}", before.version);
                xml.link("predecessor-version", &former, "application/json", None);
            }
            if let Some(own) = event.open_release(page.catalogue) {
                downloads(own, &release, xml);
            }
        }
        PublicFact::Supersede { by, .. } => {
            if let Some((dataset, version)) = by.split_once('@') {
                let successor = format!("{base}/v1/datasets/{dataset}/releases/{version}");
                xml.link("successor-version", &successor, "application/json", Some("Its successor · 替代版本"));
            }
        }
        PublicFact::Flag { key, .. } | PublicFact::Unflag { key, .. } => {
            let factor = format!("{release}/factors/{}", escape_key(key));
            xml.link("related", &factor, "application/json", Some("The factor · 因子"));
        }
        _ => {}
    }
}

fn downloads(own: &PublishedRelease, address: &str, xml: &mut Xml) {
    for file in own.files().iter().filter(|file| file.coding == "identity" && file.name.starts_with("factors.")) {
        let (href, length) = (format!("{address}/files/{}", file.name), file.bytes.to_string());
        let attributes = [("rel", "enclosure"), ("href", &href), ("type", &file.media_type), ("length", &length), ("title", &file.name)];
        xml.open("link", &attributes);
        xml.close("link");
    }
}

/// What an entry says, in both languages.
struct Words {
    title_en: String,
    title_zh: String,
    text_en: String,
    text_zh: String,
}

impl Words {
    fn of(catalogue: &Catalogue, event: &PublicEvent) -> Self {
        let Some((dataset, version)) = event.fact.release() else {
            let PublicFact::Key { key, .. } = event.fact.as_ref() else { return Self::new("", "", "", "") };
            let (en, zh) = (format!("The log signs with {key} from here on."), format!("日志自此以 {key} 签名。"));
            return Self::new("The log has a new key", "日志启用新密钥", &en, &zh);
        };
        let named = event.release(catalogue).filter(|release| !release.restricted()).map(|release| &release.manifest.metadata.title);
        let pick = |text: &Text, first: fn(&Text) -> &Option<String>, second: fn(&Text) -> &Option<String>| {
            first(text).clone().or_else(|| second(text).clone())
        };
        let en = named.and_then(|text| pick(text, |t| &t.en, |t| &t.zh)).unwrap_or_else(|| dataset.to_string());
        let zh = named.and_then(|text| pick(text, |t| &t.zh, |t| &t.en)).unwrap_or_else(|| dataset.to_string());
        let id = format!("{dataset}@{version}");
        let (did_en, did_zh, why) = match event.fact.as_ref() {
            PublicFact::Release { .. } => ("Released".to_owned(), "发布".to_owned(), counted(event.open_release(catalogue))),
            PublicFact::Sealed { .. } => {
                ("Released".into(), "发布".into(), ["It is not open to everybody.".into(), "不对所有人开放。".into()])
            }
            PublicFact::Withdraw { reason, .. } => ("Withdrawn".into(), "撤回".into(), [reason.clone(), reason.clone()]),
            PublicFact::Restore { reason, .. } => ("Restored".into(), "恢复".into(), [reason.clone(), reason.clone()]),
            PublicFact::Supersede { by, reason, .. } => {
                (format!("Superseded by {by}"), format!("由 {by} 替代"), [reason.clone(), reason.clone()])
            }
            PublicFact::Flag { flag, key, reason, by, .. } => {
                (format!("Flagged {flag}"), format!("标记 {flag}"), [format!("{key}: {reason} ({by})"), format!("{key}：{reason}（{by}）")])
            }
            PublicFact::Unflag { flag, key, reason, by, .. } => (
                format!("No longer flagged {flag}"),
                format!("取消标记 {flag}"),
                [format!("{key}: {reason} ({by})"), format!("{key}：{reason}（{by}）")],
            ),
            PublicFact::Key { .. } => Default::default(),
        };
        let [why_en, why_zh] = why;
        Self::new(
            &format!("{did_en}: {en} {version}"),
            &format!("{did_zh}：{zh} {version}"),
            &format!("{did_en}: {id}. {why_en}"),
            &format!("{did_zh}：{id}。{why_zh}"),
        )
    }

    fn new(title_en: &str, title_zh: &str, text_en: &str, text_zh: &str) -> Self {
        let own = str::to_owned;
        Self { title_en: own(title_en), title_zh: own(title_zh), text_en: own(text_en), text_zh: own(text_zh) }
    }
}

/// The counts of a release, in both languages.
fn counted(release: Option<&PublishedRelease>) -> [String; 2] {
    let Some(release) = release else { return Default::default() };
    let (factors, counts) = (release.manifest.factors, &release.manifest.changes.counts);
    let changed = counts.meaning + counts.number + counts.text + counts.renamed;
    [
        format!("{factors} factors: {} added, {} removed, {changed} changed.", counts.added, counts.removed),
        format!("共 {factors} 个因子：新增 {}，移除 {}，变更 {changed}。", counts.added, counts.removed),
    ]
}

/// XML as it grows.
#[derive(Default)]
struct Xml(String);

impl Xml {
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.0, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.0, " {name}=\"{}\"", escape(value));
        }
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        let _ = writeln!(self.0, "</{name}>");
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.0.push_str(&escape(text));
        self.close(name);
    }

    fn link(&mut self, rel: &str, href: &str, media: &str, title: Option<&str>) {
        let titled = title.map(|title| ("title", title));
        let attributes: Vec<(&str, &str)> = [("rel", rel), ("href", href), ("type", media)].into_iter().chain(titled).collect();
        self.open("link", &attributes);
        self.close("link");
    }
}

/// Text inside XML: markup escaped, characters that XML 1.0 does not have replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_the_feed() {
        assert_eq!(escape("a<b>&\"c\u{1}\u{fffe}\n碳"), "a&lt;b&gt;&amp;&quot;c\u{fffd}\u{fffd}&#10;碳");
    }

    #[test]
    fn a_feed_of_nothing_is_a_feed() {
        let catalogue = Catalogue::default();
        let page = FeedPage {
            catalogue: &catalogue,
            origin: "Factors.example:8080/main/log",
            base: "https://x",
            dataset: None,
            before: None,
            limit: 10,
        };
        let feed = write_feed(&page);
        assert!(feed.contains("<id>tag:factors.example8080,1970-01-01:main/log/feed</id>"), "{feed}");
        assert!(feed.ends_with("</feed>\n") && !feed.contains("<entry>"));
    }
}
