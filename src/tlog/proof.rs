//! Inclusion and consistency proofs: made (RFC 6962, 2.1.1 and 2.1.2) and checked (RFC 9162, 2.1.3.2 and 2.1.4.2).
//!
//! Whoever makes a proof gives a *reader of complete subtrees*: `read(level, index)` is the root over
//! the leaves `index * 2^level .. (index + 1) * 2^level`. It is asked a number of times logarithmic in
//! the tree's size, and only for subtrees that lie within that size.

use crate::canon::Digest;

use super::tree::{empty_root, node_hash};

/// A proof that does not prove what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf cannot stand in this tree.
    #[error("leaf {index} is outside a tree of {size} leaves: indexes run from 0 to the size less one")]
    Outside {
        /// The leaf's place, from 0.
        index: u64,
        /// The tree's leaves.
        size: u64,
    },
    /// The later tree is the smaller one.
    #[error("a tree of {old} leaves cannot become one of {new}: a log only grows")]
    Shrunk {
        /// Leaves of the earlier tree.
        old: u64,
        /// Leaves of the later tree.
        new: u64,
    },
    /// Every tree is consistent with the empty one.
    #[error("consistency with the empty tree proves nothing: compare with a tree of at least one leaf")]
    NothingProved,
    /// The number of hashes, which the sizes determine, is another.
    #[error("the proof holds {found} hashes where these sizes need exactly {needed}")]
    Length {
        /// Hashes that the sizes determine.
        needed: usize,
        /// Hashes that the proof holds.
        found: usize,
    },
    /// The hashes do not lead to the earlier root.
    #[error("the proof does not lead to the earlier root: the log's history was changed, or the proof is damaged")]
    OldRoot,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the root: the leaf or the proof is not of this tree")]
    Root,
}

/// The largest power of two below `n`, for `n` of at least 2, as an exponent.
fn split_level(n: u64) -> u8 {
    63_u8.saturating_sub((n - 1).leading_zeros() as u8)
}

/// The root over the leaves `start .. start + count`, where `start` is a multiple of a power of two not below `count`.
fn subtree_root<E>(start: u64, count: u64, read: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    let mut peaks = Vec::new();
    let (mut start, mut count) = (start, count);
    while !count.is_power_of_two() {
        let level = split_level(count);
        peaks.push(read(level, start >> level)?);
        start += 1 << level;
        count -= 1 << level;
    }
    let level = count.trailing_zeros() as u8;
    let last = read(level, start >> level)?;
    Ok(peaks.iter().rev().fold(last, |right, left| node_hash(left, &right)))
}

/// The root of a tree of `size` leaves (RFC 6962, 2.1); fails only where the reader does.
pub fn tree_root<E>(size: u64, read: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Digest, E> {
    if size == 0 { Ok(empty_root()) } else { subtree_root(0, size, read) }
}

/// The audit path of leaf `index` in a tree of `size` leaves, the leaf's sibling first (RFC 6962, 2.1.1).
///
/// For an index outside the tree the path is empty, and [`check_inclusion`] refuses it. Fails only where the reader does.
pub fn inclusion_proof<E>(index: u64, size: u64, read: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Vec<Digest>, E> {
    let mut path = Vec::new();
    let (mut start, mut count) = (0, size);
    while count > 1 && index < size {
        let half = 1 << split_level(count);
        if index - start < half {
            path.push(subtree_root(start + half, count - half, read)?);
            count = half;
        } else {
            path.push(subtree_root(start, half, read)?);
            start += half;
            count -= half;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `new` leaves begins with the tree of `old` leaves (RFC 6962, 2.1.2).
///
/// Empty for equal sizes, and for `old` zero or above `new`, which [`check_consistency`] refuses. Fails only where the
/// reader does.
pub fn consistency_proof<E>(old: u64, new: u64, read: &mut impl FnMut(u8, u64) -> Result<Digest, E>) -> Result<Vec<Digest>, E> {
    let mut path = Vec::new();
    if old == 0 || old >= new {
        return Ok(path);
    }
    let (mut start, mut count) = (0, new);
    while old - start < count {
        let half = 1 << split_level(count);
        if old - start <= half {
            path.push(subtree_root(start + half, count - half, read)?);
            count = half;
        } else {
            path.push(subtree_root(start, half, read)?);
            start += half;
            count -= half;
        }
    }
    // The subtree that the earlier tree ends with; its root is known to the checker when it is the whole earlier tree.
    if start > 0 {
        path.push(subtree_root(start, count, read)?);
    }
    path.reverse();
    Ok(path)
}

/// Hashes beside the way from leaf `index` up to where it joins the right edge, and above that.
fn path_lengths(index: u64, size: u64) -> (u32, u32) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    (inner, index.checked_shr(inner).unwrap_or(0).count_ones())
}

fn require_length(needed: u32, path: &[Digest]) -> Result<(), ProofError> {
    if path.len() == needed as usize { Ok(()) } else { Err(ProofError::Length { needed: needed as usize, found: path.len() }) }
}

/// Follows a path from a node upwards; `join` is told the neighbour and whether it stands to the left.
fn climb(index: u64, last: u64, path: &[Digest], mut join: impl FnMut(&Digest, bool)) -> bool {
    let (mut node, mut last) = (index, last);
    for hash in path {
        if last == 0 {
            return false;
        }
        let left = node & 1 == 1 || node == last;
        join(hash, left);
        if left {
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0
}

/// Checks that `leaf` (a leaf hash) stands at `index` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
pub fn check_inclusion(index: u64, size: u64, leaf: &Digest, path: &[Digest], root: &Digest) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { index, size });
    }
    let (inner, border) = path_lengths(index, size);
    require_length(inner + border, path)?;
    let mut hash = *leaf;
    let whole = climb(index, size - 1, path, |other, left| {
        hash = if left { node_hash(other, &hash) } else { node_hash(&hash, other) };
    });
    if whole && hash == *root { Ok(()) } else { Err(ProofError::Root) }
}

/// Checks that the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2).
///
/// The empty tree is refused, since it proves nothing; equal sizes need an empty proof and equal roots.
pub fn check_consistency(old: u64, new: u64, path: &[Digest], old_root: &Digest, new_root: &Digest) -> Result<(), ProofError> {
    if old == 0 {
        return Err(ProofError::NothingProved);
    }
    if old > new {
        return Err(ProofError::Shrunk { old, new });
    }
    if old == new {
        require_length(0, path)?;
        return if old_root == new_root { Ok(()) } else { Err(ProofError::OldRoot) };
    }
    let shift = old.trailing_zeros();
    let (inner, border) = path_lengths(old - 1, new);
    let seed_given = !old.is_power_of_two();
    require_length(inner - shift + border + u32::from(seed_given), path)?;
    let (seed, rest) = match path.split_first() {
        Some((first, rest)) if seed_given => (*first, rest),
        _ => (*old_root, path),
    };
    let (mut first, mut second) = (seed, seed);
    let whole = climb((old - 1) >> shift, (new - 1) >> shift, rest, |other, left| {
        if left {
            first = node_hash(other, &first);
            second = node_hash(other, &second);
        } else {
            second = node_hash(&second, other);
        }
    });
    if first != *old_root {
        return Err(ProofError::OldRoot);
    }
    if whole && second == *new_root { Ok(()) } else { Err(ProofError::Root) }
}

/// The witness's rule (C2SP tlog-witness): as [`check_consistency`], but growth from the empty tree takes an empty proof.
pub fn check_growth(old: u64, new: u64, path: &[Digest], old_root: &Digest, new_root: &Digest) -> Result<(), ProofError> {
    if old > 0 {
        return check_consistency(old, new, path, old_root, new_root);
    }
    require_length(0, path)?;
    if *old_root != empty_root() {
        return Err(ProofError::OldRoot);
    }
    if new > 0 || *new_root == empty_root() { Ok(()) } else { Err(ProofError::Root) }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::HashMap;
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;
    use crate::tlog::{MemoryTree, leaf_hash};

    const LARGEST: u64 = 300;

    /// The definitions of RFC 6962, 2.1, 2.1.1 and 2.1.2, as they are written, with the roots remembered.
    struct Definition {
        leaves: Vec<Digest>,
        known: HashMap<(usize, usize), Digest>,
    }

    impl Definition {
        fn new() -> Self {
            Self { leaves: (0..LARGEST).map(|n| leaf_hash(format!("leaf {n}").as_bytes())).collect(), known: HashMap::new() }
        }

        fn split(start: usize, end: usize) -> usize {
            start + (end - start).next_power_of_two() / 2
        }

        fn root(&mut self, start: usize, end: usize) -> Digest {
            if let Some(root) = self.known.get(&(start, end)) {
                return *root;
            }
            let root = match end - start {
                0 => Digest::of(b""),
                1 => self.leaves[start],
                _ => {
                    let split = Self::split(start, end);
                    node_hash(&self.root(start, split), &self.root(split, end))
                }
            };
            self.known.insert((start, end), root);
            root
        }

        /// The path, and at each step whether the neighbour stands to the left.
        fn path(&mut self, m: usize, start: usize, end: usize) -> Vec<(Digest, bool)> {
            if end - start == 1 {
                return Vec::new();
            }
            let split = Self::split(start, end);
            let (mut path, neighbour) = if m < split {
                (self.path(m, start, split), (self.root(split, end), false))
            } else {
                (self.path(m, split, end), (self.root(start, split), true))
            };
            path.push(neighbour);
            path
        }

        /// The proof; a seed that is given stands first, to the left of nothing.
        fn proof(&mut self, m: usize, start: usize, end: usize, whole: bool) -> Vec<(Digest, bool)> {
            if m == end {
                return if whole { Vec::new() } else { vec![(self.root(start, end), false)] };
            }
            let split = Self::split(start, end);
            let (mut proof, neighbour) = if m <= split {
                (self.proof(m, start, split, whole), (self.root(split, end), false))
            } else {
                (self.proof(m, split, end, false), (self.root(start, split), true))
            };
            proof.push(neighbour);
            proof
        }
    }

    fn hashes(path: &[(Digest, bool)]) -> Vec<Digest> {
        path.iter().map(|(hash, _)| *hash).collect()
    }

    fn shape(path: &[(Digest, bool)]) -> Vec<bool> {
        path.iter().map(|(_, left)| *left).collect()
    }

    /// The proof with one bit changed, one hash less, one more, and two hashes in the other order.
    fn damaged(path: &[Digest], seed: usize) -> Vec<Vec<Digest>> {
        let mut all = vec![[path, &[Digest::of(b"more")]].concat()];
        for place in 0..path.len() {
            let mut shorter = path.to_vec();
            shorter.remove(place);
            all.push(shorter);
        }
        if !path.is_empty() {
            let place = seed % path.len();
            let mut bytes = *path[place].as_bytes();
            bytes[seed % 32] ^= 1 << (seed % 8);
            let mut flipped = path.to_vec();
            flipped[place] = Digest::from_bytes(bytes);
            all.push(flipped);
            let mut reordered = path.to_vec();
            reordered.swap(place, (place + 1) % path.len());
            if reordered != path {
                all.push(reordered);
            }
        }
        all
    }

    #[test]
    fn every_inclusion_to_three_hundred() {
        let mut definition = Definition::new();
        let tree: MemoryTree = definition.leaves.iter().copied().collect();
        for size in 1..=LARGEST {
            let n = size as usize;
            let root = definition.root(0, n);
            assert_eq!(tree.root_at(size), Ok(root));
            for index in 0..size {
                let i = index as usize;
                let leaf = definition.leaves[i];
                let expected = definition.path(i, 0, n);
                let path = tree.inclusion_proof(index, size).unwrap();
                assert_eq!(path, hashes(&expected), "{index} of {size}");
                assert_eq!(check_inclusion(index, size, &leaf, &path, &root), Ok(()));
                for wrong in damaged(&path, i + n) {
                    assert!(check_inclusion(index, size, &leaf, &wrong, &root).is_err(), "{index} of {size}");
                }
                let length = ProofError::Length { needed: path.len(), found: path.len() + 1 };
                assert_eq!(check_inclusion(index, size, &leaf, &[&path[..], &[root]].concat(), &root), Err(length));
                let other = (index + 1) % size;
                if other != index {
                    assert!(check_inclusion(other, size, &leaf, &path, &root).is_err(), "{index} of {size}");
                }
                assert!(check_inclusion(index, size, &Digest::of(b"other"), &path, &root).is_err());
                // A path says nothing of the size but its own shape (the checkpoint binds size and root).
                if size < LARGEST {
                    let same = shape(&definition.path(i, 0, n + 1)) == shape(&expected);
                    assert_eq!(check_inclusion(index, size + 1, &leaf, &path, &root).is_ok(), same, "{index} of {size}");
                }
            }
            assert_eq!(check_inclusion(size, size, &definition.leaves[0], &[], &root), Err(ProofError::Outside { index: size, size }));
        }
    }

    #[test]
    fn every_consistency_to_three_hundred() {
        let mut definition = Definition::new();
        let tree: MemoryTree = definition.leaves.iter().copied().collect();
        for new in 0..=LARGEST {
            let n = new as usize;
            let root = definition.root(0, n);
            for old in 1..=new {
                let m = old as usize;
                let old_root = definition.root(0, m);
                let expected = definition.proof(m, 0, n, true);
                let path = tree.consistency_proof(old, new).unwrap();
                assert_eq!(path, hashes(&expected), "{old} to {new}");
                assert_eq!(check_consistency(old, new, &path, &old_root, &root), Ok(()), "{old} to {new}");
                assert_eq!(check_growth(old, new, &path, &old_root, &root), Ok(()));
                for wrong in damaged(&path, m + n) {
                    assert!(check_consistency(old, new, &wrong, &old_root, &root).is_err(), "{old} to {new}");
                }
                assert!(check_consistency(old - 1, new, &path, &old_root, &root).is_err());
                assert!(check_consistency(old, new, &path, &Digest::of(b"other"), &root).is_err());
                assert!(check_consistency(old, new, &path, &old_root, &Digest::of(b"other")).is_err());
                assert!(old == new || check_consistency(old + 1, new, &path, &old_root, &root).is_err());
                assert!(old == new || check_consistency(new, old, &path, &root, &old_root).is_err());
                if new < LARGEST && old < new {
                    let same = shape(&definition.proof(m, 0, n + 1, true)) == shape(&expected);
                    assert_eq!(check_consistency(old, new + 1, &path, &old_root, &root).is_ok(), same, "{old} to {new}");
                }
            }
        }
    }

    #[test]
    fn the_empty_tree_proves_nothing_but_a_witness_starts_there() {
        let (empty, root) = (empty_root(), Digest::of(b"any"));
        assert_eq!(check_consistency(0, 5, &[], &empty, &root), Err(ProofError::NothingProved));
        assert_eq!(check_growth(0, 5, &[], &empty, &root), Ok(()));
        assert_eq!(check_growth(0, 5, &[root], &empty, &root), Err(ProofError::Length { needed: 0, found: 1 }));
        assert_eq!(check_growth(0, 5, &[], &root, &root), Err(ProofError::OldRoot));
        assert_eq!(check_growth(0, 0, &[], &empty, &empty), Ok(()));
        assert_eq!(check_growth(0, 0, &[], &empty, &root), Err(ProofError::Root));
        assert_eq!(check_growth(6, 5, &[], &root, &root), Err(ProofError::Shrunk { old: 6, new: 5 }));
    }

    #[test]
    fn a_tree_gives_no_proof_beyond_itself() {
        let tree: MemoryTree = [leaf_hash(b"a"), leaf_hash(b"b")].into_iter().collect();
        assert_eq!(tree.inclusion_proof(2, 3), Err(ProofError::Outside { index: 2, size: 2 }));
        assert_eq!(tree.inclusion_proof(0, 0), Err(ProofError::Outside { index: 0, size: 0 }));
        assert_eq!(tree.consistency_proof(1, 3), Err(ProofError::Outside { index: 2, size: 2 }));
        assert_eq!(tree.consistency_proof(2, 1), Err(ProofError::Shrunk { old: 2, new: 1 }));
        assert!(tree.root_at(3).is_err());
        assert_eq!(MemoryTree::new().root(), empty_root());
    }

    /// In a log of equal leaves all complete subtrees of one level are equal, so that its root can be had for any size.
    fn equal_leaves() -> Vec<Digest> {
        std::iter::successors(Some(leaf_hash(b"same")), |hash| Some(node_hash(hash, hash))).take(64).collect()
    }

    proptest! {
        #[test]
        fn the_largest_trees(size in 2..=i64::MAX as u64, at in any::<u64>()) {
            let levels = equal_leaves();
            let reads = Cell::new(0);
            let mut read = |level: u8, index: u64| {
                reads.set(reads.get() + 1);
                assert!(u128::from(index + 1) << level <= u128::from(size), "outside the tree");
                Ok::<_, Infallible>(levels[usize::from(level)])
            };
            let Ok(root) = tree_root(size, &mut read);
            let index = at % size;
            let old = 1 + at % (size - 1);
            let Ok(old_root) = tree_root(old, &mut read);
            reads.set(0);
            let Ok(path) = inclusion_proof(index, size, &mut read);
            prop_assert!(path.len() <= 63 && reads.get() <= 126);
            prop_assert_eq!(check_inclusion(index, size, &levels[0], &path, &root), Ok(()));
            reads.set(0);
            let Ok(proof) = consistency_proof(old, size, &mut read);
            prop_assert!(proof.len() <= 64 && reads.get() <= 126);
            prop_assert_eq!(check_consistency(old, size, &proof, &old_root, &root), Ok(()));
        }

        #[test]
        fn no_input_panics(a in any::<u64>(), b in any::<u64>(), path in proptest::collection::vec(any::<[u8; 32]>(), 0..70)) {
            let path: Vec<Digest> = path.into_iter().map(Digest::from_bytes).collect();
            let any = Digest::of(b"any");
            prop_assert!(check_inclusion(a, b, &any, &path, &any).is_err());
            prop_assert!(check_consistency(a, b, &path, &any, &any).is_err() || (a == b && path.is_empty()));
            let _ = check_growth(a, b, &path, &any, &any);
        }
    }
}
