//! The quality of a release in numbers: flags, what is known of its factors, and what the rules find.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::examine::{Against, Raised, examine};
use crate::dataset::blocks_of;
use crate::factor::{Factor, FlagSeverity, flags};

/// Findings of rules that are listed; beyond them they are counted.
pub const LISTED_RAISED: usize = 200;

/// Lines of about so many bytes are examined at a time.
pub const BLOCK_BYTES: usize = 512 << 10;

/// Outliers that are listed.
const LISTED_OUTLIERS: usize = 100;

/// How often a flag stands on factors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FlagCount {
    /// How much it matters.
    pub severity: FlagSeverity,
    /// Factors that carry it in the release.
    pub released: u64,
    /// Factors that got it later, by a public fact.
    pub later: u64,
    /// Factors that do not carry it, and for which a rule proposes it.
    pub raised: u64,
}

/// How many factors tell something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Share {
    /// How many.
    pub factors: u64,
    /// Of all, in percent, cut after one decimal.
    pub percent: String,
}

/// The quality of the factors of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct QualityReport {
    /// The day that validities were compared with.
    pub as_of: String,
    /// How many factors.
    pub factors: u64,
    /// By flag.
    pub flags: BTreeMap<String, FlagCount>,
    /// Factors that carry at least one flag of the severity (`block`, `warning`, `info`), and those without any (`none`).
    pub severities: BTreeMap<&'static str, u64>,
    /// By kind.
    pub kinds: BTreeMap<String, u64>,
    /// By data year; `none` where there is none.
    pub years: BTreeMap<String, u64>,
    /// What is told: uncertainty, dqr, gases, locator, value_text, year, boundary, source_level, classifications.
    pub told: BTreeMap<&'static str, Share>,
    /// The mean of these shares: how complete the release is, in percent, cut after one decimal.
    pub completeness: String,
    /// Data quality ratings: by scheme, as published and as computed from the scores.
    pub dqr: BTreeMap<String, DqrCount>,
    /// What rules propose and the release does not carry, in order of key.
    pub raised: Vec<Raised>,
    /// How much of it there is.
    pub raised_total: u64,
    /// Of what is raised, the factors far from their peers; at most a hundred.
    pub outliers: Vec<Raised>,
}

/// Data quality ratings of one scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct DqrCount {
    /// With scores.
    pub vectors: u64,
    /// With an aggregate that the source published.
    pub published: u64,
    /// With an aggregate that was computed from the scores.
    pub computed: u64,
}

const MEMBERS: [&str; 9] = ["uncertainty", "dqr", "gases", "locator", "value_text", "year", "boundary", "source_level", "classifications"];

fn tells(factor: &Factor) -> [bool; 9] {
    [
        factor.uncertainty.is_some(),
        factor.quality.is_some(),
        !factor.gases.is_empty() || !factor.gases_co2e.is_empty(),
        factor.source.locator.is_some(),
        factor.source.value_text.is_some(),
        factor.year.is_some() || !factor.period.is_empty(),
        factor.boundary.is_some(),
        factor.source.level.is_some(),
        !factor.classifications.is_empty(),
    ]
}

/// Examines the lines of a release. `later` gives the flags that a factor got after its release.
///
/// # Errors
/// When a line does not read.
pub fn report(lines: &[u8], against: Against, later: impl Fn(&Factor) -> Vec<&'static str>) -> io::Result<QualityReport> {
    let mut told = [0_u64; 9];
    let mut report = QualityReport {
        as_of: against.today.clone(),
        factors: 0,
        flags: BTreeMap::new(),
        severities: ["block", "warning", "info", "none"].map(|severity| (severity, 0)).into(),
        kinds: BTreeMap::new(),
        years: BTreeMap::new(),
        told: BTreeMap::new(),
        completeness: String::new(),
        dqr: BTreeMap::new(),
        raised: Vec::new(),
        raised_total: 0,
        outliers: Vec::new(),
    };
    let blocks = || blocks_of(lines, BLOCK_BYTES).map(|block| Ok(Cow::Borrowed(block)));
    examine(blocks, against, |line, raised| {
        let factor = &Factor::from_line(line)?;
        report.factors += 1;
        *report.kinds.entry(factor.kind.clone()).or_default() += 1;
        *report.years.entry(factor.year.map_or_else(|| "none".to_owned(), |year| year.to_string())).or_default() += 1;
        told.iter_mut().zip(tells(factor)).for_each(|(count, tells)| *count += u64::from(tells));
        report.take_quality(factor);
        report.take_flags(factor, &later(factor), &raised);
        for own in raised {
            report.raised_total += 1;
            if own.flag == "outlier" && report.outliers.len() < LISTED_OUTLIERS {
                report.outliers.push(own.clone());
            }
            if report.raised.len() < LISTED_RAISED {
                report.raised.push(own);
            }
        }
        Ok::<_, io::Error>(())
    })?;
    let all = report.factors;
    report.told = MEMBERS.into_iter().zip(told).map(|(name, factors)| (name, Share { factors, percent: percent(factors, all) })).collect();
    report.completeness = percent(told.iter().sum(), all * 9);
    Ok(report)
}

/// A share in percent, cut after one decimal.
fn percent(part: u64, all: u64) -> String {
    let tenths = part.saturating_mul(1000).checked_div(all).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn severity_word(severity: FlagSeverity) -> &'static str {
    match severity {
        FlagSeverity::Info => "info",
        FlagSeverity::Warning => "warning",
        FlagSeverity::Block => "block",
    }
}

impl QualityReport {
    fn count(&mut self, flag: &str, add: impl FnOnce(&mut FlagCount)) {
        let severity = flags().get(flag).map_or(FlagSeverity::Info, |flag| flag.severity);
        add(self.flags.entry(flag.to_owned()).or_insert(FlagCount { severity, released: 0, later: 0, raised: 0 }));
    }

    fn take_flags(&mut self, factor: &Factor, later: &[&str], raised: &[Raised]) {
        factor.flags.iter().for_each(|flag| self.count(flag, |count| count.released += 1));
        later.iter().for_each(|flag| self.count(flag, |count| count.later += 1));
        raised.iter().for_each(|own| self.count(&own.flag, |count| count.raised += 1));
        let carried = factor.flags.iter().map(String::as_str).chain(later.iter().copied());
        let worst = carried.filter_map(|flag| flags().get(flag)).map(|flag| flag.severity);
        let severities: std::collections::BTreeSet<FlagSeverity> = worst.collect();
        if severities.is_empty() {
            *self.severities.entry("none").or_default() += 1;
        }
        for severity in severities {
            *self.severities.entry(severity_word(severity)).or_default() += 1;
        }
    }

    fn take_quality(&mut self, factor: &Factor) {
        let Some(quality) = &factor.quality else { return };
        let count = self.dqr.entry(quality.scheme.clone()).or_default();
        count.vectors += u64::from(!quality.scores.is_empty());
        if quality.dqr.is_some() {
            let computed = quality.dqr == quality.computed_dqr();
            count.computed += u64::from(computed);
            count.published += u64::from(!computed);
        }
    }
}
