//! One row becomes one factor, or findings that say why not.

use super::cells::{Cells, shown};
use super::{Finding, Rule, checks};
use crate::dataset::{Metadata, years_in};
use crate::factor::{
    Basis, Co2eOrigin, Factor, GasAmount, GwpSet, Interval, Metric, PriceBasis, Region, Source, SourceLevel, Status, Text, Texts, Unit,
    flag_code, flags, kinds, nearest, notation,
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
    let key = read_path(cells, "key");
    let activity = read_path(cells, "activity");
    let kind = read_kind(cells);
    let name = texts(cells, "name");
    if name.is_empty() {
        cells.found(Rule::Required, "name_en", "is empty, and so is name_zh: a factor needs a name in one of the two");
    }
    let region = read_region(cells);
    let period = read_interval(cells, "period_from", "period_to");
    let valid = read_interval(cells, "valid_from", "valid_until");
    cells.required("value");
    let value = cells.decimal("value");
    cells.required("metric");
    let metric = cells.code("metric", Metric::CODES, Metric::from_code);
    let per = read_unit(cells);
    let year = read_year(cells, "year");
    check_year_of_key(cells, year);
    let source = read_source(cells, metadata);
    let gases = read_gases(cells);
    Some(Factor {
        key: key?,
        activity: activity?,
        kind: kind?,
        name,
        description: texts(cells, "description"),
        region: region?,
        year,
        period,
        valid,
        published: read_date(cells, "published"),
        value: value?,
        metric: metric?,
        per: per?,
        basis: cells.code("basis", Basis::CODES, Basis::from_code),
        price_year: read_year(cells, "price_year"),
        price_basis: cells.code("price_basis", PriceBasis::CODES, PriceBasis::from_code),
        gwp: read_gwp(cells),
        co2e_origin: cells.code("co2e_origin", Co2eOrigin::CODES, Co2eOrigin::from_code),
        boundary: read_boundary(cells),
        scope: read_scope(cells),
        technology: cells.optional("technology"),
        category: cells.optional("category"),
        synonyms: Texts { en: read_synonyms(cells, "synonyms_en"), zh: read_synonyms(cells, "synonyms_zh") },
        gases,
        gases_co2e: sorted(cells.notation("gases_co2e", notation::read_gases_co2e).unwrap_or_default(), |part| part.gas.clone()),
        stages: sorted(cells.notation("stages", notation::read_stages).unwrap_or_default(), |part| part.stage.clone()),
        uncertainty: cells.notation("uncertainty", notation::read_uncertainty),
        quality: cells.notation("dqr", notation::read_quality),
        flags: read_flags(cells),
        classifications: sorted(cells.notation("classifications", notation::read_classifications).unwrap_or_default(), Clone::clone),
        source: source?,
        derived_from: sorted(cells.notation("derived_from", notation::read_derived_from).unwrap_or_default(), Clone::clone),
        rule: cells.optional("rule"),
        certificate: cells.optional("certificate"),
        note: texts(cells, "note"),
        status: cells.code("status", Status::CODES, Status::from_code),
    })
}

fn sorted<T: PartialEq, K: Ord>(mut items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    items.sort_by_key(key);
    items.dedup();
    items
}

fn texts(cells: &Cells<'_>, name: &str) -> Text {
    Text { en: cells.optional(&format!("{name}_en")), zh: cells.optional(&format!("{name}_zh")) }
}

/// A key or an activity: lower-case segments parted by slashes, at most 200 characters.
fn read_path(cells: &mut Cells<'_>, name: &str) -> Option<String> {
    let text = cells.required(name);
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
        cells.found(Rule::KeyShape, name, note);
        return None;
    }
    Some(text.to_owned())
}

fn did_you_mean(hint: Option<String>) -> String {
    hint.map(|hint| format!(": did you mean `{hint}`?")).unwrap_or_default()
}

fn read_kind(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required("kind");
    if text.is_empty() {
        return None;
    }
    if !kinds().contains_key(text) {
        let hint = nearest(text, kinds().keys().map(String::as_str));
        let hint = hint.map_or_else(
            || format!(": the kinds are {}", kinds().keys().cloned().collect::<Vec<_>>().join(", ")),
            |hint| did_you_mean(Some(hint)),
        );
        cells.found(Rule::KindUnknown, "kind", format!("`{}` is not a kind of factor{hint}", shown(text)));
        return None;
    }
    Some(text.to_owned())
}

fn read_region(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required("region");
    if text.is_empty() {
        return None;
    }
    if Region::get(text).is_none() {
        let hint = did_you_mean(Region::suggestion(text));
        cells.found(
            Rule::RegionUnknown,
            "region",
            format!("`{}` is not GLO, a UN M49 or ISO 3166 code or a named grid{hint}", shown(text)),
        );
        return None;
    }
    Some(text.to_owned())
}

fn read_unit(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.required("per");
    if text.is_empty() {
        return None;
    }
    match Unit::parse(text) {
        Ok(unit) => {
            let has_price_year = !cells.text("price_year").is_empty();
            let admitted = !has_price_year && cells.text("flags").split_whitespace().any(|flag| flag == "price_year_unknown");
            if unit.is_currency() != has_price_year && !admitted {
                let note = if has_price_year {
                    format!("`{text}` is no currency, so there is no price year")
                } else {
                    format!(
                        "`{text}` is a currency: say in prices of which year, or set the flag price_year_unknown where the source does not say"
                    )
                };
                cells.found(Rule::PriceYear, "price_year", note);
            }
            Some(text.to_owned())
        }
        Err(error) => {
            cells.found(Rule::UnitUnknown, "per", error.to_string());
            None
        }
    }
}

fn read_year(cells: &mut Cells<'_>, name: &str) -> Option<i32> {
    let text = cells.text(name);
    if text.is_empty() {
        return None;
    }
    let year = text.parse::<i32>().ok().filter(|year| (1900..=2100).contains(year) && text.len() == 4);
    if year.is_none() {
        cells.found(Rule::YearShape, name, format!("`{}` is not a year of four digits from 1900 to 2100", shown(text)));
    }
    year
}

fn check_year_of_key(cells: &mut Cells<'_>, year: Option<i32>) {
    let key = cells.text("key");
    if let Some(year) = year
        && years_in(key).next().is_some()
        && !years_in(key).any(|named| named == year)
    {
        cells.found(Rule::YearOfKey, "year", format!("is {year}, but the key `{}` names another year", shown(key)));
    }
}

fn read_date(cells: &mut Cells<'_>, name: &str) -> Option<String> {
    let text = cells.text(name);
    if text.is_empty() {
        return None;
    }
    let written_out = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !written_out || text.parse::<jiff::civil::Date>().is_err() {
        cells.found(Rule::DateShape, name, format!("`{}` is not a calendar date: write YYYY-MM-DD", shown(text)));
        return None;
    }
    Some(text.to_owned())
}

fn read_interval(cells: &mut Cells<'_>, from: &str, to: &str) -> Interval {
    let interval = Interval { from: read_date(cells, from), to: read_date(cells, to) };
    if let (Some(first), Some(last)) = (&interval.from, &interval.to)
        && first > last
    {
        cells.found(Rule::DateOrder, from, format!("{first} is after {last}"));
    }
    interval
}

fn read_gwp(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.optional("gwp")?;
    if GwpSet::get(&text).is_none() {
        let known = GwpSet::ids().collect::<Vec<_>>().join(", ");
        cells.found(Rule::GwpUnknown, "gwp", format!("`{}` is not a GWP set by its full id; the sets are {known}", shown(&text)));
        return None;
    }
    Some(text)
}

fn read_boundary(cells: &mut Cells<'_>) -> Option<String> {
    let text = cells.optional("boundary")?;
    let permitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._+-".contains(&b);
    if text.len() > 100 || !text.bytes().all(permitted) {
        cells.found(
            Rule::CodeShape,
            "boundary",
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
    cells.code("scope", &SCOPES, |text| SCOPES.contains(&text).then(|| text.to_owned()))
}

fn read_synonyms(cells: &mut Cells<'_>, name: &str) -> Vec<String> {
    sorted(notation::read_list(cells.text(name)), Clone::clone)
}

fn read_flags(cells: &mut Cells<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for name in cells.text("flags").split_whitespace() {
        match flag_code(name) {
            Some(code) => found.push(code.to_owned()),
            None => {
                let hint = did_you_mean(nearest(name, flags().keys().map(String::as_str)));
                cells.found(Rule::FlagUnknown, "flags", format!("`{}` is not a flag{hint}", shown(name)));
            }
        }
    }
    sorted(found, Clone::clone)
}

fn read_source(cells: &mut Cells<'_>, metadata: Option<&Metadata>) -> Option<Source> {
    let id = cells.required("source");
    let level = cells.code("source_level", SourceLevel::CODES, SourceLevel::from_code);
    if id.is_empty() {
        return None;
    }
    if let Some(metadata) = metadata
        && metadata.source(id).is_none()
    {
        let declared: Vec<&str> = metadata.sources.iter().map(|source| source.id.as_str()).collect();
        cells.found(
            Rule::SourceUndeclared,
            "source",
            format!("`{}` is not declared in the package; its sources are {}", shown(id), declared.join(", ")),
        );
    }
    Some(Source {
        id: id.to_owned(),
        level,
        locator: cells.optional("locator"),
        value_text: cells.optional("value_text"),
        unit_text: cells.optional("unit_text"),
    })
}

fn read_gases(cells: &mut Cells<'_>) -> Vec<GasAmount> {
    let mut gases = cells.notation("other_gases", notation::read_other_gases).unwrap_or_default();
    for (name, gas, origin) in crate::factor::GAS_COLUMNS {
        gases.extend(cells.decimal(name).map(|kg| GasAmount { gas: gas.to_owned(), origin, kg }));
    }
    gases.sort_by(|a, b| (&a.gas, a.origin).cmp(&(&b.gas, b.origin)));
    let whole_and_split =
        gases.windows(2).any(|pair| matches!(pair, [a, b] if a.gas == b.gas && (a.origin == b.origin || a.origin.is_none())));
    if whole_and_split {
        cells.found(Rule::GasTwice, "other_gases", "a gas stands twice: give it whole or by origin, once each");
    }
    gases
}
