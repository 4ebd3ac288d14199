//! Everything a store holds. The other files of this folder change it; each change checks first and writes then, so
//! that a refused one leaves nothing.

use gantry_engine::address::{Addr, Generation};
use gantry_engine::audit::{Event, Line};
use gantry_engine::environment::{Environment, Release, ReleaseNo};
use gantry_engine::expiry::Warned;
use gantry_engine::journal::Stamped;
use gantry_engine::lock::{Lock, LockEvent, Target};
use gantry_engine::names::{DeliveryId, Digest, EnvKey, Holder, OpId, ProjectName, ServiceName};
use gantry_engine::ports::{Anchor, Claim, Delivery, OpRecord, Post, PostKey, Revision, StoreError, Undelivered};
use gantry_engine::resource::Row;
use gantry_engine::schedule::Schedule;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Result<T> = std::result::Result<T, StoreError>;

/// Everything a store holds.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    /// Oldest first, with whether somebody handled it.
    pub(super) deliveries: Vec<(Delivery, bool)>,
    pub(super) operations: BTreeMap<OpId, Stored>,
    /// Those whose journals can't be read.
    pub(super) damaged: BTreeSet<OpId>,
    /// Deliveries that wrote to a journal.
    pub(super) effects: BTreeMap<DeliveryId, OpId>,
    /// Claims in the order of asking.
    pub(super) claims: Vec<Asked>,
    pub(super) environments: BTreeMap<EnvKey, Environment>,
    pub(super) rows: BTreeMap<(EnvKey, Addr, Generation), Row>,
    pub(super) releases: BTreeMap<(EnvKey, ServiceName, ReleaseNo), Release>,
    pub(super) revisions: BTreeMap<(ProjectName, Digest), Revision>,
    pub(super) locks: BTreeMap<Target, Lock>,
    /// What happened to them, oldest first.
    pub(super) lock_events: Vec<LockEvent>,
    /// What deliveries were about to have done, oldest first.
    pub(super) intents: Vec<(DeliveryId, EnvKey, Event)>,
    /// In the order of their numbers, with the deliveries that made them.
    pub(super) schedules: Vec<(DeliveryId, Schedule)>,
    /// The warnings that stand.
    pub(super) warned: BTreeMap<EnvKey, Warned>,
    /// Messages in the order they were stored.
    pub(super) posts: Vec<Message>,
    /// The audit log, with the operation that a line is of.
    pub(super) audit: Vec<(Option<OpId>, Line)>,
    /// What is left of the lines that were pruned.
    pub(super) anchor: Option<Anchor>,
}

/// An operation as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) record: OpRecord,
    pub(super) delivery: DeliveryId,
    pub(super) journal: Vec<Stamped>,
    /// Who holds the lease, until when.
    pub(super) held: Option<(Holder, Timestamp)>,
    /// Counts the holders.
    pub(super) epoch: u64,
}

/// A claim with its place in the queue.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) op: OpId,
    pub(super) claim: Claim,
    pub(super) granted: bool,
}

/// A message as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) post: Post,
    /// Why its newest body isn't tried.
    pub(super) aside: Option<Undelivered>,
    /// When it was first seen to be sent.
    pub(super) done: Option<Timestamp>,
}

impl State {
    pub(super) fn stored(&self, op: OpId) -> Result<&Stored> {
        self.operations.get(&op).ok_or(StoreError::NoSuchOperation(op))
    }

    pub(super) fn stored_mut(&mut self, op: OpId) -> Result<&mut Stored> {
        self.operations.get_mut(&op).ok_or(StoreError::NoSuchOperation(op))
    }

    pub(super) fn message_mut(&mut self, key: &PostKey) -> Option<&mut Message> {
        self.posts.iter_mut().find(|message| &message.post.draft.key == key)
    }
}
