//! How to cite a release: as a reader writes it, for BibTeX, and as CSL data.

use serde_json::{Value, json};

use crate::release::PublishedRelease;

use super::Lang;
use super::typeset::day;

/// One way to cite.
pub struct Citation {
    /// For addresses within a page: `bibtex`.
    pub id: &'static str,
    /// Its name.
    pub label: String,
    /// The text.
    pub text: String,
}

/// Every way to cite a release that is found at `address`.
pub fn citations(release: &PublishedRelease, address: &str, lang: Lang) -> Vec<Citation> {
    let metadata = &release.manifest.metadata;
    let title = lang.text(&metadata.title);
    let names: Vec<String> = metadata.contributors.iter().map(|own| own.title.clone()).collect();
    let by = if names.is_empty() { release.dataset.to_string() } else { names.join(lang.either("、", ", ")) };
    let (date, year) = (day(&release.published_at), release.published_at.get(..4).unwrap_or_default());
    let text = lang.say(
        format!("{by}：《{title}》，版本 {}，碳因，{date}。{address}（manifest {}）", release.version, release.manifest_digest),
        format!(
            "{by} ({year}). {title} (version {}) [Data set]. Tanyin. {address} (manifest {})",
            release.version, release.manifest_digest
        ),
    );
    let cite = |id, label: String, text| Citation { id, label, text };
    vec![
        cite("text", lang.say("文字", "Text"), text),
        cite("bibtex", "BibTeX".to_owned(), bibtex(release, &title, &names, address)),
        cite("csl", "CSL-JSON".to_owned(), csl(release, &title, &names, address)),
    ]
}

fn bibtex(release: &PublishedRelease, title: &str, names: &[String], address: &str) -> String {
    let year = release.published_at.get(..4).unwrap_or_default();
    let authors: Vec<String> = names.iter().map(|name| format!("{{{}}}", plain(name))).collect();
    let author = if authors.is_empty() { String::new() } else { format!("  author = {{{}}},\n", authors.join(" and ")) };
    format!(
        "@misc{{{}-{},\n{author}  title = {{{{{}}}}},\n  year = {{{year}}},\n  version = {{{}}},\n  howpublished = {{\\url{{{}}}}},\n  note = {{manifest {}}}\n}}",
        release.dataset,
        release.version,
        plain(title),
        release.version,
        address.replace(['{', '}', '\\', '%'], ""),
        release.manifest_digest
    )
}

/// A text without what BibTeX would read as a command.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '{' | '}' | '\\' => {}
            '&' | '%' | '$' | '#' | '_' => plain.extend(['\\', c]),
            '~' | '^' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

fn csl(release: &PublishedRelease, title: &str, names: &[String], address: &str) -> String {
    let date: Vec<u32> = day(&release.published_at).split('-').filter_map(|part| part.parse().ok()).collect();
    let authors: Vec<Value> = names.iter().map(|name| json!({"literal": name})).collect();
    let item = json!({
        "id": release.id(),
        "type": "dataset",
        "title": title,
        "version": release.version.to_string(),
        "author": authors,
        "issued": {"date-parts": [date]},
        "publisher": "Tanyin",
        "URL": address,
        "note": format!("manifest {}", release.manifest_digest),
    });
    serde_json::to_string_pretty(&json!([item])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_commands_in_bibtex() {
        assert_eq!(plain("a{b}\\input{x} 50% & _c"), "abinputx 50\\% \\& \\_c");
    }
}
