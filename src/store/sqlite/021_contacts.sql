-- Mail addresses and mobile numbers that people verified here, where the directory knows none.
CREATE TABLE contacts (
    person TEXT NOT NULL REFERENCES accounts (person) ON DELETE CASCADE,
    method TEXT NOT NULL,
    destination TEXT NOT NULL,
    verified_at INTEGER NOT NULL,
    PRIMARY KEY (person, method)
) STRICT, WITHOUT ROWID;

ALTER TABLE logins ADD COLUMN stage TEXT NOT NULL DEFAULT 'code';
