//! A client in another language, as a process of its own.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::bed::DEADLINE;

/// What a script prints that makes an environment once.
pub(super) async fn made(command: &mut Command) -> String {
    let made = command.output().await.expect("a shell");
    assert!(made.status.success(), "{command:?}: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// A client that is running. It is given one line of JSON, and tells each step that it has done as one.
pub(super) struct Program {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    pub(super) async fn start(mut command: Command, given: &Value) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut input = child.stdin.take().unwrap();
        input.write_all(format!("{given}\n").as_bytes()).await.unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, input, lines }
    }

    /// The next step that it tells.
    pub(super) async fn step(&mut self, expected: &str) -> Value {
        // Interpreters take seconds to start on a machine that has other things to do.
        let line = tokio::time::timeout(3 * DEADLINE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("{expected} did not come in time")).unwrap();
        let line = line.unwrap_or_else(|| panic!("it ended before {expected}; its words are above"));
        let step: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(step["step"], expected, "{step}");
        step
    }

    /// It may stop now, and must have found nothing wrong.
    pub(super) async fn end(mut self) {
        drop(self.input);
        let status = tokio::time::timeout(3 * DEADLINE, self.child.wait()).await.expect("it ends").unwrap();
        assert!(status.success(), "{status}; its words are above");
    }
}
