//! Vocabularies: a source's own words for units, regions and boundaries, and what they mean.

use std::collections::BTreeMap;

use regex::Regex;

use super::template::{Names, Template, Tools, Value};
use super::text::{collapsed, shown};
use crate::factor::nearest;

/// What one text means: named outputs, each a template.
type Outputs = BTreeMap<String, Template>;

#[derive(Debug, Default)]
struct Vocabulary {
    texts: BTreeMap<String, Outputs>,
    patterns: Vec<(Regex, Outputs)>,
}

/// A profile's vocabularies by name.
#[derive(Debug, Default)]
pub(super) struct Vocabularies {
    by_name: BTreeMap<String, Vocabulary>,
}

/// The mark of an entry that is a regular expression.
const PATTERN_MARK: char = '~';

impl Vocabularies {
    /// Adds an entry: a text, or `~` and a regular expression whose named groups its outputs may use.
    ///
    /// # Errors
    /// With what is wrong with the expression, or that the text stands there twice.
    pub(super) fn add(&mut self, vocabulary: &str, text: &str, outputs: Vec<(String, Template)>) -> Result<(), String> {
        let own = self.by_name.entry(vocabulary.to_owned()).or_default();
        let outputs: Outputs = outputs.into_iter().collect();
        match text.strip_prefix(PATTERN_MARK) {
            Some(pattern) => {
                let pattern = Regex::new(pattern).map_err(|error| format!("`{}` is not a regular expression: {error}", shown(pattern)))?;
                own.patterns.push((pattern, outputs));
            }
            None if own.texts.insert(collapsed(text), outputs).is_some() => return Err(format!("`{}` stands twice", shown(text))),
            None => {}
        }
        Ok(())
    }

    /// Whether there is such a vocabulary, and an entry of it with this output.
    pub(super) fn has(&self, vocabulary: &str, output: &str) -> Result<(), String> {
        let Some(own) = self.by_name.get(vocabulary) else {
            let hint = nearest(vocabulary, self.by_name.keys().map(String::as_str));
            let hint = hint.map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
            return Err(format!("there is no vocabulary `{vocabulary}`{hint}"));
        };
        let mut entries = own.texts.values().chain(own.patterns.iter().map(|(_, outputs)| outputs));
        if entries.any(|outputs| outputs.contains_key(output)) {
            Ok(())
        } else {
            Err(format!("no entry of the vocabulary `{vocabulary}` gives `{output}`"))
        }
    }

    /// What a text means. An empty text means nothing; an unknown one is a mistake where it is `required`.
    pub(super) fn translate(
        &self,
        vocabulary: &str,
        output: &str,
        text: &str,
        required: bool,
        names: &dyn Names,
        tools: &Tools<'_>,
    ) -> Result<String, String> {
        let text = collapsed(text);
        let Some(own) = self.by_name.get(vocabulary).filter(|_| !text.is_empty() || required) else { return Ok(String::new()) };
        if let Some(outputs) = own.texts.get(&text) {
            return fill(outputs, output, names, tools);
        }
        for (pattern, outputs) in &own.patterns {
            if let Some(groups) = pattern.captures(&text) {
                let named = pattern.capture_names().flatten();
                let groups = named.filter_map(|name| groups.name(name).map(|found| (name, found.as_str()))).collect();
                return fill(outputs, output, &Groups { groups, names }, tools);
            }
        }
        if !required {
            return Ok(String::new());
        }
        let hint =
            nearest(&text, own.texts.keys().map(String::as_str)).map(|hint| format!(" The nearest is `{hint}`.")).unwrap_or_default();
        Err(format!("`{}` is not in the profile's vocabulary `{vocabulary}`: add what it means.{hint}", shown(&text)))
    }
}

fn fill(outputs: &Outputs, output: &str, names: &dyn Names, tools: &Tools<'_>) -> Result<String, String> {
    match outputs.get(output) {
        Some(template) => template.fill(names, tools).map(|value| value.text).map_err(|problem| problem.message),
        None => Ok(String::new()),
    }
}

/// The named groups of a pattern, before the names of the row.
struct Groups<'a> {
    groups: BTreeMap<&'a str, &'a str>,
    names: &'a dyn Names,
}

impl Names for Groups<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.groups.get(name).map(|text| Value::of(*text)).or_else(|| self.names.get(name))
    }
}
