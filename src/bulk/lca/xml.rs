//! XML elements on their way out: well-formed whatever the texts hold.

use std::fmt::Write as _;

use crate::factor::Text;

/// An element that is being written into a text.
#[derive(Debug, Default)]
pub(super) struct Xml {
    text: String,
}

impl Xml {
    /// A document.
    pub(super) fn document() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() }
    }

    /// An element with what `inner` writes into it; one that stays empty is closed at once.
    pub(super) fn element(&mut self, name: &str, attributes: &[(&str, &str)], inner: impl FnOnce(&mut Self)) -> &mut Self {
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            self.escape(value);
            self.text.push('"');
        }
        self.text.push('>');
        let start = self.text.len();
        inner(self);
        if self.text.len() == start {
            self.text.insert(start - 1, '/');
        } else {
            let _ = write!(self.text, "</{name}>");
        }
        self
    }

    /// A group without attributes.
    pub(super) fn group(&mut self, name: &str, inner: impl FnOnce(&mut Self)) -> &mut Self {
        self.element(name, &[], inner)
    }

    /// An element that holds a text; nothing where there is none.
    pub(super) fn text(&mut self, name: &str, text: impl AsRef<str>) -> &mut Self {
        let text = text.as_ref();
        if text.is_empty() { self } else { self.element(name, &[], |xml| xml.escape(text)) }
    }

    /// A text in each language that it has.
    pub(super) fn texts(&mut self, name: &str, text: &Text) -> &mut Self {
        for (language, text) in [("en", &text.en), ("zh", &text.zh)] {
            if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
                self.element(name, &[("xml:lang", language)], |xml| xml.escape(text));
            }
        }
        self
    }

    /// The document.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.text.push('\n');
        self.text.into_bytes()
    }

    /// Text within an element.
    pub(super) fn plain(&mut self, text: &str) {
        self.escape(text);
    }

    fn escape(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\n' | '\t' => self.text.push(c),
                // What no XML document may hold (XML 1.0, 2.2).
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.text.push('\u{fffd}'),
                other => self.text.push(other),
            }
        }
    }
}

/// A text as short as ILCD wants its names, with what was cut marked.
pub(super) fn short(text: &Text, most: usize) -> Text {
    let cut = |text: &Option<String>| {
        text.as_ref().map(|text| match text.char_indices().nth(most) {
            None => text.clone(),
            Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
        })
    };
    Text { en: cut(&text.en), zh: cut(&text.zh) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_texts_hold() {
        let mut xml = Xml::document();
        xml.element("a", &[("b", "\"<&>\"")], |xml| {
            xml.text("c", "]]> & \u{1} \u{202e}").text("d", "").group("e", |_| {});
        });
        let text = String::from_utf8(xml.finish()).unwrap();
        let body = "<a b=\"&quot;&lt;&amp;&gt;&quot;\"><c>]]&gt; &amp; \u{fffd} \u{202e}</c><e/></a>\n";
        assert_eq!(text, format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}"));
        let long = Text { en: Some("ab".repeat(300)), zh: Some("短".to_owned()) };
        let cut = short(&long, 500);
        assert_eq!((cut.en.unwrap().chars().count(), cut.zh.as_deref()), (500, Some("短")));
    }
}
