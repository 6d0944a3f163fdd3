-- What may be handed out, what of it is taken and by whom; payrolls once they are closed.

CREATE TABLE budgets (
    id TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL UNIQUE,
    programme TEXT REFERENCES programmes (code),
    team TEXT REFERENCES teams (id),
    -- Of the programme; without one a month, quarter, half-year or year of the organisation's zone.
    season TEXT NOT NULL,
    -- Null where points are not limited; nothing is taken then.
    points_limit BIGINT CHECK (points_limit >= 0),
    points_taken BIGINT NOT NULL CHECK (points_taken >= 0),
    -- Null where money is not limited; nothing is taken then.
    cents_limit BIGINT CHECK (cents_limit >= 0),
    cents_taken BIGINT NOT NULL CHECK (cents_taken >= 0),
    currency TEXT,
    created_at TIMESTAMP NOT NULL,
    revision BIGINT NOT NULL,
    CHECK (programme IS NOT NULL OR team IS NOT NULL),
    CHECK (points_limit IS NOT NULL OR cents_limit IS NOT NULL),
    CHECK ((cents_limit IS NULL) = (currency IS NULL)),
    CHECK (points_taken <= COALESCE(points_limit, 0)),
    CHECK (cents_taken <= COALESCE(cents_limit, 0))
);
CREATE UNIQUE INDEX budgets_of ON budgets (season, COALESCE(programme, ''), COALESCE(team, ''));

CREATE TABLE budget_charges (
    budget TEXT NOT NULL REFERENCES budgets (id),
    -- `redemption:ID`, `grant:ID`.
    cause TEXT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    cents BIGINT NOT NULL CHECK (cents >= 0),
    PRIMARY KEY (budget, cause),
    CHECK (points > 0 OR cents > 0)
);
CREATE INDEX budget_charges_cause ON budget_charges (cause);

CREATE TABLE payrolls (
    -- Of the organisation's zone: `2026-11`.
    month TEXT PRIMARY KEY,
    closed_at TIMESTAMP NOT NULL,
    closed_by TEXT NOT NULL,
    -- JSON: ids and numbers, never names.
    body TEXT NOT NULL
);
