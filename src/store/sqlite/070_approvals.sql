-- What a sign-in asks of its owner's authenticator page: one of a person at most.
CREATE TABLE approvals (
    person TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    login BLOB NOT NULL,
    portal TEXT NOT NULL,
    number INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    decision TEXT
) STRICT, WITHOUT ROWID;
