//! `tanyin provenance`: from a number back to the cell of its source, and on to the checkpoint.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::arguments::ReleaseName;
use super::changes::short;
use super::outcome::{CliError, Refusal};
use super::output::{Output, counted, grouped};
use super::place::Place;
use super::release::not_found;
use crate::audit::{Provenance, prov_json};
use crate::dataset::{Principal, SourceDocument};
use crate::release::{EditKind, InputKnown, PublishedRelease, ResolveError};

/// Of which number, and how it is told.
#[derive(Debug, Args)]
pub(super) struct ProvenanceArguments {
    /// The release, ID@VERSION
    #[arg(value_name = "ID@VERSION")]
    release: ReleaseName,
    /// The factor
    #[arg(value_name = "KEY")]
    key: String,
    /// As text, as JSON, or as W3C PROV-JSON
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Prov,
}

/// Tells where a number came from.
pub(super) fn provenance(place: &Place, arguments: &ProvenanceArguments, output: &mut Output) -> Result<(), CliError> {
    let (ground, catalogue) = place.catalogue()?;
    let ReleaseName { dataset, version } = &arguments.release;
    let refuse = |error: &ResolveError| not_found(&catalogue, dataset.as_str(), error);
    let releases = catalogue.dataset(dataset.as_str()).map_err(|error| refuse(&error))?;
    let release = releases.resolve(dataset.as_str(), &version.to_string()).map_err(|error| refuse(&error))?.release;
    let number = release.data.find(&arguments.key).ok_or_else(|| no_factor(&release, &arguments.key))?;
    let found = crate::audit::provenance(&ground, &catalogue, &release, number, &Principal::Operator)?;
    match arguments.format.unwrap_or(if output.is_json() { Format::Json } else { Format::Text }) {
        Format::Json => output.json(&found),
        Format::Prov => output.json(&prov_json(&found)),
        Format::Text => print(&found, output),
    }
}

fn no_factor(release: &PublishedRelease, key: &str) -> CliError {
    let data = &release.data;
    let start = data.first_from(key).saturating_sub(2);
    let nearest: Vec<&str> = (start..data.index().len()).take(5).map(|number| data.key(number)).collect();
    let hint = format!("near it there are {}", nearest.join(", "));
    let shown: String = key.chars().take(200).collect();
    Refusal::new("no-factor", format!("{} has no factor `{shown}`", release.id())).with(json!({"nearest": nearest})).hint(hint).into()
}

/// The walk: number, line, row, file, cell, document, import, reviews, release, leaf, checkpoint.
fn print(found: &Provenance, output: &mut Output) -> Result<(), CliError> {
    output.line(format_args!("{} kg {} per {}", found.value, found.metric.code(), found.per))?;
    for name in [&found.name.en, &found.name.zh].into_iter().flatten() {
        output.field("", name)?;
    }
    if let Some(withdrawn) = &found.release.withdrawn {
        output.field("WITHDRAWN", format_args!("{}: {}", withdrawn.at, withdrawn.reason))?;
    }
    if let Some(superseded) = &found.release.superseded {
        output.field("SUPERSEDED", format_args!("by {}, {}: {}", superseded.by, superseded.at, superseded.reason))?;
    }
    for notice in &found.notices {
        output.field("NOTICE", format_args!("{}: {}, {}: {}", notice.flag, notice.by, notice.at, notice.why))?;
    }
    output.field("line", format_args!("{}, {} of {}", found.digest, found.index + 1, found.release.factors))?;
    print_origin(found, output)?;
    print_inputs(found, output)?;
    print_edits(found, output)?;
    output.field(
        "import",
        format_args!(
            "run {} by {}, {}, {}, profile {}",
            found.import.run, found.import.by, found.import.finished_at, found.import.program, found.import.profile
        ),
    )?;
    output.field("submitted", format_args!("{}, {}", found.submitted.by, found.submitted.at))?;
    for review in &found.reviews {
        let key = review.key.as_ref().map_or_else(|| "not signed".to_owned(), |key| format!("signed with {key}"));
        output.field("approved", format_args!("{}, {}, {key}", review.by, review.at))?;
    }
    if found.reviews.is_empty() {
        output.field(
            "approved",
            format_args!("by nobody; {} wanted", counted(found.release.approvals_required.into(), "approval was", "approvals were")),
        )?;
    }
    output.field("published", format_args!("{}, {}, {}", found.published.by, found.published.at, found.program))?;
    output.field("release", format_args!("{}@{}, manifest {}", found.dataset, found.version, found.release.manifest))?;
    if found.first.version != found.version {
        let row = found.first.row.map(|row| format!(", row {row}")).unwrap_or_default();
        output.field(
            "first in",
            format_args!(
                "{}@{}, {}, import run {}{row}",
                found.dataset, found.first.version, found.first.published_at, found.first.import.run
            ),
        )?;
    }
    output.field("leaf", format_args!("{}, {}", found.release.leaf, found.release.leaf_digest))?;
    output.field("checkpoint", format_args!("{}, size {}, root {}", found.checkpoint.origin, found.checkpoint.size, found.checkpoint.root))
}

/// What people changed by hand: in the import that made the line, and in that of this release.
fn print_edits(found: &Provenance, output: &mut Output) -> Result<(), CliError> {
    let earlier = if found.first.version == found.version { &[][..] } else { found.first.edits.as_slice() };
    for edit in earlier.iter().chain(&found.edits) {
        let done = match edit.change {
            EditKind::Added => "added it by hand: it is not the file's",
            EditKind::Changed => "changed it by hand",
            EditKind::Removed => "removed it by hand",
        };
        output.field("EDITED", format_args!("{} {done}, {}: {}", edit.by, edit.at, edit.reason))?;
        for member in &edit.fields {
            output.field("", format_args!("{} {} → {}", member.field, short(&member.from), short(&member.to)))?;
        }
    }
    Ok(())
}

/// Row, file, cell, document.
fn print_origin(found: &Provenance, output: &mut Output) -> Result<(), CliError> {
    match &found.read {
        None if found.edits.iter().any(|edit| edit.change == EditKind::Added) => output.field("row", "none: it was added by hand")?,
        None => output.field("row", "not kept here")?,
        Some(read) => {
            output.field("row", read.row)?;
            if let (Some(source), Some(value)) = (&read.source, &read.value) {
                let locator = source.locator.as_deref().unwrap_or("no locator");
                output.field("", format_args!("read there this time: {value}, {}, {locator}; the earlier line was kept", source.id))?;
            }
        }
    }
    let bytes = u64::try_from(found.file.bytes).unwrap_or(0);
    let kept = match (found.file.kept, found.file.redistributable) {
        (false, _) => "not kept here",
        (true, true) => "kept here",
        (true, false) => "kept here; its licence does not permit passing it on",
    };
    output.field("file", format_args!("{}, {}, {} bytes, {kept}", found.import.file_name, found.file.digest, grouped(bytes)))?;
    let source = &found.source;
    let cell: Vec<&str> = [source.value_text.as_deref(), source.unit_text.as_deref()].into_iter().flatten().collect();
    if !cell.is_empty() {
        output.field("cell", cell.join(" "))?;
    }
    if let Some(locator) = &source.locator {
        output.field("locator", locator)?;
    }
    output.field("document", &source.citation)?;
    let level = source.level.map(|level| level.code().to_owned());
    let declared = source.document.as_ref();
    let url = declared.and_then(|document| document.url.clone());
    let digest = declared.and_then(|document: &SourceDocument| document.sha256).map(|digest| digest.to_string());
    for more in [level, url, digest].into_iter().flatten() {
        output.field("", more)?;
    }
    Ok(())
}

fn print_inputs(found: &Provenance, output: &mut Output) -> Result<(), CliError> {
    for input in &found.inputs {
        let known = match input.known {
            InputKnown::Factor => "",
            InputKnown::Release => "; that release has no such factor",
            InputKnown::Hidden => "; not to be read here",
            InputKnown::No => "; not released here",
        };
        let withdrawn = input.withdrawn.as_ref().map(|why| format!("; WITHDRAWN {}: {}", why.at, why.reason)).unwrap_or_default();
        output.field("input", format_args!("{}@{}#{}{known}{withdrawn}", input.dataset, input.version, input.key))?;
    }
    if found.dependents > 0 {
        let count = u64::try_from(found.dependents).unwrap_or(u64::MAX);
        output.field("dependents", counted(count, "factor of another release", "factors of other releases"))?;
    }
    Ok(())
}
