//! PINs of trusted devices.

use async_trait::async_trait;

use super::{MemoryStore, Tables};
use crate::{
    domain::{
        pin::{DevicePin, PinLeft},
        token::RecordId,
    },
    store::{Pins, Stored},
};

impl Tables {
    /// The PIN of a trust that is still there: one whose trust is gone is gone with it, wherever that went.
    fn pin(&mut self, device: &RecordId) -> Option<&mut DevicePin> {
        if !self.devices.contains_key(device) {
            self.pins.remove(device);
        }
        self.pins.get_mut(device)
    }
}

#[async_trait]
impl Pins for MemoryStore {
    async fn set_pin(&self, pin: &DevicePin) -> Stored<bool> {
        let mut tables = self.tables();
        let is_theirs = tables.devices.get(&pin.device).is_some_and(|trust| trust.person == pin.person);
        if is_theirs {
            tables.pins.insert(pin.device.clone(), pin.clone());
        }
        Ok(is_theirs)
    }

    async fn pin_of(&self, device: &RecordId) -> Stored<Option<DevicePin>> {
        Ok(self.tables().pin(device).cloned())
    }

    async fn remove_pin(&self, device: &RecordId) -> Stored<bool> {
        let mut tables = self.tables();
        let had = tables.pin(device).is_some();
        tables.pins.remove(device);
        Ok(had)
    }

    async fn reserve_pin_try(&self, device: &RecordId, most: u32) -> Stored<Option<DevicePin>> {
        let mut tables = self.tables();
        let Some(pin) = tables.pin(device).filter(|pin| pin.wrong < most) else { return Ok(None) };
        pin.wrong += 1;
        Ok(Some(pin.clone()))
    }

    async fn release_pin_try(&self, device: &RecordId) -> Stored<()> {
        if let Some(pin) = self.tables().pin(device) {
            pin.wrong = pin.wrong.saturating_sub(1);
        }
        Ok(())
    }

    async fn accept_pin(&self, device: &RecordId) -> Stored<bool> {
        let mut tables = self.tables();
        let Some(pin) = tables.pin(device) else { return Ok(false) };
        pin.wrong = 0;
        Ok(true)
    }

    async fn refuse_pin(&self, device: &RecordId, most: u32) -> Stored<PinLeft> {
        let mut tables = self.tables();
        let Some(wrong) = tables.pin(device).map(|pin| pin.wrong) else { return Ok(PinLeft::Gone) };
        if wrong < most {
            return Ok(PinLeft::Tries(most - wrong));
        }
        tables.devices.remove(device);
        tables.pins.remove(device);
        Ok(PinLeft::Ended)
    }
}
