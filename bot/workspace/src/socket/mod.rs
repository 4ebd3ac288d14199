//! Socket Mode: a queue that decides (pure), a courier that carries out, and the sockets themselves.

mod courier;
mod link;
mod queue;
mod settle;

pub(crate) use courier::Courier;
pub(crate) use link::{link, open_ticket};
pub use queue::Timings;
