//! What may be said of a factor whose licence passes on no numbers: what it is of, and where it stands.

use serde_json::{Map, Value};

/// The members of a canonical line that tell what a factor is of. Whatever is not named here may hold a number, in words even.
const SHOWN: [&str; 25] = [
    "activity",
    "basis",
    "boundary",
    "category",
    "classifications",
    "co2e_origin",
    "flags",
    "gwp",
    "key",
    "kind",
    "metric",
    "name",
    "per",
    "period",
    "price_basis",
    "price_year",
    "published",
    "region",
    "scope",
    "source",
    "status",
    "synonyms",
    "technology",
    "valid",
    "year",
];

/// The members of a line's `source` that are shown.
const SHOWN_OF_SOURCE: [&str; 3] = ["id", "level", "locator"];

/// What a canonical line tells without any number of its own.
///
/// # Errors
/// Where it is no JSON object.
pub fn metadata_of(line: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    let mut members: Map<String, Value> = serde_json::from_slice(line)?;
    members.retain(|name, _| SHOWN.contains(&name.as_str()));
    if let Some(source) = members.get_mut("source").and_then(Value::as_object_mut) {
        source.retain(|name, _| SHOWN_OF_SOURCE.contains(&name.as_str()));
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Members of a line that are kept back: each new one is to be thought about.
    const WITHHELD: [&str; 11] =
        ["certificate", "derived_from", "description", "gases", "gases_co2e", "note", "quality", "rule", "stages", "uncertainty", "value"];

    #[test]
    fn every_member_is_shown_or_withheld() {
        let schema: Value = serde_json::from_str(include_str!("../../schema/factor.json")).unwrap();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        let known = SHOWN.into_iter().chain(WITHHELD).map(str::to_owned).collect();
        assert_eq!(names(&schema["properties"]), known);
        let known = SHOWN_OF_SOURCE.into_iter().chain(["unit_text", "value_text"]).map(str::to_owned).collect();
        assert_eq!(names(&schema["properties"]["source"]["properties"]), known);
    }

    #[test]
    fn numbers_stay_back() {
        let line = r#"{"gases":[{"gas":"CH4","kg":"7"}],"key":"k","source":{"id":"s","value_text":"7.0"},"value":"7","year":2022}"#;
        let told = metadata_of(line.as_bytes()).unwrap();
        assert_eq!(Value::Object(told).to_string(), r#"{"key":"k","source":{"id":"s"},"year":2022}"#);
    }
}
