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
