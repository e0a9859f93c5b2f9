//! Making and moving pins: everything that goes into the file was proved, by a log that grew from what the file has seen.

use std::cell::RefCell;
use std::collections::BTreeMap;

use semver::Version;
use serde_json::Value;

use super::file::note_lines;
use super::{
    LOCK_FORMAT, LockFileError, LockSource, LockedAmount, LockedFactor, LockedLog, LockedRelease, Lockfile, ReleaseState, Requirement,
    SourceError, emission,
};
use crate::audit::{ProofRefusal, Proved, Trust, check_proof};
use crate::canon::Digest;
use crate::dataset::DatasetId;
use crate::release::{LineProof, ReleaseProof};
use crate::tlog::{Checkpoint, LogProof, check_consistency, hash_text, parse_hash};

/// How often proofs are asked for again when a log grows between two answers.
const ATTEMPTS: usize = 5;

/// Why a lockfile is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Nobody answered, or with a refusal.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The file itself.
    #[error(transparent)]
    File(#[from] LockFileError),
    /// An answer that is not proved.
    #[error("{place} gave a proof of {what} that does not hold: {refusal}")]
    Unproved {
        /// Who gave it.
        place: String,
        /// Of what.
        what: String,
        /// The link that does not hold.
        refusal: ProofRefusal,
    },
    /// Two histories.
    #[error("FORK: {0}")]
    Fork(String),
    /// An older history than was seen.
    #[error("ROLLBACK: {0}")]
    Rollback(String),
    /// Another log.
    #[error("the file is of the log `{own}`, and {place} shows the log `{shown}`: keep one lockfile a log")]
    OtherLog {
        /// The file's.
        own: String,
        /// Who shows another.
        place: String,
        /// Which.
        shown: String,
    },
    /// Nothing fits.
    #[error("`{dataset}` has no release within `{requirement}` that stands; there are {there}")]
    NoRelease {
        /// The dataset.
        dataset: String,
        /// What was asked for.
        requirement: String,
        /// Its versions.
        there: String,
    },
    /// No such factor.
    #[error("{release} has no factor `{key}`")]
    NoFactor {
        /// `dataset@version`.
        release: String,
        /// What was asked for.
        key: String,
    },
    /// The amount does not belong to the factor.
    #[error("{what}: {why}")]
    Amount {
        /// The factor.
        what: String,
        /// Why it cannot be counted.
        why: String,
    },
}

/// What is to be pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The dataset.
    pub dataset: DatasetId,
    /// The key.
    pub key: String,
    /// What it is used for.
    pub label: Option<String>,
    /// Which versions are accepted.
    pub requirement: Requirement,
    /// The one to pin.
    pub version: Version,
    /// The amount whose emission is counted.
    pub amount: Option<LockedAmount>,
}

impl Pin {
    /// As it stands in the file.
    pub fn of(factor: &LockedFactor) -> Self {
        Self {
            dataset: factor.dataset.clone(),
            key: factor.key.clone(),
            label: factor.label.clone(),
            requirement: factor.requirement.clone(),
            version: factor.version.clone(),
            amount: factor.amount.clone(),
        }
    }

    fn id(&self) -> String {
        format!("{}@{}#{}", self.dataset, self.version, self.key)
    }
}

/// A conversation with a source: what it says is proved, and all of it is one history that goes on from the file's.
pub struct Session<'a> {
    source: &'a dyn LockSource,
    trust: &'a Trust,
    /// The newest checkpoint that was seen: the file's at first.
    seen: RefCell<Option<Checkpoint>>,
}

impl<'a> Session<'a> {
    /// Goes on from what a file has seen; the file was checked.
    pub fn new(source: &'a dyn LockSource, trust: &'a Trust, file: Option<&Lockfile>) -> Self {
        Self { source, trust, seen: RefCell::new(file.and_then(|file| file.log.seen())) }
    }

    /// Whom it is with.
    pub fn source(&self) -> &dyn LockSource {
        self.source
    }

    /// The newest release of a dataset that a requirement accepts.
    ///
    /// # Errors
    /// [`LockError::NoRelease`], [`LockError::Source`].
    pub fn resolve(&self, dataset: &DatasetId, requirement: &Requirement) -> Result<ReleaseState, LockError> {
        let releases = self.source.releases(dataset)?;
        requirement.newest(&releases).cloned().ok_or_else(|| {
            let told =
                |release: &ReleaseState| format!("{}{}", release.version, if release.withdrawn.is_some() { " (withdrawn)" } else { "" });
            let there: Vec<String> = releases.iter().map(told).collect();
            LockError::NoRelease { dataset: dataset.to_string(), requirement: requirement.to_string(), there: there.join(", ") }
        })
    }

    /// A proof that holds, of a release or of a factor of it; nothing where it has no such factor.
    ///
    /// # Errors
    /// [`LockError::Unproved`], [`LockError::Fork`], [`LockError::Rollback`], [`LockError::OtherLog`], [`LockError::Source`].
    pub fn prove(&self, dataset: &DatasetId, version: &Version, key: Option<&str>) -> Result<Option<(ReleaseProof, Proved)>, LockError> {
        let Some(proof) = self.source.proof(dataset, version, key)? else { return Ok(None) };
        let what = key.map_or_else(|| format!("{dataset}@{version}"), |key| format!("{dataset}@{version}#{key}"));
        let asked = (&proof.dataset, &proof.version, proof.factor.as_ref().map(|line| line.key.as_str())) == (dataset, version, key);
        if !asked {
            let why = format!("it was asked for {what} and tells of {}@{}", proof.dataset, proof.version);
            return Err(SourceError::Unreachable { place: self.source.place(), why }.into());
        }
        let place = || self.source.place();
        let proved = check_proof(&proof, self.trust).map_err(|refusal| LockError::Unproved { place: place(), what, refusal })?;
        self.grown(&proved.opened.checkpoint)?;
        Ok(Some((proof, proved)))
    }

    /// Whether a checkpoint and what was seen before are of one history.
    fn grown(&self, shown: &Checkpoint) -> Result<(), LockError> {
        let mut seen = self.seen.borrow_mut();
        let Some(own) = seen.as_ref() else {
            *seen = Some(shown.clone());
            return Ok(());
        };
        let place = self.source.place();
        if own.origin != shown.origin {
            return Err(LockError::OtherLog { own: own.origin.clone(), place, shown: shown.origin.clone() });
        }
        if own == shown {
            return Ok(());
        }
        let before = format!("a checkpoint of {} leaves under the root {} was seen before", own.size, hash_text(&own.root));
        if shown.size < own.size {
            return Err(LockError::Rollback(format!("{before}, and {place} shows one of {} leaves; nothing was changed", shown.size)));
        }
        let fork = |why: String| LockError::Fork(format!("{before}, and {place} {why}: two histories; keep both, and nothing was changed"));
        if shown.size == own.size {
            return Err(fork(format!("shows as many under the root {}", hash_text(&shown.root))));
        }
        let texts = self.source.consistency(own.size, shown.size)?;
        let path: Option<Vec<Digest>> = texts.iter().map(|hash| parse_hash(hash)).collect();
        let held = path.map(|path| check_consistency(own.size, shown.size, &path, &own.root, &shown.root));
        match held {
            Some(Ok(())) => {
                *seen = Some(shown.clone());
                Ok(())
            }
            Some(Err(error)) => Err(fork(format!("cannot prove that its log of {} leaves grew from it ({error})", shown.size))),
            None => Err(fork("gives hashes that do not read as the proof that its log grew from it".to_owned())),
        }
    }

    /// The file with exactly these pins: all releases proved under one checkpoint, what did not move as it was.
    ///
    /// # Errors
    /// As [`Session::prove`]; [`LockError::NoFactor`], [`LockError::Amount`]. A release whose leaf is another than in the file
    /// is a fork.
    pub fn lock(&self, old: Option<&Lockfile>, pins: &[Pin]) -> Result<Lockfile, LockError> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match self.attempt(old, pins)? {
                Ok(file) => return Ok(file),
                Err(moved) => last = Some(moved),
            }
        }
        let why = format!("its log grows faster than it can be asked: {}", last.unwrap_or_default());
        Err(SourceError::Unreachable { place: self.source.place(), why }.into())
    }

    /// As [`Session::lock`]; the inner error: the log grew between two answers.
    fn attempt(&self, old: Option<&Lockfile>, pins: &[Pin]) -> Result<Result<Lockfile, String>, LockError> {
        let mut releases: BTreeMap<(&str, &Version), LockedRelease> = BTreeMap::new();
        let mut factors = Vec::new();
        let mut checkpoint: Option<(String, Checkpoint)> = None;
        for pin in pins {
            let kept = old.and_then(|old| same_line(old, pin));
            let own = (pin.dataset.as_str(), &pin.version);
            let known = releases.contains_key(&own);
            if !known || kept.is_none() {
                let key = if kept.is_none() { Some(pin.key.as_str()) } else { None };
                let missing = || LockError::NoFactor { release: format!("{}@{}", pin.dataset, pin.version), key: pin.key.clone() };
                let answer =
                    self.prove(&pin.dataset, &pin.version, key).map_err(|error| self.lost(old, (&pin.dataset, &pin.version), error))?;
                let (proof, proved) = answer.ok_or_else(missing)?;
                let shown = &proved.opened;
                match &checkpoint {
                    None => checkpoint = Some((shown.note.clone(), shown.checkpoint.clone())),
                    Some((_, first)) if *first != shown.checkpoint => {
                        return Ok(Err(format!("{} leaves, then {}", first.size, shown.checkpoint.size)));
                    }
                    Some(_) => {}
                }
                if let Some(line) = &proof.factor {
                    factors.push(pinned(pin, line, &proved)?);
                }
                if !known {
                    releases.insert(own, self.locked_release(&proof, old)?);
                }
            }
            if let Some(kept) = kept {
                let factor = crate::factor::Factor::from_line(kept.line().unwrap_or_default().as_bytes()).ok();
                countable(pin, factor.as_ref())?;
                let (requirement, amount) = (pin.requirement.clone(), pin.amount.clone());
                factors.push(LockedFactor { label: pin.label.clone(), requirement, amount, ..kept.clone() });
            }
        }
        let Some((note, shown)) = checkpoint else { return Ok(Err("nothing is pinned".to_owned())) };
        factors.sort_by(|a, b| a.order().cmp(&b.order()));
        let keys = self.trust.keys().iter().filter(|key| key.name() == shown.origin).map(ToString::to_string).collect();
        Ok(Ok(Lockfile {
            format: LOCK_FORMAT.to_owned(),
            server: self.source.server().or_else(|| old.and_then(|old| old.server.clone())),
            log: LockedLog { origin: shown.origin, keys, checkpoint: note_lines(&note) },
            factors,
            releases: releases.into_values().collect(),
        }))
    }

    /// Whether every release of a file stands where it stood, in a log that grew from the file's: asked even where nothing moves.
    ///
    /// # Errors
    /// As [`Session::prove`].
    pub fn confirm(&self, lock: &Lockfile) -> Result<(), LockError> {
        for release in &lock.releases {
            let (dataset, version) = (&release.dataset, &release.version);
            let answer = self.prove(dataset, version, None).map_err(|error| self.lost(Some(lock), (dataset, version), error))?;
            if let Some((proof, _)) = answer {
                self.locked_release(&proof, Some(lock))?;
            }
        }
        Ok(())
    }

    /// A release that the file has, and that is not there any more, was taken back.
    fn lost(&self, old: Option<&Lockfile>, (dataset, version): (&DatasetId, &Version), error: LockError) -> LockError {
        match &error {
            LockError::Source(SourceError::Refused { code, .. })
                if code.starts_with("no-") && old.and_then(|old| old.release(dataset, version)).is_some() =>
            {
                let place = self.source.place();
                LockError::Rollback(format!("{dataset}@{version} is pinned, and {place} has no such release; nothing was changed"))
            }
            _ => error,
        }
    }

    fn locked_release(&self, proof: &ReleaseProof, old: Option<&Lockfile>) -> Result<LockedRelease, LockError> {
        let id = format!("{}@{}", proof.dataset, proof.version);
        let unread = |why: String| SourceError::Unreachable { place: self.source.place(), why: format!("the proof of {id}: {why}") };
        let log = LogProof::parse(&proof.proof).map_err(|error| unread(error.to_string()))?;
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(|error| unread(error.to_string()));
        let release = LockedRelease {
            dataset: proof.dataset.clone(),
            version: proof.version.clone(),
            manifest: json(proof.manifest.as_bytes())?,
            salt: proof.salt,
            approvals: proof.approvals.as_deref().map(note_lines),
            leaf: json(log.extra.as_deref().unwrap_or_default())?,
            index: log.index,
            inclusion: log.path.iter().map(hash_text).collect(),
        };
        match old.and_then(|old| old.release(&release.dataset, &release.version)) {
            Some(own) if (own.index, &own.leaf) != (release.index, &release.leaf) => {
                let now = format!("leaf {} of the log, and {} proves it as leaf {}", own.index, self.source.place(), release.index);
                Err(LockError::Fork(format!("{id} was {now}, which says {}; nothing was changed", release.leaf)))
            }
            _ => Ok(release),
        }
    }
}

/// The line that the file has already of this factor in this release.
fn same_line<'l>(old: &'l Lockfile, pin: &Pin) -> Option<&'l LockedFactor> {
    old.factors.iter().find(|own| (&own.dataset, &own.version, &own.key) == (&pin.dataset, &pin.version, &pin.key))
}

fn countable(pin: &Pin, factor: Option<&crate::factor::Factor>) -> Result<(), LockError> {
    match (factor, &pin.amount) {
        (Some(factor), Some(amount)) => emission(factor, amount).map(drop).map_err(|why| LockError::Amount { what: pin.id(), why }),
        _ => Ok(()),
    }
}

fn pinned(pin: &Pin, line: &LineProof, proved: &Proved) -> Result<LockedFactor, LockError> {
    countable(pin, proved.factor.as_ref())?;
    let shape = |error: serde_json::Error| LockFileError::Shape(error.to_string());
    Ok(LockedFactor {
        dataset: pin.dataset.clone(),
        key: pin.key.clone(),
        label: pin.label.clone(),
        requirement: pin.requirement.clone(),
        version: pin.version.clone(),
        amount: pin.amount.clone(),
        digest: line.digest,
        factor: serde_json::from_str(&line.line).map_err(shape)?,
        salt: line.salt,
        index: line.index,
        inclusion: line.inclusion.clone(),
    })
}
