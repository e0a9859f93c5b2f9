//! A release's `factors.csv`, imported again, gives the same lines: as it is, shuffled, and for any sound factor.

use std::path::Path;

use proptest::prelude::*;
use tanyin::canon::Digest;
use tanyin::dataset::{Lines, Metadata};
use tanyin::desk::{self, DeskError, ImportRequest, VersionWish};
use tanyin::factor::{
    Classification, DerivedFrom, Factor, GasCo2e, Interval, Metric, Quality, Score, Source, SourceLevel, Stage, Status, Text, Texts,
    Uncertainty,
};
use tanyin::release::{Catalogue, PublishedRelease, ReleaseError, build_csv};
use tanyin::validate::{Report, Sinks, check_source, check_table};

use crate::on_bundled;
use crate::site::{Kind, PackageDraft, Site, row};

/// The lines that a table gives, each with its line feed.
fn import(table: &[u8], metadata: &Metadata) -> (Report, Vec<u8>) {
    let mut lines = Vec::new();
    let mut take = |line: tanyin::import::KeyedLine| {
        lines.extend(line.line);
        lines.push(b'\n');
        Ok(())
    };
    let (report, _) = check_table(table, Some(metadata), &mut Sinks { line: &mut take, progress: &mut |_| {} }).unwrap();
    (report, lines)
}

fn csv_of(site: &Site, release: &PublishedRelease) -> Vec<u8> {
    site.ground().blobs().read(release.file("factors.csv", "identity").unwrap().sha256).unwrap()
}

/// The same table with rows backwards, columns backwards, every cell quoted, lines ended by CR LF.
fn shuffled(table: &[u8]) -> Vec<u8> {
    let mut records: Vec<csv::StringRecord> =
        csv::ReaderBuilder::new().has_headers(false).from_reader(table).records().map(Result::unwrap).collect();
    records[1..].reverse();
    let mut out = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for record in records {
        out.write_record(record.iter().rev()).unwrap();
    }
    out.into_inner().unwrap()
}

on_bundled!(
    fn every_bundled_release_reads_back(site: &Site) {
        let catalogue = Catalogue::load(site.ground()).unwrap();
        let releases: Vec<_> = catalogue.datasets().flat_map(|(_, releases)| releases.all()).collect();
        assert_eq!(releases.len(), 7);
        for release in releases {
            let table = csv_of(site, release);
            for (way, bytes) in [("as it is", table.clone()), ("shuffled", shuffled(&table))] {
                let (report, lines) = import(&bytes, &release.manifest.metadata);
                assert!(!report.has_errors() && report.adds_up(), "{} {way}: {:?}", release.id(), report.items);
                assert_eq!(report.factors, release.manifest.factors);
                assert!(lines == release.data.lines().as_ref(), "{} {way}: the lines differ", release.id());
                let mut again = Vec::new();
                build_csv(&lines, &mut again).unwrap();
                assert_eq!(Digest::of(&again), Digest::of(&table), "{}", release.id());
            }
        }
    }
);

on_bundled!(
    fn a_bundled_package_imported_again_differs_in_nothing(site: &Site) {
        let catalogue = Catalogue::load(site.ground()).unwrap();
        for (id, releases) in catalogue.datasets() {
            let release = releases.latest().unwrap();
            let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets").join(id).join(release.version.to_string());
            let folder = tempfile::tempdir().unwrap();
            let table = folder.path().join("again.csv");
            std::fs::write(&table, csv_of(site, release)).unwrap();
            let dataset = id.parse().unwrap();
            for path in [&package, &table] {
                let request = ImportRequest {
                    path,
                    dataset: &dataset,
                    actor: "steward",
                    dry_run: true,
                    discard_edits: false,
                    reading: desk::Reading::default(),
                };
                let difference = desk::import(site.ground(), &request, &mut |_| {}).unwrap().difference.unwrap();
                assert_eq!((difference.next, difference.metadata), (None, false), "{id} from {}", path.display());
                assert_eq!(difference.counts.unchanged, release.manifest.factors, "{id} from {}", path.display());
            }
        }
    }
);

#[test]
fn nothing_changed_is_not_released() {
    let site = Site::new(Kind::Sqlite);
    let package = PackageDraft::new("again", "1.0.0", vec![row("a", &[]), row("b", &[("value", "1.50")])]);
    site.publish(&package);
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let dataset = "again".parse().unwrap();
    let outcome = site.import(folder.path(), "again").unwrap();
    assert_eq!((outcome.difference.unwrap().next, outcome.run), (None, Some(2)), "the run is recorded");
    let refused = desk::submit(site.ground(), &dataset, &VersionWish::Auto, "steward").unwrap_err();
    assert!(matches!(&refused, DeskError::Release(ReleaseError::NoDraft(_))) && refused.is_refusal(), "{refused}");

    let drafts = || site.ground().database().unwrap().read(tanyin::store::draft_list).unwrap();
    let changed = tempfile::tempdir().unwrap();
    PackageDraft::new("again", "1.1.0", vec![row("a", &[("value", "9")]), row("b", &[("value", "1.50")])]).write(changed.path());
    site.import(changed.path(), "again").unwrap();
    assert_eq!(drafts().len(), 1);
    site.import(folder.path(), "again").unwrap();
    assert_eq!(drafts(), [], "what was in the draft is replaced by what is released already");
}

/// Saved again by another program: other order, other writing, another digest of the source document.
#[test]
fn a_copy_saved_again_differs_in_nothing() {
    let site = Site::new(Kind::Sqlite);
    let sources = |digest: &[u8]| {
        let digest = tanyin::canon::Digest::of(digest).to_string();
        serde_json::json!([{"id": "doc", "title": "A document", "sha256": digest}, {"id": "other", "title": "Another"}])
    };
    let rows = vec![row("a", &[("value", "0.50"), ("locator", "p. 1")]), row("b", &[("value", "1.5")]), row("c", &[("value", "2")])];
    let mut package = PackageDraft::new("again", "1.0.0", rows);
    package.description["sources"] = sources(b"one");
    site.publish(&package);
    let mut copy = PackageDraft::new(
        "again",
        "1.0.1",
        vec![row("c", &[("value", "2.0")]), row("a", &[("value", "0.5"), ("locator", "p. 7")]), row("b", &[("value", "1.5")])],
    );
    copy.description["sources"] = sources(b"two");
    copy.columns.reverse();
    let table = String::from_utf8(copy.table()).unwrap().replace('\n', "\r\n");
    copy.raw_table = Some(table.into_bytes());
    let folder = tempfile::tempdir().unwrap();
    copy.write(folder.path());
    let outcome = site.import(folder.path(), "again").unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
    let difference = outcome.difference.unwrap();
    assert_eq!((difference.next, difference.metadata), (None, false));
    assert_eq!((difference.counts.provenance_only, difference.counts.unchanged), (2, 1));
}

/// A package folder and its description file are the same to the checker.
#[test]
fn a_package_may_be_named_by_its_description() {
    let folder = tempfile::tempdir().unwrap();
    PackageDraft::new("named", "1.0.0", vec![row("a", &[])]).write(folder.path());
    for path in [folder.path().to_owned(), folder.path().join("datapackage.json")] {
        let mut sinks = Sinks { line: &mut |_| Ok(()), progress: &mut |_| {} };
        let checked = check_source(&path, None, &mut sinks).unwrap();
        assert!(checked.report.items.is_empty() && checked.package.is_some(), "{:?}", checked.report.items);
    }
}

fn metadata() -> Metadata {
    let description = PackageDraft::new("any", "1.0.0", vec![row("a", &[])]);
    let folder = tempfile::tempdir().unwrap();
    description.write(folder.path());
    tanyin::import::read_package(folder.path()).unwrap().metadata
}

/// Words without blanks around them that do not begin as a formula does.
fn words() -> impl Strategy<Value = String> {
    "[A-Za-z0-9电力因子«]([ -~；，、“”é\u{3000}]{0,16}[!-~电力])?".prop_filter("plain", |text| text.trim() == text)
}

fn long_words() -> impl Strategy<Value = String> {
    "[A-Za-z电力]([ -~\n，]{0,40}[!-~])?"
}

fn text() -> impl Strategy<Value = Text> {
    (proptest::option::of(words()), proptest::option::of(words())).prop_map(|(en, zh)| Text { en, zh })
}

fn long_text() -> impl Strategy<Value = Text> {
    (proptest::option::of(long_words()), proptest::option::of(long_words())).prop_map(|(en, zh)| Text { en, zh })
}

fn decimal() -> impl Strategy<Value = tanyin::factor::Decimal> {
    "(0|[1-9][0-9]{0,15})(\\.[0-9]{1,18})?".prop_filter_map("a decimal", |text| text.parse().ok())
}

fn sorted_words() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(words(), 0..4).prop_map(|set| set.into_iter().collect())
}

fn uncertainty() -> impl Strategy<Value = Uncertainty> {
    let plus = |whole: u32| whole.to_string().parse::<tanyin::factor::Decimal>().unwrap();
    prop_oneof![
        (1u32..9).prop_map(move |gsd| Uncertainty::Lognormal { gsd: plus(gsd) }),
        decimal().prop_map(|sd| Uncertainty::Normal { sd }),
        (0u32..9, 9u32..99).prop_map(move |(low, high)| Uncertainty::Range { low: plus(low), high: plus(high), level: None }),
        (decimal(), 1u32..100).prop_map(move |(percent, level)| Uncertainty::Percent { percent, level: Some(plus(level)) }),
        (0u32..5, 5u32..9, 9u32..99).prop_map(move |(low, mode, high)| Uncertainty::Triangular {
            low: plus(low),
            mode: plus(mode),
            high: plus(high)
        }),
    ]
}

fn quality() -> impl Strategy<Value = Quality> {
    let scores = proptest::collection::btree_map("TeR|GR|TiR|P", (1u8..6).prop_map(Score::Whole), 1..5);
    prop_oneof![
        scores.prop_map(|scores| {
            let mut quality = Quality { scheme: "pef".into(), scores, dqr: None };
            quality.dqr = quality.computed_dqr();
            quality
        }),
        "[1-4]\\.[0-9]{1,3}".prop_map(|dqr| Quality { scheme: "pact".into(), scores: Default::default(), dqr: dqr.parse().ok() }),
    ]
}

/// What the factor says besides its number.
fn sayings() -> impl Strategy<Value = Factor> {
    let name = (words(), proptest::option::of(words())).prop_map(|(en, zh)| Text { en: Some(en), zh });
    let optional = || proptest::option::of(words());
    (name, long_text(), sorted_words(), sorted_words(), long_text(), (optional(), optional(), optional(), optional()), text()).prop_map(
        |(name, description, en, zh, note, (technology, category, rule, locator), certificate)| Factor {
            name,
            description,
            synonyms: Texts { en, zh },
            note,
            technology,
            category,
            rule,
            certificate: certificate.en,
            source: Source { id: "doc".into(), level: Some(SourceLevel::Industry), locator, value_text: certificate.zh, unit_text: None },
            ..plain()
        },
    )
}

fn plain() -> Factor {
    let line = br#"{"activity":"a","key":"k","kind":"electricity-direct","metric":"CO2","name":{"en":"n"},"per":"kW.h","region":"CN","source":{"id":"doc"},"value":"1"}"#;
    Factor::from_line(line).unwrap()
}

fn factor() -> impl Strategy<Value = Factor> {
    let classification = (words(), words()).prop_map(|(scheme, code)| Classification { scheme: scheme.replace('=', "-"), code });
    let classifications = proptest::collection::btree_set(classification, 0..3);
    let derived = "[a-z]{2,5}".prop_map(|dataset| DerivedFrom { dataset, version: "1.2.3".into(), key: "a/b;c\\d".into() });
    let stages = proptest::collection::btree_set("[A-D][1-9]", 0..2);
    let parts = (
        proptest::option::of(uncertainty()),
        proptest::option::of(quality()),
        classifications,
        proptest::collection::btree_set(derived, 0..3),
        proptest::bool::ANY,
        stages,
    );
    ("[a-z0-9][a-z0-9._-]{0,6}(/[a-z0-9][a-z0-9._-]{0,6}){0,2}", decimal(), sayings(), parts).prop_map(
        |(key, value, said, (uncertainty, quality, classifications, derived_from, co2e, stages))| Factor {
            key,
            metric: if co2e { Metric::Co2e } else { Metric::Co2 },
            gwp: co2e.then(|| "ipcc-ar6-wg1-7.15-gwp100".to_owned()),
            gases_co2e: if co2e { vec![GasCo2e { gas: "HFCs; all".into(), co2e: value.clone() }] } else { Vec::new() },
            flags: if co2e { vec!["outdated".into(), "partial_gases".into()] } else { Vec::new() },
            stages: stages.into_iter().map(|stage| Stage { stage, value: value.clone() }).collect(),
            value,
            uncertainty,
            quality,
            classifications: classifications.into_iter().collect(),
            derived_from: derived_from.into_iter().collect(),
            year: Some(2022),
            period: Interval { from: Some("2022-01-01".into()), to: None },
            status: co2e.then_some(Status::Deprecated),
            ..said
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sound_factor_reads_back(factors in proptest::collection::vec(factor(), 1..6)) {
        let by_key: std::collections::BTreeMap<String, Factor> = factors.into_iter().map(|factor| (factor.key.clone(), factor)).collect();
        let lines: Vec<u8> = by_key.values().flat_map(|factor| [factor.to_line().unwrap(), b"\n".to_vec()].concat()).collect();
        let mut table = Vec::new();
        build_csv(&lines, &mut table).unwrap();
        for bytes in [table.clone(), shuffled(&table)] {
            let (report, read) = import(&bytes, &metadata());
            prop_assert!(!report.has_errors(), "{:?}", report.items);
            for (read, written) in Lines::new(&read).zip(Lines::new(&lines)) {
                prop_assert_eq!(String::from_utf8_lossy(read), String::from_utf8_lossy(written));
            }
            prop_assert_eq!(read.len(), lines.len());
        }
    }
}
