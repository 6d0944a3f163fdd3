-- What the rule engine keeps: states of folds, sums of teams, the due list, seasons that close.

ALTER TABLE programmes ADD COLUMN as_of TIMESTAMP;

CREATE TABLE fold_days (
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id),
    day DATE NOT NULL,
    shape BIGINT NOT NULL,
    state TEXT NOT NULL,
    cases TEXT NOT NULL,
    given TEXT NOT NULL,
    PRIMARY KEY (programme, season, person, day)
);

CREATE TABLE team_sums (
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    team TEXT NOT NULL REFERENCES teams (id),
    rule TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('goal', 'guard')),
    day DATE NOT NULL,
    sums TEXT NOT NULL,
    PRIMARY KEY (programme, season, team, rule, part, day)
);

CREATE TABLE due (
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'team')),
    from_day DATE NOT NULL,
    until_day DATE,
    PRIMARY KEY (programme, season, subject)
);

CREATE TABLE seasons (
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('closing', 'closed')),
    begun_at TIMESTAMP NOT NULL,
    begun_by TEXT NOT NULL,
    closed_at TIMESTAMP,
    position BIGINT,
    PRIMARY KEY (programme, season),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (position IS NOT NULL))
);

CREATE TABLE season_statements (
    programme TEXT NOT NULL,
    season TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (programme, season),
    FOREIGN KEY (programme, season) REFERENCES seasons (programme, season)
);

CREATE TABLE frozen_boards (
    programme TEXT NOT NULL,
    season TEXT NOT NULL,
    board TEXT NOT NULL,
    period TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (programme, season, board, period),
    FOREIGN KEY (programme, season) REFERENCES seasons (programme, season)
);
