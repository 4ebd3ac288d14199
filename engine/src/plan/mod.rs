//! The exact steps from what is to what is wanted, with a digest. A plan leaves no meaningful choice to who runs it.

mod graph;
mod planner;
mod step;

pub use graph::Cycle;
pub use planner::{PlanError, Scope, plan};
pub use step::{Action, FieldChange, Plan, Step, StepId};

use crate::address::Kind;
use crate::value::Spec;

/// What a provider knows about changing its kinds.
pub trait Rules: Send + Sync {
    /// How a resource of a kind gets from one spec to another.
    fn transition(&self, kind: &Kind, from: &Spec, to: &Spec) -> Transition;

    /// Whether a resource of this kind holds people's data: it is never removed unless the plan was asked to.
    fn holds_data(&self, kind: &Kind) -> bool;
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
