//! The journal of one operation: entries that are only ever added, a pure fold of them, and what comes next.

mod end;
mod entry;
mod next;
mod operation;

pub use entry::{Entry, Failure, FailureKind, Outcome, Serving, Signal, Stamped, Standing, WhatChanged};
pub use next::Next;
pub use operation::{Illegal, Operation, State, StepState};
