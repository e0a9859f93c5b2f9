//! What holds for every factor and every query.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use tanyin::dataset::Principal;
use tanyin::search::{FilterQuery, Matched, selection};

use super::{found, names, page, shelf, words};

fn every_line() -> Vec<(String, Value)> {
    let latest = shelf().catalogue.datasets().filter_map(|(_, releases)| releases.latest());
    let lines = latest.flat_map(|release| {
        let line = |number| {
            (format!("{}#{}", release.dataset, release.data.key(number)), serde_json::from_slice(&release.data.line(number)).unwrap())
        };
        (0..release.data.index().len()).map(line).collect::<Vec<_>>()
    });
    lines.collect()
}

/// Texts of a line with those that share them: a name may stand with many.
fn texts(line: &Value) -> Vec<String> {
    let text = |pointer: &str| line.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let list = |pointer: &str| line.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let synonyms = list("/synonyms/en").into_iter().chain(list("/synonyms/zh"));
    let names = [text("/name/en"), text("/name/zh"), text("/activity")].into_iter().flatten();
    names.chain(synonyms.map(|own| own.as_str().unwrap().to_owned())).collect()
}

#[test]
fn every_factor_is_found_by_its_names() {
    let mut asked = std::collections::BTreeMap::<String, Vec<String>>::new();
    for (name, line) in every_line() {
        texts(&line).into_iter().for_each(|text| asked.entry(text).or_default().push(name.clone()));
    }
    assert!(asked.len() > 500);
    for (text, wanted) in asked {
        let listed: BTreeSet<String> = found(&text).into_iter().collect();
        for name in wanted {
            assert!(listed.contains(&name), "`{text}` does not find {name}: {listed:?}");
        }
    }
}

#[test]
fn a_key_finds_its_factor_first() {
    for (name, _) in every_line() {
        let key = name.split_once('#').unwrap().1;
        let listed = found(key);
        assert!(listed.first().is_some_and(|first| first.split_once('#').unwrap().1 == key), "{key}: {:?}", listed.first());
    }
}

#[test]
fn both_scripts_and_widths_find_the_same() {
    let table = [
        ("电力排放因子", "電力排放因子"),
        ("浙江 电网", "浙江 電網"),
        ("天然气燃烧", "天然氣燃燒"),
        ("原铝", "原鋁"),
        ("CO2", "ＣＯ₂"),
        ("aluminium", "ALUMINUM"),
        ("lithium battery", "Lithium Batteries"),
        ("E\u{301}lectricity", "electricity"),
    ];
    for (one, other) in table {
        let hits = found(one);
        assert!(!hits.is_empty(), "{one}");
        assert_eq!(hits, found(other), "{one} {other}");
    }
}

#[test]
fn relaxing_is_told() {
    let told = |q: &str| page(&shelf().catalogue, &words(q), &Principal::Anonymous).search.unwrap();
    assert_eq!(told("natural gas").matched, Matched::Exact);
    assert_eq!(told("anthrac").matched, Matched::Prefix);
    let typo = told("electricty zhejiang 2022");
    assert_eq!((typo.matched, typo.read_as.as_deref()), (Matched::Typo, Some("electricity zhejiang 2022")));
    assert_eq!((typo.regions, typo.years), (vec!["CN-ZJ".to_owned()], vec![2022]));
    let steel = told("stainles steel");
    assert_eq!((steel.matched, steel.read_as.as_deref()), (Matched::Typo, Some("stainless steel")));
    for left_alone in ["zinq", "STEAL"] {
        let read = told(left_alone);
        assert_eq!((read.matched, read.did_you_mean), (Matched::Nothing, None), "{left_alone}");
    }
    assert!(told("PE film").regions.is_empty());
    assert_eq!(told("DE electricity").regions, ["DE"]);
    assert_eq!(told("电力平均二氧化碳").matched, Matched::Exact);
    assert_eq!(told("热轧钢的卷板").matched, Matched::Loose);
    assert_eq!(told("qqqqqqqqqq").matched, Matched::Nothing);
}

#[test]
fn joined_and_split_forms_are_one() {
    let set = |q: &str| found(q).into_iter().collect::<BTreeSet<_>>();
    for forms in [["HFC134a", "HFC-134a", "hfc 134a"], ["R134a", "R-134a", "r 134a"]] {
        let joined = set(forms[0]);
        assert!(!joined.is_empty(), "{forms:?}");
        assert!(forms.iter().all(|form| set(form) == joined), "{forms:?}");
    }
}

#[test]
fn long_notes_do_not_come_first() {
    for q in ["原铝", "primary aluminium", "电力", "natural gas", "hydrogen"] {
        let listed = found(q);
        assert!(!listed.iter().take(3).any(|name| name.contains("#misc/")), "{q}: {:?}", &listed[..3]);
    }
}

#[test]
fn what_is_hostile_is_harmless() {
    let long = "电".repeat(400);
    let hostile = [
        "\"",
        "'",
        "*",
        "?",
        "(a",
        "[",
        "\\",
        "a AND",
        "name:steel",
        "-steel",
        "~2",
        "^5",
        "🎉",
        "\u{301}",
        "\u{202e}abc",
        "مرحبا",
        "NULL",
        "%00",
        "..",
        "a\u{0}b",
        "+",
        "{}",
        "SELECT 1",
        long.as_str(),
        "a.b.c.d.e",
        "·",
        "年",
        "的",
        "1950",
        "9999",
    ];
    for q in hostile {
        page(&shelf().catalogue, &words(q), &Principal::Anonymous);
    }
    for q in ["电".repeat(401), "a ".repeat(61), "x".repeat(10_000)] {
        let refusal = tanyin::search::filter(&shelf().catalogue, &words(&q), &Principal::Anonymous).err().unwrap();
        assert!(refusal.to_string().contains("at most 400 characters in 60 words"), "{refusal}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_may_be_asked_and_words_only_narrow(q in "\\PC{0,40}", kind in prop::sample::select(vec!["", "combustion", "transport"])) {
        let filters = FilterQuery { kind: Some(kind.to_owned()), limit: Some("1000".to_owned()), facets: Some("none".to_owned()), ..FilterQuery::default() };
        let all: BTreeSet<String> = names(&page(&shelf().catalogue, &filters, &Principal::Anonymous)).into_iter().collect();
        let narrowed = FilterQuery { q: Some(q), ..filters };
        let found = names(&page(&shelf().catalogue, &narrowed, &Principal::Anonymous));
        prop_assert!(found.iter().all(|name| all.contains(name)));
        let selected: usize = selection(&shelf().catalogue, &narrowed, &Principal::Anonymous).unwrap().iter().map(|(_, numbers)| numbers.len()).sum();
        prop_assert_eq!(selected, found.len());
    }
}
