-- How people chose to be seen on the boards of a programme; who has no row has not chosen.

CREATE TABLE visibility (
    person TEXT NOT NULL REFERENCES people (id),
    programme TEXT NOT NULL REFERENCES programmes (code),
    choice TEXT NOT NULL CHECK (choice IN ('hidden', 'alias', 'named')),
    revision BIGINT NOT NULL,
    PRIMARY KEY (person, programme)
);
