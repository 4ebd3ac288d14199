//! One process's life, as far as a simulator is concerned: it can end at any point around an effect.
//!
//! A process that dies gets no error back: its call simply never returns. So a [`Life`] that is over leaves whoever
//! passes a point pending for ever, and the simulator drops them. It does not know what the effects are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    last: Option<usize>,
    over: watch::Sender<bool>,
}

impl Life {
    fn new(last: Option<usize>) -> Self {
        Self(Arc::new(Inner { passed: AtomicUsize::new(0), last, over: watch::Sender::new(false) }))
    }

    /// A life that doesn't end.
    #[must_use]
    pub fn forever() -> Self {
        Self::new(None)
    }

    /// A life that ends at a point, counted from 0.
    #[must_use]
    pub fn until(point: usize) -> Self {
        Self::new(Some(point))
    }

    /// How many points were passed. Every store write and every call of the fake's drivers has two: before and after.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        *self.0.over.borrow()
    }

    /// Returns when it has ended; never for a life that doesn't.
    pub async fn ended(&self) {
        // The sender is in `self`, so waiting can't fail.
        let mut over = self.0.over.subscribe();
        let _ended = over.wait_for(|over| *over).await;
    }

    /// Returns at once while it lasts, and never once it is over: for what has no effect.
    pub async fn alive(&self) {
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }

    /// Passes a point. Never returns if the life ends here, or ended before.
    pub async fn point(&self) {
        let number = self.0.passed.fetch_add(1, Ordering::SeqCst);
        if self.0.last.is_some_and(|last| number >= last) {
            self.0.over.send_replace(true);
            std::future::pending::<()>().await;
        }
    }
}
