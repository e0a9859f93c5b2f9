//! The envelope around a canonical line.

use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::compute::{ComputedResult, compute};
use super::elsewhere::{Elsewhere, elsewhere};
use super::notice::{AnswerFlag, answer_flags, blocking};
use super::refusal::Became;
use super::{Existing, Lookup, LookupRefusal, Other, Reason, Selected, Step, Taken, notices, select};
use crate::canon::{Digest, Members, text_of};
use crate::dataset::{Act, Principal};
use crate::factor::exact::plain_json_number;
use crate::factor::{Factor, FlagSeverity, Metric, flags, nearest};
use crate::release::{Catalogue, Denied, Dimension, PublishedRelease, ResolveError, Resolved};

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
    release: &'a RawValue,
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    matched: Option<Match>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<ComputedResult>,
    flags: Vec<AnswerFlag<'a>>,
    licence: &'a RawValue,
    cite: String,
}

/// An answer, ready to be sent.
pub struct Answer {
    /// JSON; the factor inside is the canonical line, byte for byte.
    pub body: Vec<u8>,
    /// The release that it is from.
    pub resolved: Resolved,
    /// The factor's number there.
    pub number: usize,
}

/// What a lookup found.
pub struct Found {
    resolved: Resolved,
    number: usize,
    matched: Match,
    result: ComputedResult,
    cite: String,
}

impl Found {
    /// Writes the answer behind what was written before.
    ///
    /// # Errors
    /// [`LookupRefusal::Damaged`].
    pub fn write(self, catalogue: &Catalogue, who: &Principal, body: &mut Vec<u8>) -> Result<(), LookupRefusal> {
        around((catalogue, who), (&self.resolved.release, self.number), Some((self.matched, self.result)), self.cite, body)
    }
}

/// Answers a lookup from what is released and `who` may read.
///
/// # Errors
/// The [`LookupRefusal`] that says what is wrong or missing.
pub fn answer(catalogue: &Catalogue, lookup: &Lookup, who: &Principal) -> Result<Answer, LookupRefusal> {
    let found = find(catalogue, lookup, who)?;
    let (resolved, number) = (found.resolved.clone(), found.number);
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    found.write(catalogue, who, &mut body)?;
    Ok(Answer { body, resolved, number })
}

/// Finds what a lookup asks for in what is released and `who` may read.
///
/// # Errors
/// As [`answer`].
pub fn find(catalogue: &Catalogue, lookup: &Lookup, who: &Principal) -> Result<Found, LookupRefusal> {
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
    let number = selected.number;
    let (line, _) = read(release, number)?;
    let mut blocking = blocking(catalogue, release, number, who);
    blocking.retain(|flag| !lookup.allow_flags.contains(&flag.as_str()));
    if !blocking.is_empty() {
        return Err(LookupRefusal::Flagged { key: release.data.key(number).to_owned(), flags: blocking });
    }
    let untolerated = warned_later(catalogue, lookup, release, number, who);
    if !untolerated.is_empty() {
        return Err(LookupRefusal::NotTolerated { keys: vec![release.data.key(number).to_owned()], flags: untolerated });
    }
    let told = Told::of(line);
    let result = match told.result(lookup) {
        Some(result) => result,
        None => compute(&Factor::from_line(line).map_err(|error| LookupRefusal::Damaged(error.to_string()))?, lookup)?,
    };
    let cite = told.cite(release, number);
    Ok(Found { number, matched: selected.into(), result, cite, resolved })
}

/// The warnings that were raised after the release and that the caller does not tolerate.
fn warned_later(catalogue: &Catalogue, lookup: &Lookup, release: &PublishedRelease, number: usize, who: &Principal) -> Vec<String> {
    let Some(tolerated) = &lookup.tolerate else { return Vec::new() };
    let warns = |code: &str| flags().get(code).is_some_and(|flag| flag.severity == FlagSeverity::Warning);
    let later = notices(catalogue, release, number, who).into_iter().map(|notice| notice.flag);
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
    let cite = Told::of(read(release, number)?.0).cite(release, number);
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    around((catalogue, who), (release, number), None, cite, &mut body)?;
    Ok(body)
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

/// A line with its digest; damaged bytes are never answered with.
fn read(release: &PublishedRelease, number: usize) -> Result<(&[u8], Digest), LookupRefusal> {
    let damaged = || LookupRefusal::Damaged(format!("line {} of {} is not as it was released", number + 1, release.id()));
    let digest = release.data.digest(number).ok_or_else(damaged)?;
    Ok((release.data.line_bytes(number), digest))
}

/// As much of a line as most answers tell of it: its source, its value with what it is of, and whether anything stands beside it.
#[derive(Default)]
struct Told<'l> {
    value: &'l [u8],
    source: &'l [u8],
    per: &'l [u8],
    gwp: Option<&'l [u8]>,
    metric: &'l [u8],
    beside: bool,
}

impl<'l> Told<'l> {
    fn of(line: &'l [u8]) -> Self {
        let mut told = Self::default();
        for (name, value) in Members::of(line) {
            match name {
                b"value" => told.value = value,
                b"source" => told.source = value,
                b"per" => told.per = value,
                b"gwp" => told.gwp = Some(value),
                b"metric" => told.metric = value,
                b"gases" | b"gases_co2e" | b"stages" | b"uncertainty" => told.beside = true,
                _ => {}
            }
        }
        told
    }

    /// How the factor is cited.
    fn cite(&self, release: &PublishedRelease, number: usize) -> String {
        let member = |wanted: &[u8]| Members::of(self.source).find(|(name, _)| *name == wanted).and_then(|(_, value)| text_of(value));
        release.cite(&member(b"id").unwrap_or_default(), member(b"locator").as_deref(), release.data.key(number))
    }

    /// The result where nothing is to be computed, and nothing stands beside the value that would go with it.
    ///
    /// They are read of the line, which is in hand, and not of the columns, each of which no cache may hold.
    fn result(&self, lookup: &Lookup) -> Option<ComputedResult> {
        let per = text_of(self.per)?;
        let gwp = match self.gwp {
            Some(value) => Some(text_of(value)?),
            None => None,
        };
        let wanted = lookup.per.as_ref().is_none_or(|unit| unit.code() == per);
        let set = lookup.gwp.is_none_or(|set| gwp.as_deref() == Some(set.id.as_str()));
        if self.beside || lookup.amount.is_some() || !wanted || !set {
            return None;
        }
        let value = text_of(self.value)?;
        let value = RawValue::from_string(plain_json_number(&value)?.to_owned()).ok()?;
        Some(ComputedResult::published(value, Metric::from_code(&text_of(self.metric)?)?, &per, gwp.as_deref()))
    }
}

/// Writes a factor with what stands around it.
fn around(
    (catalogue, who): (&Catalogue, &Principal),
    (release, number): (&PublishedRelease, usize),
    found: Option<(Match, ComputedResult)>,
    cite: String,
    body: &mut Vec<u8>,
) -> Result<(), LookupRefusal> {
    let (line, digest) = read(release, number)?;
    let (matched, result) = found.unzip();
    let around = Around {
        digest,
        release: release.reference(),
        matched,
        result,
        flags: answer_flags(catalogue, release, number, who),
        licence: release.licence(),
        cite,
    };
    write_envelope(line, &around, body)
}

/// Puts a canonical line, untouched, into a JSON object before the members of `rest`.
pub fn envelope(line: &[u8], rest: &impl Serialize) -> Result<Vec<u8>, LookupRefusal> {
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    write_envelope(line, rest, &mut body)?;
    Ok(body)
}

/// About as many bytes as an answer has.
const ANSWER_BYTES: usize = 2048;

/// The same behind what was written before.
///
/// # Errors
/// [`LookupRefusal::Damaged`] where `rest` cannot be written.
pub fn write_envelope(line: &[u8], rest: &impl Serialize, body: &mut Vec<u8>) -> Result<(), LookupRefusal> {
    body.extend_from_slice(b"{\"factor\":");
    body.extend_from_slice(line);
    let brace = body.len();
    serde_json::to_writer(&mut *body, rest).map_err(|error| LookupRefusal::Damaged(error.to_string()))?;
    // the object goes on where its own would begin
    if let Some(opening) = body.get_mut(brace) {
        *opening = b',';
    }
    Ok(())
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
