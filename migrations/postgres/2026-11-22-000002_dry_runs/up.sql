-- What activating a version for the past would change: told before, and repeated when it is done.

CREATE TABLE dry_runs (
    programme TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    effective_from DATE NOT NULL,
    sequence BIGINT NOT NULL,
    difference TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (programme, version),
    FOREIGN KEY (programme, version) REFERENCES programme_versions (programme, version) ON DELETE CASCADE
);
