//! Tiles of 256 hashes: their geometry, paths and bytes (C2SP tlog-tiles v0.1.0).
//!
//! A tile at level L holds the roots of complete subtrees of `256^L` leaves. What comes from tiles is
//! not yet trusted: compute the root from them and compare it with a signed checkpoint's.

use std::fmt;
use std::str::FromStr;

use crate::canon::Digest;

use super::tree::node_hash;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;
const HASH_BYTES: usize = 32;
/// The highest level that a path may name.
const MAX_LEVEL: u8 = 63;

/// A tile of hashes: `width` (1 to 256) roots of subtrees of `256^level` leaves, from number `index * 256` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// The level, 0 (leaf hashes) to 63.
    pub level: u8,
    /// The tile's number within its level, from 0.
    pub index: u64,
    /// How many hashes it holds, 1 to 256; 256 is a full tile.
    pub width: u16,
}

/// A bundle of entries: the data of the leaves whose hashes stand in the level-0 tile of the same index and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    /// The bundle's number, from 0.
    pub index: u64,
    /// How many entries it holds, 1 to 256.
    pub width: u16,
}

/// What a path below a log's prefix names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TilePath {
    /// `tile/<level>/<index>[.p/<width>]`.
    Hashes(Tile),
    /// `tile/entries/<index>[.p/<width>]`.
    Entries(Bundle),
}

/// A path, a place or bytes that are not of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Not the one way to write a tile's path.
    #[error("`{path}` names no tile: {problem}")]
    Path {
        /// What was asked for, shortened.
        path: String,
        /// What would be right.
        problem: &'static str,
    },
    /// The bytes are not as many as the tile's hashes.
    #[error("{tile} must hold {needed} bytes (32 a hash), not {found}")]
    Length {
        /// The tile's path.
        tile: String,
        /// 32 times the width.
        needed: usize,
        /// Bytes found.
        found: usize,
    },
    /// The subtree is not within these bytes.
    #[error("a tile of {bytes} bytes holds no subtree of level {level} and number {index}")]
    Within {
        /// The tile's bytes.
        bytes: usize,
        /// The subtree's level within the tile, 0 to 8.
        level: u8,
        /// Its number within the tile.
        index: u64,
    },
    /// The subtree is not complete in a tree of this size.
    #[error("the subtree of level {level} and number {index} is not complete in a tree of {size} leaves")]
    Outside {
        /// The subtree covers `2^level` leaves.
        level: u8,
        /// Its number within its level.
        index: u64,
        /// The tree's leaves.
        size: u64,
    },
}

/// Three digits a group, all but the last with `x` before them.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let mut groups = vec![index % 1000];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(rest % 1000);
        rest /= 1000;
    }
    let (last, before) = groups.split_first().map_or((0, &[][..]), |(last, before)| (*last, before));
    before.iter().rev().try_for_each(|group| write!(f, "x{group:03}/"))?;
    write!(f, "{last:03}")
}

fn write_path(f: &mut fmt::Formatter<'_>, kind: &dyn fmt::Display, index: u64, width: u16) -> fmt::Result {
    write!(f, "tile/{kind}/")?;
    write_index(f, index)?;
    if width < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(f, &self.level, self.index, self.width)
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(f, &"entries", self.index, self.width)
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hashes(tile) => tile.fmt(f),
            Self::Entries(bundle) => bundle.fmt(f),
        }
    }
}

/// How many of the 256 places at `index` are taken when a level holds `count` in all; `None` when none is.
fn width_of(index: u64, count: u64) -> Option<u16> {
    let taken = count.checked_sub(index.checked_mul(TILE_WIDTH.into())?)?;
    u16::try_from(taken.min(TILE_WIDTH.into())).ok().filter(|width| *width > 0)
}

/// Hashes that a tree of `size` leaves has at a tile level.
fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * 8).unwrap_or(0)
}

impl Tile {
    /// `tile/0/x001/x234/067.p/12`: the path below the log's prefix.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// The tile at this place as wide as it is in a tree of `size` leaves; `None` if that tree has none there.
    pub fn in_tree(level: u8, index: u64, size: u64) -> Option<Self> {
        Some(Self { level, index, width: width_of(index, hashes_at(level, size))? })
    }

    /// Checks that the bytes are 32 times the width.
    pub fn check_bytes(&self, bytes: &[u8]) -> Result<(), TileError> {
        let needed = usize::from(self.width) * HASH_BYTES;
        if bytes.len() == needed { Ok(()) } else { Err(TileError::Length { tile: self.path(), needed, found: bytes.len() }) }
    }
}

impl Bundle {
    /// `tile/entries/x001/x234/067.p/12`: the path below the log's prefix.
    pub fn path(&self) -> String {
        self.to_string()
    }

    /// The bundle at this place as wide as it is in a tree of `size` leaves; `None` if that tree has none there.
    pub fn in_tree(index: u64, size: u64) -> Option<Self> {
        Some(Self { index, width: width_of(index, size)? })
    }

    /// The number of its first entry.
    pub fn first_entry(&self) -> u64 {
        self.index.saturating_mul(TILE_WIDTH.into())
    }
}

/// Reads what stands after `tile/<kind>/`.
fn parse_place(rest: &str) -> Result<(u64, u16), &'static str> {
    let (index, width) = match rest.split_once(".p/") {
        None => (rest, TILE_WIDTH),
        Some((index, width)) => {
            let number = decimal(width).and_then(|width| u16::try_from(width).ok());
            (index, number.filter(|width| (1..TILE_WIDTH).contains(width)).ok_or("the width of a partial tile is 1 to 255")?)
        }
    };
    let mut number = 0_u64;
    let mut groups = index.split('/').peekable();
    let mut first = true;
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() { group.strip_prefix('x') } else { Some(group) };
        let digits = digits.filter(|digits| digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()));
        let digits = digits.ok_or("the number is written in groups of three digits, as x001/x234/067")?;
        if first && digits == "000" && groups.peek().is_some() {
            return Err("the number has no leading group of zeros");
        }
        first = false;
        let value = digits.bytes().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        number = number.checked_mul(1000).and_then(|number| number.checked_add(value)).ok_or("the number is beyond every tree")?;
    }
    Ok((number, width))
}

/// A decimal number without leading zeros or sign.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || (!text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()));
    if canonical { text.parse().ok() } else { None }
}

impl TilePath {
    /// Reads what stands after the log's prefix and its slash; only the canonical form is accepted.
    pub fn parse(path: &str) -> Result<Self, TileError> {
        let wrong = |problem| TileError::Path { path: path.chars().take(80).collect(), problem };
        let rest = path.strip_prefix("tile/").ok_or_else(|| wrong("it begins with `tile/`"))?;
        let (kind, rest) = rest.split_once('/').ok_or_else(|| wrong("a level or `entries`, a slash and a number follow `tile/`"))?;
        let (index, width) = parse_place(rest).map_err(wrong)?;
        if kind == "entries" {
            return Ok(Self::Entries(Bundle { index, width }));
        }
        let level = decimal(kind).and_then(|level| u8::try_from(level).ok()).filter(|level| *level <= MAX_LEVEL);
        let level = level.ok_or_else(|| wrong("the level is 0 to 63 without leading zeros, or `entries`"))?;
        Ok(Self::Hashes(Tile { level, index, width }))
    }
}

impl FromStr for TilePath {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        Self::parse(path)
    }
}

/// Every tile of a tree of `size` leaves, full ones and the partial right edge; about `size / 255` of them.
pub fn tiles_of(size: u64) -> Vec<Tile> {
    new_tiles(0, size)
}

/// The tiles that must be written when a tree grows: those of the new tree that the old one did not have.
///
/// Full tiles that became full, and the right edge's partial tiles. Empty when nothing grew.
pub fn new_tiles(old_size: u64, new_size: u64) -> Vec<Tile> {
    (0..8)
        .flat_map(|level| {
            grown(hashes_at(level, old_size), hashes_at(level, new_size)).map(move |(index, width)| Tile { level, index, width })
        })
        .collect()
}

/// Every entry bundle of a tree of `size` leaves.
pub fn bundles_of(size: u64) -> Vec<Bundle> {
    new_bundles(0, size)
}

/// The entry bundles that must be written when a tree grows, as [`new_tiles`].
pub fn new_bundles(old_size: u64, new_size: u64) -> Vec<Bundle> {
    grown(old_size, new_size).map(|(index, width)| Bundle { index, width }).collect()
}

/// Places and widths of what changes when a level grows from `old` to `new`.
fn grown(old: u64, new: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = u64::from(TILE_WIDTH);
    let places = if new > old { old / width..new.div_ceil(width) } else { 0..0 };
    places.filter_map(move |index| Some((index, width_of(index, new)?)))
}

/// A tile's bytes, from a reader of complete subtrees (32 bytes a hash); fails only where the reader does.
pub fn tile_bytes<E>(tile: &Tile, read: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Vec<u8>, E> {
    let level = tile.level.saturating_mul(8);
    let first = tile.index.saturating_mul(TILE_WIDTH.into());
    let mut bytes = Vec::with_capacity(usize::from(tile.width) * HASH_BYTES);
    for place in 0..u64::from(tile.width) {
        bytes.extend_from_slice(read(level, first.saturating_add(place))?.as_bytes());
    }
    Ok(bytes)
}

/// The root of the subtree over the tile's hashes `index * 2^level .. (index + 1) * 2^level`, `level` 0 to 8.
pub fn tile_node(bytes: &[u8], level: u8, index: u64) -> Result<Digest, TileError> {
    let outside = || TileError::Within { bytes: bytes.len(), level, index };
    if level > 8 {
        return Err(outside());
    }
    let count = 1_usize << level;
    let first = usize::try_from(index).ok().and_then(|index| index.checked_mul(count * HASH_BYTES)).ok_or_else(outside)?;
    let slice = bytes.get(first..).and_then(|rest| rest.get(..count * HASH_BYTES)).ok_or_else(outside)?;
    let mut hashes: Vec<Digest> = slice.as_chunks().0.iter().map(|hash| Digest::from_bytes(*hash)).collect();
    while hashes.len() > 1 {
        hashes = hashes.as_chunks().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    hashes.first().copied().ok_or_else(outside)
}

/// Where a complete subtree is found: the tile, as wide as it is in a tree of `size` leaves, and the level and number
/// within it for [`tile_node`].
pub fn node_tile(level: u8, index: u64, size: u64) -> Result<(Tile, u8, u64), TileError> {
    let outside = || TileError::Outside { level, index, size };
    let complete = size.checked_shr(level.into()).unwrap_or(0);
    if index >= complete {
        return Err(outside());
    }
    let (tile_level, within) = (level / 8, level % 8);
    let in_tile = 1_u64 << (8 - within);
    let tile = Tile::in_tree(tile_level, index / in_tile, size).ok_or_else(outside)?;
    Ok((tile, within, index % in_tile))
}

/// A subtree that could not be read from tiles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileReadError<E> {
    /// The tile could not be fetched.
    #[error(transparent)]
    Fetch(E),
    /// The tile, or the place, is wrong.
    #[error(transparent)]
    Tile(TileError),
}

/// A reader of complete subtrees of a tree of `size` leaves, from a function that fetches a tile's bytes.
///
/// The last tile of each level is kept, so that a proof fetches each tile once. Bytes of another length than the
/// tile's are refused; that they are the right ones only the root can tell.
pub fn tile_reader<B: AsRef<[u8]>, E>(
    size: u64,
    mut fetch: impl FnMut(&Tile) -> Result<B, E>,
) -> impl FnMut(u8, u64) -> Result<Digest, TileReadError<E>> {
    let mut kept: Vec<(Tile, B)> = Vec::new();
    move |level, index| {
        let (tile, within_level, within_index) = node_tile(level, index, size).map_err(TileReadError::Tile)?;
        if let Some((_, bytes)) = kept.iter().find(|(known, _)| *known == tile) {
            return tile_node(bytes.as_ref(), within_level, within_index).map_err(TileReadError::Tile);
        }
        let bytes = fetch(&tile).map_err(TileReadError::Fetch)?;
        tile.check_bytes(bytes.as_ref()).map_err(TileReadError::Tile)?;
        let node = tile_node(bytes.as_ref(), within_level, within_index).map_err(TileReadError::Tile);
        kept.retain(|(known, _)| known.level != tile.level);
        kept.push((tile, bytes));
        node
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::tlog::{MemoryTree, ProofError, check_inclusion, inclusion_proof, leaf_hash, tree_root};

    fn tree(size: u64) -> MemoryTree {
        (0..size).map(|n| leaf_hash(format!("entry {n}").as_bytes())).collect()
    }

    fn bytes(tree: &MemoryTree, tile: &Tile) -> Vec<u8> {
        tile_bytes(tile, &mut |level, index| tree.read(level, index)).unwrap()
    }

    #[test]
    fn paths_of_the_specification() {
        assert_eq!(Tile { level: 0, index: 1_234_067, width: 256 }.path(), "tile/0/x001/x234/067");
        assert_eq!(Tile { level: 63, index: 1_234_067, width: 12 }.path(), "tile/63/x001/x234/067.p/12");
        assert_eq!(Bundle { index: 0, width: 7 }.path(), "tile/entries/000.p/7");
        assert_eq!(Bundle { index: 1000, width: 256 }.path(), "tile/entries/x001/000");
    }

    #[test]
    fn other_paths_are_refused() {
        let wrong = [
            "",
            "tile",
            "tile/",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/00",
            "tile/0/0000",
            "tile/00/000",
            "tile/01/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/x/000",
            "tile/entries",
            "tile/entries/",
            "tile/Entries/000",
            "Tile/0/000",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0//000",
            "tile/0/x000/067",
            "tile/0/x000/x001/067",
            "tile/0/001/067",
            "tile/0/x001",
            "tile/0/x01/067",
            "tile/0/X001/067",
            "tile/0/x001/x067",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/999",
            "tile/0/000.p/-1",
            "tile/0/000.p/+1",
            "tile/0/000.p/1/",
            "tile/0/000.p/1.p/1",
            "tile/0/000 ",
            "tile/0/00a",
            "tile/0/٠٠٠",
            "tile/0/000?x",
            "tile/8/0/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "checkpoint",
        ];
        for path in wrong {
            assert!(TilePath::parse(path).is_err(), "{path}");
        }
        let largest = "tile/0/x018/x446/x744/x073/x709/x551/615";
        assert_eq!(TilePath::parse(largest).unwrap(), TilePath::Hashes(Tile { level: 0, index: u64::MAX, width: 256 }));
    }

    /// The two sizes that the specification counts out.
    #[test]
    fn sizes_of_the_specification() {
        let count =
            |size, level, full| tiles_of(size).into_iter().filter(|tile| tile.level == level && (tile.width == 256) == full).count();
        assert_eq!((count(70_000, 0, true), count(70_000, 1, true), count(70_000, 2, true)), (273, 1, 0));
        let partial: Vec<Tile> = tiles_of(70_000).into_iter().filter(|tile| tile.width < 256).collect();
        assert_eq!(partial.iter().map(Tile::path).collect::<Vec<_>>(), ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
        assert_eq!(tiles_of(256).iter().map(Tile::path).collect::<Vec<_>>(), ["tile/0/000", "tile/1/000.p/1"]);
        assert_eq!((tiles_of(0), bundles_of(0)), (vec![], vec![]));
        assert_eq!(bundles_of(257).iter().map(Bundle::path).collect::<Vec<_>>(), ["tile/entries/000", "tile/entries/001.p/1"]);
        assert_eq!(bundles_of(513)[2].first_entry(), 512);
    }

    #[test]
    fn a_tile_as_wide_as_the_tree() {
        assert_eq!(Tile::in_tree(0, 273, 70_000), Some(Tile { level: 0, index: 273, width: 112 }));
        assert_eq!(Tile::in_tree(0, 272, 70_000).unwrap().width, 256);
        assert_eq!(Tile::in_tree(0, 274, 70_000), None);
        assert_eq!(Tile::in_tree(0, 1, 256), None);
        assert_eq!((Tile::in_tree(9, 0, u64::MAX), Tile::in_tree(0, u64::MAX, u64::MAX)), (None, None));
        assert_eq!((Bundle::in_tree(0, 0), Bundle::in_tree(0, 1)), (None, Some(Bundle { index: 0, width: 1 })));
    }

    #[test]
    fn damaged_tiles_are_refused() {
        let tree = tree(300);
        let mut short = tile_reader(300, |tile| Ok::<_, ProofError>(bytes(&tree, tile)[1..].to_vec()));
        let error = short(0, 299).unwrap_err();
        assert_eq!(error.to_string(), "tile/0/001.p/44 must hold 1408 bytes (32 a hash), not 1407");
        let mut failing = tile_reader(300, |_| Err::<Vec<u8>, _>("gone"));
        assert_eq!(failing(0, 0), Err(TileReadError::Fetch("gone")));
        assert_eq!(failing(0, 300), Err(TileReadError::Tile(TileError::Outside { level: 0, index: 300, size: 300 })));
        assert!(failing(9, 0).is_err() && failing(64, 0).is_err() && failing(255, u64::MAX).is_err());
        let whole = bytes(&tree, &Tile { level: 0, index: 0, width: 256 });
        assert_eq!(tile_node(&whole, 8, 0).ok(), tree.node(8, 0));
        for (level, index) in [(8, 1), (9, 0), (0, 256), (0, u64::MAX), (3, 32)] {
            assert!(tile_node(&whole, level, index).is_err(), "{level} {index}");
        }
        assert!(tile_node(&[], 0, 0).is_err());
    }

    /// A proof fetches each tile once, and few of them.
    #[test]
    fn proofs_from_tiles() {
        let tree = tree(70_000);
        let mut fetched = Vec::new();
        let mut read = tile_reader(70_000, |tile| {
            fetched.push(*tile);
            Ok::<_, ProofError>(bytes(&tree, tile))
        });
        let path = inclusion_proof(66_000, 70_000, &mut read).unwrap();
        drop(read);
        assert_eq!(Ok(path.clone()), tree.inclusion_proof(66_000, 70_000));
        assert_eq!(check_inclusion(66_000, 70_000, &tree.leaf(66_000).unwrap(), &path, &tree.root()), Ok(()));
        assert_eq!(fetched.len(), fetched.iter().collect::<BTreeSet<_>>().len());
        assert!(fetched.len() <= 5, "{fetched:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn the_root_from_tiles(size in 1_u64..3000) {
            let tree = tree(size);
            let files: BTreeMap<String, Vec<u8>> = tiles_of(size).iter().map(|tile| (tile.path(), bytes(&tree, tile))).collect();
            let mut read = tile_reader(size, |tile| files.get(&tile.path()).cloned().ok_or_else(|| tile.path()));
            prop_assert_eq!(tree_root(size, &mut read), Ok(tree.root()));
        }

        /// What was there and what is new is all that the larger tree has; nothing is written twice.
        #[test]
        fn new_tiles_suffice_and_none_is_idle(old in 0_u64..140_000, more in 0_u64..70_000) {
            let new = old + more;
            let had: BTreeSet<String> = tiles_of(old).iter().map(Tile::path).chain(bundles_of(old).iter().map(Bundle::path)).collect();
            let needed: BTreeSet<String> = tiles_of(new).iter().map(Tile::path).chain(bundles_of(new).iter().map(Bundle::path)).collect();
            let added: Vec<String> =
                new_tiles(old, new).iter().map(Tile::path).chain(new_bundles(old, new).iter().map(Bundle::path)).collect();
            prop_assert_eq!(added.len(), added.iter().collect::<BTreeSet<_>>().len());
            prop_assert_eq!(&added.into_iter().collect::<BTreeSet<_>>(), &needed.difference(&had).cloned().collect::<BTreeSet<_>>());
        }

        #[test]
        fn paths_read_as_written(level in 0_u8..64, index in prop_oneof![0_u64..2000, any::<u64>()], width in 1_u16..=256) {
            for path in [TilePath::Hashes(Tile { level, index, width }), TilePath::Entries(Bundle { index, width })] {
                prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
            }
        }

        #[test]
        fn what_is_read_is_written_the_same(path in "tile/(entries|[0-9]{1,2})/(x?[0-9]{2,3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?|\\PC*") {
            if let Ok(read) = TilePath::parse(&path) {
                prop_assert_eq!(read.to_string(), path);
            }
        }
    }
}
