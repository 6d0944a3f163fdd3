-- What people were called and reached by before: erasing looks for these, too, and takes them with it.

CREATE TABLE former_names (
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (person, name)
);
