//! ILCD process data sets, also with the EPD extensions (eILCD, EN 15804 modules).

use std::collections::BTreeMap;
use std::io;

use super::draft::{Draft, activity, day, identity, is_electricity, one_line, plain, slug};
use super::record::{Found, Publisher, Recorder, is_unreadable};
use super::result::{Amount, Declared, Outcome, factors};
use super::xml::{self, Element};
use super::{MAX_DOCUMENT_BYTES, START_BYTES, units};
use crate::factor::notation::write_list;
use crate::factor::{Decimal, Text, Unit};
use crate::import::archive::{Member, Tree};
use crate::import::entry::Problem;

/// Flow properties of the ILCD reference elements, with their reference units: many exports leave them out.
const KNOWN_PROPERTIES: [(&str, &str); 6] = [
    ("93a60a56-a3c8-11da-a746-0800200b9a66", "kg"),
    ("93a60a56-a3c8-11da-a746-0800200c9a66", "MJ"),
    ("93a60a56-a3c8-22da-a746-0800200c9a66", "m3"),
    ("93a60a56-a3c8-19da-a746-0800200c9a66", "m2"),
    ("838aaa23-0117-11db-92e3-0800200c9a66", "m"),
    ("01846770-4cfe-4a25-8ad9-919d8d378345", "Item(s)"),
];

/// Reads all process data sets of a tree.
pub(super) fn read(tree: &Tree, recorder: &mut Recorder<'_>) -> io::Result<()> {
    let library = Library::new(tree);
    for member in tree.members().iter().filter(|member| tree.is_single() || member.has_ending("xml")) {
        let Some(start) = recorder.start(tree, member, START_BYTES)? else { continue };
        let is_process = match xml::root(&start) {
            Ok(root) => root.name == "processDataSet",
            Err(_) => member.folder() == "processes",
        };
        if !is_process {
            continue;
        }
        let Some(bytes) = recorder.bytes(tree, member, MAX_DOCUMENT_BYTES)? else { continue };
        match xml::read(&bytes) {
            Ok(root) => {
                let id = root.text_at("processInformation/dataSetInformation/UUID").and_then(identity);
                let found = process(&root, id.as_deref(), member, &library, recorder)?;
                recorder.record(id.as_deref(), &member.name, &bytes, 0, found)?;
            }
            Err(wrong) => recorder.unreadable(&member.name, wrong)?,
        }
    }
    Ok(())
}

/// The other data sets of the tree, by UUID.
struct Library<'a> {
    tree: &'a Tree,
    places: BTreeMap<String, usize>,
}

impl<'a> Library<'a> {
    fn new(tree: &'a Tree) -> Self {
        let uuid = |member: &Member| member.stem().get(..36).map(str::to_ascii_lowercase);
        let places = tree.members().iter().enumerate().filter_map(|(place, member)| Some((uuid(member)?, place))).collect();
        Self { tree, places }
    }

    /// A data set that another refers to.
    fn get(&self, reference: &Element) -> io::Result<Result<Element, String>> {
        let missing = |id: &str| {
            let words = reference.text_at("shortDescription").map(|words| format!(" ({})", one_line(words))).unwrap_or_default();
            let kind = reference.attribute("type").unwrap_or("data set");
            format!("the {kind} {id}{words} is not among the files: export with all dependencies")
        };
        let Some(id) = reference.attribute("refObjectId").map(str::to_ascii_lowercase) else { return Ok(Err(missing("without id"))) };
        let Some(member) = self.places.get(&id).and_then(|place| self.tree.members().get(*place)) else { return Ok(Err(missing(&id))) };
        match self.tree.read(member, MAX_DOCUMENT_BYTES) {
            Ok(bytes) => Ok(xml::read(&bytes).map_err(|wrong| format!("{}: {wrong}", member.name))),
            Err(error) if is_unreadable(&error) => Ok(Err(format!("{}: {error}", member.name))),
            Err(error) => Err(error),
        }
    }

    /// The reference unit of a flow: its property, that one's unit group, the unit of the group.
    fn unit(&self, flow: &Element) -> io::Result<Result<String, String>> {
        let flow = match self.get(flow)? {
            Ok(flow) => flow,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let own = flow.text_at("flowInformation/quantitativeReference/referenceToReferenceFlowProperty").unwrap_or("0");
        let properties = flow.at("flowProperties").map(|list| list.children.as_slice()).unwrap_or_default();
        let property = properties.iter().find(|property| property.attribute("dataSetInternalID").unwrap_or("0") == own);
        let Some(reference) = property.and_then(|property| property.at("referenceToFlowPropertyDataSet")) else {
            return Ok(Err("the flow data set has no reference flow property".to_owned()));
        };
        let property = match self.get(reference)? {
            Ok(property) => property,
            Err(wrong) => {
                let id = reference.attribute("refObjectId").unwrap_or_default().to_ascii_lowercase();
                let known = KNOWN_PROPERTIES.iter().find(|(own, _)| *own == id);
                return Ok(known.map(|(_, unit)| (*unit).to_owned()).ok_or(wrong));
            }
        };
        let Some(group) = property.at("flowPropertiesInformation/quantitativeReference/referenceToReferenceUnitGroup") else {
            return Ok(Err("the flow property has no reference unit group".to_owned()));
        };
        Ok(self.get(group)?.and_then(|group| {
            let own = group.text_at("unitGroupInformation/quantitativeReference/referenceToReferenceUnit").unwrap_or("0");
            let units = group.at("units").map(|list| list.children.as_slice()).unwrap_or_default();
            let unit = units.iter().find(|unit| unit.attribute("dataSetInternalID").unwrap_or("0") == own);
            unit.and_then(|unit| unit.text_at("name")).map(str::to_owned).ok_or_else(|| "the unit group has no reference unit".to_owned())
        }))
    }
}

fn process(root: &Element, id: Option<&str>, member: &Member, library: &Library<'_>, recorder: &mut Recorder<'_>) -> io::Result<Found> {
    let exchanges = root.at("exchanges").map(|list| list.children.iter().filter(|child| child.name == "exchange").count()).unwrap_or(0);
    let declared = results(root, member);
    let mut base = Draft::default();
    // Whether there is a result at all is known before the flow is looked for: an inventory needs none.
    match (factors(&base, &declared, None), id) {
        (Outcome::Nothing, _) => return Ok(Found::Inventory { exchanges: u64::try_from(exchanges).unwrap_or(u64::MAX) }),
        (Outcome::PartsAlone, _) => return Ok(Found::Passed("climate change result in parts without a total")),
        (Outcome::Drafts(_), None) => return Ok(Found::Wrong(Problem::new("required", "UUID", "the data set has no UUID"))),
        (Outcome::Drafts(_), Some(id)) => base.set("key", format!("process/{id}")),
    }
    let amount = reference(root, library, &mut base)?;
    names(root, &mut base);
    classes(root, id.unwrap_or_default(), &mut base);
    circumstances(root, &mut base);
    ownership(root, &mut base, recorder);
    match factors(&base, &declared, amount.as_deref()) {
        Outcome::Drafts(drafts) => Ok(Found::Drafts(drafts)),
        _ => Ok(Found::Inventory { exchanges: u64::try_from(exchanges).unwrap_or(u64::MAX) }),
    }
}

/// The results, with the place of each number.
fn results(root: &Element, member: &Member) -> Vec<Declared> {
    let scenarios =
        root.at("processInformation/dataSetInformation/other/scenarios").map(|list| list.children.as_slice()).unwrap_or_default();
    let is_default = |name: Option<&str>| {
        scenarios.iter().any(|scenario| scenario.attribute("name") == name && scenario.attribute("default") == Some("true"))
    };
    let list = root.at("LCIAResults").map(|list| list.children.as_slice()).unwrap_or_default();
    let mut declared = Vec::new();
    for (place, result) in list.iter().filter(|child| child.name == "LCIAResult").enumerate() {
        let path = format!("{}, /processDataSet/LCIAResults/LCIAResult[{}]", member.name, place + 1);
        let method = result.at("referenceToLCIAMethodDataSet");
        let other = result.at("other");
        let mut amounts: Vec<Amount> = Vec::new();
        for (place, amount) in other.iter().flat_map(|other| other.all("amount")).enumerate() {
            let scenario = amount.attribute("scenario");
            amounts.push(Amount {
                module: amount.attribute("module").map(str::to_owned),
                scenario: scenario.map(str::to_owned),
                is_default: is_default(scenario),
                text: amount.text().unwrap_or_default().to_owned(),
                locator: format!("{path}/other/amount[{}]", place + 1),
            });
        }
        if amounts.is_empty() {
            let text = result.text_at("meanAmount").unwrap_or_default().to_owned();
            amounts.push(Amount { text, locator: format!("{path}/meanAmount"), ..Amount::default() });
        }
        declared.push(Declared {
            id: method.and_then(|method| method.attribute("refObjectId")).map(str::to_owned),
            name: method.and_then(|method| preferred(method, "shortDescription")).unwrap_or_default(),
            unit: other.and_then(|other| other.text_at("referenceToUnitGroupDataSet/shortDescription")).map(str::to_owned),
            amounts,
        });
    }
    declared
}

/// What the results stand per; gives the amount of the reference flow.
fn reference(root: &Element, library: &Library<'_>, draft: &mut Draft) -> io::Result<Option<String>> {
    let quantitative = root.at("processInformation/quantitativeReference");
    let mut ids = quantitative.iter().flat_map(|reference| reference.all("referenceToReferenceFlow")).filter_map(Element::text);
    let (Some(id), None) = (ids.next(), ids.next()) else {
        draft.wrong(
            "reference-missing",
            "referenceToReferenceFlow",
            "there is not one reference flow: it is not clear per what the result stands",
        );
        return Ok(None);
    };
    let exchange =
        root.at("exchanges").and_then(|list| list.all("exchange").find(|exchange| exchange.attribute("dataSetInternalID") == Some(id)));
    let Some((exchange, flow)) = exchange.and_then(|exchange| Some((exchange, exchange.at("referenceToFlowDataSet")?))) else {
        draft.wrong("reference-missing", "referenceToReferenceFlow", format!("the reference flow {id} is none of the exchanges"));
        return Ok(None);
    };
    let found = library.unit(flow)?;
    let amount = exchange.text_at("resultingAmount").or_else(|| exchange.text_at("meanAmount")).map(str::to_owned);
    if let Some(own) = declared_unit(exchange, found.as_deref().ok(), amount.as_deref()) {
        draft.set("unit_text", format!("kg CO2e / {own}"));
        draft.set("per", own);
        return Ok(None);
    }
    match found {
        Ok(unit) => {
            draft.set("unit_text", format!("kg CO2e / {unit}"));
            draft.per(Some(&unit), "per");
        }
        Err(wrong) => draft.wrong("reference-missing", "per", format!("the unit of the reference flow is not known: {wrong}")),
    }
    Ok(amount)
}

/// The unit that the data set says it is declared per, in our own extension; taken where the amount is one of that unit exactly.
fn declared_unit(exchange: &Element, unit: Option<&str>, amount: Option<&str>) -> Option<String> {
    let code = exchange.at("other")?.all("declaredUnit").next()?.attribute("code")?;
    let reference = Unit::parse(&units::code(unit?)?).ok()?;
    let amount = plain(amount?)?.parse::<Decimal>().ok()?;
    let size = Unit::parse(code).ok()?.in_terms_of(&reference).ok()?;
    (size == amount.to_rational()).then(|| code.to_owned())
}

/// The texts of one name by language; ILCD's default is English.
fn texts(parent: Option<&Element>, name: &str) -> Text {
    let mut text = Text::default();
    for element in parent.iter().flat_map(|parent| parent.all(name)) {
        let slot = match element.attribute("lang").unwrap_or("en") {
            lang if lang.starts_with("en") => &mut text.en,
            lang if lang.starts_with("zh") => &mut text.zh,
            _ => continue,
        };
        if slot.is_none() {
            *slot = element.text().map(one_line);
        }
    }
    text
}

/// The English text of one name, else the first there is.
fn preferred(parent: &Element, name: &str) -> Option<String> {
    texts(Some(parent), name).en.or_else(|| parent.all(name).find_map(Element::text).map(one_line))
}

fn names(root: &Element, draft: &mut Draft) {
    let information = root.at("processInformation/dataSetInformation");
    let name = information.and_then(|information| information.at("name"));
    let members = ["baseName", "treatmentStandardsRoutes", "mixAndLocationTypes", "functionalUnitFlowProperties"];
    let parts = members.map(|member| texts(name, member));
    let joined = |of: fn(&Text) -> Option<&String>| {
        of(&parts[0])?;
        Some(parts.iter().filter_map(of).cloned().collect::<Vec<_>>().join("; "))
    };
    draft.set_some("name_en", joined(|text| text.en.as_ref()).as_deref());
    draft.set_some("name_zh", joined(|text| text.zh.as_ref()).as_deref());
    let other = name.and_then(|name| name.all("baseName").find(|base| base.text().is_some()));
    if let Some(base) = other.filter(|_| !draft.cells.contains_key("name_en") && !draft.cells.contains_key("name_zh")) {
        let language = base.attribute("lang").unwrap_or("unknown");
        draft.set("name_en", base.text().unwrap_or_default());
        draft.notice("language-other", "name_en", format!("the name is in the language `{language}`; it stands as the English one"));
        draft.note(format!("The name is in the language {language}"));
    }
    let comment = texts(information, "generalComment");
    draft.set_some("description_en", comment.en.as_deref());
    draft.set_some("description_zh", comment.zh.as_deref());
    let synonyms = texts(information, "synonyms");
    let list = |text: &str| write_list(text.split(';').map(str::trim).filter(|word| !word.is_empty()));
    draft.set_some("synonyms_en", synonyms.en.as_deref().map(list).as_deref());
    draft.set_some("synonyms_zh", synonyms.zh.as_deref().map(list).as_deref());
}

fn classes(root: &Element, id: &str, draft: &mut Draft) {
    let information = root.at("processInformation/dataSetInformation/classificationInformation");
    let lists: Vec<&Element> = information.iter().flat_map(|list| list.all("classification")).collect();
    for list in &lists {
        let scheme = list.attribute("name").map(slug).filter(|scheme| !scheme.is_empty()).unwrap_or_else(|| "ilcd".to_owned());
        if let Some(code) = list.all("class").filter_map(|class| class.attribute("classId")).last() {
            draft.classify(&scheme, code);
        }
    }
    let classes: Vec<&str> = lists.first().iter().flat_map(|list| list.all("class")).filter_map(Element::text).collect();
    draft.set("category", classes.iter().map(|class| one_line(class)).collect::<Vec<_>>().join("/"));
    let base = root.at("processInformation/dataSetInformation/name").and_then(|name| texts(Some(name), "baseName").en);
    let path = base.as_deref().and_then(|base| activity(classes.iter().copied().chain([base])));
    draft.set("activity", path.unwrap_or_else(|| format!("product/{id}")));
    let is_power = is_electricity(classes.iter().copied(), draft.cells.get("per"));
    draft.set("kind", if is_power { "electricity-lifecycle" } else { "product-lifecycle" });
}

fn circumstances(root: &Element, draft: &mut Draft) {
    let time = root.at("processInformation/time");
    let at = |path: &str| time.and_then(|time| time.text_at(path));
    draft.set_some("year", at("referenceYear"));
    draft.set_some("published", at("other/publicationDateOfEPD").and_then(day));
    let until = at("other/expirationDateOfEPD").and_then(day).map(str::to_owned);
    let until =
        until.or_else(|| at("dataSetValidUntil").map(|year| if year.len() == 4 { format!("{year}-12-31") } else { year.to_owned() }));
    draft.set_some("valid_until", until.as_deref());
    let location = root.at("processInformation/geography/locationOfOperationSupplyOrProduction");
    draft.place(location.and_then(|location| location.attribute("location")), "location");
    // Where no module says it, ILCD has no code for the boundary.
    draft.flag("partial_boundary");
    let method = root.at("modellingAndValidation/LCIMethodAndAllocation");
    if let Some(kind) = method.and_then(|method| method.text_at("typeOfDataSet")) {
        draft.note(format!("Type of data set: {kind}"));
    }
    let mut rules: Vec<String> = Vec::new();
    let details = method.iter().flat_map(|method| method.all("referenceToLCAMethodDetails"));
    let systems = root.at("modellingAndValidation/complianceDeclarations");
    let systems = systems.iter().flat_map(|list| list.all("compliance")).filter_map(|item| item.at("referenceToComplianceSystem"));
    rules.extend(details.chain(systems).filter_map(|reference| preferred(reference, "shortDescription")));
    draft.set("rule", rules.join("; "));
}

fn ownership(root: &Element, draft: &mut Draft, recorder: &mut Recorder<'_>) {
    let publication = root.at("administrativeInformation/publicationAndOwnership");
    let owner = publication.and_then(|publication| publication.at("referenceToOwnershipOfDataSet"));
    let publisher = owner.map(|owner| {
        let mut name = texts(Some(owner), "shortDescription");
        if name.is_empty() {
            name.en = preferred(owner, "shortDescription");
        }
        Publisher { name, id: owner.attribute("refObjectId").map(str::to_owned), url: None }
    });
    draft.set("source", recorder.source(publisher.as_ref().filter(|publisher| !publisher.name.is_empty())));
    draft.set_some("certificate", publication.and_then(|publication| publication.text_at("registrationNumber")));
    recorder.licence(publication.and_then(|publication| publication.text_at("licenseType")));
    recorder.licence(publication.and_then(|publication| preferred(publication, "accessRestrictions")).as_deref());
}
