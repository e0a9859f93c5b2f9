//! Canonical JSON: RFC 8785 (JCS), narrowed to what Tanyin hashes.
//!
//! Amounts are decimal strings, so the only JSON numbers are integers that an
//! IEEE double holds exactly (RFC 7493, 2.2); every other number is refused
//! rather than rounded. Member names are sorted by UTF-16 code units
//! (RFC 8785, 3.2.3), which differs from Rust's order of `str` above U+FFFF.

use serde_json::Value;

/// The largest integer that every JSON reader keeps exactly: 2^53 - 1.
pub(super) const MAX_SAFE_INTEGER: u64 = 9_007_199_254_740_991;

/// Why a text or value has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum CanonError {
    /// A number that is not an integer within ±(2^53 - 1).
    #[error("the number {0} is not an integer that a double holds exactly: write it as a string")]
    Number(serde_json::Number),
    /// Not JSON at all.
    #[error("not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// JSON, but not in canonical form (spacing, order, escapes or a repeated member).
    #[error("not canonical JSON (RFC 8785): it differs from its canonical form at byte {0}")]
    NotCanonical(usize),
}

/// The canonical bytes of anything that serialises to JSON.
pub fn canonical_bytes<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, CanonError> {
    let mut out = Vec::with_capacity(512);
    match super::direct::write(&mut out, value) {
        Ok(()) => Ok(out),
        Err(_) => canonical_value(&serde_json::to_value(value)?),
    }
}

/// The canonical bytes of a JSON value.
pub fn canonical_value(value: &Value) -> Result<Vec<u8>, CanonError> {
    let mut out = Vec::with_capacity(512);
    write_value(&mut out, value)?;
    Ok(out)
}

/// Reads bytes that must already be canonical; repeated members are refused by that.
pub fn parse_canonical(bytes: &[u8]) -> Result<Value, CanonError> {
    let value: Value = serde_json::from_slice(bytes)?;
    let canonical = canonical_value(&value)?;
    if canonical == bytes {
        return Ok(value);
    }
    let shared = canonical.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(CanonError::NotCanonical(shared))
}

fn write_value(out: &mut Vec<u8>, value: &Value) -> Result<(), CanonError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_integer(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_value(out, item)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push(b'{');
            for (position, (name, member)) in sorted.into_iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write_string(out, name);
                out.push(b':');
                write_value(out, member)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_integer(out: &mut Vec<u8>, number: &serde_json::Number) -> Result<(), CanonError> {
    let safe = number.as_i64().is_some_and(|integer| integer.unsigned_abs() <= MAX_SAFE_INTEGER);
    if !safe {
        return Err(CanonError::Number(number.clone()));
    }
    out.extend_from_slice(number.to_string().as_bytes());
    Ok(())
}

/// RFC 8785, 3.2.2.2: the short escapes, `\u00xx` for other controls, all else as it is.
pub(super) fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    // told of all bytes at once, which costs less than to look for the first
    let escapes = rest.iter().fold(false, |found, byte| found | (*byte < 0x20) | (*byte == b'"') | (*byte == b'\\'));
    if !escapes {
        out.extend_from_slice(rest);
        out.push(b'"');
        return;
    }
    while let Some(plain) = rest.iter().position(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        let (before, from) = rest.split_at(plain);
        out.extend_from_slice(before);
        let Some((byte, after)) = from.split_first() else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0a => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0d => out.extend_from_slice(b"\\r"),
            byte => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_by_utf16_code_units() {
        // RFC 8785, 3.2.3: U+1F602 is D83D DE02 in UTF-16 and stands before U+FB33.
        let value = json!({"\u{fb33}": 1, "\u{1f602}": 2, "1": 3, "\r": 4, "\u{80}": 5});
        let text = String::from_utf8(canonical_value(&value).unwrap()).unwrap();
        assert_eq!(text, "{\"\\r\":4,\"1\":3,\"\u{80}\":5,\"\u{1f602}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    fn escapes_are_the_short_ones() {
        let value = json!("\u{8}\t\n\u{c}\r\"\\/\u{1}\u{7f}€");
        let text = String::from_utf8(canonical_value(&value).unwrap()).unwrap();
        assert_eq!(text, "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0001\u{7f}€\"");
    }

    #[test]
    fn numbers_that_doubles_bend_are_refused() {
        for text in ["0.1", "1e400", "9007199254740993", "-9007199254740992", "1.0"] {
            let refused = serde_json::from_str::<Value>(text).map_err(CanonError::from).and_then(|value| canonical_value(&value));
            assert!(refused.is_err(), "{text}");
        }
        assert_eq!(canonical_value(&json!(2022)).unwrap(), b"2022");
    }

    #[test]
    fn only_canonical_text_is_read_back() {
        assert!(parse_canonical(b"{\"a\":1,\"b\":[]}").is_ok());
        for text in ["{\"b\":1,\"a\":2}", "{\"a\":1,\"a\":1}", "{\"a\": 1}", "\"\\u0041\"", "{\"a\":\"\\ud800\"}"] {
            assert!(parse_canonical(text.as_bytes()).is_err(), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_991i64..=9_007_199_254_740_991).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::vec((any::<String>(), inner), 0..6).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_another_implementation(value in any_json()) {
            let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(canonical_value(&value).unwrap(), theirs.clone());
            prop_assert_eq!(canonical_bytes(&value).unwrap(), theirs);
        }

        #[test]
        fn the_canonical_form_is_a_fixed_point(value in any_json()) {
            let once = canonical_value(&value).unwrap();
            prop_assert_eq!(parse_canonical(&once).unwrap(), value);
        }
    }
}
