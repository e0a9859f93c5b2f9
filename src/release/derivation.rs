//! What factors were computed from: the graph of `derived_from` over everything released, followed both ways.
//!
//! An input names an exact version. When that version is withdrawn, everything
//! built on it is affected, over any number of steps and in whichever dataset.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::catalogue::{Catalogue, PublishedRelease, Superseded, Withdrawn};
use crate::dataset::{Act, Principal};
use crate::factor::{Decimal, DerivedFrom, Status};

/// A release, known here or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ReleaseName {
    dataset: String,
    version: Version,
}

/// A factor, known here or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct FactorName<'a> {
    release: &'a ReleaseName,
    key: &'a str,
}

/// The edges that begin in one release, from factor to input. Pairs hold places in the lists beside them.
#[derive(Debug)]
struct Edges {
    own: ReleaseName,
    /// Place of the public fact that announces the release.
    seq: i64,
    /// Keys of the derived factors, sorted.
    derived: Vec<Box<str>>,
    /// Releases of the inputs, sorted.
    releases: Vec<ReleaseName>,
    /// Place of the release and key of each input, sorted.
    inputs: Vec<(usize, Box<str>)>,
    /// Derived factor, input; sorted.
    uses: Vec<(u32, u32)>,
    /// Input, derived factor; sorted.
    users: Vec<(u32, u32)>,
}

impl Edges {
    /// From the derived lines of a release, in order of key; each name is kept once.
    fn new(own: ReleaseName, seq: i64, lines: impl Iterator<Item = (String, Vec<DerivedFrom>)>) -> Self {
        let mut releases: BTreeMap<ReleaseName, usize> = BTreeMap::new();
        let mut inputs: BTreeMap<(usize, Box<str>), usize> = BTreeMap::new();
        let mut derived = Vec::new();
        let mut found = Vec::new();
        for (number, (key, from)) in (0u32..).zip(lines) {
            derived.push(key.into_boxed_str());
            for input in from {
                let Ok(version) = input.version.parse() else { continue };
                let next = releases.len();
                let release = *releases.entry(ReleaseName { dataset: input.dataset, version }).or_insert(next);
                let next = inputs.len();
                found.push((number, *inputs.entry((release, input.key.into_boxed_str())).or_insert(next)));
            }
        }
        // numbers in the order of finding become places in the order of names
        let place = places(releases.values().copied());
        let mut inputs: Vec<((usize, Box<str>), usize)> =
            inputs.into_iter().map(|((release, key), number)| ((place.get(release).copied().unwrap_or_default(), key), number)).collect();
        inputs.sort_unstable();
        let place = places(inputs.iter().map(|(_, number)| *number));
        let place = |input: usize| place.get(input).and_then(|place| u32::try_from(*place).ok()).unwrap_or(u32::MAX);
        let mut uses: Vec<(u32, u32)> = found.into_iter().map(|(number, input)| (number, place(input))).collect();
        uses.sort_unstable();
        uses.dedup();
        let mut users: Vec<(u32, u32)> = uses.iter().map(|(number, input)| (*input, *number)).collect();
        users.sort_unstable();
        let inputs = inputs.into_iter().map(|(input, _)| input).collect();
        Self { own, seq, derived, releases: releases.into_keys().collect(), inputs, uses, users }
    }

    fn input(&self, number: u32) -> Option<FactorName<'_>> {
        let (release, key) = self.inputs.get(usize::try_from(number).ok()?)?;
        Some(FactorName { release: self.releases.get(*release)?, key })
    }

    fn derived(&self, number: u32) -> Option<FactorName<'_>> {
        Some(FactorName { release: &self.own, key: self.derived.get(usize::try_from(number).ok()?)? })
    }

    /// The inputs of a factor of this release.
    fn inputs_of(&self, key: &str) -> impl Iterator<Item = FactorName<'_>> {
        let found = self.derived.binary_search_by(|own| (**own).cmp(key)).ok().and_then(|number| u32::try_from(number).ok());
        let all = found.map_or(&[][..], |number| pairs(&self.uses, number, number + 1));
        all.iter().filter_map(|(_, input)| self.input(*input))
    }

    /// The factors of this release that name an input: this one, or any of its release.
    fn users_of(&self, release: &ReleaseName, key: Option<&str>) -> impl Iterator<Item = FactorName<'_>> {
        let place = self.releases.partition_point(|own| own < release);
        let known = self.releases.get(place) == Some(release);
        let from = self.inputs.partition_point(|(own, text)| (*own, Some(&**text)) < (place, key));
        let to = self.inputs.partition_point(|(own, text)| (*own, key.is_some_and(|key| **text > *key)) <= (place, false));
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let all = if known { pairs(&self.users, number(from), number(to)) } else { &[] };
        all.iter().filter_map(|(_, derived)| self.derived(*derived))
    }
}

/// Where each number stands in a list of all numbers below its length.
fn places(numbers: impl ExactSizeIterator<Item = usize>) -> Vec<usize> {
    let mut places = vec![0; numbers.len()];
    for (place, number) in numbers.enumerate() {
        if let Some(slot) = places.get_mut(number) {
            *slot = place;
        }
    }
    places
}

/// The pairs whose first is in `from..to`, of sorted ones.
fn pairs(sorted: &[(u32, u32)], from: u32, to: u32) -> &[(u32, u32)] {
    let place = |first: u32| sorted.partition_point(|pair| pair.0 < first);
    sorted.get(place(from)..place(to)).unwrap_or_default()
}

/// The graph; a copy shares everything with what it was copied from.
#[derive(Debug, Clone, Default)]
pub(super) struct Derivations(Arc<Graph>);

#[derive(Debug, Clone, Default)]
struct Graph {
    /// By the release in which edges begin; none for a release without derived factors.
    of: BTreeMap<ReleaseName, Arc<Edges>>,
    /// By the release in which they end.
    on: BTreeMap<ReleaseName, Vec<Arc<Edges>>>,
}

/// The members of a line that the graph holds.
#[derive(Deserialize)]
struct DerivedLine<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    derived_from: Vec<DerivedFrom>,
}

impl Derivations {
    /// Takes a release in; reads only the lines that its index lists as derived.
    ///
    /// A line that cannot be read is passed over: the factor itself is never answered with either.
    pub(super) fn take(&mut self, release: &PublishedRelease) {
        let own = ReleaseName { dataset: release.dataset.to_string(), version: release.version.clone() };
        let lines = release.data.index().derived().filter_map(|number| {
            let line = release.data.line(number);
            let read = serde_json::from_slice::<DerivedLine<'_>>(&line);
            if let Err(error) = &read {
                tracing::warn!(release = release.id(), line = number + 1, %error, "the line is damaged; what it was derived from is not known");
            }
            read.ok().map(|line| (line.key.into_owned(), line.derived_from))
        });
        self.insert(own, release.seq, lines);
    }

    fn insert(&mut self, own: ReleaseName, seq: i64, lines: impl Iterator<Item = (String, Vec<DerivedFrom>)>) {
        let edges = Arc::new(Edges::new(own.clone(), seq, lines));
        if edges.uses.is_empty() {
            return;
        }
        let graph = Arc::make_mut(&mut self.0);
        for release in &edges.releases {
            graph.on.entry(release.clone()).or_default().push(edges.clone());
        }
        graph.of.insert(own, edges);
    }
}

/// A factor that a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached<'a> {
    factor: FactorName<'a>,
    distance: u32,
    /// The place of the one before it, nothing at the first step.
    before: Option<usize>,
}

/// Follows edges from factor to factor, breadth first: each factor once, at its shortest distance, in order of distance and name.
///
/// What is in `seen` is not entered, so that a circle ends.
fn walk<'a, I: Iterator<Item = FactorName<'a>>>(
    first: impl Iterator<Item = FactorName<'a>>,
    steps: u32,
    mut seen: BTreeSet<FactorName<'a>>,
    next: impl Fn(FactorName<'a>) -> I,
) -> Vec<Reached<'a>> {
    let mut found: Vec<Reached<'a>> = Vec::new();
    let mut level: BTreeMap<FactorName<'a>, Option<usize>> = first.filter(|factor| !seen.contains(factor)).map(|f| (f, None)).collect();
    for distance in 1..=steps {
        if level.is_empty() {
            break;
        }
        let start = found.len();
        seen.extend(level.keys().copied());
        found.extend(level.into_iter().map(|(factor, before)| Reached { factor, distance, before }));
        level = BTreeMap::new();
        for (place, reached) in found.iter().enumerate().skip(start) {
            for factor in next(reached.factor).filter(|factor| !seen.contains(factor)) {
                level.entry(factor).or_insert(Some(place));
            }
        }
    }
    found
}

/// Whether what a release was computed from is looked at; by its name and the place of its leaf.
type Seen<'s> = &'s dyn Fn(&ReleaseName, i64) -> bool;

impl Graph {
    fn inputs_of(&self, factor: FactorName<'_>) -> impl Iterator<Item = FactorName<'_>> + use<'_> {
        let edges = self.of.get(factor.release).into_iter();
        let found: Vec<FactorName<'_>> = edges.flat_map(|edges| edges.inputs_of(factor.key)).collect();
        found.into_iter()
    }

    /// The users among the releases that are seen.
    fn users_of(&self, release: &ReleaseName, key: Option<&str>, seen: Seen<'_>) -> impl Iterator<Item = FactorName<'_>> + use<'_> {
        let edges = self.on.get(release).into_iter().flatten().filter(|edges| seen(&edges.own, edges.seq));
        let found: Vec<FactorName<'_>> = edges.flat_map(|edges| edges.users_of(release, key)).collect();
        found.into_iter()
    }

    fn dependents<'a>(&'a self, of: &'a ReleaseName, key: Option<&'a str>, steps: u32, seen: Seen<'_>) -> Vec<Reached<'a>> {
        let outside = |factor: &FactorName<'_>| key.is_some() || factor.release != of;
        let start = key.map(|key| FactorName { release: of, key }).into_iter().collect();
        let first = self.users_of(of, key, seen).filter(outside);
        walk(first, steps, start, |factor| self.users_of(factor.release, Some(factor.key), seen).filter(outside))
    }

    /// The inputs of a factor that lead to one of these releases or stand there, over any number of steps.
    fn inputs_towards<'a>(&'a self, start: FactorName<'a>, wanted: impl Fn(&ReleaseName) -> bool, seen: Seen<'_>) -> Vec<Reached<'a>> {
        let edges = |release: &ReleaseName| self.of.get(release).filter(|edges| seen(&edges.own, edges.seq));
        let before = |release: &'a ReleaseName| edges(release).map(|edges| edges.releases.iter()).into_iter().flatten();
        let after = |release: &'a ReleaseName| self.on.get(release).into_iter().flatten().map(|edges| &edges.own);
        let reachable = closure(before(start.release), before);
        let ends: Vec<&ReleaseName> = reachable.into_iter().filter(|release| wanted(release)).collect();
        if ends.is_empty() {
            return Vec::new();
        }
        let leading = closure(ends.into_iter(), after);
        let inputs = |factor: FactorName<'a>| {
            let own = edges(factor.release).map(|_| self.inputs_of(factor)).into_iter().flatten();
            own.filter(|factor| leading.contains(factor.release))
        };
        walk(inputs(start), u32::MAX, BTreeSet::from([start]), inputs)
    }
}

/// What can be come to from these releases, themselves included.
fn closure<'a, I: Iterator<Item = &'a ReleaseName>>(
    first: impl Iterator<Item = &'a ReleaseName>,
    next: impl Fn(&'a ReleaseName) -> I,
) -> BTreeSet<&'a ReleaseName> {
    let mut open: Vec<&ReleaseName> = first.collect();
    let mut found: BTreeSet<&ReleaseName> = open.iter().copied().collect();
    while let Some(release) = open.pop() {
        for other in next(release) {
            if found.insert(other) {
                open.push(other);
            }
        }
    }
    found
}

/// What is known here of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputKnown {
    /// The factor is released here.
    Factor,
    /// Its release is here and has no such factor.
    Release,
    /// Its release is here and may not be read by whoever asks.
    Hidden,
    /// Neither is here.
    No,
}

/// A factor that another one was computed from, as its line names it, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Input {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    #[schema(value_type = String)]
    pub version: Version,
    /// Key in that release.
    pub key: String,
    /// Whether it is released here.
    pub known: InputKnown,
    /// Set where its release is withdrawn.
    pub withdrawn: Option<Withdrawn>,
    /// Set where another release is to be used instead of its release.
    pub superseded: Option<Superseded>,
    /// The factor's own word that it should be left for another.
    pub status: Option<Status>,
    /// Set where the latest release above that version has another value for it, or has it no more.
    pub newer: Option<NewerInput>,
}

/// What the latest release has in the place of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NewerInput {
    /// That release's version.
    #[schema(value_type = String)]
    pub version: Version,
    /// The value there, kg per its `per`; nothing where the factor is gone.
    #[schema(value_type = Option<String>)]
    pub value: Option<Decimal>,
}

/// A factor that is built on another one or on a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Dependent {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    #[schema(value_type = String)]
    pub version: Version,
    /// Key in that release.
    pub key: String,
    /// Steps of `derived_from` on the shortest way; 1 where it is built on it directly.
    pub distance: u32,
    /// The factors between, `dataset@version#key`, beginning beside what was asked for; empty at distance 1.
    pub via: Vec<String>,
    /// Set where its own release is withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

/// What dependents are asked of: a release, or one factor of it.
#[derive(Debug, Clone, Copy)]
pub struct DependentsOf<'a> {
    /// Dataset id.
    pub dataset: &'a str,
    /// Exact version.
    pub version: &'a Version,
    /// Key of the factor; none: anything in the release.
    pub key: Option<&'a str>,
}

/// All that is built on a factor or a release, in order of distance, dataset, version and key.
pub struct Dependents<'a> {
    catalogue: &'a Catalogue,
    reached: Vec<(ReleaseName, String, u32, Option<usize>)>,
}

impl Dependents<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.reached.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.reached.is_empty()
    }

    /// Some of them, in full.
    pub fn page(&self, offset: usize, limit: usize) -> Vec<Dependent> {
        let item = |(release, key, distance, before): &(ReleaseName, String, u32, Option<usize>)| Dependent {
            dataset: release.dataset.clone(),
            version: release.version.clone(),
            key: key.clone(),
            distance: *distance,
            via: self.via(*before),
            withdrawn: self.catalogue.release_named(release).and_then(|release| release.withdrawn.clone()),
        };
        self.reached.iter().skip(offset).take(limit).map(item).collect()
    }

    fn via(&self, mut before: Option<usize>) -> Vec<String> {
        let mut via = Vec::new();
        while let Some((release, key, _, earlier)) = before.and_then(|place| self.reached.get(place)) {
            via.push(format!("{}@{}#{key}", release.dataset, release.version));
            before = *earlier;
        }
        via.reverse();
        via
    }
}

/// A withdrawn release that a factor is built on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct WithdrawnInput {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    #[schema(value_type = String)]
    pub version: Version,
    /// Key of the nearest input that stands there.
    pub key: String,
    /// Steps of `derived_from` to it; 1 where the factor names it itself.
    pub distance: u32,
    /// When and why it was withdrawn.
    pub withdrawn: Withdrawn,
}

impl Catalogue {
    fn release_named(&self, name: &ReleaseName) -> Option<&Arc<PublishedRelease>> {
        self.dataset(&name.dataset).ok()?.get(&name.version)
    }

    /// Whether somebody may read what a release was computed from.
    fn sees(&self, who: &Principal, release: &ReleaseName) -> bool {
        self.release_named(release).is_some_and(|release| release.may(who, Act::ReadNumbers).is_ok())
    }

    /// The factors that a factor was computed from, as its line names them; none for one that was not.
    ///
    /// Of an input that `who` may not read only what its release's leaves tell is said.
    pub fn inputs(&self, release: &PublishedRelease, key: &str, who: &Principal) -> Vec<Input> {
        let own = ReleaseName { dataset: release.dataset.to_string(), version: release.version.clone() };
        let named = FactorName { release: &own, key };
        self.derivations().0.inputs_of(named).map(|input| self.input(input, who)).collect()
    }

    fn input(&self, name: FactorName<'_>, who: &Principal) -> Input {
        #[derive(Deserialize)]
        struct Now {
            value: Decimal,
            status: Option<Status>,
        }
        let release = self.release_named(name.release);
        let now = |release: &Arc<PublishedRelease>| {
            let number = release.data.find(name.key)?;
            serde_json::from_slice::<Now>(&release.data.line(number)).ok()
        };
        let readable = |release: &&Arc<PublishedRelease>| release.may(who, Act::ReadNumbers).is_ok();
        let own = release.filter(readable).and_then(now);
        let known = match release {
            None => InputKnown::No,
            Some(release) if !readable(&release) => InputKnown::Hidden,
            Some(release) if release.data.find(name.key).is_none() => InputKnown::Release,
            Some(_) => InputKnown::Factor,
        };
        let latest = self.dataset(&name.release.dataset).ok().and_then(|releases| releases.latest()).filter(readable);
        let newer = latest.filter(|latest| known == InputKnown::Factor && latest.version > name.release.version).and_then(|latest| {
            let value = now(latest).map(|now| now.value);
            (value != own.as_ref().map(|own| own.value.clone())).then(|| NewerInput { version: latest.version.clone(), value })
        });
        Input {
            dataset: name.release.dataset.clone(),
            version: name.release.version.clone(),
            key: name.key.to_owned(),
            known,
            withdrawn: release.and_then(|release| release.withdrawn.clone()),
            superseded: release.and_then(|release| release.superseded.clone()),
            status: own.and_then(|own| own.status),
            newer,
        }
    }

    /// What is built on a factor of a release, or on anything in it from outside it; `transitive` over any number of steps.
    ///
    /// The release need not be known here. A circle is followed once. Ways through releases that `who` may not read are not taken.
    pub fn dependents(&self, of: DependentsOf<'_>, transitive: bool, who: &Principal) -> Dependents<'_> {
        self.dependents_as_of(of, transitive, who, i64::MAX)
    }

    /// The same as it was when there were so many public facts.
    pub fn dependents_as_of(&self, of: DependentsOf<'_>, transitive: bool, who: &Principal, facts: i64) -> Dependents<'_> {
        let DependentsOf { dataset, version, key } = of;
        let of = ReleaseName { dataset: dataset.to_owned(), version: version.clone() };
        let seen = |release: &ReleaseName, seq: i64| seq < facts && self.sees(who, release);
        let reached = self.derivations().0.dependents(&of, key, if transitive { u32::MAX } else { 1 }, &seen);
        let owned =
            |reached: Reached<'_>| (reached.factor.release.clone(), reached.factor.key.to_owned(), reached.distance, reached.before);
        Dependents { catalogue: self, reached: reached.into_iter().map(owned).collect() }
    }

    /// The withdrawn releases, other than its own, that a factor is built on over any number of steps: nearest first, each once.
    ///
    /// Ways through releases that `who` may not read are not taken.
    pub fn withdrawn_inputs(&self, release: &PublishedRelease, key: &str, who: &Principal) -> Vec<WithdrawnInput> {
        let own = ReleaseName { dataset: release.dataset.to_string(), version: release.version.clone() };
        let withdrawal = |name: &ReleaseName| self.release_named(name).and_then(|release| release.withdrawn.clone());
        let mut told: BTreeSet<&ReleaseName> = BTreeSet::from([&own]);
        let graph = &self.derivations().0;
        let mut found = Vec::new();
        let seen = |release: &ReleaseName, _: i64| self.sees(who, release);
        let wanted = |name: &ReleaseName| *name != own && withdrawal(name).is_some();
        for reached in graph.inputs_towards(FactorName { release: &own, key }, wanted, &seen) {
            let FactorName { release, key } = reached.factor;
            if let Some(withdrawn) = withdrawal(release).filter(|_| told.insert(release)) {
                let (dataset, version) = (release.dataset.clone(), release.version.clone());
                found.push(WithdrawnInput { dataset, version, key: key.to_owned(), distance: reached.distance, withdrawn });
            }
        }
        found
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! The graph without files, as text.

    use super::*;

    /// A graph whose names are written `dataset@version` and `dataset@version#key`.
    #[derive(Default)]
    pub(in crate::release) struct GraphOf {
        graph: Derivations,
        facts: i64,
    }

    fn name(text: &str) -> ReleaseName {
        let (dataset, version) = text.split_once('@').unwrap();
        ReleaseName { dataset: dataset.to_owned(), version: version.parse().unwrap() }
    }

    fn shown(found: &[Reached<'_>]) -> Vec<String> {
        let name = |factor: FactorName<'_>| format!("{}@{}#{}", factor.release.dataset, factor.release.version, factor.key);
        let via = |place: usize| format!(" via {}", name(found[place].factor));
        found.iter().map(|own| format!("{} {}{}", own.distance, name(own.factor), own.before.map(via).unwrap_or_default())).collect()
    }

    impl GraphOf {
        pub(in crate::release) fn insert<'a>(&mut self, release: &str, lines: impl Iterator<Item = (&'a str, &'a str)>) {
            let derived = |from: &str| crate::factor::notation::read_derived_from(&from.replace(' ', ";")).unwrap();
            self.graph.insert(name(release), self.facts, lines.map(|(key, from)| (key.to_owned(), derived(from))));
            self.facts += 1;
        }

        pub(in crate::release) fn dependents(&self, release: &str, key: Option<&str>, transitive: bool) -> Vec<String> {
            shown(&self.graph.0.dependents(&name(release), key, if transitive { u32::MAX } else { 1 }, &|_, seq| seq < self.facts))
        }

        pub(in crate::release) fn dependents_as_of(&self, release: &str, facts: i64) -> Vec<String> {
            shown(&self.graph.0.dependents(&name(release), None, u32::MAX, &|_, seq| seq < facts))
        }

        pub(in crate::release) fn towards(&self, release: &str, key: &str, ends: &[&str]) -> Vec<String> {
            let ends: Vec<ReleaseName> = ends.iter().map(|end| name(end)).collect();
            let own = name(release);
            shown(&self.graph.0.inputs_towards(FactorName { release: &own, key }, |name| ends.contains(name), &|_, _| true))
        }
    }
}
