//! `tanyin release quality`, `flag`, `unflag`: what is known of the quality of released factors, and flags by people.

use clap::Args;
use serde_json::json;

use super::arguments::{Actor, ReleaseName};
use super::flags::flag as read_flag;
use super::outcome::{CliError, Refusal};
use super::output::{Output, counted, grouped};
use crate::audit::release_quality;
use crate::factor::flags;
use crate::release::{Catalogue, FlagOf, Ground, ResolveError, flag, unflag};

/// Findings that are shown; --json lists more.
const LISTED: usize = 20;

/// A factor, a flag, and why.
#[derive(Debug, Args)]
pub(super) struct FlagArguments {
    /// A release that holds the factor, such as cn-electricity-co2@1.2.0
    #[arg(value_name = "ID@VERSION")]
    release: ReleaseName,
    /// Key of the factor
    key: String,
    /// The flag, such as value_disputed
    #[arg(long, value_parser = read_flag)]
    flag: String,
    /// Why; everybody will read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Raises a flag or takes it back.
pub(super) fn flag_factor(ground: &Ground, what: &FlagArguments, actor: &Actor, raise: bool, output: &mut Output) -> Result<(), CliError> {
    let FlagArguments { release, key, flag: code, reason } = what;
    let of = FlagOf { dataset: &release.dataset, version: &release.version, key, flag: code };
    let seq = if raise { flag(ground, of, reason, &actor.name())? } else { unflag(ground, of, reason, &actor.name())? };
    if output.is_json() {
        let by = actor.name();
        return output.json(&json!({
            "dataset": release.dataset, "version": release.version, "key": key, "flag": code, "reason": reason.trim(), "by": by, "seq": seq
        }));
    }
    let word = if raise { "flagged" } else { "no longer flagged" };
    output
        .line(format_args!("{release}#{key} is {word} {code}; every release of {} that holds the same line tells it", release.dataset))?;
    let blocks = flags().get(code.as_str()).is_some_and(|flag| flag.severity == crate::factor::FlagSeverity::Block);
    if raise && blocks {
        output.line(format_args!("the flag blocks: lookups answer 409 until they name it in allow_flags={code}"))?;
    }
    Ok(())
}

/// Prints the quality of a release.
pub(super) fn print_quality(ground: &Ground, catalogue: &Catalogue, name: &str, output: &mut Output) -> Result<(), CliError> {
    let unknown = |error: ResolveError| CliError::from(Refusal::new(error.code(), error.to_string()));
    let release = catalogue.resolve(name).map_err(unknown)?.release;
    let found = release_quality(ground, catalogue, &release, &ground.now())?;
    if output.is_json() {
        return output.json(&found);
    }
    let report = &found.report;
    output.line(format_args!("{}, {}, as of {}", release.id(), counted(report.factors, "factor", "factors"), report.as_of))?;
    let listed = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    output.field("kinds", listed(report.kinds.iter().map(|(kind, count)| format!("{kind}: {}", grouped(*count))).collect()))?;
    output.field("years", listed(report.years.iter().map(|(year, count)| format!("{year}: {}", grouped(*count))).collect()))?;
    output.field("told", listed(report.told.iter().map(|(name, share)| format!("{name} {} %", share.percent)).collect()))?;
    output.field("complete", format_args!("{} %", report.completeness))?;
    let severities = report.severities.iter().map(|(severity, count)| format!("{severity}: {}", grouped(*count)));
    output.field("severity", severities.collect::<Vec<_>>().join(", "))?;
    for (flag, count) in &report.flags {
        let told = format!("{} in the release, {} later, {} proposed by rules", count.released, count.later, count.raised);
        output.field("flag", format_args!("{flag}: {told}"))?;
    }
    output.field(
        "import",
        format_args!("{} rows, {} warnings, {} notes", found.import.rows, found.import.findings.warning, found.import.findings.info),
    )?;
    for raised in report.raised.iter().take(LISTED) {
        output.line(format_args!("  {}  {}", raised.flag, raised.key))?;
        output.line(format_args!("      {} [{} {}]", raised.evidence, raised.rule, raised.rule_version))?;
    }
    match report.raised_total.saturating_sub(report.raised.len().min(LISTED) as u64) {
        0 => Ok(()),
        more => output.line(format_args!("… and {} more; --json lists {}", grouped(more), crate::quality::LISTED_RAISED)),
    }
}
