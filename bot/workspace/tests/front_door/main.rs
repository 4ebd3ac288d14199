//! The workspace through its front door: HTTP and websockets in, what Slack would answer out.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test bed fails by panicking, and says on stderr what it could not compare"
)]

mod bed;
mod clicks;
mod commands;
mod faults;
mod guard;
#[cfg(feature = "outside")]
mod outside;
mod page;
mod people;
mod rates;
mod refusals;
mod restart;
mod shapes;
mod signed;
mod socket_mode;
mod vectors;
mod views;
mod web_api;
