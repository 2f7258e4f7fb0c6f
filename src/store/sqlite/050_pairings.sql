-- Authenticator pages: those that wait with a number and a sealed key, and for a while those that were linked.
CREATE TABLE pairings (
    poll BLOB NOT NULL PRIMARY KEY,
    portal TEXT NOT NULL,
    agent TEXT NOT NULL,
    signer BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    number BLOB UNIQUE,
    sealed_key BLOB,
    person TEXT,
    app TEXT
) STRICT, WITHOUT ROWID;

-- The public key of an app that is such a page, and the portal it lives at.
ALTER TABLE totp ADD COLUMN page_portal TEXT;
ALTER TABLE totp ADD COLUMN page_signer BLOB;
