//! Who lets a draft become a release.

use tanyin::desk::{self, DeskError, NewReview, VersionWish, discard, reject, set_policy};
use tanyin::release::Catalogue;
use tanyin::review::ReviewRefusal;
use tanyin::store::DraftState;

use super::{draft, id, import, package, release, released, submit};
use crate::on_both;
use crate::site::Site;

/// A dataset whose policy wants so many approvals, with a draft that is submitted.
fn submitted(site: &Site, dataset: &str, approvals: u32) {
    site.publish(&package(dataset, "1.0.0", &[("a", "1")]));
    set_policy(site.ground(), &id(dataset), approvals, None, "admin").unwrap();
    import(site, &package(dataset, "1.1.0", &[("a", "2")]));
    let submitted = submit(site, dataset, &VersionWish::Package).unwrap();
    assert_eq!((submitted.approvals_required, submitted.state.as_str()), (approvals, "submitted"));
}

fn state(site: &Site, dataset: &str) -> Option<DraftState> {
    draft(site.ground(), dataset).map(|draft| draft.state)
}

/// An approval without a signature.
fn approve(
    ground: &tanyin::release::Ground,
    dataset: &tanyin::dataset::DatasetId,
    reviewer: &str,
    comment: &str,
) -> Result<u32, DeskError> {
    desk::approve(ground, dataset, &NewReview { reviewer, comment, signature: None })
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, DeskError>, says: &str) {
    let error = outcome.unwrap_err();
    assert!(error.is_refusal() && error.to_string().contains(says), "{error}");
}

on_both!(
    fn one_approval_by_somebody_else(site: &Site) {
        let (ground, dataset) = (site.ground(), id("single"));
        submitted(site, "single", 1);
        let before = released(ground);
        assert!(release(ground, "single").unwrap_err().is_refusal());
        let own = approve(ground, &dataset, "steward", "looks right to me").unwrap_err();
        assert!(matches!(own, DeskError::Review(ReviewRefusal::OwnDraft(_))) && own.is_refusal());
        assert_eq!((state(site, "single"), released(ground)), (Some(DraftState::Submitted), before));
        assert_eq!(approve(ground, &dataset, "wang", "").unwrap(), 0);
        assert_eq!(state(site, "single"), Some(DraftState::Approved));
        refusal(approve(ground, &dataset, "chen", ""), "publish it");
        release(ground, "single").unwrap();
        let catalogue = Catalogue::load(ground).unwrap();
        assert_eq!(catalogue.resolve("single").unwrap().release.manifest.approvals.required, 1);
        assert_eq!(catalogue.resolve("single@1.0.0").unwrap().release.manifest.approvals.required, 0);
    }
);

on_both!(
    fn two_approvals_by_two_people(site: &Site) {
        let (ground, dataset) = (site.ground(), id("double"));
        submitted(site, "double", 2);
        assert_eq!(approve(ground, &dataset, "wang", "checked against the PDF").unwrap(), 1);
        let twice = approve(ground, &dataset, "wang", "and again").unwrap_err();
        assert!(matches!(twice, DeskError::Review(ReviewRefusal::Twice(_))) && twice.is_refusal());
        assert!(release(ground, "double").unwrap_err().to_string().contains("approvals"));
        // a policy that is relaxed meanwhile holds for what is submitted from now on: the manifest says two
        set_policy(ground, &dataset, 1, None, "admin").unwrap();
        refusal(approve(ground, &dataset, "wang", ""), "another reviewer");
        assert!(release(ground, "double").is_err());
        assert_eq!(approve(ground, &dataset, "chen", "").unwrap(), 0);
        release(ground, "double").unwrap();
    }
);

on_both!(
    fn a_rejection_says_why_and_ends_the_approvals(site: &Site) {
        let (ground, dataset) = (site.ground(), id("rejected"));
        submitted(site, "rejected", 2);
        assert_eq!(approve(ground, &dataset, "wang", "").unwrap(), 1);
        for comment in ["", " \n"] {
            let error = reject(ground, &dataset, "chen", comment).unwrap_err();
            assert!(matches!(error, DeskError::NoComment) && error.is_refusal());
        }
        assert_eq!(state(site, "rejected"), Some(DraftState::Submitted));
        reject(ground, &dataset, "chen", "0.5366 is the 2022 value").unwrap();
        let back = draft(ground, "rejected").unwrap();
        assert_eq!((back.state, back.version, back.manifest_digest, back.submitted_by), (DraftState::Rejected, None, None, None));
        refusal(approve(ground, &dataset, "wang", ""), "submit it first");
        refusal(reject(ground, &dataset, "chen", "still wrong"), "submit it first");
        assert!(release(ground, "rejected").unwrap_err().is_refusal());
        // submitted again unchanged, it is the same manifest, and nobody has approved it since
        submit(site, "rejected", &VersionWish::Package).unwrap();
        assert_eq!(approve(ground, &dataset, "wang", "").unwrap(), 1);
        assert_eq!(approve(ground, &dataset, "li", "").unwrap(), 0);
        // an approved draft may still be sent back
        reject(ground, &dataset, "chen", "wait for the announcement").unwrap();
        assert!(release(ground, "rejected").is_err());
        import(site, &package("rejected", "1.1.0", &[("a", "3")]));
        submit(site, "rejected", &VersionWish::Package).unwrap();
        assert_eq!(approve(ground, &dataset, "chen", "").unwrap(), 1);
        assert_eq!(approve(ground, &dataset, "li", "").unwrap(), 0);
        release(ground, "rejected").unwrap();
    }
);

on_both!(
    fn what_is_frozen_is_not_replaced(site: &Site) {
        let (ground, dataset) = (site.ground(), id("frozen"));
        submitted(site, "frozen", 1);
        let other = tempfile::tempdir().unwrap();
        package("frozen", "1.1.0", &[("a", "9")]).write(other.path());
        for approved in [false, true] {
            if approved {
                approve(ground, &dataset, "wang", "").unwrap();
            }
            let before = draft(ground, "frozen");
            refusal(site.import(other.path(), "frozen"), "it is frozen");
            refusal(submit(site, "frozen", &VersionWish::Auto), "submitted already");
            assert_eq!(draft(ground, "frozen"), before);
        }
        discard(ground, &dataset, "steward").unwrap();
        assert_eq!(draft(ground, "frozen"), None);
        refusal(discard(ground, &dataset, "steward"), "no draft");
        refusal(approve(ground, &dataset, "wang", ""), "no draft");
        // another draft of the same content is another submission, by somebody else
        let request = desk::ImportRequest {
            path: other.path(),
            dataset: &dataset,
            actor: "wang",
            dry_run: false,
            discard_edits: false,
            reading: desk::Reading::default(),
        };
        desk::import(ground, &request, &mut |_| {}).unwrap();
        desk::submit(ground, &dataset, &VersionWish::Auto, "wang").unwrap();
        refusal(approve(ground, &dataset, "wang", ""), "somebody else");
        assert_eq!(approve(ground, &dataset, "steward", "").unwrap(), 0);
        release(ground, "frozen").unwrap();
    }
);

#[test]
fn a_policy_is_for_a_dataset_that_is_there() {
    let site = Site::new(crate::site::Kind::Sqlite);
    refusal(set_policy(site.ground(), &id("nobodys"), 1, None, "admin"), "no dataset nobodys");
}
