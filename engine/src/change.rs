//! What people ask for, with every name resolved: a [`Change`] of one environment, and the [`Request`] around it.

use crate::environment::ReleaseNo;
use crate::names::{ChannelId, DeliveryId, EnvKey, MessageTs, OpId, ServiceName, UserId, Version};
use crate::project::jiff_seconds;
use crate::schedule::ScheduleId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A change of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// New releases of services, and whatever they need and lack.
    Deploy {
        /// Which, and in which version if one was named.
        services: Vec<(ServiceName, Option<Version>)>,
        /// The environment's life from now, if one was named.
        #[serde(with = "jiff_seconds::option")]
        lifetime: Option<SignedDuration>,
    },
    /// Another number of tasks.
    Scale {
        /// Which service.
        service: ServiceName,
        /// How many.
        replicas: u32,
    },
    /// Back to a release that served before.
    Rollback {
        /// Which service.
        service: ServiceName,
        /// Which release; the last good one before the current if none is named.
        to: Option<ReleaseNo>,
    },
    /// New tasks of the same release.
    Restart {
        /// Which service.
        service: ServiceName,
    },
    /// The environment with its clusters, without services.
    Provision {
        /// Its life from now, if one was named.
        #[serde(with = "jiff_seconds::option")]
        lifetime: Option<SignedDuration>,
    },
    /// The end, now.
    Teardown {
        /// Whether data volumes go too, whatever the project says.
        volumes: bool,
    },
    /// What carries the environment's marks and belongs to no living one goes.
    Sweep {
        /// Whether what holds data goes too.
        volumes: bool,
    },
    /// Another end.
    Extend(Extension),
    /// No end by itself; only where the project sets no maximum.
    Keep,
    /// Somebody else's: who is asked about it, and whose name it bears.
    Own {
        /// Whose.
        to: UserId,
        /// Whether they said so themselves; else it is given to them.
        own: bool,
    },
    /// What an operation that ended in the middle left standing is taken back.
    Undo {
        /// Which operation.
        op: OpId,
    },
}

/// How an end moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extension {
    /// Later by so much.
    By(#[serde(with = "jiff_seconds")] SignedDuration),
    /// To this instant (sooner or later).
    Until(Timestamp),
}

impl Change {
    /// The verb, as rules name it.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Deploy { .. } => "deploy",
            Self::Scale { .. } => "scale",
            Self::Rollback { .. } => "rollback",
            Self::Restart { .. } => "restart",
            Self::Provision { .. } => "provision",
            Self::Teardown { .. } => "teardown",
            Self::Sweep { .. } => "sweep",
            Self::Extend(_) => "extend",
            Self::Keep => "keep",
            Self::Own { own: true, .. } => "own",
            Self::Own { own: false, .. } => "give",
            Self::Undo { .. } => "undo",
        }
    }

    /// Whether a freeze is about it: it brings something new or takes something away. What mends, and what moves an
    /// end, goes on.
    #[must_use]
    pub fn waits_for_freezes(&self) -> bool {
        match self {
            Self::Deploy { .. } | Self::Provision { .. } | Self::Teardown { .. } | Self::Sweep { .. } => true,
            Self::Scale { .. } | Self::Rollback { .. } | Self::Restart { .. } => false,
            Self::Extend(_) | Self::Keep | Self::Own { .. } | Self::Undo { .. } => false,
        }
    }
}

/// Who asks: a person, or the schedule when a life is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    User(UserId),
    /// The schedule: what it does was approved with the card that showed the expiry.
    Schedule,
}

impl Actor {
    /// The person, if it is one.
    #[must_use]
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(user),
            Self::Schedule => None,
        }
    }
}

/// Where an operation is talked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The channel.
    pub channel: ChannelId,
    /// The thread in which it was asked for; none opens a thread of its own.
    pub thread: Option<MessageTs>,
}

/// A change that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Of which environment.
    pub key: EnvKey,
    /// What.
    pub change: Change,
    /// Who.
    pub by: Actor,
    /// The schedule that said it for them, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleId>,
    /// The operation that ended in the middle and that this goes on with, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<OpId>,
    /// Why, in their words.
    pub because: Option<String>,
    /// Whether nobody's word is waited for: a right of its own, never without a reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bypass: bool,
    /// The command in its canonical spelling.
    pub words: String,
    /// Which delivery brought it: the same one never makes two operations.
    pub delivery: DeliveryId,
    /// Where it was asked for.
    pub place: Place,
    /// When.
    pub at: Timestamp,
    /// Whether it waits for locks and freezes that hold it back, instead of being refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
}
