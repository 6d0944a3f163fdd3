-- People, teams, evidence, programmes, the ledger and kudos. The sqlite and postgres folders hold the same tables.

CREATE TABLE head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL CHECK (sequence >= 0)
);
INSERT INTO head (id, sequence) VALUES (1, 0);

CREATE TABLE organization (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    settings TEXT NOT NULL,
    digest_key TEXT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE changes (
    sequence BIGINT PRIMARY KEY,
    kind TEXT NOT NULL,
    reference TEXT NOT NULL
);

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    user_name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    search TEXT NOT NULL,
    email TEXT UNIQUE,
    external_id TEXT UNIQUE,
    language TEXT,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE teams (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    parent TEXT REFERENCES teams (id),
    revision BIGINT NOT NULL
);

CREATE TABLE memberships (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    team TEXT NOT NULL REFERENCES teams (id),
    from_at TIMESTAMP NOT NULL,
    until_at TIMESTAMP,
    revision BIGINT NOT NULL,
    CHECK (until_at IS NULL OR from_at < until_at),
    UNIQUE (person, from_at)
);
CREATE UNIQUE INDEX memberships_one_open ON memberships (person) WHERE until_at IS NULL;
CREATE INDEX memberships_team ON memberships (team, from_at);

CREATE TABLE role_grants (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('agent', 'lead', 'hr', 'source', 'auditor', 'admin')),
    reach TEXT NOT NULL,
    from_at TIMESTAMP,
    until_at TIMESTAMP
);
CREATE UNIQUE INDEX role_grants_one_open ON role_grants (person, role) WHERE until_at IS NULL;
CREATE INDEX role_grants_role ON role_grants (role, person);

CREATE TABLE measures (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scale_min BIGINT NOT NULL,
    scale_max BIGINT,
    direction TEXT NOT NULL,
    unit TEXT NOT NULL,
    aggregation TEXT NOT NULL,
    threshold BIGINT,
    used BOOLEAN NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE signals (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('live', 'voided')),
    kind TEXT,
    agent TEXT REFERENCES people (id),
    occurred_at TIMESTAMP,
    channel TEXT,
    case_ref TEXT,
    measures TEXT NOT NULL,
    attributes TEXT NOT NULL,
    received_at TIMESTAMP NOT NULL,
    sequence BIGINT NOT NULL,
    UNIQUE (source, key),
    CHECK (status = 'voided' OR (kind IS NOT NULL AND agent IS NOT NULL AND occurred_at IS NOT NULL))
);
CREATE INDEX signals_agent ON signals (agent, occurred_at);
CREATE INDEX signals_sequence ON signals (sequence);
CREATE INDEX signals_case ON signals (case_ref) WHERE case_ref IS NOT NULL;

CREATE TABLE signal_revisions (
    signal TEXT NOT NULL REFERENCES signals (id),
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('accepted', 'corrected', 'confirmed', 'voided')),
    content TEXT,
    received_at TIMESTAMP NOT NULL,
    delivered_by TEXT NOT NULL,
    PRIMARY KEY (signal, sequence)
);

CREATE TABLE programmes (
    code TEXT PRIMARY KEY,
    created_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE programme_versions (
    programme TEXT NOT NULL REFERENCES programmes (code),
    version INTEGER NOT NULL CHECK (version > 0),
    document TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'activated', 'withdrawn')),
    effective_from DATE,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    activated_by TEXT,
    activated_at TIMESTAMP,
    revision BIGINT NOT NULL,
    PRIMARY KEY (programme, version),
    CHECK (state = 'draft' OR effective_from IS NOT NULL)
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('issuance', 'wallet', 'team', 'allowance', 'reward')),
    owner TEXT NOT NULL,
    balance BIGINT NOT NULL
);

CREATE TABLE transfers (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('award', 'reversal', 'kudos', 'allowance', 'redemption', 'refund', 'grant')),
    payer TEXT NOT NULL REFERENCES accounts (id),
    payee TEXT NOT NULL REFERENCES accounts (id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    payer_balance BIGINT NOT NULL,
    reverses TEXT UNIQUE REFERENCES transfers (id),
    programme TEXT,
    season TEXT,
    rule TEXT,
    version INTEGER,
    subject TEXT,
    cause TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CHECK (payer <> payee),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
    CHECK (payer_balance >= 0 OR kind = 'reversal' OR payer LIKE 'issuance:%')
);
CREATE INDEX transfers_payer ON transfers (payer, sequence);
CREATE INDEX transfers_payee ON transfers (payee, sequence);
CREATE INDEX transfers_programme ON transfers (programme, sequence);

CREATE TABLE awards (
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    cause TEXT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    badge TEXT,
    at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL,
    transfer TEXT UNIQUE REFERENCES transfers (id),
    PRIMARY KEY (programme, season, rule, subject, cause),
    CHECK ((points > 0) = (transfer IS NOT NULL)),
    CHECK (points > 0 OR badge IS NOT NULL)
);
CREATE INDEX awards_cause ON awards (cause);
CREATE INDEX awards_subject ON awards (subject, programme, season);
CREATE INDEX awards_at ON awards (programme, at);

CREATE TABLE badge_events (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    badge TEXT NOT NULL,
    subject TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('granted', 'withdrawn')),
    at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX badge_events_subject ON badge_events (subject, programme, season, badge, sequence);

CREATE TABLE kudos (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    sender TEXT NOT NULL REFERENCES people (id),
    message TEXT NOT NULL,
    value TEXT,
    points BIGINT NOT NULL CHECK (points >= 0),
    visibility TEXT NOT NULL CHECK (visibility IN ('public', 'team', 'private')),
    state TEXT NOT NULL CHECK (state IN ('sent', 'withdrawn', 'removed')),
    sent_at TIMESTAMP NOT NULL,
    withdrawable_until TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);
CREATE INDEX kudos_sender ON kudos (sender, sequence);

CREATE TABLE kudos_receivers (
    kudos TEXT NOT NULL REFERENCES kudos (id),
    receiver TEXT NOT NULL REFERENCES people (id),
    sequence BIGINT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    transfer TEXT UNIQUE REFERENCES transfers (id),
    PRIMARY KEY (kudos, receiver),
    CHECK ((points > 0) = (transfer IS NOT NULL))
);
CREATE INDEX kudos_receivers_receiver ON kudos_receivers (receiver, sequence);

CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    body_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    location TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (caller, path, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
