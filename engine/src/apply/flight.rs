//! Steps on their way: calls to drivers, side by side, each with its intent written before and its outcome after.

use super::drive::{Run, Writing, later};
use super::polls::Polls;
use super::retry;
use super::rows::Rows;
use crate::journal::{Entry, Failure, FailureKind, Past, StepState};
use crate::plan::{Action, Step, StepId};
use crate::ports::{Platform, StoreError};
use crate::provider::{Handle, Progress, ProviderError, Put, Remove, Token};
use crate::value::Spec;
use futures::future::{BoxFuture, Either, FutureExt, ready, select};
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
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
    platform: Arc<dyn Platform>,
    rows: Rows,
    calls: FuturesUnordered<BoxFuture<'static, Reply>>,
    flying: BTreeSet<StepId>,
    polls: Polls,
    /// Whether what another process left on its way is in the journal as that.
    resumed: bool,
    /// Steps that have answered to this process.
    heard: BTreeSet<StepId>,
    /// Whether everything on its way has to end.
    aborting: bool,
    /// Told to end: taken back where that can be (a removal only goes on).
    aborted: BTreeSet<StepId>,
    /// How many calls that should have taken something back were lost.
    lost_aborts: BTreeMap<StepId, u32>,
}

/// How long ago it was, for a driver that has no clock.
#[derive(Clone, Copy)]
struct Ago {
    /// That something may have been done which nobody knows of.
    tried: Option<Duration>,
    /// That the step began.
    begun: Duration,
}

impl Ago {
    fn of(past: &Past, since: Timestamp, now: Timestamp) -> Self {
        Self { tried: age(past, now), begun: elapsed(since, now) }
    }
}

/// One call to a driver.
enum Call {
    Put(Put),
    Remove(Remove),
    Abort(Put),
}

impl Flight {
    pub(super) async fn new(run: &Run<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            platform: run.platform().await?,
            rows: Rows::read(run).await?,
            calls: FuturesUnordered::new(),
            flying: BTreeSet::new(),
            polls: Polls::default(),
            resumed: false,
            heard: BTreeSet::new(),
            aborting: false,
            aborted: BTreeSet::new(),
            lost_aborts: BTreeMap::new(),
        })
    }

    /// Starts what can be started, asks again after what is due, waits for the first answer, and writes it down.
    pub(super) async fn step(&mut self, run: &mut Run<'_>, bell: &Notify, round: Round) -> Result<(), StoreError> {
        run.keep_lease().await?;
        if !self.resumed {
            return self.resume(run, round.moving).await;
        }
        self.start(run, &round.start).await?;
        if round.abort && !std::mem::replace(&mut self.aborting, true) {
            let now = run.engine.clock.now();
            round.moving.iter().filter(|id| !self.flying.contains(id)).for_each(|id| self.polls.set(*id, now));
        }
        self.poll(run);
        let now = run.engine.clock.now();
        // With all hands full, only an answer makes room for what is due.
        let poll = self.polls.next().filter(|_| self.flying.len() < run.engine.tuning.parallel);
        let wake = poll.into_iter().chain(round.wake).chain([run.renew_at]).min().unwrap_or(run.renew_at);
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

    /// What another process left on its way goes on; what its last calls did nobody knows, and the journal says so.
    async fn resume(&mut self, run: &mut Run<'_>, moving: Vec<StepId>) -> Result<(), StoreError> {
        let now = run.engine.clock.now();
        moving.iter().for_each(|id| self.polls.set(*id, now));
        self.resumed = moving.is_empty() || run.append(Entry::Resumed { steps: moving }.into()).await?;
        Ok(())
    }

    /// Intent first: every step that starts is in the journal, with its row, before any of them is called.
    async fn start(&mut self, run: &mut Run<'_>, ready: &[StepId]) -> Result<(), StoreError> {
        let room = run.engine.tuning.parallel.saturating_sub(self.flying.len());
        let now = run.engine.clock.now();
        let mut writing = Writing::default();
        let mut calls = Vec::new();
        for id in ready.iter().take(room) {
            let Some((step, state)) = run.op.step(*id) else { continue };
            let (attempt, since, past, unsure) = match state {
                StepState::Retrying { attempt, since, past, .. } => (attempt + 1, *since, past.clone(), false),
                _ => {
                    let unsure = self.rows.is_unsure(step);
                    (1, now, Past { unsure: unsure.then_some(now), ..Past::default() }, unsure)
                }
            };
            let handle = self.rows.handle(step);
            // Another try finds what the first one left.
            let before = if attempt == 1 { self.rows.before(step) } else { None };
            match self.begin(step, &handle, &past, now) {
                Ok(spec) => {
                    let token = Token::derive(run.op.id, &handle.mark, spec.as_ref());
                    writing.entries.push(Entry::Started { step: *id, token: token.clone(), attempt, unsure, before });
                    writing.rows.extend(self.rows.intended(step));
                    calls.push((*id, call(handle, token, spec, step, Ago::of(&past, since, now))));
                }
                Err((failure, wait)) => {
                    // What can't be resolved yet has none.
                    let token = match step.spec() {
                        Some(_) => Token(String::new()),
                        None => Token::derive(run.op.id, &handle.mark, None),
                    };
                    let retry = wait.map(|wait| soon(run, wait));
                    writing.entries.push(Entry::Started { step: *id, token, attempt, unsure, before });
                    writing.entries.push(Entry::Failed { step: *id, failure, retry });
                }
            }
        }
        let rows = writing.rows.clone();
        if run.append(writing).await? {
            self.rows.remember(rows);
            for (id, call) in calls {
                self.launch(id, call);
            }
        }
        Ok(())
    }

    /// What a step begins with; or why it can't yet, and when it is tried again.
    fn begin(
        &self,
        step: &Step,
        handle: &Handle,
        past: &Past,
        now: Timestamp,
    ) -> Result<Option<Spec>, (Failure, Option<Duration>)> {
        let spec = self.rows.inputs(step).map_err(|failure| {
            let wait = retry::after(failure.kind, times(past, failure.kind), step.spec().is_none());
            (failure, wait)
        })?;
        // What may have been made a moment ago would be looked for in vain; a removal that finds nothing is done.
        let (made, message) = match handle.id {
            None => (age(past, now), "an earlier try may have made it, and it would not be visible yet"),
            // It is waited for once: where the clock was put back, it would seem young for as long.
            Some(_) => {
                let known = self.rows.known(step).filter(|_| times(past, FailureKind::NotYet) == 1);
                (known.map(|at| elapsed(at, now)), "it was made a moment ago, and may not be visible yet")
            }
        };
        let hidden = made.and_then(|age| self.platform.lag().checked_sub(age)).filter(|wait| !wait.is_zero());
        match hidden.filter(|_| spec.is_none()) {
            Some(wait) => Err((Failure { kind: FailureKind::NotYet, message: message.to_owned() }, Some(wait))),
            None => Ok(spec),
        }
    }

    /// Asks again after steps on their way, with the token that they were started with.
    fn poll(&mut self, run: &Run<'_>) {
        let now = run.engine.clock.now();
        while self.flying.len() < run.engine.tuning.parallel
            && let Some(id) = self.polls.take_due(now)
        {
            let Some((
                step,
                StepState::Started { token, since, past, .. } | StepState::Waiting { token, since, past, .. },
            )) = run.op.step(id)
            else {
                continue;
            };
            let spec = match self.rows.inputs(step) {
                Ok(spec) => spec,
                // What it refers to in another environment has gone meanwhile.
                Err(gone) => {
                    self.flying.insert(id);
                    let answer = Err(ProviderError::NotYet(gone.message));
                    self.calls.push(ready(Reply { step: id, aborting: false, answer }).boxed());
                    continue;
                }
            };
            // After a long absence it may be done: so it is asked once before it is too late for it.
            let late = self.heard.contains(&id) && later(*since, run.engine.tuning.step) <= now;
            let abort = self.aborting && !self.aborted.contains(&id);
            let call = match call(self.rows.handle(step), token.clone(), spec, step, Ago::of(past, *since, now)) {
                Call::Put(put) if (abort || late) && self.aborted.insert(id) => Call::Abort(put),
                Call::Remove(remove) if abort || late => {
                    self.aborted.insert(id);
                    Call::Remove(remove)
                }
                call => call,
            };
            self.launch(id, call);
        }
    }

    fn launch(&mut self, id: StepId, call: Call) {
        let platform = Arc::clone(&self.platform);
        self.flying.insert(id);
        self.polls.remove(id);
        let aborting = matches!(call, Call::Abort(_));
        let call = async move { Reply { step: id, aborting, answer: perform(platform.as_ref(), call).await } };
        self.calls.push(call.boxed());
    }

    /// Outcomes, in one write.
    async fn settle(&mut self, run: &mut Run<'_>, replies: Vec<Reply>) -> Result<(), StoreError> {
        let mut writing = Writing::default();
        let now = run.engine.clock.now();
        for Reply { step: id, aborting, answer } in replies {
            self.flying.remove(&id);
            let Some((step, state)) = run.op.step(id) else { continue };
            match answer {
                Ok(Progress::Done(seen)) => {
                    writing.rows.extend(self.rows.done(step, &seen, now));
                    writing.entries.push(Entry::Succeeded { step: id, id: seen.id, outputs: seen.outputs });
                }
                Ok(Progress::Pending { seen, note, again }) => {
                    self.heard.insert(id);
                    // Who hasn't been told to end yet is told at once.
                    let told = !self.aborting || self.aborted.contains(&id);
                    self.polls.set(id, if told { soon(run, again) } else { run.engine.clock.now() });
                    let known = matches!(state, StepState::Waiting { id, outputs, note: before, .. }
                        if id == &seen.id && outputs == &seen.outputs && before == &note);
                    if let Some(failure) = self.overdue(run, id, state) {
                        writing.entries.push(Entry::Failed { step: id, failure, retry: None });
                    } else if !known {
                        writing.rows.extend(self.rows.seen(step, &seen, now));
                        writing.entries.push(Entry::Waiting { step: id, id: seen.id, outputs: seen.outputs, note });
                    }
                }
                Ok(Progress::Reverted { serving, why }) => {
                    writing.rows.extend(self.rows.reverted(step, &serving));
                    writing.entries.push(Entry::Reverted { step: id, serving, why });
                }
                Err(error) => match aborting.then(|| self.abort_again(id, &error)).flatten() {
                    Some(wait) => self.polls.set(id, soon(run, wait)),
                    None => writing.entries.push(failed(run, step, state, &error)),
                },
            }
        }
        let rows = writing.rows.clone();
        if run.append(writing).await? {
            self.rows.remember(rows);
        }
        Ok(())
    }

    /// Taking back belongs to the try that it ends: where the call is lost it is made again, until it is lost too often.
    fn abort_again(&mut self, id: StepId, error: &ProviderError) -> Option<Duration> {
        let lost = self.lost_aborts.entry(id).or_default();
        *lost += 1;
        let wait = retry::after(Failure::from(error).kind, *lost, false)?;
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
}

fn soon(run: &Run<'_>, wait: Duration) -> Timestamp {
    later(run.engine.clock.now(), SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX))
}

/// How often tries failed so, this one among them.
fn times(past: &Past, kind: FailureKind) -> u32 {
    past.failed.get(&kind).map_or(1, |times| times + 1)
}

/// How long ago something may have been done that nobody knows of.
fn age(past: &Past, now: Timestamp) -> Option<Duration> {
    past.unsure.map(|at| elapsed(at, now))
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO)
}

fn failed(run: &Run<'_>, step: &Step, state: &StepState, error: &ProviderError) -> Entry {
    let failure = Failure::from(error);
    let times = match state {
        StepState::Started { past, .. } | StepState::Waiting { past, .. } => times(past, failure.kind),
        _ => 1,
    };
    let wait = retry::after(failure.kind, times, step.spec().is_none());
    let wait = match error {
        ProviderError::Throttled { again } => wait.map(|wait| wait.max(*again)),
        _ => wait,
    };
    Entry::Failed { step: step.id, retry: wait.map(|wait| soon(run, wait)), failure }
}

fn call(at: Handle, token: Token, spec: Option<Spec>, step: &Step, ago: Ago) -> Call {
    let Ago { tried, begun } = ago;
    let replaces = match &step.action {
        Action::Create { replaces, .. } => *replaces,
        Action::Update { .. } | Action::Delete { .. } => None,
    };
    match spec {
        Some(spec) => Call::Put(Put { at, token, spec, replaces, tried, begun }),
        None => Call::Remove(Remove { at, token, tried }),
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
