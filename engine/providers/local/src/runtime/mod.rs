//! The runtime daemon: keeps what is wanted, and makes it so, for ever.
//!
//! Level-triggered: every tick looks at what is wanted and what is there, and takes the next step; no event has to
//! arrive for that. Tasks don't depend on the daemon's life: each runs under a [`shim`] of its own, and a daemon that
//! starts finds them all again. There is no container isolation here: tasks are the user's own processes.
//!
//! # On disk
//! ```text
//! <dir>/runtime/lock              held by the one daemon
//!               daemon.log        what a detached daemon says
//!               api.sock, socket  where it is asked (the file `socket` names the path, should it be another)
//!               ports.json        where the edge proxy and the DNS server listen
//!               objects/<id>.json what is wanted, and how far it is
//!               volumes/<id>/     data; goes only with the volume object
//!               tasks/<id>/       task.json (the intent), run.json and exit.json (the shim's), lock, out.log, work/
//! ```

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
