//! What passes between the engine and a provider. A provider's own names never get further than its crate.

use crate::address::{Generation, Kind, Mark};
use crate::journal::{Failure, FailureKind, Serving};
use crate::names::{ClusterName, OpId, ServiceName, Version};
use crate::resource::PhysicalId;
use crate::value::{Canon, Outputs, Spec};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What makes an effect repeatable: a hash of operation, address, generation and inputs; never random.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Token(pub String);

impl Token {
    /// The token of one step's effect.
    #[must_use]
    pub fn derive(op: OpId, mark: &Mark, inputs: Option<&Spec>) -> Self {
        let mut canon = Canon::new("gantry token 1");
        canon.count(usize::try_from(op.0).unwrap_or(usize::MAX)).text(&mark.to_string());
        match inputs {
            Some(spec) => canon.tag(b'p').spec(spec),
            None => canon.tag(b'r'),
        };
        // 32 characters: the shortest limit met so far is 36 (ECS client tokens).
        Self(canon.digest().as_str()[..32].to_owned())
    }
}

/// Facts about the outside that lowering needs, found by a survey and recorded with the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(pub BTreeMap<String, String>);

/// Which resource is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// Its mark.
    pub mark: Mark,
    /// What it is.
    pub kind: Kind,
    /// The provider's name for it, where it is known. Where it isn't, it is found by its mark.
    pub id: Option<PhysicalId>,
}

/// A resource wanted so: made if it isn't there, changed if it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Which.
    pub at: Handle,
    /// The same for each try of the same effect.
    pub token: Token,
    /// How it should be; every reference followed.
    pub spec: Spec,
    /// The generation that this one takes the place of.
    pub replaces: Option<Generation>,
    /// How long ago an earlier try was on its way whose effect reads may not show yet (nobody knows it, or it told a new
    /// id), never more than that; none if there was none.
    /// Where an API can't be told that two calls are one, it is looked for what that try may have made, until it would
    /// have shown up.
    pub tried: Option<Duration>,
    /// How long ago the step's first try began, or when people asked for it again: what a deadline counts from, whatever
    /// was lost on the way.
    pub begun: Duration,
}

/// A resource wanted away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remove {
    /// Which.
    pub at: Handle,
    /// The same for each try of the same effect.
    pub token: Token,
    /// As for a [`Put`]: a removal may make something too, as a snapshot of what it removes.
    pub tried: Option<Duration>,
}

/// A resource as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// The provider's name for it; none if it is gone.
    pub id: Option<PhysicalId>,
    /// What it gives out.
    pub outputs: Outputs,
}

/// How far an effect is. A driver never blocks for long: it says `Pending` and is asked again with the same token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// As wanted.
    Done(Observed),
    /// On its way.
    Pending {
        /// The resource as far as it is known.
        seen: Observed,
        /// What it waits for.
        note: Note,
        /// When to ask again.
        again: Duration,
    },
    /// A rollout that the platform took back.
    Reverted {
        /// What serves instead.
        serving: Serving,
        /// Why the new tasks died.
        why: String,
    },
}

/// What a step waits for; the room `templates` has the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// Tasks of a rollout or a scale.
    Tasks {
        /// Healthy ones.
        healthy: u32,
        /// So many are wanted.
        wanted: u32,
        /// What stands in the way, if something does (`no room on cluster a`).
        blocked: Option<String>,
    },
    /// Something that takes its time.
    Usually {
        /// What (`load balancer provisioning`).
        what: String,
        /// How long it usually takes, in seconds.
        seconds: (u32, u32),
    },
    /// Things that have to go first.
    Draining {
        /// How many are left.
        left: u32,
    },
    /// Anything else, in a few words.
    Other(String),
}

/// What a provider couldn't do. The variant says what the caller may do, and all but `Transient` say that the call had no
/// effect: a driver that has made something in a call and then meets one of them says `Pending` with the id instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The request itself is wrong: don't try again.
    #[error("{0}")]
    Invalid(String),
    /// We may not: ask people.
    #[error("{0}")]
    Denied(String),
    /// Something is in the way: ask people, unless it goes by itself.
    #[error("{0}")]
    Conflict(String),
    /// Something that it needs isn't visible yet: try again soon.
    #[error("{0}")]
    NotYet(String),
    /// Too many calls: try again after so long.
    #[error("too many calls; again in {} ms", .again.as_millis())]
    Throttled {
        /// After so long.
        again: Duration,
    },
    /// It may work the next time. The effect may have happened.
    #[error("{0}")]
    Transient(String),
}

impl From<&ProviderError> for Failure {
    fn from(error: &ProviderError) -> Self {
        let kind = match error {
            ProviderError::Invalid(_) => FailureKind::Invalid,
            ProviderError::Denied(_) => FailureKind::Denied,
            ProviderError::Conflict(_) => FailureKind::Conflict,
            ProviderError::NotYet(_) => FailureKind::NotYet,
            ProviderError::Throttled { .. } => FailureKind::Throttled,
            ProviderError::Transient(_) => FailureKind::Transient,
        };
        Self { kind, message: error.to_string() }
    }
}

/// One running replica of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The platform's name for it; what `kill` takes.
    pub id: String,
    /// Of which service.
    pub service: ServiceName,
    /// Of which version.
    pub version: Version,
    /// On which node.
    pub node: String,
    /// How it is.
    pub health: TaskHealth,
    /// Since when.
    pub since: Option<Timestamp>,
    /// How often this replica was replaced because it died.
    pub restarts: u32,
}

/// How a task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskHealth {
    /// On its way.
    Starting,
    /// Well.
    Healthy,
    /// There, but its checks fail.
    Unhealthy,
    /// Ending.
    Stopping,
    /// Not there; why.
    Dead(String),
}

/// One machine, or logical machine, of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The platform's name for it; what `kill` takes.
    pub id: String,
    /// Of which cluster.
    pub cluster: ClusterName,
    /// Whether it is up.
    pub up: bool,
    /// How many tasks it runs.
    pub tasks: u32,
}

/// What runs now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The nodes.
    pub nodes: Vec<Node>,
}

/// One line that a task wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// Which task.
    pub task: String,
    /// What.
    pub text: String,
}

/// Which log lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogQuery {
    /// Of which service.
    pub service: ServiceName,
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// At most so many, the newest ones.
    pub lines: usize,
}

/// What `kill` ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Killed {
    /// A task; it will be replaced.
    Task(String),
    /// A node, with so many tasks on it.
    Node(String, u32),
}
