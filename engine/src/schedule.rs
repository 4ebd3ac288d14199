//! Commands that come again by themselves: the stored record, and what is due of it. Level-triggered: the same record and
//! the same time give the same answer, however often it is asked; what was decided is in the record.

use crate::change::Place;
use crate::names::{DeliveryId, EnvKey, OpId, UserId};
use crate::recurrence::{Rule, ZoneName};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How late a run may be: what was missed (nobody was there, the clock was put forward) is caught up with once if it is
/// younger than this, and else only told.
pub const CATCH_UP: SignedDuration = SignedDuration::from_hours(1);

/// A schedule's number within an installation; shown as `s-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScheduleId(pub u64);

impl fmt::Display for ScheduleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s-{}", self.0)
    }
}

/// A command that somebody wants said again and again, as they would say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its number.
    pub id: ScheduleId,
    /// Counts the changes of this record, from 1.
    pub version: u64,
    /// The command. It is read anew at each run, so that its times of day are that run's.
    pub words: String,
    /// When.
    pub rule: Rule,
    /// Whose wall clocks the rule is about, and what times of day in the command mean.
    pub zone: ZoneName,
    /// With whose rights it runs: who made it.
    pub owner: UserId,
    /// Where it was made, and where its runs are talked about.
    pub place: Place,
    /// Which environment the command is about, if it is about one.
    pub env: Option<EnvKey>,
    /// Why, in their words.
    pub because: Option<String>,
    /// When it was made.
    pub made: Timestamp,
    /// What was due up to here is decided: it ran, or was skipped, or missed.
    pub decided: Timestamp,
    /// Whether it goes on.
    pub state: ScheduleState,
    /// What came of the last time it was due.
    pub last: Option<Run>,
}

/// Whether a schedule goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleState {
    /// It does.
    Active,
    /// Not until somebody says so.
    Paused {
        /// Who said so.
        by: UserId,
    },
    /// Not until somebody says so: whoever made it may not do that any more.
    Stopped,
    /// It has come for the last time.
    Over,
    /// Never again.
    Removed {
        /// Who said so.
        by: UserId,
    },
}

/// What came of a time at which a schedule was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The time.
    pub due: Timestamp,
    /// What came of it.
    pub outcome: RunOutcome,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// The command was said: what came of it, its operation or its answer tells.
    Said,
    /// It wasn't said, since the run before was still open.
    Overlapped(OpId),
    /// It wasn't said, since it was over long before anybody could.
    Missed,
}

/// What is due of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Nothing before then; none if never.
    Nothing {
        /// When to look again.
        until: Option<Timestamp>,
    },
    /// A run.
    Run {
        /// The time that it is for.
        due: Timestamp,
        /// Whether times before it were missed.
        missed: bool,
    },
    /// Nothing but news: times went by, too long ago to be caught up with.
    Missed {
        /// The first of them.
        first: Timestamp,
        /// Up to here everything is decided by that.
        upto: Timestamp,
    },
}

impl Schedule {
    /// Whether anything will come of it, now or when somebody says so.
    #[must_use]
    pub fn stands(&self) -> bool {
        !matches!(self.state, ScheduleState::Over | ScheduleState::Removed { .. })
    }

    /// The record once a time is decided.
    #[must_use]
    pub fn decided(mut self, upto: Timestamp, last: Run) -> Self {
        self.decided = upto;
        self.last = Some(last);
        if self.stands() && self.after(upto).is_none() {
            self.state = ScheduleState::Over;
        }
        self
    }

    /// The record as it goes on from now, whatever was due while it didn't.
    #[must_use]
    pub fn resumed(mut self, now: Timestamp) -> Self {
        self.decided = self.decided.max(now);
        self.state = if self.after(self.decided).is_none() { ScheduleState::Over } else { ScheduleState::Active };
        self
    }

    /// The next time; none while it is paused, and where there is none any more.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        if self.state == ScheduleState::Active { self.after(self.decided) } else { None }
    }

    fn after(&self, at: Timestamp) -> Option<Timestamp> {
        self.rule.next(&self.zone.zone(), self.made, at)
    }

    /// What is due at a time. Of several times that have passed only the newest counts.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let Some(first) = self.next().filter(|first| *first <= now) else { return Due::Nothing { until: self.next() } };
        let oldest = now.saturating_sub(CATCH_UP).unwrap_or(Timestamp::MIN);
        let mut newest = None;
        let mut at = self.decided.max(oldest);
        while let Some(next) = self.after(at).filter(|next| *next <= now) {
            newest = Some(next);
            at = next;
        }
        match newest {
            Some(due) => Due::Run { due, missed: first < due },
            None => Due::Missed { first, upto: oldest },
        }
    }

    /// The delivery that one run is: the same time never makes two of it.
    #[must_use]
    pub fn delivery(&self, due: Timestamp) -> DeliveryId {
        DeliveryId::new(format!("schedule:{}:{}", self.id, due.as_second()))
    }
}
