//! Ends that come near: warnings, then a teardown like any other. Level-triggered: each look asks what is due now, and
//! message keys and delivery ids make each warning and each teardown one.

use super::workers::Workers;
use crate::handle::{self, Written};
use crate::report;
use gantry_engine::apply::{Engine, NoPlan};
use gantry_engine::change::{Actor, Place, Request};
use gantry_engine::environment::Environment;
use gantry_engine::journal::{Entry, Signal, State};
use gantry_engine::names::{ChannelId, DeliveryId, OpId};
use gantry_engine::ports::{OpFilter, OpRecord, PostKey, Proposed, StoreError, Thread};
use gantry_engine::schedule::{Due, due, teardown};
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::Notify;

/// How long a look waits at the most: an end may have moved meanwhile.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// How long a look waits after something refused.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// The schedule.
pub(super) struct Schedule {
    pub(super) engine: Engine,
    pub(super) workers: Workers,
    /// Rung when an end may have moved.
    pub(super) moved: Arc<Notify>,
    pub(super) news: Arc<Notify>,
    /// Where an environment without a channel is talked about.
    pub(super) fallback: ChannelId,
}

impl Schedule {
    pub(super) async fn run(&self) {
        loop {
            let now = self.engine.clock.now();
            let later = |wait| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            let wake = match self.look(now).await {
                Ok(wake) => wake.unwrap_or(Timestamp::MAX).min(later(LOOK_AGAIN)),
                Err(error) => {
                    tracing::warn!(%error, "the schedule can't be read; it is tried again");
                    later(TRY_AGAIN)
                }
            };
            tokio::select! {
                () = self.engine.clock.sleep_until(wake) => {}
                () = self.moved.notified() => {}
            }
        }
    }

    /// Does what is due; gives when to look again.
    pub(super) async fn look(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut wake: Option<Timestamp> = None;
        for env in self.engine.store.environments().await? {
            let until = match due(&env, now) {
                Due::Nothing { until } => until,
                Due::Warning { distance, end, until } => {
                    self.warn(&env, distance, end).await?;
                    Some(until)
                }
                Due::End => {
                    self.end(&env, now).await?;
                    None
                }
            };
            wake = [wake, until].into_iter().flatten().min();
        }
        Ok(wake)
    }

    async fn warn(&self, env: &Environment, distance: SignedDuration, end: Timestamp) -> Result<(), StoreError> {
        let (channel, thread) = self.story(env).await?;
        let draft = report::warning(env, end, distance, channel, thread);
        if self.engine.store.post_once(draft).await? {
            self.news.notify_one();
        }
        Ok(())
    }

    /// The thread that tells an environment's story: its creation's.
    async fn story(&self, env: &Environment) -> Result<(ChannelId, Thread), StoreError> {
        let channel = env.home.clone().unwrap_or_else(|| self.fallback.clone());
        let Some(op) = env.opened_by else { return Ok((channel, Thread::None)) };
        let place = self.engine.store.operation(op).await?.map(|record| record.place);
        Ok(match place {
            Some(Place { channel, thread: Some(ts) }) => (channel, Thread::Under(ts)),
            Some(Place { channel, thread: None }) => (channel, Thread::UnderPost(PostKey::card(op))),
            None => (channel, Thread::None),
        })
    }

    /// Proposes the teardown, once; whatever else goes on in the environment ends first.
    async fn end(&self, env: &Environment, now: Timestamp) -> Result<(), StoreError> {
        let Some(end) = env.expiry else { return Ok(()) };
        let mut request = teardown(env, end, &self.fallback, now);
        request.place = match self.story(env).await? {
            (channel, Thread::Under(ts)) => Place { channel, thread: Some(ts) },
            (channel, Thread::UnderPost(key)) => {
                let thread = self.engine.store.post(&key).await?.and_then(|post| post.ts);
                Place { channel, thread }
            }
            (channel, Thread::None) => Place { channel, thread: None },
        };
        let services = env.services.keys().cloned().collect();
        if let Some(held) = self.engine.holdup(&request, &services).await? {
            let (channel, thread) = self.story(env).await?;
            if self.engine.store.post_once(report::end_waits(env, &held, channel, thread)).await? {
                self.news.notify_one();
            }
            return Ok(());
        }
        match self.propose(env, request).await {
            Ok(()) => Ok(()),
            Err(NoPlan::Store(error)) => Err(error),
            Err(error) => {
                tracing::error!(env = %env.key, %error, "an environment is over its time and can't be torn down");
                Ok(())
            }
        }
    }

    async fn propose(&self, env: &Environment, request: Request) -> Result<(), NoPlan> {
        let filter = OpFilter { key: Some(env.key.clone()), open: true, ..OpFilter::default() };
        let open = self.engine.store.operations(&filter).await?;
        let op = match self.on_its_way(&open).await? {
            Some(op) => op,
            None => match self.engine.propose(request).await? {
                (Proposed::New(op) | Proposed::Already(op), _) => op,
            },
        };
        // Those that came later wait for the teardown, and then bring the name to a new life; unless they were admitted
        // before it was, and it waits for them.
        let in_its_way = |other: &OpRecord| other.id < op || matches!(other.state, State::Running | State::Parked);
        let others = open.into_iter().filter(|other| other.id != op);
        for other in others.filter(in_its_way) {
            let signal = Entry::Signalled {
                signal: Signal::Cancel,
                by: Actor::Schedule,
                because: Some("the environment's time is up".to_owned()),
            };
            let delivery = DeliveryId::new(format!("expiry-ends:{}", other.id));
            match handle::write(&self.engine, other.id, &delivery, |_, _| Ok::<_, Infallible>(signal.clone())).await? {
                Written::Done(_) => self.workers.ring(other.id),
                Written::TooLate(_) => {}
            }
        }
        self.workers.ring(op);
        Ok(())
    }

    /// The schedule's own teardown, if one isn't over.
    async fn on_its_way(&self, open: &[OpRecord]) -> Result<Option<OpId>, StoreError> {
        for record in open {
            let first = self.engine.store.history(record.id, 0).await?.into_iter().next();
            if let Some(Entry::Proposed { request, .. }) = first.map(|stamped| stamped.entry)
                && request.by == Actor::Schedule
            {
                return Ok(Some(record.id));
            }
        }
        Ok(None)
    }
}
