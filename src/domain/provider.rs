//! Accounts at identity providers: which belongs to whom, and visits there that are under way.

use super::{
    facts::ReturnTo,
    identity::UserId,
    time::Timestamp,
    token::{RecordId, TokenHash},
};

/// Minutes from the button to the way back.
pub const DEPARTURE_MINUTES: u64 = 10;

/// An account at a provider that lets a person in. It belongs to one person, whatever it is called there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Names the record.
    pub id: RecordId,
    /// Whose it is here.
    pub person: UserId,
    /// The provider's address.
    pub issuer: String,
    /// Who it is there, in the provider's own words.
    pub subject: String,
    /// What the person knows it by.
    pub label: String,
    /// Since when.
    pub linked_at: Timestamp,
    /// When it last let somebody in.
    pub last_used: Option<Timestamp>,
}

/// Somebody on the way to a provider and back. Good for one answer, in one browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Departure {
    /// Hash of the state that comes back with the answer.
    pub hash: TokenHash,
    /// Hash of the browser's own cookie: an answer that somebody else fetched is worth nothing here.
    pub browser: TokenHash,
    /// The provider, by its name in the file: an answer of another one is none.
    pub provider: String,
    /// From which portal.
    pub portal: String,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// When it is over.
    pub ends_at: Timestamp,
    /// What for.
    pub purpose: Purpose,
}

/// What somebody goes to a provider for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To link the account there, in a session that was allowed to.
    Link {
        /// Whose session.
        person: UserId,
        /// Which, by its public id.
        session: RecordId,
    },
}

impl Departure {
    /// Whether an answer that reaches `portal` in this browser at `now` is the one that is waited for.
    pub fn awaits(&self, browser: &TokenHash, portal: &str, now: Timestamp) -> bool {
        self.browser == *browser && self.portal == portal && now < self.ends_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::minutes;

    #[test]
    fn an_answer_counts_in_its_own_browser_at_its_own_portal_for_ten_minutes() {
        let (own, other) = (TokenHash::from_bytes([1; 32]), TokenHash::from_bytes([2; 32]));
        let start = Timestamp::from_unix(1_800_000_000);
        let departure = Departure {
            hash: TokenHash::from_bytes([3; 32]),
            browser: own,
            provider: "acme".to_owned(),
            portal: "wiki".to_owned(),
            return_to: ReturnTo::default(),
            ends_at: start.after(minutes(DEPARTURE_MINUTES)),
            purpose: Purpose::SignIn,
        };
        let later = |seconds| start.after(std::time::Duration::from_secs(seconds));
        assert!(departure.awaits(&own, "wiki", start) && departure.awaits(&own, "wiki", later(599)));
        assert!(!departure.awaits(&own, "wiki", later(600)));
        assert!(!departure.awaits(&other, "wiki", start) && !departure.awaits(&own, "plan", start));
    }
}
