//! The journal's home, as the domain needs it. Every write is one transaction; a write that is refused left nothing.

use crate::address::{Addr, Generation};
use crate::audit::{Event, Line};
use crate::change::Place;
use crate::environment::{Environment, Release};
use crate::expiry::Warned;
use crate::journal::{Entry, Stamped, State};
use crate::lock::{Lock, LockChange, LockEvent};
use crate::names::{
    ChannelId, Component, DeliveryId, Digest, EnvKey, Holder, MessageTs, OpId, ProjectName, ServiceName, UserId,
};
use crate::resource::{Actual, Row};
use crate::schedule::{Schedule, ScheduleId};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Something that the chat workspace delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The workspace's own id: what makes repeats one.
    pub id: DeliveryId,
    /// What it is, for whoever handles it (`command`, `mention`, `click`).
    pub kind: String,
    /// The content as JSON, in our own form.
    pub body: String,
    /// When it came.
    pub at: Timestamp,
}

/// Whether a delivery is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is.
    New,
    /// It was stored before.
    Duplicate,
}

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

/// A revision of a project file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Of which project.
    pub project: ProjectName,
    /// The digest of its text.
    pub digest: Digest,
    /// Its text.
    pub text: String,
    /// When it was read first.
    pub at: Timestamp,
}

/// What makes a post one: the same key is the same message for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PostKey(pub String);

impl PostKey {
    /// The key of the card that opens an operation's thread: how a thread leads back to its operation.
    #[must_use]
    pub fn card(op: OpId) -> Self {
        Self(format!("{op}/card"))
    }

    /// The operation whose card this is.
    #[must_use]
    pub fn card_of(&self) -> Option<OpId> {
        let op = self.0.strip_suffix("/card")?.parse().ok()?;
        (Self::card(op) == *self).then_some(op)
    }

    /// The key of a message's copy elsewhere. A copy follows its original: with another body of that, it has that body.
    #[must_use]
    pub fn copy(&self, channel: &ChannelId) -> Self {
        Self(format!("{}@{channel}", self.0))
    }

    /// The key of the message that this is a copy of.
    #[must_use]
    pub fn original(&self) -> Option<Self> {
        self.0.split_once('@').map(|(original, _)| Self(original.to_owned()))
    }
}

/// Where a post goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thread {
    /// Top level.
    None,
    /// Under a message.
    Under(MessageTs),
    /// Under another post, once it has been sent.
    UnderPost(PostKey),
}

/// A message as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostDraft {
    /// What makes it one. Given again with another body, the message is edited, and its [copies](PostKey::copy) are.
    pub key: PostKey,
    /// In which channel.
    pub channel: ChannelId,
    /// In which thread.
    pub thread: Thread,
    /// Only for this person (such a message can't be edited).
    pub only_for: Option<UserId>,
    /// The message as JSON, in the bot's own form.
    pub body: String,
}

/// A message on its way, or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// How it should be.
    pub draft: PostDraft,
    /// Counts its bodies, from 1.
    pub version: u64,
    /// The body that was sent last; 0 for none.
    pub sent: u64,
    /// Whether a try to send it for the first time was begun: then it may be there although no reply came.
    pub tried: bool,
    /// Where it is, once it was sent.
    pub ts: Option<MessageTs>,
}

/// Why a body of a message isn't sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// It can't be; another body of the message is tried again.
    Never(String),
    /// Its channel can't be written: it waits until that [opens](Store::reopen).
    Closed(String),
}

/// A report on an operation: messages and the marker, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// On which operation.
    pub op: OpId,
    /// Up to which entry.
    pub upto: u64,
    /// The messages.
    pub posts: Vec<PostDraft>,
}

/// What came of a change of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockChanged {
    /// It was made.
    Done,
    /// The same delivery made it before.
    Repeated,
    /// Something else is held there by now: read it and decide anew.
    Moved,
}

/// Which lines of the audit log are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// After this number.
    pub after: u64,
    /// Of this operation.
    pub op: Option<OpId>,
    /// At most so many; 0 means all.
    pub limit: usize,
}

/// Why the store refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds the lease now: stop.
    #[error("{0} belongs to another worker now")]
    Fenced(OpId),
    /// There are newer entries: read them and decide anew.
    #[error("{op} has moved on to entry {seq}")]
    Moved {
        /// Which operation.
        op: OpId,
        /// Its newest entry.
        seq: u64,
    },
    /// The environment's record moved on: read it and decide anew.
    #[error("the record of {0} has moved on")]
    RecordMoved(EnvKey),
    /// The delivery had its effect before.
    #[error("the delivery {0} has had its effect already")]
    Repeated(DeliveryId),
    /// No such operation.
    #[error("there is no {0}")]
    NoSuchOperation(OpId),
    /// Something stored can't be read.
    #[error("{what} can't be read: {why}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
    /// It may work the next time.
    #[error("the store doesn't answer: {0}")]
    Unavailable(String),
}

type Result<T> = std::result::Result<T, StoreError>;

/// The journal's home.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores a delivery; durable when it returns.
    async fn accept(&self, delivery: Delivery) -> Result<Accepted>;
    /// Deliveries that nobody has handled, oldest first.
    async fn unhandled(&self, limit: usize) -> Result<Vec<Delivery>>;
    /// Marks a delivery as handled, with the messages that answer it.
    async fn handled(&self, id: &DeliveryId, answers: Vec<PostDraft>) -> Result<()>;

    /// Makes an operation of a proposal, once per delivery.
    async fn propose(&self, new: NewOperation) -> Result<Proposed>;
    /// One operation.
    async fn operation(&self, id: OpId) -> Result<Option<OpRecord>>;
    /// The operation that a delivery made.
    async fn operation_of(&self, delivery: &DeliveryId) -> Result<Option<OpId>>;
    /// Operations, newest first.
    async fn operations(&self, filter: &OpFilter) -> Result<Vec<OpRecord>>;
    /// The operation whose card ([`PostKey::card`]) opened, or whose request was made in, a thread; the newest.
    async fn operation_in_thread(&self, channel: &ChannelId, thread: &MessageTs) -> Result<Option<OpId>>;
    /// An operation's entries after a number, in order.
    async fn history(&self, id: OpId, after: u64) -> Result<Vec<Stamped>>;
    /// Adds to a journal; gives the number of its newest entry.
    async fn append(&self, commit: Commit) -> Result<u64>;

    /// Takes the lease of an operation if nobody holds it at `now`; it ends at `until` unless renewed.
    async fn lease(&self, op: OpId, holder: &Holder, now: Timestamp, until: Timestamp) -> Result<Option<Lease>>;
    /// Makes a lease last longer.
    async fn renew(&self, lease: &Lease, until: Timestamp) -> Result<()>;
    /// Gives a lease back.
    async fn release(&self, lease: &Lease) -> Result<()>;

    /// Claims components for an operation, in the order of asking. Asked again, it answers for the same place in the
    /// queue; with another claim, it takes that one's place at the same position.
    async fn claim(&self, lease: &Lease, claim: &Claim) -> Result<Admission>;
    /// Gives a claim (or a place in the queue) back.
    async fn unclaim(&self, lease: &Lease) -> Result<()>;

    /// An environment's record, living or gone.
    async fn environment(&self, key: &EnvKey) -> Result<Option<Environment>>;
    /// All records, by name.
    async fn environments(&self) -> Result<Vec<Environment>>;
    /// The resources of an environment, over its incarnations.
    async fn rows(&self, key: &EnvKey) -> Result<Actual>;
    /// The releases of an environment's services, by service and number.
    async fn releases(&self, key: &EnvKey) -> Result<Vec<Release>>;
    /// Keeps a revision of a project file, once.
    async fn keep_revision(&self, revision: Revision) -> Result<()>;
    /// A revision of a project file.
    async fn revision(&self, project: &ProjectName, digest: &Digest) -> Result<Option<Revision>>;

    /// The locks that are stored, by environment and service; whoever reads them looks at the time.
    async fn locks(&self) -> Result<Vec<Lock>>;
    /// Changes a lock where it is what the change was computed from, once per delivery, and keeps what happened.
    async fn change_lock(&self, change: LockChange) -> Result<LockChanged>;
    /// What happened to an environment's locks, or to all; newest first, at most so many.
    async fn lock_events(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<LockEvent>>;

    /// Makes a schedule, once per delivery, and gives it with the number that it got.
    async fn add_schedule(&self, new: Schedule, delivery: &DeliveryId) -> Result<Schedule>;
    /// One schedule.
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>>;
    /// The schedules that [stand](Schedule::stands), by number.
    async fn schedules(&self) -> Result<Vec<Schedule>>;
    /// Stores a changed schedule under the next version, with messages that tell of it. Tells whether it did: not where the
    /// stored one isn't of the version any more that this was read with.
    async fn change_schedule(&self, changed: Schedule, posts: Vec<PostDraft>) -> Result<bool>;

    /// The warnings that stand, by environment.
    async fn warned(&self) -> Result<Vec<Warned>>;
    /// Puts a warning in the place of the one that stands for an environment, or takes that away, with the messages that
    /// tell of it; edited where there are some with their keys.
    async fn warn(&self, key: &EnvKey, standing: Option<Warned>, posts: Vec<PostDraft>) -> Result<()>;

    /// Operations with entries that weren't reported, oldest first.
    async fn unreported(&self) -> Result<Vec<OpRecord>>;
    /// Stores what is to be said about an operation, and up to where.
    async fn report(&self, report: Report) -> Result<()>;
    /// Stores a message unless there is one with its key; for messages that follow from no journal.
    /// Tells whether it was new.
    async fn post_once(&self, draft: PostDraft) -> Result<bool>;
    /// Messages whose newest body wasn't sent, in the order they were stored.
    async fn unsent(&self, limit: usize) -> Result<Vec<Post>>;
    /// Notes that a message is about to be sent for the first time.
    async fn sending(&self, key: &PostKey) -> Result<()>;
    /// Notes that a body was sent, and where the message is.
    async fn sent(&self, key: &PostKey, version: u64, ts: Option<&MessageTs>) -> Result<()>;
    /// Sets a body of a message aside, and stores messages that tell of it elsewhere, unless there are ones with their
    /// keys. A newer body isn't concerned.
    async fn undeliverable(
        &self,
        key: &PostKey,
        version: u64,
        why: Undelivered,
        elsewhere: Vec<PostDraft>,
    ) -> Result<()>;
    /// Makes messages that wait for their channel unsent again: of this channel, or of all. Tells how many.
    async fn reopen(&self, channel: Option<&ChannelId>) -> Result<u64>;
    /// One message.
    async fn post(&self, key: &PostKey) -> Result<Option<Post>>;

    /// Adds to the audit log what comes with no other write. What a journal says is added by `propose` and `append`
    /// themselves ([`Event::of_commit`]), in the same transaction.
    async fn audit(&self, event: Event) -> Result<()>;
    /// Lines of the audit log, in order.
    async fn audited(&self, filter: &LogFilter) -> Result<Vec<Line>>;
}
