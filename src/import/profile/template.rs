//! Templates: `{column|filter|filter:argument}` within text, read once and filled in row by row.
//!
//! `{{` and `}}` stand for the braces themselves; an argument that holds `|`, `:` or `}` stands in single quotes.

use regex::Regex;

use super::text::{NumberStyle, collapsed, normalise, plain_number, scaled, shown};
use super::vocabulary::Vocabularies;
use crate::canon::Digest;
use crate::import::Problem;

/// A value with where it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Value {
    /// Its text.
    pub(super) text: String,
    /// The text as the file holds it, where it came from a cell.
    pub(super) verbatim: Option<String>,
    /// Whether the file itself says that it is a number.
    pub(super) number: bool,
    /// Whether digits were cut on the way.
    pub(super) rounded: bool,
    /// Whether it was scaled by anything but 1.
    pub(super) converted: bool,
    /// How far the source's rounding can have moved the number that it was read from, scaled with it.
    pub(super) slack: Option<String>,
    /// The place of its cell: `cell J7`, `column "Unit"`, a member's path.
    pub(super) place: Option<String>,
}

impl Value {
    /// A text from nowhere in particular.
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// What names mean while a template is filled in.
pub(super) trait Names {
    /// The value of a name; nothing for a name that is not there.
    fn get(&self, name: &str) -> Option<Value>;
}

/// What filters need of the profile.
pub(super) struct Tools<'a> {
    /// How the source writes numbers.
    pub(super) style: NumberStyle,
    /// Its vocabularies.
    pub(super) vocabularies: &'a Vocabularies,
}

#[derive(Debug, Clone)]
enum Filter {
    Trim,
    Lower,
    Upper,
    Slug,
    Number,
    Scale { by: Operand, divide: bool },
    Prefix(String),
    Suffix(String),
    In { vocabulary: String, output: String, required: bool },
    Match(Regex),
    Replace(Regex, String),
    Default(String),
    Date(String),
    Pad(usize),
    Hash,
    Column,
    Item,
}

#[derive(Debug, Clone)]
enum Operand {
    Number(String),
    Name(String),
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    Name { name: String, filters: Vec<Filter> },
}

/// A template that has been read.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pieces: Vec<Piece>,
}

/// Every filter, for messages.
const FILTERS: [&str; 19] = [
    "trim", "lower", "upper", "slug", "number", "times", "divide", "prefix", "suffix", "in", "try", "match", "replace", "default", "date",
    "pad", "hash", "column", "item",
];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// With what is wrong and what would be right.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                plain.push(c);
                rest = after;
            } else if let Some(inner) = rest.strip_prefix('{') {
                let end = closing(inner)
                    .ok_or_else(|| format!("`{}` opens a brace that is not closed; write {{{{ for the brace itself", shown(text)))?;
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(read_name(inner.get(..end).unwrap_or_default())?);
                rest = inner.get(end + 1..).unwrap_or_default();
            } else if c == '}' {
                return Err(format!("`{}` closes a brace that is not open; write }}}} for the brace itself", shown(text)));
            } else {
                plain.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self { pieces })
    }

    /// The names that it uses, operands of filters included.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => Vec::new(),
            Piece::Name { name, filters } => {
                let operand = filters.iter().filter_map(|filter| match filter {
                    Filter::Scale { by: Operand::Name(name), .. } => Some(name.as_str()),
                    _ => None,
                });
                std::iter::once(name.as_str()).chain(operand).collect()
            }
        })
    }

    /// The vocabularies that it uses, with the output wanted.
    pub(super) fn vocabularies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(_) => Vec::new(),
            Piece::Name { filters, .. } => filters
                .iter()
                .filter_map(|filter| match filter {
                    Filter::In { vocabulary, output, .. } => Some((vocabulary.as_str(), output.as_str())),
                    _ => None,
                })
                .collect(),
        })
    }

    /// Fills it in. The first name's place and verbatim text go with the result.
    ///
    /// # Errors
    /// What cannot be read: the problem names the column.
    pub(super) fn fill(&self, names: &dyn Names, tools: &Tools<'_>) -> Result<Value, Problem> {
        let mut whole = Value::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => whole.text.push_str(text),
                Piece::Name { name, filters } => {
                    let value = apply(names.get(name).unwrap_or_default(), name, filters, names, tools)?;
                    whole.text.push_str(&value.text);
                    whole.rounded |= value.rounded;
                    whole.converted |= value.converted;
                    whole.slack = whole.slack.or(value.slack);
                    if whole.place.is_none() {
                        (whole.place, whole.verbatim) = (value.place, value.verbatim);
                    }
                }
            }
        }
        Ok(whole)
    }
}

/// Where the brace closes, quoted arguments passed over.
fn closing(inner: &str) -> Option<usize> {
    let mut quoted = false;
    for (place, c) in inner.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '}' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

fn split_outside_quotes(text: &str, mark: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        if c == '\'' {
            quoted = !quoted;
        }
        if c == mark && !quoted {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

fn read_name(inner: &str) -> Result<Piece, String> {
    let mut parts = split_outside_quotes(inner, '|').into_iter();
    let name = parts.next().unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(format!("`{{{}}}` names no column", shown(inner)));
    }
    let filters = parts.map(|part| read_filter(&part)).collect::<Result<_, _>>()?;
    Ok(Piece::Name { name, filters })
}

fn read_filter(text: &str) -> Result<Filter, String> {
    let (name, argument) = match text.split_once(':') {
        Some((name, argument)) => (name.trim(), Some(unquoted(argument))),
        None => (text.trim(), None),
    };
    let argument = |what: &str| argument.clone().ok_or_else(|| format!("the filter `{name}` needs {what}: write {name}:…"));
    let regex = |pattern: &str| Regex::new(pattern).map_err(|error| format!("`{}` is not a regular expression: {error}", shown(pattern)));
    Ok(match name {
        "trim" => Filter::Trim,
        "lower" => Filter::Lower,
        "upper" => Filter::Upper,
        "slug" => Filter::Slug,
        "number" => Filter::Number,
        "times" | "divide" => {
            let by = argument("a plain decimal, or @ and a column's name")?;
            let by = match by.strip_prefix('@') {
                Some(name) => Operand::Name(name.to_owned()),
                None => {
                    by.parse::<crate::factor::Decimal>().map_err(|error| error.to_string())?;
                    Operand::Number(by)
                }
            };
            Filter::Scale { by, divide: name == "divide" }
        }
        "prefix" => Filter::Prefix(argument("the text that stands before")?),
        "suffix" => Filter::Suffix(argument("the text that stands behind")?),
        "in" | "try" => {
            let place = argument("VOCABULARY or VOCABULARY.OUTPUT")?;
            let (vocabulary, output) = place.split_once('.').unwrap_or((&place, "to"));
            Filter::In { vocabulary: vocabulary.to_owned(), output: output.to_owned(), required: name == "in" }
        }
        "match" => Filter::Match(regex(&argument("a regular expression")?)?),
        "replace" => {
            let rule = argument("'PATTERN=>TEXT'")?;
            let (pattern, text) = rule.split_once("=>").ok_or("the filter `replace` wants 'PATTERN=>TEXT'")?;
            Filter::Replace(regex(pattern)?, text.to_owned())
        }
        "default" => Filter::Default(argument("the text that stands for an empty cell")?),
        "date" => Filter::Date(argument("the date's form, such as %d-%m-%Y")?),
        "pad" => Filter::Pad(argument("a number of digits")?.parse().map_err(|_| "the filter `pad` wants a number of digits")?),
        "hash" => Filter::Hash,
        "column" => Filter::Column,
        "item" => Filter::Item,
        other => {
            let hint =
                crate::factor::nearest(other, FILTERS.into_iter()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
            return Err(format!("`{}` is not a filter{hint} The filters are {}", shown(other), FILTERS.join(", ")));
        }
    })
}

fn unquoted(argument: &str) -> String {
    let inner = argument.trim().strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    inner.map_or_else(|| argument.to_owned(), str::to_owned)
}

fn apply(mut value: Value, name: &str, filters: &[Filter], names: &dyn Names, tools: &Tools<'_>) -> Result<Value, Problem> {
    for filter in filters {
        let text = std::mem::take(&mut value.text);
        value.text = match filter {
            Filter::Trim => collapsed(&text),
            Filter::Lower => text.to_lowercase(),
            Filter::Upper => text.to_uppercase(),
            Filter::Slug => normalise(&text),
            Filter::Number => {
                let style = if value.number { NumberStyle { decimal: '.', thousands: None } } else { tools.style };
                let trimmed = text.trim();
                if trimmed.is_empty() {
                    String::new()
                } else {
                    let plain = plain_number(trimmed, style).map_err(|why| Problem::new("decimal", name, why))?;
                    value.slack = half_unit(&plain);
                    plain
                }
            }
            Filter::Scale { by, divide } => scale(&mut value, name, &text, by, *divide, names, tools)?,
            Filter::Prefix(before) => {
                if text.is_empty() {
                    text
                } else {
                    format!("{before}{text}")
                }
            }
            Filter::Suffix(behind) => {
                if text.is_empty() {
                    text
                } else {
                    format!("{text}{behind}")
                }
            }
            Filter::In { vocabulary, output, required } => tools
                .vocabularies
                .translate(vocabulary, output, &text, *required, names, tools)
                .map_err(|why| Problem::new("vocabulary", name, why))?,
            Filter::Match(pattern) => {
                let found = pattern.captures(&text);
                found.and_then(|found| found.get(1).or_else(|| found.get(0))).map(|part| part.as_str().to_owned()).unwrap_or_default()
            }
            Filter::Replace(pattern, by) => pattern.replace_all(&text, by.as_str()).into_owned(),
            Filter::Default(other) => {
                if text.trim().is_empty() {
                    other.clone()
                } else {
                    text
                }
            }
            Filter::Date(form) => date(&text, form).map_err(|why| Problem::new("date-shape", name, why))?,
            Filter::Pad(digits) => {
                if text.is_empty() {
                    text
                } else {
                    format!("{text:0>digits$}")
                }
            }
            Filter::Hash => Digest::of(collapsed(&text).as_bytes()).to_string().get(7..15).unwrap_or_default().to_owned(),
            Filter::Column => {
                value = names.get(&text).unwrap_or_default();
                std::mem::take(&mut value.text)
            }
            Filter::Item => crate::factor::notation::write_list([collapsed(&text).as_str()]),
        };
    }
    Ok(value)
}

fn scale(
    value: &mut Value,
    name: &str,
    text: &str,
    by: &Operand,
    divide: bool,
    names: &dyn Names,
    tools: &Tools<'_>,
) -> Result<String, Problem> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let by = match by {
        Operand::Number(number) => number.clone(),
        Operand::Name(other) => {
            let operand = names.get(other).unwrap_or_default();
            let style = if operand.number { NumberStyle { decimal: '.', thousands: None } } else { tools.style };
            plain_number(operand.text.trim(), style).map_err(|why| Problem::new("decimal", other, why))?
        }
    };
    let (text, rounded) = scaled(text, &by, divide).map_err(|why| Problem::new("decimal", name, why))?;
    value.slack = value.slack.take().and_then(|slack| scaled(&slack, &by, divide).ok()).map(|(slack, _)| slack);
    value.rounded |= rounded;
    value.converted |= by.trim_end_matches('0').trim_end_matches('.') != "1" && by != "1";
    Ok(text)
}

/// Half a unit of the last digit that a plain decimal was written with.
fn half_unit(plain: &str) -> Option<String> {
    let read: crate::factor::Decimal = plain.parse().ok()?;
    crate::factor::exact::to_plain_decimal(&read.rounding_error())
}

/// A calendar date in the profile's form as YYYY-MM-DD; the workbook's own dates already are.
fn date(text: &str, form: &str) -> Result<String, String> {
    let text = text.trim();
    let day = text.get(..10).unwrap_or(text);
    if text.is_empty() || day.parse::<jiff::civil::Date>().is_ok() {
        return Ok(day.to_owned());
    }
    let read = jiff::civil::Date::strptime(form, text).map_err(|_| format!("`{}` is not a date of the form {form}", shown(text)))?;
    Ok(read.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(&'static [(&'static str, &'static str)]);

    impl Names for Row {
        fn get(&self, name: &str) -> Option<Value> {
            self.0.iter().find(|(own, _)| *own == name).map(|(_, text)| Value::of(*text))
        }
    }

    fn filled(template: &str, row: &'static [(&'static str, &'static str)]) -> Result<String, Problem> {
        let tools = Tools { style: NumberStyle { decimal: ',', thousands: None }, vocabularies: &Vocabularies::default() };
        Template::parse(template).unwrap().fill(&Row(row), &tools).map(|value| value.text)
    }

    #[test]
    fn templates_are_filled_in() {
        let row: &[(&str, &str)] = &[("a", " Gas  oil "), ("b", ""), ("v", "1,50"), ("n", "4"), ("d", "27-05-2022")];
        for (template, text) in [
            ("x/{a|slug}{b|slug|prefix:/}", "x/gas-oil"),
            ("{v|number}", "1.50"),
            ("{v|number|divide:@n}", "0.375"),
            ("{v|number|times:1000}", "1500"),
            ("{a|match:'(o|x)il'}", "o"),
            ("{a|replace:'\\s+=>-'}", "-Gas-oil-"),
            ("{d|date:%d-%m-%Y}", "2022-05-27"),
            ("{b|default:none}", "none"),
            ("{{{n|pad:3}}}", "{004}"),
            ("{b|number}", ""),
            ("{a|trim|upper}", "GAS OIL"),
        ] {
            assert_eq!(filled(template, row).unwrap(), text, "{template}");
        }
        assert_eq!(filled("{a|number}", row).unwrap_err().field, "a");
    }

    #[test]
    fn wrong_templates_say_what_is_wrong() {
        for (template, word) in [
            ("{a", "not closed"),
            ("a}", "not open"),
            ("{}", "no column"),
            ("{a|slugg}", "did you mean `slug`"),
            ("{a|match:'('}", "regular expression"),
            ("{a|times}", "needs"),
            ("{a|times:1,5}", "`1,5`"),
            ("{a|pad:x}", "digits"),
        ] {
            let error = Template::parse(template).unwrap_err();
            assert!(error.contains(word), "{template}: {error}");
        }
    }
}
