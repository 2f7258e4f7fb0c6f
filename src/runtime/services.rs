//! What lives as long as the process: state, time, chance, hashing, audit, metrics.

use std::sync::{Arc, Mutex, PoisonError};

use super::{hand_overs::HandOvers, in_hand::InHand, refusals::Refusals};
use crate::{
    domain::{
        audit::AuditEvent,
        time::{Clock, Timestamp},
        token::{Entropy, RecordId, Token},
    },
    factor::{approval::Questions, passkey::Ceremonies, password::Hashers},
    store::hot::HotStore,
    telemetry::{audit::AuditLog, metrics::Metrics},
};

/// Shared by every thread; survives every reload.
#[derive(Clone)]
pub struct Services {
    /// State.
    pub store: HotStore,
    /// The present moment. Read by the gateway once per request, and by background work.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Password hashing.
    pub hashers: Hashers,
    /// Questions to passkeys that wait for their answer.
    pub ceremonies: Arc<Ceremonies>,
    /// Questions to authenticator pages that wait for a signature.
    pub questions: Arc<Questions>,
    /// Sign-ins on their way to another portal.
    pub hand_overs: Arc<HandOvers>,
    /// Forms that are being read to be kept.
    pub in_hand: Arc<InHand>,
    /// The audit log.
    pub audit: AuditLog,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Refusals of guessing that were told already.
    pub refusals: Arc<Refusals>,
    /// Who listens to what is recorded.
    pub witness: Witness,
}

/// Hears what is recorded through one handle of [`Services`] and its clones, for who must act on it afterwards.
#[derive(Clone, Debug, Default)]
pub struct Witness(Option<Arc<Mutex<Vec<AuditEvent>>>>);

impl Witness {
    fn hear(&self, event: &AuditEvent) {
        if let Some(heard) = &self.0 {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(event.clone());
        }
    }

    /// What was recorded since the last time this was asked.
    pub fn take(&self) -> Vec<AuditEvent> {
        let heard = self.0.as_ref();
        heard.map_or_else(Vec::new, |heard| {
            std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}

impl Services {
    /// The same, with a witness of its own.
    #[must_use]
    pub fn witnessed(&self) -> Self {
        Self { witness: Witness(Some(Arc::default())), ..self.clone() }
    }

    /// A fresh token.
    pub fn draw_token(&self) -> Token {
        Token::draw(&*self.entropy)
    }

    /// A fresh record id.
    pub fn draw_id(&self, now: Timestamp) -> RecordId {
        RecordId::draw(now, &*self.entropy)
    }

    /// Records that guessing was refused until a moment: once for each network and person while it lasts.
    pub async fn record_refusal(&self, event: AuditEvent, whom: &str, until: Timestamp) {
        if self.refusals.is_first(whom, until, event.at) {
            self.record(event).await;
        }
    }

    /// Writes an event to the audit log and, so that people see it on their account page, to the journal. The journal's
    /// failure is logged, not answered: what happened has happened.
    pub async fn record(&self, event: AuditEvent) {
        self.audit.add(event.clone());
        self.witness.hear(&event);
        if let Err(fault) = self.store.journal().record(std::slice::from_ref(&event)).await {
            tracing::error!(%fault, "the journal cannot be written");
        }
    }
}
