//! openLCA JSON-LD, version 2 of its schema: a process and a result for each factor, and all that they refer to.
//!
//! The process calculates in openLCA: its emissions are gases where they are all known, else one flow of CO2 equivalents, and
//! the method that comes with it characterises both. The result states the published number itself. See `docs/exchange.md`.

use std::io::{self, Seek, Write};

use super::archive::Archive;
use super::ids::{self, uuid};
use super::json::{Json, number, reference, text};
use super::shared::{Emission, Shared, emissions};
use super::units::{self, Named, Quantity};
use super::words;
use crate::bulk::{ExportError, Format, Row, Rows};
use crate::factor::{Factor, Quality, Region, Score, Uncertainty};

/// Writes `openlca.zip`.
///
/// # Errors
/// A damaged line, the disk, or more factors than an archive of data sets takes.
pub(in crate::bulk) fn write(rows: &Rows, out: impl Write + Seek) -> Result<(), ExportError> {
    super::check_size(rows, Format::OpenLca)?;
    let mut archive = Archive::new(out);
    archive.add("openlca.json", b"{\"schemaVersion\":2}")?;
    archive.add("olca-schema.json", b"{\"version\":2}")?;
    let mut shared = Shared::new(rows);
    for row in rows.each() {
        factor(&mut archive, &mut shared, &row?)?;
    }
    shared_data(&mut archive, &shared)?;
    Ok(archive.finish()?)
}

/// What stands at the beginning of every data set.
fn head(kind: &str, id: &str, name: &str) -> Vec<(&'static str, Option<Json>)> {
    vec![("@type", text(kind)), ("@id", text(id)), ("name", text(name)), ("version", text("00.00.000"))]
}

fn versioned(row: &Row<'_>, kind: &str, id: &str, name: &str) -> Vec<(&'static str, Option<Json>)> {
    let mut head = head(kind, id, name);
    head.pop();
    head.push(("version", text(words::data_set_version(&row.release.version))));
    head.push(("lastChange", text(&row.release.published_at)));
    head
}

fn file(folder: &str, id: &str) -> String {
    format!("{folder}/{id}.json")
}

fn factor<W: Write + Seek>(archive: &mut Archive<W>, shared: &mut Shared, row: &Row<'_>) -> io::Result<()> {
    let factor = &row.factor;
    let (quantity, unit) = units::of(factor);
    let flow = product(archive, shared, row, &quantity)?;
    let place = location(archive, &factor.region)?;
    let source = source(archive, row)?;
    let system = match &factor.quality {
        Some(quality) => quality_system(archive, quality)?,
        None => None,
    };
    let given = emissions(factor);
    shared.take(factor, &quantity, &given);
    let name = factor.name.any().to_owned();
    let exchange = Json::Object(vec![
        ("internalId", number("1")),
        ("isInput", Some(false.into())),
        ("isQuantitativeReference", Some(true.into())),
        ("amount", number("1")),
        ("flow", flow.clone()),
        ("flowProperty", reference("FlowProperty", &quantity.property, &quantity.property_name)),
        ("unit", reference("Unit", &unit.id, &unit.name)),
    ]);
    let exchanges: Vec<Json> = std::iter::once(exchange).chain(emitted(factor, &given)).collect();
    let id = shared.id("process", row);
    let mut process = versioned(row, "Process", &id, &name);
    process.extend([
        ("category", text(words::categories(factor).join("/"))),
        ("description", text(description(row))),
        ("tags", Some(Json::List(tags(factor)))),
        ("processType", text(if words::is_direct(factor) { "UNIT_PROCESS" } else { "LCI_RESULT" })),
        ("isInfrastructureProcess", Some(false.into())),
        ("location", place.clone()),
        ("processDocumentation", Some(documentation(row, source))),
        ("lastInternalId", number(exchanges.len().to_string())),
        ("exchanges", Some(Json::List(exchanges))),
    ]);
    if let Some((system, entry)) = system {
        process.extend([("dqSystem", Some(system)), ("dqEntry", text(entry))]);
    }
    archive.add(&file("processes", &id), &Json::Object(process).bytes()?)?;
    let result = result(shared, row, (flow, place), (&quantity, &unit));
    archive.add(&file("results", &shared.id("result", row)), &result.bytes()?)
}

/// The result: the published number, as it was published.
fn result(shared: &Shared, row: &Row<'_>, (flow, place): (Option<Json>, Option<Json>), (quantity, unit): (&Quantity, &Named)) -> Json {
    let factor = &row.factor;
    let mut result = versioned(row, "Result", &shared.id("result", row), factor.name.any());
    let product = Json::Object(vec![
        ("isRefFlow", Some(true.into())),
        ("isInput", Some(false.into())),
        ("amount", number("1")),
        ("flow", flow),
        ("flowProperty", reference("FlowProperty", &quantity.property, &quantity.property_name)),
        ("unit", reference("Unit", &unit.id, &unit.name)),
        ("location", place),
    ]);
    let impact = Json::Object(vec![
        ("indicator", indicator(factor)),
        ("amount", number(factor.value.as_str())),
        ("description", text(words::origin(row))),
    ]);
    result.extend([
        ("category", text(words::categories(factor).join("/"))),
        ("description", text(description(row))),
        ("tags", Some(Json::List(tags(factor)))),
        ("impactMethod", reference("ImpactMethod", &uuid(&["method"]), METHOD)),
        ("impactResults", Some(Json::List(vec![impact]))),
        ("flowResults", Some(Json::List(vec![product]))),
    ]);
    Json::Object(result)
}

/// The name of the method that all results are by.
const METHOD: &str = "Published factors";

fn indicator(factor: &Factor) -> Option<Json> {
    let set = factor.gwp.as_deref();
    let id = uuid(&["indicator", factor.metric.code(), set.unwrap_or_default()]);
    Some(Json::Object(vec![
        ("@type", text("ImpactCategory")),
        ("@id", text(id)),
        ("name", text(words::indicator(factor.metric, set).any())),
        ("refUnit", text(words::result_unit(factor.metric))),
    ]))
}

/// All that the documents have no member for.
fn description(row: &Row<'_>) -> String {
    let factor = &row.factor;
    let other_name = factor.name.zh.clone().filter(|_| factor.name.en.is_some());
    let prose = [words::prose(factor, |text| text.en.as_ref()), words::prose(factor, |text| text.zh.as_ref())];
    let rest = [Some(words::members(factor)), Some(words::origin(row))];
    std::iter::once(other_name).chain(prose).chain(rest).flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn tags(factor: &Factor) -> Vec<Json> {
    std::iter::once(factor.kind.as_str()).chain(factor.flags.iter().map(String::as_str)).map(Json::from).collect()
}

/// The product: one for each activity and quantity of a dataset, so that its places and years are providers of one flow.
fn product<W: Write + Seek>(archive: &mut Archive<W>, shared: &Shared, row: &Row<'_>, quantity: &Quantity) -> io::Result<Option<Json>> {
    let factor = &row.factor;
    let id = uuid(&["product", &shared.scope(row), &factor.activity, &quantity.property]);
    archive.add_once(file("flows", &id), || {
        let mut flow = versioned(row, "Flow", &id, &factor.activity);
        flow.extend([
            ("category", text(words::categories(factor).join("/"))),
            ("description", text(format!("Activity `{}` of the dataset {}", factor.activity, row.release.dataset))),
            ("flowType", text("PRODUCT_FLOW")),
            ("isInfrastructureFlow", Some(false.into())),
            ("flowProperties", Some(Json::List(vec![reference_property(quantity)]))),
        ]);
        Json::Object(flow).bytes()
    })?;
    Ok(reference("Flow", &id, &factor.activity))
}

fn reference_property(quantity: &Quantity) -> Json {
    Json::Object(vec![
        ("isRefFlowProperty", Some(true.into())),
        ("flowProperty", reference("FlowProperty", &quantity.property, &quantity.property_name)),
        ("conversionFactor", number("1")),
    ])
}

/// The emissions of a process. A stated distribution stands on the emission that is the value itself.
fn emitted(factor: &Factor, given: &[Emission]) -> Vec<Json> {
    let is_whole = given.len() == 1;
    let exchange = |(place, emission): (usize, &Emission)| {
        let amount = emission.amount.as_str();
        Json::Object(vec![
            ("internalId", number((place + 2).to_string())),
            ("isInput", Some(false.into())),
            ("isQuantitativeReference", Some(false.into())),
            ("amount", number(amount)),
            ("flow", reference("Flow", &emission.id, &emission.name)),
            ("flowProperty", mass_property()),
            ("unit", mass_unit()),
            ("uncertainty", words::distribution(factor).filter(|_| is_whole).map(|stated| uncertainty(stated, amount))),
        ])
    };
    given.iter().enumerate().map(exchange).collect()
}

fn uncertainty(stated: &Uncertainty, value: &str) -> Json {
    let (kind, members) = match stated {
        Uncertainty::Lognormal { gsd } => ("LOG_NORMAL_DISTRIBUTION", vec![("geomMean", number(value)), ("geomSd", number(gsd.as_str()))]),
        Uncertainty::Normal { sd } => ("NORMAL_DISTRIBUTION", vec![("mean", number(value)), ("sd", number(sd.as_str()))]),
        Uncertainty::Triangular { low, mode, high } => (
            "TRIANGLE_DISTRIBUTION",
            vec![("minimum", number(low.as_str())), ("mode", number(mode.as_str())), ("maximum", number(high.as_str()))],
        ),
        Uncertainty::Range { .. } | Uncertainty::Percent { .. } => ("", Vec::new()),
    };
    Json::Object(std::iter::once(("distributionType", text(kind))).chain(members).collect())
}

fn documentation(row: &Row<'_>, (source, owner): (Option<Json>, Option<Json>)) -> Json {
    let factor = &row.factor;
    let year = |end: &str| factor.year.map(|year| format!("{year:04}-{end}"));
    let from = factor.period.from.clone().or_else(|| year("01-01").filter(|_| factor.period.is_empty()));
    let until = factor.period.to.clone().or_else(|| year("12-31").filter(|_| factor.period.is_empty()));
    let intended = factor.rule.iter().map(|rule| format!("Rule: {rule}")).chain(factor.certificate.clone());
    Json::Object(vec![
        ("validFrom", from.and_then(text)),
        ("validUntil", until.and_then(text)),
        ("timeDescription", text("The period that the data stand for.")),
        ("technologyDescription", factor.technology.as_ref().and_then(text)),
        ("projectDescription", text(words::origin(row))),
        ("inventoryMethodDescription", text(intended.collect::<Vec<_>>().join("\n"))),
        ("dataSelectionDescription", factor.source.locator.as_ref().and_then(text)),
        ("restrictionsDescription", text(words::licences(row))),
        ("dataSetOwner", owner),
        ("publication", source.clone()),
        ("sources", source.map(|source| Json::List(vec![source]))),
        ("creationDate", text(&row.release.published_at)),
    ])
}

/// The source document and its publisher.
fn source<W: Write + Seek>(archive: &mut Archive<W>, row: &Row<'_>) -> io::Result<(Option<Json>, Option<Json>)> {
    let metadata = &row.release.manifest.metadata;
    let Some(document) = metadata.source(&row.factor.source.id) else { return Ok((None, None)) };
    let publisher = document.publisher.any().to_owned();
    let owner = if publisher.is_empty() {
        None
    } else {
        let id = uuid(&["actor", &publisher]);
        archive.add_once(file("actors", &id), || {
            let mut actor = head("Actor", &id, &publisher);
            actor.push(("description", document.publisher.zh.as_ref().filter(|zh| **zh != publisher).and_then(text)));
            Json::Object(actor).bytes()
        })?;
        reference("Actor", &id, &publisher)
    };
    let id = uuid(&["source", row.release.dataset.as_str(), &document.id]);
    let name = document.title.any().to_owned();
    archive.add_once(file("sources", &id), || {
        let mut source = head("Source", &id, &name);
        let year = document.date.as_deref().and_then(|date| date.get(..4)).filter(|year| year.parse::<u16>().is_ok());
        source.extend([
            ("textReference", text(metadata.citation(&document.id))),
            ("description", text(metadata.citation_en(&document.id))),
            ("year", year.and_then(|year| number(year.trim_start_matches('0')))),
            ("url", document.url.as_ref().or(document.landing_page.as_ref()).and_then(text)),
        ]);
        Json::Object(source).bytes()
    })?;
    Ok((reference("Source", &id, &name), owner))
}

fn location<W: Write + Seek>(archive: &mut Archive<W>, code: &str) -> io::Result<Option<Json>> {
    let id = ids::location(code);
    let name = Region::get(code).map(|region| region.name.any()).filter(|name| !name.is_empty()).unwrap_or(code);
    archive.add_once(file("locations", &id), || {
        let mut place = head("Location", &id, name);
        place.push(("code", text(code)));
        Json::Object(place).bytes()
    })?;
    Ok(reference("Location", &id, name))
}

/// The indicators of the pedigree matrix in its order, under the names that readers know.
const PEDIGREE: [(&str, &str); 5] = [
    ("reliability", "Reliability"),
    ("completeness", "Completeness"),
    ("temporal", "Temporal correlation"),
    ("geographical", "Geographical correlation"),
    ("technological", "Further technological correlation"),
];

/// The system of a rating, and the rating by it; none where a score is not a whole number.
fn quality_system<W: Write + Seek>(archive: &mut Archive<W>, quality: &Quality) -> io::Result<Option<(Json, String)>> {
    let mut scores: Vec<(&str, u8)> = Vec::new();
    for (name, score) in &quality.scores {
        let Score::Whole(score) = score else { return Ok(None) };
        scores.push((name, *score));
    }
    let place = |name: &str| PEDIGREE.iter().position(|(own, _)| quality.scheme == "pedigree" && *own == name).unwrap_or(PEDIGREE.len());
    scores.sort_by_key(|(name, _)| place(name));
    if scores.is_empty() {
        return Ok(None);
    }
    let names: Vec<&str> = scores.iter().map(|(name, _)| PEDIGREE.get(place(name)).map_or(*name, |(_, told)| *told)).collect();
    let id = uuid(&["quality", &quality.scheme, &names.join("\n")]);
    archive.add_once(file("dq_systems", &id), || {
        let score = |score: u8| Json::Object(vec![("position", number(score.to_string())), ("label", text(score.to_string()))]);
        let indicator = |(place, name): (usize, &&str)| {
            let scores = Json::List((1..=5).map(score).collect());
            Json::Object(vec![("name", text(name)), ("position", number((place + 1).to_string())), ("scores", Some(scores))])
        };
        let mut system = head("DQSystem", &id, &quality.scheme);
        system.extend([
            ("hasUncertainties", Some(false.into())),
            ("indicators", Some(Json::List(names.iter().enumerate().map(indicator).collect()))),
        ]);
        Json::Object(system).bytes()
    })?;
    let entry = scores.iter().map(|(_, score)| score.to_string()).collect::<Vec<_>>().join(";");
    Ok(reference("DQSystem", &id, &quality.scheme).map(|system| (system, format!("({entry})"))))
}

fn mass_property() -> Option<Json> {
    let mass = units::mass();
    reference("FlowProperty", &mass.property, &mass.property_name)
}

fn mass_unit() -> Option<Json> {
    units::mass().units.first().and_then(|unit| reference("Unit", &unit.id, &unit.name))
}

/// What the factors share: quantities with their units, emissions, indicators and the method.
fn shared_data<W: Write + Seek>(archive: &mut Archive<W>, shared: &Shared) -> io::Result<()> {
    for quantity in shared.quantities() {
        let unit = |(place, unit): (usize, &Named)| {
            Json::Object(vec![
                ("@type", text("Unit")),
                ("@id", text(&unit.id)),
                ("name", text(&unit.name)),
                ("description", text(format!("UCUM {}", unit.code)).filter(|_| !quantity.is_money)),
                ("conversionFactor", number(unit.size.as_str())),
                ("isRefUnit", Some((place == 0).into())),
            ])
        };
        let mut group = head("UnitGroup", &quantity.group, &quantity.group_name);
        group.extend([
            ("defaultFlowProperty", reference("FlowProperty", &quantity.property, &quantity.property_name)),
            ("units", Some(Json::List(quantity.units.iter().enumerate().map(unit).collect()))),
        ]);
        archive.add(&file("unit_groups", &quantity.group), &Json::Object(group).bytes()?)?;
        let mut property = head("FlowProperty", &quantity.property, &quantity.property_name);
        let kind = if quantity.is_money { "ECONOMIC_QUANTITY" } else { "PHYSICAL_QUANTITY" };
        property.extend([("flowPropertyType", text(kind)), ("unitGroup", reference("UnitGroup", &quantity.group, &quantity.group_name))]);
        archive.add(&file("flow_properties", &quantity.property), &Json::Object(property).bytes()?)?;
    }
    for emission in shared.emissions() {
        let mut flow = head("Flow", &emission.id, &emission.name);
        flow.extend([
            ("category", text("Elementary flows/Emission to air/unspecified")),
            ("flowType", text("ELEMENTARY_FLOW")),
            ("cas", emission.cas.as_ref().and_then(text)),
            ("formula", emission.formula.as_ref().and_then(text)),
            ("flowProperties", Some(Json::List(vec![reference_property(&units::mass())]))),
        ]);
        archive.add(&file("flows", &emission.id), &Json::Object(flow).bytes()?)?;
    }
    let mut listed = Vec::new();
    for (metric, set) in shared.indicators() {
        let name = words::indicator(*metric, set.as_deref());
        let id = uuid(&["indicator", metric.code(), set.as_deref().unwrap_or_default()]);
        let factors = shared.characterised(*metric, set.as_deref()).map(|(emission, potential)| {
            Json::Object(vec![
                ("flow", reference("Flow", &emission.id, &emission.name)),
                ("flowProperty", mass_property()),
                ("unit", mass_unit()),
                ("value", number(potential)),
            ])
        });
        let mut category = head("ImpactCategory", &id, name.any());
        category.extend([
            ("description", text(set.as_ref().map(|set| format!("GWP set {set}")).unwrap_or_default())),
            ("refUnit", text(words::result_unit(*metric))),
            ("impactFactors", Some(Json::List(factors.collect()))),
        ]);
        archive.add(&file("lcia_categories", &id), &Json::Object(category).bytes()?)?;
        listed.extend(reference("ImpactCategory", &id, name.any()));
    }
    let id = uuid(&["method"]);
    let mut method = head("ImpactMethod", &id, METHOD);
    method.push(("impactCategories", Some(Json::List(listed))));
    archive.add(&file("lcia_methods", &id), &Json::Object(method).bytes()?)
}
