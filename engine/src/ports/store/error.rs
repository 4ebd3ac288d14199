//! Why the store refuses.

use crate::names::{DeliveryId, EnvKey, OpId};

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

impl StoreError {
    /// Whether it is about one thing that is stored, and would be the same the next time: whoever looks through several goes on
    /// with the others.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        matches!(self, Self::Unreadable { .. } | Self::NoSuchOperation(_))
    }
}
