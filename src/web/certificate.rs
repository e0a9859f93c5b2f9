//! The certificate of one number: one A4 page in Chinese and English, to be printed and kept with a report.

use askama::Template;

use super::qr::{QrPath, qr_path};
use super::words::{self, Both};
use crate::audit::Provenance;
use crate::dataset::Licence;
use crate::factor::Factor;
use crate::release::PublishedRelease;

/// The `Content-Security-Policy` of pages: their own inline styles and nothing else.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A label and what it says in both languages.
struct Row {
    label: Both,
    text: Both,
    /// Set where both columns say the same.
    shared: bool,
}

/// Rows under a heading.
struct Section {
    title: Both,
    rows: Vec<Row>,
}

/// Something that must not be overlooked.
struct Banner {
    title: Both,
    text: String,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct Page<'a> {
    title: Both,
    name: Both,
    value: Both,
    release: String,
    banners: Vec<Banner>,
    sections: Vec<Section>,
    address: String,
    link: Option<&'a str>,
    qr: Option<QrPath>,
    command: String,
    proof: String,
}

/// The page of one number.
///
/// `base` is the public address of the server, without a final slash; where it is not known, addresses begin with `/` and
/// there is no QR code. Nothing in the page is trusted: every text is escaped, and only `http` addresses become links.
///
/// # Errors
/// As the template engine; none is known.
pub fn certificate(from: &Provenance, release: &PublishedRelease, base: Option<&str>) -> Result<String, askama::Error> {
    let id = release.id();
    let path = format!("/v1/datasets/{}/releases/{}/certificate/{}", from.dataset, from.version, from.key);
    let address = format!("{}{path}", base.unwrap_or_default());
    let proof = format!("{}/v1/log/proof?dataset={}&version={}&key={}", base.unwrap_or_default(), from.dataset, from.version, from.key);
    let page = Page {
        title: Both::of(&release.manifest.metadata.title, &from.dataset),
        name: Both::of(&from.name, &from.key),
        value: words::value(&from.factor),
        release: id.clone(),
        banners: banners(from),
        sections: vec![
            Section { title: Both::new("含义", "What it means"), rows: meaning(&from.factor) },
            Section { title: Both::new("出处", "Where it stood"), rows: origin(from, release) },
            Section { title: Both::new("版本与日志", "Release and log"), rows: evidence(from, &id) },
            Section { title: Both::new("经手人", "Who did what"), rows: reviews(from) },
        ],
        link: base.map(|_| address.as_str()),
        qr: base.and_then(|_| qr_path(&address)),
        command: if base.is_some() {
            format!("curl -o proof.json '{proof}' && tanyin verify proof.json --key VKEY")
        } else {
            format!("tanyin verify {id}")
        },
        proof,
        address: address.clone(),
    };
    page.render()
}

fn row(zh: &str, en: &str, text: Both) -> Row {
    Row { label: Both::new(zh, en), shared: text.zh == text.en, text }
}

fn banners(from: &Provenance) -> Vec<Banner> {
    let mut banners = Vec::new();
    if let Some(withdrawn) = &from.release.withdrawn {
        let title = Both::new("已撤回，请勿使用", "WITHDRAWN: DO NOT USE");
        banners.push(Banner { title, text: format!("{}: {}", withdrawn.at, withdrawn.reason) });
    }
    if let Some(superseded) = &from.release.superseded {
        let title = Both::new("已被取代", "Superseded");
        banners.push(Banner { title, text: format!("{}, {}: {}", superseded.by, superseded.at, superseded.reason) });
    }
    for notice in &from.notices {
        let title = words::flag(notice.flag);
        banners.push(Banner { title, text: format!("{}, {}: {}", notice.by, notice.at, notice.why) });
    }
    for flag in from.factor.blocking_flags() {
        banners.push(Banner {
            title: Both::new("不宜使用", "Do not use"),
            text: format!("{} · {}", words::flag(flag).zh, words::flag(flag).en),
        });
    }
    banners
}

fn meaning(factor: &Factor) -> Vec<Row> {
    let mut rows = vec![row("类型", "Kind", words::kind(&factor.kind)), row("指标", "Metric", words::metric(factor.metric))];
    rows.extend(factor.gwp.as_deref().map(|gwp| row("全球增温潜势", "GWP set", words::gwp(gwp))));
    rows.push(row("地区", "Region", words::region(&factor.region)));
    let interval =
        |from: &Option<String>, to: &Option<String>| format!("{} – {}", from.as_deref().unwrap_or("…"), to.as_deref().unwrap_or("…"));
    let mut time: Vec<String> = factor.year.iter().map(ToString::to_string).collect();
    if !factor.period.is_empty() {
        time.push(interval(&factor.period.from, &factor.period.to));
    }
    rows.push(row(
        "数据年份",
        "Data year",
        if time.is_empty() { Both::new("来源未说明", "not stated") } else { Both::same(time.join(", ")) },
    ));
    if !factor.valid.is_empty() {
        rows.push(row("适用期", "Valid", Both::same(interval(&factor.valid.from, &factor.valid.to))));
    }
    let boundary = factor.boundary.as_ref().map_or_else(|| Both::new("来源未说明", "not stated"), Both::same);
    rows.push(row("边界", "Boundary", boundary));
    rows.extend(factor.technology.as_ref().map(|technology| row("技术或行业", "Technology", Both::same(technology))));
    rows.extend(factor.basis.map(|basis| row("计量基础", "Basis", words::basis(basis))));
    rows.extend(factor.scope.as_ref().map(|scope| row("范围", "Scope", Both::same(scope))));
    rows.extend(factor.status.map(|status| row("状态", "Status", words::status(status))));
    let flags: Vec<Both> = factor.flags.iter().map(|flag| words::flag(flag)).collect();
    rows.push(row("标记", "Flags", if flags.is_empty() { Both::new("无", "none") } else { Both::list(&flags) }));
    rows
}

fn origin(from: &Provenance, release: &PublishedRelease) -> Vec<Row> {
    let (metadata, source) = (&release.manifest.metadata, &from.factor.source);
    let mut rows = vec![row("来源文件", "Source", Both::new(from.source.citation.clone(), metadata.citation_en(&source.id)))];
    rows.extend(from.source.level.map(|level| row("来源级别", "Level", words::level(level))));
    rows.extend(source.locator.as_ref().map(|locator| row("位置", "Locator", Both::same(locator))));
    let cell: Vec<&str> = [source.value_text.as_deref(), source.unit_text.as_deref()].into_iter().flatten().collect();
    if !cell.is_empty() {
        rows.push(row("原文", "As written", Both::same(cell.join(" "))));
    }
    let url = from.source.document.as_ref().and_then(|document| document.url.clone().or_else(|| document.landing_page.clone()));
    rows.extend(url.map(|url| row("网址", "Address", Both::same(url))));
    let licences: Vec<Both> = metadata.licences.iter().map(licence).collect();
    rows.push(row("许可", "Licence", Both::list(&licences)));
    if !from.inputs.is_empty() {
        let inputs = from.inputs.iter().map(|input| format!("{}@{}#{}", input.dataset, input.version, input.key));
        rows.push(row("计算自", "Computed from", Both::same(inputs.collect::<Vec<_>>().join("; "))));
    }
    rows
}

fn licence(licence: &Licence) -> Both {
    let words = [Some(&licence.id), licence.title.as_ref()].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let attribution = Both::of(&licence.attribution, "");
    let with = |attribution: &str| if attribution.is_empty() { words.clone() } else { format!("{words}. {attribution}") };
    Both::new(with(&attribution.zh), with(&attribution.en))
}

fn evidence(from: &Provenance, id: &str) -> Vec<Row> {
    let (release, checkpoint) = (&from.release, &from.checkpoint);
    let place = Both::new(
        format!("{} · 第 {} 行，共 {} 行", from.key, from.index + 1, release.factors),
        format!("{} · line {} of {}", from.key, from.index + 1, release.factors),
    );
    let log =
        Both::new(format!("{}，叶序号 {}", checkpoint.origin, release.leaf), format!("{}, leaf index {}", checkpoint.origin, release.leaf));
    vec![
        row("版本", "Release", Both::same(format!("{id} · {}", release.published_at))),
        row("因子", "Key", place),
        row("本行摘要", "Line digest", Both::same(from.digest.to_string())),
        row("清单摘要", "Manifest", Both::same(release.manifest.to_string())),
        row("透明日志", "Log", log),
        row("检查点", "Checkpoint", Both::same(format!("{} · {} · {}", checkpoint.origin, checkpoint.size, checkpoint.root))),
    ]
}

fn reviews(from: &Provenance) -> Vec<Row> {
    let act = |by: &str, at: &str| Both::same(format!("{by} · {at}"));
    let mut rows = vec![row("导入", "Imported", act(&from.import.by, &from.import.finished_at))];
    rows.push(row("提交", "Submitted", act(&from.submitted.by, &from.submitted.at)));
    for review in &from.reviews {
        let key = review
            .key
            .as_ref()
            .map_or_else(|| Both::new("未签名", "not signed"), |key| Both::new(format!("签名密钥 {key}"), format!("signed with {key}")));
        let text = |key: &str| format!("{} · {} · {key}", review.by, review.at);
        rows.push(row("批准", "Approved", Both::new(text(&key.zh), text(&key.en))));
    }
    if from.reviews.is_empty() {
        let none = Both::new(
            format!("无（要求 {} 人）", from.release.approvals_required),
            format!("none ({} required)", from.release.approvals_required),
        );
        rows.push(row("批准", "Approved", none));
    }
    rows.push(row("发布", "Published", act(&from.published.by, &from.published.at)));
    rows
}
