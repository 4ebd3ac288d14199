//! One task for each open operation: it drives it, and waits where people or others have to do something first.

use futures::FutureExt;
use gantry_engine::apply::{Drive, Engine};
use gantry_engine::names::{EnvKey, OpId};
use gantry_engine::ports::{OpFilter, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long to wait before an operation is tried again when the store refused, or when nothing rang.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// How long an operation in a queue waits before it looks by itself (those ahead ring it when they are over), and one
/// that can't be driven here.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// How long an operation that is held back waits before it looks by itself: another process may have ended a lock.
const HELD_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// Drives operations until they are over.
#[derive(Clone)]
pub struct Workers {
    engine: Engine,
    /// Rung whenever there may be something to report.
    news: Arc<Notify>,
    /// Rung when an environment's end may have moved.
    moved: Arc<Notify>,
    stop: CancellationToken,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    bells: BTreeMap<OpId, Arc<Notify>>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Workers that stop at a token.
    #[must_use]
    pub fn new(engine: Engine, news: Arc<Notify>, moved: Arc<Notify>, stop: CancellationToken) -> Self {
        Self { engine, news, moved, stop, inner: Arc::default() }
    }

    /// Goes on with every operation that isn't over.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn resume(&self) -> Result<(), StoreError> {
        for record in self.engine.store.operations(&OpFilter { open: true, ..OpFilter::default() }).await? {
            self.ring(record.id);
        }
        Ok(())
    }

    /// Says that something happened to an operation: people wrote to it, or others are out of its way.
    pub fn ring(&self, op: OpId) {
        self.news.notify_one();
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        while inner.tasks.try_join_next().is_some() {}
        if let Some(bell) = inner.bells.get(&op) {
            bell.notify_one();
            return;
        }
        let bell = Arc::new(Notify::new());
        inner.bells.insert(op, Arc::clone(&bell));
        let worker = self.clone();
        inner.tasks.spawn(async move {
            tokio::select! {
                () = worker.stop.cancelled() => {}
                ended = AssertUnwindSafe(worker.tend(op, &bell)).catch_unwind() => match ended {
                    Ok(()) => worker.over(op).await,
                    Err(_) => worker.begin_anew(op).await,
                },
            }
        });
    }

    /// Whether any operation is being driven.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.inner.lock().unwrap_or_else(PoisonError::into_inner).bells.is_empty()
    }

    /// Waits for the tasks to end, after the token was cancelled. An effect in flight is repeated by the next start.
    pub async fn stopped(&self) {
        let mut tasks = std::mem::take(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner).tasks);
        while tasks.join_next().await.is_some() {}
    }

    async fn tend(&self, op: OpId, bell: &Notify) {
        loop {
            let wait = match self.engine.drive(op, bell).await {
                Ok(Drive::Closed) => return,
                Ok(Drive::People { until }) => until,
                Ok(Drive::Held { until }) => Some(until.min(self.in_a_while(HELD_AGAIN))),
                Ok(Drive::Queued) => Some(self.in_a_while(LOOK_AGAIN)),
                Ok(Drive::Busy { until }) => Some(until),
                Err(StoreError::Fenced(_)) => Some(self.in_a_while(self.engine.tuning.lease)),
                Err(StoreError::NoSuchOperation(_)) => {
                    tracing::error!(%op, "an operation that isn't there can't be driven");
                    return;
                }
                // It isn't over, so it isn't let go of either: its platform may come back, a newer version read it.
                Err(error @ StoreError::Unreadable { .. }) => {
                    tracing::error!(%op, %error, "an operation can't be driven; somebody has to look at it");
                    Some(self.in_a_while(LOOK_AGAIN))
                }
                Err(error) => {
                    tracing::warn!(%op, %error, "driving an operation failed; it is tried again");
                    Some(self.in_a_while(TRY_AGAIN))
                }
            };
            self.news.notify_one();
            tokio::select! {
                () = bell.notified() => {}
                () = self.sleep(wait) => {}
            }
        }
    }

    /// A driver or a handler panicked. The journal is as good as before; the operation is driven again after a while.
    async fn begin_anew(&self, op: OpId) {
        tracing::error!(%op, "driving an operation panicked; it is driven again after a while");
        self.sleep(Some(self.in_a_while(LOOK_AGAIN))).await;
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).bells.remove(&op);
        self.ring(op);
    }

    async fn sleep(&self, until: Option<Timestamp>) {
        match until {
            Some(at) => self.engine.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    fn in_a_while(&self, wait: SignedDuration) -> Timestamp {
        self.engine.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// An operation is over: those that waited for it may go on.
    async fn over(&self, op: OpId) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).bells.remove(&op);
        self.news.notify_one();
        self.moved.notify_one();
        let woken = async {
            match self.engine.store.operation(op).await? {
                Some(record) => self.wake(&record.key).await,
                None => Ok(()),
            }
        };
        // They look by themselves after a while.
        woken.await.unwrap_or_else(|error| tracing::warn!(%op, %error, "who waits for an operation can't be read"));
    }

    /// Rings what is open in an environment, the oldest first: something is out of its way.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn wake(&self, key: &EnvKey) -> Result<(), StoreError> {
        let filter = OpFilter { key: Some(key.clone()), open: true, ..OpFilter::default() };
        let waiting = self.engine.store.operations(&filter).await?;
        waiting.iter().rev().for_each(|record| self.ring(record.id));
        Ok(())
    }
}
