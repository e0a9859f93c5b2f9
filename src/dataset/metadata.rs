//! What a package says of itself: titles, licences, source documents, contributors.

use serde::{Deserialize, Serialize};

use super::{Bump, Licence};
use crate::canon::Digest;
use crate::factor::{SourceLevel, Text};

/// A document that figures were read in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDocument {
    /// The id that lines cite.
    pub id: String,
    /// Its title, in the languages known.
    pub title: Text,
    /// Who published it.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub publisher: Text,
    /// Document number (文号): `公告2024年第33号`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_no: Option<String>,
    /// Date of the document (ISO 8601).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Its own version, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The page that leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landing_page: Option<String>,
    /// Digest of the file that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// Media type of that file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Who stands behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<SourceLevel>,
}

/// Who made a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contributor {
    /// Name of a person or body.
    pub title: String,
    /// `curator`, `publisher`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// What a release says of itself besides its factors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// The dataset's title.
    pub title: Text,
    /// What it is and is not.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub description: Text,
    /// At least one.
    pub licences: Vec<Licence>,
    /// Every document that a line cites.
    pub sources: Vec<SourceDocument>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Contributor>,
}

impl Metadata {
    /// The source with this id.
    pub fn source(&self, id: &str) -> Option<&SourceDocument> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// What a change of the package's own words demands: MAJOR for a narrowed licence, else PATCH.
    ///
    /// The file that was read (its digest and media type) and the order of the sources are not words: the same document
    /// saved again demands nothing.
    pub fn bump_from(&self, previous: &Self) -> Bump {
        if self == previous || self.words() == previous.words() {
            return Bump::None;
        }
        let permitted = |old: &Licence| self.licences.iter().any(|new| !old.narrowed_by(new));
        if previous.licences.iter().all(permitted) { Bump::Patch } else { Bump::Major }
    }

    /// The same without what a re-saved document changes.
    fn words(&self) -> Self {
        let mut words = self.clone();
        words.sources.iter_mut().for_each(|source| (source.sha256, source.media_type) = (None, None));
        words.sources.sort_by(|a, b| a.id.cmp(&b.id));
        words
    }

    /// One line that names a source as a reader would cite it: publisher, number, title, date.
    pub fn citation(&self, source_id: &str) -> String {
        self.cite(source_id, |text| text.zh.as_ref().or(text.en.as_ref()))
    }

    /// The same in English where its words are known in it.
    pub fn citation_en(&self, source_id: &str) -> String {
        self.cite(source_id, |text| text.en.as_ref().or(text.zh.as_ref()))
    }

    fn cite(&self, source_id: &str, words: impl Fn(&Text) -> Option<&String>) -> String {
        let Some(source) = self.source(source_id) else { return source_id.to_owned() };
        let title = words(&source.title);
        let quoted = title.map(|text| if Some(text) == source.title.zh.as_ref() { format!("《{text}》") } else { text.clone() });
        let parts = [words(&source.publisher).cloned(), quoted, source.document_no.clone(), source.date.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn metadata(sources: serde_json::Value) -> Metadata {
        let licence = json!({"id": "CC0-1.0", "redistribution": "full"});
        serde_json::from_value(json!({"title": {"en": "T"}, "licences": [licence], "sources": sources})).unwrap()
    }

    #[test]
    fn a_document_saved_again_is_no_change() {
        let one = json!({"id": "a", "title": {"en": "A"}, "sha256": Digest::of(b"1").to_string(), "media_type": "text/csv"});
        let again = json!({"id": "a", "title": {"en": "A"}, "sha256": Digest::of(b"2").to_string()});
        let other = json!({"id": "b", "title": {"en": "B"}});
        let before = metadata(json!([one, other]));
        assert_eq!(metadata(json!([other, again])).bump_from(&before), Bump::None);
        let renamed = json!({"id": "a", "title": {"en": "A2"}});
        assert_eq!(metadata(json!([renamed, other])).bump_from(&before), Bump::Patch);
        assert_eq!(metadata(json!([one])).bump_from(&before), Bump::Patch);
    }
}
