//! The journal's home, as the domain needs it. Every write is one transaction; a write that is refused left nothing.

mod error;
mod inbox;
mod operations;
mod outbox;
mod records;
mod retention;

pub use error::StoreError;
pub use inbox::{Accepted, Delivery};
pub use operations::{
    Admission, Claim, Commit, Effect, Lease, NewOperation, OpFilter, OpRecord, Proposed, RecordChange, RowChange,
    Writer,
};
pub use outbox::{Post, PostDraft, PostKey, Report, Thread, Told, Undelivered};
pub use records::{LockChanged, LogFilter, Revision};
pub use retention::{Anchor, Horizon, Keeping, Pruned, Retention};

use crate::audit::{Event, Line};
use crate::environment::{Environment, Release};
use crate::expiry::Warned;
use crate::journal::Stamped;
use crate::lock::{Lock, LockChange, LockEvent};
use crate::names::{ChannelId, DeliveryId, Digest, EnvKey, Holder, MessageTs, OpId, ProjectName};
use crate::resource::Actual;
use crate::schedule::{Schedule, ScheduleId};
use async_trait::async_trait;
use jiff::Timestamp;

type Result<T> = std::result::Result<T, StoreError>;

/// The journal's home.
#[async_trait]
pub trait Store: Retention {
    /// Stores a delivery; durable when it returns.
    async fn accept(&self, delivery: Delivery) -> Result<Accepted>;
    /// Deliveries that nobody has handled, oldest first.
    async fn unhandled(&self, limit: usize) -> Result<Vec<Delivery>>;
    /// Marks a delivery as handled, once, with what answers it.
    async fn handled(&self, id: &DeliveryId, told: Told) -> Result<()>;

    /// Makes an operation of a proposal, once per delivery.
    async fn propose(&self, new: NewOperation) -> Result<Proposed>;
    /// One operation.
    async fn operation(&self, id: OpId) -> Result<Option<OpRecord>>;
    /// The operation that a delivery made.
    async fn operation_of(&self, delivery: &DeliveryId) -> Result<Option<OpId>>;
    /// What a delivery did to operations, if it did: whoever handles it again, since it was never marked as handled, can tell.
    async fn effect_of(&self, delivery: &DeliveryId) -> Result<Option<Effect>>;
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
    /// Keeps a revision of a project file, once; and what the record says of it, each time.
    async fn keep_revision(&self, revision: Revision, event: Option<Event>) -> Result<()>;
    /// A revision of a project file.
    async fn revision(&self, project: &ProjectName, digest: &Digest) -> Result<Option<Revision>>;

    /// The locks that are stored, by environment and service; whoever reads them looks at the time.
    async fn locks(&self) -> Result<Vec<Lock>>;
    /// Changes a lock where it is what the change was computed from, once per delivery, and keeps what happened.
    async fn change_lock(&self, change: LockChange) -> Result<LockChanged>;
    /// What happened to an environment's locks, or to all; newest first, at most so many.
    async fn lock_events(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<LockEvent>>;

    /// Notes what a delivery is about to have done that no journal tells, once per delivery; it goes into the audit log, too.
    /// Tells whether it is news: if not, it may have been done already.
    async fn intend(&self, delivery: &DeliveryId, key: &EnvKey, event: Event) -> Result<bool>;
    /// What was [intended](Self::intend) in an environment, or in all; newest first, at most so many.
    async fn intents(&self, key: Option<&EnvKey>, limit: usize) -> Result<Vec<Event>>;

    /// Makes a schedule, once per delivery, and gives it with the number that it got. The record says that its owner did.
    async fn add_schedule(&self, new: Schedule, delivery: &DeliveryId) -> Result<Schedule>;
    /// One schedule.
    async fn schedule(&self, id: ScheduleId) -> Result<Option<Schedule>>;
    /// The schedules that [stand](Schedule::stands), by number.
    async fn schedules(&self) -> Result<Vec<Schedule>>;
    /// Stores a changed schedule under the next version, with what tells of it. Tells whether it did: not where the stored
    /// one isn't of the version any more that this was read with.
    async fn change_schedule(&self, changed: Schedule, told: Told) -> Result<bool>;

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
    /// themselves ([`Event::of_commit`]); what comes with another write goes with that.
    async fn audit(&self, event: Event) -> Result<()>;
    /// Lines of the audit log, in order.
    async fn audited(&self, filter: &LogFilter) -> Result<Vec<Line>>;
}
