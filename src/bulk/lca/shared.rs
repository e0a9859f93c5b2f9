//! What the data sets of one archive share, gathered while the factors pass.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::uuid;
use super::units::{self, Quantity};
use crate::bulk::{Row, Rows};
use crate::factor::exact::to_plain_decimal;
use crate::factor::{Factor, GwpSet, Metric, Origin};

/// What is emitted per unit of a factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Emission {
    /// Id of its elementary flow.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// CAS registry number.
    pub(super) cas: Option<String>,
    /// Formula.
    pub(super) formula: Option<String>,
    /// In kg, as published.
    pub(super) amount: String,
    gas: Gas,
}

/// What an elementary flow is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Gas {
    /// A gas, by name or CAS number.
    Of(String, Option<Origin>),
    /// CO2 equivalents under a set, or under none that is named.
    Equivalents(Option<String>),
}

/// Elementary flows (emission to air, unspecified) that openLCA's reference data and ecoinvent keep under one public id.
const KNOWN: [(&str, Option<Origin>, &str, &str); 7] = [
    ("CO2", Some(Origin::Fossil), "349b29d1-3e58-4c66-98b9-9d1a076efd2e", "Carbon dioxide, fossil"),
    ("CO2", Some(Origin::Biogenic), "eba59fd6-f37e-41dc-9ca3-c7ea22d602c7", "Carbon dioxide, non-fossil"),
    ("CO2", None, "7ae371aa-8532-11e0-9d78-0800200c9a66", "Carbon dioxide"),
    ("CH4", Some(Origin::Fossil), "0795345f-c7ae-410c-ad25-1845784c75f5", "Methane, fossil"),
    ("CH4", Some(Origin::Biogenic), "da1157e2-7593-4dfd-80dd-a3449b37a4d8", "Methane, non-fossil"),
    ("CH4", None, "20408dd1-8534-11e0-9d78-0800200c9a66", "Methane"),
    ("N2O", None, "20185046-64bb-4c09-a8e7-e8a9e144ca98", "Dinitrogen monoxide"),
];

impl Emission {
    fn of(gas: &str, origin: Option<Origin>, amount: &str) -> Self {
        let entry = GwpSet::all().iter().flat_map(|set| &set.values).find(|entry| entry.gas == gas || entry.cas == gas);
        let known = KNOWN.iter().find(|(own, from, ..)| (*own, *from) == (gas, origin));
        let word = match origin {
            Some(Origin::Fossil) => ", fossil",
            Some(Origin::Biogenic) => ", non-fossil",
            None => "",
        };
        let name = entry.map_or(gas, |entry| &entry.name_en);
        Self {
            id: known.map_or_else(|| uuid(&["emission", gas, word]), |(_, _, id, _)| (*id).to_owned()),
            name: known.map_or_else(|| format!("{name}{word}"), |(.., name)| (*name).to_owned()),
            cas: entry.map(|entry| entry.cas.clone()),
            formula: Some(gas).filter(|gas| ["CO2", "CH4", "N2O", "SF6", "NF3"].contains(gas)).map(str::to_owned),
            amount: amount.to_owned(),
            gas: Gas::Of(gas.to_owned(), origin),
        }
    }

    fn equivalents(set: Option<&str>, amount: &str) -> Self {
        let told = super::words::indicator(Metric::Co2e, set);
        let told = told.any().split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
        Self {
            id: uuid(&["equivalents", set.unwrap_or_default()]),
            name: format!("Greenhouse gases, in CO2 equivalents ({told})"),
            cas: None,
            formula: None,
            amount: amount.to_owned(),
            gas: Gas::Equivalents(set.map(str::to_owned)),
        }
    }
}

/// The emissions of a factor: its gases where they are all of its value, exactly; else the value itself.
pub(super) fn emissions(factor: &Factor) -> Vec<Emission> {
    let value = factor.value.as_str();
    if factor.metric == Metric::Co2 {
        let mut origins = factor.gases.iter().filter(|gas| gas.gas == "CO2" && gas.kg.same_number(&factor.value));
        return vec![Emission::of("CO2", origins.next().and_then(|gas| gas.origin), value)];
    }
    let set = factor.gwp.as_deref().and_then(GwpSet::get);
    let is_partial = factor.flags.iter().any(|flag| flag == "partial_gases") || !factor.gases_co2e.is_empty();
    let sum = set.filter(|_| !is_partial && !factor.gases.is_empty()).and_then(|set| set.co2e(&factor.gases).ok());
    if sum.is_some_and(|sum| sum == factor.value.to_rational()) {
        return factor.gases.iter().map(|gas| Emission::of(&gas.gas, gas.origin, gas.kg.as_str())).collect();
    }
    vec![Emission::equivalents(factor.gwp.as_deref(), value)]
}

/// What has been used so far.
pub(super) struct Shared {
    /// Datasets that come with more than one release.
    several: BTreeSet<String>,
    quantities: BTreeSet<Quantity>,
    emissions: BTreeMap<Gas, Emission>,
    indicators: BTreeSet<(Metric, Option<String>)>,
}

impl Shared {
    pub(super) fn new(rows: &Rows) -> Self {
        let mut seen = BTreeSet::new();
        let several =
            rows.releases().filter(|release| !seen.insert(release.dataset.to_string())).map(|release| release.dataset.to_string());
        let several = several.collect();
        let quantities = BTreeSet::from([units::mass()]);
        Self { several, quantities, emissions: BTreeMap::new(), indicators: BTreeSet::new() }
    }

    /// What the ids of a row's data sets begin with: the dataset, and the version where several are together.
    pub(super) fn scope(&self, row: &Row<'_>) -> String {
        let dataset = row.release.dataset.to_string();
        if self.several.contains(&dataset) { row.release.id() } else { dataset }
    }

    /// The id of a data set of a row: the same in every release, as the formats count versions beside ids.
    pub(super) fn id(&self, kind: &str, row: &Row<'_>) -> String {
        uuid(&[kind, &self.scope(row), &row.factor.key])
    }

    /// Remembers what a factor uses.
    pub(super) fn take(&mut self, factor: &Factor, quantity: &Quantity, given: &[Emission]) {
        if !self.quantities.contains(quantity) {
            self.quantities.insert(quantity.clone());
        }
        for emission in given {
            if !self.emissions.contains_key(&emission.gas) {
                self.emissions.insert(emission.gas.clone(), emission.clone());
            }
        }
        self.indicators.insert((factor.metric, factor.gwp.clone()));
    }

    pub(super) fn quantities(&self) -> impl Iterator<Item = &Quantity> {
        self.quantities.iter()
    }

    pub(super) fn emissions(&self) -> impl Iterator<Item = &Emission> {
        self.emissions.values()
    }

    pub(super) fn indicators(&self) -> impl Iterator<Item = &(Metric, Option<String>)> {
        self.indicators.iter()
    }

    /// The emissions that an indicator counts, and what a kg of each counts.
    pub(super) fn characterised(&self, metric: Metric, set: Option<&str>) -> impl Iterator<Item = (&Emission, String)> {
        self.emissions.values().filter_map(move |emission| {
            let potential = match (&emission.gas, metric) {
                (Gas::Of(gas, _), Metric::Co2) => (gas == "CO2").then(|| "1".to_owned()),
                (Gas::Equivalents(own), Metric::Co2e) => (own.as_deref() == set).then(|| "1".to_owned()),
                (Gas::Of(gas, origin), Metric::Co2e) => {
                    let potential = set.and_then(GwpSet::get).and_then(|set| set.potential(gas, *origin).ok());
                    potential.and_then(|potential| to_plain_decimal(&potential))
                }
                (Gas::Equivalents(_), Metric::Co2) => None,
            };
            Some((emission, potential?))
        })
    }
}
