//! The way to the platform, as it costs time by the world's clock.
//!
//! On a slow line each of AWS's answers takes its time. On an eager one nothing does but AWS itself: what isn't done yet
//! is asked again at once, whatever pause a driver or the engine would make. So one measures what we take, the other what
//! nobody could take less of.

use crate::world::World;
use gantry_engine::ports::Clock;
use gantry_engine::provider::{Progress, ProviderError};
use gantry_standin::Standin;
use gantry_testkit::clock::ManualClock;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long an eager line waits until it asks again: what it measures is known to within this.
pub(crate) const TICK: SignedDuration = SignedDuration::from_millis(500);
/// A refusal that comes after so long isn't one that passes.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// A line to the platform.
#[derive(Debug)]
pub(crate) struct Line {
    clock: Arc<ManualClock>,
    standin: Standin,
    /// For each answer; none: an eager line.
    latency: Option<SignedDuration>,
    patience: Timestamp,
    /// How many calls there had been after the last question. Questions take turns, so that each one's calls are told
    /// apart: that costs none of the world's time.
    calls: Mutex<usize>,
}

impl Line {
    /// On which each answer takes so long.
    pub(crate) fn slow(world: &World, latency: SignedDuration) -> Arc<Self> {
        Self::new(world, Some(latency))
    }

    /// On which only AWS takes time.
    pub(crate) fn eager(world: &World) -> Arc<Self> {
        Self::new(world, None)
    }

    fn new(world: &World, latency: Option<SignedDuration>) -> Arc<Self> {
        let standin = world.standin.again();
        let calls = Mutex::new(standin.calls().len());
        let patience = world.clock.now() + PATIENCE;
        Arc::new(Self { clock: Arc::clone(&world.clock), standin, latency, patience, calls })
    }

    /// Asks a question, which takes as many calls as it takes. The first one's way there comes before its effect.
    pub(crate) async fn ask<T>(&self, question: impl Future<Output = T>) -> T {
        let Some(latency) = self.latency else { return question.await };
        self.sleep(latency).await;
        let (answer, more) = {
            let mut calls = self.calls.lock().await;
            let answer = question.await;
            let now = self.standin.calls().len();
            (answer, now.saturating_sub(std::mem::replace(&mut *calls, now) + 1))
        };
        self.sleep(latency * i32::try_from(more).expect("a few calls")).await;
        answer
    }

    /// What an effect comes to. On an eager line none where it is refused for now: it is to be asked again at once.
    pub(crate) async fn hurry(
        &self,
        answer: Result<Progress, ProviderError>,
    ) -> Option<Result<Progress, ProviderError>> {
        match answer {
            answer if self.latency.is_some() => Some(answer),
            Err(ProviderError::Conflict(_) | ProviderError::NotYet(_)) if self.clock.now() < self.patience => {
                self.sleep(TICK).await;
                None
            }
            Ok(Progress::Pending { seen, note, .. }) => {
                Some(Ok(Progress::Pending { seen, note, again: TICK.unsigned_abs() }))
            }
            answer => Some(answer),
        }
    }

    async fn sleep(&self, time: SignedDuration) {
        if time.is_positive() {
            self.clock.sleep_until(self.clock.now() + time).await;
        }
    }
}
