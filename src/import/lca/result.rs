//! Declared results as factors: one a total, or one a module of EN 15804.

use super::draft::{Draft, one_line, plain, slug};
use super::indicator::{Indicator, indicator};
use super::units::kg_co2e;

/// One number of a result.
#[derive(Debug, Clone, Default)]
pub(super) struct Amount {
    /// Module of EN 15804: `A1-A3`, `C4`, `D`; none for a total.
    pub(super) module: Option<String>,
    /// Scenario within the module.
    pub(super) scenario: Option<String>,
    /// Whether the data set names the scenario as the one to use.
    pub(super) is_default: bool,
    /// As it was written.
    pub(super) text: String,
    /// Where it stands.
    pub(super) locator: String,
}

/// The result of one indicator.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared {
    /// Id of the indicator or method.
    pub(super) id: Option<String>,
    /// Its name, the method's before it where it is known.
    pub(super) name: String,
    /// The unit that it is given in; none where it is not said.
    pub(super) unit: Option<String>,
    /// Its numbers.
    pub(super) amounts: Vec<Amount>,
}

/// What came of the results of a data set.
pub(super) enum Outcome {
    /// Factors.
    Drafts(Vec<Draft>),
    /// No indicator of climate change.
    Nothing,
    /// Only parts of climate change (fossil, biogenic, land use).
    PartsAlone,
}

/// The factors of a data set: its own cells, with a value for each total that it declares.
///
/// `amount` is the amount of the reference flow that the results are for.
pub(super) fn factors(base: &Draft, declared: &[Declared], amount: Option<&str>) -> Outcome {
    let climate = declared.iter().filter_map(|result| Some((indicator(result.id.as_deref(), &result.name)?, result)));
    let climate: Vec<((Indicator, bool), &Declared)> = climate.filter(|((_, sure), result)| *sure || is_mass(result)).collect();
    let totals: Vec<_> = climate.iter().filter(|((indicator, _), _)| *indicator == Indicator::Total).collect();
    if totals.is_empty() {
        return if climate.is_empty() { Outcome::Nothing } else { Outcome::PartsAlone };
    }
    let mut drafts = Vec::new();
    for (place, ((_, sure), total)) in totals.iter().enumerate() {
        for number in total.amounts.iter().filter(|number| !number.text.trim().is_empty()) {
            let mut draft = base.clone();
            if totals.len() > 1 {
                let own = total.id.as_deref().map(slug).filter(|id| !id.is_empty());
                extend_key(&mut draft, &own.unwrap_or_else(|| format!("indicator-{}", place + 1)));
            }
            module(&mut draft, number);
            method(&mut draft, total, *sure, number, amount);
            parts(&mut draft, &climate, number);
            drafts.push(draft);
        }
    }
    if drafts.is_empty() { Outcome::Nothing } else { Outcome::Drafts(drafts) }
}

/// Whether a result may be a mass of CO2e: not DALY, not points. An unknown writing of CO2e is refused later, not passed over.
fn is_mass(result: &Declared) -> bool {
    result.unit.as_deref().is_none_or(|unit| {
        let unit = unit.to_lowercase().replace('\u{2082}', "2");
        unit.contains("co2") && !unit.contains("yr") && !unit.contains("year")
    })
}

fn extend_key(draft: &mut Draft, segment: &str) {
    let key = format!("{}/{segment}", draft.cells.get("key").map_or("", String::as_str));
    draft.set("key", key);
}

fn method(draft: &mut Draft, total: &Declared, sure: bool, number: &Amount, amount: Option<&str>) {
    draft.set("metric", "CO2e");
    draft.set("co2e_origin", "source_published");
    // A method's factors are its own selection; that they equal one table of the IPCC is nowhere said.
    draft.flag("gwp_unknown");
    draft.note(format!("Indicator: {}", total.name));
    draft.set("locator", &number.locator);
    let size = match total.unit.as_deref() {
        Some(unit) => kg_co2e(unit),
        None => Some((1, 1)),
    };
    if total.unit.is_none() && !sure {
        draft.flag("unit_uncertain");
        draft.note("The unit of the result is not among the files; kg CO2e is what such indicators usually have");
    }
    let Some(size) = size else {
        let shown: String = total.unit.as_deref().unwrap_or_default().chars().take(60).collect();
        draft.wrong("unit-unknown", "value", format!("the result is in `{shown}`, which is not known to be kg CO2e"));
        return;
    };
    draft.value(&number.text, amount, size, "value");
}

/// A module stands alone: EN 15804 declares no sum, and which modules a user adds is theirs to choose.
fn module(draft: &mut Draft, number: &Amount) {
    let Some(module) = &number.module else { return };
    let code = slug(module);
    extend_key(draft, &code);
    draft.set("boundary", if code == "a1-a3" { "cradle-to-gate" } else { code.as_str() });
    draft.unflag("partial_boundary");
    let scenario = number.scenario.as_deref().map(one_line);
    if let Some(scenario) = &scenario {
        let own = slug(scenario);
        extend_key(draft, if own.is_empty() { "scenario" } else { &own });
        draft.note(format!("Scenario: {scenario}{}", if number.is_default { " (the default)" } else { "" }));
    }
    if code == "d" {
        draft.note("Module D stands beyond the system boundary and is never added to the others");
    }
    if code != "a1-a3" {
        let of = scenario.map(|scenario| format!(" ({scenario})")).unwrap_or_default();
        for (column, word) in [("name_en", ", module "), ("name_zh", "，模块 ")] {
            if let Some(name) = draft.cells.get(column).cloned() {
                draft.set(column, format!("{name}{word}{module}{of}"));
            }
        }
    }
}

/// Fossil, biogenic and land use, as the source has them beside the total.
fn parts(draft: &mut Draft, climate: &[((Indicator, bool), &Declared)], number: &Amount) {
    let mut words = Vec::new();
    for ((part, _), result) in climate.iter().filter(|((part, _), _)| *part != Indicator::Total) {
        let same = |other: &&Amount| other.module == number.module && other.scenario == number.scenario;
        if let Some(text) = result.amounts.iter().find(same).and_then(|other| plain(&other.text)) {
            words.push(format!("{} {text}", part.word()));
        }
    }
    if !words.is_empty() {
        draft.note(format!("As declared, of which {}", words.join(", ")));
    }
}
