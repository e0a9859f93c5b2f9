//! A dataset package: a Frictionless Data Package (v2) in a folder.
//!
//! Beside the standard's members Tanyin reads `titles` and `descriptions` by
//! language, `redistribution` and `attribution` of a licence, and `id`,
//! `document_no`, `publisher`, `date`, `sha256`, `level` of a source.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use semver::Version;
use serde::Deserialize;

use super::limits::MAX_DESCRIPTOR_BYTES;
use super::records::open_regular;
use crate::canon::Digest;
use crate::dataset::{Contributor, DatasetId, Licence, Metadata, Redistribution, SourceDocument};
use crate::factor::{SourceLevel, Text};

/// A package whose description has been read; its table has not.
#[derive(Debug)]
pub struct Package {
    /// The dataset that it is for.
    pub dataset: DatasetId,
    /// The version that its author gives it.
    pub version: Version,
    /// Titles, licences, sources, contributors.
    pub metadata: Metadata,
    /// The table of factors.
    pub table: PathBuf,
    /// What the description says of the table's size.
    pub bytes: Option<u64>,
    /// What the description says of the table's digest.
    pub hash: Option<Digest>,
}

/// What is wrong with a description: a rule of `validate`'s table, a member, and a note.
#[derive(Debug, PartialEq, Eq)]
pub struct PackageProblem {
    /// Id of the rule.
    pub rule: &'static str,
    /// Member of the description.
    pub field: String,
    /// What is wrong and what would be right.
    pub message: String,
}

#[derive(Deserialize)]
struct Descriptor {
    name: Option<String>,
    version: Option<String>,
    title: Option<String>,
    description: Option<String>,
    titles: Option<Text>,
    descriptions: Option<Text>,
    #[serde(default)]
    licenses: Vec<DescribedLicence>,
    #[serde(default)]
    sources: Vec<DescribedSource>,
    #[serde(default)]
    contributors: Vec<DescribedContributor>,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct DescribedLicence {
    name: Option<String>,
    title: Option<String>,
    path: Option<String>,
    redistribution: Option<Redistribution>,
    attribution: Option<Text>,
}

#[derive(Deserialize)]
struct DescribedSource {
    id: Option<String>,
    title: Option<String>,
    title_en: Option<String>,
    title_zh: Option<String>,
    publisher: Option<String>,
    publisher_en: Option<String>,
    publisher_zh: Option<String>,
    document_no: Option<String>,
    date: Option<String>,
    version: Option<String>,
    path: Option<String>,
    landing_page: Option<String>,
    sha256: Option<String>,
    media_type: Option<String>,
    level: Option<SourceLevel>,
}

#[derive(Deserialize)]
struct DescribedContributor {
    #[serde(default)]
    title: String,
    #[serde(default)]
    roles: Vec<String>,
}

#[derive(Deserialize)]
struct Resource {
    name: Option<String>,
    path: Option<serde_json::Value>,
    encoding: Option<String>,
    bytes: Option<u64>,
    hash: Option<String>,
}

/// Reads the description of a package: a folder, or its `datapackage.json`.
///
/// Every problem found is given, not only the first.
pub fn read_package(path: &Path) -> Result<Package, Vec<PackageProblem>> {
    let file = if path.is_dir() { path.join("datapackage.json") } else { path.to_owned() };
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    let text = read_descriptor(&file).map_err(|problem| vec![problem])?;
    let descriptor: Descriptor = serde_json::from_slice(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text))
        .map_err(|error| vec![problem("package-shape", "", format!("{}: {error}", file.display()))])?;
    let mut problems = Vec::new();
    let package = assemble(descriptor, &folder, &mut problems);
    match package {
        Some(package) if problems.is_empty() => Ok(package),
        _ => Err(problems),
    }
}

fn problem(rule: &'static str, field: &str, message: impl Into<String>) -> PackageProblem {
    PackageProblem { rule, field: field.to_owned(), message: message.into() }
}

fn read_descriptor(file: &Path) -> Result<Vec<u8>, PackageProblem> {
    let unreadable = |error: std::io::Error| problem("package-shape", "", format!("{}: {error}", file.display()));
    let mut text = Vec::new();
    let handle = open_regular(file).map_err(unreadable)?;
    handle.take(MAX_DESCRIPTOR_BYTES + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_DESCRIPTOR_BYTES {
        return Err(problem("package-shape", "", format!("{} is larger than {MAX_DESCRIPTOR_BYTES} bytes", file.display())));
    }
    Ok(text)
}

fn assemble(descriptor: Descriptor, folder: &Path, problems: &mut Vec<PackageProblem>) -> Option<Package> {
    let dataset = match descriptor.name.as_deref().unwrap_or_default().parse::<DatasetId>() {
        Ok(id) => Some(id),
        Err(error) => {
            problems.push(problem("package-name", "name", error.to_string()));
            None
        }
    };
    let version = read_version(descriptor.version.as_deref(), problems);
    let titles = descriptor.titles.unwrap_or_default();
    let title = by_language(descriptor.title, titles.en, titles.zh);
    if title.is_empty() {
        problems.push(problem("package-title", "title", "no title: write `title`, or `titles` with `en` and `zh`"));
    }
    let licences = read_licences(descriptor.licenses, problems);
    let sources = read_sources(descriptor.sources, problems);
    let named = descriptor.contributors.into_iter().filter(|contributor| !contributor.title.is_empty());
    let contributors = named.map(|c| Contributor { title: c.title, roles: c.roles }).collect();
    let descriptions = descriptor.descriptions.unwrap_or_default();
    let description = by_language(descriptor.description, descriptions.en, descriptions.zh);
    let metadata = Metadata { title, description, licences, sources, contributors };
    let (table, bytes, hash) = read_resource(&descriptor.resources, folder, problems)?;
    Some(Package { dataset: dataset?, version: version?, metadata, table, bytes, hash })
}

fn read_version(version: Option<&str>, problems: &mut Vec<PackageProblem>) -> Option<Version> {
    let text = version.unwrap_or_default();
    match text.parse::<Version>() {
        Ok(version) if version.pre.is_empty() && version.build.is_empty() => Some(version),
        _ => {
            problems.push(problem(
                "package-version",
                "version",
                format!("`{text}` is not MAJOR.MINOR.PATCH (semantic versioning), such as 1.0.0"),
            ));
            None
        }
    }
}

fn read_licences(described: Vec<DescribedLicence>, problems: &mut Vec<PackageProblem>) -> Vec<Licence> {
    if described.is_empty() {
        problems.push(problem("licence", "licenses", "no licence: name at least one, by SPDX id or LicenseRef-"));
    }
    let read = described.into_iter().enumerate().filter_map(|(position, licence)| {
        let field = format!("licenses[{position}]");
        let id = licence.name.unwrap_or_default();
        if let Err(error) = Licence::check_id(&id) {
            problems.push(problem("licence", &field, error.to_string()));
        }
        let Some(redistribution) = licence.redistribution else {
            problems.push(problem("licence", &field, "no `redistribution`: write full, values_only, metadata_only or none"));
            return None;
        };
        let attribution = licence.attribution.unwrap_or_default();
        Some(Licence { id, title: licence.title, url: licence.path, redistribution, attribution })
    });
    read.collect()
}

fn read_sources(described: Vec<DescribedSource>, problems: &mut Vec<PackageProblem>) -> Vec<SourceDocument> {
    let mut sources: Vec<SourceDocument> = Vec::new();
    for (position, source) in described.into_iter().enumerate() {
        let field = format!("sources[{position}]");
        let id = source.id.unwrap_or_default();
        let permitted = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
        if id.is_empty() || !id.bytes().all(permitted) {
            problems.push(problem(
                "source-id",
                &field,
                format!("the id `{id}` is empty or holds other characters than a-z, 0-9, `-`, `.` and `_`"),
            ));
        } else if sources.iter().any(|other| other.id == id) {
            problems.push(problem("source-id", &field, format!("the id `{id}` is declared twice")));
        }
        let sha256 = match source.sha256.as_deref().map(Digest::parse_lenient).transpose() {
            Ok(digest) => digest,
            Err(error) => {
                problems.push(problem("source-id", &format!("{field}.sha256"), error.to_string()));
                None
            }
        };
        let title = by_language(source.title, source.title_en, source.title_zh);
        let publisher = by_language(source.publisher, source.publisher_en, source.publisher_zh);
        if title.is_empty() {
            problems.push(problem("source-id", &field, format!("the source `{id}` has no title")));
        }
        sources.push(SourceDocument {
            id,
            title,
            publisher,
            sha256,
            document_no: source.document_no,
            date: source.date,
            version: source.version,
            url: source.path,
            landing_page: source.landing_page,
            media_type: source.media_type,
            level: source.level,
        });
    }
    sources
}

/// Texts by language; a plain one is Chinese where it has Chinese characters, else English.
fn by_language(plain: Option<String>, en: Option<String>, zh: Option<String>) -> Text {
    let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let (plain, en, zh) = (filled(plain), filled(en), filled(zh));
    let chinese = plain.as_deref().is_some_and(|text| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)));
    if chinese { Text { en, zh: zh.or(plain) } } else { Text { en: en.or(plain), zh } }
}

type Table = (PathBuf, Option<u64>, Option<Digest>);

fn read_resource(resources: &[Resource], folder: &Path, problems: &mut Vec<PackageProblem>) -> Option<Table> {
    let named = |resource: &&Resource| resource.name.as_deref() == Some("factors");
    let mut tables = resources.iter().filter(named);
    let (Some(resource), None) = (tables.next(), tables.next()) else {
        problems.push(problem("package-shape", "resources", "not one resource named `factors`: there must be one and only one"));
        return None;
    };
    if resource.encoding.as_deref().is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
        problems.push(problem("package-shape", "resources.factors.encoding", "the table of a package is UTF-8"));
    }
    let Some(path) = resource.path.as_ref().and_then(serde_json::Value::as_str) else {
        problems.push(problem("package-shape", "resources.factors.path", "no path, or not one path: write `factors.csv`"));
        return None;
    };
    let table = match inside(folder, path) {
        Ok(table) => table,
        Err(message) => {
            problems.push(problem("path-outside", "resources.factors.path", message));
            return None;
        }
    };
    let hash = match resource.hash.as_deref() {
        None => None,
        Some(text) => match text.parse::<Digest>() {
            Ok(digest) => Some(digest),
            Err(error) => {
                problems.push(problem("resource-hash", "resources.factors.hash", error.to_string()));
                None
            }
        },
    };
    Some((table, resource.bytes, hash))
}

/// A file of the package: a plain relative path that no link leads out of the folder.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.is_empty() || path.contains("://") || path.contains('\\') {
        return Err(format!("`{path}` leads out of the package: write a relative path without `..`"));
    }
    let file = folder.join(path);
    let (Ok(real), Ok(root)) = (file.canonicalize(), (if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).canonicalize())
    else {
        return Err(format!("`{path}` is not in the package"));
    };
    if real.starts_with(&root) { Ok(file) } else { Err(format!("`{path}` is a link that leads out of the package")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(path: &str, hash: &str) -> Result<Package, Vec<PackageProblem>> {
        let folder = tempfile::tempdir().unwrap();
        let descriptor = serde_json::json!({
            "name": "example", "version": "1.0.0", "title": "Example",
            "licenses": [{"name": "CC0-1.0", "redistribution": "full"}], "sources": [{"id": "s", "title": "公告", "title_en": "Notice"}],
            "resources": [{"name": "factors", "path": path, "hash": hash}]
        });
        std::fs::write(folder.path().join("datapackage.json"), descriptor.to_string()).unwrap();
        std::fs::write(folder.path().join("factors.csv"), "key\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.csv")).unwrap();
        read_package(folder.path())
    }

    const HASH: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_good_description_is_read() {
        let package = package("factors.csv", HASH).unwrap();
        assert_eq!(package.dataset.as_str(), "example");
        assert_eq!(package.metadata.sources[0].title, Text { en: Some("Notice".into()), zh: Some("公告".into()) });
    }

    #[test]
    fn paths_stay_inside() {
        for path in ["../factors.csv", "/etc/passwd", "a/../../b", "http://example.org/f.csv", "link.csv", "", "..\\f.csv", "none.csv"] {
            let problems = package(path, HASH).unwrap_err();
            assert!(problems.iter().any(|problem| problem.rule == "path-outside"), "{path}: {problems:?}");
        }
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("datapackage.json"),
            r#"{"name":"X 2024","version":"1.0","licenses":[{"name":"free"}],"sources":[{"id":"A B"}]}"#,
        )
        .unwrap();
        let rules: Vec<_> = read_package(folder.path()).unwrap_err().iter().map(|problem| problem.rule).collect();
        assert_eq!(
            rules,
            ["package-name", "package-version", "package-title", "licence", "licence", "source-id", "source-id", "package-shape"]
        );
    }
}
