//! What goes on by itself: operations on their way, ends that come near, deliveries that wait, and the value that holds
//! it all together.

mod app;
mod expiry;
mod forms;
mod homes;
mod inbox;
mod locks;
mod reminders;
mod retention;
mod schedules;
mod workers;

#[cfg(test)]
pub(crate) mod tests;
#[cfg(test)]
mod times;

pub use app::{App, Parts};
pub use workers::Workers;
