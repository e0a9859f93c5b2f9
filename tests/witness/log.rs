//! The log's side: what is published is cosigned, and no witness can hinder it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use tanyin::http;
use tanyin::release::{Ground, Opening, WitnessState, ask_missing_witnesses, read_checkpoint, withdraw};
use tanyin::tlog::{Checkpoint, Note, Policy, VerifierKey};

use super::{open, start, witness_key};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

fn log_keys(site: &Site) -> Vec<VerifierKey> {
    site.ground().log_vkeys().unwrap().iter().map(|key| key.parse().unwrap()).collect()
}

/// `witness wN`s at these addresses, and a quorum of so many of them.
fn policy(witnesses: &[(u8, &str)], quorum: usize) -> Policy {
    let lines: String = witnesses.iter().map(|(seed, url)| format!("witness w{seed} {} {url}\n", witness_key(*seed).verifier())).collect();
    let names: Vec<String> = witnesses.iter().map(|(seed, _)| format!("w{seed}")).collect();
    Policy::parse(&format!("{lines}group all-of-them {quorum} {}\nquorum all-of-them\n", names.join(" "))).unwrap()
}

fn ground(site: &Site, policy: &Policy) -> Ground {
    let opening =
        Opening { data_dir: Some(site.folder.path()), database: Some(&site.database), witnesses: Some(policy), ..Opening::default() };
    Ground::open_with(&opening).unwrap()
}

fn state(ground: &Ground) -> WitnessState {
    let published = read_checkpoint(ground.blobs()).unwrap();
    ground.witness_state(published.as_ref()).unwrap().unwrap()
}

/// The published checkpoint, with the signatures of its log and of these witnesses and of nobody else.
#[track_caller]
fn expect_signed(site: &Site, size: u64, witnesses: &[u8]) {
    let note = Note::parse(read_checkpoint(site.ground().blobs()).unwrap().unwrap().note).unwrap();
    let (logs, keys) = (log_keys(site), [1, 2, 3].map(|seed| witness_key(seed).verifier().clone()));
    let opened = Checkpoint::open(&note, &logs, &keys).unwrap();
    assert_eq!(opened.checkpoint.size, size);
    let mut names: Vec<_> = opened.signed[1..].iter().map(|signed| signed.key.name().to_owned()).collect();
    names.sort();
    assert_eq!(names, witnesses.iter().map(|seed| format!("witness.example/w{seed}")).collect::<Vec<_>>());
    assert_eq!(note.signatures.len(), 1 + witnesses.len());
}

fn publish(site: &Site, ground: &Ground, version: &str) {
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("seen", version, vec![row("a", &[("value", &format!("0.{}", version.replace('.', "")))])]).write(folder.path());
    let dataset = "seen".parse().unwrap();
    assert!(!site.import(folder.path(), "seen").unwrap().report.has_errors());
    tanyin::desk::submit(ground, &dataset, &tanyin::desk::VersionWish::Package, "steward").unwrap();
    tanyin::release::publish(ground, &dataset, "steward").unwrap();
}

/// A witness that does with each connection what is said here; its address.
fn false_witness(answer: impl Fn(&mut std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 65536];
            // who asks may have given up
            drop(stream.read(&mut request));
            answer(&mut stream);
        }
    });
    address
}

fn answering(head: &'static str, body: String) -> String {
    false_witness(move |stream| {
        let length = body.len();
        drop(write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"));
    })
}

/// An address where nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

on_both!(
    fn what_is_published_is_cosigned(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        let address = start(open(folder.path(), 1, &log_keys(site)));
        // the witness comes late to a log that has grown by more than one
        publish(site, site.ground(), "1.0.0");
        withdraw(site.ground(), &"seen".parse().unwrap(), &"1.0.0".parse().unwrap(), "wrong", "operator").unwrap();
        expect_signed(site, 2, &[]);
        let ground = ground(site, &policy(&[(1, &address)], 1));
        expect_signed(site, 2, &[1]);
        publish(site, &ground, "1.0.1");
        expect_signed(site, 3, &[1]);
        let wanted = WitnessState { wanted: "1 of all-of-them (w1)".into(), signed: 1, quorum: true };
        assert_eq!(state(&ground), wanted);
        // a publisher without witnesses comes between: the proof is from the size that the witness tells of
        withdraw(site.ground(), &"seen".parse().unwrap(), &"1.0.1".parse().unwrap(), "wrong", "operator").unwrap();
        publish(site, site.ground(), "1.0.2");
        expect_signed(site, 5, &[]);
        ask_missing_witnesses(&ground);
        expect_signed(site, 5, &[1]);
        // a start changes nothing of it
        site.reopen().unwrap();
        expect_signed(site, 5, &[1]);
    }
);

on_both!(
    fn two_of_three_are_enough(site: &Site) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let first = start(open(folders[0].path(), 1, &log_keys(site)));
        let third = start(open(folders[1].path(), 3, &log_keys(site)));
        let ground = ground(site, &policy(&[(1, &first), (2, &nobody()), (3, &third)], 2));
        publish(site, &ground, "1.0.0");
        expect_signed(site, 1, &[1, 3]);
        let wanted = WitnessState { wanted: "2 of all-of-them (w1, w2, w3)".into(), signed: 2, quorum: true };
        assert_eq!(state(&ground), wanted);
    }
);

on_both!(
    fn a_witness_that_hangs_or_lies_hinders_nobody(site: &Site) {
        let hangs = false_witness(|_| std::thread::sleep(Duration::from_secs(20)));
        let other = witness_key(2).cosign("factors.example/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", 1_700_000_000);
        let rubbish = answering("200 OK", other.unwrap().to_string());
        let endless = false_witness(|stream| {
            drop(stream.write_all(b"HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size\r\n\r\n"));
            while stream.write_all(&[b'1'; 4096]).is_ok() {}
        });
        let ground = ground(site, &policy(&[(1, &hangs), (2, &rubbish), (3, &endless)], 1));
        let begun = Instant::now();
        publish(site, &ground, "1.0.0");
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
        expect_signed(site, 1, &[]);
        assert!(!state(&ground).quorum);
    }
);

on_both!(
    fn sizes_that_a_witness_makes_up_lead_nowhere(site: &Site) {
        let size = "409 Conflict\r\ncontent-type: text/x.tlog.size";
        let ahead = answering(size, "77\n".to_owned());
        let same = answering(size, "1\n".to_owned());
        let no_size = answering("409 Conflict", "0\n".to_owned());
        let ground = ground(site, &policy(&[(1, &ahead), (2, &same), (3, &no_size)], 1));
        publish(site, &ground, "1.0.0");
        expect_signed(site, 1, &[]);
    }
);

#[test]
fn the_server_says_how_many_signed() {
    let site = Site::new(crate::site::Kind::Sqlite);
    let folder = tempfile::tempdir().unwrap();
    let address = start(open(folder.path(), 1, &log_keys(&site)));
    let policy = policy(&[(1, &address), (2, &nobody())], 2);
    let ground = ground(&site, &policy);
    publish(&site, &ground, "1.0.0");
    let opening = Opening { data_dir: Some(site.folder.path()), witnesses: Some(&policy), ..Opening::default() };
    for ground in [ground, Ground::files_only(&opening).unwrap()] {
        ask_missing_witnesses(&ground); // met or not, with a database or without: nothing is lost
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || http::serve(ground, "127.0.0.1:0", |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
        let server = receiver.recv_timeout(Duration::from_secs(30)).unwrap();
        let ready = super::send("GET", &format!("http://{server}/readyz"), b"").json();
        let wanted = serde_json::json!({"wanted": "2 of all-of-them (w1, w2)", "signed": 1, "quorum": false});
        assert_eq!(ready["witnesses"], wanted);
    }
    expect_signed(&site, 1, &[1]);
}
