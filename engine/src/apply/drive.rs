//! Driving one operation: take its lease, do what comes next, write it down, until it is over or people are asked.

use super::engine::{Drive, Engine};
use super::flight::Flight;
use super::planning::{NoPlan, claim, what_changed};
use crate::environment::{Environment, Release};
use crate::journal::{Asked, Entry, Failure, FailureKind, Next, Operation, Outcome, Stamped, State};
use crate::names::OpId;
use crate::ports::{Admission, Commit, Lease, Platform, RecordChange, RowChange, Store, StoreError, Writer};
use futures::future::{Either, FutureExt, select};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Notify;

/// How often the outside is asked again for a plan before an admitted operation fails.
const SURVEYS: u32 = 5;

impl Engine {
    /// Drives an operation as far as it goes. `bell` is rung when people have written to its journal.
    ///
    /// It may be dropped at any await: what was begun is repeated by the next drive.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses; [`StoreError::Fenced`] means that somebody else drives it now.
    pub async fn drive(&self, id: OpId, bell: &Notify) -> Result<Drive, StoreError> {
        let now = self.clock.now();
        let until = later(now, self.tuning.lease);
        let Some(lease) = self.store.lease(id, &self.holder, now, until).await? else {
            // One that is over gives out no lease.
            let closed = self.store.operation(id).await?.is_some_and(|record| record.state.is_closed());
            return Ok(if closed { Drive::Closed } else { Drive::Busy { until } });
        };
        let mut run = Run::load(self, lease).await?;
        let drive = run.go(bell).await?;
        if drive != Drive::Closed {
            self.store.release(&run.lease).await?;
        }
        Ok(drive)
    }
}

/// An operation as its journal tells it now, and the journal.
///
/// # Errors
/// [`StoreError`] where there is none, or none that can be read.
pub async fn told(store: &dyn Store, id: OpId) -> Result<(Operation, Vec<Stamped>), StoreError> {
    let journal = store.history(id, 0).await?;
    if journal.is_empty() {
        return Err(StoreError::NoSuchOperation(id));
    }
    let op = Operation::fold(id, &journal).map_err(|why| unreadable(id, &why))?;
    Ok((op, journal))
}

/// One drive of one operation.
pub(super) struct Run<'e> {
    pub(super) engine: &'e Engine,
    pub(super) lease: Lease,
    pub(super) op: Operation,
    pub(super) renew_at: Timestamp,
    /// How often the outside couldn't be asked for a plan.
    surveys: u32,
}

/// What goes into the journal together.
#[derive(Default)]
pub(super) struct Writing {
    pub(super) entries: Vec<Entry>,
    pub(super) rows: Vec<RowChange>,
    pub(super) record: Option<RecordChange>,
    pub(super) releases: Vec<Release>,
}

impl From<Entry> for Writing {
    fn from(entry: Entry) -> Self {
        Self { entries: vec![entry], ..Self::default() }
    }
}

impl<'e> Run<'e> {
    async fn load(engine: &'e Engine, lease: Lease) -> Result<Self, StoreError> {
        let op = told(engine.store.as_ref(), lease.op).await?.0;
        Ok(Self { engine, renew_at: later(engine.clock.now(), engine.tuning.lease / 3), lease, op, surveys: 0 })
    }

    async fn go(&mut self, bell: &Notify) -> Result<Drive, StoreError> {
        let mut flight: Option<Flight> = None;
        loop {
            match self.op.next(self.engine.clock.now()) {
                Next::Nothing => return Ok(Drive::Closed),
                Next::People { until } => return Ok(Drive::People { until }),
                Next::Admit => {
                    if let Some(drive) = self.admit(bell).await? {
                        return Ok(drive);
                    }
                }
                Next::Steps { start, moving, wake, abort } => {
                    let flight = match &mut flight {
                        Some(flight) => flight,
                        None => flight.insert(Flight::new(self).await?),
                    };
                    flight.step(self, bell, super::flight::Round { start, moving, wake, abort }).await?;
                }
                Next::Tidy => self.tidy().await?,
                Next::Receipt => self.take_receipt(bell).await?,
                Next::Close(outcome) => {
                    if self.close(outcome).await? {
                        return Ok(Drive::Closed);
                    }
                }
            }
        }
    }

    /// Claims what the plan touches, looks at the world again, and lets it run if it is still what was approved.
    /// Gives a reason to stop driving, if there is one.
    async fn admit(&mut self, bell: &Notify) -> Result<Option<Drive>, StoreError> {
        self.keep_lease().await?;
        if let Some(drive) = self.behind().await? {
            return Ok(Some(drive));
        }
        let planned = match self.engine.plan(&self.op.request).await {
            Ok(planned) => planned,
            Err(error) => return self.no_plan(error, bell).await,
        };
        let wanted = claim(&self.op.request.key, &planned);
        if let Admission::Queued { ahead } = self.engine.store.claim(&self.lease, &wanted).await? {
            if self.op.ahead != ahead {
                self.append(Entry::Queued { ahead }.into()).await?;
            }
            return Ok(Some(Drive::Queued));
        }
        // Claimed: from here on nobody else moves it. What was planned before the claim may have moved meanwhile.
        match self.engine.plan(&self.op.request).await {
            // It touches something else now, so that is claimed, and looked at, next.
            Ok(fresh) if claim(&self.op.request.key, &fresh) != wanted => Ok(None),
            Ok(fresh) => match self.engine.held(&self.op.request, &fresh).await? {
                Some(by) => self.hold(by).await,
                None => self.admit_plan(fresh).await.map(|()| None),
            },
            Err(error) => self.no_plan(error, bell).await,
        }
    }

    async fn admit_plan(&mut self, fresh: super::Planned) -> Result<(), StoreError> {
        self.surveys = 0;
        let digest = fresh.plan.digest();
        let mut writing = Writing::default();
        let mut after = self.op.clone();
        if digest != self.op.digest || !self.op.terms.cover(&fresh.terms) {
            let (changed, at) = (what_changed(&self.op, &fresh), self.engine.clock.now());
            let asked = Some(Asked { deadline: fresh.terms.deadline(at), terms: fresh.terms });
            let entry = Entry::Replanned { plan: Box::new(fresh.plan), changed, asked };
            let stamped = Stamped { seq: after.seq + 1, at, entry: entry.clone() };
            after.apply(&stamped).map_err(|why| unreadable(after.id, &why))?;
            writing.entries.push(entry);
        }
        // What is asked anew runs at once only where nobody's word is needed.
        if after.approval().is_err() {
            // It lets go first: whoever waits for people is in nobody's way, even if this process ends here.
            self.engine.store.unclaim(&self.lease).await?;
        } else if after.cancelled.is_none() {
            let before = self.engine.store.environment(&self.op.request.key).await?.map(Box::new);
            writing.entries.push(Entry::Admitted { digest, before });
            writing.record = self.admitted_record(&after.plan).await?;
            writing.releases = self.releases(&after.plan.delta, false).await?;
        }
        self.append(writing).await.map(drop)
    }

    /// There is no plan: it is asked for again in a moment where that may help, and over otherwise.
    async fn no_plan(&mut self, error: NoPlan, bell: &Notify) -> Result<Option<Drive>, StoreError> {
        match error {
            NoPlan::Store(error) => Err(error),
            error if error.is_passing() && self.surveys < SURVEYS => {
                self.surveys += 1;
                let wait = SignedDuration::from_secs(1 << self.surveys);
                self.pause(later(self.engine.clock.now(), wait), bell).await?;
                Ok(None)
            }
            error => self.give_up(&error).await,
        }
    }

    async fn give_up(&mut self, error: &NoPlan) -> Result<Option<Drive>, StoreError> {
        let kind = if error.is_passing() { FailureKind::Transient } else { FailureKind::Invalid };
        let why = Failure { kind, message: error.to_string() };
        let outcome = Outcome::Failed { why, at: None, standing: self.op.standing() };
        Ok(self.close(outcome).await?.then_some(Drive::Closed))
    }

    /// Writes to the journal. Where people wrote in between, theirs are read first: what happened outside is then written
    /// on top, but of what was decided nothing is, since with their word it may be decided otherwise.
    /// Tells whether it was written.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses; then the operation is as the store has it.
    pub(super) async fn append(&mut self, writing: Writing) -> Result<bool, StoreError> {
        if writing.entries.is_empty() {
            return Ok(true);
        }
        loop {
            let at = self.engine.clock.now();
            let after = self.op.seq;
            for (seq, entry) in (after + 1..).zip(&writing.entries) {
                if let Err(illegal) = self.op.apply(&Stamped { seq, at, entry: entry.clone() }) {
                    tracing::warn!(op = %self.op.id, %illegal, "an entry no longer follows; deciding anew");
                    self.reload().await?;
                    return Ok(false);
                }
            }
            let commit = Commit {
                op: self.op.id,
                writer: Writer::Worker(self.lease.clone()),
                after,
                entries: writing.entries.clone(),
                at,
                state: self.op.state(),
                rows: writing.rows.clone(),
                record: writing.record.clone(),
                releases: writing.releases.clone(),
            };
            match self.engine.store.append(commit).await {
                Ok(_) => return Ok(true),
                Err(StoreError::Moved { .. }) => {
                    self.reload().await?;
                    if !writing.entries.iter().all(Entry::is_fact) {
                        return Ok(false);
                    }
                }
                Err(StoreError::RecordMoved(_)) => {
                    self.reload().await?;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn reload(&mut self) -> Result<(), StoreError> {
        self.op = told(self.engine.store.as_ref(), self.op.id).await?.0;
        Ok(())
    }

    /// Reads what people wrote since.
    pub(super) async fn catch_up(&mut self) -> Result<(), StoreError> {
        for stamped in self.engine.store.history(self.op.id, self.op.seq).await? {
            self.op.apply(&stamped).map_err(|why| unreadable(self.op.id, &why))?;
        }
        Ok(())
    }

    /// Waits until then, or until people write; the lease lasts meanwhile.
    pub(super) async fn pause(&mut self, until: Timestamp, bell: &Notify) -> Result<(), StoreError> {
        while self.engine.clock.now() < until {
            self.keep_lease().await?;
            let timer = self.engine.clock.sleep_until(until.min(self.renew_at));
            if let Either::Right(_) = select(timer, bell.notified().boxed()).await {
                return self.catch_up().await;
            }
        }
        Ok(())
    }

    /// Makes the lease last, long before it ends.
    pub(super) async fn keep_lease(&mut self) -> Result<(), StoreError> {
        let now = self.engine.clock.now();
        if now >= self.renew_at {
            let lease = self.engine.tuning.lease;
            self.engine.store.renew(&self.lease, later(now, lease)).await?;
            self.renew_at = later(now, lease / 3);
        }
        Ok(())
    }

    /// The environment as it will be when the operation succeeds.
    pub(super) async fn environment(&self) -> Result<Option<Environment>, StoreError> {
        let current = self.engine.store.environment(&self.op.request.key).await?;
        Ok(self.op.plan.delta.apply(current.as_ref()))
    }

    /// Where it runs.
    pub(super) async fn platform(&self) -> Result<Arc<dyn Platform>, StoreError> {
        let missing = |why: &str| StoreError::Unreadable { what: self.op.id.to_string(), why: why.to_owned() };
        let name = match &self.op.plan.platform {
            Some(name) => name.clone(),
            None => self.environment().await?.ok_or_else(|| missing("its environment has no record"))?.platform,
        };
        self.engine.platforms.get(&name).cloned().ok_or_else(|| missing("its platform isn't here any more"))
    }
}

fn unreadable(id: OpId, why: &crate::journal::Illegal) -> StoreError {
    StoreError::Unreadable { what: format!("the journal of {id}"), why: why.to_string() }
}

/// An instant so much later; the end of time where there is none.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The state that an operation is in, for who lists it.
impl From<&Operation> for State {
    fn from(op: &Operation) -> Self {
        op.state()
    }
}
