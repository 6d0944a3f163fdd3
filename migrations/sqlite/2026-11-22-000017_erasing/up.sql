-- Who was erased, the user names that stay taken, and the keys whose text named somebody who was.

CREATE TABLE erasures (
    person TEXT PRIMARY KEY REFERENCES people (id),
    erased_at TIMESTAMP NOT NULL
);

-- Digests alone, and not whose they were.
CREATE TABLE taken_names (
    digest TEXT PRIMARY KEY
);

-- Under which digest a signal is found whose key was replaced.
CREATE TABLE replaced_keys (
    digest TEXT PRIMARY KEY,
    signal TEXT NOT NULL REFERENCES signals (id)
);
