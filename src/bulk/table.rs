//! The columns of factors as a typed table: one layout for Parquet and SQLite.

use super::Row;
use crate::factor::{COLUMNS, Decimal, Factor, csv_cells};

/// What a column of the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text that is always there.
    Text,
    /// A text, where it is known.
    Optional,
    /// A year, where it is known.
    Year,
    /// A calendar date, where it is known.
    Date,
    /// The value as a double; the exact one is a text beside it.
    Value,
    /// A list of texts.
    Texts,
    /// A list of groups of members.
    Groups(&'static [(&'static str, Part)]),
}

/// What a member of a group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A text that is always there.
    Text,
    /// A text, where it is known.
    Optional,
    /// The nearest double of the decimal that stands before it.
    Number,
}

/// A member of one group of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Item<'a> {
    /// Not known.
    Nothing,
    /// A text.
    Text(&'a str),
    /// A double.
    Number(f64),
}

const GASES: Shape = Shape::Groups(&[("gas", Part::Text), ("origin", Part::Optional), ("kg", Part::Text), ("kg_number", Part::Number)]);
const GASES_CO2E: Shape = Shape::Groups(&[("gas", Part::Text), ("co2e", Part::Text), ("co2e_number", Part::Number)]);
const STAGES: Shape = Shape::Groups(&[("stage", Part::Text), ("value", Part::Text), ("value_number", Part::Number)]);
const CLASSIFICATIONS: Shape = Shape::Groups(&[("scheme", Part::Text), ("code", Part::Text)]);
const DERIVED_FROM: Shape = Shape::Groups(&[("dataset", Part::Text), ("version", Part::Text), ("key", Part::Text)]);

/// The columns that stand before and behind those of `factors.csv`.
const OWN: [&str; 3] = super::SELECTION_COLUMNS;

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Its place among the texts of a [`Record`], where it is one.
    place: usize,
}

/// The columns, in their order: release, digest, and those of `factors.csv`, with lists as lists and `gases` for `other_gases`.
pub(super) fn fields() -> Vec<Field> {
    let mut fields = Vec::new();
    for (place, name) in OWN.iter().enumerate() {
        fields.push(Field { name, shape: Shape::Text, place: COLUMNS.len() + place });
    }
    for (place, column) in COLUMNS.iter().enumerate() {
        let shape = shape(column.name, column.required);
        let name = if column.name == "other_gases" { "gases" } else { column.name };
        fields.push(Field { name, shape, place });
        if name == "value" {
            fields.push(Field { name: "value_number", shape: Shape::Value, place });
        }
    }
    fields
}

fn shape(column: &str, required: bool) -> Shape {
    match column {
        "year" | "price_year" => Shape::Year,
        "period_from" | "period_to" | "valid_from" | "valid_until" | "published" => Shape::Date,
        "synonyms_en" | "synonyms_zh" | "flags" => Shape::Texts,
        "other_gases" => GASES,
        "gases_co2e" => GASES_CO2E,
        "stages" => STAGES,
        "classifications" => CLASSIFICATIONS,
        "derived_from" => DERIVED_FROM,
        _ if required => Shape::Text,
        _ => Shape::Optional,
    }
}

/// A factor as the texts of its columns.
pub(super) struct Record {
    texts: Vec<String>,
    /// The factor itself.
    pub factor: Factor,
}

impl Record {
    /// The columns of a row.
    pub fn of(row: Row<'_>) -> Self {
        let mut texts = csv_cells(&row.factor);
        texts.extend([row.release.dataset.to_string(), row.release.version.to_string(), row.digest.to_string()]);
        Self { texts, factor: row.factor }
    }

    /// The text of a column; nothing where it is not known.
    pub fn text(&self, field: &Field) -> Option<&str> {
        self.texts.get(field.place).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The number of a column that holds a year.
    pub fn year(&self, field: &Field) -> Option<i32> {
        self.text(field).and_then(|text| text.parse().ok())
    }

    /// The days from 1970-01-01 to the date of a column; an error where it holds another text than a date.
    pub fn days(&self, field: &Field) -> Result<Option<i32>, String> {
        let Some(text) = self.text(field) else { return Ok(None) };
        let wrong = |error: jiff::Error| format!("{} of {} is no date: {error}", field.name, self.factor.key);
        let date: jiff::civil::Date = text.parse().map_err(wrong)?;
        let epoch = jiff::civil::date(1970, 1, 1);
        Ok(Some(epoch.until((jiff::Unit::Day, date)).map_err(wrong)?.get_days()))
    }

    /// The value as the nearest double.
    pub fn value(&self) -> f64 {
        nearest(&self.factor.value)
    }

    /// The texts of a list.
    pub fn texts(&self, field: &Field) -> &[String] {
        match field.name {
            "synonyms_en" => &self.factor.synonyms.en,
            "synonyms_zh" => &self.factor.synonyms.zh,
            "flags" => &self.factor.flags,
            _ => &[],
        }
    }

    /// The groups of a list, each with the members of its shape in their order.
    pub fn groups(&self, field: &Field) -> Vec<Vec<Item<'_>>> {
        let Factor { gases, gases_co2e, stages, classifications, derived_from, .. } = &self.factor;
        let amount = |decimal| [exact(decimal), Item::Number(nearest(decimal))];
        match field.name {
            "gases" => gases
                .iter()
                .map(|gas| {
                    let origin = gas.origin.map_or(Item::Nothing, |origin| Item::Text(origin.code()));
                    let [kg, number] = amount(&gas.kg);
                    vec![Item::Text(&gas.gas), origin, kg, number]
                })
                .collect(),
            "gases_co2e" => gases_co2e
                .iter()
                .map(|part| {
                    let [co2e, number] = amount(&part.co2e);
                    vec![Item::Text(&part.gas), co2e, number]
                })
                .collect(),
            "stages" => stages
                .iter()
                .map(|part| {
                    let [value, number] = amount(&part.value);
                    vec![Item::Text(&part.stage), value, number]
                })
                .collect(),
            "classifications" => classifications.iter().map(|part| vec![Item::Text(&part.scheme), Item::Text(&part.code)]).collect(),
            "derived_from" => {
                derived_from.iter().map(|from| vec![Item::Text(&from.dataset), Item::Text(&from.version), Item::Text(&from.key)]).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn exact(decimal: &Decimal) -> Item<'_> {
    Item::Text(decimal.as_str())
}

/// The double that is nearest to a decimal; reading a decimal text rounds correctly.
pub(super) fn nearest(decimal: &Decimal) -> f64 {
    decimal.as_str().parse().unwrap_or(f64::NAN)
}
