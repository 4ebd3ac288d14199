//! Locks: one person's word that others leave something as it is for a while, and why. Pure: what is held, and the
//! time, are passed in.
//!
//! A lock holds back what changes services by others than its holder. It never holds back reading, votes, or what only
//! moves an environment's end; and an end that has come waits for it no longer than the environment may live at all.

use crate::change::{Actor, Change, Request};
use crate::names::{ChannelId, DeliveryId, EnvKey, OpId, ServiceName, UserId};
use crate::ports::Thread;
use crate::project::{Danger, Locking, Project};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What can be locked: an environment, or a service in one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The environment.
    pub key: EnvKey,
    /// The service; none means all of the environment.
    pub service: Option<ServiceName>,
}

impl fmt::Display for Target {
    /// As people call it: `web in dev`, `dev`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.service {
            Some(service) => write!(f, "{service} in {}", self.key.env),
            None => self.key.env.fmt(f),
        }
    }
}

impl Target {
    /// Whether something belongs to both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.key == other.key && (self.service.is_none() || other.service.is_none() || self.service == other.service)
    }
}

/// A lock that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// What.
    pub target: Target,
    /// By whom.
    pub by: UserId,
    /// Why, in their words.
    pub because: String,
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// The channel in which it was taken.
    pub channel: ChannelId,
    /// Where in that channel it is talked about.
    pub thread: Thread,
    /// The rollback that it came with, if it did.
    pub after: Option<OpId>,
}

/// Something that happened to a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockEvent {
    /// To which.
    pub target: Target,
    /// What.
    pub what: LockWhat,
    /// By whom; an end comes by itself.
    pub by: Actor,
    /// Why, in their words.
    pub because: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Until when it is held after this.
    pub until: Option<Timestamp>,
    /// What brought it: it has its effect once.
    pub delivery: DeliveryId,
    /// The channel in which it is told.
    pub channel: ChannelId,
    /// Where in that channel.
    pub thread: Thread,
}

/// What can happen to a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockWhat {
    /// It was taken.
    Taken,
    /// Its holder gave it another end.
    Moved,
    /// It was taken from somebody.
    Stolen {
        /// From whom.
        from: UserId,
    },
    /// Its holder gave it up.
    Released,
    /// Its time was over.
    Ended {
        /// Whose it was.
        by: UserId,
    },
}

/// A change of one lock, with what is told of it for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockChange {
    /// What it was computed from: nothing is written where something else is held by now.
    pub from: Option<Lock>,
    /// What is held then.
    pub to: Option<Lock>,
    /// What happened.
    pub event: LockEvent,
}

/// A person's word on a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockAsk {
    /// Which lock.
    pub target: Target,
    /// Who.
    pub by: UserId,
    /// What they want.
    pub want: Want,
    /// Where they said it.
    pub channel: ChannelId,
    /// Where it is talked about.
    pub thread: Thread,
    /// What brought it.
    pub delivery: DeliveryId,
    /// When.
    pub at: Timestamp,
}

/// What a person wants with a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// To have it.
    Lock {
        /// Until when; none means as long as the project says.
        until: Option<Timestamp>,
        /// Why.
        because: String,
        /// Whether it may be taken from somebody.
        steal: bool,
    },
    /// To give it up.
    Unlock {
        /// Why, if that was said.
        because: Option<String>,
    },
}

/// Why a lock can't be had or given up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockRefused {
    /// Somebody else holds it, or one that overlaps.
    #[error("{} is locked by somebody else until {}", .0.target, .0.until)]
    Held(Box<Lock>),
    /// Nobody holds it.
    #[error("{0} isn't locked")]
    NotLocked(Target),
    /// Longer than the project allows.
    #[error("{target} may be locked until {latest} at the latest")]
    TooLong {
        /// What.
        target: Target,
        /// The latest end.
        latest: Timestamp,
    },
}

impl LockAsk {
    /// The change that it makes of what is held.
    ///
    /// # Errors
    /// [`LockRefused`] says who stands in the way, or what is wrong.
    pub fn decide(&self, all: &[Lock], limits: &Locking) -> Result<LockChange, LockRefused> {
        let stored = all.iter().find(|lock| lock.target == self.target);
        let held = stored.filter(|lock| lock.until > self.at);
        let (to, what, because) = match &self.want {
            Want::Unlock { because } => {
                let lock = held.ok_or_else(|| LockRefused::NotLocked(self.target.clone()))?;
                if lock.by != self.by {
                    return Err(LockRefused::Held(Box::new(lock.clone())));
                }
                (None, LockWhat::Released, because.clone())
            }
            Want::Lock { until, because, steal } => {
                let (to, what) = self.lock(all, held, (*until, because, *steal), limits)?;
                (Some(to), what, Some(because.clone()))
            }
        };
        let event = LockEvent {
            target: self.target.clone(),
            what,
            by: Actor::User(self.by.clone()),
            because,
            at: self.at,
            until: to.as_ref().map(|lock| lock.until),
            delivery: self.delivery.clone(),
            channel: self.channel.clone(),
            thread: self.thread.clone(),
        };
        Ok(LockChange { from: stored.cloned(), to, event })
    }

    fn lock(
        &self,
        all: &[Lock],
        held: Option<&Lock>,
        (until, because, steal): (Option<Timestamp>, &str, bool),
        limits: &Locking,
    ) -> Result<(Lock, LockWhat), LockRefused> {
        let others = all.iter().filter(|lock| lock.until > self.at && lock.by != self.by);
        let in_the_way = |lock: &&Lock| lock.target.overlaps(&self.target) && !(steal && lock.target == self.target);
        if let Some(lock) = others.clone().find(in_the_way) {
            return Err(LockRefused::Held(Box::new(lock.clone())));
        }
        let mine = held.filter(|lock| lock.by == self.by);
        let since = mine.map_or(self.at, |lock| lock.since);
        let latest = since.saturating_add(limits.max).unwrap_or(Timestamp::MAX);
        let wanted = until.unwrap_or_else(|| later(self.at, limits.length).min(latest));
        if wanted > latest {
            return Err(LockRefused::TooLong { target: self.target.clone(), latest });
        }
        let what = match (held, mine) {
            (_, Some(_)) => LockWhat::Moved,
            (Some(lock), None) => LockWhat::Stolen { from: lock.by.clone() },
            (None, None) => LockWhat::Taken,
        };
        let fresh = Lock {
            target: self.target.clone(),
            by: self.by.clone(),
            because: because.to_owned(),
            since,
            until: wanted,
            channel: self.channel.clone(),
            thread: self.thread.clone(),
            after: None,
        };
        // Who moves an end goes on where the lock is talked about.
        let kept = mine.cloned().map(|lock| Lock { because: because.to_owned(), until: wanted, ..lock });
        Ok((kept.unwrap_or(fresh), what))
    }
}

/// What holds a change back for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holdup {
    /// Somebody's lock.
    Lock(Box<Lock>),
    /// The project's freeze.
    Freeze {
        /// Of which environment.
        key: EnvKey,
        /// When it ends.
        until: Timestamp,
        /// Why it is.
        because: String,
        /// The line of the project file that says so.
        line: u32,
    },
}

impl fmt::Display for Holdup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(lock) => write!(f, "{} is locked until {}", lock.target, lock.until),
            Self::Freeze { key, until, .. } => write!(f, "{} is frozen until {until}", key.env),
        }
    }
}

impl Holdup {
    /// When it is over by itself.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        match self {
            Self::Lock(lock) => lock.until,
            Self::Freeze { until, .. } => *until,
        }
    }
}

/// What holds back a request that touches these services, if anything does. `latest` is when the environment must end.
#[must_use]
pub fn holdup(
    request: &Request,
    services: &BTreeSet<ServiceName>,
    locks: &[Lock],
    (project, latest): (&Project, Option<Timestamp>),
    now: Timestamp,
) -> Option<Holdup> {
    if matches!(request.change, Change::Extend(_) | Change::Keep | Change::Own { .. }) {
        return None;
    }
    let meant = |lock: &&Lock| {
        lock.target.key == request.key && lock.target.service.as_ref().is_none_or(|service| services.contains(service))
    };
    let others = locks.iter().filter(|lock| Some(&lock.by) != request.by.user() && lock.until > now);
    // An end that has come waits for a lock, but not longer than the environment may live.
    let patient = request.by != Actor::Schedule || latest.is_none_or(|latest| latest > now);
    if let Some(lock) = others.filter(meant).max_by_key(|lock| lock.until).filter(|_| patient) {
        let until =
            if request.by == Actor::Schedule { latest.unwrap_or(lock.until).min(lock.until) } else { lock.until };
        return Some(Holdup::Lock(Box::new(Lock { until, ..lock.clone() })));
    }
    let frozen = project.frozen(&request.key.env, now).filter(|_| request.change.waits_for_freezes())?;
    if project.protects(&request.key.env, Danger::Frozen) {
        // Then it is held back by whoever's word the rule wants.
        return None;
    }
    if request.by == Actor::Schedule {
        return None;
    }
    let (because, line) = (frozen.freeze.because.clone(), frozen.freeze.line);
    Some(Holdup::Freeze { key: request.key.clone(), until: frozen.until, because, line })
}

/// How long before its end a lock's holder is asked.
pub const ASK_BEFORE: SignedDuration = SignedDuration::from_mins(10);

/// How often a holder is asked whether a lock is still needed.
pub const ASK_EVERY: SignedDuration = SignedDuration::from_hours(8);

/// A question to a lock's holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nag {
    /// It ends soon.
    Ending,
    /// It has been held for so long.
    Long(SignedDuration),
}

/// What is due for a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockDue {
    /// It is over.
    End,
    /// It is held: what its holder is asked, and when to look again.
    Held {
        /// The questions; each is asked once.
        nags: Vec<Nag>,
        /// When something else is due.
        until: Timestamp,
    },
}

impl Lock {
    /// What is due at a time. Level-triggered: the same time gives the same answer, however often it is asked.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> LockDue {
        if self.until <= now {
            return LockDue::End;
        }
        let held = now.duration_since(self.since);
        let rounds = held.as_secs() / ASK_EVERY.as_secs();
        let long = i32::try_from(rounds).ok().filter(|rounds| *rounds > 0).map(|rounds| ASK_EVERY * rounds);
        let next_long = later(self.since, ASK_EVERY * i32::try_from(rounds + 1).unwrap_or(i32::MAX));
        // Who locks for a quarter of an hour needs no reminder after five minutes.
        let life = self.until.duration_since(self.since);
        let ask = Some(ASK_BEFORE).filter(|before| *before * 4 <= life * 3);
        let ask_at = ask.and_then(|before| self.until.checked_sub(before).ok());
        let ending = ask_at.filter(|at| *at <= now).map(|_| Nag::Ending);
        let until = self.until.min(next_long).min(ask_at.filter(|at| *at > now).unwrap_or(self.until));
        LockDue::Held { nags: long.map(Nag::Long).into_iter().chain(ending).collect(), until }
    }

    /// Its end by itself.
    #[must_use]
    pub fn end(&self) -> LockChange {
        let Target { key, service } = &self.target;
        let service = service.as_ref().map_or("", ServiceName::as_str);
        let event = LockEvent {
            target: self.target.clone(),
            what: LockWhat::Ended { by: self.by.clone() },
            by: Actor::Schedule,
            because: None,
            at: self.until,
            until: None,
            // A lock that was given up early and taken again may end at the same second.
            delivery: DeliveryId::new(format!("lock-ends:{key}/{service}:{}/{}", self.since, self.until)),
            channel: self.channel.clone(),
            thread: self.thread.clone(),
        };
        LockChange { from: Some(self.clone()), to: None, event }
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
