-- Sign-in links. Hashes only: the code is mixed with a cookie that is kept nowhere.
CREATE TABLE links (
    browser BLOB NOT NULL PRIMARY KEY,
    link BLOB UNIQUE,
    code BLOB NOT NULL,
    person TEXT NOT NULL,
    email TEXT NOT NULL,
    typed TEXT NOT NULL,
    portal TEXT NOT NULL,
    return_to TEXT NOT NULL,
    credential BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    wrong_codes INTEGER NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL
) STRICT;
