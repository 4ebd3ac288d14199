//! What holds a change back: locks and freezes, asked when it is asked for and again under its claim.

use super::drive::{Run, later};
use super::engine::{Drive, Engine};
use super::planning::Planned;
use crate::change::{Actor, Change, Request};
use crate::journal::{Entry, Outcome, State};
use crate::lock::{Holdup, LockAsk, Target, Want, holdup};
use crate::names::{DeliveryId, OpId, ServiceName};
use crate::ports::{LockChanged, OpFilter, OpRecord, PostKey, StoreError, Thread};
use std::collections::BTreeSet;

impl Engine {
    /// What holds a plan back now, if anything does.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn held(&self, request: &Request, planned: &Planned) -> Result<Option<Holdup>, StoreError> {
        if planned.plan.is_nothing() {
            return Ok(None);
        }
        self.holdup(request, &planned.proposal.services).await
    }

    /// What holds a request back that touches these services, if anything does.
    ///
    /// # Errors
    /// [`StoreError`] where the store refuses.
    pub async fn holdup(
        &self,
        request: &Request,
        services: &BTreeSet<ServiceName>,
    ) -> Result<Option<Holdup>, StoreError> {
        let Some(project) = self.project(&request.key) else { return Ok(None) };
        let locks = self.store.locks().await?;
        let latest = self.store.environment(&request.key).await?.and_then(|env| env.latest);
        Ok(holdup(request, services, &locks, (&project, latest), self.clock.now()))
    }
}

impl Run<'_> {
    /// Lets go of the claim and waits: what is held back is in nobody's way, least of all in the holder's.
    pub(super) async fn hold(&mut self, by: Holdup) -> Result<Option<Drive>, StoreError> {
        self.engine.store.unclaim(&self.lease).await?;
        let until = by.until();
        if self.op.held.as_ref() != Some(&by) || !self.op.ahead.is_empty() {
            self.append(Entry::Held { by }.into()).await?;
        }
        // Whoever waits for the same and asked before goes first.
        let behind = self.behind().await?;
        Ok(Some(behind.unwrap_or(Drive::Held { until })))
    }

    /// Those that were held back before this one go on before it.
    pub(super) async fn behind(&mut self) -> Result<Option<Drive>, StoreError> {
        if self.op.held.is_none() {
            return Ok(None);
        }
        let (id, store) = (self.op.id, &self.engine.store);
        let Some(mine) = store.operation(id).await? else { return Ok(None) };
        let filter = OpFilter { key: Some(mine.key.clone()), open: true, ..OpFilter::default() };
        let waits = |other: &OpRecord| matches!(other.state, State::Held | State::Queued) && other.id < id;
        let meets = |other: &OpRecord| {
            mine.services.is_empty() || other.services.is_empty() || !mine.services.is_disjoint(&other.services)
        };
        let all = store.operations(&filter).await?;
        let mut ahead: Vec<OpId> = all.iter().filter(|other| waits(other) && meets(other)).map(|op| op.id).collect();
        ahead.sort_unstable();
        if ahead.is_empty() {
            return Ok(None);
        }
        if self.op.ahead != ahead {
            self.append(Entry::Queued { ahead }.into()).await?;
        }
        Ok(Some(Drive::Queued))
    }

    /// Where the project wants it, a service that was rolled back is locked before that is told, so that nobody deploys
    /// the broken version in between. Once per operation, however often it is closed.
    pub(super) async fn lock_after_rollback(&self, outcome: &Outcome) -> Result<(), StoreError> {
        let Some(project) = self.engine.project(&self.op.request.key) else { return Ok(()) };
        let request = &self.op.request;
        let (Outcome::Succeeded { .. }, Change::Rollback { service, .. }, Actor::User(by), Some(length)) =
            (outcome, &request.change, &request.by, project.locking.after_rollback)
        else {
            return Ok(());
        };
        let at = self.engine.clock.now();
        let until = Some(later(at, length));
        let because = request.because.clone().unwrap_or_else(|| request.words.clone());
        let place = request.place.clone();
        let ask = LockAsk {
            target: Target { key: request.key.clone(), service: Some(service.clone()) },
            by: by.clone(),
            want: Want::Lock { until, because, steal: false },
            channel: place.channel,
            thread: place.thread.map_or_else(|| Thread::UnderPost(PostKey::card(self.op.id)), Thread::Under),
            delivery: DeliveryId::new(format!("lock-after:{}", self.op.id)),
            at,
        };
        // Who holds a lock there already has their reasons.
        let Ok(mut change) = ask.decide(&self.engine.store.locks().await?, &project.locking) else { return Ok(()) };
        if let Some(lock) = &mut change.to {
            lock.after = Some(self.op.id);
        }
        if self.engine.store.change_lock(change).await? == LockChanged::Moved {
            tracing::info!(op = %self.op.id, "somebody else took the lock meanwhile");
        }
        Ok(())
    }
}
