//! The columns of `factors.csv`, in their published order, and a factor's cells.

use std::borrow::Cow;

use super::notation::{write_list, write_quality, write_uncertainty};
use super::{Factor, GasAmount, Origin};

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
    ($($variant:ident = $name:literal $($mark:ident)*),+ $(,)?) => {
        /// A column by its name: its place in [`COLUMNS`] costs no search.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is the column of its name, which the package's description explains")]
        pub enum Col { $($variant),+ }

        impl Col {
            /// All of them, in the order of [`COLUMNS`].
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its header.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Whether its cells are free text, which a spreadsheet might run as a formula.
            pub const fn is_text(self) -> bool {
                match self { $(Self::$variant => columns!(@is text $($mark)*)),+ }
            }
        }

        /// Every column, in the order of a release's `factors.csv`.
        ///
        /// Of `name_en` and `name_zh` one must be there, which is its own rule.
        pub const COLUMNS: &[Column] =
            &[$(Column { name: $name, required: columns!(@is required $($mark)*), text: columns!(@is text $($mark)*) }),+];
    };
    (@is required required $($rest:ident)*) => { true };
    (@is text text $($rest:ident)*) => { true };
    (@is $wanted:ident $other:ident $($rest:ident)*) => { columns!(@is $wanted $($rest)*) };
    (@is $wanted:ident) => { false };
}

columns![
    Key = "key" required, Activity = "activity" required, Kind = "kind" required, NameEn = "name_en" text,
    NameZh = "name_zh" text, DescriptionEn = "description_en" text, DescriptionZh = "description_zh" text,
    Region = "region" required, Year = "year" required, PeriodFrom = "period_from", PeriodTo = "period_to",
    ValidFrom = "valid_from", ValidUntil = "valid_until", Published = "published", Value = "value" required,
    Metric = "metric" required, Per = "per" required, Basis = "basis", PriceYear = "price_year", PriceBasis = "price_basis",
    Gwp = "gwp", Co2eOrigin = "co2e_origin", Boundary = "boundary" text, Scope = "scope", Technology = "technology" text,
    Category = "category" text, SynonymsEn = "synonyms_en" text, SynonymsZh = "synonyms_zh" text, Co2Fossil = "co2_fossil",
    Co2Biogenic = "co2_biogenic", Ch4 = "ch4", Ch4Fossil = "ch4_fossil", Ch4Biogenic = "ch4_biogenic", N2o = "n2o", Sf6 = "sf6",
    Nf3 = "nf3", OtherGases = "other_gases", GasesCo2e = "gases_co2e" text, Stages = "stages" text, Uncertainty = "uncertainty",
    Dqr = "dqr" text, Flags = "flags", Classifications = "classifications" text, Source = "source" required text,
    SourceLevel = "source_level", Locator = "locator" text, ValueText = "value_text" text, UnitText = "unit_text" text,
    DerivedFrom = "derived_from" text, Rule = "rule" text, Certificate = "certificate" text, NoteEn = "note_en" text,
    NoteZh = "note_zh" text, Status = "status",
];

/// The position of a column by its header.
pub fn column(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|column| column.name == name)
}

/// The cells of a factor, one for each of [`COLUMNS`]; unknown members give empty cells.
pub fn csv_cells(factor: &Factor) -> Vec<String> {
    Col::ALL.iter().map(|column| csv_cell(factor, *column).into_owned()).collect()
}

/// One cell of a factor.
pub fn csv_cell(factor: &Factor, column: Col) -> Cow<'_, str> {
    let found = identity(factor, column).or_else(|| number(factor, column)).or_else(|| origin(factor, column));
    found.map(Cow::Borrowed).unwrap_or_else(|| Cow::Owned(parts(factor, column)))
}

fn identity(factor: &Factor, column: Col) -> Option<&str> {
    Some(match column {
        Col::Key => &factor.key,
        Col::Activity => &factor.activity,
        Col::Kind => &factor.kind,
        Col::NameEn => optional(&factor.name.en),
        Col::NameZh => optional(&factor.name.zh),
        Col::DescriptionEn => optional(&factor.description.en),
        Col::DescriptionZh => optional(&factor.description.zh),
        Col::Region => &factor.region,
        Col::NoteEn => optional(&factor.note.en),
        Col::NoteZh => optional(&factor.note.zh),
        Col::Category => optional(&factor.category),
        Col::Technology => optional(&factor.technology),
        _ => return None,
    })
}

fn number(factor: &Factor, column: Col) -> Option<&str> {
    Some(match column {
        Col::PeriodFrom => optional(&factor.period.from),
        Col::PeriodTo => optional(&factor.period.to),
        Col::ValidFrom => optional(&factor.valid.from),
        Col::ValidUntil => optional(&factor.valid.to),
        Col::Published => optional(&factor.published),
        Col::Value => factor.value.as_str(),
        Col::Metric => factor.metric.code(),
        Col::Per => &factor.per,
        Col::Basis => factor.basis.map(|basis| basis.code()).unwrap_or_default(),
        Col::PriceBasis => factor.price_basis.map(|basis| basis.code()).unwrap_or_default(),
        Col::Gwp => optional(&factor.gwp),
        Col::Co2eOrigin => factor.co2e_origin.map(|origin| origin.code()).unwrap_or_default(),
        Col::Boundary => optional(&factor.boundary),
        Col::Scope => optional(&factor.scope),
        column => {
            let (_, gas, origin) = GAS_COLUMNS.iter().find(|(own, ..)| *own == column)?;
            let own = factor.gases.iter().find(|amount| amount.gas == *gas && amount.origin == *origin);
            own.map(|amount| amount.kg.as_str()).unwrap_or_default()
        }
    })
}

/// The columns that hold one gas each, and the gas and origin of each.
pub(crate) const GAS_COLUMNS: [(Col, &str, Option<Origin>); 8] = [
    (Col::Co2Fossil, "CO2", Some(Origin::Fossil)),
    (Col::Co2Biogenic, "CO2", Some(Origin::Biogenic)),
    (Col::Ch4, "CH4", None),
    (Col::Ch4Fossil, "CH4", Some(Origin::Fossil)),
    (Col::Ch4Biogenic, "CH4", Some(Origin::Biogenic)),
    (Col::N2o, "N2O", None),
    (Col::Sf6, "SF6", None),
    (Col::Nf3, "NF3", None),
];

fn origin(factor: &Factor, column: Col) -> Option<&str> {
    Some(match column {
        Col::Source => &factor.source.id,
        Col::SourceLevel => factor.source.level.map(|level| level.code()).unwrap_or_default(),
        Col::Locator => optional(&factor.source.locator),
        Col::ValueText => optional(&factor.source.value_text),
        Col::UnitText => optional(&factor.source.unit_text),
        Col::Rule => optional(&factor.rule),
        Col::Certificate => optional(&factor.certificate),
        Col::Status => factor.status.map(|status| status.code()).unwrap_or_default(),
        _ => return None,
    })
}

/// The cells that are put together from several members.
fn parts(factor: &Factor, column: Col) -> String {
    let amounts = |parts: Vec<String>| write_list(parts.iter().map(String::as_str));
    let year = |year: Option<i32>| year.map(|year| year.to_string()).unwrap_or_default();
    let named = |amount: &&GasAmount| GAS_COLUMNS.iter().any(|(_, gas, _)| *gas == amount.gas);
    match column {
        Col::Year => year(factor.year),
        Col::PriceYear => year(factor.price_year),
        Col::SynonymsEn => write_list(factor.synonyms.en.iter().map(String::as_str)),
        Col::SynonymsZh => write_list(factor.synonyms.zh.iter().map(String::as_str)),
        Col::OtherGases => amounts(factor.gases.iter().filter(|a| !named(a)).map(|a| format!("{}={}", a.gas, a.kg)).collect()),
        Col::GasesCo2e => amounts(factor.gases_co2e.iter().map(|part| format!("{}={}", part.gas, part.co2e)).collect()),
        Col::Stages => amounts(factor.stages.iter().map(|part| format!("{}={}", part.stage, part.value)).collect()),
        Col::Uncertainty => factor.uncertainty.as_ref().map(write_uncertainty).unwrap_or_default(),
        Col::Dqr => factor.quality.as_ref().map(write_quality).unwrap_or_default(),
        Col::Flags => factor.flags.join(" "),
        Col::Classifications => amounts(factor.classifications.iter().map(|part| format!("{}={}", part.scheme, part.code)).collect()),
        Col::DerivedFrom => {
            amounts(factor.derived_from.iter().map(|from| format!("{}@{}#{}", from.dataset, from.version, from.key)).collect())
        }
        _ => String::new(),
    }
}

fn optional(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_places_are_those_of_the_list() {
        assert_eq!(Col::ALL.len(), COLUMNS.len());
        for (place, own) in Col::ALL.iter().enumerate() {
            assert_eq!((*own as usize, own.name()), (place, COLUMNS[place].name));
            assert_eq!(column(own.name()), Some(place));
        }
    }
}
