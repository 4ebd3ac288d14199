//! Whose word a plan needs, and whether it has it: the terms that a plan is shown under, the votes on them, and the one
//! check that lets it run. Pure.

mod check;
mod danger;
mod terms;
mod vote;

pub use check::{Approved, Motion, Refusal, Tally};
pub(crate) use danger::{Sight, terms};
pub use terms::{Ask, Terms};
pub use vote::{Ballot, Ineligible, Vote};
