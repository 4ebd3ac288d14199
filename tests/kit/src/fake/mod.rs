//! A fake platform, nastier than AWS. [`FakeCloud`] is the outside: what it holds survives every client.
//! [`FakePlatform`] is one process's client of it, and does what a real provider has to do: it finds what an earlier
//! process made, waits out windows of consistency, and never makes a thing twice.
//!
//! Nothing here sleeps: the cloud's time is the number of calls made to it, and the seconds of a test's clock.

mod bed;
mod client;
mod cloud;
mod driver;
mod kinds;
mod lowering;
mod platform;
mod rollout;
mod thing;
mod weather;

pub use bed::FakeBed;
pub use cloud::{FakeCloud, Tally};
pub use kinds::{FakePrices, FakeRules, kind};
pub use platform::{FakePlatform, Wanted};
pub use weather::Weather;
