//! A machine: the real binary in real processes, in a directory of its own, with everything that an operating system can
//! do to it.
//!
//! What is said goes through `gantry say` and `gantry click` as a person at a terminal would. Whatever a test does,
//! nothing of it is left: dropping the machine ends everything that mentions its directory.

mod bot;
mod look;
mod say;

pub use bot::program;
pub use say::Said;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::process::Child;

/// A machine with a bot on it.
pub struct Machine {
    dir: TempDir,
    program: PathBuf,
    project: Option<PathBuf>,
    /// What its programs find in their environment beside the test's own.
    env: Vec<(String, String)>,
    bot: Option<Child>,
    printed: Arc<Mutex<String>>,
}
