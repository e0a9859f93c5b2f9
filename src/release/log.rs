//! The log on disk: its published checkpoint, its tiles and entry bundles (C2SP tlog-tiles), and how it grows.
//!
//! Growing is staged: every file of the next checkpoint is written under one name, `staging/<size>-<root>`, before the
//! database commits to that size and root. Whoever finds the commit later, also after a crash, puts the staged files into
//! their places: `apply` in [`super::recover`](mod@super::recover).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::ReleaseError;
use crate::canon::{Digest, canonical_bytes};
use crate::store::{Blobs, Head, StoreError};
use crate::tlog::{
    Bundle, Checkpoint, Note, Tile, TilePath, TileReadError, encode_bundle, leaf_hash, new_bundles, new_tiles, node_hash, parse_bundle,
    tile_bytes, tile_reader, tree_root,
};

/// The published checkpoint, with the signatures of the log and its witnesses.
pub const CHECKPOINT_NAME: &str = "log/checkpoint";

/// The log's verifier keys as they are published, the current one first, one a line.
pub const KEY_NAME: &str = "log/key";

/// The file of a tile or bundle.
pub fn log_name(path: &TilePath) -> String {
    format!("log/{path}")
}

/// A published checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedCheckpoint {
    /// The signed note, as it is served.
    pub note: String,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// Reads the published checkpoint; none: no log was made here yet. Its signatures are not checked.
///
/// # Errors
/// [`ReleaseError::Damaged`] when it is no checkpoint.
pub fn read_checkpoint(blobs: &Blobs) -> Result<Option<PublishedCheckpoint>, ReleaseError> {
    let Some(bytes) = blobs.read_named(CHECKPOINT_NAME)? else { return Ok(None) };
    let damaged = |why: String| ReleaseError::Damaged { what: "the published checkpoint".into(), why };
    let note = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
    let text = Note::parse(&note).map_err(|error| damaged(error.to_string()))?.text;
    let checkpoint = Checkpoint::parse(&text).map_err(|error| damaged(error.to_string()))?;
    Ok(Some(PublishedCheckpoint { note, checkpoint }))
}

/// The entries of the log from one index on, as they are published for a tree of this size.
///
/// # Errors
/// When a bundle is missing or does not read.
pub fn read_entries(blobs: &Blobs, from: u64, size: u64) -> Result<Vec<Vec<u8>>, ReleaseError> {
    let mut entries = Vec::new();
    for bundle in new_bundles(from, size) {
        let skip = usize::try_from(from.saturating_sub(bundle.first_entry())).unwrap_or(usize::MAX);
        entries.extend(read_bundle(blobs, bundle)?.into_iter().skip(skip));
    }
    Ok(entries)
}

fn read_bundle(blobs: &Blobs, bundle: Bundle) -> Result<Vec<Vec<u8>>, ReleaseError> {
    let name = log_name(&TilePath::Entries(bundle));
    let bytes = read_file(blobs, &name)?;
    let entries = parse_bundle(&bytes, bundle.width).map_err(|error| damaged(&name, &error))?;
    Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
}

fn read_file(blobs: &Blobs, name: &str) -> Result<Vec<u8>, ReleaseError> {
    blobs.read_named(name)?.ok_or_else(|| ReleaseError::Damaged { what: name.to_owned(), why: "it is missing".into() })
}

fn damaged(name: &str, error: &impl ToString) -> ReleaseError {
    ReleaseError::Damaged { what: name.to_owned(), why: error.to_string() }
}

/// Reads roots of complete subtrees out of the published tiles of a tree of this size.
///
/// What it gives is not trusted before a root made of it is compared with a signed one.
pub fn published_nodes(blobs: &Blobs, size: u64) -> impl FnMut(u8, u64) -> Result<Digest, ReleaseError> {
    let mut read = tile_reader(size, |tile: &Tile| read_file(blobs, &log_name(&TilePath::Hashes(*tile))));
    move |level, index| {
        read(level, index).map_err(|error| match error {
            TileReadError::Fetch(error) => error,
            TileReadError::Tile(error) => damaged("the log's tiles", &error),
        })
    }
}

/// Everything of the next checkpoint that is not published yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    /// The size that it grows from.
    from: u64,
    /// The size that it grows to.
    size: u64,
    /// The root then.
    root: Digest,
    /// The signed checkpoint.
    pub(super) checkpoint: String,
    /// Tiles and bundles by name, in base64.
    files: BTreeMap<String, String>,
}

impl Stage {
    /// Lets the log grow by leaves: tiles, bundle and root, computed from the published right edge, which is verified.
    ///
    /// `sign` makes the signed note of the checkpoint's text.
    pub(super) fn grow(
        blobs: &Blobs,
        origin: &str,
        from: (u64, Digest),
        leaves: &[&str],
        sign: impl FnOnce(&str) -> Result<Note, ReleaseError>,
    ) -> Result<Self, ReleaseError> {
        let (old_size, old_root) = from;
        let mut old = published_nodes(blobs, old_size);
        let found = tree_root(old_size, &mut old)?;
        if found != old_root {
            return Err(damaged("the log's right edge", &format!("its tiles give the root {found}, the database has {old_root}")));
        }
        let size = old_size + u64::try_from(leaves.len()).unwrap_or(0);
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect();
        let mut leaf = |index: u64| hashes.get(usize::try_from(index - old_size).ok()?).copied();
        let mut node = |level: u8, index: u64| grown_node(&mut old, old_size, &mut leaf, level, index);
        let mut files = BTreeMap::new();
        for tile in new_tiles(old_size, size) {
            files.insert(log_name(&TilePath::Hashes(tile)), STANDARD.encode(tile_bytes(&tile, &mut node)?));
        }
        let root = tree_root(size, &mut node)?;
        for (bundle, entries) in bundles(blobs, old_size, size, leaves)? {
            let bytes = encode_bundle(&entries).map_err(|error| damaged(&bundle.to_string(), &error))?;
            files.insert(log_name(&TilePath::Entries(bundle)), STANDARD.encode(bytes));
        }
        let text = Checkpoint { origin: origin.to_owned(), size, root, extensions: Vec::new() }.to_text();
        let stage = Self { from: old_size, size, root, checkpoint: sign(&text)?.to_string(), files };
        stage.check(blobs)?;
        Ok(stage)
    }

    /// Recomputes the root from the bytes of the entries and tiles as they are staged: one wrong bit that is signed cannot be
    /// taken back (the log Yeti 2022 ended so).
    pub(super) fn check(&self, blobs: &Blobs) -> Result<(), ReleaseError> {
        let wrong = |why: String| damaged(&self.name(), &why);
        let note = Note::parse(&self.checkpoint).map_err(|error| wrong(error.to_string()))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|error| wrong(error.to_string()))?;
        if (checkpoint.size, checkpoint.root) != (self.size, self.root) {
            return Err(wrong(format!("its checkpoint is of size {} and root {}", checkpoint.size, checkpoint.root)));
        }
        let (mut leaves, mut first) = (BTreeMap::new(), self.size);
        for bundle in new_bundles(self.from, self.size) {
            let name = log_name(&TilePath::Entries(bundle));
            let bytes = self.file(&name)?.ok_or_else(|| wrong(format!("it lacks {name}")))?;
            let entries = parse_bundle(&bytes, bundle.width).map_err(|error| damaged(&name, &error))?;
            leaves.extend((bundle.first_entry()..).zip(entries.into_iter().map(leaf_hash)));
            first = first.min(bundle.first_entry());
        }
        let mut old = published_nodes(blobs, self.from);
        let mut leaf = |index: u64| leaves.get(&index).copied();
        let mut node = |level: u8, index: u64| grown_node(&mut old, first, &mut leaf, level, index);
        let root = tree_root(self.size, &mut node)?;
        if root != self.root {
            return Err(wrong(format!("its entries give the root {root}, not {}", self.root)));
        }
        for tile in new_tiles(self.from, self.size) {
            let name = log_name(&TilePath::Hashes(tile));
            if self.file(&name)?.as_deref() != Some(tile_bytes(&tile, &mut node)?.as_slice()) {
                return Err(wrong(format!("its {name} is not that of its entries")));
            }
        }
        Ok(())
    }

    /// What is committed with it.
    pub(super) fn head(&self) -> Head {
        Head { size: i64::try_from(self.size).unwrap_or(i64::MAX), root: self.root }
    }

    /// The size that it grows from.
    pub(super) fn from(&self) -> u64 {
        self.from
    }

    /// Where it is staged.
    pub(super) fn name(&self) -> String {
        stage_name(&self.head())
    }

    pub(super) fn put(&self, blobs: &Blobs) -> Result<(), ReleaseError> {
        Ok(blobs.put_named(&self.name(), &canonical_bytes(self)?)?)
    }

    /// What was staged for a head, if it is there and sound.
    pub(super) fn read(blobs: &Blobs, head: &Head) -> Result<Option<Self>, ReleaseError> {
        let Some(bytes) = blobs.read_named(&stage_name(head))? else { return Ok(None) };
        let stage: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(&stage_name(head), &error))?;
        if stage.head() == *head { Ok(Some(stage)) } else { Err(damaged(&stage_name(head), &"it is staged for another head")) }
    }

    /// The staged files, tiles of hashes first, decoded.
    pub(super) fn files(&self) -> Result<Vec<(String, Vec<u8>)>, ReleaseError> {
        self.files.keys().map(|name| Ok((name.clone(), self.file(name)?.unwrap_or_default()))).collect()
    }

    fn file(&self, name: &str) -> Result<Option<Vec<u8>>, ReleaseError> {
        self.files.get(name).map(|text| STANDARD.decode(text).map_err(|error| damaged(name, &error))).transpose()
    }
}

fn stage_name(head: &Head) -> String {
    format!("staging/{}-{}", head.size, head.root.to_hex())
}

/// The size that a staged file was made for; none: it is none of ours.
pub(super) fn staged_size(name: &str) -> Option<i64> {
    name.strip_prefix("staging/")?.split_once('-')?.0.parse().ok()
}

/// A node of the grown tree: published where it stands wholly below `first`, made of leaves where it does not.
fn grown_node(
    old: &mut impl FnMut(u8, u64) -> Result<Digest, ReleaseError>,
    first: u64,
    leaf: &mut impl FnMut(u64) -> Option<Digest>,
    level: u8,
    index: u64,
) -> Result<Digest, ReleaseError> {
    if (index + 1) << level <= first {
        return old(level, index);
    }
    match level.checked_sub(1) {
        None => leaf(index).ok_or_else(|| damaged("the log", &format!("leaf {index} is beyond its end"))),
        Some(below) => {
            let left = grown_node(old, first, leaf, below, index * 2)?;
            Ok(node_hash(&left, &grown_node(old, first, leaf, below, index * 2 + 1)?))
        }
    }
}

/// The bundles that change when leaves are added, each with all of its entries.
fn bundles(blobs: &Blobs, old_size: u64, size: u64, leaves: &[&str]) -> Result<BTreeMap<Bundle, Vec<Vec<u8>>>, ReleaseError> {
    let changed = new_bundles(old_size, size);
    let first = changed.first().map_or(old_size, Bundle::first_entry);
    let mut entries = read_entries(blobs, first, old_size)?.into_iter().chain(leaves.iter().map(|leaf| leaf.as_bytes().to_vec()));
    Ok(changed.into_iter().map(|bundle| (bundle, entries.by_ref().take(usize::from(bundle.width)).collect())).collect())
}

/// The partial tiles and bundles that a full one makes needless (C2SP tlog-tiles): their folder.
pub(super) fn partials_of(name: &str) -> Option<String> {
    (!name.contains(".p/")).then(|| format!("{name}.p"))
}

/// Whether a file that was to be read has gone, because a fuller one took its place.
pub(super) fn has_gone(error: &ReleaseError) -> bool {
    match error {
        ReleaseError::Damaged { why, .. } => why == "it is missing",
        ReleaseError::Store(error) => StoreError::is_missing(error),
        _ => false,
    }
}
