//! A whole tree in memory, for those who hold every leaf: witnesses, monitors, verification.

use crate::canon::Digest;

use super::proof::{ProofError, consistency_proof, inclusion_proof, tree_root};
use super::tree::node_hash;

/// Every leaf hash of a tree and the roots of all its complete subtrees, by level; 64 bytes a leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryTree {
    levels: Vec<Vec<Digest>>,
}

impl MemoryTree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a leaf by its leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(nodes) = self.levels.get_mut(level) else { return };
            nodes.push(hash);
            match nodes.as_slice() {
                [.., left, right] if nodes.len() % 2 == 0 => hash = node_hash(left, right),
                _ => return,
            }
        }
    }

    /// How many leaves the tree holds.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The hash of leaf `index`.
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.node(0, index)
    }

    /// The root over the leaves `index * 2^level .. (index + 1) * 2^level`, if the tree holds them all.
    pub fn node(&self, level: u8, index: u64) -> Option<Digest> {
        self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?).copied()
    }

    /// As a reader of complete subtrees; outside the tree it fails with [`ProofError::Outside`].
    pub fn read(&self, level: u8, index: u64) -> Result<Digest, ProofError> {
        self.node(level, index)
            .ok_or_else(|| ProofError::Outside { index: index.checked_shl(level.into()).unwrap_or(u64::MAX), size: self.size() })
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Digest {
        self.root_at(self.size()).unwrap_or_else(|_| super::empty_root())
    }

    /// The root of the tree's first `size` leaves; refused above the tree's size.
    pub fn root_at(&self, size: u64) -> Result<Digest, ProofError> {
        tree_root(size, &mut |level, index| self.read(level, index))
    }

    /// The path of leaf `index` in the tree of the first `size` leaves.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Digest>, ProofError> {
        if index >= size.min(self.size()) {
            return Err(ProofError::Outside { index, size: size.min(self.size()) });
        }
        inclusion_proof(index, size, &mut |level, index| self.read(level, index))
    }

    /// The proof that the tree of the first `new` leaves begins with that of the first `old`; empty for `old` zero.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Digest>, ProofError> {
        if old > new {
            return Err(ProofError::Shrunk { old, new });
        }
        if new > self.size() {
            return Err(ProofError::Outside { index: new - 1, size: self.size() });
        }
        consistency_proof(old, new, &mut |level, index| self.read(level, index))
    }
}

impl FromIterator<Digest> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut tree = Self::new();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}
