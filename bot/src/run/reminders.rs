//! Votes that are missing when half of the time for them is over: whoever is asked is reminded in the thread. Level-triggered:
//! each look asks what is due now, and a message key makes each reminder one.

use crate::directory::Directory;
use crate::handle;
use crate::report;
use gantry_engine::apply::Engine;
use gantry_engine::journal::{Operation, State};
use gantry_engine::names::UserId;
use gantry_engine::ports::{OpFilter, OpRecord, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Notify;

/// How long a look waits at the most: something may have been proposed meanwhile.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(60);

/// The reminders.
pub(super) struct Reminders {
    pub(super) engine: Engine,
    pub(super) directory: Arc<dyn Directory>,
    pub(super) news: Arc<Notify>,
}

impl Reminders {
    pub(super) async fn run(&self) {
        loop {
            let now = self.engine.clock.now();
            if let Err(error) = self.look(now).await {
                tracing::warn!(%error, "what waits for votes can't be read; it is tried again");
            }
            self.engine.clock.sleep_until(now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX)).await;
        }
    }

    /// Reminds of what is due.
    async fn look(&self, now: Timestamp) -> Result<(), StoreError> {
        let filter = OpFilter { open: true, ..OpFilter::default() };
        let open = self.engine.store.operations(&filter).await?;
        for record in open.iter().filter(|record| record.state == State::Voting) {
            let op = match handle::read(&self.engine, record.id).await {
                Err(error) if error.is_of_one() => {
                    tracing::error!(op = %record.id, %error, "whose votes are missing can't be read; others are reminded");
                    continue;
                }
                op => op?,
            };
            let due = op.reminder().is_some_and(|at| at <= now);
            if let Some(until) = op.deadline.filter(|until| due && now < *until) {
                self.remind(&op, record, until).await?;
            }
        }
        Ok(())
    }

    async fn remind(&self, op: &Operation, record: &OpRecord, until: Timestamp) -> Result<(), StoreError> {
        let Some(asked) = self.asked(op).await else { return Ok(()) };
        if self.engine.store.post_once(report::reminder(op, record, &asked, until)).await? {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Who can give a vote that is missing; none where the workspace doesn't answer: then it is asked again.
    async fn asked(&self, op: &Operation) -> Option<BTreeSet<UserId>> {
        let mut asked = BTreeSet::new();
        for tally in op.tally().iter().filter(|tally| tally.missing() > 0) {
            for group in tally.ask.policy.groups() {
                match self.directory.members(group).await {
                    Ok(members) => asked.extend(members),
                    Err(error) => {
                        tracing::warn!(op = %op.id, %error, "who is asked for a vote isn't known; they are reminded later");
                        return None;
                    }
                }
            }
        }
        asked.retain(|user| op.request.by.user() != Some(user));
        Some(asked)
    }
}
