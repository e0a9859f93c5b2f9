//! The tables, as Diesel sees them: one description for both databases.

diesel::table! {
    dataset (id) {
        id -> Text,
        approvals_required -> Integer,
        reviewers -> Text,
        last_revision -> BigInt,
        created_at -> Text,
        restricted -> Integer,
    }
}

diesel::table! {
    import_run (id) {
        id -> BigInt,
        dataset -> Text,
        actor -> Text,
        started_at -> Text,
        finished_at -> Text,
        file_name -> Text,
        profile -> Text,
        program -> Text,
        source_digest -> Text,
        source_bytes -> BigInt,
        rows -> BigInt,
        factors -> BigInt,
        errors -> BigInt,
        warnings -> BigInt,
        report_digest -> Text,
        places_digest -> Nullable<Text>,
    }
}

diesel::table! {
    draft (dataset) {
        dataset -> Text,
        revision -> BigInt,
        state -> Text,
        import_run -> BigInt,
        lines_digest -> Text,
        package_digest -> Text,
        base_version -> Nullable<Text>,
        version -> Nullable<Text>,
        manifest_digest -> Nullable<Text>,
        frozen_digest -> Nullable<Text>,
        submitted_by -> Nullable<Text>,
        submitted_at -> Nullable<Text>,
        updated_at -> Text,
    }
}

diesel::table! {
    approval (id) {
        id -> BigInt,
        dataset -> Text,
        manifest_digest -> Text,
        reviewer -> Text,
        decision -> Text,
        comment -> Text,
        signature -> Nullable<Text>,
        at -> Text,
    }
}

diesel::table! {
    log_identity (id) {
        id -> Integer,
        origin -> Text,
        vkey -> Text,
        created_at -> Text,
    }
}

diesel::table! {
    fact (seq) {
        seq -> BigInt,
        at -> Text,
        kind -> Text,
        dataset -> Nullable<Text>,
        version -> Nullable<Text>,
        leaf -> Text,
    }
}

diesel::table! {
    release (dataset, version) {
        dataset -> Text,
        version -> Text,
        seq -> BigInt,
        manifest_digest -> Text,
        record_digest -> Text,
        import_run -> Nullable<BigInt>,
        published_at -> Text,
        actor -> Text,
    }
}

diesel::table! {
    release_artefact (dataset, version, name, coding) {
        dataset -> Text,
        version -> Text,
        name -> Text,
        coding -> Text,
        digest -> Text,
        bytes -> BigInt,
        media_type -> Text,
    }
}

diesel::table! {
    event (seq) {
        seq -> BigInt,
        at -> Text,
        actor -> Text,
        act -> Text,
        dataset -> Nullable<Text>,
        subject -> Text,
        detail -> Text,
    }
}

diesel::table! {
    head (id) {
        id -> Integer,
        size -> BigInt,
        root -> Text,
    }
}

diesel::table! {
    token (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        secret_digest -> Text,
        created_at -> Text,
        created_by -> Text,
        expires_at -> Nullable<Text>,
        revoked_at -> Nullable<Text>,
    }
}

diesel::table! {
    import_job (id) {
        id -> BigInt,
        dataset -> Text,
        actor -> Text,
        state -> Text,
        upload -> Text,
        upload_bytes -> BigInt,
        file_name -> Text,
        profile -> Nullable<Text>,
        discard_edits -> Integer,
        attempts -> Integer,
        after_run -> BigInt,
        created_at -> Text,
        started_at -> Nullable<Text>,
        finished_at -> Nullable<Text>,
        run -> Nullable<BigInt>,
        outcome_digest -> Nullable<Text>,
    }
}

diesel::table! {
    draft_edit (id) {
        id -> BigInt,
        dataset -> Text,
        import_run -> BigInt,
        key -> Text,
        actor -> Text,
        at -> Text,
        reason -> Text,
        before_line -> Nullable<Text>,
        after_line -> Nullable<Text>,
    }
}

diesel::table! {
    dataset_grant (token, dataset) {
        token -> Text,
        dataset -> Text,
        granted_at -> Text,
        granted_by -> Text,
    }
}

diesel::table! {
    webhook (id) {
        id -> Text,
        url -> Text,
        secret -> Text,
        old_secret -> Nullable<Text>,
        old_until -> Nullable<Text>,
        datasets -> Text,
        types -> Text,
        active -> Integer,
        stopped -> Nullable<Text>,
        created_by -> Text,
        created_at -> Text,
        seen -> BigInt,
        attempts -> Integer,
        next_at -> Nullable<Text>,
        lease -> Nullable<Text>,
        lease_until -> Nullable<Text>,
    }
}

diesel::table! {
    webhook_delivery (id) {
        id -> BigInt,
        webhook -> Text,
        kind -> Text,
        seq -> Nullable<BigInt>,
        message -> Text,
        attempt -> Integer,
        at -> Text,
        duration_ms -> BigInt,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        outcome -> Text,
        next_at -> Nullable<Text>,
    }
}

diesel::table! {
    session (id) {
        id -> Text,
        token -> Text,
        secret_digest -> Text,
        created_at -> Text,
        expires_at -> Text,
    }
}

diesel::table! {
    draft_comment (id) {
        id -> BigInt,
        dataset -> Text,
        import_run -> BigInt,
        key -> Nullable<Text>,
        actor -> Text,
        at -> Text,
        words -> Text,
    }
}
