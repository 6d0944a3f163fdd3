-- What comes of a kudos once it is sent: reactions, replies, reports, hiding and showing again. And the name that the
-- company value had when it was named.

ALTER TABLE kudos ADD COLUMN value_name TEXT;
ALTER TABLE kudos ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE kudos_reactions (
    kudos TEXT COLLATE "C" NOT NULL REFERENCES kudos (id),
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    reaction TEXT COLLATE "C" NOT NULL,
    sequence BIGINT NOT NULL UNIQUE,
    reacted_at TIMESTAMP NOT NULL,
    PRIMARY KEY (kudos, person, reaction)
);
CREATE INDEX kudos_reactions_order ON kudos_reactions (kudos, sequence);

CREATE TABLE kudos_replies (
    id TEXT COLLATE "C" PRIMARY KEY,
    kudos TEXT COLLATE "C" NOT NULL REFERENCES kudos (id),
    sequence BIGINT NOT NULL UNIQUE,
    author TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    message TEXT NOT NULL,
    replied_at TIMESTAMP NOT NULL
);
CREATE INDEX kudos_replies_order ON kudos_replies (kudos, sequence);

CREATE TABLE kudos_reports (
    kudos TEXT COLLATE "C" NOT NULL REFERENCES kudos (id),
    reporter TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    sequence BIGINT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'upheld', 'dismissed', 'withdrawn')),
    reported_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP,
    PRIMARY KEY (kudos, reporter),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX kudos_reports_state ON kudos_reports (state, sequence);

-- Every hiding and showing again, in order; the last one holds.
CREATE TABLE kudos_moderations (
    sequence BIGINT PRIMARY KEY,
    kudos TEXT COLLATE "C" NOT NULL REFERENCES kudos (id),
    act TEXT NOT NULL CHECK (act IN ('hide', 'restore')),
    moderator TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    reason TEXT NOT NULL,
    moderated_at TIMESTAMP NOT NULL
);
CREATE INDEX kudos_moderations_kudos ON kudos_moderations (kudos, sequence);
