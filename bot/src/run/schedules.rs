//! Schedules that are due. A run is a delivery like any other, accepted under an id that is made of the schedule and the
//! time it is for; only then is the time noted as decided. So whatever ends in between, each time is one run at the most.

use crate::handle::{self, Handler};
use crate::intake::{Inbox, Incoming, Scheduled, Way};
use crate::report;
use gantry_engine::apply::Engine;
use gantry_engine::names::OpId;
use gantry_engine::ports::{PostDraft, StoreError};
use gantry_engine::schedule::{Due, Run, RunOutcome, Schedule, ScheduleId};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How long a look waits at the most: another process may have made a schedule.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// How long a look waits after something refused.
const TRY_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// Looks after schedules.
pub(super) struct Schedules {
    pub(super) engine: Engine,
    pub(super) inbox: Inbox,
    /// Rung when a schedule has changed.
    pub(super) arranged: Arc<Notify>,
    pub(super) news: Arc<Notify>,
    /// Tells whether the workspace can be asked about a run's owner.
    pub(super) handler: Handler,
    /// Runs that wait since it can't, with why not. Forgotten at a restart: then it is asked again.
    pub(super) held: Held,
}

/// Why a schedule's run waits.
pub(super) type Held = Mutex<BTreeMap<ScheduleId, String>>;

impl Schedules {
    pub(super) async fn run(&self) {
        loop {
            let now = self.engine.clock.now();
            let later = |wait| now.saturating_add(wait).unwrap_or(Timestamp::MAX);
            let wake = match self.look(now).await {
                Ok(wake) => wake.unwrap_or(Timestamp::MAX).min(later(LOOK_AGAIN)),
                Err(error) => {
                    tracing::warn!(%error, "what is scheduled can't be read; it is tried again");
                    later(TRY_AGAIN)
                }
            };
            tokio::select! {
                () = self.engine.clock.sleep_until(wake) => {}
                () = self.arranged.notified() => {}
            }
        }
    }

    /// Says what is due; gives when to look again.
    pub(super) async fn look(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let mut wake: Option<Timestamp> = None;
        for schedule in self.engine.store.schedules().await? {
            let until = match schedule.due(now) {
                Due::Nothing { until } => until,
                Due::Run { due, missed } => self.due(schedule, due, missed).await?,
                Due::Missed { first, upto } => {
                    let after = schedule.decided(upto, Run { due: first, outcome: RunOutcome::Missed });
                    let why = self.held().remove(&after.id);
                    let told = self.tell(&after, || report::missed(&after, first, why));
                    self.decide(after, vec![told]).await?
                }
            };
            wake = [wake, until].into_iter().flatten().min();
        }
        Ok(wake)
    }

    async fn due(&self, schedule: Schedule, due: Timestamp, missed: bool) -> Result<Option<Timestamp>, StoreError> {
        if let Some(op) = self.open(&schedule).await? {
            let told = self.tell(&schedule, || report::overlapped(&schedule, due, op));
            return self
                .decide(schedule.decided(due, Run { due, outcome: RunOutcome::Overlapped(op) }), vec![told])
                .await;
        }
        let incoming = Incoming {
            way: Way::Schedule,
            user: schedule.owner.clone(),
            channel: schedule.place.channel.clone(),
            thread: schedule.place.thread.clone(),
            text: schedule.words.clone(),
            digest: None,
            scheduled: Some(Scheduled { id: schedule.id, zone: schedule.zone.clone() }),
        };
        // Said now, it would be refused, and this time would be lost: rights are known soon, or it is missed.
        if let Some(unknown) = self.handler.unknown(&incoming, &schedule).await? {
            tracing::warn!(schedule = %schedule.id, error = %unknown, "a run waits until its owner's rights can be asked for");
            self.held().insert(schedule.id, unknown.to_string());
            return Ok(self.engine.clock.now().checked_add(TRY_AGAIN).ok());
        }
        self.held().remove(&schedule.id);
        self.inbox.accept(schedule.delivery(due), &incoming).await?;
        let told = missed.then(|| self.tell(&schedule, || report::caught_up(&schedule, due)));
        self.decide(schedule.decided(due, Run { due, outcome: RunOutcome::Said }), told.into_iter().collect()).await
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<ScheduleId, String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a former run has started, if that isn't over.
    async fn open(&self, schedule: &Schedule) -> Result<Option<OpId>, StoreError> {
        let former = match &schedule.last {
            None | Some(Run { outcome: RunOutcome::Missed, .. }) => None,
            Some(Run { outcome: RunOutcome::Overlapped(op), .. }) => Some(*op),
            Some(Run { due, .. }) => self.engine.store.operation_of(&schedule.delivery(*due)).await?,
        };
        let Some(op) = former else { return Ok(None) };
        let record = self.engine.store.operation(op).await?;
        Ok(record.filter(|record| !record.state.is_closed()).map(|record| record.id))
    }

    /// Notes what was decided. Where somebody changed the schedule meanwhile, the next look decides anew.
    async fn decide(&self, after: Schedule, posts: Vec<PostDraft>) -> Result<Option<Timestamp>, StoreError> {
        let next = after.next();
        let noted = self.engine.store.change_schedule(after, posts.into()).await?;
        self.news.notify_one();
        Ok(if noted { next } else { Some(self.engine.clock.now()) })
    }

    /// News in the zone of the schedule's project; a schedule that is about none has its own.
    fn tell(&self, schedule: &Schedule, tell: impl FnOnce() -> PostDraft) -> PostDraft {
        let project = schedule.env.as_ref().and_then(|env| self.engine.projects.project(&env.project));
        let zone = project.map_or_else(|| schedule.zone.zone(), |project| handle::zone(Some(&project.time_zone)));
        report::in_zone(&zone, tell)
    }
}
