//! One row under a profile: its names, what is taken out of its cells, and the factors that it gives.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

use super::Profile;
use super::bind::{Binding, letters};
use super::rules::{CellRule, FactorRule, TakeRule};
use super::template::{Names, Tools, Value};
use super::text::{NumberStyle, collapsed, collapsed_lines, cut, shown};
use crate::factor::exact::to_plain_decimal;
use crate::factor::{GAS_COLUMNS, GasAmount, GwpSet, notation};
use crate::import::grid::{Cell, FileFormat};
use crate::import::{FactorCells, Problem, SOURCE_ROUNDING};

/// What every row of a table shares.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Which column stands where; empty for records.
    pub(super) binding: Binding,
    /// Facts of the file, stated or given.
    pub(super) facts: BTreeMap<String, String>,
    /// The sheet's name, where the format has sheets.
    pub(super) name: Option<String>,
    /// What the file is.
    pub(super) format: FileFormat,
    /// How it writes numbers.
    pub(super) style: NumberStyle,
}

/// A row with its names.
#[derive(Debug)]
pub(super) struct NamedRow {
    /// Its number.
    pub(super) row: u64,
    cells: BTreeMap<String, (Cell, String)>,
    taken: BTreeMap<String, (String, String)>,
}

impl NamedRow {
    /// A row without cells.
    pub(super) fn empty(row: u64) -> Self {
        Self { row, cells: BTreeMap::new(), taken: BTreeMap::new() }
    }
}

/// Names of a row, of the file, and of the repetition of a factor.
pub(super) struct RowNames<'a> {
    pub(super) row: &'a NamedRow,
    pub(super) sheet: &'a Sheet,
    pub(super) each: Option<&'a BTreeMap<String, String>>,
}

impl Names for RowNames<'_> {
    fn get(&self, name: &str) -> Option<Value> {
        if let Some(text) = self.each.and_then(|each| each.get(name)) {
            return Some(Value::of(text.clone()));
        }
        if let Some((text, from)) = self.row.taken.get(name) {
            let origin = self.row.cells.get(from);
            let place = origin.map(|(_, place)| place.clone());
            return Some(Value {
                text: text.clone(),
                verbatim: origin.map(|(cell, _)| cell.verbatim().to_owned()),
                place,
                ..Value::default()
            });
        }
        if let Some((cell, place)) = self.row.cells.get(name) {
            return Some(Value {
                text: cell.text.clone(),
                verbatim: Some(cell.verbatim().to_owned()),
                number: cell.number,
                place: Some(place.clone()),
                ..Value::default()
            });
        }
        self.sheet.facts.get(name).map(|text| Value::of(text.clone()))
    }
}

impl Profile {
    /// Gives the cells of a table's row their names.
    pub(super) fn placed(&self, row: u64, cells: Vec<Cell>, sheet: &Sheet) -> NamedRow {
        let workbook = matches!(sheet.format, FileFormat::Xlsx | FileFormat::Xls | FileFormat::Ods);
        let mut named = BTreeMap::new();
        for (alias, place) in &sheet.binding.places {
            let cell = cells.get(*place).cloned().unwrap_or_default();
            let where_ = if workbook {
                format!("cell {}{row}", letters(*place))
            } else {
                let label = sheet.binding.labels.get(*place).map(String::as_str).unwrap_or_default();
                format!("row {row}, column {}", if label.is_empty() { letters(*place) } else { format!("`{}`", shown(label)) })
            };
            named.insert(alias.clone(), (cell, where_));
        }
        NamedRow { row, cells: named, taken: BTreeMap::new() }
    }

    /// The same for a record's members.
    pub(super) fn membered(&self, row: u64, mut cells: BTreeMap<String, Cell>) -> NamedRow {
        let mut named = BTreeMap::new();
        for rule in &self.columns {
            let found = rule.labels.iter().find_map(|path| cells.remove(path).map(|cell| (cell, path)));
            if let Some((cell, path)) = found {
                named.insert(rule.alias.clone(), (cell, format!("record {row}, {path}")));
            }
        }
        NamedRow { row, cells: named, taken: BTreeMap::new() }
    }

    /// Takes parts out of cells.
    ///
    /// # Errors
    /// A cell that does not have the form wanted.
    pub(super) fn take_parts(&self, row: &mut NamedRow, sheet: &Sheet) -> Result<(), Problem> {
        for rule in &self.takes {
            if rule.condition.holds(&RowNames { row, sheet, each: None }) {
                take_part(rule, row)?;
            }
        }
        Ok(())
    }

    /// The factors that a row gives, with the cells that its parts add (anew for each repetition); or why it gives none.
    pub(super) fn factors_of(&self, row: &NamedRow, sheet: &Sheet, parts: &PartCells<'_>) -> Made {
        let once: Vec<BTreeMap<String, String>> = vec![BTreeMap::new()];
        let mut made = Made::default();
        for rule in &self.factors {
            let each = if rule.each.is_empty() { &once } else { &rule.each };
            for binding in each {
                let names = RowNames { row, sheet, each: Some(binding) };
                if !rule.condition.holds(&names) {
                    continue;
                }
                if let Some(skip) = rule.skips.iter().find(|skip| skip.condition.holds(&names)) {
                    made.skipped.get_or_insert_with(|| skip.reason.clone());
                    continue;
                }
                let (added, wrong) = parts(binding);
                if !wrong.is_empty() {
                    made.wrong.extend(wrong);
                    continue;
                }
                match self.factor(rule, &names, &added) {
                    Ok(cells) => made.factors.push(cells),
                    Err(problems) => made.wrong.extend(problems),
                }
            }
        }
        made
    }

    fn factor(&self, rule: &FactorRule, names: &RowNames<'_>, added: &FactorCells) -> Result<FactorCells, Vec<Problem>> {
        let tools = self.tools(names.sheet.style);
        let mut cells = added.clone();
        let mut wrong = Vec::new();
        let mut marks = Marks::default();
        for (name, cell) in &rule.cells {
            match cell.fill(names, &tools) {
                Ok(value) => {
                    marks.note(name, &value);
                    wrong.extend(add_value(&mut cells, name, &value).err());
                }
                Err(problem) => wrong.push(problem),
            }
        }
        if let Some(set) = &rule.value_from_gases {
            match set.fill(names, &tools).and_then(|set| sum_of_gases(&cells, &set.text)) {
                Ok(value) => drop(cells.insert("value", value)),
                Err(problem) => wrong.push(problem),
            }
            cells.entry("co2e_origin").or_insert_with(|| "recomputed_by_us".to_owned());
        }
        if let Some(template) = &rule.unit_text {
            match template.fill(names, &tools) {
                Ok(value) => drop(cells.insert("unit_text", collapsed(&value.text))),
                Err(problem) => wrong.push(problem),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        marks.finish(&mut cells, names);
        self.default_source(&mut cells, names, &tools);
        cells.retain(|_, text| !text.is_empty());
        Ok(cells)
    }

    /// Without a cell `source`, the first source document is the one.
    fn default_source(&self, cells: &mut FactorCells, names: &dyn Names, tools: &Tools<'_>) {
        if cells.contains_key("source") {
            return;
        }
        let first = self.dataset.as_ref().and_then(|dataset| dataset.sources.first());
        let id = first.and_then(|source| self.dataset_templates.get(&source.id)).and_then(|template| template.fill(names, tools).ok());
        cells.extend(id.map(|id| ("source", id.text)));
    }
}

/// The cells that the parts of a row add under the names of a repetition, and what is wrong with them.
pub(super) type PartCells<'a> = dyn Fn(&BTreeMap<String, String>) -> (FactorCells, Vec<Problem>) + 'a;

/// What a row gave.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) factors: Vec<FactorCells>,
    pub(super) wrong: Vec<Problem>,
    pub(super) skipped: Option<String>,
}

/// What is known of the value's cell while the others are filled in.
#[derive(Debug, Default)]
struct Marks {
    verbatim: Option<String>,
    place: Option<String>,
    flags: Vec<&'static str>,
}

impl Marks {
    fn note(&mut self, name: &str, value: &Value) {
        if name == "value" {
            (self.verbatim, self.place) = (value.verbatim.clone(), value.place.clone());
            if value.rounded {
                self.flags.push("rounded");
            }
            if value.converted {
                self.flags.push("converted_by_us");
            }
        }
    }

    /// The verbatim text, the place, and the flags of what was done to the value.
    fn finish(self, cells: &mut FactorCells, names: &RowNames<'_>) {
        if let Some(verbatim) = self.verbatim.map(|text| collapsed(&text)) {
            cells.entry("value_text").or_insert(verbatim);
        }
        let sheet = names.sheet.name.as_ref().map(|sheet| format!("sheet {sheet}, ")).unwrap_or_default();
        let place = self.place.unwrap_or_else(|| format!("row {}", names.row.row));
        cells.entry("locator").or_insert_with(|| format!("{sheet}{place}"));
        for flag in self.flags {
            drop(add_cell(cells, "flags", flag));
        }
    }
}

/// The columns that take more than one contribution, and what parts these.
fn joint(name: &str) -> Option<char> {
    match name {
        "flags" => Some(' '),
        "other_gases" | "gases_co2e" | "stages" | "classifications" | "synonyms_en" | "synonyms_zh" | "derived_from" => Some(';'),
        _ => None,
    }
}

/// Puts a value into a cell, with the rounding of its source where it was converted.
fn add_value(cells: &mut FactorCells, name: &'static str, value: &Value) -> Result<(), Problem> {
    add_cell(cells, name, &value.text)?;
    if let Some(slack) = value.slack.as_ref().filter(|_| value.converted && !value.text.is_empty()) {
        let own = cells.entry(SOURCE_ROUNDING).or_default();
        if !own.is_empty() {
            own.push(';');
        }
        own.push_str(&format!("{name}={slack}"));
    }
    Ok(())
}

/// Puts a text into a cell; lists grow, other cells are filled once.
pub(super) fn add_cell(cells: &mut FactorCells, name: &'static str, text: &str) -> Result<(), Problem> {
    let long = name.starts_with("note") || name.starts_with("description");
    let text = if long { collapsed_lines(text) } else { collapsed(text) };
    if text.is_empty() {
        return Ok(());
    }
    let Some(own) = cells.get_mut(name).filter(|own| !own.is_empty()) else {
        cells.insert(name, text);
        return Ok(());
    };
    match joint(name) {
        Some(' ') if own.split(' ').any(|flag| flag == text) => {}
        Some(mark) => {
            own.push(mark);
            own.push_str(&text);
        }
        None if *own == text => {}
        None => {
            let note = format!("is given twice, as `{}` and as `{}`: two rows of one factor differ in it", shown(own), shown(&text));
            return Err(Problem::new("part-conflict", name, note));
        }
    }
    Ok(())
}

/// The cells that a part's row adds.
pub(super) fn add_cells(cells: &mut FactorCells, rules: &[(&'static str, CellRule)], names: &dyn Names, tools: &Tools<'_>) -> Vec<Problem> {
    let mut wrong = Vec::new();
    for (name, rule) in rules {
        match rule.fill(names, tools) {
            Ok(value) => wrong.extend(add_value(cells, name, &value).err()),
            Err(problem) => wrong.push(problem),
        }
    }
    wrong
}

fn take_part(rule: &TakeRule, row: &mut NamedRow) -> Result<(), Problem> {
    let text = row.cells.get(&rule.from).map(|(cell, _)| cell.text.clone());
    let text = text.or_else(|| row.taken.get(&rule.from).map(|(text, _)| text.clone())).unwrap_or_default();
    let text = collapsed(&text);
    let Some(groups) = rule.pattern.captures(&text) else {
        if rule.optional {
            return Ok(());
        }
        let note = format!("`{}` does not have the form that the profile takes apart, {}", shown(&text), rule.pattern);
        return Err(Problem::new("cell-shape", rule.from.clone(), note));
    };
    let origin = row.taken.get(&rule.from).map_or_else(|| rule.from.clone(), |(_, origin)| origin.clone());
    for name in rule.pattern.capture_names().flatten() {
        let part = groups.name(name).map(|part| part.as_str().trim().to_owned()).unwrap_or_default();
        row.taken.insert(name.to_owned(), (part, origin.clone()));
    }
    Ok(())
}

/// kg CO2e of the gases in the cells under a GWP set, exactly; parts that are CO2e already count as they are.
fn sum_of_gases(cells: &FactorCells, set: &str) -> Result<String, Problem> {
    let bad = |why: String| Problem::new("gases-sum", "value", why);
    let set = GwpSet::get(set).ok_or_else(|| bad(format!("`{}` is not a GWP set", shown(set))))?;
    let mut gases = Vec::new();
    for (column, gas, origin) in GAS_COLUMNS {
        let name = column.name();
        if let Some(text) = cells.get(name) {
            let kg = text.parse().map_err(|error| bad(format!("{name}: {error}")))?;
            gases.push(GasAmount { gas: gas.to_owned(), origin, kg });
        }
    }
    if let Some(text) = cells.get("other_gases") {
        gases.extend(notation::read_other_gases(text).map_err(bad)?);
    }
    let known = cells.get("gases_co2e").map(|text| notation::read_gases_co2e(text)).transpose().map_err(bad)?.unwrap_or_default();
    if gases.is_empty() && known.is_empty() {
        return Err(bad("no gas has an amount, so there is nothing to add up".to_owned()));
    }
    let own = set.co2e(&gases).map_err(|error| bad(error.to_string()))?;
    let sum = known.iter().fold(BigRational::zero(), |sum, part| sum + part.co2e.to_rational()) + own;
    Ok(to_plain_decimal(&sum).unwrap_or_else(|| cut(&sum)))
}
