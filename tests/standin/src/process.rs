//! The stand-in's process, and questions to it.

use crate::Options;
use crate::venv;
use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
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

/// One question on a connection of its own. HTTP/1.0, so that the answer ends with the connection.
pub(crate) fn ask(url: &str, method: &str, what: &str, body: &Json) -> Json {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let host = url.trim_start_matches("http://");
    let mut socket = TcpStream::connect(host).expect("the stand-in listens");
    let head = format!("{method} /_standin/{what} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
    let request = format!("{head}Content-Type: application/json\r\n\r\n{body}");
    socket.write_all(request.as_bytes()).expect("the stand-in takes a question");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("the stand-in answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    let status = head.split(' ').nth(1).unwrap_or_default();
    assert_eq!(status, "200", "{method} {what} {request:?}: {body}");
    serde_json::from_str(body).expect("the stand-in answers in JSON")
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stdin = None;
        // Its end was asked for; that it is waited for leaves no zombie.
        let _status = self.child.wait();
    }
}
