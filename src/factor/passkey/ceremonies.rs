//! The questions under way, in a table that no flood can make grow: asking costs the disk nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use ipnet::IpNet;

use super::Ceremony;
use crate::domain::{
    time::{Timestamp, minutes},
    token::TokenHash,
};

/// How long an answer may take. Browsers are told the same.
pub(super) const MINUTES: u64 = 5;
/// Questions kept in all.
const MOST: usize = 8192;
/// Questions kept for one network: who floods, drives out their own.
const MOST_OF_ONE: usize = 128;

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asker {
    /// The browser: only there the answer counts.
    pub browser: TokenHash,
    /// From where.
    pub network: IpNet,
}

/// Questions that wait for their answer.
#[derive(Debug, Default)]
pub struct Ceremonies(Mutex<HashMap<TokenHash, Kept>>);

#[derive(Debug)]
struct Kept {
    asker: Asker,
    ends_at: Timestamp,
    ceremony: Ceremony,
}

impl Ceremonies {
    /// Keeps a question under the hash of its name.
    pub fn keep(&self, name: TokenHash, asker: Asker, ceremony: Ceremony, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, kept| now < kept.ends_at);
        let of_network = |kept: &Kept| kept.asker.network == asker.network;
        if table.values().filter(|kept| of_network(kept)).count() >= MOST_OF_ONE {
            drop_oldest(&mut table, of_network);
        } else if table.len() >= MOST {
            drop_oldest(&mut table, |_| true);
        }
        table.insert(name, Kept { asker, ends_at: now.after(minutes(MINUTES)), ceremony });
    }

    /// Takes a question out: it is answered once, in time, by the browser that asked, or never.
    pub fn take(&self, name: &TokenHash, browser: &TokenHash, now: Timestamp) -> Option<Ceremony> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = table.remove(name)?;
        (now < kept.ends_at && kept.asker.browser == *browser).then_some(kept.ceremony)
    }
}

fn drop_oldest(table: &mut HashMap<TokenHash, Kept>, counts: impl Fn(&Kept) -> bool) {
    let oldest = table.iter().filter(|(_, kept)| counts(kept)).min_by_key(|(_, kept)| kept.ends_at);
    if let Some(name) = oldest.map(|(name, _)| *name) {
        table.remove(&name);
    }
}

#[cfg(test)]
#[cfg(feature = "passkey")]
mod tests {
    use super::*;
    use crate::factor::passkey::RelyingParty;

    const START: Timestamp = Timestamp::from_unix(1_795_000_000);

    fn name(number: u64) -> TokenHash {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        TokenHash::from_bytes(bytes)
    }

    fn asker(browser: u64, address: &str) -> Asker {
        Asker { browser: name(browser), network: address.parse().unwrap() }
    }

    fn question() -> Ceremony {
        RelyingParty::at("wiki.example.com", "Wiki").unwrap().ask_anybody().unwrap().1
    }

    #[test]
    fn a_question_is_answered_once_by_the_browser_that_asked() {
        let table = Ceremonies::default();
        table.keep(name(1), asker(7, "192.0.2.7/32"), question(), START);
        assert!(table.take(&name(2), &name(7), START).is_none());
        assert!(table.take(&name(1), &name(7), START).is_some());
        assert!(table.take(&name(1), &name(7), START).is_none());
        table.keep(name(1), asker(7, "192.0.2.7/32"), question(), START);
        assert!(table.take(&name(1), &name(8), START).is_none());
        // A stranger's try uses it up as well.
        assert!(table.take(&name(1), &name(7), START).is_none());
    }

    #[test]
    fn a_question_lives_five_minutes() {
        let table = Ceremonies::default();
        let ends = START.after(minutes(MINUTES));
        let before = Timestamp::from_unix(ends.unix() - 1);
        for (at, lives) in [(before, true), (ends, false)] {
            table.keep(name(1), asker(7, "192.0.2.7/32"), question(), START);
            assert_eq!(table.take(&name(1), &name(7), at).is_some(), lives);
        }
    }

    #[test]
    fn who_floods_drives_out_their_own_questions_only() {
        let table = Ceremonies::default();
        table.keep(name(1), asker(1, "192.0.2.7/32"), question(), START);
        let most = MOST_OF_ONE as u64;
        for number in 0..=most {
            let at = Timestamp::from_unix(START.unix() + i64::try_from(number).unwrap() / 64);
            table.keep(name(100 + number), asker(2, "198.51.100.7/32"), question(), at);
        }
        assert!(table.take(&name(1), &name(1), START).is_some());
        assert!(table.take(&name(100 + most), &name(2), START).is_some());
        assert_eq!(table.0.lock().unwrap().len(), MOST_OF_ONE - 1);
    }
}
