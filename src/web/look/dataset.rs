//! A dataset, and one release of it.

use askama::Template;

use super::about::{ChangeBar, FileView, Glance, GlanceView, LicenceView, ShownFile, SourceView, published};
use crate::dataset::{Act, Principal};
use crate::release::PublishedRelease;
use crate::web::cite::{Citation, citations};
use crate::web::snippets::{Snippet, snippets};
use crate::web::typeset::{count, day};
use crate::web::{Frame, Lang};

/// A dataset, as far as whoever looks may read of it.
pub struct ShownDataset<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its releases, the newest first.
    pub releases: Vec<&'a PublishedRelease>,
    /// The release that its words are of: the latest, withdrawn or not where all are.
    pub described: &'a PublishedRelease,
    /// For whom it is shown.
    pub who: &'a Principal,
    /// Counts over the factors of that release.
    pub glance: Glance,
    /// The files of that release; none where they may not be read.
    pub files: Vec<ShownFile>,
    /// Where its grid factors by province are drawn; nothing where it has none.
    pub grid: Option<String>,
    /// The address of this server, without final slash; empty where it is not known.
    pub base: String,
}

/// A release of the list.
struct ReleaseRow {
    version: String,
    href: String,
    date: String,
    factors: String,
    bump: &'static str,
    bar: Option<ChangeBar>,
    difference: Option<String>,
    latest: bool,
    withdrawn: String,
    superseded: Option<(String, String, String)>,
}

/// What is told of a release on its own page and on that of its dataset.
struct About {
    grid: Option<String>,
    id: String,
    version: String,
    home: String,
    title: String,
    description: String,
    names: bool,
    numbers: bool,
    restricted: bool,
    factors: String,
    published: String,
    licences: Vec<LicenceView>,
    sources: Vec<SourceView>,
    contributors: Vec<String>,
    glance: GlanceView,
    files: Vec<FileView>,
    cites: Vec<Citation>,
    calls: Vec<Snippet>,
}

#[derive(Template)]
#[template(path = "look/dataset.html")]
struct DatasetPage {
    frame: Frame,
    about: About,
    rows: Vec<ReleaseRow>,
    versions: Vec<String>,
    before: String,
    all_withdrawn: bool,
}

/// Who did what to a release.
struct Step {
    at: String,
    by: String,
    what: String,
    more: String,
}

#[derive(Template)]
#[template(path = "look/release.html")]
struct ReleasePage {
    frame: Frame,
    about: About,
    row: ReleaseRow,
    next: Option<(String, String)>,
    previous: Option<(String, String)>,
    manifest: String,
    root: String,
    record: String,
    leaf: String,
    checked: Option<String>,
    steps: Vec<Step>,
    edits: usize,
}

/// The page of a dataset.
///
/// # Errors
/// As the template engine; none is known.
pub fn dataset_page(frame: Frame, shown: &ShownDataset<'_>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let versions: Vec<String> = shown.releases.iter().map(|release| release.version.to_string()).collect();
    let page = DatasetPage {
        about: About::of(shown, lang),
        rows: shown.releases.iter().map(|release| ReleaseRow::of(release, shown, lang)).collect(),
        before: versions.get(1).cloned().unwrap_or_default(),
        all_withdrawn: shown.releases.iter().all(|release| release.withdrawn.is_some()),
        versions,
        frame,
    };
    page.render()
}

/// The page of a release; `shown.described` is it.
///
/// # Errors
/// As the template engine; none is known.
pub fn release_page(frame: Frame, shown: &ShownDataset<'_>) -> Result<String, askama::Error> {
    let lang = frame.lang;
    let release = shown.described;
    let about = About::of(shown, lang);
    let place = shown.releases.iter().position(|own| own.version == release.version);
    let link =
        |release: &&PublishedRelease| (release.version.to_string(), format!("/datasets/{}/releases/{}", release.dataset, release.version));
    let page = ReleasePage {
        row: ReleaseRow::of(release, shown, lang),
        next: place.and_then(|place| shown.releases.get(place.checked_sub(1)?)).map(link),
        previous: place.and_then(|place| shown.releases.get(place + 1)).map(link),
        manifest: release.manifest_digest.to_string(),
        root: release.manifest.root.to_string(),
        record: release.record_digest.to_string(),
        leaf: release.seq.to_string(),
        checked: about.numbers.then(|| format!("{}/v1/log/proof?dataset={}&version={}", shown.base, release.dataset, release.version)),
        steps: if about.numbers { steps(release, lang) } else { Vec::new() },
        edits: release.record.edits.len(),
        about,
        frame,
    };
    page.render()
}

fn steps(release: &PublishedRelease, lang: Lang) -> Vec<Step> {
    let record = &release.record;
    let import = &record.import;
    let at = |at: &str| at.replace('T', " ").trim_end_matches('Z').to_owned();
    let mut steps = vec![
        Step {
            at: at(&import.finished_at),
            by: import.by.clone(),
            what: lang.say("导入", "imported"),
            more: lang.say(
                format!("{}，{} 行，配置 {}，警告 {}", import.file_name, import.rows, import.profile, import.warnings),
                format!("{}, {} rows, profile {}, {} warnings", import.file_name, import.rows, import.profile, import.warnings),
            ),
        },
        Step { at: at(&record.submitted.at), by: record.submitted.by.clone(), what: lang.say("提交", "submitted"), more: String::new() },
    ];
    steps.extend(record.reviews.iter().map(|review| Step {
        at: at(&review.at),
        by: review.by.clone(),
        what: if review.key.is_some() { lang.say("批准并签名", "approved and signed") } else { lang.say("批准", "approved") },
        more: review.comment.clone(),
    }));
    steps.push(Step {
        at: at(&record.published.at),
        by: record.published.by.clone(),
        what: lang.say("发布", "published"),
        more: record.program.clone(),
    });
    steps
}

impl ReleaseRow {
    fn of(release: &PublishedRelease, shown: &ShownDataset<'_>, lang: Lang) -> Self {
        let numbers = release.may(shown.who, Act::ReadNumbers).is_ok();
        let names = release.may(shown.who, Act::ReadNames).is_ok();
        let manifest = &release.manifest;
        let home = format!("/datasets/{}", release.dataset);
        let before = manifest.previous.as_ref().filter(|_| numbers);
        let named = |own: &crate::release::Superseded| {
            let href = own.by.split_once('@').map(|(dataset, version)| format!("/datasets/{dataset}/releases/{version}"));
            (own.by.clone(), href.unwrap_or_default(), own.reason.clone())
        };
        Self {
            version: release.version.to_string(),
            href: format!("{home}/releases/{}", release.version),
            date: published(release),
            factors: if names { count(manifest.factors) } else { String::new() },
            bump: match (manifest.previous.is_some(), manifest.changes.bump) {
                _ if !numbers => "",
                (false, _) => "FIRST",
                (_, crate::dataset::Bump::Major) => "MAJOR",
                (_, crate::dataset::Bump::Minor) => "MINOR",
                (_, crate::dataset::Bump::Patch) => "PATCH",
                _ => "NONE",
            },
            bar: numbers.then(|| ChangeBar::of(&manifest.changes, lang)),
            difference: before.map(|before| format!("{home}/diff/{}...{}", before.version, release.version)),
            latest: release.withdrawn.is_none() && release.version == shown.latest_version(),
            withdrawn: release.withdrawn.as_ref().map(|own| format!("{} · {}", day(&own.at), own.reason)).unwrap_or_default(),
            superseded: release.superseded.as_ref().map(named),
        }
    }
}

impl ShownDataset<'_> {
    fn latest_version(&self) -> semver::Version {
        let latest = self.releases.iter().find(|release| release.withdrawn.is_none());
        latest.map_or_else(|| self.described.version.clone(), |release| release.version.clone())
    }
}

impl About {
    fn of(shown: &ShownDataset<'_>, lang: Lang) -> Self {
        let release = shown.described;
        let names = release.may(shown.who, Act::ReadNames).is_ok();
        let numbers = release.may(shown.who, Act::ReadNumbers).is_ok();
        let metadata = &release.manifest.metadata;
        let home = format!("/datasets/{}/releases/{}", release.dataset, release.version);
        let title = if names || !release.restricted() { lang.text(&metadata.title) } else { String::new() };
        let version = release.version.to_string();
        let key = release.data.index().len().checked_sub(1).map(|last| release.data.key(last)).unwrap_or_default();
        let told = |texts: Vec<String>| if names { texts } else { Vec::new() };
        Self {
            grid: shown.grid.clone(),
            id: shown.id.to_owned(),
            title: if title.is_empty() { shown.id.to_owned() } else { title },
            description: if names { lang.text(&metadata.description) } else { String::new() },
            names,
            numbers,
            restricted: release.restricted(),
            factors: if names { count(release.manifest.factors) } else { String::new() },
            published: published(release),
            licences: metadata.licences.iter().filter(|_| names).map(|licence| LicenceView::of(licence, lang)).collect(),
            sources: metadata.sources.iter().filter(|_| names).map(|source| SourceView::of(source, lang, numbers)).collect(),
            contributors: told(metadata.contributors.iter().map(|own| own.title.clone()).collect()),
            glance: if names { GlanceView::of(&shown.glance, release.manifest.factors, &home, lang) } else { GlanceView::default() },
            files: shown.files.iter().map(|file| FileView::of(file, release, lang)).collect(),
            cites: if names { citations(release, &format!("{}{home}", shown.base), lang) } else { Vec::new() },
            calls: if numbers { snippets(&shown.base, (shown.id, &version), key, lang) } else { Vec::new() },
            version,
            home,
        }
    }
}
