//! Checking a lockfile with nothing but itself and the keys that are believed.

use std::collections::HashSet;

use serde::Serialize;

use super::{LockedFactor, LockedRelease, Lockfile, emission};
use crate::audit::{Finding, ProofLink, Report, Trust, check_proof};
use crate::factor::Factor;

/// One thing that does not hold, and which factors rest on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LockFailure {
    /// The link: `line → digest`, `checkpoint → keys`; `lockfile` where the file itself is not in order.
    pub link: String,
    /// What is wrong, and what would be right.
    #[serde(flatten)]
    pub finding: Finding,
    /// The factors that cannot be relied on because of it: `dataset@version#key`.
    pub factors: Vec<String>,
}

impl std::fmt::Display for LockFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} [{}]", self.finding, self.link)
    }
}

/// Checks every digest, path, leaf, signature and approval of a lockfile; gives what does not hold, nothing where all does.
pub fn check_lockfile(lock: &Lockfile, trust: &Trust) -> Vec<LockFailure> {
    let mut failures = Vec::new();
    let all: Vec<String> = lock.factors.iter().map(LockedFactor::id).collect();
    for finding in file_findings(lock) {
        failures.push(LockFailure { link: "lockfile".to_owned(), finding, factors: Vec::new() });
    }
    let mut report = Report::default();
    let opened = trust.open("the checkpoint", lock.log.note().as_bytes(), &mut report);
    if opened.as_ref().is_some_and(|opened| !opened.authentic) && report.failures.is_empty() {
        report.fail(Finding::new("signature", "the checkpoint", "no log key is believed").right("give the log's verifier key or a policy"));
    }
    if let Some(opened) = opened.filter(|opened| opened.checkpoint.origin != lock.log.origin) {
        let wrong = format!("it is of the log `{}`", opened.checkpoint.origin);
        report.fail(Finding::new("origin", "the checkpoint", wrong).right(format!("the file is of the log `{}`", lock.log.origin)));
    }
    let signed = report.failures.is_empty();
    let link = ProofLink::Checkpoint.to_string();
    failures.extend(report.failures.into_iter().map(|finding| LockFailure { link: link.clone(), finding, factors: all.clone() }));
    for release in &lock.releases {
        check_release(lock, release, (trust, signed), &mut failures);
    }
    failures
}

/// What is wrong with the file itself: order, and what belongs together.
fn file_findings(lock: &Lockfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |what: String, wrong: String| findings.push(Finding::new("lockfile", what, wrong));
    for key in &lock.log.keys {
        match key.parse::<crate::tlog::VerifierKey>() {
            Err(error) => wrong("log.keys".to_owned(), error.to_string()),
            Ok(read) if read.name() != lock.log.origin => {
                wrong("log.keys".to_owned(), format!("`{}` is no key of the log `{}`", read.name(), lock.log.origin));
            }
            Ok(_) => {}
        }
    }
    if lock.log.keys.is_empty() {
        wrong("log.keys".to_owned(), "there is none".to_owned());
    }
    if !lock.factors.is_sorted_by(|a, b| a.order() < b.order()) {
        wrong("factors".to_owned(), "they are not in order of dataset, key and label, or one stands there twice".to_owned());
    }
    if !lock.releases.is_sorted_by(|a, b| a.order() < b.order()) {
        wrong("releases".to_owned(), "they are not in order of dataset and version, or one stands there twice".to_owned());
    }
    let used: HashSet<_> = lock.factors.iter().map(|factor| (factor.dataset.as_str(), &factor.version)).collect();
    for release in lock.releases.iter().filter(|release| !used.contains(&release.order())) {
        wrong(release.id(), "no factor of the file is of this release".to_owned());
    }
    for factor in &lock.factors {
        if !factor.requirement.allows(&factor.version) {
            wrong(factor.id(), format!("the version {} is not within the requirement {}", factor.version, factor.requirement));
        }
        if lock.release(&factor.dataset, &factor.version).is_none() {
            wrong(factor.id(), format!("the release {}@{} is missing in the file", factor.dataset, factor.version));
        }
    }
    findings
}

fn check_release(lock: &Lockfile, release: &LockedRelease, (trust, signed): (&Trust, bool), failures: &mut Vec<LockFailure>) {
    let own: Vec<&LockedFactor> =
        lock.factors.iter().filter(|factor| (&factor.dataset, &factor.version) == (&release.dataset, &release.version)).collect();
    let fail = |link: String, finding: Finding, factors: Vec<String>| LockFailure { link, finding, factors };
    let unread = |what: String, why: String| Finding::new("lockfile", what, why);
    let note = lock.log.note();
    let all = || own.iter().map(|factor| factor.id()).collect();
    // what is wrong with the checkpoint has been said once
    let said = |link: ProofLink| link == ProofLink::Checkpoint && !signed;
    match release.proof(&note, None) {
        Err(why) => return failures.push(fail(ProofLink::Proof.to_string(), unread(release.id(), why), all())),
        Ok(proof) => match check_proof(&proof, trust) {
            Err(refusal) if !said(refusal.link) => return failures.push(fail(refusal.link.to_string(), *refusal.finding, all())),
            _ => {}
        },
    }
    for factor in own {
        let id = vec![factor.id()];
        let proof = factor.line_proof(release.size()).and_then(|line| release.proof(&note, Some(line)));
        match proof.map(|proof| check_proof(&proof, trust)) {
            Err(why) => failures.push(fail(ProofLink::Proof.to_string(), unread(factor.id(), why), id)),
            Ok(Err(refusal)) if said(refusal.link) => {}
            Ok(Err(refusal)) => failures.push(fail(refusal.link.to_string(), *refusal.finding, id)),
            Ok(Ok(proved)) => {
                if let Err(why) = counts(proved.factor.as_ref(), factor) {
                    failures.push(fail("lockfile".to_owned(), unread(factor.id(), why), id));
                }
            }
        }
    }
}

/// Whether the amount can be counted with the factor.
fn counts(proved: Option<&Factor>, locked: &LockedFactor) -> Result<(), String> {
    match (proved, &locked.amount) {
        (Some(factor), Some(amount)) => emission(factor, amount).map(drop),
        _ => Ok(()),
    }
}
