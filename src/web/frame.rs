//! What stands around every page of the console: name, search, ways to go, language, who is signed in.

use url::form_urlencoded;

use super::Lang;
use super::assets::asset_named;

/// Who is signed in, as the head of a page tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Name of the holder.
    pub name: String,
    /// `steward`, `reviewer`, …
    pub role: &'static str,
}

/// What every page is told besides its own matter.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Its language.
    pub lang: Lang,
    /// Path of the page.
    pub path: String,
    /// Its parameters without the language, as they are written.
    pub query: String,
    /// Who is signed in.
    pub signed: Option<Signed>,
    /// What forms carry so that no other site can send them; empty where nobody is signed in.
    pub csrf: String,
    /// The same as data: an address of the API.
    pub data: Option<String>,
    /// The words in the search box.
    pub words: String,
}

impl Frame {
    /// The same with the address at which the page is to be had as data.
    #[must_use]
    pub fn with_data(self, address: impl Into<String>) -> Self {
        Self { data: Some(address.into()), ..self }
    }

    /// The same with words in the search box.
    #[must_use]
    pub fn with_words(self, words: impl Into<String>) -> Self {
        Self { words: words.into(), ..self }
    }

    /// The text in the language of the page.
    pub fn say(&self, zh: impl Into<String>, en: impl Into<String>) -> String {
        self.lang.say(zh, en)
    }

    /// The address of a file that pages ask for.
    pub fn asset(&self, name: &str) -> &'static str {
        asset_named(name).map_or("", |asset| asset.address.as_str())
    }

    /// The page with the language named.
    pub fn in_language(&self, lang: Lang) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("{}&", self.query) };
        format!("{}?{query}lang={}", self.path, lang.name())
    }

    /// Path and parameters, to come back to.
    pub fn here(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The sign-in that leads back to this page.
    pub fn sign_in(&self) -> String {
        let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &self.here()).finish();
        format!("/sign-in?{next}")
    }

    /// What a role is called, in a word.
    pub fn role(&self, role: &str) -> String {
        match role {
            "reader" => self.say("读者", role),
            "steward" => self.say("数据管理员", role),
            "reviewer" => self.say("审核员", role),
            "admin" => self.say("管理员", role),
            other => other.to_owned(),
        }
    }

    /// Whether the page stands under a path, for the mark in the navigation.
    pub fn under(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_keeps_the_address() {
        let frame = Frame { path: "/search".into(), query: "q=%E6%B5%99".into(), ..Frame::default() };
        assert_eq!(frame.in_language(Lang::Zh), "/search?q=%E6%B5%99&lang=zh");
        assert_eq!(frame.sign_in(), "/sign-in?next=%2Fsearch%3Fq%3D%25E6%25B5%2599");
        assert_eq!(Frame { path: "/".into(), ..Frame::default() }.in_language(Lang::En), "/?lang=en");
        assert!(frame.under("/search") && !frame.under("/sea"));
    }
}
