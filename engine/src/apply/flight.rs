//! Steps on their way: calls to drivers, side by side, each with its intent written before and its outcome after.

use super::drive::{Run, Writing, later};
use super::retry;
use crate::address::Mark;
use crate::environment::Environment;
use crate::journal::{Entry, Failure, FailureKind, Serving, StepState};
use crate::names::OpId;
use crate::plan::{Action, Step, StepId};
use crate::ports::{Platform, RowChange, StoreError};
use crate::provider::{Handle, Observed, Progress, ProviderError, Put, Remove, Token};
use crate::resource::{Actual, Row, RowState};
use crate::value::Spec;
use futures::future::{BoxFuture, Either, FutureExt, ready, select};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Notify;

/// What the journal says has to go on now.
pub(super) struct Round {
    pub(super) start: Vec<StepId>,
    pub(super) moving: Vec<StepId>,
    pub(super) wake: Option<Timestamp>,
    pub(super) abort: bool,
}

/// What a driver said, and whether it was told to take the step back.
struct Reply {
    step: StepId,
    aborting: bool,
    answer: Result<Progress, ProviderError>,
}

/// The steps of one drive that are on their way.
pub(super) struct Flight {
    env: Environment,
    platform: Arc<dyn Platform>,
    actual: Actual,
    calls: FuturesUnordered<BoxFuture<'static, Reply>>,
    flying: BTreeSet<StepId>,
    polls: BTreeMap<StepId, Timestamp>,
    /// Told to end: taken back where that can be (a removal only goes on).
    aborted: BTreeSet<StepId>,
    /// How many calls that should have taken something back were lost.
    lost_aborts: BTreeMap<StepId, u32>,
}

/// One call to a driver.
enum Call {
    Put(Put),
    Remove(Remove),
    Abort(Put),
}

impl Flight {
    pub(super) async fn new(run: &Run<'_>) -> Result<Self, StoreError> {
        let missing = |why: &str| StoreError::Unreadable { what: run.op.id.to_string(), why: why.to_owned() };
        let env = run.environment().await?.ok_or_else(|| missing("its environment has no record"))?;
        let platform = run.engine.platform(&env).ok_or_else(|| missing("its platform isn't here any more"))?;
        Ok(Self {
            platform: Arc::clone(platform),
            actual: run.actual(&env).await?,
            env,
            calls: FuturesUnordered::new(),
            flying: BTreeSet::new(),
            polls: BTreeMap::new(),
            aborted: BTreeSet::new(),
            lost_aborts: BTreeMap::new(),
        })
    }

    /// Starts what can be started, asks again after what is due, waits for the first answer, and writes it down.
    pub(super) async fn step(&mut self, run: &mut Run<'_>, bell: &Notify, round: Round) -> Result<(), StoreError> {
        run.keep_lease().await?;
        self.start(run, &round.start).await?;
        self.poll(run, &round);
        let now = run.engine.clock.now();
        let polls = round.moving.iter().filter(|id| !self.flying.contains(id)).filter_map(|id| self.polls.get(id));
        let wake = polls.chain(&round.wake).copied().chain([run.renew_at]).min().unwrap_or(run.renew_at);
        let mut replies = Vec::new();
        {
            let next = async {
                if self.calls.is_empty() { futures::future::pending().await } else { self.calls.next().await }
            };
            let timer = run.engine.clock.sleep_until(wake.max(now));
            let alarm = select(timer, bell.notified().boxed());
            match select(next.boxed(), alarm).await {
                Either::Left((reply, _)) => replies.extend(reply),
                Either::Right((Either::Left(_), _)) => {}
                Either::Right((Either::Right(_), _)) => run.catch_up().await?,
            }
        }
        while let Some(Some(reply)) = self.calls.next().now_or_never() {
            replies.push(reply);
        }
        self.settle(run, replies).await
    }

    /// Intent first: every step that starts is in the journal, with its row, before any of them is called.
    async fn start(&mut self, run: &mut Run<'_>, ready: &[StepId]) -> Result<(), StoreError> {
        let room = run.engine.tuning.parallel.saturating_sub(self.flying.len());
        let mut writing = Writing::default();
        let mut calls = Vec::new();
        for id in ready.iter().take(room) {
            let Some((step, state)) = run.op.step(*id) else { continue };
            let attempt = match state {
                StepState::Retrying { attempt, .. } => attempt + 1,
                _ => 1,
            };
            match self.inputs(step) {
                Ok(spec) => {
                    let handle = self.handle(run, step);
                    let token = Token::derive(run.op.id, &handle.mark, spec.as_ref());
                    writing.entries.push(Entry::Started { step: *id, token: token.clone(), attempt });
                    writing.rows.push(self.intended(run.op.id, step));
                    calls.push((*id, call(handle, token, spec, step)));
                }
                Err(failure) => {
                    let retry = retry::after(failure.kind, attempt).map(|wait| soon(run, wait));
                    let token = Token(String::new());
                    writing.entries.push(Entry::Started { step: *id, token, attempt });
                    writing.entries.push(Entry::Failed { step: *id, failure, retry });
                }
            }
        }
        let rows = writing.rows.clone();
        if run.append(writing).await? {
            self.remember(rows);
            for (id, call) in calls {
                self.launch(id, call);
            }
        }
        Ok(())
    }

    /// Asks again after steps on their way, with the token that they were started with.
    fn poll(&mut self, run: &Run<'_>, round: &Round) {
        let now = run.engine.clock.now();
        for id in &round.moving {
            let answered = self.polls.get(id);
            let abort = round.abort && !self.aborted.contains(id);
            let due = answered.is_none_or(|at| *at <= now) || (abort && !self.lost_aborts.contains_key(id));
            if self.flying.contains(id) || !due || self.flying.len() >= run.engine.tuning.parallel {
                continue;
            }
            // After a long absence it may be done: so it is asked once before it is too late for it.
            let has_said = answered.is_some();
            let Some((step, StepState::Started { token, since, .. } | StepState::Waiting { token, since, .. })) =
                run.op.step(*id)
            else {
                continue;
            };
            let spec = match self.inputs(step) {
                Ok(spec) => spec,
                // What it refers to in another environment has gone meanwhile.
                Err(gone) => {
                    self.flying.insert(*id);
                    let answer = Err(ProviderError::NotYet(gone.message));
                    self.calls.push(ready(Reply { step: *id, aborting: false, answer }).boxed());
                    continue;
                }
            };
            let late = has_said && later(*since, run.engine.tuning.step) <= now;
            let call = match call(self.handle(run, step), token.clone(), spec, step) {
                Call::Put(put) if (abort || late) && self.aborted.insert(*id) => Call::Abort(put),
                Call::Remove(remove) if abort || late => {
                    self.aborted.insert(*id);
                    Call::Remove(remove)
                }
                call => call,
            };
            self.launch(*id, call);
        }
    }

    fn launch(&mut self, id: StepId, call: Call) {
        let platform = Arc::clone(&self.platform);
        self.flying.insert(id);
        self.polls.remove(&id);
        let aborting = matches!(call, Call::Abort(_));
        let call = async move { Reply { step: id, aborting, answer: perform(platform.as_ref(), call).await } };
        self.calls.push(call.boxed());
    }

    /// Outcomes, in one write.
    async fn settle(&mut self, run: &mut Run<'_>, replies: Vec<Reply>) -> Result<(), StoreError> {
        let mut writing = Writing::default();
        for Reply { step: id, aborting, answer } in replies {
            self.flying.remove(&id);
            let Some((step, state)) = run.op.step(id) else { continue };
            match answer {
                Ok(Progress::Done(seen)) => {
                    writing.rows.push(self.done(run.op.id, step, &seen));
                    writing.entries.push(Entry::Succeeded { step: id, id: seen.id, outputs: seen.outputs });
                }
                Ok(Progress::Pending { seen, note, again }) => {
                    self.polls.insert(id, soon(run, again));
                    let known = matches!(state, StepState::Waiting { id, outputs, note: before, .. }
                        if id == &seen.id && outputs == &seen.outputs && before == &note);
                    if let Some(failure) = self.overdue(run, id, state) {
                        writing.entries.push(Entry::Failed { step: id, failure, retry: None });
                    } else if !known {
                        writing.rows.extend(self.seen(step, &seen));
                        writing.entries.push(Entry::Waiting { step: id, id: seen.id, outputs: seen.outputs, note });
                    }
                }
                Ok(Progress::Reverted { serving, why }) => {
                    writing.rows.extend(self.reverted(step, &serving));
                    writing.entries.push(Entry::Reverted { step: id, serving, why });
                }
                Err(error) => match aborting.then(|| self.abort_again(id, &error)).flatten() {
                    Some(wait) => drop(self.polls.insert(id, soon(run, wait))),
                    None => writing.entries.push(failed(run, id, state, &error)),
                },
            }
        }
        let rows = writing.rows.clone();
        if run.append(writing).await? {
            self.remember(rows);
        }
        Ok(())
    }

    /// Taking back belongs to the try that it ends: where the call is lost it is made again, until it is lost too often.
    fn abort_again(&mut self, id: StepId, error: &ProviderError) -> Option<std::time::Duration> {
        let lost = self.lost_aborts.entry(id).or_default();
        *lost += 1;
        let wait = retry::after(Failure::from(error).kind, *lost)?;
        self.aborted.remove(&id);
        Some(wait)
    }

    /// A step that was taken back for taking too long and still goes on is a question for people.
    fn overdue(&self, run: &Run<'_>, id: StepId, state: &StepState) -> Option<Failure> {
        let (StepState::Started { since, .. } | StepState::Waiting { since, .. }) = state else { return None };
        let limit = run.engine.tuning.step;
        let late = later(*since, limit) <= run.engine.clock.now() && self.aborted.contains(&id);
        let message = format!("it took longer than {limit:#}");
        late.then_some(Failure { kind: FailureKind::Deadline, message })
    }

    fn inputs(&self, step: &Step) -> Result<Option<Spec>, Failure> {
        let Some(spec) = step.spec() else { return Ok(None) };
        spec.resolve(&|r| self.actual.lookup(r))
            .map(Some)
            .map_err(|unresolved| Failure { kind: FailureKind::NotYet, message: unresolved.to_string() })
    }

    fn row(&self, step: &Step) -> Option<&Row> {
        self.actual.rows.get(&(step.addr.clone(), step.generation))
    }

    fn handle(&self, run: &Run<'_>, step: &Step) -> Handle {
        let row = self.row(step);
        let mark = Mark {
            installation: run.engine.installation.clone(),
            project: self.env.key.project.clone(),
            incarnation: row.map_or(self.env.incarnation, |row| row.incarnation),
            addr: step.addr.clone(),
            generation: step.generation,
        };
        Handle { mark, kind: step.kind.clone(), id: row.and_then(|row| row.id.clone()) }
    }

    /// The row as it is once a step may have had its effect. A change in place keeps the old spec until it is done.
    fn intended(&self, by: OpId, step: &Step) -> RowChange {
        let fresh = || Row {
            kind: step.kind.clone(),
            incarnation: self.env.incarnation,
            state: RowState::Unsettled,
            id: None,
            spec: step.spec().cloned().unwrap_or_default(),
            resolved: BTreeMap::new(),
            outputs: BTreeMap::new(),
            by,
        };
        let mut row = self.row(step).cloned().unwrap_or_else(fresh);
        row.by = by;
        row.state = match step.action {
            Action::Create { .. } | Action::Update { .. } => RowState::Unsettled,
            Action::Delete { .. } => RowState::Deleting,
        };
        change(step, Some(row))
    }

    fn seen(&self, step: &Step, seen: &Observed) -> Option<RowChange> {
        let mut row = self.row(step)?.clone();
        row.id = seen.id.clone().or(row.id);
        row.outputs.extend(seen.outputs.clone());
        Some(change(step, Some(row)))
    }

    fn done(&self, by: OpId, step: &Step, seen: &Observed) -> RowChange {
        let Some(spec) = step.spec() else { return change(step, None) };
        let resolved = spec.refs().into_iter().filter_map(|r| Some((r.clone(), self.actual.lookup(r)?)));
        let row = Row {
            kind: step.kind.clone(),
            incarnation: self.row(step).map_or(self.env.incarnation, |row| row.incarnation),
            state: RowState::Live,
            id: seen.id.clone(),
            resolved: resolved.collect(),
            spec: spec.clone(),
            outputs: seen.outputs.clone(),
            by,
        };
        change(step, Some(row))
    }

    /// After a revert the resource is what it was; a fresh one that never served stays unsettled.
    fn reverted(&self, step: &Step, serving: &Serving) -> Option<RowChange> {
        let mut row = self.row(step)?.clone();
        if matches!((serving, &step.action), (Serving::Release { .. }, Action::Update { .. })) {
            row.state = RowState::Live;
        }
        Some(change(step, Some(row)))
    }

    fn remember(&mut self, rows: Vec<RowChange>) {
        for RowChange { addr, generation, row } in rows {
            match row {
                Some(row) => self.actual.rows.insert((addr, generation), row),
                None => self.actual.rows.remove(&(addr, generation)),
            };
        }
    }
}

fn change(step: &Step, row: Option<Row>) -> RowChange {
    RowChange { addr: step.addr.clone(), generation: step.generation, row }
}

fn soon(run: &Run<'_>, wait: std::time::Duration) -> Timestamp {
    later(run.engine.clock.now(), SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))
}

fn failed(run: &Run<'_>, step: StepId, state: &StepState, error: &ProviderError) -> Entry {
    let attempt = match state {
        StepState::Started { attempt, .. } | StepState::Waiting { attempt, .. } => *attempt,
        _ => 1,
    };
    let failure = Failure::from(error);
    let wait = match error {
        ProviderError::Throttled { again } => retry::after(failure.kind, attempt).map(|wait| wait.max(*again)),
        _ => retry::after(failure.kind, attempt),
    };
    Entry::Failed { step, retry: wait.map(|wait| soon(run, wait)), failure }
}

fn call(at: Handle, token: Token, spec: Option<Spec>, step: &Step) -> Call {
    let replaces = match &step.action {
        Action::Create { replaces, .. } => *replaces,
        Action::Update { .. } | Action::Delete { .. } => None,
    };
    match spec {
        Some(spec) => Call::Put(Put { at, token, spec, replaces, tried: None }),
        None => Call::Remove(Remove { at, token }),
    }
}

async fn perform(platform: &dyn Platform, call: Call) -> Result<Progress, ProviderError> {
    let kind = match &call {
        Call::Put(put) | Call::Abort(put) => &put.at.kind,
        Call::Remove(remove) => &remove.at.kind,
    };
    let Some(driver) = platform.driver(kind) else {
        return Err(ProviderError::Invalid(format!("the platform {} has no driver for {kind}", platform.name())));
    };
    match call {
        Call::Put(put) => driver.put(&put).await,
        Call::Remove(remove) => driver.remove(&remove).await,
        Call::Abort(put) => {
            driver.abort(&put).await?;
            driver.put(&put).await
        }
    }
}
