//! PINs of trusted devices. What is kept of one is sealed before it gets here.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{SqliteStore, rows};
use crate::{
    domain::{
        pin::{DevicePin, PinLeft},
        token::RecordId,
    },
    store::{Pins, Stored},
};

#[async_trait]
impl Pins for SqliteStore {
    async fn set_pin(&self, pin: &DevicePin) -> Stored<bool> {
        let pin = pin.clone();
        let bond = rows::pin_bond(&pin.person, &pin.device);
        let sealed = self.seal.close(pin.hash.as_str().as_bytes(), bond)?;
        self.write(move |conn| {
            let set = conn
                .prepare_cached(&format!(
                    "INSERT OR REPLACE INTO pins ({})
                     SELECT id, person, ?3, ?4, ?5, ?6 FROM devices WHERE id = ?1 AND person = ?2",
                    rows::PIN
                ))?
                .execute(params![
                    pin.device.as_str(),
                    pin.person.as_str(),
                    pin.portal,
                    sealed,
                    pin.set_at.unix(),
                    pin.wrong,
                ])?;
            Ok(set == 1)
        })
        .await
    }

    async fn pin_of(&self, device: &RecordId) -> Stored<Option<DevicePin>> {
        let (device, seal) = (device.clone(), self.seal.clone());
        self.read(move |conn| {
            let mut find =
                conn.prepare_cached(&format!("SELECT {} FROM pins WHERE device = ?1", rows::PIN))?;
            find.query_and_then([device.as_str()], |row| rows::pin(row, &seal))?.next().transpose()
        })
        .await
    }

    async fn remove_pin(&self, device: &RecordId) -> Stored<bool> {
        let device = device.clone();
        self.write(move |conn| {
            Ok(conn.prepare_cached("DELETE FROM pins WHERE device = ?1")?.execute([device.as_str()])? == 1)
        })
        .await
    }

    async fn reserve_pin_try(&self, device: &RecordId, most: u32) -> Stored<Option<DevicePin>> {
        let (device, seal) = (device.clone(), self.seal.clone());
        self.write(move |conn| {
            let mut reserve = conn.prepare_cached(&format!(
                "UPDATE pins SET wrong = wrong + 1 WHERE device = ?1 AND wrong < ?2 RETURNING {}",
                rows::PIN
            ))?;
            reserve
                .query_and_then(params![device.as_str(), most], |row| rows::pin(row, &seal))?
                .next()
                .transpose()
        })
        .await
    }

    async fn release_pin_try(&self, device: &RecordId) -> Stored<()> {
        let device = device.clone();
        self.write(move |conn| {
            conn.prepare_cached("UPDATE pins SET wrong = wrong - 1 WHERE device = ?1 AND wrong > 0")?
                .execute([device.as_str()])?;
            Ok(())
        })
        .await
    }

    async fn accept_pin(&self, device: &RecordId) -> Stored<bool> {
        let device = device.clone();
        self.write(move |conn| {
            let accepted = conn
                .prepare_cached("UPDATE pins SET wrong = 0 WHERE device = ?1")?
                .execute([device.as_str()])?;
            Ok(accepted == 1)
        })
        .await
    }

    async fn refuse_pin(&self, device: &RecordId, most: u32) -> Stored<PinLeft> {
        let device = device.clone();
        self.write(move |conn| {
            let Some(wrong) = wrong_of(conn, &device)? else { return Ok(PinLeft::Gone) };
            if wrong < most {
                return Ok(PinLeft::Tries(most - wrong));
            }
            // The PIN goes with it.
            conn.prepare_cached("DELETE FROM devices WHERE id = ?1")?.execute([device.as_str()])?;
            Ok(PinLeft::Ended)
        })
        .await
    }
}

fn wrong_of(conn: &Connection, device: &RecordId) -> Stored<Option<u32>> {
    let mut find = conn.prepare_cached("SELECT wrong FROM pins WHERE device = ?1")?;
    Ok(find.query_row([device.as_str()], |row| row.get(0)).optional()?)
}
