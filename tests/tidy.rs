//! The house: rooms in the order in which data travel, files of a readable size, equal migrations.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    folders.iter().for_each(|folder| files(&root().join(folder), &mut found));
    found.sort();
    assert!(found.len() > 10, "{folders:?}");
    found
}

/// The rooms in the order of `src/lib.rs`.
fn rooms() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rooms: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")).map(|name| name.trim_end_matches(';').to_owned()).collect();
    assert!(rooms.starts_with(&["canon", "factor", "dataset"].map(String::from)), "{rooms:?}");
    rooms
}

/// The code of a file that is compiled outside tests, without its comments.
///
/// House style puts `#[cfg(test)] mod tests` last, or names a file of its own (`…_tests.rs`, `testing.rs`, `sample.rs`).
fn code(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy();
    if name.ends_with("_tests.rs") || ["testing.rs", "sample.rs"].contains(&&*name) {
        return String::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    own.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code)).collect::<Vec<_>>().join("\n")
}

/// The names that stand where a path from the crate begins: `crate::a::b`, `crate::{a, b::c}`.
fn rooms_named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut named = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => drop(named.insert(word(rest))),
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (place, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && c.is_alphabetic() => {
                            named.insert(word(&group[place..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    named
}

#[test]
fn each_room_uses_only_those_before_it() {
    let rooms = rooms();
    let place = |name: &str| rooms.iter().position(|room| room == name);
    let mut wrong = Vec::new();
    for path in sources(&["src"]) {
        let inside = path.strip_prefix(root().join("src")).unwrap();
        let own = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let Some(own_place) = place(&own) else { continue };
        for named in rooms_named(&code(&path)) {
            if place(&named).is_some_and(|other| other > own_place) {
                wrong.push(format!("{} uses {named}, which stands after {own}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_names_every_room_in_order() {
    let mut folders: Vec<String> = std::fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut rooms = rooms();
    let page = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let drawn: String =
        page.lines().skip_while(|line| !line.starts_with("    canon < ")).take_while(|line| line.starts_with("    ")).collect();
    let drawn: Vec<&str> = drawn.split('<').map(str::trim).collect();
    let missing: Vec<_> = rooms.iter().filter(|room| !drawn.contains(&room.as_str())).collect();
    assert!(missing.is_empty(), "docs/ARCHITECTURE.md does not draw {missing:?}");
    assert!(drawn.iter().filter_map(|name| rooms.iter().position(|room| room == name)).is_sorted());
    folders.sort();
    rooms.sort();
    assert_eq!(folders, rooms);
}

#[test]
fn every_room_says_what_it_is() {
    for room in rooms() {
        let text = std::fs::read_to_string(root().join("src").join(&room).join("mod.rs")).unwrap();
        assert!(text.starts_with("//! "), "{room}");
    }
    for path in sources(&["src", "tests"]) {
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("//! "), "{}", path.display());
    }
}

#[test]
fn files_stay_readable() {
    for path in sources(&["src", "tests"]) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 600, "{} has {lines} lines", path.display());
    }
}

#[test]
fn both_databases_take_the_same_steps() {
    let steps = |kind: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(root().join("migrations").join(kind)).unwrap().map(|entry| entry.unwrap().path());
        entries
            .flat_map(|step| {
                let name = step.file_name().unwrap().to_string_lossy().into_owned();
                std::fs::read_dir(&step).unwrap().map(move |file| format!("{name}/{}", file.unwrap().file_name().to_string_lossy()))
            })
            .collect()
    };
    assert_eq!(steps("sqlite"), steps("postgres"));
    assert!(!steps("sqlite").is_empty());
}

#[test]
fn groups_of_imports_are_read() {
    let named = rooms_named("use crate::{canon::{Digest, a}, store::b,\n factor};\nfn f() { crate::tlog::x() }");
    assert_eq!(named, ["canon", "store", "factor", "tlog"].map(String::from).into());
}
