//! openLCA JSON-LD, versions 1 and 2 of its schema: processes, results and EPDs.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::MAX_DOCUMENT_BYTES;
use super::draft::{Draft, activity, day, identity, is_electricity, one_line, slug, year_of};
use super::json::Json;
use super::record::{Found, Publisher, Recorder, is_unreadable};
use super::result::{Amount, Declared, Outcome, factors};
use crate::import::archive::{Member, Tree};
use crate::import::entry::Problem;

/// The folders whose documents are data sets that may declare results.
const RECORDS: [&str; 3] = ["epds", "processes", "results"];

/// How the names of the pedigree matrix's indicators begin, in its order.
const PEDIGREE: [&str; 5] = ["reliability", "completeness", "temporal", "geographical", "further-tech"];

/// Whether a document is one of this format.
pub(super) fn is_entity(document: &Json) -> bool {
    document.get("@type").text().is_some() && document.get("@id").text().is_some()
        || document.get("@context").get("@vocab").text().is_some_and(|vocabulary| vocabulary.contains("openlca.org"))
}

/// Reads all data sets of a tree.
pub(super) fn read(tree: &Tree, recorder: &mut Recorder<'_>) -> io::Result<()> {
    let library = Library::new(tree);
    let mut modules: BTreeSet<String> = BTreeSet::new();
    for member in
        tree.members().iter().filter(|member| tree.is_single() || (member.has_ending("json") && RECORDS.contains(&member.folder())))
    {
        let Some(bytes) = recorder.bytes(tree, member, MAX_DOCUMENT_BYTES)? else { continue };
        let document = match Json::read(&bytes) {
            Ok(document) => document,
            Err(wrong) => {
                recorder.unreadable(&member.name, wrong)?;
                continue;
            }
        };
        let id = document.get("@id").text().and_then(identity);
        let mut set = Set { library: &library, recorder, member, document: &document };
        let found = match (document.get("@type").text(), &id) {
            (Some("Process"), Some(id)) => set.process(id)?,
            (Some("Epd" | "EPD"), Some(id)) => set.epd(id, &mut modules)?,
            (Some("Result"), Some(id)) if modules.contains(id) => Found::Passed("result of a module of an EPD"),
            (Some("Result"), Some(id)) => set.result(id)?,
            (Some(_), Some(_)) => continue,
            _ => Found::Wrong(Problem::new("required", "@id", "the document has no @type or no @id")),
        };
        recorder.record(id.as_deref(), &member.name, &bytes, 0, found)?;
    }
    Ok(())
}

/// The other documents of the tree, by folder and id.
struct Library<'a> {
    tree: &'a Tree,
    places: BTreeMap<(String, String), usize>,
}

impl<'a> Library<'a> {
    fn new(tree: &'a Tree) -> Self {
        let place = |(place, member): (usize, &Member)| ((member.folder().to_owned(), member.stem().to_ascii_lowercase()), place);
        Self { tree, places: tree.members().iter().enumerate().map(place).collect() }
    }

    fn has(&self, folder: &str, id: &str) -> bool {
        self.places.contains_key(&(folder.to_owned(), id.to_ascii_lowercase()))
    }

    /// What a reference leads to; says what is missing where it leads nowhere.
    fn get(&self, folder: &str, reference: &Json) -> io::Result<Result<Json, String>> {
        let name = reference.get("name").text().map(|name| format!(" ({})", one_line(name))).unwrap_or_default();
        let missing = |id: &str| format!("{folder}/{id}.json{name} is not among the files: export with all that it refers to");
        let Some(id) = reference.get("@id").text().map(str::to_ascii_lowercase) else { return Ok(Err(missing("?"))) };
        let place = self.places.get(&(folder.to_owned(), id.clone()));
        let Some(member) = place.and_then(|place| self.tree.members().get(*place)) else { return Ok(Err(missing(&id))) };
        match self.tree.read(member, MAX_DOCUMENT_BYTES) {
            Ok(bytes) => Ok(Json::read(&bytes).map_err(|wrong| format!("{}: {wrong}", member.name))),
            Err(error) if is_unreadable(&error) => Ok(Err(format!("{}: {error}", member.name))),
            Err(error) => Err(error),
        }
    }

    /// The reference unit of a flow.
    fn unit_of_flow(&self, flow: &Json) -> io::Result<Result<String, String>> {
        if let Some(unit) = flow.any(&["refUnit", "referenceUnit"]).text() {
            return Ok(Ok(unit.to_owned()));
        }
        let flow = match self.get("flows", flow)? {
            Ok(flow) => flow,
            Err(wrong) => return Ok(Err(wrong)),
        };
        let mut properties = flow.get("flowProperties").items().iter();
        let own = properties.find(|own| own.any(&["isRefFlowProperty", "referenceFlowProperty"]).is_true());
        let Some(property) = own else { return Ok(Err("the flow has no reference flow property".to_owned())) };
        let property = match self.get("flow_properties", property.get("flowProperty"))? {
            Ok(property) => property,
            Err(wrong) => return Ok(Err(wrong)),
        };
        Ok(self.get("unit_groups", property.get("unitGroup"))?.and_then(|group| {
            let unit = group.get("units").items().iter().find(|unit| unit.any(&["isRefUnit", "referenceUnit"]).is_true());
            let name = unit.and_then(|unit| unit.get("name").text()).map(str::to_owned);
            name.ok_or_else(|| "the unit group has no reference unit".to_owned())
        }))
    }

    /// The unit of an impact category, where it is known.
    fn unit_of_indicator(&self, indicator: &Json) -> io::Result<Option<String>> {
        let names = ["refUnit", "referenceUnitName"];
        if let Some(unit) = indicator.any(&names).text() {
            return Ok(Some(unit.to_owned()));
        }
        Ok(self.get("lcia_categories", indicator)?.ok().and_then(|category| category.any(&names).text().map(str::to_owned)))
    }
}

/// One data set, with what it refers to.
struct Set<'a, 'b> {
    library: &'a Library<'a>,
    recorder: &'a mut Recorder<'b>,
    member: &'a Member,
    document: &'a Json,
}

impl Set<'_, '_> {
    /// The results listed in a member of a document.
    fn declared(&self, document: &Json, module: Option<&str>, place: &str) -> io::Result<Vec<Declared>> {
        let names = ["impactResults", "lciaResults"];
        let Some(name) = names.into_iter().find(|name| !document.get(name).items().is_empty()) else { return Ok(Vec::new()) };
        let method = document.get("impactMethod").get("name").text();
        let mut declared = Vec::new();
        for (at, result) in document.get(name).items().iter().enumerate() {
            let indicator = result.any(&["indicator", "impactCategory"]);
            let own = indicator.get("name").text();
            declared.push(Declared {
                id: indicator.get("@id").text().map(str::to_owned),
                name: [method, own].into_iter().flatten().map(one_line).collect::<Vec<_>>().join("; "),
                unit: self.library.unit_of_indicator(indicator)?,
                amounts: vec![Amount {
                    module: module.map(str::to_owned),
                    text: result.any(&["amount", "value"]).amount().unwrap_or_default().to_owned(),
                    locator: format!("{place}, {name}[{at}]"),
                    ..Amount::default()
                }],
            });
        }
        Ok(declared)
    }

    fn process(&mut self, id: &str) -> io::Result<Found> {
        let exchanges = self.document.get("exchanges").items();
        for (at, exchange) in exchanges.iter().enumerate() {
            let provider = exchange.get("defaultProvider").get("@id").text();
            if let Some(provider) = provider.filter(|provider| !self.library.has("processes", provider)) {
                let member = &self.member.name;
                self.recorder.provider_missing(|| format!("{member}, exchanges[{at}] (provider {provider})"));
            }
        }
        let declared = self.declared(self.document, None, &self.member.name)?;
        let count = u64::try_from(exchanges.len()).unwrap_or(u64::MAX);
        let is_reference = |exchange: &&Json| exchange.any(&["isQuantitativeReference", "quantitativeReference"]).is_true();
        let reference = exchanges.iter().find(is_reference);
        self.finish(id, &declared, reference, count)
    }

    fn result(&mut self, id: &str) -> io::Result<Found> {
        let declared = self.declared(self.document, None, &self.member.name)?;
        let flows = self.document.get("flowResults").items();
        let reference = flows.iter().find(|flow| flow.any(&["isRefFlow", "isReferenceFlow"]).is_true());
        self.finish(id, &declared, reference, u64::try_from(flows.len()).unwrap_or(u64::MAX))
    }

    /// An EPD: its modules' results are documents of their own.
    fn epd(&mut self, id: &str, modules: &mut BTreeSet<String>) -> io::Result<Found> {
        let mut declared: Vec<Declared> = Vec::new();
        for module in self.document.get("modules").items() {
            let reference = module.get("result");
            modules.extend(reference.get("@id").text().and_then(identity));
            let result = match self.library.get("results", reference)? {
                Ok(result) => result,
                Err(wrong) => return Ok(Found::Wrong(Problem::new("reference-missing", "modules", wrong))),
            };
            let place = format!("results/{}.json", reference.get("@id").text().unwrap_or_default());
            for found in self.declared(&result, module.get("name").text(), &place)? {
                match declared.iter_mut().find(|own| own.id.is_some() && own.id == found.id) {
                    Some(own) => own.amounts.extend(found.amounts),
                    None => declared.push(found),
                }
            }
        }
        let product = self.document.get("product");
        self.finish(id, &declared, Some(product).filter(|product| product.is_object()), 0)
    }

    fn finish(&mut self, id: &str, declared: &[Declared], reference: Option<&Json>, exchanges: u64) -> io::Result<Found> {
        let mut base = Draft::default();
        match factors(&base, declared, None) {
            Outcome::Nothing => return Ok(Found::Inventory { exchanges }),
            Outcome::PartsAlone => return Ok(Found::Passed("climate change result in parts without a total")),
            Outcome::Drafts(_) => base.set("key", format!("process/{id}")),
        }
        let amount = self.reference(reference, &mut base)?;
        self.about(id, reference, &mut base)?;
        self.times(&mut base);
        self.quality(&mut base)?;
        self.origin(&mut base)?;
        match factors(&base, declared, amount.as_deref()) {
            Outcome::Drafts(drafts) => Ok(Found::Drafts(drafts)),
            _ => Ok(Found::Inventory { exchanges }),
        }
    }

    /// What the results stand per; gives the amount.
    fn reference(&self, reference: Option<&Json>, draft: &mut Draft) -> io::Result<Option<String>> {
        let Some(reference) = reference else {
            draft.wrong("reference-missing", "per", "there is no reference flow: it is not clear per what the result stands");
            return Ok(None);
        };
        let unit = match reference.get("unit").get("name").text() {
            Some(unit) => Ok(unit.to_owned()),
            None => self.library.unit_of_flow(reference.get("flow"))?,
        };
        match unit {
            Ok(unit) => {
                draft.set("unit_text", format!("kg CO2e / {unit}"));
                draft.per(Some(&unit), "per");
            }
            Err(wrong) => draft.wrong("reference-missing", "per", format!("the unit of the reference flow is not known: {wrong}")),
        }
        Ok(reference.get("amount").amount().map(str::to_owned))
    }

    fn about(&self, id: &str, reference: Option<&Json>, draft: &mut Draft) -> io::Result<()> {
        let name = self.document.get("name").text();
        draft.set_text("name_en", "name_zh", name);
        draft.set_text("description_en", "description_zh", self.document.get("description").text());
        let category = self.document.get("category");
        let path = category.get("categoryPath").items().iter().filter_map(Json::text).chain(category.get("name").text());
        let classes: Vec<&str> = category.text().map_or_else(|| path.collect(), |text| text.split('/').map(str::trim).collect());
        draft.set("category", classes.iter().map(|class| one_line(class)).collect::<Vec<_>>().join("/"));
        let own = name.and_then(|name| activity(classes.iter().copied().chain([name])));
        draft.set("activity", own.unwrap_or_else(|| format!("product/{id}")));
        let is_power = is_electricity(classes.iter().copied(), draft.cells.get("per"));
        draft.set("kind", if is_power { "electricity-lifecycle" } else { "product-lifecycle" });
        let places = [self.document.get("location"), reference.map_or(&Json::Word("null"), |reference| reference.get("location"))];
        let Some(location) = places.into_iter().find(|place| place.is_object()) else {
            draft.place(None, "location");
            return Ok(());
        };
        let found = self.library.get("locations", location)?;
        let code = found.as_ref().ok().and_then(|found| found.get("code").text().or_else(|| found.get("name").text()));
        match (code.or_else(|| location.any(&["code", "name"]).text()), &found) {
            (None, Err(wrong)) => draft.wrong("reference-missing", "location", wrong.clone()),
            (code, _) => draft.place(code, "location"),
        }
        Ok(())
    }

    fn times(&self, draft: &mut Draft) {
        let documentation = self.document.get("processDocumentation");
        let date = |name: &str| documentation.get(name).text().or_else(|| self.document.get(name).text()).and_then(day);
        let (from, until) = (date("validFrom"), date("validUntil"));
        // openLCA's validity is the period that the data stand for.
        draft.set_some("period_from", from);
        draft.set_some("period_to", until);
        draft.set_some("year", year_of(from, until));
        draft.flag("partial_boundary");
        if let Some(kind) = self.document.get("processType").text() {
            draft.note(format!("Type of process: {kind}"));
        }
    }

    /// The data set's own rating; its indicators' names stand in the data quality system.
    fn quality(&self, draft: &mut Draft) -> io::Result<()> {
        let entry = self.document.get("dqEntry").text().unwrap_or_default().trim_matches(['(', ')']);
        let scores: Vec<&str> = entry.split(';').map(str::trim).collect();
        let is_score = |score: &&str| matches!(*score, "1" | "2" | "3" | "4" | "5");
        if !scores.iter().all(is_score) {
            return Ok(());
        }
        let system = match self.document.get("dqSystem") {
            reference if reference.is_object() => self.library.get("dq_systems", reference)?.ok(),
            _ => None,
        };
        let Some(system) = system else {
            draft.note(format!("Data quality entry: {entry}, by a system that is not among the files"));
            return Ok(());
        };
        let named = |place: usize| {
            let place = (place + 1).to_string();
            let indicator = system.get("indicators").items().iter().find(|own| own.get("position").amount() == Some(place.as_str()));
            indicator.and_then(|indicator| indicator.get("name").text()).map(slug).filter(|name| !name.is_empty())
        };
        let names: Option<Vec<String>> = (0..scores.len()).map(named).collect();
        let scheme = system.get("name").text().map(slug).filter(|name| !name.is_empty());
        let (Some(names), Some(scheme)) = (names, scheme) else { return Ok(()) };
        let list = names.iter().zip(&scores).map(|(name, score)| format!("{name}={score}")).collect::<Vec<_>>();
        let is_pedigree = names.len() == PEDIGREE.len() && names.iter().zip(PEDIGREE).all(|(name, own)| name.starts_with(own));
        draft.set("dqr", if is_pedigree { format!("pedigree:({})", scores.join(";")) } else { format!("{scheme}:{}", list.join(",")) });
        Ok(())
    }

    fn origin(&mut self, draft: &mut Draft) -> io::Result<()> {
        let documentation = self.document.get("processDocumentation");
        let publication = [documentation.get("publication"), documentation.get("dataSetOwner"), self.document.get("manufacturer")];
        let named = publication.into_iter().find(|reference| reference.get("name").text().is_some());
        let url = match documentation.get("publication") {
            reference if reference.is_object() => {
                self.library.get("sources", reference)?.ok().and_then(|source| source.get("url").text().map(str::to_owned))
            }
            _ => None,
        };
        let publisher = named.and_then(|reference| {
            let name = reference.get("name").text()?;
            Some(Publisher { id: reference.get("@id").text().map(str::to_owned), url, ..Publisher::named(name) })
        });
        draft.set("source", self.recorder.source(publisher.as_ref()));
        draft.set_some("rule", self.document.get("pcr").get("name").text());
        self.recorder.licence(documentation.any(&["restrictionsDescription", "accessRestrictions"]).text());
        Ok(())
    }
}
