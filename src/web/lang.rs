//! The language of a page: every text is given in both, so that a missing translation does not compile.

use super::words::Both;

/// The language of a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// The languages as they are written.
    pub const ALL: [(&'static str, Self); 2] = [("en", Self::En), ("zh", Self::Zh)];

    /// The language with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(own, _)| *own == name).map(|(_, lang)| lang)
    }

    /// As addresses write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// As HTML writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-Hans",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Zh,
            Self::Zh => Self::En,
        }
    }

    /// The text in this language.
    pub fn say(self, zh: impl Into<String>, en: impl Into<String>) -> String {
        match self {
            Self::En => en.into(),
            Self::Zh => zh.into(),
        }
    }

    /// One of two things by language.
    pub fn either<T>(self, zh: T, en: T) -> T {
        match self {
            Self::En => en,
            Self::Zh => zh,
        }
    }

    pub(super) fn pick(self, both: Both) -> String {
        self.say(both.zh, both.en)
    }

    /// A text of the data in this language, in the other where it has none.
    pub fn text(self, text: &crate::factor::Text) -> String {
        self.pick(Both::of(text, ""))
    }

    /// The language that `Accept-Language` prefers (RFC 9110, 12.5.4); nothing where it names neither.
    pub fn accepted(header: &str) -> Option<Self> {
        let weighed = |item: &str| {
            let mut parts = item.split(';').map(str::trim);
            let tag = parts.next()?.to_ascii_lowercase();
            let lang = Self::from_name(tag.split('-').next()?)?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
            (weight > 0).then_some((weight, lang))
        };
        let mut best: Option<(u32, Self)> = None;
        for (weight, lang) in header.split(',').take(50).filter_map(weighed) {
            if best.is_none_or(|(own, _)| weight > own) {
                best = Some((weight, lang));
            }
        }
        best.map(|(_, lang)| lang)
    }
}

/// A weight (`0.8`) in thousandths; what does not read counts nothing.
fn thousandths(text: &str) -> u32 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = format!("{part:0<3}").chars().take(3).collect();
    let read = |text: &str| text.parse::<u32>().unwrap_or(0);
    (read(whole).min(1) * 1000 + read(&digits)).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_prefers() {
        for (header, lang) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Lang::Zh)),
            ("en-GB, zh;q=0.9", Some(Lang::En)),
            ("fr, zh;q=0.2, en;q=0.7", Some(Lang::En)),
            ("fr, *", None),
            ("zh;q=0, en;q=0", None),
            ("zh;q=9999999999999999999, en;q=0.1", Some(Lang::En)),
            ("", None),
        ] {
            assert_eq!(Lang::accepted(header), lang, "{header}");
        }
    }
}
