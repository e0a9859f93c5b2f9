//! ILCD data sets: a process with its LCIA result for each factor, and all that they refer to.
//!
//! ILCD gives amounts in the reference unit of a flow property, so a factor per kW.h has a reference flow of 3.6 MJ; what the
//! factor itself is per stands in an extension beside that amount. See `docs/exchange.md`.

use std::io::{self, Seek, Write};

use super::archive::Archive;
use super::ids::uuid;
use super::shared::{Emission, Shared, emissions};
use super::units::{self, Named, Quantity};
use super::words;
use super::xml::{Xml, short};
use crate::bulk::{ExportError, Format, Row, Rows};
use crate::dataset::SourceDocument;
use crate::factor::{Factor, Metric, Text};

const COMMON: &str = "http://lca.jrc.it/ILCD/Common";
const EPD: &str = "http://www.iai.kit.edu/EPD/2013";
/// The namespace of what ILCD has no element for.
const OWN: &str = "tanyin:ilcd:1";

/// The most characters of a name, and of a short description.
const NAME: usize = 500;

/// The version of data sets that belong to no release: nothing that a reader has is older, so nothing is replaced.
const SHARED_VERSION: &str = "00.00.000";

/// Writes `ilcd.zip`.
///
/// # Errors
/// A damaged line, the disk, or more factors than an archive of data sets takes.
pub(in crate::bulk) fn write(rows: &Rows, out: impl Write + Seek) -> Result<(), ExportError> {
    super::check_size(rows, Format::Ilcd)?;
    let mut archive = Archive::new(out);
    let mut shared = Shared::new(rows);
    for row in rows.each() {
        let row = row?;
        let (quantity, _) = units::of(&row.factor);
        shared.take(&row.factor, &quantity, &emissions(&row.factor));
        product(&mut archive, &shared, &row, &quantity)?;
        sources(&mut archive, &row)?;
        archive.add(&file("processes", &shared.id("ilcd process", &row)), &process(&shared, &row))?;
    }
    shared_data(&mut archive, &shared)?;
    Ok(archive.finish()?)
}

fn file(folder: &str, id: &str) -> String {
    format!("ILCD/{folder}/{id}.xml")
}

fn en(text: impl Into<String>) -> Text {
    Text { en: Some(text.into()), zh: None }
}

/// A reference from one data set to another.
fn refer(xml: &mut Xml, name: &str, (kind, folder, id): (&str, &str, &str), told: &Text) {
    let uri = format!("../{folder}/{id}.xml");
    xml.element(name, &[("type", kind), ("refObjectId", id), ("uri", &uri)], |xml| {
        xml.texts("common:shortDescription", &short(told, NAME));
    });
}

/// A data set of a kind: `flow` in `flowDataSet` of the namespace `Flow`.
fn data_set(root: &str, space: &str, inner: impl FnOnce(&mut Xml)) -> Vec<u8> {
    let mut xml = Xml::document();
    let space = format!("http://lca.jrc.it/ILCD/{space}");
    let spaces = [("xmlns", space.as_str()), ("xmlns:common", COMMON), ("xmlns:epd", EPD), ("xmlns:tanyin", OWN), ("version", "1.1")];
    xml.element(root, &spaces, inner);
    xml.finish()
}

fn process(shared: &Shared, row: &Row<'_>) -> Vec<u8> {
    data_set("processDataSet", "Process", |xml| {
        xml.group("processInformation", |xml| information(xml, shared, row));
        xml.group("modellingAndValidation", |xml| modelling(xml, row));
        xml.group("administrativeInformation", |xml| administration(xml, row));
        xml.group("exchanges", |xml| exchanges(xml, shared, row));
        xml.group("LCIAResults", |xml| result(xml, &row.factor));
    })
}

fn information(xml: &mut Xml, shared: &Shared, row: &Row<'_>) {
    let factor = &row.factor;
    xml.group("dataSetInformation", |xml| {
        xml.text("common:UUID", shared.id("ilcd process", row));
        xml.group("name", |xml| {
            xml.texts("baseName", &short(&factor.name, NAME));
        });
        let joined = |texts: &[String]| Some(texts.join("; ")).filter(|text| !text.is_empty());
        xml.texts("common:synonyms", &Text { en: joined(&factor.synonyms.en), zh: joined(&factor.synonyms.zh) });
        classification(xml, factor);
        xml.texts("common:generalComment", &comment(row));
        xml.group("common:other", |xml| {
            xml.text("tanyin:key", &factor.key).text("tanyin:release", row.release.id()).text("tanyin:digest", row.digest.to_string());
        });
    });
    xml.element("quantitativeReference", &[("type", "Reference flow(s)")], |xml| {
        xml.text("referenceToReferenceFlow", "0");
    });
    xml.group("time", |xml| {
        let year = |date: &Option<String>| date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned);
        let data_year = factor.year.map(|year| format!("{year:04}"));
        xml.text("common:referenceYear", data_year.or_else(|| year(&factor.period.to)).unwrap_or_default());
        let whole = factor.valid.to.as_deref().is_some_and(|date| date.ends_with("-12-31"));
        xml.text("common:dataSetValidUntil", year(&factor.valid.to).filter(|_| whole).unwrap_or_default());
    });
    xml.group("geography", |xml| {
        xml.element("locationOfOperationSupplyOrProduction", &[("location", &factor.region)], |_| {});
    });
    if let Some(technology) = &factor.technology {
        xml.group("technology", |xml| {
            xml.texts("technologyDescriptionAndIncludedProcesses", &en(technology.as_str()));
        });
    }
}

fn classification(xml: &mut Xml, factor: &Factor) {
    let classes = words::categories(factor);
    if classes.is_empty() && factor.classifications.is_empty() {
        return;
    }
    xml.group("classificationInformation", |xml| {
        if !classes.is_empty() {
            xml.group("common:classification", |xml| {
                for (level, class) in classes.iter().enumerate() {
                    xml.element("common:class", &[("level", &level.to_string())], |xml| xml.plain(class));
                }
            });
        }
        for code in &factor.classifications {
            xml.element("common:classification", &[("name", &code.scheme)], |xml| {
                xml.element("common:class", &[("level", "0"), ("classId", &code.code)], |xml| xml.plain(&code.code));
            });
        }
    });
}

/// Description and note; in English also what ILCD has no element for.
fn comment(row: &Row<'_>) -> Text {
    let factor = &row.factor;
    let whole = |text: &Option<String>| text.clone().filter(|text| text.chars().count() > NAME);
    let parts =
        [whole(&factor.name.en), words::prose(factor, |text| text.en.as_ref()), Some(words::members(factor)), Some(words::origin(row))];
    let english = parts.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let chinese = [whole(&factor.name.zh), words::prose(factor, |text| text.zh.as_ref())];
    let chinese = chinese.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    Text { en: Some(english), zh: Some(chinese).filter(|text| !text.is_empty()) }
}

fn modelling(xml: &mut Xml, row: &Row<'_>) {
    let factor = &row.factor;
    xml.group("LCIMethodAndAllocation", |xml| {
        let kind = if words::is_direct(factor) { "Unit process, black box" } else { "LCI result" };
        xml.text("typeOfDataSet", kind);
    });
    xml.group("dataSourcesTreatmentAndRepresentativeness", |xml| {
        if let Some(document) = row.release.manifest.metadata.source(&factor.source.id) {
            refer(xml, "referenceToDataSource", ("source data set", "sources", &source_id(row, document)), &document.title);
        }
        if let Some(rule) = &factor.rule {
            xml.texts("useAdviceForDataSet", &en(format!("Rule: {rule}")));
        }
    });
    xml.group("validation", |xml| {
        xml.element("review", &[("type", "Not reviewed")], |_| {});
    });
}

fn administration(xml: &mut Xml, row: &Row<'_>) {
    let factor = &row.factor;
    let metadata = &row.release.manifest.metadata;
    xml.group("dataEntryBy", |xml| {
        xml.text("common:timeStamp", &row.release.published_at);
    });
    xml.group("publicationAndOwnership", |xml| {
        xml.text("common:dateOfLastRevision", &row.release.published_at);
        xml.text("common:dataSetVersion", words::data_set_version(&row.release.version));
        xml.text("common:workflowAndPublicationStatus", "Data set finalised; entirely published");
        let certificate = short(&en(factor.certificate.clone().unwrap_or_default()), NAME);
        xml.text("common:registrationNumber", certificate.any());
        if let Some(document) = metadata.source(&factor.source.id).filter(|document| !document.publisher.is_empty()) {
            let id = contact_id(document);
            refer(xml, "common:referenceToOwnershipOfDataSet", ("contact data set", "contacts", &id), &document.publisher);
        }
        let is_free = metadata.licences.iter().any(|licence| licence.id == "CC0-1.0");
        xml.text("common:copyright", if is_free { "false" } else { "true" });
        xml.text("common:licenseType", if is_free { "Free of charge for all users and uses" } else { "Other" });
        xml.texts("common:accessRestrictions", &en(words::licences(row)));
    });
}

fn exchanges(xml: &mut Xml, shared: &Shared, row: &Row<'_>) {
    let factor = &row.factor;
    let (quantity, unit) = units::of(factor);
    xml.element("exchange", &[("dataSetInternalID", "0")], |xml| {
        let id = product_id(shared, row, &quantity);
        refer(xml, "referenceToFlowDataSet", ("flow data set", "flows", &id), &en(factor.activity.as_str()));
        xml.text("exchangeDirection", "Output").text("meanAmount", &unit.size).text("resultingAmount", &unit.size);
        xml.group("common:other", |xml| {
            xml.element("tanyin:declaredUnit", &[("code", &unit.code)], |xml| xml.plain("1"));
        });
    });
    for (place, emission) in emissions(factor).iter().enumerate() {
        xml.element("exchange", &[("dataSetInternalID", &(place + 1).to_string())], |xml| {
            refer(xml, "referenceToFlowDataSet", ("flow data set", "flows", &emission.id), &en(emission.name.as_str()));
            xml.text("exchangeDirection", "Output").text("meanAmount", &emission.amount).text("resultingAmount", &emission.amount);
        });
    }
}

fn result(xml: &mut Xml, factor: &Factor) {
    let set = factor.gwp.as_deref();
    xml.group("LCIAResult", |xml| {
        let id = method_id(factor.metric, set);
        let name = words::indicator(factor.metric, set);
        refer(xml, "referenceToLCIAMethodDataSet", ("LCIA method data set", "lciamethods", &id), &name);
        xml.text("meanAmount", factor.value.as_str());
        xml.group("common:other", |xml| {
            let group = result_quantity(factor.metric);
            let unit = words::result_unit(factor.metric);
            refer(xml, "epd:referenceToUnitGroupDataSet", ("unit group data set", "unitgroups", &group.group), &en(unit));
        });
    });
}

fn method_id(metric: Metric, set: Option<&str>) -> String {
    uuid(&["ilcd method", metric.code(), set.unwrap_or_default()])
}

/// What results are measured in: mass of CO2, or of CO2 equivalents.
fn result_quantity(metric: Metric) -> Quantity {
    let (name, unit) = (format!("Mass of {}", metric.code()), words::result_unit(metric));
    Quantity {
        property: uuid(&["ilcd result property", metric.code()]),
        property_name: name.clone(),
        group: uuid(&["ilcd result unit", metric.code()]),
        group_name: format!("Units of {}", name.to_lowercase()),
        is_money: false,
        units: vec![Named { code: "kg".to_owned(), name: unit.to_owned(), id: String::new(), size: "1".to_owned() }],
    }
}

fn product_id(shared: &Shared, row: &Row<'_>, quantity: &Quantity) -> String {
    uuid(&["ilcd product", &shared.scope(row), &row.factor.activity, &quantity.property])
}

/// The product, once for each activity and quantity.
fn product<W: Write + Seek>(archive: &mut Archive<W>, shared: &Shared, row: &Row<'_>, quantity: &Quantity) -> io::Result<()> {
    let id = product_id(shared, row, quantity);
    let version = words::data_set_version(&row.release.version);
    archive.add_once(file("flows", &id), || {
        let class = words::categories(&row.factor).join("/");
        Ok(flow(&id, &row.factor.activity, ("Product flow", &class), quantity, None, &version))
    })
}

fn flow(id: &str, name: &str, (kind, class): (&str, &str), quantity: &Quantity, cas: Option<&str>, version: &str) -> Vec<u8> {
    data_set("flowDataSet", "Flow", |xml| {
        xml.group("flowInformation", |xml| {
            xml.group("dataSetInformation", |xml| {
                xml.text("common:UUID", id);
                xml.group("name", |xml| {
                    xml.texts("baseName", &short(&en(name), NAME));
                });
                let classes: Vec<&str> = class.split('/').filter(|class| !class.is_empty()).collect();
                let (list, item) = match kind {
                    "Elementary flow" => ("common:elementaryFlowCategorization", "common:category"),
                    _ => ("common:classification", "common:class"),
                };
                xml.group("classificationInformation", |xml| {
                    xml.group(list, |xml| {
                        for (level, class) in classes.iter().enumerate() {
                            xml.element(item, &[("level", &level.to_string())], |xml| xml.plain(class));
                        }
                    });
                });
                xml.text("CASNumber", cas.unwrap_or_default());
            });
            xml.group("quantitativeReference", |xml| {
                xml.text("referenceToReferenceFlowProperty", "0");
            });
        });
        xml.group("modellingAndValidation", |xml| {
            xml.group("LCIMethod", |xml| {
                xml.text("typeOfDataSet", kind);
            });
        });
        version_of(xml, version);
        xml.group("flowProperties", |xml| {
            xml.element("flowProperty", &[("dataSetInternalID", "0")], |xml| {
                let target = ("flow property data set", "flowproperties", quantity.property.as_str());
                refer(xml, "referenceToFlowPropertyDataSet", target, &en(quantity.property_name.as_str()));
                xml.text("meanValue", "1");
            });
        });
    })
}

fn version_of(xml: &mut Xml, version: &str) {
    xml.group("administrativeInformation", |xml| {
        xml.group("publicationAndOwnership", |xml| {
            xml.text("common:dataSetVersion", version);
        });
    });
}

fn source_id(row: &Row<'_>, document: &SourceDocument) -> String {
    uuid(&["ilcd source", row.release.dataset.as_str(), &document.id])
}

fn contact_id(document: &SourceDocument) -> String {
    uuid(&["ilcd contact", document.publisher.any()])
}

/// The source document and its publisher.
fn sources<W: Write + Seek>(archive: &mut Archive<W>, row: &Row<'_>) -> io::Result<()> {
    let metadata = &row.release.manifest.metadata;
    let Some(document) = metadata.source(&row.factor.source.id) else { return Ok(()) };
    let id = source_id(row, document);
    archive.add_once(file("sources", &id), || {
        Ok(data_set("sourceDataSet", "Source", |xml| {
            xml.group("sourceInformation", |xml| {
                xml.group("dataSetInformation", |xml| {
                    xml.text("common:UUID", &id);
                    xml.texts("common:shortName", &short(&document.title, NAME));
                    xml.text("sourceCitation", short(&en(metadata.citation(&document.id)), NAME).any());
                    let url = document.url.as_deref().or(document.landing_page.as_deref());
                    xml.texts("sourceDescriptionOrComment", &Text { en: url.map(str::to_owned), zh: None });
                });
            });
            version_of(xml, SHARED_VERSION);
        }))
    })?;
    if document.publisher.is_empty() {
        return Ok(());
    }
    let id = contact_id(document);
    archive.add_once(file("contacts", &id), || {
        Ok(data_set("contactDataSet", "Contact", |xml| {
            xml.group("contactInformation", |xml| {
                xml.group("dataSetInformation", |xml| {
                    let name = short(&document.publisher, NAME);
                    xml.text("common:UUID", &id).texts("common:shortName", &name).texts("common:name", &name);
                });
            });
            version_of(xml, SHARED_VERSION);
        }))
    })
}

fn shared_data<W: Write + Seek>(archive: &mut Archive<W>, shared: &Shared) -> io::Result<()> {
    let metrics: std::collections::BTreeSet<Metric> = shared.indicators().map(|(metric, _)| *metric).collect();
    let results = metrics.into_iter().map(result_quantity);
    for quantity in shared.quantities().cloned().chain(results) {
        archive.add(&file("unitgroups", &quantity.group), &unit_group(&quantity))?;
        archive.add(&file("flowproperties", &quantity.property), &flow_property(&quantity))?;
    }
    for emission in shared.emissions() {
        let class = ("Elementary flow", "Emissions/Emissions to air/Emissions to air, unspecified");
        let flow = flow(&emission.id, &emission.name, class, &units::mass(), emission.cas.as_deref(), SHARED_VERSION);
        archive.add(&file("flows", &emission.id), &flow)?;
    }
    for (metric, set) in shared.indicators() {
        let factors: Vec<(&Emission, String)> = shared.characterised(*metric, set.as_deref()).collect();
        archive.add(&file("lciamethods", &method_id(*metric, set.as_deref())), &method(*metric, set.as_deref(), &factors))?;
    }
    Ok(())
}

fn unit_group(quantity: &Quantity) -> Vec<u8> {
    data_set("unitGroupDataSet", "UnitGroup", |xml| {
        xml.group("unitGroupInformation", |xml| {
            xml.group("dataSetInformation", |xml| {
                xml.text("common:UUID", &quantity.group).texts("common:name", &en(quantity.group_name.as_str()));
            });
            xml.group("quantitativeReference", |xml| {
                xml.text("referenceToReferenceUnit", "0");
            });
        });
        version_of(xml, SHARED_VERSION);
        xml.group("units", |xml| {
            for (place, unit) in quantity.units.iter().enumerate() {
                xml.element("unit", &[("dataSetInternalID", &place.to_string())], |xml| {
                    xml.text("name", &unit.name).text("meanValue", &unit.size);
                });
            }
        });
    })
}

fn flow_property(quantity: &Quantity) -> Vec<u8> {
    data_set("flowPropertyDataSet", "FlowProperty", |xml| {
        xml.group("flowPropertiesInformation", |xml| {
            xml.group("dataSetInformation", |xml| {
                xml.text("common:UUID", &quantity.property).texts("common:name", &en(quantity.property_name.as_str()));
            });
            xml.group("quantitativeReference", |xml| {
                let target = ("unit group data set", "unitgroups", quantity.group.as_str());
                refer(xml, "referenceToReferenceUnitGroup", target, &en(quantity.group_name.as_str()));
            });
        });
        version_of(xml, SHARED_VERSION);
    })
}

fn method(metric: Metric, set: Option<&str>, factors: &[(&Emission, String)]) -> Vec<u8> {
    let name = words::indicator(metric, set);
    data_set("LCIAMethodDataSet", "LCIAMethod", |xml| {
        xml.group("LCIAMethodInformation", |xml| {
            xml.group("dataSetInformation", |xml| {
                xml.text("common:UUID", method_id(metric, set)).texts("common:name", &name);
                xml.text("impactCategory", if metric == Metric::Co2e { "Climate change" } else { "other" });
                let comment = set.map(|set| format!("GWP set {set}"));
                xml.texts("common:generalComment", &Text { en: comment, zh: None });
            });
            xml.group("quantitativeReference", |xml| {
                let quantity = result_quantity(metric);
                let target = ("flow property data set", "flowproperties", quantity.property.as_str());
                refer(xml, "referenceQuantity", target, &en(quantity.property_name.as_str()));
            });
        });
        version_of(xml, SHARED_VERSION);
        xml.group("characterisationFactors", |xml| {
            for (emission, potential) in factors {
                xml.group("factor", |xml| {
                    refer(xml, "referenceToFlowDataSet", ("flow data set", "flows", &emission.id), &en(emission.name.as_str()));
                    xml.text("exchangeDirection", "Output").text("meanValue", potential);
                });
            }
        });
    })
}
