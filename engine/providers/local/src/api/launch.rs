//! Starting the daemon on demand: a process of its own that outlives whoever needed it first.
//!
//! Two clients may start two at once: the daemon's lock lets one live, and both clients talk to that one.

use super::error::ClientError;
use crate::paths::Paths;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// How the daemon is started: a program that calls [`crate::runtime::run`] with `detach` for this state directory.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program.
    pub exe: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// The bot's own secrets in its environment. The daemon has no use for them, and a project that refers to one (`env:NAME`)
/// would hand it to a task.
const THE_BOTS: [&str; 3] = ["GANTRY_BOT_TOKEN", "GANTRY_APP_TOKEN", "GANTRY_SIGNING_SECRET"];

impl Launch {
    /// `<exe> runtime --detached --dir <dir>`, which the binary `gantry` understands.
    #[must_use]
    pub fn gantry(exe: &Path, dir: &Path) -> Self {
        Self {
            exe: exe.to_owned(),
            args: vec!["runtime".into(), "--detached".into(), "--dir".into(), whole(dir).into()],
        }
    }

    /// Starts the process, with its output in the log and nothing of the caller's terminal. It leaves the caller's
    /// session by itself. The handle is dropped on purpose: tokio reaps the process should it end before the caller.
    pub(super) fn spawn(&self, paths: &Paths) -> Result<(), ClientError> {
        let failed = |source| ClientError::Launch { exe: self.exe.clone(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(paths.root()).map_err(failed)?;
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(paths.log()).map_err(failed)?;
        let errors = log.try_clone().map_err(failed)?;
        let mut daemon = tokio::process::Command::new(&self.exe);
        for name in THE_BOTS {
            daemon.env_remove(name);
        }
        daemon.args(&self.args).current_dir(paths.root()).stdin(Stdio::null()).stdout(log).stderr(errors);
        daemon.spawn().map(drop).map_err(failed)
    }
}

/// The last line of the daemon's log, for an error.
pub(super) fn last_line(log: &Path) -> String {
    fs::read_to_string(log)
        .ok()
        .and_then(|text| text.lines().last().map(str::to_owned))
        .unwrap_or_else(|| "(nothing)".to_owned())
}

/// The path from the root: the daemon has another working directory.
pub(super) fn whole(dir: &Path) -> PathBuf {
    std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned())
}
