//! A long walk of random acts: whatever people do, what was released stays as it was.

use std::collections::BTreeMap;

use tanyin::canon::Digest;
use tanyin::dataset::Lines;
use tanyin::desk::{self, DeskError, ImportRequest, VersionWish};
use tanyin::release::{Catalogue, PublicFact, ReleaseError, publish, read_entries, withdraw};
use tanyin::store;

use super::id;
use crate::site::{Kind, PackageDraft, Site, row};

/// Numbers from a seed (SplitMix64), so that a walk that fails can be walked again.
struct Seed(u64);

impl Seed {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[usize::try_from(self.below(items.len() as u64)).unwrap()]
    }
}

/// What must stay: manifest and digests of lines of each release, in the order of publication.
#[derive(Default)]
struct Memory {
    releases: Vec<(String, String, Digest)>,
    lines: BTreeMap<(String, String), Vec<Digest>>,
    withdrawn: Vec<(String, String)>,
}

const DATASETS: [&str; 2] = ["walk-a", "walk-b"];

fn random_package(seed: &mut Seed, dataset: &str) -> PackageDraft {
    let mut rows = Vec::new();
    for key in ["a", "b", "c/2022", "d"] {
        if seed.below(8) > 0 {
            let value = seed.pick(&["1", "1.0", "2", "0.5"]);
            let name = seed.pick(&["Grid", "Grid average"]);
            rows.push(row(key, &[("value", value), ("name_en", name), ("locator", seed.pick(&["p. 1", "p. 2"]))]));
        }
    }
    let version = seed.pick(&["1.0.0", "1.1.0", "2.0.0", "1.0.1", "7.0.0"]);
    let mut package = PackageDraft::new(dataset, version, rows);
    package.description["title"] = seed.pick(&["Walk", "Walk", "Walked"]).into();
    package
}

fn act(site: &Site, seed: &mut Seed, memory: &Memory) -> Result<&'static str, DeskError> {
    let dataset = id(seed.pick(&DATASETS));
    let ground = site.ground();
    match seed.below(12) {
        0..4 => {
            let folder = tempfile::tempdir().unwrap();
            random_package(seed, dataset.as_str()).write(folder.path());
            let request = ImportRequest {
                path: folder.path(),
                dataset: &dataset,
                actor: "steward",
                dry_run: seed.below(6) == 0,
                discard_edits: false,
                reading: desk::Reading::default(),
            };
            desk::import(ground, &request, &mut |_| {}).map(|_| "import")
        }
        4..7 => {
            let wish = match seed.below(4) {
                0 => VersionWish::Package,
                1 => VersionWish::Exact(seed.pick(&["1.0.0", "1.2.0", "3.0.0", "3.1.4"]).parse().unwrap()),
                _ => VersionWish::Auto,
            };
            desk::submit(ground, &dataset, &wish, "steward").map(|_| "submit")
        }
        7..10 => Ok(publish(ground, &dataset, "operator").map(|_| "publish")?),
        10 => {
            let Some((dataset, version, _)) = memory.releases.get(usize::try_from(seed.below(40)).unwrap()) else { return Ok("rest") };
            Ok(withdraw(ground, &id(dataset), &version.parse().unwrap(), "as it happens", "operator").map(|_| "withdraw")?)
        }
        _ if seed.below(2) == 0 => desk::discard(ground, &dataset, "steward").map(|()| "discard"),
        _ => desk::reject(ground, &dataset, "reviewer", "no").map(|()| "reject"),
    }
}

/// The catalogue as something to compare.
fn seen(catalogue: &Catalogue) -> Vec<String> {
    let releases = catalogue.datasets().flat_map(|(_, releases)| releases.all());
    let one = |release: &std::sync::Arc<tanyin::release::PublishedRelease>| {
        format!("{} {} {} {:?} {:?}", release.id(), release.seq, release.manifest_digest, release.withdrawn, release.files())
    };
    releases.map(one).chain([catalogue.facts().to_string()]).collect()
}

fn line_digests(lines: &[u8]) -> Vec<Digest> {
    Lines::new(lines).map(Digest::of).collect()
}

/// Every artefact that a manifest names is there and hashes; so do the lines that were released.
fn check_bytes(site: &Site, catalogue: &Catalogue, memory: &mut Memory) {
    for (dataset, version, manifest) in &memory.releases {
        let release = catalogue.resolve(&format!("{dataset}@{version}")).unwrap().release;
        assert_eq!(release.manifest_digest, *manifest);
        for artefact in &release.manifest.artefacts {
            assert_eq!(site.ground().blobs().verify(artefact.sha256).unwrap(), artefact.bytes);
        }
        for file in release.files().iter() {
            assert_eq!(site.ground().blobs().verify(file.sha256).unwrap(), file.bytes);
        }
        let now = line_digests(release.data.lines());
        assert_eq!(now.len() as u64, release.manifest.factors);
        assert_eq!(memory.lines.entry((dataset.clone(), version.clone())).or_insert_with(|| now.clone()), &now);
        let withdrawn = memory.withdrawn.contains(&(dataset.clone(), version.clone()));
        assert_eq!(release.withdrawn.is_some(), withdrawn, "{}", release.id());
    }
    for dataset in DATASETS {
        let living = memory
            .releases
            .iter()
            .filter(|(own, version, _)| own == dataset && !memory.withdrawn.contains(&(own.clone(), version.clone())));
        let latest = living.map(|(_, version, _)| version.parse::<semver::Version>().unwrap()).max();
        assert_eq!(catalogue.resolve(dataset).ok().map(|found| found.release.version.clone()), latest);
    }
}

/// What the database says: it only grew, numbers came once, facts follow each other, every event has an actor.
fn check_rows(site: &Site, memory: &mut Memory) {
    let (releases, facts, head, events) = site
        .ground()
        .database()
        .unwrap()
        .read(|connection| {
            Ok::<_, ReleaseError>((
                store::release_list_all(connection)?,
                store::fact_list(connection, 0)?,
                store::head_get(connection)?,
                store::event_list(connection, 0, i64::MAX)?,
            ))
        })
        .unwrap();
    let now: Vec<_> = releases.into_iter().map(|r| (r.dataset, r.version, r.manifest_digest)).collect();
    assert!(now.starts_with(&memory.releases), "a release changed or went");
    let numbers: std::collections::BTreeSet<_> = now.iter().map(|(dataset, version, _)| (dataset, version)).collect();
    assert_eq!(numbers.len(), now.len(), "a version was used twice");
    let of_kind = |fact: &&store::Fact| fact.kind == store::FactKind::Withdraw;
    let withdrawn: Vec<_> = facts.iter().filter(of_kind).map(|f| (f.dataset.clone().unwrap(), f.version.clone().unwrap())).collect();
    assert!(withdrawn.starts_with(&memory.withdrawn), "a withdrawal changed or went");
    assert!(facts.iter().map(|fact| fact.seq).eq(0..head.size), "facts do not follow each other");
    assert_eq!(now.len() + withdrawn.len(), facts.len());
    let leaves = read_entries(site.ground().blobs(), 0, u64::try_from(head.size).unwrap()).unwrap();
    assert!(facts.iter().map(|fact| fact.leaf.as_bytes()).eq(leaves.iter().map(Vec::as_slice)), "the log tells other facts");
    assert!(leaves.iter().all(|leaf| PublicFact::from_leaf(leaf, "leaf").is_ok()));
    assert!(events.iter().all(|event| !event.actor.is_empty()) && events.is_sorted_by(|a, b| a.seq < b.seq && a.at <= b.at));
    (memory.releases, memory.withdrawn) = (now, withdrawn);
}

fn walk(kind: Kind, seed: u64, steps: usize) {
    let site = Site::new(kind);
    let (mut seed, mut memory) = (Seed(seed), Memory::default());
    let mut followed = Catalogue::load(site.ground()).unwrap();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for step in 0..steps {
        let released = memory.releases.len() + memory.withdrawn.len();
        match act(&site, &mut seed, &memory) {
            Ok(name) => *done.entry(name).or_default() += 1,
            Err(error) => {
                assert!(error.is_refusal(), "step {step}: {error}");
                *done.entry("refused").or_default() += 1;
            }
        }
        check_rows(&site, &mut memory);
        if memory.releases.len() + memory.withdrawn.len() > released {
            assert_eq!(followed.follow(site.ground()).unwrap(), 1, "step {step}");
            let fresh = Catalogue::load(site.ground()).unwrap();
            assert_eq!(seen(&fresh), seen(&followed), "step {step}");
            check_bytes(&site, &fresh, &mut memory);
        }
    }
    for name in ["import", "submit", "publish", "withdraw", "discard", "refused"] {
        assert!(done.contains_key(name), "no {name} in this walk: {done:?}");
    }
    assert!(site.reopen().is_ok());
}

#[test]
fn sqlite_keeps_its_promises() {
    walk(Kind::Sqlite, 0x7a6e_7969, 200);
}

#[test]
fn postgres_keeps_its_promises() {
    walk(Kind::Postgres, 0x6e67_6368, 120);
}
