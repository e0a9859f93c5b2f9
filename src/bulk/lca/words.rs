//! What the formats have no member for, in words, so that nothing of a factor is lost on its way.

use semver::Version;

use crate::bulk::Row;
use crate::factor::{Factor, GwpSet, Metric, Text, Uncertainty, csv_cells};

/// Members of a factor that say in words what a format has no place for, in the order of the columns.
const TOLD: [&str; 24] = [
    "kind",
    "value",
    "metric",
    "per",
    "basis",
    "price_year",
    "price_basis",
    "gwp",
    "co2e_origin",
    "boundary",
    "scope",
    "technology",
    "year",
    "period_from",
    "period_to",
    "valid_from",
    "valid_until",
    "published",
    "gases_co2e",
    "stages",
    "uncertainty",
    "dqr",
    "flags",
    "classifications",
];

/// Kinds whose emissions arise where the activity is; the others are sums over a life cycle or an economy.
const DIRECT: [&str; 5] = ["combustion", "electricity-direct", "ets-value", "fugitive", "process"];

/// Whether the emissions arise where the activity is.
pub(super) fn is_direct(factor: &Factor) -> bool {
    DIRECT.contains(&factor.kind.as_str())
}

/// The release, the digest and the way to cite a factor.
pub(super) fn origin(row: &Row<'_>) -> String {
    let factor = &row.factor;
    let cite = row.release.cite(&factor.source.id, factor.source.locator.as_deref(), &factor.key);
    format!("{}#{}, {}. Cite: {cite}", row.release.id(), factor.key, row.digest)
}

/// The licences of a release, in a line.
pub(super) fn licences(row: &Row<'_>) -> String {
    let licences = row.release.manifest.metadata.licences.iter();
    let told = licences.map(|licence| {
        let title = licence.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
        let attribution = licence.attribution.any();
        let attribution = if attribution.is_empty() { String::new() } else { format!(". {attribution}") };
        format!("{}{title}{attribution}", licence.id)
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The members that a format has no place for: `boundary: generation`, a line each.
pub(super) fn members(factor: &Factor) -> String {
    let cells = csv_cells(factor);
    let names = crate::factor::COLUMNS.iter().map(|column| column.name);
    let gases = ["co2_fossil", "co2_biogenic", "ch4", "ch4_fossil", "ch4_biogenic", "n2o", "sf6", "nf3", "other_gases"];
    let told = names.zip(cells).filter(|(name, cell)| !cell.is_empty() && (TOLD.contains(name) || gases.contains(name)));
    told.map(|(name, cell)| format!("{name}: {cell}")).collect::<Vec<_>>().join("\n")
}

/// Description, note, rule and certificate in one language.
pub(super) fn prose(factor: &Factor, of: impl Fn(&Text) -> Option<&String>) -> Option<String> {
    let parts = [of(&factor.description), of(&factor.note)];
    let text = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join("\n\n");
    Some(text).filter(|text| !text.is_empty())
}

/// A distribution that the source states: a range or a percentage names none, and is told in words alone.
pub(super) fn distribution(factor: &Factor) -> Option<&Uncertainty> {
    let stated = factor.uncertainty.as_ref();
    stated.filter(|own| matches!(own, Uncertainty::Lognormal { .. } | Uncertainty::Normal { .. } | Uncertainty::Triangular { .. }))
}

/// A version as openLCA and ILCD write it: `01.02.000`; parts beyond two (three) digits stand at their largest.
pub(super) fn data_set_version(version: &Version) -> String {
    format!("{:02}.{:02}.{:03}", version.major.min(99), version.minor.min(99), version.patch.min(999))
}

/// What the number is, for a result: `Climate change, GWP 100 (AR5, table 8.A.1)`.
///
/// The set's full id is no part of the name: readers of names take `fossil30` in it for an origin or a horizon.
pub(super) fn indicator(metric: Metric, set: Option<&str>) -> Text {
    let (en, zh) = match (metric, set.and_then(GwpSet::get)) {
        (Metric::Co2, _) => ("Carbon dioxide emitted".to_owned(), "二氧化碳排放量".to_owned()),
        (Metric::Co2e, None) => ("Climate change, GWP 100 (set not stated)".to_owned(), "气候变化，GWP 100（未说明潜势值来源）".to_owned()),
        (Metric::Co2e, Some(set)) => {
            let alike = GwpSet::all().iter().filter(|other| (&other.report, &other.table) == (&set.report, &set.table));
            let place = alike.take_while(|other| other.id != set.id).count();
            let variant = if place > 0 { format!(", variant {}", place + 1) } else { String::new() };
            let table = format!("{}, table {}{variant}", set.report, set.table);
            (format!("Climate change, GWP 100 ({table})"), format!("气候变化，GWP 100（{table}）"))
        }
    };
    Text { en: Some(en), zh: Some(zh) }
}

/// The unit of a result.
pub(super) const fn result_unit(metric: Metric) -> &'static str {
    match metric {
        Metric::Co2 => "kg CO2",
        Metric::Co2e => "kg CO2 eq",
    }
}

/// The categories above a factor, outermost first.
pub(super) fn categories(factor: &Factor) -> Vec<&str> {
    let path = factor.category.as_deref().unwrap_or_default();
    path.split('/').map(str::trim).filter(|part| !part.is_empty()).collect()
}
