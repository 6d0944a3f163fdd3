-- How far the sequence had come when a local day of a programme began: what boards compare today's ranks with.

CREATE TABLE day_marks (
    programme TEXT NOT NULL REFERENCES programmes (code),
    day DATE NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (programme, day)
);
