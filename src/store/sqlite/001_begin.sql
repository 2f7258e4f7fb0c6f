-- Moments are seconds since 1970, spans are seconds. A hash is the SHA-256 of a token; no token is ever stored.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash BLOB NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    idle INTEGER NOT NULL,
    passed_method TEXT,
    passed_at INTEGER,
    device TEXT,
    credential BLOB NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_of ON sessions (person);

CREATE TABLE devices (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    previous_hash BLOB,
    replaced_at INTEGER,
    label TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    credential BLOB NOT NULL
) STRICT;
CREATE INDEX devices_of ON devices (person);

-- Every value a device had before: shown again, it gives a copy away.
CREATE TABLE retired_values (
    hash BLOB NOT NULL PRIMARY KEY,
    device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX retired_values_of ON retired_values (device);

CREATE TABLE addresses (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    scope TEXT NOT NULL,
    network TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    credential BLOB NOT NULL,
    UNIQUE (person, portal, network)
) STRICT;

CREATE TABLE accounts (
    person TEXT NOT NULL PRIMARY KEY,
    wants_second_factor INTEGER NOT NULL DEFAULT 0,
    language TEXT
) STRICT, WITHOUT ROWID;

-- The key is sealed with the key file.
CREATE TABLE totp (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES accounts (person) ON DELETE CASCADE,
    label TEXT NOT NULL,
    sealed_key BLOB NOT NULL,
    added_at INTEGER NOT NULL,
    last_used INTEGER,
    last_step INTEGER NOT NULL
) STRICT;
CREATE INDEX totp_of ON totp (person);

CREATE TABLE recovery_codes (
    person TEXT NOT NULL REFERENCES accounts (person) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    PRIMARY KEY (person, hash)
) STRICT, WITHOUT ROWID;

-- A sealed key is that of an app being linked.
CREATE TABLE logins (
    hash BLOB NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    return_to TEXT NOT NULL,
    first_factor_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    sealed_key BLOB,
    wrong_codes INTEGER NOT NULL,
    ahead_minutes INTEGER,
    ahead_step INTEGER,
    credential BLOB NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    replaces BLOB
) STRICT;

CREATE TABLE tries (
    key TEXT NOT NULL PRIMARY KEY,
    count INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The event is one line of the audit log.
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    person TEXT,
    event TEXT NOT NULL
) STRICT;
CREATE INDEX journal_of ON journal (person, number);
CREATE INDEX journal_at ON journal (at);
