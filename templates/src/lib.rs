//! Every sentence that people read.

pub mod clean;
mod mrkdwn;

pub use mrkdwn::{Mrkdwn, clip, length};
