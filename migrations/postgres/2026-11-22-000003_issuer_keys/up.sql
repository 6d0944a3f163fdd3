-- Public keys of the built-in issuers: each instance signs with a key of its own, and all know all of them.

CREATE TABLE issuer_keys (
    kid TEXT COLLATE "C" PRIMARY KEY,
    public_key TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL
);
