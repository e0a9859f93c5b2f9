//! `tests/vectors/tlog.json`: keys, trees, proofs and notes, computed by a separate program with other libraries.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tanyin::canon::Digest;
use tanyin::tlog::{
    AddCheckpoint, Bundle, Checkpoint, KeyKind, LogProof, MemoryTree, Note, SignerKey, Tile, bundles_of, check_consistency,
    check_inclusion, empty_root, encode_bundle, leaf_hash, new_tiles, parse_bundle, tile_bytes, tiles_of,
};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/tlog.json")).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn from_hex(text: &str) -> Digest {
    Digest::parse_lenient(text).unwrap()
}

fn from_base64(text: &str) -> Digest {
    Digest::from_bytes(STANDARD.decode(text).unwrap().try_into().unwrap())
}

fn hashes(value: &Value, read: fn(&str) -> Digest) -> Vec<Digest> {
    texts(value).iter().map(|text| read(text)).collect()
}

fn key(vectors: &Value, name: &str, kind: KeyKind, seed: &str) -> SignerKey {
    let seed: [u8; 32] = hex::decode(vectors[seed].as_str().unwrap()).unwrap().try_into().unwrap();
    SignerKey::generate(vectors[name].as_str().unwrap(), kind, &seed).unwrap()
}

fn tree(vectors: &Value) -> MemoryTree {
    texts(&vectors["leaves"]).iter().map(|leaf| leaf_hash(leaf.as_bytes())).collect()
}

fn checkpoint(vectors: &Value, size: u64) -> Checkpoint {
    let origin = vectors["origin"].as_str().unwrap().to_owned();
    Checkpoint { origin, size, root: tree(vectors).root_at(size).unwrap(), extensions: vec![] }
}

fn bytes(tree: &MemoryTree, tile: &Tile) -> Vec<u8> {
    let Ok(bytes) = tile_bytes(tile, &mut |level, index| Ok::<_, Infallible>(tree.node(level, index).unwrap()));
    bytes
}

#[test]
fn seven_leaves() {
    let vectors = vectors();
    let tree = tree(&vectors);
    let leaves: Vec<Digest> = (0..7).map(|index| tree.leaf(index).unwrap()).collect();
    assert_eq!(leaves, hashes(&vectors["leaf_hashes"], from_hex));
    let roots: Vec<Digest> = (0..=7).map(|size| tree.root_at(size).unwrap()).collect();
    assert_eq!(roots, hashes(&vectors["roots"], from_hex));
    assert_eq!(tree.inclusion_proof(3, 7).unwrap(), hashes(&vectors["inclusion_of_3_in_7"], from_base64));
    assert_eq!(tree.consistency_proof(3, 7).unwrap(), hashes(&vectors["consistency_3_to_7"], from_base64));
    // Printed in the tests of golang.org/x/mod/sumdb/tlog.
    assert_eq!(leaf_hash(b"hello world"), from_base64("TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0="));
}

#[test]
fn keys_and_notes() {
    let vectors = vectors();
    let log = key(&vectors, "origin", KeyKind::Ed25519, "log_seed_hex");
    let witness = key(&vectors, "witness_name", KeyKind::Cosignature, "witness_seed_hex");
    assert_eq!(hex::encode(log.verifier().public_key()), vectors["log_pub_hex"]);
    assert_eq!(log.verifier().to_string(), vectors["log_vkey"]);
    assert_eq!(witness.verifier().to_string(), vectors["witness_vkey"]);
    for (size, name) in [(0, "checkpoint_0"), (7, "checkpoint_7")] {
        let note = Note::sign(&checkpoint(&vectors, size).to_text(), &[&log]).unwrap();
        assert_eq!(note.to_string(), vectors[name]);
    }
    assert_eq!(checkpoint(&vectors, 0).root, empty_root());
    let mut note = Note::parse(vectors["checkpoint_7"].as_str().unwrap()).unwrap();
    note.signatures.push(witness.cosign(&note.text, 1_767_225_600).unwrap());
    assert_eq!(note.to_string(), vectors["checkpoint_7_cosigned"]);
    let (logs, witnesses) = ([log.verifier().clone()], [witness.verifier().clone()]);
    let opened = Checkpoint::open(&note, &logs, &witnesses).unwrap();
    assert_eq!(opened.checkpoint, checkpoint(&vectors, 7));
    assert_eq!(opened.signed.iter().map(|signed| signed.time).collect::<Vec<_>>(), [None, Some(1_767_225_600)]);
}

#[test]
fn proof_file() {
    let vectors = vectors();
    let text = vectors["tlog_proof_3"].as_str().unwrap();
    let proof = LogProof::parse(text).unwrap();
    assert_eq!(proof.to_string(), text);
    let logs = [vectors["log_vkey"].as_str().unwrap().parse().unwrap()];
    let witnesses = [vectors["witness_vkey"].as_str().unwrap().parse().unwrap()];
    let leaf = tree(&vectors).leaf(3).unwrap();
    assert_eq!(proof.verify(&leaf, &logs, &witnesses).unwrap().signed.len(), 2);
    let extra = LogProof { extra: Some(b"extra".to_vec()), ..proof };
    assert_eq!(LogProof::parse(&extra.to_string()).unwrap(), extra);
}

#[test]
fn a_witness_follows() {
    let vectors = vectors();
    let tree = tree(&vectors);
    let proof = texts(&vectors["consistency_3_to_7"]).join("\n");
    let body = format!("old 3\n{proof}\n\n{}", vectors["checkpoint_7_cosigned"].as_str().unwrap());
    let request = AddCheckpoint::parse(&body).unwrap();
    assert_eq!(request.to_text(), body);
    let keys = [vectors["log_vkey"].as_str().unwrap().parse().unwrap()];
    let known = Some((3, tree.root_at(3).unwrap()));
    assert_eq!(request.decide(&keys, known).unwrap(), &checkpoint(&vectors, 7));
}

#[test]
fn seven_leaves_in_tiles() {
    let vectors = vectors();
    let leaves = texts(&vectors["leaves"]);
    let bundle = encode_bundle(&leaves).unwrap();
    assert_eq!(bundle.len() as u64, vectors["entry_bundle_len"]);
    assert_eq!(Digest::of(&bundle).to_hex(), vectors["entry_bundle_sha256"]);
    assert_eq!(parse_bundle(&bundle, 7).unwrap(), leaves.iter().map(String::as_bytes).collect::<Vec<_>>());
    assert_eq!(bundles_of(7).iter().map(Bundle::path).collect::<Vec<_>>(), [vectors["entry_bundle_path"].as_str().unwrap()]);
    let tiles = tiles_of(7);
    assert_eq!(tiles.iter().map(Tile::path).collect::<Vec<_>>(), [vectors["tile_path"].as_str().unwrap()]);
    assert_eq!(Digest::of(&bytes(&tree(&vectors), &tiles[0])).to_hex(), vectors["tile_sha256"]);
}

#[test]
fn six_hundred_leaves() {
    let vectors = &vectors()["tree_600"];
    let tree: MemoryTree = (0..600).map(|n| leaf_hash(format!("entry {n}").as_bytes())).collect();
    let (root, root_256) = (tree.root(), tree.root_at(256).unwrap());
    assert_eq!(root.to_hex(), vectors["root"]);
    assert_eq!(root_256.to_hex(), vectors["root_256"]);
    let tiles = tiles_of(600);
    assert_eq!(tiles.iter().map(Tile::path).collect::<Vec<_>>(), texts(&vectors["paths"]));
    let digests: Vec<String> = tiles.iter().map(|tile| Digest::of(&bytes(&tree, tile)).to_hex()).collect();
    assert_eq!(digests, texts(&vectors["sha256"]));
    assert_eq!(new_tiles(512, 600).iter().map(Tile::path).collect::<Vec<_>>(), ["tile/0/002.p/88"]);
    let path = tree.inclusion_proof(599, 600).unwrap();
    assert_eq!(path, hashes(&vectors["inclusion_599"], from_hex));
    assert_eq!(check_inclusion(599, 600, &tree.leaf(599).unwrap(), &path, &root), Ok(()));
    let proof = tree.consistency_proof(256, 600).unwrap();
    assert_eq!(proof, hashes(&vectors["consistency_256_600"], from_hex));
    assert_eq!(check_consistency(256, 600, &proof, &root_256, &root), Ok(()));
    assert_eq!(tree.consistency_proof(300, 600).unwrap().len() as u64, vectors["consistency_300_600_len"]);
}
