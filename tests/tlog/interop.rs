//! Cloudflare's `signed_note` and `tlog_tiles` accept what we write, and we accept what they write.

use std::convert::Infallible;

use proptest::prelude::*;
use signed_note::{Signer, StandardSigner, StandardVerifier, VerifierList};
use tanyin::canon::Digest;
use tanyin::tlog::{
    Checkpoint, KeyKind, MemoryTree, Note, SignerKey, Tile, TilePath, VerifierKey, check_consistency, check_inclusion, leaf_hash,
    new_tiles, tile_bytes, tile_reader, tree_root,
};
use tlog_tiles::{Hash, HashReader, TileHashReader, TileReader};

/// Their store: hashes in the order in which a log writes them.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

impl Stored {
    fn new(entries: &[Vec<u8>]) -> Self {
        let mut stored = Self(Vec::new());
        for (number, entry) in (0..).zip(entries) {
            let hashes = tlog_tiles::stored_hashes(number, entry, &stored).unwrap();
            stored.0.extend(hashes);
        }
        stored
    }
}

fn ours(hashes: &[Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest::from_bytes(hash.0)).collect()
}

fn theirs(hash: Digest) -> Hash {
    Hash(*hash.as_bytes())
}

fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|n| format!("entry {n}").into_bytes()).collect()
}

fn tree(entries: &[Vec<u8>]) -> MemoryTree {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

/// Their path names the tile's height; C2SP's does not.
fn path(tile: &tlog_tiles::Tile) -> String {
    assert_eq!(tile.height(), 8);
    tile.path().replacen("tile/8/", "tile/", 1)
}

/// Our tile files, as their client fetches them.
struct Files<'t>(&'t MemoryTree);

impl TileReader for Files<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let file = |tile| {
            let Ok(TilePath::Hashes(tile)) = TilePath::parse(&path(tile)) else { panic!("{}", path(tile)) };
            tile_bytes(&tile, &mut |level, index| self.0.node(level, index).ok_or(tlog_tiles::Error::InvalidTile))
        };
        tiles.iter().map(file).collect()
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn trees_and_proofs(size in 1_u64..1500, at in any::<u64>(), bit in any::<u8>()) {
        let entries = entries(size);
        let (mine, stored) = (tree(&entries), Stored::new(&entries));
        let root = mine.root();
        prop_assert_eq!(theirs(root), tlog_tiles::tree_hash(size, &stored).unwrap());

        let index = at % size;
        let leaf = mine.leaf(index).unwrap();
        prop_assert_eq!(theirs(leaf), tlog_tiles::record_hash(&entries[index as usize]));
        let path = mine.inclusion_proof(index, size).unwrap();
        let their_path = tlog_tiles::prove_record(size, index, &stored).unwrap();
        prop_assert_eq!(&path, &ours(&their_path));
        prop_assert_eq!(check_inclusion(index, size, &leaf, &ours(&their_path), &root), Ok(()));
        prop_assert!(tlog_tiles::check_record(&path.iter().copied().map(theirs).collect(), size, theirs(root), index, theirs(leaf)).is_ok());

        let old = 1 + at % size;
        let old_root = mine.root_at(old).unwrap();
        let proof = mine.consistency_proof(old, size).unwrap();
        let their_proof = tlog_tiles::prove_tree(size, old, &stored).unwrap();
        prop_assert_eq!(&proof, &ours(&their_proof));
        let mut hashes: Vec<Hash> = proof.iter().copied().map(theirs).collect();
        prop_assert!(tlog_tiles::check_tree(&hashes, size, theirs(root), old, theirs(old_root)).is_ok());
        if let Some(hash) = hashes.last_mut() {
            hash.0[usize::from(bit / 8)] ^= 1 << (bit % 8);
            prop_assert!(check_consistency(old, size, &ours(&hashes), &old_root, &root).is_err());
            prop_assert!(tlog_tiles::check_tree(&hashes, size, theirs(root), old, theirs(old_root)).is_err());
        }
    }

    #[test]
    fn tiles(size in 1_u64..1500, old in any::<u64>()) {
        let entries = entries(size);
        let (mine, stored) = (tree(&entries), Stored::new(&entries));
        let old = old % size;
        let their_tiles = tlog_tiles::Tile::new_tiles(8, old, size);
        prop_assert_eq!(new_tiles(old, size).iter().map(Tile::path).collect::<Vec<_>>(), their_tiles.iter().map(path).collect::<Vec<_>>());

        // Their client reads our tiles and finds them to be of our root.
        let files = Files(&mine);
        let reader = TileHashReader::new(size, theirs(mine.root()), &files);
        prop_assert_eq!(ours(&tlog_tiles::prove_record(size, old, &reader).unwrap()), mine.inclusion_proof(old, size).unwrap());

        // Our client reads their tiles.
        let mut read = tile_reader(size, |tile| {
            let tile = tlog_tiles::Tile::new(8, tile.level, tile.index, tile.width.into(), false);
            Ok::<_, Infallible>(tile.read_data(&stored).unwrap())
        });
        prop_assert_eq!(tree_root(size, &mut read), Ok(mine.root()));
    }
}

#[test]
fn notes() {
    let mine = SignerKey::generate("factors.example/log", KeyKind::Ed25519, &[7; 32]).unwrap();
    let their_signer = StandardSigner::new(&mine.to_text()).unwrap();
    assert_eq!(their_signer.key_id().to_be_bytes(), mine.verifier().id());
    let known = || VerifierList::new(vec![Box::new(StandardVerifier::new(&mine.verifier().to_string()).unwrap())]);

    // A witness's line is unknown to them, and stays.
    let witness = SignerKey::generate("witness.example/w1", KeyKind::Cosignature, &[8; 32]).unwrap();
    let mut note = Note::sign("factors.example/log\nhas\n\nlines\n", &[&mine]).unwrap();
    note.signatures.push(witness.cosign(&note.text, 1_767_225_600).unwrap());
    let read = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let (verified, unverified) = read.verify(&known()).unwrap();
    assert_eq!((verified.len(), unverified.len(), read.text()), (1, 1, note.text.as_bytes()));
    assert_eq!(read.to_bytes(), note.to_string().into_bytes());

    let mut written = signed_note::Note::new(note.text.as_bytes(), &[]).unwrap();
    written.add_sigs(&[&their_signer]).unwrap();
    let read = Note::parse(written.to_bytes()).unwrap();
    assert_eq!(read, Note::sign(&note.text, &[&mine]).unwrap());
    assert_eq!(read.verify(&[mine.verifier().clone()]).unwrap().len(), 1);

    let mut forged = note.clone();
    forged.text.push_str("more\n");
    assert!(signed_note::Note::from_bytes(forged.to_string().as_bytes()).unwrap().verify(&known()).is_err());
    assert!(forged.verify(&[mine.verifier().clone()]).is_err());
}

#[test]
fn keys() {
    let mine = SignerKey::generate("a.example", KeyKind::Ed25519, &[9; 32]).unwrap();
    let public = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key();
    assert_eq!(mine.verifier().public_key(), public.as_bytes());
    let encoded = [&[1][..], public.as_bytes()].concat();
    assert_eq!(signed_note::key_id("a.example", &encoded).to_be_bytes(), mine.verifier().id());
    for wrong in ["", "a.example", "a b+00000000+AQ==", "a.example+00000000+AQ=="] {
        assert!(wrong.parse::<VerifierKey>().is_err() && StandardVerifier::new(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn checkpoints() {
    let tree = tree(&entries(77));
    let mine = Checkpoint { origin: "factors.example/log".to_owned(), size: 77, root: tree.root(), extensions: vec![] };
    let read = tlog_tiles::Checkpoint::from_bytes(mine.to_text().as_bytes()).unwrap();
    assert_eq!((read.origin(), read.size(), *read.hash()), (mine.origin.as_str(), mine.size, theirs(mine.root)));
    for extension in ["", "one\n", "one\ntwo\n"] {
        let written = tlog_tiles::Checkpoint::new(&mine.origin, 77, theirs(mine.root), extension).unwrap();
        let read = Checkpoint::parse(std::str::from_utf8(&written.to_bytes()).unwrap()).unwrap();
        assert_eq!(read, Checkpoint { extensions: extension.lines().map(str::to_owned).collect(), ..mine.clone() });
    }
}
