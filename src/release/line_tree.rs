//! The Merkle tree over the lines of a release, as far as proofs of single lines need it.
//!
//! Hashes of whole runs of lines are kept, made at the first proof; those within a run are made again from its lines.

use super::seal::leaf_of;
use super::{ReleaseData, ReleaseError, Secret};
use crate::canon::Digest;
use crate::tlog::{TreeHasher, inclusion_proof, leaf_hash, node_hash};

/// `2^RUN_LEVEL` lines make a run.
const RUN_LEVEL: u8 = 8;

/// Roots of complete runs, and of complete subtrees over them, by level.
pub(super) struct LineTree {
    levels: Vec<Vec<Digest>>,
    root: Digest,
}

impl LineTree {
    fn new(data: &ReleaseData, secret: Option<&Secret>) -> Self {
        let run = 1_usize << RUN_LEVEL;
        let mut whole = TreeHasher::new();
        let (mut runs, mut own) = (Vec::new(), TreeHasher::new());
        for number in 0..data.index().len() {
            let line = data.line(number);
            let leaf = leaf_of(secret, data.key(number), &line);
            whole.push(&leaf);
            own.push(&leaf);
            if (number + 1) % run == 0 {
                runs.push(std::mem::take(&mut own).root());
            }
        }
        let mut levels = vec![runs];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let pairs = below.chunks_exact(2).filter_map(|pair| Some(node_hash(pair.first()?, pair.last()?))).collect();
            levels.push(pairs);
        }
        Self { levels, root: whole.root() }
    }

    fn node(&self, (data, secret): (&ReleaseData, Option<&Secret>), level: u8, index: u64) -> Result<Digest, ReleaseError> {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        if let Some(above) = level.checked_sub(RUN_LEVEL) {
            let found = self.levels.get(usize::from(above)).and_then(|nodes| nodes.get(place));
            return found.copied().ok_or_else(|| ReleaseError::Damaged {
                what: "the tree over the lines".to_owned(),
                why: format!("it has no node {index} at level {level}"),
            });
        }
        match level.checked_sub(1) {
            None => Ok(leaf_hash(&leaf_of(secret, data.key(place), &data.line(place)))),
            Some(below) => Ok(node_hash(&self.node((data, secret), below, index * 2)?, &self.node((data, secret), below, index * 2 + 1)?)),
        }
    }
}

impl ReleaseData {
    /// The inclusion proof of a line in the tree whose root stands in the manifest (RFC 6962, 2.1.1).
    ///
    /// # Errors
    /// [`ReleaseError::Damaged`] where the lines do not give that root any more.
    pub(super) fn line_proof(&self, number: usize, root: &Digest, secret: Option<&Secret>) -> Result<Vec<Digest>, ReleaseError> {
        let tree = self.tree.get_or_init(|| LineTree::new(self, secret));
        if tree.root != *root {
            let why = format!("its lines give the root {}, the manifest says {root}", tree.root);
            return Err(ReleaseError::Damaged { what: "factors.ndjson".to_owned(), why });
        }
        let (index, size) = (u64::try_from(number).unwrap_or(u64::MAX), u64::try_from(self.index().len()).unwrap_or(0));
        inclusion_proof(index, size, &mut |level, index| tree.node((self, secret), level, index))
    }
}
