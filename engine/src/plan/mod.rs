//! The exact steps from what is to what is wanted, with a digest. A plan leaves no meaningful choice to who runs it.

mod graph;
mod planner;
mod step;

pub use graph::Cycle;
pub use planner::{PlanError, Scope, plan};
pub use step::{Action, FieldChange, Plan, Step, StepId};

use crate::address::Kind;
use crate::value::Spec;
use std::collections::BTreeSet;

/// What a provider knows about changing its kinds.
pub trait Rules: Send + Sync {
    /// How a resource gets from one spec to another.
    fn transition(&self, diff: &Diff<'_>) -> Transition;

    /// Whether a resource of this kind holds people's data: it is never removed unless the plan was asked to.
    fn holds_data(&self, kind: &Kind) -> bool;

    /// When things of this kind go in a sweep, which doesn't know who refers to whom: lower ranks first. It only saves
    /// calls; what is still in use answers with a conflict and is tried again.
    fn rank(&self, _kind: &Kind) -> u8 {
        0
    }
}

/// A resource that isn't as it is wanted. References in its specs aren't followed.
#[derive(Debug, Clone, Copy)]
pub struct Diff<'a> {
    /// What it is.
    pub kind: &'a Kind,
    /// As it was applied last.
    pub from: &'a Spec,
    /// As it is wanted.
    pub to: &'a Spec,
    /// The fields that refer to something which is, or will be, another thing than before, though they read the same.
    pub moved: &'a BTreeSet<String>,
}

impl Diff<'_> {
    /// Whether a field means something else now.
    #[must_use]
    pub fn touches(&self, field: &str) -> bool {
        self.from.get(field) != self.to.get(field) || self.moved.contains(field)
    }
}

/// How a resource gets from one spec to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// The same resource takes the new spec.
    InPlace,
    /// A new generation is made, dependents move, the old one goes.
    CreateFirst,
    /// The old one goes first, since both can't be.
    DeleteFirst,
}
