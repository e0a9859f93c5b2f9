//! Rows that belong together: a total with its gases, an element with its stages.

use std::collections::{BTreeMap, HashMap};
use std::io;

use super::Profile;
use super::row::{NamedRow, RowNames, Sheet, add_cells};
use super::rules::GroupRule;
use crate::import::{Entry, FactorCells, Problem, Step, TakeStep};

/// Keeps the rows of a table until each group is whole.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    places: HashMap<String, usize>,
    groups: Vec<(String, Vec<NamedRow>)>,
    bytes: usize,
}

/// The most text that is held to bring rows together.
const MAX_GATHERED_BYTES: usize = 512 << 20;

impl Gatherer {
    /// Keeps a row with its group.
    ///
    /// # Errors
    /// When the table is larger than memory is spent on.
    pub(super) fn keep(&mut self, key: String, row: NamedRow, bytes: usize) -> Result<(), Problem> {
        self.bytes += bytes + key.len();
        if self.bytes > MAX_GATHERED_BYTES {
            return Err(Problem::new("too-large", "", "the table is too large to bring the rows together that belong together (512 MiB)"));
        }
        match self.places.get(&key) {
            Some(place) => {
                if let Some((_, rows)) = self.groups.get_mut(*place) {
                    rows.push(row);
                }
            }
            None => {
                self.places.insert(key.clone(), self.groups.len());
                self.groups.push((key, vec![row]));
            }
        }
        Ok(())
    }

    /// Hands out what each group gives, in the order of their first rows.
    pub(super) fn finish(self, profile: &Profile, rule: &GroupRule, sheet: &Sheet, take: &mut TakeStep<'_>) -> io::Result<()> {
        for (key, rows) in self.groups {
            profile.group(rule, &key, rows, sheet, take)?;
        }
        Ok(())
    }
}

impl Profile {
    fn group(&self, rule: &GroupRule, key: &str, mut rows: Vec<NamedRow>, sheet: &Sheet, take: &mut TakeStep<'_>) -> io::Result<()> {
        let leads = |row: &NamedRow| rule.lead.holds(&RowNames { row, sheet, each: None });
        let found: Vec<usize> = rows.iter().enumerate().filter(|(_, row)| leads(row)).map(|(place, _)| place).collect();
        if rule.lead.is_empty() {
            return self.entry(Some(rule), &rows, true, sheet, take);
        }
        match (found.as_slice(), &rule.without_lead) {
            ([place], _) => {
                let lead = rows.remove(*place);
                rows.insert(0, lead);
                self.entry(Some(rule), &rows, false, sheet, take)
            }
            ([], Some(reason)) => rows.iter().try_for_each(|row| take(Step::Skipped { row: row.row, reason: reason.clone() })),
            (found, _) => {
                let note = match found {
                    [] => "no row of the group is the one that the others belong to".to_owned(),
                    several => format!("{} rows of the group claim to be the one that the others belong to", several.len()),
                };
                let problem = Problem::new("group-lead", "", format!("{note} (group `{}`)", super::text::shown(key)));
                let numbers: Vec<u64> = rows.iter().map(|row| row.row).collect();
                let (first, parts) = numbers.split_first().map_or((0, Vec::new()), |(first, rest)| (*first, rest.to_vec()));
                take(Step::Wrong { row: first, parts, problems: vec![problem] })
            }
        }
    }

    /// What a row gives together with its parts; where `first_too`, the first row is a part as well.
    pub(super) fn entry(
        &self,
        rule: Option<&GroupRule>,
        rows: &[NamedRow],
        first_too: bool,
        sheet: &Sheet,
        take: &mut TakeStep<'_>,
    ) -> io::Result<()> {
        let Some((lead, parts)) = rows.split_first() else { return Ok(()) };
        let members = if first_too { rows } else { parts };
        let part_cells = |each: &BTreeMap<String, String>| {
            let mut added = FactorCells::new();
            let wrong: Vec<Problem> = rule
                .iter()
                .flat_map(|rule| members.iter().map(move |part| (rule, part)))
                .flat_map(|(rule, part)| self.part(rule, part, sheet, each, &mut added))
                .collect();
            (added, wrong)
        };
        let numbers: Vec<u64> = parts.iter().map(|part| part.row).collect();
        let made = self.factors_of(lead, sheet, &part_cells);
        let mut wrong = made.wrong;
        wrong.dedup();
        if !wrong.is_empty() {
            return take(Step::Wrong { row: lead.row, parts: numbers, problems: wrong });
        }
        if !made.factors.is_empty() {
            return take(Step::Entry(Entry { row: lead.row, parts: numbers, factors: made.factors, notices: Vec::new() }));
        }
        match made.skipped {
            Some(reason) => rows.iter().try_for_each(|row| take(Step::Skipped { row: row.row, reason: reason.clone() })),
            None => {
                let note = "no [[factor]] and no [[skip]] of the profile is for this row: say what becomes of it";
                take(Step::Wrong { row: lead.row, parts: numbers, problems: vec![Problem::new("no-rule", "", note)] })
            }
        }
    }

    fn part(
        &self,
        rule: &GroupRule,
        part: &NamedRow,
        sheet: &Sheet,
        each: &BTreeMap<String, String>,
        added: &mut FactorCells,
    ) -> Vec<Problem> {
        let names = RowNames { row: part, sheet, each: Some(each) };
        match rule.parts.iter().find(|own| own.condition.holds(&names)) {
            Some(own) => {
                let wrong = add_cells(added, &own.cells, &names, &self.tools(sheet.style));
                wrong.into_iter().map(|problem| Problem { message: format!("{} (row {})", problem.message, part.row), ..problem }).collect()
            }
            None => {
                let note = format!("row {} belongs to this factor, but no [[group.part]] of the profile says what it gives", part.row);
                vec![Problem::new("no-rule", "", note)]
            }
        }
    }
}
