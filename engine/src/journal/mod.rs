//! The journal of one operation: entries that are only ever added, a pure fold of them, and what comes next.

mod edges;
mod end;
mod entry;
mod next;
mod operation;
mod state;
mod step;

pub use entry::{Asked, Entry, Failure, FailureKind, Outcome, Serving, Signal, Stamped, Standing, WhatChanged};
pub use next::Next;
pub use operation::{Decision, Illegal, Operation};
pub use state::State;
pub use step::{Past, StepState};
