//! A provider that let one visitor wait in vain is left alone for a moment, so that the next ones are told at once.

use std::{cell::Cell, future::Future, time::Duration};

use tokio::time::{Instant, timeout};

use super::Undeliverable;

/// How long a provider rests after it was too slow.
const REST: Duration = Duration::from_secs(15);

/// Until when a provider rests.
#[derive(Default)]
pub(super) struct Rest(Cell<Option<Instant>>);

impl Rest {
    /// Waits for `sending` at most so long; not at all while the provider rests. Quick refusals cost nobody time, so
    /// only slowness earns a rest, and any answer ends it.
    pub(super) async fn unless_resting(
        &self,
        patience: Duration,
        sending: impl Future<Output = Result<(), Undeliverable>>,
    ) -> Result<(), Undeliverable> {
        if self.lasts_at(Instant::now()) {
            return Err(Undeliverable::Down);
        }
        match timeout(patience, sending).await {
            Ok(answer) => {
                self.0.set(None);
                answer
            }
            Err(_) => {
                tracing::warn!(
                    ?patience,
                    "a provider of messages was too slow and is left alone for a moment"
                );
                self.0.set(Some(Instant::now() + REST));
                Err(Undeliverable::Down)
            }
        }
    }

    fn lasts_at(&self, now: Instant) -> bool {
        self.0.get().is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn slow() -> Result<(), Undeliverable> {
        std::future::pending().await
    }

    #[tokio::test]
    async fn a_slow_provider_makes_one_visitor_wait_and_rests_fifteen_seconds() {
        let rest = Rest::default();
        let began = Instant::now();
        let patience = Duration::from_millis(20);
        assert_eq!(rest.unless_resting(patience, slow()).await, Err(Undeliverable::Down));
        assert!(began.elapsed() >= patience);
        let until = rest.0.get().unwrap();
        assert!(until >= began + patience + REST && until <= Instant::now() + REST);
        assert!(rest.lasts_at(until - Duration::from_nanos(1)) && !rest.lasts_at(until));
        assert_eq!(rest.unless_resting(patience, async { Ok(()) }).await, Err(Undeliverable::Down));
    }

    #[tokio::test]
    async fn an_answer_ends_the_rest() {
        let rest = Rest(Cell::new(Some(Instant::now())));
        assert_eq!(rest.unless_resting(Duration::from_secs(1), async { Ok(()) }).await, Ok(()));
        assert_eq!(rest.0.get(), None);
    }

    #[tokio::test]
    async fn a_refusal_earns_no_rest() {
        let rest = Rest::default();
        let second = Duration::from_secs(1);
        let refused = rest.unless_resting(second, async { Err(Undeliverable::Refused) }).await;
        assert_eq!(refused, Err(Undeliverable::Refused));
        assert_eq!(rest.unless_resting(second, async { Ok(()) }).await, Ok(()));
    }
}
