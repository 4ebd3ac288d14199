//! Requests that were taken lately: whoever saw one can't send it again while its time is still good. Slack signs each of
//! its own retries anew. One that wasn't taken isn't remembered, so it may come again as it is.
//!
//! It lives as long as the process. What a restart forgets is no second delivery either: the store knows its id.

use super::signature::{Seal, WINDOW};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// So many are remembered at the most, the newest: more than anybody's Slack sends in ten minutes.
pub(super) const MOST: usize = 20_000;

/// What was taken, by time.
#[derive(Debug, Default)]
pub(super) struct Replays(pub(super) Mutex<BTreeSet<Seal>>);

impl Replays {
    /// Whether it was taken before.
    pub(super) fn knows(&self, seal: &Seal) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(seal)
    }

    /// Remembers what was taken, and forgets what nobody would believe any more.
    pub(super) fn remember(&self, seal: Seal, now: Timestamp) {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(seal);
        while taken.len() > MOST || taken.first().is_some_and(|oldest| oldest.sent_at < now.as_second() - WINDOW) {
            taken.pop_first();
        }
    }
}
