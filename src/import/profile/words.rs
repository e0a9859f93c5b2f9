//! The words of a dataset that a profile brings: title, licences, the source document of this very file.

use std::collections::{BTreeMap, BTreeSet};

use super::Profile;
use super::file::{DatasetFile, SourceFileEntry};
use crate::dataset::{Metadata, SourceDocument};
use crate::factor::Text;

/// Every text of the words that is a template over the facts.
pub(super) fn names(dataset: Option<&DatasetFile>) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for source in dataset.into_iter().flat_map(|dataset| &dataset.sources) {
        texts.insert(source.id.clone());
        let optional = [&source.document_no, &source.date, &source.version, &source.url, &source.landing_page];
        texts.extend(optional.into_iter().flatten().cloned());
        for text in [&source.title, &source.publisher] {
            texts.extend([&text.en, &text.zh].into_iter().flatten().cloned());
        }
    }
    texts
}

impl Profile {
    /// The words under these facts; nothing where the profile has none.
    pub(super) fn words(&self, facts: &BTreeMap<String, String>) -> Option<Metadata> {
        let dataset = self.dataset.as_ref()?;
        Some(Metadata {
            title: dataset.title.clone(),
            description: dataset.description.clone(),
            licences: dataset.licences.clone(),
            sources: dataset.sources.iter().map(|source| self.source_document(source, facts)).collect(),
            contributors: dataset.contributors.clone(),
        })
    }

    /// The ids of the sources that are the very file that is read, so that its digest is theirs.
    pub fn sources_read_here(&self, words: &Metadata) -> Vec<String> {
        let dataset = self.dataset.iter().flat_map(|dataset| &dataset.sources);
        let read = dataset.zip(&words.sources).filter(|(source, _)| source.read_here);
        read.map(|(_, document)| document.id.clone()).collect()
    }

    fn source_document(&self, source: &SourceFileEntry, facts: &BTreeMap<String, String>) -> SourceDocument {
        let text = |text: &Text| Text {
            en: text.en.as_deref().map(|text| self.worded(text, facts)),
            zh: text.zh.as_deref().map(|text| self.worded(text, facts)),
        };
        let optional = |text: &Option<String>| text.as_deref().map(|text| self.worded(text, facts)).filter(|text| !text.is_empty());
        SourceDocument {
            id: self.worded(&source.id, facts),
            title: text(&source.title),
            publisher: text(&source.publisher),
            document_no: optional(&source.document_no),
            date: optional(&source.date),
            version: optional(&source.version),
            url: optional(&source.url),
            landing_page: optional(&source.landing_page),
            sha256: None,
            media_type: None,
            level: source.level,
        }
    }
}
