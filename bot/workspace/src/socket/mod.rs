//! How deliveries reach the app: a queue that decides (pure), a courier that carries out, and the sockets themselves; or signed
//! requests in their place.

mod courier;
mod link;
mod outgoing;
mod queue;
mod settle;

pub(crate) use courier::Courier;
pub(crate) use link::{link, open_ticket};
pub(crate) use outgoing::run as deliver_to;
pub use queue::Timings;
