//! Sealed releases: the log tells nothing that could be guessed, and whoever holds the data can check all of it.

use std::path::Path;

use serde_json::{Value, json};
use tanyin::audit::{ProofLink, Report, Scope, Trust, check_proof, verify_files};
use tanyin::canon::Digest;
use tanyin::dataset::Bump;
use tanyin::desk::{VersionWish, set_restricted, submit};
use tanyin::release::{Catalogue, FlagOf, ReleaseError, ReleaseProof, leaf_of, publish};
use tanyin::tlog::TreeHasher;

use super::{NOW, fsck, log_keys, package, refused, server, sound, with_rows};
use crate::on_both;
use crate::site::{Kind, PackageDraft, Site};

/// Sets the policy, imports a package, and publishes.
#[track_caller]
fn release(site: &Site, package: &PackageDraft, restricted: bool) -> Bump {
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let dataset = package.dataset().parse().unwrap();
    // what an import finds to differ depends on the policy that stands; a dataset is there from its first import on
    drop(set_restricted(site.ground(), &dataset, restricted, "operator"));
    site.import(folder.path(), package.dataset()).unwrap();
    set_restricted(site.ground(), &dataset, restricted, "operator").unwrap();
    let by = "steward";
    let submitted = submit(site.ground(), &dataset, &VersionWish::Package, by).unwrap();
    publish(site.ground(), &dataset, by).unwrap();
    submitted.difference.bump
}

fn shut(site: &Site) {
    release(site, &package("shut", "1.0.0", &[("a", "1")]), true);
    release(site, &package("shut", "1.1.0", &[("a", "1"), ("b", "2")]), true);
}

/// Everything of a release, as whoever may read it downloads it.
fn download(site: &Site, folder: &Path) {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let release = catalogue.resolve("shut@1.1.0").unwrap().release;
    for file in release.files().iter().filter(|file| file.coding == "identity") {
        std::fs::write(folder.join(&file.name), site.ground().blobs().read(file.sha256).unwrap()).unwrap();
    }
    std::fs::write(folder.join("release.record.json"), site.ground().blobs().read(release.record_digest).unwrap()).unwrap();
    std::fs::write(folder.join("release.tlog-proof"), catalogue.log_proof(&release).unwrap().to_string()).unwrap();
}

fn trust(site: &Site) -> Trust {
    Trust::new(NOW).given(log_keys(site.ground()), None)
}

fn verify(site: &Site, path: &Path) -> Report {
    let mut report = Report::of(path.display().to_string());
    verify_files(path, trust(site), None, None, true, &mut report);
    report
}

fn proof(site: &Site, key: Option<&str>) -> ReleaseProof {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let release = catalogue.resolve("shut@1.1.0").unwrap().release;
    catalogue.release_proof(site.ground(), &release, key.map(|key| release.data.find(key).unwrap())).unwrap()
}

on_both!(
    fn a_data_directory_with_sealed_releases_is_sound(site: &Site) {
        site.publish(&package("small", "1.0.0", &[("a", "1")]));
        shut(site);
        let scope = Scope { deep: true, ..Scope::default() };
        sound(&fsck(site.folder.path(), &scope));
        sound(&with_rows(site, &scope));
        let report = server(site.address(), trust(site), None);
        sound(&report);
        assert!(
            report.notes.iter().any(|note| note.contains("only their leaves were checked: shut@1.0.0, shut@1.1.0")),
            "{:?}",
            report.notes
        );
    }
);

/// A blob of a sealed release that is changed or lost is found like any other.
#[test]
fn what_was_changed_is_found() {
    let site = Site::new(Kind::Sqlite);
    shut(&site);
    let leaf: Value = serde_json::from_str(&Catalogue::load(site.ground()).unwrap().resolve("shut").unwrap().release.leaf).unwrap();
    for name in ["salted_manifest", "salted_record"] {
        let copy = tempfile::tempdir().unwrap();
        super::copy_folder(site.folder.path(), copy.path());
        let hex = leaf[name].as_str().unwrap().strip_prefix("sha256:").unwrap().to_owned();
        let path = copy.path().join(format!("blobs/sha256/{}/{hex}", &hex[..2]));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[3] ^= 1; // in the salt
        std::fs::write(&path, bytes).unwrap();
        assert!(!fsck(copy.path(), &Scope::default()).is_sound());
        std::fs::remove_file(&path).unwrap();
        refused(&fsck(copy.path(), &Scope::default()), "missing", "of shut@1.1.0 is missing");
    }
}

#[test]
fn a_granted_download_closes_the_chain() {
    let site = Site::new(Kind::Sqlite);
    shut(&site);
    let folder = tempfile::tempdir().unwrap();
    download(&site, folder.path());
    let report = verify(&site, folder.path());
    sound(&report);
    assert!(report.authentic && report.chain.iter().all(|link| link.closed), "{:?}", report.chain);
    assert_eq!((report.checked("files"), report.checked("records"), report.checked("lines"), report.checked("tables")), (2, 1, 2, 1));
    let record = std::fs::read_to_string(folder.path().join("release.record.json")).unwrap();
    // another secret, and none
    let secret = serde_json::from_str::<Value>(&record).unwrap()["secret"].as_str().unwrap().to_owned();
    let first = if secret.starts_with('0') { "1" } else { "0" };
    std::fs::write(folder.path().join("release.record.json"), record.replace(&secret, &format!("{first}{}", &secret[1..]))).unwrap();
    assert!(!verify(&site, folder.path()).is_sound());
    std::fs::remove_file(folder.path().join("release.record.json")).unwrap();
    refused(&verify(&site, folder.path()), "salt", "its salt is missing");
}

#[test]
fn one_line_is_proved_without_the_others() {
    let site = Site::new(Kind::Sqlite);
    shut(&site);
    let own = proof(&site, Some("a"));
    let proved = check_proof(&own, &trust(&site)).unwrap();
    assert_eq!(proved.factor.unwrap().key, "a");
    assert!(check_proof(&proof(&site, None), &trust(&site)).is_ok());
    // nothing in it is a digest of the other line, of a file, or the secret
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let release = catalogue.resolve("shut@1.1.0").unwrap().release;
    let text = serde_json::to_string(&own).unwrap();
    let secret = release.record.secret.clone().unwrap();
    let other = release.data.digest(1).unwrap().to_hex();
    let told = [other, serde_json::to_string(&secret).unwrap().replace('"', "")];
    let files = release.files().iter().filter(|file| file.name.starts_with("factors")).map(|file| file.sha256.to_hex());
    for hidden in told.into_iter().chain(files) {
        assert!(!text.contains(&hidden), "{hidden}");
    }
    let file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    std::fs::write(file.path(), &text).unwrap();
    let report = verify(&site, file.path());
    sound(&report);
    assert!(report.authentic, "{:?}", report.chain);
    // a salt that is missing, another's, or where none belongs
    let link = |proof: &ReleaseProof| check_proof(proof, &trust(&site)).unwrap_err().link;
    let salt = |key: &str| Some(secret.of_line(key));
    let with_line = |salt| {
        let mut proof = own.clone();
        proof.factor.as_mut().unwrap().salt = salt;
        proof
    };
    assert_eq!((link(&with_line(None)), link(&with_line(salt("b")))), (ProofLink::Root, ProofLink::Root));
    assert_eq!(link(&ReleaseProof { salt: None, ..own.clone() }), ProofLink::Leaf);
    assert_eq!(link(&ReleaseProof { salt: salt("a"), ..own.clone() }), ProofLink::Leaf);
    site.publish(&package("small", "1.0.0", &[("a", "1")]));
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let open = catalogue.release_proof(site.ground(), &catalogue.resolve("small").unwrap().release, Some(0)).unwrap();
    assert_eq!(link(&ReleaseProof { salt: salt("a"), ..open.clone() }), ProofLink::Leaf);
    let mut salted = open;
    salted.factor.as_mut().unwrap().salt = salt("a");
    assert_eq!(link(&salted), ProofLink::Root);
}

/// A flag is a public fact that names its factor: of what is sealed it is refused, and nothing is told.
#[test]
fn a_flag_names_no_hidden_key() {
    let site = Site::new(Kind::Sqlite);
    shut(&site);
    let facts = Catalogue::load(site.ground()).unwrap().facts();
    let (dataset, version) = ("shut".parse().unwrap(), "1.0.0".parse().unwrap());
    let what = FlagOf { dataset: &dataset, version: &version, key: "a", flag: "value_disputed" };
    let error = tanyin::release::flag(site.ground(), what, "why", "r").unwrap_err();
    assert!(matches!(&error, ReleaseError::Sealed(id) if id == "shut@1.0.0") && error.is_refusal(), "{error}");
    assert_eq!(Catalogue::load(site.ground()).unwrap().facts(), facts);
}

/// What the log holds of a sealed release is no digest of anything that could be tried.
#[test]
fn nothing_in_the_log_can_be_guessed() {
    let site = Site::new(Kind::Sqlite);
    let mut names = package("names", "1.0.0", &[("a", "1")]);
    names.description["licenses"] = json!([{"name": "LicenseRef-x", "redistribution": "metadata_only"}]);
    release(&site, &names, false);
    shut(&site);
    let catalogue = Catalogue::load(site.ground()).unwrap();
    for (id, access) in [("names", "metadata_only"), ("shut@1.0.0", "restricted"), ("shut@1.1.0", "restricted")] {
        let release = catalogue.resolve(id).unwrap().release;
        let leaf: Value = serde_json::from_str(&release.leaf).unwrap();
        assert_eq!((&leaf["kind"], &leaf["access"]), (&json!("sealed"), &json!(access)));
        let members: Vec<&str> = leaf.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members, ["access", "at", "dataset", "format", "kind", "salted_manifest", "salted_record", "version"]);
        let secret = release.record.secret.as_ref().unwrap();
        let (mut plain, mut salted) = (TreeHasher::new(), TreeHasher::new());
        for number in 0..release.data.index().len() {
            plain.push(&release.data.line(number));
            salted.push(&leaf_of(Some(secret), release.data.key(number), &release.data.line(number)));
        }
        assert_eq!((salted.root(), plain.root() == release.manifest.root), (release.manifest.root, false));
        let manifest = site.ground().blobs().read(release.manifest_digest).unwrap();
        let record = site.ground().blobs().read(release.record_digest).unwrap();
        assert_eq!(leaf["salted_manifest"], Digest::of(&secret.of_manifest().before(&manifest)).to_string());
        assert_eq!(leaf["salted_record"], Digest::of(&secret.of_record().before(&record)).to_string());
        for known in [&manifest, &record, &release.data.lines().to_vec()] {
            assert!(!release.leaf.contains(&Digest::of(known).to_hex()));
        }
        assert!(release.manifest.artefacts.is_empty(), "the manifest goes into proofs of single lines");
    }
    // two releases of the same lines have nothing in common
    let twin = Site::new(Kind::Sqlite);
    shut(&twin);
    let other = Catalogue::load(twin.ground()).unwrap().resolve("shut").unwrap().release;
    assert_ne!(catalogue.resolve("shut").unwrap().release.manifest.root, other.manifest.root);
}

/// The log is public and a flag names a key: a sealed release takes none, and nothing is written.
#[test]
fn a_sealed_release_takes_no_flag() {
    let site = Site::new(Kind::Sqlite);
    shut(&site);
    let (dataset, version) = ("shut".parse().unwrap(), "1.0.0".parse().unwrap());
    let facts = || site.ground().database().unwrap().read(|connection| tanyin::store::fact_list(connection, 0)).unwrap().len();
    let before = facts();
    let what = tanyin::release::FlagOf { dataset: &dataset, version: &version, key: "a", flag: "value_disputed" };
    let refused = tanyin::release::flag(site.ground(), what, "for the test", "operator").unwrap_err();
    assert!(refused.is_refusal() && refused.to_string().contains("shut@1.0.0 is sealed"), "{refused}");
    assert_eq!(facts(), before);
}

on_both!(
    fn a_policy_holds_for_what_comes_after_it(site: &Site) {
        let versions = [("1.0.0", false), ("2.0.0", true), ("2.0.1", false)];
        let bumps: Vec<Bump> =
            versions.iter().map(|(version, restricted)| release(site, &package("turn", version, &[("a", "1")]), *restricted)).collect();
        // taking a right away is MAJOR, as a narrower licence is; giving it back changes words alone
        assert_eq!(bumps[1..], [Bump::Major, Bump::Patch]);
        let catalogue = Catalogue::load(site.ground()).unwrap();
        for (version, restricted) in versions {
            let release = catalogue.resolve(&format!("turn@{version}")).unwrap().release;
            assert_eq!((release.restricted(), release.is_open()), (restricted, !restricted));
        }
        sound(&fsck(site.folder.path(), &Scope { deep: true, ..Scope::default() }));
    }
);
