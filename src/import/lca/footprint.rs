//! Product footprints in JSON: PACT (Pathfinder) versions 1 to 3 and Catena-X PCF versions 2 to 9.
//!
//! Both declare a total per declared unit. In PACT 2 and Catena-X up to 7 that
//! unit is one `declaredUnit`, whatever `unitaryProductAmount` says; since
//! PACT 3 and Catena-X 8 it is `declaredUnitAmount` of `declaredUnitOfMeasurement`.

use std::io;

use super::draft::{Draft, day, identity, plain, year_of};
use super::json::Json;
use super::record::{Found, Publisher, Recorder};
use super::{LcaFormat, MAX_DOCUMENT_BYTES};
use crate::factor::{Decimal, Region};
use crate::import::archive::Tree;
use crate::import::entry::Problem;

/// Totals, from the newest name to the oldest; biogenic uptake is in none of them.
const TOTALS: [&str; 3] = ["pcfExcludingBiogenicUptake", "pcfExcludingBiogenic", "pCfExcludingBiogenic"];

/// Every footprint in a document, with the path to it: alone, in a list, or in a list named `data`.
pub(super) fn footprints(document: &Json) -> Vec<(String, &Json)> {
    let is_footprint = |value: &Json| value.get("pcf").is_object();
    let list = |items: &'_ [Json], prefix: &str| -> Vec<String> { (0..items.len()).map(|place| format!("{prefix}[{place}].")).collect() };
    if is_footprint(document) {
        return vec![(String::new(), document)];
    }
    let (items, prefix) = if document.items().is_empty() { (document.get("data").items(), "data") } else { (document.items(), "") };
    let paths = list(items, prefix);
    paths.into_iter().zip(items).filter(|(_, item)| is_footprint(item)).collect()
}

/// Whether a footprint is PACT's or Catena-X's, by what only the latter has.
pub(super) fn format(footprint: &Json) -> LcaFormat {
    let pcf = footprint.get("pcf");
    let versions = [footprint.get("specVersion")].into_iter().chain(footprint.get("specVersion").items());
    let names_itself = versions.filter_map(Json::text).any(|version| version.contains("catenax"));
    let extended = |value: &Json| value.members().iter().any(|(name, _)| name.starts_with("extWBCSD_") || name.starts_with("extTFS_"));
    let standards = pcf.get("crossSectoralStandardsUsed").items();
    let wrapped = standards.first().is_some_and(|standard| standard.get("crossSectoralStandard").text().is_some());
    let own = *footprint.get("partialFullPcf") != Json::Word("null");
    if names_itself || own || wrapped || extended(footprint) || extended(pcf) { LcaFormat::CatenaX } else { LcaFormat::Pact }
}

/// Reads all footprints of a tree.
pub(super) fn read(tree: &Tree, recorder: &mut Recorder<'_>) -> io::Result<()> {
    for member in tree.members().iter().filter(|member| tree.is_single() || member.has_ending("json")) {
        let Some(bytes) = recorder.bytes(tree, member, MAX_DOCUMENT_BYTES)? else { continue };
        match Json::read(&bytes) {
            Ok(document) => {
                for (path, footprint) in footprints(&document) {
                    one(&member.name, &path, footprint, recorder)?;
                }
            }
            Err(wrong) => recorder.unreadable(&member.name, wrong)?,
        }
    }
    Ok(())
}

fn one(member: &str, path: &str, footprint: &Json, recorder: &mut Recorder<'_>) -> io::Result<()> {
    let id = footprint.get("id").text().and_then(identity);
    let place = if path.is_empty() { member.to_owned() } else { format!("{member}, {}", path.trim_end_matches('.')) };
    let bytes = format!("{footprint:?}");
    let pcf = footprint.get("pcf");
    let total = TOTALS.iter().find(|name| *pcf.get(name) != Json::Word("null"));
    let found = match (total, &id) {
        (None, _) => Found::Passed("footprint without a total that excludes biogenic uptake"),
        (Some(_), None) => Found::Wrong(Problem::new("required", "id", "the footprint has no id in plain letters and digits")),
        (Some(total), Some(id)) => {
            let mut draft = Draft::default();
            draft.set("key", format!("pcf/{id}"));
            draft.set("locator", format!("{member}, {path}pcf.{total}"));
            let company = footprint.get("companyName").text().map(|name| {
                let ids = footprint.get("companyIds").items().iter();
                let own = ids.filter_map(|id| id.text().or_else(|| id.get("companyId").text())).next().map(str::to_owned);
                Publisher { id: own, ..Publisher::named(name) }
            });
            draft.set("source", recorder.source(company.as_ref()));
            amounts(&mut draft, pcf, total);
            product(&mut draft, footprint, id);
            times(&mut draft, footprint);
            geography(&mut draft, pcf);
            methods(&mut draft, footprint);
            Found::Drafts(vec![draft])
        }
    };
    recorder.record(id.as_deref(), &place, bytes.as_bytes(), 0, found)
}

fn amounts(draft: &mut Draft, pcf: &Json, total: &str) {
    let field = format!("pcf.{total}");
    let unit = pcf.any(&["declaredUnitOfMeasurement", "declaredUnit"]).text();
    draft.per(unit, "pcf.declaredUnit");
    draft.set("basis", "per_declared_unit");
    draft.set("metric", "CO2e");
    draft.set("co2e_origin", "source_published");
    draft.set("kind", "product-lifecycle");
    let together = pcf.get("declaredUnitAmount").amount();
    match pcf.get(total).amount() {
        Some(value) => draft.value(value, together, (1, 1), &field),
        None => draft.wrong("decimal", &field, "is not a number"),
    }
    let size = together.filter(|amount| !is_one(amount));
    draft.set("unit_text", format!("kgCO2e / {}{}", size.map(|size| format!("{size} ")).unwrap_or_default(), unit.unwrap_or_default()));
    if let Some(amount) = pcf.get("unitaryProductAmount").amount()
        && !is_one(amount)
    {
        let note =
            format!("the product holds {amount} declared units; the footprint stands per one declared unit and is not divided by them");
        draft.notice("amount-kept", "pcf.unitaryProductAmount", note.clone());
        draft.note(note);
    }
}

/// Whether a number is one, however it is written.
fn is_one(amount: &str) -> bool {
    plain(amount).and_then(|amount| amount.parse::<Decimal>().ok()).is_some_and(|amount| amount.shortest() == "1")
}

fn product(draft: &mut Draft, footprint: &Json, id: &str) {
    let name = footprint.any(&["productNameCompany", "productName"]).text();
    let description = footprint.get("productDescription").text();
    draft.set_text("name_en", "name_zh", name.or(description));
    draft.set_text("description_en", "description_zh", description);
    let cpc = footprint.any(&["productCategoryCpc", "extWBCSD_productCodeCpc"]).text();
    if let Some(code) = cpc {
        draft.classify("cpc", code);
    }
    let listed = footprint.get("productClassifications").items().iter().chain(footprint.get("productIds").items());
    for urn in listed.filter_map(|item| item.text().or_else(|| item.any(&["classificationURN", "productId"]).text())) {
        // `urn:gtin:4712345060507`, `urn:pact:productclassification:un-cpc:1234`
        if let Some((scheme, code)) = urn.strip_prefix("urn:").and_then(|rest| rest.rsplit_once(':'))
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        {
            draft.classify(scheme.strip_prefix("pact:productclassification:").unwrap_or(scheme), code);
        }
    }
    let code = cpc.and_then(identity).map(|code| format!("cpc/{code}"));
    draft.set("activity", code.unwrap_or_else(|| format!("product/{id}")));
    if footprint.any(&["status", "extWBCSD_pfStatus"]).text() == Some("Deprecated") {
        draft.set("status", "deprecated");
    }
    if let Some(company) = footprint.get("companyName").text() {
        draft.note(format!("Declared by {company}"));
    }
}

fn times(draft: &mut Draft, footprint: &Json) {
    let pcf = footprint.get("pcf");
    let stamp = |value: &Json| value.text().and_then(day).map(str::to_owned);
    let from = stamp(pcf.any(&["referencePeriodStart", "reportingPeriodStart"]));
    let end = pcf.any(&["referencePeriodEnd", "reportingPeriodEnd"]);
    // The end is the first moment that is not in it: midnight belongs to the day before.
    let is_midnight = end.text().is_some_and(|stamp| stamp.get(10..19) == Some("T00:00:00"));
    let to = stamp(end).map(|to| {
        let before = to.parse::<jiff::civil::Date>().ok().and_then(|date| date.yesterday().ok()).map(|date| date.to_string());
        before.filter(|_| is_midnight).unwrap_or(to)
    });
    draft.set_some("year", year_of(from.as_deref(), to.as_deref()));
    draft.set_some("period_from", from.as_deref());
    draft.set_some("period_to", to.as_deref());
    draft.set_some("published", stamp(footprint.get("created")).as_deref());
    draft.set_some("valid_from", stamp(footprint.get("validityPeriodStart")).as_deref());
    draft.set_some("valid_until", stamp(footprint.get("validityPeriodEnd")).as_deref());
}

/// The narrowest of the places named, if it lies in the others; the formats say global where none is named.
fn geography(draft: &mut Draft, pcf: &Json) {
    let fields = ["geographyCountrySubdivision", "geographyCountry", "geographyRegionOrSubregion"];
    let named: Vec<(&str, &str)> = fields.iter().filter_map(|field| Some((*field, pcf.get(field).text()?))).collect();
    let Some((field, narrowest)) = named.first() else {
        draft.set("region", "GLO");
        return;
    };
    let code = |text: &str| super::places::region(text).ok();
    let chain = code(narrowest).map(Region::chain).unwrap_or_default();
    let outside = named.iter().skip(1).find(|(_, other)| code(other).is_none_or(|other| !chain.contains(&other)));
    match outside.filter(|_| !chain.is_empty()) {
        Some((other, place)) => {
            let note = format!("is {narrowest}, which does not lie in {place} ({other}): leave the one place that the footprint is for");
            draft.wrong("region-unknown", &format!("pcf.{field}"), note);
        }
        None => draft.place(Some(narrowest), &format!("pcf.{field}")),
    }
}

fn methods(draft: &mut Draft, footprint: &Json) {
    let pcf = footprint.get("pcf");
    let texts = |value: &Json| -> Vec<String> {
        let words = |item: &Json| item.text().or_else(|| item.get("crossSectoralStandard").text()).map(str::to_owned);
        words(value).into_iter().chain(value.items().iter().filter_map(words)).collect()
    };
    // AR5 and AR6 each have several sets (methane with and without feedback, by origin): the report alone names none.
    draft.flag("gwp_unknown");
    let sets = [
        "ipccCharacterizationFactors",
        "ipccCharacterizationFactorsSources",
        "characterizationFactors",
        "extWBCSD_characterizationFactors",
    ];
    let reports = texts(pcf.any(&sets));
    if !reports.is_empty() {
        draft.note(format!("Characterisation factors: IPCC {}", reports.join(", ")));
    }
    let mut rules = texts(pcf.any(&["crossSectoralStandards", "crossSectoralStandardsUsed"]));
    rules.extend(pcf.get("productOrSectorSpecificRules").items().iter().flat_map(sector_rule));
    draft.set("rule", rules.join("; "));
    match footprint.get("partialFullPcf").text().map(str::to_lowercase).as_deref() {
        Some(boundary @ ("cradle-to-gate" | "cradle-to-grave")) => draft.set("boundary", boundary),
        _ => draft.flag("partial_boundary"),
    }
    if let Some(text) = pcf.get("boundaryProcessesDescription").text() {
        draft.note(format!("Boundary: {text}"));
    }
    quality(draft, pcf.any(&["dataQualityRating", "dqi"]));
    attestation(draft, footprint);
    draft.set("source_level", "company");
}

fn sector_rule(rule: &Json) -> Vec<String> {
    let operator = rule.any(&["otherOperatorName", "extWBCSD_otherOperatorName"]).text();
    let operator = operator.or_else(|| rule.any(&["operator", "extWBCSD_operator"]).text());
    let inner = rule.any(&["ruleNames", "productOrSectorSpecificRules"]);
    let names = inner.text().into_iter().chain(inner.items().iter().filter_map(|item| item.text().or_else(|| item.get("ruleName").text())));
    let named: Vec<String> = names.map(|name| operator.map_or_else(|| name.to_owned(), |operator| format!("{operator}: {name}"))).collect();
    if named.is_empty() { rule.text().or(operator).map(str::to_owned).into_iter().collect() } else { named }
}

/// Ratings under the names that PACT gives them.
fn quality(draft: &mut Draft, rating: &Json) {
    let names = ["technologicalDQR", "geographicalDQR", "temporalDQR", "completenessDQR", "reliabilityDQR"];
    let score = |name: &&str| {
        let score = plain(rating.get(name).amount()?)?.parse::<Decimal>().ok()?;
        Some(format!("{name}={}", score.shortest()))
    };
    let list: Vec<String> = names.iter().filter_map(score).collect();
    if !list.is_empty() {
        draft.set("dqr", format!("pact:{}", list.join(",")));
    }
}

fn attestation(draft: &mut Draft, footprint: &Json) {
    let pcf = footprint.get("pcf");
    let list = footprint.get("attestationOfConformance");
    let stated = [pcf.any(&["verification", "assurance"]), list.items().first().unwrap_or(list)];
    let Some(stated) = stated.into_iter().find(|stated| stated.is_object()) else {
        draft.flag("self_reported");
        return;
    };
    let level = stated.get("level").text().map(|level| format!("{level} assurance"));
    let standard = stated.any(&["standardName", "attestationStandard"]).text().map(str::to_owned);
    let by = stated.get("providerName").text().map(|name| format!("by {name}"));
    let id = stated.get("attestationOfConformanceId").text().map(str::to_owned);
    let at = stated.get("completedAt").text().and_then(day).map(str::to_owned);
    draft.set("certificate", [level, standard, by, id, at].into_iter().flatten().collect::<Vec<_>>().join(", "));
}
