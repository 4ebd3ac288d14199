//! Processes by number *and* start time, as Linux's `/proc` tells them.
//!
//! A process id alone is never signalled: numbers are used again, and a start time (field 22 of `/proc/<pid>/stat`, see
//! proc_pid_stat(5)) tells two users of one number apart. Linux only.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::fs;

/// The variable that marks every process of a task.
pub(super) const MARKER: &str = "GANTRY_TASK";

/// One process, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    /// Its number.
    pub(super) pid: i32,
    /// When it started, in clock ticks since boot.
    pub(super) start: u64,
}

impl Process {
    /// Whoever has this number now; none when nobody does, or only a dead one that nobody has waited for yet.
    pub(super) fn of(pid: i32) -> Option<Self> {
        stat(pid).filter(|stat| !stat.dead).map(|stat| Self { pid, start: stat.start })
    }

    /// Whether it is still there.
    pub(super) fn is_alive(self) -> bool {
        Self::of(self.pid) == Some(self)
    }

    /// Signals the group it leads, if it still does.
    pub(super) fn signal_group(self, signal: Signal) {
        if self.is_alive() {
            let _ = killpg(Pid::from_raw(self.pid), signal);
        }
    }

    /// Signals it alone, if it is still there.
    pub(super) fn signal(self, signal: Signal) {
        if self.is_alive() {
            let _ = kill(Pid::from_raw(self.pid), signal);
        }
    }
}

struct Stat {
    dead: bool,
    parent: i32,
    start: u64,
}

/// The name in the second field may hold spaces and brackets, so fields count from the last bracket.
fn stat(pid: i32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Stat {
        dead: matches!(*fields.first()?, "Z" | "X"),
        parent: fields.get(1)?.parse().ok()?,
        start: fields.get(19)?.parse().ok()?,
    })
}

/// Every process that carries the task's marker in the environment it was started with.
pub(super) fn marked(task: &str) -> Vec<Process> {
    let mark = format!("{MARKER}={task}");
    pids()
        .filter(|pid| {
            fs::read(format!("/proc/{pid}/environ"))
                .is_ok_and(|env| env.split(|byte| *byte == 0).any(|var| var == mark.as_bytes()))
        })
        .filter_map(Process::of)
        .collect()
}

/// The living children of a process.
pub(super) fn children(parent: i32) -> Vec<Process> {
    pids()
        .filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == parent && !stat.dead))
        .filter_map(Process::of)
        .collect()
}

fn pids() -> impl Iterator<Item = i32> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_is_told_from_another_with_its_number() {
        let me = Process::of(std::process::id().cast_signed()).unwrap();
        assert!(me.is_alive());
        let other = Process { start: me.start + 1, ..me };
        assert!(!other.is_alive());
        other.signal(Signal::SIGKILL);
        other.signal_group(Signal::SIGKILL);
    }

    #[test]
    fn a_marked_child_is_found_and_a_dead_one_is_not() {
        let task = format!("test-{}", std::process::id());
        let mut child = Command::new("sleep").arg("30").env(MARKER, &task).spawn().unwrap();
        let pid = child.id().cast_signed();
        let me = std::process::id().cast_signed();
        // Until the child has become `sleep`, it still has our environment.
        while marked(&task).is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(marked(&task), [Process::of(pid).unwrap()]);
        assert!(children(me).iter().any(|child| child.pid == pid));
        let process = Process::of(pid).unwrap();
        process.signal(Signal::SIGKILL);
        while process.is_alive() {
            std::thread::yield_now();
        }
        assert!(marked(&task).is_empty(), "it is dead, though nobody waited for it yet");
        child.wait().unwrap();
    }
}
