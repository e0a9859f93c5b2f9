//! Flags that rules propose for a draft's lines: accepted by a steward they become the line's, dismissed they stay out.
//!
//! Proposals are a blob of canonical lines in order of key and flag. They are made for lines that are new or differ from the
//! base; what was released already stands in the release's quality report.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::DeskError;
use super::crosswalk::put_description;
use super::import::{Base, Description, read_base};
use super::submit::description;
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::{DatasetId, LineReader, Lines, key_of, read_blocks};
use crate::draft::{PrepareError, Step, after};
use crate::factor::Factor;
use crate::quality::{Against, BLOCK_BYTES, DIRECT, Glance, Raised, References, examine};
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
    /// Those alone that are named here: key, flag and rule, parted by tabs.
    pub picked: Option<&'a BTreeSet<String>>,
}

impl Proposals<'_> {
    /// Whether a proposal is among them.
    pub fn take_in(&self, proposal: &FlagProposal) -> bool {
        let Raised { key, flag, rule, .. } = &proposal.raised;
        let named = |picked: &BTreeSet<String>| picked.contains(&format!("{key}\t{flag}\t{rule}"));
        self.picked.is_none_or(named)
            && self.flag.is_none_or(|own| own == flag)
            && self.rule.is_none_or(|own| own == rule)
            && self.key.is_none_or(|own| own == key)
    }
}

/// The direct electricity factors of all latest releases.
///
/// # Errors
/// When what is released does not read.
pub fn references(catalogue: &Catalogue, but: &str) -> Result<References, ReleaseError> {
    let mut references = References::default();
    let latest = catalogue.datasets().filter(|(id, _)| *id != but).filter_map(|(_, releases)| releases.latest());
    // evidence names numbers, and those of a sealed release are for its readers alone
    for release in latest.filter(|release| !release.manifest.sealed) {
        take_references(release, &mut references)
            .map_err(|error| ReleaseError::Damaged { what: format!("a line of {}", release.id()), why: error.to_string() })?;
    }
    Ok(references)
}

fn take_references(release: &PublishedRelease, references: &mut References) -> Result<(), serde_json::Error> {
    let index = release.data.index();
    let Some(direct) = index.code_of(Dimension::Kind, DIRECT) else { return Ok(()) };
    for number in (0..index.len()).filter(|number| index.code(Dimension::Kind, *number) == direct) {
        let line = release.data.line(number);
        let factor = Glance::at(&line)?;
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
    let mut dismissed = BTreeMap::new();
    if let Some(blob) = before.and_then(|before| before.flags) {
        for proposal in read(&ground.blobs().map(blob)?, blob) {
            let proposal = proposal?;
            if proposal.state == ProposalState::Dismissed {
                dismissed.insert(name_of(&proposal.raised), proposal);
            }
        }
    }
    let against = Against { today: day_of(&ground.now()), references: references(&Catalogue::load(ground)?, dataset.as_str())? };
    let mut out = ground.blobs().writer()?;
    // read, not mapped: what was passed does not stay in memory
    ground.blobs().open_blob(lines)?;
    let blocks = || -> Box<dyn Iterator<Item = io::Result<Cow<'_, [u8]>>> + Send> {
        match ground.blobs().open_blob(lines) {
            Ok(file) => Box::new(read_blocks(file, BLOCK_BYTES).map(|block| block.map(Cow::Owned))),
            Err(error) => Box::new(std::iter::once(Err(io::Error::other(error)))),
        }
    };
    let mut old = LineReader::new(read_base(base, ground.blobs())?);
    examine(blocks, against, |line, raised| {
        let mut stands = old.peek()? == Some(line);
        if !stands && old.peek()?.is_some() {
            let key = key_of(line)?;
            while old.peek()?.map(key_of).transpose()?.is_some_and(|own| own < key) {
                old.pass();
            }
            stands = old.peek()? == Some(line);
        }
        if stands {
            old.pass();
            return Ok::<_, PrepareError>(());
        }
        for raised in raised {
            let known = if dismissed.is_empty() { None } else { dismissed.remove(&name_of(&raised)) };
            let proposal = known.unwrap_or(FlagProposal { raised, state: ProposalState::Open, by: None, at: None, reason: None });
            write(&mut out, &proposal)?;
        }
        Ok(())
    })?;
    Ok(out.finish()?.digest)
}

/// What makes two proposals the same one.
fn name_of(raised: &Raised) -> (String, String, String, u32) {
    (raised.key.clone(), raised.flag.clone(), raised.rule.clone(), raised.rule_version)
}

fn write(out: &mut BlobWriter, proposal: &FlagProposal) -> Result<(), PrepareError> {
    out.write_all(&canonical_bytes(proposal)?)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The proposals of a blob, one by one.
fn read(lines: &[u8], blob: Digest) -> impl Iterator<Item = Result<FlagProposal, ReleaseError>> {
    Lines::new(lines).map(move |line| proposal(line, blob))
}

fn proposal(line: &[u8], blob: Digest) -> Result<FlagProposal, ReleaseError> {
    serde_json::from_slice(line).map_err(|error| damaged(blob, &error))
}

fn damaged(blob: Digest, error: &serde_json::Error) -> ReleaseError {
    ReleaseError::Damaged { what: format!("the proposed flags {blob}"), why: error.to_string() }
}

fn draft(ground: &Ground, dataset: &DatasetId) -> Result<Draft, DeskError> {
    let draft = ground.database()?.read(|connection| store::draft_get(connection, dataset.as_str()))?;
    Ok(draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?)
}

/// Hands out the flags that are proposed for the dataset's draft, in order of key and flag, one by one.
///
/// # Errors
/// [`ReleaseError::NoDraft`]; what `take` returns.
pub fn each_proposed_flag(
    ground: &Ground,
    dataset: &DatasetId,
    mut take: impl FnMut(FlagProposal) -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    each_line(ground, dataset, |line, blob| take(proposal(line, blob)?))
}

/// Hands out the lines of the proposals for the dataset's draft, and the blob that they stand in.
fn each_line(ground: &Ground, dataset: &DatasetId, mut take: impl FnMut(&[u8], Digest) -> Result<(), DeskError>) -> Result<(), DeskError> {
    let Some(blob) = description(ground, &draft(ground, dataset)?)?.flags else { return Ok(()) };
    let mut lines = LineReader::new(ground.blobs().open_blob(blob)?);
    while let Some(line) = lines.peek().map_err(ReleaseError::from)? {
        take(line, blob)?;
        lines.pass();
    }
    Ok(())
}

/// How many open proposals there are of each flag.
///
/// # Errors
/// [`ReleaseError::NoDraft`].
pub fn count_open_flags(ground: &Ground, dataset: &DatasetId) -> Result<BTreeMap<String, u64>, DeskError> {
    #[derive(Deserialize)]
    struct Counted<'a> {
        #[serde(borrow)]
        flag: Cow<'a, str>,
        #[serde(default)]
        state: ProposalState,
    }
    let mut counts = BTreeMap::new();
    each_line(ground, dataset, |line, blob| {
        let own: Counted<'_> = serde_json::from_slice(line).map_err(|error| damaged(blob, &error))?;
        if own.state != ProposalState::Open {
            return Ok(());
        }
        match counts.get_mut(&*own.flag) {
            Some(count) => *count += 1,
            None => drop(counts.insert(own.flag.into_owned(), 1)),
        }
        Ok(())
    })?;
    Ok(counts)
}

/// The flags that are proposed, all at once.
///
/// # Errors
/// [`ReleaseError::NoDraft`].
pub fn proposed_flags(ground: &Ground, dataset: &DatasetId) -> Result<Vec<FlagProposal>, DeskError> {
    let mut all = Vec::new();
    each_proposed_flag(ground, dataset, |proposal| {
        all.push(proposal);
        Ok(())
    })?;
    Ok(all)
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
    let nothing = || DeskError::NothingNamed("no open proposal is meant: `tanyin draft flags ID list` shows those there are".to_owned());
    let blob = own.flags.ok_or_else(nothing)?;
    let proposals = ground.blobs().map(blob)?;
    let meant = |proposal: &FlagProposal| proposal.state == ProposalState::Open && which.take_in(proposal);
    let (mut decided, mut out) = (0, ground.blobs().writer()?);
    for proposal in read(&proposals, blob) {
        let mut proposal = proposal?;
        if meant(&proposal) {
            decided += 1;
            let (by, at, reason) = (Some(actor.to_owned()), Some(at.clone()), reason.map(str::to_owned));
            proposal = FlagProposal { state, by, at, reason, ..proposal };
        }
        write(&mut out, &proposal)?;
    }
    if decided == 0 {
        return Err(nothing());
    }
    let accepted = read(&proposals, blob).filter(|proposal| proposal.as_ref().is_ok_and(meant));
    let lines = if state == ProposalState::Accepted { Some(with_flags(ground, draft.lines_digest, accepted)?) } else { None };
    let description = Description { flags: Some(out.finish()?.digest), ..own };
    let detail = json!({"state": state, "decided": decided, "flag": which.flag, "rule": which.rule, "key": which.key, "reason": reason});
    put_description(ground, &draft, &description, lines, (&at, actor, "draft.flags"), &detail)?;
    Ok(decided)
}

/// The lines with more flags, given in order of key, as a new blob.
fn with_flags(ground: &Ground, lines: Digest, more: impl Iterator<Item = Result<FlagProposal, ReleaseError>>) -> Result<Digest, DeskError> {
    let mapped = ground.blobs().map(lines)?;
    let (mut out, mut more) = (ground.blobs().writer()?, more.filter_map(Result::ok).map(|own| own.raised).peekable());
    for line in Lines::new(&mapped) {
        let key = key_of(line).map_err(PrepareError::from)?;
        let mut flags = BTreeSet::new();
        while let Some(own) = more.next_if(|own| own.key.as_str() <= key) {
            if own.key == key {
                flags.insert(own.flag);
            }
        }
        if flags.is_empty() {
            out.write_all(line).map_err(ReleaseError::from)?;
        } else {
            let mut factor = Factor::from_line(line).map_err(PrepareError::from)?;
            flags.extend(factor.flags);
            factor.flags = flags.into_iter().collect();
            out.write_all(&factor.to_line().map_err(ReleaseError::from)?).map_err(ReleaseError::from)?;
        }
        out.write_all(b"\n").map_err(ReleaseError::from)?;
    }
    Ok(out.finish()?.digest)
}
