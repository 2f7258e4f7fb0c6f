-- Codes that an operator made for who lost every second factor: one a person, as a hash.
CREATE TABLE break_glass (
    person TEXT PRIMARY KEY,
    code BLOB NOT NULL,
    credential BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
