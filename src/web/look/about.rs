//! What is told of a release wherever it is told: licence, sources, files, the share of what changed.

use std::collections::BTreeMap;

use crate::bulk::Format;
use crate::canon::Digest;
use crate::dataset::{Changes, Licence, Redistribution, SourceDocument};
use crate::release::PublishedRelease;
use crate::web::typeset::{count, day, size};
use crate::web::{Lang, words};

use super::row::{FlagTag, kind_name};

/// How a release stands, at a glance: counts over its factors.
#[derive(Debug, Clone, Default)]
pub struct Glance {
    /// Counts by facet and value: kinds, years, regions, flags.
    pub facets: BTreeMap<String, BTreeMap<String, usize>>,
    /// How complete it is, in percent; none where nobody has worked that out yet.
    pub complete: Option<String>,
}

/// A file of a release.
#[derive(Debug, Clone)]
pub struct ShownFile {
    /// `factors.csv`.
    pub name: String,
    /// Its size and digest; none where it is made when it is first asked for.
    pub known: Option<(u64, Digest)>,
}

/// A licence, and what it permits.
pub(super) struct LicenceView {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) url: String,
    pub(super) permits: String,
    pub(super) attribution: String,
}

/// A document that figures were read in.
pub(super) struct SourceView {
    pub(super) title: String,
    pub(super) publisher: String,
    pub(super) number: String,
    pub(super) date: String,
    pub(super) url: String,
    pub(super) level: String,
    pub(super) digest: String,
}

pub(super) struct FileView {
    pub(super) name: String,
    pub(super) what: String,
    pub(super) href: String,
    pub(super) size: String,
    pub(super) digest: String,
}

/// A part of a bar: where it begins and how wide it is, of a thousand.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) x: u64,
    pub(super) width: u64,
}

/// What changed, as a bar with its words.
pub(super) struct ChangeBar {
    pub(super) parts: Vec<Part>,
    pub(super) words: Vec<(&'static str, String)>,
    pub(super) told: String,
}

/// A count with a page of what is counted.
pub(super) struct Counted {
    pub(super) label: String,
    pub(super) count: String,
    pub(super) width: u64,
    pub(super) href: String,
}

/// The counts of a glance, in words.
#[derive(Default)]
pub(super) struct GlanceView {
    pub(super) years: String,
    pub(super) regions: String,
    pub(super) warned: String,
    pub(super) complete: String,
    pub(super) kinds: Vec<Counted>,
    pub(super) flags: Vec<(FlagTag, String, String)>,
}

impl LicenceView {
    pub(super) fn of(licence: &Licence, lang: Lang) -> Self {
        Self {
            id: licence.id.clone(),
            title: licence.title.clone().unwrap_or_default(),
            url: licence.url.clone().filter(|url| is_web(url)).unwrap_or_default(),
            permits: permits(licence.redistribution, lang),
            attribution: lang.text(&licence.attribution),
        }
    }
}

/// Whether a text of the data is an address that a page may lead to: no other scheme than those of the web.
pub(super) fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// What may be passed on, in words.
pub(super) fn permits(class: Redistribution, lang: Lang) -> String {
    match class {
        Redistribution::Full => {
            lang.say("可以转发全部内容，包括发布者的原文件", "Everything may be passed on, the publisher's own file included")
        }
        Redistribution::ValuesOnly => lang.say(
            "可以转发因子和由因子制成的文件，发布者的原文件除外",
            "Factors and files made of them may be passed on, the publisher's own file may not",
        ),
        Redistribution::MetadataOnly => lang.say(
            "只可说明有哪些因子、出自何处；数值不得转发",
            "What the factors are of and where they stand may be told; numbers may not be passed on",
        ),
        Redistribution::None => lang.say("除名称与版本外，什么都不得转发", "Nothing may be passed on but name and versions"),
    }
}

impl SourceView {
    pub(super) fn of(source: &SourceDocument, lang: Lang, digests: bool) -> Self {
        let page = source.landing_page.as_ref().or(source.url.as_ref()).filter(|url| is_web(url));
        Self {
            title: lang.text(&source.title),
            publisher: lang.text(&source.publisher),
            number: source.document_no.clone().unwrap_or_default(),
            date: source.date.clone().unwrap_or_default(),
            url: page.cloned().unwrap_or_default(),
            level: source.level.map(|level| lang.pick(words::level(level))).unwrap_or_default(),
            digest: source.sha256.filter(|_| digests).map(|digest| digest.to_string()).unwrap_or_default(),
        }
    }
}

impl FileView {
    pub(super) fn of(file: &ShownFile, release: &PublishedRelease, lang: Lang) -> Self {
        Self {
            href: format!("/v1/datasets/{}/releases/{}/files/{}", release.dataset, release.version, file.name),
            what: what_file(&file.name, lang),
            size: file.known.map(|(bytes, _)| size(bytes)).unwrap_or_default(),
            digest: file.known.map(|(_, digest)| digest.to_hex()).unwrap_or_default(),
            name: file.name.clone(),
        }
    }
}

fn what_file(name: &str, lang: Lang) -> String {
    let format = Format::ALL.iter().find(|format| format.file_name() == name);
    match (format, name) {
        (Some(Format::Csv), _) => lang.say("表格，每行一个因子", "table, one factor a row"),
        (Some(Format::Ndjson), _) => lang.say("规范行：可证明的原文", "canonical lines: what is proved"),
        (Some(Format::Parquet), _) => lang.say("列式，供 pandas、DuckDB、Spark", "columns, for pandas, DuckDB, Spark"),
        (Some(Format::Sqlite), _) => lang.say("SQLite 数据库", "SQLite database"),
        (Some(Format::Xlsx), _) => lang.say("Excel 工作簿", "Excel workbook"),
        (Some(Format::DataPackage), _) => lang.say("表格说明（Frictionless）", "describes the table (Frictionless)"),
        (Some(Format::OpenLca), _) => lang.say("openLCA JSON-LD", "openLCA JSON-LD"),
        (Some(Format::Ilcd), _) => lang.say("ILCD 数据集", "ILCD data sets"),
        (Some(Format::Pact), _) => lang.say("PACT 产品碳足迹", "PACT product footprints"),
        (None, "manifest.json") => lang.say("清单：日志所承诺的", "manifest: what the log commits to"),
        (None, "SHA256SUMS") => lang.say("各文件的摘要", "digests of the files"),
        (None, "crosswalk.ndjson") => lang.say("键的去向", "what became of keys"),
        (None, "release.tlog-proof") => lang.say("日志包含证明", "proof of inclusion in the log"),
        _ => String::new(),
    }
}

impl ChangeBar {
    /// The changes of a release against the one before; nothing where nothing is counted.
    pub(super) fn of(changes: &Changes, lang: Lang) -> Self {
        let counts = &changes.counts;
        let classes = [
            ("added", counts.added),
            ("removed", counts.removed),
            ("renamed", counts.renamed),
            ("meaning", counts.meaning),
            ("number", counts.number),
            ("text", counts.text),
            ("provenance_only", counts.provenance_only),
            ("unchanged", counts.unchanged),
        ];
        let all: u64 = classes.iter().map(|(_, count)| count).sum::<u64>().max(1);
        let (mut parts, mut x) = (Vec::new(), 0);
        for (class, number) in classes.iter().filter(|(_, number)| *number > 0) {
            // what there is can be seen, however little it is
            let width = (number.saturating_mul(1000) / all).max(8).min(1000_u64.saturating_sub(x));
            parts.push(Part { class, x, width });
            x += width;
        }
        let words: Vec<(&'static str, String)> = classes
            .iter()
            .filter(|(class, number)| *number > 0 && *class != "unchanged")
            .map(|(class, number)| (*class, format!("{}\u{202f}{}", count(*number), class_word(class, lang))))
            .collect();
        let told = words.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>().join(lang.either("，", ", "));
        let told = if told.is_empty() { lang.say("没有因子变化", "no factor changed") } else { told };
        Self { parts, words, told }
    }
}

/// A class of change in words.
pub(super) fn class_word(class: &str, lang: Lang) -> String {
    match class {
        "added" => lang.say("新增", "added"),
        "removed" => lang.say("移除", "removed"),
        "renamed" => lang.say("更名", "renamed"),
        "meaning" => lang.say("含义改变", "other meaning"),
        "number" => lang.say("数值改变", "other number"),
        "text" => lang.say("文字改变", "other words"),
        "provenance_only" => lang.say("仅出处不同", "other place alone"),
        _ => lang.say("未变", "unchanged"),
    }
}

impl GlanceView {
    pub(super) fn of(glance: &Glance, factors: u64, home: &str, lang: Lang) -> Self {
        let counts = |name: &str| glance.facets.get(name).cloned().unwrap_or_default();
        let years = counts("year");
        let span = match (years.keys().next(), years.keys().next_back()) {
            (Some(first), Some(last)) if first == last => first.clone(),
            (Some(first), Some(last)) => format!("{first}–{last}"),
            _ => String::new(),
        };
        let flags = counts("flag");
        let link =
            |name: &str, value: &str| crate::web::address::Address::default().at(&format!("{home}/factors")).with(name, value).to_string();
        let mut kinds: Vec<(String, usize)> = counts("kind").into_iter().collect();
        kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let most = kinds.first().map_or(1, |(_, most)| (*most).max(1)) as u64;
        let kinds = kinds.into_iter().take(8).map(|(kind, number)| Counted {
            label: kind_name(&kind, lang),
            count: count(number as u64),
            width: (number as u64 * 100).div_ceil(most),
            href: link("kind", &kind),
        });
        let mut flags: Vec<(FlagTag, usize)> = flags.into_iter().map(|(code, number)| (FlagTag::of(&code, lang), number)).collect();
        flags.sort_by_key(|(tag, number)| {
            (["block", "warning", "info"].iter().position(|own| *own == tag.class), std::cmp::Reverse(*number))
        });
        let worst = flags.iter().filter(|(tag, _)| tag.class != "info").map(|(_, number)| *number).max().unwrap_or(0);
        let regions = counts("region").len();
        Self {
            years: span,
            regions: if regions == 200 { "200+".to_owned() } else { regions.to_string() },
            warned: format!("{}\u{202f}%", (worst as u64).saturating_mul(100).checked_div(factors).unwrap_or(0)),
            complete: glance.complete.clone().unwrap_or_default(),
            kinds: kinds.collect(),
            flags: flags
                .into_iter()
                .map(|(tag, number)| {
                    let href = link("flag", &tag.code);
                    (tag, count(number as u64), href)
                })
                .collect(),
        }
    }
}

/// The day of a release.
pub(super) fn published(release: &PublishedRelease) -> String {
    day(&release.published_at).to_owned()
}
