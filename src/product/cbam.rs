//! Which CBAM default value applies to a good of a country in a year (Regulation (EU) 2023/956).
//!
//! A release holds default values where its factors have a Combined Nomenclature code and a boundary that begins with `cbam-`:
//! `cbam-direct`, `cbam-indirect`, `cbam-total` without a year, and `cbam-total-marked-up` for each year.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::ProductRefusal;
use super::codes::codes_beginning_as;
use super::refusal::shown;
use super::scope::{blocking_flags, filled, named_or_latest, read_factor, read_year, readable};
use crate::dataset::{Act, Principal};
use crate::factor::exact::to_json_number;
use crate::factor::{Decimal, Factor, Region, Scheme, Text, WORLD, compact};
use crate::release::{Catalogue, Dimension, Listing, PublishedRelease, ReleaseRef, Resolved};

/// The chapters of the nomenclature with goods of Annex I to Regulation (EU) 2023/956.
const ANNEX_I: [(&str, &str); 8] = [
    ("25", "cement and its clinker (2507 00 80, 2523)"),
    ("26", "agglomerated iron ores (2601 12 00)"),
    ("27", "electricity (2716 00 00)"),
    ("28", "hydrogen (2804 10 00), nitric acid, ammonia, nitrates of potassium"),
    ("31", "nitrogenous and mixed fertilisers (3102, 3105)"),
    ("72", "iron and steel"),
    ("73", "articles of iron or steel"),
    ("76", "aluminium and articles of it"),
];

/// Member states of the European Union: their goods are not imported.
const MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK",
];

/// Countries whose goods Annex III to Regulation (EU) 2023/956 leaves out.
const ANNEX_III: [&str; 4] = ["CH", "IS", "LI", "NO"];

/// What the profile `eu-cbam-defaults` writes behind good and origin.
const VALUE_WORDS: [&str; 4] =
    ["direct embedded emissions", "indirect embedded emissions", "embedded emissions", "default value with mark-up"];

/// The parameters of a question for CBAM default values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, clap::Args, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CbamQuery {
    /// Code of the Combined Nomenclature, 2 to 8 digits, or ten of TARIC: `7208`, `7208 51 20`
    #[arg(long)]
    pub cn: Option<String>,
    /// Country of origin: `CN`, `CHN`, `China`, `中国`
    #[arg(long)]
    pub origin: Option<String>,
    /// Year of import: `2026`
    #[arg(long)]
    pub year: Option<String>,
    /// Of several goods under one code the one meant, by a word of its name: `grey`, `white`
    #[arg(long)]
    pub goods: Option<String>,
    /// Dataset id, with a version or range behind `@` if wanted; the one that holds default values if left out
    #[arg(long)]
    pub dataset: Option<String>,
}

/// What was asked, as it is understood.
struct Asked {
    cn: String,
    origin: &'static Region,
    year: i32,
    steps: Vec<Value>,
}

/// The values of one good in one place, by the numbers of their factors.
#[derive(Debug, Clone, Default)]
struct Values {
    numbers: Vec<usize>,
}

/// A good: its code, and what tells it from others of the same code.
type Good = (String, String, Option<String>);

/// An answer, and the release that it is from.
pub struct CbamAnswer {
    /// JSON.
    pub body: Value,
    /// The release; none where it is asked what can be asked.
    pub resolved: Option<Resolved>,
}

/// The releases that a question looks at, before anybody is asked who may read them.
///
/// # Errors
/// Where the named dataset or release is not there.
pub fn cbam_scope(catalogue: &Catalogue, query: &CbamQuery) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    named_or_latest(catalogue, query.dataset.as_deref(), i64::MAX)
}

/// Answers which default value applies.
///
/// # Errors
/// The [`ProductRefusal`] that says what is wrong, or what exists instead.
pub fn cbam_defaults(catalogue: &Catalogue, query: &CbamQuery, who: &Principal) -> Result<CbamAnswer, ProductRefusal> {
    if [&query.cn, &query.origin, &query.year, &query.goods].into_iter().all(|own| filled(own.as_deref()).is_none()) {
        return overview(catalogue, query, who);
    }
    let asked = understand(query)?;
    let release = pick_release(catalogue, query, who)?;
    permit(&release, who)?;
    let table = Table { release: &release };
    let found = table.goods(&asked)?;
    let found = choose_goods(&release, found, filled(query.goods.as_deref()))?;
    let mut goods = Vec::new();
    let mut years = BTreeSet::new();
    for (good, place, values, own_level) in &found {
        match table.good((catalogue, &asked), good, place, values)? {
            Ok(mut value) => {
                if let Some(relation) = value.get_mut("matched") {
                    *relation = json!(own_level);
                }
                goods.push(value);
            }
            Err(there) => years.extend(there),
        }
    }
    if goods.is_empty() {
        let years: Vec<String> = years.iter().map(i32::to_string).collect();
        let there = if years.is_empty() { "there is none with a mark-up".to_owned() } else { format!("there are {}", years.join(", ")) };
        let detail = format!("CN {} from {} has no default value for {}: {there}", asked.cn, asked.origin.code, asked.year);
        return Err(ProductRefusal::Absent { code: "no-match", detail, members: json!({"exists": {"year": years}}) });
    }
    let applies = match goods.as_slice() {
        [one] => one.clone(),
        _ => Value::Null,
    };
    let licences: Vec<&str> = release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect();
    let body = json!({
        "asked": {"cn": asked.cn, "origin": asked.origin.code, "year": asked.year, "goods": filled(query.goods.as_deref())},
        "steps": asked.steps,
        "applies": applies,
        "same_value": same_value(&goods),
        "goods": goods,
        "release": ReleaseRef::of(&release),
        "licences": licences,
    });
    let name = filled(query.dataset.as_deref()).map_or_else(|| release.dataset.to_string(), str::to_owned);
    Ok(CbamAnswer { body, resolved: Some(catalogue.resolve(&name)?) })
}

/// What can be asked: the releases that hold default values, their years, and the chapters of Annex I.
fn overview(catalogue: &Catalogue, query: &CbamQuery, who: &Principal) -> Result<CbamAnswer, ProductRefusal> {
    let mut releases = readable(catalogue, query.dataset.as_deref(), i64::MAX, who)?;
    releases.retain(|release| holds_defaults(release));
    let told = |release: &Arc<PublishedRelease>| {
        let index = release.data.index();
        let texts = |dimension| (1..index.codes(dimension)).filter_map(move |code| index.text(dimension, code));
        let entries = nomenclatures().map(|scheme| index.entries_with_prefix(Listing::Code, &format!("{scheme}=")).len());
        json!({
            "dataset": release.dataset, "version": release.version.to_string(), "title": release.manifest.metadata.title,
            "years": texts(Dimension::Year).collect::<Vec<_>>(), "origins": texts(Dimension::Region).collect::<Vec<_>>(),
            "codes": entries.sum::<usize>(), "redistribution": release.redistribution(),
        })
    };
    let datasets: Vec<Value> = releases.iter().map(told).collect();
    let mut closed = kept_back(catalogue, query, who)?;
    closed.retain(|release| release.may(who, Act::ReadNames).is_err());
    let closed: Vec<Value> = closed
        .iter()
        .map(|release| {
            let licences: Vec<&str> = release.manifest.metadata.licences.iter().map(|licence| licence.id.as_str()).collect();
            json!({
                "dataset": release.dataset, "version": release.version.to_string(), "title": release.manifest.metadata.title,
                "licences": licences, "redistribution": release.redistribution(),
            })
        })
        .collect();
    let annex: BTreeMap<&str, &str> = ANNEX_I.into_iter().collect();
    let body = json!({"datasets": datasets, "kept_back": closed, "annex_i": annex, "source": "Annex I to Regulation (EU) 2023/956"});
    Ok(CbamAnswer { body, resolved: None })
}

/// The default value that all goods have in common; nothing where they differ.
fn same_value(goods: &[Value]) -> Value {
    let mut values = goods.iter().map(|good| good.pointer("/default/value").cloned().unwrap_or_default());
    let first = values.next().unwrap_or_default();
    if values.all(|other| other == first) { first } else { Value::Null }
}

fn missing(parameter: &'static str, detail: &str) -> ProductRefusal {
    ProductRefusal::Missing { parameter, detail: detail.to_owned() }
}

fn understand(query: &CbamQuery) -> Result<Asked, ProductRefusal> {
    let text = filled(query.cn.as_deref()).ok_or_else(|| missing("cn", "name the good by its CN code, such as cn=7208"))?;
    let mut steps = Vec::new();
    let mut digits = compact(text);
    if digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()) {
        steps.push(
            json!({"dimension": "cn", "asked": digits, "used": digits.get(..8), "rule": "the first eight digits of TARIC are the CN"}),
        );
        digits.truncate(8);
    }
    let scheme = Scheme::get("cn").ok_or_else(|| ProductRefusal::Damaged("the scheme cn is not listed".to_owned()))?;
    let cn = scheme.read(&digits).map_err(|why| ProductRefusal::wrong("cn", text, why, Vec::new()))?;
    let text = filled(query.origin.as_deref()).ok_or_else(|| missing("origin", "name the country of origin, such as origin=CN"))?;
    let place = Region::named(text).and_then(|place| Region::country(&place.code)).ok_or_else(|| {
        let valid = Region::suggestion(text).into_iter().collect();
        ProductRefusal::wrong("origin", text, format!("`{}` names no country: write ISO 3166 (CN, CHN) or its name", shown(text)), valid)
    })?;
    let why = if MEMBERS.contains(&place.code.as_str()) {
        Some("is a member state of the European Union: its goods are not imported, and no default value applies")
    } else if ANNEX_III.contains(&place.code.as_str()) {
        Some("stands in Annex III to Regulation (EU) 2023/956: goods that originate there are outside CBAM")
    } else {
        None
    };
    if let Some(why) = why {
        return Err(ProductRefusal::wrong("origin", text, format!("{} {why}", place.code), Vec::new()));
    }
    let year = read_year(query.year.as_deref())?.ok_or_else(|| missing("year", "name the year of import, such as year=2026"))?;
    if !place.code.eq_ignore_ascii_case(text) {
        steps.push(json!({"dimension": "origin", "asked": shown(text), "used": place.code, "rule": "the country that is named"}));
    }
    Ok(Asked { cn, origin: place, year, steps })
}

/// The ids of the listed editions of the nomenclature.
fn nomenclatures() -> impl Iterator<Item = &'static str> {
    Scheme::all().iter().filter(|scheme| scheme.family == "cn").map(|scheme| scheme.id.as_str())
}

/// Whether a release holds default values, by what its factors say.
fn holds_defaults(release: &PublishedRelease) -> bool {
    let index = release.data.index();
    let mut boundaries = (1..index.codes(Dimension::Boundary)).filter_map(|code| index.text(Dimension::Boundary, code));
    boundaries.any(|boundary| boundary.starts_with("cbam-"))
        && nomenclatures().any(|scheme| !index.entries_with_prefix(Listing::Code, &format!("{scheme}=")).is_empty())
}

/// Releases with default values that a licence keeps back, which is said openly; what is restricted stays untold.
fn kept_back(catalogue: &Catalogue, query: &CbamQuery, who: &Principal) -> Result<Vec<Arc<PublishedRelease>>, ProductRefusal> {
    let mut releases = named_or_latest(catalogue, query.dataset.as_deref(), i64::MAX)?;
    releases.retain(|release| !release.restricted() && release.may(who, Act::ReadNumbers).is_err() && holds_defaults(release));
    Ok(releases)
}

/// Whether the values may be had; a refusal says how they can be.
fn permit(release: &PublishedRelease, who: &Principal) -> Result<(), ProductRefusal> {
    release.permit(who, Act::ReadNumbers).map_err(|mut denied| {
        if !release.restricted() {
            denied.detail.push_str("; its CBAM default values go to a token that it is granted to");
        }
        ProductRefusal::Denied(denied)
    })
}

/// The datasets that hold default values, of those whose names may be read.
fn holders(catalogue: &Catalogue, who: &Principal) -> Result<Vec<String>, ProductRefusal> {
    let releases = readable(catalogue, None, i64::MAX, who)?;
    Ok(releases.iter().filter(|release| holds_defaults(release)).map(|release| release.dataset.to_string()).collect())
}

fn pick_release(catalogue: &Catalogue, query: &CbamQuery, who: &Principal) -> Result<Arc<PublishedRelease>, ProductRefusal> {
    let mut releases = readable(catalogue, query.dataset.as_deref(), i64::MAX, who)?;
    releases.retain(|release| holds_defaults(release));
    // of several those whose numbers may be read
    if releases.iter().any(|release| release.may(who, Act::ReadNumbers).is_ok()) {
        releases.retain(|release| release.may(who, Act::ReadNumbers).is_ok());
    }
    let names: Vec<String> = releases.iter().map(|release| release.dataset.to_string()).collect();
    let mut releases = releases.into_iter();
    match (releases.next(), releases.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => {
            let detail = match filled(query.dataset.as_deref()) {
                Some(name) => format!("`{}` holds no CBAM default values: its factors have no CN code with a boundary cbam-…", shown(name)),
                None => {
                    kept_back(catalogue, query, who)?.iter().try_for_each(|release| permit(release, who))?;
                    "no released dataset that you may read holds CBAM default values: import one, or show a token that one is granted to"
                        .to_owned()
                }
            };
            let there = holders(catalogue, who)?;
            Err(ProductRefusal::Absent { code: "no-match", detail, members: json!({"exists": {"dataset": there}}) })
        }
        (Some(_), Some(_)) => {
            let detail = format!("several datasets hold CBAM default values: name one of {} as `dataset`", names.join(", "));
            Err(ProductRefusal::Ambiguous { detail, members: json!({"differ_in": ["dataset"], "datasets": names}) })
        }
    }
}

/// A good, the place whose values are used, those values, and how the good's code stands to the one asked for.
type FoundGood = (Good, &'static str, Values, &'static str);

struct Table<'a> {
    release: &'a PublishedRelease,
}

impl Table<'_> {
    /// The goods under a code, with the values of the country or, where it has none, of all others.
    fn goods(&self, asked: &Asked) -> Result<Vec<FoundGood>, ProductRefusal> {
        let origin = asked.origin.code.as_str();
        let under = self.under(&asked.cn, true);
        let own: BTreeMap<Good, Values> = in_place(&under, origin);
        let levels = [6, 4, 2].into_iter().filter(|level| *level < asked.cn.len()).filter_map(|level| asked.cn.get(..level));
        let levels: Vec<&str> = levels.collect();
        if own.is_empty() {
            for level in &levels {
                let held = in_place(&self.under(level, false), origin);
                if !held.is_empty() {
                    return Ok(held.into_iter().map(|(good, values)| (good, origin_code(origin), values, "broader")).collect());
                }
            }
        }
        let relation = |good: &Good| if good.0 == asked.cn { "exact" } else { "narrower" };
        let mut goods: BTreeMap<Good, (&'static str, Values)> =
            in_place(&under, WORLD).into_iter().map(|(good, values)| (good, (WORLD, values))).collect();
        goods.extend(own.into_iter().map(|(good, values)| (good, (origin_code(origin), values))));
        if !goods.is_empty() {
            return Ok(goods.into_iter().map(|(good, (place, values))| (good.clone(), place, values, relation(&good))).collect());
        }
        for level in &levels {
            let held = in_place(&self.under(level, false), WORLD);
            if !held.is_empty() {
                return Ok(held.into_iter().map(|(good, values)| (good, WORLD, values, "broader")).collect());
            }
        }
        Err(self.no_good(asked, !under.is_empty()))
    }

    /// The factors with default values under a code, by good and place.
    fn under(&self, code: &str, narrower: bool) -> BTreeMap<(Good, String), Values> {
        let index = self.release.data.index();
        let mut found: BTreeMap<(Good, String), Values> = BTreeMap::new();
        for scheme in nomenclatures() {
            for entry in index.entries_with_prefix(Listing::Code, &format!("{scheme}={code}")) {
                let own = index.entry(Listing::Code, entry).and_then(|text| text.split_once('='));
                let Some((_, own)) = own.filter(|(_, own)| narrower || *own == code) else { continue };
                for number in index.of_entry(Listing::Code, entry) {
                    let text = |dimension| index.value(dimension, number).map(str::to_owned);
                    if text(Dimension::Boundary).is_some_and(|boundary| boundary.starts_with("cbam-")) {
                        let good = (own.to_owned(), text(Dimension::Activity).unwrap_or_default(), text(Dimension::Technology));
                        found.entry((good, text(Dimension::Region).unwrap_or_default())).or_default().numbers.push(number);
                    }
                }
            }
        }
        found
    }

    fn no_good(&self, asked: &Asked, elsewhere: bool) -> ProductRefusal {
        let (cn, origin) = (&asked.cn, &asked.origin.code);
        if elsewhere {
            let detail = format!("CN {cn} has default values, but neither {origin} nor the other countries (GLO) have one");
            return ProductRefusal::Absent { code: "no-match", detail, members: json!({"exists": {}}) };
        }
        let chapter = cn.get(..2).unwrap_or_default();
        let covered = ANNEX_I.iter().find(|(own, _)| *own == chapter);
        let nearest: BTreeSet<String> = nomenclatures().flat_map(|scheme| codes_beginning_as(self.release, scheme, cn)).collect();
        // a code of another chapter is another good
        let nearest: Vec<String> = nearest.into_iter().filter(|own| own.starts_with(chapter)).take(10).collect();
        let why = match covered {
            Some((_, goods)) => format!("of chapter {chapter} Annex I covers {goods}"),
            None => {
                let chapters: Vec<&str> = ANNEX_I.iter().map(|(own, _)| *own).collect();
                format!("it is no CBAM good: Annex I to Regulation (EU) 2023/956 covers goods of the chapters {}", chapters.join(", "))
            }
        };
        let annex: BTreeMap<&str, &str> = ANNEX_I.into_iter().collect();
        let members = json!({"cbam_good": covered.is_none().then_some(false), "nearest": nearest, "annex_i": annex});
        ProductRefusal::Absent { code: "no-match", detail: format!("no default value stands under CN {cn}: {why}"), members }
    }

    /// One good with the value of the year, or the years that there are.
    #[allow(clippy::type_complexity, reason = "a fault, or the years that there are, or the good")]
    fn good(
        &self,
        (catalogue, asked): (&Catalogue, &Asked),
        good: &Good,
        place: &str,
        values: &Values,
    ) -> Result<Result<Value, BTreeSet<i32>>, ProductRefusal> {
        let mut years = BTreeSet::new();
        let (mut marked, mut plain) = (Vec::new(), BTreeMap::new());
        for number in &values.numbers {
            let factor = read_factor(self.release, *number)?;
            match factor.boundary.as_deref().and_then(|boundary| boundary.strip_prefix("cbam-")) {
                Some("total-marked-up") => {
                    if is_for(&factor, asked.year) {
                        marked.push((*number, factor));
                    } else {
                        years.extend(factor.year);
                    }
                }
                Some(part) => drop(plain.insert(part.to_owned(), (*number, factor))),
                None => {}
            }
        }
        let Some((number, factor)) = marked.pop() else { return Ok(Err(years)) };
        if !marked.is_empty() {
            let keys: Vec<&str> = marked.iter().map(|(_, own)| own.key.as_str()).chain([factor.key.as_str()]).collect();
            let detail = format!("CN {} has several default values for {}: {}", good.0, asked.year, keys.join(", "));
            return Err(ProductRefusal::Ambiguous { detail, members: json!({"differ_in": ["key"], "candidates": keys}) });
        }
        let blocking = blocking_flags(catalogue, self.release, &factor, number);
        let step = (place != asked.origin.code).then(|| {
            let rule = "the country has no value of its own: that for other countries";
            json!({"dimension": "origin", "asked": asked.origin.code, "used": place, "rule": rule})
        });
        let usable = blocking.is_empty();
        let total = plain.get("total").filter(|_| usable).map(|(_, own)| &own.value);
        let parts: BTreeMap<&String, Value> =
            plain.iter().filter(|_| usable).map(|(part, (number, own))| (part, self.value(own, *number))).collect();
        Ok(Ok(json!({
            "cn": good.0,
            "matched": null,
            "name": goods_name(&factor.name),
            "activity": good.1,
            "origin": place,
            "steps": step.into_iter().collect::<Vec<_>>(),
            "key": factor.key,
            "default": usable.then(|| self.value(&factor, number)),
            "mark_up": total.map(|total| mark_up(total, &factor.value)),
            "unmarked": parts,
            "route": good.2,
            "valid": factor.valid,
            "flags": factor.flags,
            "blocking": blocking,
            "cite": self.release.cite(&factor.source.id, factor.source.locator.as_deref(), &factor.key),
        })))
    }

    fn value(&self, factor: &Factor, number: usize) -> Value {
        json!({
            "value": factor.value, "unit": "kg", "metric": factor.metric, "per": factor.per,
            "key": factor.key, "digest": self.release.data.digest(number),
        })
    }
}

/// The code of a place, for as long as the program runs.
fn origin_code(code: &str) -> &'static str {
    Region::get(code).map_or(WORLD, |place| place.code.as_str())
}

fn in_place(found: &BTreeMap<(Good, String), Values>, place: &str) -> BTreeMap<Good, Values> {
    found.iter().filter(|((_, own), _)| own == place).map(|((good, _), values)| (good.clone(), values.clone())).collect()
}

/// Whether a factor is for a year: its year, or else the time that it is meant for.
fn is_for(factor: &Factor, year: i32) -> bool {
    if factor.year.is_some() {
        return factor.year == Some(year);
    }
    let (first, last) = (format!("{year}-01-01"), format!("{year}-12-31"));
    let from = factor.valid.from.as_deref().is_some_and(|from| from <= first.as_str());
    from && factor.valid.to.as_deref().is_none_or(|to| to >= last.as_str())
}

/// By how many percent the value is marked up: the whole number that the printed digits agree with, else what they give.
fn mark_up(total: &Decimal, marked: &Decimal) -> Value {
    let (base, with) = (total.to_rational(), marked.to_rational());
    if base.is_zero() {
        return Value::Null;
    }
    let whole = |number: i64| BigRational::from(BigInt::from(number));
    let ratio = &with / &base;
    let percent = (ratio - whole(1)) * whole(100);
    let rounded = percent.round();
    let slack = marked.rounding_error() + total.rounding_error() * (whole(1) + &rounded / whole(100)).abs();
    let apart = (&base * (whole(1) + &rounded / whole(100)) - &with).abs();
    let agrees = apart <= slack;
    let shown = if agrees { &rounded } else { &percent };
    json!({"percent": to_json_number(shown), "agrees_with_digits": agrees})
}

/// The name of a good, without the origin and the value that the profile `eu-cbam-defaults` writes behind it.
fn goods_name(name: &Text) -> Text {
    let plain = |text: &String| {
        let year = |rest: &&str| rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit());
        let undated = text.rsplit_once(", ").filter(|(_, last)| year(last)).map_or(text.as_str(), |(rest, _)| rest);
        let found = VALUE_WORDS.iter().find_map(|words| undated.strip_suffix(*words)?.strip_suffix(", "));
        let goods = found.and_then(|rest| rest.rsplit_once(", ")).map(|(goods, _)| goods);
        goods.unwrap_or(text).to_owned()
    };
    Text { en: name.en.as_ref().map(plain), zh: name.zh.as_ref().map(plain) }
}

/// Of several goods those whose name or activity has a word.
fn choose_goods(release: &PublishedRelease, found: Vec<FoundGood>, word: Option<&str>) -> Result<Vec<FoundGood>, ProductRefusal> {
    let Some(word) = word else { return Ok(found) };
    let wanted = word.to_lowercase();
    let mut names = BTreeSet::new();
    let mut kept = Vec::new();
    for own in found {
        let Some(number) = own.2.numbers.first() else { continue };
        let name = goods_name(&read_factor(release, *number)?.name);
        let text = format!("{} {}", name.en.as_deref().unwrap_or_default(), name.zh.as_deref().unwrap_or_default()).to_lowercase();
        let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).any(|own| own == wanted);
        if words(&text) || words(&own.0.1) || (!word.is_ascii() && text.contains(&wanted)) {
            kept.push(own);
        } else {
            names.insert(name.any().to_owned());
        }
    }
    if kept.is_empty() {
        let detail = format!("no good under the code has the word `{}` in its name", shown(word));
        return Err(ProductRefusal::wrong("goods", word, detail, names.into_iter().take(20).collect()));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_up_is_the_whole_percentage_that_the_digits_agree_with() {
        let of = |total: &str, marked: &str| mark_up(&total.parse().unwrap(), &marked.parse().unwrap());
        assert_eq!(of("3.186893", "3.505582"), json!({"percent": "10", "agrees_with_digits": true}));
        assert_eq!(of("0.75", "0.7575"), json!({"percent": "1", "agrees_with_digits": true}));
        assert_eq!(of("1.00", "1.25"), json!({"percent": "25", "agrees_with_digits": true}));
        assert_eq!(of("1.0000", "1.0555"), json!({"percent": "5.55", "agrees_with_digits": false}));
        assert_eq!(of("0.00", "1"), Value::Null);
    }

    #[test]
    fn a_good_is_named_without_origin_and_value() {
        let of = |text: &str| goods_name(&Text { en: Some(text.to_owned()), zh: None }).en.unwrap();
        for words in VALUE_WORDS {
            assert!(include_str!("../../schema/profiles/eu-cbam-defaults.toml").contains(&format!("words = \"{words}")), "{words}");
            assert_eq!(of(&format!("Bars, rods and profiles, Türkiye, {words}")), "Bars, rods and profiles");
        }
        assert_eq!(of("White clinker, China, default value with mark-up, 2026"), "White clinker");
        for plain in ["White clinker", "Steel, 2026", "Pipes, of iron", "embedded emissions", ""] {
            assert_eq!(of(plain), plain);
        }
    }

    #[test]
    fn what_is_asked_is_understood_or_refused() {
        let query = |cn: &str, origin: &str, year: &str| CbamQuery {
            cn: Some(cn.to_owned()),
            origin: Some(origin.to_owned()),
            year: Some(year.to_owned()),
            ..CbamQuery::default()
        };
        let asked = understand(&query("7208 51 20 10", "中国", "2026")).unwrap();
        assert_eq!((asked.cn.as_str(), asked.origin.code.as_str(), asked.steps.len()), ("72085120", "CN", 2));
        assert_eq!(understand(&query("７２０８", "chn", "2026")).unwrap().cn, "7208");
        for (cn, origin, year, code) in [
            ("", "CN", "2026", "missing-parameter"),
            ("720", "CN", "2026", "invalid-parameter"),
            ("steel", "CN", "2026", "invalid-parameter"),
            ("7208", "", "2026", "missing-parameter"),
            ("7208", "Atlantis", "2026", "invalid-parameter"),
            ("7208", "GLO", "2026", "invalid-parameter"),
            ("7208", "DE", "2026", "invalid-parameter"),
            ("7208", "CH", "2026", "invalid-parameter"),
            ("7208", "CN", "", "missing-parameter"),
            ("7208", "CN", "26", "invalid-parameter"),
        ] {
            assert_eq!(understand(&query(cn, origin, year)).err().map(|refusal| refusal.code()), Some(code), "{cn} {origin} {year}");
        }
    }
}
