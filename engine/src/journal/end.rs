//! Which ends fit what came before: the part of the journal's table that is about whole operations.

use super::entry::Outcome;
use super::operation::Operation;
use crate::change::Change;

impl Operation {
    /// Whether it may end so, as far as its journal tells.
    pub(super) fn may_end(&self, outcome: &Outcome) -> Result<(), &'static str> {
        let undecided = self.admitted.is_none();
        let fits = match outcome {
            Outcome::Succeeded { .. } => !undecided && self.all_done(),
            Outcome::Reverted { .. } => !self.edges.reverted.is_empty(),
            Outcome::Cancelled { .. } => self.cancelled.is_some(),
            Outcome::Rejected { .. } | Outcome::Expired => undecided,
            Outcome::Failed { .. } => true,
        };
        match (fits, self.edges.moving.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => Err("steps are on their way"),
            (false, _) => Err("that end doesn't fit what came before"),
        }
    }

    /// Whether what is left can be counted.
    pub(super) fn may_count(&self) -> Result<(), &'static str> {
        if self.admitted.is_some() && self.counts() && self.all_done() {
            Ok(())
        } else {
            Err("a receipt before the end of an environment")
        }
    }

    /// Whether what is left is counted at its end.
    pub(super) fn counts(&self) -> bool {
        self.plan.delta.end || matches!(self.request.change, Change::Sweep { .. })
    }

    pub(super) fn all_done(&self) -> bool {
        self.edges.done == self.steps.len()
    }
}
