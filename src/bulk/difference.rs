//! The difference of two releases, or of a draft and its base, factor by factor.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io;

use serde::Serialize;

use crate::dataset::DatasetId;
use crate::dataset::{
    Bump, ChangeCounts, FieldChange, Likeness, Lines, Magnitude, MemberCount, Merged, Move, Reason, RenameProposal, Renames, Tally,
    compare, key_of, merge_lines, propose_renames, standing_renames,
};
use crate::desk::DraftSides;
use crate::factor::Decimal;
use crate::factor::exact::to_json_number;
use crate::release::{DatasetReleases, PublishedRelease};

/// One factor that differs.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ChangeRow {
    /// Its key; the new one of a renamed factor.
    pub key: String,
    /// `added`, `removed`, `renamed`, `meaning`, `number`, `text`: exactly one.
    pub change: &'static str,
    /// What this factor alone demands of the version.
    pub bump: Bump,
    /// The value before.
    pub from_value: Option<String>,
    /// The value after.
    pub to_value: Option<String>,
    /// By how many percent of its size the value moved, where unit and metric stayed.
    #[schema(value_type = Option<f64>)]
    pub percent: Option<serde_json::Number>,
    /// Member by member.
    pub fields: Vec<FieldChange>,
    /// How far the value moved, in millionths of a percent; the largest where it came from zero.
    #[serde(skip)]
    pub size: u64,
    /// Unit and metric, as people read them: `kg CO2 per kW.h`.
    #[serde(skip)]
    pub unit: String,
}

/// Each factor in exactly one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ClassCounts {
    /// In the new release only.
    pub added: u64,
    /// In the old release only.
    pub removed: u64,
    /// Under another key, as the crosswalk says.
    pub renamed: u64,
    /// Meaning changed.
    pub meaning: u64,
    /// Number changed, meaning not.
    pub number: u64,
    /// Words changed only.
    pub text: u64,
    /// Read elsewhere or written otherwise: the old line stands.
    pub provenance_only: u64,
    /// The same bytes.
    pub unchanged: u64,
}

impl From<ChangeCounts> for ClassCounts {
    fn from(counts: ChangeCounts) -> Self {
        let ChangeCounts { added, removed, renamed, meaning, number, text, provenance_only, unchanged } = counts;
        Self { added, removed, renamed, meaning, number, text, provenance_only, unchanged }
    }
}

/// The head of a difference: one screen that explains the version.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Summary {
    /// `dataset@version` before; null where a draft is the first.
    pub from: Option<String>,
    /// `dataset@version` after, or the draft.
    pub to: String,
    /// How many factors changed, and how.
    pub counts: ClassCounts,
    /// What the difference demands of the version.
    pub bump: Bump,
    /// Whether titles, licences, sources or contributors differ.
    pub metadata: bool,
    /// What demands that step: classes, members, metadata.
    pub reasons: Vec<Reason>,
    /// Every member that changed, and in how many factors.
    pub members: Vec<MemberCount>,
    /// How far the numbers of the class `number` moved.
    pub magnitude: Magnitude,
    /// Removed and added factors that look alike and are not confirmed, the likeliest first; at most [`LISTED_RENAMES`].
    pub possible_renames: Vec<RenameProposal>,
    /// How many of them there are; null where too many factors came and went to be compared.
    pub possible_renames_total: Option<usize>,
}

/// Possible renames beyond this many are counted and not listed.
pub const LISTED_RENAMES: usize = 50;

/// Two lists of lines to be compared.
pub struct Sides<'a> {
    /// The name of what was before.
    pub from: Option<String>,
    /// The name of what is after.
    pub to: String,
    /// Lines before, in order of key.
    pub old: &'a [u8],
    /// Lines after, in order of key.
    pub new: &'a [u8],
    /// What the metadata demand.
    pub words: Bump,
    /// Confirmed renames between the two.
    pub renames: Renames,
    /// Pairs that a steward denied.
    pub denied: BTreeSet<(String, String)>,
    /// Of the unchanged lines those that were kept although they were read elsewhere or written otherwise.
    pub kept: u64,
}

impl<'a> Sides<'a> {
    /// Two releases of one dataset, with the renames that the crosswalks between them confirm.
    pub fn of_releases(releases: &DatasetReleases, from: &'a PublishedRelease, to: &'a PublishedRelease) -> Self {
        Self {
            from: Some(from.id()),
            to: to.id(),
            old: from.data.lines(),
            new: to.data.lines(),
            words: to.manifest.metadata.bump_from(&from.manifest.metadata),
            renames: releases.renames(from, to),
            denied: BTreeSet::new(),
            kept: 0,
        }
    }

    /// A draft beside the release that it is compared with.
    pub fn of_draft(dataset: &DatasetId, sides: &'a DraftSides) -> Self {
        let crosswalk = &sides.crosswalk;
        Sides {
            from: sides.base.as_ref().map(|base| format!("{dataset}@{base}")),
            to: format!("the draft of {dataset}"),
            old: sides.old.as_deref().unwrap_or_default(),
            new: &sides.new,
            words: sides.words,
            renames: crosswalk.records.replaced().map(|(from, to)| (from.to_owned(), to.to_owned())).collect(),
            denied: crosswalk.denied.clone(),
            kept: sides.kept,
        }
    }
}

/// A difference that was walked to its end.
pub struct Walked<'a> {
    tally: Tally,
    removed: Vec<&'a [u8]>,
    added: Vec<&'a [u8]>,
}

/// Walks two lists of lines, hands out each factor that differs in order of key, and says what it comes to.
///
/// # Errors
/// What `take` returns; a line that does not read.
pub fn difference(sides: &Sides<'_>, take: impl FnMut(ChangeRow) -> io::Result<()>) -> io::Result<Summary> {
    Ok(walk(sides, take)?.summary(sides)?)
}

/// The same, without what it comes to.
///
/// # Errors
/// As [`difference()`].
pub fn walk<'a>(sides: &Sides<'a>, mut take: impl FnMut(ChangeRow) -> io::Result<()>) -> io::Result<Walked<'a>> {
    let renames = standing_renames(sides.old, sides.new, &sides.renames)?;
    let origins = origins(sides.old, &renames)?;
    let mut tally = Tally::default();
    let (mut removed, mut added): (Vec<&[u8]>, Vec<&[u8]>) = (Vec::new(), Vec::new());
    merge_lines(Lines::new(sides.old), Lines::new(sides.new), io::Error::other, |merged| {
        match &merged {
            Merged::Removed(line) if renames.contains_key(key_of(line)?) => return Ok(()),
            Merged::Removed(line) => removed.push(line),
            Merged::Added(line) => {
                if let Some(old) = origins.get(key_of(line)?) {
                    tally.counts.renamed += 1;
                    return take(renamed(old, line, &mut tally)?);
                }
                added.push(line);
            }
            _ => {}
        }
        tally.counts.count(&merged);
        match row(merged, &mut tally)? {
            Some(row) => take(row),
            None => Ok(()),
        }
    })?;
    let kept = sides.kept.min(tally.counts.unchanged);
    tally.counts.provenance_only += kept;
    tally.counts.unchanged -= kept;
    Ok(Walked { tally, removed, added })
}

impl Walked<'_> {
    /// What it comes to, with the renames that look likely among what came and went.
    ///
    /// # Errors
    /// When a line does not read.
    pub fn summary(&self, sides: &Sides<'_>) -> Result<Summary, serde_json::Error> {
        let tally = &self.tally;
        let Likeness { proposals, too_many } = self.likeness(sides)?;
        Ok(Summary {
            from: sides.from.clone(),
            to: sides.to.clone(),
            counts: tally.counts.into(),
            bump: tally.counts.bump().max(sides.words),
            metadata: sides.words > Bump::None,
            reasons: tally.reasons(sides.words),
            members: tally.members(),
            magnitude: tally.magnitude(),
            possible_renames_total: (!too_many).then_some(proposals.len()),
            possible_renames: proposals.into_iter().take(LISTED_RENAMES).collect(),
        })
    }

    /// Every pair of what came and went that looks like a rename.
    ///
    /// # Errors
    /// When a line does not read.
    pub fn likeness(&self, sides: &Sides<'_>) -> Result<Likeness, serde_json::Error> {
        propose_renames(self.removed.iter().copied(), self.added.iter().copied(), &sides.denied)
    }
}

/// The old line of each renamed factor, by its new key.
fn origins<'a>(old: &'a [u8], renames: &'a Renames) -> io::Result<HashMap<&'a str, &'a [u8]>> {
    let mut origins = HashMap::new();
    if !renames.is_empty() {
        for line in Lines::new(old) {
            if let Some(to) = renames.get(key_of(line)?) {
                origins.insert(to.as_str(), line);
            }
        }
    }
    Ok(origins)
}

#[derive(serde::Deserialize)]
struct Number<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    value: Decimal,
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    per: Cow<'a, str>,
}

fn whole(line: &[u8], change: &'static str, bump: Bump) -> io::Result<(ChangeRow, Decimal)> {
    let Number { key, value, metric, per } = serde_json::from_slice(line)?;
    let (key, unit) = (key.into_owned(), format!("kg {metric} per {per}"));
    let row = ChangeRow { key, change, bump, from_value: None, to_value: None, percent: None, fields: Vec::new(), size: 0, unit };
    Ok((row, value))
}

fn renamed(old: &[u8], new: &[u8], tally: &mut Tally) -> io::Result<ChangeRow> {
    let fields = match compare(old, new)? {
        Merged::Changed { fields, .. } => fields,
        _ => Vec::new(),
    };
    changed((old, new), "renamed", Bump::Major, fields, tally)
}

fn row(merged: Merged<'_>, tally: &mut Tally) -> io::Result<Option<ChangeRow>> {
    Ok(match merged {
        Merged::Unchanged(_) | Merged::ProvenanceOnly { .. } => None,
        Merged::Added(line) => {
            let (row, value) = whole(line, "added", Bump::Minor)?;
            Some(ChangeRow { to_value: Some(value.to_string()), ..row })
        }
        Merged::Removed(line) => {
            let (row, value) = whole(line, "removed", Bump::Major)?;
            Some(ChangeRow { from_value: Some(value.to_string()), ..row })
        }
        Merged::Changed { old, new, fields, bump } => {
            let change = match bump {
                Bump::Major => "meaning",
                Bump::Minor => "number",
                _ => "text",
            };
            Some(changed((old, new), change, bump, fields, tally)?)
        }
    })
}

fn changed(
    (old, new): (&[u8], &[u8]),
    change: &'static str,
    bump: Bump,
    fields: Vec<FieldChange>,
    tally: &mut Tally,
) -> io::Result<ChangeRow> {
    let from = serde_json::from_slice::<Number<'_>>(old)?.value;
    let (row, to) = whole(new, change, bump)?;
    let moved = Move::of(&from, &to);
    tally.take_fields(&fields);
    if change == "number" {
        tally.take_number(&row.key, &moved);
    }
    let comparable = !fields.iter().any(|change| matches!(change.field.as_str(), "per" | "metric"));
    let size = match moved.range {
        "from-zero" if comparable => u64::MAX,
        _ => moved.millionths.filter(|_| comparable).unwrap_or(0),
    };
    let percent = moved.percent.filter(|_| comparable);
    Ok(ChangeRow {
        from_value: Some(from.to_string()),
        to_value: Some(to.to_string()),
        percent: percent.and_then(|percent| serde_json::from_str(&to_json_number(&percent)).ok()),
        fields,
        size,
        ..row
    })
}
