//! What the domain asks of the outside. Each trait has at least two implementations: the real one and one for tests.

mod clock;
mod platform;
mod store;

pub use clock::Clock;
pub use platform::{Drift, Drifted, Driver, Finding, Findings, Platform, Platforms, Survey, Whose};
pub use store::{
    Accepted, Admission, Anchor, Claim, Commit, Delivery, Effect, Horizon, Keeping, Lease, LockChanged, LogFilter,
    NewOperation, OpFilter, OpRecord, Post, PostDraft, PostKey, Proposed, Pruned, RecordChange, Report, Retention,
    Revision, RowChange, Store, StoreError, Thread, Told, Undelivered, Writer,
};
