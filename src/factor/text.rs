//! Texts in English and Chinese.

use serde::{Deserialize, Serialize};

/// One text in the two languages that Tanyin serves (BCP 47 `en`, `zh`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Chinese.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zh: Option<String>,
}

impl Text {
    /// Whether neither language has a text.
    pub fn is_empty(&self) -> bool {
        self.en.is_none() && self.zh.is_none()
    }

    /// The English text, or the Chinese one, or nothing.
    pub fn any(&self) -> &str {
        self.en.as_deref().or(self.zh.as_deref()).unwrap_or_default()
    }
}

/// Several texts a language, sorted: synonyms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// English.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub en: Vec<String>,
    /// Chinese.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zh: Vec<String>,
}

impl Texts {
    /// Whether neither language has a text.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}
