//! Where a product's footprint stands among the factors that it can be compared with.
//!
//! Only like is put beside like: the same metric, a unit of the same dimension, and one kind, boundary, GWP set, basis and price
//! year, unless the caller lets one of them go by name. What is left out is counted by its reason. Everything is exact.

use std::collections::BTreeMap;
use std::sync::Arc;

use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ProductRefusal;
use super::grading::Grading;
use super::number::{Number, hundred, whole};
use super::population::{Candidates, Survivor};
use super::refusal::shown;
use super::scope::{filled, named_or_latest, read_factor, read_kind, read_region, read_year};
use crate::canon::Digest;
use crate::dataset::Principal;
use crate::factor::{Decimal, GwpSet, Metric, Text, Unit};
use crate::release::{Catalogue, PublishedRelease};

/// The fewest factors that something is compared with.
pub const FEWEST: usize = 5;
/// How many factors nearest in value are named.
const NEAREST: usize = 5;
/// How many classes a histogram has.
const CLASSES: usize = 10;
/// What may be let go by name.
pub const RELAXED: [&str; 5] = ["kind", "boundary", "gwp", "basis", "price_year"];
/// How the percentile is defined.
const DEFINITION: &str = "mid-rank: 100 × (factors below + half of the factors equal) / factors; lower emissions give a lower percentile";
/// How the quantiles are defined.
const QUANTILES: &str = "linear interpolation between the ordered values at (n − 1) × p (Hyndman and Fan, type 7)";

/// The parameters of a benchmark.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BenchmarkQuery {
    /// The footprint, kg of the metric per `per`: a plain decimal such as 1.92
    #[arg(long, allow_hyphen_values = true)]
    pub value: Option<String>,
    /// Its unit (UCUM): `kg`
    #[arg(long)]
    pub per: Option<String>,
    /// `CO2` or `CO2e`; CO2e if left out
    #[arg(long)]
    pub metric: Option<String>,
    /// Category whose factors are compared with, with everything below it: `Metals/Steel`
    #[arg(long)]
    pub category: Option<String>,
    /// Activity, `*` at its end for all that begin so: `electricity/generation/*`
    #[arg(long)]
    pub activity: Option<String>,
    /// Classification code, with what lies below it: `hs-2022:7208`
    #[arg(long)]
    pub code: Option<String>,
    /// Accounting rule: `gb-t-24067-2024`
    #[arg(long)]
    pub rule: Option<String>,
    /// Kind of factor: `product-lifecycle`
    #[arg(long)]
    pub kind: Option<String>,
    /// ISO 3166, UN M49, GLO or a named grid: `CN-ZJ`
    #[arg(long)]
    pub region: Option<String>,
    /// Data year
    #[arg(long)]
    pub year: Option<String>,
    /// System boundary; `none` for factors that state none
    #[arg(long)]
    pub boundary: Option<String>,
    /// GWP set by its full id; `none` for factors that state none
    #[arg(long)]
    pub gwp: Option<String>,
    /// What may differ, parted by commas: `kind`, `boundary`, `gwp`, `basis`, `price_year`
    #[arg(long)]
    pub relax: Option<String>,
    /// Dataset id, with a version or range behind `@` if wanted; the latest releases of all datasets if left out
    #[arg(long)]
    pub dataset: Option<String>,
    /// Bands of this request: `A:10,B:50,C:90`
    #[arg(long)]
    pub bands: Option<String>,
    /// A named scheme of bands of this server; the first if left out
    #[arg(long)]
    pub grading: Option<String>,
}

/// A benchmark as it is understood.
pub(super) struct Asked {
    /// The first of what it is to be compared with.
    pub(super) selector: (&'static str, String),
    pub(super) value: BigRational,
    pub(super) per: Unit,
    pub(super) metric: Metric,
    pub(super) kind: Option<String>,
    pub(super) region: Option<String>,
    pub(super) year: Option<String>,
    pub(super) boundary: Option<String>,
    pub(super) gwp: Option<String>,
    pub(super) relax: Vec<&'static str>,
}

/// Where a value stands.
#[derive(Debug, Serialize)]
pub struct Benchmark {
    asked: serde_json::Value,
    population: Population,
    rank: Rank,
    percentile: Number,
    definition: &'static str,
    distribution: Distribution,
    nearest: Vec<Neighbour>,
    grading: Graded,
    /// Size and root of the log that the latest releases were taken by.
    log: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct Population {
    factors: usize,
    datasets: BTreeMap<String, usize>,
    releases: Vec<Compared>,
    years: BTreeMap<String, usize>,
    regions: BTreeMap<String, usize>,
    /// What all have in common, or has been let go.
    shared: BTreeMap<&'static str, serde_json::Value>,
    left_out: BTreeMap<&'static str, usize>,
}

/// A release, with how many of its factors are compared with.
#[derive(Debug, Serialize)]
struct Compared {
    dataset: String,
    version: String,
    /// Digest of its manifest.
    manifest: Digest,
    factors: usize,
}

#[derive(Debug, Serialize)]
struct Rank {
    below: usize,
    equal: usize,
    above: usize,
}

#[derive(Debug, Serialize)]
struct Distribution {
    per: String,
    mean: Number,
    quantiles: BTreeMap<String, Number>,
    quantile_definition: &'static str,
    histogram: Vec<Class>,
}

/// Values from `from` up to, and without, `to`; the last class holds `to` as well.
#[derive(Debug, Serialize)]
struct Class {
    from: Number,
    to: Number,
    factors: usize,
}

#[derive(Debug, Serialize)]
struct Neighbour {
    dataset: String,
    version: String,
    key: String,
    /// Digest of its line.
    digest: Option<Digest>,
    name: Text,
    region: String,
    year: Option<i32>,
    /// Per the asked unit, rounded to 17 digits.
    value: Number,
    /// With the digits and the unit that were published.
    published: Published,
    apart: Number,
}

#[derive(Debug, Serialize)]
struct Published {
    value: Decimal,
    per: String,
}

#[derive(Debug, Serialize)]
struct Graded {
    scheme: String,
    title: Text,
    official: bool,
    note: String,
    bands: Vec<super::grading::Band>,
    grade: Option<String>,
}

/// The releases that a benchmark looks at, before anybody is asked who may read them.
///
/// # Errors
/// Where the named dataset or release is not there.
pub fn benchmark_scope(catalogue: &Catalogue, query: &BenchmarkQuery) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    named_or_latest(catalogue, query.dataset.as_deref(), i64::MAX)
}

/// Says where a value stands.
///
/// # Errors
/// The [`ProductRefusal`] that says what is wrong, what cannot be compared, or how few there are.
pub fn benchmark(catalogue: &Catalogue, query: &BenchmarkQuery, grading: &Grading, who: &Principal) -> Result<Benchmark, ProductRefusal> {
    let asked = understand(query)?;
    let scheme = grading.choose(filled(query.bands.as_deref()), filled(query.grading.as_deref()))?;
    let candidates = Candidates::read(catalogue, query, who)?;
    if let Some((words, near)) = candidates.unknown(query) {
        let detail = format!("{words}; {FEWEST} factors are the fewest to compare with, and `nearest` names what is written alike");
        let members = json!({"found": 0, "wanted": FEWEST, "left_out": {}, "nearest": near});
        return Err(ProductRefusal::TooFew { detail, members });
    }
    let mut found = candidates.compare(catalogue, &asked)?;
    let count = found.survivors.len();
    if count < FEWEST {
        let detail = format!("{count} factors can be compared with, and {FEWEST} are the fewest; `left_out` counts the others by reason");
        return Err(ProductRefusal::TooFew { detail, members: json!({"found": count, "wanted": FEWEST, "left_out": found.left_out}) });
    }
    found.survivors.sort_by(|a, b| (&a.value, a.release, a.number).cmp(&(&b.value, b.release, b.number)));
    let below = found.survivors.iter().filter(|own| own.value < asked.value).count();
    let equal = found.survivors.iter().filter(|own| own.value == asked.value).count();
    let percentile = percentile(below, equal, count);
    let grade = scheme.grade(&percentile).map(str::to_owned);
    let graded =
        Graded { grade, scheme: scheme.id, title: scheme.title, official: scheme.official, note: scheme.note, bands: scheme.bands };
    let values: Vec<&BigRational> = found.survivors.iter().map(|own| &own.value).collect();
    Ok(Benchmark {
        asked: json!({"value": filled(query.value.as_deref()), "unit": "kg", "per": asked.per.code(), "metric": asked.metric}),
        rank: Rank { below, equal, above: count - below - equal },
        percentile: Number(percentile),
        definition: DEFINITION,
        distribution: distribution(&values, asked.per.code()),
        nearest: nearest(&found.releases, &found.survivors, &asked.value)?,
        grading: graded,
        log: catalogue.checkpoint().map(|published| json!({"size": published.checkpoint.size, "root": published.checkpoint.root})),
        population: Population {
            factors: count,
            releases: releases_of(&found.releases, &found.survivors),
            datasets: counted(&found.survivors, |own| found.releases.get(own.release).map(|release| release.id())),
            years: counted(&found.survivors, |own| own.year.map(|year| year.to_string())),
            regions: counted(&found.survivors, |own| Some(own.region.clone())),
            shared: found.shared,
            left_out: found.left_out,
        },
    })
}

fn understand(query: &BenchmarkQuery) -> Result<Asked, ProductRefusal> {
    let missing = |parameter, detail: &str| ProductRefusal::Missing { parameter, detail: detail.to_owned() };
    let text = filled(query.value.as_deref()).ok_or_else(|| missing("value", "give the footprint, such as value=1.92"))?;
    let value: Decimal = text.parse().map_err(|error| ProductRefusal::wrong("value", text, format!("the value {error}"), Vec::new()))?;
    let text = filled(query.per.as_deref()).ok_or_else(|| missing("per", "give the unit of the footprint (UCUM), such as per=kg"))?;
    let per = Unit::parse(text).map_err(|error| ProductRefusal::wrong("per", text, error.to_string(), Vec::new()))?;
    let metric = match filled(query.metric.as_deref()) {
        None => Metric::Co2e,
        Some(text) => Metric::from_code(text).ok_or_else(|| ProductRefusal::none_of("metric", text, Metric::CODES))?,
    };
    let selectors = [("category", &query.category), ("activity", &query.activity), ("code", &query.code), ("rule", &query.rule)];
    let selector = selectors.into_iter().find_map(|(name, text)| Some((name, filled(text.as_deref())?.to_owned())));
    let selector = selector.ok_or_else(|| missing("category", "say what to compare with: `category`, `activity`, `code` or `rule`"))?;
    let gwp = filled(query.gwp.as_deref());
    if let Some(id) = gwp.filter(|id| *id != "none" && GwpSet::get(id).is_none()) {
        return Err(ProductRefusal::none_of("gwp", id, &GwpSet::ids().collect::<Vec<_>>()));
    }
    let relax = filled(query.relax.as_deref()).unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let known = |name: &str| RELAXED.iter().copied().find(|own| *own == name);
    let relax = relax.map(|name| known(name).ok_or_else(|| ProductRefusal::none_of("relax", name, &RELAXED))).collect::<Result<_, _>>()?;
    Ok(Asked {
        selector,
        value: value.to_rational(),
        per,
        metric,
        kind: read_kind(query.kind.as_deref())?.map(str::to_owned),
        region: read_region("region", query.region.as_deref())?,
        year: read_year(query.year.as_deref())?.map(|year| year.to_string()),
        boundary: filled(query.boundary.as_deref()).map(shown),
        gwp: gwp.map(str::to_owned),
        relax,
    })
}

fn percentile(below: usize, equal: usize, count: usize) -> BigRational {
    (whole(below) + whole(equal) / whole(2)) * hundred() / whole(count)
}

fn counted(survivors: &[Survivor], text: impl Fn(&Survivor) -> Option<String>) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for own in survivors {
        *counts.entry(text(own).unwrap_or_else(|| "none".to_owned())).or_default() += 1;
    }
    counts
}

/// The quantile of sorted values at a percentage.
fn quantile(sorted: &[&BigRational], percent: usize) -> BigRational {
    let place = whole(sorted.len().saturating_sub(1)) * whole(percent) / hundred();
    let floor = place.floor();
    let rest = &place - &floor;
    let at = floor.to_integer().try_into().unwrap_or(0usize);
    let low = sorted.get(at).map(|own| (*own).clone()).unwrap_or_else(BigRational::zero);
    match sorted.get(at + 1) {
        Some(high) => &low + (*high - &low) * rest,
        None => low,
    }
}

fn distribution(sorted: &[&BigRational], per: &str) -> Distribution {
    let count = whole(sorted.len());
    let sum = sorted.iter().fold(BigRational::zero(), |sum, own| sum + *own);
    let percents = [0, 5, 10, 25, 50, 75, 90, 95, 100];
    Distribution {
        per: per.to_owned(),
        mean: Number(sum / count),
        quantiles: percents.into_iter().map(|percent| (format!("p{percent:02}"), Number(quantile(sorted, percent)))).collect(),
        quantile_definition: QUANTILES,
        histogram: histogram(sorted),
    }
}

fn histogram(sorted: &[&BigRational]) -> Vec<Class> {
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    if low == high {
        return vec![Class { from: Number((*low).clone()), to: Number((*high).clone()), factors: sorted.len() }];
    }
    let width = (*high - *low) / whole(CLASSES);
    let edge = |place: usize| *low + &width * whole(place);
    (0..CLASSES)
        .map(|place| {
            let (from, to) = (edge(place), edge(place + 1));
            let last = place + 1 == CLASSES;
            let within = |own: &&&BigRational| ***own >= from && (***own < to || (last && ***own == to));
            let factors = sorted.iter().filter(within).count();
            Class { from: Number(from), to: Number(to), factors }
        })
        .collect()
}

/// The releases that factors are of, in their order.
fn releases_of(releases: &[Arc<PublishedRelease>], survivors: &[Survivor]) -> Vec<Compared> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    survivors.iter().for_each(|own| *counts.entry(own.release).or_default() += 1);
    let told = |(place, factors): (usize, usize)| {
        let release = releases.get(place)?;
        let (dataset, version) = (release.dataset.to_string(), release.version.to_string());
        Some(Compared { dataset, version, manifest: release.manifest_digest, factors })
    };
    counts.into_iter().filter_map(told).collect()
}

fn nearest(releases: &[Arc<PublishedRelease>], survivors: &[Survivor], value: &BigRational) -> Result<Vec<Neighbour>, ProductRefusal> {
    let mut near: Vec<&Survivor> = survivors.iter().collect();
    near.sort_by_cached_key(|own| ((&own.value - value).abs(), own.release, own.number));
    let mut found = Vec::new();
    for own in near.into_iter().take(NEAREST) {
        let Some(release) = releases.get(own.release) else { continue };
        let factor = read_factor(release, own.number)?;
        found.push(Neighbour {
            dataset: release.dataset.to_string(),
            version: release.version.to_string(),
            key: factor.key,
            digest: release.data.digest(own.number),
            name: factor.name,
            region: own.region.clone(),
            year: own.year,
            apart: Number(&own.value - value),
            value: Number(own.value.clone()),
            published: Published { value: factor.value, per: factor.per },
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use proptest::prelude::*;

    fn numbers(given: &[i64]) -> Vec<BigRational> {
        given.iter().map(|own| BigRational::from(BigInt::from(*own))).collect()
    }

    #[test]
    fn ranks_and_quantiles_by_hand() {
        assert_eq!(percentile(3, 0, 10), whole(30));
        assert_eq!(percentile(3, 2, 10), whole(40));
        assert_eq!((percentile(0, 0, 7), percentile(7, 0, 7)), (whole(0), whole(100)));
        let values = numbers(&[1, 2, 3, 4]);
        let sorted: Vec<&BigRational> = values.iter().collect();
        let half = BigRational::new(BigInt::from(5), BigInt::from(2));
        assert_eq!([quantile(&sorted, 0), quantile(&sorted, 50), quantile(&sorted, 100)], [whole(1), half, whole(4)]);
        assert_eq!(quantile(&sorted, 25), BigRational::new(BigInt::from(7), BigInt::from(4)));
        let classes = histogram(&sorted);
        assert_eq!(
            (classes.len(), classes.iter().map(|class| class.factors).sum::<usize>(), classes.last().map(|own| own.factors)),
            (10, 4, Some(1))
        );
        let same = numbers(&[2, 2]);
        assert_eq!(histogram(&same.iter().collect::<Vec<_>>()).len(), 1);
    }

    proptest! {
        #[test]
        fn every_value_is_in_one_class_and_quantiles_rise(mut given in proptest::collection::vec(-1000i64..1000, 1..60)) {
            given.sort_unstable();
            let values = numbers(&given);
            let sorted: Vec<&BigRational> = values.iter().collect();
            prop_assert_eq!(histogram(&sorted).iter().map(|class| class.factors).sum::<usize>(), given.len());
            let quantiles: Vec<BigRational> = (0..=20).map(|step| quantile(&sorted, step * 5)).collect();
            prop_assert!(quantiles.is_sorted());
            prop_assert_eq!(&quantiles[0], sorted[0]);
            prop_assert_eq!(&quantiles[20], *sorted.last().unwrap());
        }
    }
}
