//! Where one step of a running plan stands, and what its tries were like.

use super::entry::{Failure, FailureKind, Serving};
use crate::provider::{Note, Token};
use crate::resource::PhysicalId;
use crate::value::Outputs;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the tries of a step were like so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The last moment at which a try may have had an effect that can't be seen yet: its process died in the middle, its
    /// reply was lost, or it told the id of something that it just made. Tries that were refused had none, so they
    /// don't count.
    pub unsure: Option<Timestamp>,
    /// How many tries failed since the last answer, by what sort of failure: each sort has a patience of its own.
    pub failed: BTreeMap<FailureKind, u32>,
}

impl Past {
    pub(super) fn failing(&self, kind: FailureKind, at: Timestamp) -> Self {
        let mut past = self.clone();
        *past.failed.entry(kind).or_default() += 1;
        if kind == FailureKind::Transient {
            past.unsure = Some(at);
        }
        past
    }

    /// An answer came: calls that were lost before it don't count any more, only the step's time does. One that tells
    /// a new id tells of something that was made just now, which reads may not show yet.
    pub(super) fn answered(&self, made: Option<Timestamp>) -> Self {
        Self { unsure: made.or(self.unsure), failed: BTreeMap::new() }
    }
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Todo,
    /// Its effect may have happened; nobody knows yet.
    Started {
        /// What makes it repeatable.
        token: Token,
        /// Counts the tries.
        attempt: u32,
        /// When the first try began.
        since: Timestamp,
        /// What the tries before were like.
        past: Past,
    },
    /// It goes on by itself.
    Waiting {
        /// What makes it repeatable.
        token: Token,
        /// Counts the tries.
        attempt: u32,
        /// When the first try began.
        since: Timestamp,
        /// The provider's name for the resource, if known.
        id: Option<PhysicalId>,
        /// Outputs known so far.
        outputs: Outputs,
        /// What it waits for.
        note: Note,
        /// What the tries before were like.
        past: Past,
    },
    /// A try failed; there will be another.
    Retrying {
        /// Tries so far.
        attempt: u32,
        /// When the first try began.
        since: Timestamp,
        /// When the next one is due.
        at: Timestamp,
        /// Why the last one failed.
        failure: Failure,
        /// What the tries were like, this one among them.
        past: Past,
    },
    /// People have to decide.
    Stuck {
        /// Tries so far.
        attempt: u32,
        /// When the first try began.
        since: Timestamp,
        /// Why the last one failed.
        failure: Failure,
        /// What the tries were like, this one among them.
        past: Past,
    },
    /// The platform took it back.
    Reverted {
        /// What serves instead.
        serving: Serving,
        /// Why the new tasks died.
        why: String,
    },
    /// Done.
    Done {
        /// When the first try began.
        since: Timestamp,
        /// When it was done.
        at: Timestamp,
        /// What it gives out.
        outputs: Outputs,
    },
}
