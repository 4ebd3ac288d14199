//! What goes on after an answer was given: following what tasks write, and waiting until all is well after something was
//! ended on purpose. Nothing depends on it: it only looks, and what it sees becomes messages. It lives as long as the
//! process: an orderly stop is told, and after a crash nothing is, since nothing of it is stored.

mod follow;
mod mend;

pub use follow::{Ended, Follow, Followed};
pub use mend::{Kill, Lack, Mended};

use crate::report;
use gantry_engine::apply::Engine;
use gantry_engine::names::{ChannelId, DeliveryId};
use gantry_engine::ports::{PostDraft, PostKey, Thread};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Where the messages of a watch go: below the answer that began it, or into the thread that it was asked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Below {
    /// The delivery that asked for it.
    pub delivery: DeliveryId,
    /// In which channel.
    pub channel: ChannelId,
    /// In which thread.
    pub thread: Thread,
}

impl Below {
    /// A message there.
    #[must_use]
    pub fn draft(&self, key: String, body: String) -> PostDraft {
        PostDraft {
            key: PostKey(key),
            channel: self.channel.clone(),
            thread: self.thread.clone(),
            only_for: None,
            body,
        }
    }
}

/// The tasks that look.
#[derive(Clone)]
pub struct Watchers {
    engine: Engine,
    /// Rung when a message was stored.
    news: Arc<Notify>,
    stop: CancellationToken,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    follows: BTreeMap<Followed, CancellationToken>,
    tasks: JoinSet<()>,
}

impl Watchers {
    /// Watchers that stop at a token.
    #[must_use]
    pub fn new(engine: Engine, news: Arc<Notify>, stop: CancellationToken) -> Self {
        Self { engine, news, stop, inner: Arc::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        while inner.tasks.try_join_next().is_some() {}
        inner.follows.retain(|_, end| !end.is_cancelled());
        inner
    }

    /// Follows what a service writes. One that follows the same in the same channel gives way.
    pub fn follow(&self, follow: Follow) {
        let (end, watchers) = (CancellationToken::new(), self.clone());
        let mut inner = self.inner();
        if let Some(before) = inner.follows.insert(follow.what.clone(), end.clone()) {
            before.cancel();
        }
        inner.tasks.spawn(async move {
            watchers.follow_on(follow, &end).await;
            end.cancel();
        });
    }

    /// Ends a follow; tells whether there was one.
    #[must_use]
    pub fn unfollow(&self, what: &Followed) -> bool {
        let ended = self.inner().follows.remove(what);
        ended.is_some_and(|end| {
            end.cancel();
            true
        })
    }

    /// Waits until all is well after something was ended, and tells what it took.
    pub fn mend(&self, kill: Kill) {
        let watchers = self.clone();
        self.inner().tasks.spawn(async move {
            let told = tokio::select! {
                () = watchers.stop.cancelled() => Some(report::unwatched(&kill)),
                mended = watchers.until_well(&kill) => mended.map(|mended| report::mended(&mended, &kill.below.delivery)),
            };
            if let Some(body) = told {
                let key = format!("mended/{}", kill.below.delivery);
                watchers.post(kill.below.draft(key, body)).await;
            }
        });
    }

    /// Waits for the tasks to end, after the token was cancelled.
    pub async fn stopped(&self) {
        let mut tasks = std::mem::take(&mut self.inner().tasks);
        while tasks.join_next().await.is_some() {}
    }

    /// Stores a message; tells whether it is stored.
    async fn post(&self, draft: PostDraft) -> bool {
        match self.engine.store.post_once(draft).await {
            Ok(_) => {
                self.news.notify_one();
                true
            }
            Err(error) => {
                tracing::warn!(%error, "a message couldn't be stored");
                false
            }
        }
    }

    async fn sleep(&self, wait: SignedDuration) {
        let until = self.engine.clock.now().saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.engine.clock.sleep_until(until).await;
    }
}
