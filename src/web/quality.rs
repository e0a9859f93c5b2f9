//! The quality of a release as a page.

use askama::Template;

use super::{Lang, words};
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
    evidence: String,
    rule: String,
}

#[derive(Template)]
#[template(path = "quality.html")]
struct Page<'a> {
    lang: Lang,
    release: String,
    as_of: &'a str,
    factors: u64,
    completeness: &'a str,
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

/// The page of a quality report.
///
/// # Errors
/// As the template engine; none is known.
pub fn quality_page(found: &ReleaseQuality, lang: Lang) -> Result<String, askama::Error> {
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
        name: lang.pick(words::flag(code)),
        code: code.clone(),
        counts: [count.released, count.later, count.raised],
    });
    let all = found.import.findings;
    let page = Page {
        lang,
        release: format!("{}@{}", found.dataset, found.version),
        as_of: &report.as_of,
        factors: report.factors,
        completeness: &report.completeness,
        severities: ["block", "warning", "info", "none"]
            .map(|code| [code.to_owned(), severity(code), report.severities.get(code).copied().unwrap_or(0).to_string()])
            .to_vec(),
        flags: flags.collect(),
        told: report.told.iter().map(|(name, share)| bar(name, share.factors, report.factors, &format!("{} %", share.percent))).collect(),
        years: report.years.iter().map(|(year, count)| bar(year, *count, report.factors, &count.to_string())).collect(),
        kinds: report
            .kinds
            .iter()
            .map(|(kind, count)| bar(&lang.pick(words::kind(kind)), *count, report.factors, &count.to_string()))
            .collect(),
        outliers: report.outliers.iter().map(|own| found_row(own, lang)).collect(),
        raised: report.raised.iter().filter(|own| own.flag != "outlier").map(|own| found_row(own, lang)).collect(),
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
    };
    page.render()
}

fn bar(label: &str, part: u64, all: u64, text: &str) -> Bar {
    let width = part.saturating_mul(100).checked_div(all).unwrap_or(0).max(u64::from(part > 0));
    Bar { label: label.to_owned(), width, text: text.to_owned() }
}

fn found_row(own: &crate::quality::Raised, lang: Lang) -> Found {
    Found {
        flag: lang.pick(words::flag(&own.flag)),
        key: own.key.clone(),
        evidence: own.evidence.clone(),
        rule: format!("{} {}", own.rule, own.rule_version),
    }
}
