//! When each step on its way is asked after next. Kept in the order of time, so that a round costs what is due and not
//! what waits.

use crate::plan::StepId;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Steps by when they are asked after.
#[derive(Default)]
pub(super) struct Polls {
    at: BTreeMap<StepId, Timestamp>,
    order: BTreeSet<(Timestamp, StepId)>,
}

impl Polls {
    pub(super) fn set(&mut self, id: StepId, at: Timestamp) {
        self.remove(id);
        self.at.insert(id, at);
        self.order.insert((at, id));
    }

    pub(super) fn remove(&mut self, id: StepId) {
        if let Some(at) = self.at.remove(&id) {
            self.order.remove(&(at, id));
        }
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.order.first().map(|(at, _)| *at)
    }

    /// One that is due, and isn't any more.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<StepId> {
        let (_, id) = *self.order.first().filter(|(at, _)| *at <= now)?;
        self.remove(id);
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_set_again_is_due_once() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut polls = Polls::default();
        for (id, second) in [(1, 5), (2, 3), (1, 4)] {
            polls.set(StepId(id), at(second));
        }
        assert_eq!((polls.next(), polls.take_due(at(2))), (Some(at(3)), None));
        let due: Vec<_> = std::iter::from_fn(|| polls.take_due(at(9))).collect();
        assert_eq!(due, [StepId(2), StepId(1)]);
    }
}
