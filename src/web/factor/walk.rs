//! Where a number came from: its source in words, its cell, and the walk from document to log, step by step.

use crate::audit::Provenance;
use crate::release::{Input, InputKnown, PublishedRelease};
use crate::web::Lang;
use crate::web::address::path_of_key;
use crate::web::typeset::{count, day, size};
use crate::web::words;

use super::Fact;

/// A step of the walk.
pub(super) struct Step {
    pub(super) name: String,
    pub(super) text: String,
    /// Set in the letters of code.
    pub(super) code: String,
    pub(super) href: Option<String>,
}

/// Something that the number was computed from.
pub(super) struct InputRow {
    pub(super) pin: String,
    pub(super) href: Option<String>,
    pub(super) state: String,
    pub(super) bad: bool,
}

/// The cell of the source, as it was written.
pub(super) struct CellView {
    pub(super) value: String,
    pub(super) unit: String,
    pub(super) same: bool,
}

pub(super) fn cell(from: &Provenance) -> Option<CellView> {
    let value = from.source.value_text.clone()?;
    Some(CellView { same: value.trim() == from.value.as_str(), value, unit: from.source.unit_text.clone().unwrap_or_default() })
}

pub(super) fn source(from: &Provenance, release: &PublishedRelease, lang: Lang) -> Vec<Fact> {
    let metadata = &release.manifest.metadata;
    let citation = lang.say(from.source.citation.clone(), metadata.citation_en(&from.factor.source.id));
    let document = from.source.document.as_ref();
    let url = document.and_then(|document| document.url.clone().or_else(|| document.landing_page.clone())).filter(|url| is_web(url));
    let mut facts = vec![Fact::of(lang.say("来源文件", "Document"), citation).to(url)];
    facts.extend(from.source.level.map(|level| Fact::of(lang.say("来源级别", "Level"), lang.pick(words::level(level)))));
    facts.extend(from.source.locator.clone().map(|locator| Fact::of(lang.say("在文件中的位置", "Place in it"), locator)));
    let import = &from.import;
    let row = from.read.as_ref().map(|place| lang.say(format!("，第 {} 行", place.row), format!(", row {}", place.row)));
    let bytes = u64::try_from(from.file.bytes).unwrap_or(0);
    let file = format!("{}{} · {}", import.file_name, row.unwrap_or_default(), size(bytes));
    let file = Fact::of(lang.say("导入的文件", "File imported"), file).to(from.file.href.clone());
    facts.push(file);
    if from.file.href.is_none() {
        let why = match (from.file.kept, from.file.redistributable) {
            (false, _) => lang.say("本服务器没有保存原文件", "the file is not kept on this server"),
            (true, false) => lang.say("许可不允许转发原文件", "its licence does not permit passing the file on"),
            (true, true) => lang.say("需要授权", "it takes a grant"),
        };
        facts.push(Fact::of(lang.say("原文件", "Original"), why));
    }
    for edit in &from.edits {
        let at = day(&edit.at);
        facts.push(Fact::of(
            lang.say("人工修改", "Edited by hand"),
            lang.say(format!("{at}，{}：{}", edit.by, edit.reason), format!("{at}, {}: {}", edit.by, edit.reason)),
        ));
    }
    facts
}

/// Whether a text may become a link.
pub(super) fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The walk, from the document to the log.
pub(super) fn walk(from: &Provenance, lang: Lang) -> Vec<Step> {
    let step = |name: String, text: String, code: String| Step { name, text, code, href: None };
    let act = |by: &str, at: &str| format!("{by} · {}", day(at));
    let (release, import) = (&from.release, &from.import);
    let rows = u64::try_from(import.rows).unwrap_or(0);
    let mut steps = vec![
        Step {
            href: from.file.href.clone(),
            ..step(
                lang.say("文件", "File"),
                lang.say(format!("{}，{} 行", import.file_name, count(rows)), format!("{}, {} rows", import.file_name, count(rows))),
                from.file.digest.to_string(),
            )
        },
        step(
            lang.say("导入", "Import"),
            lang.say(
                format!("{} · 规则集 {} · {} 条警告", act(&import.by, &import.finished_at), import.profile, import.warnings),
                format!("{} · profile {} · {} warnings", act(&import.by, &import.finished_at), import.profile, import.warnings),
            ),
            String::new(),
        ),
        step(lang.say("规范行", "Canonical line"), first(from, lang), from.digest.to_string()),
        step(lang.say("提交", "Submitted"), act(&from.submitted.by, &from.submitted.at), String::new()),
    ];
    for review in &from.reviews {
        let key = review.key.as_ref().map(|key| lang.say(format!("已签名 {key}"), format!("signed with {key}")));
        steps.push(step(lang.say("批准", "Approved"), act(&review.by, &review.at), key.unwrap_or_default()));
    }
    if from.reviews.is_empty() {
        let wanted = release.approvals_required;
        steps.push(step(
            lang.say("评审", "Review"),
            lang.say(format!("无（该数据集要求 {wanted} 人批准）"), format!("none (the dataset wants {wanted} approvals)")),
            String::new(),
        ));
    }
    let home = format!("/datasets/{}/releases/{}", from.dataset, from.version);
    steps.push(Step {
        href: Some(home),
        ..step(
            lang.say("发布", "Published"),
            format!("{}@{} · {}", from.dataset, from.version, act(&from.published.by, &from.published.at)),
            release.manifest.to_string(),
        )
    });
    steps.push(Step {
        href: Some("/log".to_owned()),
        ..step(
            lang.say("透明日志", "Log"),
            lang.say(
                format!("叶序号 {}；检查点共 {} 叶", release.leaf, from.checkpoint.size),
                format!("leaf index {}; the checkpoint covers {} leaves", release.leaf, from.checkpoint.size),
            ),
            from.checkpoint.root.clone(),
        )
    });
    steps
}

fn first(from: &Provenance, lang: Lang) -> String {
    let (version, at) = (&from.first.version, day(&from.first.published_at));
    if *version == from.version {
        return lang.say(format!("在本版本（{at}）首次出现"), format!("first seen in this release ({at})"));
    }
    lang.say(format!("自 {version}（{at}）起一字未改"), format!("unchanged, byte for byte, since {version} ({at})"))
}

pub(super) fn inputs(all: &[Input], lang: Lang) -> Vec<InputRow> {
    all.iter()
        .map(|input| {
            let (state, bad) = match (&input.withdrawn, input.known, &input.newer) {
                (Some(withdrawn), ..) => {
                    (lang.say(format!("已撤回：{}", withdrawn.reason), format!("withdrawn: {}", withdrawn.reason)), true)
                }
                (None, InputKnown::No, _) => (lang.say("本服务器没有", "not on this server"), false),
                (None, InputKnown::Hidden, _) => (lang.say("需要授权", "takes a grant"), false),
                (None, InputKnown::Release, _) => (lang.say("该版本中没有这个键", "that release has no such key"), true),
                (None, InputKnown::Factor, Some(newer)) => {
                    (lang.say(format!("{} 中已变化", newer.version), format!("other in {}", newer.version)), true)
                }
                (None, InputKnown::Factor, None) => (lang.say("仍为最新", "still current"), false),
            };
            let reachable = input.known == InputKnown::Factor;
            let href =
                reachable.then(|| format!("/datasets/{}/releases/{}/factors/{}", input.dataset, input.version, path_of_key(&input.key)));
            InputRow { pin: format!("{}@{}#{}", input.dataset, input.version, input.key), href, state, bad }
        })
        .collect()
}
