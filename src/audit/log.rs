//! The whole log: checkpoint, entries, tiles, and what the leaves say together.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use semver::{BuildMetadata, Version};

use super::source::{Got, Source};
use super::{Finding, Opened, Report, Trust};
use crate::canon::Digest;
use crate::dataset::DatasetId;
use crate::release::{CHECKPOINT_NAME, PublicFact, log_name};
use crate::tlog::{
    Bundle, MAX_ENTRY, MAX_NOTE, MemoryTree, TILE_WIDTH, Tile, TilePath, VerifierKey, bundles_of, leaf_hash, parse_bundle, tile_bytes,
    tiles_of,
};

/// The largest log that is read: its hashes must stay in memory.
const MAX_LEAVES: u64 = 1 << 24;
const HASH_BYTES: usize = 32;
const TILE_LIMIT: u64 = 8192;
const BUNDLE_LIMIT: u64 = 256 * (MAX_ENTRY as u64 + 2);

/// A log that was read to its end.
pub(super) struct LogView {
    pub(super) opened: Opened,
    /// The leaves' bytes; nothing where they could not be read.
    pub(super) entries: Vec<Option<Vec<u8>>>,
    /// What they say; nothing where they do not read.
    pub(super) facts: Vec<Option<PublicFact>>,
    pub(super) tree: MemoryTree,
    /// Whether the entries give the root that was signed.
    pub(super) rooted: bool,
}

/// A release as its leaf names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub(super) index: usize,
    pub(super) dataset: &'a DatasetId,
    pub(super) version: &'a Version,
    /// Digest of the manifest, behind its salt where the release is sealed.
    pub(super) manifest: Digest,
    /// Digest of the record, behind its salt where the release is sealed.
    pub(super) record: Digest,
    /// Who may read it, where the release is sealed.
    pub(super) sealed: Option<&'a str>,
    pub(super) at: &'a str,
}

impl Leaf<'_> {
    pub(super) fn id(&self) -> String {
        format!("{}@{}", self.dataset, self.version)
    }
}

/// The release that a fact tells of, where it is one.
pub(super) fn release_leaf(index: usize, fact: &PublicFact) -> Option<Leaf<'_>> {
    match fact {
        PublicFact::Release { dataset, version, manifest, record, at, .. } => {
            Some(Leaf { index, dataset, version, manifest: *manifest, record: *record, sealed: None, at })
        }
        PublicFact::Sealed { dataset, version, salted_manifest, salted_record, access, at, .. } => {
            let (manifest, record, sealed) = (*salted_manifest, *salted_record, Some(access.as_str()));
            Some(Leaf { index, dataset, version, manifest, record, sealed, at })
        }
        _ => None,
    }
}

impl LogView {
    /// The releases in the order of their leaves.
    pub(super) fn releases(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.facts.iter().enumerate().filter_map(|(index, fact)| release_leaf(index, fact.as_ref()?))
    }

    /// Every key that the log ever had, the first one first, as its leaves tell; empty where no leaf names one.
    pub(super) fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for fact in self.facts.iter().flatten() {
            if let PublicFact::Key { key, previous, .. } = fact {
                if keys.is_empty() {
                    keys.push(previous.clone());
                }
                keys.push(key.clone());
            }
        }
        keys
    }

    /// The root that the log had at an earlier size.
    pub(super) fn root_at(&self, size: u64) -> Option<Digest> {
        self.tree.root_at(size).ok()
    }

    /// Keys that believed keys vouched for, by a leaf under a root that was signed.
    pub(super) fn vouched(&self, believed: &[VerifierKey]) -> Vec<VerifierKey> {
        let mut known: Vec<String> = believed.iter().map(ToString::to_string).collect();
        let mut vouched = Vec::new();
        for fact in self.facts.iter().flatten().filter(|_| self.opened.authentic && self.rooted) {
            if let PublicFact::Key { key, previous, .. } = fact
                && known.contains(previous)
                && !known.contains(key)
                && let Ok(parsed) = key.parse()
            {
                known.push(key.clone());
                vouched.push(parsed);
            }
        }
        vouched
    }
}

/// Reads the published checkpoint.
pub(super) fn read_checkpoint(source: &impl Source, trust: &Trust, report: &mut Report) -> Option<Opened> {
    let place = source.place(CHECKPOINT_NAME);
    match source.read(CHECKPOINT_NAME, MAX_NOTE as u64, report) {
        Got::Bytes(note) => trust.open(&place, &note, report),
        Got::Missing => {
            report
                .fail(Finding::new("missing", place, "there is no checkpoint").right("a log begins with the checkpoint of the empty tree"));
            None
        }
        Got::Reported => None,
    }
}

/// Reads every entry and every tile that a checkpoint covers, and holds them against each other.
pub(super) fn read_log(source: &impl Source, opened: Opened, report: &mut Report) -> Option<LogView> {
    let size = opened.checkpoint.size;
    if size > MAX_LEAVES {
        let wrong = format!("the checkpoint has {size} leaves, and this program reads logs of at most {MAX_LEAVES}");
        report.fail(Finding::new("size", source.place(CHECKPOINT_NAME), wrong));
        return None;
    }
    let mut entries = Vec::new();
    for bundle in bundles_of(size) {
        entries.extend(read_bundle(source, bundle, report));
    }
    let tiles: Vec<(Tile, Option<Vec<u8>>)> = tiles_of(size).into_iter().map(|tile| (tile, read_tile(source, tile, report))).collect();
    let tree = tree_of(&entries, &tiles);
    let whole = entries.iter().all(Option::is_some);
    let root = tree.as_ref().map(MemoryTree::root);
    let rooted = root == Some(opened.checkpoint.root);
    if let Some(root) = root.filter(|_| !rooted) {
        let wrong = format!("the {size} leaves give the root {root}, and {} was signed", opened.checkpoint.root);
        report.fail(Finding::new("root", source.place(CHECKPOINT_NAME), wrong).right("an entry or the checkpoint was changed"));
    }
    let tree = tree.unwrap_or_default();
    if tree.size() == size {
        tiles.iter().for_each(|(tile, bytes)| compare_tile(source, tile, bytes.as_deref(), &tree, report));
    }
    report.count("leaves", entries.iter().flatten().count() as u64);
    let facts = read_facts(source, &entries, report);
    Some(LogView { opened, entries, facts, tree, rooted: rooted && whole })
}

/// A file of the log, or the full one that took the place of a partial one.
fn read_partial(source: &impl Source, path: TilePath, full: TilePath, limit: u64, report: &mut Report) -> Option<(Vec<u8>, bool)> {
    let name = log_name(&path);
    match source.read(&name, limit, report) {
        Got::Bytes(bytes) => return Some((bytes, false)),
        Got::Reported => return None,
        Got::Missing => {}
    }
    // a partial tile may go once the full one is there (C2SP tlog-tiles)
    if path != full
        && let Got::Bytes(bytes) = source.read(&log_name(&full), limit, report)
    {
        return Some((bytes, true));
    }
    let place = source.place(&name);
    report.fail(Finding::new("missing", place, "it is missing").right("the checkpoint covers it, so it must be served"));
    None
}

fn read_bundle(source: &impl Source, bundle: Bundle, report: &mut Report) -> Vec<Option<Vec<u8>>> {
    let width = usize::from(bundle.width);
    let full = TilePath::Entries(Bundle { width: TILE_WIDTH, ..bundle });
    let place = source.place(&log_name(&TilePath::Entries(bundle)));
    let Some((bytes, fuller)) = read_partial(source, TilePath::Entries(bundle), full, BUNDLE_LIMIT, report) else {
        return vec![None; width];
    };
    report.count("bundles", 1);
    match parse_bundle(&bytes, if fuller { TILE_WIDTH } else { bundle.width }) {
        Ok(entries) => entries.into_iter().take(width).map(|entry| Some(entry.to_vec())).collect(),
        Err(error) => {
            let first = bundle.first_entry();
            let finding = Finding::new("bundle", place, error.to_string()).at(format!("leaves {first} to {}", first + width as u64 - 1));
            report.fail(finding.right(format!("it holds {width} entries, each behind its length in two bytes, and nothing else")));
            vec![None; width]
        }
    }
}

fn read_tile(source: &impl Source, tile: Tile, report: &mut Report) -> Option<Vec<u8>> {
    let full = TilePath::Hashes(Tile { width: TILE_WIDTH, ..tile });
    let (mut bytes, fuller) = read_partial(source, TilePath::Hashes(tile), full, TILE_LIMIT, report)?;
    report.count("tiles", 1);
    if fuller && bytes.len() == usize::from(TILE_WIDTH) * HASH_BYTES {
        bytes.truncate(usize::from(tile.width) * HASH_BYTES);
    }
    match tile.check_bytes(&bytes) {
        Ok(()) => Some(bytes),
        Err(_) => {
            let place = source.place(&log_name(&TilePath::Hashes(tile)));
            let needed = usize::from(tile.width) * HASH_BYTES;
            let wrong = format!("it has {} bytes, and its {} hashes need {needed}", bytes.len(), tile.width);
            let what = if bytes.len() < needed { "it is cut short" } else { "it is of another width" };
            report.fail(Finding::new("tile", place, wrong).right(what));
            None
        }
    }
}

/// The tree over the entries; a leaf whose entry does not read is taken from its tile, so that everything else is checked.
fn tree_of(entries: &[Option<Vec<u8>>], tiles: &[(Tile, Option<Vec<u8>>)]) -> Option<MemoryTree> {
    let stored = |index: usize| -> Option<Digest> {
        let number = u64::try_from(index / usize::from(TILE_WIDTH)).ok()?;
        let (_, bytes) = tiles.iter().find(|(tile, _)| tile.level == 0 && tile.index == number)?;
        let start = index % usize::from(TILE_WIDTH) * HASH_BYTES;
        Some(Digest::from_bytes(*bytes.as_ref()?.get(start..)?.first_chunk()?))
    };
    let hash = |(index, entry): (usize, &Option<Vec<u8>>)| entry.as_ref().map_or_else(|| stored(index), |entry| Some(leaf_hash(entry)));
    entries.iter().enumerate().map(hash).collect()
}

fn compare_tile(source: &impl Source, tile: &Tile, bytes: Option<&[u8]>, tree: &MemoryTree, report: &mut Report) {
    let Some(bytes) = bytes else { return };
    let Ok(right) = tile_bytes(tile, &mut |level, index| tree.read(level, index)) else { return };
    for (number, (found, right)) in bytes.chunks(HASH_BYTES).zip(right.chunks(HASH_BYTES)).enumerate() {
        if found != right {
            let leaf = tile.index * u64::from(TILE_WIDTH) + number as u64;
            let at = if tile.level == 0 { format!("hash {number} (leaf {leaf})") } else { format!("hash {number}") };
            let wrong = format!("it is {}, and the entries give {}", hex::encode(found), hex::encode(right));
            report.fail(Finding::new("tile", source.place(&log_name(&TilePath::Hashes(*tile))), wrong).at(at));
        }
    }
}

/// What the leaves say, one by one and together.
fn read_facts(source: &impl Source, entries: &[Option<Vec<u8>>], report: &mut Report) -> Vec<Option<PublicFact>> {
    let mut told = Told::default();
    let mut facts = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let place = || {
            let bundle = Bundle::in_tree(index as u64 / u64::from(TILE_WIDTH), entries.len() as u64);
            bundle.map_or_else(String::new, |bundle| source.place(&log_name(&TilePath::Entries(bundle))))
        };
        let fact = entry.as_ref().and_then(|entry| match PublicFact::from_leaf(entry, &format!("leaf {index}")) {
            Ok(fact) => Some(fact),
            Err(error) => {
                let finding = Finding::new("leaf", place(), error.to_string()).at(format!("leaf {index}"));
                report.fail(
                    finding.right("a kind or format that is not known is not skipped: to skip a fact is to believe less than the log says"),
                );
                None
            }
        });
        if let Some(Err((code, wrong))) = fact.as_ref().map(|fact| told.take(index, fact)) {
            report.fail(Finding::new(code, place(), wrong).at(format!("leaf {index}")));
        }
        facts.push(fact);
    }
    facts
}

/// What was told so far: append-only is not unique, so somebody must look.
#[derive(Default)]
struct Told {
    /// By dataset and version without build metadata: the leaf, the exact version, and whether it is withdrawn.
    releases: HashMap<(String, Version), (usize, Version, bool)>,
    key: Option<String>,
    /// Flags that stand: release, key of the factor, code.
    flags: HashSet<((String, Version), String, String)>,
}

impl Told {
    fn take(&mut self, index: usize, fact: &PublicFact) -> Result<(), (&'static str, String)> {
        let name =
            |dataset: &DatasetId, version: &Version| (dataset.to_string(), Version { build: BuildMetadata::EMPTY, ..version.clone() });
        if let PublicFact::Key { key, previous, .. } = fact {
            let expected = self.key.replace(key.clone());
            return match expected.filter(|expected| expected != previous) {
                Some(expected) => Err(("order", format!("it replaces the key {previous}, and the log's key was {expected}"))),
                None => Ok(()),
            };
        }
        let Some((dataset, version)) = fact.release() else { return Ok(()) };
        let entry = self.releases.entry(name(dataset, version));
        if matches!(fact, PublicFact::Release { .. } | PublicFact::Sealed { .. }) {
            return match entry {
                Entry::Vacant(vacant) => {
                    vacant.insert((index, version.clone(), false));
                    Ok(())
                }
                Entry::Occupied(first) => {
                    let (leaf, released, _) = first.get();
                    let wrong = format!("a second release of {dataset}@{version}: leaf {leaf} released {dataset}@{released} already");
                    Err(("second-release", format!("{wrong}, and a version is released once, for ever")))
                }
            };
        }
        let Entry::Occupied(mut own) = entry else {
            return Err(("order", format!("it speaks of {dataset}@{version}, which no leaf before it released")));
        };
        let withdrawn = &mut own.get_mut().2;
        match fact {
            PublicFact::Flag { key, flag, .. } if !self.flags.insert((name(dataset, version), key.clone(), flag.clone())) => {
                Err(("order", format!("it flags {dataset}@{version}#{key} as {flag}, which it is already")))
            }
            PublicFact::Unflag { key, flag, .. } if !self.flags.remove(&(name(dataset, version), key.clone(), flag.clone())) => {
                Err(("order", format!("it takes {flag} back from {dataset}@{version}#{key}, which does not carry it")))
            }
            PublicFact::Withdraw { .. } if std::mem::replace(withdrawn, true) => {
                Err(("order", format!("it withdraws {dataset}@{version}, which is withdrawn already")))
            }
            PublicFact::Restore { .. } if !std::mem::replace(withdrawn, false) => {
                Err(("order", format!("it restores {dataset}@{version}, which is not withdrawn")))
            }
            _ => Ok(()),
        }
    }
}
