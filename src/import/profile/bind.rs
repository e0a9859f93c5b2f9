//! Finding the header of a table, and which of its columns is which.

use std::collections::BTreeMap;

use super::rules::ColumnRule;
use super::text::{collapsed, shown};
use super::{HeaderRule, Profile};
use crate::factor::nearest;
use crate::import::Problem;
use crate::import::grid::Cell;

/// Which place of a table each column of the profile has.
#[derive(Debug, Default)]
pub(super) struct Binding {
    /// Place by alias.
    pub(super) places: BTreeMap<String, usize>,
    /// Labels of the header, by place.
    pub(super) labels: Vec<String>,
    /// Facts that the labels told.
    pub(super) facts: BTreeMap<String, String>,
}

/// Looks for the header row by row.
#[derive(Debug, Default)]
pub(super) struct HeaderSearch {
    window: Vec<Vec<String>>,
    seen: u64,
}

impl HeaderSearch {
    /// Takes the next row; the labels once the header is complete.
    pub(super) fn take(&mut self, rule: &HeaderRule, cells: &[Cell]) -> Option<Vec<String>> {
        self.seen += 1;
        self.window.push(cells.iter().map(|cell| collapsed(&cell.text)).collect());
        if self.window.len() > rule.rows {
            self.window.remove(0);
        }
        if self.window.len() < rule.rows {
            return None;
        }
        let labels = join(&self.window);
        let there = |wanted: &String| labels.iter().any(|label| same(label, wanted));
        rule.find.iter().all(there).then_some(labels)
    }

    /// Whether it has searched as deep as it may.
    pub(super) fn is_over(&self, rule: &HeaderRule) -> bool {
        self.seen >= rule.within
    }
}

/// The labels of a header of several rows: an upper label holds for the columns to its right until the next.
fn join(rows: &[Vec<String>]) -> Vec<String> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut labels = vec![Vec::new(); width];
    for (number, row) in rows.iter().enumerate() {
        let last = number + 1 == rows.len();
        let mut carried = String::new();
        for (place, parts) in labels.iter_mut().enumerate() {
            let own = row.get(place).cloned().unwrap_or_default();
            if !own.is_empty() {
                carried = own.clone();
            }
            let label = if last { own } else { carried.clone() };
            if !label.is_empty() {
                parts.push(label);
            }
        }
    }
    labels.into_iter().map(|parts: Vec<String>| parts.join(" / ")).collect()
}

/// Labels compare without regard to case and blanks.
fn same(label: &str, wanted: &str) -> bool {
    label.to_lowercase() == collapsed(wanted).to_lowercase()
}

impl Profile {
    /// The problem of a table whose header was not found.
    pub(super) fn no_header(&self, rule: &HeaderRule) -> Problem {
        let wanted: Vec<String> = rule.find.iter().map(|label| format!("`{label}`")).collect();
        let note = format!(
            "none of the first {} rows holds all of {}: is it another table than profile {} reads?",
            rule.within,
            wanted.join(", "),
            self.id
        );
        Problem::new("no-header", "", note)
    }

    /// Which column stands where.
    ///
    /// # Errors
    /// Every column that is missing or there twice.
    pub(super) fn bind(&self, labels: Vec<String>) -> Result<Binding, Vec<Problem>> {
        let mut binding = Binding::default();
        let mut wrong = Vec::new();
        for rule in &self.columns {
            match place_of(rule, &labels) {
                Ok(Some(place)) => {
                    binding.facts.extend(captured(rule, labels.get(place)));
                    binding.places.insert(rule.alias.clone(), place);
                }
                Ok(None) if rule.optional => {}
                Ok(None) => wrong.push(missing(rule, &labels)),
                Err(problem) => wrong.push(problem),
            }
        }
        binding.labels = labels;
        if wrong.is_empty() { Ok(binding) } else { Err(wrong) }
    }

    /// The columns of the table that the profile has no use for; told, so that next year's new one is noticed.
    pub(super) fn unread(&self, binding: &Binding) -> Option<Problem> {
        let used: Vec<usize> = binding.places.values().copied().collect();
        let named = |(place, label): (usize, &String)| (!used.contains(&place) && !label.is_empty()).then(|| format!("`{}`", shown(label)));
        let unread: Vec<String> = binding.labels.iter().enumerate().filter_map(named).collect();
        (!unread.is_empty()).then(|| unread_problem(&unread))
    }

    /// The members of records that are wanted and were in none, and those that are not read.
    pub(super) fn members(&self, seen: &std::collections::BTreeSet<String>) -> Vec<Problem> {
        let mut found = Vec::new();
        for rule in self.columns.iter().filter(|rule| !rule.optional) {
            if !rule.labels.iter().any(|path| seen.contains(path)) {
                let labels: Vec<String> = seen.iter().cloned().collect();
                found.push(missing(rule, &labels));
            }
        }
        let read = |path: &&String| !self.columns.iter().any(|rule| rule.labels.contains(path));
        let unread: Vec<String> = seen.iter().filter(read).map(|path| format!("`{}`", shown(path))).collect();
        if !unread.is_empty() {
            found.push(unread_problem(&unread));
        }
        found
    }
}

fn unread_problem(unread: &[String]) -> Problem {
    let listed = unread.iter().take(40).cloned().collect::<Vec<_>>().join(", ");
    let more = if unread.len() > 40 { format!(" and {} more", unread.len() - 40) } else { String::new() };
    Problem::new("column-unread", "", format!("the profile does not read {listed}{more}"))
}

fn place_of(rule: &ColumnRule, labels: &[String]) -> Result<Option<usize>, Problem> {
    if let Some(position) = rule.position {
        return Ok(Some(position));
    }
    let fits = |label: &String| {
        rule.labels.iter().any(|wanted| same(label, wanted)) || rule.pattern.as_ref().is_some_and(|pattern| pattern.is_match(label))
    };
    let found: Vec<usize> = labels.iter().enumerate().filter(|(_, label)| fits(label)).map(|(place, _)| place).collect();
    match found.as_slice() {
        [] => Ok(None),
        [place] => Ok(Some(*place)),
        several => {
            let letters: Vec<String> = several.iter().map(|place| letters(*place)).collect();
            let note = format!(
                "the columns {} could all be `{}`: the profile takes one (by `letter`, or a narrower pattern)",
                letters.join(", "),
                rule.alias
            );
            Err(Problem::new("duplicate-column", rule.alias.clone(), note))
        }
    }
}

fn captured(rule: &ColumnRule, label: Option<&String>) -> BTreeMap<String, String> {
    let Some((pattern, label)) = rule.pattern.as_ref().zip(label) else { return BTreeMap::new() };
    let Some(groups) = pattern.captures(label) else { return BTreeMap::new() };
    let named = pattern.capture_names().flatten();
    named.filter_map(|name| groups.name(name).map(|found| (name.to_owned(), found.as_str().to_owned()))).collect()
}

fn missing(rule: &ColumnRule, labels: &[String]) -> Problem {
    let wanted = match &rule.pattern {
        Some(pattern) => format!("a column that matches `{pattern}`"),
        None => format!("the column {}", rule.labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(" or ")),
    };
    let first = rule.labels.first().map(String::as_str).unwrap_or_default();
    let hint = nearest(first, labels.iter().map(String::as_str)).map(|hint| format!("; there is `{}`", shown(&hint))).unwrap_or_default();
    Problem::new("missing-column", rule.alias.clone(), format!("{wanted} is not there{hint}: has the publisher renamed it?"))
}

/// The letters of a spreadsheet's column, counted from 0: A, …, Z, AA.
pub(super) fn letters(place: usize) -> String {
    let mut left = place + 1;
    let mut text = String::new();
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or(0);
        text.insert(0, char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    text
}
