//! A factor in the members of the other service's record.

use num_rational::BigRational;
use num_traits::Zero;
use serde::Serialize;
use serde_json::value::RawValue;

use super::units::{UnitType, record_unit};
use super::{CompatNotice, CompatRefusal};
use crate::canon::Digest;
use crate::factor::exact::to_json_number;
use crate::factor::{Co2eOrigin, Factor, GwpSet, Metric, Origin, Region, Uncertainty};
use crate::release::PublishedRelease;

/// The flags of the other service and what they are here.
pub(super) const FLAGS: [(&str, &str); 5] = [
    ("notable_methodological_variance", "methodological_variance"),
    ("partial_factor", "partial_gases"),
    ("self_reported", "self_reported"),
    ("suspicious_homogeneity", "suspicious_homogeneity"),
    ("erroneous_calculation", "erroneous_calculation"),
];

/// The methods of the other service and the GWP sets that they are here.
pub(super) const METHODS: [(&str, &str); 3] =
    [("ar4", "ipcc-ar4-wg1-2.14-gwp100"), ("ar5", "ipcc-ar5-wg1-8.a1-gwp100"), ("ar6", "ipcc-ar6-wg1-7.15-gwp100")];

/// An emission factor, in the members of the other service.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EmissionFactor {
    /// The activity, as it is named here.
    pub activity_id: String,
    /// Follows from the digest of the canonical line: a factor that changes gets another.
    pub id: String,
    /// In English, else in Chinese.
    pub name: String,
    /// The last part of the category's path.
    pub category: Option<String>,
    /// The first part of the category's path.
    pub sector: Option<String>,
    /// Who published the document.
    pub source: String,
    /// Where it was published.
    pub source_link: Option<String>,
    /// The dataset's id.
    pub source_dataset: String,
    /// Plus or minus percent, where that is what the source states.
    pub uncertainty: Option<u32>,
    /// Data year.
    pub year: Option<i32>,
    /// Year of publication.
    pub year_released: Option<i32>,
    /// Region code; `GLOBAL` for the world.
    pub region: String,
    /// Its name in English.
    pub region_name: String,
    /// In English, else in Chinese.
    pub description: Option<String>,
    /// `Energy`, …; null where the other service has none for the unit.
    pub unit_type: Option<&'static str>,
    /// `kg/kWh`.
    pub unit: String,
    /// The system boundary; `unknown` where it is not stated.
    pub source_lca_activity: String,
    /// Those that the other service has.
    pub data_quality_flags: Vec<&'static str>,
    /// `public` or `private`.
    pub access_type: &'static str,
    /// `ar4`, `ar5`, `ar6`: those under which its CO2e is known.
    pub supported_calculation_methods: Vec<&'static str>,
    /// kg CO2e per unit, as published.
    #[schema(value_type = f64)]
    pub factor: Box<RawValue>,
    /// The method of that value; null where the source does not say it.
    pub factor_calculation_method: Option<&'static str>,
    /// `source`; `climatiq` where the CO2e was not computed by the source (the other service's only other word).
    pub factor_calculation_origin: Option<&'static str>,
    /// Per unit.
    pub constituent_gases: ConstituentGases,
}

/// The gases of a value: kg of each, and kg CO2e of all.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ConstituentGases {
    /// kg CO2e.
    #[schema(value_type = Option<f64>)]
    pub co2e_total: Option<Box<RawValue>>,
    /// kg CO2e of what is not in the three: other gases, and methane and nitrous oxide that are known in CO2e only.
    #[schema(value_type = Option<f64>)]
    pub co2e_other: Option<Box<RawValue>>,
    /// kg, without biogenic CO2.
    #[schema(value_type = Option<f64>)]
    pub co2: Option<Box<RawValue>>,
    /// kg.
    #[schema(value_type = Option<f64>)]
    pub ch4: Option<Box<RawValue>>,
    /// kg.
    #[schema(value_type = Option<f64>)]
    pub n2o: Option<Box<RawValue>>,
}

/// The id of a factor: the first 122 bits of its digest as a UUID of version 8 (RFC 9562).
pub fn factor_id(digest: &Digest) -> String {
    let mut bits = [0u8; 16];
    let own = digest.as_bytes();
    let take = |from: usize| own.get(from).copied().unwrap_or_default();
    // 48 bits, the version, 12 bits, the variant, 62 bits: the digest's bits run on through the gaps
    for (at, byte) in bits.iter_mut().enumerate() {
        *byte = match at {
            0..6 => take(at),
            6 => 0x80 | (take(6) >> 4),
            7 => (take(6) << 4) | (take(7) >> 4),
            8 => 0x80 | ((take(7) & 0x0f) << 2) | (take(8) >> 6),
            _ => (take(at - 1) << 2) | (take(at) >> 6),
        };
    }
    let hex = hex::encode(bits);
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// The first eight bytes of the digest that an id was made of; nothing where it is none of ours.
pub(super) fn id_prefix(id: &str) -> Option<u64> {
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    if parts != [8, 4, 4, 4, 12] {
        return None;
    }
    let bytes: [u8; 16] = hex::decode(id.replace('-', "")).ok()?.try_into().ok()?;
    let number = u128::from_be_bytes(bytes);
    if (number >> 76) & 0xf != 8 || (number >> 62) & 0x3 != 2 {
        return None;
    }
    let high = number >> 80;
    let middle = (number >> 64) & 0xfff;
    let low = (number >> 58) & 0xf;
    u64::try_from((high << 16) | (middle << 4) | low).ok()
}

/// The region code of the other service.
pub(super) fn region_out(code: &str) -> String {
    if code == crate::factor::WORLD { "GLOBAL".to_owned() } else { code.to_owned() }
}

/// The region code here.
pub(super) fn region_in(code: &str) -> &str {
    if code == "GLOBAL" { crate::factor::WORLD } else { code }
}

/// The boundary in the other service's words, as far as it has one.
pub(super) fn lca_activity(boundary: Option<&str>) -> String {
    match boundary {
        None => "unknown".to_owned(),
        Some("generation") => "electricity_generation".to_owned(),
        Some("combustion") => "fuel_combustion".to_owned(),
        Some(own) => own.replace(['-', '+'], "_"),
    }
}

/// The flags of the other service that a factor carries here.
pub(super) fn quality_flags<'a>(own: impl Iterator<Item = &'a str> + Clone) -> Vec<&'static str> {
    FLAGS.iter().filter(|(_, ours)| own.clone().any(|code| code == *ours)).map(|(theirs, _)| *theirs).collect()
}

/// `private` where it takes a grant.
pub(super) fn access_type(release: &PublishedRelease) -> &'static str {
    if release.restricted() { "private" } else { "public" }
}

/// Who published the document that a factor was read in.
pub(super) fn source_name(release: &PublishedRelease, id: &str) -> String {
    let metadata = &release.manifest.metadata;
    let document = metadata.source(id);
    let publisher = document.map(|own| own.publisher.any()).filter(|text| !text.is_empty());
    publisher.or(document.map(|own| own.title.any())).unwrap_or(id).to_owned()
}

/// The methods under which the CO2e of a factor is known.
pub(super) fn methods(factor: &Factor) -> Vec<&'static str> {
    METHODS.iter().filter(|(method, _)| set_for(factor, method).is_some()).map(|(method, _)| *method).collect()
}

/// The GWP set that a method means for a factor: its own where it is of the same report, else the method's, if it can be computed.
///
/// CO2 alone weighs the same under every set, and needs none.
pub(super) fn set_for(factor: &Factor, method: &str) -> Option<Option<&'static GwpSet>> {
    if factor.metric == Metric::Co2 {
        return Some(None);
    }
    if method_of(factor) == Some(method) {
        return Some(factor.gwp.as_deref().and_then(GwpSet::get));
    }
    let set = METHODS.iter().find(|(own, _)| *own == method).and_then(|(_, id)| GwpSet::get(id))?;
    let whole = !factor.gases.is_empty() && factor.gases_co2e.is_empty() && factor.gwp.is_some();
    let whole = whole && !factor.flags.iter().any(|flag| flag == "partial_gases");
    (whole && set.co2e(&factor.gases).is_ok()).then_some(Some(set))
}

/// The method of the published value.
pub(super) fn method_of(factor: &Factor) -> Option<&'static str> {
    let report = factor.gwp.as_deref().and_then(GwpSet::get)?.report.to_lowercase();
    METHODS.iter().map(|(method, _)| *method).find(|method| *method == report)
}

fn number(value: &BigRational) -> Result<Box<RawValue>, CompatRefusal> {
    RawValue::from_string(to_json_number(value)).map_err(|error| CompatRefusal::fault(error.to_string()))
}

/// The gases of a factor times something, under a GWP set.
pub(super) fn constituents(
    factor: &Factor,
    total: &BigRational,
    by: &BigRational,
    set: Option<&GwpSet>,
) -> Result<ConstituentGases, CompatRefusal> {
    let sum = |gas: &str| -> Result<Option<Box<RawValue>>, CompatRefusal> {
        let own = factor.gases.iter().filter(|own| own.gas == gas && !(gas == "CO2" && own.origin == Some(Origin::Biogenic)));
        let kg: Vec<BigRational> = own.map(|own| own.kg.to_rational() * by).collect();
        if kg.is_empty() { Ok(None) } else { number(&kg.into_iter().sum()).map(Some) }
    };
    let weighed = factor.gases.iter().any(|own| own.gas == "CO2");
    // CO2 known in CO2e only is known in kg as well: it weighs 1
    let carbon: Option<BigRational> =
        factor.gases_co2e.iter().filter(|part| part.gas == "CO2" && !weighed).map(|part| part.co2e.to_rational() * by).reduce(|a, b| a + b);
    let other = || -> Option<BigRational> {
        let rest = factor.gases.iter().filter(|own| !["CO2", "CH4", "N2O"].contains(&own.gas.as_str()));
        let parts = factor.gases_co2e.iter().filter(|part| part.gas != "CO2" || weighed);
        let mut known = rest.clone().next().is_some() || parts.clone().next().is_some();
        let mut co2e = BigRational::zero();
        for gas in rest {
            co2e += gas.kg.to_rational() * set?.potential(&gas.gas, gas.origin).ok()?;
            known = true;
        }
        co2e += parts.map(|part| part.co2e.to_rational()).sum::<BigRational>();
        known.then_some(co2e * by)
    };
    let co2 = match (factor.metric, factor.gases.is_empty(), &carbon) {
        (Metric::Co2, true, _) => Some(number(total)?),
        (_, _, Some(carbon)) => Some(number(carbon)?),
        _ => sum("CO2")?,
    };
    Ok(ConstituentGases {
        co2e_total: Some(number(total)?),
        co2e_other: other().map(|co2e| number(&co2e)).transpose()?,
        co2,
        ch4: sum("CH4")?,
        n2o: sum("N2O")?,
    })
}

/// A factor of a release as a record.
///
/// `flags` are its own and those that were raised later.
pub(super) fn record<'a>(
    release: &PublishedRelease,
    digest: &Digest,
    factor: &Factor,
    flags: impl Iterator<Item = &'a str> + Clone,
) -> Result<EmissionFactor, CompatRefusal> {
    let value = factor.value.to_rational();
    let set = factor.gwp.as_deref().and_then(GwpSet::get);
    let document = release.manifest.metadata.source(&factor.source.id);
    let (sector, category) = category(factor.category.as_deref());
    let uncertainty = match &factor.uncertainty {
        Some(Uncertainty::Percent { percent, .. }) => percent.shortest().parse().ok(),
        _ => None,
    };
    Ok(EmissionFactor {
        activity_id: factor.activity.clone(),
        id: factor_id(digest),
        name: factor.name.any().to_owned(),
        category,
        sector,
        source: source_name(release, &factor.source.id),
        source_link: document.and_then(|own| own.url.clone().or_else(|| own.landing_page.clone())),
        source_dataset: release.dataset.to_string(),
        uncertainty,
        year: factor.year,
        year_released: factor.published.as_deref().and_then(|date| date.get(..4)?.parse().ok()),
        region: region_out(&factor.region),
        region_name: region_name(&factor.region),
        description: Some(factor.description.any()).filter(|text| !text.is_empty()).map(str::to_owned),
        unit_type: UnitType::of(&factor.per).map(|own| own.name),
        unit: record_unit(&factor.per),
        source_lca_activity: lca_activity(factor.boundary.as_deref()),
        data_quality_flags: quality_flags(flags),
        access_type: access_type(release),
        supported_calculation_methods: methods(factor),
        factor: number(&value)?,
        factor_calculation_method: method_of(factor),
        factor_calculation_origin: factor.co2e_origin.map(|origin| match origin {
            Co2eOrigin::SourcePublished => "source",
            Co2eOrigin::RecomputedByUs => "climatiq",
        }),
        constituent_gases: constituents(factor, &value, &BigRational::from(num_bigint::BigInt::from(1)), set)?,
    })
}

/// `Energy/Electricity` as sector and category.
pub(super) fn category(path: Option<&str>) -> (Option<String>, Option<String>) {
    match path.map(|path| path.split_once('/').map_or((None, path), |(sector, rest)| (Some(sector), rest))) {
        Some((sector, category)) => (sector.map(str::to_owned), Some(category.to_owned())),
        None => (None, None),
    }
}

/// The name of a region in English; its code where there is none.
pub(super) fn region_name(code: &str) -> String {
    Region::get(code).map(|region| region.name.any()).filter(|name| !name.is_empty()).unwrap_or(code).to_owned()
}

/// What of a factor the other service has no member for.
pub(super) fn unmapped(factor: &Factor) -> Vec<CompatNotice> {
    let mut notices = Vec::new();
    if factor.metric == Metric::Co2 {
        let message = "the factor counts CO2 alone; CO2 weighs the same under ar4, ar5 and ar6, and the other gases are not in the value";
        notices.push(CompatNotice::warning("co2_only", message));
    } else if factor.gwp.is_none() {
        let message = "the source does not say under which GWP set its CO2e was computed; the calculation method is null";
        notices.push(CompatNotice::warning("calculation_method_unknown", message));
    }
    if factor.year.is_none() {
        notices.push(CompatNotice::info("year_unknown", "the source gives no data year; `year` is null"));
    }
    if factor.gases.iter().any(|gas| gas.gas == "CO2" && gas.origin == Some(Origin::Biogenic)) {
        notices.push(CompatNotice::info("biogenic_co2", "biogenic CO2 counts 0 and is not in `co2`"));
    }
    if factor.uncertainty.as_ref().is_some_and(|own| !matches!(own, Uncertainty::Percent { .. })) {
        notices.push(CompatNotice::info(
            "uncertainty_not_mapped",
            "the source states an uncertainty that is no percentage; /v1/lookup gives it",
        ));
    }
    let other: Vec<&str> = factor.flags.iter().map(String::as_str).filter(|code| !FLAGS.iter().any(|(_, ours)| ours == code)).collect();
    if !other.is_empty() {
        notices.push(CompatNotice::info("flags_not_mapped", format!("flags without a counterpart: {}", other.join(", "))));
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_and_leads_back_to_its_digest() {
        for text in ["a", "b", "another", "碳"] {
            let digest = Digest::of(text.as_bytes());
            let id = factor_id(&digest);
            assert_eq!((id.len(), &id[14..15]), (36, "8"), "{id}");
            assert!(["8", "9", "a", "b"].contains(&&id[19..20]), "{id}");
            let prefix = u64::from_be_bytes(*digest.as_bytes().first_chunk::<8>().unwrap());
            assert_eq!(id_prefix(&id), Some(prefix), "{id}");
        }
        for id in
            ["", "ac3acf95-0d5e-4a95-b4bb-b816286ab249", "x", "00000000-0000-8000-0000-000000000000", "0000000000008000800000000000000"]
        {
            assert_eq!(id_prefix(id), None, "{id}");
        }
    }

    #[test]
    fn every_method_is_a_set() {
        for (method, id) in METHODS {
            assert_eq!(GwpSet::get(id).unwrap().report.to_lowercase(), method);
        }
        for (_, ours) in FLAGS {
            assert!(crate::factor::flags().contains_key(ours), "{ours}");
        }
    }
}
