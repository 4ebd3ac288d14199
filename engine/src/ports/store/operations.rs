//! Operations, their journals, and who may write to them.

use crate::address::{Addr, Generation};
use crate::change::Place;
use crate::environment::{Environment, Release};
use crate::journal::{Entry, State};
use crate::names::{Component, DeliveryId, EnvKey, Holder, OpId, ServiceName};
use crate::resource::Row;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An operation to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOperation {
    /// The first entry; always [`Entry::Proposed`].
    pub first: Entry,
    /// Of which environment.
    pub key: EnvKey,
    /// Which services it names, for history.
    pub services: BTreeSet<ServiceName>,
    /// The delivery that asked for it.
    pub delivery: DeliveryId,
    /// Where it is talked about.
    pub place: Place,
    /// Its state after the first entry.
    pub state: State,
    /// When.
    pub at: Timestamp,
}

/// The operation that a delivery made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proposed {
    /// Now.
    New(OpId),
    /// Before; this was a repeat.
    Already(OpId),
}

/// An operation as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpRecord {
    /// Its number.
    pub id: OpId,
    /// Of which environment.
    pub key: EnvKey,
    /// Which services it names.
    pub services: BTreeSet<ServiceName>,
    /// Where it was asked for.
    pub place: Place,
    /// Its state after the newest entry.
    pub state: State,
    /// The number of the newest entry.
    pub seq: u64,
    /// The number of the newest entry that was reported.
    pub reported: u64,
    /// When it was proposed.
    pub at: Timestamp,
}

/// Which operations are wanted; newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpFilter {
    /// Of this environment.
    pub key: Option<EnvKey>,
    /// That name this service.
    pub service: Option<ServiceName>,
    /// Only those that aren't closed.
    pub open: bool,
    /// At most so many; 0 means all.
    pub limit: usize,
}

/// The right to write to an operation's journal: refused everywhere once somebody else holds a newer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Of which operation.
    pub op: OpId,
    /// Who.
    pub holder: Holder,
    /// Counts the holders: every write checks it.
    pub epoch: u64,
}

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writer {
    /// The holder of the lease.
    Worker(Lease),
    /// A person, through a delivery: it has its effect once, however often it comes.
    Delivery(DeliveryId),
}

/// One transaction on an operation: entries with everything that follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Which operation.
    pub op: OpId,
    /// Who writes.
    pub writer: Writer,
    /// The newest entry that the writer knows of: refused if there are newer ones.
    pub after: u64,
    /// The entries.
    pub entries: Vec<Entry>,
    /// When.
    pub at: Timestamp,
    /// The operation's state after them. A closed one gives up its claim and its lease.
    pub state: State,
    /// Changes of resource rows.
    pub rows: Vec<RowChange>,
    /// Changes of the environment's record.
    pub record: Option<RecordChange>,
    /// New or changed releases (by service and number).
    pub releases: Vec<Release>,
}

/// One resource row's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChange {
    /// Which address.
    pub addr: Addr,
    /// Which life of it.
    pub generation: Generation,
    /// The row; none removes it.
    pub row: Option<Row>,
}

/// A change of an environment's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// The record that it was computed from, as (incarnation, version); none if there was none. Refused if it moved on.
    pub from: Option<(u32, u64)>,
    /// The record.
    pub to: Environment,
}

/// What an operation wants for itself while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// In which environment.
    pub key: EnvKey,
    /// Which components; none means all of it.
    pub components: Option<BTreeSet<Component>>,
}

impl Claim {
    /// Whether two can't be held at once.
    #[must_use]
    pub fn conflicts(&self, other: &Self) -> bool {
        self.key == other.key
            && match (&self.components, &other.components) {
                (Some(ours), Some(theirs)) => !ours.is_disjoint(theirs),
                _ => true,
            }
    }
}

/// Whether a claim is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is.
    Granted,
    /// Others hold, or asked earlier for, what conflicts with it; the next one first.
    Queued {
        /// Who.
        ahead: Vec<OpId>,
    },
}

/// What a delivery did to operations. None does two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It made one.
    Made(OpId),
    /// It wrote to one's journal.
    Wrote(OpId),
}
