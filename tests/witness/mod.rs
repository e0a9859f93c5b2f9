//! Witnesses: what one signs and never signs, and what a log does with them.

mod kill;
mod log;
mod server;

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use tanyin::tlog::{AddCheckpoint, Checkpoint, KeyKind, MemoryTree, Note, SignerKey, VerifierKey, leaf_hash};
use tanyin::witness::{Witness, serve};

use crate::site::Response;

const ORIGIN: &str = "factors.example/log";

fn log_key() -> SignerKey {
    SignerKey::generate(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap()
}

fn witness_key(seed: u8) -> SignerKey {
    SignerKey::generate(&format!("witness.example/w{seed}"), KeyKind::Cosignature, &[seed; 32]).unwrap()
}

/// A history: trees with the same salt grow into one another, others do not.
fn tree(size: u64, salt: u8) -> MemoryTree {
    (0..size).map(|n| leaf_hash(&[n.to_be_bytes().as_slice(), &[salt]].concat())).collect()
}

fn note(tree: &MemoryTree, key: &SignerKey) -> Note {
    let checkpoint = Checkpoint { origin: key.name().to_owned(), size: tree.size(), root: tree.root(), extensions: vec![] };
    Note::sign(&checkpoint.to_text(), &[key]).unwrap()
}

fn request(tree: &MemoryTree, old_size: u64) -> AddCheckpoint {
    let note = note(tree, &log_key());
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    AddCheckpoint { old_size, proof: tree.consistency_proof(old_size, tree.size()).unwrap_or_default(), note, checkpoint }
}

fn open(folder: &Path, seed: u8, logs: &[VerifierKey]) -> Witness {
    Witness::open(witness_key(seed), logs.to_vec(), folder).unwrap()
}

/// A witness on a loopback port: its address.
fn start(witness: Witness) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || serve(witness, "127.0.0.1:0", |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
    format!("http://{}", receiver.recv_timeout(Duration::from_secs(30)).unwrap())
}

fn send(method: &str, url: &str, body: &[u8]) -> Response {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
    let agent: ureq::Agent = config.allow_non_standard_methods(true).build().into();
    let request = ureq::http::Request::builder().method(method).uri(url);
    let mut response = match method {
        "GET" | "HEAD" | "DELETE" => agent.run(request.body(()).unwrap()),
        _ => agent.run(request.body(body.to_vec()).unwrap()),
    }
    .unwrap();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Response { status: response.status().as_u16(), headers, body: response.body_mut().read_to_vec().unwrap() }
}

fn add(address: &str, request: &AddCheckpoint) -> Response {
    send("POST", &format!("{address}/add-checkpoint"), request.to_text().as_bytes())
}

/// The time of a cosignature, which our code and Cloudflare's `signed_note` both find right.
#[track_caller]
fn cosigned_time(note: &Note, answer: &str, key: &SignerKey) -> u64 {
    let whole = format!("{note}{answer}");
    let keys = [key.verifier().clone()];
    let signed = Note::parse(&whole).unwrap().verify(&keys).unwrap()[0].time.unwrap();
    // the foreign one knows plain Ed25519: it is shown the bytes that a cosignature is over
    let line = Note::parse(&whole).unwrap().signatures.into_iter().find(|line| key.verifier().signs_as(line)).unwrap();
    let (time, signature) = line.payload.split_at(8);
    let time = u64::from_be_bytes(time.try_into().unwrap());
    let plain = SignerKey::generate("plain", KeyKind::Ed25519, &[key.name().bytes().last().unwrap() - b'0'; 32]).unwrap();
    let verifier = signed_note::StandardVerifier::new(&plain.verifier().to_string()).unwrap();
    let message = format!("cosignature/v1\ntime {time}\n{}", note.text);
    assert!(signed_note::Verifier::verify(&verifier, message.as_bytes(), signature));
    assert_eq!((signed, line.payload.len()), (time, 72));
    signed
}
