-- PINs of trusted devices, each gone with its trust. The hash is sealed: six digits would not withstand a copy of the store.
CREATE TABLE pins (
    device TEXT NOT NULL PRIMARY KEY REFERENCES devices (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    portal TEXT NOT NULL,
    sealed_hash BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
