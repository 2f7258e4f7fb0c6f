-- Links with which the reader of a notice ends everything of a person. Hashes only.
CREATE TABLE not_me (
    link BLOB NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX not_me_of ON not_me (person);

-- By what people were seen: hashes of a browser's mark, a network, a kind of browser and a portal, mixed with the person.
CREATE TABLE seen_by (
    person TEXT NOT NULL,
    mark BLOB NOT NULL,
    ends_at INTEGER NOT NULL,
    PRIMARY KEY (person, mark)
) STRICT, WITHOUT ROWID;
