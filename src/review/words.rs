//! Names and words that people give, which stand in records for ever: plain text, of a length that is fit to be read.

/// The longest name of a person, in characters.
pub const MAX_NAME_CHARS: usize = 80;

/// The longest reason or comment, in characters.
pub const MAX_WORDS_CHARS: usize = 500;

/// Why a name or a text is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsRefusal {
    /// A name of the wrong length, or on several lines.
    #[error("a name has 1 to {MAX_NAME_CHARS} characters on one line, none of them invisible")]
    Name,
    /// A name that is not a person's.
    #[error("`{0}` is the operator's or the program's own name: give the person's")]
    ReservedName(String),
    /// Nothing is said.
    #[error("{0} is missing: say in words why")]
    Missing(&'static str),
    /// Too much is said.
    #[error("{what} is too long: it has {length} characters, and {MAX_WORDS_CHARS} is the most")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How many characters it has.
        length: usize,
    },
    /// Something that is no text.
    #[error("{what} holds the control character U+{code:04X}: write plain text")]
    Control {
        /// What holds it.
        what: &'static str,
        /// Which it is.
        code: u32,
    },
}

/// Marks that are not seen: a name with one looks like another's.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A person's name as it is recorded: without blanks around it.
///
/// # Errors
/// [`WordsRefusal::Name`].
pub fn person(text: &str) -> Result<String, WordsRefusal> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= MAX_NAME_CHARS && !name.chars().any(is_invisible);
    if fits { Ok(name.to_owned()) } else { Err(WordsRefusal::Name) }
}

/// The name of whoever holds a token: a person's, never the operator's.
///
/// # Errors
/// [`WordsRefusal::Name`], [`WordsRefusal::ReservedName`].
pub fn holder(text: &str) -> Result<String, WordsRefusal> {
    let name = person(text)?;
    let own = name.split('/').next().unwrap_or_default().trim().to_lowercase();
    if [super::UNNAMED, "bundled"].contains(&own.as_str()) { Err(WordsRefusal::ReservedName(name)) } else { Ok(name) }
}

/// Words that may be left out, on one or more lines: without blanks around them.
///
/// # Errors
/// [`WordsRefusal::TooLong`], [`WordsRefusal::Control`].
pub fn optional_words(what: &'static str, text: &str) -> Result<String, WordsRefusal> {
    let text = text.trim();
    if let Some(c) = text.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(WordsRefusal::Control { what, code: c.into() });
    }
    match text.chars().count() {
        length if length > MAX_WORDS_CHARS => Err(WordsRefusal::TooLong { what, length }),
        _ => Ok(text.to_owned()),
    }
}

/// Words that may not be left out.
///
/// # Errors
/// As [`optional_words`]; [`WordsRefusal::Missing`].
pub fn words(what: &'static str, text: &str) -> Result<String, WordsRefusal> {
    let text = optional_words(what, text)?;
    if text.is_empty() { Err(WordsRefusal::Missing(what)) } else { Ok(text) }
}

/// Whether two recorded names are one person's: `operator/li` is the operator's word for `li`.
pub fn same_person(one: &str, other: &str) -> bool {
    let bare = |name: &str| name.strip_prefix("operator/").unwrap_or(name).trim().to_lowercase();
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(person(" 王 芳 ").unwrap(), "王 芳");
        for bad in ["", " ", "a\nb", "a\0", "\u{1b}[0m", "li\u{200b}", "\u{202e}il", &"x".repeat(81)] {
            assert_eq!(person(bad), Err(WordsRefusal::Name), "{bad:?}");
        }
        for bad in ["operator", "Operator", "operator/li", "OPERATOR /li", "bundled"] {
            assert!(matches!(holder(bad), Err(WordsRefusal::ReservedName(_))), "{bad:?}");
        }
        assert!(holder("li").is_ok());
    }

    #[test]
    fn one_person_under_two_names() {
        assert!(same_person("li", "operator/li") && same_person("Li", "li"));
        assert!(!same_person("li", "operator") && !same_person("li", "wang"));
    }

    #[test]
    fn words_are_plain_text() {
        assert_eq!(words("the reason", " a\nb ").unwrap(), "a\nb");
        assert_eq!(words("the reason", " \n"), Err(WordsRefusal::Missing("the reason")));
        assert_eq!(words("the reason", "a\0b"), Err(WordsRefusal::Control { what: "the reason", code: 0 }));
        assert!(optional_words("the comment", &"x".repeat(501)).is_err() && optional_words("the comment", "").is_ok());
    }
}
