//! The code lists of `schema/`, embedded: kinds, flags, currencies, common units.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Text;

/// How much a flag or finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FlagSeverity {
    /// Served and echoed.
    Info,
    /// Served and echoed; think before use.
    Warning,
    /// Refused unless the caller names the flag in `allow_flags`.
    Block,
}

/// A kind of factor (`electricity-direct`, `combustion`, …), from `schema/kinds.csv`.
#[derive(Debug, Clone)]
pub struct Kind {
    /// Its name in English and Chinese.
    pub name: Text,
    /// What it is and what it is not.
    pub description: String,
}

/// A quality flag, from `schema/flags.csv`.
#[derive(Debug, Clone)]
pub struct Flag {
    /// Whether it blocks.
    pub severity: FlagSeverity,
    /// Its name in English and Chinese.
    pub name: Text,
    /// What it says.
    pub description: String,
}

static KINDS: LazyLock<BTreeMap<String, Kind>> = LazyLock::new(|| {
    rows(include_str!("../../schema/kinds.csv"))
        .map(|row| (row.text("code"), Kind { name: row.name(), description: row.text("description_en") }))
        .collect()
});

static FLAGS: LazyLock<BTreeMap<String, Flag>> = LazyLock::new(|| {
    rows(include_str!("../../schema/flags.csv"))
        .map(|row| {
            let severity = match row.text("severity").as_str() {
                "block" => FlagSeverity::Block,
                "warning" => FlagSeverity::Warning,
                _ => FlagSeverity::Info,
            };
            (row.text("code"), Flag { severity, name: row.name(), description: row.text("description_en") })
        })
        .collect()
});

static FLAG_ALIASES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    rows(include_str!("../../schema/flags.csv"))
        .filter(|row| !row.text("alias").is_empty())
        .map(|row| (row.text("alias"), row.text("code")))
        .collect()
});

static CURRENCIES: LazyLock<BTreeMap<String, ()>> =
    LazyLock::new(|| rows(include_str!("../../schema/currencies.csv")).map(|row| (row.text("code"), ())).collect());

static UNITS: LazyLock<BTreeMap<String, Text>> =
    LazyLock::new(|| rows(include_str!("../../schema/units.csv")).map(|row| (row.text("code"), row.name())).collect());

static UNIT_DIMENSIONS: LazyLock<BTreeMap<String, String>> =
    LazyLock::new(|| rows(include_str!("../../schema/units.csv")).map(|row| (row.text("code"), row.text("dimension"))).collect());

/// All kinds by code.
pub fn kinds() -> &'static BTreeMap<String, Kind> {
    &KINDS
}

/// All flags by code.
pub fn flags() -> &'static BTreeMap<String, Flag> {
    &FLAGS
}

/// The flag's own code for a code or another system's name of it.
pub fn flag_code(name: &str) -> Option<&'static str> {
    let code = FLAG_ALIASES.get(name).map_or(name, String::as_str);
    FLAGS.get_key_value(code).map(|(code, _)| code.as_str())
}

/// Whether a code is an active ISO 4217 currency.
pub fn is_currency(code: &str) -> bool {
    CURRENCIES.contains_key(code)
}

/// The units that are common in this field, for suggestions.
pub fn units() -> impl Iterator<Item = &'static str> {
    UNITS.keys().map(String::as_str)
}

/// The common units and what each measures, by the list.
pub(super) fn unit_dimensions() -> impl Iterator<Item = (&'static str, &'static str)> {
    UNIT_DIMENSIONS.iter().map(|(code, dimension)| (code.as_str(), dimension.as_str()))
}

/// The name of a common unit in words; none for one that is not listed.
pub fn unit_name(code: &str) -> Option<&'static Text> {
    UNITS.get(code)
}

/// The code most like a wrong one, if any is near enough to be worth naming.
pub fn nearest<'a>(wrong: &str, codes: impl Iterator<Item = &'a str>) -> Option<String> {
    if wrong.is_empty() || wrong.len() > 100 {
        return None;
    }
    let folded = wrong.to_lowercase();
    let (distance, code) = codes
        .map(|code| (strsim::damerau_levenshtein(&folded, &code.to_lowercase()), code))
        .min_by_key(|(distance, code)| (*distance, *code))?;
    let near = distance <= 1 || distance * 3 <= folded.chars().count();
    near.then(|| code.to_owned())
}

/// One line of an embedded code list, by column name.
pub(super) struct Row(BTreeMap<String, String>);

impl Row {
    pub(super) fn text(&self, column: &str) -> String {
        self.0.get(column).cloned().unwrap_or_default()
    }

    pub(super) fn name(&self) -> Text {
        Text { en: Some(self.text("name_en")), zh: Some(self.text("name_zh")) }
    }
}

/// The lines of an embedded code list; the lists are checked by `tests/schema.rs`.
pub(super) fn rows(list: &'static str) -> impl Iterator<Item = Row> {
    csv::Reader::from_reader(list.as_bytes()).into_deserialize().filter_map(Result::ok).map(Row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_read_whole() {
        for kind in [
            "electricity-direct",
            "electricity-lifecycle",
            "ets-value",
            "combustion",
            "upstream",
            "process",
            "fugitive",
            "product-lifecycle",
            "transport",
            "waste",
            "spend",
            "gwp",
        ] {
            assert!(kinds().contains_key(kind), "{kind}");
        }
        assert_eq!(flags()["value_disputed"].severity, FlagSeverity::Block);
        assert_eq!(flags()["partial_gases"].severity, FlagSeverity::Warning);
        assert_eq!(flag_code("partial_factor"), Some("partial_gases"));
        assert!(is_currency("CNY") && !is_currency("kg"));
    }

    #[test]
    fn each_listed_unit_is_a_unit() {
        for code in units() {
            assert!(super::super::Unit::parse(code).is_ok(), "{code}");
        }
    }

    #[test]
    fn near_misses_are_named() {
        assert_eq!(nearest("electricity-lifecyle", kinds().keys().map(String::as_str)).as_deref(), Some("electricity-lifecycle"));
        assert_eq!(nearest("zzzzzz", kinds().keys().map(String::as_str)), None);
    }
}
