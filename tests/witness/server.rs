//! `add-checkpoint` over HTTP, as C2SP tlog-witness has it, and what a restart finds.

use std::io::{Read, Write};
use std::net::TcpStream;

use tanyin::tlog::{Note, empty_root};
use tanyin::witness::{Witness, WitnessError};

use super::{ORIGIN, add, cosigned_time, log_key, note, open, request, send, start, tree, witness_key};

fn fresh() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let address = start(open(folder.path(), 1, &[log_key().verifier().clone()]));
    (folder, address)
}

#[test]
fn it_cosigns_growth() {
    let (_folder, address) = fresh();
    let mut last = 0;
    for (old, new) in [(0, 0), (0, 1), (1, 1), (1, 3), (3, 300), (300, 300)] {
        let answer = add(&address, &request(&tree(new, 0), old));
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; charset=utf-8")), "{}", answer.text());
        let time = cosigned_time(&note(&tree(new, 0), &log_key()), &answer.text(), &witness_key(1));
        assert!(time >= last && time > 1_700_000_000);
        last = time;
    }
}

#[test]
fn each_refusal_has_its_status() {
    let (_folder, address) = fresh();
    assert_eq!(add(&address, &request(&tree(5, 0), 0)).status, 200);
    // a rollback, an unknown size, a fork of the same size
    for wrong in [request(&tree(3, 0), 3), request(&tree(9, 0), 4), request(&tree(9, 0), 0), request(&tree(5, 1), 5)] {
        let answer = add(&address, &wrong);
        assert_eq!((answer.status, answer.header("content-type"), answer.text().as_str()), (409, Some("text/x.tlog.size"), "5\n"));
    }
    let mut forged = request(&tree(9, 0), 5);
    forged.note.signatures[0].payload[0] ^= 1;
    assert_eq!(add(&address, &forged).status, 403);
    let stranger = tanyin::tlog::SignerKey::generate(ORIGIN, tanyin::tlog::KeyKind::Ed25519, &[8; 32]).unwrap();
    forged.note = note(&tree(9, 0), &stranger);
    assert_eq!(add(&address, &forged).status, 403);
    let unknown = tanyin::tlog::SignerKey::generate("other.example/log", tanyin::tlog::KeyKind::Ed25519, &[7; 32]).unwrap();
    forged.note = note(&tree(9, 0), &unknown);
    assert_eq!(add(&address, &forged).status, 404);
    assert_eq!(add(&address, &request(&tree(9, 1), 5)).status, 422, "another history");
    let mut above = request(&tree(5, 0), 6);
    above.proof.clear();
    assert_eq!(add(&address, &above).status, 400);
    // nothing of this was remembered
    assert_eq!(add(&address, &request(&tree(9, 0), 5)).status, 200);
}

#[test]
fn growth_from_nothing_has_no_proof() {
    let (_folder, address) = fresh();
    let mut idle = request(&tree(5, 0), 0);
    idle.proof.push(empty_root());
    assert_eq!(add(&address, &idle).status, 422);
}

#[test]
fn what_is_no_request() {
    let (_folder, address) = fresh();
    let url = format!("{address}/add-checkpoint");
    for garbage in [&b""[..], b"old", b"old 0\n\n", b"\xff\xfe", b"old 0\n\nx\n1\ny\n\n\xe2\x80\x94 x y\n"] {
        let answer = send("POST", &url, garbage);
        assert_eq!(answer.status, 400, "{garbage:?}");
        assert!(answer.text().len() > 10, "it says why");
    }
    assert_eq!(send("POST", &url, &vec![b'x'; 1 << 20]).status, 413);
    for (method, path, allowed) in [
        ("GET", "/add-checkpoint", "POST"),
        ("DELETE", "/add-checkpoint", "POST"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ] {
        let answer = send(method, &format!("{address}{path}"), b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
    assert_eq!(send("GET", &format!("{address}/other"), b"").status, 404);
    assert!(send("GET", &format!("{address}/"), b"").text().contains(&witness_key(1).verifier().to_string()));
    assert_eq!(send("GET", &format!("{address}/healthz"), b"").status, 200);
}

#[test]
fn an_endless_body_is_cut_off() {
    let (_folder, address) = fresh();
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    stream.write_all(b"POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    // the answer comes at once, and the connection ends soon after it: a client that goes on sending is told by an error
    let begun = std::time::Instant::now();
    while stream.write_all(&chunk).is_ok() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it reads on and on");
    }
    let mut answer = Vec::new();
    // the connection may be reset behind the answer
    drop(stream.read_to_end(&mut answer));
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(add(&address, &request(&tree(1, 0), 0)).status, 200, "others are served");
}

#[test]
fn of_two_histories_at_once_exactly_one_wins() {
    for round in 0..20 {
        let (_folder, address) = fresh();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..4_u8)
                .map(|salt| {
                    let address = &address;
                    scope.spawn(move || add(address, &request(&tree(3, salt), 0)).status)
                })
                .collect();
            asked.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        assert_eq!((count(200), count(409)), (1, 3), "round {round}: {statuses:?}");
    }
}

#[test]
fn a_restart_goes_on_from_what_was_signed() {
    let folder = tempfile::tempdir().unwrap();
    let logs = [log_key().verifier().clone()];
    let late = || 9_000_000_000;
    let first = Witness::open_with_clock(witness_key(1), logs.to_vec(), folder.path(), late).unwrap();
    assert!(matches!(Witness::open(witness_key(1), logs.to_vec(), folder.path()), Err(WitnessError::Taken(_))), "one at a time");
    let line = first.add_checkpoint(request(&tree(5, 0), 0).to_text().as_bytes()).unwrap();
    assert_eq!(cosigned_time(&note(&tree(5, 0), &log_key()), &line, &witness_key(1)), 9_000_000_000);
    drop(first);
    let again = open(folder.path(), 1, &logs);
    for wrong in [request(&tree(6, 1), 0), request(&tree(6, 1), 5), request(&tree(5, 1), 5)] {
        assert!(again.add_checkpoint(wrong.to_text().as_bytes()).is_err());
    }
    let line = again.add_checkpoint(request(&tree(6, 0), 5).to_text().as_bytes()).unwrap();
    let time = cosigned_time(&note(&tree(6, 0), &log_key()), &line, &witness_key(1));
    assert_eq!(time, 9_000_000_000, "time does not go back with the clock");
    let evidence: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let fork = evidence.iter().find(|path| path.extension().is_some_and(|end| end == "fork")).unwrap();
    assert_eq!(Note::parse(std::fs::read(fork).unwrap()).unwrap(), note(&tree(5, 1), &log_key()));
}

#[test]
fn a_damaged_memory_is_a_refusal_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let logs = [log_key().verifier().clone()];
    let witness = open(folder.path(), 1, &logs);
    witness.add_checkpoint(request(&tree(5, 0), 0).to_text().as_bytes()).unwrap();
    let path = witness.state_path(ORIGIN);
    drop(witness);
    let whole = std::fs::read_to_string(&path).unwrap();
    for damaged in [String::new(), whole[..whole.len() - 9].to_owned(), whole.replace("\n5\n", "\n4\n"), whole.replace(ORIGIN, "x")] {
        std::fs::write(&path, &damaged).unwrap();
        let error = Witness::open(witness_key(1), logs.to_vec(), folder.path()).unwrap_err().to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
    std::fs::write(&path, &whole).unwrap();
    assert!(Witness::open(witness_key(2), logs.to_vec(), folder.path()).is_err(), "another witness's memory");
    assert!(Witness::open(witness_key(1), logs.to_vec(), folder.path()).is_ok());
    assert!(matches!(Witness::open(log_key(), logs.to_vec(), folder.path()), Err(WitnessError::Key(_))));
    let wrong = vec![witness_key(3).verifier().clone()];
    assert!(matches!(Witness::open(witness_key(1), wrong, folder.path()), Err(WitnessError::LogKey(_))));
}
