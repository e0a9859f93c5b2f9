//! Deltas, made and applied; and what is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;
use semver::Version;

use super::delta::*;
use crate::canon::Digest;

fn lines(rows: &BTreeMap<String, u8>) -> Vec<u8> {
    rows.iter().flat_map(|(key, value)| format!("{{\"key\":\"{key}\",\"value\":\"{value}\"}}\n").into_bytes()).collect()
}

fn end(version: u64, bytes: &[u8]) -> DeltaEnd {
    let factors = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    DeltaEnd { version: Version::new(version, 0, 0), lines: Digest::of(bytes), factors }
}

fn made(old: &[u8], new: &[u8]) -> Vec<u8> {
    let head = DeltaHead { delta: DELTA_FORMAT, dataset: "made".parse().unwrap(), from: end(1, old), to: end(2, new) };
    let mut delta = Vec::new();
    write_delta(&head, (old, new), &mut delta).unwrap();
    delta
}

fn applied(old: &[u8], delta: &[u8]) -> Result<Vec<u8>, DeltaError> {
    let mut next = Vec::new();
    apply_delta(old, delta, &mut next).map(|_| next)
}

fn rows(text: &str) -> Vec<u8> {
    lines(&text.split_whitespace().map(|one| (one[..1].to_owned(), one[1..].parse().unwrap())).collect())
}

#[test]
fn a_delta_in_full() {
    let (old, new) = (rows("a1 b1 c1 d1"), rows("a1 b2 d1 e1"));
    let text = String::from_utf8(made(&old, &new)).unwrap();
    let rest: Vec<&str> = text.lines().skip(1).collect();
    let wanted = [
        r#"{"put":{"key":"b","value":"2"}}"#,
        r#"{"delete":"c"}"#,
        r#"{"put":{"key":"e","value":"1"}}"#,
        r#"{"end":{"puts":2,"deletes":1}}"#,
    ];
    assert_eq!(rest, wanted);
    let head = text.lines().next().unwrap();
    assert!(head.starts_with(r#"{"delta":1,"dataset":"made","from":{"version":"1.0.0","lines":"sha256:"#), "{head}");
    assert_eq!(applied(&old, text.as_bytes()).unwrap(), new);
}

#[test]
fn what_is_not_the_delta_of_this_base_is_refused() {
    let (old, new) = (rows("a1 b1 c1 d1"), rows("a1 b2 d1 e1"));
    let sound = String::from_utf8(made(&old, &new)).unwrap();
    let swapped: Vec<&str> = sound.lines().collect();
    let swapped = [swapped[0], swapped[2], swapped[1], swapped[3], swapped[4], ""].join("\n");
    let line = |number: usize| format!("{}\n", sound.lines().nth(number).unwrap());
    let other = format!("sha256:{}", "0".repeat(64));
    let promised = format!("{}", Digest::of(&new));
    for (what, delta, why) in [
        ("nothing", String::new(), "line 1 of the delta: there is none"),
        ("no head", sound.split_once('\n').unwrap().1.to_owned(), "line 1 of the delta: a delta begins with"),
        ("another format", sound.replacen("\"delta\":1", "\"delta\":2", 1), "has format 2"),
        ("no end", sound.replace(&line(4), ""), "line 5 of the delta: the delta was cut short"),
        ("half a line", sound[..sound.len() - 5].to_owned(), "cut short"),
        ("a lost line", sound.replace(&line(2), ""), "it counts 2 puts and 1 deletes, and there were 2 and 0"),
        ("out of order", swapped, "line 3 of the delta: `b` stands twice or out of order"),
        ("twice", sound.replace(&line(2), &line(2).repeat(2)), "line 4 of the delta: `c` stands twice"),
        ("unknown key", sound.replace("\"c\"", "\"bb\""), "the base has no `bb` to delete"),
        ("another value", sound.replace("\"value\":\"2\"", "\"value\":\"3\""), "what comes of the delta has"),
        ("another promise", sound.replace(&promised, &other), "promises sha256:0000"),
        ("something after", format!("{sound}{}", line(2)), "line 6 of the delta: something follows"),
        ("a third verb", sound.replace("delete", "forget"), "it is none of"),
        ("no key", sound.replace("\"key\":\"e\",", ""), "what it puts has no key"),
    ] {
        let error = applied(&old, delta.as_bytes()).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains(why), "{what}: {error}");
    }
    let error = applied(&new, sound.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("the delta is for made@1.0.0, whose lines have sha256:"), "{error}");
}

proptest! {
    /// Whatever two sets of lines are: the delta leads from the bytes of one to the bytes of the other, there and back.
    #[test]
    fn a_delta_leads_from_one_to_the_other(
        old in proptest::collection::btree_map("[a-d]{1,4}", 0_u8..3, 0..40),
        new in proptest::collection::btree_map("[a-d]{1,4}", 0_u8..3, 0..40),
    ) {
        let (old, new) = (lines(&old), lines(&new));
        prop_assert_eq!(applied(&old, &made(&old, &new)).unwrap(), new.clone());
        prop_assert_eq!(applied(&new, &made(&new, &old)).unwrap(), old.clone());
        prop_assert_eq!(made(&old, &new), made(&old, &new));
        let nothing = made(&old, &old);
        prop_assert_eq!(nothing.iter().filter(|byte| **byte == b'\n').count(), 2);
    }

    /// A delta with any one byte lost is never applied to something else than what was promised.
    #[test]
    fn a_damaged_delta_gives_nothing_else(place in 0_usize..10_000) {
        let (old, new) = (rows("a1 b1 c1 d1"), rows("a1 b2 d1 e1"));
        let mut delta = made(&old, &new);
        let place = place % delta.len();
        delta.remove(place);
        if let Ok(next) = applied(&old, &delta) {
            prop_assert_eq!(next, new);
        }
    }
}
