//! JSON whose numbers are written as they were published: no number passes through a binary float.

use std::io::{self, Write};

/// A JSON value on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// `true` or `false`.
    Flag(bool),
    /// A number in its own digits.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its members in order; those without a value are left out.
    Object(Vec<(&'static str, Option<Json>)>),
}

impl Json {
    /// Writes it.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Flag(is) => write!(out, "{is}"),
            Self::Number(text) => out.write_all(text.as_bytes()),
            Self::Text(text) => Ok(serde_json::to_writer(out, text)?),
            Self::List(items) => {
                out.write_all(b"[")?;
                for (place, item) in items.iter().enumerate() {
                    out.write_all(if place > 0 { b"," } else { b"" })?;
                    item.write(out)?;
                }
                out.write_all(b"]")
            }
            Self::Object(members) => {
                out.write_all(b"{")?;
                let there = members.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
                for (place, (name, value)) in there.enumerate() {
                    write!(out, "{}\"{name}\":", if place > 0 { "," } else { "" })?;
                    value.write(out)?;
                }
                out.write_all(b"}")
            }
        }
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write(&mut bytes)?;
        Ok(bytes)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(is: bool) -> Self {
        Self::Flag(is)
    }
}

/// A text that is there and not empty.
pub(super) fn text(text: impl AsRef<str>) -> Option<Json> {
    Some(text.as_ref()).filter(|text| !text.is_empty()).map(Json::from)
}

/// A number in its own digits.
pub(super) fn number(digits: impl Into<String>) -> Option<Json> {
    Some(Json::Number(digits.into()))
}

/// A reference of openLCA: type, id and name.
pub(super) fn reference(kind: &str, id: &str, name: &str) -> Option<Json> {
    Some(Json::Object(vec![("@type", text(kind)), ("@id", text(id)), ("name", text(name))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_they_were_written() {
        let value = Json::Object(vec![
            ("a", number("0.5200")),
            ("b", None),
            ("c", text("\"<&\u{202e}\n")),
            ("d", Some(Json::List(vec![true.into()]))),
        ]);
        let bytes = String::from_utf8(value.bytes().unwrap()).unwrap();
        assert_eq!(bytes, "{\"a\":0.5200,\"c\":\"\\\"<&\u{202e}\\n\",\"d\":[true]}");
    }
}
