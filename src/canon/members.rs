//! The members of a canonical object, without reading what is in them.
//!
//! Canonical JSON has no blanks between its tokens (RFC 8785, 3.2.1), so a member is found by looking for quotes and braces alone. What is not
//! canonical JSON gives fewer members or none, and never more than its bytes.

use std::borrow::Cow;

use memchr::memchr2;

/// Names and values of a canonical object, in their order, as the bytes that they are written in; names stand without quotes.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    rest: &'a [u8],
}

impl<'a> Members<'a> {
    /// Those of an object.
    pub fn of(object: &'a [u8]) -> Self {
        Self { rest: object.strip_prefix(b"{").unwrap_or_default() }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.strip_prefix(b",").unwrap_or(self.rest);
        let (name, rest) = rest.split_at_checked(text_length(rest)?)?;
        let rest = rest.strip_prefix(b":")?;
        let (value, rest) = rest.split_at_checked(value_length(rest)?)?;
        self.rest = rest;
        Some((name.get(1..name.len() - 1)?, value))
    }
}

/// The text that a value is, where it is one.
pub fn text_of(value: &[u8]) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inner.contains(&b'\\') {
        return serde_json::from_slice(value).ok().map(Cow::Owned);
    }
    std::str::from_utf8(inner).ok().map(Cow::Borrowed)
}

/// How many bytes the text that begins here takes, with its quotes.
fn text_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    bytes.first().filter(|first| **first == b'"')?;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// How many bytes the value that begins here takes.
fn value_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&b'"') {
        return text_length(bytes);
    }
    let (mut at, mut depth) = (0, 0usize);
    loop {
        match bytes.get(at)? {
            b'"' => at += text_length(bytes.get(at..)?)?,
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' if depth > 0 => (at, depth) = (at + 1, depth - 1),
            b',' | b'}' if depth == 0 => return (at > 0).then_some(at),
            _ => at += 1,
        }
        if depth == 0 && matches!(bytes.get(at.checked_sub(1)?), Some(b'}' | b']')) {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    use super::super::canonical_value;
    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            r#"[\\"{}\[\],:a]{0,9}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[a-z\"\\\\]{0,4}", inner, 0..5).prop_map(|own| Value::Object(own.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn as_a_reader_of_json_finds_them(members in prop::collection::btree_map(".{0,6}", value(), 0..8)) {
            let object = Value::Object(members.into_iter().collect());
            let bytes = canonical_value(&object).unwrap();
            let mut found = Map::new();
            for (name, value) in Members::of(&bytes) {
                let quoted = [b"\"", name, b"\""].concat();
                let value: Value = serde_json::from_slice(value).unwrap();
                if let Value::String(text) = &value {
                    let written = serde_json::to_string(text).unwrap();
                    prop_assert_eq!(text_of(written.as_bytes()).unwrap(), text.as_str());
                }
                found.insert(serde_json::from_slice(&quoted).unwrap(), value);
            }
            prop_assert_eq!(Value::Object(found), object);
        }

        #[test]
        fn whatever_it_is_it_ends(bytes in prop::collection::vec(prop_oneof![Just(b'"'), Just(b'{'), Just(b'}'), Just(b':'), Just(b'\\'), any::<u8>()], 0..60)) {
            let length: usize = Members::of(&bytes).map(|(name, value)| name.len() + value.len()).sum();
            prop_assert!(length <= bytes.len());
            let _ = text_of(&bytes);
        }
    }
}
