//! Signed approvals: the policy names keys, the manifest names them too, and the signatures lie beside the release.

use tanyin::desk::{DeskError, NewReview, VersionWish, approve, set_policy, text_to_sign};
use tanyin::release::{APPROVALS_NAME, Catalogue};
use tanyin::review::ReviewRefusal;
use tanyin::tlog::{KeyKind, Note, SignerKey, VerifierKey};

use super::{id, import, package, release, submit};
use crate::on_both;
use crate::site::Site;

fn key(name: &str, seed: u8) -> SignerKey {
    SignerKey::generate(name, KeyKind::Ed25519, &[seed; 32]).unwrap()
}

fn verifier(key: &SignerKey) -> VerifierKey {
    key.verifier().clone()
}

/// Approves with a signature over some text.
fn sign(site: &Site, reviewer: &str, key: &SignerKey, text: &str) -> Result<u32, DeskError> {
    let line = key.sign(text).unwrap().to_string();
    approve(site.ground(), &id("signed"), &NewReview { reviewer, comment: "seen", signature: Some(&line) })
}

#[track_caller]
fn refused(outcome: Result<u32, DeskError>, says: &str) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, DeskError::Review(_)) && error.is_refusal() && error.to_string().contains(says), "{error}");
}

on_both!(
    fn two_signatures_by_two_of_three(site: &Site) {
        let (ground, dataset) = (site.ground(), id("signed"));
        let [wang, chen, zhao, other] =
            [("wang.example", 1), ("chen.example", 2), ("zhao.example", 3), ("other.example", 4)].map(|(name, seed)| key(name, seed));
        site.publish(&package("signed", "1.0.0", &[("a", "1")]));
        let keys = [verifier(&wang), verifier(&chen), verifier(&zhao)];
        assert!(set_policy(ground, &dataset, 4, Some(&keys), "admin").unwrap_err().to_string().contains("only 3 different keys"));
        assert!(set_policy(ground, &dataset, 1, Some(&[verifier(&wang), verifier(&wang)]), "admin").is_err());
        set_policy(ground, &dataset, 2, Some(&keys), "admin").unwrap();
        import(site, &package("signed", "1.1.0", &[("a", "2")]));
        submit(site, "signed", &VersionWish::Package).unwrap();

        let text = text_to_sign(ground, &dataset).unwrap();
        let named = NewReview { reviewer: "wang", comment: "", signature: None };
        refused(approve(ground, &dataset, &named), "wants signed approvals");
        refused(sign(site, "wang", &other, &text), "signature");
        refused(sign(site, "wang", &wang, &text.replace("1.1.0", "1.2.0")), "signature");
        for line in ["", "— wang.example", "— wang.example AAAA", "rubbish", "— a b\n— c d"] {
            let review = NewReview { reviewer: "wang", comment: "", signature: Some(line) };
            refused(approve(ground, &dataset, &review), "signature");
        }
        assert_eq!(sign(site, "wang", &wang, &text).unwrap(), 1);
        refused(sign(site, "wang", &chen, &text), "another reviewer");
        let again = sign(site, "chen", &wang, &text).unwrap_err();
        assert!(matches!(again, DeskError::Review(ReviewRefusal::KeyTwice(_))), "{again}");
        assert_eq!(sign(site, "chen", &chen, &text).unwrap(), 0);
        release(ground, "signed").unwrap();

        let catalogue = Catalogue::load(ground).unwrap();
        let made = catalogue.resolve("signed").unwrap().release;
        assert_eq!(made.manifest.approvals.required, 2);
        assert_eq!(made.manifest.approvals.keys, keys.each_ref().map(ToString::to_string));
        let note = Note::parse(made.record.approvals.clone().unwrap()).unwrap();
        assert_eq!(note.text, format!("emission-factor approval v1\nsigned\n1.1.0\n{}\n", made.manifest_digest));
        assert_eq!(note.verify(&keys).unwrap().len(), 2);
        let signed: Vec<_> = made.record.reviews.iter().map(|review| (review.by.as_str(), review.key.as_deref())).collect();
        let id_of = |key: &SignerKey| format!("{}+{}", key.name(), hex::encode(key.verifier().id()));
        assert_eq!(signed, [("wang", Some(id_of(&wang).as_str())), ("chen", Some(id_of(&chen).as_str()))]);
        // and it is served beside the release, the same bytes for ever
        let answer = site.get(&format!("/v1/datasets/signed/releases/1.1.0/files/{APPROVALS_NAME}"));
        assert_eq!((answer.status, answer.body.as_slice()), (200, note.to_string().as_bytes()));
        assert!(answer.header("cache-control").unwrap().contains("immutable"));
        let none = site.get(&format!("/v1/datasets/signed/releases/1.0.0/files/{APPROVALS_NAME}"));
        assert_eq!(none.problem(), "no-artefact");
    }
);

on_both!(
    fn a_signature_without_a_policy_is_not_believed(site: &Site) {
        let (ground, dataset) = (site.ground(), id("signed"));
        site.publish(&package("signed", "1.0.0", &[("a", "1")]));
        set_policy(ground, &dataset, 1, None, "admin").unwrap();
        import(site, &package("signed", "1.1.0", &[("a", "2")]));
        submit(site, "signed", &VersionWish::Package).unwrap();
        let text = text_to_sign(ground, &dataset).unwrap();
        refused(sign(site, "wang", &key("wang.example", 1), &text), "names no reviewers' keys");
        assert_eq!(approve(ground, &dataset, &NewReview { reviewer: "wang", comment: "", signature: None }).unwrap(), 0);
    }
);
