//! The log as mathematics: RFC 6962 hashing, without any input or output.
//!
//! A release's root is the Merkle tree hash over its canonical lines; the
//! transparency log over releases uses the same hashing.

mod tree;

pub use tree::{TreeHasher, leaf_hash, node_hash};
