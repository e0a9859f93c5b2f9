//! The columns of `factors.csv`, in their published order, and a factor's cells.

use super::notation::{write_list, write_quality, write_uncertainty};
use super::{Factor, GasAmount, Origin, Text};

/// One column of `factors.csv`.
#[derive(Debug)]
pub struct Column {
    /// Its header.
    pub name: &'static str,
    /// Whether the header must be there.
    pub required: bool,
    /// Whether its cells are free text, which a spreadsheet might run as a formula.
    pub text: bool,
}

macro_rules! columns {
    ($($name:literal $($mark:ident)*),+ $(,)?) => {
        &[$(Column { name: $name, required: columns!(@is required $($mark)*), text: columns!(@is text $($mark)*) }),+]
    };
    (@is required required $($rest:ident)*) => { true };
    (@is text text $($rest:ident)*) => { true };
    (@is $wanted:ident $other:ident $($rest:ident)*) => { columns!(@is $wanted $($rest)*) };
    (@is $wanted:ident) => { false };
}

/// Every column, in the order of a release's `factors.csv`.
///
/// Of `name_en` and `name_zh` one must be there, which is its own rule.
pub const COLUMNS: &[Column] = columns![
    "key" required, "activity" required, "kind" required, "name_en" text, "name_zh" text, "description_en" text,
    "description_zh" text, "region" required, "year" required, "period_from", "period_to", "valid_from", "valid_until",
    "published", "value" required, "metric" required, "per" required, "basis", "price_year", "price_basis", "gwp",
    "co2e_origin", "boundary" text, "scope", "technology" text, "category" text, "synonyms_en" text, "synonyms_zh" text,
    "co2_fossil", "co2_biogenic", "ch4", "ch4_fossil", "ch4_biogenic", "n2o", "sf6", "nf3", "other_gases", "gases_co2e" text,
    "stages" text, "uncertainty", "dqr" text, "flags", "classifications" text, "source" required text, "source_level", "locator" text,
    "value_text" text, "unit_text" text, "derived_from" text, "rule" text, "certificate" text, "note_en" text, "note_zh" text,
    "status",
];

/// The position of a column by its header.
pub fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// The cells of a factor, one for each of [`COLUMNS`]; unknown members give empty cells.
pub fn csv_cells(factor: &Factor) -> Vec<String> {
    COLUMNS.iter().map(|column| cell(factor, column.name)).collect()
}

fn cell(factor: &Factor, column: &str) -> String {
    identity(factor, column).or_else(|| number(factor, column)).or_else(|| parts(factor, column)).unwrap_or_else(|| origin(factor, column))
}

fn identity(factor: &Factor, column: &str) -> Option<String> {
    let en = |text: &Text| text.en.clone().unwrap_or_default();
    let zh = |text: &Text| text.zh.clone().unwrap_or_default();
    Some(match column {
        "key" => factor.key.clone(),
        "activity" => factor.activity.clone(),
        "kind" => factor.kind.clone(),
        "name_en" => en(&factor.name),
        "name_zh" => zh(&factor.name),
        "description_en" => en(&factor.description),
        "description_zh" => zh(&factor.description),
        "region" => factor.region.clone(),
        "note_en" => en(&factor.note),
        "note_zh" => zh(&factor.note),
        "synonyms_en" => write_list(factor.synonyms.en.iter().map(String::as_str)),
        "synonyms_zh" => write_list(factor.synonyms.zh.iter().map(String::as_str)),
        "category" => optional(&factor.category),
        "technology" => optional(&factor.technology),
        _ => return None,
    })
}

fn number(factor: &Factor, column: &str) -> Option<String> {
    let year = |year: Option<i32>| year.map(|year| year.to_string()).unwrap_or_default();
    Some(match column {
        "year" => year(factor.year),
        "period_from" => optional(&factor.period.from),
        "period_to" => optional(&factor.period.to),
        "valid_from" => optional(&factor.valid.from),
        "valid_until" => optional(&factor.valid.to),
        "published" => optional(&factor.published),
        "value" => factor.value.to_string(),
        "metric" => factor.metric.code().to_owned(),
        "per" => factor.per.clone(),
        "basis" => factor.basis.map(|basis| basis.code()).unwrap_or_default().to_owned(),
        "price_year" => year(factor.price_year),
        "price_basis" => factor.price_basis.map(|basis| basis.code()).unwrap_or_default().to_owned(),
        "gwp" => optional(&factor.gwp),
        "co2e_origin" => factor.co2e_origin.map(|origin| origin.code()).unwrap_or_default().to_owned(),
        "boundary" => optional(&factor.boundary),
        "scope" => optional(&factor.scope),
        _ => return None,
    })
}

/// The columns that hold one gas each, and the gas and origin of each.
pub(crate) const GAS_COLUMNS: [(&str, &str, Option<Origin>); 8] = [
    ("co2_fossil", "CO2", Some(Origin::Fossil)),
    ("co2_biogenic", "CO2", Some(Origin::Biogenic)),
    ("ch4", "CH4", None),
    ("ch4_fossil", "CH4", Some(Origin::Fossil)),
    ("ch4_biogenic", "CH4", Some(Origin::Biogenic)),
    ("n2o", "N2O", None),
    ("sf6", "SF6", None),
    ("nf3", "NF3", None),
];

fn parts(factor: &Factor, column: &str) -> Option<String> {
    let amounts = |parts: Vec<String>| write_list(parts.iter().map(String::as_str));
    if let Some((_, gas, origin)) = GAS_COLUMNS.iter().find(|(name, ..)| *name == column) {
        let own = factor.gases.iter().find(|amount| amount.gas == *gas && amount.origin == *origin);
        return Some(own.map(|amount| amount.kg.to_string()).unwrap_or_default());
    }
    let named = |amount: &&GasAmount| GAS_COLUMNS.iter().any(|(_, gas, _)| *gas == amount.gas);
    Some(match column {
        "other_gases" => amounts(factor.gases.iter().filter(|a| !named(a)).map(|a| format!("{}={}", a.gas, a.kg)).collect()),
        "gases_co2e" => amounts(factor.gases_co2e.iter().map(|part| format!("{}={}", part.gas, part.co2e)).collect()),
        "stages" => amounts(factor.stages.iter().map(|part| format!("{}={}", part.stage, part.value)).collect()),
        "uncertainty" => factor.uncertainty.as_ref().map(write_uncertainty).unwrap_or_default(),
        "dqr" => factor.quality.as_ref().map(write_quality).unwrap_or_default(),
        "flags" => factor.flags.join(" "),
        "classifications" => amounts(factor.classifications.iter().map(|part| format!("{}={}", part.scheme, part.code)).collect()),
        _ => return None,
    })
}

fn origin(factor: &Factor, column: &str) -> String {
    match column {
        "source" => factor.source.id.clone(),
        "source_level" => factor.source.level.map(|level| level.code()).unwrap_or_default().to_owned(),
        "locator" => optional(&factor.source.locator),
        "value_text" => optional(&factor.source.value_text),
        "unit_text" => optional(&factor.source.unit_text),
        "derived_from" => {
            let places: Vec<String> =
                factor.derived_from.iter().map(|from| format!("{}@{}#{}", from.dataset, from.version, from.key)).collect();
            write_list(places.iter().map(String::as_str))
        }
        "rule" => optional(&factor.rule),
        "certificate" => optional(&factor.certificate),
        "status" => factor.status.map(|status| status.code()).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

fn optional(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}
