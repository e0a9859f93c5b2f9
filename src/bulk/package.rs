//! `datapackage.json`: a release's `factors.csv` for programs that read Frictionless Data Packages (v2).
//!
//! It lies beside the table in a folder, and `tanyin check` reads the folder as a package again.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{ExportError, Format, Rows};
use crate::dataset::{Licence, Metadata, SourceDocument};
use crate::factor::{Basis, COLUMNS, Co2eOrigin, Column, Metric, PriceBasis, SourceLevel, Status, Text};
use crate::release::PublishedRelease;

/// Writes the description of a release's `factors.csv`.
pub(super) fn write_package(rows: &Rows, out: &mut impl Write) -> Result<(), ExportError> {
    let mut releases = rows.releases();
    let (Some(release), None) = (releases.next(), releases.next()) else { return Err(ExportError::NotWritten(Format::DataPackage)) };
    serde_json::to_writer_pretty(&mut *out, &describe(release)).map_err(io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}

fn describe(release: &PublishedRelease) -> Value {
    let Metadata { title, description, licences, sources, contributors } = &release.manifest.metadata;
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": release.dataset,
        "id": release.id(),
        "version": release.version.to_string(),
        "title": title.any(),
        "titles": title,
    });
    if !description.is_empty() {
        (package["description"], package["descriptions"]) = (json!(description.any()), json!(description));
    }
    package["licenses"] = licences.iter().map(licence).collect();
    package["sources"] = sources.iter().map(source).collect();
    if !contributors.is_empty() {
        package["contributors"] = json!(contributors);
    }
    package["tanyin"] = json!({
        "manifest": release.manifest_digest, "root": release.manifest.root, "factors": release.manifest.factors, "release": release.id()
    });
    package["resources"] = json!([resource(release)]);
    package
}

fn resource(release: &PublishedRelease) -> Value {
    let mut resource = json!({
        "name": "factors",
        "path": "factors.csv",
        "type": "table",
        "title": "Emission factors, one a row, sorted by key",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
    });
    if let Some(file) = release.file(Format::Csv.file_name(), "identity") {
        (resource["bytes"], resource["hash"]) = (json!(file.bytes), json!(file.sha256));
    }
    resource["dialect"] = json!({"delimiter": ",", "lineTerminator": "\n", "quoteChar": "\"", "doubleQuote": true, "header": true});
    let fields: Vec<Value> = COLUMNS.iter().map(field).collect();
    resource["schema"] = json!({
        "fields": fields,
        "fieldsMatch": "exact",
        "missingValues": [""],
        "primaryKey": ["key"],
    });
    resource
}

/// A column as Table Schema describes it.
fn field(column: &Column) -> Value {
    let mut field = json!({"name": column.name, "type": kind(column.name), "description": crate::bulk::columns::meaning(column.name)});
    let mut constraints = Map::new();
    if column.required && column.name != "year" {
        constraints.insert("required".to_owned(), json!(true));
    }
    if column.name == "key" {
        constraints.insert("unique".to_owned(), json!(true));
        constraints.insert("maxLength".to_owned(), json!(200));
        constraints.insert("pattern".to_owned(), json!("[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*"));
    }
    if let Some(codes) = codes(column.name) {
        constraints.insert("enum".to_owned(), json!(codes));
    }
    if !constraints.is_empty() {
        field["constraints"] = Value::Object(constraints);
    }
    field
}

/// Table Schema's type of a column. Lists keep their cells as text: their notation is the dataset's own.
fn kind(column: &str) -> &'static str {
    match column {
        "year" | "price_year" => "integer",
        "value" => "number",
        "period_from" | "period_to" | "valid_from" | "valid_until" | "published" => "date",
        gas if crate::factor::GAS_COLUMNS.iter().any(|(own, ..)| own.name() == gas) => "number",
        _ => "string",
    }
}

fn codes(column: &str) -> Option<&'static [&'static str]> {
    Some(match column {
        "metric" => Metric::CODES,
        "basis" => Basis::CODES,
        "price_basis" => PriceBasis::CODES,
        "co2e_origin" => Co2eOrigin::CODES,
        "source_level" => SourceLevel::CODES,
        "status" => Status::CODES,
        _ => return None,
    })
}

fn licence(licence: &Licence) -> Value {
    let members = [("title", licence.title.as_ref()), ("path", licence.url.as_ref())];
    let mut object = with(json!({"name": licence.id}), &members);
    object["redistribution"] = json!(licence.redistribution);
    if !licence.attribution.is_empty() {
        object["attribution"] = json!(licence.attribution);
    }
    object
}

fn source(source: &SourceDocument) -> Value {
    let own = |text: &Text| text.zh.clone().or_else(|| text.en.clone());
    let (title, publisher) = (own(&source.title), own(&source.publisher));
    let members = [
        ("title", title.as_ref()),
        ("title_en", source.title.en.as_ref()),
        ("title_zh", source.title.zh.as_ref()),
        ("publisher", publisher.as_ref()),
        ("publisher_en", source.publisher.en.as_ref()),
        ("publisher_zh", source.publisher.zh.as_ref()),
        ("document_no", source.document_no.as_ref()),
        ("date", source.date.as_ref()),
        ("version", source.version.as_ref()),
        ("path", source.url.as_ref()),
        ("landing_page", source.landing_page.as_ref()),
    ];
    let mut object = with(json!({"id": source.id}), &members);
    if let Some(digest) = &source.sha256 {
        object["sha256"] = json!(digest.to_hex());
    }
    if let Some(media_type) = &source.media_type {
        object["media_type"] = json!(media_type);
    }
    if let Some(level) = source.level {
        object["level"] = json!(level);
    }
    object
}

fn with(mut object: Value, members: &[(&str, Option<&String>)]) -> Value {
    for (name, value) in members {
        if let Some(value) = value {
            object[*name] = json!(value);
        }
    }
    object
}
