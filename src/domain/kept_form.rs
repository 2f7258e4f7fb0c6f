//! A form that somebody posted who had to sign in first: kept for ten minutes, until they send it with one press.
//!
//! It is sealed under a key that follows from the browser's cookie, so that a store, copied or read, gives no form away.
//! Whose it is stands beside it and not within: a form of somebody not known any more is claimed by who signs in next.

use std::{fmt, net::IpAddr, time::Duration};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    facts::ReturnTo,
    identity::UserId,
    time::{Timestamp, minutes},
    token::{Token, TokenHash},
    trust::neighbourhood,
};

/// How long a form is kept.
pub const KEPT_FOR: Duration = minutes(10);

/// What a form takes of the room at least: rows cost something, too.
const LEAST_CHARGE: u64 = 4 * 1024;

/// A form and all that is needed to send it as it was.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptForm {
    /// The portal it was posted to.
    pub portal: String,
    /// The path and query it was posted to, byte for byte.
    pub target: String,
    /// How its bytes are to be read.
    pub content_type: String,
    /// The page it stood on.
    pub came_from: ReturnTo,
    /// When it was posted.
    pub kept_at: Timestamp,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A form as a store keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedForm {
    /// Hash of the value in the browser's cookie.
    pub hash: TokenHash,
    /// The only one who may send it; `None` until somebody claims it.
    pub owner: Option<UserId>,
    /// The network it came from: what strangers can have kept is bounded for each.
    pub network: IpNet,
    /// When it is over.
    pub ends_at: Timestamp,
    /// What only the browser's cookie opens.
    pub sealed: Vec<u8>,
}

/// Whether it is known whose a form is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// Somebody's who is or was signed in here.
    Somebodys,
    /// Not known: a stranger's.
    Nobodys,
}

impl Whose {
    /// Of a form with this owner.
    pub fn of(owner: Option<&UserId>) -> Self {
        if owner.is_some() { Self::Somebodys } else { Self::Nobodys }
    }
}

/// How many bytes may be kept at a time.
///
/// Strangers have rooms of their own: at most half of what there is, so that whoever fills it takes nothing from those who
/// were signed in. What somebody sends counts beside all that is kept, what a stranger sends beside strangers' forms; in a
/// network each kind counts alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Room {
    /// Of everybody.
    pub all: u64,
    /// Of one network.
    pub network: u64,
}

impl Room {
    /// The room in the store where the largest form that is kept has `largest` bytes.
    pub fn for_forms_of(largest: u64, whose: Whose) -> Self {
        // An office of forty shares one address, and most forms are small.
        let one = largest.max(64 * 1024);
        match whose {
            Whose::Somebodys => Self { all: one.saturating_mul(64), network: one.saturating_mul(8) },
            Whose::Nobodys => Self { all: one.saturating_mul(32), network: one.saturating_mul(2) },
        }
    }

    /// The room in memory, while forms of at most `largest` bytes are read.
    pub fn in_hand_of(largest: u64, whose: Whose) -> Self {
        match whose {
            Whose::Somebodys => Self { all: largest.saturating_mul(32), network: largest.saturating_mul(4) },
            Whose::Nobodys => Self { all: largest.saturating_mul(16), network: largest.saturating_mul(2) },
        }
    }

    /// Whether `charge` more fits beside what is kept already.
    pub fn takes(self, charge: u64, kept: Self) -> bool {
        kept.all.saturating_add(charge) <= self.all && kept.network.saturating_add(charge) <= self.network
    }
}

/// What stands before the bytes.
#[derive(Serialize, Deserialize)]
struct Label {
    portal: String,
    target: String,
    content_type: String,
    came_from: String,
    kept_at: Timestamp,
}

impl KeptForm {
    /// Seals it to a token that seals nothing else, for `owner` where that is known. `None`: it cannot be sealed.
    pub fn seal(&self, token: &Token, owner: Option<UserId>, client: IpAddr) -> Option<SealedForm> {
        let label = Label {
            portal: self.portal.clone(),
            target: self.target.clone(),
            content_type: self.content_type.clone(),
            came_from: self.came_from.as_str().to_owned(),
            kept_at: self.kept_at,
        };
        let label = Zeroizing::new(serde_json::to_vec(&label).ok()?);
        let length = u32::try_from(label.len()).ok()?.to_be_bytes();
        let mut sealed = [length.as_slice(), &label, &self.body].concat();
        let hash = token.hash();
        key_of(token)?.seal_in_place_append_tag(nonce(), bond(&hash), &mut sealed).ok()?;
        let ends_at = self.kept_at.after(KEPT_FOR);
        Some(SealedForm { hash, owner, network: neighbourhood(client), ends_at, sealed })
    }
}

impl SealedForm {
    /// Opens it; `None` for another token, after a change, or when it is over at `now`.
    pub fn open(&self, token: &Token, now: Timestamp) -> Option<KeptForm> {
        if !self.is_live(now) {
            return None;
        }
        let mut bytes = self.sealed.clone();
        let plain = key_of(token)?.open_in_place(nonce(), bond(&self.hash), &mut bytes).ok()?;
        let (length, rest) = plain.split_first_chunk::<4>()?;
        let (label, body) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let Label { portal, target, content_type, came_from, kept_at } =
            serde_json::from_slice(label).ok()?;
        let came_from = ReturnTo::read(&came_from);
        Some(KeptForm { portal, target, content_type, came_from, kept_at, body: body.to_vec() })
    }

    /// Whether it may still be sent at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at
    }

    /// Whether this person may claim or send it.
    pub fn is_for(&self, person: &UserId) -> bool {
        self.owner.as_ref().is_none_or(|owner| owner == person)
    }

    /// Whether it is known whose it is.
    pub fn whose(&self) -> Whose {
        Whose::of(self.owner.as_ref())
    }

    /// What it takes of the room.
    pub fn charge(&self) -> u64 {
        LEAST_CHARGE.max(self.sealed.len() as u64)
    }
}

/// The key that only the holder of the token knows. The store has the token's hash, which is made another way.
fn key_of(token: &Token) -> Option<LessSafeKey> {
    let key = token.mixed_with(b"vestibule kept form\0", b"");
    UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok().map(LessSafeKey::new)
}

/// Always the same: a token is drawn for one form, and its key seals once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn bond(hash: &TokenHash) -> Aad<[u8; 32]> {
    Aad::from(*hash.as_bytes())
}

impl fmt::Debug for KeptForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptForm({}, {} bytes)", self.portal, self.body.len())
    }
}

impl fmt::Debug for SealedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedForm({:?}, {} bytes)", self.hash, self.sealed.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::token::Entropy;

    struct Fixed(u8);
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    const NOW: Timestamp = Timestamp::from_unix(1_795_000_000);

    fn token(byte: u8) -> Token {
        Token::draw(&Fixed(byte))
    }

    fn form() -> KeptForm {
        KeptForm {
            portal: "wiki".to_owned(),
            target: "/pages/save?id=7&draft".to_owned(),
            content_type: "application/x-www-form-urlencoded".to_owned(),
            came_from: ReturnTo::read("/pages/edit?id=7"),
            kept_at: NOW,
            body: b"text=a%20secret\0\xff".to_vec(),
        }
    }

    fn sealed() -> SealedForm {
        form().seal(&token(1), None, IpAddr::from([192, 0, 2, 7])).unwrap()
    }

    #[test]
    fn a_form_comes_back_byte_for_byte_and_to_its_own_token_only() {
        assert_eq!(sealed().open(&token(1), NOW), Some(form()));
        assert_eq!(sealed().open(&token(2), NOW), None);
        // As if somebody had moved the row to their own cookie.
        let moved = SealedForm { hash: token(2).hash(), ..sealed() };
        assert_eq!((moved.open(&token(1), NOW), moved.open(&token(2), NOW)), (None, None));
    }

    #[test]
    fn a_form_is_over_after_ten_minutes() {
        let after = |seconds| sealed().open(&token(1), NOW.after(Duration::from_secs(seconds)));
        assert!(after(599).is_some());
        assert!(after(600).is_none());
    }

    #[test]
    fn what_is_stored_tells_nothing_and_a_changed_byte_does_not_open() {
        let sealed = sealed();
        for part in ["wiki", "pages", "secret", "form-urlencoded"] {
            assert!(!sealed.sealed.windows(part.len()).any(|window| window == part.as_bytes()), "{part}");
        }
        let shown = format!("{sealed:?} {:?}", form());
        assert!(!shown.contains("secret") && !shown.contains("pages"), "{shown}");
        for at in 0..sealed.sealed.len() {
            let mut changed = sealed.clone();
            changed.sealed[at] ^= 1;
            assert_eq!(changed.open(&token(1), NOW), None, "byte {at}");
            changed.sealed.truncate(at);
            assert_eq!(changed.open(&token(1), NOW), None, "length {at}");
        }
    }

    #[test]
    fn a_form_is_its_owners_and_nobodys_form_is_anybodys() {
        let (ann, bob) = (UserId::new("ann"), UserId::new("bob"));
        assert!(sealed().is_for(&ann));
        let owned = SealedForm { owner: Some(ann.clone()), ..sealed() };
        assert!(owned.is_for(&ann) && !owned.is_for(&bob));
    }

    #[test]
    fn room_is_taken_to_the_last_byte_and_no_further() {
        let room = Room::for_forms_of(1024 * 1024, Whose::Somebodys);
        assert_eq!((room.all, room.network), (64 << 20, 8 << 20));
        let strangers = Room::for_forms_of(1024 * 1024, Whose::Nobodys);
        assert_eq!((strangers.all, strangers.network), (32 << 20, 2 << 20));
        let kept = |all, network| Room { all, network };
        assert!(room.takes(4096, kept(room.all - 4096, 0)) && !room.takes(4097, kept(room.all - 4096, 0)));
        assert!(room.takes(4096, kept(0, room.network - 4096)));
        assert!(!room.takes(4097, kept(0, room.network - 4096)));
        assert_eq!(sealed().charge(), 4096);
    }
}
