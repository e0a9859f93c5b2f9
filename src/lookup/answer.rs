//! The envelope around a canonical line.

use bytes::Bytes;
use serde::Serialize;
use serde_json::json;

use super::compute::{ComputedResult, compute};
use super::elsewhere::{Elsewhere, elsewhere};
use super::notice::{AnswerFlag, answer_flags, blocking};
use super::refusal::Became;
use super::{Existing, Lookup, LookupRefusal, Other, Reason, Selected, Step, Taken, notices, select};
use crate::canon::Digest;
use crate::dataset::{Act, Licence, Principal};
use crate::factor::{Factor, FlagSeverity, flags, nearest};
use crate::release::{Catalogue, Denied, Dimension, PublishedRelease, ResolveError, Resolved, Withdrawn};

/// Which release an answer is from.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ReleaseRef {
    /// Dataset id.
    pub dataset: String,
    /// Exact version.
    pub version: String,
    /// Digest of the manifest.
    #[schema(value_type = String)]
    pub manifest: Digest,
    /// Set where the release is withdrawn.
    pub withdrawn: Option<Withdrawn>,
}

impl ReleaseRef {
    /// Names a release.
    pub fn of(release: &PublishedRelease) -> Self {
        Self {
            dataset: release.dataset.to_string(),
            version: release.version.to_string(),
            manifest: release.manifest_digest,
            withdrawn: release.withdrawn.clone(),
        }
    }
}

/// How the answer relates to the question.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Match {
    /// Whether every asked dimension is as asked.
    pub exact: bool,
    /// Where it is not.
    pub steps: Vec<Step>,
    /// How many factors matched before a rule picked one.
    pub candidates: usize,
    /// How one of several was taken, and what it beat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_break: Option<Taken>,
    /// Why this one, in the order in which it was asked.
    pub why: Vec<Reason>,
    /// The nearest others, and why not they.
    pub others: Vec<Other>,
}

impl From<Selected> for Match {
    fn from(selected: Selected) -> Self {
        let Selected { steps, candidates, taken, why, others, .. } = selected;
        Self { exact: steps.is_empty(), steps, candidates, tie_break: taken, why, others }
    }
}

/// What stands beside the factor in an answer.
#[derive(Debug, Serialize)]
struct Around<'a> {
    digest: Digest,
    release: ReleaseRef,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    matched: Option<Match>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ComputedResult>,
    flags: Vec<AnswerFlag<'a>>,
    licence: Option<&'a Licence>,
    cite: String,
}

/// An answer, ready to be sent.
pub struct Answer {
    /// JSON; the factor inside is the canonical line, byte for byte.
    pub body: Vec<u8>,
    /// The release that it is from.
    pub resolved: Resolved,
}

/// Answers a lookup from what is released and `who` may read.
///
/// # Errors
/// The [`LookupRefusal`] that says what is wrong or missing.
pub fn answer(catalogue: &Catalogue, lookup: &Lookup, who: &Principal) -> Result<Answer, LookupRefusal> {
    let resolved = catalogue.resolve(&lookup.dataset)?;
    let release = &resolved.release;
    release.permit(who, Act::ReadNames)?;
    let selected = select(&release.data, lookup).map_err(|refusal| {
        let refusal = with_fate(catalogue, lookup, release, refusal);
        with_elsewhere((catalogue, who), lookup, release, refusal)
    })?;
    if let Err(denied) = release.permit(who, Act::ReadNumbers) {
        return Err(with_metadata(denied, release, selected.number));
    }
    let (line, digest, factor) = read(release, selected.number)?;
    let mut blocking = blocking(catalogue, release, &factor, who);
    blocking.retain(|flag| !lookup.allow_flags.contains(&flag.as_str()));
    if !blocking.is_empty() {
        return Err(LookupRefusal::Flagged { key: factor.key, flags: blocking });
    }
    let untolerated = warned_later(catalogue, lookup, release, &factor, who);
    if !untolerated.is_empty() {
        return Err(LookupRefusal::NotTolerated { keys: vec![factor.key], flags: untolerated });
    }
    let result = compute(&factor, lookup)?;
    let body = around((catalogue, who), release, (&line, digest), &factor, Some((selected.into(), result)))?;
    Ok(Answer { body, resolved })
}

/// The warnings that were raised after the release and that the caller does not tolerate.
fn warned_later(catalogue: &Catalogue, lookup: &Lookup, release: &PublishedRelease, factor: &Factor, who: &Principal) -> Vec<String> {
    let Some(tolerated) = &lookup.tolerate else { return Vec::new() };
    let warns = |code: &str| flags().get(code).is_some_and(|flag| flag.severity == FlagSeverity::Warning);
    let later = notices(catalogue, release, factor, who).into_iter().map(|notice| notice.flag);
    let own: std::collections::BTreeSet<&str> = later.filter(|code| warns(code) && !tolerated.contains(code)).collect();
    own.into_iter().map(str::to_owned).collect()
}

/// What is written like a dataset or version that is not there, and what there is: ids and versions are everybody's to see.
pub(crate) fn nearest_release(catalogue: &Catalogue, error: &ResolveError) -> serde_json::Value {
    match error {
        ResolveError::NoDataset(id) => {
            let id = id.split('@').next().unwrap_or_default();
            let all: Vec<&str> = catalogue.datasets().map(|(own, _)| own).collect();
            json!({"parameter": "dataset", "nearest": nearest(id, all.iter().copied()).into_iter().collect::<Vec<_>>(), "valid": all.into_iter().take(50).collect::<Vec<_>>()})
        }
        ResolveError::NoVersion { dataset, .. } => {
            let versions =
                catalogue.dataset(dataset).map(|releases| releases.all().rev().take(50).map(|own| own.version.to_string()).collect());
            json!({"parameter": "dataset", "valid": versions.unwrap_or_else(|_| Vec::<String>::new())})
        }
        ResolveError::Shape(_) => json!({"parameter": "dataset", "valid": ["latest", "1.2.0", "^1", "~1.2"]}),
    }
}

/// One factor of a release: the lookup's answer without `match` and `result`.
///
/// # Errors
/// [`LookupRefusal::Denied`] where `who` may not read it, with what may be told of it.
pub fn factor_answer(catalogue: &Catalogue, release: &PublishedRelease, number: usize, who: &Principal) -> Result<Vec<u8>, LookupRefusal> {
    release.permit(who, Act::ReadNames)?;
    if let Err(denied) = release.permit(who, Act::ReadNumbers) {
        return Err(with_metadata(denied, release, number));
    }
    let (line, digest, factor) = read(release, number)?;
    around((catalogue, who), release, (&line, digest), &factor, None)
}

/// A refusal that tells what the factor is of, so that whoever asked knows that it exists and where to get it.
pub fn with_metadata(mut denied: Box<Denied>, release: &PublishedRelease, number: usize) -> LookupRefusal {
    match release.told_of_factor(number) {
        Ok((factor, cite)) => {
            denied.members.insert("factor".to_owned(), factor.into());
            denied.members.insert("cite".to_owned(), cite.into());
            LookupRefusal::Denied(denied)
        }
        Err(error) => LookupRefusal::Damaged(error.to_string()),
    }
}

/// A line with its digest and its factor; damaged bytes are never answered with.
fn read(release: &PublishedRelease, number: usize) -> Result<(Bytes, Digest, Factor), LookupRefusal> {
    let line = release.data.line(number);
    let damaged = || LookupRefusal::Damaged(format!("line {} of {} is not as it was released", number + 1, release.id()));
    let digest = release.data.digest(number).ok_or_else(damaged)?;
    let factor = Factor::from_line(&line).map_err(|error| LookupRefusal::Damaged(error.to_string()))?;
    Ok((line, digest, factor))
}

fn around(
    (catalogue, who): (&Catalogue, &Principal),
    release: &PublishedRelease,
    (line, digest): (&[u8], Digest),
    factor: &Factor,
    found: Option<(Match, ComputedResult)>,
) -> Result<Vec<u8>, LookupRefusal> {
    let (matched, result) = found.unzip();
    let around = Around {
        digest,
        release: ReleaseRef::of(release),
        matched,
        result,
        flags: answer_flags(catalogue, release, factor, who),
        licence: release.manifest.metadata.licences.first(),
        cite: release.cite(&factor.source.id, factor.source.locator.as_deref(), &factor.key),
    };
    envelope(line, &around)
}

/// Puts a canonical line, untouched, into a JSON object before the members of `rest`.
pub fn envelope(line: &[u8], rest: &impl Serialize) -> Result<Vec<u8>, LookupRefusal> {
    let rest = serde_json::to_vec(rest).map_err(|error| LookupRefusal::Damaged(error.to_string()))?;
    let mut body = Vec::with_capacity(line.len() + rest.len() + 16);
    body.extend_from_slice(b"{\"factor\":");
    body.extend_from_slice(line);
    body.push(b',');
    body.extend_from_slice(rest.get(1..).unwrap_or_default());
    Ok(body)
}

/// Adds to a refusal what became of a key that an earlier release had.
fn with_fate(catalogue: &Catalogue, lookup: &Lookup, asked: &PublishedRelease, refusal: LookupRefusal) -> LookupRefusal {
    let LookupRefusal::NoMatch { detail, existing } = refusal else { return refusal };
    let missing = lookup.key.as_deref().filter(|key| asked.data.find(key).is_none());
    let dataset = catalogue.dataset(asked.dataset.as_str()).ok();
    match missing.and_then(|key| dataset?.fate_of_missing(key, asked)) {
        Some((last, fate)) => {
            let detail = format!("{detail}; {last} had it, and {}", fate.told());
            let became = Some(Became { last: last.to_string(), fate });
            LookupRefusal::NoMatch { detail, existing: Box::new(Existing { became, ..*existing }) }
        }
        None => LookupRefusal::NoMatch { detail, existing },
    }
}

/// Adds to a refusal which other datasets have what was asked for, of those that may be read.
fn with_elsewhere(reader: (&Catalogue, &Principal), lookup: &Lookup, asked: &PublishedRelease, refusal: LookupRefusal) -> LookupRefusal {
    let LookupRefusal::NoMatch { mut detail, mut existing } = refusal else { return refusal };
    let Elsewhere { told, exact } = elsewhere(reader, lookup, asked);
    if let Some(activity) = lookup.activity.as_deref().filter(|_| !exact.is_empty()) {
        detail = format!("{detail}; other datasets have the activity: {}", exact.join(", "));
        if asked.data.index().code_of(Dimension::Activity, activity).is_none() {
            // it is written rightly: what is written like it here is something else
            existing.nearest.clear();
        }
    }
    existing.elsewhere = told;
    LookupRefusal::NoMatch { detail, existing }
}

/// The parts of a refusal for machines.
pub(crate) fn refusal_details(refusal: &LookupRefusal) -> serde_json::Value {
    match refusal {
        LookupRefusal::Missing { parameter, .. } => json!({"parameter": parameter}),
        LookupRefusal::Parameter { parameter, given, valid, .. } => json!({"parameter": parameter, "given": given, "valid": valid}),
        LookupRefusal::NoMatch { existing, .. } => {
            json!({"exists": existing.values, "fallbacks": existing.fallbacks, "nearest": existing.nearest, "became": existing.became, "elsewhere": existing.elsewhere})
        }
        LookupRefusal::Ambiguous { count, dimensions, candidates } => {
            json!({"count": count, "differ_in": dimensions, "candidates": candidates})
        }
        LookupRefusal::Flagged { key, flags } => json!({"key": key, "flags": flags}),
        LookupRefusal::NotTolerated { keys, flags } => json!({"keys": keys, "flags": flags}),
        LookupRefusal::UnitMismatch(mismatch) => {
            json!({"from": mismatch.from, "to": mismatch.to, "from_dimension": mismatch.from_dimension, "to_dimension": mismatch.to_dimension})
        }
        LookupRefusal::GwpUnavailable { key, set, .. } => json!({"key": key, "set": set}),
        LookupRefusal::Denied(denied) => denied.members.clone().into(),
        LookupRefusal::Release(_) | LookupRefusal::Damaged(_) => json!({}),
    }
}
