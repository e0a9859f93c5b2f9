//! The page of one factor: what the number means, where it stands, where it came from, and how it is proved.

mod charts;
mod flags;
mod parts;
mod sealed;
mod walk;

use askama::Template;

use super::address::{Address, path_of_key};
use super::charts::Chart;
use super::snippets::{Snippet, snippets};
use super::typeset;
use super::words;
use super::{Frame, Lang, ProofPanel, ShownFactor};
use crate::audit::{HistoryEntry, Provenance};
use crate::factor::{Decimal, Factor, Text};
use crate::product::Kin;
use crate::release::PublishedRelease;
use charts::{Charts, Matter, apart};
use flags::{FlagRow, flag_rows};
use walk::{CellView, InputRow, Step};

pub(super) use charts::{extremes, place};
pub(super) use parts::stage_name;
pub use sealed::{Sealed, sealed_page};

/// A factor as its page is given it.
#[derive(Clone, Copy)]
pub struct FactorView<'a> {
    /// Where the number came from, with the factor itself.
    pub from: &'a Provenance,
    /// Its release.
    pub release: &'a PublishedRelease,
    /// The same key over all releases.
    pub history: &'a [HistoryEntry],
    /// Its like.
    pub kin: &'a Kin,
    /// The latest release, where it is another, and the value of the same key there; nothing where it has none.
    pub newer: Option<(&'a str, Option<&'a Decimal>)>,
    /// Public address of the server, without a slash at its end.
    pub base: &'a str,
}

/// Something told in a line.
#[derive(Debug, Clone)]
struct Fact {
    label: String,
    text: String,
    href: Option<String>,
}

impl Fact {
    fn of(label: String, text: String) -> Self {
        Self { label, text, href: None }
    }

    fn to(self, href: Option<String>) -> Self {
        Self { href, ..self }
    }
}

/// Something that must be told first.
struct Banner {
    class: &'static str,
    title: String,
    text: String,
    href: Option<String>,
}

/// The key in one release.
struct Version {
    version: String,
    href: String,
    date: String,
    value: String,
    own: bool,
    change: String,
    /// `good`, `number`, `text` or nothing.
    class: &'static str,
    withdrawn: bool,
}

struct LicenceView {
    id: String,
    title: String,
    url: Option<String>,
    terms: String,
    attribution: String,
}

#[derive(Template)]
#[template(path = "factor/page.html")]
struct Page<'a> {
    frame: Frame,
    dataset: &'a str,
    dataset_title: String,
    version: String,
    key: &'a str,
    name: String,
    other_name: String,
    description: String,
    tags: Vec<String>,
    banners: Vec<Banner>,
    value: &'a str,
    unit: String,
    meaning: String,
    facts: Vec<Fact>,
    note: String,
    flags: Vec<FlagRow>,
    interval: Option<Chart>,
    parts: Vec<Chart>,
    quality: Option<Chart>,
    standing: Vec<Chart>,
    crowd: String,
    years: Option<Chart>,
    history: Vec<Version>,
    constant: String,
    source: Vec<Fact>,
    cell: Option<CellView>,
    steps: Vec<Step>,
    inputs: Vec<InputRow>,
    dependents: usize,
    built: String,
    licences: Vec<LicenceView>,
    cite: String,
    pin: String,
    digest: String,
    data: String,
    certificate: String,
    provenance: String,
    dependents_address: String,
    compare: String,
    snippets: Vec<Snippet>,
    panel: ProofPanel,
}

/// The page.
///
/// # Errors
/// As the template engine; none is known.
pub fn factor_page(frame: Frame, view: FactorView<'_>) -> Result<String, askama::Error> {
    let FactorView { from, release, base, .. } = view;
    let (lang, factor) = (frame.lang, &from.factor);
    let (dataset, version) = (from.dataset.as_str(), from.version.to_string());
    let api = format!("/v1/datasets/{dataset}/releases/{version}");
    let key_path = path_of_key(&from.key);
    let (digest, pin) = (from.digest.to_string(), format!("{dataset}@{version}#{}", from.key));
    let shown = ShownFactor { dataset, version: &version, key: &from.key, digest: &digest, value: Some(from.value.as_str()) };
    let panel = ProofPanel::factor(lang, base, shown);
    let charts = Charts::of(matter(&view, &release_path(from), lang));
    let page = Page {
        dataset,
        dataset_title: lang.text(&release.manifest.metadata.title),
        key: &from.key,
        name: named(&from.name, &from.key, lang),
        other_name: Some(named(&from.name, "", lang.other())).filter(|other| *other != named(&from.name, "", lang)).unwrap_or_default(),
        description: lang.text(&factor.description),
        tags: tags(factor, lang),
        banners: banners(&view, lang),
        value: from.value.as_str(),
        unit: typeset::unit(factor.metric.code(), &factor.per, lang),
        meaning: lang.pick(words::value(factor)),
        facts: facts(factor, lang),
        note: lang.text(&factor.note),
        flags: flag_rows(&factor.flags, &from.notices, lang),
        interval: charts.interval,
        parts: charts.parts,
        quality: charts.quality,
        standing: charts.standing,
        crowd: crowd(view.kin, lang),
        years: charts.years,
        constant: constant(view.history, lang),
        history: versions(&view, lang),
        source: walk::source(from, release, lang),
        cell: walk::cell(from),
        steps: walk::walk(from, lang),
        inputs: walk::inputs(&from.inputs, lang),
        dependents: from.dependents,
        built: lang.say(format!("有 {} 个因子以它为依据", from.dependents), format!("{} factors are built on it", from.dependents)),
        licences: licences(release, lang),
        cite: release.cite(&factor.source.id, factor.source.locator.as_deref(), &from.key),
        data: format!("{api}/factors/{key_path}"),
        certificate: format!("{api}/certificate/{key_path}"),
        provenance: format!("{api}/provenance/{key_path}"),
        dependents_address: format!("{api}/dependents/{key_path}"),
        compare: Address::new("/compare", "").with("factor", &pin).to_string(),
        snippets: snippets(base, (dataset, &version), &from.key, lang),
        version,
        pin,
        digest,
        panel,
        frame,
    };
    page.render()
}

/// One chart of the page, by its name.
pub fn factor_chart(view: FactorView<'_>, id: &str, lang: Lang) -> Option<Chart> {
    Charts::of(matter(&view, &release_path(view.from), lang)).named(id)
}

fn release_path(from: &Provenance) -> String {
    format!("/datasets/{}/releases/{}", from.dataset, from.version)
}

fn matter<'a>(view: &FactorView<'a>, release: &'a str, lang: Lang) -> Matter<'a> {
    Matter { factor: &view.from.factor, kin: view.kin, release, lang }
}

fn named(name: &Text, key: &str, lang: Lang) -> String {
    Some(lang.text(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| key.to_owned())
}

/// A gas with its digits below the line: `CH₄`; other names as they are.
pub(super) fn gas_sign(gas: &str) -> String {
    match gas {
        "CO2" => "CO₂".to_owned(),
        "CH4" => "CH₄".to_owned(),
        "N2O" => "N₂O".to_owned(),
        "SF6" => "SF₆".to_owned(),
        "NF3" => "NF₃".to_owned(),
        other => other.to_owned(),
    }
}

fn tags(factor: &Factor, lang: Lang) -> Vec<String> {
    let mut tags = vec![place(&factor.region, lang)];
    tags.extend(factor.year.map(|year| lang.say(format!("{year} 年"), year.to_string())));
    let kind = crate::factor::kinds().get(&factor.kind).map(|kind| lang.text(&kind.name));
    tags.push(kind.unwrap_or_else(|| factor.kind.clone()));
    tags.extend(factor.technology.clone());
    tags
}

fn facts(factor: &Factor, lang: Lang) -> Vec<Fact> {
    let fact = |zh: &str, en: &str, text: String| Fact::of(lang.say(zh, en), text);
    let unstated = || lang.say("来源未说明", "not stated by the source");
    let interval = |interval: &crate::factor::Interval| {
        format!("{} – {}", interval.from.as_deref().unwrap_or("…"), interval.to.as_deref().unwrap_or("…"))
    };
    let mut facts = vec![
        fact("计入", "Counts", lang.pick(words::metric(factor.metric))),
        fact("类型", "Kind", lang.pick(words::kind(&factor.kind))),
        fact("地区", "Region", lang.pick(words::region(&factor.region))),
    ];
    let mut time: Vec<String> = factor.year.iter().map(ToString::to_string).collect();
    time.extend((!factor.period.is_empty()).then(|| interval(&factor.period)));
    facts.push(fact("数据年份", "Data year", if time.is_empty() { unstated() } else { time.join(lang.either("，", ", ")) }));
    facts.extend((!factor.valid.is_empty()).then(|| fact("适用期", "Valid", interval(&factor.valid))));
    facts.extend(factor.published.clone().map(|date| fact("来源公布", "Published", date)));
    facts.push(fact("边界", "Boundary", factor.boundary.clone().unwrap_or_else(unstated)));
    facts.extend(factor.technology.clone().map(|own| fact("技术或行业", "Technology", own)));
    facts.extend(factor.gwp.as_deref().map(|gwp| fact("全球增温潜势", "GWP set", lang.pick(words::gwp(gwp)))));
    facts.extend(factor.basis.map(|basis| fact("计量基础", "Basis", lang.pick(words::basis(basis)))));
    facts.extend(factor.scope.clone().map(|scope| fact("核算范围", "Scope", scope)));
    facts.extend(factor.category.clone().map(|own| fact("类别", "Category", own)));
    facts.extend(factor.rule.clone().map(|own| fact("核算规则", "Rule", own)));
    facts.extend(factor.certificate.clone().map(|own| fact("认证", "Certificate", own)));
    facts.extend(factor.status.map(|status| fact("状态", "Status", lang.pick(words::status(status)))));
    let codes: Vec<String> = factor.classifications.iter().map(|own| format!("{} {}", own.scheme, own.code)).collect();
    facts.extend((!codes.is_empty()).then(|| fact("分类代码", "Codes", codes.join(lang.either("；", "; ")))));
    facts.push(fact("活动", "Activity", factor.activity.clone()));
    facts
}

fn banners(view: &FactorView<'_>, lang: Lang) -> Vec<Banner> {
    let from = view.from;
    let mut banners = Vec::new();
    if let Some(own) = &from.release.withdrawn {
        let title = lang.say("本版本已撤回，请勿使用", "This release is withdrawn: do not use it");
        let text = format!("{} · {}", typeset::day(&own.at), own.reason);
        banners.push(Banner { class: "block", title, text, href: None });
    }
    if let Some(own) = &from.release.superseded {
        let title = lang.say(format!("已由 {} 取代", own.by), format!("Superseded by {}", own.by));
        let text = format!("{} · {}", typeset::day(&own.at), own.reason);
        let href = own.by.split_once('@').map(|(dataset, version)| format!("/datasets/{dataset}/releases/{version}"));
        banners.push(Banner { class: "block", title, text, href });
    }
    let blocking: Vec<String> = from.factor.blocking_flags().map(|code| lang.pick(words::flag(code))).collect();
    if !blocking.is_empty() {
        let title = lang.say("带有“不宜使用”标记", "Flagged “do not use”");
        banners.push(Banner { class: "block", title, text: blocking.join(lang.either("；", "; ")), href: Some("#flags".into()) });
    }
    if let Some((version, value)) = view.newer {
        let href = Some(format!("/datasets/{}/releases/{version}/factors/{}", from.dataset, path_of_key(&from.key)));
        let banner = match value {
            Some(value) if value.same_number(&from.value) => Banner {
                class: "good",
                title: lang.say(format!("有更新的版本 {version}"), format!("There is a newer release, {version}")),
                text: lang.say("这个数在其中没有变化。", "The number is the same there."),
                href,
            },
            Some(value) => Banner {
                class: "warning",
                title: lang.say(format!("更新的版本 {version} 改为 {value}"), format!("The newer release {version} says {value}")),
                text: apart(&value.to_rational(), &from.value.to_rational(), lang).unwrap_or_default(),
                href,
            },
            None => Banner {
                class: "warning",
                title: lang.say(format!("更新的版本 {version} 中没有这个键"), format!("The newer release {version} has no such key")),
                text: String::new(),
                href: Some(format!("/datasets/{}/releases/{version}", from.dataset)),
            },
        };
        banners.push(banner);
    }
    banners
}

fn crowd(kin: &Kin, lang: Lang) -> String {
    if kin.more == 0 {
        return String::new();
    }
    lang.say(
        "同类因子太多，这里不画分布；请用查找按地区、年份等条件缩小范围。",
        "There are too many of its kind to draw here: narrow them down by region, year and others in the search.",
    )
}

fn versions(view: &FactorView<'_>, lang: Lang) -> Vec<Version> {
    let text =
        |entry: &HistoryEntry, name: &str| entry.release.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let own = view.from.version.to_string();
    let rows = view.history.iter().map(|entry| {
        let version = text(entry, "version");
        let fields = entry.fields.as_ref().and_then(Option::as_ref);
        let names: Vec<&str> = fields.into_iter().flatten().map(|change| change.field.as_str()).collect();
        let (class, change) = match (entry.changed, fields) {
            (None, _) => ("", lang.say("数值需要授权", "the number takes a grant")),
            (Some(_), None) => ("added", lang.say("首次出现", "first seen")),
            (Some(false), _) => ("good", lang.say("一字未改", "unchanged")),
            (Some(true), Some(_)) if names.contains(&"value") => ("number", lang.say("数值已变", "the number changed")),
            (Some(true), Some(_)) => {
                ("text", lang.say(format!("数值未变；变化：{}", names.join("、")), format!("same number; changed: {}", names.join(", "))))
            }
        };
        Version {
            href: format!("/datasets/{}/releases/{version}/factors/{}", view.from.dataset, path_of_key(&view.from.key)),
            date: typeset::day(&entry.published_at).to_owned(),
            value: entry.value.as_ref().and_then(serde_json::Value::as_str).unwrap_or("–").to_owned(),
            own: version == own,
            withdrawn: entry.release.get("withdrawn").is_some_and(|own| !own.is_null()),
            change,
            class,
            version,
        }
    });
    let mut rows: Vec<Version> = rows.collect();
    rows.reverse();
    rows
}

fn constant(history: &[HistoryEntry], lang: Lang) -> String {
    let values: Vec<Decimal> = history.iter().filter_map(|entry| entry.value.as_ref()?.as_str()?.parse().ok()).collect();
    let changes = values.windows(2).filter(|pair| matches!(pair, [a, b] if !a.same_number(b))).count();
    let releases = history.len();
    match (releases, changes) {
        (0 | 1, _) => lang.say("只在一个版本中出现过。", "Only one release has it."),
        (_, 0) => lang.say(format!("在 {releases} 个版本中数值没有变过。"), format!("The same number in all {releases} releases.")),
        (_, 1) => lang.say(format!("在 {releases} 个版本中数值变过一次。"), format!("The number changed once over {releases} releases.")),
        _ => lang.say(
            format!("在 {releases} 个版本中数值变过 {changes} 次。"),
            format!("The number changed {changes} times over {releases} releases."),
        ),
    }
}

fn licences(release: &PublishedRelease, lang: Lang) -> Vec<LicenceView> {
    use crate::dataset::Redistribution;
    let terms = |class: Redistribution| match class {
        Redistribution::Full => lang.say("数值与原文件均可转发", "numbers and the original may be passed on"),
        Redistribution::ValuesOnly => lang.say("数值可转发，原文件不可", "numbers may be passed on, the original may not"),
        Redistribution::MetadataOnly => lang.say("只可转发元数据", "metadata alone may be passed on"),
        Redistribution::None => lang.say("不可转发", "nothing may be passed on"),
    };
    release
        .manifest
        .metadata
        .licences
        .iter()
        .map(|own| LicenceView {
            id: own.id.clone(),
            title: own.title.clone().unwrap_or_default(),
            url: own.url.clone().filter(|url| walk::is_web(url)),
            terms: terms(own.redistribution),
            attribution: lang.text(&own.attribution),
        })
        .collect()
}

/// Path of a factor's page behind that of its release.
fn path_of(key: &str) -> String {
    path_of_key(key)
}
