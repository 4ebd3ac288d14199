//! What a handler returns: data, in no words yet.

use crate::form::Asked;
use crate::platforms::Absent;
use crate::rights::Refused as NoRight;
use gantry_commands::{ParseError, Verb};
use gantry_engine::address::Kind;
use gantry_engine::apply::{NoPlan, Planned};
use gantry_engine::approval::Ineligible;
use gantry_engine::audit::Event;
use gantry_engine::change::Actor;
use gantry_engine::environment::Environment;
use gantry_engine::journal::{Stamped, State};
use gantry_engine::lock::{Holdup, LockEvent, LockRefused};
use gantry_engine::names::{ChannelId, EnvKey, GroupName, OpId, ProjectName, UserId};
use gantry_engine::ports::{Drift, OpRecord};
use gantry_engine::project::Allow;
use gantry_engine::provider::{Killed, Live, LogLine};
use gantry_engine::receipt::Found;
use gantry_engine::schedule::{Schedule, ScheduleId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// An answer to what somebody said.
#[derive(Debug)]
pub enum Answer {
    /// It is no command.
    Invalid {
        /// Where and why.
        error: Box<ParseError>,
        /// What was said.
        text: String,
    },
    /// It can't be, or may not be.
    No(No),
    /// There are several meanings: somebody has to choose.
    Asked(Choice),
    /// What a change would do.
    Preview(Box<Preview>),
    /// What runs.
    Status(Vec<StatusView>),
    /// Addresses, by label.
    Outputs {
        /// Of which environment.
        key: EnvKey,
        /// The addresses.
        outputs: BTreeMap<String, String>,
        /// Where they can be looked at, by output.
        links: BTreeMap<String, String>,
    },
    /// What is left over, by project.
    Leftovers(Vec<Leftovers>),
    /// A lock was taken, moved or given up.
    Locked(Box<LockEvent>),
    /// What is locked.
    Locks(Locks),
    /// What was done, the newest first.
    History {
        /// Operations.
        lines: Vec<HistoryLine>,
        /// What happened to locks meanwhile.
        locks: Vec<LockEvent>,
        /// What was ended on purpose.
        kills: Vec<Event>,
    },
    /// What happened to an operation.
    Story {
        /// Which.
        op: OpId,
        /// What happened, in order.
        events: Vec<Event>,
    },
    /// One operation.
    About(Box<AboutView>),
    /// A form couldn't be opened.
    InWords(Asked),
    /// An operation goes on where everybody can see it.
    Elsewhere {
        /// Which.
        op: OpId,
        /// Where.
        channel: ChannelId,
    },
    /// What tasks wrote.
    Logs(Logs),
    /// Nobody follows what tasks write any more.
    Unfollowed {
        /// Whose (`web in dev`).
        of: String,
        /// Whether somebody did.
        some: bool,
    },
    /// Who the speaker is.
    Whoami(Whoami),
    /// What can be said, or all about one verb.
    Help(Option<Verb>),
    /// What the speaker may say.
    HelpHere {
        /// About this environment; or anywhere.
        env: Option<EnvKey>,
        /// What.
        may: BTreeSet<Verb>,
    },
    /// Something was ended on purpose.
    Killed {
        /// What.
        killed: Killed,
        /// Where.
        key: EnvKey,
    },
    /// A schedule was made, or something was said about it.
    Scheduled(Box<Schedule>),
    /// What is scheduled.
    Schedules(Vec<ScheduleLine>),
    /// A schedule doesn't go on.
    Stopped {
        /// Which, as it is now.
        schedule: Box<Schedule>,
        /// Why.
        why: Stop,
    },
    /// Project files were read again: those that differ now.
    Reloaded(Vec<ProjectName>),
    /// A vote or a signal was written down.
    Noted {
        /// The verb that it was said with.
        verb: Verb,
        /// For which operation.
        op: OpId,
    },
}

/// One operation, with all that happened to it.
#[derive(Debug)]
pub struct AboutView {
    /// Its record.
    pub record: OpRecord,
    /// Its journal.
    pub journal: Vec<Stamped>,
    /// Its environment's record, if it has one.
    pub env: Option<Environment>,
    /// Whether something was done there since, so that it can't be taken back or gone on with.
    pub moved_on: bool,
}

/// What is left over in a project.
#[derive(Debug)]
pub struct Leftovers {
    /// The project.
    pub project: ProjectName,
    /// What its platforms found; or why they can't tell.
    pub left: Result<Vec<Left>, String>,
}

/// What is left over under one name.
#[derive(Debug)]
pub struct Left {
    /// The environment, which may be gone.
    pub key: EnvKey,
    /// The things.
    pub found: Vec<Found>,
    /// The kinds among them that hold people's data.
    pub data: BTreeSet<Kind>,
}

/// What is locked, and what happened to locks.
#[derive(Debug)]
pub struct Locks {
    /// What holds changes back now.
    pub holdups: Vec<Holdup>,
    /// Operations that wait for it.
    pub waiting: Vec<(OpId, State)>,
    /// What happened of late, the newest first.
    pub events: Vec<LockEvent>,
}

/// What tasks wrote.
#[derive(Debug)]
pub struct Logs {
    /// Whose (`web in dev`).
    pub of: String,
    /// The lines, oldest first.
    pub lines: Vec<LogLine>,
    /// Whether what comes is shown too.
    pub follow: Option<Until>,
}

/// How a follow ends.
#[derive(Debug)]
pub struct Until {
    /// By itself.
    pub at: Timestamp,
    /// By these words.
    pub ends_by: String,
}

/// Why a schedule doesn't go on.
#[derive(Debug)]
pub enum Stop {
    /// Whoever made it may not do that any more.
    Right(Box<No>),
    /// They have left.
    Left,
}

/// A schedule in a list.
#[derive(Debug)]
pub struct ScheduleLine {
    /// It.
    pub schedule: Schedule,
    /// What came of its last run, if it had one.
    pub came: Option<Came>,
}

/// What came of a time at which a schedule was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are when, which operation, and how it stands")]
pub enum Came {
    /// An operation.
    Operation { at: Timestamp, op: OpId, state: State },
    /// An answer.
    Answer { at: Timestamp, refused: bool },
    /// Nothing: an earlier operation was still open.
    Skipped { at: Timestamp, op: OpId },
    /// Nothing: nobody was there.
    Missed { at: Timestamp },
}

/// Why not.
#[derive(Debug)]
pub enum No {
    /// Handling it panicked, again and again.
    Broken,
    /// The button is of a message that isn't so any more.
    Stale {
        /// Which environment it was about.
        key: EnvKey,
        /// Its record, if it lives.
        env: Option<Box<Environment>>,
    },
    /// No such schedule.
    NoSchedule(ScheduleId),
    /// A scheduled command that has a time of day and no environment.
    NamesNoEnv,
    /// No rule allows it.
    Right(Box<NoRight>),
    /// There is no plan.
    Plan(NoPlan),
    /// A lock or a freeze holds it back.
    Held {
        /// Which.
        by: Box<Holdup>,
        /// The words that wait for it.
        again: String,
    },
    /// The lock can't be had, or given up.
    Lock(LockRefused),
    /// The vote doesn't count.
    Vote {
        /// On which operation.
        op: OpId,
        /// Why not.
        why: Ineligible,
    },
    /// Who typed an approval can't have seen the plan: its card is still on its way.
    Unseen {
        /// Of which operation.
        op: OpId,
        /// Whether there was another plan before.
        changed: bool,
    },
    /// Approval can't be skipped: a channel that has to hear of it can't be seen.
    Unannounced {
        /// Its name.
        channel: String,
    },
    /// The operation is past that point.
    TooLate {
        /// Which.
        op: OpId,
        /// Where it is now.
        state: State,
        /// Whose word that was, if anybody's.
        by: Option<Word>,
    },
    /// Nothing to retry.
    NotParked {
        /// Which.
        op: OpId,
        /// Where it is now.
        state: State,
    },
    /// No such operation.
    NoOperation(Option<OpId>),
    /// Something is missing that neither thread nor channel tell.
    Missing {
        /// What (`service`).
        what: &'static str,
        /// A full command as an example.
        example: String,
    },
    /// No project has both names.
    Elsewhere {
        /// What was said, as one (`web in dev`).
        what: String,
    },
    /// Nothing lives under that name.
    NotThere(EnvKey),
    /// The workspace can't tell who somebody is.
    Unknown {
        /// About what.
        what: String,
        /// Why not.
        why: String,
    },
    /// The platform isn't here.
    Absent(Absent),
    /// The platform can't do it.
    Platform(String),
    /// Ending something was begun before, by a process that died; whether it was done isn't known.
    Interrupted {
        /// What was to be ended.
        target: String,
        /// Where.
        key: EnvKey,
    },
    /// A project file can't be used; the ones before stay in use.
    Reload(String),
}

/// A question with one command for each answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What isn't clear (`environment`).
    pub what: &'static str,
    /// Label and command of each choice.
    pub choices: Vec<(String, String)>,
}

/// Whose word an operation ran, or ended, on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Those who approved it.
    Approved(Vec<UserId>),
    /// Who rejected or cancelled it.
    Ended(UserId),
}

/// What a change would do.
#[derive(Debug)]
pub struct Preview {
    /// The command.
    pub words: String,
    /// The environment.
    pub key: EnvKey,
    /// The plan.
    pub planned: Planned,
    /// The kinds among its steps that hold people's data.
    pub data: BTreeSet<Kind>,
    /// What would hold it back now.
    pub held: Option<Holdup>,
    /// When it was made.
    pub at: Timestamp,
}

/// What runs in an environment.
#[derive(Debug)]
pub struct StatusView {
    /// Its record.
    pub env: Environment,
    /// What runs; or why that can't be told.
    pub live: Result<Live, String>,
    /// What somebody changed outside.
    pub drift: Vec<Drift>,
    /// When it was looked at.
    pub at: Timestamp,
    /// Operations on their way.
    pub open: Vec<(OpId, State)>,
    /// What holds changes back.
    pub holdups: Vec<Holdup>,
    /// Only this service is asked for.
    pub only: Option<gantry_engine::names::ServiceName>,
}

/// One operation in a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// Which.
    pub op: OpId,
    /// Where.
    pub key: EnvKey,
    /// When it was asked for.
    pub at: Timestamp,
    /// Who asked.
    pub by: Actor,
    /// What, in canonical words.
    pub words: String,
    /// Why, in their words.
    pub because: Option<String>,
    /// Whether approval was skipped.
    pub bypassed: bool,
    /// How it is, or ended.
    pub state: State,
    /// The releases that it brought, as `web r3 (1.2)`.
    pub releases: Vec<String>,
}

/// Who a speaker is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whoami {
    /// Their handle.
    pub handle: String,
    /// What they are in the workspace.
    pub standing: crate::directory::Standing,
    /// Their time zone.
    pub zone: String,
    /// What they are in each project.
    pub projects: Vec<Standing>,
}

/// What a speaker is in one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The project.
    pub project: ProjectName,
    /// The groups that they are in, as far as its rules ask.
    pub groups: Vec<GroupName>,
    /// The rules that cover them.
    pub rules: Vec<Allow>,
}
