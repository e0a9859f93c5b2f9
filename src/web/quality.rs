//! The quality of a release as a page.

use askama::Template;
use askama::filters::HtmlSafe;

use super::address::path_of_key;
use super::{FlagTag, Lang, kind_name};
use crate::audit::ReleaseQuality;

struct FlagRow {
    class: &'static str,
    name: String,
    code: String,
    counts: [u64; 3],
}

struct Bar {
    label: String,
    width: u64,
    text: String,
}

struct Found {
    flag: String,
    key: String,
    href: String,
    evidence: String,
    rule: String,
}

/// A quality report, ready to be shown: `{{ quality }}` writes it, on a page of its own or in the frame.
#[derive(Template)]
#[template(path = "quality_body.html")]
pub struct QualityView {
    lang: Lang,
    pub(super) as_of: String,
    factors: u64,
    completeness: String,
    severities: Vec<[String; 3]>,
    flags: Vec<FlagRow>,
    told: Vec<Bar>,
    years: Vec<Bar>,
    kinds: Vec<Bar>,
    outliers: Vec<Found>,
    raised: Vec<Found>,
    raised_total: u64,
    import: String,
    items: Vec<[String; 3]>,
}

#[derive(Template)]
#[template(path = "quality.html")]
struct Page {
    lang: Lang,
    release: String,
    quality: QualityView,
}

/// The page of a quality report.
///
/// # Errors
/// As the template engine; none is known.
pub fn quality_page(found: &ReleaseQuality, lang: Lang) -> Result<String, askama::Error> {
    Page { lang, release: format!("{}@{}", found.dataset, found.version), quality: QualityView::of(found, None, lang) }.render()
}

impl HtmlSafe for QualityView {}

impl QualityView {
    /// A report in words; `factors` is the page of a factor up to its key, where there is one.
    pub fn of(found: &ReleaseQuality, factors: Option<&str>, lang: Lang) -> Self {
        let report = &found.report;
        let severity = |code: &str| match code {
            "block" => lang.say("不宜使用", "blocking"),
            "warning" => lang.say("警示", "warning"),
            "info" => lang.say("提示", "note"),
            _ => lang.say("无标记", "no flag"),
        };
        let flags = report.flags.iter().map(|(code, count)| FlagRow {
            class: match count.severity {
                crate::factor::FlagSeverity::Block => "block",
                crate::factor::FlagSeverity::Warning => "warning",
                crate::factor::FlagSeverity::Info => "info",
            },
            name: FlagTag::of(code, lang).name,
            code: code.clone(),
            counts: [count.released, count.later, count.raised],
        });
        let all = found.import.findings;
        Self {
            lang,
            as_of: report.as_of.clone(),
            factors: report.factors,
            completeness: report.completeness.clone(),
            severities: ["block", "warning", "info", "none"]
                .map(|code| [code.to_owned(), severity(code), report.severities.get(code).copied().unwrap_or(0).to_string()])
                .to_vec(),
            flags: flags.collect(),
            told: report
                .told
                .iter()
                .map(|(name, share)| bar(&told_word(name, lang), share.factors, report.factors, &format!("{} %", share.percent)))
                .collect(),
            years: report.years.iter().map(|(year, count)| bar(year, *count, report.factors, &count.to_string())).collect(),
            kinds: report
                .kinds
                .iter()
                .map(|(kind, count)| bar(&kind_name(kind, lang), *count, report.factors, &count.to_string()))
                .collect(),
            outliers: report.outliers.iter().map(|own| found_row(own, factors, lang)).collect(),
            raised: report.raised.iter().filter(|own| own.flag != "outlier").map(|own| found_row(own, factors, lang)).collect(),
            raised_total: report.raised_total,
            import: lang.say(
                format!("{} 行；错误 {}，警告 {}，提示 {}", found.import.rows, all.error, all.warning, all.info),
                format!("{} rows; {} errors, {} warnings, {} notes", found.import.rows, all.error, all.warning, all.info),
            ),
            items: found
                .import
                .items
                .iter()
                .take(100)
                .map(|item| [item.row.map(|row| row.to_string()).unwrap_or_default(), item.rule.clone(), item.message.clone()])
                .collect(),
        }
    }
}

/// What a factor can tell, in words.
fn told_word(name: &str, lang: Lang) -> String {
    match name {
        "uncertainty" => lang.say("不确定度", "uncertainty"),
        "dqr" => lang.say("数据质量评分", "data quality rating"),
        "gases" => lang.say("分气体", "gases"),
        "locator" => lang.say("来源中的位置", "place in the source"),
        "value_text" => lang.say("来源原文", "verbatim cell"),
        "year" => lang.say("数据年份", "data year"),
        "boundary" => lang.say("系统边界", "boundary"),
        "source_level" => lang.say("来源级别", "level of the source"),
        "classifications" => lang.say("分类代码", "classification codes"),
        other => other.to_owned(),
    }
}

fn bar(label: &str, part: u64, all: u64, text: &str) -> Bar {
    let width = part.saturating_mul(100).checked_div(all).unwrap_or(0).max(u64::from(part > 0));
    Bar { label: label.to_owned(), width, text: text.to_owned() }
}

fn found_row(own: &crate::quality::Raised, factors: Option<&str>, lang: Lang) -> Found {
    Found {
        flag: FlagTag::of(&own.flag, lang).name,
        href: factors.map(|start| format!("{start}{}", path_of_key(&own.key))).unwrap_or_default(),
        key: own.key.clone(),
        evidence: own.evidence.clone(),
        rule: format!("{} {}", own.rule, own.rule_version),
    }
}
