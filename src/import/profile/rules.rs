//! A profile's rules, read from its file and checked: every name stands for something, every expression is one.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use super::file::{ColumnFile, ColumnTable, FactorFile, GroupFile, PartFile, ProfileFile, SkipFile, TakeFile, When};
use super::template::{Names, Template, Tools, Value};
use super::vocabulary::Vocabularies;
use crate::factor::{COLUMNS, column, nearest};
use crate::import::Problem;

/// Where a column is found.
#[derive(Debug)]
pub(super) struct ColumnRule {
    /// The name that templates use.
    pub(super) alias: String,
    /// Labels of the header, or paths of a record's members.
    pub(super) labels: Vec<String>,
    /// A pattern for the label; its named groups become facts.
    pub(super) pattern: Option<Regex>,
    /// A place, counted from 0.
    pub(super) position: Option<usize>,
    /// Whether it may be absent.
    pub(super) optional: bool,
}

/// Conditions on a row: all of `when` match, and not all of `unless` (where there are any).
#[derive(Debug, Default)]
pub(super) struct Condition {
    when: Vec<(String, Regex)>,
    unless: Vec<(String, Regex)>,
}

impl Condition {
    /// Whether it holds for a row.
    pub(super) fn holds(&self, names: &dyn Names) -> bool {
        let matches = |(name, pattern): &(String, Regex)| pattern.is_match(&names.get(name).unwrap_or_default().text);
        self.when.iter().all(matches) && (self.unless.is_empty() || !self.unless.iter().all(matches))
    }

    /// Whether it asks for anything.
    pub(super) fn is_empty(&self) -> bool {
        self.when.is_empty() && self.unless.is_empty()
    }
}

/// What a cell becomes: the first alternative whose condition holds and that is not empty.
#[derive(Debug)]
pub(super) struct CellRule(Vec<(Condition, Template)>);

impl CellRule {
    /// Fills it in.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn fill(&self, names: &dyn Names, tools: &Tools<'_>) -> Result<Value, Problem> {
        for (condition, template) in &self.0 {
            if condition.holds(names) {
                let value = template.fill(names, tools)?;
                if !value.text.trim().is_empty() {
                    return Ok(value);
                }
            }
        }
        Ok(Value::default())
    }
}

/// A part of a cell's text taken out under names of its own.
#[derive(Debug)]
pub(super) struct TakeRule {
    pub(super) from: String,
    pub(super) pattern: Regex,
    pub(super) optional: bool,
    pub(super) condition: Condition,
}

/// Rows that are passed over.
#[derive(Debug)]
pub(super) struct SkipRule {
    pub(super) reason: String,
    pub(super) condition: Condition,
    /// Whether everything below goes too.
    pub(super) rest: bool,
}

/// Rows that belong together.
#[derive(Debug)]
pub(super) struct GroupRule {
    pub(super) by: Template,
    pub(super) lead: Condition,
    pub(super) without_lead: Option<String>,
    pub(super) parts: Vec<PartRule>,
}

/// What a row that belongs to another gives it.
#[derive(Debug)]
pub(super) struct PartRule {
    pub(super) condition: Condition,
    pub(super) cells: Vec<(&'static str, CellRule)>,
}

/// A factor that a row gives.
#[derive(Debug)]
pub(super) struct FactorRule {
    pub(super) condition: Condition,
    pub(super) each: Vec<BTreeMap<String, String>>,
    pub(super) skips: Vec<SkipRule>,
    pub(super) cells: Vec<(&'static str, CellRule)>,
    pub(super) unit_text: Option<Template>,
    pub(super) value_from_gases: Option<Template>,
}

/// Collects what is wrong in a profile, place by place.
#[derive(Debug, Default)]
pub(super) struct Reader {
    names: BTreeSet<String>,
    pub(super) wrong: Vec<String>,
}

impl Reader {
    /// Knows every name that the profile's templates may use.
    pub(super) fn new(file: &ProfileFile, own_facts: &[&str]) -> Self {
        let mut own = Self::default();
        own.names.extend(file.columns.keys().cloned());
        own.names.extend(file.facts.keys().cloned());
        own.names.extend(own_facts.iter().map(|name| (*name).to_owned()));
        own.names.extend(file.factor.iter().flat_map(|factor| &factor.each).flat_map(BTreeMap::keys).cloned());
        let mut patterns: Vec<&str> = file.take.iter().map(|take| take.pattern.as_str()).collect();
        patterns.extend(file.file_name.iter().map(String::as_str));
        for column in file.columns.values() {
            if let ColumnFile::Whole(ColumnTable { pattern: Some(pattern), .. }) = column {
                patterns.push(pattern);
            }
        }
        for pattern in patterns.into_iter().filter_map(|pattern| Regex::new(pattern).ok()) {
            own.names.extend(pattern.capture_names().flatten().map(str::to_owned));
        }
        own
    }

    /// Notes something wrong at a place.
    pub(super) fn wrong(&mut self, place: &str, what: impl std::fmt::Display) {
        self.wrong.push(format!("{place}: {what}"));
    }

    pub(super) fn regex(&mut self, place: &str, pattern: &str) -> Option<Regex> {
        Regex::new(pattern).map_err(|error| self.wrong(place, format!("not a regular expression: {error}"))).ok()
    }

    fn name(&mut self, place: &str, name: &str) {
        if !self.names.contains(name) {
            let hint =
                nearest(name, self.names.iter().map(String::as_str)).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
            self.wrong(place, format!("`{name}` is neither a column, a part taken from one, nor a fact{hint}"));
        }
    }

    /// Reads a template and checks its names; `more` are names that hold here alone.
    pub(super) fn template(&mut self, place: &str, text: &str, more: &[&str]) -> Option<Template> {
        let template = Template::parse(text).map_err(|why| self.wrong(place, why)).ok()?;
        let unknown: Vec<String> = template.names().filter(|name| !more.contains(name)).map(str::to_owned).collect();
        unknown.iter().for_each(|name| self.name(place, name));
        Some(template)
    }

    fn matches(&mut self, place: &str, when: When) -> Vec<(String, Regex)> {
        let mut read = Vec::new();
        for (name, pattern) in when {
            self.name(place, &name);
            read.extend(self.regex(&format!("{place}.{name}"), &pattern).map(|pattern| (name, pattern)));
        }
        read
    }

    fn condition(&mut self, place: &str, when: When, unless: When) -> Condition {
        Condition { when: self.matches(&format!("{place}.when"), when), unless: self.matches(&format!("{place}.unless"), unless) }
    }

    pub(super) fn columns(&mut self, columns: BTreeMap<String, ColumnFile>) -> Vec<ColumnRule> {
        let mut read = Vec::new();
        for (alias, column) in columns {
            let place = format!("columns.{alias}");
            let table = match column {
                ColumnFile::One(label) => ColumnTable { header: vec![label], ..ColumnTable::default() },
                ColumnFile::Several(header) => ColumnTable { header, ..ColumnTable::default() },
                ColumnFile::Whole(table) => table,
            };
            let pattern = table.pattern.as_deref().and_then(|pattern| self.regex(&place, pattern));
            let position = table.letter.as_deref().and_then(|letter| self.letter(&place, letter));
            if table.header.is_empty() && table.pattern.is_none() && table.letter.is_none() {
                self.wrong(&place, "needs `header`, `pattern` or `letter`: how the column is found");
            }
            read.push(ColumnRule { alias, labels: table.header, pattern, position, optional: table.optional });
        }
        read
    }

    fn letter(&mut self, place: &str, letter: &str) -> Option<usize> {
        let position =
            letter.bytes().try_fold(0_usize, |sum, byte| byte.is_ascii_uppercase().then(|| sum * 26 + usize::from(byte - b'A') + 1));
        match position.filter(|position| (1..=16384).contains(position)) {
            Some(position) => Some(position - 1),
            None => {
                self.wrong(place, format!("`{letter}` is not a column's letter: write A to XFD"));
                None
            }
        }
    }

    pub(super) fn takes(&mut self, takes: Vec<TakeFile>) -> Vec<TakeRule> {
        let mut read = Vec::new();
        for (number, take) in takes.into_iter().enumerate() {
            let place = format!("take[{number}]");
            self.name(&place, &take.from);
            let condition = self.condition(&place, take.when, When::new());
            if let Some(pattern) = self.regex(&place, &take.pattern) {
                if pattern.capture_names().flatten().next().is_none() {
                    self.wrong(&place, "the pattern names no group: write (?<name>…)");
                }
                read.push(TakeRule { from: take.from, pattern, optional: take.optional, condition });
            }
        }
        read
    }

    pub(super) fn skips(&mut self, place: &str, skips: Vec<SkipFile>) -> Vec<SkipRule> {
        let mut read = Vec::new();
        for (number, skip) in skips.into_iter().enumerate() {
            let place = format!("{place}[{number}]");
            let condition = self.condition(&place, skip.when, skip.unless);
            if condition.is_empty() {
                self.wrong(&place, "has neither `when` nor `unless`, so it would pass over every row");
            }
            if skip.reason.trim().is_empty() || skip.reason.len() > 100 {
                self.wrong(&place, "the reason has 1 to 100 characters");
            }
            read.push(SkipRule { reason: skip.reason, condition, rest: skip.rest });
        }
        read
    }

    pub(super) fn group(&mut self, group: GroupFile) -> Option<GroupRule> {
        let by = self.template("group.by", &group.by, &[]);
        let lead = self.condition("group.lead", group.lead, When::new());
        let mut parts = Vec::new();
        for (number, part) in group.part.into_iter().enumerate() {
            let place = format!("group.part[{number}]");
            let PartFile { when, unless, cells } = part;
            let condition = self.condition(&place, when, unless);
            parts.push(PartRule { condition, cells: self.cells(&place, cells) });
        }
        Some(GroupRule { by: by?, lead, without_lead: group.without_lead, parts })
    }

    pub(super) fn factors(&mut self, factors: Vec<FactorFile>) -> Vec<FactorRule> {
        let mut read = Vec::new();
        for (number, factor) in factors.into_iter().enumerate() {
            let place = format!("factor[{number}]");
            let condition = self.condition(&place, factor.when, factor.unless);
            let skips = self.skips(&format!("{place}.skip"), factor.skip);
            let cells = self.cells(&place, factor.cells);
            let given = |name: &str| cells.iter().any(|(own, _)| *own == name);
            for required in ["key", "activity", "kind", "region", "metric", "per"] {
                if !given(required) {
                    self.wrong(&place, format!("cells lack `{required}`, which every factor has"));
                }
            }
            if given("value") == factor.value_from_gases.is_some() {
                self.wrong(&place, "wants either `value` among its cells, or `value_from_gases`");
            }
            let unit_text = factor.unit_text.as_deref().and_then(|text| self.template(&format!("{place}.unit_text"), text, &[]));
            let value_from_gases =
                factor.value_from_gases.as_deref().and_then(|text| self.template(&format!("{place}.value_from_gases"), text, &[]));
            read.push(FactorRule { condition, each: factor.each, skips, cells, unit_text, value_from_gases });
        }
        if read.is_empty() {
            self.wrong("factor", "a profile has at least one [[factor]]");
        }
        read
    }

    fn cells(&mut self, place: &str, cells: toml::Table) -> Vec<(&'static str, CellRule)> {
        let mut read = Vec::new();
        for (name, rule) in cells {
            let place = format!("{place}.cells.{name}");
            let Some(own) = column(&name).and_then(|position| COLUMNS.get(position)) else {
                let hint = nearest(&name, COLUMNS.iter().map(|column| column.name)).map(|hint| format!("; did you mean `{hint}`?"));
                self.wrong(&place, format!("`{name}` is not a column of factors{}", hint.unwrap_or_default()));
                continue;
            };
            read.push((own.name, self.cell(&place, rule)));
        }
        read
    }

    fn cell(&mut self, place: &str, rule: toml::Value) -> CellRule {
        let alternatives = match rule {
            toml::Value::Array(alternatives) => alternatives,
            one => vec![one],
        };
        let mut read = Vec::new();
        for alternative in alternatives {
            match alternative {
                toml::Value::Table(mut table) => {
                    let when = self.when(place, table.remove("when"));
                    let unless = self.when(place, table.remove("unless"));
                    let value = table.remove("value");
                    if let Some(other) = table.keys().next() {
                        self.wrong(place, format!("`{other}` is not known here: write when, unless and value"));
                    }
                    let condition = self.condition(place, when, unless);
                    let template = self.plain(place, value);
                    read.extend(template.map(|template| (condition, template)));
                }
                other => read.extend(self.plain(place, Some(other)).map(|template| (Condition::default(), template))),
            }
        }
        CellRule(read)
    }

    fn when(&mut self, place: &str, when: Option<toml::Value>) -> When {
        let Some(when) = when else { return When::new() };
        when.try_into().unwrap_or_else(|error| {
            self.wrong(place, format!("a condition is a table of column = \"pattern\": {error}"));
            When::new()
        })
    }

    fn plain(&mut self, place: &str, value: Option<toml::Value>) -> Option<Template> {
        match value {
            Some(toml::Value::String(text)) => self.template(place, &text, &[]),
            Some(toml::Value::Integer(number)) => self.template(place, &number.to_string(), &[]),
            _ => {
                self.wrong(place, "write a text (numbers as text, so that no digit is lost)");
                None
            }
        }
    }

    /// Reads the vocabularies that stand in the profile itself.
    pub(super) fn vocabularies(&mut self, tables: toml::Table) -> Vocabularies {
        let mut vocabularies = Vocabularies::default();
        for (vocabulary, entries) in tables {
            let toml::Value::Table(entries) = entries else {
                self.wrong(&format!("vocabulary.{vocabulary}"), "write a table of \"text\" = what it means");
                continue;
            };
            for (text, meaning) in entries {
                let place = format!("vocabulary.{vocabulary}.{text}");
                let outputs: Vec<(String, toml::Value)> = match meaning {
                    toml::Value::Table(outputs) => outputs.into_iter().collect(),
                    one => vec![("to".to_owned(), one)],
                };
                let texts = outputs.into_iter().map(|(output, value)| match value {
                    toml::Value::String(text) => (output, text),
                    other => (output, other.to_string()),
                });
                self.entry(&mut vocabularies, &place, &vocabulary, &text, texts.collect());
            }
        }
        vocabularies
    }

    /// Adds one entry of a vocabulary.
    pub(super) fn entry(&mut self, into: &mut Vocabularies, place: &str, vocabulary: &str, text: &str, outputs: Vec<(String, String)>) {
        let groups = text.strip_prefix('~').and_then(|pattern| Regex::new(pattern).ok());
        let groups: Vec<&str> = groups.iter().flat_map(|pattern| pattern.capture_names().flatten()).collect();
        let mut read = Vec::new();
        for (output, text) in outputs {
            read.extend(self.template(place, &text, &groups).map(|template| (output, template)));
        }
        if let Err(why) = into.add(vocabulary, text, read) {
            self.wrong(place, why);
        }
    }
}

/// Every vocabulary that the cells use, with the output wanted.
pub(super) fn used_vocabularies(factors: &[FactorRule], group: Option<&GroupRule>) -> BTreeSet<(String, String)> {
    let parts = group.iter().flat_map(|group| &group.parts).flat_map(|part| &part.cells);
    let cells = factors.iter().flat_map(|factor| &factor.cells).chain(parts);
    let templates = cells.flat_map(|(_, rule)| rule.0.iter().map(|(_, template)| template));
    templates.flat_map(Template::vocabularies).map(|(vocabulary, output)| (vocabulary.to_owned(), output.to_owned())).collect()
}
