//! The port, method by method: which part of the store does it, and whether it reads or writes.

use crate::error::{OpenError, in_words};
use crate::tables::{
    audit, claims, deliveries, intents, journal, leases, locks, operations, posts, records, retention, times,
};
use crate::{open, writer::Writer};
use async_trait::async_trait;
use futures::FutureExt as _;
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
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use std::path::Path;

/// The store in one SQLite file. Dropped without [`close`](Self::close) it loses nothing, it only leaves its log behind.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens a database file, makes it (for this user only) if it isn't there, and brings its schema up to date.
    ///
    /// A second process may have it open: leases decide between them. Needs a tokio runtime, on which it writes.
    ///
    /// # Errors
    /// [`OpenError`] says what to do: no such folder, not ours, written by a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_tuned(path.as_ref(), |options| options).await
    }

    /// The same with a word on how the writing connection is set up.
    pub(crate) async fn open_tuned(
        path: &Path,
        tune: impl FnOnce(SqliteConnectOptions) -> SqliteConnectOptions,
    ) -> Result<Self, OpenError> {
        let (writer, readers) = open::open(path, tune).await?;
        Ok(Self { writer, readers })
    }

    /// Finishes what was handed in, writes the log back into the file and closes it. Whoever writes afterwards is told
    /// that the store is closed.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    #[cfg(test)]
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// How many transactions there were since it was opened. Fewer than the writes: those that wait together share one.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }
}

/// Runs a function of a connection that reads.
macro_rules! read {
    ($self:ident, $call:path $(, $arg:expr)*) => {{
        let mut conn = $self.readers.acquire().await.map_err(|error| in_words(&error))?;
        $call(&mut conn $(, $arg)*).await.map_err(StoreError::from)
    }};
}

/// Runs a function of a transaction in the writing task; what it needs moves there.
macro_rules! submit {
    ($self:ident, $call:path $(, $arg:expr)*) => {
        $self.writer.write(move |tx| async move { $call(tx $(, $arg)*).await }.boxed()).await
    };
}

type Result<T, E = StoreError> = std::result::Result<T, E>;

#[async_trait]
impl Retention for SqliteStore {
    async fn prune(&self, horizon: &Horizon, most: usize) -> Result<Pruned> {
        let horizon = *horizon;
        submit!(self, retention::prune, &horizon, most)
    }

    async fn anchor(&self) -> Result<Option<Anchor>> {
        read!(self, retention::anchor)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, delivery: Delivery) -> Result<Accepted> {
        self.writer.accept(delivery).await
    }

    async fn unhandled(&self, limit: usize) -> Result<Vec<Delivery>> {
        read!(self, deliveries::unhandled, limit)
    }

    async fn handled(&self, id: &DeliveryId, told: Told) -> Result<()> {
        let id = id.clone();
        submit!(self, deliveries::handled, &id, &told)
    }

    async fn propose(&self, new: NewOperation) -> Result<Proposed> {
        submit!(self, operations::propose, &new)
    }

    async fn operation(&self, id: OpId) -> Result<Option<OpRecord>> {
        read!(self, operations::get, id)
    }

    async fn operation_of(&self, delivery: &DeliveryId) -> Result<Option<OpId>> {
        read!(self, operations::of, delivery)
    }

    async fn effect_of(&self, delivery: &DeliveryId) -> Result<Option<Effect>> {
        read!(self, operations::effect, delivery)
    }

    async fn operations(&self, filter: &OpFilter) -> Result<Vec<OpRecord>> {
        read!(self, operations::list, filter)
    }

    async fn operation_in_thread(&self, channel: &ChannelId, thread: &MessageTs) -> Result<Option<OpId>> {
        read!(self, operations::in_thread, channel, thread)
    }

    async fn history(&self, id: OpId, after: u64) -> Result<Vec<Stamped>> {
        read!(self, journal::history, id, after)
    }

    async fn append(&self, commit: Commit) -> Result<u64> {
        submit!(self, journal::append, &commit)
    }

    async fn lease(&self, op: OpId, holder: &Holder, now: Timestamp, until: Timestamp) -> Result<Option<Lease>> {
        let holder = holder.clone();
        submit!(self, leases::take, op, &holder, now, until)
    }

    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<()> {
        let lease = lease.clone();
        submit!(self, leases::renew, &lease, until)
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        let lease = lease.clone();
        submit!(self, leases::release, &lease)
    }

    async fn claim(&self, lease: &Lease, claim: &Claim) -> Result<Admission> {
        let (lease, claim) = (lease.clone(), claim.clone());
        submit!(self, claims::claim, &lease, &claim)
    }

    async fn unclaim(&self, lease: &Lease) -> Result<()> {
        let lease = lease.clone();
        submit!(self, claims::unclaim, &lease)
    }

    async fn environment(&self, key: &EnvKey) -> Result<Option<Environment>> {
        read!(self, records::environment, key)
    }

    async fn environments(&self) -> Result<Vec<Environment>> {
        read!(self, records::environments)
    }

    async fn rows(&self, key: &EnvKey) -> Result<Actual> {
        read!(self, records::rows, key)
    }

    async fn releases(&self, key: &EnvKey) -> Result<Vec<Release>> {
        read!(self, records::releases, key)
    }

    async fn keep_revision(&self, revision: Revision, event: Option<Event>) -> Result<()> {
        submit!(self, records::keep_revision, &revision, event.as_ref())
    }

    async fn revision(&self, project: &ProjectName, digest: &Digest) -> Result<Option<Revision>> {
        read!(self, records::revision, project, digest)
    }

    async fn locks(&self) -> Result<Vec<Lock>> {
        read!(self, locks::all)
    }

    async fn change_lock(&self, change: LockChange) -> Result<LockChanged> {
        submit!(self, locks::change, &change)
    }

    async fn lock_events(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<LockEvent>> {
        read!(self, locks::events, key, limit)
    }

    async fn intend(&self, delivery: &DeliveryId, key: &EnvKey, event: Event) -> Result<bool> {
        let (delivery, key) = (delivery.clone(), key.clone());
        submit!(self, intents::add, &delivery, &key, &event)
    }

    async fn intents(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<Event>> {
        read!(self, intents::list, key, limit)
    }

    async fn add_schedule(&self, new: Schedule, delivery: &DeliveryId) -> Result<Schedule> {
        let delivery = delivery.clone();
        submit!(self, times::add, &new, &delivery)
    }

    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>> {
        read!(self, times::get, id)
    }

    async fn schedules(&self) -> Result<Vec<Schedule>> {
        read!(self, times::standing)
    }

    async fn change_schedule(&self, changed: Schedule, told: Told) -> Result<bool> {
        submit!(self, times::change, &changed, &told)
    }

    async fn warned(&self) -> Result<Vec<Warned>> {
        read!(self, times::warned)
    }

    async fn warn(&self, key: &EnvKey, standing: Option<Warned>, posts: Vec<PostDraft>) -> Result<()> {
        let key = key.clone();
        submit!(self, times::warn, &key, standing.as_ref(), &posts)
    }

    async fn unreported(&self) -> Result<Vec<OpRecord>> {
        read!(self, operations::unreported)
    }

    async fn report(&self, report: Report) -> Result<()> {
        submit!(self, posts::report, &report)
    }

    async fn post_once(&self, draft: PostDraft) -> Result<bool> {
        submit!(self, posts::once, &draft)
    }

    async fn unsent(&self, limit: usize) -> Result<Vec<Post>> {
        read!(self, posts::unsent, limit)
    }

    async fn sending(&self, key: &PostKey) -> Result<()> {
        let key = key.clone();
        submit!(self, posts::sending, &key)
    }

    async fn sent(&self, key: &PostKey, version: u64, ts: Option<&MessageTs>) -> Result<()> {
        let (key, ts) = (key.clone(), ts.cloned());
        submit!(self, posts::sent, &key, version, ts.as_ref())
    }

    async fn undeliverable(
        &self,
        key: &PostKey,
        version: u64,
        why: Undelivered,
        elsewhere: Vec<PostDraft>,
    ) -> Result<()> {
        let key = key.clone();
        submit!(self, posts::undeliverable, (&key, version), &why, &elsewhere)
    }

    async fn reopen(&self, channel: Option<&ChannelId>) -> Result<u64> {
        let channel = channel.cloned();
        submit!(self, posts::reopen, channel.as_ref())
    }

    async fn post(&self, key: &PostKey) -> Result<Option<Post>> {
        read!(self, posts::get, key)
    }

    async fn audit(&self, event: Event) -> Result<()> {
        submit!(self, audit::add, &event)
    }

    async fn audited(&self, filter: &LogFilter) -> Result<Vec<Line>> {
        read!(self, audit::list, filter)
    }
}
