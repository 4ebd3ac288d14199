//! A line to the stand-in's own interface, kept open: tests ask it hundreds of questions, and a connection costs more
//! than most answers.

use serde_json::Value as Json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

/// One question after the other. Opened by the first.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<Option<BufReader<TcpStream>>>);

impl Line {
    /// Panics if the stand-in doesn't answer as its README says.
    pub(crate) fn ask(&self, url: &str, method: &str, what: &str, body: &Json) -> Json {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let host = url.trim_start_matches("http://");
        let head = format!("{method} /_standin/{what} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
        let request = format!("{head}Content-Type: application/json\r\n\r\n{body}");
        // A question that panicked leaves the line in the middle of an answer; its test is over.
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let socket = line.get_or_insert_with(|| open(host));
        socket.get_mut().write_all(request.as_bytes()).expect("the stand-in takes a question");
        let (status, answer) = answer(socket);
        assert_eq!(status, "200", "{method} {what} {request:?}: {answer}");
        serde_json::from_str(&answer).expect("the stand-in answers in JSON")
    }
}

fn open(host: &str) -> BufReader<TcpStream> {
    let socket = TcpStream::connect(host).expect("the stand-in listens");
    socket.set_nodelay(true).expect("a socket takes the option");
    BufReader::new(socket)
}

/// An answer's status and its body.
fn answer(socket: &mut BufReader<TcpStream>) -> (String, String) {
    let (mut first, mut length) = (String::new(), 0);
    socket.read_line(&mut first).expect("the stand-in answers");
    loop {
        let mut header = String::new();
        socket.read_line(&mut header).expect("an answer has a head");
        match header.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().expect("a length is a number");
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).expect("an answer is as long as it says");
    let status = first.split(' ').nth(1).unwrap_or_default().to_owned();
    (status, String::from_utf8(body).expect("the stand-in answers in UTF-8"))
}
