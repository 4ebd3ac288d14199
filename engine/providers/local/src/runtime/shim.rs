//! The small process between the daemon and a task: it starts the command, writes down what becomes of it, and is the
//! reason that a task outlives the daemon and still leaves an exit code.
//!
//! Plain blocking code, no runtime. It knows one directory and nothing of services, health or the API; it is told
//! nothing after its start: who wants the task to end signals the command's process group.
//!
//! What keeps it honest: it holds the directory's lock for its whole life (a daemon that can take the lock knows that no
//! shim runs); it adopts every descendant of the command (`PR_SET_CHILD_SUBREAPER`, see prctl(2)), so that "no child
//! left to wait for" means that nothing of the task is left, and only then is `exit.json` written.

use super::clock::now;
use super::files;
use super::process::{self, Process};
use super::task::{self, Record, Run};
use crate::api::TaskExit;
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Longer lines are cut into pieces of this size.
const LONGEST_LINE: u64 = 16 * 1024;
/// A log of this size is put aside as `out.log.1`, in place of the one before.
const LONGEST_LOG: u64 = 4 * 1024 * 1024;
/// So many of the last lines are kept with the exit.
const LAST_LINES: usize = 5;

/// Runs the task of the directory that is the only argument, to its end.
pub fn run(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let (Some(dir), None) = (args.next().map(PathBuf::from), args.next()) else {
        return ExitCode::from(2);
    };
    match supervise(&dir) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A task that nobody supervises must not go on. There is no terminal and nobody to tell; the daemon shows
            // this as the task's end.
            drop(end_children());
            drop(files::write(&dir.join("exit.json"), &problem(format!("lost its supervisor: {error}"))));
            ExitCode::FAILURE
        }
    }
}

fn supervise(dir: &Path) -> io::Result<()> {
    let _lock = task::lock(dir)?;
    let exit_file = dir.join("exit.json");
    if exit_file.exists() {
        return Ok(());
    }
    // A session of its own: no terminal, no signals meant for the daemon. It fails only for who leads one already.
    let _ = nix::unistd::setsid();
    nix::sys::prctl::set_child_subreaper(true)?;
    let record: Record =
        files::read(&dir.join("task.json"))?.ok_or_else(|| io::Error::other("there is no task.json"))?;
    let mut child = match start(&record, dir) {
        Ok(child) => child,
        Err(error) => {
            let command = record.spec.command.join(" ");
            return files::write(&exit_file, &problem(format!("could not start `{command}`: {error}")));
        }
    };
    let log = Arc::new(Mutex::new(Log::open(dir)?));
    let pumps: Vec<_> = [
        child.stdout.take().map(|pipe| pump(pipe, "out", &log)),
        child.stderr.take().map(|pipe| pump(pipe, "err", &log)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let pid = child.id().cast_signed();
    if let (Some(shim), Some(child)) = (Process::of(std::process::id().cast_signed()), Process::of(pid)) {
        files::write(&dir.join("run.json"), &Run { shim, child })?;
    }
    let mut exit = wait(pid)?;
    end_the_rest(pid)?;
    for pump in pumps {
        drop(pump.join());
    }
    exit.last = log.lock().unwrap_or_else(PoisonError::into_inner).last.iter().cloned().collect();
    files::write(&exit_file, &exit)
}

fn start(record: &Record, dir: &Path) -> io::Result<Child> {
    let (program, args) = record.spec.command.split_first().ok_or_else(|| io::Error::other("the command is empty"))?;
    let work = dir.join("work");
    files::private_dir(&work)?;
    Command::new(program)
        .args(args)
        .current_dir(work)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Waits for the command, and for adopted descendants that end before it.
fn wait(pid: i32) -> io::Result<TaskExit> {
    let exit = |code, signal| TaskExit { at: now(), code, signal, problem: None, last: Vec::new() };
    loop {
        match waitpid(None::<Pid>, None) {
            Ok(WaitStatus::Exited(ended, code)) if ended.as_raw() == pid => return Ok(exit(Some(code), None)),
            Ok(WaitStatus::Signaled(ended, signal, _)) if ended.as_raw() == pid => {
                return Ok(exit(None, Some(signal as i32)));
            }
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Ends what the command left behind. Whatever escaped its group became a child of this process when its parent ended.
fn end_the_rest(pid: i32) -> io::Result<()> {
    let _ = nix::sys::signal::killpg(Pid::from_raw(pid), Signal::SIGKILL);
    end_children()
}

fn end_children() -> io::Result<()> {
    loop {
        for left in process::children(std::process::id().cast_signed()) {
            left.signal(Signal::SIGKILL);
        }
        match waitpid(None::<Pid>, None) {
            Err(Errno::ECHILD) => return Ok(()),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn problem(problem: String) -> TaskExit {
    TaskExit { at: now(), code: None, signal: None, problem: Some(problem), last: Vec::new() }
}

/// The task's log file, and its last lines.
struct Log {
    path: PathBuf,
    file: File,
    size: u64,
    last: VecDeque<String>,
}

impl Log {
    fn open(dir: &Path) -> io::Result<Self> {
        let path = dir.join("out.log");
        let file = Self::append(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size, last: VecDeque::new() })
    }

    fn append(path: &Path) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(path)
    }

    /// One line with its time in front; a full log is put aside first.
    fn line(&mut self, stream: &str, text: &str) -> io::Result<()> {
        if self.size > LONGEST_LOG {
            fs::rename(&self.path, self.path.with_extension("log.1"))?;
            self.file = Self::append(&self.path)?;
            self.size = 0;
        }
        let line = format!("{:.6} {stream} {text}\n", now());
        self.file.write_all(line.as_bytes())?;
        self.size += line.len() as u64;
        if !text.trim().is_empty() {
            self.last.push_back(text.to_owned());
        }
        if self.last.len() > LAST_LINES {
            self.last.pop_front();
        }
        Ok(())
    }
}

/// Copies one of the command's streams into the log, until every holder of its other end is gone. A full disk loses
/// lines but never blocks the task.
fn pump(pipe: impl Read + Send + 'static, stream: &'static str, log: &Arc<Mutex<Log>>) -> JoinHandle<()> {
    let log = log.clone();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']);
            drop(log.lock().unwrap_or_else(PoisonError::into_inner).line(stream, text));
            line.clear();
        }
    })
}
