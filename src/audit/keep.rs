//! Holding a log against what was seen of it before, and remembering it.

use super::log::LogView;
use super::memory::{Compared, Memory, Remembered};
use super::trust::Basis;
use super::{Finding, Report, Trust};
use crate::tlog::VerifierKey;

/// Believes what was remembered: further keys of logs that are believed; where nobody is, the keys of the log seen at this
/// address, or of this name.
pub(super) fn recall(trust: &mut Trust, memory: Option<&Memory>, url: Option<&str>, origin: Option<&str>, report: &mut Report) {
    let Some(memory) = memory else { return };
    let all = match memory.all() {
        Ok(all) => all,
        Err(error) => return report.fault(error.to_string()),
    };
    if trust.keys().is_empty() {
        let here =
            |own: &&Remembered| url.is_some_and(|url| own.urls.iter().any(|seen| seen == url)) || (origin == Some(own.origin.as_str()));
        let keys: Vec<VerifierKey> = all.iter().filter(here).flat_map(Remembered::verifier_keys).collect();
        trust.adopt(keys, Basis::Remembered);
        return;
    }
    for own in all {
        let keys = own.verifier_keys();
        if keys.iter().any(|key| trust.keys().contains(key)) {
            keys.into_iter().for_each(|key| trust.extend(key));
        }
    }
}

/// Compares a whole log with the last checkpoint that was seen of it, and remembers the new one where it is sound.
pub(super) fn hold_against_memory(
    what: &str,
    url: Option<&str>,
    log: &LogView,
    trust: &mut Trust,
    memory: Option<&Memory>,
    report: &mut Report,
) {
    for key in log.vouched(trust.keys()) {
        report.note(format!("the log's key {key} is believed from now on: a believed key signed the leaf that names it"));
        trust.extend(key);
    }
    let (Some(memory), true) = (memory, log.opened.authentic) else { return };
    let checkpoint = &log.opened.checkpoint;
    let own: Vec<&VerifierKey> = trust.keys().iter().filter(|key| key.name() == checkpoint.origin).collect();
    let known = match memory.of_log(&checkpoint.origin, trust.keys()) {
        Ok(known) => known,
        Err(error) => return report.fault(error.to_string()),
    };
    if let Some(known) = &known {
        let shown = (log.opened.note.as_str(), checkpoint);
        match memory.compare(what, &known.checkpoint, shown, |size| log.root_at(size).filter(|_| log.rooted), report) {
            Compared::Consistent { grown } => report.note(format!("the log grew by {grown} leaves since it was seen last")),
            Compared::Older { seen } => {
                let wrong = format!("ROLLBACK: it has {} leaves, and {seen} were seen before", checkpoint.size);
                report.fail(Finding::new("rollback", what, wrong).right("a log only grows: releases or withdrawals are being hidden"));
                return;
            }
            Compared::Unknown { .. } | Compared::Differs => return,
        }
    }
    if !log.rooted {
        return;
    }
    let mut keys = known.as_ref().map(|known| known.keys.clone()).unwrap_or_default();
    for key in own {
        if !keys.contains(&key.to_string()) {
            keys.push(key.to_string());
        }
    }
    let mut urls = known.map(|known| known.urls).unwrap_or_default();
    urls.extend(url.filter(|url| !urls.iter().any(|seen| seen == url)).map(str::to_owned));
    let state = Remembered { origin: checkpoint.origin.clone(), keys, urls, checkpoint: log.opened.note.clone() };
    if let Err(error) = memory.remember(&state) {
        report.fault(format!("what was seen could not be remembered: {error}"));
    }
}

/// Holds a whole log against a checkpoint that whoever verifies has from elsewhere.
pub(super) fn hold_against_given(what: &str, given: Option<&str>, log: &LogView, trust: &Trust, memory: &Memory, report: &mut Report) {
    let Some(given) = given else { return };
    let Some(opened) = trust.open("the checkpoint that was given", given.as_bytes(), report) else { return };
    if opened.checkpoint.origin != log.opened.checkpoint.origin {
        let wrong = format!("it is of the log {}, and this is {}", opened.checkpoint.origin, log.opened.checkpoint.origin);
        return report.fail(Finding::new("checkpoint", "the checkpoint that was given", wrong));
    }
    let shown = (log.opened.note.as_str(), &log.opened.checkpoint);
    match memory.compare(what, given, shown, |size| log.root_at(size).filter(|_| log.rooted), report) {
        Compared::Consistent { grown } => report.note(format!("the log grew by {grown} leaves since the checkpoint that was given")),
        Compared::Older { seen } => {
            let wrong = format!("ROLLBACK: it has {} leaves, and the checkpoint that was given has {seen}", log.opened.checkpoint.size);
            report.fail(Finding::new("rollback", what, wrong).right("a log only grows"));
        }
        Compared::Unknown { .. } | Compared::Differs => {}
    }
}
