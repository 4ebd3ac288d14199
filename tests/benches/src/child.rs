//! A process that a bench starts, asks about, and ends.

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A running process; it ends with this value.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    lines: Lines<BufReader<ChildStdout>>,
    began: Instant,
}

/// What a process holds in memory, in KiB (proc(5), `smaps_rollup`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All its pages.
    pub resident: u64,
    /// The same, with pages that are shared divided among those who share them.
    pub proportional: u64,
    /// Pages that are its own and were written to.
    pub private_dirty: u64,
    /// Its threads.
    pub threads: u64,
}

impl Child {
    /// Starts a process.
    ///
    /// # Panics
    /// Where it can't be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let began = Instant::now();
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the program is there and starts");
        let out = process.stdout.take().expect("its output is ours");
        Self { process, lines: BufReader::new(out).lines(), began }
    }

    /// Waits for a line with some text in it; gives the line, and how long after the start it came.
    ///
    /// # Panics
    /// Where the process ends without it.
    pub fn says(&mut self, text: &str) -> (String, Duration) {
        for line in self.lines.by_ref() {
            let line = line.expect("it prints text");
            if line.contains(text) {
                return (line, self.began.elapsed());
            }
        }
        panic!("the process ended without saying {text:?}")
    }

    /// How much processor time it has used so far (proc(5), `stat`: fields 14 and 15, in ticks).
    ///
    /// # Panics
    /// Where it isn't running.
    #[must_use]
    pub fn cpu(&self) -> Duration {
        let stat = self.read("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = [11, 12].map(|at| fields[at].parse::<u64>().expect("a number of ticks")).iter().sum();
        let hertz = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100);
        Duration::from_secs_f64(ticks as f64 / hertz as f64)
    }

    /// What it holds in memory.
    ///
    /// # Panics
    /// Where it isn't running.
    #[must_use]
    pub fn memory(&self) -> Memory {
        let (rollup, status) = (self.read("smaps_rollup"), self.read("status"));
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the kernel tells it");
            line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
        };
        Memory {
            resident: field(&rollup, "Rss:"),
            proportional: field(&rollup, "Pss:"),
            private_dirty: field(&rollup, "Private_Dirty:"),
            threads: field(&status, "Threads:"),
        }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{name}", self.process.id())).expect("it runs")
    }
}

impl Drop for Child {
    /// Asks it to end, as a service manager would, and waits.
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap_or(i32::MAX));
        if kill(pid, Signal::SIGTERM).is_ok() {
            self.process.wait().ok();
        }
    }
}
