//! Whole-product tests. One file for each thing that the product promises to show.

#![expect(clippy::unwrap_used, reason = "tests; clippy.toml's exceptions don't reach helpers")]

mod afterwards;
mod app;
mod approvals;
mod away;
#[cfg(feature = "aws")]
mod aws;
mod canaries;
mod closed;
mod conversations;
mod expiry;
mod faults;
mod floods;
mod forms;
mod homes;
mod hostile;
#[cfg(feature = "outside")]
mod judges;
mod killed;
mod limits;
#[cfg(feature = "outside")]
mod local_slack;
mod locks;
#[cfg(feature = "outside")]
mod node;
#[cfg(feature = "outside")]
mod outside;
mod policies;
mod queue;
mod races;
mod real;
mod record;
mod rights;
mod rooms;
mod schedules;
mod undo;
