//! What the indexes find is what a look at every line finds: filters and lookups, in every combination, over a release made for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ok;
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

const ACTIVITIES: [&str; 4] = ["a/one", "a/two", "b/one", "c"];
const REGIONS: [&str; 6] = ["GLO", "CN", "CN-ZJ", "CN-BJ", "DE", "142"];
const YEARS: [&str; 5] = ["", "2019", "2020", "2022", "2023"];
const CATEGORIES: [&str; 3] = ["", "Energy/Electricity", "Energy/Fuels"];
const KINDS: [&str; 3] = ["electricity-direct", "process", "upstream"];

/// Numbers that look thrown and are always the same.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.throw(of.len())]
    }
}

/// Factors whose keys say nothing of what they are, in no order.
fn made() -> PackageDraft {
    let mut dice = Dice(7);
    let rows = (0..300).map(|number| {
        let key = format!("k{}/{number}", dice.throw(40));
        let (region, year) = (dice.one(&REGIONS), dice.one(&YEARS));
        let cells = [
            ("activity", dice.one(&ACTIVITIES)),
            ("region", region),
            ("year", year),
            ("category", dice.one(&CATEGORIES)),
            ("kind", dice.one(&KINDS)),
        ];
        row(&key, &cells)
    });
    PackageDraft::new("scanned", "1.0.0", rows.collect())
}

fn lines(site: &Site) -> Vec<Value> {
    let body = ok(site, "/v1/datasets/scanned/releases/1.0.0/files/factors.ndjson").body;
    body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

fn text(line: &Value, member: &str) -> String {
    match &line[member] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

on_both!(
    fn filters(site: &Site) {
        site.publish(&made());
        let lines = lines(site);
        let mut dice = Dice(11);
        let mut found = 0;
        for _ in 0..400 {
            let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (member, values) in [
                ("activity", &ACTIVITIES[..]),
                ("region", &REGIONS),
                ("year", &YEARS[1..]),
                ("category", &CATEGORIES[1..]),
                ("kind", &KINDS),
            ] {
                let several = ["region", "year", "kind"].contains(&member);
                let count = dice.throw(3).min(if several { 2 } else { 1 });
                let wanted: BTreeSet<&str> = (0..count).map(|_| dice.one(values)).collect();
                if !wanted.is_empty() {
                    asked.insert(member, wanted.into_iter().collect());
                }
            }
            let parameters: String = asked.iter().map(|(member, values)| format!("&{member}={}", values.join(","))).collect();
            let page = ok(site, &format!("/v1/factors?dataset=scanned&limit=1000{parameters}")).json();
            let keys: Vec<&str> = page["factors"].as_array().unwrap().iter().map(|item| item["factor"]["key"].as_str().unwrap()).collect();
            let passes = |line: &&Value| asked.iter().all(|(member, values)| values.contains(&text(line, member).as_str()));
            let scanned: Vec<&Value> = lines.iter().filter(passes).collect();
            assert_eq!(keys, scanned.iter().map(|line| line["key"].as_str().unwrap()).collect::<Vec<_>>(), "{parameters}");
            let mut regions: BTreeMap<String, u64> = BTreeMap::new();
            scanned.iter().for_each(|line| *regions.entry(text(line, "region")).or_default() += 1);
            assert_eq!(page["facets"]["region"], serde_json::to_value(&regions).unwrap(), "{parameters}");
            found += keys.len();
        }
        assert!(found > 1000, "{found}: hardly anything was asked for that is there");
    }
);

/// The parents of the regions above, the nearest first.
fn up(region: &str) -> &'static [&'static str] {
    match region {
        "CN-ZJ" | "CN-BJ" => &["CN", "030", "142", "GLO"],
        "CN" => &["030", "142", "GLO"],
        "DE" => &["155", "150", "GLO"],
        "142" => &["GLO"],
        _ => &[],
    }
}

/// The keys that a lookup leaves, by a look at every line: the year is relaxed before the region.
fn left<'l>(lines: &'l [Value], asked: &BTreeMap<&str, &str>) -> Vec<&'l str> {
    let own = |member: &str| asked.get(member).copied();
    let fits = |line: &&Value| ["activity", "kind"].iter().all(|member| own(member).is_none_or(|value| text(line, member) == value));
    let named: Vec<&Value> = lines.iter().filter(fits).collect();
    let mut places: Vec<Option<&str>> = vec![own("region")];
    if let (Some(region), Some(_)) = (own("region"), own("region_fallback")) {
        places.extend(up(region).iter().copied().map(Some));
    }
    for place in places {
        let here: Vec<&&Value> = named.iter().filter(|line| place.is_none_or(|place| text(line, "region") == place)).collect();
        let years: BTreeSet<i64> = here.iter().filter_map(|line| line["year"].as_i64()).collect();
        let asked_year = own("year").map(|year| year.parse::<i64>().unwrap());
        let year = match (asked_year, own("year_fallback")) {
            (None, _) => None,
            (Some(year), _) if years.contains(&year) => Some(year),
            (Some(year), Some("earlier")) => years.range(..year).next_back().copied().or(Some(-1)),
            (Some(year), Some(_)) => years.iter().copied().min_by_key(|own| ((own - year).abs(), *own)).or(Some(-1)),
            (Some(_), None) => Some(-1),
        };
        let found: Vec<&str> = here
            .iter()
            .filter(|line| year.is_none_or(|year| line["year"].as_i64() == Some(year)))
            .map(|line| line["key"].as_str().unwrap())
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

on_both!(
    fn lookups(site: &Site) {
        site.publish(&made());
        let lines = lines(site);
        let mut dice = Dice(13);
        let mut counts = [0; 3];
        for _ in 0..600 {
            let mut asked = BTreeMap::from([("activity", dice.one(&ACTIVITIES))]);
            for (member, values) in [
                ("region", &REGIONS[..]),
                ("year", &["2018", "2019", "2021", "2022", "2023"]),
                ("kind", &KINDS),
                ("region_fallback", &["parent"]),
                ("year_fallback", &["earlier", "nearest"]),
            ] {
                if dice.throw(4) > 0 {
                    asked.insert(member, dice.one(values));
                }
            }
            let parameters: String = asked.iter().map(|(member, value)| format!("&{member}={value}")).collect();
            let response = site.get(&format!("/v1/lookup?dataset=scanned{parameters}"));
            let answer = response.json();
            match left(&lines, &asked).as_slice() {
                [] => {
                    counts[0] += 1;
                    assert_eq!(response.problem(), "no-match", "{parameters}: {answer}");
                }
                [one] => {
                    counts[1] += 1;
                    assert_eq!((response.status, answer["factor"]["key"].as_str()), (200, Some(*one)), "{parameters}: {answer}");
                    assert_eq!(
                        answer["match"]["exact"],
                        ["region", "year"]
                            .iter()
                            .all(|member| { asked.get(member).is_none_or(|value| text(&answer["factor"], member) == *value) }),
                        "{parameters}: {answer}"
                    );
                }
                several => {
                    counts[2] += 1;
                    assert_eq!(response.problem(), "ambiguous", "{parameters}: {answer}");
                    assert_eq!(answer["count"], several.len(), "{parameters}: {answer}");
                }
            }
        }
        assert!(counts.iter().all(|count| *count > 30), "{counts:?}");
    }
);
