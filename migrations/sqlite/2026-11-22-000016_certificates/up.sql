-- What somebody had certified, and what of it whoever has the code may see. It names nobody and says no name: those are
-- put in when it is read.
CREATE TABLE certificates (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL REFERENCES people (id),
    programme TEXT NOT NULL REFERENCES programmes (code),
    season TEXT NOT NULL,
    badge TEXT,
    language TEXT NOT NULL CHECK (language IN ('en', 'de')),
    shown TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX certificates_person ON certificates (person, id);

-- Kudos of a stretch of time.
CREATE INDEX kudos_sent ON kudos (sent_at);
