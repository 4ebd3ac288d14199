//! Waiting in a town: time passes only here.

use super::Town;
use crate::wait::{LOOK_AGAIN, PATIENCE};
use gantry_engine::journal::State;
use gantry_engine::names::OpId;
use gantry_engine::ports::{Clock, OpFilter};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// When nothing has changed for so long, what goes on is waiting for the clock. Sockets and files, which the clock
/// knows nothing about, take less.
const STILL: Duration = Duration::from_millis(16);

/// The longest step of the clock: what takes longer than [`STILL`] after all must not find that hours have passed.
const STEP: SignedDuration = SignedDuration::from_secs(1);

/// How long a look of those who woke may take on a busy machine.
const A_WHILE: Duration = Duration::from_secs(1);

/// What the bot still has to do, and where everything stands.
#[derive(Debug, PartialEq, Eq)]
struct Undone {
    unhandled: usize,
    unreported: usize,
    unsent: usize,
    open: Vec<(OpId, State, u64)>,
}

impl Undone {
    fn is_nothing(&self) -> bool {
        // Whoever waits for people, or behind somebody who does, goes on waiting.
        let waits = |state: State| matches!(state, State::Voting | State::Parked | State::Queued | State::Held);
        let all_wait = self.open.iter().all(|(_, state, _)| waits(*state));
        let all_queued = !self.open.is_empty() && self.open.iter().all(|(_, state, _)| *state == State::Queued);
        self.unhandled + self.unreported + self.unsent == 0 && all_wait && !all_queued
    }
}

impl Town {
    async fn undone(&self) -> Undone {
        let open = self.store.operations(&OpFilter { open: true, ..OpFilter::default() }).await;
        Undone {
            unhandled: self.store.unhandled(1000).await.expect("the store answers").len(),
            unreported: self.store.unreported().await.expect("the store answers").len(),
            unsent: self.store.unsent(1000).await.expect("the store answers").len(),
            open: open.expect("the store answers").into_iter().map(|op| (op.id, op.state, op.seq)).collect(),
        }
    }

    /// Waits until there is something, and lets time pass meanwhile.
    ///
    /// # Panics
    /// When there is nothing in time.
    pub async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let (mut before, mut since) = (self.undone().await, Instant::now());
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            let now = self.undone().await;
            assert!(Instant::now() < deadline, "waited in vain: {what}; {now:#?}\n{}", self.transcript());
            if now != before {
                (before, since) = (now, Instant::now());
            } else if since.elapsed() > STILL {
                self.step();
                since = Instant::now();
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits until everything that was said is done and told, or waits for people.
    pub async fn settle(&self) {
        let mut quiet = 0;
        self.until("everything is done and told", async |town| {
            quiet = if town.undone().await.is_nothing() { quiet + 1 } else { 0 };
            (quiet > 1).then_some(())
        })
        .await;
    }

    /// Lets this much time pass at once, as if the machine had slept, and then settles.
    pub async fn pass(&self, time: SignedDuration) {
        let asleep = self.clock.sleepers();
        self.go_to(self.clock.now().saturating_add(time).expect("a time that there is"));
        self.looked(asleep).await;
        for _ in 0..3 {
            sleep(STILL).await;
            self.step();
        }
        self.settle().await;
    }

    /// Lets this much time pass, a minute at a time, whatever is left undone.
    ///
    /// # Panics
    /// If there is no such time.
    pub async fn idle(&self, time: SignedDuration) {
        let minute = SignedDuration::from_mins(1);
        let end = self.clock.now().saturating_add(time).expect("a time that there is");
        while self.clock.now() < end {
            let asleep = self.clock.sleepers();
            self.go_to(end.min(self.clock.now().saturating_add(minute).unwrap_or(end)));
            self.looked(asleep).await;
        }
    }

    /// Waits until whoever had to wake has looked what there is to do: as many sleep again as before, and all of them for
    /// longer. Who ends instead of sleeping again can't be waited for, so a while is enough.
    async fn looked(&self, asleep: usize) {
        let enough = Instant::now() + A_WHILE;
        let over = |wake: Option<Timestamp>| wake.is_some_and(|wake| wake <= self.clock.now());
        while (self.clock.sleepers() < asleep || over(self.clock.next_wake())) && Instant::now() < enough {
            sleep(LOOK_AGAIN).await;
        }
    }

    fn step(&self) {
        let now = self.clock.now();
        if let Some(wake) = self.clock.next_wake() {
            self.go_to(wake.min(now.saturating_add(STEP).unwrap_or(now)));
        }
    }

    /// Moves the clock, and that of the stand-in for AWS with it: first that one, so that whoever wakes finds it done.
    fn go_to(&self, then: Timestamp) {
        #[cfg(feature = "aws")]
        if let Some(standin) = &self.standin {
            standin.advance(then.duration_since(self.clock.now()).as_secs_f64().max(0.0));
        }
        self.clock.set(then);
    }
}
