//! Points at which a test may have the daemon die as `kill -9` would have it, once.
//!
//! Armed by a file that the configuration names; without one, a point does nothing.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::PathBuf;

/// The hook.
#[derive(Debug, Clone)]
pub(super) struct Faults(Option<PathBuf>);

impl Faults {
    /// Armed when the file exists.
    pub(super) fn new(file: Option<PathBuf>) -> Self {
        Self(file)
    }

    /// Dies here if the file names this point. The file goes first, so that the next daemon lives.
    pub(super) fn point(&self, name: &str) {
        let Some(file) = &self.0 else { return };
        if fs::read_to_string(file).is_ok_and(|armed| armed.trim() == name) && fs::remove_file(file).is_ok() {
            let _ = kill(Pid::this(), Signal::SIGKILL);
        }
    }
}
