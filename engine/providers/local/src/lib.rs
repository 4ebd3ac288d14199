//! The laptop provider: everything an environment needs, on one machine, with nothing else installed.
//!
//! Two halves that only share wire types: the provider (drivers, and the platform that lowers onto them) lives in the
//! bot; the runtime is a daemon of its own that supervises tasks and serves names, and outlives the bot.

pub mod api;
pub mod net;
mod paths;
pub mod provider;
pub mod runtime;
