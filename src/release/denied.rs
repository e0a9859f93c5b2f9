//! What is said to whoever may not read something of a release: what exists, under which licence, and where to get it.

use serde_json::{Map, Value, json};

use super::{PublishedRelease, ReleaseError};
use crate::dataset::{Act, Denial, Principal, Redistribution, SourceDocument, Subject, may};
use crate::factor::metadata_of;

/// Something of a release that somebody may not read. Nothing in it depends on what they may not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Denied {
    /// What is missing.
    pub denial: Denial,
    /// In words.
    pub detail: String,
    /// Which licences there are, of which class, and where the numbers can be had; for a factor also what may be told of it.
    pub members: Map<String, Value>,
}

impl Denied {
    /// Its stable code, the same over HTTP and on the command line.
    pub const fn code(&self) -> &'static str {
        match self.denial {
            Denial::NoToken => "unauthorized",
            Denial::Role | Denial::NoGrant => "forbidden",
            Denial::Licence => "not-redistributable",
        }
    }
}

impl PublishedRelease {
    /// Whether it takes a grant to read it.
    pub fn restricted(&self) -> bool {
        self.manifest.restricted
    }

    /// How much of it its licences permit to pass on.
    pub fn redistribution(&self) -> Redistribution {
        Redistribution::least(&self.manifest.metadata.licences)
    }

    /// Whether somebody may do something to it: [`may`].
    ///
    /// # Errors
    /// The [`Denial`] that says what is missing.
    pub fn may(&self, who: &Principal, act: Act) -> Result<(), Denial> {
        may(who, act, Subject { dataset: &self.dataset, restricted: self.restricted(), licences: &self.manifest.metadata.licences })
    }

    /// Whether everybody may read its factors and files, so that an answer from it is the same for all.
    pub fn is_open(&self) -> bool {
        self.may(&Principal::Anonymous, Act::ReadNumbers).is_ok()
    }

    /// The same as [`PublishedRelease::may`], with what is said to whoever may not.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn permit(&self, who: &Principal, act: Act) -> Result<(), Box<Denied>> {
        self.may(who, act).map_err(|denial| Box::new(self.denied(who, denial, act)))
    }

    fn denied(&self, who: &Principal, denial: Denial, act: Act) -> Denied {
        if denial != Denial::Licence {
            let detail = match denial {
                Denial::NoToken => format!("`{}` is restricted: show a token that it is granted to", self.dataset),
                _ => format!("`{}` is restricted, and not granted to this token", self.dataset),
            };
            let members = json!({"dataset": self.dataset, "version": self.version.to_string()});
            return Denied { denial, detail, members: object(members) };
        }
        let names = self.may(who, Act::ReadNames).is_ok();
        let licences = &self.manifest.metadata.licences;
        let ids: Vec<&str> = licences.iter().map(|licence| licence.id.as_str()).collect();
        let class = self.redistribution();
        let what = if act == Act::ReadSource { "the file that it was imported from" } else { "its numbers" };
        let detail = format!("{} is under {}, which does not permit passing on {what} ({})", self.id(), ids.join(", "), class.as_str());
        let licences: Vec<Value> = licences.iter().map(|own| json!({"id": own.id, "title": own.title, "url": own.url})).collect();
        let mut members = json!({
            "dataset": self.dataset,
            "version": self.version.to_string(),
            "licences": licences,
            "redistribution": class,
        });
        if names {
            members["source"] = self.manifest.metadata.sources.iter().map(told_of_source).collect();
        }
        if act == Act::ReadSource && self.may(who, Act::ReadNumbers).is_ok() {
            let import = &self.record.import;
            members["source"] = json!(self.manifest.metadata.sources);
            (members["digest"], members["bytes"]) = (json!(import.source), json!(import.source_bytes));
        }
        Denied { denial, detail, members: object(members) }
    }

    /// What may be told of a factor to whoever reads names and no numbers: what it is of, and how it is cited.
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] where the line is not as it was released.
    pub fn told_of_factor(&self, number: usize) -> Result<(Map<String, Value>, String), ReleaseError> {
        let damaged = |why: String| ReleaseError::Damaged { what: format!("line {} of {}", number + 1, self.id()), why };
        self.data.digest(number).ok_or_else(|| damaged("it is not as it was released".to_owned()))?;
        let told = metadata_of(&self.data.line(number)).map_err(|error| damaged(error.to_string()))?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let source = told.get("source");
        let id = text(source.and_then(|source| source.get("id"))).unwrap_or_default();
        let locator = text(source.and_then(|source| source.get("locator")));
        let cite = self.cite(&id, locator.as_deref(), self.data.key(number));
        Ok((told, cite))
    }

    /// How to cite a factor: its source, where it stood, and the release.
    pub fn cite(&self, source: &str, locator: Option<&str>, key: &str) -> String {
        let place = locator.map(|locator| format!(", {locator}")).unwrap_or_default();
        format!("{}{place}; {}#{key}", self.manifest.metadata.citation(source), self.id())
    }
}

/// A source document without the digest of its file, which would let its numbers be guessed.
pub fn told_of_source(source: &SourceDocument) -> Value {
    json!(SourceDocument { sha256: None, ..source.clone() })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
