//! Every secret that is sealed with the key file, wherever it lies.

use rusqlite::{Connection, params, types::Value};

use super::super::rows::kind;
use crate::store::{
    Stored,
    seal::{Bond, Seal},
};

/// Where secrets lie: table, what its rows are found by, the column, whose they are, and what they are sealed as.
pub(super) const PLACES: [(&str, &str, &str, &str, &str); 5] = [
    ("totp", "id", "sealed_key", "person", kind::TOTP_KEY),
    ("pins", "device", "sealed_hash", "person", kind::PIN_HASH),
    ("logins", "hash", "sealed_key", "person", kind::ENROLMENT_KEY),
    ("logins", "hash", "sent_sealed", "person", kind::SENT_CODE),
    // A page that waits is nobody's yet.
    ("pairings", "poll", "sealed_key", "''", kind::PAIRING_KEY),
];

/// A secret as it lies there.
pub(super) struct Sealed {
    kind: &'static str,
    person: String,
    record: Vec<u8>,
    bytes: Vec<u8>,
    update: String,
    key: Value,
}

impl Sealed {
    fn bond(&self) -> Bond<'_> {
        Bond { kind: self.kind, person: &self.person, record: &self.record }
    }

    /// Why it does not open.
    pub(super) fn fault(&self, seal: &Seal) -> Option<String> {
        match seal.open(&self.bytes, self.bond()) {
            Ok(_) => None,
            Err(_) if self.person.is_empty() => Some(self.kind.to_owned()),
            Err(_) => Some(format!("{} of {}", self.kind, self.person)),
        }
    }

    /// Seals it anew.
    pub(super) fn reseal(&self, conn: &Connection, old: &Seal, new: &Seal) -> Stored<()> {
        let secret = zeroize::Zeroizing::new(old.open(&self.bytes, self.bond())?);
        let sealed = new.close(&secret, self.bond())?;
        conn.prepare_cached(&self.update)?.execute(params![sealed, self.key])?;
        Ok(())
    }
}

/// All of them.
pub(super) fn all(conn: &Connection) -> Stored<Vec<Sealed>> {
    let mut found = Vec::new();
    for (table, id, column, person, kind) in PLACES {
        let mut list = conn.prepare(&format!(
            "SELECT {id}, CAST({id} AS BLOB), {person}, {column} FROM {table} WHERE {column} IS NOT NULL"
        ))?;
        let mut rows = list.query([])?;
        while let Some(row) = rows.next()? {
            found.push(Sealed {
                kind,
                key: row.get(0)?,
                record: row.get(1)?,
                person: row.get(2)?,
                bytes: row.get(3)?,
                update: format!("UPDATE {table} SET {column} = ?1 WHERE {id} = ?2"),
            });
        }
    }
    Ok(found)
}
