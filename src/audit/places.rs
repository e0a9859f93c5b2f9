//! In which row of the imported file a factor stood, found without reading the others.

use serde::{Deserialize, Serialize};

use crate::dataset::find_line;
use crate::factor::{Decimal, Source};

/// Where a factor stood in the file that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadPlace {
    /// Its key.
    #[serde(skip_serializing)]
    pub key: String,
    /// The row, counted as a spreadsheet does: the header is row 1.
    pub row: u64,
    /// The place in the source as it was read this time; only where the previous release's line was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The value as it was written this time; only where the previous release's line was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Decimal>,
}

/// Finds a key in places: canonical lines `{"key":…,"row":…}` in order of key, each ended by a line feed.
///
/// Only the lines that the search touches are read: some twenty of a million.
///
/// # Errors
/// When a line that was touched is no place.
pub fn find_place(places: &[u8], key: &str) -> Result<Option<ReadPlace>, serde_json::Error> {
    match find_line(places, key)? {
        Ok(found) => serde_json::from_slice(places.get(found).unwrap_or_default()).map(Some),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(key: &str, row: usize) -> String {
        format!("{{\"key\":\"{key}\",\"row\":{row}}}\n")
    }

    #[test]
    fn a_kept_line_has_its_place_as_read_this_time() {
        let places =
            format!("{}{}", r#"{"key":"a","row":9,"source":{"id":"s","locator":"p7"},"value":"1.0"}"#.to_owned() + "\n", line("b", 3));
        let found = find_place(places.as_bytes(), "a").unwrap().unwrap();
        assert_eq!((found.row, found.value.unwrap().as_str()), (9, "1.0"));
        assert_eq!(found.source.unwrap().locator.as_deref(), Some("p7"));
        assert_eq!(find_place(places.as_bytes(), "b").unwrap().unwrap().row, 3);
    }

    #[test]
    fn damaged_places_are_an_error() {
        for damaged in ["x\n", "{\"key\":\"a\"}\n", "{\"row\":1}\n", "\n", "\u{0}\u{0}\u{0}"] {
            assert!(find_place(damaged.as_bytes(), "a").is_err(), "{damaged:?}");
        }
        assert_eq!(find_place(b"", "a").unwrap(), None);
    }

    proptest! {
        #[test]
        fn every_key_is_found_and_no_other(keys in proptest::collection::btree_set("[a-c]{1,4}(/[a-c0-9.-]{1,9})?", 0..60), other in "[a-d]{1,4}") {
            let places: String = keys.iter().enumerate().map(|(row, key)| line(key, row + 2)).collect();
            for (row, key) in keys.iter().enumerate() {
                prop_assert_eq!(find_place(places.as_bytes(), key).unwrap().unwrap().row, row as u64 + 2);
            }
            prop_assert_eq!(find_place(places.as_bytes(), &other).unwrap().is_some(), keys.contains(&other));
        }
    }
}
