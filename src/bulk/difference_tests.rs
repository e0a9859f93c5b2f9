//! A difference tells enough to be applied, puts each factor into one class, and its buckets add up.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Sides, difference};
use crate::canon::canonical_value;
use crate::dataset::{Bump, Lines, Renames};

type Side = BTreeMap<String, (u32, u8, u8)>;

fn line(key: &str, (value, name, region): (u32, u8, u8)) -> Vec<u8> {
    let region = ["CN", "CN-ZJ", "DE"][usize::from(region) % 3];
    let object = json!({
        "activity": "metal/steel", "key": key, "kind": "process", "metric": "CO2", "name": {"en": format!("Steel {name}")}, "per": "kg",
        "region": region, "source": {"id": "doc"}, "value": format!("{}.{:02}", value / 100, value % 100)
    });
    canonical_value(&object).unwrap()
}

fn lines(side: &Side) -> Vec<u8> {
    side.iter().flat_map(|(key, own)| [line(key, *own), b"\n".to_vec()].concat()).collect()
}

fn sides<'a>(old: &'a [u8], new: &'a [u8], renames: Renames) -> Sides<'a> {
    let denied = BTreeSet::new();
    Sides { from: Some("a@1.0.0".into()), to: "a@2.0.0".into(), old, new, words: Bump::None, renames, denied, kept: 0 }
}

fn objects(lines: &[u8]) -> BTreeMap<String, Value> {
    let read = |line| serde_json::from_slice::<Value>(line).unwrap();
    Lines::new(lines).map(read).map(|object| (object["key"].as_str().unwrap().to_owned(), object)).collect()
}

proptest! {
    #[test]
    fn applied_to_the_one_it_gives_the_other(
        old in proptest::collection::btree_map("[a-f]{1,2}", (0u32..300, 0u8..3, 0u8..3), 0..12),
        new in proptest::collection::btree_map("[a-f]{1,2}", (0u32..300, 0u8..3, 0u8..3), 0..12),
        renamed in any::<bool>(),
    ) {
        let (old, new) = (lines(&old), lines(&new));
        let (before, after) = (objects(&old), objects(&new));
        let gone = before.keys().find(|key| !after.contains_key(*key));
        let came = after.keys().find(|key| !before.contains_key(*key));
        let renames: Renames = gone.zip(came).filter(|_| renamed).map(|(from, to)| (from.clone(), to.clone())).into_iter().collect();
        let sides = sides(&old, &new, renames.clone());
        let mut applied = before.clone();
        let mut rows = Vec::new();
        let summary = difference(&sides, |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
        for row in &rows {
            match row.change {
                "removed" => drop(applied.remove(&row.key)),
                "added" => drop(applied.insert(row.key.clone(), after[&row.key].clone())),
                _ => {
                    let key = renames.iter().find(|(_, to)| **to == row.key).map_or(&row.key, |(from, _)| from);
                    let mut object = applied.remove(key).unwrap();
                    for field in &row.fields {
                        prop_assert_eq!(&object[&field.field], &field.from);
                        object[&field.field] = field.to.clone();
                    }
                    applied.insert(row.key.clone(), object);
                }
            }
        }
        prop_assert_eq!(applied, after.clone());

        let counts = summary.counts;
        let class = |name: &str| rows.iter().filter(|row| row.change == name).count() as u64;
        prop_assert_eq!(class("renamed"), renames.len() as u64);
        for (name, count) in [("added", counts.added), ("removed", counts.removed), ("meaning", counts.meaning), ("number", counts.number), ("text", counts.text)] {
            prop_assert_eq!(class(name), count, "{}", name);
        }
        let seen = counts.added + counts.renamed + counts.meaning + counts.number + counts.text + counts.unchanged + counts.provenance_only;
        prop_assert_eq!(seen, after.len() as u64, "each factor of the new side once");
        prop_assert_eq!(seen - counts.added + counts.removed, before.len() as u64, "each factor of the old side once");
        let moved: u64 = summary.magnitude.buckets.iter().map(|bucket| bucket.factors).sum();
        prop_assert_eq!(moved, counts.number);
        let listed = |limit| {
            let mut keys = Vec::new();
            let listing = crate::bulk::Listing { order: crate::bulk::Order::Magnitude, limit, class: None };
            crate::bulk::list_changes(&sides, listing, |row| {
                keys.push((row.size, row.key));
                Ok(())
            })
            .map(|_| keys)
            .unwrap()
        };
        let all = listed(None);
        prop_assert_eq!(all.len(), rows.len());
        prop_assert!(all.is_sorted_by(|a, b| (std::cmp::Reverse(a.0), &a.1) <= (std::cmp::Reverse(b.0), &b.1)));
        prop_assert_eq!(&listed(Some(3))[..], &all[..all.len().min(3)]);
    }
}
