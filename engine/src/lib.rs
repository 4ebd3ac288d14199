//! The domain of Gantry: what environments are, what has to be done to them, and the journal of doing it.
//!
//! Pure core and ports. No clock, environment variable, socket or dice in here: time comes as an argument, effects go
//! through the traits in [`ports`].

pub mod address;
pub mod apply;
pub mod approval;
pub mod audit;
pub mod change;
pub mod cost;
pub mod environment;
pub mod expiry;
pub mod freeze;
pub mod journal;
pub mod lock;
pub mod names;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod project;
pub mod propose;
pub mod provider;
pub mod receipt;
pub mod recurrence;
pub mod resource;
pub mod schedule;
pub mod sweep;
pub mod undo;
pub mod value;
