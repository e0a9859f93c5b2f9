//! The other service's search, over what is released here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::record::{FLAGS, METHODS, access_type, category, lca_activity, record, region_in, region_name, region_out, unmapped};
use super::refusal::shown;
use super::select::{Place, Wanted, read_allowed, releases, their_flags};
use super::units::{UNIT_TYPES, UnitType};
use super::{CompatNotice, CompatRefusal, DataVersion, EmissionFactor};
use crate::dataset::Principal;
use crate::factor::Region;
use crate::release::{Catalogue, Dimension, PublishedRelease};
use crate::search::{FilterQuery, filter};

/// The parameters of a search.
const PARAMETERS: [&str; 18] = [
    "data_version",
    "query",
    "activity_id",
    "id",
    "category",
    "scope",
    "sector",
    "source",
    "source_dataset",
    "year",
    "region",
    "unit_type",
    "source_lca_activity",
    "calculation_method",
    "allowed_data_quality_flags",
    "access_type",
    "page",
    "results_per_page",
];

/// Results a page: unless asked otherwise, and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 500;

/// Words are looked up to this many matches in each release.
const WORDS_FOUND: usize = 10_000;

/// The sources of the possible filters are read from up to this many factors.
const SOURCES_READ: usize = 20_000;

/// A page of results.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SearchAnswer {
    /// From 1.
    pub current_page: usize,
    /// The last page that holds results; 1 where there are none.
    pub last_page: usize,
    /// How many match.
    pub total_results: usize,
    /// Those of the page.
    pub results: Vec<EmissionFactor>,
    /// Values that would leave results.
    pub possible_filters: PossibleFilters,
    /// What could not be mapped, of the page as a whole.
    pub notices: Vec<CompatNotice>,
}

/// Values of all results, by filter.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct PossibleFilters {
    /// Data years, the latest first.
    pub year: Vec<i32>,
    /// Publishers with their datasets.
    pub source: Vec<SourceFilter>,
    /// Regions with their names.
    pub region: Vec<RegionFilter>,
    /// Last parts of the categories.
    pub category: Vec<String>,
    /// First parts of the categories.
    pub sector: Vec<String>,
    /// Unit types.
    pub unit_type: Vec<String>,
    /// System boundaries.
    pub source_lca_activity: Vec<String>,
    /// `public`, `private`.
    pub access_type: Vec<String>,
    /// Flags that the other service has too.
    pub data_quality_flags: Vec<String>,
}

/// A publisher and its datasets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SourceFilter {
    /// The publisher.
    pub source: String,
    /// Dataset ids.
    pub datasets: Vec<String>,
}

/// A region.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct RegionFilter {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The parameters as they are understood.
struct Asked {
    version: DataVersion,
    query: Option<String>,
    wanted: Wanted,
    page: usize,
    size: usize,
}

/// Answers a search with what `who` may read.
///
/// # Errors
/// The [`CompatRefusal`] that names the parameter that is wrong.
pub fn search(catalogue: &Catalogue, parameters: &[(String, String)], who: &Principal) -> Result<SearchAnswer, CompatRefusal> {
    let asked = read(catalogue, parameters)?;
    let (releases, mut notices) = releases(catalogue, asked.version, who);
    let found = match &asked.query {
        Some(words) => with_words(catalogue, &releases, words, &asked.wanted, who, &mut notices)?,
        None => asked.wanted.find(catalogue, &releases),
    };
    let total = found.len();
    let last = total.div_ceil(asked.size).max(1);
    let mut results = Vec::new();
    let start = (asked.page - 1).saturating_mul(asked.size);
    let mut said = BTreeSet::new();
    for place in found.iter().skip(start).take(asked.size) {
        let factor = place.factor()?;
        let digest = place.release.data.digest(place.number).ok_or_else(|| place.damaged())?;
        notices.extend(unmapped(&factor).into_iter().filter(|notice| said.insert(notice.message.clone())));
        notices.extend(place.later_notice());
        results.push(record(&place.release, &digest, &factor, place.all_flags())?);
    }
    let possible_filters = possible(&found, &mut notices);
    Ok(SearchAnswer { current_page: asked.page, last_page: last, total_results: total, results, possible_filters, notices })
}

fn read(catalogue: &Catalogue, parameters: &[(String, String)]) -> Result<Asked, CompatRefusal> {
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in parameters {
        if !PARAMETERS.contains(&name.as_str()) {
            return Err(CompatRefusal::none_of("unknown_parameter", "parameters", name, PARAMETERS));
        }
        if given.insert(name, value.trim()).is_some() {
            return Err(CompatRefusal::new(
                "invalid_input",
                format!("`{}` stands twice; several values are parted by commas", shown(name)),
            ));
        }
    }
    given.retain(|_, value| !value.is_empty());
    let version = given.get("data_version").ok_or_else(|| {
        let latest = catalogue.facts();
        let message = format!("`data_version` is required: `^{latest}` for what stands now, `{latest}` for the same answer later on");
        CompatRefusal::new("missing_data_version", message).valid([format!("^{latest}"), latest.to_string()])
    })?;
    let list = |name: &str| -> Vec<String> {
        let values = given.get(name).copied().unwrap_or_default().split(',').map(str::trim).filter(|value| !value.is_empty());
        values.map(str::to_owned).collect()
    };
    let coded = |name: &str, valid: &[&str]| -> Result<Vec<String>, CompatRefusal> {
        let values = list(name);
        match values.iter().find(|value| !valid.contains(&value.as_str())) {
            Some(wrong) => Err(CompatRefusal::none_of("invalid_input", name, wrong, valid)),
            None => Ok(values),
        }
    };
    let unit_types: Vec<&str> = UNIT_TYPES.iter().map(|own| own.name).collect();
    let methods = METHODS.map(|(method, _)| method);
    let wanted = Wanted {
        activity: list("activity_id"),
        id: list("id"),
        category: list("category"),
        sector: list("sector"),
        scope: coded("scope", &["1", "2", "3", "outside"])?,
        source: list("source"),
        source_dataset: list("source_dataset"),
        year: list("year").iter().map(|text| read_year(text)).collect::<Result<_, _>>()?,
        region: list("region").into_iter().map(|text| check_region(&text).map(|()| text)).collect::<Result<_, _>>()?,
        unit_type: coded("unit_type", &unit_types)?,
        lca_activity: list("source_lca_activity"),
        method: coded("calculation_method", &methods)?,
        access_type: coded("access_type", &["public", "private", "premium"])?,
        allowed: match given.contains_key("allowed_data_quality_flags") {
            true => Some(read_allowed(list("allowed_data_quality_flags").iter().map(String::as_str))?),
            false => None,
        },
    };
    Ok(Asked {
        version: DataVersion::read(version, catalogue)?,
        query: given.get("query").map(|text| (*text).to_owned()),
        wanted,
        page: read_count("page", given.get("page").copied(), 1, usize::MAX)?,
        size: read_count("results_per_page", given.get("results_per_page").copied(), PAGE, LARGEST_PAGE)?,
    })
}

fn read_count(name: &str, text: Option<&str>, otherwise: usize, most: usize) -> Result<usize, CompatRefusal> {
    let Some(text) = text else { return Ok(otherwise) };
    let count = text.parse::<usize>().ok().filter(|count| (1..=most).contains(count) && text.bytes().all(|byte| byte.is_ascii_digit()));
    let bound = if most == usize::MAX { "from 1".to_owned() } else { format!("from 1 to {most}") };
    count.ok_or_else(|| CompatRefusal::new("invalid_input", format!("`{name}`: `{}` is not a whole number {bound}", shown(text))))
}

/// A year of four digits.
pub(super) fn read_year(text: &str) -> Result<i32, CompatRefusal> {
    let year = text.parse().ok().filter(|_| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()));
    year.ok_or_else(|| CompatRefusal::new("invalid_input", format!("`year`: `{}` is not a year of four digits", shown(text))))
}

/// A region code, or with a trailing `*` the beginning of some.
pub(super) fn check_region(text: &str) -> Result<(), CompatRefusal> {
    let known = match text.strip_suffix('*') {
        Some(start) => Region::all().keys().any(|code| code.starts_with(start)) || "GLOBAL".starts_with(start),
        None => Region::get(region_in(text)).is_some(),
    };
    if known {
        return Ok(());
    }
    let near = Region::suggestion(text.trim_end_matches('*')).map(|code| region_out(&code));
    let hint = near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let message = format!("`region`: `{}` is not GLOBAL, a UN M49 or ISO 3166 code or a named grid{hint}", shown(text));
    Err(CompatRefusal::new("invalid_input", message).valid(near))
}

/// Those with the words asked for, as /v1/factors finds them, the best first within a release.
fn with_words(
    catalogue: &Catalogue,
    releases: &[Arc<PublishedRelease>],
    words: &str,
    wanted: &Wanted,
    who: &Principal,
    notices: &mut Vec<CompatNotice>,
) -> Result<Vec<Place>, CompatRefusal> {
    let mut found = Vec::new();
    for release in releases {
        let mut cursor = None;
        let mut seen = 0;
        loop {
            let query = FilterQuery {
                dataset: Some(release.id()),
                q: Some(words.to_owned()),
                limit: Some("1000".to_owned()),
                facets: Some("none".to_owned()),
                cursor: cursor.clone(),
                ..FilterQuery::default()
            };
            let page =
                filter(catalogue, &query, who).map_err(|refusal| CompatRefusal::new("invalid_input", format!("`query`: {refusal}")))?;
            seen += page.items.len();
            let places = page.items.into_iter().map(|item| Place::new(catalogue, item.release, item.number));
            found.extend(places.filter(|place| wanted.wants(place)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
            if seen >= WORDS_FOUND {
                let message = format!("of {} only the first {WORDS_FOUND} factors with these words were looked at", release.dataset);
                notices.push(CompatNotice::warning("too_many_words", message));
                break;
            }
        }
    }
    Ok(found)
}

fn possible(found: &[Place], notices: &mut Vec<CompatNotice>) -> PossibleFilters {
    let texts = |dimension: Dimension| found.iter().map(|place| place.text(dimension).map(str::to_owned)).collect::<BTreeSet<_>>();
    let mut sources: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for place in found.iter().take(SOURCES_READ) {
        if let Some(source) = place.source() {
            sources.entry(source).or_default().insert(place.release.dataset.to_string());
        }
    }
    if found.len() > SOURCES_READ {
        let message = format!("the sources of possible_filters are those of the first {SOURCES_READ} results");
        notices.push(CompatNotice::info("possible_filters", message));
    }
    let categories: Vec<_> = texts(Dimension::Category).into_iter().map(|path| category(path.as_deref())).collect();
    let distinct = |list: Vec<Option<String>>| list.into_iter().flatten().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let mut year: Vec<i32> = texts(Dimension::Year).into_iter().filter_map(|year| year?.parse().ok()).collect();
    year.sort_unstable_by_key(|year| std::cmp::Reverse(*year));
    let flagged: BTreeSet<&str> = found.iter().flat_map(their_flags).collect();
    let region = texts(Dimension::Region).into_iter().flatten();
    PossibleFilters {
        year,
        source: sources.into_iter().map(|(source, datasets)| SourceFilter { source, datasets: datasets.into_iter().collect() }).collect(),
        region: region.map(|code| RegionFilter { id: region_out(&code), name: region_name(&code) }).collect(),
        category: distinct(categories.iter().map(|(_, category)| category.clone()).collect()),
        sector: distinct(categories.into_iter().map(|(sector, _)| sector).collect()),
        unit_type: distinct(texts(Dimension::Per).into_iter().map(|per| Some(UnitType::of(&per?)?.name.to_owned())).collect()),
        source_lca_activity: distinct(texts(Dimension::Boundary).into_iter().map(|own| Some(lca_activity(own.as_deref()))).collect()),
        access_type: distinct(found.iter().map(|place| Some(access_type(&place.release).to_owned())).collect()),
        data_quality_flags: FLAGS.iter().map(|(theirs, _)| *theirs).filter(|flag| flagged.contains(flag)).map(str::to_owned).collect(),
    }
}
