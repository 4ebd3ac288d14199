//! The bot: Slack in, Slack out, and everything between that isn't the domain's.
//!
//! A room of adapters. What to do is decided by `gantry-engine`, what words mean by `gantry-commands`, what is said by
//! `gantry-templates`; here it is wired to a workspace and to the command line. The binary is `main.rs`.

pub mod chat;
pub mod cli;
pub mod clock;
pub mod directory;
pub mod form;
pub mod handle;
pub mod intake;
mod listener;
pub mod message;
pub mod metrics;
pub mod panics;
pub mod platforms;
pub mod projects;
pub mod report;
pub mod rights;
pub mod run;
pub mod slack;
pub mod watch;
