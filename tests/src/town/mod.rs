//! A town: the embedded workspace, people in it, and the bot, in one process and with the time passed in.
//!
//! The bot is connected as in production, by slack-morphism over Socket Mode or by signed requests; a story can be told
//! [both ways](Plot::visit_both_ways). Time stands still unless somebody waits:
//! while a test waits for something, the clock goes on to whatever the bot sleeps for. So hours pass in moments, and a
//! test says when. A visit ends with empty queues, or the test fails: nothing unhandled, unreported or unsent may be left.

#[cfg(feature = "aws")]
mod aws;
mod bot;
mod build;
mod people;
mod quiet;
mod read;
mod views;

#[cfg(feature = "aws")]
pub use aws::account;
pub use build::Plot;
pub use people::Said;

use crate::chronicle::Chronicle;
use bot::Bot;
use gantry_engine::names::{InstallationId, UserId};
use gantry_engine::ports::{Platforms, Store};
use gantry_testkit::clock::ManualClock;
use gantry_testkit::fake::FakeCloud;
use gantry_workspace::{Client, Running};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A town. Made by a [`Plot`].
pub struct Town {
    /// Time.
    pub clock: Arc<ManualClock>,
    /// The journal's home.
    pub store: Arc<dyn Store>,
    /// The outside, where it is the fake one.
    pub cloud: FakeCloud,
    /// A client of the real runtime, where there is one.
    pub runtime: Option<gantry_local::api::Client>,
    /// What was seen.
    pub chronicle: Chronicle,
    /// To act as people.
    pub people: Client,
    /// The project file.
    pub project: PathBuf,
    installation: InstallationId,
    platforms: Platforms,
    #[cfg(feature = "aws")]
    standin: Option<Arc<gantry_standin::Standin>>,
    workspace: Running,
    signed: bool,
    bot: Option<Bot>,
    lose_a_write: Arc<AtomicBool>,
    left: Arc<Mutex<BTreeSet<UserId>>>,
    dir: TempDir,
}
