-- Accounts at identity providers: each belongs to one person.
CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    label TEXT NOT NULL,
    linked_at INTEGER NOT NULL,
    last_used INTEGER,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_of ON identities (person);

-- Visits to a provider under way. A person and a session stand where an account is being linked.
CREATE TABLE departures (
    hash BLOB NOT NULL PRIMARY KEY,
    browser BLOB NOT NULL,
    provider TEXT NOT NULL,
    portal TEXT NOT NULL,
    return_to TEXT NOT NULL,
    ends_at INTEGER NOT NULL,
    person TEXT,
    session TEXT
) STRICT, WITHOUT ROWID;
