//! As much HTTP/1.1 as the example needs: a request in, an answer out, the connection closed.

use crate::stop::Stop;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// How long a peer may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(5);
/// No request of ours has a longer head or body.
const LONGEST: u64 = 64 * 1024;
/// How long requests under way may take after the wish to end.
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// An answer.
pub(crate) struct Answer {
    status: &'static str,
    kind: &'static str,
    body: String,
}

impl Answer {
    /// Plain text.
    pub(crate) fn text(status: &'static str, body: impl Into<String>) -> Self {
        Self { status, kind: "text/plain; charset=utf-8", body: body.into() }
    }

    /// JSON.
    pub(crate) fn json(body: String) -> Self {
        Self { status: "200 OK", kind: "application/json", body }
    }

    /// A page.
    pub(crate) fn page(body: String) -> Self {
        Self { status: "200 OK", kind: "text/html; charset=utf-8", body }
    }
}

/// Answers requests (method and path) until the wish to end, then finishes those under way.
pub(crate) fn serve(
    listener: &TcpListener,
    stop: &Stop,
    answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static,
) -> Result<(), String> {
    let addr = listener.local_addr().map_err(|error| error.to_string())?;
    let knocker = stop.clone();
    std::thread::spawn(move || {
        while !knocker.wait(Duration::MAX) {}
        // Gets the accepting thread out of its wait.
        drop(TcpStream::connect(addr));
    });
    let answer = Arc::new(answer);
    // Each conversation holds a sender; when all are gone, the receiver knows.
    let (conversation, all_ended) = mpsc::channel::<()>();
    for stream in listener.incoming() {
        if stop.wait(Duration::ZERO) {
            break;
        }
        let Ok(stream) = stream else { continue };
        let (answer, conversation) = (answer.clone(), conversation.clone());
        std::thread::spawn(move || {
            // A peer that goes away in the middle is its own business.
            drop(converse(&stream, &*answer));
            drop(conversation);
        });
    }
    drop(conversation);
    let _ = all_ended.recv_timeout(LAST_REQUESTS);
    Ok(())
}

fn converse(stream: &TcpStream, answer: &impl Fn(&str, &str) -> Answer) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.take(LONGEST));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        header.clear();
    }
    // Read to its end, though nobody wants it: closing with unread bytes would reset the connection.
    std::io::copy(&mut reader.take(length), &mut std::io::sink())?;
    let mut words = request.split_whitespace();
    let Answer { status, kind, body } = match (words.next(), words.next()) {
        (Some(method), Some(path)) => answer(method, path),
        _ => Answer::text("400 Bad Request", "not a request\n"),
    };
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    (&mut &*stream).write_all(format!("{head}{body}").as_bytes())
}

/// Asks another service; the body of a good answer, or what went wrong.
pub(crate) fn ask(method: &str, address: &str, path: &str) -> Result<String, String> {
    let address = address.trim_start_matches("http://").trim_end_matches('/');
    let exchange = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.take(LONGEST).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer: String = exchange().map_err(|error: std::io::Error| format!("{address}: {error}"))?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("{address}: answered nothing"))?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        Some(status) => Err(format!("{address}{path} answered {status}")),
        None => Err(format!("{address}: answered no HTTP")),
    }
}
