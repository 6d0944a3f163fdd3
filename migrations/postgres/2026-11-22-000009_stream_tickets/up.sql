-- Tickets for streams: used once, at any instance, within a minute. Of a ticket only its digest is kept.

CREATE TABLE stream_tickets (
    digest TEXT COLLATE "C" PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    scope TEXT COLLATE "C",
    token_until TIMESTAMP NOT NULL,
    until_at TIMESTAMP NOT NULL
);
CREATE INDEX stream_tickets_until ON stream_tickets (until_at);
CREATE INDEX stream_tickets_person ON stream_tickets (person);
