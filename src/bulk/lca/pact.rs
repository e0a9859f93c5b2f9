//! Product footprints as PACT exchanges them: data model 3.0.
//!
//! Life cycle factors of products and of electricity are product footprints; other kinds are not. A member that PACT requires
//! and the factor does not state is never filled in: such a footprint is *incomplete*, and says what it lacks. A dataset states
//! PACT's own members as codes of the classification schemes `pact-…`. See `docs/exchange.md`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::ids::{footprint_id, uuid};
use super::units::in_terms_of;
use super::words;
use crate::bulk::{ExportError, Row, Rows};
use crate::factor::exact::to_plain_decimal;
use crate::factor::{Decimal, Factor, GwpSet, Metric, Origin, Region, RegionKind, Status};

/// The version of PACT's data model.
const SPEC_VERSION: &str = "3.0.0";

/// Kinds of factors that are footprints of products.
pub const FOOTPRINT_KINDS: [&str; 2] = ["electricity-lifecycle", "product-lifecycle"];

/// PACT's units, and the UCUM code of each.
const UNITS: [(&str, &str); 9] = [
    ("kilogram", "kg"),
    ("kilowatt hour", "kW.h"),
    ("megajoule", "MJ"),
    ("liter", "L"),
    ("cubic meter", "m3"),
    ("square meter", "m2"),
    ("ton kilometer", "t.km"),
    ("piece", "{item}"),
    ("hour", "h"),
];

/// Units of what has no mass of its own: its mass is to be given as 0, and it holds no carbon.
const WITHOUT_MASS: [&str; 4] = ["kilowatt hour", "megajoule", "ton kilometer", "hour"];

/// UN M49 regions that PACT names.
const REGIONS: [&str; 22] = [
    "002", "019", "142", "150", "009", "053", "143", "030", "151", "419", "054", "057", "015", "021", "154", "061", "035", "034", "039",
    "202", "145", "155",
];

/// Standards that PACT lists, by what is left of their names without blanks, hyphens and points.
const STANDARDS: [(&str, &str); 9] = [
    ("ISO14067", "ISO14067"),
    ("ISO14083", "ISO14083"),
    ("ISO14040", "ISO14040-44"),
    ("ISO14044", "ISO14040-44"),
    ("GHGPPRODUCT", "GHGP-Product"),
    ("PEF", "PEF"),
    ("PACT10", "PACT-1.0"),
    ("PACT20", "PACT-2.0"),
    ("PACT30", "PACT-3.0"),
];

/// What a footprint says of its life, which the factor alone does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    /// Whether another has taken its place.
    pub deprecated: bool,
    /// When it was first released (ISO 8601), where that is known: a file of a release tells of no clock.
    pub released_at: Option<String>,
    /// The ids of what the dataset said of the key before, oldest first.
    pub preceding: Vec<String>,
    /// What became known of it after its release, each in words.
    pub notices: Vec<String>,
}

/// A footprint, with what it lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    /// Its id.
    pub id: String,
    /// PACT's object, without the members that it lacks.
    pub body: Value,
    /// Members that PACT requires and the factor does not state.
    pub missing: Vec<&'static str>,
}

/// What one factor is for PACT.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A footprint.
    Footprint(Box<Footprint>),
    /// None, for this reason.
    None(&'static str),
}

/// The footprint of a factor.
#[must_use]
pub fn footprint_of(row: &Row<'_>, life: &Life) -> Told {
    let factor = &row.factor;
    if !FOOTPRINT_KINDS.contains(&factor.kind.as_str()) {
        return Told::None("the kind is no footprint of a product");
    }
    if factor.metric != Metric::Co2e {
        return Told::None("the value counts CO2 alone");
    }
    if !is_to_gate(factor) {
        return Told::None("the boundary is not cradle to gate");
    }
    let Some((unit, amount)) = declared_unit(&factor.per) else { return Told::None("PACT has no such unit") };
    let Some(place) = geography(&factor.region) else { return Told::None("PACT has no such place") };
    let mut missing = Vec::new();
    let mut pcf = Map::new();
    pcf.insert("declaredUnitOfMeasurement".to_owned(), json!(unit));
    pcf.insert("declaredUnitAmount".to_owned(), json!(amount));
    for (name, value) in required(factor, unit, &amount) {
        match value {
            Some(value) => drop(pcf.insert(name.to_owned(), value)),
            None => missing.push(name),
        }
    }
    pcf.extend(place.map(|(name, code)| (name.to_owned(), json!(code))));
    optional(factor, &mut pcf);
    let id = footprint_id(&row.release.dataset, &row.digest);
    let body = product(row, life, (&id, pcf), &mut missing);
    Told::Footprint(Box::new(Footprint { id, body, missing }))
}

/// Whether a boundary may be cradle to gate: where nothing is stated, or what is not beyond the gate.
fn is_to_gate(factor: &Factor) -> bool {
    match factor.boundary.as_deref() {
        None | Some("cradle-to-gate" | "a1-a3") => true,
        Some(boundary) => factor.kind == "electricity-lifecycle" && !boundary.contains("grave") && !boundary.contains("gate-to-gate"),
    }
}

/// PACT's unit, and how many of it the factor is per; an amount of one where PACT has the very unit.
fn declared_unit(per: &str) -> Option<(&'static str, String)> {
    let own = UNITS.iter().find(|(_, code)| *code == per).map(|(name, _)| (*name, "1".to_owned()));
    own.or_else(|| UNITS.iter().find_map(|(name, code)| Some((*name, in_terms_of(per, code)?))))
}

/// The one member that names the place: none for the world.
fn geography(code: &str) -> Option<Option<(&'static str, String)>> {
    let region = Region::get(code)?;
    Some(match region.kind {
        RegionKind::World => None,
        RegionKind::M49 if REGIONS.contains(&code) => Some(("geographyRegionOrSubregion", region.name.en.clone()?)),
        RegionKind::Country => Some(("geographyCountry", code.to_owned())),
        RegionKind::Subdivision => Some(("geographyCountrySubdivision", code.to_owned())),
        RegionKind::M49 | RegionKind::Grid => return None,
    })
}

/// A member that the dataset states in PACT's own terms, as a decimal.
fn stated(factor: &Factor, scheme: &str) -> Option<String> {
    let own = factor.classifications.iter().find(|own| own.scheme == scheme)?;
    own.code.parse::<Decimal>().ok().map(|number| number.to_string())
}

/// The members that PACT requires of a `CarbonFootprint`, each with its value where it is known.
fn required(factor: &Factor, unit: &str, amount: &str) -> [(&'static str, Option<Value>); 10] {
    let has_no_mass = WITHOUT_MASS.contains(&unit);
    let zero = || has_no_mass.then(|| "0".to_owned());
    let value = factor.value.to_string();
    let mass =
        stated(factor, "pact-product-mass-per-declared-unit").or_else(zero).or_else(|| (unit == "kilogram").then(|| amount.to_owned()));
    let text = |text: Option<String>| text.map(Value::from);
    let (start, end) = period(factor);
    [
        ("productMassPerDeclaredUnit", text(mass)),
        ("referencePeriodStart", text(start)),
        ("referencePeriodEnd", text(end)),
        ("pcfExcludingBiogenicUptake", Some(json!(value))),
        // What has no mass holds no carbon that biomass took up.
        ("pcfIncludingBiogenicUptake", text(stated(factor, "pact-pcf-including-biogenic-uptake").or_else(|| has_no_mass.then_some(value)))),
        ("fossilGhgEmissions", text(stated(factor, "pact-fossil-ghg-emissions").or_else(|| fossil(factor)))),
        ("fossilCarbonContent", text(stated(factor, "pact-fossil-carbon-content").or_else(zero))),
        ("ipccCharacterizationFactors", list(reports(factor))),
        ("crossSectoralStandards", list(standards(factor).0)),
        ("exemptedEmissionsPercent", text(stated(factor, "pact-exempted-emissions-percent"))),
    ]
}

fn list(items: Vec<String>) -> Option<Value> {
    (!items.is_empty()).then(|| json!(items))
}

/// The reports of the IPCC whose potentials were used.
fn reports(factor: &Factor) -> Vec<String> {
    let set = factor.gwp.as_deref().and_then(GwpSet::get).map(|set| set.report.clone());
    let stated = factor.classifications.iter().filter(|own| own.scheme == "pact-ipcc-characterization-factors");
    let is_report =
        |text: &String| text.strip_prefix("AR").is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let all: std::collections::BTreeSet<String> = set.into_iter().chain(stated.map(|own| own.code.clone())).filter(is_report).collect();
    all.into_iter().collect()
}

/// Fossil emissions, where every gas is known with its origin and they add up to the value.
fn fossil(factor: &Factor) -> Option<String> {
    let set = factor.gwp.as_deref().and_then(GwpSet::get).filter(|_| factor.gases_co2e.is_empty() && !factor.gases.is_empty())?;
    let is_known = factor.gases.iter().all(|gas| gas.origin.is_some() || !["CO2", "CH4"].contains(&gas.gas.as_str()));
    if !is_known || set.co2e(&factor.gases).ok()? != factor.value.to_rational() {
        return None;
    }
    let fossil: Vec<_> = factor.gases.iter().filter(|gas| gas.origin != Some(Origin::Biogenic)).cloned().collect();
    // Nitrous oxide and the like may come from land as well: only where nothing biogenic is there is all of it fossil.
    (fossil.len() == factor.gases.len()).then(|| set.co2e(&fossil).ok().as_ref().and_then(to_plain_decimal)).flatten()
}

/// The standards that the rule names, and what else it says.
fn standards(factor: &Factor) -> (Vec<String>, Vec<String>) {
    let (mut known, mut other) = (Vec::new(), Vec::new());
    let stated = factor.classifications.iter().filter(|own| own.scheme == "pact-cross-sectoral-standard").map(|own| own.code.as_str());
    for part in factor.rule.iter().flat_map(|rule| rule.split(';')).chain(stated).map(str::trim).filter(|part| !part.is_empty()) {
        let plain: String = part.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let is_own = |name: &str| plain == name || (name.starts_with("ISO") && plain.starts_with(name) && plain.len() <= name.len() + 4);
        match STANDARDS.iter().find(|(name, _)| is_own(name)) {
            Some((_, code)) if known.iter().any(|own| own == code) => {}
            Some((_, code)) => known.push((*code).to_owned()),
            None => other.push(part.to_owned()),
        }
    }
    (known, other)
}

/// The period that the data stand for; its end is the first moment that is not in it.
fn period(factor: &Factor) -> (Option<String>, Option<String>) {
    let year = |end: &str| factor.year.filter(|_| factor.period.is_empty()).map(|year| format!("{year:04}-{end}"));
    let from = factor.period.from.clone().or_else(|| year("01-01"));
    let to = factor.period.to.clone().or_else(|| year("12-31"));
    let after = to.and_then(|day| day.parse::<jiff::civil::Date>().ok()?.tomorrow().ok());
    (from.map(|day| format!("{day}T00:00:00Z")), after.map(|day| format!("{day}T00:00:00Z")))
}

/// Members that PACT has and does not require.
fn optional(factor: &Factor, pcf: &mut Map<String, Value>) {
    if let Some(boundary) = &factor.boundary {
        pcf.insert("boundaryProcessesDescription".to_owned(), json!(boundary));
    }
    let (_, rules) = standards(factor);
    let named = rules.iter().filter_map(|rule| rule.split_once(": ")).map(|(operator, rule)| match operator {
        "PEF" | "EPD International" => json!({"operator": operator, "ruleNames": [rule]}),
        other => json!({"operator": "Other", "otherOperatorName": other, "ruleNames": [rule]}),
    });
    let named: Vec<Value> = named.collect();
    if !named.is_empty() {
        pcf.insert("productOrSectorSpecificRules".to_owned(), Value::Array(named));
    }
    if let Some(quality) = factor.quality.as_ref().filter(|quality| quality.scheme == "pact") {
        let names = ["technologicalDQR", "geographicalDQR", "temporalDQR"];
        let scores: Option<Map<String, Value>> =
            names.iter().map(|name| Some(((*name).to_owned(), json!(quality.scores.get(*name)?.to_string())))).collect();
        pcf.extend(scores.map(|scores| ("dqi".to_owned(), Value::Object(scores))));
    }
    let uncertainty = words::members(factor).lines().find_map(|line| line.strip_prefix("uncertainty: ").map(str::to_owned));
    pcf.extend(uncertainty.map(|text| ("uncertaintyAssessmentDescription".to_owned(), json!(text))));
}

/// The object around the numbers.
fn product(row: &Row<'_>, life: &Life, (id, pcf): (&str, Map<String, Value>), missing: &mut Vec<&'static str>) -> Value {
    let factor = &row.factor;
    let metadata = &row.release.manifest.metadata;
    let publisher = metadata.source(&factor.source.id).map(|document| document.publisher.any()).filter(|name| !name.is_empty());
    let company = publisher.map(str::to_owned).or_else(|| metadata.contributors.first().map(|own| own.title.clone()));
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("id", json!(id));
    put("specVersion", json!(SPEC_VERSION));
    if !life.preceding.is_empty() {
        put("precedingPfIds", json!(life.preceding));
    }
    match factor.published.as_ref().map(|day| format!("{day}T00:00:00Z")).or_else(|| life.released_at.clone()) {
        Some(created) => put("created", json!(created)),
        None => missing.push("created"),
    }
    let is_left = matches!(factor.status, Some(Status::Deprecated | Status::Superseded));
    put("status", json!(if life.deprecated || is_left { "Deprecated" } else { "Active" }));
    if let Some(day) = &factor.valid.from {
        put("validityPeriodStart", json!(format!("{day}T00:00:00Z")));
    }
    if let Some(day) = &factor.valid.to {
        put("validityPeriodEnd", json!(format!("{day}T23:59:59Z")));
    }
    match &company {
        Some(name) => {
            put("companyName", json!(name));
            put("companyIds", json!([format!("urn:uuid:{}", uuid(&["company", name]))]));
        }
        None => missing.extend(["companyName", "companyIds"]),
    }
    put("productDescription", json!(description(factor)));
    put(
        "productIds",
        json!([format!(
            "urn:uuid:{}",
            uuid(&[
                "footprint product",
                &row.release.dataset.to_string(),
                &factor.activity,
                factor.technology.as_deref().unwrap_or_default()
            ])
        )]),
    );
    let codes = classifications(factor);
    if !codes.is_empty() {
        put("productClassifications", json!(codes));
    }
    put("productNameCompany", json!(factor.name.any()));
    put("comment", json!(comment(row, life, missing)));
    put("pcf", Value::Object(pcf));
    Value::Object(body)
}

fn description(factor: &Factor) -> String {
    let other = factor.name.zh.clone().filter(|_| factor.name.en.is_some());
    let parts = [other, factor.description.en.clone(), factor.description.zh.clone()];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    if text.is_empty() { factor.name.any().to_owned() } else { text }
}

/// Codes as URNs in the form that PACT recommends; schemes that a URN cannot hold are left to the comment.
fn classifications(factor: &Factor) -> Vec<String> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let listed =
        factor.classifications.iter().filter(|own| !own.scheme.starts_with("pact-") && is_plain(&own.scheme) && is_plain(&own.code));
    let urn = |scheme: &str, code: &str| match scheme {
        "cpc" | "cpc-2.1" | "un-cpc" => format!("urn:pact:productclassification:un-cpc:{code}"),
        other => format!("urn:pact:productclassification:{other}:{code}"),
    };
    let mut urns: Vec<String> = listed.map(|own| urn(&own.scheme, &own.code)).collect();
    urns.sort();
    urns.dedup();
    urns
}

/// What belongs to the calculation and has no member: flags raised later, where it is from, notes, what is lacking.
fn comment(row: &Row<'_>, life: &Life, missing: &[&str]) -> String {
    let factor = &row.factor;
    let lacking = (!missing.is_empty()).then(|| format!("Not known here, so not stated: {}", missing.join(", ")));
    let rules = standards(factor).1.into_iter().filter(|rule| !rule.contains(": ")).map(|rule| format!("Rule: {rule}"));
    let certificate = factor.certificate.as_ref().map(|text| format!("Certificate: {text}"));
    let notes = [factor.note.en.clone(), factor.note.zh.clone(), certificate];
    let parts = life.notices.iter().cloned().chain(lacking).chain(notes.into_iter().flatten()).chain(rules);
    let ends = [words::members(factor), format!("Licence: {}", words::licences(row)), words::origin(row)];
    parts.chain(ends).collect::<Vec<_>>().join("\n")
}

/// Why factors are no footprint, or lack something, each counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Factors that are no product footprint, by reason.
    pub not_a_footprint: BTreeMap<&'static str, u64>,
    /// Footprints that lack something that PACT requires.
    pub incomplete: u64,
    /// How often each member is lacking.
    pub missing: BTreeMap<&'static str, u64>,
}

impl LeftOut {
    /// Counts a factor that is no footprint.
    pub fn none(&mut self, reason: &'static str) {
        *self.not_a_footprint.entry(reason).or_default() += 1;
    }

    /// Counts a footprint that lacks something.
    pub fn incomplete(&mut self, missing: &[&'static str]) {
        self.incomplete += 1;
        for name in missing {
            *self.missing.entry(name).or_default() += 1;
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"notAFootprint": self.not_a_footprint, "incomplete": self.incomplete, "missing": self.missing})
    }
}

/// Writes `pact.json`: `data` is PACT's own list; `incomplete` holds what lacks a member that PACT requires, and which;
/// `leftOut` counts the rest.
///
/// # Errors
/// A damaged line, or the disk.
pub(in crate::bulk) fn write(rows: &Rows, out: &mut impl Write) -> Result<(), ExportError> {
    let mut left_out = LeftOut::default();
    out.write_all(b"{\"data\":[")?;
    each(
        rows,
        |told| match told {
            Told::Footprint(footprint) if footprint.missing.is_empty() => Ok(Some(footprint.body)),
            Told::Footprint(footprint) => {
                left_out.incomplete(&footprint.missing);
                Ok(None)
            }
            Told::None(reason) => {
                left_out.none(reason);
                Ok(None)
            }
        },
        out,
    )?;
    out.write_all(b"],\"incomplete\":[")?;
    each(
        rows,
        |told| match told {
            Told::Footprint(footprint) if !footprint.missing.is_empty() => {
                Ok(Some(json!({"missing": footprint.missing, "footprint": footprint.body})))
            }
            _ => Ok(None),
        },
        out,
    )?;
    write!(out, "],\"leftOut\":{}}}", left_out.to_json())?;
    Ok(())
}

/// Writes what `take` makes of each factor, as items of a list.
fn each(rows: &Rows, mut take: impl FnMut(Told) -> io::Result<Option<Value>>, out: &mut impl Write) -> Result<(), ExportError> {
    let mut first = true;
    for row in rows.each() {
        let row = row?;
        if let Some(item) = take(footprint_of(&row, &Life::default()))? {
            out.write_all(if std::mem::take(&mut first) { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, &item).map_err(io::Error::from)?;
        }
    }
    Ok(())
}
