//! JSON whose numbers stay as they were written, with bounds on depth and size.

/// How deep values may lie in each other; the formats reach ten.
const MAX_DEPTH: usize = 64;

/// The most values of a document.
const MAX_VALUES: usize = 1_000_000;

/// A JSON value (RFC 8259).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Json {
    /// `null`, `true` or `false`.
    Word(&'static str),
    /// A number as it was written.
    Number(String),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Json>),
    /// An object, its members in order.
    Object(Vec<(String, Json)>),
}

static NULL: Json = Json::Word("null");

impl Json {
    /// Reads a document in UTF-8.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
            .map_err(|error| format!("is not UTF-8 from byte {}", error.valid_up_to() + 1))?;
        let mut reader = Reader { text, place: 0, values: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.place < text.len() { Err(reader.wrong("holds more behind the end of its value")) } else { Ok(value) }
    }

    /// A member; `null` where there is none.
    pub(super) fn get(&self, name: &str) -> &Self {
        match self {
            Self::Object(members) => members.iter().find(|(own, _)| own == name).map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    /// The first of several members that is there: names changed between versions.
    pub(super) fn any(&self, names: &[&str]) -> &Self {
        names.iter().map(|name| self.get(name)).find(|value| **value != NULL).unwrap_or(&NULL)
    }

    /// The items of a list; none where it is none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The members of an object; none where it is none.
    pub(super) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// A text that is not blank.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A number, or a text that is to hold one, as it was written.
    pub(super) fn amount(&self) -> Option<&str> {
        match self {
            Self::Number(text) => Some(text),
            other => other.text(),
        }
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        *self == Self::Word("true")
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
    values: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.place..).unwrap_or_default()
    }

    fn wrong(&self, what: &str) -> String {
        format!("{what} at byte {}", self.place + 1)
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.place += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Passes over one character if it is this one.
    fn takes(&mut self, c: char) -> bool {
        self.blanks();
        let is_there = self.rest().starts_with(c);
        self.place += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            return Err(self.wrong(&format!("is deeper than {MAX_DEPTH} or has more than {MAX_VALUES} values")));
        }
        self.blanks();
        match self.rest().chars().next() {
            Some('{') => self.object(depth),
            Some('[') => self.list(depth),
            Some('"') => self.string().map(Json::Text),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number(),
            Some(_) => {
                let word = ["null", "true", "false"].into_iter().find(|word| self.rest().starts_with(word));
                let word = word.ok_or_else(|| self.wrong("is not JSON"))?;
                self.place += word.len();
                Ok(Json::Word(word))
            }
            None => Err(self.wrong("ends too soon")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.place += 1;
        let mut members: Vec<(String, Json)> = Vec::new();
        if self.takes('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.blanks();
            let name = self.string()?;
            if !self.takes(':') {
                return Err(self.wrong("lacks a colon"));
            }
            let value = self.value(depth + 1)?;
            members.push((name, value));
            if self.takes('}') {
                break;
            }
            if !self.takes(',') {
                return Err(self.wrong("lacks a comma or a closing brace"));
            }
        }
        let names: std::collections::BTreeSet<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        if names.len() < members.len() {
            return Err(self.wrong("has a member twice in the object that ends"));
        }
        Ok(Json::Object(members))
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        self.place += 1;
        let mut items = Vec::new();
        if self.takes(']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.takes(']') {
                return Ok(Json::List(items));
            }
            if !self.takes(',') {
                return Err(self.wrong("lacks a comma or a closing bracket"));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let rest = self.rest();
        if !rest.starts_with('"') {
            return Err(self.wrong("lacks a quote"));
        }
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let quoted = end.and_then(|end| rest.get(..end + 2)).ok_or_else(|| self.wrong("has a quote that is never closed"))?;
        let text = serde_json::from_str(quoted).map_err(|error| self.wrong(&format!("has a string that is none ({error})")))?;
        self.place += quoted.len();
        Ok(text)
    }

    fn number(&mut self) -> Result<Json, String> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default().to_owned();
        if serde_json::from_str::<&serde_json::value::RawValue>(&text).is_err() {
            return Err(self.wrong("has a number that is none"));
        }
        self.place += length;
        Ok(Json::Number(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_they_were_written() {
        let read = Json::read(b"\xef\xbb\xbf{\"a\": [1.0E-5, 0.30000000000000004, -0], \"b\": \"x\\u00e9\\\"\", \"c\": null}").unwrap();
        let amounts: Vec<_> = read.get("a").items().iter().filter_map(Json::amount).collect();
        assert_eq!(amounts, ["1.0E-5", "0.30000000000000004", "-0"]);
        assert_eq!((read.get("b").text(), read.get("c").text(), read.get("d").is_true()), (Some("x\u{e9}\""), None, false));
    }

    #[test]
    fn what_is_no_json_is_said_where() {
        let deep = "[".repeat(200);
        for wrong in
            ["", "{", "[1,]", "{\"a\":1,\"a\":2}", "{\"a\" 1}", "01", "1 2", "\"x", "nul", "\"\\q\"", deep.as_str(), "{1:2}", "1.e"]
        {
            assert!(Json::read(wrong.as_bytes()).unwrap_err().contains("at byte"), "{wrong}");
        }
        assert!(Json::read(b"\xff").unwrap_err().contains("UTF-8"));
    }
}
