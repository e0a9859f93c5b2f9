//! A factor in a list: what it is of, what it says, and why it stands there.

use serde_json::{Map, Value};

use crate::factor::{FlagSeverity, Region, flags, kinds};
use crate::release::PublishedRelease;
use crate::search::Told;
use crate::web::Lang;
use crate::web::address::path_of_key;
use crate::web::typeset::unit;
use crate::web::words::Both;

/// A factor of a list, as far as whoever looks may read it.
#[derive(Clone)]
pub struct Listed<'a> {
    /// Its release.
    pub release: &'a PublishedRelease,
    /// Its key.
    pub key: &'a str,
    /// Its members; without numbers where those may not be read.
    pub told: Map<String, Value>,
    /// Flags that were raised after the release.
    pub later: Vec<String>,
}

/// A flag on a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagTag {
    /// `info`, `warning` or `block`.
    pub class: &'static str,
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
}

/// The same as a page shows it.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) key: String,
    /// The name in pieces, those that were looked for marked.
    pub(super) name: Vec<(bool, String)>,
    /// The name in the other language, where there is one.
    pub(super) also: String,
    pub(super) value: Option<String>,
    pub(super) unit: String,
    pub(super) region: String,
    pub(super) year: String,
    pub(super) kind: String,
    pub(super) technology: String,
    pub(super) release: String,
    pub(super) release_href: String,
    pub(super) withdrawn: bool,
    pub(super) flags: Vec<FlagTag>,
    pub(super) why: Vec<String>,
}

impl FlagTag {
    /// The flag with this code.
    pub fn of(code: &str, lang: Lang) -> Self {
        let flag = flags().get(code);
        let class = match flag.map(|flag| flag.severity) {
            Some(FlagSeverity::Block) => "block",
            Some(FlagSeverity::Warning) => "warning",
            _ => "info",
        };
        Self { class, name: flag.map_or_else(|| code.to_owned(), |flag| lang.pick(Both::of(&flag.name, code))), code: code.to_owned() }
    }
}

/// The name of a place; its code where it has none.
pub fn region_name(code: &str, lang: Lang) -> String {
    Region::get(code).map_or_else(|| code.to_owned(), |region| lang.pick(Both::of(&region.name, code)))
}

/// The name of a kind of factor.
pub fn kind_name(code: &str, lang: Lang) -> String {
    kinds().get(code).map_or_else(|| code.to_owned(), |kind| lang.pick(Both::of(&kind.name, code)))
}

impl Row {
    /// The row of a factor, with why it matches these words.
    pub(super) fn of(listed: &Listed<'_>, lang: Lang, words: &[String], told: Option<&Told>) -> Self {
        let Listed { release, key, told: line, later } = listed;
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let named = |member: &str, language: &str| {
            line.get(member).and_then(|own| own.get(language)).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let (own, other) = lang.either(("zh", "en"), ("en", "zh"));
        let (name, also) = match (named("name", own), named("name", other)) {
            (first, second) if first.is_empty() => (second, String::new()),
            both => both,
        };
        let own_flags = line.get("flags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut codes: Vec<&str> = own_flags.chain(later.iter().map(String::as_str)).collect();
        codes.dedup();
        let year = line.get("year").map(ToString::to_string).unwrap_or_default();
        let home = format!("/datasets/{}/releases/{}", release.dataset, release.version);
        Self {
            href: format!("{home}/factors/{}", path_of_key(key)),
            key: (*key).to_owned(),
            also: if also == name { String::new() } else { also },
            value: line.get("value").and_then(Value::as_str).map(str::to_owned),
            unit: if text("per").is_empty() { String::new() } else { unit(text("metric"), text("per"), lang) },
            region: region_name(text("region"), lang),
            kind: kind_name(text("kind"), lang),
            technology: text("technology").to_owned(),
            release: release.id(),
            release_href: home,
            withdrawn: release.withdrawn.is_some(),
            flags: codes.into_iter().map(|code| FlagTag::of(code, lang)).collect(),
            why: reasons(line, &name, lang, words, told),
            name: marked(&name, words),
            year,
        }
    }
}

/// A text in pieces, those that hold a word that was looked for marked.
fn marked(text: &str, words: &[String]) -> Vec<(bool, String)> {
    let low = text.to_lowercase();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    // lower case that has another length would mark the wrong letters
    if low.len() == text.len() {
        for word in words.iter().filter(|word| !word.is_empty()) {
            spans.extend(low.match_indices(word.as_str()).map(|(start, found)| (start, start + found.len())));
        }
    }
    spans.sort_unstable();
    let mut pieces: Vec<(bool, String)> = Vec::new();
    let mut at = 0;
    for (start, end) in spans {
        if start < at {
            continue;
        }
        if let (Some(before), Some(hit)) = (text.get(at..start), text.get(start..end)) {
            if !before.is_empty() {
                pieces.push((false, before.to_owned()));
            }
            pieces.push((true, hit.to_owned()));
            at = end;
        }
    }
    if let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        pieces.push((false, rest.to_owned()));
    }
    pieces
}

/// Where in a factor stands what was looked for.
fn reasons(line: &Map<String, Value>, name: &str, lang: Lang, words: &[String], told: Option<&Told>) -> Vec<String> {
    let Some(told) = told else { return Vec::new() };
    let text = |member: &str| line.get(member).and_then(Value::as_str).unwrap_or_default();
    let mut why = Vec::new();
    let region = text("region");
    if told.regions.iter().any(|own| own == region) {
        why.push(lang.say(format!("地区：{}", region_name(region, lang)), format!("region: {}", region_name(region, lang))));
    }
    let year = line.get("year").and_then(Value::as_u64);
    if let Some(year) = year.filter(|year| told.years.iter().any(|own| u64::from(*own) == *year)) {
        why.push(lang.say(format!("年份：{year}"), format!("year: {year}")));
    }
    let low = name.to_lowercase();
    let rest: Vec<&String> = words.iter().filter(|word| !low.contains(word.as_str())).collect();
    if rest.len() < words.len() {
        why.push(lang.say("名称", "name"));
    }
    let holds = |text: &str| rest.iter().any(|word| text.to_lowercase().contains(word.as_str()));
    let others = ["zh", "en"].into_iter().flat_map(|language| {
        let list = line.get("synonyms").and_then(|own| own.get(language)).and_then(Value::as_array);
        let other = line.get("name").and_then(|own| own.get(language)).and_then(Value::as_str);
        list.into_iter().flatten().filter_map(Value::as_str).chain(other)
    });
    if let Some(synonym) = others.into_iter().find(|own| *own != name && holds(own)) {
        why.push(lang.say(format!("又名“{synonym}”"), format!("also called “{synonym}”")));
    }
    for (member, zh, en) in [("activity", "活动", "activity"), ("technology", "技术", "technology"), ("category", "类别", "category")]
    {
        if holds(text(member)) {
            why.push(lang.say(format!("{zh}：{}", text(member)), format!("{en}: {}", text(member))));
        }
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_for_is_marked() {
        let words = ["浙江".to_owned(), "grid".to_owned()];
        assert_eq!(marked("电力，浙江，2022", &words), [(false, "电力，".into()), (true, "浙江".into()), (false, "，2022".into())]);
        assert_eq!(marked("Grid grid", &words), [(true, "Grid".into()), (false, " ".into()), (true, "grid".into())]);
        assert_eq!(marked("", &words), []);
        assert_eq!(marked("İstanbul", &["stan".into()]), [(false, "İstanbul".into())]);
    }
}
