-- Contests: who was taken out of one, and what became of those that a person has finalised.

CREATE TABLE contest_disqualifications (
    programme TEXT NOT NULL REFERENCES programmes (code),
    contest TEXT NOT NULL,
    period TEXT NOT NULL,
    subject TEXT NOT NULL,
    note TEXT NOT NULL CHECK (note <> ''),
    disqualified_by TEXT NOT NULL,
    disqualified_at TIMESTAMP NOT NULL,
    PRIMARY KEY (programme, contest, period, subject)
);

-- As written by the finalising, at one number of the sequence: ids and numbers, sent from it ever after.
CREATE TABLE contest_results (
    programme TEXT NOT NULL REFERENCES programmes (code),
    contest TEXT NOT NULL,
    period TEXT NOT NULL,
    position BIGINT NOT NULL,
    finalised_by TEXT NOT NULL,
    finalised_at TIMESTAMP NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (programme, contest, period)
);

-- The badges that were won: held for good, whatever becomes of the evidence.
CREATE TABLE contest_badges (
    programme TEXT NOT NULL,
    contest TEXT NOT NULL,
    period TEXT NOT NULL,
    subject TEXT NOT NULL,
    badge TEXT NOT NULL,
    season TEXT NOT NULL,
    PRIMARY KEY (programme, contest, period, subject, badge),
    FOREIGN KEY (programme, contest, period) REFERENCES contest_results (programme, contest, period)
);
CREATE INDEX contest_badges_held ON contest_badges (subject, programme, season, badge);
