-- Who was erased, the user names that stay taken, and the keys whose text named somebody who was.

CREATE TABLE erasures (
    person TEXT COLLATE "C" PRIMARY KEY REFERENCES people (id),
    erased_at TIMESTAMP NOT NULL
);

-- Digests alone, and not whose they were.
CREATE TABLE taken_names (
    digest TEXT COLLATE "C" PRIMARY KEY
);

-- Under which digest a signal is found whose key was replaced.
CREATE TABLE replaced_keys (
    digest TEXT COLLATE "C" PRIMARY KEY,
    signal TEXT COLLATE "C" NOT NULL REFERENCES signals (id)
);
