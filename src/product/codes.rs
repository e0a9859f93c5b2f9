//! What stands under a code of an outside classification: by the code itself, below it, and by what is certain between schemes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ProductRefusal;
use super::refusal::shown;
use super::scope::{cursor_of, filled, latest_releases, limit_of, named_or_latest, read_kind, read_region, read_year, readable};
use crate::dataset::{Act, Principal};
use crate::factor::{Scheme, nearest};
use crate::release::{Catalogue, Dimension, Listing, PublishedRelease};
use crate::search::{CodeMatch, CodeTarget, write_cursor};

/// The parameters of a list of factors under a code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CodesQuery {
    /// Dataset id, with a version or range behind `@` if wanted; the latest releases of all datasets if left out
    pub dataset: Option<String>,
    /// ISO 3166, UN M49, GLO or a named grid: `CN-ZJ`
    pub region: Option<String>,
    /// Data year
    pub year: Option<String>,
    /// Kind of factor: `product-lifecycle`
    pub kind: Option<String>,
    /// `true`: also factors of codes that hold the one asked for; `false` if left out
    pub broader: Option<String>,
    /// Factors a page, 1 to 1000; 50 if left out
    pub limit: Option<String>,
    /// `next` of the page before
    pub cursor: Option<String>,
}

/// A factor under a code.
#[derive(Clone)]
pub struct FoundFactor {
    /// Its release.
    pub release: Arc<PublishedRelease>,
    /// Its number there.
    pub number: usize,
    /// How it was found.
    pub matched: CodeMatch,
}

/// A page of factors under a code.
pub struct CodePage {
    /// The code as it was understood, by scheme.
    pub asked: Vec<(String, String)>,
    /// The factors of this page.
    pub items: Vec<FoundFactor>,
    /// How many there are in all.
    pub total: usize,
    /// How many there are by relation.
    pub relations: BTreeMap<&'static str, usize>,
    /// Codes of the same scheme that factors have, where none was found.
    pub nearest: Vec<String>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Every scheme with what it is and how many codes and factors of the latest releases it has.
pub fn schemes(catalogue: &Catalogue, who: &Principal) -> Value {
    let mut counts: BTreeMap<String, (BTreeSet<String>, usize)> = BTreeMap::new();
    for release in latest_releases(catalogue, i64::MAX) {
        if release.may(who, Act::ReadNames).is_ok() {
            count_schemes(&release, &mut counts);
        }
    }
    let mut listed: Vec<Value> = Scheme::all()
        .iter()
        .map(|scheme| {
            let (codes, factors) = counts.remove(&scheme.id).unwrap_or_default();
            let walks: Vec<Value> = scheme
                .crosswalks()
                .map(|walk| json!({"from": walk.from, "to": walk.to, "digits": walk.digits, "note": walk.note, "source": walk.source}))
                .collect();
            json!({
                "id": scheme.id, "family": scheme.family, "edition": Some(&scheme.edition).filter(|own| !own.is_empty()),
                "title": scheme.name, "publisher": scheme.publisher, "source": scheme.source, "pattern": scheme.pattern(),
                "levels": scheme.levels, "crosswalks": walks, "listed": true, "codes": codes.len(), "factors": factors,
            })
        })
        .collect();
    // schemes of datasets' own, with codes as they are written there
    listed.extend(
        counts.into_iter().map(|(id, (codes, factors))| json!({"id": id, "listed": false, "codes": codes.len(), "factors": factors})),
    );
    json!({"schemes": listed})
}

fn count_schemes(release: &PublishedRelease, counts: &mut BTreeMap<String, (BTreeSet<String>, usize)>) {
    let index = release.data.index();
    let mut entry = 0;
    while let Some((scheme, _)) = index.entry(Listing::Code, entry).and_then(|text| text.split_once('=')) {
        let range = index.entries_with_prefix(Listing::Code, &format!("{scheme}="));
        let mut factors: Vec<usize> = range.clone().flat_map(|entry| index.of_entry(Listing::Code, entry)).collect();
        factors.sort_unstable();
        factors.dedup();
        let own = counts.entry(scheme.to_owned()).or_default();
        let codes = range.clone().filter_map(|entry| index.entry(Listing::Code, entry)?.split_once('='));
        own.0.extend(codes.map(|(_, code)| code.to_owned()));
        own.1 += factors.len();
        entry = range.end.max(entry + 1);
    }
}

/// The releases that a question about a code looks at, before anybody is asked who may read them.
///
/// # Errors
/// Where the dataset or release is not there, or the cursor is none.
pub fn code_scope(catalogue: &Catalogue, query: &CodesQuery) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    let (facts, _) = cursor_of(query.cursor.as_deref(), catalogue.facts())?;
    named_or_latest(catalogue, query.dataset.as_deref(), facts)
}

/// The factors under a code, in the releases whose names `who` may read.
///
/// # Errors
/// The [`ProductRefusal`] that says what is wrong or missing.
pub fn code_page(
    catalogue: &Catalogue,
    (scheme, code): (&str, &str),
    query: &CodesQuery,
    who: &Principal,
) -> Result<CodePage, ProductRefusal> {
    let (facts, offset) = cursor_of(query.cursor.as_deref(), catalogue.facts())?;
    let limit = limit_of(query.limit.as_deref())?;
    let (year, kind) = (read_year(query.year.as_deref())?, read_kind(query.kind.as_deref())?);
    let region = read_region("region", query.region.as_deref())?;
    let broader = match filled(query.broader.as_deref()) {
        None | Some("false") => false,
        Some("true") => true,
        Some(other) => return Err(ProductRefusal::none_of("broader", other, &["true", "false"])),
    };
    let releases = readable(catalogue, query.dataset.as_deref(), facts, who)?;
    let asked = understand(&releases, scheme, code)?;
    let targets: Vec<CodeTarget> = asked.iter().flat_map(|(scheme, code)| CodeTarget::of(scheme, code, broader)).collect();
    let year = year.map(|year| year.to_string());
    let equal = [(Dimension::Region, region.as_deref()), (Dimension::Year, year.as_deref()), (Dimension::Kind, kind)];
    let mut found = Vec::new();
    for release in &releases {
        let index = release.data.index();
        for (number, matched) in CodeTarget::matches(release, &targets) {
            if equal.iter().all(|(dimension, wanted)| wanted.is_none_or(|wanted| index.value(*dimension, number) == Some(wanted))) {
                found.push(FoundFactor { release: release.clone(), number, matched });
            }
        }
    }
    let rank = |own: &FoundFactor| (own.matched.crosswalk.is_some(), own.matched.relation);
    found.sort_by(|a, b| {
        let name = |own: &FoundFactor| (own.release.dataset.to_string(), own.number);
        (rank(a), &a.matched.code, name(a)).cmp(&(rank(b), &b.matched.code, name(b)))
    });
    let total = found.len();
    let mut relations = BTreeMap::new();
    found.iter().for_each(|own| *relations.entry(own.matched.relation.as_str()).or_default() += 1);
    let nearest = if total == 0 { nearest_codes(&releases, &asked) } else { Vec::new() };
    let items: Vec<FoundFactor> = found.into_iter().skip(offset).take(limit).collect();
    let seen = offset.saturating_add(items.len());
    let next = (!items.is_empty() && seen < total).then(|| write_cursor(facts, seen));
    Ok(CodePage { asked, items, total, relations, nearest, next })
}

/// The schemes and codes that are meant: all editions of a family, and a scheme of a dataset's own.
fn understand(releases: &[Arc<PublishedRelease>], scheme: &str, code: &str) -> Result<Vec<(String, String)>, ProductRefusal> {
    let named = Scheme::named(scheme);
    let mut asked = Vec::new();
    let mut wrong = None;
    for own in &named {
        match own.read(code) {
            Ok(code) => asked.push((own.id.clone(), code)),
            Err(why) => wrong = Some(ProductRefusal::wrong("code", code, why, Vec::new())),
        }
    }
    let entry = crate::factor::Classification::entry(scheme, code);
    let (folded, kept) = entry.split_once('=').unwrap_or((&entry, ""));
    let has = |release: &Arc<PublishedRelease>| !release.data.index().entries_with_prefix(Listing::Code, &format!("{folded}=")).is_empty();
    if Scheme::get(folded).is_none() && releases.iter().any(has) {
        asked.push((folded.to_owned(), kept.to_owned()));
    }
    if !asked.is_empty() {
        return Ok(asked);
    }
    Err(wrong.unwrap_or_else(|| {
        let ids: Vec<&str> = Scheme::all().iter().map(|own| own.id.as_str()).collect();
        let hint = Scheme::suggestion(scheme).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        let detail = format!("there is no classification `{}`{hint}", shown(scheme));
        ProductRefusal::Absent { code: "no-scheme", detail, members: json!({"given": shown(scheme), "valid": ids}) }
    }))
}

/// Codes that factors have and that begin as the asked one does, the longest beginning first; at most ten.
fn nearest_codes(releases: &[Arc<PublishedRelease>], asked: &[(String, String)]) -> Vec<String> {
    let mut near = BTreeSet::new();
    for (scheme, code) in asked {
        for release in releases {
            near.extend(codes_beginning_as(release, scheme, code).into_iter().map(|code| format!("{scheme}:{code}")));
        }
    }
    near.into_iter().take(10).collect()
}

/// Codes of a scheme in a release that begin as this one does, or are written alike; at most ten.
pub(super) fn codes_beginning_as(release: &PublishedRelease, scheme: &str, code: &str) -> Vec<String> {
    let index = release.data.index();
    let code_at = |entry: usize| Some(index.entry(Listing::Code, entry)?.split_once('=')?.1.to_owned());
    for length in (1..=code.len()).rev() {
        let Some(start) = code.get(..length) else { continue };
        let range = index.entries_with_prefix(Listing::Code, &format!("{scheme}={start}"));
        if !range.is_empty() {
            return range.take(10).filter_map(code_at).collect();
        }
    }
    let all: Vec<String> = index.entries_with_prefix(Listing::Code, &format!("{scheme}=")).take(20_000).filter_map(code_at).collect();
    nearest(code, all.iter().map(String::as_str)).into_iter().collect()
}
