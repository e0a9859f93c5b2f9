//! `factors.sqlite`: strict tables with indexes and a full text search that finds Chinese words.

use std::fs::File;
use std::io::{self, Write};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::query_builder::BoxedSqlQuery;
use diesel::sql_types::{Double, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::sqlite_schema::{AFTER, BEFORE, create_table, insert};
use super::table::{Field, Item, Part, Record, Shape, fields};
use super::words::han_pairs;
use super::{Context, ExportError, Format, Rows, about};
use crate::dataset::SourceDocument;
use crate::release::PublishedRelease;

/// Writes the database: it is built in the scratch folder, then copied page by page in order.
pub(super) fn write_sqlite(rows: &Rows, context: &Context<'_>, out: &mut impl Write) -> Result<(), ExportError> {
    let building = context.scratch.join("building.sqlite");
    let whole = context.scratch.join("whole.sqlite");
    let path = |path: &std::path::Path| path.to_str().map(str::to_owned).ok_or_else(|| library("the folder has no name in UTF-8"));
    let mut database = SqliteConnection::establish(&path(&building)?).map_err(library)?;
    database.batch_execute(BEFORE).map_err(library)?;
    let fields = fields();
    database.batch_execute(&create_table(&fields)).map_err(library)?;
    database.batch_execute("BEGIN").map_err(library)?;
    for (name, text) in about::marks(rows, context) {
        run(&mut database, "INSERT INTO meta VALUES (?, ?)", [Bind::Text(&name), Bind::Text(&text)])?;
    }
    for release in rows.releases() {
        put_release(&mut database, release)?;
    }
    let insert = insert(&fields);
    for (number, row) in (1..).zip(rows.each()) {
        let row = row?;
        let cite = row.release.cite(&row.factor.source.id, row.factor.source.locator.as_deref(), &row.factor.key);
        put_factor(&mut database, (&fields, &insert), number, &Record::of(row), &cite)?;
    }
    database.batch_execute("COMMIT").map_err(library)?;
    database.batch_execute(AFTER).map_err(library)?;
    run(&mut database, "VACUUM INTO ?", [Bind::Text(&path(&whole)?)])?;
    drop(database);
    io::copy(&mut File::open(&whole)?, out)?;
    std::fs::remove_file(&whole)?;
    Ok(std::fs::remove_file(&building)?)
}

fn library(error: impl std::fmt::Display) -> ExportError {
    ExportError::library(Format::Sqlite, error)
}

/// A value on its way into a statement.
#[derive(Debug, Clone, Copy)]
enum Bind<'a> {
    Nothing,
    Text(&'a str),
    Integer(i32),
    Number(f64),
}

impl<'a> Bind<'a> {
    fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }
}

fn run<'a>(database: &mut SqliteConnection, statement: &str, binds: impl IntoIterator<Item = Bind<'a>>) -> Result<(), ExportError> {
    let mut query: BoxedSqlQuery<'a, Sqlite, _> = diesel::sql_query(statement.to_owned()).into_boxed();
    for bind in binds {
        query = match bind {
            Bind::Nothing => query.bind::<Nullable<Text>, _>(None::<&str>),
            Bind::Text(text) => query.bind::<Text, _>(text),
            Bind::Integer(integer) => query.bind::<Integer, _>(integer),
            Bind::Number(number) => query.bind::<Double, _>(number),
        };
    }
    query.execute(database).map_err(library)?;
    Ok(())
}

fn put_release(database: &mut SqliteConnection, release: &PublishedRelease) -> Result<(), ExportError> {
    let (dataset, version, manifest) = (release.dataset.to_string(), release.version.to_string(), release.manifest_digest.to_string());
    let metadata = &release.manifest.metadata;
    let (licence, cite) = (about::licence_ids(release), about::cite_release(release));
    let terms = about::describe(release)["licences"].to_string();
    let binds = [
        Bind::Text(&dataset),
        Bind::Text(&version),
        Bind::Text(&manifest),
        Bind::optional(metadata.title.en.as_deref()),
        Bind::optional(metadata.title.zh.as_deref()),
        Bind::Text(&licence),
        Bind::Text(&terms),
        Bind::Text(&cite),
    ];
    run(database, "INSERT INTO releases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", binds)?;
    for source in &metadata.sources {
        let SourceDocument { id, title, publisher, document_no, date, version: edition, url, landing_page, sha256, level, .. } = source;
        let (sha256, level) = (sha256.map(|digest| digest.to_hex()), level.map(|level| level.code()));
        let known = [
            title.en.as_deref(),
            title.zh.as_deref(),
            publisher.en.as_deref(),
            publisher.zh.as_deref(),
            document_no.as_deref(),
            date.as_deref(),
            edition.as_deref(),
            url.as_deref(),
            landing_page.as_deref(),
            sha256.as_deref(),
            level,
        ];
        let names = [Bind::Text(&dataset), Bind::Text(&version), Bind::Text(id)];
        let binds = names.into_iter().chain(known.map(Bind::optional));
        run(database, "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", binds)?;
    }
    Ok(())
}

fn put_factor(
    database: &mut SqliteConnection,
    (fields, insert): (&[Field], &str),
    number: i32,
    record: &Record,
    cite: &str,
) -> Result<(), ExportError> {
    let mut binds = vec![Bind::Integer(number)];
    for field in fields {
        match field.shape {
            Shape::Text => binds.push(Bind::Text(record.text(field).unwrap_or_default())),
            Shape::Optional | Shape::Date => binds.push(Bind::optional(record.text(field))),
            Shape::Year => binds.push(record.year(field).map_or(Bind::Nothing, Bind::Integer)),
            Shape::Value => binds.push(Bind::Number(record.value())),
            // the tables hold each for itself; the cell, as factors.csv has it, is for reading and for the search
            Shape::Texts => binds.push(Bind::optional(record.text(field))),
            Shape::Groups(_) => {}
        }
    }
    let factor = &record.factor;
    let named = [&factor.name.zh, &factor.note.zh, &factor.description.zh, &factor.category, &factor.technology, &factor.name.en];
    let texts = named.into_iter().flatten().chain(&factor.synonyms.zh).chain(&factor.synonyms.en);
    let han = han_pairs(texts.map(String::as_str));
    binds.extend([Bind::Text(cite), Bind::optional((!han.is_empty()).then_some(&han))]);
    run(database, insert, binds)?;
    fields.iter().try_for_each(|field| match field.shape {
        Shape::Texts => put_texts(database, number, field, record),
        Shape::Groups(parts) => put_groups(database, number, field, parts, record),
        _ => Ok(()),
    })
}

fn put_texts(database: &mut SqliteConnection, number: i32, field: &Field, record: &Record) -> Result<(), ExportError> {
    for (place, text) in (1..).zip(record.texts(field)) {
        let own = [Bind::Integer(number), Bind::Integer(place), Bind::Text(text)];
        match field.name {
            "synonyms_en" => run(database, "INSERT INTO synonyms VALUES (?, 'en', ?, ?)", own)?,
            "synonyms_zh" => run(database, "INSERT INTO synonyms VALUES (?, 'zh', ?, ?)", own)?,
            _ => run(database, "INSERT INTO flags VALUES (?, ?, ?)", own)?,
        }
    }
    Ok(())
}

fn put_groups(
    database: &mut SqliteConnection,
    number: i32,
    field: &Field,
    parts: &[(&str, Part)],
    record: &Record,
) -> Result<(), ExportError> {
    let groups = record.groups(field);
    if groups.is_empty() {
        return Ok(());
    }
    let statement = format!("INSERT INTO {} VALUES (?, ?{})", field.name, ", ?".repeat(parts.len()));
    for (place, group) in (1..).zip(groups) {
        let binds = group.into_iter().map(|item| match item {
            Item::Nothing => Bind::Nothing,
            Item::Text(text) => Bind::Text(text),
            Item::Number(number) => Bind::Number(number),
        });
        run(database, &statement, [Bind::Integer(number), Bind::Integer(place)].into_iter().chain(binds))?;
    }
    Ok(())
}
