//! Proposing and running operations over the ports. Everything here can be killed at any instant: the journal has the
//! intent before each effect and the outcome after it, and each effect can be repeated.
//!
//! Nothing here speaks to people, and nothing waits for them: [`Engine::drive`] returns when it can't go on.

mod drive;
mod engine;
mod flight;
mod held;
mod outside;
mod planning;
mod polls;
mod receipt;
mod retry;
mod rows;
mod settle;
mod tidy;
mod undoing;

pub use drive::told;
pub use engine::{Drive, Engine, Projects, Tuning};
pub use planning::{NoPlan, Planned};
pub use retry::{Retries, after as retry_after};
pub use undoing::untouched_since;
