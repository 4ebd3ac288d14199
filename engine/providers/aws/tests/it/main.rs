//! Drivers and platform through their ports, against the stand-in for AWS: what is made, what is there afterwards by the
//! stand-in's own account, and what happens when a reply is lost. One file per family of kinds.

#![expect(clippy::unwrap_used, reason = "tests; clippy.toml's exceptions don't reach helpers")]

mod balancing;
mod bed;
mod capacity;
mod connection;
mod delegation;
mod ground;
mod leaving;
mod names;
mod network;
mod node;
mod others;
mod outside;
mod policy;
mod rollout;
mod running;
mod secrecy;
mod survey;
mod volume;
mod vpc;
mod whole;
