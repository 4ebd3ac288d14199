//! What goes on by itself: operations on their way, ends that come near, deliveries that wait, and the value that holds
//! it all together.

mod app;
mod forms;
mod homes;
mod inbox;
mod locks;
mod reminders;
mod schedule;
mod workers;

#[cfg(test)]
mod tests;

pub use app::{App, Parts};
pub use workers::Workers;
