//! Descriptions that are wrong, and tables that are not the ones described.

use serde_json::json;

use super::hostile::make_pipe;
use super::{Case, described, disturbed, refuse_all};
use crate::on_both;
use crate::site::{PackageDraft, row};

const PATH: &str = "resources.factors.path";

pub(super) fn descriptions() -> Vec<Case> {
    let shape = |field| vec![("package-shape", None, field)];
    vec![
        described("another dataset", |d| d["name"] = json!("other-dataset"), vec![("package-dataset", None, Some("name"))], "--dataset"),
        described("a name with a year", |d| d["name"] = json!("grid-2024"), vec![("package-name", None, Some("name"))], "names a year"),
        described("a name with a slash", |d| d["name"] = json!("../../x"), vec![("package-name", None, Some("name"))], "not a dataset id"),
        described("half a version", |d| d["version"] = json!("1.1"), vec![("package-version", None, Some("version"))], "MAJOR.MINOR"),
        described("a candidate", |d| d["version"] = json!("1.1.0-rc.1"), vec![("package-version", None, Some("version"))], "1.1.0-rc.1"),
        described("no title", |d| d["title"] = json!(" "), vec![("package-title", None, Some("title"))], "no title"),
        described("no licence", |d| d["licenses"] = json!([]), vec![("licence", None, Some("licenses"))], "no licence"),
        described("an unknown licence", |d| d["licenses"][0]["name"] = json!("free"), licence(), "SPDX"),
        described("no class", |d| d["licenses"] = json!([{"name": "CC0-1.0"}]), licence(), "redistribution"),
        described("a source twice", |d| twice(&mut d["sources"]), source(Some("sources[1]")), "declared twice"),
        described("a source's digest", |d| d["sources"][0]["sha256"] = json!("abc"), source(Some("sources[0].sha256")), ""),
        described("a number as title", |d| d["title"] = json!(7), shape(None), "invalid type"),
        described("no resource", |d| d["resources"] = json!([]), shape(Some("resources")), "resource named `factors`"),
        described("two tables", |d| twice(&mut d["resources"]), shape(Some("resources")), "one and only one"),
        described("several parts", |d| d["resources"][0]["path"] = json!(["a.csv", "b.csv"]), shape(Some(PATH)), "not one path"),
        described("GBK", |d| d["resources"][0]["encoding"] = json!("gbk"), shape(Some("resources.factors.encoding")), "UTF-8"),
        described("wrong digest", |d| d["resources"][0]["hash"] = json!(format!("sha256:{}", "0".repeat(64))), hash(), "another file"),
        described("MD5", |d| d["resources"][0]["hash"] = json!("md5:d41d8cd98f00b204e9800998ecf8427e"), hash(), ""),
        described("wrong size", |d| d["resources"][0]["bytes"] = json!(7), bytes(), "the description says 7 bytes"),
    ]
}

fn twice(list: &mut serde_json::Value) {
    let first = list[0].clone();
    list.as_array_mut().unwrap().push(first);
}

fn licence() -> Vec<super::Expected> {
    vec![("licence", None, Some("licenses[0]"))]
}

fn source(field: Option<&'static str>) -> Vec<super::Expected> {
    vec![("source-id", None, field)]
}

fn hash() -> Vec<super::Expected> {
    vec![("resource-hash", None, Some("resources.factors.hash"))]
}

fn bytes() -> Vec<super::Expected> {
    vec![("resource-bytes", None, Some("resources.factors.bytes"))]
}

/// Ways out of the folder, and files that are no description.
pub(super) fn ways_out() -> Vec<Case> {
    let outside = [
        ("up", "../factors.csv"),
        ("absolute", "/etc/passwd"),
        ("up and down", "sub/../../factors.csv"),
        ("an address", "https://example.org/factors.csv"),
        ("a file address", "file:///etc/passwd"),
        ("Windows", "..\\factors.csv"),
        ("not there", "other.csv"),
        ("nothing", ""),
    ];
    let mut cases: Vec<Case> = outside
        .into_iter()
        .map(|(name, path)| {
            described(name, move |d| d["resources"][0]["path"] = json!(path), vec![("path-outside", None, Some(PATH))], "package")
        })
        .collect();
    let description = |text: String| move |folder: &std::path::Path| std::fs::write(folder.join("datapackage.json"), &text).unwrap();
    let shape = || vec![("package-shape", None, None)];
    let link = |folder: &std::path::Path| {
        std::fs::remove_file(folder.join("factors.csv")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.join("factors.csv")).unwrap();
    };
    let pipe = |folder: &std::path::Path| {
        std::fs::remove_file(folder.join("datapackage.json")).unwrap();
        make_pipe(&folder.join("datapackage.json"));
    };
    let none = |folder: &std::path::Path| std::fs::remove_file(folder.join("datapackage.json")).unwrap();
    let deep = format!("{{\"name\": {}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
    cases.extend([
        disturbed("a link out", link, vec![("path-outside", None, Some(PATH))], "a link that leads out"),
        disturbed("no JSON", description("name: yaml\n".into()), shape(), "datapackage.json"),
        disturbed("a list", description("[]".into()), shape(), "datapackage.json"),
        disturbed("half a file", description("{\"name\": \"host".into()), shape(), "EOF"),
        disturbed("a member twice", description("{\"name\": \"hostile\", \"name\": \"other\"}".into()), shape(), "duplicate"),
        disturbed("five megabytes", description(format!("{{\"name\": \"{}\"}}", "x".repeat(5 << 20))), shape(), "larger than 4194304"),
        disturbed("deep", description(deep), shape(), "datapackage.json"),
        disturbed("a pipe", pipe, shape(), "not a regular file"),
        disturbed("no description", none, shape(), "datapackage.json"),
    ]);
    cases
}

on_both!(
    fn bad_descriptions_change_nothing(site: &Site) {
        refuse_all(site, descriptions());
    }
);

on_both!(
    fn paths_stay_inside_and_descriptions_stay_small(site: &Site) {
        refuse_all(site, ways_out());
    }
);

on_both!(
    fn a_deep_member_that_nobody_reads_does_no_harm(site: &Site) {
        let folder = tempfile::tempdir().unwrap();
        PackageDraft::new("deep", "1.0.0", vec![row("a", &[])]).write(folder.path());
        let path = folder.path().join("datapackage.json");
        let text = std::fs::read_to_string(&path).unwrap();
        let deep = format!("{{\"x\": {}1{},", "[".repeat(200_000), "]".repeat(200_000));
        std::fs::write(&path, text.replacen('{', &deep, 1)).unwrap();
        assert!(site.import(folder.path(), "deep").unwrap().run.is_some());
    }
);
