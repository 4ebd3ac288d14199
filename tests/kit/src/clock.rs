//! A clock that stands still until a test moves it.
//!
//! [`ManualClock::run`] moves it by itself: whenever everybody sleeps, it goes on to the next one's time to wake. So a
//! test of hours runs in milliseconds and never waits. That works for what runs on the test's own (single-threaded)
//! runtime and in memory; it does not know about sockets, files or other threads.

use async_trait::async_trait;
use gantry_engine::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use tokio::sync::watch;

/// So many turns of the runtime without an end count as "everybody sleeps": more than any chain of wake-ups between
/// two sleeps is long.
const SETTLED: usize = 48;

/// So many settled rounds in which nobody sleeps and nothing ends are a deadlock.
const STUCK: usize = 2_000;

/// A clock that is moved by hand.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
    sleepers: Mutex<Sleepers>,
}

#[derive(Debug, Default)]
struct Sleepers {
    ever: u64,
    wake: BTreeMap<u64, Timestamp>,
}

/// 2026-11-20 09:00 UTC, a Friday: where tests begin unless they say otherwise.
const START: i64 = 1_795_165_200;

impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Timestamp::constant(START, 0))
    }
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now), sleepers: Mutex::default() }
    }

    /// Moves on by so much.
    pub fn advance(&self, by: SignedDuration) {
        self.now.send_modify(|now| *now = now.saturating_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Moves to a time; never back.
    pub fn set(&self, to: Timestamp) {
        self.now.send_modify(|now| *now = to.max(*now));
    }

    /// Moves to any time, also back: as when somebody sets the clock.
    pub fn put(&self, to: Timestamp) {
        self.now.send_replace(to);
    }

    /// How many sleep.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.lock().wake.len()
    }

    /// When the next sleeper wakes.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.lock().wake.values().min().copied()
    }

    /// Runs a future to its end, moving on whenever everybody sleeps.
    ///
    /// # Panics
    /// If nobody sleeps and nothing moves: then it would never end.
    pub async fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let mut stuck = 0;
        loop {
            tokio::select! {
                biased;
                output = &mut future => return output,
                () = settle() => {}
            }
            if let Some(wake) = self.next_wake() {
                self.set(wake);
                stuck = 0;
            } else {
                stuck += 1;
                assert!(stuck < STUCK, "nobody sleeps and nothing moves: it waits for something that never comes");
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Sleepers> {
        self.sleepers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets everybody else on the runtime have their turns.
async fn settle() {
    for _ in 0..SETTLED {
        tokio::task::yield_now().await;
    }
}

/// Somebody who sleeps; no more once dropped.
struct Asleep<'a>(&'a ManualClock, u64);

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.lock().wake.remove(&self.1);
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut now = self.now.subscribe();
        if *now.borrow_and_update() >= at {
            return;
        }
        let number = {
            let mut sleepers = self.lock();
            sleepers.ever += 1;
            let number = sleepers.ever;
            sleepers.wake.insert(number, at);
            number
        };
        let _asleep = Asleep(self, number);
        // The sender is in `self`, so waiting can't fail.
        let _woken = now.wait_for(|now| *now >= at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test]
    async fn everybody_wakes_in_order_of_their_time() {
        let clock = Arc::new(ManualClock::default());
        let start = clock.now();
        let order = Arc::new(Mutex::new(Vec::new()));
        let sleeper = |hours: i64| {
            let (clock, order) = (clock.clone(), order.clone());
            async move {
                clock.sleep_until(clock.now() + SignedDuration::from_hours(hours)).await;
                order.lock().unwrap().push(hours);
            }
        };
        let late = tokio::spawn(sleeper(5));
        clock.run(async { tokio::join!(sleeper(3), sleeper(1), sleeper(2)) }).await;
        assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
        assert_eq!(clock.now(), start + SignedDuration::from_hours(3));
        assert_eq!(clock.sleepers(), 1, "the spawned one sleeps on");
        clock.run(late).await.unwrap();
        assert_eq!(clock.now(), start + SignedDuration::from_hours(5));
    }

    #[tokio::test]
    async fn a_dropped_sleeper_is_forgotten_and_the_past_is_at_once() {
        let clock = ManualClock::default();
        {
            let sleep = clock.sleep_until(Timestamp::MAX);
            let mut sleep = pin!(sleep);
            assert!(futures::poll!(&mut sleep).is_pending());
            assert_eq!(clock.sleepers(), 1);
        }
        assert_eq!(clock.sleepers(), 0);
        clock.sleep_until(clock.now()).await;
    }

    #[tokio::test]
    #[should_panic(expected = "nobody sleeps")]
    async fn a_deadlock_is_loud() {
        ManualClock::default().run(std::future::pending::<()>()).await;
    }
}
