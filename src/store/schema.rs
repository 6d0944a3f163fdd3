//! The tables, as Diesel sees them: the columns that both databases share.

diesel::table! {
    head (id) {
        id -> Integer,
        sequence -> BigInt,
    }
}

diesel::table! {
    organization (id) {
        id -> Integer,
        settings -> Text,
        digest_key -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    changes (sequence) {
        sequence -> BigInt,
        kind -> Text,
        reference -> Text,
    }
}

diesel::table! {
    people (id) {
        id -> Text,
        user_name -> Text,
        display_name -> Text,
        search -> Text,
        email -> Nullable<Text>,
        external_id -> Nullable<Text>,
        language -> Nullable<Text>,
        active -> Bool,
        created_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    teams (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        parent -> Nullable<Text>,
        revision -> BigInt,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        person -> Text,
        team -> Text,
        from_at -> Timestamp,
        until_at -> Nullable<Timestamp>,
        revision -> BigInt,
    }
}

diesel::table! {
    absences (person, id) {
        person -> Text,
        id -> Text,
        from_day -> Date,
        until_day -> Date,
        revision -> BigInt,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Text,
        person -> Text,
        role -> Text,
        reach -> Text,
        from_at -> Nullable<Timestamp>,
        until_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    measures (code) {
        code -> Text,
        name -> Text,
        scale_min -> BigInt,
        scale_max -> Nullable<BigInt>,
        direction -> Text,
        unit -> Text,
        aggregation -> Text,
        threshold -> Nullable<BigInt>,
        used -> Bool,
        revision -> BigInt,
    }
}

diesel::table! {
    signals (id) {
        id -> Text,
        source -> Text,
        key -> Text,
        version -> BigInt,
        status -> Text,
        kind -> Nullable<Text>,
        agent -> Nullable<Text>,
        occurred_at -> Nullable<Timestamp>,
        channel -> Nullable<Text>,
        case_ref -> Nullable<Text>,
        measures -> Text,
        attributes -> Text,
        received_at -> Timestamp,
        sequence -> BigInt,
    }
}

diesel::table! {
    signal_revisions (signal, sequence) {
        signal -> Text,
        sequence -> BigInt,
        version -> BigInt,
        status -> Text,
        content -> Nullable<Text>,
        received_at -> Timestamp,
        delivered_by -> Text,
    }
}

diesel::table! {
    programmes (code) {
        code -> Text,
        created_at -> Timestamp,
        revision -> BigInt,
        last_day -> Nullable<Date>,
        as_of -> Nullable<Timestamp>,
    }
}

diesel::table! {
    programme_versions (programme, version) {
        programme -> Text,
        version -> Integer,
        document -> Text,
        state -> Text,
        effective_from -> Nullable<Date>,
        created_by -> Text,
        created_at -> Timestamp,
        activated_by -> Nullable<Text>,
        activated_at -> Nullable<Timestamp>,
        revision -> BigInt,
        changed_by -> Nullable<Text>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        kind -> Text,
        owner -> Text,
        balance -> BigInt,
    }
}

diesel::table! {
    transfers (id) {
        id -> Text,
        sequence -> BigInt,
        kind -> Text,
        payer -> Text,
        payee -> Text,
        amount -> BigInt,
        payer_balance -> BigInt,
        reverses -> Nullable<Text>,
        programme -> Nullable<Text>,
        season -> Nullable<Text>,
        rule -> Nullable<Text>,
        version -> Nullable<Integer>,
        subject -> Nullable<Text>,
        cause -> Text,
        at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    awards (programme, season, rule, subject, cause) {
        programme -> Text,
        season -> Text,
        rule -> Text,
        subject -> Text,
        cause -> Text,
        points -> BigInt,
        badge -> Nullable<Text>,
        at -> Timestamp,
        version -> Integer,
        transfer -> Nullable<Text>,
    }
}

diesel::table! {
    badge_events (id) {
        id -> Text,
        sequence -> BigInt,
        programme -> Text,
        season -> Text,
        badge -> Text,
        subject -> Text,
        change -> Text,
        at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    kudos (id) {
        id -> Text,
        sequence -> BigInt,
        sender -> Text,
        message -> Text,
        value -> Nullable<Text>,
        points -> BigInt,
        visibility -> Text,
        state -> Text,
        sent_at -> Timestamp,
        withdrawable_until -> Timestamp,
        revision -> BigInt,
        value_name -> Nullable<Text>,
        hidden -> Bool,
    }
}

diesel::table! {
    kudos_moderations (sequence) {
        sequence -> BigInt,
        kudos -> Text,
        act -> Text,
        moderator -> Text,
        reason -> Text,
        moderated_at -> Timestamp,
    }
}

diesel::table! {
    kudos_reactions (kudos, person, reaction) {
        kudos -> Text,
        person -> Text,
        reaction -> Text,
        sequence -> BigInt,
        reacted_at -> Timestamp,
    }
}

diesel::table! {
    kudos_receivers (kudos, receiver) {
        kudos -> Text,
        receiver -> Text,
        sequence -> BigInt,
        points -> BigInt,
        transfer -> Nullable<Text>,
    }
}

diesel::table! {
    kudos_replies (id) {
        id -> Text,
        kudos -> Text,
        sequence -> BigInt,
        author -> Text,
        message -> Text,
        replied_at -> Timestamp,
    }
}

diesel::table! {
    kudos_reports (kudos, reporter) {
        kudos -> Text,
        reporter -> Text,
        sequence -> BigInt,
        reason -> Text,
        state -> Text,
        reported_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    certificates (id) {
        id -> Text,
        code -> Text,
        person -> Text,
        programme -> Text,
        season -> Text,
        badge -> Nullable<Text>,
        language -> Text,
        shown -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    idempotency (caller, path, key) {
        caller -> Text,
        path -> Text,
        key -> Text,
        body_digest -> Text,
        status -> Integer,
        body -> Text,
        location -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    fold_days (programme, season, person, day) {
        programme -> Text,
        season -> Text,
        person -> Text,
        day -> Date,
        shape -> BigInt,
        state -> Text,
        cases -> Text,
        given -> Text,
    }
}

diesel::table! {
    team_sums (programme, season, team, rule, part, day) {
        programme -> Text,
        season -> Text,
        team -> Text,
        rule -> Text,
        part -> Text,
        day -> Date,
        sums -> Text,
    }
}

diesel::table! {
    due (programme, season, subject) {
        programme -> Text,
        season -> Text,
        subject -> Text,
        kind -> Text,
        from_day -> Date,
        until_day -> Nullable<Date>,
    }
}

diesel::table! {
    seasons (programme, season) {
        programme -> Text,
        season -> Text,
        state -> Text,
        begun_at -> Timestamp,
        begun_by -> Text,
        closed_at -> Nullable<Timestamp>,
        position -> Nullable<BigInt>,
    }
}

diesel::table! {
    season_statements (programme, season) {
        programme -> Text,
        season -> Text,
        body -> Text,
    }
}

diesel::table! {
    frozen_boards (programme, season, board, period) {
        programme -> Text,
        season -> Text,
        board -> Text,
        period -> Text,
        body -> Text,
    }
}

diesel::table! {
    dry_runs (programme, version) {
        programme -> Text,
        version -> Integer,
        effective_from -> Date,
        sequence -> BigInt,
        difference -> Text,
    }
}

diesel::table! {
    issuer_keys (kid) {
        kid -> Text,
        public_key -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    contest_disqualifications (programme, contest, period, subject) {
        programme -> Text,
        contest -> Text,
        period -> Text,
        subject -> Text,
        note -> Text,
        disqualified_by -> Text,
        disqualified_at -> Timestamp,
    }
}

diesel::table! {
    contest_results (programme, contest, period) {
        programme -> Text,
        contest -> Text,
        period -> Text,
        position -> BigInt,
        finalised_by -> Text,
        finalised_at -> Timestamp,
        body -> Text,
    }
}

diesel::table! {
    contest_badges (programme, contest, period, subject, badge) {
        programme -> Text,
        contest -> Text,
        period -> Text,
        subject -> Text,
        badge -> Text,
        season -> Text,
    }
}

diesel::table! {
    visibility (person, programme) {
        person -> Text,
        programme -> Text,
        choice -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    day_marks (programme, day) {
        programme -> Text,
        day -> Date,
        sequence -> BigInt,
    }
}

diesel::table! {
    stream_tickets (digest) {
        digest -> Text,
        person -> Text,
        scope -> Nullable<Text>,
        token_until -> Timestamp,
        until_at -> Timestamp,
    }
}

diesel::table! {
    rewards (code) {
        code -> Text,
        document -> Text,
        stock -> Nullable<BigInt>,
        created_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    redemptions (id) {
        id -> Text,
        sequence -> BigInt,
        receiver -> Text,
        reward -> Text,
        due -> Nullable<Text>,
        programme -> Nullable<Text>,
        season -> Nullable<Text>,
        cost -> BigInt,
        kind -> Text,
        value_cents -> Nullable<BigInt>,
        value_currency -> Nullable<Text>,
        days_off -> Nullable<BigInt>,
        state -> Text,
        requested_at -> Timestamp,
        requested_by -> Text,
        expires_at -> Nullable<Timestamp>,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
        note -> Nullable<Text>,
        transfer -> Nullable<Text>,
        refund -> Nullable<Text>,
        inflow_on -> Nullable<Date>,
        sealed_code -> Nullable<Text>,
        code_shown_at -> Nullable<Timestamp>,
        revision -> BigInt,
        pieces -> BigInt,
    }
}

diesel::table! {
    grants (id) {
        id -> Text,
        sequence -> BigInt,
        granter -> Text,
        receiver -> Text,
        points -> BigInt,
        reason -> Text,
        programme -> Nullable<Text>,
        season -> Nullable<Text>,
        month -> Text,
        state -> Text,
        requested_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decided_by -> Nullable<Text>,
        note -> Nullable<Text>,
        transfer -> Nullable<Text>,
        revision -> BigInt,
    }
}

diesel::table! {
    erasures (person) {
        person -> Text,
        erased_at -> Timestamp,
    }
}

diesel::table! {
    former_names (person, name) {
        person -> Text,
        name -> Text,
    }
}

diesel::table! {
    taken_names (digest) {
        digest -> Text,
    }
}

diesel::table! {
    replaced_keys (digest) {
        digest -> Text,
        signal -> Text,
    }
}

diesel::table! {
    budgets (id) {
        id -> Text,
        sequence -> BigInt,
        programme -> Nullable<Text>,
        team -> Nullable<Text>,
        season -> Text,
        points_limit -> Nullable<BigInt>,
        points_taken -> BigInt,
        cents_limit -> Nullable<BigInt>,
        cents_taken -> BigInt,
        currency -> Nullable<Text>,
        created_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    budget_charges (budget, cause) {
        budget -> Text,
        cause -> Text,
        points -> BigInt,
        cents -> BigInt,
    }
}

diesel::table! {
    payrolls (month) {
        month -> Text,
        closed_at -> Timestamp,
        closed_by -> Text,
        body -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    head,
    organization,
    changes,
    people,
    teams,
    memberships,
    absences,
    role_grants,
    measures,
    signals,
    signal_revisions,
    programmes,
    programme_versions,
    accounts,
    transfers,
    awards,
    badge_events,
    kudos,
    kudos_moderations,
    kudos_reactions,
    kudos_receivers,
    kudos_replies,
    kudos_reports,
    certificates,
    idempotency,
    fold_days,
    team_sums,
    due,
    seasons,
    season_statements,
    frozen_boards,
    dry_runs,
    issuer_keys,
    day_marks,
    stream_tickets,
    visibility,
    contest_disqualifications,
    contest_results,
    contest_badges,
    rewards,
    redemptions,
    grants,
    erasures,
    former_names,
    taken_names,
    replaced_keys,
    budgets,
    budget_charges,
    payrolls
);

diesel::joinable!(memberships -> teams (team));
diesel::joinable!(memberships -> people (person));
diesel::joinable!(kudos_receivers -> kudos (kudos));
diesel::joinable!(kudos_reports -> kudos (kudos));
