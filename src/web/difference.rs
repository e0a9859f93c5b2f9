//! A difference as a page: what changed, how far, and what demands the version, on one screen; the changes below.

use askama::Template;

use super::Lang;
use crate::bulk::{ChangeRow, Summary};
use crate::dataset::{Bump, RANGES};

/// A number with a label.
struct Tile {
    class: &'static str,
    label: String,
    count: String,
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
    from: String,
    to: String,
    unit: String,
    percent: String,
    rises: bool,
    fields: Vec<[String; 3]>,
}

#[derive(Template)]
#[template(path = "difference.html")]
struct Page<'a> {
    lang: Lang,
    title: String,
    from: String,
    to: &'a str,
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
    links: Vec<[String; 2]>,
}

/// The page of a difference. `rows` are the changes that are listed, `links` the other forms of the same (address, words).
///
/// # Errors
/// As the template engine; none is known.
pub fn difference_page(summary: &Summary, rows: &[ChangeRow], links: Vec<[String; 2]>, lang: Lang) -> Result<String, askama::Error> {
    let counts = summary.counts;
    let listed = [
        ("added", counts.added),
        ("removed", counts.removed),
        ("renamed", counts.renamed),
        ("meaning", counts.meaning),
        ("number", counts.number),
        ("text", counts.text),
    ];
    let changed: u64 = listed.iter().map(|(_, count)| count).sum();
    let quiet = [("provenance_only", counts.provenance_only), ("unchanged", counts.unchanged)];
    let tile = |(class, count): (&'static str, u64)| Tile { class, label: class_word(class, lang), count: count.to_string() };
    let shown = rows.len();
    let note = match shown as u64 == changed {
        true => String::new(),
        false => lang.say(format!("共 {changed} 项变化，以下列出 {shown} 项。"), format!("{shown} of {changed} changes are listed.")),
    };
    let page = Page {
        lang,
        title: lang.say("版本差异", "What changed"),
        from: summary.from.clone().unwrap_or_else(|| lang.say("（首次发布）", "(first release)")),
        to: &summary.to,
        bump: bump_code(summary.bump),
        verdict: verdict(summary.bump, lang),
        reasons: summary.reasons.iter().map(|reason| reason_words(&reason.what, reason.factors, lang)).collect(),
        tiles: listed.into_iter().chain(quiet).map(tile).collect(),
        bars: buckets(summary, lang),
        middle: middle(summary, lang),
        members: bars(summary.members.iter().map(|member| (member.member.clone(), member.factors)).collect()),
        renames: summary
            .possible_renames
            .iter()
            .map(|pair| [pair.from.clone(), pair.to.clone(), pair.score.to_string(), pair.reasons.join("; ")])
            .collect(),
        changes: rows.iter().map(|row| change(row, lang)).collect(),
        note,
        links,
    };
    page.render()
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

fn change(row: &ChangeRow, lang: Lang) -> Change {
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
        key: row.key.clone(),
        from: row.from_value.clone().unwrap_or_default(),
        to: row.to_value.clone().unwrap_or_default(),
        unit: row.unit.clone(),
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
    format!("{}{cut} %", if cut.starts_with('-') { "" } else { "+" })
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
        for (percent, words) in [("20", "+20 %"), ("-4.98765", "-4.98 %"), ("", ""), ("0.5", "+0.5 %")] {
            assert_eq!(percent_words(percent), words);
        }
    }

    #[test]
    fn bars_are_never_empty_where_there_is_something() {
        let widths: Vec<u64> = bars(vec![("a".into(), 1), ("b".into(), 1000), ("c".into(), 0)]).iter().map(|bar| bar.width).collect();
        assert_eq!(widths, [1, 100, 0]);
    }
}
