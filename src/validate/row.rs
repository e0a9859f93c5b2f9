//! One row becomes one factor, or findings that say why not.

use super::cells::{Cells, shown};
use super::{Finding, Rule, checks};
use crate::dataset::{Metadata, years_in};
use crate::factor::{
    Basis, Co2eOrigin, Col, Factor, GasAmount, GwpSet, Interval, Metric, PriceBasis, Region, Source, SourceLevel, Status, Text, Texts,
    Unit, flag_code, flags, kinds, nearest, notation,
};
use crate::import::{FactorCells, Record};

/// What a row is read against.
pub struct RowContext<'a> {
    /// Position in the list of columns of each cell of the table.
    pub columns: &'a [usize],
    /// The package's own words; nothing for a bare table.
    pub metadata: Option<&'a Metadata>,
}

/// Reads one record; findings of severity error mean that there is no factor.
pub fn read_row(record: &Record<'_>, context: &RowContext<'_>) -> (Option<Factor>, Vec<Finding>) {
    judge(Cells::read(record, context.columns), context.metadata)
}

/// Reads the cells that an adapter gives for one factor; what a source is, its caller checks.
pub fn read_cells(row: u64, cells: &FactorCells) -> (Option<Factor>, Vec<Finding>) {
    judge(Cells::given(row, cells), None)
}

fn judge(mut cells: Cells<'_>, metadata: Option<&Metadata>) -> (Option<Factor>, Vec<Finding>) {
    let factor = read_factor(&mut cells, metadata);
    if let Some(factor) = &factor {
        checks::check(factor, &mut cells);
    }
    let sound = !cells.has_errors();
    (factor.filter(|_| sound), cells.into_findings())
}

fn read_factor(cells: &mut Cells<'_>, metadata: Option<&Metadata>) -> Option<Factor> {
    let key = read_path(cells, Col::Key);
    let activity = read_path(cells, Col::Activity);
    let kind = read_kind(cells);
    let name = texts(cells, Col::NameEn, Col::NameZh);
    if name.is_empty() {
        cells.found(Rule::Required, Col::NameEn, "is empty, and so is name_zh: a factor needs a name in one of the two");
    }
    let region = read_region(cells);
    let period = read_interval(cells, Col::PeriodFrom, Col::PeriodTo);
    let valid = read_interval(cells, Col::ValidFrom, Col::ValidUntil);
    cells.required(Col::Value);
    let value = cells.decimal(Col::Value);
    cells.required(Col::Metric);
    let metric = cells.code(Col::Metric, Metric::CODES, Metric::from_code);
    let per = read_unit(cells);
    let year = read_year(cells, Col::Year);
    check_year_of_key(cells, year);
    let source = read_source(cells, metadata);
    let gases = read_gases(cells);
    Some(Factor {
        key: key?,
        activity: activity?,
        kind: kind?,
        name,
        description: texts(cells, Col::DescriptionEn, Col::DescriptionZh),
        region: region?,
        year,
        period,
        valid,
        published: read_date(cells, Col::Published),
        value: value?,
        metric: metric?,
        per: per?,
        basis: cells.code(Col::Basis, Basis::CODES, Basis::from_code),
        price_year: read_year(cells, Col::PriceYear),
        price_basis: cells.code(Col::PriceBasis, PriceBasis::CODES, PriceBasis::from_code),
        gwp: read_gwp(cells),
        co2e_origin: cells.code(Col::Co2eOrigin, Co2eOrigin::CODES, Co2eOrigin::from_code),
        boundary: read_boundary(cells),
        scope: read_scope(cells),
        technology: cells.optional(Col::Technology),
        category: cells.optional(Col::Category),
        synonyms: Texts { en: read_synonyms(cells, Col::SynonymsEn), zh: read_synonyms(cells, Col::SynonymsZh) },
        gases,
        gases_co2e: sorted(cells.notation(Col::GasesCo2e, notation::read_gases_co2e).unwrap_or_default(), |part| part.gas.clone()),
        stages: sorted(cells.notation(Col::Stages, notation::read_stages).unwrap_or_default(), |part| part.stage.clone()),
        uncertainty: cells.notation(Col::Uncertainty, notation::read_uncertainty),
        quality: cells.notation(Col::Dqr, notation::read_quality),
        flags: read_flags(cells),
        classifications: sorted(cells.notation(Col::Classifications, notation::read_classifications).unwrap_or_default(), Clone::clone),
        source: source?,
        derived_from: sorted(cells.notation(Col::DerivedFrom, notation::read_derived_from).unwrap_or_default(), Clone::clone),
        rule: cells.optional(Col::Rule),
        certificate: cells.optional(Col::Certificate),
        note: texts(cells, Col::NoteEn, Col::NoteZh),
        status: cells.code(Col::Status, Status::CODES, Status::from_code),
    })
}

fn sorted<T: PartialEq, K: Ord>(mut items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    items.sort_by_key(key);
    items.dedup();
    items
}

fn texts(cells: &Cells<'_>, en: Col, zh: Col) -> Text {
    Text { en: cells.optional(en), zh: cells.optional(zh) }
}

/// A key or an activity: lower-case segments parted by slashes, at most 200 characters.
fn read_path(cells: &mut Cells<'_>, column: Col) -> Option<String> {
    let text = cells.required(column);
    let permitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    let segment = |part: &str| part.bytes().all(permitted) && part.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if text.is_empty() {
        return None;
    }
    if text.len() > 200 || !text.split('/').all(segment) {
        let note = format!(
            "`{}` is not a path of at most 200 characters: write segments of a-z, 0-9, `.`, `_` and `-` parted by `/`, each beginning with a letter or digit, such as grid-average/cn-zj/2022",
            shown(text)
        );
        cells.found(Rule::KeyShape, column, note);
        return None;
    }
    Some(text.to_owned())
}

fn did_you_mean(hint: Option<String>) -> String {
    hint.map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default()
}

fn read_kind(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required(Col::Kind);
    if text.is_empty() {
        return None;
    }
    if !kinds().contains_key(text) {
        let hint = nearest(text, kinds().keys().map(String::as_str));
        let hint = hint.map_or_else(
            || format!(": the kinds are {}", kinds().keys().cloned().collect::<Vec<_>>().join(", ")),
            |hint| did_you_mean(Some(hint)),
        );
        cells.found(Rule::KindUnknown, Col::Kind, format!("`{}` is not a kind of factor{hint}", shown(text)));
        return None;
    }
    Some(text.to_owned())
}

fn read_region(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required(Col::Region);
    if text.is_empty() {
        return None;
    }
    if Region::get(text).is_none() {
        let hint = did_you_mean(Region::suggestion(text));
        cells.found(
            Rule::RegionUnknown,
            Col::Region,
            format!("`{}` is not GLO, a UN M49 or ISO 3166 code or a named grid{hint}", shown(text)),
        );
        return None;
    }
    Some(text.to_owned())
}

fn read_unit(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required(Col::Per);
    if text.is_empty() {
        return None;
    }
    match Unit::parse(text) {
        Ok(unit) => {
            let has_price_year = !cells.text(Col::PriceYear).is_empty();
            let admitted = !has_price_year && cells.text(Col::Flags).split_whitespace().any(|flag| flag == "price_year_unknown");
            if unit.is_currency() != has_price_year && !admitted {
                let note = if has_price_year {
                    format!("`{text}` is no currency, so there is no price year")
                } else {
                    format!(
                        "`{text}` is a currency: say in prices of which year, or set the flag price_year_unknown where the source does not say"
                    )
                };
                cells.found(Rule::PriceYear, Col::PriceYear, note);
            }
            Some(text.to_owned())
        }
        Err(error) => {
            cells.found(Rule::UnitUnknown, Col::Per, error.to_string());
            None
        }
    }
}

fn read_year(cells: &mut Cells<'_>, column: Col) -> Option<i32> {
    let text = cells.text(column);
    if text.is_empty() {
        return None;
    }
    let year = text.parse::<i32>().ok().filter(|year| (1900..=2100).contains(year) && text.len() == 4);
    if year.is_none() {
        cells.found(Rule::YearShape, column, format!("`{}` is not a year of four digits from 1900 to 2100", shown(text)));
    }
    year
}

fn check_year_of_key(cells: &mut Cells<'_>, year: Option<i32>) {
    let key = cells.text(Col::Key);
    if let Some(year) = year
        && years_in(key).next().is_some()
        && !years_in(key).any(|named| named == year)
    {
        cells.found(Rule::YearOfKey, Col::Year, format!("is {year}, but the key `{}` names another year", shown(key)));
    }
}

fn read_date(cells: &mut Cells<'_>, column: Col) -> Option<String> {
    let text = cells.text(column);
    if text.is_empty() {
        return None;
    }
    let written_out = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !written_out || text.parse::<jiff::civil::Date>().is_err() {
        cells.found(Rule::DateShape, column, format!("`{}` is not a calendar date: write YYYY-MM-DD", shown(text)));
        return None;
    }
    Some(text.to_owned())
}

fn read_interval(cells: &mut Cells<'_>, from: Col, to: Col) -> Interval {
    let interval = Interval { from: read_date(cells, from), to: read_date(cells, to) };
    if let (Some(first), Some(last)) = (&interval.from, &interval.to)
        && first > last
    {
        cells.found(Rule::DateOrder, from, format!("{first} is after {last}"));
    }
    interval
}

fn read_gwp(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.optional(Col::Gwp)?;
    if GwpSet::get(&text).is_none() {
        let known = GwpSet::ids().collect::<Vec<_>>().join(", ");
        cells.found(Rule::GwpUnknown, Col::Gwp, format!("`{}` is not a GWP set by its full id; the sets are {known}", shown(&text)));
        return None;
    }
    Some(text)
}

fn read_boundary(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.optional(Col::Boundary)?;
    let permitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+-".contains(&b);
    if text.len() > 100 || !text.bytes().all(permitted) {
        cells.found(
            Rule::CodeShape,
            Col::Boundary,
            format!("`{}` is not a short code such as cradle-to-gate: put longer text into description or note", shown(&text)),
        );
        return None;
    }
    Some(text)
}

/// GHG Protocol: scopes 1, 2, 3 and the fifteen categories of scope 3; `outside` for biogenic CO2.
fn read_scope(cells: &mut Cells<'_>) -> Option<String> {
    const SCOPES: [&str; 19] = [
        "1", "2", "3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
        "outside",
    ];
    cells.code(Col::Scope, &SCOPES, |text| SCOPES.contains(&text).then(|| text.to_owned()))
}

fn read_synonyms(cells: &mut Cells<'_>, column: Col) -> Vec<String> {
    sorted(notation::read_list(cells.text(column)), Clone::clone)
}

fn read_flags(cells: &mut Cells<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for name in cells.text(Col::Flags).split_whitespace() {
        match flag_code(name) {
            Some(code) => found.push(code.to_owned()),
            None => {
                let hint = did_you_mean(nearest(name, flags().keys().map(String::as_str)));
                cells.found(Rule::FlagUnknown, Col::Flags, format!("`{}` is not a flag{hint}", shown(name)));
            }
        }
    }
    sorted(found, Clone::clone)
}

fn read_source(cells: &mut Cells<'_>, metadata: Option<&Metadata>) -> Option<Source> {
    let id = cells.required(Col::Source);
    let level = cells.code(Col::SourceLevel, SourceLevel::CODES, SourceLevel::from_code);
    if id.is_empty() {
        return None;
    }
    if let Some(metadata) = metadata
        && metadata.source(id).is_none()
    {
        let declared: Vec<&str> = metadata.sources.iter().map(|source| source.id.as_str()).collect();
        cells.found(
            Rule::SourceUndeclared,
            Col::Source,
            format!("`{}` is not declared in the package; its sources are {}", shown(id), declared.join(", ")),
        );
    }
    Some(Source {
        id: id.to_owned(),
        level,
        locator: cells.optional(Col::Locator),
        value_text: cells.optional(Col::ValueText),
        unit_text: cells.optional(Col::UnitText),
    })
}

fn read_gases(cells: &mut Cells<'_>) -> Vec<GasAmount> {
    let mut gases = cells.notation(Col::OtherGases, notation::read_other_gases).unwrap_or_default();
    for (column, gas, origin) in crate::factor::GAS_COLUMNS {
        gases.extend(cells.decimal(column).map(|kg| GasAmount { gas: gas.to_owned(), origin, kg }));
    }
    gases.sort_by(|a, b| (&a.gas, a.origin).cmp(&(&b.gas, b.origin)));
    let whole_and_split =
        gases.windows(2).any(|pair| matches!(pair, [a, b] if a.gas == b.gas && (a.origin == b.origin || a.origin.is_none())));
    if whole_and_split {
        cells.found(Rule::GasTwice, Col::OtherGases, "a gas stands twice: give it whole or by origin, once each");
    }
    gases
}
