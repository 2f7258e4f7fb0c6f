//! Counted tries, and what happened.

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, params};

use super::SqliteStore;
use crate::{
    domain::{
        audit::{AuditEvent, AuditKind},
        identity::UserId,
        throttle::{Bucket, TryVerdict},
        time::Timestamp,
    },
    store::{Attempts, DayCount, EventQuery, Journal, StoreFault, Stored, names_person},
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

    async fn search_events(&self, query: &EventQuery) -> Stored<Vec<(u64, AuditEvent)>> {
        let query = query.clone();
        self.read(move |conn| {
            // A list of people travels as one JSON text, so that the statement is the same for any number of them.
            let people = query.people.map(|people| {
                let names: Vec<_> = people.iter().map(|(person, since)| (person.as_str(), since.unix())).collect();
                serde_json::json!(names).to_string()
            });
            let mut list = conn.prepare_cached(
                "SELECT number, event FROM journal
                 WHERE (?1 IS NULL OR person IN (SELECT value ->> 0 FROM json_each(?1)))
                 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR outcome = ?3) AND (?4 IS NULL OR portal = ?4)
                 AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6) AND (?7 IS NULL OR number < ?7)
                 AND (?1 IS NULL OR EXISTS
                    (SELECT 1 FROM json_each(?1) WHERE value ->> 0 = person AND value ->> 1 <= at))
                 ORDER BY number DESC LIMIT ?8",
            )?;
            let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
            let before = query.before.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
            list.query_and_then(
                params![
                    people,
                    query.kind.map(word),
                    query.outcome.map(word),
                    query.portal,
                    query.since.map(Timestamp::unix),
                    query.until.map(Timestamp::unix),
                    before,
                    limit,
                ],
                |row| {
                    let line: String = row.get(1)?;
                    let event = serde_json::from_str(&line).map_err(|error| {
                        StoreFault::Damaged(format!("an event cannot be read: {error}"))
                    })?;
                    Ok((row.get::<_, i64>(0)?.unsigned_abs(), event))
                },
            )?
            .collect()
        })
        .await
    }

    async fn count_days(&self, kinds: &[AuditKind], since: Timestamp) -> Stored<Vec<DayCount>> {
        let kinds = kinds.to_vec();
        self.read(move |conn| {
            let mut counts = Vec::new();
            let mut count = conn.prepare_cached(
                "SELECT at / 86400 AS day, outcome, factor, count(*) FROM journal
                 WHERE kind = ?1 AND at >= ?2 GROUP BY day, outcome, factor",
            )?;
            for kind in kinds {
                let mut found = count.query(params![word(kind), since.unix()])?;
                while let Some(row) = found.next()? {
                    let ended: String = row.get(1)?;
                    let outcome = serde_json::from_value(ended.clone().into())
                        .map_err(|_| StoreFault::Damaged(format!("no outcome can be {ended:?}")))?;
                    let count = row.get::<_, i64>(3)?.unsigned_abs();
                    counts.push(DayCount { day: row.get(0)?, kind, outcome, factor: row.get(2)?, count });
                }
            }
            counts.sort();
            Ok(counts)
        })
        .await
    }
}

/// The word of a kind or an outcome, as events carry it.
fn word(of: impl serde::Serialize) -> String {
    let word = serde_json::to_value(of).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
