//! Questions that people ask, and the factors that they want first: nDCG@10.

#![allow(clippy::float_arithmetic, reason = "nDCG is a mean of logarithms, no value of a factor")]

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{found, shelf};

/// The mean that the whole set must reach.
const FLOOR: f64 = 0.9;

#[derive(Deserialize)]
struct Judged {
    query: Vec<Query>,
}

#[derive(Deserialize)]
struct Query {
    q: String,
    best: Vec<String>,
    #[serde(default)]
    good: Vec<String>,
    #[serde(default)]
    fair: Vec<String>,
}

fn names(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(left) = name.strip_prefix(start) else { return false };
    (0..=left.len()).filter(|place| left.is_char_boundary(*place)).any(|place| names(rest, &left[place..]))
}

fn gain(grade: u8, place: usize) -> f64 {
    f64::from((1u32 << grade) - 1) / f64::from(u32::try_from(place).unwrap() + 2).log2()
}

/// Discounted gain of the first ten, as a part of the best that is possible.
fn ndcg(grades: &BTreeMap<String, u8>, listed: &[String]) -> f64 {
    let won: f64 = listed.iter().take(10).enumerate().map(|(place, name)| gain(grades.get(name).copied().unwrap_or(0), place)).sum();
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    won / ideal.iter().take(10).enumerate().map(|(place, grade)| gain(*grade, place)).sum::<f64>()
}

#[test]
fn people_find_what_they_want_first() {
    let judged: Judged = toml::from_str(include_str!("judged.toml")).unwrap();
    assert!(judged.query.len() >= 70);
    let all: Vec<String> = {
        let latest = shelf().catalogue.datasets().filter_map(|(_, releases)| releases.latest());
        latest
            .flat_map(|release| {
                (0..release.data.index().len()).map(|n| format!("{}#{}", release.dataset, release.data.key(n))).collect::<Vec<_>>()
            })
            .collect()
    };
    let mut sum = 0.0;
    let mut poor = Vec::new();
    for query in &judged.query {
        let mut grades = BTreeMap::new();
        for (grade, patterns) in [(1, &query.fair), (2, &query.good), (3, &query.best)] {
            for pattern in patterns {
                let named: Vec<&String> = all.iter().filter(|name| names(pattern, name)).collect();
                assert!(!named.is_empty(), "{}: `{pattern}` names no factor", query.q);
                grades.extend(named.into_iter().map(|name| (name.clone(), grade)));
            }
        }
        let listed = found(&query.q);
        let score = ndcg(&grades, &listed);
        sum += score;
        if score < 0.7 {
            poor.push(format!("{score:.2} {}: {:?}", query.q, listed.iter().take(5).collect::<Vec<_>>()));
        }
        if std::env::var_os("TANYIN_JUDGED").is_some() {
            eprintln!("{score:.2} {} ({}): {:?}", query.q, listed.len(), listed.iter().take(6).collect::<Vec<_>>());
        }
    }
    let mean = sum / f64::from(u32::try_from(judged.query.len()).unwrap());
    eprintln!("nDCG@10 over {} questions: {mean:.3}", judged.query.len());
    poor.iter().for_each(|line| eprintln!("under 0.7: {line}"));
    assert!(mean >= FLOOR, "nDCG@10 is {mean:.3}, below {FLOOR}: {poor:#?}");
}
