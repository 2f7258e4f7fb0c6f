-- Forms that wait for a sign-in. The form itself is sealed to the browser's cookie.
CREATE TABLE kept_forms (
    hash BLOB NOT NULL PRIMARY KEY,
    owner TEXT,
    network TEXT NOT NULL,
    charge INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
