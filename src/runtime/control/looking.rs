//! The audit log and its numbers.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    administration::Administration,
    lines::id_of,
    words::{Answer, AuditFound, AuditSearch, DayCount, RefusalKind, overview_since},
};
use crate::{
    domain::{audit::AuditKind, identity::UserId, time::Timestamp},
    runtime::Directory,
    store::{EventQuery, Stored},
};

/// Events on a page where nobody says how many, and at most.
const PAGE: usize = 50;
const MOST: usize = 1000;
/// Before anything was recorded.
const BEGINNING: Timestamp = Timestamp::from_unix(0);
/// Days an overview reaches back.
const MOST_DAYS: u64 = 30;
/// What an overview counts.
const COUNTED: [AuditKind; 4] =
    [AuditKind::SignIn, AuditKind::Password, AuditKind::SecondFactor, AuditKind::AccessDenied];

impl Administration {
    pub(super) async fn events(&self, people: &Directory<'_>, search: AuditSearch) -> Stored<Answer> {
        let (Ok(kind), Ok(outcome)) = (read(search.kind.as_deref()), read(search.outcome.as_deref())) else {
            let message = "there is no such kind or outcome: ARCHITECTURE.md lists them";
            return Ok(Answer::refused(RefusalKind::Request, message));
        };
        // From whom the list is narrowed to, nothing of others who had the name before them.
        let mut about: Option<Vec<(UserId, Timestamp)>> = search.people.map(|people| {
            let ids = people.iter().map(|id| UserId::new(id));
            ids.map(|id| (id.clone(), self.named_since(&id))).collect()
        });
        if let Some(user) = &search.user {
            let id = id_of(people, user);
            about = Some(match about {
                // Who is outside of the people asked about is nobody.
                Some(all) => all.into_iter().filter(|(one, _)| *one == id).collect(),
                None => vec![(id, BEGINNING)],
            });
        }
        let limit = if search.limit == 0 { PAGE } else { search.limit.min(MOST) };
        let query = EventQuery {
            people: about,
            kind,
            outcome,
            portal: search.portal,
            since: search.since.map(Timestamp::from_unix),
            until: search.until.map(Timestamp::from_unix),
            before: search.before,
            limit: limit.saturating_add(1),
        };
        let mut found = self.services.store.journal().search_events(&query).await?;
        let is_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| is_more).map(|(number, _)| *number);
        Ok(Answer::Events(AuditFound { events: found.into_iter().map(|(_, event)| event).collect(), next }))
    }

    /// Since when somebody has this name. Of the file's people nobody knows.
    fn named_since(&self, id: &UserId) -> Timestamp {
        self.services.store.resident(id).map_or(BEGINNING, |kept| kept.created_at)
    }

    pub(super) async fn overview(&self, days: u64) -> Stored<Answer> {
        let since = overview_since(self.services.clock.now(), days.clamp(1, MOST_DAYS));
        let counts = self.services.store.journal().count_days(&COUNTED, since).await?;
        let count = |count: crate::store::DayCount| DayCount {
            day: count.day,
            kind: word(&count.kind),
            outcome: word(&count.outcome),
            factor: count.factor,
            count: count.count,
        };
        Ok(Answer::Counts(counts.into_iter().map(count).collect()))
    }
}

/// A word as events carry it; one that is none is an error.
fn read<T: DeserializeOwned>(word: Option<&str>) -> Result<Option<T>, serde_json::Error> {
    word.map(|word| serde_json::from_value(word.into())).transpose()
}

fn word(of: &impl Serialize) -> String {
    let word = serde_json::to_value(of).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}
