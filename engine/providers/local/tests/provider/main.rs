//! The platform `local` as the engine uses it, against a real daemon and real processes. What is decided by pure
//! functions is tested beside them.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests; clippy.toml's exceptions don't reach helpers")]

mod bed;
mod conformance;
mod environment;
mod operations;
#[expect(dead_code, reason = "shared with the runtime's own tests, which use more of it")]
#[path = "../support/mod.rs"]
mod support;
