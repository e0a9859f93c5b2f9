//! Words of a query that mean a member: a region by name or code, a kind, a metric; and those that mean next to nothing here.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::phrase_key;
use crate::factor::{Region, RegionKind};

/// What a word or a group of words means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sense {
    /// A region with one of these codes.
    Place(Vec<String>),
    /// One of these kinds.
    Kind(Vec<&'static str>),
    /// Every factor is one of these; it may name a metric.
    Plain(Option<&'static str>),
    /// Nothing.
    Nothing,
    /// Other ways of saying it, and kinds that it names beside.
    Term(Vec<&'static str>, &'static [&'static str]),
}

/// The terms that mean the same, one group a line.
const TERMS: &str = include_str!("terms.txt");

/// Names that the list of regions does not have; where a name stands for two codes, both.
const PLACES: [(&str, &[&str]); 46] = [
    ("uk|great britain|britain|england", &["GB"]),
    ("usa|us|u.s.|america|united states of america|美利坚", &["US"]),
    ("eu|european union|欧盟", &["150"]),
    ("world|worldwide|international|全世界|世界", &["GLO"]),
    ("全国|我国|国内|中国大陆|中国内地|prc|mainland china|nationwide", &["CN"]),
    ("tibet|xizang", &["CN-XZ"]),
    ("hong kong|香港|中国香港", &["HK", "CN-HK"]),
    ("macao|macau|澳门|中国澳门", &["MO", "CN-MO"]),
    ("taiwan|台湾|中国台湾", &["TW", "CN-TW"]),
    ("korea|republic of korea|南韩", &["KR"]),
    ("turkey", &["TR"]),
    ("uae|阿联酋", &["AE"]),
    ("czech republic|捷克共和国", &["CZ"]),
    ("russian federation|俄国", &["RU"]),
    ("viet nam", &["VN"]),
    ("holland|the netherlands", &["NL"]),
    ("ivory coast|cote d'ivoire", &["CI"]),
    ("burma|myanmar", &["MM"]),
    ("drc|democratic republic of the congo", &["CD"]),
    ("bosnia and herzegovina|bosnia|波黑", &["BA"]),
    ("trinidad and tobago", &["TT"]),
    ("antigua and barbuda", &["AG"]),
    ("sao tome and principe", &["ST"]),
    ("micronesia", &["FM"]),
    ("latin america", &["419"]),
    ("north america|北美", &["021"]),
    ("southeast asia|south east asia", &["035"]),
    ("east asia", &["030"]),
    ("south asia", &["034"]),
    ("middle east|中东", &["145"]),
    ("beijing shi|京", &["CN-BJ"]),
    ("inner mongolia|neimenggu|nei mongol|内蒙", &["CN-NM"]),
    ("shaanxi|shanxi sheng", &["CN-SN"]),
    ("guangxi zhuang|广西壮族自治区", &["CN-GX"]),
    ("宁夏回族自治区", &["CN-NX"]),
    ("新疆维吾尔自治区", &["CN-XJ"]),
    ("north china|华北|华北电网|华北区域", &["CN-GRID-NORTH"]),
    ("northeast china|东北|东北电网|东北区域", &["CN-GRID-NORTHEAST"]),
    ("east china|华东|华东电网|华东区域", &["CN-GRID-EAST"]),
    ("central china|华中|华中电网|华中区域", &["CN-GRID-CENTRAL"]),
    ("northwest china|西北|西北电网|西北区域", &["CN-GRID-NORTHWEST"]),
    ("south china|southern china|南方电网|南方区域", &["CN-GRID-SOUTH"]),
    ("southwest china|西南|西南电网|西南区域", &["CN-GRID-SOUTHWEST"]),
    ("鲁", &["CN-SD"]),
    ("粤", &["CN-GD"]),
    ("浙", &["CN-ZJ"]),
];

/// Words that name a kind.
const KINDS: [(&str, &[&str]); 11] = [
    ("footprint|carbon footprint|product carbon footprint|pcf|碳足迹|产品碳足迹|足迹", &["electricity-lifecycle", "product-lifecycle"]),
    ("life cycle|lifecycle|lca|cradle to gate|生命周期|全生命周期", &["electricity-lifecycle", "product-lifecycle"]),
    ("direct|直接|直接排放", &["electricity-direct"]),
    ("combustion|burning|stationary combustion|燃烧|固定源燃烧|燃料燃烧", &["combustion"]),
    ("upstream|well to tank|wtt|上游", &["upstream"]),
    ("transport|transportation|运输|交通运输|交通", &["transport"]),
    ("waste|waste treatment|waste disposal|废弃物|废物|废弃物处理", &["waste"]),
    ("spend|spend based|eeio|支出|支出法", &["spend"]),
    ("gwp|global warming potential|增温潜势|全球增温潜势|全球变暖潜势|全球变暖潜能值", &["gwp"]),
    ("fugitive|fugitive emission|逸散|逸散排放", &["fugitive"]),
    ("ets|emission trading|碳市场", &["ets-value"]),
];

/// Groups of terms, by their first, that name kinds as well.
const TERM_KINDS: [(&str, &[&str]); 2] = [("electricity", &["electricity-direct", "electricity-lifecycle"]), ("heat", &["heat"])];

/// Codes of countries that are read as such although they may be words: `de` stands in French names.
const CODES: &str = "CN|US|GB|DE|FR|JP|KR|TW|HK|AU";

/// Words that every factor could be found by.
const PLAIN: [(&str, Option<&str>); 4] = [
    (
        "emission factor|emission|factor|coefficient|intensity|carbon emission|carbon emission factor|carbon|ghg|greenhouse|ghg emission|ef|data|value|\
         因子|排放因子|碳排放因子|排放系数|碳排放系数|系数|碳排放|排放|排放量|排碳系数|碳系数|碳因子|碳排|排放强度|碳强度|温室气体|温室气体排放|\
         温室气体排放因子|数据|数值|多少",
        None,
    ),
    ("co2|carbon dioxide|co2 factor|co2 emission|co2 emission factor|二氧化碳|二氧化碳排放|二氧化碳排放因子", Some("CO2")),
    ("co2e|co2eq|co2 equivalent|carbon dioxide equivalent|二氧化碳当量|碳当量", Some("CO2e")),
    ("kgco2e|kgco2", None),
];

/// Words without a meaning of their own.
const NOTHING: &str = "the|of|and|for|in|from|to|a|an|by|with|per|at|on|or|is|what|的|和|与|及|每|年|号|第|省|市|是|在";

/// Suffixes that a name of a Chinese province may have.
const SUFFIXES: [&str; 3] = ["省", "市", "自治区"];

static SENSES: LazyLock<HashMap<String, Sense>> = LazyLock::new(|| {
    let mut senses = HashMap::new();
    for line in TERMS.lines().filter(|line| !line.starts_with('#')) {
        let group: Vec<&'static str> = line.split('|').collect();
        let kinds = TERM_KINDS.iter().find(|(first, _)| group.first() == Some(first)).map(|(_, kinds)| *kinds).unwrap_or_default();
        for term in &group {
            senses.insert(phrase_key(term), Sense::Term(group.iter().copied().filter(|own| own != term).collect(), kinds));
        }
    }
    for (names, kinds) in KINDS {
        names.split('|').for_each(|name| drop(senses.insert(phrase_key(name), Sense::Kind(kinds.to_vec()))));
    }
    for (names, metric) in PLAIN {
        names.split('|').map(str::trim).for_each(|name| drop(senses.insert(phrase_key(name), Sense::Plain(metric))));
    }
    Region::all().values().for_each(|region| add_region(&mut senses, region));
    for (names, codes) in PLACES {
        for name in names.split('|') {
            senses.insert(phrase_key(name), Sense::Place(codes.iter().map(|code| (*code).to_owned()).collect()));
        }
    }
    NOTHING.split('|').for_each(|word| drop(senses.insert(word.to_owned(), Sense::Nothing)));
    senses
});

/// A region under its names and, where it is a Chinese province, under its long name.
fn add_region(senses: &mut HashMap<String, Sense>, region: &Region) {
    let english = region.name.en.as_deref().unwrap_or_default();
    let mut names: Vec<String> = english.split(['(', ')']).map(|part| part.trim().to_owned()).collect();
    let chinese = region.name.zh.as_deref().unwrap_or_default();
    names.push(chinese.to_owned());
    if region.kind == RegionKind::Subdivision && !chinese.is_empty() {
        names.extend(SUFFIXES.iter().map(|suffix| format!("{chinese}{suffix}")));
        names.extend(["province", "city"].iter().map(|suffix| format!("{english} {suffix}")));
    }
    for key in names.iter().map(|name| phrase_key(name)).filter(|key| key.chars().count() > 1) {
        match senses.entry(key).or_insert_with(|| Sense::Place(Vec::new())) {
            Sense::Place(codes) => codes.push(region.code.clone()),
            other => *other = Sense::Place(vec![region.code.clone()]),
        }
    }
}

/// The most Latin words, and the most Chinese characters, of a phrase that means something.
const LONGEST: usize = 12;

/// How many of these words, from the first, mean something together, and what: the most that do.
pub fn sense_of_words(words: &[String]) -> Option<(usize, &'static Sense)> {
    (1..=words.len().min(LONGEST)).rev().find_map(|count| Some((count, SENSES.get(&words.get(..count)?.join(" "))?)))
}

/// How many of these characters, from the first, mean something together, and what: the most that do.
///
/// One character alone cuts no longer stretch: 电 is no word within 电动汽车.
pub fn sense_of_characters(chars: &[char]) -> Option<(usize, &'static Sense)> {
    (1..=chars.len().min(LONGEST)).rev().find_map(|count| {
        let text: String = chars.get(..count)?.iter().collect();
        Some((count, SENSES.get(&text)?)).filter(|_| count > 1 || chars.len() == 1)
    })
}

/// The region whose code this is, as somebody writes it: capitals, or with a hyphen; not IN, BY or AT, which are words.
pub fn place_by_code(written: &str) -> Option<&'static str> {
    if NOTHING.split('|').any(|word| word.eq_ignore_ascii_case(written)) {
        return None;
    }
    let capital = written.len() == 2 && written.bytes().all(|byte| byte.is_ascii_uppercase());
    if !(capital || (written.contains('-') && written.is_ascii() && written.len() < 20)) {
        return None;
    }
    Region::get(&written.to_ascii_uppercase()).map(|region| region.code.as_str())
}

/// Whether two capitals that are the code of a country may be a word all the same: `CO`, `PE`; never `CN`.
pub fn may_be_word(written: &str) -> bool {
    written.len() == 2 && !CODES.split('|').any(|code| code == written)
}

/// What a word means other than a region, if anything.
pub fn sense_of_word(word: &str) -> Option<&'static Sense> {
    SENSES.get(word).filter(|sense| !matches!(sense, Sense::Place(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(phrase: &str) -> Vec<String> {
        match SENSES.get(&phrase_key(phrase)) {
            Some(Sense::Place(codes)) => codes.clone(),
            other => panic!("{phrase}: {other:?}"),
        }
    }

    #[test]
    fn places_are_known_by_their_names() {
        let table = [
            ("浙江", "CN-ZJ"),
            ("浙江省", "CN-ZJ"),
            ("Zhejiang", "CN-ZJ"),
            ("西藏", "CN-XZ"),
            ("Xizang", "CN-XZ"),
            ("内蒙古自治区", "CN-NM"),
            ("中国", "CN"),
            ("全国", "CN"),
            ("UK", "GB"),
            ("United Kingdom", "GB"),
            ("華東電網", "CN-GRID-EAST"),
            ("Germany", "DE"),
        ];
        for (phrase, code) in table {
            assert_eq!(place(phrase), [code], "{phrase}");
        }
        assert_eq!(place("臺灣"), ["TW", "CN-TW"]);
        for (_, codes) in PLACES {
            assert!(codes.iter().all(|code| Region::get(code).is_some()), "{codes:?}");
        }
        for (_, kinds) in KINDS.into_iter().chain(TERM_KINDS) {
            assert!(kinds.iter().all(|kind| crate::factor::kinds().contains_key(*kind)), "{kinds:?}");
        }
    }

    #[test]
    fn codes_are_known_where_they_look_like_codes() {
        assert_eq!(place_by_code("CN-ZJ"), Some("CN-ZJ"));
        assert_eq!(place_by_code("cn-zj"), Some("CN-ZJ"));
        assert_eq!(place_by_code("DE"), Some("DE"));
        assert_eq!(place_by_code("de"), None);
        assert_eq!(place_by_code("no-such"), None);
    }

    #[test]
    fn terms_stand_in_one_group() {
        let mut seen = std::collections::BTreeSet::new();
        for line in TERMS.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.split('|').count() > 1, "{line}");
            for term in line.split('|') {
                assert!(seen.insert(phrase_key(term)), "{term} stands twice");
            }
        }
    }
}
