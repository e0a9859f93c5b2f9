//! Whoever touches a lockfile is found out, offline, down to the factor and the link.

use serde_json::{Value, json};
use tanyin::audit::lock::{Lockfile, check_lockfile};
use tanyin::audit::{Basis, Trust};

use super::{Calculator, error, package};
use crate::on_both;
use crate::site::Site;

/// What the calculator's people write themselves: nobody signs it, and it may be edited.
const OWN: [&str; 4] = ["/server", "/label", "/requirement", "/amount/value"];

fn leaves(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(name, member)| leaves(member, &format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), found));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| leaves(item, &format!("{place}/{at}"), found)),
        _ => found.push(place.to_owned()),
    }
}

/// Whether the file does not read, or does not hold.
fn caught(value: &Value) -> bool {
    let Ok(file) = Lockfile::parse(&value.to_string()) else { return true };
    let mut trust = Trust::new(1_800_000_000);
    trust.adopt(file.log.verifier_keys(), Basis::Own);
    !check_lockfile(&file, &trust).is_empty()
}

/// A text with one character changed, at several places.
fn flipped(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let places = if characters.len() > 40 {
        vec![0, 7, characters.len() / 3, characters.len() / 2, characters.len() - 2, characters.len() - 1]
    } else {
        (0..characters.len()).collect()
    };
    let mut all = vec![format!("{text}x"), String::new()];
    for place in places {
        let mut changed = characters.clone();
        changed[place] = if changed[place] == 'B' { 'C' } else { 'B' };
        all.push(changed.into_iter().collect());
    }
    all.retain(|other| other != text);
    all
}

fn made(site: &Site) -> Calculator {
    site.publish(&package("grid", "1.0.0", &[("a", &[]), ("b", &[("value", "2")]), ("c", &[])]));
    site.publish(&package("grid", "1.1.0", &[("a", &[("value", "3")]), ("b", &[("value", "2")]), ("c", &[])]));
    let calculator = Calculator::new();
    calculator.pin(site, "grid@1.0.0#a", &["--amount", "10", "--unit", "kW.h", "--label", "office"]);
    calculator.pin(site, "grid@^1#b", &[]);
    calculator
}

on_both!(
    fn every_member_counts(site: &Site) {
        let calculator = made(site);
        let file = calculator.file();
        assert!(!caught(&file));
        let mut places = Vec::new();
        leaves(&file, "", &mut places);
        assert!(places.len() > 60, "{places:?}");
        let mut tried = 0;
        for place in &places {
            let own = OWN.iter().any(|own| place.ends_with(own));
            let changes: Vec<Value> = match file.pointer(place).unwrap() {
                Value::String(text) => flipped(text).into_iter().map(Value::String).collect(),
                Value::Number(number) => {
                    vec![json!(number.as_u64().unwrap() + 1), json!(number.as_u64().unwrap() ^ 2), json!(-1), json!(0.5)]
                }
                Value::Bool(flag) => vec![json!(!flag)],
                other => panic!("{place}: {other}"),
            };
            for change in changes {
                let mut wrong = file.clone();
                *wrong.pointer_mut(place).unwrap() = change.clone();
                tried += 1;
                assert!(own || caught(&wrong), "{place} = {change}");
            }
        }
        assert!(tried > 400, "{tried}");
    }
);

on_both!(
    fn nothing_can_be_left_out_or_put_in(site: &Site) {
        let calculator = made(site);
        let file = calculator.file();
        let mut places = vec![String::new()];
        let mut at = 0;
        while let Some(place) = places.get(at).cloned() {
            at += 1;
            let children: Vec<String> = match file.pointer(&place).unwrap() {
                Value::Object(members) => members.keys().map(|name| format!("{place}/{name}")).collect(),
                Value::Array(items) => (0..items.len()).map(|n| format!("{place}/{n}")).collect(),
                _ => Vec::new(),
            };
            for child in &children {
                let mut wrong = file.clone();
                let (_, last) = child.rsplit_once('/').unwrap();
                match wrong.pointer_mut(&place).unwrap() {
                    Value::Object(members) => drop(members.shift_remove(last)),
                    Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                    _ => panic!("no such place"),
                }
                // a whole factor may go, if its release goes too; a label or an amount may always
                let own = ["server", "label", "amount"].contains(&last);
                assert!(own || caught(&wrong), "without {child}");
            }
            if let Value::Object(_) = file.pointer(&place).unwrap() {
                let mut wrong = file.clone();
                wrong.pointer_mut(&place).unwrap().as_object_mut().unwrap().insert("zzz".into(), json!("x"));
                assert!(caught(&wrong), "more in {place}");
            }
            places.extend(children);
        }
        let mut twice = file.clone();
        let again = twice["factors"][0].clone();
        twice["factors"].as_array_mut().unwrap().push(again);
        assert!(caught(&twice));
    }
);

on_both!(
    fn the_link_and_the_factor_are_named(site: &Site) {
        let calculator = made(site);
        let good = calculator.file();
        let cases = [
            ("/factors/0/factor/value", json!("9"), "line → digest", 1),
            ("/factors/0/index", json!(1), "line → manifest", 1),
            ("/releases/0/manifest/title/en", json!("Other"), "manifest → leaf", 1),
            ("/releases/0/version", json!("1.0.1"), "manifest → release", 0),
            ("/releases/0/index", json!(1), "leaf → checkpoint", 1),
            ("/log/checkpoint/1", json!("9"), "checkpoint → keys", 2),
            ("/factors/1/requirement", json!("^2"), "lockfile", 0),
            ("/factors/0/amount/unit", json!("kg"), "lockfile", 1),
        ];
        for (place, change, link, factors) in cases {
            let mut wrong = good.clone();
            *wrong.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = change;
            std::fs::write(calculator.path(), wrong.to_string()).unwrap();
            let told = calculator.ends(1, &["check", "--json"]).json();
            assert_eq!(told["sound"], false);
            let failures = told["failures"].as_array().unwrap();
            let own = failures.iter().find(|failure| failure["link"] == link).unwrap_or_else(|| panic!("{place}: {told}"));
            assert_eq!(own["factors"].as_array().unwrap().len(), factors, "{place}: {told}");
            assert!(calculator.ends(1, &["check"]).out().contains(&format!("[{link}]")));
            // and nothing is built on it
            for command in [&["add", "grid#c"][..], &["outdated"], &["update", "--yes"]] {
                assert_eq!(error(&calculator.ends(1, &[command, &["--json"]].concat())).0, "lockfile", "{place}");
            }
            assert_eq!(calculator.text(), wrong.to_string());
        }
        // reformatted, it is still the same
        std::fs::write(calculator.path(), good.to_string()).unwrap();
        calculator.ends(0, &["check"]);
    }
);

on_both!(
    fn files_that_do_not_read(site: &Site) {
        let calculator = made(site);
        let good = calculator.text();
        let half = good.len() / 2;
        for (text, code, says) in [
            (good.replacen("  \"log\": {", "<<<<<<< HEAD\n  \"log\": {", 1), "conflict", "merge conflict"),
            (good.replacen("\"format\": \"1\"", "\"format\": \"2\"", 1), "format", "format `2`"),
            (good.replacen("\"format\": \"1\",", "\"format\": \"1\",\n  \"more\": 1,", 1), "lockfile", "more"),
            (good.replacen("\"metric\": \"CO2\",", "\"metric\": \"CO2e\",\n      \"metric\": \"CO2\",", 1), "lockfile", "twice"),
            (good[..half].to_owned(), "lockfile", "does not read"),
            (String::new(), "lockfile", "does not read"),
            ("[".repeat(100_000), "lockfile", "does not read"),
        ] {
            std::fs::write(calculator.path(), &text).unwrap();
            for command in [&["check"][..], &["outdated"], &["add", "grid#c"]] {
                let refused = calculator.ends(1, &[command, &["--json"]].concat());
                let (found, message) = error(&refused);
                assert!(found == code && message.contains(says), "{found}: {message}");
            }
            assert_eq!(calculator.text(), text);
        }
        std::fs::write(calculator.path(), [0xff, 0xfe]).unwrap();
        calculator.ends(1, &["check"]);
        std::fs::remove_file(calculator.path()).unwrap();
        std::fs::create_dir(calculator.path()).unwrap();
        calculator.ends(3, &["check"]);
    }
);
