//! (to come)

pub mod chat;
pub mod message;
pub mod report;
