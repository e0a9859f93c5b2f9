//! `tanyin release`: publish, list, show, compare, withdraw.

use std::sync::Arc;

use clap::Subcommand;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::arguments::{Actor, ReleaseName};
use super::changes::{DifferenceArguments, show_difference};
use super::findings::counts_line;
use super::outcome::{CliError, Refusal};
use super::output::{Output, counted};
use super::place::Place;
use super::progress::Progress;
use super::quality::{FlagArguments, flag_factor, print_quality};
use crate::bulk::Sides;
use crate::dataset::{DatasetId, Manifest};
use crate::factor::Text;
use crate::release::{Catalogue, Ground, NoticeOf, PublishedRelease, ResolveError, publish, restore, supersede, withdraw};

/// What to do with releases.
#[derive(Debug, Subcommand)]
pub(super) enum ReleaseCommand {
    /// Make what was submitted and approved a release, for ever
    Publish {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        #[command(flatten)]
        actor: Actor,
    },
    /// List releases, withdrawn ones included
    List {
        /// Of this dataset alone
        #[arg(value_name = "ID")]
        dataset: Option<DatasetId>,
    },
    /// Show a release: its manifest, and the digest of every file
    Show {
        /// The release, such as cn-electricity-co2@1.2.0
        #[arg(value_name = "ID@VERSION")]
        release: ReleaseName,
    },
    /// Show each factor that differs between two releases of a dataset
    Diff {
        /// The dataset
        #[arg(value_name = "ID")]
        dataset: DatasetId,
        /// The version before: 1.0.0, a range such as ^1, or latest
        from: String,
        /// The version after
        to: String,
        #[command(flatten)]
        shown: DifferenceArguments,
    },
    /// Show the quality of a release: flags, what its factors tell, and what the rules find
    Quality {
        /// The dataset, with a version or range behind @ if wanted
        #[arg(value_name = "ID[@VERSION]")]
        name: String,
    },
    /// Flag a released factor: from now on its number carries the flag, with the reason
    Flag {
        #[command(flatten)]
        what: FlagArguments,
        #[command(flatten)]
        actor: Actor,
    },
    /// Take a flag back
    Unflag {
        #[command(flatten)]
        what: FlagArguments,
        #[command(flatten)]
        actor: Actor,
    },
    /// Withdraw a release: its bytes stay, but `latest` and ranges pass it over
    Withdraw {
        /// The release, such as cn-electricity-co2@1.2.0
        #[arg(value_name = "ID@VERSION")]
        release: ReleaseName,
        /// What is wrong, and what to use instead; everybody will read it
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Take a withdrawal back
    Restore {
        /// The release, such as cn-electricity-co2@1.2.0
        #[arg(value_name = "ID@VERSION")]
        release: ReleaseName,
        /// Why it may be used after all; everybody will read it
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
    /// Say that another release is to be used instead; this one goes on being served
    Supersede {
        /// The release, such as cn-electricity-co2@1.2.0
        #[arg(value_name = "ID@VERSION")]
        release: ReleaseName,
        /// What to use instead
        #[arg(long = "with", value_name = "ID@VERSION")]
        other: ReleaseName,
        /// Why; everybody will read it
        #[arg(long, value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
    },
}

/// Does what was asked with releases.
pub(super) fn release(place: &Place, command: &ReleaseCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        ReleaseCommand::Publish { dataset, actor } => publish_draft(&place.open()?, dataset, actor, output),
        ReleaseCommand::List { dataset } => list(&place.catalogue()?.1, dataset.as_ref(), output),
        ReleaseCommand::Show { release } => {
            let (ground, catalogue) = place.catalogue()?;
            let release = find(&catalogue, release)?;
            show(&ground, &release, output)
        }
        ReleaseCommand::Diff { dataset, from, to, shown } => {
            let (_, catalogue) = place.catalogue()?;
            let (from, to) = (resolve(&catalogue, dataset, from)?, resolve(&catalogue, dataset, to)?);
            let sides = Sides::of_releases(catalogue.dataset(dataset.as_str()).map_err(CliError::fault)?, &from, &to);
            show_difference(&sides, shown, &Value::Null, output)
        }
        ReleaseCommand::Quality { name } => {
            let (ground, catalogue) = place.catalogue()?;
            print_quality(&ground, &catalogue, name, output)
        }
        ReleaseCommand::Flag { what, actor } => flag_factor(&place.open()?, what, actor, true, output),
        ReleaseCommand::Unflag { what, actor } => flag_factor(&place.open()?, what, actor, false, output),
        ReleaseCommand::Withdraw { release, reason, actor } => withdraw_release(&place.open()?, release, reason, actor, output),
        ReleaseCommand::Restore { release, reason, actor } => {
            let seq = restore(&place.open()?, &release.dataset, &release.version, reason, &actor.name())?;
            if output.is_json() {
                return output.json(&json!({"dataset": release.dataset, "version": release.version, "reason": reason.trim(), "seq": seq}));
            }
            output.line(format_args!("restored {release}"))
        }
        ReleaseCommand::Supersede { release, other, reason, actor } => {
            let old = NoticeOf { dataset: &release.dataset, version: &release.version };
            let by = NoticeOf { dataset: &other.dataset, version: &other.version };
            let seq = supersede(&place.open()?, old, by, reason, &actor.name())?;
            if output.is_json() {
                let by = other.to_string();
                return output.json(&json!({"dataset": release.dataset, "version": release.version, "by": by, "seq": seq}));
            }
            output.line(format_args!("{release} is superseded by {other}"))
        }
    }
}

/// A release by its exact name, or a refusal that says which there are.
pub(super) fn find(catalogue: &Catalogue, name: &ReleaseName) -> Result<Arc<PublishedRelease>, CliError> {
    resolve(catalogue, &name.dataset, &name.version.to_string())
}

fn resolve(catalogue: &Catalogue, dataset: &DatasetId, version: &str) -> Result<Arc<PublishedRelease>, CliError> {
    let found = catalogue.dataset(dataset.as_str()).and_then(|releases| releases.resolve(dataset.as_str(), version));
    found.map(|resolved| resolved.release).map_err(|error| not_found(catalogue, dataset.as_str(), &error))
}

/// A release that is not there, and what is.
pub(super) fn not_found(catalogue: &Catalogue, dataset: &str, error: &ResolveError) -> CliError {
    let refusal = Refusal::new(error.code(), error.to_string());
    if let Ok(releases) = catalogue.dataset(dataset) {
        let versions: Vec<String> = releases.all().map(|release| release.version.to_string()).collect();
        return refusal.with(json!({"versions": versions})).hint(format!("it has {}", versions.join(", "))).into();
    }
    let datasets: Vec<&str> = catalogue.datasets().map(|(id, _)| id).collect();
    let known = if datasets.is_empty() { "nothing is released yet".to_owned() } else { format!("there are {}", datasets.join(", ")) };
    refusal.with(json!({"datasets": datasets})).hint(known).into()
}

fn publish_draft(ground: &Ground, dataset: &DatasetId, actor: &Actor, output: &mut Output) -> Result<(), CliError> {
    let progress = Progress::start(format!("publishing {dataset}"));
    let published = publish(ground, dataset, &actor.name())?;
    drop(progress);
    let (version, manifest) = (&published.version, &published.manifest);
    if output.is_json() {
        return output.json(&json!({"dataset": dataset, "version": version, "manifest_digest": manifest, "seq": published.seq}));
    }
    output.line(format_args!("published {dataset}@{version}"))?;
    output.field("manifest", manifest)
}

fn list(catalogue: &Catalogue, dataset: Option<&DatasetId>, output: &mut Output) -> Result<(), CliError> {
    if let Some(dataset) = dataset {
        catalogue.dataset(dataset.as_str()).map_err(|error| not_found(catalogue, dataset.as_str(), &error))?;
    }
    let wanted = catalogue.datasets().filter(|(id, _)| dataset.is_none_or(|dataset| dataset.as_str() == *id));
    let releases: Vec<&Arc<PublishedRelease>> = wanted.flat_map(|(_, releases)| releases.all()).collect();
    if output.is_json() {
        let releases: Vec<Value> = releases.iter().map(|release| members(release)).collect();
        return output.json(&json!({"releases": releases}));
    }
    if releases.is_empty() {
        return output.line("nothing is released yet");
    }
    let mut rows = vec![["RELEASE", "PUBLISHED", "FACTORS", "MANIFEST", ""].map(str::to_owned).to_vec()];
    rows.extend(releases.iter().map(|release| {
        let manifest: String = release.manifest_digest.to_string().chars().take(19).chain(['…']).collect();
        let withdrawn = release.withdrawn.as_ref().map(|why| format!("withdrawn: {}", why.reason)).unwrap_or_default();
        vec![release.id(), release.published_at.clone(), release.manifest.factors.to_string(), manifest, withdrawn]
    }));
    output.table(&rows)
}

/// A release for machines.
fn members(release: &PublishedRelease) -> Value {
    json!({
        "dataset": release.dataset, "version": release.version, "published_at": release.published_at,
        "factors": release.manifest.factors, "manifest_digest": release.manifest_digest, "withdrawn": release.withdrawn
    })
}

/// What `release show --json` prints.
#[derive(serde::Serialize)]
struct Shown<'a> {
    dataset: &'a DatasetId,
    version: &'a semver::Version,
    published_at: &'a str,
    withdrawn: &'a Option<crate::release::Withdrawn>,
    manifest_digest: crate::canon::Digest,
    manifest: &'a RawValue,
    files: &'a [crate::release::FrozenFile],
}

fn show(ground: &Ground, release: &PublishedRelease, output: &mut Output) -> Result<(), CliError> {
    if !output.is_json() {
        return print(release, output);
    }
    // the stored bytes, verified: their digest is the one beside them
    let bytes = ground.blobs().read(release.manifest_digest).map_err(CliError::from_store)?;
    output.json(&Shown {
        dataset: &release.dataset,
        version: &release.version,
        published_at: &release.published_at,
        withdrawn: &release.withdrawn,
        manifest_digest: release.manifest_digest,
        manifest: serde_json::from_slice(&bytes)?,
        files: release.files(),
    })
}

fn print(release: &PublishedRelease, output: &mut Output) -> Result<(), CliError> {
    let manifest = &release.manifest;
    output.line(release.id())?;
    if let Some(why) = &release.withdrawn {
        output.line(format_args!("WITHDRAWN {}: {}", why.at, why.reason))?;
    }
    output.field("title", both(&manifest.metadata.title))?;
    output.field("published", &release.published_at)?;
    output.field("factors", manifest.factors)?;
    output.field("changes", changes(manifest))?;
    output.field("manifest", release.manifest_digest)?;
    output.field("root", manifest.root)?;
    output.field("approvals", format_args!("{} wanted when it was submitted", manifest.approvals.required))?;
    for licence in &manifest.metadata.licences {
        let title = licence.title.as_deref().map(|title| format!(", {title}")).unwrap_or_default();
        output.field("licence", format_args!("{}{title}", licence.id))?;
    }
    for source in &manifest.metadata.sources {
        output.field("source", format_args!("{}: {}", source.id, manifest.metadata.citation(&source.id)))?;
    }
    let mut rows = vec![["FILE", "CODING", "BYTES", "DIGEST"].map(str::to_owned).to_vec()];
    rows.extend(
        release.files().iter().map(|file| vec![file.name.clone(), file.coding.clone(), file.bytes.to_string(), file.sha256.to_string()]),
    );
    output.line("")?;
    output.table(&rows)
}

fn changes(manifest: &Manifest) -> String {
    let counts = counts_line(&manifest.changes.counts);
    match &manifest.previous {
        Some(previous) => format!("since {}: {counts}", previous.version),
        None => format!("first release: {counts}"),
    }
}

/// A text in the languages there are.
fn both(text: &Text) -> String {
    [&text.en, &text.zh].into_iter().flatten().cloned().collect::<Vec<_>>().join(" / ")
}

fn withdraw_release(ground: &Ground, name: &ReleaseName, reason: &str, actor: &Actor, output: &mut Output) -> Result<(), CliError> {
    let seq = withdraw(ground, &name.dataset, &name.version, reason, &actor.name())?;
    if output.is_json() {
        return output.json(&json!({"dataset": name.dataset, "version": name.version, "reason": reason.trim(), "seq": seq}));
    }
    output.line(format_args!("withdrew {name}; its bytes stay readable under its exact version"))?;
    let left = Catalogue::load(ground)?;
    match left.dataset(name.dataset.as_str()).ok().and_then(|releases| releases.latest()) {
        Some(latest) => {
            output.line(format_args!("the latest is now {}, {}", latest.id(), counted(latest.manifest.factors, "factor", "factors")))
        }
        None => output.line(format_args!("{} has no release now that is not withdrawn", name.dataset)),
    }
}
