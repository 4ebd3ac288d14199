//! What the workspace remembers: a model that is a fold over changes, and the log that keeps the changes.

mod change;
mod log;
mod model;
#[cfg(test)]
mod tests;

pub(crate) use change::{Change, Delivery, Edit, Kind, Numbered, Post, Reaction};
pub(crate) use log::Log;
pub use log::LogError;
pub(crate) use model::Model;
