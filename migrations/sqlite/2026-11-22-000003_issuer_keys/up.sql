-- Public keys of the built-in issuers: each instance signs with a key of its own, and all know all of them.

CREATE TABLE issuer_keys (
    kid TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
