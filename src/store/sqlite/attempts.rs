//! Counted tries, and what happened.

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, params};

use super::SqliteStore;
use crate::{
    domain::{
        audit::AuditEvent,
        identity::UserId,
        throttle::{Bucket, TryVerdict},
        time::Timestamp,
    },
    store::{Attempts, Journal, StoreFault, Stored, names_person},
};

#[async_trait]
impl Attempts for SqliteStore {
    async fn reserve_try(&self, buckets: &[Bucket], now: Timestamp) -> Stored<TryVerdict> {
        let buckets = buckets.to_vec();
        self.write(move |conn| {
            let mut look =
                conn.prepare_cached("SELECT until FROM tries WHERE key = ?1 AND count >= ?2 AND until > ?3")?;
            let mut full = None;
            for bucket in &buckets {
                let until: Option<i64> = look
                    .query_row(params![bucket.key, bucket.limit, now.unix()], |row| row.get(0))
                    .optional()?;
                full = full.max(until);
            }
            if let Some(until) = full {
                return Ok(TryVerdict::Wait { until: Timestamp::from_unix(until) });
            }
            // The window begins with its first try, and anew once it is over.
            let mut count = conn.prepare_cached(
                "INSERT INTO tries (key, count, until) VALUES (?1, 1, ?2)
                 ON CONFLICT (key) DO UPDATE SET
                     count = iif(until > ?3, count + 1, 1),
                     until = iif(until > ?3, until, excluded.until)",
            )?;
            for bucket in &buckets {
                count.execute(params![bucket.key, now.after(bucket.window).unix(), now.unix()])?;
            }
            Ok(TryVerdict::Go)
        })
        .await
    }

    async fn release_try(&self, buckets: &[Bucket]) -> Stored<()> {
        let buckets = buckets.to_vec();
        self.write(move |conn| {
            for bucket in buckets {
                conn.prepare_cached("UPDATE tries SET count = count - 1 WHERE key = ?1")?
                    .execute([&bucket.key])?;
                conn.prepare_cached("DELETE FROM tries WHERE key = ?1 AND count <= 0")?
                    .execute([&bucket.key])?;
            }
            Ok(())
        })
        .await
    }

    async fn unlock(&self, person: &UserId) -> Stored<()> {
        let person = person.clone();
        self.write(move |conn| {
            let keys: Vec<String> = conn
                .prepare_cached("SELECT key FROM tries WHERE instr(key, ?1) > 0")?
                .query_map([format!("/{person}")], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let mut forget = conn.prepare_cached("DELETE FROM tries WHERE key = ?1")?;
            for key in keys.iter().filter(|key| names_person(key, &person)) {
                forget.execute([key])?;
            }
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Journal for SqliteStore {
    async fn record(&self, events: &[AuditEvent]) -> Stored<()> {
        let lines = events
            .iter()
            .map(|event| {
                let line = serde_json::to_string(event).map_err(|error| {
                    StoreFault::Unavailable(format!("an event cannot be written: {error}"))
                })?;
                Ok((event.at, event.person.clone(), line))
            })
            .collect::<Stored<Vec<_>>>()?;
        self.write(move |conn| {
            let mut add =
                conn.prepare_cached("INSERT INTO journal (at, person, event) VALUES (?1, ?2, ?3)")?;
            for (at, person, line) in lines {
                add.execute(params![at.unix(), person, line])?;
            }
            Ok(())
        })
        .await
    }

    async fn history(&self, person: &UserId, limit: usize) -> Stored<Vec<AuditEvent>> {
        let person = person.clone();
        self.read(move |conn| {
            let mut list = conn.prepare_cached(
                "SELECT event FROM journal WHERE person = ?1 ORDER BY number DESC LIMIT ?2",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            list.query_and_then(params![person.as_str(), limit], |row| {
                let line: String = row.get(0)?;
                serde_json::from_str(&line).map_err(|error| {
                    StoreFault::Damaged(format!("an event of {person} cannot be read: {error}"))
                })
            })?
            .collect()
        })
        .await
    }
}
