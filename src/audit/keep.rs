//! Holding a log against what was seen of it before, and remembering it.

use super::log::LogView;
use super::memory::{Compared, Memory, Remembered};
use super::trust::Basis;
use super::{Finding, Opened, Report, Trust};
use crate::canon::Digest;
use crate::tlog::{Checkpoint, Note, VerifierKey};

/// Believes what was remembered: further keys of logs that are believed; where nobody is, the keys of the log seen at this
/// address, or of this name.
pub(super) fn recall(trust: &mut Trust, memory: Option<&Memory>, url: Option<&str>, origin: Option<&str>, report: &mut Report) {
    let Some(memory) = memory else { return };
    let all = match memory.all() {
        Ok(all) => all,
        Err(error) => return report.fault(error.to_string()),
    };
    if trust.keys().is_empty() {
        let of_name = all.iter().filter(|own| origin == Some(own.origin.as_str())).count();
        if of_name > 1 {
            report.note(format!("{of_name} logs of this name were seen, with different keys: none is believed; give --key"));
            return;
        }
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

/// The size of a remembered checkpoint.
pub(super) fn size_of(note: &str) -> Option<u64> {
    Checkpoint::parse(&Note::parse(note).ok()?.text).ok().map(|checkpoint| checkpoint.size)
}

/// A checkpoint that covers the leaf of a new key is signed by that key: an old one alone may be in other hands by now.
pub(super) fn newest_signs(what: &str, opened: &Opened, newest: &str, report: &mut Report) {
    let signed = newest
        .parse::<VerifierKey>()
        .ok()
        .is_some_and(|key| Note::parse(&opened.note).is_ok_and(|note| note.verify(std::slice::from_ref(&key)).is_ok()));
    if opened.authentic && !signed {
        let wrong = "it covers the change to a newer key, and that key did not sign it";
        report.fail(Finding::new("signature", what, wrong).right(format!("{newest} signs it")));
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
    if let Some(newest) = log.keys().last().filter(|_| log.rooted) {
        newest_signs(what, &log.opened, newest, report);
    }
    // what failed is neither believed nor remembered, and a folder does not vouch for its own key
    let failed = !report.failures.is_empty();
    for key in log.vouched(trust.keys()).into_iter().filter(|_| !failed) {
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
    if !log.rooted || failed || trust.basis() == Basis::Own {
        return;
    }
    let mut keys = known.as_ref().map(|known| known.keys.clone()).unwrap_or_default();
    for key in own {
        if !keys.contains(&key.to_string()) {
            keys.push(key.to_string());
        }
    }
    if let Some(newest) = log.keys().last() {
        keys.retain(|key| key != newest);
        keys.push(newest.clone());
    }
    let mut urls = known.map(|known| known.urls).unwrap_or_default();
    urls.extend(url.filter(|url| !urls.iter().any(|seen| seen == url)).map(str::to_owned));
    let state = Remembered { origin: checkpoint.origin.clone(), keys, urls, checkpoint: log.opened.note.clone() };
    if let Err(error) = memory.remember(&state) {
        report.fault(format!("what was seen could not be remembered: {error}"));
    }
}

/// Holds what is shown against a checkpoint that whoever verifies has from elsewhere; evidence goes where memory is.
pub(super) fn compare_given(
    what: &str,
    given: &str,
    shown: &Opened,
    root_at: impl FnOnce(u64) -> Option<Digest>,
    trust: &Trust,
    memory: Option<&Memory>,
    report: &mut Report,
) {
    const GIVEN: &str = "the checkpoint that was given";
    let Some(opened) = trust.open(GIVEN, given.as_bytes(), report) else { return };
    if opened.checkpoint.origin != shown.checkpoint.origin {
        let wrong = format!("it is of the log {}, and this is {}", opened.checkpoint.origin, shown.checkpoint.origin);
        return report.fail(Finding::new("checkpoint", GIVEN, wrong));
    }
    let evidence = memory.cloned().unwrap_or_else(|| Memory::new(std::env::temp_dir()));
    match evidence.compare(what, given, (&shown.note, &shown.checkpoint), root_at, report) {
        Compared::Consistent { grown } => report.note(format!("the log grew by {grown} leaves since {GIVEN}")),
        Compared::Older { seen } => {
            let wrong = format!("ROLLBACK: it has {} leaves, and {GIVEN} has {seen}", shown.checkpoint.size);
            report.fail(Finding::new("rollback", what, wrong).right("a log only grows"));
        }
        Compared::Unknown { seen } => {
            report.note(format!("what is here does not tell whether the log only grew since {GIVEN}, of {seen} leaves"))
        }
        Compared::Differs => {}
    }
}
