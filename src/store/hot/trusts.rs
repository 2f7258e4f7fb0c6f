//! Granting, listing and revoking trust. How a trusted device is used is in [`super::devices`].

use std::sync::Arc;

use super::{HotStore, Inner, LiveDevice, is_of};
use crate::{
    domain::{
        identity::UserId,
        time::Timestamp,
        token::RecordId,
        trust::{AddressTrust, DeviceTrust},
    },
    store::Stored,
};

impl HotStore {
    /// Writes a device trust.
    ///
    /// # Errors
    /// The store does not answer: nothing was trusted.
    pub async fn trust_device(&self, trust: DeviceTrust) -> Stored<()> {
        self.change(trust.person.clone(), async move |inner| {
            inner.store.trust_device(&trust).await?;
            inner.devices.insert(trust.id.clone(), Arc::new(LiveDevice::new(&trust)));
            Ok(())
        })
        .await
    }

    /// Writes an address trust; one for the same person, portal and network is replaced.
    ///
    /// # Errors
    /// The store does not answer: nothing was trusted.
    pub async fn trust_address(&self, trust: AddressTrust) -> Stored<()> {
        self.change(trust.person.clone(), async move |inner| {
            inner.store.trust_address(&trust).await?;
            inner.addresses.add(trust);
            Ok(())
        })
        .await
    }

    /// Notes that an address trust waived a code.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn note_address_used(&self, id: &RecordId, now: Timestamp) -> Stored<()> {
        self.0.store.note_address_used(id, now).await
    }

    /// Live device trusts, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn devices(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<DeviceTrust>> {
        let mut trusts = self.0.store.devices(person).await?;
        trusts.retain(|trust| !trust.is_over(now));
        Ok(trusts)
    }

    /// Live address trusts, newest first: one person's, or everybody's.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn addresses(&self, person: Option<&UserId>, now: Timestamp) -> Stored<Vec<AddressTrust>> {
        let mut trusts = self.0.store.addresses(person).await?;
        trusts.retain(|trust| now < trust.expires_at);
        Ok(trusts)
    }

    /// Removes a device or address trust: one of `owner`'s, or anybody's (for administrators). `false`: there is none.
    ///
    /// # Errors
    /// The store does not answer: the trust still stands.
    pub async fn revoke_trust(&self, owner: Option<&UserId>, id: &RecordId) -> Stored<bool> {
        let Some(person) = self.0.holder_of(id) else { return Ok(false) };
        if !is_of(&person, owner) {
            return Ok(false);
        }
        let id = id.clone();
        self.change(person, async move |inner| inner.revoke(&id).await).await
    }

    /// Removes every device and address trust of a person; tells how many.
    ///
    /// # Errors
    /// The store does not answer: the trusts still stand.
    pub async fn revoke_trusts_of(&self, person: &UserId) -> Stored<usize> {
        let (person, owner) = (person.clone(), person.clone());
        self.change(owner, async move |inner| {
            let revoked = inner.store.revoke_trusts_of(&person).await?;
            inner.forget_trusts_of(&person);
            Ok(revoked.len())
        })
        .await
    }
}

impl Inner {
    /// Whose trust this is.
    fn holder_of(&self, id: &RecordId) -> Option<UserId> {
        if let Some(device) = self.devices.get(id) {
            return Some(device.person.clone());
        }
        self.addresses.select(|trust| trust.id == *id).first().map(|trust| trust.person.clone())
    }

    pub(super) async fn revoke(&self, id: &RecordId) -> Stored<bool> {
        let revoked = self.store.revoke_trust(id).await?;
        if let Some((_, device)) = self.devices.remove(id) {
            device.revoke();
        }
        self.addresses.remove(|trust| trust.id == *id);
        Ok(revoked)
    }
}
