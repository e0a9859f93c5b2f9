//! The transparency log as mathematics and text, without any input or output.
//!
//! A release's root is the Merkle tree hash over its canonical lines; the log
//! over releases uses the same hashing. From the bottom up:
//!
//! - trees and proofs (RFC 6962, RFC 9162): [`TreeHasher`] takes a stream of
//!   leaves, [`MemoryTree`] holds them all, and [`tree_root`],
//!   [`inclusion_proof`] and [`consistency_proof`] ask a reader of complete
//!   subtrees, from wherever it reads;
//! - what a log serves (C2SP tlog-tiles): [`Tile`], [`Bundle`], [`TilePath`],
//!   and [`tile_reader`], which makes such a reader of tile files;
//! - who says so (C2SP signed-note, tlog-checkpoint, tlog-cosignature):
//!   [`VerifierKey`], [`SignerKey`], [`Note`], [`Checkpoint`];
//! - how it is shown and watched (C2SP tlog-proof, tlog-witness, tlog-policy):
//!   [`LogProof`], [`AddCheckpoint`], [`Policy`].
//!
//! Nothing read from a text or a tile is to be believed before it was checked
//! against a signed checkpoint, and that against a policy.

mod tree;
mod proof;
mod memory;
mod tile;
mod bundle;
mod key;
mod note;
mod checkpoint;
mod log_proof;
mod witness;
mod policy;

pub use bundle::{BundleError, MAX_ENTRY, encode_bundle, parse_bundle};
pub use checkpoint::{Checkpoint, CheckpointError, OpenedCheckpoint, hash_text, parse_hash};
pub use key::{KeyError, KeyKind, SignerKey, VerifierKey};
pub use log_proof::{LogProof, LogProofError, MAX_LOG_PROOF};
pub use memory::MemoryTree;
pub use note::{MAX_NOTE, MAX_SIGNATURES, Note, NoteError, NoteSignature, Signed};
pub use policy::{Policy, PolicyError, PolicyLog, PolicyParty, PolicyRefusal};
pub use proof::{ProofError, check_consistency, check_growth, check_inclusion, consistency_proof, inclusion_proof, tree_root};
pub use tile::{
    Bundle, TILE_WIDTH, Tile, TileError, TilePath, TileReadError, bundles_of, new_bundles, new_tiles, node_tile, tile_bytes, tile_node,
    tile_reader, tiles_of,
};
pub use tree::{TreeHasher, empty_root, leaf_hash, node_hash};
pub use witness::{AddCheckpoint, AddCheckpointError, MAX_ADD_CHECKPOINT, WitnessRefusal};
