//! What an operation does next: a pure function of its journal and the time.

use super::entry::{Failure, FailureKind, Outcome, Standing};
use super::operation::Operation;
use super::step::StepState;
use crate::address::Addr;
use crate::approval::Refusal;
use crate::environment::Delta;
use crate::names::ServiceName;
use crate::plan::{Action, Step, StepId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What an operation does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// People have to decide; until then, if there is a deadline.
    People {
        /// The deadline.
        until: Option<Timestamp>,
    },
    /// It is approved: claim what it touches, look at the world again, run.
    Admit,
    /// Steps go on.
    Steps {
        /// Those to start, or to try again, now.
        start: Vec<StepId>,
        /// Those on their way.
        moving: Vec<StepId>,
        /// When the next retry is due.
        wake: Option<Timestamp>,
        /// Whether those on their way have to be taken back as far as can be.
        abort: bool,
    },
    /// A rollout was taken back: see what this operation made that nobody wants now.
    Tidy,
    /// Everything is taken down: see what is left.
    Receipt,
    /// It is over.
    Close(Outcome),
    /// It was closed.
    Nothing,
}

impl Operation {
    /// What comes next.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Next {
        if self.outcome.is_some() {
            return Next::Nothing;
        }
        if self.admitted.is_none() { self.next_before(now) } else { self.next_running(now) }
    }

    fn next_before(&self, now: Timestamp) -> Next {
        if let Some((by, because)) = &self.cancelled {
            let (by, because) = (by.clone(), because.clone());
            return Next::Close(Outcome::Cancelled { by, because, standing: self.standing() });
        }
        match self.approval() {
            Ok(_) => Next::Admit,
            Err(Refusal::Rejected(vote)) => Next::Close(Outcome::Rejected { vote }),
            Err(Refusal::Needs { .. }) if self.deadline.is_some_and(|at| at <= now) => Next::Close(Outcome::Expired),
            Err(Refusal::Needs { .. }) => Next::People { until: self.deadline },
        }
    }

    fn next_running(&self, now: Timestamp) -> Next {
        let edges = &self.edges;
        let moving: Vec<StepId> = edges.moving.iter().copied().collect();
        if let Some((by, because)) = &self.cancelled {
            if !moving.is_empty() {
                return Next::Steps { start: Vec::new(), moving, wake: None, abort: true };
            }
            let (by, because) = (by.clone(), because.clone());
            return Next::Close(Outcome::Cancelled { by, because, standing: self.standing() });
        }
        let due = edges.retrying.iter().filter(|(_, at)| **at <= now).map(|(id, _)| *id);
        let start: Vec<StepId> = due.chain(edges.ready.iter().copied()).collect();
        let wake = edges.retrying.values().filter(|at| **at > now).min().copied();
        if !start.is_empty() || !moving.is_empty() || wake.is_some() {
            return Next::Steps { start, moving, wake, abort: false };
        }
        self.next_settled()
    }

    /// Nothing moves any more: how did it end?
    fn next_settled(&self) -> Next {
        if let Some(stuck) = self.edges.stuck.first() {
            return match self.hopeless() {
                Some((why, at)) => Next::Close(Outcome::Failed { why, at: Some(at), standing: self.standing() }),
                None => {
                    debug_assert!(self.is_parked(), "step {stuck} is stuck and nothing moves");
                    Next::People { until: None }
                }
            };
        }
        if !self.edges.reverted.is_empty() {
            if !self.tidied {
                return Next::Tidy;
            }
            return Next::Close(Outcome::Reverted { services: self.reverted(), standing: self.standing() });
        }
        if !self.all_done() {
            // No plan of ours is like that; but an end that isn't one must not be told as one.
            let message = "steps of the plan wait for each other; ask for it again".to_owned();
            let why = Failure { kind: FailureKind::Invalid, message };
            return Next::Close(Outcome::Failed { why, at: None, standing: self.standing() });
        }
        if self.counts() {
            return match &self.receipt {
                None => Next::Receipt,
                Some(receipt) if !receipt.is_clean() => Next::Close(self.left_over(receipt.left.len())),
                Some(_) => Next::Close(Outcome::Succeeded { outputs: BTreeMap::new() }),
            };
        }
        Next::Close(Outcome::Succeeded { outputs: BTreeMap::new() })
    }

    fn left_over(&self, count: usize) -> Outcome {
        let message = format!("{count} left over; the receipt names each");
        let why = Failure { kind: FailureKind::Conflict, message };
        Outcome::Failed { why, at: None, standing: self.standing() }
    }

    /// Whether trying again can't help and nothing was done that somebody has to decide about.
    fn hopeless(&self) -> Option<(Failure, Addr)> {
        if self.edges.done > 0 || !self.edges.reverted.is_empty() {
            return None;
        }
        let mut first = None;
        for id in &self.edges.stuck {
            let (step, StepState::Stuck { failure, .. }) = self.step(*id)? else { return None };
            if !matches!(failure.kind, FailureKind::Invalid | FailureKind::Denied) {
                return None;
            }
            first.get_or_insert_with(|| (failure.clone(), step.addr.clone()));
        }
        first
    }

    fn reverted(&self) -> BTreeMap<ServiceName, (super::Serving, String)> {
        let mut services = BTreeMap::new();
        for id in &self.edges.reverted {
            if let Some((step, StepState::Reverted { serving, why })) = self.step(*id)
                && let Ok(service) = ServiceName::new(step.addr.component.as_str())
            {
                services.insert(service, (serving.clone(), why.clone()));
            }
        }
        services
    }

    /// What it made that stays, and what nobody knows.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let mut standing = Standing::default();
        let done = |(step, state): (&Step, &StepState)| {
            let removed = matches!((&step.action, state), (Action::Delete { .. }, StepState::Done { .. }));
            removed.then(|| (step.addr.clone(), step.generation))
        };
        let gone: BTreeSet<_> = self.plan.steps.iter().zip(&self.steps).filter_map(done).collect();
        for (step, state) in self.plan.steps.iter().zip(&self.steps) {
            if gone.contains(&(step.addr.clone(), step.generation)) {
                continue;
            }
            let list = match (&step.action, state) {
                (_, StepState::Todo | StepState::Reverted { .. }) => continue,
                (Action::Create { .. }, StepState::Done { .. }) => &mut standing.created,
                (Action::Update { .. }, StepState::Done { .. }) => &mut standing.changed,
                _ => &mut standing.unsure,
            };
            list.push(step.addr.clone());
        }
        standing
    }

    /// What the environment's record becomes when it ends so: all that was planned, or what was really done.
    #[must_use]
    pub fn settled_delta(&self, outcome: &Outcome) -> Option<Delta> {
        match outcome {
            Outcome::Succeeded { .. } => Some(self.plan.delta.clone()),
            Outcome::Rejected { .. } | Outcome::Expired => None,
            _ if self.admitted.is_none() => None,
            Outcome::Reverted { .. } | Outcome::Failed { .. } | Outcome::Cancelled { .. } => Some(self.really_done()),
        }
    }

    /// What the environment's record becomes by what was done so far.
    #[must_use]
    pub fn really_done(&self) -> Delta {
        let undone: BTreeSet<&str> = (self.plan.steps.iter().zip(&self.steps))
            .filter(|(_, state)| !matches!(state, StepState::Done { .. }))
            .map(|(step, _)| step.addr.component.as_str())
            .collect();
        let mut delta = self.plan.delta.where_done(|component| !undone.contains(component.as_str()));
        if self.plan.delta.end {
            let gone = self.plan.steps.iter().map(|step| step.addr.component.as_str());
            let gone = gone.filter(|component| !undone.contains(component));
            delta.removed = gone.filter_map(|component| ServiceName::new(component).ok()).collect();
        }
        delta
    }
}
