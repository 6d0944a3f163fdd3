-- What somebody had certified, and what of it whoever has the code may see. It names nobody and says no name: those are
-- put in when it is read.
CREATE TABLE certificates (
    id TEXT COLLATE "C" PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    programme TEXT COLLATE "C" NOT NULL REFERENCES programmes (code),
    season TEXT COLLATE "C" NOT NULL,
    badge TEXT COLLATE "C",
    language TEXT COLLATE "C" NOT NULL CHECK (language IN ('en', 'de')),
    shown TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX certificates_person ON certificates (person, id);

-- Kudos of a stretch of time.
CREATE INDEX kudos_sent ON kudos (sent_at);
