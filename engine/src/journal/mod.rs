//! The journal of one operation: entries that are only ever added, a pure fold of them, and what comes next.

mod edges;
mod end;
mod entry;
mod next;
mod operation;
mod state;

pub use entry::{Entry, Failure, FailureKind, Outcome, Serving, Signal, Stamped, Standing, WhatChanged};
pub use next::Next;
pub use operation::{Illegal, Operation, Past, StepState};
pub use state::State;
