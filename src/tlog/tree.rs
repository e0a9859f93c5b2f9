//! The Merkle tree hash of RFC 6962, section 2.1, from a stream of leaves.

use crate::canon::{Digest, Hasher};

/// `SHA-256(0x00 || data)` (RFC 6962, 2.1).
pub fn leaf_hash(data: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0x00]);
    hasher.update(data);
    hasher.finish()
}

/// `SHA-256(0x01 || left || right)` (RFC 6962, 2.1).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0x01]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of the empty tree, `SHA-256("")` (RFC 6962, 2.1).
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// Computes a tree's root from its leaves in order, in logarithmic memory.
///
/// The stack holds the roots of the full subtrees at the right edge, largest
/// first (RFC 9162, 2.1.2).
#[derive(Debug, Clone, Default)]
pub struct TreeHasher {
    stack: Vec<Digest>,
    size: u64,
}

impl TreeHasher {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one leaf's data.
    pub fn push(&mut self, data: &[u8]) {
        self.push_hash(leaf_hash(data));
    }

    /// Appends a leaf by its hash.
    pub fn push_hash(&mut self, leaf: Digest) {
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.stack.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.stack.push(hash);
        self.size += 1;
    }

    /// How many leaves the tree holds.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; `SHA-256("")` for the empty tree.
    pub fn root(&self) -> Digest {
        let mut edges = self.stack.iter().rev();
        match edges.next() {
            None => empty_root(),
            Some(last) => edges.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6962, 2.1 as it is written: split at the largest power of two below n.
    fn by_definition(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [only] => leaf_hash(only),
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&by_definition(&leaves[..split]), &by_definition(&leaves[split..]))
            }
        }
    }

    fn root(leaves: &[Vec<u8>]) -> Digest {
        let mut tree = TreeHasher::new();
        leaves.iter().for_each(|leaf| tree.push(leaf));
        tree.root()
    }

    /// The eight reference leaves that RFC 6962 implementations share, and the roots of their prefixes.
    #[test]
    fn reference_tree() {
        let leaves: Vec<Vec<u8>> = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
            .iter()
            .map(|leaf| hex::decode(leaf).unwrap())
            .collect();
        let heads = ["e3b0c442", "6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"];
        for (size, head) in heads.iter().enumerate() {
            assert!(root(&leaves[..size]).to_hex().starts_with(head), "size {size}");
        }
    }

    /// Six hundred leaves `entry 0` … `entry 599`, computed by a separate program.
    #[test]
    fn six_hundred_leaves() {
        let leaves: Vec<Vec<u8>> = (0..600).map(|n| format!("entry {n}").into_bytes()).collect();
        assert_eq!(root(&leaves).to_hex(), "e8a804af596789ed4f53942e294cfe44d5bed4c7140c7f0f5fa52c0c122232d6");
    }

    proptest! {
        #[test]
        fn equals_the_recursive_definition(leaves in proptest::collection::vec(any::<Vec<u8>>(), 0..70)) {
            prop_assert_eq!(root(&leaves), by_definition(&leaves));
        }
    }
}
