//! The runtime as a caller sees it: a real daemon, real processes, real sockets. What is decided by pure functions is
//! tested beside them.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests; clippy.toml's exceptions don't reach helpers")]

mod crashes;
mod requests;
mod rollouts;
mod services;
#[path = "../support/mod.rs"]
mod support;
