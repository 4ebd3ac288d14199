//! What is forgotten after a while: looked at now and then, a little at once, so that nobody waits for it.

use gantry_engine::ports::{Clock, Keeping, Pruned, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How often it is looked.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(6);

/// How much of each goes at once.
const MOST: usize = 1_000;

/// Forgets.
pub(super) struct Keeper {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keeping: Keeping,
}

impl Keeper {
    pub(super) async fn run(&self) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "what is old can't be forgotten; it is tried again");
            }
            let until = self.clock.now().saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
            self.clock.sleep_until(until).await;
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let horizon = self.keeping.horizon(self.clock.now());
        loop {
            let pruned = self.store.prune(&horizon, MOST).await?;
            if pruned == Pruned::default() {
                return Ok(());
            }
            let Pruned { deliveries, messages, lines } = pruned;
            tracing::info!(deliveries, messages, lines, "what is old was forgotten");
        }
    }
}
