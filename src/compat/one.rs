//! One of several factors that match: by the other service's own rule, and only where they mean one thing.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use super::record::factor_id;
use super::select::Place;
use super::{CompatNotice, CompatRefusal};
use crate::factor::Unit;
use crate::release::Dimension;

/// Direct, life-cycle and ETS values are never put in one row to pick the newest of.
pub(super) fn one_meaning(found: &[Place]) -> Result<(), CompatRefusal> {
    for dimension in [Dimension::Kind, Dimension::Metric] {
        let values: BTreeSet<&str> = found.iter().map(|place| place.text(dimension).unwrap_or_default()).collect();
        if values.len() > 1 {
            let datasets: BTreeSet<String> = found.iter().map(|place| place.release.dataset.to_string()).collect();
            let told = values.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!(
                "the factors that match differ in {} ({told}), which no rule may choose between; name the `source_dataset`",
                dimension.name()
            );
            return Err(CompatRefusal::new("ambiguous_selector", message).valid(datasets));
        }
    }
    one_basis(found)
}

/// Net and gross calorific value are never put in one row either; one dataset has both, so that an id must name the one.
fn one_basis(found: &[Place]) -> Result<(), CompatRefusal> {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    for place in found {
        let basis = place.text(Dimension::Basis).unwrap_or("none stated");
        let newest = first.entry(basis).or_insert(place);
        if place.year() > newest.year() {
            *newest = place;
        }
    }
    if first.len() < 2 {
        return Ok(());
    }
    let id = |place: &Place| place.release.data.digest(place.number).map(|digest| factor_id(&digest)).ok_or_else(|| place.damaged());
    let named = first.into_iter().map(|(basis, place)| Ok((basis, id(place)?))).collect::<Result<Vec<_>, CompatRefusal>>()?;
    let told = named.iter().map(|(basis, id)| format!("{basis}: {id}")).collect::<Vec<_>>().join(", ");
    let message = format!("the factors that match differ in basis, which no rule may choose between; name one by its `id` ({told})");
    Err(CompatRefusal::new("ambiguous_selector", message).valid(named.into_iter().map(|(_, id)| id)))
}

/// The most recent year, then the highest value: the other service's own rule, and a notice of what it passed over.
pub(super) fn taken(found: Vec<Place>, notices: &mut Vec<CompatNotice>) -> Result<Place, CompatRefusal> {
    let count = found.len();
    let newest = found.iter().map(Place::year).max().flatten();
    let left: Vec<Place> = found.iter().filter(|place| place.year() == newest).cloned().collect();
    let first = left.first().ok_or_else(|| CompatRefusal::fault("nothing was left to take"))?;
    let common = unit_of(first)?;
    let mut best: Option<(BigRational, Place)> = None;
    for place in left {
        let ratio = common.in_terms_of(&unit_of(&place)?).map_err(|error| {
            CompatRefusal::new("ambiguous_selector", format!("the factors that match are per different things: {error}"))
        })?;
        let value = place.factor()?.value.to_rational() * ratio;
        if best.as_ref().is_none_or(|(highest, _)| value > *highest) {
            best = Some((value, place));
        }
    }
    let (_, place) = best.ok_or_else(|| CompatRefusal::fault("nothing was left to take"))?;
    if count > 1 {
        let differ = [Dimension::Year, Dimension::Region, Dimension::Boundary, Dimension::Technology, Dimension::Basis, Dimension::Gwp];
        let differ = differ.into_iter().filter(|dimension| found.iter().any(|other| other.text(*dimension) != place.text(*dimension)));
        let differ: Vec<&str> = differ.map(Dimension::name).collect();
        let message = format!(
            "{count} factors match and differ in {}; the most recent year and then the highest value was taken: {}#{}",
            differ.join(", "),
            place.release.id(),
            place.release.data.key(place.number)
        );
        notices.push(CompatNotice::warning("several_factors_match", message));
    }
    Ok(place)
}

fn unit_of(place: &Place) -> Result<Unit, CompatRefusal> {
    Unit::parse(place.text(Dimension::Per).unwrap_or_default()).map_err(|error| CompatRefusal::fault(error.to_string()))
}
