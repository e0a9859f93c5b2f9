//! Keys that are written like one that is not there.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::release::ReleaseData;

/// Keys that are named.
const NAMED: usize = 5;

/// Releases of up to so many factors are looked through; of a larger one, this many keys around each place where it could stand.
const ALL: usize = 20_000;
const WINDOW: usize = 500;

/// Longer texts are like no key.
const LONGEST: usize = 200;

/// The nearest keys: the one that differs in case alone, then those a letter apart, then those with the longest common
/// beginning; none where nothing is near.
pub(super) fn near_keys(data: &ReleaseData, key: &str) -> Vec<String> {
    if key.is_empty() || key.len() > LONGEST {
        return Vec::new();
    }
    let mut found: Vec<_> = candidates(data, key).into_iter().filter_map(|number| rank(key, data.key(number))).collect();
    found.sort();
    found.into_iter().take(NAMED).map(|(_, _, _, own)| own.to_owned()).collect()
}

fn candidates(data: &ReleaseData, key: &str) -> BTreeSet<usize> {
    let count = data.index().len();
    if count <= ALL {
        return (0..count).collect();
    }
    let folded = key.to_lowercase();
    let ends = folded.match_indices('/').map(|(end, _)| end).filter_map(|end| folded.get(..=end));
    let starts = [key, folded.as_str()].into_iter().chain(ends).map(|start| data.first_from(start));
    starts.flat_map(|place| place.saturating_sub(WINDOW / 2)..place.saturating_add(WINDOW / 2).min(count)).collect()
}

/// The order of a key among the nearest, the least first; nothing where it is not near.
fn rank<'a>(asked: &str, own: &'a str) -> Option<(u8, Reverse<usize>, usize, &'a str)> {
    let (asked, folded) = (asked.to_lowercase(), own.to_lowercase());
    if asked == folded {
        return Some((0, Reverse(0), 0, own));
    }
    let length = asked.chars().count();
    let common = asked.chars().zip(folded.chars()).take_while(|(left, right)| left == right).count();
    let longest = length.max(folded.chars().count());
    // what is common at the beginning and long is near; else the letters are compared
    let begins = common * 2 >= length && common >= 3;
    if !begins && longest > 2 * length {
        return None;
    }
    let distance = strsim::damerau_levenshtein(&asked, &folded);
    match distance {
        0 | 1 if length >= 3 => Some((1, Reverse(common), distance, own)),
        _ if begins || distance * 3 <= length => Some((2, Reverse(common), distance, own)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest<'a>(asked: &str, keys: &[&'a str]) -> Vec<&'a str> {
        let mut found: Vec<_> = keys.iter().filter_map(|own| rank(asked, own)).collect();
        found.sort();
        found.into_iter().map(|(_, _, _, own)| own).collect()
    }

    #[test]
    fn the_nearest_come_first_and_the_far_not_at_all() {
        let keys = ["grid-average/cn/2022", "grid-average-excl/cn/2022", "grid-average/cn-zj/2022", "fossil-power/cn/2022"];
        assert_eq!(nearest("grid-average/CN/2022", &keys)[0], "grid-average/cn/2022");
        assert_eq!(nearest("grid-average/cn/2020", &keys)[..2], ["grid-average/cn/2022", "grid-average/cn-zj/2022"]);
        assert_eq!(nearest("grid-avrage/cn/2022", &keys)[0], "grid-average/cn/2022");
        assert_eq!(nearest("set/ch4", &["other/ch4", "set/ch4-biogenic", "set/sf6"])[0], "set/ch4-biogenic");
        for far in ["zzz", "\0", "aaaaaaaaaaaaaaaaaaaaaaaa"] {
            assert!(nearest(far, &keys).is_empty(), "{far}");
        }
    }
}
