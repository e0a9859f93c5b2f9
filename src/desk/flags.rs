//! Flags that rules propose for a draft's lines: accepted by a steward they become the line's, dismissed they stay out.
//!
//! Proposals are a blob of canonical lines in order of key and flag. They are made for lines that are new or differ from the
//! base; what was released already stands in the release's quality report.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::DeskError;
use super::crosswalk::put_description;
use super::import::{Base, Description};
use super::submit::description;
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::{DatasetId, Lines};
use crate::draft::{PrepareError, Step, after};
use crate::factor::Factor;
use crate::quality::{Against, DIRECT, Raised, References, examine};
use crate::release::{Catalogue, Dimension, Ground, PublishedRelease, ReleaseError};
use crate::store::{self, BlobWriter, Draft};

/// What became of a proposal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProposalState {
    /// Nobody decided.
    #[default]
    Open,
    /// The flag is the line's.
    Accepted,
    /// A steward said why not.
    Dismissed,
}

/// A flag proposed for a line of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlagProposal {
    /// What was raised.
    #[serde(flatten)]
    pub raised: Raised,
    /// Where it stands.
    #[serde(default)]
    pub state: ProposalState,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Which proposals are meant: all open ones, or those of a flag, a rule, a key.
#[derive(Debug, Clone, Default)]
pub struct Proposals<'a> {
    /// Of this flag.
    pub flag: Option<&'a str>,
    /// Of this rule.
    pub rule: Option<&'a str>,
    /// Of this factor.
    pub key: Option<&'a str>,
}

impl Proposals<'_> {
    /// Whether a proposal is among them.
    pub fn take_in(&self, proposal: &FlagProposal) -> bool {
        let Raised { key, flag, rule, .. } = &proposal.raised;
        self.flag.is_none_or(|own| own == flag) && self.rule.is_none_or(|own| own == rule) && self.key.is_none_or(|own| own == key)
    }
}

/// The direct electricity factors of all latest releases.
///
/// # Errors
/// When what is released does not read.
pub fn references(catalogue: &Catalogue, but: &str) -> Result<References, ReleaseError> {
    let mut references = References::default();
    for release in catalogue.datasets().filter(|(id, _)| *id != but).filter_map(|(_, releases)| releases.latest()) {
        take_references(release, &mut references)
            .map_err(|error| ReleaseError::Damaged { what: format!("a line of {}", release.id()), why: error.to_string() })?;
    }
    Ok(references)
}

fn take_references(release: &PublishedRelease, references: &mut References) -> Result<(), serde_json::Error> {
    let index = release.data.index();
    let Some(direct) = index.code_of(Dimension::Kind, DIRECT) else { return Ok(()) };
    for number in (0..index.len()).filter(|number| index.code(Dimension::Kind, *number) == direct) {
        let factor = Factor::from_line(&release.data.line(number))?;
        references.take(&factor, || format!("{}#{}", release.id(), factor.key));
    }
    Ok(())
}

/// The day of a time as the store writes it.
pub(crate) fn day_of(at: &str) -> String {
    at.chars().take(10).collect()
}

/// Proposes flags for the lines of a draft that the base does not have; what was dismissed before stays dismissed.
pub(super) fn propose_flags(
    ground: &Ground,
    dataset: &DatasetId,
    lines: Digest,
    base: Option<&Base>,
    before: Option<&Description>,
) -> Result<Digest, DeskError> {
    let mut dismissed: BTreeMap<(String, String, String, u32), FlagProposal> = BTreeMap::new();
    if let Some(blob) = before.and_then(|before| before.flags) {
        let all = read(ground, blob)?.into_iter().filter(|proposal| proposal.state == ProposalState::Dismissed);
        let name = |own: &Raised| (own.key.clone(), own.flag.clone(), own.rule.clone(), own.rule_version);
        dismissed.extend(all.map(|proposal| (name(&proposal.raised), proposal)));
    }
    let against = Against { today: day_of(&ground.now()), references: references(&Catalogue::load(ground)?, dataset.as_str())? };
    let mut out = ground.blobs().writer()?;
    let mapped = ground.blobs().map(lines)?;
    let mut old = Lines::new(base.map(|base| &*base.lines).unwrap_or_default()).peekable();
    examine(&mapped, against, |factor, line, raised| {
        while old.peek().map(|old| crate::dataset::key_of(old)).transpose()?.is_some_and(|key| key < factor.key.as_str()) {
            old.next();
        }
        if old.peek() == Some(&line) {
            return Ok::<_, PrepareError>(());
        }
        for raised in raised {
            let name = (raised.key.clone(), raised.flag.clone(), raised.rule.clone(), raised.rule_version);
            let proposal =
                dismissed.remove(&name).unwrap_or(FlagProposal { raised, state: ProposalState::Open, by: None, at: None, reason: None });
            write(&mut out, &proposal)?;
        }
        Ok(())
    })?;
    Ok(out.finish()?.digest)
}

fn write(out: &mut BlobWriter, proposal: &FlagProposal) -> Result<(), PrepareError> {
    out.write_all(&canonical_bytes(proposal)?)?;
    out.write_all(b"\n")?;
    Ok(())
}

fn read(ground: &Ground, blob: Digest) -> Result<Vec<FlagProposal>, DeskError> {
    let damaged = |error: serde_json::Error| ReleaseError::Damaged { what: format!("the proposed flags {blob}"), why: error.to_string() };
    let mapped = ground.blobs().map(blob)?;
    let all: Result<Vec<FlagProposal>, _> = Lines::new(&mapped).map(serde_json::from_slice).collect();
    Ok(all.map_err(damaged)?)
}

fn draft(ground: &Ground, dataset: &DatasetId) -> Result<Draft, DeskError> {
    let draft = ground.database()?.read(|connection| store::draft_get(connection, dataset.as_str()))?;
    Ok(draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?)
}

/// The flags that are proposed for the dataset's draft, in order of key and flag.
///
/// # Errors
/// [`ReleaseError::NoDraft`].
pub fn proposed_flags(ground: &Ground, dataset: &DatasetId) -> Result<Vec<FlagProposal>, DeskError> {
    match description(ground, &draft(ground, dataset)?)?.flags {
        Some(blob) => read(ground, blob),
        None => Ok(Vec::new()),
    }
}

/// Accepts open proposals: their flags become the lines'. Gives how many there were.
///
/// # Errors
/// [`DeskError::NothingNamed`] where none is open; a refusal where the draft is frozen.
pub fn accept_flags(
    ground: &Ground,
    dataset: &DatasetId,
    which: &Proposals<'_>,
    reason: Option<&str>,
    actor: &str,
) -> Result<u64, DeskError> {
    decide(ground, dataset, which, ProposalState::Accepted, reason, actor)
}

/// Dismisses open proposals, with a reason. Gives how many there were.
///
/// # Errors
/// [`DeskError::NoComment`]; [`DeskError::NothingNamed`] where none is open; a refusal where the draft is frozen.
pub fn dismiss_flags(ground: &Ground, dataset: &DatasetId, which: &Proposals<'_>, reason: &str, actor: &str) -> Result<u64, DeskError> {
    if reason.trim().is_empty() {
        return Err(DeskError::NoComment);
    }
    decide(ground, dataset, which, ProposalState::Dismissed, Some(reason), actor)
}

fn decide(
    ground: &Ground,
    dataset: &DatasetId,
    which: &Proposals<'_>,
    state: ProposalState,
    reason: Option<&str>,
    actor: &str,
) -> Result<u64, DeskError> {
    let at = ground.now();
    let draft = draft(ground, dataset)?;
    after(draft.state.as_str(), Step::Edit)?;
    let own = description(ground, &draft)?;
    let proposals = own.flags.map(|blob| read(ground, blob)).transpose()?.unwrap_or_default();
    let (mut decided, mut out) = (0, ground.blobs().writer()?);
    let mut accepted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for proposal in &proposals {
        if proposal.state != ProposalState::Open || !which.take_in(proposal) {
            write(&mut out, proposal)?;
            continue;
        }
        decided += 1;
        if state == ProposalState::Accepted {
            accepted.entry(&proposal.raised.key).or_default().insert(&proposal.raised.flag);
        }
        let (by, at) = (Some(actor.to_owned()), Some(at.clone()));
        write(&mut out, &FlagProposal { state, by, at, reason: reason.map(str::to_owned), ..proposal.clone() })?;
    }
    if decided == 0 {
        return Err(DeskError::NothingNamed("no open proposal is meant: `tanyin draft flags ID list` shows those there are".to_owned()));
    }
    let lines = if accepted.is_empty() { None } else { Some(with_flags(ground, draft.lines_digest, &accepted)?) };
    let description = Description { flags: Some(out.finish()?.digest), ..own };
    let detail = json!({"state": state, "decided": decided, "flag": which.flag, "rule": which.rule, "key": which.key, "reason": reason});
    put_description(ground, &draft, &description, lines, (&at, actor, "draft.flags"), &detail)?;
    Ok(decided)
}

/// The lines with more flags, as a new blob.
fn with_flags(ground: &Ground, lines: Digest, flags: &BTreeMap<&str, BTreeSet<&str>>) -> Result<Digest, DeskError> {
    let mapped = ground.blobs().map(lines)?;
    let mut out = ground.blobs().writer()?;
    for line in Lines::new(&mapped) {
        match flags.get(crate::dataset::key_of(line).map_err(PrepareError::from)?) {
            None => out.write_all(line).map_err(ReleaseError::from)?,
            Some(more) => {
                let mut factor = Factor::from_line(line).map_err(PrepareError::from)?;
                let all: BTreeSet<String> = factor.flags.into_iter().chain(more.iter().map(|flag| (*flag).to_owned())).collect();
                factor.flags = all.into_iter().collect();
                out.write_all(&factor.to_line().map_err(ReleaseError::from)?).map_err(ReleaseError::from)?;
            }
        }
        out.write_all(b"\n").map_err(ReleaseError::from)?;
    }
    Ok(out.finish()?.digest)
}
