//! The stand-in's process.

use crate::Options;
use crate::venv;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// A stand-in that listens. It ends when its stdin does: with this value, or with the process that holds it.
#[derive(Debug)]
pub(crate) struct Process {
    url: String,
    child: Child,
    stdin: Option<ChildStdin>,
}

impl Process {
    pub(crate) fn start(options: &Options) -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut child = Command::new(venv::python(package))
            .args(["-m", "standin", "--account", &options.account])
            .args(["--scale", &options.scale.to_string(), "--seed", &options.seed.to_string()])
            .env("PYTHONPATH", package)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the stand-in's Python starts");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("its stdout is a pipe");
        BufReader::new(stdout).read_line(&mut first).expect("the stand-in says where it listens");
        let url = first.trim().strip_prefix("listening on ").map(ToOwned::to_owned);
        let url = url.unwrap_or_else(|| panic!("the stand-in didn't start; it said {first:?}"));
        Self { url, stdin: child.stdin.take(), child }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stdin = None;
        // Its end was asked for; that it is waited for leaves no zombie.
        let _status = self.child.wait();
    }
}
