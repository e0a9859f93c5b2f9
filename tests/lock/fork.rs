//! A server that shows another history than the file has seen is refused, and the file stays as it is.

use super::{Calculator, copy, error, package, settle};
use crate::site::{Kind, Site};

#[track_caller]
fn refused(calculator: &Calculator, server: &Site, code: &str, word: &str) {
    let before = calculator.text();
    for command in [&["add", "grid#b"][..], &["outdated"], &["update", "--yes"]] {
        let (found, message) = error(&calculator.ends(1, &[command, &["--server", server.address(), "--json"]].concat()));
        assert!(found == code && message.contains(word), "{command:?}: {found}: {message}");
    }
    assert_eq!(calculator.text(), before);
    calculator.ends(0, &["check"]);
}

fn forks(kind: Kind) {
    let site = Site::new(kind);
    site.publish(&package("grid", "1.0.0", &[("a", &[]), ("b", &[])]));
    site.publish(&package("grid", "1.1.0", &[("a", &[("value", "1")]), ("b", &[])]));
    let calculator = Calculator::new();
    calculator.pin(&site, "grid@^1#a", &[]);

    // the same key and name, other content: as many leaves, fewer, more
    let twin = Site::twin(kind, &site);
    twin.publish(&package("grid", "1.0.0", &[("a", &[("value", "7")]), ("b", &[])]));
    refused(&calculator, &twin, "rollback", "ROLLBACK");
    twin.publish(&package("grid", "1.1.0", &[("a", &[("value", "8")]), ("b", &[])]));
    settle(&twin);
    refused(&calculator, &twin, "fork", "FORK");
    twin.publish(&package("grid", "1.2.0", &[("a", &[("value", "9")]), ("b", &[])]));
    settle(&twin);
    refused(&calculator, &twin, "fork", "FORK");

    // another key under the same name
    let stranger = Site::new(kind);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        stranger.publish(&package("grid", version, &[("a", &[("value", &version[2..3])]), ("b", &[])]));
    }
    refused(&calculator, &stranger, "unproved", "checkpoint → keys");

    // the true one has grown, and is followed
    site.publish(&package("grid", "1.2.0", &[("a", &[("value", "2")]), ("b", &[])]));
    settle(&site);
    let other = tempfile::tempdir().unwrap();
    copy(&calculator, other.path());
    calculator.ends(0, &["add", "grid#b"]);
    assert_eq!(calculator.file()["log"]["checkpoint"][1], "3");
    calculator.ends(0, &["check"]);
    // an older state of the file still goes on from there
    calculator.ends(0, &["update", "--yes", "--file", other.path().join("tanyin.lock").to_str().unwrap()]);
}

#[test]
fn sqlite() {
    forks(Kind::Sqlite);
}

#[test]
fn postgres() {
    forks(Kind::Postgres);
}
