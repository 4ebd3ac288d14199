//! An operation as the fold of its journal. An entry that can't follow is an error, not a shrug.

use super::edges::Edges;
use super::entry::{Asked, Entry, Outcome, Signal, Stamped};
use super::state::State;
use super::step::{Past, StepState};
use crate::approval::{Approved, Motion, Refusal, Tally, Terms, Vote};
use crate::change::{Actor, Request};
use crate::lock::Holdup;
use crate::names::{Digest, OpId, UserId};
use crate::plan::{Action, Plan, Step, StepId};
use crate::receipt::Receipt;
use jiff::{SignedDuration, Timestamp};

/// Whoever has less time than this isn't reminded.
const WORTH_REMINDING: SignedDuration = SignedDuration::from_mins(10);

/// An entry that can't follow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} can't follow: {why}")]
pub struct Illegal {
    /// Its number.
    pub seq: u64,
    /// Why not.
    pub why: &'static str,
}

/// Whose word decided an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'o> {
    /// Nobody's: none was needed, or it isn't decided.
    Nobody,
    /// Those who approved what runs.
    Approved(&'o [UserId]),
    /// Who was against it, or ended it.
    Ended(&'o UserId),
}

/// One plan on its way.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its number.
    pub id: OpId,
    /// What was asked.
    pub request: Request,
    /// What is, or would be, done.
    pub plan: Plan,
    /// The digest of that plan.
    pub digest: Digest,
    /// Whose word it needs.
    pub terms: Terms,
    /// When it is void without a decision.
    pub deadline: Option<Timestamp>,
    /// Every vote, oldest first; those on other plans too.
    pub votes: Vec<Vote>,
    /// What moved on under the plan that was approved, if it was planned anew.
    pub changed: Vec<super::WhatChanged>,
    /// Whether it was planned anew, so that people may have another plan before them.
    pub replanned: bool,
    /// Who is ahead.
    pub ahead: Vec<OpId>,
    /// What holds it back, or held it back before others were ahead.
    pub held: Option<Holdup>,
    /// The word that it runs on, once it does.
    pub admitted: Option<Approved>,
    /// Where each step stands.
    pub steps: Vec<StepState>,
    /// Who ended it, and why.
    pub cancelled: Option<(Actor, Option<String>)>,
    /// Whether what a rollout that was taken back left unwanted is on its way out, or out.
    pub tidied: bool,
    /// How many the inventory shows that should be gone, and until when it is looked again.
    pub counting: Option<(u32, Timestamp)>,
    /// What the teardown left.
    pub receipt: Option<Receipt>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The number of its newest entry.
    pub seq: u64,
    /// When that was written.
    pub at: Timestamp,
    /// Votes before this place were on plans that were replaced.
    void: usize,
    pub(super) edges: Edges,
}

impl Operation {
    /// The operation that a journal tells.
    ///
    /// # Errors
    /// [`Illegal`] where an entry can't follow, or where the first isn't a proposal.
    pub fn fold(id: OpId, journal: &[Stamped]) -> Result<Self, Illegal> {
        let [first, rest @ ..] = journal else {
            return Err(Illegal { seq: 0, why: "an empty journal" });
        };
        let mut operation = Self::open(id, first)?;
        rest.iter().try_for_each(|stamped| operation.apply(stamped))?;
        Ok(operation)
    }

    fn open(id: OpId, first: &Stamped) -> Result<Self, Illegal> {
        let Entry::Proposed { request, plan, policy, deadline, terms } = &first.entry else {
            return Err(Illegal { seq: first.seq, why: "the first entry isn't a proposal" });
        };
        Ok(Self {
            id,
            request: request.as_ref().clone(),
            plan: plan.as_ref().clone(),
            digest: plan.digest(),
            terms: terms.clone().unwrap_or_else(|| policy.clone().into()),
            deadline: *deadline,
            votes: Vec::new(),
            changed: Vec::new(),
            replanned: false,
            ahead: Vec::new(),
            held: None,
            admitted: None,
            steps: vec![StepState::Todo; plan.steps.len()],
            cancelled: None,
            tidied: false,
            counting: None,
            receipt: None,
            outcome: None,
            seq: first.seq,
            at: first.at,
            void: 0,
            edges: Edges::new(plan),
        })
    }

    /// Takes one more entry.
    ///
    /// # Errors
    /// [`Illegal`] where it can't follow; then nothing has changed.
    pub fn apply(&mut self, stamped: &Stamped) -> Result<(), Illegal> {
        let illegal = |why| Illegal { seq: stamped.seq, why };
        if stamped.seq != self.seq + 1 {
            return Err(illegal("its number doesn't follow the one before"));
        }
        if self.outcome.is_some() {
            return Err(illegal("the operation is closed"));
        }
        match &stamped.entry {
            Entry::Proposed { .. } => return Err(illegal("it was proposed already")),
            Entry::Voted(vote) => self.votes.push(vote.clone()),
            Entry::Queued { ahead } if self.admitted.is_none() => self.ahead.clone_from(ahead),
            Entry::Held { by } if self.admitted.is_none() => {
                self.ahead.clear();
                self.held = Some(by.clone());
            }
            Entry::Replanned { plan, changed, asked } if self.admitted.is_none() => {
                self.changed.clone_from(changed);
                self.replan(plan, asked.as_ref(), stamped.at);
            }
            Entry::Admitted { digest, .. } if self.admitted.is_none() => {
                let approved = self.approval().map_err(|_| illegal("admitted without approval"))?;
                if &self.digest != digest {
                    return Err(illegal("admitted with another plan"));
                }
                self.ahead.clear();
                self.held = None;
                self.admitted = Some(approved);
            }
            Entry::Queued { .. } | Entry::Held { .. } | Entry::Replanned { .. } | Entry::Admitted { .. } => {
                return Err(illegal("it runs already"));
            }
            Entry::Signalled { signal: Signal::Cancel, by, because } => {
                self.cancelled.get_or_insert_with(|| (by.clone(), because.clone()));
            }
            Entry::Signalled { signal: Signal::Retry, .. } => self.retry_stuck(stamped.at),
            Entry::Resumed { steps } => self.resume(steps, stamped.at).map_err(illegal)?,
            Entry::Tidied { steps } => self.tidy(steps).map_err(illegal)?,
            Entry::Counting { left, until } => {
                self.may_count().map_err(illegal)?;
                self.counting = Some((*left, *until));
            }
            Entry::Receipted(receipt) => {
                self.may_count().map_err(illegal)?;
                self.receipt = Some(receipt.clone());
            }
            Entry::Closed(outcome) => {
                self.may_end(outcome).map_err(illegal)?;
                self.outcome = Some(outcome.clone());
            }
            Entry::Started { step, .. }
            | Entry::Waiting { step, .. }
            | Entry::Succeeded { step, .. }
            | Entry::Reverted { step, .. }
            | Entry::Failed { step, .. } => self.advance(*step, stamped).map_err(illegal)?,
        }
        self.seq = stamped.seq;
        self.at = stamped.at;
        Ok(())
    }

    /// It has another plan, or the same under other terms.
    fn replan(&mut self, plan: &Plan, asked: Option<&Asked>, at: Timestamp) {
        self.replanned = true;
        self.digest = plan.digest();
        self.edges = Edges::new(plan);
        self.steps = vec![StepState::Todo; plan.steps.len()];
        self.plan = plan.clone();
        // Void is void, even if a later plan is the old one again; and who is asked anew has the time anew.
        self.void = self.votes.len();
        match asked {
            Some(Asked { terms, deadline }) => (self.terms, self.deadline) = (terms.clone(), *deadline),
            None => self.deadline = self.terms.deadline_before_it_was_kept(at),
        }
        self.ahead.clear();
    }

    /// The table of what a step may do next.
    fn advance(&mut self, id: StepId, stamped: &Stamped) -> Result<(), &'static str> {
        use StepState::{Done, Retrying, Reverted, Started, Stuck, Todo, Waiting};
        if self.admitted.is_none() {
            return Err("a step before the operation was admitted");
        }
        let at = stamped.at;
        let state = self.steps.get_mut(id.0 as usize).ok_or("there is no such step")?;
        let next = match (&*state, &stamped.entry) {
            (Todo, Entry::Started { .. }) if !self.edges.ready.contains(&id) => {
                return Err("a step before what it waits for");
            }
            (Todo, Entry::Started { token, attempt, unsure, .. }) => {
                let past = Past { unsure: unsure.then_some(at), ..Past::default() };
                Started { token: token.clone(), attempt: *attempt, since: at, past }
            }
            (Retrying { since, past, .. } | Started { since, past, .. }, Entry::Started { token, attempt, .. }) => {
                Started { token: token.clone(), attempt: *attempt, since: *since, past: past.clone() }
            }
            (
                Started { token, since, past, .. } | Waiting { token, since, past, .. },
                Entry::Waiting { id, outputs, note, .. },
            ) => {
                let is_known = matches!(&*state, Waiting { id: before, .. } if before == id);
                let past = past.answered((!is_known).then_some(at));
                let (token, id, outputs, note) = (token.clone(), id.clone(), outputs.clone(), note.clone());
                Waiting { token, attempt: 1, since: *since, id, outputs, note, past }
            }
            (Started { since, .. } | Waiting { since, .. }, Entry::Succeeded { outputs, .. }) => {
                Done { since: *since, at, outputs: outputs.clone() }
            }
            (Started { .. } | Waiting { .. }, Entry::Reverted { serving, why, .. }) => {
                Reverted { serving: serving.clone(), why: why.clone() }
            }
            (
                Started { attempt, since, past, .. } | Waiting { attempt, since, past, .. },
                Entry::Failed { failure, retry, .. },
            ) => {
                let (attempt, since, failure) = (*attempt, *since, failure.clone());
                let past = past.failing(failure.kind, at);
                match retry {
                    Some(at) => Retrying { attempt, since, at: *at, failure, past },
                    None => Stuck { attempt, since, failure, past },
                }
            }
            _ => return Err("the step isn't at that point"),
        };
        self.edges.note(id, &self.plan, &next);
        *state = next;
        Ok(())
    }

    /// Calls of these steps were on their way when a process ended: nobody knows what they did.
    fn resume(&mut self, steps: &[StepId], now: Timestamp) -> Result<(), &'static str> {
        if !steps.iter().all(|id| self.edges.moving.contains(id)) {
            return Err("it goes on with a step that isn't on its way");
        }
        for id in steps {
            let state = self.steps.get_mut(id.0 as usize);
            if let Some(StepState::Started { past, .. } | StepState::Waiting { past, .. }) = state {
                past.unsure = Some(now);
            }
        }
        Ok(())
    }

    /// The plan gets steps that take away what nobody wants after a revert.
    fn tidy(&mut self, steps: &[Step]) -> Result<(), &'static str> {
        if self.tidied || self.edges.reverted.is_empty() || !self.edges.moving.is_empty() {
            return Err("nothing that has just been taken back");
        }
        let numbered = (self.plan.steps.len()..).zip(steps).all(|(place, step)| step.id == step_id(place));
        let removes = |step: &Step| matches!(step.action, Action::Delete { .. });
        if !numbered || !steps.iter().all(removes) {
            return Err("what is added to a plan can only remove, and its numbers go on");
        }
        self.tidied = true;
        self.plan.steps.extend_from_slice(steps);
        self.steps.resize(self.plan.steps.len(), StepState::Todo);
        self.edges.extend(steps);
        Ok(())
    }

    fn retry_stuck(&mut self, now: Timestamp) {
        for (index, state) in self.steps.iter_mut().enumerate() {
            if let StepState::Stuck { since: _, failure, past, .. } = state {
                // Tries and the clock start again: the person who asks for it has mended something.
                let (failure, past) = (failure.clone(), past.answered(None));
                *state = StepState::Retrying { attempt: 0, since: now, at: now, failure, past };
                self.edges.note(step_id(index), &self.plan, state);
            }
        }
    }

    /// The votes that are void, since the plan that they were for isn't the plan any more.
    #[must_use]
    pub fn void_votes(&self) -> &[Vote] {
        self.votes.get(..self.void).unwrap_or_default()
    }

    /// Whether the plan has the word it needs, given in time and since it was shown.
    ///
    /// # Errors
    /// [`Refusal`] says what is missing.
    pub fn approval(&self) -> Result<Approved, Refusal> {
        Approved::check(&self.motion(), &self.votes_in_time())
    }

    /// What people decide on.
    #[must_use]
    pub fn motion(&self) -> Motion<'_> {
        Motion { plan: &self.digest, terms: &self.terms, request: &self.request }
    }

    /// How each of the words that it needs stands.
    #[must_use]
    pub fn tally(&self) -> Vec<Tally> {
        self.motion().tally(&self.votes_in_time())
    }

    /// When whoever is asked should be reminded: half of the time is over, if that leaves time to do something.
    #[must_use]
    pub fn reminder(&self) -> Option<Timestamp> {
        let half = self.terms.within().filter(|within| *within >= WORTH_REMINDING)? / 2;
        self.deadline.filter(|_| self.state() == State::Voting)?.checked_sub(half).ok()
    }

    /// The votes since it was shown, given in time; those that don't count too.
    #[must_use]
    pub fn votes_in_time(&self) -> Vec<Vote> {
        let in_time = |vote: &&Vote| self.deadline.is_none_or(|deadline| vote.at <= deadline);
        self.votes.iter().skip(self.void).filter(in_time).cloned().collect()
    }

    /// Whose word it runs, or ended, on.
    #[must_use]
    pub fn decision(&self) -> Decision<'_> {
        match (&self.outcome, &self.cancelled, &self.admitted) {
            (Some(Outcome::Rejected { vote }), ..) => Decision::Ended(&vote.by),
            (_, Some((by, _)), _) => by.user().map_or(Decision::Nobody, Decision::Ended),
            (_, None, Some(approved)) if !approved.by().is_empty() => Decision::Approved(approved.by()),
            _ => Decision::Nobody,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        if let Some(outcome) = &self.outcome {
            return outcome.state();
        }
        if self.cancelled.is_some() {
            return State::Cancelling;
        }
        if self.admitted.is_some() {
            return if self.is_parked() { State::Parked } else { State::Running };
        }
        match (self.approval().is_ok(), self.ahead.is_empty(), &self.held) {
            (false, ..) => State::Voting,
            (true, false, _) => State::Queued,
            (true, true, Some(_)) => State::Held,
            (true, true, None) => State::Ready,
        }
    }

    /// Whether nothing goes on until people decide.
    #[must_use]
    pub fn is_parked(&self) -> bool {
        !self.edges.stuck.is_empty()
            && self.edges.moving.is_empty()
            && self.edges.retrying.is_empty()
            && self.edges.ready.is_empty()
    }

    /// Where a step stands.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<(&Step, &StepState)> {
        Some((self.plan.step(id)?, self.steps.get(id.0 as usize)?))
    }

    /// How many steps are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.edges.done
    }
}

fn step_id(index: usize) -> StepId {
    StepId(u32::try_from(index).unwrap_or(u32::MAX))
}
