//! What can happen to an operation. A stored format: entries are read for ever, so fields are only ever added, with a
//! default; golden files hold every version that was ever written.

use super::state::State;
use crate::address::Addr;
use crate::approval::{Terms, Vote};
use crate::change::{Actor, Request};
use crate::environment::{Environment, ReleaseNo};
use crate::lock::Holdup;
use crate::names::{Digest, OpId, ServiceName, Version};
use crate::plan::{Plan, Step, StepId};
use crate::project::Policy;
use crate::provider::{Note, Token};
use crate::receipt::Receipt;
use crate::resource::{PhysicalId, Row};
use crate::value::Outputs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An entry with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// Its number within the operation, from 1.
    pub seq: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    pub entry: Entry,
}

/// One thing that happened to an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// It was asked for, and this is the plan. Always the first, only the first.
    Proposed {
        /// What was asked.
        request: Box<Request>,
        /// What would be done.
        plan: Box<Plan>,
        /// Whose word a change of its environment needs.
        policy: Policy,
        /// When it is void without a decision.
        deadline: Option<Timestamp>,
        /// Whose word this plan needs; none from before rules could ask for more: then the policy is all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms: Option<Terms>,
    },
    /// Somebody said yes or no.
    Voted(Vote),
    /// Others are ahead of it.
    Queued {
        /// Who, the next one first.
        ahead: Vec<OpId>,
    },
    /// A lock or a freeze holds it back.
    Held {
        /// Which.
        by: Holdup,
    },
    /// The world had moved on, so this is the plan now. Votes on the old one are void.
    Replanned {
        /// What would be done now.
        plan: Box<Plan>,
        /// What moved on.
        changed: Vec<WhatChanged>,
        /// Whose word it needs now, and until when; none from before that was kept: then what it needed before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Asked>,
    },
    /// Approved, alone on what it touches, and about to run.
    Admitted {
        /// The digest of the plan that runs.
        digest: Digest,
        /// The environment's record before anything of it was done: what an undo goes back to. None where there was no
        /// record, and in journals from before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<Environment>>,
    },
    /// A step is about to have its effect: written before it.
    Started {
        /// Which.
        step: StepId,
        /// What makes the effect repeatable.
        token: Token,
        /// Counts the tries, from 1.
        attempt: u32,
        /// Whether an earlier operation may have had this effect, and nobody knows.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsure: bool,
        /// What stood there before the step's first try: what an undo goes back to. None where nothing did, and in
        /// journals from before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Box<Row>>,
    },
    /// A process goes on with what another one left in the middle: calls that were on their way may have had their effect.
    Resumed {
        /// The steps that were on their way.
        steps: Vec<StepId>,
    },
    /// A step goes on by itself; written when something became known.
    Waiting {
        /// Which.
        step: StepId,
        /// The provider's name for the resource, if it is known.
        id: Option<PhysicalId>,
        /// Outputs known so far.
        outputs: Outputs,
        /// What it waits for.
        note: Note,
    },
    /// A step is done.
    Succeeded {
        /// Which.
        step: StepId,
        /// The provider's name for the resource; none after a delete.
        id: Option<PhysicalId>,
        /// What it gives out.
        outputs: Outputs,
    },
    /// A rollout was taken back by the platform.
    Reverted {
        /// Which step.
        step: StepId,
        /// What serves instead.
        serving: Serving,
        /// Why the new tasks died.
        why: String,
    },
    /// A try of a step didn't work.
    Failed {
        /// Which.
        step: StepId,
        /// Why.
        failure: Failure,
        /// When it is tried again; none means that people have to decide.
        retry: Option<Timestamp>,
    },
    /// Somebody wants it to go another way.
    Signalled {
        /// How.
        signal: Signal,
        /// Who.
        by: Actor,
        /// Why, in their words.
        because: Option<String>,
    },
    /// Steps were added that take away what this operation made and nobody wants, since a rollout was taken back.
    Tidied {
        /// The steps; their numbers go on where the plan's end.
        steps: Vec<Step>,
    },
    /// Everything is taken down, and the inventory may still show what is gone: it counts once more.
    Counting {
        /// How many it shows that shouldn't be there; 0 before the first look.
        left: u32,
        /// The receipt comes then at the latest.
        until: Timestamp,
    },
    /// The inventory after a teardown.
    Receipted(Receipt),
    /// Over. Always the last.
    Closed(Outcome),
}

impl Entry {
    /// Whether it tells what happened outside, which stays true whatever people write meanwhile. All else that a worker
    /// writes is decided from what it knew.
    #[must_use]
    pub fn is_fact(&self) -> bool {
        use Entry::{Counting, Failed, Receipted, Resumed, Reverted, Succeeded, Waiting};
        matches!(
            self,
            Resumed { .. }
                | Waiting { .. }
                | Succeeded { .. }
                | Reverted { .. }
                | Failed { .. }
                | Counting { .. }
                | Receipted(_)
        )
    }
}

/// What people are asked anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whose word the plan needs.
    pub terms: Terms,
    /// When it is void without a decision.
    pub deadline: Option<Timestamp>,
}

/// What moved on under a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhatChanged {
    /// A resource is not what it was.
    Resource(Addr),
    /// A service's release or number of tasks is not what it was.
    Service(ServiceName),
    /// The project file has another revision.
    Revision,
    /// Another approval is asked for.
    Rule,
    /// The steps differ for another reason (a dependency is there now, a cluster grew).
    Steps,
}

/// What people can tell a running operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// End after the steps in flight.
    Cancel,
    /// Try the failed steps again.
    Retry,
}

/// Why a try of a step didn't work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What sort of failure.
    pub kind: FailureKind,
    /// What the provider says.
    pub message: String,
}

/// What sort of failure: what it lets us do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The request itself is wrong: trying again can't help.
    Invalid,
    /// We may not.
    Denied,
    /// Something that isn't ours is in the way.
    Conflict,
    /// Something that it needs isn't visible yet.
    NotYet,
    /// Too many calls.
    Throttled,
    /// It may work the next time.
    Transient,
    /// The step took longer than it may.
    Deadline,
}

/// What serves after a revert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Serving {
    /// A release that served before.
    Release {
        /// Its number, if the platform keeps it.
        number: Option<ReleaseNo>,
        /// Its version.
        version: Version,
    },
    /// Nothing: there was no earlier release.
    Nothing,
}

/// What an operation made that stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Created and still there.
    pub created: Vec<Addr>,
    /// Changed.
    pub changed: Vec<Addr>,
    /// Unknown: a try was made and nobody knows how it ended.
    pub unsure: Vec<Addr>,
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// All is as planned.
    Succeeded {
        /// What people are shown, by label.
        outputs: BTreeMap<String, String>,
    },
    /// A rollout was taken back.
    Reverted {
        /// By service: what serves, and why the new tasks died.
        services: BTreeMap<ServiceName, (Serving, String)>,
        /// What stays of it.
        #[serde(default)]
        standing: Standing,
    },
    /// It can't be done, and trying again can't help.
    Failed {
        /// Why.
        why: Failure,
        /// Where.
        at: Option<Addr>,
        /// What stays of it.
        standing: Standing,
    },
    /// Somebody ended it.
    Cancelled {
        /// Who.
        by: Actor,
        /// Why, in their words.
        because: Option<String>,
        /// What stays of it.
        standing: Standing,
    },
    /// Somebody who was asked said no.
    Rejected {
        /// The vote.
        vote: Vote,
    },
    /// Nobody decided in time.
    Expired,
}

impl Outcome {
    /// The state of an operation that ended so.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Succeeded { .. } => State::Succeeded,
            Self::Reverted { .. } => State::Reverted,
            Self::Failed { .. } => State::Failed,
            Self::Cancelled { .. } => State::Cancelled,
            Self::Rejected { .. } => State::Rejected,
            Self::Expired => State::Expired,
        }
    }
}
