//! Editing one line of a draft by hand: judged by the rules of an import, recorded with who, when and why.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Value, json};

use super::import::{Base, Description, declare_cited, read_state};
use super::submit::{description, draft_metadata};
use super::{By, DeskError};
use crate::canon::{Digest, canonical_bytes};
use crate::dataset::DatasetId;
use crate::draft::{Place, Prepared, Step, after, laid_over};
use crate::factor::{COLUMNS, Factor, column, csv_cells};
use crate::import::KeyedLine;
use crate::release::{Ground, ReleaseError};
use crate::review::words;
use crate::store::{self, Draft, DraftEdit, DraftState, NewEvent};
use crate::validate::{Report, Sinks, check_table};

/// The most edits of one draft: beyond them the package itself is to be mended.
pub const MAX_EDITS: i64 = 1000;

/// The cells of a factor by column, as in `factors.csv`.
pub type CellMap = BTreeMap<String, String>;

/// What is to become of a factor.
#[derive(Debug, Clone, PartialEq)]
pub enum EditChange {
    /// It has these cells and no others; it is added where it is not there.
    Replace(CellMap),
    /// It is this factor, in the shape of `schema/factor.json`; it is added where it is not there.
    Factor(Box<Value>),
    /// These cells change; an empty one is cleared.
    Set(CellMap),
    /// It goes.
    Remove,
    /// It is this canonical line again, as it stood in the draft; nothing: it goes again.
    Restore(Option<String>),
}

/// An edit of one factor.
#[derive(Debug, Clone, Copy)]
pub struct NewEdit<'a> {
    /// Which factor.
    pub key: &'a str,
    /// What is to become of it.
    pub change: &'a EditChange,
    /// Why: it stands in the release's record.
    pub reason: &'a str,
}

/// What an edit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The revision of the draft now; nothing where errors were found, and nothing was changed.
    pub revision: Option<i64>,
    /// The canonical line that stands there now; nothing where it was removed.
    pub line: Option<Vec<u8>>,
    /// Whether there was no such factor before.
    pub added: bool,
    /// What was found.
    pub report: Report,
}

/// Edits one factor of the dataset's draft. With an error in its cells nothing is changed.
///
/// # Errors
/// [`DeskError`] where there is no draft, it is frozen or moved, nothing would change, or the edit cannot be.
pub fn edit(ground: &Ground, dataset: &DatasetId, new: &NewEdit<'_>, by: By<'_>) -> Result<Edited, DeskError> {
    let reason = words("the reason", new.reason)?;
    let (draft, base, _) = read_state(ground, dataset)?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    by.expect_seen(&draft)?;
    after(draft.state.as_str(), Step::Edit)?;
    let lines = ground.blobs().map(draft.lines_digest)?;
    let place = Place::of(&lines, new.key)?;
    let before = place.line(&lines);
    let (report, line) = match judge(ground, &draft, before, new)? {
        (report, _) if report.has_errors() => return Ok(Edited { revision: None, line: None, added: false, report }),
        judged => judged,
    };
    let previous = match &base {
        Some(base) => Place::of(&base.lines, new.key)?.line(&base.lines),
        None => None,
    };
    let line = line.map(|line| laid_over(previous, &line).map(<[u8]>::to_vec)).transpose()?;
    if line.as_deref() == before {
        return Err(DeskError::NothingEdited(new.key.to_owned()));
    }
    let (head, tail) = place.around(&lines);
    if line.is_none() && head.is_empty() && tail.is_empty() {
        return Err(DeskError::LastFactor(new.key.to_owned()));
    }
    let mut writer = ground.blobs().writer()?;
    let ended = if line.is_some() { b"\n".as_slice() } else { b"" };
    for part in [head, line.as_deref().unwrap_or_default(), ended, tail] {
        writer.write_all(part).map_err(ReleaseError::Io)?;
    }
    let package_digest = described(ground, &draft, base.as_ref(), new.key, previous, (before, line.as_deref()))?;
    let kept = Kept { lines: writer.finish()?.digest, package_digest, before, after: line.as_deref(), reason: &reason };
    let revision = record(ground, &draft, new, &kept, by)?;
    Ok(Edited { revision: Some(revision), added: before.is_none(), line, report })
}

/// What an edit would be found to be; nothing is changed.
///
/// # Errors
/// As [`edit`], but for what can only be known when it is done.
pub fn judge_edit(ground: &Ground, dataset: &DatasetId, key: &str, change: &EditChange) -> Result<Report, DeskError> {
    let draft = ground.database()?.read(|connection| store::draft_get(connection, dataset.as_str()))?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let lines = ground.blobs().map(draft.lines_digest)?;
    let place = Place::of(&lines, key)?;
    Ok(judge(ground, &draft, place.line(&lines), &NewEdit { key, change, reason: "" })?.0)
}

/// Takes an edit back: the factor is again what it was before it. That is an edit too, and is recorded.
///
/// # Errors
/// [`DeskError::NoEdit`]; [`DeskError::EditedSince`] where another edit of the factor came after it; as [`edit`].
pub fn undo(ground: &Ground, dataset: &DatasetId, number: i64, reason: &str, by: By<'_>) -> Result<Edited, DeskError> {
    let edits = draft_edits(ground, dataset)?;
    let undone = edits.iter().find(|edit| edit.id == number).ok_or(DeskError::NoEdit(number))?;
    if edits.iter().any(|edit| edit.id > number && edit.key == undone.key) {
        return Err(DeskError::EditedSince(undone.key.clone()));
    }
    let change = EditChange::Restore(undone.before_line.clone());
    edit(ground, dataset, &NewEdit { key: &undone.key, change: &change, reason }, by)
}

/// The edits of the dataset's draft, in the order in which they were made.
///
/// # Errors
/// When there is no draft, or the database fails.
pub fn draft_edits(ground: &Ground, dataset: &DatasetId) -> Result<Vec<DraftEdit>, DeskError> {
    ground.database()?.read(|connection| {
        let draft = store::draft_get(connection, dataset.as_str())?.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
        Ok(store::draft_edit_list(connection, draft.import_run)?)
    })
}

/// The canonical line of one factor of the dataset's draft, and the draft's revision.
///
/// # Errors
/// [`DeskError::NoFactor`]; when there is no draft.
pub fn draft_factor(ground: &Ground, dataset: &DatasetId, key: &str) -> Result<(Vec<u8>, i64), DeskError> {
    let draft = ground.database()?.read(|connection| store::draft_get(connection, dataset.as_str()))?;
    let draft = draft.ok_or_else(|| ReleaseError::NoDraft(dataset.to_string()))?;
    let lines = ground.blobs().map(draft.lines_digest)?;
    let line = Place::of(&lines, key)?.line(&lines).map(<[u8]>::to_vec);
    Ok((line.ok_or_else(|| no_factor(dataset, key))?, draft.revision))
}

fn no_factor(dataset: &DatasetId, key: &str) -> DeskError {
    DeskError::NoFactor { dataset: dataset.to_string(), key: key.chars().take(200).collect() }
}

/// What the edit makes of the line, judged as a row of a table is; nothing where it goes.
fn judge(ground: &Ground, draft: &Draft, before: Option<&[u8]>, new: &NewEdit<'_>) -> Result<(Report, Option<Vec<u8>>), DeskError> {
    let missing = || match draft.dataset.parse() {
        Ok(dataset) => no_factor(&dataset, new.key),
        Err(_) => DeskError::NoDataset(draft.dataset.clone()),
    };
    let read = |line: &[u8]| {
        Factor::from_line(line).map_err(|error| ReleaseError::Damaged { what: "a line of the draft".into(), why: error.to_string() })
    };
    let mut cells = match new.change {
        EditChange::Remove => return before.map(|_| (Report::default(), None)).ok_or_else(missing),
        EditChange::Restore(line) => return Ok((Report::default(), line.clone().map(String::into_bytes))),
        EditChange::Replace(cells) => cells.clone(),
        EditChange::Factor(factor) => {
            let factor: Factor =
                serde_json::from_value(factor.as_ref().clone()).map_err(|error| DeskError::NoSuchShape(error.to_string()))?;
            named(csv_cells(&factor))
        }
        EditChange::Set(cells) => {
            let mut all = named(csv_cells(&read(before.ok_or_else(missing)?)?));
            all.extend(cells.clone());
            all
        }
    };
    let given = cells.entry("key".to_owned()).or_insert_with(|| new.key.to_owned());
    if given != new.key {
        return Err(DeskError::OtherKey { key: new.key.to_owned(), given: given.chars().take(200).collect() });
    }
    let table = one_row(&cells)?;
    let mut line = None;
    let mut take = |keyed: KeyedLine| {
        line = Some(keyed.line);
        Ok(())
    };
    let metadata = draft_metadata(ground, draft)?;
    let mut sinks = Sinks { line: &mut take, progress: &mut |_| {} };
    let (mut report, _) = check_table(table.as_slice(), Some(&metadata), &mut sinks)?;
    for finding in &mut report.items {
        finding.row = None; // an edit is no row of a file
    }
    Ok((report, line))
}

fn named(cells: Vec<String>) -> CellMap {
    COLUMNS.iter().zip(cells).map(|(column, cell)| (column.name.to_owned(), cell)).collect()
}

/// A table of one row: every known column, and those that are not known, which the check of the header refuses.
fn one_row(cells: &CellMap) -> Result<Vec<u8>, DeskError> {
    let unknown = cells.keys().map(String::as_str).filter(|name| column(name).is_none());
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).chain(unknown).collect();
    let row = names.iter().map(|name| cells.get(*name).map(String::as_str).unwrap_or_default());
    let mut table = csv::Writer::from_writer(Vec::new());
    let written = table.write_record(&names).and_then(|()| table.write_record(row));
    let written =
        written.map_err(std::io::Error::other).and_then(|()| table.into_inner().map_err(|error| std::io::Error::other(error.to_string())));
    Ok(written.map_err(ReleaseError::Io)?)
}

/// The draft's description after an edit: what it counts as kept, and the sources that its lines cite.
fn described(
    ground: &Ground,
    draft: &Draft,
    base: Option<&Base>,
    key: &str,
    previous: Option<&[u8]>,
    (before, line): (Option<&[u8]>, Option<&[u8]>),
) -> Result<Digest, DeskError> {
    let old = description(ground, draft)?;
    let mut new: Description = old.clone();
    if previous.is_some() && line == previous {
        let cited = previous.map(Factor::from_line).and_then(Result::ok).map(|factor| factor.source.id);
        declare_cited(&mut new.metadata, base, &Prepared { cited: cited.into_iter().collect(), ..Prepared::default() });
    }
    if previous.is_some() && read_elsewhere(ground, draft, key)? {
        new.provenance_only = match (before == previous, line == previous) {
            (true, false) => new.provenance_only.saturating_sub(1),
            (false, true) => new.provenance_only + 1,
            _ => new.provenance_only,
        };
    }
    if new == old {
        return Ok(draft.package_digest);
    }
    Ok(ground.blobs().put(&canonical_bytes(&new).map_err(ReleaseError::from)?)?.digest)
}

/// Whether the import read the factor at another place, or written otherwise, than the release before has it.
fn read_elsewhere(ground: &Ground, draft: &Draft, key: &str) -> Result<bool, DeskError> {
    let run = ground.database()?.read(|connection| store::import_run_get(connection, draft.import_run))?;
    let Some(places) = run.and_then(|run| run.places_digest) else { return Ok(false) };
    let places = ground.blobs().map(places)?;
    let place = Place::of(&places, key)?.line(&places).map(serde_json::from_slice::<Value>).transpose();
    let place = place.map_err(|error| ReleaseError::Damaged { what: "the places of an import".into(), why: error.to_string() })?;
    Ok(place.is_some_and(|place| place.get("source").is_some()))
}

/// What an edit leaves.
struct Kept<'a> {
    lines: Digest,
    package_digest: Digest,
    before: Option<&'a [u8]>,
    after: Option<&'a [u8]>,
    reason: &'a str,
}

fn record(ground: &Ground, draft: &Draft, new: &NewEdit<'_>, kept: &Kept<'_>, by: By<'_>) -> Result<i64, DeskError> {
    let at = ground.now();
    let text = |line: Option<&[u8]>| line.map(|line| String::from_utf8_lossy(line).into_owned());
    ground.database()?.write(|connection| {
        let made = store::draft_edit_count(connection, draft.import_run)?;
        if made >= MAX_EDITS {
            return Err(DeskError::TooManyEdits);
        }
        let row = DraftEdit {
            id: 0,
            dataset: draft.dataset.clone(),
            import_run: draft.import_run,
            key: new.key.to_owned(),
            actor: by.name.to_owned(),
            at: at.clone(),
            reason: kept.reason.to_owned(),
            before_line: text(kept.before),
            after_line: text(kept.after),
        };
        let id = store::draft_edit_insert(connection, &row)?;
        let next = Draft {
            state: DraftState::Draft,
            lines_digest: kept.lines,
            package_digest: kept.package_digest,
            updated_at: at.clone(),
            ..draft.clone()
        };
        let revision = store::draft_put(connection, &next, Some(draft.revision))?;
        let detail = json!({"edit": id, "key": new.key, "reason": kept.reason, "revision": revision});
        let (dataset, subject) = (Some(draft.dataset.as_str()), format!("{}#{}", draft.dataset, new.key));
        let event = NewEvent { at: &at, actor: by.name, act: "draft.edit", dataset, subject: &subject, detail: &detail };
        store::event_append(connection, &event)?;
        Ok(revision)
    })
}

/// Refuses to throw edits away unless that is wanted.
pub(super) fn expect_unedited(ground: &Ground, draft: &Draft) -> Result<(), DeskError> {
    let count = ground.database()?.read(|connection| store::draft_edit_count(connection, draft.import_run))?;
    match count {
        0 => Ok(()),
        count => Err(DeskError::Edited { dataset: draft.dataset.clone(), count }),
    }
}
