-- Rewards, what is redeemed of them, and points that people grant.

CREATE TABLE rewards (
    code TEXT COLLATE "C" PRIMARY KEY,
    document TEXT NOT NULL,
    -- What is left: whatever is requested is taken off at once. Null where there is no end to it.
    stock BIGINT CHECK (stock >= 0),
    created_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE redemptions (
    id TEXT COLLATE "C" PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    receiver TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    reward TEXT COLLATE "C" NOT NULL REFERENCES rewards (code),
    -- What proposed it, once: a tier or prize, and for whom. Null where the receiver asked for it.
    due TEXT COLLATE "C" UNIQUE,
    programme TEXT COLLATE "C" REFERENCES programmes (code),
    season TEXT COLLATE "C",
    -- Fixed when it was requested.
    cost BIGINT NOT NULL CHECK (cost >= 0),
    kind TEXT COLLATE "C" NOT NULL,
    value_cents BIGINT CHECK (value_cents >= 0),
    value_currency TEXT COLLATE "C",
    -- Ten-thousandths of a working day.
    days_off BIGINT CHECK (days_off > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'approved', 'fulfilled', 'rejected', 'cancelled', 'expired')),
    requested_at TIMESTAMP NOT NULL,
    requested_by TEXT NOT NULL,
    expires_at TIMESTAMP,
    decided_at TIMESTAMP,
    decided_by TEXT,
    ended_at TIMESTAMP,
    ended_by TEXT,
    note TEXT,
    transfer TEXT COLLATE "C" UNIQUE REFERENCES transfers (id),
    refund TEXT COLLATE "C" UNIQUE REFERENCES transfers (id),
    -- The day on which the receiver got it.
    inflow_on DATE,
    -- What it is claimed with, encrypted; gone once it was shown.
    sealed_code TEXT,
    code_shown_at TIMESTAMP,
    revision BIGINT NOT NULL,
    CHECK ((cost > 0) = (transfer IS NOT NULL)),
    CHECK ((value_cents IS NULL) = (value_currency IS NULL)),
    CHECK (refund IS NULL OR (transfer IS NOT NULL AND state IN ('rejected', 'cancelled', 'expired'))),
    CHECK (transfer IS NULL OR state NOT IN ('rejected', 'cancelled', 'expired') OR refund IS NOT NULL),
    CHECK ((state = 'fulfilled') = (inflow_on IS NOT NULL))
);
CREATE INDEX redemptions_receiver ON redemptions (receiver, sequence);
CREATE INDEX redemptions_state ON redemptions (state, sequence);
CREATE INDEX redemptions_reward ON redemptions (reward, state);
CREATE INDEX redemptions_inflow ON redemptions (inflow_on);
CREATE INDEX redemptions_expiring ON redemptions (expires_at);

CREATE TABLE grants (
    id TEXT COLLATE "C" PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    granter TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    receiver TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    points BIGINT NOT NULL CHECK (points > 0),
    reason TEXT NOT NULL,
    programme TEXT COLLATE "C" REFERENCES programmes (code),
    season TEXT COLLATE "C",
    -- Of the organisation's zone; the granter's limit is of that month.
    month TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('requested', 'granted', 'rejected', 'cancelled')),
    requested_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    decided_by TEXT,
    note TEXT,
    transfer TEXT COLLATE "C" UNIQUE REFERENCES transfers (id),
    revision BIGINT NOT NULL,
    CHECK (granter <> receiver),
    CHECK ((state = 'granted') = (transfer IS NOT NULL))
);
CREATE INDEX grants_granter ON grants (granter, month);
CREATE INDEX grants_receiver ON grants (receiver, sequence);
CREATE INDEX grants_state ON grants (state, sequence);
