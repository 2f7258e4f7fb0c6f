//! Which refusals were told already: whoever keeps trying after being refused must not fill the disk with it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::domain::time::Timestamp;

/// Refusals remembered at a time. Beyond it new ones are counted and not told, until old ones end.
const ROOM: usize = 4096;

/// Remembers, for as long as a refusal lasts, that it was told.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<String, Timestamp>>);

impl Refusals {
    /// Whether a refusal of `whom` that lasts `until` is the first one to be told.
    pub fn is_first(&self, whom: &str, until: Timestamp, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(whom).is_some_and(|until| now < *until) {
            return false;
        }
        if told.len() >= ROOM {
            told.retain(|_, until| now < *until);
        }
        if told.len() >= ROOM {
            return false;
        }
        told.insert(whom.to_owned(), until);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_unix(second)
    }

    #[test]
    fn a_refusal_is_told_once_for_as_long_as_it_lasts() {
        let refusals = Refusals::default();
        assert!(refusals.is_first("192.0.2.7", at(900), at(0)));
        assert!(!refusals.is_first("192.0.2.7", at(900), at(899)));
        assert!(refusals.is_first("192.0.2.8", at(900), at(899)));
        assert!(refusals.is_first("192.0.2.7", at(1800), at(900)));
    }

    #[test]
    fn only_so_many_are_remembered_and_room_comes_back() {
        let refusals = Refusals::default();
        for number in 0..ROOM {
            assert!(refusals.is_first(&number.to_string(), at(900), at(0)));
        }
        assert!(!refusals.is_first("one more", at(900), at(0)));
        assert!(refusals.is_first("one more", at(1800), at(900)));
    }
}
