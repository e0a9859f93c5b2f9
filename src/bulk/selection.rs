//! What a search found, to be taken along: the factors in a format, and a manifest that says what they are.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Context, DerivedFile, DerivedFiles, ExportError, Format, Of, Rows, about, write};
use crate::canon::{Digest, Hasher};
use crate::dataset::{Act, Principal};
use crate::factor::flag_code;
use crate::release::{Catalogue, Denied, PublishedRelease};
use crate::search::{FilterQuery, FilterRefusal, selection};
use crate::tlog::TreeHasher;

/// The most factors of a selection, unless told otherwise.
pub const MAX_SELECTION: usize = 1_000_000;

/// The name of the manifest of a selection.
pub const SELECTION_NAME: &str = "selection.json";

/// The name of the file of a selection that says on which terms it may be used.
pub const TERMS_NAME: &str = "LICENCES.txt";

/// The name of a selection's file with its manifest and its terms.
pub const BUNDLE_NAME: &str = "selection.zip";

/// Parameters of a search that are about its pages, and have no place in a selection: it holds all, by dataset and key.
pub const OF_PAGES: [&str; 4] = ["sort", "limit", "cursor", "facets"];

/// Parameters that are one text, and no list parted by commas.
const OF_ONE_VALUE: [&str; 4] = ["activity", "category", "published", "q"];

/// Factors of a release that are not handed on.
struct LeftOut {
    release: Arc<PublishedRelease>,
    factors: usize,
}

/// What a query found, as far as it is handed on.
pub struct Selection {
    rows: Rows,
    left_out: Vec<LeftOut>,
    /// The query as it was understood, by name.
    query: Vec<(String, String)>,
    /// Size and root of the log that the releases were chosen by.
    log: Option<(u64, Digest)>,
    /// Flags that were raised after the releases.
    flagged: Vec<Value>,
}

/// Why there is no selection.
#[derive(Debug, thiserror::Error)]
pub enum SelectionRefusal {
    /// A filter is wrong, or names what whoever asks may not read.
    #[error(transparent)]
    Filter(#[from] FilterRefusal),
    /// Everything that was found is under licences that do not let it be handed on.
    #[error(transparent)]
    Denied(#[from] Box<Denied>),
    /// More than a selection holds.
    #[error("{found} factors match, and a download holds at most {most}: narrow the filters, or take whole releases")]
    TooMany {
        /// How many match.
        found: usize,
        /// How many there may be.
        most: usize,
    },
}

impl Selection {
    /// Everything that a query finds and `who` may have.
    ///
    /// # Errors
    /// [`SelectionRefusal`].
    pub fn of(catalogue: &Catalogue, query: &FilterQuery, who: &Principal, most: usize) -> Result<Self, SelectionRefusal> {
        let found = selection(catalogue, query, who)?;
        let (mut parts, mut left_out, mut denied) = (Vec::new(), Vec::new(), None);
        for (release, numbers) in found {
            match release.permit(who, Act::ReadNumbers) {
                Ok(()) => parts.push((release, numbers)),
                Err(why) => {
                    denied = denied.or(Some(why));
                    left_out.push(LeftOut { release, factors: numbers.len() });
                }
            }
        }
        let rows = Rows::picked(parts);
        if rows.len() > most {
            return Err(SelectionRefusal::TooMany { found: rows.len(), most });
        }
        if let Some(why) = denied.filter(|_| rows.is_empty()) {
            return Err(why.into());
        }
        let log = catalogue.checkpoint().map(|published| (published.checkpoint.size, published.checkpoint.root));
        let flagged = flagged(catalogue, &rows);
        Ok(Self { rows, left_out, query: understood(query), log, flagged })
    }

    /// The factors.
    pub const fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The query as it was understood: `kind=electricity-direct&year=2022`, by name.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish()
    }

    /// What tells this selection from every other: which lines of which releases, for which query.
    fn name(&self, more: &str) -> String {
        let mut hasher = Hasher::new();
        hasher.update(format!("{more}\n{}\n", self.query()).as_bytes());
        for (release, numbers) in self.rows.parts() {
            hasher.update(format!("{} {}\n", release.manifest_digest, numbers.len()).as_bytes());
            numbers.for_each(|number| hasher.update(&number.to_be_bytes()));
        }
        hasher.finish().to_hex()
    }

    /// The factors as a file, made if it is not there.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn file(&self, files: &DerivedFiles, format: Format) -> Result<DerivedFile, ExportError> {
        if !format.takes_selections() {
            return Err(ExportError::NotWritten(format));
        }
        let query = self.query();
        files.keep(&self.name("file"), format.version(), format.file_name(), &|scratch, to| {
            write(format, &self.rows, &Context { of: Of::Selection { query: &query }, scratch }, to)
        })
    }

    /// The manifest: what the factors are, of which releases, on which terms, and the digest of their file.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn manifest(&self, files: &DerivedFiles, format: Format) -> Result<Vec<u8>, ExportError> {
        let file = self.file(files, format)?;
        self.manifest_of(format, &file)
    }

    fn manifest_of(&self, format: Format, file: &DerivedFile) -> Result<Vec<u8>, ExportError> {
        let mut tree = TreeHasher::new();
        for row in self.rows.each() {
            tree.push(&row?.line);
        }
        let releases: Vec<Value> = self
            .rows
            .parts()
            .map(|(release, numbers)| {
                let mut described = about::describe(release);
                described["factors"] = json!(numbers.len());
                described["of"] = json!(release.manifest.factors);
                described["withdrawn"] = json!(release.withdrawn);
                described
            })
            .collect();
        let left_out = |own: &LeftOut| {
            let release = &own.release;
            let class = release.redistribution();
            json!({
                "dataset": release.dataset, "version": release.version.to_string(), "factors": own.factors,
                "licence": about::licence_ids(release), "redistribution": class
            })
        };
        let query: serde_json::Map<String, Value> = self.query.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
        let manifest = json!({
            "format": "1",
            "query": query,
            "factors": self.rows.len(),
            "root": tree.root(),
            "file": {"name": format.file_name(), "format": format.name(), "bytes": file.bytes.len(), "sha256": file.digest},
            "log": self.log.map(|(size, root)| json!({"size": size, "root": root})),
            "releases": releases,
            "left_out": self.left_out.iter().map(left_out).collect::<Vec<_>>(),
            "flagged": self.flagged,
        });
        let mut bytes = serde_json::to_vec_pretty(&manifest).map_err(io::Error::from)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// File, manifest and terms in one zip.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn bundle(&self, files: &DerivedFiles, format: Format) -> Result<DerivedFile, ExportError> {
        let file = self.file(files, format)?;
        let manifest = self.manifest_of(format, &file)?;
        let name = self.name(&format!("bundle {} {}", file.digest, Digest::of(&manifest)));
        files.keep(&name, format.version(), BUNDLE_NAME, &|_: &Path, to: &mut File| {
            let members: [(&str, &[u8]); 3] =
                [(format.file_name(), &file.bytes), (SELECTION_NAME, &manifest), (TERMS_NAME, &self.terms().into_bytes())];
            zipped(&members, to).map_err(ExportError::Io)
        })
    }

    /// On which terms the factors may be used, for people.
    fn terms(&self) -> String {
        let mut text = String::new();
        for release in self.rows.releases() {
            text.push_str(&format!("{}\n", about::cite_release(release)));
            for licence in &release.manifest.metadata.licences {
                let words = [Some(licence.id.clone()), licence.title.clone(), licence.url.clone()];
                text.push_str(&format!("  {}\n", words.into_iter().flatten().collect::<Vec<_>>().join(", ")));
                for wanted in [&licence.attribution.en, &licence.attribution.zh].into_iter().flatten() {
                    text.push_str(&format!("  {wanted}\n"));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// The flags that were raised after the release for the factors of a selection, in order of dataset, version and key.
fn flagged(catalogue: &Catalogue, rows: &Rows) -> Vec<Value> {
    let mut found = Vec::new();
    for (release, numbers) in rows.parts() {
        let Ok(releases) = catalogue.dataset(release.dataset.as_str()) else { continue };
        let named: BTreeSet<usize> = releases.flagged_keys().filter_map(|key| release.data.find(key)).collect();
        if named.is_empty() {
            continue;
        }
        for number in numbers.filter(|number| named.contains(number)) {
            let (key, Some(digest)) = (release.data.key(number), release.data.digest(number)) else { continue };
            found.extend(releases.later_flags(key, &digest).into_iter().map(|own| {
                json!({
                    "dataset": release.dataset, "version": release.version.to_string(), "key": key,
                    "flag": flag_code(&own.flag).unwrap_or(&own.flag),
                    "by": own.by, "at": own.at, "why": own.why,
                })
            }));
        }
    }
    found
}

/// The filters that were given, by name; of a list each value once, in order.
fn understood(query: &FilterQuery) -> Vec<(String, String)> {
    let Ok(Value::Object(members)) = serde_json::to_value(query) else { return Vec::new() };
    let given = members.into_iter().filter(|(name, _)| !OF_PAGES.contains(&name.as_str()));
    let plain = |name: &str, text: &str| {
        if OF_ONE_VALUE.contains(&name) {
            return text.trim().to_owned();
        }
        let values: BTreeSet<&str> = text.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
        values.into_iter().collect::<Vec<_>>().join(",")
    };
    let mut given: Vec<(String, String)> = given
        .filter_map(|(name, value)| {
            let text = plain(&name, value.as_str()?);
            (!text.is_empty()).then_some((name, text))
        })
        .collect();
    given.sort();
    given
}

/// Members as a zip that holds nothing but names and bytes: without times, text deflated, the rest stored.
fn zipped(members: &[(&str, &[u8])], to: &mut File) -> io::Result<()> {
    let mut zip = ZipWriter::new(io::BufWriter::with_capacity(1 << 16, to));
    for (name, bytes) in members {
        let packed = ["parquet", "xlsx", "zip"].iter().any(|ending| name.ends_with(ending));
        let options = SimpleFileOptions::default()
            .compression_method(if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated })
            .last_modified_time(zip::DateTime::default())
            .large_file(bytes.len() > (1 << 31))
            .unix_permissions(0o644);
        zip.start_file(*name, options).map_err(io::Error::other)?;
        zip.write_all(bytes)?;
    }
    zip.finish().map_err(io::Error::other)?.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_the_same_however_its_values_are_written() {
        let of = |region: &str| {
            let query = FilterQuery { region: Some(region.to_owned()), q: Some(" b, a, b ".to_owned()), ..FilterQuery::default() };
            understood(&query)
        };
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(of("CN-ZJ, CN,,CN-ZJ"), [pair("q", "b, a, b"), pair("region", "CN,CN-ZJ")]);
        assert_eq!(of(&"CN-ZJ,".repeat(6000)), of("CN-ZJ"));
        assert_eq!(of(" , "), [pair("q", "b, a, b")]);
    }
}
