//! Locks that come near their end, or are held for long: their holders are asked, and what is over ends. Level-triggered:
//! each look asks what is due now, and message keys make each question and each end one.

use super::workers::Workers;
use crate::report;
use gantry_engine::apply::Engine;
use gantry_engine::lock::{Lock, LockDue, LockEvent, LockWhat};
use gantry_engine::ports::{LockChanged, PostDraft, StoreError};
use gantry_engine::project::Locking;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Notify;

/// How long a look waits at the most: a lock may have been taken meanwhile.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// How many events are looked at for ends that weren't told: a process may have died between an end and its message.
const UNTOLD: usize = 20;

/// Ends that are so old were told.
const LONG_AGO: SignedDuration = SignedDuration::from_hours(24);

pub(super) struct LockKeeper {
    pub(super) engine: Engine,
    pub(super) workers: Workers,
    pub(super) news: Arc<Notify>,
}

impl LockKeeper {
    pub(super) async fn run(&self) {
        loop {
            let now = self.engine.clock.now();
            let latest = now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
            let wake = match self.look(now).await {
                Ok(wake) => wake.unwrap_or(latest).min(latest),
                Err(error) => {
                    tracing::warn!(%error, "locks can't be read; it is tried again");
                    latest
                }
            };
            self.engine.clock.sleep_until(wake).await;
        }
    }

    /// Does what is due; gives when to look again.
    async fn look(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut wake: Option<Timestamp> = None;
        for lock in self.engine.store.locks().await? {
            match lock.due(now) {
                LockDue::End => self.end(&lock).await?,
                LockDue::Held { nags, until } => {
                    wake = [wake, Some(until)].into_iter().flatten().min();
                    if lock.after.is_some() {
                        self.say(report::locked_after_rollback(&lock)).await?;
                    }
                    let limits = self.limits(&lock);
                    for nag in nags {
                        self.say(report::nag(&lock, nag, &limits, now)).await?;
                    }
                }
            }
        }
        let fresh = |event: &&LockEvent| now.duration_since(event.at) < LONG_AGO;
        let events = self.engine.store.lock_events(None, UNTOLD).await?;
        for event in events.iter().filter(|event| matches!(event.what, LockWhat::Ended { .. })).filter(fresh) {
            self.say(report::lock_ended(event)).await?;
        }
        Ok(wake)
    }

    async fn end(&self, lock: &Lock) -> Result<(), StoreError> {
        let change = lock.end();
        let event = change.event.clone();
        match self.engine.store.change_lock(change).await? {
            LockChanged::Done | LockChanged::Repeated => {
                self.say(report::lock_ended(&event)).await?;
                self.workers.wake(&lock.target.key).await
            }
            // Its holder was faster; the next look sees what they want.
            LockChanged::Moved => Ok(()),
        }
    }

    fn limits(&self, lock: &Lock) -> Locking {
        self.engine.project(&lock.target.key).map(|project| project.locking.clone()).unwrap_or_default()
    }

    async fn say(&self, draft: PostDraft) -> Result<(), StoreError> {
        if self.engine.store.post_once(draft).await? {
            self.news.notify_one();
        }
        Ok(())
    }
}
