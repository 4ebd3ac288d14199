//! One process's life, as far as a simulator is concerned: it can end, or pause, at any point around an effect.
//!
//! A process that dies gets no error back: its call simply never returns. So a [`Life`] that is over leaves whoever
//! passes a point pending for ever, and the simulator drops them. One that pauses (a laptop's lid, a long garbage
//! collection elsewhere) goes on later as if no time had passed. It does not know what the effects are.

use crate::dice::Dice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::watch;

/// Before or after an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// The effect hasn't happened.
    Before,
    /// The effect has happened, and nobody was told.
    After,
}

/// One process's life. Clones share it.
#[derive(Debug, Clone)]
pub struct Life(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    passed: AtomicUsize,
    seed: AtomicU64,
    plan: Course,
    stopped: watch::Sender<bool>,
}

#[derive(Debug, Clone, Copy)]
enum Course {
    Forever,
    Ends(usize),
    Pauses(usize),
    Wanders,
}

impl Life {
    fn new(plan: Course) -> Self {
        Self(Arc::new(Inner {
            passed: AtomicUsize::new(0),
            seed: AtomicU64::new(0),
            plan,
            stopped: watch::Sender::new(false),
        }))
    }

    /// A life that doesn't end.
    #[must_use]
    pub fn forever() -> Self {
        Self::new(Course::Forever)
    }

    /// A life that ends at a point, counted from 0.
    #[must_use]
    pub fn until(point: usize) -> Self {
        Self::new(Course::Ends(point))
    }

    /// A life that pauses at a point, counted from 0, until it is [resumed](Self::resume).
    #[must_use]
    pub fn pausing_at(point: usize) -> Self {
        Self::new(Course::Pauses(point))
    }

    /// A life that doesn't end, and lets others have some turns at each point, as a seed will have it: whoever shares a
    /// runtime with it meets it at every interleaving.
    #[must_use]
    pub fn wandering() -> Self {
        Self::new(Course::Wanders)
    }

    /// From here on it wanders by this seed.
    pub fn seed(&self, seed: u64) {
        self.0.seed.store(seed, Ordering::SeqCst);
    }

    /// How many points were passed. Every store write and every call of the fake's drivers has two: before and after.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// Whether it has ended, or pauses now.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.stopped.borrow()
    }

    /// Returns when it has ended or pauses; never for a life that does neither.
    pub async fn stopped(&self) {
        let mut stopped = self.0.stopped.subscribe();
        // The sender is in `self`, so waiting can't fail.
        let _stopped = stopped.wait_for(|stopped| *stopped).await;
    }

    /// Ends a pause.
    pub fn resume(&self) {
        if matches!(self.0.plan, Course::Pauses(_)) {
            self.0.stopped.send_replace(false);
        }
    }

    /// Returns at once while it lasts, and never once it is over: for what has no effect.
    pub async fn alive(&self) {
        if matches!(self.0.plan, Course::Wanders) {
            let seed = self.0.seed.fetch_add(1, Ordering::SeqCst);
            for _ in 0..Dice::new(seed).below(4) {
                tokio::task::yield_now().await;
            }
        }
        if self.is_stopped() {
            self.go_on().await;
        }
    }

    /// Passes a point. Never returns if the life ends here, or ended before.
    pub async fn point(&self) {
        let number = self.0.passed.fetch_add(1, Ordering::SeqCst);
        let stops = match self.0.plan {
            Course::Forever | Course::Wanders => false,
            Course::Ends(last) => number >= last,
            Course::Pauses(at) => number == at,
        };
        if stops {
            self.0.stopped.send_replace(true);
        }
        self.alive().await;
    }

    async fn go_on(&self) {
        let mut stopped = self.0.stopped.subscribe();
        // The sender is in `self`, so waiting can't fail.
        let _running = stopped.wait_for(|stopped| !*stopped).await;
    }
}
