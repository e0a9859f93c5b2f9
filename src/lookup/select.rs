//! Selecting one factor of a release, with explicit fallbacks.

use std::collections::BTreeSet;

use serde::Serialize;

use super::aside::Aside;
use super::near::near_keys;
use super::query::last_day;
use super::refusal::shown;
use super::tie::Taken;
use super::told::{Left, Other, Reason, in_chinese, or_none, others};
use super::{Existing, Lookup, LookupRefusal, RegionFallback, YearFallback, reasons};
use crate::factor::{FlagSeverity, Region, Unit, UnitMismatch, flags, nearest};
use crate::release::{Dimension, ReleaseData};

/// A dimension in which the answer is not what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Step {
    /// `region`, `year`, or `candidates`.
    pub dimension: &'static str,
    /// What was asked.
    pub asked: Option<String>,
    /// What was used.
    pub used: Option<String>,
    /// `parent`, `earlier`, `nearest`, or the order that took one of several.
    pub rule: &'static str,
    /// What was looked at in between, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
}

/// The factor that was selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its number in the release.
    pub number: usize,
    /// Where the answer departs from the question.
    pub steps: Vec<Step>,
    /// How many factors matched before a rule picked one.
    pub candidates: usize,
    /// How one of several was taken.
    pub taken: Option<Taken>,
    /// Why this one.
    pub why: Vec<Reason>,
    /// The nearest others, and why not they.
    pub others: Vec<Other>,
}

/// Candidates of a refusal are listed up to this many.
pub(super) const LISTED: usize = 20;

/// The kind of a global warming potential.
pub(super) const POTENTIAL: &str = "gwp";

/// What an order beat is named up to this many.
const BEATEN: usize = 5;

/// A rule that leaves some of the factors, in the order in which they are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Kind, metric, boundary, technology, basis, scope, price year; of a potential its set.
    Equal,
    /// When it was published.
    Published,
    /// Validity, price basis, source level: what stands in the lines alone.
    Aside,
    /// Region and year, with their fallbacks.
    Place,
    /// Warnings that are not tolerated.
    Tolerated,
    /// Published under the asked GWP set.
    Gwp,
    /// In the asked unit, or in one that converts to it.
    Unit,
    /// The order that takes one of several.
    Order,
}

/// Selects the factor that a lookup asks for.
pub fn select(data: &ReleaseData, lookup: &Lookup) -> Result<Selected, LookupRefusal> {
    let named = Named::find(data, lookup)?;
    let like = Like::new(data, lookup);
    let Some((placed, mut steps)) = like.in_place_and_time(named) else { return Err(like.no_match(named)) };
    let tolerated: Vec<usize> = placed.iter().copied().filter(|number| like.untolerated(*number).is_empty()).collect();
    if tolerated.is_empty() {
        return Err(like.not_tolerated(&placed));
    }
    let under = like.prefer_gwp(&tolerated);
    let found = like.convertible(&under)?;
    let candidates = found.len();
    let (number, taken) = like.one_of(&found)?;
    steps.extend(taken.as_ref().map(|taken| like.order_step(number, taken)));
    let why = reasons::why(&like, number, (&steps, taken.as_ref()), candidates);
    let stages =
        [(Stage::Place, placed), (Stage::Tolerated, tolerated), (Stage::Gwp, under), (Stage::Unit, found), (Stage::Order, vec![number])];
    let others = others(&like, &Left { named, stages }, number);
    Ok(Selected { number, steps, candidates, taken, why, others })
}

/// What a lookup names, before anything else is asked of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Named {
    /// One factor, by its key.
    Key(usize),
    /// The factors of an activity, by its code.
    Activity(u32),
}

impl Named {
    /// All of its factors, in order of key.
    pub(super) fn all(self, data: &ReleaseData) -> Vec<usize> {
        match self {
            Self::Key(number) => vec![number],
            Self::Activity(code) => data.index().of_activity(code).iter().collect(),
        }
    }
}

impl Named {
    /// The asked key or activity.
    fn find(data: &ReleaseData, lookup: &Lookup) -> Result<Self, LookupRefusal> {
        if let Some(key) = &lookup.key {
            return data.find(key).map(Self::Key).ok_or_else(|| {
                let nearest = near_keys(data, key);
                no_match(format!("no factor has the key `{}`", shown(key)), Existing { nearest, ..Existing::default() })
            });
        }
        let activity = lookup.activity.as_deref().unwrap_or_default();
        data.index().code_of(Dimension::Activity, activity).map(Self::Activity).ok_or_else(|| no_activity(data, activity))
    }
}

/// There is no such activity: names those that are written alike, and those of its family.
fn no_activity(data: &ReleaseData, activity: &str) -> LookupRefusal {
    let index = data.index();
    let all: Vec<&str> = (1..index.codes(Dimension::Activity)).filter_map(|code| index.text(Dimension::Activity, code)).collect();
    let family = activity.split('/').next().unwrap_or_default();
    let mut near: Vec<String> = nearest(activity, all.iter().copied()).into_iter().collect();
    near.extend(all.iter().filter(|own| own.split('/').next() == Some(family)).take(LISTED).map(|own| (*own).to_owned()));
    if near.is_empty() {
        near.extend(all.iter().take(LISTED).map(|own| (*own).to_owned()));
    }
    let mut seen = BTreeSet::new();
    near.retain(|own| seen.insert(own.clone()));
    no_match(format!("no factor has the activity `{}`", shown(activity)), Existing { nearest: near, ..Existing::default() })
}

pub(super) fn no_match(detail: String, existing: Existing) -> LookupRefusal {
    LookupRefusal::NoMatch { detail, existing: Box::new(existing) }
}

/// A lookup against the columns of a release.
pub(super) struct Like<'a> {
    pub(super) data: &'a ReleaseData,
    pub(super) lookup: &'a Lookup,
    pub(super) equal: Vec<(Dimension, Option<u32>)>,
}

impl<'a> Like<'a> {
    fn new(data: &'a ReleaseData, lookup: &'a Lookup) -> Self {
        let code = |(dimension, value): &(Dimension, String)| (*dimension, data.index().code_of(*dimension, value));
        Self { data, lookup, equal: lookup.equal.iter().map(code).collect() }
    }

    pub(super) fn text(&self, dimension: Dimension, number: usize) -> Option<&str> {
        self.data.index().value(dimension, number)
    }

    pub(super) fn equal(&self, number: usize) -> bool {
        let index = self.data.index();
        self.equal.iter().all(|(dimension, code)| *code == Some(index.code(*dimension, number))) && self.under_set(number)
    }

    /// Whether it is no potential, or one of the set that was asked: a potential is never computed under another set.
    pub(super) fn under_set(&self, number: usize) -> bool {
        let Some(set) = self.lookup.gwp else { return true };
        !self.is_potential(number) || self.text(Dimension::Gwp, number) == Some(set.id.as_str())
    }

    pub(super) fn is_potential(&self, number: usize) -> bool {
        self.text(Dimension::Kind, number) == Some(POTENTIAL)
    }

    pub(super) fn year(&self, number: usize) -> Option<i32> {
        self.data.year(number)
    }

    /// Whether it is known to have been published when it was asked for.
    pub(super) fn published(&self, number: usize) -> bool {
        let (year, until) = (self.lookup.published_year, self.lookup.published_until.as_deref());
        if year.is_none() && until.is_none() {
            return true;
        }
        let Some(published) = self.text(Dimension::Published, number) else { return false };
        let in_year = year.is_none_or(|year| published.get(..4).and_then(|own| own.parse().ok()) == Some(year));
        in_year && until.is_none_or(|until| last_day(published).is_some_and(|last| last.as_str() <= until))
    }

    pub(super) fn aside(&self, number: usize) -> bool {
        Aside::is_free(self.lookup) || Aside::of(self.data, number).is_some_and(|aside| aside.misses(self.lookup).is_none())
    }

    /// Whether it is what was asked, wherever and whenever it is.
    fn fits(&self, number: &usize) -> bool {
        self.equal(*number) && self.published(*number) && self.aside(*number)
    }

    /// The code of a text in a column; none where no factor has it.
    fn code_of(&self, dimension: Dimension, text: &str) -> Option<u32> {
        self.data.index().code_of(dimension, text)
    }

    /// What is named, at a place or anywhere, and as asked.
    fn at(&self, named: Named, place: Option<&str>) -> Vec<usize> {
        match (named, place) {
            (Named::Key(number), None) => Some(number).filter(|own| self.fits(own)).into_iter().collect(),
            (Named::Key(number), Some(place)) => {
                let here = self.text(Dimension::Region, number) == Some(place);
                Some(number).filter(|own| here && self.fits(own)).into_iter().collect()
            }
            (Named::Activity(code), None) => self.data.index().of_activity(code).iter().filter(|own| self.fits(own)).collect(),
            (Named::Activity(code), Some(place)) => {
                let Some(region) = self.code_of(Dimension::Region, place) else { return Vec::new() };
                self.data.index().of_place(code, region).iter().filter(|own| self.fits(own)).collect()
            }
        }
    }

    /// The warnings of a factor that are not tolerated.
    pub(super) fn untolerated(&self, number: usize) -> Vec<String> {
        let Some(tolerated) = &self.lookup.tolerate else { return Vec::new() };
        let warns = |code: &&str| flags().get(*code).is_some_and(|flag| flag.severity == FlagSeverity::Warning);
        let own = self.text(Dimension::Flags, number).unwrap_or_default().split(' ').filter(warns);
        own.filter(|code| !tolerated.contains(code)).map(str::to_owned).collect()
    }

    /// The candidates at the asked place and time, or at the first fallback that has any. Year is relaxed before region.
    pub(super) fn in_place_and_time(&self, named: Named) -> Option<(Vec<usize>, Vec<Step>)> {
        let Some(asked) = self.lookup.region.as_deref() else {
            let (found, step) = self.in_time(self.at(named, None))?;
            return Some((found, step.into_iter().collect()));
        };
        let mut place = asked;
        let mut tried = Vec::new();
        loop {
            if let Some((found, year_step)) = self.in_time(self.at(named, Some(place))) {
                let (asked, used) = (self.lookup.region.clone(), Some(place.to_owned()));
                let step = Step { dimension: "region", asked, used, rule: "parent", tried };
                return Some((found, Some(step).filter(|step| !step.tried.is_empty()).into_iter().chain(year_step).collect()));
            }
            let fallback = self.lookup.region_fallback.is_some_and(|RegionFallback::Parent| true);
            tried.push(place.to_owned());
            place = Region::get(place)?.parent.as_deref().filter(|_| fallback)?;
        }
    }

    fn in_time(&self, here: Vec<usize>) -> Option<(Vec<usize>, Option<Step>)> {
        let Some(asked) = self.lookup.year.filter(|_| !here.is_empty()) else {
            return Some((here, None)).filter(|(here, _)| !here.is_empty());
        };
        let of_year = |year: i32| here.iter().copied().filter(|number| self.year(*number) == Some(year)).collect::<Vec<_>>();
        let exact = of_year(asked);
        if !exact.is_empty() {
            return Some((exact, None));
        }
        let years: BTreeSet<i32> = here.iter().filter_map(|number| self.year(*number)).collect();
        let (used, rule) = match self.lookup.year_fallback? {
            YearFallback::Earlier => (years.range(..asked).next_back().copied()?, "earlier"),
            YearFallback::Nearest => (years.iter().copied().min_by_key(|year| ((asked - year).abs(), *year))?, "nearest"),
        };
        let step = Step { dimension: "year", asked: Some(asked.to_string()), used: Some(used.to_string()), rule, tried: Vec::new() };
        Some((of_year(used), Some(step)))
    }

    /// Of candidates published under several GWP sets those under the asked one, where there are any.
    fn prefer_gwp(&self, found: &[usize]) -> Vec<usize> {
        let Some(set) = self.lookup.gwp else { return found.to_vec() };
        let published: Vec<usize> =
            found.iter().copied().filter(|number| self.text(Dimension::Gwp, *number) == Some(set.id.as_str())).collect();
        if published.is_empty() { found.to_vec() } else { published }
    }

    /// The unit that the answer is wanted in.
    pub(super) fn wanted_unit(&self) -> Option<&Unit> {
        let amount_unit = self.lookup.amount.as_ref().and_then(|amount| amount.unit.as_ref());
        self.lookup.per.as_ref().or(amount_unit)
    }

    /// Of candidates in several units those that convert to the asked one; an equal unit before an equal dimension.
    fn convertible(&self, found: &[usize]) -> Result<Vec<usize>, LookupRefusal> {
        let Some(wanted) = self.wanted_unit() else { return Ok(found.to_vec()) };
        let mut mismatch = None;
        let mut kept = Vec::new();
        for number in found.iter().copied() {
            let per = self.text(Dimension::Per, number).unwrap_or_default();
            match Unit::parse(per).map(|own| own.in_terms_of(wanted)) {
                Ok(Ok(_)) => kept.push(number),
                Ok(Err(error)) => mismatch = Some(error),
                Err(error) => return Err(LookupRefusal::Damaged(error.to_string())),
            }
        }
        let same: Vec<usize> = kept.iter().copied().filter(|number| self.text(Dimension::Per, *number) == Some(wanted.code())).collect();
        match (same.is_empty(), kept.is_empty(), mismatch) {
            (false, ..) => Ok(same),
            (true, true, Some(mismatch)) => Err(UnitMismatch::into(mismatch)),
            _ => Ok(kept),
        }
    }

    /// The only one, or the one that the orders take; a refusal where they leave several.
    fn one_of(&self, found: &[usize]) -> Result<(usize, Option<Taken>), LookupRefusal> {
        let mut left = found.to_vec();
        let mut orders = Vec::new();
        for order in &self.lookup.orders {
            if left.len() < 2 {
                break;
            }
            left = order.first(self.data, &left);
            orders.push(*order);
        }
        match left.as_slice() {
            [one] if orders.is_empty() => Ok((*one, None)),
            [one] => {
                let beaten = found.iter().filter(|number| *number != one).take(BEATEN);
                Ok((*one, Some(Taken { orders, beat: beaten.map(|number| self.data.key(*number).to_owned()).collect() })))
            }
            several => Err(self.ambiguous(several)),
        }
    }

    fn order_step(&self, number: usize, taken: &Taken) -> Step {
        let rule = taken.orders.last().map_or("newest", |order| order.code());
        Step { dimension: "candidates", asked: None, used: Some(self.data.key(number).to_owned()), rule, tried: Vec::new() }
    }
}

impl Stage {
    /// Why a factor fell away by this rule.
    pub(super) fn against(self, data: &ReleaseData, lookup: &Lookup, (number, taken): (usize, usize)) -> Reason {
        let like = Like::new(data, lookup);
        match self {
            Self::Equal => like.against_equal(number),
            Self::Published => {
                let (en, zh) = or_none(like.text(Dimension::Published, number));
                Reason::new("published", format!("published: {en}, not when it was asked for"), format!("发布时间：{zh}，不在所问范围内"))
            }
            Self::Aside => Aside::of(data, number)
                .and_then(|aside| aside.misses(lookup))
                .unwrap_or_else(|| Reason::new("line", "its line does not read", "该行无法读取")),
            Self::Place => like.against_place((number, taken)),
            Self::Tolerated => {
                let flags = like.untolerated(number).join(", ");
                Reason::new("tolerate", format!("it carries {flags}, which is not tolerated"), format!("带有未被容许的标记：{flags}"))
            }
            Self::Gwp => {
                let (en, zh) = or_none(like.text(Dimension::Gwp, number));
                Reason::new(
                    "gwp",
                    format!("published under {en}; one under the asked GWP set is preferred"),
                    format!("按 {zh} 发布；优先采用所问 GWP 组"),
                )
            }
            Self::Unit => {
                let (en, zh) = or_none(like.text(Dimension::Per, number));
                Reason::new("unit", format!("per {en}: another unit than the one asked for"), format!("单位为每 {zh}，与所问不同"))
            }
            Self::Order => {
                let orders = lookup.orders.iter().map(|order| order.code()).collect::<Vec<_>>().join(", ");
                Reason::new("order", format!("it matches as well, and comes behind by {orders}"), format!("同样匹配，按 {orders} 排在其后"))
            }
        }
    }
}

impl Like<'_> {
    fn against_equal(&self, number: usize) -> Reason {
        let differs = |(dimension, value): &&(Dimension, String)| self.text(*dimension, number) != Some(value);
        match self.lookup.equal.iter().find(differs) {
            Some((dimension, asked)) => {
                let (name, asked) = (dimension.name(), shown(asked));
                let (en, zh) = or_none(self.text(*dimension, number));
                Reason::new(name, format!("{name}: {en}; {asked} was asked"), format!("{}：{zh}；所问为 {asked}", in_chinese(name)))
            }
            None => {
                let asked = self.lookup.gwp.map(|set| set.id.as_str()).unwrap_or_default();
                let (en, zh) = or_none(self.text(Dimension::Gwp, number));
                let en = format!("gwp: {en}; {asked} was asked");
                Reason::new("gwp", en, format!("{}：{zh}；所问为 {asked}", in_chinese("gwp")))
            }
        }
    }

    fn against_place(&self, (number, taken): (usize, usize)) -> Reason {
        let differ = |dimension| self.text(dimension, number) != self.text(dimension, taken);
        let (name, dimension) = if self.lookup.region.is_some() && differ(Dimension::Region) {
            ("region", Dimension::Region)
        } else {
            ("year", Dimension::Year)
        };
        let (en, zh) = or_none(self.text(dimension, number));
        let asked = match name {
            "region" => self.lookup.region.clone().unwrap_or_default(),
            _ => self.lookup.year.map(|year| year.to_string()).unwrap_or_default(),
        };
        Reason::new(name, format!("{name}: {en}; {asked} was asked"), format!("{}：{zh}；所问为 {asked}", in_chinese(name)))
    }
}
