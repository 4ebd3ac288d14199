//! The handle that one process has on the store, and what can go wrong between the two.

use super::state::{Result, State};
use crate::life::{Edge, Life};
use async_trait::async_trait;
use gantry_engine::audit::{Event, Line};
use gantry_engine::environment::{Environment, Release};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::Stamped;
use gantry_engine::lock::{Lock, LockChange, LockEvent};
use gantry_engine::names::{ChannelId, DeliveryId, Digest, EnvKey, Holder, MessageTs, OpId, ProjectName};
use gantry_engine::ports::{
    Accepted, Admission, Anchor, Claim, Commit, Delivery, Effect, Horizon, Lease, LockChanged, LogFilter, NewOperation,
    OpFilter, OpRecord, Post, PostDraft, PostKey, Proposed, Pruned, Report, Retention, Revision, Store, StoreError,
    Told, Undelivered,
};
use gantry_engine::resource::Actual;
use gantry_engine::schedule::{Schedule, ScheduleId};
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which writes are refused, by their number from 0, and whether before or after they had their effect.
type Refusals = dyn Fn(u64) -> Option<Edge> + Send + Sync;

/// A store in memory. What it holds outlives every handle's process.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    life: Life,
    refusals: Arc<Refusals>,
    writes: Arc<AtomicU64>,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore").field("writes", &self.writes()).finish_non_exhaustive()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::default(), life: Life::forever(), refusals: Arc::new(|_| None), writes: Arc::default() }
    }

    /// The same store, as a process of this life sees it.
    #[must_use]
    pub fn seen_by(&self, life: &Life) -> Self {
        Self { life: life.clone(), ..self.clone() }
    }

    /// The same store, with a line that breaks at writes of one's choice: those are answered with `Unavailable`.
    #[must_use]
    pub fn refusing(&self, refusals: impl Fn(u64) -> Option<Edge> + Send + Sync + 'static) -> Self {
        Self { refusals: Arc::new(refusals), writes: Arc::default(), ..self.clone() }
    }

    /// How many writes were asked for through this handle and its clones.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// From now on an operation's journal can't be read.
    pub fn damage(&self, op: OpId) {
        self.lock().damaged.insert(op);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn look<T>(&self, look: impl FnOnce(&State) -> T + Send) -> T {
        self.life.alive().await;
        look(&self.lock())
    }

    async fn write<T>(&self, change: impl FnOnce(&mut State) -> Result<T> + Send) -> Result<T> {
        let refused = (self.refusals)(self.writes.fetch_add(1, Ordering::SeqCst));
        self.life.point().await;
        if refused == Some(Edge::Before) {
            return Err(StoreError::Unavailable("the line broke before the write".to_owned()));
        }
        let answer = change(&mut self.lock());
        self.life.point().await;
        if refused == Some(Edge::After) {
            return Err(StoreError::Unavailable("the line broke after the write".to_owned()));
        }
        answer
    }
}

#[async_trait]
impl Retention for MemoryStore {
    async fn prune(&self, horizon: &Horizon, most: usize) -> Result<Pruned> {
        self.write(|state| Ok(state.prune(horizon, most))).await
    }

    async fn anchor(&self) -> Result<Option<Anchor>> {
        Ok(self.look(|state| state.anchor.clone()).await)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn accept(&self, delivery: Delivery) -> Result<Accepted> {
        self.write(|state| Ok(state.accept(delivery))).await
    }

    async fn unhandled(&self, limit: usize) -> Result<Vec<Delivery>> {
        Ok(self.look(|state| state.unhandled(limit)).await)
    }

    async fn handled(&self, id: &DeliveryId, told: Told) -> Result<()> {
        self.write(|state| state.handled(id, told)).await
    }

    async fn propose(&self, new: NewOperation) -> Result<Proposed> {
        self.write(|state| Ok(state.propose(new))).await
    }

    async fn operation(&self, id: OpId) -> Result<Option<OpRecord>> {
        Ok(self.look(|state| state.operations.get(&id).map(|stored| stored.record.clone())).await)
    }

    async fn operation_of(&self, delivery: &DeliveryId) -> Result<Option<OpId>> {
        let made = |state: &State| {
            let found = state.operations.iter().find(|(_, stored)| &stored.delivery == delivery);
            found.map(|(id, _)| *id)
        };
        Ok(self.look(made).await)
    }

    async fn effect_of(&self, delivery: &DeliveryId) -> Result<Option<Effect>> {
        let made = self.operation_of(delivery).await?.map(Effect::Made);
        Ok(self.look(|state| made.or_else(|| state.effects.get(delivery).copied().map(Effect::Wrote))).await)
    }

    async fn operations(&self, filter: &OpFilter) -> Result<Vec<OpRecord>> {
        Ok(self.look(|state| state.list(filter)).await)
    }

    async fn operation_in_thread(&self, channel: &ChannelId, thread: &MessageTs) -> Result<Option<OpId>> {
        Ok(self.look(|state| state.in_thread(channel, thread)).await)
    }

    async fn history(&self, id: OpId, after: u64) -> Result<Vec<Stamped>> {
        self.look(|state| state.history(id, after)).await
    }

    async fn append(&self, commit: Commit) -> Result<u64> {
        self.write(|state| state.append(commit)).await
    }

    async fn lease(&self, op: OpId, holder: &Holder, now: Timestamp, until: Timestamp) -> Result<Option<Lease>> {
        self.write(|state| state.lease(op, holder, now, until)).await
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<()> {
        self.write(|state| state.renew(lease, until)).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.write(|state| state.release(lease)).await
    }

    async fn claim(&self, lease: &Lease, claim: &Claim) -> Result<Admission> {
        self.write(|state| state.claim(lease, claim)).await
    }

    async fn unclaim(&self, lease: &Lease) -> Result<()> {
        self.write(|state| state.unclaim(lease)).await
    }

    async fn environment(&self, key: &EnvKey) -> Result<Option<Environment>> {
        Ok(self.look(|state| state.environments.get(key).cloned()).await)
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        Ok(self.look(|state| state.environments.values().cloned().collect()).await)
    }

    async fn rows(&self, key: &EnvKey) -> Result<Actual> {
        let own = |state: &State| {
            let rows = state.rows.iter().filter(|((of, ..), _)| of == key);
            rows.map(|((_, addr, generation), row)| ((addr.clone(), *generation), row.clone())).collect()
        };
        Ok(Actual { rows: self.look(own).await, ..Actual::default() })
    }

    async fn releases(&self, key: &EnvKey) -> Result<Vec<Release>> {
        let own = |state: &State| {
            let all = state.releases.iter().filter(|((of, ..), _)| of == key);
            all.map(|(_, release)| release.clone()).collect()
        };
        Ok(self.look(own).await)
    }

    async fn keep_revision(&self, revision: Revision, event: Option<Event>) -> Result<()> {
        let key = (revision.project.clone(), revision.digest.clone());
        self.write(|state| {
            state.revisions.entry(key).or_insert(revision);
            event.iter().for_each(|event| state.audit(event));
            Ok(())
        })
        .await
    }

    async fn revision(&self, project: &ProjectName, digest: &Digest) -> Result<Option<Revision>> {
        Ok(self.look(|state| state.revisions.get(&(project.clone(), digest.clone())).cloned()).await)
    }

    async fn locks(&self) -> Result<Vec<Lock>> {
        Ok(self.look(|state| state.locks.values().cloned().collect()).await)
    }

    async fn change_lock(&self, change: LockChange) -> Result<LockChanged> {
        self.write(|state| Ok(state.change_lock(change))).await
    }

    async fn lock_events(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<LockEvent>> {
        Ok(self.look(|state| state.lock_events(key, limit)).await)
    }

    async fn intend(&self, delivery: &DeliveryId, key: &EnvKey, event: Event) -> Result<bool> {
        self.write(|state| {
            let news = state.intents.iter().all(|(known, ..)| known != delivery);
            if news {
                state.audit(&event);
                state.intents.push((delivery.clone(), key.clone(), event));
            }
            Ok(news)
        })
        .await
    }

    async fn intents(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<Event>> {
        let own = |state: &State| {
            let all = state.intents.iter().rev().filter(|(_, of, _)| key.is_none_or(|key| of == key));
            all.map(|(.., event)| event.clone()).take(limit).collect()
        };
        Ok(self.look(own).await)
    }

    async fn add_schedule(&self, new: Schedule, delivery: &DeliveryId) -> Result<Schedule> {
        self.write(|state| Ok(state.add_schedule(new, delivery))).await
    }

    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        Ok(self.look(|state| state.schedules.iter().map(|(_, known)| known).find(|s| s.id == id).cloned()).await)
    }

    async fn schedules(&self) -> Result<Vec<Schedule>> {
        let standing = |state: &State| state.schedules.iter().map(|(_, s)| s).filter(|s| s.stands()).cloned().collect();
        Ok(self.look(standing).await)
    }

    async fn change_schedule(&self, changed: Schedule, told: Told) -> Result<bool> {
        self.write(|state| Ok(state.change_schedule(changed, told))).await
    }

    async fn warned(&self) -> Result<Vec<Warned>> {
        Ok(self.look(|state| state.warned.values().cloned().collect()).await)
    }

    async fn warn(&self, key: &EnvKey, standing: Option<Warned>, posts: Vec<PostDraft>) -> Result<()> {
        self.write(|state| {
            state.warn(key, standing, posts);
            Ok(())
        })
        .await
    }

    async fn unreported(&self) -> Result<Vec<OpRecord>> {
        Ok(self.look(State::unreported).await)
    }

    async fn report(&self, report: Report) -> Result<()> {
        self.write(|state| state.report(report)).await
    }

    async fn post_once(&self, draft: PostDraft) -> Result<bool> {
        self.write(|state| Ok(state.post_once(draft))).await
    }

    async fn unsent(&self, limit: usize) -> Result<Vec<Post>> {
        Ok(self.look(|state| state.unsent(limit)).await)
    }

    async fn sending(&self, key: &PostKey) -> Result<()> {
        self.write(|state| {
            state.sending(key);
            Ok(())
        })
        .await
    }

    async fn sent(&self, key: &PostKey, version: u64, ts: Option<&MessageTs>) -> Result<()> {
        self.write(|state| {
            state.sent(key, version, ts);
            Ok(())
        })
        .await
    }

    async fn undeliverable(
        &self,
        key: &PostKey,
        version: u64,
        why: Undelivered,
        elsewhere: Vec<PostDraft>,
    ) -> Result<()> {
        self.write(|state| {
            state.set_aside(key, version, why);
            for draft in elsewhere {
                state.post_once(draft);
            }
            Ok(())
        })
        .await
    }

    async fn reopen(&self, channel: Option<&ChannelId>) -> Result<u64> {
        self.write(|state| Ok(state.reopen(channel))).await
    }

    async fn post(&self, key: &PostKey) -> Result<Option<Post>> {
        Ok(self.look(|state| state.posts.iter().map(|m| &m.post).find(|post| &post.draft.key == key).cloned()).await)
    }

    async fn audit(&self, event: Event) -> Result<()> {
        self.write(|state| {
            state.audit(&event);
            Ok(())
        })
        .await
    }

    async fn audited(&self, filter: &LogFilter) -> Result<Vec<Line>> {
        Ok(self.look(|state| state.audited(filter)).await)
    }
}
