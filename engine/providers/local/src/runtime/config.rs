//! What the daemon is told when it starts, and why it may not.
//!
//! Nothing here is about environments: those arrive through the API.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// How the daemon runs.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// The state directory; the daemon keeps everything in `<dir>/runtime`.
    pub dir: PathBuf,
    /// The program that tasks are started through: `<exe> shim <task directory>`. Its directory comes first in the
    /// tasks' `PATH`.
    pub exe: PathBuf,
    /// Where the edge proxy listens. Port 0: the port of last time, or a free one.
    pub edge: SocketAddr,
    /// Where the DNS server listens. Port 0: the port of last time, or a free one.
    pub dns: SocketAddr,
    /// Leave the caller's session, so that closing the terminal or ending the bot doesn't end the daemon.
    pub detach: bool,
    /// How long a killed node stays away.
    pub node_down: Duration,
    /// Looks up variables for secret references (`env:NAME`) and for `HOME` and `PATH`; the caller passes its own
    /// environment.
    pub env: fn(&str) -> Option<String>,
    /// For tests: a file with the name of a point at which the daemon kills itself, once.
    pub fault: Option<PathBuf>,
}

impl RuntimeConfig {
    /// Free ports on loopback, attached to the terminal.
    #[must_use]
    pub fn new(dir: PathBuf, exe: PathBuf, env: fn(&str) -> Option<String>) -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { dir, exe, edge: free, dns: free, detach: false, node_down: Duration::from_secs(5), env, fault: None }
    }
}

/// Why the daemon doesn't run.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// Another one holds the lock.
    #[error("a runtime already runs for {0}; use it, or stop it with `gantry runtime stop` (its tasks go on running)")]
    AlreadyRunning(PathBuf),
    /// Something of the operating system.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried, and where.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl RuntimeError {
    /// Names what was tried.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
