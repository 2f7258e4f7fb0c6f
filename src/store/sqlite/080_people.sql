-- People who were made here. `id` is the folded name, `email_login` the folded address; `search` is what a search looks in,
-- `least` what the role security asks for, `disabled_by` a role's weight, `era` what sessions and trusts are bound to.
CREATE TABLE residents (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_login TEXT NOT NULL UNIQUE,
    phone TEXT,
    password TEXT,
    second_factor TEXT,
    least TEXT,
    disabled_by TEXT,
    era INTEGER NOT NULL,
    search TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE resident_groups (
    person TEXT NOT NULL REFERENCES residents (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (person, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX resident_groups_by_name ON resident_groups (name, person);

-- What administrators switched, beside the file. `least` is what the role security asks for, and `closed_by` a role's weight.
CREATE TABLE group_switches (
    name TEXT PRIMARY KEY,
    requirement TEXT,
    least TEXT,
    closed_by TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE closed_portals (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What visitors ask of administrators.
CREATE TABLE help_requests (
    id TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    wish TEXT NOT NULL,
    path TEXT,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    granted INTEGER,
    answered_by TEXT,
    reason TEXT,
    answered_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX help_requests_by_person ON help_requests (person);

-- Links to set a password with: one a person.
CREATE TABLE invitations (
    person TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    link BLOB NOT NULL UNIQUE,
    portal TEXT NOT NULL,
    sent_to TEXT NOT NULL,
    made_by TEXT NOT NULL,
    credential BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
