//! Whole-product tests. One file for each thing that the product promises to show.

mod approvals;
mod conversations;
mod expiry;
mod faults;
mod hostile;
mod queue;
mod rights;
mod rooms;
