//! EcoSpold 1 and 2: data sets with impact results, one after the other in a file of any length.

use std::io;

use super::START_BYTES;
use super::draft::{Draft, activity, day, identity, is_electricity, is_zero, one_line, slug, year_of};
use super::record::{Found, Publisher, Recorder};
use super::result::{Amount, Declared, Outcome, factors};
use super::xml::{self, Element};
use crate::import::archive::{Member, Tree};
use crate::import::entry::Problem;

/// Reads all data sets of a tree.
pub(super) fn read(tree: &Tree, recorder: &mut Recorder<'_>) -> io::Result<()> {
    for member in tree.members().iter().filter(|member| tree.is_single() || member.has_ending("xml") || member.has_ending("spold")) {
        let Some(start) = recorder.start(tree, member, START_BYTES)? else { continue };
        match xml::root(&start) {
            Ok(root) if root.name != "ecoSpold" => continue,
            Err(_) if !member.has_ending("spold") => continue,
            _ => {}
        }
        let mut place = 0u64;
        let ended = tree.stream(member, &mut |reader| {
            xml::each_child(reader, &mut |_, child| {
                place += 1;
                one(member, place, &child, recorder)
            })
        })?;
        if let Err(wrong) = ended {
            let name = format!("{}, behind its data set {place}", member.name);
            recorder.unreadable(&name, wrong)?;
        }
    }
    Ok(())
}

fn one(member: &Member, place: u64, set: &Element, recorder: &mut Recorder<'_>) -> io::Result<()> {
    let name = format!("{}, {}[{place}]", member.name, set.name);
    let (id, found) = match set.name.as_str() {
        "dataset" => (set.attribute("number").and_then(identity), first(&name, set, recorder)),
        "activityDataset" | "childActivityDataset" => (second_id(set), second(&name, set, recorder)),
        _ => return Ok(()),
    };
    recorder.record(id.as_deref(), &name, format!("{set:?}").as_bytes(), 0, found)
}

fn found(base: &Draft, declared: &[Declared], amount: Option<&str>, exchanges: usize) -> Found {
    match factors(base, declared, amount) {
        Outcome::Drafts(drafts) => Found::Drafts(drafts),
        Outcome::Nothing => Found::Inventory { exchanges: u64::try_from(exchanges).unwrap_or(u64::MAX) },
        Outcome::PartsAlone => Found::Passed("climate change result in parts without a total"),
    }
}

/// A data set of EcoSpold 1; results are exchanges where it says that it holds an impact assessment.
fn first(place: &str, set: &Element, recorder: &mut Recorder<'_>) -> Found {
    let information = set.at("metaInformation/processInformation");
    let exchanges: Vec<&Element> = set.at("flowData").iter().flat_map(|data| data.all("exchange")).collect();
    let about = information.and_then(|information| information.at("dataSetInformation"));
    let is_result = about.and_then(|about| about.attribute("impactAssessmentResult")) == Some("true");
    let declared: Vec<Declared> =
        if is_result { exchanges.iter().enumerate().map(|(at, e)| indicator_1(place, at, e)).collect() } else { Vec::new() };
    let mut base = Draft::default();
    if !matches!(factors(&base, &declared, None), Outcome::Drafts(_)) {
        return found(&base, &declared, None, exchanges.len());
    }
    let Some(id) = set.attribute("number").and_then(identity) else {
        return Found::Wrong(Problem::new("required", "number", "the data set has no number"));
    };
    let Some(function) = information.and_then(|information| information.at("referenceFunction")) else {
        return Found::Wrong(Problem::new("reference-missing", "referenceFunction", "the data set has no reference function"));
    };
    base.set("key", format!("process/{id}"));
    name_1(function, about, &mut base);
    base.per(function.attribute("unit"), "unit");
    base.set("unit_text", format!("kg CO2e / {}", function.attribute("unit").unwrap_or_default()));
    let classes: Vec<&str> = ["category", "subCategory"].iter().filter_map(|name| function.attribute(name)).collect();
    classify(&mut base, &classes, function.attribute("name"), &id);
    base.place(information.and_then(|i| i.at("geography")?.attribute("location")), "location");
    if let Some(time) = information.and_then(|information| information.at("timePeriod")) {
        let date = |name: &str| time.text_at(name).and_then(day).map(str::to_owned);
        let from = date("startDate").or_else(|| time.text_at("startYear").map(|year| format!("{year}-01-01")));
        let to = date("endDate").or_else(|| time.text_at("endYear").map(|year| format!("{year}-12-31")));
        period(&mut base, from.as_deref(), to.as_deref());
    }
    base.flag("partial_boundary");
    let publisher = publication(set);
    base.set("source", recorder.source(publisher.as_ref()));
    found(&base, &declared, function.attribute("amount"), exchanges.len())
}

fn indicator_1(place: &str, at: usize, exchange: &Element) -> Declared {
    let parts = ["category", "subCategory", "name"].iter().filter_map(|name| exchange.attribute(name));
    let amount = Amount {
        text: exchange.attribute("meanValue").unwrap_or_default().to_owned(),
        locator: format!("{place}/flowData/exchange[{}]/@meanValue", at + 1),
        ..Amount::default()
    };
    Declared {
        id: None,
        name: parts.map(one_line).collect::<Vec<_>>().join("; "),
        unit: exchange.attribute("unit").map(str::to_owned),
        amounts: vec![amount],
    }
}

fn name_1(function: &Element, about: Option<&Element>, draft: &mut Draft) {
    for (name, language) in [("name", "languageCode"), ("localName", "localLanguageCode")] {
        let language = about.and_then(|about| about.attribute(language)).unwrap_or("en").to_lowercase();
        let column = if language.starts_with("zh") { "name_zh" } else { "name_en" };
        if language.starts_with("en") || language.starts_with("zh") {
            draft.set_some(column, function.attribute(name).filter(|_| !draft.cells.contains_key(column)));
        }
    }
    if !draft.cells.contains_key("name_en") && !draft.cells.contains_key("name_zh") {
        draft.set_some("name_en", function.attribute("name"));
        draft.notice("language-other", "name_en", "the name is in neither English nor Chinese; it stands as the English one");
    }
    draft.set_some("description_en", function.attribute("generalComment"));
}

/// The publication that the data set names, else who generated it.
fn publication(set: &Element) -> Option<Publisher> {
    let administration = set.at("metaInformation/administrativeInformation")?;
    let data = administration.at("dataGeneratorAndPublication")?;
    let sources = set.at("metaInformation/modellingAndValidation");
    let number = data.attribute("referenceToPublishedSource");
    let source = sources.iter().flat_map(|list| list.all("source")).find(|source| number.is_some() && source.attribute("number") == number);
    let person = data.attribute("person");
    let person = || administration.all("person").find(|own| own.attribute("number") == person)?.attribute("name");
    let name = source.and_then(|source| source.attribute("title")).or_else(person)?;
    Some(Publisher { id: number.map(str::to_owned), ..Publisher::named(name) })
}

/// The one product that an EcoSpold 2 data set is about.
fn product(set: &Element) -> Result<&Element, usize> {
    let products: Vec<&Element> = set
        .at("flowData")
        .iter()
        .flat_map(|data| data.all("intermediateExchange"))
        .filter(|exchange| exchange.text_at("outputGroup") == Some("0") && !exchange.attribute("amount").is_some_and(is_zero))
        .collect();
    match products.as_slice() {
        [one] => Ok(one),
        other => Err(other.len()),
    }
}

/// Activity and product together: one activity has a data set a product.
fn second_id(set: &Element) -> Option<String> {
    let activity = set.at("activityDescription/activity")?.attribute("id").and_then(identity)?;
    let product = product(set).ok().and_then(|product| product.attribute("intermediateExchangeId")).and_then(identity);
    Some(product.map_or(activity.clone(), |product| format!("{activity}/{product}")))
}

/// A data set of EcoSpold 2; results are its `impactIndicator`s.
fn second(place: &str, set: &Element, recorder: &mut Recorder<'_>) -> Found {
    let data = set.at("flowData");
    let exchanges = data.map_or(0, |data| data.children.iter().filter(|child| child.name.ends_with("Exchange")).count());
    let indicators = data.iter().flat_map(|data| data.all("impactIndicator")).enumerate();
    let declared: Vec<Declared> = indicators.map(|(at, indicator)| indicator_2(place, at, indicator)).collect();
    let mut base = Draft::default();
    if !matches!(factors(&base, &declared, None), Outcome::Drafts(_)) {
        return found(&base, &declared, None, exchanges);
    }
    let Some(id) = second_id(set) else { return Found::Wrong(Problem::new("required", "activity", "the activity has no id")) };
    let product = match product(set) {
        Ok(product) => product,
        Err(count) => {
            let note = format!("{count} reference products (output group 0): it is not clear per which of them the result stands");
            return Found::Wrong(Problem::new("reference-missing", "intermediateExchange", note));
        }
    };
    base.set("key", format!("process/{id}"));
    let description = set.at("activityDescription");
    let about = |path: &str| description.and_then(|description| description.at(path));
    let name = about("activity").and_then(|activity| activity.text_at("activityName"));
    let full = [name, product.text_at("name")].into_iter().flatten().collect::<Vec<_>>().join("; ");
    base.set_text("name_en", "name_zh", Some(full.as_str()));
    base.per(product.text_at("unitName"), "unitName");
    base.set("unit_text", format!("kg CO2e / {}", product.text_at("unitName").unwrap_or_default()));
    let classifications: Vec<(&str, &str)> = description
        .iter()
        .flat_map(|description| description.all("classification"))
        .filter_map(|item| Some((item.text_at("classificationSystem")?, item.text_at("classificationValue")?)))
        .collect();
    for (system, value) in &classifications {
        if let Some((code, _)) = value.split_once(':') {
            base.classify(&slug(system), code);
        }
    }
    let classes: Vec<&str> = classifications.first().map(|(_, value)| *value).into_iter().collect();
    classify(&mut base, &classes, product.text_at("name"), &id);
    base.place(about("geography").and_then(|geography| geography.text_at("shortname")), "geography");
    let time = about("timePeriod");
    let date = |name: &str| time.and_then(|time| time.attribute(name)).and_then(day);
    period(&mut base, date("startDate"), date("endDate"));
    base.flag("partial_boundary");
    let generator = set.at("administrativeInformation/dataGeneratorAndPublication");
    let publisher = generator.and_then(|data| data.attribute("personName")).map(Publisher::named);
    base.set("source", recorder.source(publisher.as_ref()));
    if generator.and_then(|data| data.attribute("isCopyrightProtected")) == Some("true") {
        recorder.licence(Some("isCopyrightProtected: true"));
    }
    found(&base, &declared, product.attribute("amount"), exchanges)
}

fn indicator_2(place: &str, at: usize, indicator: &Element) -> Declared {
    let parts = ["impactMethodName", "impactCategoryName", "name"].iter().filter_map(|name| indicator.text_at(name));
    let amount = Amount {
        text: indicator.attribute("amount").unwrap_or_default().to_owned(),
        locator: format!("{place}/flowData/impactIndicator[{}]/@amount", at + 1),
        ..Amount::default()
    };
    Declared {
        id: indicator.attribute("impactIndicatorId").map(str::to_owned),
        name: parts.map(one_line).collect::<Vec<_>>().join("; "),
        unit: indicator.text_at("unitName").map(str::to_owned),
        amounts: vec![amount],
    }
}

fn classify(draft: &mut Draft, classes: &[&str], name: Option<&str>, id: &str) {
    draft.set("category", classes.iter().map(|class| one_line(class)).collect::<Vec<_>>().join("/"));
    let path = name.and_then(|name| activity(classes.iter().copied().chain([name])));
    draft.set("activity", path.unwrap_or_else(|| format!("product/{id}")));
    let is_power = is_electricity(classes.iter().copied(), draft.cells.get("per"));
    draft.set("kind", if is_power { "electricity-lifecycle" } else { "product-lifecycle" });
}

fn period(draft: &mut Draft, from: Option<&str>, to: Option<&str>) {
    draft.set_some("year", year_of(from, to));
    draft.set_some("period_from", from);
    draft.set_some("period_to", to);
}
