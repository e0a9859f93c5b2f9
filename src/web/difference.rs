//! A difference as a page: what changed, how far, and what demands the version, on one screen; the changes below.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;

use super::Lang;
use super::address::path_of_key;
use super::typeset::{THIN, count, unit};
use crate::bulk::{ChangeRow, Summary};
use crate::dataset::{Bump, RANGES};

/// A number with a label.
struct Tile {
    class: &'static str,
    label: String,
    count: String,
    href: String,
    here: bool,
}

/// A bar of a chart: its share of the longest one in percent, a whole number.
struct Bar {
    label: String,
    width: u64,
    count: String,
}

/// A change as the page tells it.
struct Change {
    class: &'static str,
    label: String,
    key: String,
    href: String,
    from: String,
    to: String,
    unit: String,
    percent: String,
    rises: bool,
    fields: Vec<[String; 3]>,
}

/// A difference, ready to be shown: `{{ difference }}` writes it, on a page of its own or in the frame.
#[derive(Template)]
#[template(path = "difference_body.html")]
pub struct DifferenceView {
    pub(super) lang: Lang,
    pub(super) from: String,
    pub(super) to: String,
    bump: &'static str,
    verdict: String,
    reasons: Vec<String>,
    tiles: Vec<Tile>,
    bars: Vec<Bar>,
    middle: String,
    members: Vec<Bar>,
    renames: Vec<[String; 4]>,
    changes: Vec<Change>,
    note: String,
}

/// Where the parts of a difference lead; nowhere where a page stands alone.
#[derive(Debug, Clone, Default)]
pub struct DifferenceLinks {
    /// The page of a factor before, up to its key.
    pub before: Option<String>,
    /// The page of a factor after, up to its key.
    pub after: Option<String>,
    /// The page with the changes of one class alone, by class.
    pub classes: BTreeMap<&'static str, String>,
    /// The class that is listed alone.
    pub class: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "difference.html")]
struct Page {
    lang: Lang,
    title: String,
    difference: DifferenceView,
    links: Vec<[String; 2]>,
}

/// The page of a difference. `rows` are the changes that are listed, `links` the other forms of the same (address, words).
///
/// # Errors
/// As the template engine; none is known.
pub fn difference_page(summary: &Summary, rows: &[ChangeRow], links: Vec<[String; 2]>, lang: Lang) -> Result<String, askama::Error> {
    let difference = DifferenceView::of(summary, rows, &DifferenceLinks::default(), lang);
    Page { lang, title: lang.say("版本差异", "What changed"), difference, links }.render()
}

impl HtmlSafe for DifferenceView {}

impl DifferenceView {
    /// A difference in words; `rows` are the changes that are listed.
    pub fn of(summary: &Summary, rows: &[ChangeRow], links: &DifferenceLinks, lang: Lang) -> Self {
        let counts = summary.counts;
        let listed = [
            ("added", counts.added),
            ("removed", counts.removed),
            ("renamed", counts.renamed),
            ("meaning", counts.meaning),
            ("number", counts.number),
            ("text", counts.text),
        ];
        let wanted = |class: &str| links.class.is_none_or(|own| own == class);
        let changed: u64 = listed.iter().filter(|(class, _)| wanted(class)).map(|(_, count)| count).sum();
        let quiet = [("provenance_only", counts.provenance_only), ("unchanged", counts.unchanged)];
        let tile = |(class, number): (&'static str, u64)| Tile {
            class: if number > 0 { class } else { "zero" },
            label: class_word(class, lang),
            count: count(number),
            href: links.classes.get(class).filter(|_| number > 0).cloned().unwrap_or_default(),
            here: links.class == Some(class),
        };
        let shown = rows.len();
        let note = match shown as u64 == changed {
            true => String::new(),
            false => lang.say(format!("共 {changed} 项变化，以下列出 {shown} 项。"), format!("{shown} of {changed} changes are listed.")),
        };
        Self {
            lang,
            from: summary.from.clone().unwrap_or_else(|| lang.say("（首次发布）", "(first release)")),
            to: summary.to.clone(),
            bump: bump_code(summary.bump),
            verdict: verdict(summary.bump, lang),
            reasons: summary.reasons.iter().map(|reason| reason_words(&reason.what, reason.factors, lang)).collect(),
            tiles: listed.into_iter().chain(quiet).map(tile).collect(),
            bars: if counts.number + counts.renamed > 0 { buckets(summary, lang) } else { Vec::new() },
            middle: middle(summary, lang),
            members: bars(summary.members.iter().map(|member| (member.member.clone(), member.factors)).collect()),
            renames: summary
                .possible_renames
                .iter()
                .map(|pair| [pair.from.clone(), pair.to.clone(), pair.score.to_string(), pair.reasons.join("; ")])
                .collect(),
            changes: rows.iter().map(|row| change(row, links, lang)).collect(),
            note,
        }
    }
}

fn bump_code(bump: Bump) -> &'static str {
    match bump {
        Bump::None => "NONE",
        Bump::Patch => "PATCH",
        Bump::Minor => "MINOR",
        Bump::Major => "MAJOR",
    }
}

fn verdict(bump: Bump, lang: Lang) -> String {
    match bump {
        Bump::None => lang.say("没有差异：无需发布。", "Nothing differs: there is nothing to release."),
        Bump::Patch => lang.say("仅文字变化：数值与含义不变。", "Words changed; every number and meaning stays."),
        Bump::Minor => {
            lang.say("数值有增改：含义不变，没有因子消失。", "Numbers were added or changed; no factor went and none means another thing.")
        }
        Bump::Major => lang.say(
            "含义改变或因子消失：使用者需逐项核对。",
            "Meaning changed, a key is gone, or a licence narrowed: whoever uses it must look.",
        ),
    }
}

/// A reason in words: `1016 × price_year`.
fn reason_words(what: &str, factors: u64, lang: Lang) -> String {
    match what {
        "metadata" => lang.say("标题、许可、来源或贡献者", "title, licences, sources or contributors"),
        "added" | "removed" | "renamed" => format!("{factors} × {}", class_word(what, lang)),
        member => format!("{factors} × {member}"),
    }
}

fn class_word(class: &str, lang: Lang) -> String {
    match class {
        "added" => lang.say("新增", "added"),
        "removed" => lang.say("移除", "removed"),
        "renamed" => lang.say("更名", "renamed"),
        "meaning" => lang.say("含义改变", "other meaning"),
        "number" => lang.say("数值改变", "other number"),
        "text" => lang.say("文字改变", "other words"),
        "provenance_only" => lang.say("仅出处或写法不同", "read elsewhere or written otherwise"),
        _ => lang.say("未变", "unchanged"),
    }
}

fn buckets(summary: &Summary, lang: Lang) -> Vec<Bar> {
    let word = |range: &str| match range {
        "over-100" => "> 100 %".to_owned(),
        "sign" => lang.say("正负号改变", "sign changed"),
        "from-zero" => lang.say("由零变来", "from zero"),
        "to-zero" => lang.say("变为零", "to zero"),
        "same" => lang.say("数值本身未变", "value itself stayed"),
        other => format!("{} %", other.replace('-', "–")),
    };
    let counts = summary.magnitude.buckets.iter().filter(|bucket| RANGES.contains(&bucket.range));
    bars(counts.map(|bucket| (word(bucket.range), bucket.factors)).collect())
}

fn bars(items: Vec<(String, u64)>) -> Vec<Bar> {
    let longest = items.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let width = |count: u64| count.saturating_mul(100).div_ceil(longest);
    items.into_iter().map(|(label, count)| Bar { label, width: width(count), count: count.to_string() }).collect()
}

fn middle(summary: &Summary, lang: Lang) -> String {
    let magnitude = &summary.magnitude;
    match (&magnitude.median_percent, &magnitude.max_percent, &magnitude.largest) {
        (Some(median), Some(max), Some(key)) => {
            lang.say(format!("中位数 {median} %，最大 {max} %（{key}）"), format!("median {median} %, largest {max} % ({key})"))
        }
        _ => lang.say("没有数值变动。", "No number moved."),
    }
}

fn change(row: &ChangeRow, links: &DifferenceLinks, lang: Lang) -> Change {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => "—".to_owned(),
        serde_json::Value::String(text) => short(text),
        other => short(&other.to_string()),
    };
    let fields = row.fields.iter().filter(|field| field.field != "value");
    let percent = row.percent.as_ref().map(ToString::to_string).filter(|percent| percent != "0").unwrap_or_default();
    Change {
        class: row.change,
        label: class_word(row.change, lang),
        href: if row.change == "removed" { &links.before } else { &links.after }
            .as_ref()
            .map(|start| format!("{start}{}", path_of_key(&row.key)))
            .unwrap_or_default(),
        key: row.key.clone(),
        from: row.from_value.clone().unwrap_or_default(),
        to: row.to_value.clone().unwrap_or_default(),
        unit: row
            .unit
            .strip_prefix("kg ")
            .and_then(|rest| rest.split_once(" per "))
            .map_or_else(|| row.unit.clone(), |(metric, per)| unit(metric, per, lang)),
        rises: !percent.starts_with('-'),
        percent: percent_words(&percent),
        fields: fields.map(|field| [field.field.clone(), text(&field.from), text(&field.to)]).collect(),
    }
}

/// `12.345678` as `+12.3 %`, cut, not rounded.
fn percent_words(percent: &str) -> String {
    if percent.is_empty() || percent.contains('e') {
        return percent.to_owned();
    }
    let cut = match percent.split_once('.') {
        Some((whole, part)) => format!("{whole}.{}", part.chars().take(2).collect::<String>()),
        None => percent.to_owned(),
    };
    match cut.strip_prefix('-') {
        Some(size) => format!("−{size}{THIN}%"),
        None => format!("+{cut}{THIN}%"),
    }
}

fn short(text: &str) -> String {
    const LONGEST: usize = 160;
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_in_words() {
        for (percent, words) in [("20", "+20\u{202f}%"), ("-4.98765", "−4.98\u{202f}%"), ("", ""), ("0.5", "+0.5\u{202f}%")] {
            assert_eq!(percent_words(percent), words);
        }
    }

    #[test]
    fn bars_are_never_empty_where_there_is_something() {
        let widths: Vec<u64> = bars(vec![("a".into(), 1), ("b".into(), 1000), ("c".into(), 0)]).iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [1, 100, 0]);
    }
}
