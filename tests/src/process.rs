//! Processes as the operating system tells about them: which are there, and which are a test's own.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::Path;

/// Whether a process is there and isn't only waiting to be buried.
#[must_use]
pub fn alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X'])))
}

/// `kill -9`. A process that is gone already is fine.
pub fn kill9(pid: u32) {
    signal(pid, Signal::SIGKILL);
}

/// `kill -TERM`: asks a process to end.
pub fn terminate(pid: u32) {
    signal(pid, Signal::SIGTERM);
}

fn signal(pid: u32, signal: Signal) {
    // The only error that matters, "no such process", is what was wanted.
    let _gone = kill(Pid::from_raw(pid.cast_signed()), signal);
}

/// How many threads of that name a process has.
#[must_use]
pub fn threads(pid: u32, name: &str) -> usize {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let named =
        |thread: &fs::DirEntry| fs::read_to_string(thread.path().join("comm")).is_ok_and(|it| it.trim() == name);
    threads.filter(named).count()
}

/// Every process that mentions a directory: in its arguments, its environment or its working directory. Temporary
/// directories have names that are unique on the machine, so these are a test's own.
#[must_use]
pub fn of(dir: &Path) -> Vec<u32> {
    let Some(name) = dir.file_name() else { return Vec::new() };
    let name = name.as_encoded_bytes();
    let mentions = |bytes: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    let is_ours = |pid: &u32| {
        let file = |name: &str| fs::read(format!("/proc/{pid}/{name}")).is_ok_and(|bytes| mentions(&bytes));
        let cwd = fs::read_link(format!("/proc/{pid}/cwd"));
        file("cmdline") || file("environ") || cwd.is_ok_and(|path| mentions(path.as_os_str().as_encoded_bytes()))
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| *pid != std::process::id() && alive(*pid)).filter(is_ours).collect()
}

/// Ends everything that mentions a directory. What is ended may be starting more, so it looks until there is nothing.
pub fn end_all_of(dir: &Path) {
    for _ in 0..100 {
        let left = of(dir);
        if left.is_empty() {
            return;
        }
        left.into_iter().for_each(kill9);
    }
}
