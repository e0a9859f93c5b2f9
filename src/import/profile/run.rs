//! Reading a table under a profile, row by row.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;

use super::bind::{Binding, HeaderSearch};
use super::gather::Gatherer;
use super::row::{NamedRow, RowNames, Sheet};
use super::template::{Names, Value};
use super::text::NumberStyle;
use super::{FactRule, Profile};
use crate::canon::Digest;
use crate::dataset::Metadata;
use crate::import::grid::{Cell, FileFormat, GridCells, GridError, GridFile, GridRow};
use crate::import::{Problem, Step, TakeStep};

/// Reads a table under a profile; gives the words of the dataset, where the profile has them.
///
/// `file_name` is the name that the publisher gave the file; `given` are the facts that the steward states.
///
/// # Errors
/// The disk, or whatever `take` gives; what is wrong with the file are steps.
pub fn read_table(
    profile: &Profile,
    grid: &GridFile,
    file_name: &str,
    given: &BTreeMap<String, String>,
    take: &mut TakeStep<'_>,
) -> io::Result<Option<Metadata>> {
    let mut facts = profile.facts_of_name(file_name);
    facts.extend(given.clone());
    let unknown = given.keys().filter(|name| !profile.asked().any(|(own, _)| own == *name) && !profile.knows_fact(name));
    for name in unknown {
        take(Step::File(Problem::new("fact", name, format!("profile {} has no fact `{name}`", profile.id))))?;
    }
    let mut run = Run {
        profile,
        sheet: Sheet { binding: Binding::default(), facts, name: None, format: grid.format(), style: profile.style_of(grid) },
        stage: if profile.header.is_some() { Stage::Header(HeaderSearch::default()) } else { Stage::Rows },
        gatherer: Gatherer::default(),
        seen_rows: HashSet::new(),
        members: BTreeSet::new(),
        rest: None,
        broken: false,
    };
    if matches!(run.stage, Stage::Rows) {
        run.begin(Vec::new(), take)?;
    }
    run.sheet.name = sheet_name(profile, grid);
    let read = grid.rows(&profile.wish, &mut |row| run.take(row, take));
    let facts = run.sheet.facts.clone();
    match read {
        Ok(_) => run.finish(take)?,
        Err(GridError::Io(error)) => return Err(error),
        Err(GridError::Wrong { rule, row, message }) => {
            let problem = Problem::new(rule, "", message);
            match row {
                Some(row) => take(Step::Wrong { row, parts: Vec::new(), problems: vec![problem] })?,
                None => take(Step::File(problem))?,
            }
        }
    }
    Ok(profile.words(&facts))
}

/// The sheet that will be read: the first wished one that is there, else the first.
fn sheet_name(profile: &Profile, grid: &GridFile) -> Option<String> {
    let sheets = grid.sheets().ok()?;
    profile.wish.sheets.iter().find(|wished| sheets.contains(wished)).or(sheets.first()).cloned()
}

impl Profile {
    /// How a file writes numbers, where its delimiter decides; what is wrong with its text is told when it is read.
    fn style_of(&self, grid: &GridFile) -> NumberStyle {
        let layout = if self.styles.by_delimiter.is_empty() { None } else { grid.layout(&self.wish).ok().flatten() };
        layout.and_then(|layout| self.styles.by_delimiter.get(&layout.delimiter)).copied().unwrap_or(self.styles.usual)
    }
}

enum Stage {
    Header(HeaderSearch),
    Rows,
}

struct Run<'a> {
    profile: &'a Profile,
    sheet: Sheet,
    stage: Stage,
    gatherer: Gatherer,
    seen_rows: HashSet<[u8; 16]>,
    members: BTreeSet<String>,
    rest: Option<String>,
    broken: bool,
}

impl Run<'_> {
    fn take(&mut self, row: GridRow, take: &mut TakeStep<'_>) -> io::Result<()> {
        let Stage::Header(search) = &mut self.stage else { return self.row(row, take) };
        let Some(rule) = &self.profile.header else { return Ok(()) };
        let GridCells::Placed(cells) = &row.cells else {
            // records have no header: their members are named
            self.stage = Stage::Rows;
            self.begin(Vec::new(), take)?;
            return self.row(row, take);
        };
        if search.is_over(rule) {
            if !self.broken {
                self.broken = true;
                take(Step::File(self.profile.no_header(rule)))?;
            }
            return Ok(());
        }
        if let Some(labels) = search.take(rule, cells) {
            self.stage = Stage::Rows;
            self.begin(labels, take)?;
        }
        Ok(())
    }

    /// The header is known: columns and facts are settled.
    fn begin(&mut self, labels: Vec<String>, take: &mut TakeStep<'_>) -> io::Result<()> {
        if !labels.is_empty() || self.profile.columns.iter().all(|column| column.position.is_some()) {
            match self.profile.bind(labels) {
                Ok(binding) => {
                    for (name, text) in &binding.facts {
                        self.sheet.facts.entry(name.clone()).or_insert_with(|| text.clone());
                    }
                    if let Some(unread) = self.profile.unread(&binding) {
                        take(Step::File(unread))?;
                    }
                    self.sheet.binding = binding;
                }
                Err(problems) => {
                    self.broken = true;
                    problems.into_iter().try_for_each(|problem| take(Step::File(problem)))?;
                }
            }
        }
        let problems = self.profile.settle(&mut self.sheet.facts);
        self.broken |= !problems.is_empty();
        problems.into_iter().try_for_each(|problem| take(Step::File(problem)))
    }

    fn row(&mut self, row: GridRow, take: &mut TakeStep<'_>) -> io::Result<()> {
        let number = row.row;
        if self.broken {
            return take(Step::Wrong { row: number, parts: Vec::new(), problems: Vec::new() });
        }
        if let Some(reason) = &self.rest {
            return take(Step::Skipped { row: number, reason: reason.clone() });
        }
        if is_blank(&row.cells) {
            return take(Step::Skipped { row: number, reason: "blank".to_owned() });
        }
        if let Some(reason) = self.repeated(&row.cells) {
            return take(Step::Skipped { row: number, reason });
        }
        let bytes = size(&row.cells);
        let mut named = match row.cells {
            GridCells::Placed(cells) => {
                if let Some(problem) = self.wrong_width(&cells) {
                    return take(Step::Wrong { row: number, parts: Vec::new(), problems: vec![problem] });
                }
                self.profile.placed(number, cells, &self.sheet)
            }
            GridCells::Named(cells) => {
                self.members.extend(cells.keys().filter(|path| !self.members.contains(*path)).cloned().collect::<Vec<_>>());
                self.profile.membered(number, cells)
            }
        };
        self.judge(&mut named, bytes, take)
    }

    fn judge(&mut self, named: &mut NamedRow, bytes: usize, take: &mut TakeStep<'_>) -> io::Result<()> {
        let number = named.row;
        let names = RowNames { row: named, sheet: &self.sheet, each: None };
        if let Some(skip) = self.profile.skips.iter().find(|skip| skip.condition.holds(&names)) {
            self.rest = skip.rest.then(|| skip.reason.clone());
            return take(Step::Skipped { row: number, reason: skip.reason.clone() });
        }
        if let Err(problem) = self.profile.take_parts(named, &self.sheet) {
            return take(Step::Wrong { row: number, parts: Vec::new(), problems: vec![problem] });
        }
        let row = std::mem::replace(named, NamedRow::empty(number));
        let Some(rule) = &self.profile.group else { return self.profile.entry(None, &[row], false, &self.sheet, take) };
        let key = rule.by.fill(&RowNames { row: &row, sheet: &self.sheet, each: None }, &self.profile.tools(self.sheet.style));
        let kept = key.and_then(|key| self.gatherer.keep(key.text, row, bytes));
        match kept {
            Ok(()) => Ok(()),
            Err(problem) => take(Step::Wrong { row: number, parts: Vec::new(), problems: vec![problem] }),
        }
    }

    /// Text tables have as many cells as the header; what stands beyond the header belongs to no column.
    fn wrong_width(&self, cells: &[Cell]) -> Option<Problem> {
        let width = self.sheet.binding.labels.len();
        if width == 0 {
            return None;
        }
        let beyond = cells.iter().skip(width).filter(|cell| !cell.text.trim().is_empty()).count();
        let short = self.sheet.format == FileFormat::Csv && cells.len() < width;
        if beyond == 0 && !short {
            return None;
        }
        let note = format!("has {} cells where the header has {width}: is a delimiter or quote in a text not quoted?", cells.len());
        Some(Problem::new("cell-count", "", note))
    }

    /// Why a row is passed over whose every cell stood in an earlier one.
    fn repeated(&mut self, cells: &GridCells) -> Option<String> {
        let reason = self.profile.identical_rows.as_ref()?;
        let text = match cells {
            GridCells::Placed(cells) => cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join("\u{1f}"),
            GridCells::Named(cells) => {
                cells.iter().map(|(name, cell)| format!("{name}\u{1e}{}", cell.text)).collect::<Vec<_>>().join("\u{1f}")
            }
        };
        let digest = Digest::of(text.as_bytes());
        let short = digest.as_bytes().first_chunk::<16>().copied()?;
        (!self.seen_rows.insert(short)).then(|| reason.clone())
    }

    fn finish(self, take: &mut TakeStep<'_>) -> io::Result<()> {
        if let (Stage::Header(_), Some(rule), false) = (&self.stage, &self.profile.header, self.broken) {
            return take(Step::File(self.profile.no_header(rule)));
        }
        if !self.members.is_empty() {
            self.profile.members(&self.members).into_iter().try_for_each(|problem| take(Step::File(problem)))?;
        }
        match &self.profile.group {
            Some(rule) => self.gatherer.finish(self.profile, rule, &self.sheet, take),
            None => Ok(()),
        }
    }
}

fn is_blank(cells: &GridCells) -> bool {
    match cells {
        GridCells::Placed(cells) => cells.iter().all(|cell| cell.text.trim().is_empty()),
        GridCells::Named(cells) => cells.values().all(|cell| cell.text.trim().is_empty()),
    }
}

fn size(cells: &GridCells) -> usize {
    match cells {
        GridCells::Placed(cells) => cells.iter().map(|cell| cell.text.len() + 64).sum(),
        GridCells::Named(cells) => cells.iter().map(|(name, cell)| name.len() + cell.text.len() + 96).sum(),
    }
}

/// Facts alone, while facts are settled.
struct Facts<'a>(&'a BTreeMap<String, String>);

impl Names for Facts<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        self.0.get(name).map(|text| Value::of(text.clone()))
    }
}

impl Profile {
    fn facts_of_name(&self, file_name: &str) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for pattern in &self.file_name {
            if let Some(groups) = pattern.captures(file_name) {
                for name in pattern.capture_names().flatten() {
                    facts.extend(groups.name(name).map(|found| (name.to_owned(), found.as_str().to_owned())));
                }
            }
        }
        facts
    }

    fn knows_fact(&self, name: &str) -> bool {
        let of_name = self.file_name.iter().flat_map(|pattern| pattern.capture_names().flatten());
        let of_header =
            self.columns.iter().filter_map(|column| column.pattern.as_ref()).flat_map(|pattern| pattern.capture_names().flatten());
        of_name.chain(of_header).any(|own| own == name) || self.facts.iter().any(|(own, _)| own == name)
    }

    /// Settles the facts that are stated; those that are asked for and not given are problems.
    fn settle(&self, facts: &mut BTreeMap<String, String>) -> Vec<Problem> {
        let mut wrong = Vec::new();
        for (name, rule) in &self.facts {
            if facts.contains_key(name) {
                continue;
            }
            match rule {
                FactRule::Stated(template) => match template.fill(&Facts(facts), &self.tools(self.styles.usual)) {
                    Ok(value) => drop(facts.insert(name.clone(), value.text)),
                    Err(problem) => wrong.push(problem),
                },
                FactRule::Asked(question) => {
                    wrong.push(Problem::new("fact", name.clone(), format!("{question}: the file does not say; give --set {name}=…")));
                }
            }
        }
        wrong
    }

    /// A text of the dataset's words with the facts filled in.
    pub(super) fn worded(&self, text: &str, facts: &BTreeMap<String, String>) -> String {
        let filled =
            self.dataset_templates.get(text).and_then(|template| template.fill(&Facts(facts), &self.tools(self.styles.usual)).ok());
        filled.map_or_else(|| text.to_owned(), |value| value.text)
    }
}
