//! The tree: everything a person can say to Gantry, typed. It holds what was said and nothing else: no rights, no
//! plans, and an `Option` wherever the thread or the channel may fill in what was left out.

use crate::{Instant, Length, Qualified, Reason, ReleaseNo, TargetName, Verb};
use gantry_engine::names::{EnvName, OpId, ServiceName, UserId, Version};
use gantry_engine::recurrence::{Rule, ZoneName};
use gantry_engine::schedule::ScheduleId;
use serde::Serialize;

/// One command. Its [`Display`](std::fmt::Display) is canonical and parses back to the same command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Changes an environment: becomes a plan, and is carried out once that's approved.
    Change(Change),
    /// Shows what a change would do, and does nothing.
    Plan(Change),
    /// A vote on an operation.
    Decide(Decision),
    /// A signal to something that runs.
    Control(Control),
    /// Has a command said by itself, or no longer.
    Schedule(Scheduling),
    /// Reads only.
    Ask(Question),
}

/// A change to one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What to do.
    #[serde(flatten)]
    pub action: Action,
    /// Where. `None`: the thread's, the channel's default, or the only one it can be.
    pub env: Option<Qualified<EnvName>>,
    /// Why, in the speaker's words.
    pub because: Option<Reason>,
    /// Whether it waits where a lock or a freeze holds it back, instead of being refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub when_free: bool,
    /// Whether nobody's word is to be waited for: `deploy!`. Then there is a reason.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bypass: bool,
}

/// What a change does to its environment. A `None` service is the thread's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "action")]
pub enum Action {
    /// Runs versions of services, with all that they need.
    Deploy {
        /// At least one, each service once.
        services: Vec<Wanted>,
        /// When the environment is torn down by itself.
        expiry: Option<Expiry>,
    },
    /// Sets how many tasks a service runs.
    Scale {
        /// Which service.
        service: Option<Qualified<ServiceName>>,
        /// How many; zero is a number too.
        replicas: u32,
    },
    /// Goes back to a release that ran before.
    Rollback {
        /// Which service.
        service: Option<Qualified<ServiceName>>,
        /// `None`: the one before the current.
        release: Option<ReleaseNo>,
    },
    /// Replaces a service's tasks by new ones of the same release.
    Restart {
        /// Which service.
        service: Option<Qualified<ServiceName>>,
    },
    /// Builds network, cluster and balancer without a service.
    Provision {
        /// When the environment is torn down by itself.
        expiry: Option<Expiry>,
    },
    /// Takes an environment down.
    Teardown {
        /// `None`: now.
        at: Option<Instant>,
        /// What happens to its data volumes.
        volumes: Volumes,
    },
    /// Moves the expiry.
    Extend(Extension),
    /// Takes the expiry away.
    Keep,
    /// Makes the speaker its owner.
    Own,
    /// Makes somebody else its owner.
    Give {
        /// Whom.
        to: UserId,
    },
    /// Removes what is left over under a name: what carries its marks and belongs to no living environment.
    Sweep {
        /// What happens to data volumes among it.
        volumes: Volumes,
    },
}

/// One service in a deploy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wanted {
    /// The service.
    pub service: Qualified<ServiceName>,
    /// A tag or a digest. `None`: what the project file says.
    pub version: Option<Version>,
}

/// When an environment ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// So long after it starts.
    For(Length),
    /// At this moment.
    Until(Instant),
}

/// How an expiry moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extension {
    /// So much later than it is now.
    By(Length),
    /// To this moment.
    Until(Instant),
}

/// What a teardown or a sweep does to data volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Volumes {
    /// They stay. The default: data goes only by an explicit word.
    #[default]
    Keep,
    /// They go, with the data: `with volumes` was said.
    Delete,
}

/// A vote on an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// For or against.
    pub vote: Vote,
    /// `None`: the thread's operation.
    pub op: Option<OpId>,
    /// Why, in the voter's words.
    pub because: Option<Reason>,
}

/// For or against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Vote {
    /// Let it run.
    Approve,
    /// Don't.
    Reject,
}

/// A signal: nothing to plan, nothing to vote on, but each needs a right. A `None` operation is the thread's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Stops an operation.
    Cancel {
        /// Which operation.
        op: Option<OpId>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
    /// Runs a parked operation's failed steps again.
    Retry {
        /// Which operation.
        op: Option<OpId>,
    },
    /// Takes back what an operation left standing that ended in the middle: becomes a plan of its own.
    Undo {
        /// Which operation.
        op: Option<OpId>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
    /// Says the words of an operation again that ended in the middle: becomes a plan of its own.
    Resume {
        /// Which operation.
        op: Option<OpId>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
    /// Holds back changes by others.
    Lock {
        /// Only this service.
        service: Option<Qualified<ServiceName>>,
        /// Where. `None`: the thread's, or the channel's.
        env: Option<Qualified<EnvName>>,
        /// When it ends by itself. `None`: when the project file says.
        until: Option<Expiry>,
        /// Why, in the speaker's words.
        because: Reason,
        /// Whether it may be taken from somebody.
        steal: bool,
    },
    /// Gives up a lock.
    Unlock {
        /// Only this service.
        service: Option<Qualified<ServiceName>>,
        /// Where. `None`: the thread's, or the channel's.
        env: Option<Qualified<EnvName>>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
    /// Reads the project files again.
    Reload,
    /// Makes trouble on purpose: ends a node or a task, to see that the environment mends itself.
    Kill {
        /// The node or task.
        target: TargetName,
        /// Where. `None`: the thread's environment.
        env: Option<Qualified<EnvName>>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
}

/// Has a command said by itself, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduling {
    /// Makes a schedule.
    Make {
        /// The command as it was written: it is read anew each time.
        words: String,
        /// The same, as it is read now.
        command: Box<Command>,
        /// When.
        rule: Rule,
        /// Whose clocks. `None`: the speaker's.
        zone: Option<ZoneName>,
        /// Why, in the speaker's words.
        because: Option<Reason>,
    },
    /// Lets one rest.
    Pause {
        /// Which.
        id: ScheduleId,
    },
    /// Lets one go on.
    Resume {
        /// Which.
        id: ScheduleId,
    },
    /// Removes one.
    Remove {
        /// Which.
        id: ScheduleId,
    },
}

impl Scheduling {
    pub(crate) fn pause(id: ScheduleId) -> Self {
        Self::Pause { id }
    }

    pub(crate) fn resume(id: ScheduleId) -> Self {
        Self::Resume { id }
    }
}

/// A question: reads only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// What runs. Neither named: everything, or the thread's environment.
    Status {
        /// Only this service.
        service: Option<Qualified<ServiceName>>,
        /// Only this environment.
        env: Option<Qualified<EnvName>>,
    },
    /// Addresses and other results.
    Outputs {
        /// Which environment.
        env: Option<Qualified<EnvName>>,
    },
    /// What is locked, and what happened to locks.
    Locks {
        /// Only this environment.
        env: Option<Qualified<EnvName>>,
    },
    /// What happened to an operation, event by event.
    Story {
        /// Which.
        op: OpId,
    },
    /// What was done, by whom.
    History {
        /// Only this service.
        service: Option<Qualified<ServiceName>>,
        /// Only this environment, which may be gone.
        env: Option<Qualified<EnvName>>,
    },
    /// How an operation is, and what happened to it.
    About {
        /// `None`: the thread's operation.
        op: Option<OpId>,
    },
    /// What a service's tasks wrote.
    Logs {
        /// Which service.
        service: Option<Qualified<ServiceName>>,
        /// Where.
        env: Option<Qualified<EnvName>>,
        /// The first moment wanted.
        since: Option<Instant>,
        /// Whether to go on with what comes.
        follow: Option<Follow>,
    },
    /// What is scheduled.
    Schedules,
    /// What carries marks of ours and belongs to no living environment.
    Leftovers,
    /// Who the speaker is, and what they may do.
    Whoami,
    /// What the speaker may say here.
    Help {
        /// Only this, whether they may or not.
        verb: Option<Verb>,
    },
    /// What can be said at all.
    HelpAll,
}

/// Whether `logs` goes on with what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Follow {
    /// For so long, at most [`Follow::MAX`].
    For(Length),
    /// No longer: what goes on ends.
    Stop,
}

impl Follow {
    /// How long where nobody says.
    pub const DEFAULT: Length = Length::of_minutes(5);
    /// The longest: who wants more than that wants another tool.
    pub const MAX: Length = Length::of_minutes(60);
}

impl Command {
    /// The verb it was said with; what rules allow or refuse.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Self::Change(change) => change.verb(),
            Self::Plan(_) => Verb::Plan,
            Self::Decide(decision) => match decision.vote {
                Vote::Approve => Verb::Approve,
                Vote::Reject => Verb::Reject,
            },
            Self::Control(control) => match control {
                Control::Cancel { .. } => Verb::Cancel,
                Control::Retry { .. } => Verb::Retry,
                Control::Undo { .. } => Verb::Undo,
                Control::Resume { .. } => Verb::Resume,
                Control::Lock { steal: false, .. } => Verb::Lock,
                Control::Lock { steal: true, .. } => Verb::Steal,
                Control::Unlock { .. } => Verb::Unlock,
                Control::Reload => Verb::Reload,
                Control::Kill { .. } => Verb::Kill,
            },
            Self::Schedule(Scheduling::Remove { .. }) => Verb::Unschedule,
            Self::Schedule(_) => Verb::Schedule,
            Self::Ask(question) => match question {
                Question::Schedules => Verb::Schedules,
                Question::Status { .. } => Verb::Status,
                Question::Outputs { .. } => Verb::Outputs,
                Question::Locks { .. } => Verb::Locks,
                Question::History { .. } | Question::Story { .. } => Verb::History,
                Question::About { .. } => Verb::About,
                Question::Logs { .. } => Verb::Logs,
                Question::Leftovers => Verb::Sweep,
                Question::Whoami => Verb::Whoami,
                Question::Help { .. } | Question::HelpAll => Verb::Help,
            },
        }
    }
}

impl Change {
    /// The verb of the change itself (never [`Verb::Plan`]).
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self.action {
            Action::Deploy { .. } => Verb::Deploy,
            Action::Scale { .. } => Verb::Scale,
            Action::Rollback { .. } => Verb::Rollback,
            Action::Restart { .. } => Verb::Restart,
            Action::Provision { .. } => Verb::Provision,
            Action::Teardown { .. } => Verb::Teardown,
            Action::Extend(_) => Verb::Extend,
            Action::Keep => Verb::Keep,
            Action::Own => Verb::Own,
            Action::Give { .. } => Verb::Give,
            Action::Sweep { .. } => Verb::Sweep,
        }
    }
}
