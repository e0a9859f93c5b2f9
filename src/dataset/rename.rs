//! Renames: which removed factor lives on under the key of an added one, proposed from their content.
//!
//! A proposal is no fact: a steward confirms it into the crosswalk. The search is bounded: factors are parted into groups of
//! equal kind, metric, unit, region and data year, and within a group each is compared with few neighbours by content, by
//! name and by value, never with all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::{Lines, key_of};
use crate::factor::{Decimal, Text};

/// Old key to new key, as confirmed.
pub type Renames = BTreeMap<String, String>;

/// At most this many removed factors, and as many added ones, are looked at.
pub const MAX_COMPARED: usize = 100_000;

/// Neighbours that one factor is compared with in each of four orders (content, name, key, value), to either side.
const NEIGHBOURS: usize = 8;

/// A proposal has at least this much, of 1000.
const LEAST: u32 = 700;

/// A removed and an added factor that look like the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RenameProposal {
    /// The key that is gone.
    pub from: String,
    /// The key that came.
    pub to: String,
    /// How alike they are, of 1000; 1000 where everything but key, source and words is the same and no other pair is.
    pub score: u32,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// All proposals, and whether everything was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Likeness {
    /// The likeliest first; no key stands in two.
    pub proposals: Vec<RenameProposal>,
    /// Whether there were more than [`MAX_COMPARED`] removed or added factors, so that nothing was proposed.
    pub too_many: bool,
}

/// What two factors are compared by.
#[derive(Debug, Deserialize)]
struct Traits {
    key: String,
    activity: String,
    #[serde(default)]
    name: Text,
    value: Decimal,
    #[serde(default)]
    technology: Option<String>,
    #[serde(default)]
    boundary: Option<String>,
    #[serde(skip)]
    group: String,
    #[serde(skip)]
    content: String,
}

/// Members that say where a factor was read and how it is called, not what it is.
const WORDS: [&str; 9] = ["key", "source", "name", "description", "note", "synonyms", "category", "classifications", "flags"];

fn traits(line: &[u8]) -> Result<Traits, serde_json::Error> {
    let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line)?;
    let mut traits: Traits = serde_json::from_slice(line)?;
    let member = |name: &str| object.get(name).map(ToString::to_string).unwrap_or_default();
    let parts = ["kind", "metric", "per", "region", "year", "price_year", "price_basis", "gwp", "scope", "basis"];
    traits.group = parts.map(member).join("\u{1f}");
    WORDS.iter().for_each(|name| drop(object.remove(*name)));
    if let Some(value) = object.get_mut("value") {
        *value = traits.value.shortest().into();
    }
    traits.content = serde_json::Value::Object(object).to_string();
    Ok(traits)
}

/// Proposes which of the removed lines live on as which of the added ones.
///
/// One to one, and the same whatever the order of the lines. `denied` pairs are not proposed again.
///
/// # Errors
/// When a line does not read.
pub fn propose_renames<'a>(
    removed: impl ExactSizeIterator<Item = &'a [u8]>,
    added: impl ExactSizeIterator<Item = &'a [u8]>,
    denied: &BTreeSet<(String, String)>,
) -> Result<Likeness, serde_json::Error> {
    if removed.len() > MAX_COMPARED || added.len() > MAX_COMPARED {
        return Ok(Likeness { proposals: Vec::new(), too_many: true });
    }
    if removed.len() == 0 || added.len() == 0 {
        return Ok(Likeness::default());
    }
    let mut groups: BTreeMap<String, (Vec<Traits>, Vec<Traits>)> = BTreeMap::new();
    for line in removed {
        let own = traits(line)?;
        groups.entry(own.group.clone()).or_default().0.push(own);
    }
    for line in added {
        let own = traits(line)?;
        if let Some((_, added)) = groups.get_mut(&own.group) {
            added.push(own);
        }
    }
    let mut pairs = Vec::new();
    for (removed, added) in groups.into_values().filter(|(_, added)| !added.is_empty()) {
        compare_group(&removed, &added, denied, &mut pairs);
    }
    pairs.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to))));
    let (mut from, mut to) = (BTreeSet::new(), BTreeSet::new());
    pairs.retain(|pair| {
        let free = !from.contains(&pair.from) && !to.contains(&pair.to);
        if free {
            from.insert(pair.from.clone());
            to.insert(pair.to.clone());
        }
        free
    });
    Ok(Likeness { proposals: pairs, too_many: false })
}

fn compare_group(removed: &[Traits], added: &[Traits], denied: &BTreeSet<(String, String)>, pairs: &mut Vec<RenameProposal>) {
    let count = |all: &[Traits]| -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        all.iter().for_each(|own| *counts.entry(own.content.clone()).or_default() += 1);
        counts
    };
    let (before, after) = (count(removed), count(added));
    let alone = |own: &Traits| before.get(&own.content) == Some(&1) && after.get(&own.content) == Some(&1);
    let mut seen: BTreeSet<(usize, usize)> = BTreeSet::new();
    near(removed, added, |own| own.content.clone(), &mut seen);
    near(removed, added, words, &mut seen);
    near(removed, added, |own| own.key.clone(), &mut seen);
    near(removed, added, |own| own.value.to_rational(), &mut seen);
    for (left, right) in seen {
        let (Some(old), Some(new)) = (removed.get(left), added.get(right)) else { continue };
        if denied.contains(&(old.key.clone(), new.key.clone())) {
            continue;
        }
        let same = old.content == new.content;
        if !same && (alone(old) || alone(new)) {
            continue; // the one of them has its own
        }
        if let Some((score, reasons)) = likeness(old, new, same && alone(old)) {
            pairs.push(RenameProposal { from: old.key.clone(), to: new.key.clone(), score, reasons });
        }
    }
}

/// Each removed factor's neighbours among the added ones in an order; equal ones stand in order of key.
fn near<T: Ord>(removed: &[Traits], added: &[Traits], order: impl Fn(&Traits) -> T, seen: &mut BTreeSet<(usize, usize)>) {
    let mut sorted: Vec<(T, &str, usize)> = added.iter().enumerate().map(|(place, own)| (order(own), own.key.as_str(), place)).collect();
    sorted.sort();
    for (left, old) in removed.iter().enumerate() {
        let own = (order(old), old.key.as_str());
        let middle = sorted.partition_point(|(order, key, _)| (order, *key) < (&own.0, own.1));
        let first = middle.saturating_sub(NEIGHBOURS);
        seen.extend(sorted.iter().skip(first).take(2 * NEIGHBOURS).map(|(_, _, right)| (left, *right)));
    }
}

fn words(own: &Traits) -> String {
    own.name.en.as_ref().or(own.name.zh.as_ref()).map(|name| name.to_lowercase()).unwrap_or_default()
}

/// How alike two texts are, of 1000, by edit distance over the longer one's length.
fn alike(a: &str, b: &str) -> u32 {
    let cut = |text: &str| text.to_lowercase().chars().take(200).collect::<String>();
    let (a, b) = (cut(a), cut(b));
    let length = a.chars().count().max(b.chars().count());
    if length == 0 {
        return 0;
    }
    let distance = strsim::damerau_levenshtein(&a, &b);
    u32::try_from((length - distance.min(length)) * 1000 / length).unwrap_or(0)
}

/// How alike two factors are, and why; nothing below [`LEAST`].
///
/// Weights, of 1000: words 400, value 300, activity 200, technology and boundary 50 each.
fn likeness(old: &Traits, new: &Traits, only: bool) -> Option<(u32, Vec<String>)> {
    if only {
        return Some((1000, vec!["the same content under another key, and no other pair has it".to_owned()]));
    }
    let mut reasons = Vec::new();
    let (range, _) = super::magnitude_of(&old.value, &new.value);
    let (mut score, told) = match range {
        "same" => (300, "the same value".to_owned()),
        "0-1" => (250, "values within 1 %".to_owned()),
        "1-5" => (200, "values within 5 %".to_owned()),
        "5-10" => (120, "values within 10 %".to_owned()),
        _ => (0, format!("values {} and {}", old.value, new.value)),
    };
    reasons.push(told);
    if old.activity == new.activity {
        score += 200;
        reasons.push("the same activity".to_owned());
    } else if old.activity.split('/').next() == new.activity.split('/').next() {
        score += 120;
        reasons.push("activities of one family".to_owned());
    }
    score += 50 * (u32::from(old.technology == new.technology) + u32::from(old.boundary == new.boundary));
    if score + 400 < LEAST {
        return None; // whatever the words are
    }
    let of_names = |a: &Option<String>, b: &Option<String>| a.as_ref().zip(b.as_ref()).map_or(0, |(a, b)| alike(a, b));
    let names = of_names(&old.name.en, &new.name.en).max(of_names(&old.name.zh, &new.name.zh));
    let keys = alike(&old.key, &new.key);
    let (what, best) = if names >= keys { ("names", names) } else { ("keys", keys) };
    score += best * 400 / 1000;
    reasons.push(format!("{what} alike by {best} of 1000"));
    if old.content == new.content {
        reasons.push("the same content but for key, words and source".to_owned());
    }
    (score >= LEAST).then(|| (score.min(999), reasons))
}

/// Of some keys those that stand in a list of lines.
///
/// # Errors
/// When a line does not read.
pub fn held_keys<'a>(lines: &[u8], named: &BTreeSet<&'a str>) -> Result<BTreeSet<&'a str>, serde_json::Error> {
    let mut held = BTreeSet::new();
    for line in Lines::new(lines) {
        held.extend(named.get(key_of(line)?));
    }
    Ok(held)
}

/// Of confirmed renames those that stand between two lists of lines: the old key is gone, the new one came.
///
/// # Errors
/// When a line does not read.
pub fn standing_renames(old: &[u8], new: &[u8], renames: &Renames) -> Result<Renames, serde_json::Error> {
    if renames.is_empty() {
        return Ok(Renames::new());
    }
    let named: BTreeSet<&str> = renames.iter().flat_map(|(from, to)| [from.as_str(), to.as_str()]).collect();
    let (before, after) = (held_keys(old, &named)?, held_keys(new, &named)?);
    let mut taken = BTreeSet::new();
    let mut standing = Renames::new();
    for (from, to) in renames {
        let moved = before.contains(from.as_str()) && !after.contains(from.as_str());
        let came = after.contains(to.as_str()) && !before.contains(to.as_str());
        if moved && came && taken.insert(to) {
            standing.insert(from.clone(), to.clone());
        }
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn line(key: &str, name: &str, value: &str, activity: &str) -> Vec<u8> {
        let object = json!({
            "activity": activity, "key": key, "kind": "process", "metric": "CO2", "name": {"en": name}, "per": "kg",
            "region": "CN", "source": {"id": key}, "value": value, "year": 2022
        });
        crate::canon::canonical_value(&object).unwrap()
    }

    fn proposed(removed: &[Vec<u8>], added: &[Vec<u8>]) -> Vec<(String, String, u32)> {
        let slices = |lines: &[Vec<u8>]| -> Vec<Vec<u8>> { lines.to_vec() };
        let (removed, added) = (slices(removed), slices(added));
        let found = propose_renames(removed.iter().map(Vec::as_slice), added.iter().map(Vec::as_slice), &BTreeSet::new()).unwrap();
        found.proposals.into_iter().map(|pair| (pair.from, pair.to, pair.score)).collect()
    }

    #[test]
    fn the_same_content_is_a_rename() {
        let found = proposed(&[line("a", "Steel", "1.50", "metal/steel")], &[line("zz", "A", "1.5", "metal/steel")]);
        assert_eq!(found, [("a".to_owned(), "zz".to_owned(), 1000)]);
    }

    #[test]
    fn like_words_and_a_near_value_are_one_too() {
        let (old, new) = (
            line("metal/steel-hot", "Steel, hot rolled", "2.00", "metal/steel"),
            line("metal/steel-hr", "Steel, hot-rolled", "2.01", "metal/steel"),
        );
        let found =
            proposed(&[old.clone(), line("x", "Cement", "0.8", "mineral/cement")], &[new, line("y", "Glass wool", "9", "fibre/glass")]);
        assert_eq!(
            found.iter().map(|(from, to, _)| (from.as_str(), to.as_str())).collect::<Vec<_>>(),
            [("metal/steel-hot", "metal/steel-hr")]
        );
        let other_year = String::from_utf8(old.clone()).unwrap().replace("2022", "2023").into_bytes();
        assert_eq!(proposed(&[old], &[other_year]), [], "another data year is another factor");
    }

    #[test]
    fn what_was_denied_is_not_said_again() {
        let (old, new) = (line("a", "A", "1", "x"), line("b", "A", "1", "x"));
        let denied = [("a".to_owned(), "b".to_owned())].into();
        let found = propose_renames([old.as_slice()].into_iter(), [new.as_slice()].into_iter(), &denied).unwrap();
        assert_eq!(found.proposals, []);
    }

    #[test]
    fn only_keys_that_went_and_came_are_renamed() {
        let lines = |keys: &[&str]| keys.iter().flat_map(|key| [line(key, "A", "1", "x"), b"\n".to_vec()].concat()).collect::<Vec<u8>>();
        let renames = Renames::from([("a".into(), "b".into()), ("c".into(), "d".into()), ("e".into(), "f".into())]);
        let standing = standing_renames(&lines(&["a", "c", "d"]), &lines(&["b", "c", "d"]), &renames).unwrap();
        assert_eq!(standing, Renames::from([("a".into(), "b".into())]));
    }

    proptest! {
        #[test]
        fn one_to_one_in_any_order(
            old in proptest::collection::btree_map("[a-c]{1,3}", ("[st]{1,3}", 1u32..4), 0..14),
            new in proptest::collection::btree_map("[x-z]{1,3}", ("[st]{1,3}", 1u32..4), 0..14),
            turn in 0usize..14,
        ) {
            let lines = |side: &BTreeMap<String, (String, u32)>| -> Vec<Vec<u8>> {
                side.iter().map(|(key, (name, value))| line(key, name, &value.to_string(), "metal/steel")).collect()
            };
            let (removed, added) = (lines(&old), lines(&new));
            let found = proposed(&removed, &added);
            let from: BTreeSet<&String> = found.iter().map(|(from, _, _)| from).collect();
            let to: BTreeSet<&String> = found.iter().map(|(_, to, _)| to).collect();
            prop_assert_eq!((from.len(), to.len()), (found.len(), found.len()));
            let (mut turned, mut mirrored) = (removed.clone(), added.clone());
            turned.rotate_left(turn.min(removed.len()));
            mirrored.reverse();
            prop_assert_eq!(proposed(&turned, &mirrored), found);
        }
    }
}
