CREATE TABLE absences (
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    id TEXT COLLATE "C" NOT NULL,
    from_day DATE NOT NULL,
    until_day DATE NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (person, id),
    CHECK (from_day < until_day)
);

ALTER TABLE programmes ADD COLUMN last_day DATE;
ALTER TABLE programme_versions ADD COLUMN changed_by TEXT COLLATE "C";

CREATE INDEX transfers_season ON transfers (programme, season, sequence);
