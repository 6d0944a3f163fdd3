-- What the rule engine keeps: states of folds, sums of teams, the due list, seasons that close.

ALTER TABLE programmes ADD COLUMN as_of TIMESTAMP;

CREATE TABLE fold_days (
    programme TEXT COLLATE "C" NOT NULL REFERENCES programmes (code),
    season TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    day DATE NOT NULL,
    shape BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    cases TEXT COLLATE "C" NOT NULL,
    given TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, season, person, day)
);

CREATE TABLE team_sums (
    programme TEXT COLLATE "C" NOT NULL REFERENCES programmes (code),
    season TEXT COLLATE "C" NOT NULL,
    team TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
    rule TEXT COLLATE "C" NOT NULL,
    part TEXT COLLATE "C" NOT NULL CHECK (part IN ('goal', 'guard')),
    day DATE NOT NULL,
    sums TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, season, team, rule, part, day)
);

CREATE TABLE due (
    programme TEXT COLLATE "C" NOT NULL REFERENCES programmes (code),
    season TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('person', 'team')),
    from_day DATE NOT NULL,
    until_day DATE,
    PRIMARY KEY (programme, season, subject)
);

CREATE TABLE seasons (
    programme TEXT COLLATE "C" NOT NULL REFERENCES programmes (code),
    season TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('closing', 'closed')),
    begun_at TIMESTAMP NOT NULL,
    begun_by TEXT COLLATE "C" NOT NULL,
    closed_at TIMESTAMP,
    position BIGINT,
    PRIMARY KEY (programme, season),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'closed') = (position IS NOT NULL))
);

CREATE TABLE season_statements (
    programme TEXT COLLATE "C" NOT NULL,
    season TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, season),
    FOREIGN KEY (programme, season) REFERENCES seasons (programme, season)
);

CREATE TABLE frozen_boards (
    programme TEXT COLLATE "C" NOT NULL,
    season TEXT COLLATE "C" NOT NULL,
    board TEXT COLLATE "C" NOT NULL,
    period TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, season, board, period),
    FOREIGN KEY (programme, season) REFERENCES seasons (programme, season)
);
