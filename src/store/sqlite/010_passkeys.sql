-- A passkey is good for one host. The credential is a public key and a counter: nothing in it is a secret.
CREATE TABLE passkeys (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES accounts (person) ON DELETE CASCADE,
    host TEXT NOT NULL,
    label TEXT NOT NULL,
    credential_id BLOB NOT NULL UNIQUE,
    handle BLOB NOT NULL,
    credential TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    last_used INTEGER
) STRICT;
CREATE INDEX passkeys_of ON passkeys (person);
