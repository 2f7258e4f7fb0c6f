//! Using a trusted device: its cookie changes at every use, so that a stolen copy gives itself away.

use std::time::Duration;

use super::HotStore;
use crate::{
    domain::{
        identity::{CredentialMark, UserId},
        pin::PinLeft,
        time::Timestamp,
        token::{RecordId, Token, TokenHash},
        trust::{DeviceTerms, DeviceTrust},
    },
    store::Stored,
};

/// How long a value still counts after it was replaced: for tabs that signed in at once, and for a lost response.
const GRACE: Duration = Duration::from_secs(60);

/// What presenting a device cookie came to.
#[derive(Debug, PartialEq, Eq)]
pub enum DeviceUse {
    /// No live trust of this person.
    Unknown,
    /// The trust waives the second factor.
    Waives {
        /// Which.
        id: RecordId,
        /// The cookie's next value; `None` if it was replaced a moment ago, and stays.
        rotated: Option<Token>,
    },
    /// A value replaced long ago: somebody kept a copy. The trust has been revoked.
    Stolen {
        /// Which.
        id: RecordId,
    },
}

impl HotStore {
    /// The live device trust of `person` that one of these cookie values names, in a file with these terms. Changes nothing:
    /// for choosing the counters of a password that has not been checked yet.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn recognise_device(
        &self,
        person: &UserId,
        credential: &CredentialMark,
        tokens: &[Token],
        terms: DeviceTerms,
        now: Timestamp,
    ) -> Stored<Option<RecordId>> {
        for token in tokens {
            if let Some(trust) = self.0.store.recall_device(&token.hash()).await?
                && trust.person == *person
                && self.0.devices.contains_key(&trust.id)
                && trust.is_live(now, credential)
                && trust.is_within(terms, now)
                && (trust.hash == token.hash() || is_in_grace(&trust, &token.hash(), now))
            {
                return Ok(Some(trust.id));
            }
        }
        Ok(None)
    }

    /// The device trust that this cookie value names or named before, whosever it is; not whether it counts. Changes nothing:
    /// for asking whom a browser was remembered for.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn find_device(&self, token: &Token) -> Stored<Option<DeviceTrust>> {
        let found = self.0.store.recall_device(&token.hash()).await?;
        Ok(found.filter(|trust| self.0.devices.contains_key(&trust.id)))
    }

    /// A PIN of `person` was wrong: with `most` of them in a row, ends the trust in the device, and the PIN with it.
    ///
    /// # Errors
    /// The store does not answer: the try stays counted.
    pub async fn refuse_pin(&self, person: &UserId, device: &RecordId, most: u32) -> Stored<PinLeft> {
        let device = device.clone();
        self.change(person.clone(), async move |inner| {
            let left = inner.store.refuse_pin(&device, most).await?;
            if left == PinLeft::Ended
                && let Some((_, live)) = inner.devices.remove(&device)
            {
                live.revoke();
            }
            Ok(left)
        })
        .await
    }

    /// Uses the device trust of `person` that one of these cookie values names, after the password was right. The value
    /// is replaced by `new`.
    ///
    /// # Errors
    /// The store does not answer: ask for a code.
    pub async fn use_device(
        &self,
        person: &UserId,
        credential: &CredentialMark,
        tokens: &[Token],
        new: Token,
        terms: DeviceTerms,
        now: Timestamp,
    ) -> Stored<DeviceUse> {
        let (owner, person, credential) = (person.clone(), person.clone(), *credential);
        let hashes: Vec<_> = tokens.iter().map(Token::hash).collect();
        self.change(owner, async move |inner| {
            for hash in hashes {
                let Some(trust) = inner.store.recall_device(&hash).await? else { continue };
                // Memory has the last word: what was ended while the store did not answer may still lie there.
                let stands = inner.devices.contains_key(&trust.id)
                    && trust.is_live(now, &credential)
                    && trust.is_within(terms, now);
                if trust.person != person || !stands {
                    continue;
                }
                if trust.hash == hash {
                    if inner.store.rotate_device(&trust.id, &hash, &new.hash(), now).await? {
                        return Ok(DeviceUse::Waives { id: trust.id, rotated: Some(new) });
                    }
                    // Another gateway on the same store was faster: its value is on the way to the browser, or it
                    // revoked the trust.
                    let left = inner.store.recall_device(&hash).await?;
                    return Ok(match left.filter(|trust| is_in_grace(trust, &hash, now)) {
                        Some(trust) => DeviceUse::Waives { id: trust.id, rotated: None },
                        None => DeviceUse::Unknown,
                    });
                }
                if is_in_grace(&trust, &hash, now) {
                    return Ok(DeviceUse::Waives { id: trust.id, rotated: None });
                }
                inner.revoke(&trust.id).await?;
                return Ok(DeviceUse::Stolen { id: trust.id });
            }
            Ok(DeviceUse::Unknown)
        })
        .await
    }
}

/// Whether `hash` is the value before the present one, and was replaced a moment ago.
fn is_in_grace(trust: &DeviceTrust, hash: &TokenHash, now: Timestamp) -> bool {
    trust.previous.is_some_and(|(previous, at)| previous == *hash && now.since(at) < GRACE)
}
