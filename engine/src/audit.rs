//! The audit log: who did what, when, why, and what was so before and after. It is only ever added to, and each line
//! carries a digest over itself and the line before, so that nobody can change or take out one without breaking all
//! that follow. Which entries of a journal are events is decided here, so a store can't forget one.

mod chain;

pub use chain::{Broken, Chain, Line, NOTHING_BEFORE, Trail, digest};

use crate::approval::{Ask, Ballot};
use crate::change::Actor;
use crate::environment::{Environment, Phase};
use crate::journal::{Entry, Failure, Outcome, Serving, Signal, State};
use crate::lock::LockEvent;
use crate::names::{Digest, EnvKey, OpId, ProjectName, ServiceName};
use crate::ports::Commit;
use crate::receipt::Receipt;
use crate::schedule::Schedule;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happened. A stored format: fields and variants are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// Who did it; none where it came of what was done before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
    /// In which environment, if in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<EnvKey>,
    /// In which operation, if in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<OpId>,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A change was asked for.
    Asked {
        /// The command in its canonical spelling.
        words: String,
        /// The plan's digest.
        plan: Digest,
        /// Whose word it needs, and which rules ask for it; empty where nobody is asked.
        asks: Vec<Ask>,
        /// Whether approval is skipped.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        bypass: bool,
        /// The operation that it goes on with, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumes: Option<OpId>,
    },
    /// Somebody is for a plan.
    Approved {
        /// Its digest; in old lines that of plan and terms together.
        plan: Digest,
    },
    /// Somebody is against a plan.
    Rejected {
        /// Its digest; in old lines that of plan and terms together.
        plan: Digest,
    },
    /// The world had moved on: another plan took the place of the one before.
    Replanned {
        /// Its digest.
        plan: Digest,
    },
    /// A plan begins to run.
    Started {
        /// Its digest.
        plan: Digest,
    },
    /// Somebody has what failed tried again.
    Retried,
    /// Somebody ends an operation.
    Cancelled,
    /// It waits for people.
    Parked {
        /// Why.
        failure: Failure,
    },
    /// Rollouts were taken back.
    Reverted {
        /// By service: what serves, and why the new tasks died.
        services: BTreeMap<ServiceName, (Serving, String)>,
    },
    /// What an environment is was changed.
    Changed {
        /// What, from what to what.
        moved: Vec<Moved>,
    },
    /// What a teardown or a sweep left.
    Receipted(Receipt),
    /// An operation is over.
    Ended {
        /// How.
        state: State,
    },
    /// Somebody ends a task or a node on purpose. It stands here before that is done.
    Kill {
        /// Which, as they said it.
        target: String,
    },
    /// Something happened to a lock.
    Lock {
        /// What.
        lock: LockEvent,
    },
    /// A schedule was made, paused, resumed, stopped or removed.
    Schedule {
        /// As it is now.
        schedule: Box<Schedule>,
    },
    /// Somebody asked for what they may not do.
    Refused {
        /// The verb.
        verb: String,
    },
    /// A project file was read anew.
    Reloaded {
        /// Whose.
        project: ProjectName,
        /// The digest of its text before.
        from: Option<Digest>,
        /// And now.
        to: Digest,
    },
    /// The oldest lines of this log were pruned.
    Pruned {
        /// The number of the newest of them.
        upto: u64,
        /// Its digest.
        digest: Digest,
    },
}

/// One thing about an environment that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which (`services.web.release`).
    pub field: String,
    /// What it was; none where there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is; none where there is nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

impl Event {
    /// The event that something which happened to a lock is.
    #[must_use]
    pub fn of_lock(lock: &LockEvent) -> Self {
        Self {
            at: lock.at,
            by: Some(lock.by.clone()),
            key: Some(lock.target.key.clone()),
            op: None,
            because: lock.because.clone(),
            what: What::Lock { lock: lock.clone() },
        }
    }

    /// The event that a pruning of the log is, up to this line.
    #[must_use]
    pub fn of_pruning(last: &Chain, at: Timestamp) -> Self {
        let what = What::Pruned { upto: last.seq, digest: last.digest.clone() };
        Self { at, by: None, key: None, op: None, because: None, what }
    }

    /// The event that a new schedule is.
    #[must_use]
    pub fn of_new_schedule(schedule: &Schedule) -> Self {
        Self::of_schedule(schedule, Some(Actor::User(schedule.owner.clone())), schedule.made)
    }

    /// The event that a schedule which is another one now is; `by` is none where it was stopped.
    #[must_use]
    pub fn of_schedule(schedule: &Schedule, by: Option<Actor>, at: Timestamp) -> Self {
        let (key, because) = (schedule.env.clone(), schedule.because.clone());
        Self { at, by, key, op: None, because, what: What::Schedule { schedule: Box::new(schedule.clone()) } }
    }

    /// What one transaction on an operation brings, in the order it is told: what became of the record comes before the end.
    #[must_use]
    pub fn of_commit(commit: &Commit, key: &EnvKey, before: Option<&Environment>) -> Vec<Self> {
        let entry = |entry| Self::of_entry(commit.op, key, commit.at, entry);
        let mut events: Vec<Self> = commit.entries.iter().filter_map(entry).collect();
        let record = commit.record.as_ref().and_then(|change| Self::of_record(commit, before, &change.to));
        let ends = commit.entries.last().is_some_and(|last| matches!(last, Entry::Closed(_)));
        let place = events.len() - usize::from(ends);
        events.splice(place..place, record);
        events
    }

    /// The event that an entry of an operation's journal is, if it is one. Steps are the journal's own business.
    #[must_use]
    pub fn of_entry(op: OpId, key: &EnvKey, at: Timestamp, entry: &Entry) -> Option<Self> {
        let event = |by: Option<&Actor>, because: Option<&String>, what| {
            Some(Self { at, by: by.cloned(), key: Some(key.clone()), op: Some(op), because: because.cloned(), what })
        };
        match entry {
            Entry::Proposed { request, plan, policy, terms, .. } => {
                let asks =
                    terms.as_ref().map_or_else(|| vec![Ask::from(policy.clone())], |terms| terms.asks().to_vec());
                let (words, bypass, resumes) = (request.words.clone(), request.bypass, request.resumes);
                let asked = What::Asked { words, plan: plan.digest(), asks, bypass, resumes };
                event(Some(&request.by), request.because.as_ref(), asked)
            }
            Entry::Voted(vote) => {
                let plan = vote.plan.as_ref().unwrap_or(&vote.digest).clone();
                let what = match vote.ballot {
                    Ballot::Approve => What::Approved { plan },
                    Ballot::Reject => What::Rejected { plan },
                };
                event(Some(&Actor::User(vote.by.clone())), vote.because.as_ref(), what)
            }
            Entry::Replanned { plan, .. } => event(None, None, What::Replanned { plan: plan.digest() }),
            Entry::Admitted { digest, .. } => event(None, None, What::Started { plan: digest.clone() }),
            Entry::Signalled { signal, by, because } => {
                let what = match signal {
                    Signal::Retry => What::Retried,
                    Signal::Cancel => What::Cancelled,
                };
                event(Some(by), because.as_ref(), what)
            }
            Entry::Failed { failure, retry: None, .. } => event(None, None, What::Parked { failure: failure.clone() }),
            Entry::Receipted(receipt) => event(None, None, What::Receipted(receipt.clone())),
            Entry::Closed(Outcome::Reverted { services, .. }) => {
                event(None, None, What::Reverted { services: services.clone() })
            }
            Entry::Closed(outcome) => event(None, None, What::Ended { state: outcome.state() }),
            Entry::Queued { .. }
            | Entry::Held { .. }
            | Entry::Started { .. }
            | Entry::Resumed { .. }
            | Entry::Waiting { .. }
            | Entry::Succeeded { .. }
            | Entry::Reverted { .. }
            | Entry::Failed { .. }
            | Entry::Tidied { .. }
            | Entry::Counting { .. } => None,
        }
    }

    /// The event that a change of a record is; none where nothing that people know is another.
    fn of_record(commit: &Commit, before: Option<&Environment>, after: &Environment) -> Option<Self> {
        let moved = moved(before, after);
        let (key, op) = (Some(after.key.clone()), Some(commit.op));
        let what = |moved| Self { at: commit.at, by: None, key, op, because: None, what: What::Changed { moved } };
        (!moved.is_empty()).then(|| what(moved))
    }
}

/// What people know about an environment that is another than before. A name that is born again begins with nothing.
fn moved(before: Option<&Environment>, after: &Environment) -> Vec<Moved> {
    let before = before.filter(|env| env.incarnation == after.incarnation && env.phase == Phase::Live);
    let (from, to) = (before.map(told).unwrap_or_default(), told(after));
    let fields: BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let other = fields.into_iter().filter(|field| from.get(*field) != to.get(*field));
    other
        .map(|field| Moved { field: field.clone(), from: from.get(field).cloned(), to: to.get(field).cloned() })
        .collect()
}

/// What people know about an environment, by field.
fn told(env: &Environment) -> BTreeMap<String, String> {
    let phase = if env.phase == Phase::Live { "live" } else { "gone" };
    let mut fields: BTreeMap<String, String> = [
        ("phase".to_owned(), phase.to_owned()),
        ("owner".to_owned(), env.owner.to_string()),
        ("revision".to_owned(), env.revision.short().to_owned()),
    ]
    .into();
    // Whole seconds: nobody decides anything about less.
    fields.extend(env.expiry.map(|at| ("expiry".to_owned(), at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())));
    for (name, cluster) in &env.clusters {
        fields.insert(format!("clusters.{name}.nodes"), format!("{}..{}", cluster.min, cluster.max));
    }
    for (name, running) in &env.services {
        fields.insert(format!("services.{name}.release"), format!("{} ({})", running.release, running.version));
        fields.insert(format!("services.{name}.replicas"), running.replicas.to_string());
        if running.restarts > 0 {
            fields.insert(format!("services.{name}.restarts"), running.restarts.to_string());
        }
    }
    fields
}
