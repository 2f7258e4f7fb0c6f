//! What an administrator had typed when a fresh second factor came first.
//!
//! In memory alone, for a few minutes, under a token that only their browser's address carries: the form is shown filled in
//! again, and nothing of it is done before they press its button.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use zeroize::Zeroizing;

use super::HotStore;
use crate::domain::{
    identity::UserId,
    time::{Timestamp, minutes},
    token::TokenHash,
};

/// How long one waits.
const LIFE: Duration = minutes(15);
/// Bytes of all of them together; the oldest make room.
const ROOM: usize = 16 * 1024 * 1024;
/// What one takes at least.
const LEAST: usize = 1024;
/// Of one person, whose older ones make room first.
const MOST_OF_ONE: usize = 4;

/// The fields of a form.
pub type DraftFields = Arc<[(String, Zeroizing<String>)]>;

/// Drafts, oldest first.
#[derive(Default)]
pub(super) struct Drafts(Mutex<VecDeque<Draft>>);

struct Draft {
    token: TokenHash,
    person: UserId,
    /// The address of the form under the prefix.
    page: String,
    fields: DraftFields,
    until: Timestamp,
}

impl Draft {
    fn size(&self) -> usize {
        self.fields.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>()
            + self.page.len()
            + LEAST
    }
}

impl Drafts {
    fn all(&self) -> MutexGuard<'_, VecDeque<Draft>> {
        // Nothing in here is half done when a thread gives up.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets those that are over.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.all().retain(|draft| now < draft.until);
    }
}

impl HotStore {
    /// Keeps what `person` typed into the form at `page`, under `token`. What is larger than all the room is dropped.
    pub fn keep_draft(
        &self,
        token: TokenHash,
        person: &UserId,
        page: &str,
        fields: DraftFields,
        now: Timestamp,
    ) {
        let draft =
            Draft { token, person: person.clone(), page: page.to_owned(), fields, until: now.after(LIFE) };
        let mut all = self.0.drafts.all();
        let mut older = all.iter().filter(|draft| draft.person == *person).count();
        all.retain(|draft| {
            let makes_room = draft.person == *person && older >= MOST_OF_ONE;
            older -= usize::from(makes_room);
            now < draft.until && !makes_room
        });
        all.push_back(draft);
        let mut size: usize = all.iter().map(Draft::size).sum();
        while size > ROOM {
            size -= all.pop_front().map_or(size, |oldest| oldest.size());
        }
    }

    /// What `person` had typed into the form at `page`, if it waits under `token`.
    pub fn draft(
        &self,
        token: &TokenHash,
        person: &UserId,
        page: &str,
        now: Timestamp,
    ) -> Option<DraftFields> {
        let all = self.0.drafts.all();
        let found = all.iter().find(|draft| draft.token == *token && now < draft.until)?;
        (found.person == *person && found.page == page).then(|| Arc::clone(&found.fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::MemoryStore;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn hash(number: u8) -> TokenHash {
        TokenHash::from_bytes([number; 32])
    }

    fn fields(length: usize) -> DraftFields {
        Arc::from([("csv".to_owned(), Zeroizing::new("x".repeat(length)))])
    }

    #[tokio::test]
    async fn a_draft_waits_for_its_owner_at_its_page_for_a_quarter_of_an_hour() {
        let store = HotStore::load(Arc::new(MemoryStore::default()), NOW).await.unwrap();
        let (anna, otto) = (UserId::new("anna"), UserId::new("otto"));
        store.keep_draft(hash(1), &anna, "admin/new", fields(5), NOW);
        let last = NOW.after(LIFE - Duration::from_secs(1));
        assert_eq!(store.draft(&hash(1), &anna, "admin/new", last).map(|fields| fields[0].1.len()), Some(5));
        assert_eq!(store.draft(&hash(1), &anna, "admin/new", NOW.after(LIFE)), None);
        store.sweep(last, LIFE).await.unwrap();
        assert_eq!(store.0.drafts.all().len(), 1);
        store.sweep(NOW.after(LIFE), LIFE).await.unwrap();
        assert_eq!(store.0.drafts.all().len(), 0, "nor is it kept in memory");
        store.keep_draft(hash(1), &anna, "admin/new", fields(5), NOW);
        for (token, person, page) in
            [(2, &anna, "admin/new"), (1, &otto, "admin/new"), (1, &anna, "admin/edit?user=otto")]
        {
            assert_eq!(store.draft(&hash(token), person, page, NOW), None);
        }
    }

    #[tokio::test]
    async fn the_oldest_make_room() {
        let store = HotStore::load(Arc::new(MemoryStore::default()), NOW).await.unwrap();
        let anna = UserId::new("anna");
        for number in 0..4 {
            store.keep_draft(hash(number), &anna, "admin/import", fields(ROOM / 3 - 2 * LEAST), NOW);
        }
        let kept = (0..4).map(|number| store.draft(&hash(number), &anna, "admin/import", NOW).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), [false, true, true, true]);
        store.keep_draft(hash(9), &anna, "admin/import", fields(ROOM + 1), NOW);
        assert_eq!(store.draft(&hash(9), &anna, "admin/import", NOW), None);
    }

    #[tokio::test]
    async fn nobody_pushes_out_the_drafts_of_others() {
        let store = HotStore::load(Arc::new(MemoryStore::default()), NOW).await.unwrap();
        let (anna, otto) = (UserId::new("anna"), UserId::new("otto"));
        store.keep_draft(hash(100), &otto, "admin/new", fields(5), NOW);
        for number in 0..20 {
            store.keep_draft(hash(number), &anna, "admin/import", fields(ROOM / 5), NOW);
        }
        assert!(store.draft(&hash(100), &otto, "admin/new", NOW).is_some());
        let kept = (0..20).filter(|number| store.draft(&hash(*number), &anna, "admin/import", NOW).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), [16, 17, 18, 19]);
    }
}
