//! Every row goes in and comes out alike in both databases, and what was told stays told.

use super::sample::{AT, comment, digest, draft, edit, fact, filled, head, identity, job, release, session, token};
use super::testing::grounds;
use super::*;

#[test]
fn rows_come_out_as_they_went_in() {
    for ground in grounds() {
        filled(&ground)
            .read(|c| {
                let kept = import_run_get(c, 1)?.unwrap();
                assert_eq!((kept.source_bytes, kept.file_name.as_str()), (5_000_000_000, "公告2024年第33号.pdf"));
                assert_eq!((kept.source_digest, kept.places_digest), (digest("source"), None));
                assert_eq!(import_run_get(c, 2)?, None);
                assert_eq!(draft_list(c)?, [Draft { revision: 1, ..draft() }]);
                assert_eq!(approval_list(c, digest("manifest"))?[0].decision, Decision::Approve);
                assert_eq!(approval_list(c, digest("other"))?, []);
                assert_eq!(fact_list(c, 1)?, [fact(1, FactKind::Withdraw, "1.0.0")]);
                assert_eq!(release_get(c, "cn-test", "1.0.0")?, Some(release(0, "1.0.0")));
                assert_eq!(release_list(c, "cn-test")?, release_list_all(c)?);
                assert_eq!(release_list(c, "other")?, []);
                let files = artefacts(c, "cn-test", "1.0.0")?;
                let order: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.coding)).collect();
                assert_eq!(order, [("a", Coding::Gzip), ("factors.csv", Coding::Identity), ("factors.csv", Coding::Zstd)]);
                assert!(is_withdrawn(c, "cn-test", "1.0.0")? && !is_withdrawn(c, "cn-test", "2.0.0")?);
                assert_eq!((head_get(c)?, log_identity_get(c)?), (head(2), Some(identity())));
                assert_eq!(key_facts(c)?, []);
                assert_eq!(event_list(c, 0, 10)?[0].detail, "{\"factors\":40}");
                assert_eq!((token_get(c, &token().id)?, token_list(c)?), (Some(token()), vec![token()]));
                assert_eq!((token_get(c, "x")?, draft_edit_list(c, 1)?, draft_edit_list(c, 2)?), (None, vec![edit()], vec![]));
                assert_eq!((draft_edit_count(c, 1)?, job_get(c, 1)?), (1, Some(job())));
                assert_eq!((session_get(c, "ab")?, session_get(c, "x")?), (Some(session()), None));
                assert_eq!((draft_comment_list(c, "cn-test", 0)?, draft_comment_list(c, "cn-test", 1)?), (vec![comment()], vec![]));
                assert_eq!((job_recent(c, None, 9)?, job_recent(c, Some("other"), 9)?), (vec![job()], vec![]));
                assert_eq!((event_list_before(c, 2, None, 9)?.len(), event_list_before(c, 2, Some("x"), 9)?.len()), (1, 0));
                assert_eq!((event_list(c, 1, 10)?, event_list(c, 0, 0)?), (vec![], vec![]));
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn a_version_is_taken_for_ever_and_withdrawn_once() {
    for ground in grounds() {
        let database = filled(&ground);
        let again = |work: &dyn Fn(&mut Connection) -> Result<(), StoreError>| database.write(work).unwrap_err();
        for error in
            [again(&|c| fact_insert(c, &fact(2, FactKind::Release, "1.0.0"))), again(&|c| release_insert(c, &release(2, "1.0.0"), &[]))]
        {
            assert!(matches!(&error, StoreError::VersionExists { version, .. } if version == "1.0.0"), "{error:?}");
            assert!(error.is_refusal());
        }
        let twice = again(&|c| fact_insert(c, &fact(2, FactKind::Withdraw, "1.0.0")));
        assert!(matches!(twice, StoreError::AlreadyWithdrawn { .. }) && twice.is_refusal(), "{twice:?}");
        let standing = again(&|c| fact_insert(c, &fact(2, FactKind::Restore, "9.0.0")));
        assert!(matches!(standing, StoreError::NotWithdrawn { .. }) && standing.is_refusal(), "{standing:?}");
        let taken = again(&|c| fact_insert(c, &fact(1, FactKind::Release, "2.0.0")));
        assert!(matches!(taken, StoreError::HeadMoved { expected: 1, found: 2 }), "{taken:?}");
        assert!(matches!(again(&|c| fact_insert(c, &fact(3, FactKind::Release, "2.0.0"))), StoreError::Corrupt { .. }));
        // a release without its fact, a fact of no dataset
        assert!(matches!(again(&|c| release_insert(c, &release(7, "2.0.0"), &[])), StoreError::Query { .. }));
        let nowhere = Fact { dataset: Some("nowhere".to_owned()), ..fact(2, FactKind::Release, "1.0.0") };
        assert!(matches!(again(&|c| fact_insert(c, &nowhere)), StoreError::Query { .. }));
    }
}

#[test]
fn a_job_is_begun_and_ends_once() {
    for ground in grounds() {
        let database = filled(&ground);
        database
            .write(|c| {
                let begun = job_begin(c, AT)?.unwrap();
                assert_eq!((begun.id, begun.state, begun.attempts, begun.after_run), (1, JobState::Running, 1, 1));
                assert_eq!((job_begin(c, AT)?, job_run(c, &begun)?), (None, None));
                job_requeue(c, 1)?;
                assert_eq!(job_begin(c, AT)?.unwrap().attempts, 2);
                let end = |state| JobEnd { state, run: Some(1), outcome: Some(digest("outcome")) };
                job_end(c, 1, end(JobState::Done), AT)?;
                job_end(c, 1, end(JobState::Failed), AT)?;
                let ended = job_get(c, 1)?.unwrap();
                assert_eq!((ended.state, ended.run, ended.outcome_digest), (JobState::Done, Some(1), Some(digest("outcome"))));
                job_requeue(c, 1)?;
                assert_eq!(job_list(c, JobState::Queued)?, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}

#[test]
fn a_release_is_withdrawn_and_restored_in_turns() {
    for ground in grounds() {
        let database = filled(&ground);
        let tell = |seq, kind| database.write(|c| fact_insert(c, &fact(seq, kind, "1.0.0")));
        let withdrawn = || database.read(|c| is_withdrawn(c, "cn-test", "1.0.0")).unwrap();
        assert!(withdrawn());
        tell(2, FactKind::Restore).unwrap();
        assert!(!withdrawn() && tell(3, FactKind::Restore).is_err());
        tell(3, FactKind::Supersede).unwrap();
        assert!(!withdrawn());
        tell(4, FactKind::Withdraw).unwrap();
        assert!(withdrawn());
        let key = Fact { dataset: None, version: None, ..fact(5, FactKind::Key, "") };
        database.write(|c| fact_insert(c, &key)).unwrap();
        assert_eq!(database.read(key_facts).unwrap(), [key]);
        let half = Fact { version: None, ..fact(6, FactKind::Withdraw, "1.0.0") };
        assert!(matches!(database.write(|c| fact_insert(c, &half)), Err(StoreError::Query { .. })));
    }
}

#[test]
fn a_draft_changes_only_from_the_revision_that_was_read() {
    for ground in grounds() {
        let database = filled(&ground);
        let put = |new: &Draft, expected| database.write(|c| draft_put(c, new, expected));
        for expected in [None, Some(0), Some(2)] {
            let error = put(&draft(), expected).unwrap_err();
            assert!(matches!(error, StoreError::StaleRevision { found: Some(1), .. }), "{error:?}");
            assert!(error.is_refusal());
        }
        let submitted = Draft {
            state: DraftState::Submitted,
            version: Some("1.1.0".to_owned()),
            manifest_digest: Some(digest("manifest")),
            frozen_digest: Some(digest("frozen")),
            submitted_by: Some("steward".to_owned()),
            submitted_at: Some(AT.to_owned()),
            base_version: Some("1.0.0".to_owned()),
            ..draft()
        };
        assert_eq!(put(&submitted, Some(1)).unwrap(), 2);
        let kept = database.read(|c| draft_get(c, "cn-test")).unwrap();
        assert_eq!(kept, Some(Draft { revision: 2, ..submitted.clone() }));
        let half = Draft { manifest_digest: None, ..submitted };
        assert!(matches!(put(&half, Some(2)), Err(StoreError::Query { .. })));
        assert!(database.write(|c| draft_delete(c, "cn-test", 1)).is_err());
        database.write(|c| draft_delete(c, "cn-test", 2)).unwrap();
        assert!(matches!(put(&draft(), Some(2)), Err(StoreError::StaleRevision { found: None, .. })));
        // revisions go on, so that what was read of the old draft never fits the new one
        assert_eq!(put(&draft(), None).unwrap(), 3);
        let other = Draft { dataset: "nowhere".to_owned(), ..draft() };
        assert!(matches!(put(&other, None), Err(StoreError::NoSuchDataset(_))));
    }
}

#[test]
fn datasets_sort_by_their_bytes_and_have_a_policy() {
    for ground in grounds() {
        let database = ground.database();
        for id in ["ba", "b-a", "B", "b0", "a", "b"] {
            assert!(database.write(|c| dataset_upsert_absent(c, id, AT)).unwrap());
        }
        let ids: Vec<_> = database.read(dataset_list).unwrap().into_iter().map(|dataset| dataset.id).collect();
        assert_eq!(ids, ["B", "a", "b", "b-a", "b0", "ba"], "{}", ground.name);
        database.write(|c| dataset_set_policy(c, "b", 2, "k1\nk2")).unwrap();
        let policy = database.read(|c| dataset_get(c, "b")).unwrap().unwrap();
        assert_eq!((policy.approvals_required, policy.reviewers.as_str()), (2, "k1\nk2"));
        assert!(matches!(database.write(|c| dataset_set_policy(c, "c", 1, "")), Err(StoreError::NoSuchDataset(_))));
        assert!(matches!(database.write(|c| dataset_set_policy(c, "b", -1, "")), Err(StoreError::Query { .. })));
        assert!(database.write(|c| dataset_upsert_absent(c, "late", "2026-09-01 12:00")).is_err());
    }
}

#[test]
fn a_session_ends_and_expired_ones_are_forgotten() {
    for ground in grounds() {
        let database = filled(&ground);
        let later = Session {
            id: "cd".to_owned(),
            created_at: "2026-09-02T00:00:00Z".to_owned(),
            expires_at: "2026-09-03T00:00:00Z".to_owned(),
            ..session()
        };
        database.write(|c| session_insert(c, &later)).unwrap();
        assert_eq!(database.read(|c| session_get(c, "ab")).unwrap(), None);
        let end = || database.write(|c| session_delete(c, "cd")).unwrap();
        assert_eq!((end(), end()), (true, false));
        let stranger = Session { token: "nobody".to_owned(), ..later };
        assert!(database.write(|c| session_insert(c, &stranger)).is_err());
    }
}

#[test]
fn times_are_cut_to_seconds() {
    let at: jiff::Timestamp = "2026-09-01T12:00:00.999+00:00".parse().unwrap();
    assert_eq!(time_text(at), AT);
}
