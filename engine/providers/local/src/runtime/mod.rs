//! The runtime daemon: keeps what is wanted, and makes it so, for ever.
//!
//! Level-triggered: every tick looks at what is wanted and what is there, and takes the next step; no event has to
//! arrive for that. Tasks don't depend on the daemon's life: each runs under a [`shim`] of its own, and a daemon that
//! starts finds them all again. There is no container isolation here: tasks are the user's own processes.

mod clock;
mod config;
mod daemon;
mod faults;
mod files;
mod health;
mod http;
mod logs;
mod network;
mod object;
mod placement;
mod process;
mod put;
mod reconcile;
mod rollout;
pub mod shim;
mod start;
mod status;
mod task;
mod world;

pub use config::{RuntimeConfig, RuntimeError};
pub use daemon::run;
