//! One task: its record, its directory, and what its processes are asked to do.
//!
//! The directory is the truth: `task.json` is the daemon's (the intent, written before anything is spawned), `run.json`
//! and `exit.json` are the shim's. Whether a shim is there is told by the lock that it holds, not by a number. Decides
//! nothing: when to start and stop is the reconciler's.

use super::clock::millis_between;
use super::files;
use super::process::{self, Process};
use crate::api::{TaskExit, TaskHealth, TaskSpec};
use jiff::Timestamp;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::AbortHandle;

/// How long after SIGKILL to the group whatever carries the marker is killed one by one.
const SWEEP_AFTER_MS: u64 = 2_000;
/// How long what is under way to a task may take to finish before it gets its SIGTERM.
pub(super) const DRAIN_MS: u64 = 5_000;

/// The format of `task.json`; a reader of a later format reads this one too.
pub(super) const FORMAT: u32 = 1;

/// `task.json`: a task as it was meant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    /// The file's format.
    pub(super) format: u32,
    pub(super) id: String,
    /// The service object's id.
    pub(super) service: String,
    /// The node object's id.
    pub(super) node: String,
    /// What it is: it is of the current release exactly when this is equal to what the service wants.
    pub(super) spec: TaskSpec,
    pub(super) ports: BTreeMap<String, u16>,
    pub(super) started_at: Timestamp,
    /// See [`crate::api::TaskView::restarts`].
    pub(super) restarts: u32,
    pub(super) health: TaskHealth,
    /// It has been healthy at some time.
    pub(super) served: bool,
    /// It is to end.
    pub(super) stopping: Option<Stopping>,
}

/// Why and since when a task is to end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stopping {
    pub(super) at: Timestamp,
    pub(super) why: String,
    /// Without notice.
    pub(super) hard: bool,
    /// When it got its SIGTERM.
    pub(super) told_at: Option<Timestamp>,
}

/// `run.json`: what the shim started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Run {
    /// The shim itself.
    pub(super) shim: Process,
    /// The command, leader of its group.
    pub(super) child: Process,
}

/// A task as the daemon has it.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) record: Record,
    pub(super) dir: PathBuf,
    pub(super) run: Option<Run>,
    pub(super) exit: Option<TaskExit>,
    /// Set when the shim that this daemon spawned was waited for; none for an adopted one.
    pub(super) shim_ended: Option<Arc<AtomicBool>>,
    /// The health check's loop.
    pub(super) probe: Option<AbortHandle>,
    /// Good or bad answers in a row.
    pub(super) streak: Streak,
}

/// Answers of the same kind in a row.
#[derive(Debug, Default)]
pub(super) struct Streak {
    pub(super) good: u32,
    pub(super) bad: u32,
    /// What the last bad one was.
    pub(super) problem: Option<String>,
}

impl Task {
    /// The task of a record in this directory.
    pub(super) fn new(record: Record, dir: PathBuf) -> Self {
        Self { record, dir, run: None, exit: None, shim_ended: None, probe: None, streak: Streak::default() }
    }

    /// Writes the record, durably.
    pub(super) fn save(&self) -> io::Result<()> {
        files::write(&self.dir.join("task.json"), &self.record)
    }

    /// Whether it hasn't ended.
    pub(super) fn is_live(&self) -> bool {
        self.exit.is_none()
    }

    /// Whether it ended without having been tried: an earlier daemon ended between meaning and doing.
    pub(super) fn never_began(&self) -> bool {
        !self.is_live() && self.run.is_none() && self.shim_ended.is_none()
    }

    /// Whether requests may go to it.
    pub(super) fn serves(&self) -> bool {
        self.is_live() && self.record.stopping.is_none() && self.record.health == TaskHealth::Healthy
    }

    /// Looks at the directory for what the shim did since. Whether the task ended with this look.
    pub(super) fn look(&mut self, now: Timestamp) -> io::Result<bool> {
        if !self.is_live() {
            return Ok(false);
        }
        if self.run.is_none() {
            self.run = files::read(&self.dir.join("run.json"))?;
        }
        self.exit = files::read(&self.dir.join("exit.json"))?;
        if self.exit.is_none() && self.may_be_lost() {
            self.exit = self.bury(now)?;
        }
        if self.exit.is_some()
            && let Some(probe) = self.probe.take()
        {
            probe.abort();
        }
        Ok(self.exit.is_some())
    }

    fn may_be_lost(&self) -> bool {
        self.shim_ended.as_ref().is_none_or(|ended| ended.load(Ordering::Acquire))
    }

    /// Settles a task whose shim may be gone. While this holds the shim's lock no shim can begin, and one that begins
    /// later finds the exit and leaves; so a spawn of unknown outcome ends up as one of both, never as an orphan.
    fn bury(&self, now: Timestamp) -> io::Result<Option<TaskExit>> {
        let Some(_lock) = try_lock(&self.dir)? else { return Ok(None) };
        if let Some(exit) = files::read(&self.dir.join("exit.json"))? {
            return Ok(Some(exit));
        }
        for process in process::marked(&self.record.id) {
            process.signal(Signal::SIGKILL);
        }
        let problem = match (self.run, &self.shim_ended) {
            (Some(_), _) => "lost its supervisor and was ended",
            (None, Some(_)) => "could not be supervised: its shim ended at once",
            (None, None) => "was never started: the runtime ended at that moment",
        };
        let exit = TaskExit { at: now, code: None, signal: None, problem: Some(problem.to_owned()), last: vec![] };
        files::write(&self.dir.join("exit.json"), &exit)?;
        Ok(Some(exit))
    }

    /// Takes the next step to its end: SIGTERM once it is drained, SIGKILL when its time is up, and in the end whatever
    /// still carries its marker.
    pub(super) fn push_to_end(&mut self, drained: bool, now: Timestamp) -> io::Result<()> {
        let Some(stopping) = &mut self.record.stopping else { return Ok(()) };
        let over = millis_between(stopping.at, now);
        if stopping.told_at.is_none() && !stopping.hard {
            // Without `run.json` there is nobody to signal yet.
            if (drained && self.run.is_some()) || over > DRAIN_MS {
                stopping.told_at = Some(now);
                self.signal(Signal::SIGTERM);
                self.save()?;
            }
            return Ok(());
        }
        let patience = if stopping.hard { 0 } else { self.record.spec.stop_timeout_ms };
        let over = millis_between(stopping.told_at.unwrap_or(stopping.at), now);
        if over >= patience {
            self.signal(Signal::SIGKILL);
        }
        if over >= patience + SWEEP_AFTER_MS {
            for process in process::marked(&self.record.id) {
                process.signal(Signal::SIGKILL);
            }
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Some(run) = self.run {
            run.child.signal_group(signal);
        }
    }

    /// How it ended, in words that fit after "it".
    pub(super) fn ending(exit: &TaskExit) -> String {
        match exit {
            TaskExit { problem: Some(problem), .. } => problem.clone(),
            TaskExit { code: Some(code), .. } => format!("exited with code {code}"),
            TaskExit { signal: Some(signal), .. } => format!("was killed by signal {signal}"),
            _ => "ended".to_owned(),
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(probe) = self.probe.take() {
            probe.abort();
        }
    }
}

/// The lock that a shim holds as long as it lives; none while one does.
fn try_lock(dir: &Path) -> io::Result<Option<Flock<File>>> {
    match Flock::lock(lock_file(dir)?, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}

/// The same lock, waited for.
pub(super) fn lock(dir: &Path) -> io::Result<Flock<File>> {
    Flock::lock(lock_file(dir)?, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
}

fn lock_file(dir: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"))
}
